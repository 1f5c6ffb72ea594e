import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Qualifier } from '../../src/schemas/vocabularies.ts'
import { boundsOf, open, type Bounds } from '../../src/seed/bounds.ts'
import {
  boundsOfInterval,
  everything,
  intervalOf,
  isAbove,
  isBelow,
  overCorners,
  point,
  type Interval,
} from '../../src/seed/interval.ts'

/** "[1, 2)" as an interval. */
function read(text: string): Interval {
  const [, left = '', low = '', high = '', right = ''] = /^([[(])(\S+), (\S+)([\])])$/.exec(text) ?? []
  return {
    low: { at: low === '-∞' ? -Infinity : Number(low), closed: left === '[' },
    high: { at: high === '∞' ? Infinity : Number(high), closed: right === ']' },
  }
}

/** The same, back. */
function show({ low, high }: Interval): string {
  const number = (at: number) => (Number.isFinite(at) ? String(at) : at > 0 ? '∞' : '-∞')
  return `${low.closed ? '[' : '('}${number(low.at)}, ${number(high.at)}${high.closed ? ']' : ')'}`
}

const product = { at: (x: number, y: number) => x * y, settledBy: { first: 0, second: 0 } }
const quotient = { at: (x: number, y: number) => x / y, settledBy: { first: 0 } }
const sum = { at: (x: number, y: number) => x + y }

describe('bounds as an interval', () => {
  it.each<[Qualifier, number, string]>([
    ['exact', 5, '[5, 5]'],
    ['more_than', 5, '(5, ∞)'],
    ['at_least', 5, '[5, ∞)'],
    ['less_than', 5, '(-∞, 5)'],
    ['at_most', -5, '[-5, ∞)'],
    ['more_than', -5, '(-∞, -5)'],
    ['approximately', 5, '(-∞, ∞)'],
  ])('are open to infinity where nothing bounds: %s %i is %s', (qualifier, value, interval) => {
    expect(show(intervalOf(boundsOf(value, qualifier)))).toBe(interval)
  })

  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(...Qualifier.options), (value, qualifier) => {
        const bounds = boundsOf(value, qualifier)
        expect(boundsOfInterval(intervalOf(bounds))).toEqual(bounds)
      }),
    )
  })

  it('are none for everything', () => {
    expect(boundsOfInterval(everything)).toEqual(open)
  })

  it('are the number itself, inclusive, where both ends round to one number', () => {
    const both: Bounds = { value_low: 3, value_low_inclusive: true, value_high: 3, value_high_inclusive: true }
    for (const text of ['(3, 3)', '[3, 3)', '(3, 3]', '[3, 3]']) expect(boundsOfInterval(read(text))).toEqual(both)
  })
})

describe('where an interval lies', () => {
  it.each<[string, number, boolean, boolean]>([
    ['(0, 1]', 0, true, false],
    ['[0, 1]', 0, false, false],
    ['[-1, 0)', 0, false, true],
    ['[-1, 0]', 0, false, false],
    ['(-1, 1)', 0, false, false],
    ['(-∞, ∞)', 0, false, false],
    ['(-100, ∞)', -100, true, false],
    ['[-100, ∞)', -100, false, false],
    ['(-∞, -101]', -100, false, true],
  ])('%s and %i: above is %s, below is %s', (text, limit, above, below) => {
    expect([isAbove(read(text), limit), isBelow(read(text), limit)]).toEqual([above, below])
  })
})

