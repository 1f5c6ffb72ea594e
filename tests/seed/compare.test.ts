import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { needsReason, Qualifier, Superlative, type Relation } from '../../src/schemas/vocabularies.ts'
import { boundsOf, open, type Bounds } from '../../src/seed/bounds.ts'
import { compareFigures, type Comparable } from '../../src/seed/compare.ts'
import { readPeriod } from '../../src/seed/period.ts'
import { root, run } from '../support/seed.ts'

type Sketch = Partial<Omit<Comparable, keyof Bounds | 'year' | 'period_start' | 'period_end'>> & {
  period?: string
  bounds?: Bounds
}

/** A figure of one metric for 2019, printed by the harbour office in 2020, but for what the sketch says otherwise. */
function figure(id: string, { period = '2019', bounds, ...sketch }: Sketch = {}): Comparable {
  const value = sketch.value === undefined ? 100 : sketch.value
  const qualifier = sketch.qualifier === undefined ? (value === null ? null : 'exact') : sketch.qualifier
  return {
    id,
    metric: 'catch',
    scope: 'all',
    measure: 'level',
    claim_type: 'outcome',
    origin: 'quoted',
    unit: 't',
    period_basis: 'stated',
    baseline_year: null,
    place: 'northvale',
    attribution: null,
    superlative: null,
    superlative_since: null,
    publisher: 'harbour-office',
    document: 'report-2020',
    published_latest: '2020-06-30',
    quote_start: 0,
    ...(bounds ?? (value === null || qualifier === null ? open : boundsOf(value, qualifier))),
    ...readPeriod(period),
    ...sketch,
    value,
    qualifier,
  }
}

const later = { document: 'report-2021', published_latest: '2021-06-30' } satisfies Sketch
const elsewhere = { ...later, publisher: 'fish-market' } satisfies Sketch
const derived = {
  origin: 'derived',
  qualifier: null,
  publisher: null,
  document: null,
  quote_start: null,
  published_latest: '2020-06-30',
} satisfies Sketch

const compare = (a: Sketch, b: Sketch) => compareFigures([figure('a', a), figure('b', b)])

describe('a pair', () => {
  it('is two figures of one subject and one period', () => {
    expect(compare({}, elsewhere)).toHaveLength(1)
  })

  it.each<[string, Sketch]>([
    ['metric', { metric: 'landings' }],
    ['measure', { measure: 'rate' }],
    ['claim type', { claim_type: 'target' }],
    ['place', { place: 'southvale' }],
    ['unit', { unit: 'percent' }],
    ['baseline year', { baseline_year: 2015 }],
    ['period', { period: '2018' }],
    ['start of the period', { period: '2018/2019' }],
    ['end of the period', { period: '2019-01/2019-06' }],
  ])('is none where the two differ in their %s', (_, sketch) => {
    expect(compare({}, sketch)).toEqual([])
  })

  it('may have different scopes, values, qualifiers, voices and documents', () => {
    const other = {
      ...elsewhere,
      scope: 'herring',
      value: 5,
      qualifier: 'nearly',
      attribution: 'skippers',
    } satisfies Sketch
    expect(compare({}, other)).toHaveLength(1)
  })

  it("is made by the year alone where one has only its document's date for a period", () => {
    expect(compare({ period: '2019-03', period_basis: 'document' }, { period: '2019' })).toHaveLength(1)
    expect(compare({ period: '2019-03' }, { period: '../2019', period_basis: 'document' })).toHaveLength(1)
    expect(compare({ period: '2018', period_basis: 'document' }, { period: '2019' })).toEqual([])
    expect(compare({ period: '2019-03', period_basis: 'inferred' }, { period: '2019' })).toEqual([])
  })

  it('names both figures, the metric, and itself after both', () => {
    expect(compare({}, later)).toMatchObject([{ id: 'a-vs-b', figure_a: 'a', figure_b: 'b', metric: 'catch' }])
  })

  it('says whether one of the two is derived', () => {
    expect(compare({}, later)).toMatchObject([{ involves_derived: false }])
    expect(compare(derived, {})).toMatchObject([{ involves_derived: true }])
    expect(compare({}, derived)).toMatchObject([{ involves_derived: true }])
  })
})

