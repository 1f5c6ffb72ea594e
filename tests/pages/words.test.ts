import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  amountWords,
  boundWords,
  figureCounts,
  periodWords,
  publishedWords,
  relationWords,
} from '../../src/pages/words.ts'
import { precisionOf } from '../../src/precision.ts'
import { relations } from '../../src/schemas/vocabularies.ts'

const hectares = { title: 'hectares', symbol: 'ha' }
const persons = { title: 'persons', symbol: 'persons' }
const percent = { title: 'percent', symbol: '%' }

type Claim = Parameters<typeof amountWords>[0]
const none = {
  ...{ value: null, value_low: null, value_low_inclusive: null, value_high: null, value_high_inclusive: null },
  ...{
    qualifier: null,
    measure: 'level',
    unit: 'ha',
    year: 2020,
    baseline_year: null,
    baseline_basis: null,
    superlative: null,
    superlative_since: null,
  },
} satisfies Claim

describe('what a figure claims', () => {
  test.each<[Partial<Claim>, { title: string; symbol: string }, string]>([
    [{ value: 130_000, qualifier: 'more_than' }, hectares, 'more than 130,000 hectares'],
    [{ value: 85_000, qualifier: 'approximately' }, hectares, 'approximately 85,000 hectares'],
    [{ value: 15, qualifier: 'less_than' }, persons, 'fewer than 15 persons'],
    [{ value: 15, qualifier: 'less_than' }, hectares, 'less than 15 hectares'],
    [{ value: 579.9, qualifier: 'exact' }, { title: 'tonnes (metric tons)', symbol: 't' }, '579.9 tonnes'],
    [{ value: 1, qualifier: 'exact' }, { title: 'rank', symbol: 'rank' }, '1st place'],
    [{ value: 3, qualifier: 'exact' }, { title: 'rank', symbol: 'rank' }, '3rd place'],
    [{ value: 2.91e9, qualifier: 'exact' }, { title: 'dollars', symbol: 'USD' }, 'US$2.91 billion'],
    [{ value: 1_630_000, qualifier: 'estimated' }, persons, 'an estimated 1.63 million persons'],
    [{ value: 1_234_567, qualifier: 'exact' }, persons, '1,234,567 persons'],
    [{ value: 1_234_000, qualifier: 'exact' }, persons, '1.234 million persons'],
    [{ value: 12_345_000, qualifier: 'exact' }, persons, '12,345,000 persons'],
    [
      { value: 0, qualifier: 'exact', measure: 'change', baseline_year: 2013 },
      hectares,
      'a rise of 0 hectares from 2013',
    ],
    [{ value: 13_000, qualifier: 'more_than', measure: 'cumulative' }, persons, 'more than 13,000 persons in all'],
    [{ value: 90, qualifier: 'more_than', measure: 'share' }, percent, 'a share of more than 90 percent'],
    [{ value: 3000, qualifier: 'exact', measure: 'rate' }, { title: 'hours', symbol: 'h' }, '3,000 hours a year'],
    [
      { value: -50, qualifier: 'exact', measure: 'relative_change', baseline_year: 2017, baseline_basis: 'inferred' },
      percent,
      'a fall of 50 percent from 2017 (base year inferred)',
    ],
    [
      { value: 160, qualifier: 'exact', measure: 'relative_change', baseline_year: 2013, baseline_basis: 'stated' },
      percent,
      'a rise of 160 percent from 2013',
    ],
    [
      { value: 10, qualifier: 'exact', measure: 'change', year: 2018, baseline_year: 2018 },
      { title: 'helicopters', symbol: 'helicopters' },
      'a rise of 10 helicopters within 2018',
    ],
    [{ value: -30, qualifier: 'more_than', measure: 'relative_change' }, percent, 'a fall of more than 30 percent'],
    [{ superlative: 'highest' }, hectares, 'the highest on record'],
    [{ superlative: 'lowest', superlative_since: 1985 }, hectares, 'the lowest since 1985'],
    [{ value: 5, qualifier: 'exact', superlative: 'highest' }, hectares, '5 hectares, the highest on record'],
  ])('%j is "%s"', (claim, unit, words) => {
    expect(amountWords({ ...none, ...claim }, unit, null)).toBe(words)
  })

  test.each<[string, Partial<Claim>, string]>([
    ['no bounds', {}, 'about 94,891 hectares, without proven bounds'],
    [
      'one value that is proven',
      { value_low: 94_890.51, value_low_inclusive: true, value_high: 94_890.51, value_high_inclusive: true },
      'about 94,891 hectares',
    ],
    [
      'a lower bound, which stays true',
      { value_low: 94_890.51, value_low_inclusive: false },
      'more than 94,890 hectares',
    ],
    [
      'an upper bound, which stays true',
      { value_high: 94_890.51, value_high_inclusive: true },
      'at most 94,891 hectares',
    ],
    [
      'two bounds',
      { value_low: 90_000.5, value_low_inclusive: true, value_high: 95_000.5, value_high_inclusive: true },
      'between 90,000 hectares and 95,001 hectares',
    ],
  ])('a computed figure with %s says so', (_, bounds, words) => {
    const precision = { decimals: 0, significant: 2 }
    expect(amountWords({ ...none, value: 94_890.51, ...bounds }, hectares, precision)).toBe(words)
  })

  test.each([
    [
      { value: 350, value_low: -300, value_high: 1000 },
      'a change of at least −300 hectares and at most 1,000 hectares',
    ],
    [{ value: 350, value_low: -300 }, 'a change of at least −300 hectares'],
    [{ value: -5, value_high: 3 }, 'a change of at most 3 hectares'],
  ])('a computed change that may go either way, %j, is neither a rise nor a fall', (bounds, words) => {
    const inclusive = { value_low_inclusive: true, value_high_inclusive: true }
    const change = { ...none, ...inclusive, ...bounds, measure: 'change' as const }
    expect(amountWords(change, hectares, { decimals: 0, significant: 1 })).toBe(words)
  })

  test('of a computed decrease the bound nearer to zero is the lower one of its size', () => {
    const fall = { ...none, measure: 'change' as const, value: -35.4, value_high: -35.4, value_high_inclusive: false }
    const precision = { decimals: 0, significant: 1 }
    expect(amountWords(fall, hectares, precision)).toBe('a fall of more than 35 hectares')
  })
})

