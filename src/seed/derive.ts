/** Derived figures: named methods that compute one figure from others, with bounds that travel (the codebook says how). */
import type { BaselineBasis, ClaimType, DerivationMethod, Measure, PeriodBasis } from '../schemas/vocabularies.ts'
import type { Bounds } from './bounds.ts'
import { exactly, minus } from './exact.ts'
import { boundsOfInterval, everything, intervalOf, isAbove, isBelow, overCorners, point } from './interval.ts'
import type { Interval, Monotone } from './interval.ts'
import { readPeriod, type Period } from './period.ts'

/** What a derivation needs to know of an input, and gives of its result. */
export type Quantity = Bounds &
  Period & {
    metric: string
    scope: string
    measure: Measure
    claim_type: ClaimType
    value: number | null
    unit: string
    period: string
    period_basis: PeriodBasis
    baseline_year: number | null
    baseline_basis: BaselineBasis | null
    place: string
    actor: string | null
  }

/** When a result holds: its period, and the year that it is counted from where it is a change. */
type Time = Pick<Quantity, 'period' | 'period_basis' | 'baseline_year' | 'baseline_basis'>

type Method = {
  /** The names of the inputs, in order, with the measure that each must have. */
  inputs: Readonly<Record<string, Measure>>
  gives: Measure
  /** `years` are those from the second input to the first. */
  formula: (years: number) => Monotone
  /** Whether the formula means something for all that the second input may be. */
  isDefinedFor?: (second: Interval) => boolean
  time: (first: Quantity, second: Quantity) => Time
  /** What of the times of the inputs would have to be assumed away; null where they fit one another. */
  misfit?: (first: Quantity, second: Quantity) => string | null
  /** What of the times of the inputs no assumption mends; null where nothing. */
  disorder?: (first: Quantity, second: Quantity) => string | null
}

/** Below −100 % there is no level that could have changed so, and at −100 % none is left to tell it from. */
const leavesSome = (change: Interval) => isAbove(change, -100)

const isNever0 = (divisor: Interval) => isAbove(divisor, 0) || isBelow(divisor, 0)

const timeOf = ({ period, period_basis, baseline_year, baseline_basis }: Quantity): Time => ({
  period,
  period_basis,
  baseline_year,
  baseline_basis,
})

const since = (later: Quantity, earlier: Quantity): Time => ({
  ...timeOf(later),
  baseline_year: earlier.year,
  // A year that stands in for none is no year that a document states.
  baseline_basis: earlier.period_basis === 'stated' ? 'stated' : 'inferred',
})

const samePeriod = (a: Quantity, b: Quantity) =>
  a.period_start === b.period_start && a.period_end === b.period_end
    ? null
    : `${a.period} and ${b.period} are two periods`

const inTurn = (later: Quantity, earlier: Quantity) =>
  earlier.period_end < later.period_end ? null : `${later.period} does not come after ${earlier.period}`

// Each formula has each input once or is monotone in it, so that the bounds are tight.
export const methods: Readonly<Record<DerivationMethod, Method>> = {
  level_before_change: {
    inputs: { level: 'level', change: 'relative_change' },
    gives: 'level',
    formula: () => ({
      at: exactly((level, change) => level.times(100).div(change.plus(100))),
      settledBy: { first: 0 },
    }),
    isDefinedFor: leavesSome,
    time: (_, change) => ({
      period: String(change.baseline_year),
      period_basis: change.baseline_basis ?? 'inferred',
      baseline_year: null,
      baseline_basis: null,
    }),
    misfit: samePeriod,
  },
  level_after_change: {
    inputs: { level: 'level', change: 'relative_change' },
    gives: 'level',
    formula: () => ({
      at: exactly((level, change) => level.times(change.plus(100)).div(100)),
      settledBy: { first: 0, second: -100 },
    }),
    time: (_, change) => ({ ...timeOf(change), baseline_year: null, baseline_basis: null }),
    misfit: (level, change) =>
      change.baseline_year === level.year
        ? null
        : `the change is counted from ${change.baseline_year}, the level is of ${level.period}`,
  },
  change_from_relative: {
    inputs: { level: 'level', change: 'relative_change' },
    gives: 'change',
    // Not level − level ÷ (1 + change), in which the level stands twice: its bounds would be too wide.
    formula: () => ({
      at: exactly((level, change) => (change.eq(Infinity) ? level : level.times(change).div(change.plus(100)))),
      settledBy: { first: 0, second: 0 },
    }),
    isDefinedFor: leavesSome,
    time: (_, change) => timeOf(change),
    misfit: samePeriod,
  },
  share_of_level: {
    inputs: { level: 'level', share: 'share' },
    gives: 'level',
    formula: () => ({
      at: exactly((level, share) => level.times(share).div(100)),
      settledBy: { first: 0, second: 0 },
    }),
    time: timeOf,
    misfit: samePeriod,
  },
  difference: {
    inputs: { later: 'level', earlier: 'level' },
    gives: 'change',
    formula: () => ({ at: minus }),
    time: since,
    disorder: inTurn,
  },
  relative_change: {
    inputs: { later: 'level', earlier: 'level' },
    gives: 'relative_change',
    formula: () => ({
      // All is lost against infinity.
      at: exactly((later, earlier) =>
        later.isFinite() && !earlier.isFinite() ? -100 : later.minus(earlier).times(100).div(earlier),
      ),
      settledBy: { first: 0 },
    }),
    isDefinedFor: isNever0,
    time: since,
    disorder: inTurn,
  },
  ratio: {
    inputs: { numerator: 'level', denominator: 'level' },
    gives: 'level',
    formula: () => ({
      at: exactly((numerator, denominator) => numerator.div(denominator)),
      settledBy: { first: 0 },
    }),
    isDefinedFor: isNever0,
    time: timeOf,
    misfit: samePeriod,
  },
  annual_rate: {
    inputs: { later: 'level', earlier: 'level' },
    gives: 'rate',
    formula: (years) => ({ at: exactly((later, earlier) => later.minus(earlier).div(years)) }),
    time: (later, earlier) => ({
      // From the end of the one to the end of the other, between which the years are counted.
      period: [earlier, later].map(({ period }) => period.split('/').at(-1)).join('/'),
      period_basis: later.period_basis === 'stated' && earlier.period_basis === 'stated' ? 'stated' : 'inferred',
      baseline_year: null,
      baseline_basis: null,
    }),
    disorder: (later, earlier) =>
      later.year > earlier.year ? null : `there is no year from ${earlier.period} to ${later.period}`,
  },
}