describe('neighbours of a series of running totals', () => {
  const total = (period: string, value: number, sketch: Sketch = {}): Sketch => ({
    ...{ measure: 'cumulative', period: `../${period}`, value, qualifier: 'more_than' },
    ...sketch,
  })
  const pairs = (...sketches: Sketch[]) =>
    compareFigures(sketches.map((sketch, index) => figure(`f${index}`, sketch))).map((pair) => pair.id)

  it('are paired across years, each with the next in time and no further', () => {
    const [first, second, third] = [total('2017', 10), total('2018', 20, later), total('2020', 30, later)]
    expect(pairs(first, second, third)).toEqual(['f0-vs-f1', 'f1-vs-f2'])
  })

  it('are neighbours in time, whenever they were printed', () => {
    const [first, second, third] = [total('2017', 10, later), total('2018', 20), total('2020', 30)]
    expect(pairs(first, second, third)).toEqual(['f1-vs-f0', 'f1-vs-f2'])
  })

  it('are not paired where they are no running totals', () => {
    expect(pairs(total('2017', 10, { measure: 'level' }), total('2018', 20, { measure: 'level' }))).toEqual([])
  })

  it('are of one voice: another publisher has a series of its own', () => {
    expect(pairs(total('2017', 10), total('2018', 20, elsewhere))).toEqual([])
  })

  it('are of one voice: two publishers that pass on one source share a series', () => {
    const source = { attribution: 'skippers' }
    expect(pairs(total('2017', 10, source), total('2018', 20, { ...elsewhere, ...source }))).toEqual(['f0-vs-f1'])
  })

  it.each<[string, Sketch]>([
    ['metric', { metric: 'landings' }],
    ['scope', { scope: 'herring' }],
    ['claim type', { claim_type: 'target' }],
    ['place', { place: 'southvale' }],
    ['unit', { unit: 'percent' }],
  ])('are of one series: another %s has a series of its own', (_, sketch) => {
    expect(pairs(total('2017', 10), total('2018', 20, sketch))).toEqual([])
  })

  it('can both be true where the later total may be as high as the earlier', () => {
    const restated = (a: Sketch, b: Sketch) =>
      compare(total('2017', 0, a), total('2018', 0, { ...later, ...b }))[0]?.compatible
    expect(restated({ value: 100, qualifier: 'exact' }, { value: 120, qualifier: 'exact' })).toBe(true)
    expect(restated({ value: 100, qualifier: 'exact' }, { value: 100, qualifier: 'exact' })).toBe(true)
    expect(restated({ value: 100, qualifier: 'at_least' }, { value: 90, qualifier: 'more_than' })).toBe(true)
    expect(restated({ value: 100, qualifier: 'at_most' }, { value: 50, qualifier: 'exact' })).toBe(true)
    expect(restated({ value: 100, qualifier: 'exact' }, { value: 90, qualifier: 'exact' })).toBe(false)
    expect(restated({ value: 100, qualifier: 'at_least' }, { value: 90, qualifier: 'at_most' })).toBe(false)
  })

  it('cannot both be true where the later total is below the earlier by an exclusive bound', () => {
    const [pair] = compare(
      total('2017', 100, { qualifier: 'at_least' }),
      total('2018', 100, { ...later, qualifier: 'less_than' }),
    )
    expect(pair?.compatible).toBe(false)
  })

  it('can both be true where the total for the earlier time was printed later, and is lower', () => {
    const source = { attribution: 'skippers', qualifier: 'exact' } satisfies Sketch
    const [pair] = compare(total('2019', 120, source), total('2017', 100, { ...elsewhere, ...source }))
    expect(pair).toMatchObject({ figure_a: 'a', figure_b: 'b', compatible: true, relation: 'compatible' })
  })

  it('cannot both be true where the total for the earlier time was printed later, and is higher', () => {
    const source = { attribution: 'skippers', qualifier: 'exact' } satisfies Sketch
    const [pair] = compare(total('2019', 120, source), total('2017', 150, { ...elsewhere, ...source }))
    expect(pair).toMatchObject({ compatible: false, relation: 'conflicts' })
  })

  it('can both be true where two voices date their totals by documents of one year', () => {
    const [pair] = compare(
      total('2019-03', 100, { qualifier: 'exact', period_basis: 'document' }),
      total('2019-09', 120, { ...elsewhere, qualifier: 'exact', period_basis: 'document' }),
    )
    expect(pair).toMatchObject({ relation: 'updates', compatible: true })
  })
})