describe('the digits of a computed figure', () => {
  const shown = (value: number, inputs: number[]) =>
    amountWords(
      { ...none, value, value_low: value, value_low_inclusive: true, value_high: value, value_high_inclusive: true },
      hectares,
      precisionOf(inputs),
    )

  test.each<[number, number[], string]>([
    [80_384.615_384_615_39, [209_000, 160], 'about 80,385 hectares'],
    [232.142_857_142_857_14, [910, 292], 'about 232 hectares'],
    [104_500, [209_000, -50], '104,500 hectares'],
    [0.004_354_066_985_645_933, [910, 209_000], 'about 0.00435 hectares'],
    [111.111_111_111_111_11, [19, 9], 'about 111 hectares'],
    [1.234_56, [579.9, 1.25], 'about 1.23 hectares'],
    [12.345_6, [579.9, 1.2], 'about 12.3 hectares'],
  ])('of %d, computed from %j, are those of the coarsest input', (value, inputs, words) => {
    expect(shown(value, inputs)).toBe(words)
  })

  test('a lower bound is never shown above itself, nor an upper one below', () => {
    const number = fc.double({ min: 0.001, max: 1e8, noNaN: true }).map((value) => Number(value.toPrecision(12)))
    const inputs = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(number, inputs, (value, printed) => {
        const read = (words: string) => {
          const [, digits = '', scale] = /([\d.,]+)(?: (million|billion))?/.exec(words) ?? []
          return Number(digits.replaceAll(',', '')) * (scale === undefined ? 1 : scale === 'million' ? 1e6 : 1e9)
        }
        const precision = precisionOf(printed)
        const low = amountWords({ ...none, value, value_low: value, value_low_inclusive: true }, hectares, precision)
        const high = amountWords({ ...none, value, value_high: value, value_high_inclusive: true }, hectares, precision)
        expect(read(low)).toBeLessThanOrEqual(value * (1 + 1e-12))
        expect(read(high)).toBeGreaterThanOrEqual(value * (1 - 1e-12))
      }),
    )
  })
})

