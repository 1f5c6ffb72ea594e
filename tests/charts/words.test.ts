import { describe, expect, it } from 'vitest'
import { numberInWords, periodInWords, valueInWords, wrap, type Claim } from '../../src/charts/words.ts'

describe('a period', () => {
  it.each([
    ['2017', '2017', '2017'],
    ['2018-07', 'Jul 2018', 'Jul 2018'],
    ['2021-06-23', '23 Jun 2021', '23 Jun 2021'],
    ['2012~', 'about 2012', 'about 2012'],
    ['2018/2020', '2018–2020', '2018–2020'],
    ['../2018', 'to 2018', 'to 2018'],
    ['../2012~', 'to about 2012', 'to about 2012'],
    ['2019-01/2019-06', 'Jan–Jun 2019', '2019'],
    ['2018-12/2019-07', 'Dec 2018 – Jul 2019', '2018–2019'],
    ['2020-01-16/2020-01-19', '16–19 Jan 2020', '2020'],
    ['2021-01-21/2021-06', '21 Jan – Jun 2021', '2021'],
    ['2016/2020-01-19', '2016 – 19 Jan 2020', '2016–2020'],
    ['2020-01-30/2020-02-02', '30 Jan – 2 Feb 2020', '2020'],
  ])('%s is "%s", and in brief "%s"', (period, words, brief) => {
    expect(periodInWords(period, 'stated')).toBe(words)
    expect(periodInWords(period, 'inferred')).toBe(words)
    expect(periodInWords(period, 'stated', true)).toBe(brief)
  })

  it.each([
    ['2019-01/2019-06', 'as of Jan–Jun 2019', 'as of 2019'],
    ['2020-01-16/2020-01-19', 'as of Jan 2020', 'as of 2020'],
    ['2012~', 'as of about 2012', 'as of about 2012'],
    ['../2020-01-19', 'as of Jan 2020', 'as of 2020'],
  ])('%s that is the date of the document is "%s", and in brief "%s"', (period, words, brief) => {
    expect(periodInWords(period, 'document')).toBe(words)
    expect(periodInWords(period, 'document', true)).toBe(brief)
  })

  it('that is of another kind stands as it is', () => {
    expect(periodInWords('2018-21', 'stated')).toContain('2018')
    expect(periodInWords('Y-17E7', 'stated')).toBe('Y-17E7')
    expect(periodInWords('-2018', 'stated')).toBe('-2018')
    expect(periodInWords('Y12018', 'stated')).toBe('Y12018')
  })
})

describe('a number', () => {
  it.each([
    [0, '0'],
    [-50, '−50'],
    [579.9, '579.9'],
    [209000, '209,000'],
    [1630000, '1.63 million'],
    [2910000000, '2.91 billion'],
    [-29000000000, '−29 billion'],
    [0.004, '0.004'],
    [1234567, '1,234,567'],
    [9007199254740991, '9,007,199,254,740,991'],
  ])('%d is %s', (value, words) => {
    expect(numberInWords(value)).toBe(words)
  })
})

describe('a value', () => {
  const claim: Claim = {
    origin: 'quoted',
    value: 200,
    value_low: null,
    value_low_inclusive: null,
    value_high: null,
    value_high_inclusive: null,
    qualifier: 'approximately',
    superlative: null,
    superlative_since: null,
    precision: null,
  }
  const exactly = { value_low: 200, value_low_inclusive: true, value_high: 200, value_high_inclusive: true }

  const computed = { origin: 'derived', qualifier: null, precision: { decimals: 0, significant: 2 } } as const

  it.each<[string, Partial<Claim>]>([
    ['≈ 200', {}],
    ['est. 200', { qualifier: 'estimated' }],
    ['200', { qualifier: 'exact', ...exactly }],
    ['> 200', { qualifier: 'more_than', value_low: 200, value_low_inclusive: false }],
    ['≥ 200', { qualifier: 'at_least', value_low: 200, value_low_inclusive: true }],
    ['< 200', { qualifier: 'less_than', value_high: 200, value_high_inclusive: false }],
    ['≤ 200', { qualifier: 'at_most', value_high: 200, value_high_inclusive: true }],
    ['nearly 200', { qualifier: 'nearly', value_high: 200, value_high_inclusive: false }],
    ['< −30', { qualifier: 'more_than', value: -30, value_high: -30, value_high_inclusive: false }],
    ['200, highest on record', { qualifier: 'exact', ...exactly, superlative: 'highest' }],
    ['lowest since 1985', { value: null, qualifier: null, superlative: 'lowest', superlative_since: 1985 }],
    ['≈ 94,891', { ...computed, value: 94890.51094890511 }],
    ['≈ 80,385', { ...computed, value: 80384.6, value_low: 80384.6, value_high: 80384.6 }],
    ['104,500', { ...computed, value: 104_500, value_low: 104_500, value_high: 104_500 }],
    ['> 35,199', { ...computed, value: 35190, value_low: 35199.9, value_low_inclusive: false }],
    ['80,384 to 80,413', { ...computed, value: 80384.6, value_low: 80384.6, value_high: 80412.3 }],
    ['−81 to −80', { ...computed, value: -80.41, value_low: -80.41, value_high: -80.4 }],
  ])('is said as "%s"', (words, change) => {
    expect(valueInWords({ ...claim, ...change })).toBe(words)
  })

  it('that is a record is its number alone in brief, where it has one', () => {
    const record = { ...claim, ...exactly, superlative: 'highest' as const }
    expect(valueInWords(record, true)).toBe('200')
    expect(valueInWords({ ...record, value: null }, true)).toBe('highest on record')
  })
})

it('lines are broken between words and lose none', () => {
  const text = 'Countries that take part in the Orion campaigns and incomprehensibilities'
  const lines = wrap(text, 20)
  expect(lines.join(' ')).toBe(text)
  expect(lines.filter((line) => line.length > 20)).toEqual(['incomprehensibilities'])
})