describe('running totals with different starts', () => {
  const since = { measure: 'cumulative' } satisfies Sketch

  it('are two numbers, so both can be true', () => {
    const [pair] = compare(
      { ...since, period: '../2019', value: 170 },
      { ...since, period: '2016/2019', value: 100, quote_start: 50 },
    )
    expect(pair?.compatible ?? true).toBe(true)
  })

  it('do not restate one another, so neither revises or updates the other', () => {
    const [lower] = compare(
      { ...since, period: '../2019', value: 170 },
      { ...since, ...later, period: '2016/2019', value: 100 },
    )
    const [higher] = compare(
      { ...since, period: '../2019', value: 100 },
      { ...since, ...later, period: '2016/2020', value: 170 },
    )
    expect([lower?.relation ?? 'compatible', higher?.relation ?? 'compatible']).toEqual(['compatible', 'compatible'])
  })
})

describe('the relation', () => {
  const totals = { measure: 'cumulative', qualifier: 'more_than' } satisfies Sketch
  const record = { value: null, superlative: 'highest' } satisfies Sketch
  const cases: [Relation, string, Sketch, Sketch][] = [
    ['different_scope', 'the scopes differ', {}, { ...later, scope: 'herring' }],
    ['different_scope', 'the scopes differ, though all else is the same', { scope: 'herring' }, {}],
    ['repeats', 'one voice prints the same in a later document', {}, later],
    [
      'repeats',
      'two publishers pass on one source',
      { attribution: 'skippers' },
      { ...elsewhere, attribution: 'skippers' },
    ],
    ['repeats', 'a publisher is cited by another', {}, { ...elsewhere, attribution: 'harbour-office' }],
    ['repeats', 'one voice claims the same record', record, { ...record, ...later }],
    ['repeats', 'one voice prints the same again and calls it a record', {}, { ...later, superlative: 'highest' }],
    [
      'repeats',
      'one voice repeats a running total',
      { ...totals, period: '../2017' },
      { ...totals, ...later, period: '../2018' },
    ],
    ['agrees', 'another publisher prints the same', {}, elsewhere],
    ['agrees', 'another source says the same', { attribution: 'skippers' }, { ...later, attribution: 'anglers' }],
    ['agrees', 'another publisher claims the same record', record, { ...record, ...elsewhere }],
    [
      'updates',
      'a running total is restated, higher',
      { ...totals, period: '../2017' },
      { ...totals, ...later, period: '../2018', value: 120 },
    ],
    [
      'updates',
      'a running total is restated by a bound that the same number keeps',
      { ...totals, period: '../2017' },
      { ...totals, ...later, period: '../2018', qualifier: 'at_least' },
    ],
    [
      'revises',
      'a running total that was more is restated as just that',
      { ...totals, period: '../2017' },
      { ...totals, ...later, period: '../2018', qualifier: 'exact' },
    ],
    ['revises', 'a later document prints another value', {}, { ...later, value: 120 }],
    [
      'revises',
      'a later document prints another value for a part of the year that the earlier is dated by',
      { period_basis: 'document' },
      { ...later, period: '2019-03', value: 120 },
    ],
    ['revises', 'a later document prints another bound', { qualifier: 'less_than' }, { ...later, qualifier: 'exact' }],
    [
      'revises',
      'a running total is restated, lower',
      { ...totals, period: '../2017' },
      { ...totals, ...later, period: '../2018', value: 80 },
    ],
    ['conflicts', 'another publisher prints another exact value', {}, { ...elsewhere, value: 120 }],
    [
      'conflicts',
      'two documents of one publisher and one day print other values',
      {},
      { document: 'appendix-2020', quote_start: 50, value: 120 },
    ],
    [
      'conflicts',
      'two voices date other running totals by documents of one day',
      { ...totals, period: '../2018', period_basis: 'document', qualifier: 'exact' },
      { ...totals, ...elsewhere, period: '../2018', period_basis: 'document', qualifier: 'exact', value: 120 },
    ],
    ['conflicts', 'one document contradicts itself', {}, { value: 120, quote_start: 50 }],
    [
      'conflicts',
      'one stays under what the other exceeds',
      { qualifier: 'less_than' },
      { ...elsewhere, qualifier: 'at_least' },
    ],
    [
      'compatible',
      'the bounds of another publisher leave room',
      {},
      { ...elsewhere, value: 90, qualifier: 'more_than' },
    ],
    ['compatible', 'nothing bounds the one', { qualifier: 'approximately' }, { ...elsewhere, value: 900 }],
    ['compatible', 'a record without a number restates no value', {}, { ...record, ...later }],
    ['compatible', 'a record without a number is restated by no value', record, later],
    [
      'compatible',
      'a running total to an earlier time comes later, and is lower',
      { ...totals, period: '../2018', value: 120 },
      { ...totals, ...later, period: '../2017', value: 80 },
    ],
    [
      'conflicts',
      'a running total to an earlier time comes later, and is higher than it can have been',
      { ...totals, period: '../2018', qualifier: 'exact' },
      { ...totals, ...later, period: '../2017', value: 120 },
    ],
    [
      'compatible',
      'one is a record since a year, the other of all time',
      record,
      { ...record, ...later, superlative_since: 2001 },
    ],
    ['compatible', 'one is the highest, the other the lowest', record, { ...record, ...later, superlative: 'lowest' }],
    [
      'compatible',
      'one document prints two bounds',
      { qualifier: 'at_least' },
      { value: 120, qualifier: 'less_than', quote_start: 50 },
    ],
  ]

  it.each(cases)('is %s where %s', (relation, _, a, b) => {
    expect(compare(a, b)).toMatchObject([{ figure_a: 'a', figure_b: 'b', relation }])
  })

  it.each(['different_scope', 'revises', 'conflicts'] as const)('needs a reason where it is %s', (relation) => {
    expect(needsReason).toContain(relation)
  })

  it('needs no reason elsewhere', () => {
    expect(needsReason).toHaveLength(3)
  })
})