test.each([
  [
    { value: 130_000, value_low: 130_000, value_low_inclusive: false },
    'more than 130,000 hectares; no upper bound is given',
  ],
  [{ value: 15, value_high: 15, value_high_inclusive: false }, 'less than 15 hectares; no lower bound is given'],
  [{ value: 85_000 }, 'no bound is proven, below or above'],
  [{ value: 0, value_low: 0, value_low_inclusive: true }, 'at least 0 hectares; no upper bound is given'],
  [{ value: null }, 'no number is printed, so nothing is known of its size'],
  [{ value: -30, value_high: -30, value_high_inclusive: false }, 'less than −30 hectares; no lower bound is given'],
])('the bounds of %j are "%s"', (bounds, words) => {
  expect(boundWords({ ...none, origin: 'quoted', ...bounds }, hectares, null)).toBe(words)
})

const one = (value: number) => ({ value, value_low: value, value_low_inclusive: true, value_high: value })
test.each([
  ['quoted', 'level', 130_000, 'exactly 130,000 hectares: it is printed without a qualifier'],
  ['quoted', 'rate', 3000, 'exactly 3,000 hectares a year: it is printed without a qualifier'],
  ['quoted', 'relative_change', -50, 'exactly −50 hectares: it is printed without a qualifier'],
  [
    'derived',
    'level',
    104_500,
    'exactly 104,500 hectares: it follows from numbers that are printed without a qualifier',
  ],
  [
    'derived',
    'level',
    80_384.6,
    'about 80,385 hectares, rounded: it follows from numbers that are printed without a qualifier',
  ],
] as const)('the bounds of the %s %s of %d, which are one number, are "%s"', (origin, measure, value, words) => {
  const precision = origin === 'derived' ? { decimals: 0, significant: 3 } : null
  expect(boundWords({ ...none, ...one(value), value_high_inclusive: true, origin, measure }, hectares, precision)).toBe(
    words,
  )
})

test.each([
  [8, 0, 4, '8 figures in 4 documents'],
  [8, 2, 1, '8 figures: 6 in 1 document, 2 computed'],
  [1, 1, 0, '1 figure, computed'],
])('of %d figures, %d computed, in %d documents it is said "%s"', (all, computed, documents, words) => {
  expect(figureCounts(all, computed, documents)).toBe(words)
})

test.each([
  ['2020', '2020'],
  ['2018-07', 'July 2018'],
  ['2021-06-23', '23 June 2021'],
  ['2018/2020', '2018 to 2020'],
  ['../2018', 'up to 2018'],
  ['2012~', 'about 2012'],
  ['../2012~', 'up to about 2012'],
  ['/2018', 'up to 2018'],
  ['2018-07/..', 'since July 2018'],
  ['2018/', 'since 2018'],
  ['2016/2020-01-19', '2016 to 19 January 2020'],
])('the period %s is "%s"', (period, words) => {
  expect(periodWords(period)).toBe(words)
})

test('a window of publication is a time between two days', () => {
  expect(publishedWords('2021-01-21/2021-06')).toBe('between 21 January 2021 and June 2021')
  expect(publishedWords('2021-06-23')).toBe('23 June 2021')
})

test('every relation has words, and none of them calls a figure right', () => {
  expect(Object.keys(relationWords).toSorted()).toEqual(Object.keys(relations).toSorted())
  for (const { title, meaning } of Object.values(relationWords)) {
    expect(`${title} ${meaning}`).not.toMatch(/\b(right|wrong|best|better|correct|accurate|error|outdated)\b/i)
  }
})
