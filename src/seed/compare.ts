/** Comparisons: which figures speak of the same thing, and how they relate (the codebook, "Comparisons"). */
import type { ClaimType, Measure, Origin, Qualifier, Relation, Superlative } from '../schemas/vocabularies.ts'
import type { Bounds } from './bounds.ts'
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

const sameSubject = (a: Comparable, b: Comparable) =>
  a.metric === b.metric &&
  a.measure === b.measure &&
  a.claim_type === b.claim_type &&
  a.place === b.place &&
  a.unit === b.unit &&
  a.baseline_year === b.baseline_year

const samePeriod = (a: Comparable, b: Comparable) =>
  (a.period_start === b.period_start && a.period_end === b.period_end) ||
  (a.year === b.year && (a.period_basis === 'document' || b.period_basis === 'document'))

/** By code units, so that the order is the same on every machine. */
const byText = (a: string, b: string) => (a < b ? -1 : Number(a > b))

/** The earlier printed first: by publication, then place in the text, then id; derived figures last. */
const inOrder = (a: Comparable, b: Comparable) =>
  Number(a.origin === 'derived') - Number(b.origin === 'derived') ||
  byText(a.published_latest, b.published_latest) ||
  (a.quote_start ?? 0) - (b.quote_start ?? 0) ||
  byText(a.id, b.id)

/** The pairs of neighbours in time within each series of running totals. */
function runningTotals(figures: readonly Comparable[]): Set<string> {
  const totals = figures.filter((figure) => figure.measure === 'cumulative')
  const series = Map.groupBy(totals, (figure) =>
    JSON.stringify([
      ...[figure.metric, figure.scope, figure.claim_type, figure.place],
      ...[figure.unit, figure.baseline_year, voice(figure)],
    ]),
  )
  const pairs = new Set<string>()
  for (const points of series.values()) {
    const ordered = points.toSorted((a, b) => byText(a.period_end, b.period_end) || inOrder(a, b))
    for (const [index, point] of ordered.entries()) {
      const next = ordered[index + 1]
      if (next !== undefined) pairs.add(pairKey(point, next))
    }
  }
  return pairs
}

const pairKey = (a: Comparable, b: Comparable) => [a.id, b.id].toSorted().join(' ')

const minus = (a: number | null, b: number | null) =>
  // A difference of decimals carries float noise (579.9 − 85.2), which no print has.
  a === null || b === null ? null : Number((a - b).toPrecision(15))

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
  const sameClaim =
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

/** Every comparison among the figures, in the order of their ids. */
export function compareFigures(figures: readonly Comparable[]): Comparison[] {
  const neighbours = runningTotals(figures)
  const comparisons: Comparison[] = []
  for (const [index, one] of figures.entries()) {
    for (const other of figures.slice(index + 1)) {
      if (!sameSubject(one, other)) continue
      if (!samePeriod(one, other) && !neighbours.has(pairKey(one, other))) continue
      const [a, b] = inOrder(one, other) <= 0 ? [one, other] : [other, one]
      const compatible = bothPossible(a, b)
      comparisons.push({
        id: `${a.id}-vs-${b.id}`,
        figure_a: a.id,
        figure_b: b.id,
        metric: a.metric,
        relation: relate(a, b, compatible),
        compatible,
        involves_derived: a.origin === 'derived' || b.origin === 'derived',
        gap_low: minus(b.value_low, a.value_high),
        gap_high: minus(b.value_high, a.value_low),
      })
    }
  }
  return comparisons.toSorted((a, b) => byText(a.id, b.id))
}

/** The relations that a person must explain in `comparisons.yaml`. */
export const needsReason: readonly Relation[] = ['different_scope', 'revises', 'conflicts']
