/** Comparisons: which figures speak of the same thing, and how they relate (the codebook, "Comparisons"). */
import type { ClaimType, Measure, Origin, Qualifier, Relation, Superlative } from '../schemas/vocabularies.ts'
import type { Bounds } from './bounds.ts'
import { minus } from './exact.ts'
import type { Period } from './period.ts'

/** What the comparer needs to know of a figure. */
export type Comparable = Bounds &
  Period & {
    id: string
    metric: string
    scope: string
    measure: Measure
    claim_type: ClaimType
    origin: Origin
    value: number | null
    qualifier: Qualifier | null
    unit: string
    period_basis: string
    baseline_year: number | null
    place: string
    attribution: string | null
    superlative: Superlative | null
    superlative_since: number | null
    /** Null for a derived figure. */
    publisher: string | null
    document: string | null
    published_latest: string
    quote_start: number | null
    /** What a derived figure was computed from, at first or second hand: it is not held against that. */
    ancestors?: ReadonlySet<string>
  }

export type Comparison = {
  id: string
  figure_a: string
  figure_b: string
  metric: string
  relation: Relation
  /** Whether both could be true; no bound counts as open. */
  compatible: boolean
  involves_derived: boolean
  /** b.value_low − a.value_high; null where open. */
  gap_low: number | null
  /** b.value_high − a.value_low; null where open. */
  gap_high: number | null
}

const voice = (figure: Comparable) => figure.attribution ?? figure.publisher

/** What figures must share to be compared, whatever their period; no text of the dataset holds a line break. */
const subject = ({ metric, measure, claim_type, place, unit, baseline_year }: Comparable) =>
  `${metric}\n${measure}\n${claim_type}\n${place}\n${unit}\n${baseline_year}`

const equalPeriod = (a: Comparable, b: Comparable) => a.period_start === b.period_start && a.period_end === b.period_end

const isDatedByDocument = (figure: Comparable) => figure.period_basis === 'document'

const samePeriod = (a: Comparable, b: Comparable) =>
  equalPeriod(a, b) || (a.year === b.year && (isDatedByDocument(a) || isDatedByDocument(b)))

/** By code units, so that the order is the same on every machine. */
const byText = (a: string, b: string) => (a < b ? -1 : Number(a > b))

/** The earlier printed first: by publication, then place in the text, then id; derived figures last. */
const inOrder = (a: Comparable, b: Comparable) =>
  Number(a.origin === 'derived') - Number(b.origin === 'derived') ||
  byText(a.published_latest, b.published_latest) ||
  (a.quote_start ?? 0) - (b.quote_start ?? 0) ||
  byText(a.id, b.id)

type Pair = readonly [Comparable, Comparable]

/** The pairs of neighbours in time within each series of running totals; none where they are no running totals. */
function* neighbours(figures: readonly Comparable[]): Generator<Pair> {
  const totals = figures.filter((figure) => figure.measure === 'cumulative')
  for (const points of Map.groupBy(totals, (figure) => `${figure.scope}\n${voice(figure) ?? ''}`).values()) {
    const ordered = points.toSorted((a, b) => byText(a.period_end, b.period_end) || inOrder(a, b))
    for (const [index, point] of ordered.entries()) {
      const next = ordered[index + 1]
      if (next !== undefined) yield [point, next]
    }
  }
}

/**
 * The pairs among the figures of one subject, once each. Only true pairs are ever looked at, so that a subject with
 * many periods costs no more than many subjects with one.
 */
function* pairsOf(figures: readonly Comparable[]): Generator<Pair> {
  for (const group of Map.groupBy(figures, (figure) => `${figure.period_start}/${figure.period_end}`).values()) {
    for (const [index, one] of group.entries()) {
      for (const other of group.slice(index + 1)) yield [one, other]
    }
  }
  const yearOf = ({ year }: Comparable) => year
  const others = Map.groupBy(
    figures.filter((figure) => !isDatedByDocument(figure)),
    yearOf,
  )
  for (const [year, ofYear] of Map.groupBy(figures.filter(isDatedByDocument), yearOf)) {
    const candidates = [...ofYear, ...(others.get(year) ?? [])]
    for (const [index, one] of ofYear.entries()) {
      for (const other of candidates.slice(index + 1)) if (!equalPeriod(one, other)) yield [one, other]
    }
  }
  for (const [one, next] of neighbours(figures)) if (!samePeriod(one, next)) yield [one, next]
}

