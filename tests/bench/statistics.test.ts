import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { median, percentile, spreadOf } from '../../bench/statistics.ts'

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)

describe('a percentile', () => {
  it.each([
    [0.01, 1],
    [0.5, 50],
    [0.99, 99],
    [0.991, 100],
    [1, 100],
  ])('of 1 to 100, for a share of %d, is %d', (share, value) => {
    expect(percentile(hundred, share)).toBe(value)
  })

  it('is a value that was measured, with so large a share of all at or below it and no less than that', () => {
    const values = fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(values, fc.double({ min: 0.001, max: 1, noNaN: true }), (measured, share) => {
        const value = percentile(measured, share)
        expect(measured).toContain(value)
        const atMost = measured.filter((other) => other <= value).length
        const below = measured.filter((other) => other < value).length
        expect(atMost).toBeGreaterThanOrEqual(share * measured.length - 1e-9)
        expect(below).toBeLessThan(share * measured.length)
      }),
    )
  })

  it('of nothing is refused', () => {
    expect(() => percentile([], 0.99)).toThrow(RangeError)
  })
})

describe('a median', () => {
  it.each([
    [[7], 7],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, -1], 9],
  ])('of %o is %d', (values, middle) => {
    expect(median(values)).toBe(middle)
  })

  it('of nothing is refused', () => {
    expect(() => median([])).toThrow(RangeError)
  })
})

it('the spread of rounds is their median, lowest and highest, and leaves them as they were', () => {
  const rounds = [0.3, 0.1, 0.25, 0.9, 0.2]
  expect(spreadOf(rounds)).toEqual({ median: 0.25, lowest: 0.1, highest: 0.9 })
  expect(rounds).toEqual([0.3, 0.1, 0.25, 0.9, 0.2])
})