describe('the hull of the corners', () => {
  it.each([
    ['[2, 3]', '[5, 7]', '[10, 21]'],
    ['(2, 3]', '[5, 7]', '(10, 21]'],
    ['[2, 3]', '(5, 7)', '(10, 21)'],
    ['[-2, 3]', '[5, 7]', '[-14, 21]'],
    ['[-2, 3)', '[-5, 7]', '(-15, 21)'],
    ['(-2, 3)', '[-5, 7]', '(-15, 21)'],
    ['[-3, -2]', '[5, ∞)', '(-∞, -10]'],
    ['(2, ∞)', '[5, ∞)', '(10, ∞)'],
    // Reached by two corners, of which one is closed.
    ['[-2, 2)', '[-3, 3]', '[-6, 6]'],
  ])('of a product has its ends at products of ends: %s × %s is %s', (a, b, result) => {
    expect(show(overCorners(read(a), read(b), product))).toBe(result)
    expect(show(overCorners(read(b), read(a), product))).toBe(result)
  })

  it.each([
    ['[0, 5]', '(2, 3)', '[0, 15)'],
    ['(0, 5]', '(2, 3)', '(0, 15)'],
    ['(0, 5]', '[0, 3)', '[0, 15)'],
    ['[0, 0]', '(2, 3)', '[0, 0]'],
    ['[-5, 0]', '(2, 3)', '(-15, 0]'],
    ['(-1, 1)', '[0, 0]', '[0, 0]'],
  ])('holds a 0 that one factor alone makes: %s × %s is %s', (a, b, result) => {
    expect(show(overCorners(read(a), read(b), product))).toBe(result)
    expect(show(overCorners(read(b), read(a), product))).toBe(result)
  })

  it('of a quotient is settled by a dividend of 0 only', () => {
    expect(show(overCorners(read('[0, 4]'), read('(2, 8)'), quotient))).toBe('[0, 2)')
    expect(show(overCorners(read('(0, 4]'), read('[2, 8)'), quotient))).toBe('(0, 2]')
  })

  it.each([
    ['[1, 2]', '(0, 4]', '[0.25, ∞)'],
    ['[1, 2]', '[-4, 0)', '(-∞, -0.25]'],
    ['[-2, -1]', '(0, 4]', '(-∞, -0.25]'],
    ['[-2, -1]', '[-4, 0)', '[0.25, ∞)'],
    ['[-2, 1]', '(0, 4]', '(-∞, ∞)'],
    ['[1, 2]', '(4, ∞)', '(0, 0.5)'],
    ['[1, 2]', '(-∞, -4]', '[-0.5, 0)'],
  ])('of a quotient goes off to the side that the divisor comes to 0 from: %s ÷ %s is %s', (a, b, result) => {
    expect(show(overCorners(read(a), read(b), quotient))).toBe(result)
  })

  it.each([
    ['0 × ∞', '[0, 1]', '(5, ∞)', product],
    ['∞ × 0', '(5, ∞)', '(-1, 0)', product],
    ['0 ÷ 0', '[0, 1]', '(0, 1]', quotient],
    ['∞ ÷ ∞', '(5, ∞)', '(5, ∞)', quotient],
    ['∞ − ∞', '(5, ∞)', '(-∞, 5)', sum],
  ] as const)('is everything where a corner is undefined: %s', (_, a, b, f) => {
    expect(overCorners(read(a), read(b), f)).toEqual(everything)
  })

  it('of points is a point, without a negative zero', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (x, y) => {
        // Adding 0 takes the sign from a negative zero and leaves every other number.
        expect(overCorners(point(x), point(y), product)).toEqual(point(x * y + 0))
      }),
    )
    expect(overCorners(point(0), point(-1), product)).toEqual(point(0))
  })

  it('is no narrower for wider intervals', () => {
    const ends = fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), fc.boolean(), fc.boolean())
    const interval = ends
      .map(([one, other, left, right]) => ({
        low: { at: Math.min(one, other), closed: left || one === other },
        high: { at: Math.max(one, other), closed: right || one === other },
      }))
      .chain((narrow) =>
        fc.tuple(fc.nat(3), fc.nat(3)).map(([less, more]) => ({
          narrow,
          wide: {
            low: { at: narrow.low.at - less, closed: narrow.low.closed || less === 0 },
            high: { at: narrow.high.at + more, closed: narrow.high.closed || more === 0 },
          },
        })),
      )
    fc.assert(
      fc.property(interval, interval, fc.constantFrom(product, sum), (a, b, f) => {
        const [narrow, wide] = [overCorners(a.narrow, b.narrow, f), overCorners(a.wide, b.wide, f)]
        expect(
          wide.low.at < narrow.low.at || (wide.low.at === narrow.low.at && wide.low.closed >= narrow.low.closed),
        ).toBe(true)
        expect(
          wide.high.at > narrow.high.at || (wide.high.at === narrow.high.at && wide.high.closed >= narrow.high.closed),
        ).toBe(true)
      }),
    )
  })
})