const gap = (a: number | null, b: number | null) => (a === null || b === null ? null : minus(a, b))

/** Whether a value of `low` can be equal to or below a value of `high`. */
function canBeBelow(low: Comparable, high: Comparable): boolean {
  return (
    low.value_low === null ||
    high.value_high === null ||
    low.value_low < high.value_high ||
    (low.value_low === high.value_high && low.value_low_inclusive === true && high.value_high_inclusive === true)
  )
}

/** Whether both figures can be true. */
function bothPossible(a: Comparable, b: Comparable): boolean {
  if (a.measure === 'cumulative') {
    // Totals counted from different starts are two numbers; one total can only grow with time.
    if (a.period_start !== b.period_start) return true
    if (a.period_end !== b.period_end) return a.period_end < b.period_end ? canBeBelow(a, b) : canBeBelow(b, a)
  }
  return canBeBelow(a, b) && canBeBelow(b, a)
}

function relate(a: Comparable, b: Comparable, compatible: boolean): Relation {
  if (a.scope !== b.scope) return 'different_scope'
  // What is computed is nobody's claim, so nobody repeats it or agrees with it.
  const claimed = a.origin === 'quoted' && b.origin === 'quoted'
  const sameClaim =
    claimed &&
    a.value === b.value &&
    a.qualifier === b.qualifier &&
    (a.value !== null || (a.superlative === b.superlative && a.superlative_since === b.superlative_since))
  if (sameClaim) return voice(a) === voice(b) ? 'repeats' : 'agrees'
  // A record without a number restates no value, and a total from another start is another number.
  const restated = a.measure !== 'cumulative' || a.period_start === b.period_start
  if (restated && a.value !== null && b.value !== null) {
    if (a.measure === 'cumulative' && a.period_end !== b.period_end) {
      // A total to an earlier time, printed later, is another number; a later total that fell takes the earlier back.
      if (a.period_end > b.period_end) return compatible ? 'compatible' : 'conflicts'
      if (b.value >= a.value && compatible) return 'updates'
    }
    const later = a.document !== b.document && a.published_latest < b.published_latest
    if (a.publisher !== null && a.publisher === b.publisher && later) return 'revises'
  }
  return compatible ? 'compatible' : 'conflicts'
}

function compare(one: Comparable, other: Comparable): Comparison {
  const [a, b] = inOrder(one, other) <= 0 ? [one, other] : [other, one]
  const compatible = bothPossible(a, b)
  return {
    id: `${a.id}-vs-${b.id}`,
    figure_a: a.id,
    figure_b: b.id,
    metric: a.metric,
    relation: relate(a, b, compatible),
    compatible,
    involves_derived: a.origin === 'derived' || b.origin === 'derived',
    gap_low: gap(b.value_low, a.value_high),
    gap_high: gap(b.value_high, a.value_low),
  }
}

/**
 * Every comparison among the figures, in the order of their ids. The work grows with the number of figures and of
 * comparisons, but for the sorting of these and of each series of running totals. Figures of different metrics never
 * meet, so the comparisons of a dataset are those of its metrics, taken one by one.
 */
export function compareFigures(figures: readonly Comparable[]): Comparison[] {
  const comparisons: Comparison[] = []
  for (const rivals of Map.groupBy(figures, subject).values()) {
    if (rivals.length === 1) continue
    for (const [one, other] of pairsOf(rivals)) {
      if (one.ancestors?.has(other.id) === true || other.ancestors?.has(one.id) === true) continue
      comparisons.push(compare(one, other))
    }
  }
  return comparisons.toSorted((a, b) => byText(a.id, b.id))
}