describe('the earlier figure', () => {
  it.each<[string, Sketch, Sketch]>([
    ['published earlier', { quote_start: 900 }, { ...later, quote_start: 0 }],
    ['printed earlier in documents of one day', { quote_start: 5 }, { publisher: 'fish-market', quote_start: 90 }],
    ['of the lower id, where both stand at one place', {}, {}],
    ['quoted, where the other is derived', later, derived],
  ])('is the one that is %s', (_, first, second) => {
    expect(compare(first, second)).toMatchObject([{ figure_a: 'a', figure_b: 'b' }])
    const renamed = compareFigures([figure('b', first), figure('a', second)])
    const byId = first === second || JSON.stringify(first) === JSON.stringify(second)
    expect(renamed).toMatchObject([byId ? { figure_a: 'a' } : { figure_a: 'b', figure_b: 'a' }])
  })
})

describe('the gap', () => {
  const gap = (a: Sketch, b: Sketch) =>
    compare(a, { ...elsewhere, ...b }).map(({ gap_low, gap_high }) => [gap_low, gap_high])

  it('is the difference of two exact values, with its sign', () => {
    expect(gap({ value: 100 }, { value: 130 })).toEqual([[30, 30]])
    expect(gap({ value: 130 }, { value: 100 })).toEqual([[-30, -30]])
  })

  it('runs from the least to the greatest difference that the bounds allow', () => {
    const between = (value_low: number, value_high: number): Sketch => ({
      ...derived,
      bounds: { value_low, value_low_inclusive: true, value_high, value_high_inclusive: true },
    })
    expect(compare({ value: 100 }, between(120, 150))).toMatchObject([{ gap_low: 20, gap_high: 50 }])
    const [pair] = compareFigures([figure('a', between(10, 40)), figure('b', between(100, 200))])
    expect(pair).toMatchObject({ gap_low: 60, gap_high: 190 })
  })

  it('is null on the side where a bound is open', () => {
    expect(gap({ value: 100 }, { value: 130, qualifier: 'at_least' })).toEqual([[30, null]])
    expect(gap({ value: 100 }, { value: 130, qualifier: 'at_most' })).toEqual([[null, 30]])
    expect(gap({ value: 100, qualifier: 'at_least' }, { value: 130 })).toEqual([[null, 30]])
    expect(gap({ value: 100 }, { value: 130, qualifier: 'estimated' })).toEqual([[null, null]])
  })

  it.each([
    [85.2, 579.9, 494.7],
    [579.8, 579.9, 0.1],
    [109.6, 100, -9.6],
    [4.6, 4.5, -0.1],
    [7.1, 7.9, 0.8],
    [130_000.3, 130_000.1, -0.2],
  ])('has no more decimals than the values: from %d to %d is %d', (a, b, difference) => {
    expect(gap({ value: a }, { value: b })).toEqual([[difference, difference]])
  })
})

