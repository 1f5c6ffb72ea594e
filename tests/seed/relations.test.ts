/** What holds of the comparison of any two figures that speak of the same thing. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Measure, Qualifier, Relation, Superlative } from '../../src/schemas/vocabularies.ts'
import type { Bounds } from '../../src/seed/bounds.ts'
import { compareFigures, type Comparable } from '../../src/seed/compare.ts'

const amount = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.double({ min: -1e6, max: 1e6, noNaN: true }))

/** Any bounds that are in order, each end open, exclusive or inclusive. */
const anyBounds: fc.Arbitrary<Bounds> = fc
  .record({
    ends: fc.tuple(amount, amount),
    low: fc.constantFrom(null, true, false),
    high: fc.constantFrom(null, true, false),
  })
  .map(({ ends, low, high }) => {
    const [least, most] = ends.toSorted((a, b) => a - b) as [number, number]
    // Both ends at one place leave a value only where both are attained.
    const point = least === most && low !== null && high !== null
    return {
      value_low: low === null ? null : least,
      value_low_inclusive: point ? true : low,
      value_high: high === null ? null : most,
      value_high_inclusive: point ? true : high,
    }
  })

/** Two figures of one subject and one period; everything else may differ. */
const anyPair = fc
  .record({
    measure: fc.constantFrom(...Measure.options),
    of: fc.tuple(
      ...([0, 1] as const).map((place) =>
        fc.record({
          id: fc.constant(`figure-${place}`),
          bounds: anyBounds,
          scope: fc.constantFrom('forced', 'manual'),
          value: fc.oneof(fc.constantFrom(1, 2), amount),
          qualifier: fc.option(fc.constantFrom(...Qualifier.options)),
          superlative: fc.option(fc.constantFrom(...Superlative.options)),
          attribution: fc.option(fc.constantFrom('ministry', 'president')),
          publisher: fc.constantFrom('bureau', 'embassy'),
          document: fc.constantFrom('page-2019', 'page-2021'),
          published_latest: fc.constantFrom('2019-06-30', '2021-06-30'),
          quote_start: fc.nat(100),
          origin: fc.constantFrom('quoted' as const, 'derived' as const),
        }),
      ),
    ),
  })
  .map(({ measure, of }) =>
    of.map(({ bounds, origin, ...figure }): Comparable => ({
      ...figure,
      ...bounds,
      ...(origin === 'derived' && {
        qualifier: null,
        attribution: null,
        publisher: null,
        document: null,
        quote_start: null,
      }),
      origin,
      measure,
      metric: 'coca-eradication',
      claim_type: 'outcome',
      unit: 'ha',
      place: 'colombia',
      baseline_year: null,
      superlative_since: null,
      period_basis: 'stated',
      period_start: '2020-01-01',
      period_end: '2020-12-31',
      year: 2020,
    })),
  )

it('is one comparison with one relation, whichever figure comes first', () => {
  fc.assert(
    fc.property(anyPair, (pair) => {
      const comparisons = compareFigures(pair)
      expect(comparisons).toHaveLength(1)
      expect(Relation.options).toContain(comparisons[0]?.relation)
      expect(compareFigures(pair.toReversed())).toEqual(comparisons)
    }),
    { numRuns: 1000 },
  )
})

it('calls a conflict exactly what cannot both hold and is neither of two scopes, one claim, nor a later word of one voice', () => {
  fc.assert(
    fc.property(anyPair, (pair) => {
      const [comparison] = compareFigures(pair)
      if (comparison?.relation === 'conflicts') expect(comparison.compatible).toBe(false)
      if (comparison?.relation === 'compatible') expect(comparison.compatible).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

it('never becomes incompatible where bounds become wider', () => {
  const wider = (bounds: Bounds, by: { low: number | null; high: number | null }): Bounds => ({
    value_low: bounds.value_low === null || by.low === null ? null : bounds.value_low - by.low,
    value_low_inclusive: bounds.value_low === null || by.low === null ? null : by.low > 0 || bounds.value_low_inclusive,
    value_high: bounds.value_high === null || by.high === null ? null : bounds.value_high + by.high,
    value_high_inclusive:
      bounds.value_high === null || by.high === null ? null : by.high > 0 || bounds.value_high_inclusive,
  })
  const step = fc.option(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1000, noNaN: true })))
  let turned = 0
  fc.assert(
    fc.property(anyPair, fc.record({ low: step, high: step }), fc.nat(1), (pair, by, which) => {
      const widened = pair.map((figure, at) => (at === which ? { ...figure, ...wider(figure, by) } : figure))
      const [before] = compareFigures(pair)
      const [after] = compareFigures(widened)
      if (before?.compatible === true) expect(after?.compatible).toBe(true)
      if (before?.compatible === false && after?.compatible === true) turned += 1
    }),
    { numRuns: 3000 },
  )
  // The other way it does happen, or nothing was tried.
  expect(turned).toBeGreaterThan(0)
})
