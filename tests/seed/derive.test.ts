import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { derivationFormulas, derivationMethods, DerivationMethod, Measure } from '../../src/schemas/vocabularies.ts'
import { boundsOf, open, type Bounds } from '../../src/seed/bounds.ts'
import { compute, derive, methods, type Derivation, type Quantity } from '../../src/seed/derive.ts'
import { readPeriod } from '../../src/seed/period.ts'
import { readSeed } from '../../src/seed/read.ts'
import { seedDirectory } from '../../src/seed/staleness.ts'

// Exact arithmetic: the results are held to fractions, so that all that is forgiven is the code's own rounding.

type Fraction = { n: bigint; /** Above 0. */ d: bigint }

const fraction = (n: bigint, d = 1n): Fraction => (d < 0n ? { n: -n, d: -d } : { n, d })

/** The number that a double stands for: the decimal that is printed for it. */
function exactly(double: number): Fraction {
  const [, digits = '', exponent = ''] = /^(-?\d\.?\d*)e(.*)$/.exec(double.toExponential()) ?? []
  if (digits === '') throw new RangeError(`${double} is no number`)
  const [whole = '', decimals = ''] = digits.split('.')
  const power = Number(exponent) - decimals.length
  return fraction(BigInt(whole + decimals) * 10n ** BigInt(Math.max(0, power)), 10n ** BigInt(Math.max(0, -power)))
}

const plus = (a: Fraction, b: Fraction) => fraction(a.n * b.d + b.n * a.d, a.d * b.d)
const minus = (a: Fraction, b: Fraction) => plus(a, { n: -b.n, d: b.d })
const times = (a: Fraction, b: Fraction) => fraction(a.n * b.n, a.d * b.d)
/** Null where the divisor is 0. */
const over = (a: Fraction, b: Fraction) => (b.n === 0n ? null : fraction(a.n * b.d, a.d * b.n))
const size = (a: Fraction): Fraction => ({ n: a.n < 0n ? -a.n : a.n, d: a.d })
const compare = (a: Fraction, b: Fraction) => {
  const difference = a.n * b.d - b.n * a.d
  return difference < 0n ? -1 : Number(difference > 0n)
}

const [one, hundred] = [fraction(1n), fraction(100n)]
const years = 5

/** Each formula as the vocabulary prints it, percentages divided by 100; null where it divides by 0. */
const formulas: Record<DerivationMethod, (x: Fraction, y: Fraction) => Fraction | null> = {
  level_before_change: (level, change) => over(level, plus(one, fraction(change.n, change.d * 100n))),
  level_after_change: (level, change) => times(level, plus(one, fraction(change.n, change.d * 100n))),
  change_from_relative: (level, change) => {
    const part = fraction(change.n, change.d * 100n)
    return over(times(level, part), plus(one, part))
  },
  share_of_level: (level, share) => times(level, fraction(share.n, share.d * 100n)),
  difference: (later, earlier) => minus(later, earlier),
  relative_change: (later, earlier) => {
    const quotient = over(later, earlier)
    return quotient === null ? null : times(minus(quotient, one), hundred)
  },
  ratio: (numerator, denominator) => over(numerator, denominator),
  annual_rate: (later, earlier) => over(minus(later, earlier), fraction(BigInt(years))),
}

type Input = Bounds & { value: number }

const by = (method: DerivationMethod, first: Input, second: Input) =>
  compute(method, { ...first, year: 2000 + years }, { ...second, year: 2000 })

const exact = (value: number): Input => ({ value, ...boundsOf(value, 'exact') })

const holds = (value: number, { value_low, value_low_inclusive, value_high, value_high_inclusive }: Bounds) =>
  (value_low === null || value_low < value || (value_low === value && value_low_inclusive === true)) &&
  (value_high === null || value < value_high || (value === value_high && value_high_inclusive === true))

/**
 * A number is computed exactly and rounded once, to the next double (2⁻⁵³), and is read as the decimal that is printed for that,
 * which is as near to it: together by no more than 2⁻⁵² of the number. A 0 is no rounding of anything in the range of these
 * numbers.
 */
const slack = (x: Fraction) => times(size(x), fraction(1n, 2n ** 52n))
const isAbout = (double: number, x: Fraction) => compare(size(minus(exactly(double), x)), slack(x)) <= 0

