import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Qualifier } from '../../src/schemas/vocabularies.ts'
import { boundsOf, open, type Bounds } from '../../src/seed/bounds.ts'

const above = (value: number, inclusive: boolean): Bounds => ({
  ...open,
  value_low: value,
  value_low_inclusive: inclusive,
})
const below = (value: number, inclusive: boolean): Bounds => ({
  ...open,
  value_high: value,
  value_high_inclusive: inclusive,
})
const exactly = (value: number): Bounds => ({ ...above(value, true), value_high: value, value_high_inclusive: true })

const holds = ({ value_low, value_low_inclusive, value_high, value_high_inclusive }: Bounds, x: number) =>
  (value_low === null || x > value_low || (x === value_low && value_low_inclusive === true)) &&
  (value_high === null || x < value_high || (x === value_high && value_high_inclusive === true))

/** For each qualifier: the bounds of 30 and of −30. */
const table: Record<Qualifier, { increase: Bounds; decrease: Bounds }> = {
  exact: { increase: exactly(30), decrease: exactly(-30) },
  approximately: { increase: open, decrease: open },
  estimated: { increase: open, decrease: open },
  more_than: { increase: above(30, false), decrease: below(-30, false) },
  at_least: { increase: above(30, true), decrease: below(-30, true) },
  less_than: { increase: below(30, false), decrease: above(-30, false) },
  at_most: { increase: below(30, true), decrease: above(-30, true) },
  nearly: { increase: below(30, false), decrease: above(-30, false) },
}

describe('boundsOf', () => {
  it.each(Object.entries(table))('%s bounds an amount, and mirrors for a decrease', (qualifier, expected) => {
    expect(boundsOf(30, qualifier as Qualifier)).toEqual(expected.increase)
    expect(boundsOf(-30, qualifier as Qualifier)).toEqual(expected.decrease)
  })

  it('takes "more than 130,000" as an exclusive low bound without a high one', () => {
    expect(boundsOf(130_000, 'more_than')).toEqual({
      value_low: 130_000,
      value_low_inclusive: false,
      value_high: null,
      value_high_inclusive: null,
    })
  })

  it('takes zero as an amount, not as a decrease', () => {
    expect(boundsOf(0, 'at_least')).toEqual(above(0, true))
    expect(boundsOf(0, 'at_most')).toEqual(below(0, true))
  })

  it('gives each bound together with whether it is inclusive, whatever the value', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(...Qualifier.options), (value, qualifier) => {
        const bounds = boundsOf(value, qualifier)
        expect(bounds.value_low === null).toBe(bounds.value_low_inclusive === null)
        expect(bounds.value_high === null).toBe(bounds.value_high_inclusive === null)
      }),
    )
  })

  it('holds the value itself unless the qualifier excludes it', () => {
    const excluding: readonly Qualifier[] = ['more_than', 'less_than', 'nearly']
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(...Qualifier.options), (value, qualifier) => {
        expect(holds(boundsOf(value, qualifier), value)).toBe(!excluding.includes(qualifier))
      }),
    )
  })

  it('speaks of size: the bounds of a decrease are those of the increase, mirrored', () => {
    const mirrored = (bounds: Bounds): Bounds => ({
      value_low: bounds.value_high === null ? null : -bounds.value_high,
      value_low_inclusive: bounds.value_high_inclusive,
      value_high: bounds.value_low === null ? null : -bounds.value_low,
      value_high_inclusive: bounds.value_low_inclusive,
    })
    fc.assert(
      fc.property(fc.integer({ min: 1 }), fc.constantFrom(...Qualifier.options), (value, qualifier) => {
        expect(boundsOf(-value, qualifier)).toEqual(mirrored(boundsOf(value, qualifier)))
      }),
    )
  })
})