describe('a derived figure', () => {
  const from = (...ancestors: string[]): Sketch => ({ ...derived, ancestors: new Set(ancestors) })
  const pairs = (figures: Record<string, Sketch>) =>
    compareFigures(Object.entries(figures).map(([id, sketch]) => figure(id, sketch))).map((pair) => pair.id)

  it('meets what is printed, and other derived figures', () => {
    expect(pairs({ quoted: {}, sum: from('elsewhere'), mean: from('elsewhere') })).toEqual([
      'mean-vs-sum',
      'quoted-vs-mean',
      'quoted-vs-sum',
    ])
  })

  it('is not held against its inputs, whichever comes first', () => {
    expect(pairs({ input: {}, sum: from('input') })).toEqual([])
    expect(pairs({ sum: from('zebra'), zebra: {} })).toEqual([])
  })

  it('is not held against the inputs of its inputs, nor they against it', () => {
    expect(pairs({ input: {}, middle: from('input'), last: from('middle', 'input'), rival: {} })).toEqual([
      'input-vs-rival',
      'rival-vs-last',
      'rival-vs-middle',
    ])
  })

  it('meets what is derived from the same inputs', () => {
    expect(pairs({ input: {}, sum: from('input'), mean: from('input') })).toEqual(['mean-vs-sum'])
  })

  it('comes after what is printed, even where that was printed later, and by id after another', () => {
    const figures = [figure('sum', from()), figure('mean', from()), figure('zebra', later)]
    expect(compareFigures(figures)).toMatchObject([
      { figure_a: 'mean', figure_b: 'sum', involves_derived: true },
      { figure_a: 'zebra', figure_b: 'mean', involves_derived: true },
      { figure_a: 'zebra', figure_b: 'sum', involves_derived: true },
    ])
  })

  it('revises nothing and is revised by nothing, since nobody printed it', () => {
    expect(compare({}, { ...derived, ...later, publisher: null, document: null, value: 120 })).toMatchObject([
      { relation: 'compatible' },
    ])
    const bounds = boundsOf(120, 'exact')
    expect(compare({}, { ...derived, value: 120, bounds })).toMatchObject([{ relation: 'conflicts', gap_low: 20 }])
  })

  it('of another scope is just that', () => {
    expect(compare({ scope: 'herring' }, derived)).toMatchObject([{ relation: 'different_scope' }])
  })
})