/** Bounds between two numbers, each end open, closed or missing, with a value in them or at an open end. */
const between = (numbers: fc.Arbitrary<number>): fc.Arbitrary<Input> =>
  fc
    .record({
      ends: fc.tuple(numbers, numbers, numbers),
      missing: fc.constantFrom<('low' | 'high')[]>([], [], ['low'], ['high'], ['low', 'high']),
      low_inclusive: fc.boolean(),
      high_inclusive: fc.boolean(),
      at: fc.constantFrom(0, 1, 2),
      point: fc.integer({ min: 0, max: 5 }).map((drawn) => drawn === 0),
    })
    .map(({ ends, missing, low_inclusive, high_inclusive, at, point }) => {
      const sorted = ends.toSorted((a, b) => a - b)
      const [low = 0, , high = 0] = sorted
      if (point || low === high) return exact(high)
      return {
        // The value need not be what the bounds are made from, as it is where one qualifier gives both.
        value: sorted[at] ?? 0,
        value_low: missing.includes('low') ? null : low,
        value_low_inclusive: missing.includes('low') ? null : low_inclusive,
        value_high: missing.includes('high') ? null : high,
        value_high_inclusive: missing.includes('high') ? null : high_inclusive,
      }
    })

/** Numbers of a few digits, so that two that differ still differ after rounding. */
const plain = fc.oneof(
  fc.constantFrom(0, -100, 100, 1),
  fc.integer({ min: -500, max: 500 }).map((half) => half / 2),
)
/** Mostly numbers at which one method or another breaks. */
const special = fc.constantFrom(0, 0, -100, -100, 100, -50, 8, 20)
/** Nothing so small that results would fall below the normal doubles, where fewer digits are left. */
const isNormal = (x: number) => x === 0 || Math.abs(x) > 1e-30
const wild = fc
  .oneof(
    plain,
    fc.double({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER, noNaN: true }),
    fc.double({ min: -1e-9, max: 1e-9, noNaN: true }),
    fc.integer({ min: -300_000, max: 300_000 }),
  )
  .filter(isNormal)
  // Without the negative zero, which no figure has.
  .map((x) => x + 0)
const method = fc.constantFrom(...DerivationMethod.options)

/**
 * Points of an interval: its closed ends and one inside, and, so near an open end or so far out that no double is between,
 * one for each side that is not closed.
 */
function pointsOf({ value_low, value_low_inclusive, value_high, value_high_inclusive }: Bounds) {
  const [low, high] = [value_low, value_high].map((end) => (end === null ? null : exactly(end)))
  const far = fraction(2n ** 400n)
  const near = fraction(1n, 2n ** 400n)
  const inside =
    low == null
      ? minus(high ?? fraction(0n), one)
      : high == null
        ? plus(low, one)
        : fraction(low.n * high.d + high.n * low.d, 2n * low.d * high.d)
  const attained = [
    inside,
    ...(low != null && value_low_inclusive === true ? [low] : []),
    ...(high != null && value_high_inclusive === true ? [high] : []),
  ]
  const approached = [
    ...(value_low_inclusive === true ? [] : [low == null ? minus(fraction(0n), far) : plus(low, near)]),
    ...(value_high_inclusive === true ? [] : [high == null ? far : minus(high, near)]),
  ]
  return { attained, approached }
}

const lowest = (results: readonly Fraction[]) => results.reduce((least, x) => (compare(x, least) < 0 ? x : least))
const highest = (results: readonly Fraction[]) => results.reduce((most, x) => (compare(x, most) > 0 ? x : most))
const all = (f: (x: Fraction, y: Fraction) => Fraction | null, xs: Fraction[], ys: Fraction[]) =>
  xs.flatMap((x) => ys.map((y) => f(x, y))).filter((result) => result !== null)

const reaches = ({ value_low, value_high, ...inclusive }: Bounds) => ({
  low: value_low ?? -Infinity,
  high: value_high ?? Infinity,
  touches: (end: number) => value_low === end || value_high === end,
  isInfinite: value_low === null || value_high === null,
  ...inclusive,
})

