/** Derived figures: named methods that compute one figure from others, with bounds that travel (the codebook says how). */
import type { BaselineBasis, ClaimType, DerivationMethod, Measure, PeriodBasis } from '../schemas/vocabularies.ts'
import type { Bounds } from './bounds.ts'
import {
  boundsOfInterval,
  everything,
  intervalOf,
  multiply,
  reciprocal,
  subtract,
  through,
  type Interval,
} from './interval.ts'
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
  /** Over intervals; over points it is the formula itself. `years` are those from the second input to the first. */
  compute: (first: Interval, second: Interval, years: number) => Interval
  time: (first: Quantity, second: Quantity) => Time
  /** How the times of the inputs do not fit one another; null where they do. */
  misfit: (first: Quantity, second: Quantity) => string | null
}

const percent = (interval: Interval, f: (part: number) => number) => through(interval, (x) => f(x / 100))

/** A relative change through a function with a pole at −100 %: below it there is no level that could have changed so. */
const abovePole = (change: Interval, f: (part: number) => number) =>
  change.low.at < -100 || (change.low.at === -100 && change.low.closed) ? everything : percent(change, f)

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

export const methods: Readonly<Record<DerivationMethod, Method>> = {
  level_before_change: {
    inputs: { level: 'level', change: 'relative_change' },
    gives: 'level',
    // Each input stands once in it, so the bounds are tight.
    compute: (level, change) =>
      multiply(
        level,
        abovePole(change, (part) => 1 / (1 + part)),
      ),
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
    compute: (level, change) =>
      multiply(
        level,
        percent(change, (part) => 1 + part),
      ),
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
    compute: (level, change) =>
      multiply(
        level,
        abovePole(change, (part) => (part === Infinity ? 1 : part / (1 + part))),
      ),
    time: (_, change) => timeOf(change),
    misfit: samePeriod,
  },
  share_of_level: {
    inputs: { level: 'level', share: 'share' },
    gives: 'level',
    compute: (level, share) =>
      multiply(
        level,
        percent(share, (part) => part),
      ),
    time: timeOf,
    misfit: samePeriod,
  },
  difference: {
    inputs: { later: 'level', earlier: 'level' },
    gives: 'change',
    compute: subtract,
    time: since,
    misfit: inTurn,
  },
  relative_change: {
    inputs: { later: 'level', earlier: 'level' },
    gives: 'relative_change',
    compute: (later, earlier) => through(multiply(later, reciprocal(earlier)), (times) => (times - 1) * 100),
    time: since,
    misfit: inTurn,
  },
  ratio: {
    inputs: { numerator: 'level', denominator: 'level' },
    gives: 'level',
    compute: (numerator, denominator) => multiply(numerator, reciprocal(denominator)),
    time: timeOf,
    misfit: samePeriod,
  },
  annual_rate: {
    inputs: { later: 'level', earlier: 'level' },
    gives: 'rate',
    compute: (later, earlier, years) => through(subtract(later, earlier), (change) => change / years),
    time: (later, earlier) => ({
      period: `${earlier.period}/${later.period}`,
      period_basis: later.period_basis === 'stated' && earlier.period_basis === 'stated' ? 'stated' : 'inferred',
      baseline_year: null,
      baseline_basis: null,
    }),
    misfit: (later, earlier) =>
      later.year > earlier.year ? null : `there is no year between ${earlier.period} and ${later.period}`,
  },
}

const point = (value: number): Interval => ({ low: { at: value, closed: true }, high: { at: value, closed: true } })

/**
 * The value and the bounds that a method gives, unrounded: the value from the values, the bounds from the corners of the
 * bounds. Null where the values themselves give none, as when one is divided by zero.
 */
export function compute(
  method: DerivationMethod,
  first: Quantity,
  second: Quantity,
): (Bounds & { value: number }) | null {
  if (first.value === null || second.value === null) return null
  const years = first.year - second.year
  const by = methods[method].compute
  const value = by(point(first.value), point(second.value), years).low.at
  if (!Number.isFinite(value)) return null
  return { value, ...boundsOfInterval(by(intervalOf(first), intervalOf(second), years)) }
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
  const { inputs: wanted, gives, time, misfit } = methods[method]
  const [firstName = '', secondName = ''] = Object.keys(wanted)
  const [first, second] = [inputs[firstName], inputs[secondName]]
  if (first === undefined || second === undefined || Object.keys(inputs).length !== 2) {
    fault('inputs', `expected ${firstName} and ${secondName} for ${method}`)
    return null
  }
  for (const [name, measure] of Object.entries(wanted)) {
    if (inputs[name]?.measure !== measure)
      fault(`inputs.${name}`, `expected a ${measure}, got a ${inputs[name]?.measure}`)
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
  const numbers = compute(method, first, second)
  if (numbers === null) {
    fault('inputs', 'expected values that give one')
    return null
  }
  const unlike = [
    ...(first.scope === second.scope ? [] : [`the scopes ${first.scope} and ${second.scope}`]),
    ...[misfit(first, second)].filter((what) => what !== null),
  ]
  if (unlike.length > 0 && assumes === null)
    fault('assumes', `expected what is assumed, since there are ${unlike.join('; ')}`)
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