/**
 * The value and the bounds that a method gives, unrounded: the value from the values, the bounds from the corners of the
 * bounds. Null where the values themselves give none, as when one is divided by zero.
 */
export function compute(
  method: DerivationMethod,
  first: Pick<Quantity, 'value' | 'year' | keyof Bounds>,
  second: Pick<Quantity, 'value' | 'year' | keyof Bounds>,
): (Bounds & { value: number }) | null {
  if (first.value === null || second.value === null) return null
  const { formula, isDefinedFor = () => true } = methods[method]
  const over = (a: Interval, b: Interval) =>
    isDefinedFor(b) ? overCorners(a, b, formula(first.year - second.year)) : everything
  const value = over(point(first.value), point(second.value)).low.at
  if (!Number.isFinite(value)) return null
  return { value, ...boundsOfInterval(over(intervalOf(first), intervalOf(second))) }
}

/** What a derived figure is to be, as its record says. */
export type Derivation = {
  metric: string
  /** Unit of the metric. */
  unit: string
  method: DerivationMethod
  /** By the names that the method has for them. */
  inputs: Readonly<Record<string, Quantity>>
  /** What is taken for granted where the inputs are of unlike scope, period or baseline. */
  assumes: string | null
}

/**
 * A derived figure, or what keeps it from being one.
 *
 * @param fault is told of each field of the record that is wrong, and how.
 */
export function derive(
  { metric, unit, method, inputs, assumes }: Derivation,
  fault: (field: string, message: string) => void,
): Quantity | null {
  const { inputs: wanted, gives, time, misfit, disorder } = methods[method]
  const [firstName = '', secondName = ''] = Object.keys(wanted)
  const [first, second] = [inputs[firstName], inputs[secondName]]
  if (first === undefined || second === undefined || Object.keys(inputs).length !== 2) {
    fault('inputs', `expected ${firstName} and ${secondName} for ${method}`)
    return null
  }
  const mismeasured = Object.entries(wanted).filter(([name, measure]) => inputs[name]?.measure !== measure)
  for (const [name, measure] of mismeasured) {
    fault(`inputs.${name}`, `expected the measure ${measure}, got ${inputs[name]?.measure}`)
  }
  if (mismeasured.length > 0) return null
  if (first === second) {
    fault('inputs', 'expected two figures, got one twice')
    return null
  }
  const ofOneMetric = method !== 'ratio' && method !== 'share_of_level'
  if (ofOneMetric && (first.metric !== metric || second.metric !== metric)) {
    fault('inputs', `expected figures of ${metric} for ${method}`)
  }
  if (method === 'share_of_level' && first.unit !== unit) fault('inputs.level', `expected a level in ${unit}`)
  if (first.place !== second.place) fault('inputs', `expected one place, got ${first.place} and ${second.place}`)
  if (second.measure === 'relative_change' && second.baseline_year === null) {
    fault('inputs.change', 'expected a change with a baseline_year')
    return null
  }
  const disordered = disorder?.(first, second) ?? null
  if (disordered !== null) {
    fault('inputs', `expected times in turn; ${disordered}`)
    return null
  }
  const numbers = compute(method, first, second)
  if (numbers === null) {
    fault('inputs', 'expected values that give one')
    return null
  }
  const { value, value_low, value_high } = numbers
  if ([value, value_low, value_high].some((number) => Math.abs(number ?? 0) > Number.MAX_SAFE_INTEGER)) {
    fault('inputs', `expected values that give no number beyond ±${Number.MAX_SAFE_INTEGER}`)
    return null
  }
  const unlike = [
    ...(first.scope === second.scope ? [] : [`${first.scope} and ${second.scope} are two scopes`]),
    ...[misfit?.(first, second) ?? null].filter((what) => what !== null),
  ]
  if (unlike.length > 0 && assumes === null) fault('assumes', `expected what is assumed, since ${unlike.join('; ')}`)
  if (unlike.length === 0 && assumes !== null) fault('assumes', 'expected none, since the inputs are alike')
  const claims = [first.claim_type, second.claim_type]
  const when = time(first, second)
  return {
    metric,
    scope: unlike.length === 0 ? first.scope : 'unstated',
    measure: gives,
    claim_type: claims.find((claim) => claim !== 'outcome') ?? 'outcome',
    ...numbers,
    unit: gives === 'relative_change' ? 'percent' : unit,
    ...when,
    ...readPeriod(when.period),
    place: first.place,
    actor: first.actor === second.actor ? first.actor : null,
  }
}