/** The rules of where a method proves nothing, one by one. */
const undefinedRules: Record<string, (method: DerivationMethod, first: Bounds, second: Bounds) => boolean> = {
  'a change that may reach −100 % or below has no level before it': (method, _, change) =>
    ['level_before_change', 'change_from_relative'].includes(method) && holdsAtOrBelow(change, -100),
  'a divisor that may be 0 divides nothing': (method, _, divisor) =>
    ['relative_change', 'ratio'].includes(method) && holds(0, divisor),
  'a 0 times something without bound is no number': (method, first, second) => {
    const [a, b] = [reaches(first), reaches(second)]
    if (method === 'share_of_level') return (a.touches(0) && b.isInfinite) || (a.isInfinite && b.touches(0))
    if (method === 'level_after_change') return (a.touches(0) && b.isInfinite) || (a.isInfinite && b.touches(-100))
    return method === 'change_from_relative' && a.isInfinite && b.touches(0)
  },
  'a 0 over something that comes to 0 is no number': (method, first, second) => {
    const pole = { level_before_change: -100, change_from_relative: -100, relative_change: 0, ratio: 0 }
    return method in pole && reaches(first).touches(0) && reaches(second).touches(pole[method as keyof typeof pole])
  },
  'something without bound over something without bound is no number': (method, first, second) =>
    ['level_before_change', 'relative_change', 'ratio'].includes(method) &&
    reaches(first).isInfinite &&
    reaches(second).isInfinite,
}

const holdsAtOrBelow = ({ value_low, value_low_inclusive }: Bounds, limit: number) =>
  value_low === null || value_low < limit || (value_low === limit && value_low_inclusive === true)

const isUndefined = (method: DerivationMethod, first: Bounds, second: Bounds) =>
  Object.values(undefinedRules).some((rule) => rule(method, first, second))