/** Figures so alike that most meet, with every kind of bound. */
const anyFigures = fc
  .array(
    fc.record({
      scope: fc.constantFrom('all', 'herring'),
      measure: fc.constantFrom('level', 'cumulative'),
      period: fc.constantFrom('2019', '2018', '../2018', '../2019', '2019-03'),
      period_basis: fc.constantFrom('stated', 'document'),
      value: fc.integer({ min: -2, max: 2 }),
      qualifier: fc.constantFrom(...Qualifier.options),
      superlative: fc.option(fc.constantFrom(...Superlative.options), { nil: null }),
      attribution: fc.constantFrom(null, 'skippers'),
      publisher: fc.constantFrom('harbour-office', 'fish-market'),
      published_latest: fc.constantFrom('2020-06-30', '2021-06-30'),
      quote_start: fc.nat(2),
      numberless: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  .map((sketches) =>
    sketches.map(({ numberless, ...sketch }, index) => {
      const record: Sketch = numberless && sketch.superlative !== null ? { value: null, qualifier: null } : {}
      const document = `${sketch.publisher}-${sketch.published_latest}`
      return figure(`f${index}`, { ...sketch, document, ...record })
    }),
  )

const within = (x: number, { value_low, value_low_inclusive, value_high, value_high_inclusive }: Bounds) =>
  (value_low === null || value_low < x || (value_low === x && value_low_inclusive === true)) &&
  (value_high === null || x < value_high || (x === value_high && value_high_inclusive === true))

/** The bounds drawn above are whole numbers, so a value exists in a range exactly where one of these does. */
const grid = Array.from({ length: 21 }, (_, index) => index / 2 - 5)

const sides = (figures: Comparable[], a: string, b: string) =>
  [a, b].map((id) => figures.find((candidate) => candidate.id === id)).filter((found) => found !== undefined)

/** Figures of few subjects, periods and voices, so that they meet in every way in which two can, or just fail to. */
const crowd = fc
  .array(
    fc.record({
      metric: fc.constantFrom('catch', 'catch', 'landings'),
      scope: fc.constantFrom('all', 'herring'),
      measure: fc.constantFrom('level', 'cumulative', 'change'),
      claim_type: fc.constantFrom('outcome', 'outcome', 'target'),
      place: fc.constantFrom('northvale', 'northvale', 'southvale'),
      unit: fc.constantFrom('t', 't', 'percent'),
      baseline_year: fc.constantFrom(null, null, 2015),
      period: fc.constantFrom('2018', '2019', '../2018', '../2019', '2016/2019', '2019-03', '2019-01/2019-12'),
      period_basis: fc.constantFrom('stated', 'inferred', 'document'),
      origin: fc.constantFrom('quoted', 'quoted', 'derived'),
      value: fc.integer({ min: 1, max: 3 }),
      qualifier: fc.constantFrom(...Qualifier.options),
      attribution: fc.constantFrom(null, 'skippers'),
      publisher: fc.constantFrom('harbour-office', 'fish-market'),
      published_latest: fc.constantFrom('2020-06-30', '2021-06-30'),
      quote_start: fc.nat(2),
    }),
    { minLength: 2, maxLength: 16 },
  )
  .map((sketches) =>
    sketches.map((sketch, index) =>
      figure(`f${index}`, { ...sketch, ...(sketch.origin === 'derived' ? derived : {}) }),
    ),
  )

/** Whether two figures are a pair, as the codebook words it, by a look at all the others. */
function isPair(a: Comparable, b: Comparable, all: readonly Comparable[]): boolean {
  const alike = (x: Comparable, y: Comparable, fields: readonly (keyof Comparable)[]) =>
    fields.every((field) => x[field] === y[field])
  if (!alike(a, b, ['metric', 'measure', 'claim_type', 'place', 'unit', 'baseline_year'])) return false
  if (alike(a, b, ['period_start', 'period_end'])) return true
  if (a.year === b.year && [a.period_basis, b.period_basis].includes('document')) return true
  const series = all.filter(
    (point) =>
      alike(a, point, ['metric', 'scope', 'measure', 'claim_type', 'place', 'unit', 'baseline_year']) &&
      (a.attribution ?? a.publisher) === (point.attribution ?? point.publisher),
  )
  if (a.measure !== 'cumulative' || !series.includes(b)) return false
  const time = ({ period_end, origin, published_latest, quote_start, id }: Comparable) =>
    [period_end, origin === 'derived' ? 1 : 0, published_latest, quote_start ?? 0, id].join(' ')
  const [first, last] = [time(a), time(b)].toSorted() as [string, string]
  return !series.some((point) => first < time(point) && time(point) < last)
}

describe('the comparisons of any figures', () => {
  it('are those that a look at every two figures finds', () => {
    fc.assert(
      fc.property(crowd, (figures) => {
        const pairs = figures.flatMap((a, index) =>
          figures.slice(index + 1).flatMap((b) => (isPair(a, b, figures) ? [[a, b]] : [])),
        )
        const expected = pairs.flatMap((pair) => compareFigures(pair).slice(0, 1))
        // A pair that is never found would be missing on both sides.
        expect(expected).toHaveLength(pairs.length)
        expect(compareFigures(figures)).toEqual(expected.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
      }),
      { numRuns: 1000 },
    )
  })

  it.each<[string, (month: string, year: number) => Sketch]>([
    ['levels', (month) => ({ period: month })],
    ['levels dated by their documents', (_, year) => ({ period: `${year}`, period_basis: 'document' })],
    ['running totals', (month) => ({ period: `../${month}`, measure: 'cumulative', attribution: month })],
    ['running totals of one series', (month) => ({ period: `../${month}`, measure: 'cumulative' })],
  ])('are found without a look at what is no pair: %s of one subject', (_, sketch) => {
    // Reads are counted, not seconds: they are the same on every machine.
    const readsOf = (count: number) => {
      let reads = 0
      const counted = Array.from({ length: count }, (_, index) => {
        const year = 1500 + index
        const month = `${1900 + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}`
        return new Proxy(figure(`f${index}`, sketch(month, year)), {
          get: (target, field) => {
            reads += 1
            return Reflect.get(target, field) as unknown
          },
        })
      })
      compareFigures(counted)
      return reads
    }
    // Twice the figures are twice the work, and a little more where they are sorted; every two of them, four times.
    expect(readsOf(800)).toBeLessThan(2.4 * readsOf(400))
  })

  it('are all but those of a derived figure with what it rests on', () => {
    // Each of the derived may rest on any that come before it, and on all that those rest on.
    const lineages = anyFigures.chain((figures) =>
      fc.tuple(...figures.map((_, index) => fc.subarray(figures.slice(0, index).map(({ id }) => id)))).map((inputs) => {
        const known = new Map<string, Comparable>()
        for (const [index, printed] of figures.entries()) {
          const direct = index % 2 === 1 ? (inputs[index] ?? []) : []
          const ancestors = new Set(direct.flatMap((id) => [id, ...(known.get(id)?.ancestors ?? [])]))
          const computed = { origin: 'derived', publisher: null, document: null, attribution: null } as const
          known.set(printed.id, { ...printed, ...(direct.length > 0 ? computed : {}), ancestors })
        }
        return [...known.values()]
      }),
    )
    let left = 0
    fc.assert(
      fc.property(lineages, (figures) => {
        const rests = (a: string, b: string) => figures.find(({ id }) => id === a)?.ancestors?.has(b) === true
        const every = compareFigures(figures.map((figure) => ({ ...figure, ancestors: new Set<string>() })))
        const kept = every.filter(({ figure_a, figure_b }) => !rests(figure_a, figure_b) && !rests(figure_b, figure_a))
        left += every.length - kept.length
        expect(compareFigures(figures)).toEqual(kept)
      }),
      { numRuns: 500 },
    )
    expect(left).toBeGreaterThan(50)
  })

  it('do not hang on the order in which the figures are given', () => {
    const shuffled = anyFigures.chain((figures) =>
      fc.tuple(
        fc.constant(figures),
        fc.shuffledSubarray(figures, { minLength: figures.length, maxLength: figures.length }),
      ),
    )
    fc.assert(
      fc.property(shuffled, ([figures, mixed]) => {
        expect(compareFigures(mixed)).toEqual(compareFigures(figures))
      }),
    )
  })

  it('hold no pair twice, and no figure with itself', () => {
    fc.assert(
      fc.property(anyFigures, (figures) => {
        const pairs = compareFigures(figures).map(({ figure_a, figure_b }) => [figure_a, figure_b].toSorted().join(' '))
        expect(new Set(pairs).size).toBe(pairs.length)
        expect(pairs.filter((pair) => /^(\S+) \1$/.test(pair))).toEqual([])
      }),
    )
  })

  it('are compatible exactly where one value fits the bounds of both, for one period', () => {
    fc.assert(
      fc.property(anyFigures, (figures) => {
        for (const { figure_a, figure_b, compatible } of compareFigures(figures)) {
          const [a, b] = sides(figures, figure_a, figure_b)
          if (a === undefined || b === undefined) expect.unreachable()
          if (a.measure === 'cumulative' && (a.period_end !== b.period_end || a.period_start !== b.period_start))
            continue
          expect(compatible).toBe(grid.some((x) => within(x, a) && within(x, b)))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('are compatible, for running totals, exactly where the one for the later time may be the higher', () => {
    const total = (period: string) =>
      fc
        .record({
          value: fc.integer({ min: -2, max: 2 }),
          qualifier: fc.constantFrom(...Qualifier.options),
          published_latest: fc.constantFrom('2020-06-30', '2021-06-30'),
        })
        .map((sketch) => figure(period, { ...sketch, measure: 'cumulative', period: `../${period}` }))
    fc.assert(
      fc.property(total('2017'), total('2018'), (earlier, later) => {
        const possible = grid.some((x) => within(x, earlier) && grid.some((y) => y >= x && within(y, later)))
        expect(compareFigures([earlier, later])).toMatchObject([{ compatible: possible }])
      }),
      { numRuns: 500 },
    )
  })

  it('conflict only where they are not compatible', () => {
    fc.assert(
      fc.property(anyFigures, (figures) => {
        for (const { relation, compatible } of compareFigures(figures)) {
          if (relation === 'conflicts') expect(compatible).toBe(false)
          if (relation === 'compatible') expect(compatible).toBe(true)
        }
      }),
    )
  })

  it('stand in the order of their ids', () => {
    fc.assert(
      fc.property(anyFigures, (figures) => {
        const ids = compareFigures(figures).map((pair) => pair.id)
        expect(ids).toEqual(ids.toSorted())
      }),
    )
  })

  it('stand in one order whatever the language of the machine', async () => {
    // In Danish "aa" comes after "z", in Czech "ch" after "h".
    const figures = ['aa', 'b', 'ch', 'd', 'h', 'z'].map((id) => figure(id))
    const script = `
      import { compareFigures } from './src/seed/compare.ts'
      console.log(compareFigures(${JSON.stringify(figures)}).map((pair) => pair.id).join())`
    const order = async (language: string) => {
      const parameters = ['--input-type=module-typescript', '--eval', script]
      return (await run(process.execPath, parameters, { cwd: root, env: { LC_ALL: language } })).stdout
    }
    const orders = await Promise.all(['C', 'da_DK.UTF-8', 'cs_CZ.UTF-8'].map(order))
    expect(orders[0]).toContain('aa-vs-b,')
    expect(orders).toEqual([orders[0], orders[0], orders[0]])
  })
})