describe('the bounds of every method', () => {
  it('hold the result of the formula for any inputs within their bounds', () => {
    const anywhere = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(method, between(wild), between(wild), anywhere, anywhere, (method, first, second, t, u) => {
        const result = by(method, first, second)
        if (result === null) return
        const [xs, ys] = [first, second].map((input, index) => {
          const { value_low, value_high } = input
          const [low, high] = [value_low ?? (value_high ?? 0) - 1e15, value_high ?? (value_low ?? 0) + 1e15]
          const drawn = low + (index === 0 ? t : u) * (high - low)
          const { attained, approached } = pointsOf(input)
          return [...attained, ...approached, ...(holds(drawn, input) ? [exactly(drawn)] : [])]
        })
        for (const x of all(formulas[method], xs ?? [], ys ?? [])) {
          const { value_low, value_high } = result
          if (value_low !== null) {
            const low = exactly(value_low)
            expect(compare(x, minus(low, slack(low)))).toBeGreaterThanOrEqual(0)
          }
          if (value_high !== null) {
            const high = exactly(value_high)
            expect(compare(x, plus(high, slack(high)))).toBeLessThanOrEqual(0)
          }
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('are tight: a closed end is attained, an open one approached, and where there is none nothing ends it', () => {
    let [bounded, unbounded] = [0, 0]
    fc.assert(
      fc.property(method, between(plain), between(plain), (method, first, second) => {
        fc.pre(!isUndefined(method, first, second))
        const result = by(method, first, second)
        if (result === null) return
        const [xs, ys] = [pointsOf(first), pointsOf(second)]
        const attained = all(formulas[method], xs.attained, ys.attained)
        const everywhere = all(formulas[method], [...xs.attained, ...xs.approached], [...ys.attained, ...ys.approached])
        const sides = [
          [result.value_low, result.value_low_inclusive, lowest(attained), lowest(everywhere)],
          [result.value_high, result.value_high_inclusive, highest(attained), highest(everywhere)],
        ] as const
        for (const [end, inclusive, reached, extreme] of sides) {
          if (end === null) {
            // Beyond anything that inputs of a few digits give, in either direction.
            expect(compare(size(extreme), fraction(2n ** 200n))).toBe(1)
            unbounded += 1
          } else {
            // An open end at 0 is approached, so what comes nearest to it is all but 0.
            if (compare(size(extreme), fraction(1n, 2n ** 200n)) < 0) expect(end).toBe(0)
            else expect(isAbout(end, extreme)).toBe(true)
            expect(inclusive).toBe(compare(reached, extreme) === 0)
            bounded += 1
          }
        }
      }),
      { numRuns: 4000 },
    )
    expect(Math.min(bounded, unbounded)).toBeGreaterThan(500)
  })

  it.each(Object.entries(undefinedRules))('are none where %s', (_, rule) => {
    let met = 0
    fc.assert(
      fc.property(method, between(special), between(special), (method, first, second) => {
        if (!rule(method, first, second)) return
        const result = by(method, first, second)
        if (result === null) return
        met += 1
        expect(result).toEqual({ value: result.value, ...open })
      }),
      { numRuns: 3000 },
    )
    expect(met).toBeGreaterThan(10)
  })

  it('are the value where the inputs are exact', () => {
    fc.assert(
      fc.property(method, wild, wild, (method, x, y) => {
        const result = by(method, exact(x), exact(y))
        if (result !== null) expect(result).toEqual(exact(result.value))
      }),
      { numRuns: 1000 },
    )
  })

  it('hold the value, or end in it, where the bounds of the inputs hold theirs or end in them', () => {
    fc.assert(
      fc.property(method, between(wild), between(wild), (method, first, second) => {
        const result = by(method, first, second)
        if (result === null) return
        const value = exactly(result.value)
        if (result.value_low !== null)
          expect(compare(exactly(result.value_low), plus(value, slack(value)))).toBeLessThanOrEqual(0)
        if (result.value_high !== null)
          expect(compare(exactly(result.value_high), minus(value, slack(value)))).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 3000 },
    )
  })

  it('are in order, and inclusive on both sides where they are one number', () => {
    fc.assert(
      fc.property(method, between(wild), between(wild), (method, first, second) => {
        const { value_low = null, value_high = null, ...result } = by(method, first, second) ?? {}
        if (value_low === null || value_high === null) return
        expect(value_low).toBeLessThanOrEqual(value_high)
        if (value_low === value_high)
          expect(result).toMatchObject({ value_low_inclusive: true, value_high_inclusive: true })
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the value of every method', () => {
  it('is what the formula gives for the values, and none where it gives none', () => {
    fc.assert(
      fc.property(method, between(wild), between(wild), (method, first, second) => {
        const result = by(method, first, second)
        const formula = formulas[method](exactly(first.value), exactly(second.value))
        const below = ['level_before_change', 'change_from_relative'].includes(method) && second.value <= -100
        if (formula === null || below) expect(result).toBeNull()
        else expect(isAbout(result?.value ?? NaN, formula)).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  it('is none where an input has none', () => {
    for (const method of DerivationMethod.options) {
      expect(compute(method, { value: null, ...open, year: 2005 }, { ...exact(5), year: 2000 })).toBeNull()
      expect(compute(method, { ...exact(5), year: 2005 }, { value: null, ...open, year: 2000 })).toBeNull()
    }
  })

  it.each<[DerivationMethod, number, number, number]>([
    ['level_before_change', 130, 30, 100],
    ['level_after_change', 100, 10, 110],
    ['level_after_change', 80, -100, 0],
    ['change_from_relative', 110, 10, 10],
    ['change_from_relative', 50, -50, -50],
    ['share_of_level', 100, 29, 29],
    ['difference', 3, 5, -2],
    ['relative_change', 110, 100, 10],
    ['relative_change', 49, 49, 0],
    ['relative_change', 0, 49, -100],
    ['relative_change', 1_000_001, 1_000_000, 0.0001],
    ['ratio', 49, 49, 1],
    ['annual_rate', 18, 3, 3],
    ['level_after_change', 1.1, 10, 1.21],
    ['share_of_level', 0.7, 10, 0.07],
    ['difference', 579.9, 494.7, 85.2],
    ['relative_change', 1.21, 1.1, 10],
    ['ratio', 0.3, 0.1, 3],
    ['annual_rate', 1.6, 0.1, 0.3],
  ])('has no digits that paper would not show: %s of %d and %d is %d', (method, first, second, value) => {
    expect(by(method, exact(first), exact(second))).toEqual(exact(value))
  })

  it('of a difference of decimals is the decimal that is printed, so that bounds which meet on paper meet here', () => {
    const numerator = fc.integer({ min: -(10 ** 9), max: 10 ** 9 })
    fc.assert(
      fc.property(numerator, numerator, fc.integer({ min: 0, max: 6 }), (later, earlier, places) => {
        const decimal = (whole: number) => Number(`${whole}e-${places}`)
        const result = by('difference', exact(decimal(later)), exact(decimal(earlier)))
        expect(result).toEqual(exact(decimal(later - earlier) + 0))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('every method', () => {
  it('has inputs that are named in its formula, by measures of the vocabulary', () => {
    expect(Object.keys(methods)).toEqual(Object.keys(derivationMethods))
    for (const [name, { inputs, gives }] of Object.entries(methods)) {
      for (const input of Object.keys(inputs)) {
        expect(derivationFormulas[name as DerivationMethod]).toMatch(new RegExp(`\\b${input}\\b`))
      }
      expect(Measure.options).toEqual(expect.arrayContaining([gives, ...Object.values(inputs)]))
    }
  })
})

// One figure

type Sketch = Partial<Quantity>

/** A level of the catch, 100 t in 2019, but for what the sketch says otherwise. */
const quantity = ({ period = '2019', value = 100, ...sketch }: Sketch = {}): Quantity => ({
  ...{ metric: 'catch', scope: 'all', measure: 'level', claim_type: 'outcome', unit: 't', place: 'northvale' },
  ...{ period_basis: 'stated', baseline_year: null, baseline_basis: null, actor: null },
  ...(value === null ? open : boundsOf(value, 'exact')),
  ...readPeriod(period),
  ...sketch,
  period,
  value,
})

const rise = (sketch: Sketch = {}): Quantity =>
  quantity({
    ...{ measure: 'relative_change', unit: 'percent', value: 25, baseline_year: 2015, baseline_basis: 'stated' },
    ...sketch,
  })

/** What comes of a derivation, and every fault. */
function attempt(derivation: Partial<Derivation> & Pick<Derivation, 'method' | 'inputs'>) {
  const faults: [string, string][] = []
  const result = derive({ metric: 'catch', unit: 't', assumes: null, ...derivation }, (field, message) =>
    faults.push([field, message]),
  )
  return { result, faults }
}

/** What comes of a derivation without a fault. */
function derived(derivation: Parameters<typeof attempt>[0]): Quantity {
  const { result, faults } = attempt(derivation)
  expect(faults).toEqual([])
  return result ?? expect.unreachable()
}

describe('a derived figure', () => {
  it('has the metric, place, scope and claim of its inputs, and the period that its method gives', () => {
    expect(
      derived({
        method: 'level_before_change',
        inputs: { level: quantity({ scope: 'herring' }), change: rise({ scope: 'herring' }) },
      }),
    ).toEqual({
      ...{ metric: 'catch', scope: 'herring', measure: 'level', claim_type: 'outcome', unit: 't', place: 'northvale' },
      ...{ value: 80, value_low: 80, value_low_inclusive: true, value_high: 80, value_high_inclusive: true },
      ...{ period: '2015', period_start: '2015-01-01', period_end: '2015-12-31', year: 2015, period_basis: 'stated' },
      ...{ baseline_year: null, baseline_basis: null, actor: null },
    })
  })

  it.each<[string, Parameters<typeof attempt>[0], Sketch]>([
    [
      'a level after a change: that of the change',
      { method: 'level_after_change', inputs: { level: quantity({ period: '2015' }), change: rise() } },
      { measure: 'level', period: '2019', baseline_year: null, unit: 't' },
    ],
    [
      'an absolute change: those of the relative one',
      { method: 'change_from_relative', inputs: { level: quantity(), change: rise({ baseline_basis: 'inferred' }) } },
      { measure: 'change', period: '2019', baseline_year: 2015, baseline_basis: 'inferred', unit: 't' },
    ],
    [
      'a share of a level: that of the level',
      {
        method: 'share_of_level',
        inputs: { level: quantity(), share: quantity({ measure: 'share', metric: 'part' }) },
      },
      { measure: 'level', period: '2019', baseline_year: null, unit: 't' },
    ],
    [
      'a difference: the later, counted from the year of the earlier',
      { method: 'difference', inputs: { later: quantity(), earlier: quantity({ period: '2018-06' }) } },
      { measure: 'change', period: '2019', baseline_year: 2018, baseline_basis: 'stated', unit: 't' },
    ],
    [
      'a difference from a year that is inferred: counted from it as inferred',
      {
        method: 'difference',
        inputs: { later: quantity(), earlier: quantity({ period: '2018', period_basis: 'document' }) },
      },
      { baseline_year: 2018, baseline_basis: 'inferred', period_basis: 'stated' },
    ],
    [
      'a relative change: the same, in percent',
      { method: 'relative_change', inputs: { later: quantity(), earlier: quantity({ period: '2018', value: 80 }) } },
      { measure: 'relative_change', period: '2019', baseline_year: 2018, unit: 'percent', value: 25 },
    ],
    [
      'a ratio: that of the numerator',
      {
        method: 'ratio',
        unit: 't/ha',
        metric: 'yield',
        inputs: { numerator: quantity(), denominator: quantity({ metric: 'area', unit: 'ha' }) },
      },
      { metric: 'yield', measure: 'level', period: '2019', baseline_year: null, unit: 't/ha' },
    ],
    [
      'a rate: from the end of the earlier to the end of the later',
      {
        method: 'annual_rate',
        inputs: { later: quantity({ period: '2018/2020', value: 110 }), earlier: quantity({ period: '../2015' }) },
      },
      { measure: 'rate', period: '2015/2020', period_start: '2015-01-01', period_end: '2020-12-31', value: 2 },
    ],
    [
      'a rate between inferred years: inferred',
      {
        method: 'annual_rate',
        inputs: { later: quantity(), earlier: quantity({ period: '2015', period_basis: 'inferred' }) },
      },
      { measure: 'rate', period: '2015/2019', period_basis: 'inferred' },
    ],
  ])('has the times that its method gives: %s', (_, derivation, expected) => {
    expect(derived(derivation)).toMatchObject(expected)
  })

  it('is a target or a projection where an input is one', () => {
    const claim = (claim_type: Quantity['claim_type']) =>
      derived({
        method: 'level_after_change',
        inputs: { level: quantity({ period: '2015' }), change: rise({ claim_type }) },
      }).claim_type
    expect([claim('outcome'), claim('target'), claim('projection')]).toEqual(['outcome', 'target', 'projection'])
  })

  it('has an actor only where both inputs have the same', () => {
    const actor = (one: string | null, other: string | null) =>
      derived({
        method: 'difference',
        inputs: { later: quantity({ actor: one }), earlier: quantity({ period: '2018', actor: other }) },
      }).actor
    expect([actor('fleet', 'fleet'), actor('fleet', null), actor(null, 'fleet'), actor('fleet', 'anglers')]).toEqual([
      ...['fleet', null, null, null],
    ])
  })

  it('has the scope unstated where it needs an assumption', () => {
    const assumes = 'That the herring are all of the catch.'
    const inputs = { later: quantity(), earlier: quantity({ period: '2018', scope: 'herring' }) }
    expect(derived({ method: 'difference', inputs, assumes }).scope).toBe('unstated')
    const unlike = { level: quantity({ period: '2018' }), change: rise() }
    expect(derived({ method: 'level_before_change', inputs: unlike, assumes }).scope).toBe('unstated')
  })
})

describe('a derivation is refused, with the field that is wrong, where', () => {
  const two = { later: quantity(), earlier: quantity({ period: '2018' }) }
  const both = { level: quantity(), change: rise() }
  const same = quantity()
  it.each<[string, Parameters<typeof attempt>[0], [string, string | RegExp][]]>([
    [
      'an input is missing',
      { method: 'difference', inputs: { later: quantity() } },
      [['inputs', 'expected later and earlier for difference']],
    ],
    [
      'an input has another name',
      { method: 'difference', inputs: both },
      [['inputs', 'expected later and earlier for difference']],
    ],
    [
      'there is one input more',
      { method: 'difference', inputs: { ...two, level: quantity() } },
      [['inputs', 'expected later and earlier for difference']],
    ],
    [
      'an input has the name of something in JavaScript',
      {
        method: 'difference',
        inputs: { later: quantity(), constructor: quantity() },
      },
      [['inputs', 'expected later and earlier for difference']],
    ],
    [
      'the change is a level',
      { method: 'level_before_change', inputs: { level: quantity(), change: quantity() } },
      [['inputs.change', 'expected the measure relative_change, got level']],
    ],
    [
      'both are of another measure',
      { method: 'level_after_change', inputs: { level: rise(), change: quantity({ measure: 'cumulative' }) } },
      [
        ['inputs.level', 'expected the measure level, got relative_change'],
        ['inputs.change', 'expected the measure relative_change, got cumulative'],
      ],
    ],
    [
      'a running total is taken for a level',
      { method: 'annual_rate', inputs: { ...two, later: quantity({ measure: 'cumulative' }) } },
      [['inputs.later', 'expected the measure level, got cumulative']],
    ],
    [
      'one figure stands for both inputs',
      { method: 'ratio', inputs: { numerator: same, denominator: same } },
      [['inputs', 'expected two figures, got one twice']],
    ],
    [
      'the metric is another than that of the inputs',
      { method: 'difference', metric: 'landings', inputs: two },
      [['inputs', 'expected figures of landings for difference']],
    ],
    [
      'one input is of another metric',
      { method: 'relative_change', inputs: { ...two, earlier: quantity({ period: '2018', metric: 'landings' }) } },
      [['inputs', 'expected figures of catch for relative_change']],
    ],
    [
      'a share is taken of a level in another unit',
      { method: 'share_of_level', inputs: { level: quantity({ unit: 'ha' }), share: quantity({ measure: 'share' }) } },
      [['inputs.level', 'expected a level in t']],
    ],
    [
      'the places are two',
      { method: 'difference', inputs: { ...two, earlier: quantity({ period: '2018', place: 'southvale' }) } },
      [['inputs', 'expected one place, got northvale and southvale']],
    ],
    [
      'the change has no baseline',
      {
        method: 'level_before_change',
        inputs: { ...both, change: rise({ baseline_year: null, baseline_basis: null }) },
      },
      [['inputs.change', 'expected a change with a baseline_year']],
    ],
    [
      'an input is a record without a number',
      { method: 'difference', inputs: { ...two, later: quantity({ value: null }) } },
      [['inputs', 'expected values that give one']],
    ],
    [
      'it divides by 0',
      { method: 'relative_change', inputs: { ...two, earlier: quantity({ period: '2018', value: 0 }) } },
      [['inputs', 'expected values that give one']],
    ],
    [
      'nothing was left after the change',
      { method: 'level_before_change', inputs: { ...both, change: rise({ value: -100 }) } },
      [['inputs', 'expected values that give one']],
    ],
    [
      'the result is beyond what a double counts exactly',
      { method: 'ratio', inputs: { numerator: quantity({ value: 9e15 }), denominator: quantity({ value: 0.5 }) } },
      [['inputs', 'expected values that give no number beyond ±9007199254740991']],
    ],
    [
      'the scopes differ and nothing is assumed',
      { method: 'difference', inputs: { ...two, later: quantity({ scope: 'herring' }) } },
      [['assumes', 'expected what is assumed, since herring and all are two scopes']],
    ],
    [
      'the periods differ and nothing is assumed',
      { method: 'level_before_change', inputs: { ...both, level: quantity({ period: '2018' }) } },
      [['assumes', 'expected what is assumed, since 2018 and 2019 are two periods']],
    ],
    [
      'the change counts from another year than the level and nothing is assumed',
      { method: 'level_after_change', inputs: both },
      [['assumes', 'expected what is assumed, since the change is counted from 2015, the level is of 2019']],
    ],
    [
      'something is assumed though the inputs are alike',
      { method: 'difference', inputs: two, assumes: 'That a fish is a fish.' },
      [['assumes', 'expected none, since the inputs are alike']],
    ],
    [
      'the later is not later, whatever is assumed',
      { method: 'difference', inputs: { later: two.earlier, earlier: two.later }, assumes: 'That time runs back.' },
      [['inputs', 'expected times in turn; 2018 does not come after 2019']],
    ],
    [
      'the two end on one day',
      { method: 'relative_change', inputs: { ...two, earlier: quantity({ period: '2018/2019' }) } },
      [['inputs', 'expected times in turn; 2019 does not come after 2018/2019']],
    ],
    [
      'a rate has no year to go by',
      {
        method: 'annual_rate',
        inputs: { later: quantity({ period: '2019-12' }), earlier: quantity({ period: '2019-01' }) },
      },
      [['inputs', 'expected times in turn; there is no year from 2019-01 to 2019-12']],
    ],
    [
      'a rate goes back in time',
      { method: 'annual_rate', inputs: { later: two.earlier, earlier: two.later } },
      [['inputs', 'expected times in turn; there is no year from 2019 to 2018']],
    ],
  ])('%s', (_, derivation, faults) => {
    expect(attempt(derivation).faults).toEqual(faults)
  })
})

describe('the derived figures of the dataset', () => {
  const figures = new Map(readSeed(seedDirectory).derived.map((figure) => [figure.id, figure]))
  const none = { value_low: null, value_low_inclusive: null, value_high: null, value_high_inclusive: null }
  const all = (value: number) => boundsOf(value, 'exact')
  const above = (value: number) => boundsOf(value, 'more_than')

  it.each<[string, number, Bounds, Sketch]>([
    ['coca-cultivation-2013', 209000 / 2.6, all(80384.61538461539), { year: 2013, unit: 'ha', claim_type: 'outcome' }],
    ['cocaine-production-2013', 910 / 3.92, all(910 / 3.92), { year: 2013, unit: 't', scope: 'unstated' }],
    ['coca-cultivation-target-2023', 104500, all(104500), { year: 2023, unit: 'ha', claim_type: 'target' }],
    ['cocaine-production-target-2023', 455, all(455), { year: 2023, unit: 't', claim_type: 'target' }],
    ['coca-eradication-2019', 13_000_000 / 137, none, { year: 2019, unit: 'ha', scope: 'forced' }],
    [
      'coca-eradication-change-2019-2020',
      4_810_000 / 137,
      above(4_810_000 / 137),
      { baseline_year: 2019, scope: 'forced' },
    ],
    ['uscap-activities-change-2013-2018', 305, above(305), { baseline_year: 2013, scope: 'unstated' }],
    ['uscap-activities-change-2013-2019', 270, above(270), { baseline_year: 2013, scope: 'unstated' }],
    ['blackhawk-helicopters-change-2018', 10, all(10), { baseline_year: 2018, baseline_basis: 'inferred' }],
    ['blackhawk-helicopters-growth-2018', 1000 / 9, all(1000 / 9), { unit: 'percent', measure: 'relative_change' }],
    ['cocaine-production-per-hectare-2017', 910 / 209000, all(910 / 209000), { year: 2017, scope: 'unstated' }],
  ])('hold %s', (id, value, bounds, rest) => {
    const figure = figures.get(`derived-${id}`) ?? expect.unreachable(id)
    expect(figure).toMatchObject(rest)
    expect(figure.value).toBeCloseTo(value, 9)
    for (const side of ['value_low', 'value_high'] as const) {
      if (bounds[side] === null) expect(figure[side]).toBeNull()
      else expect(figure[side]).toBe(figure.value)
      expect(figure[`${side}_inclusive`]).toBe(bounds[`${side}_inclusive`])
    }
  })

  it('are computed the same from the printed numbers as by hand: 35,109.49 ha, 0.004354 t/ha, 111.1 percent', () => {
    const value = (id: string) => figures.get(`derived-${id}`)?.value
    expect(value('coca-eradication-change-2019-2020')?.toFixed(2)).toBe('35109.49')
    expect(value('coca-eradication-2019')?.toFixed(2)).toBe('94890.51')
    expect(value('coca-cultivation-2013')?.toFixed(1)).toBe('80384.6')
    expect(value('cocaine-production-2013')?.toFixed(1)).toBe('232.1')
    expect(value('cocaine-production-per-hectare-2017')?.toPrecision(4)).toBe('0.004354')
    expect(value('blackhawk-helicopters-growth-2018')?.toFixed(1)).toBe('111.1')
  })

  it('rest on what was published by the day of their latest input', () => {
    const documents = readSeed(seedDirectory).documents
    for (const { id, ancestors, published_latest } of figures.values()) {
      const days = documents
        .filter((document) => document.figures.some((figure) => ancestors.has(figure.id)))
        .map((document) => document.published_latest)
      expect(days.toSorted().at(-1), id).toBe(published_latest)
    }
  })
})
