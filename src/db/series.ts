import { asc, eq, sql } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import type { ClaimType, Measure } from '../schemas/vocabularies.ts'
import { compiled, given, isListed, type Db } from './client.ts'
import { document, figure, metricScope } from './schema.ts'

/** What all points of a series share. */
export type SeriesKey = {
  metric: string
  scope: string
  measure: Measure
  claim_type: ClaimType
  place: string
  unit: string
  baseline_year: number | null
  /** The attribution, else the publisher; null for what is computed. */
  voice: string | null
}

export type StoredSeries = SeriesKey & {
  id: string
  point_count: number
  /** How many of the points have their voice from an attribution. */
  attributed_count: number
  /** The row numbers of the first points, in the order of time. */
  first_points: readonly number[]
}

/** The parts of the key by which series of one metric are apart, in its order. */
export const keyParts = ['scope', 'measure', 'claim_type', 'place', 'unit', 'baseline_year', 'voice'] as const
export type KeyPart = (typeof keyParts)[number]

export type MetricSeries = {
  /** By id. */
  series: readonly StoredSeries[]
  /** What the series have in each part of the key, in order, null last. */
  terms: Readonly<Record<KeyPart, readonly (string | number | null)[]>>
  /** The definitions of the metric's scopes. */
  scopes: ReadonlyMap<string, string>
}

/** The series of metrics, remembered once they were asked for: a release never changes. */
export type SeriesIndex = { db: Db; most: number; metrics: LRUCache<string, MetricSeries> }

/** Nothing is read until it is asked for; of each series the first points are remembered, at `most` so many. */
export const openSeries = (db: Db, most: number): SeriesIndex => ({
  db,
  most,
  // A series weighs about as much as sixty row numbers.
  metrics: new LRUCache({
    maxSize: 4_000_000,
    sizeCalculation: ({ series }) => series.reduce((size, { first_points }) => size + 60 + first_points.length, 1),
  }),
})

const rowNumber = sql<number>`${figure}.rowid`

/**
 * The series of a metric. All of them come from one walk through the figures of the metric in the order of time:
 * by end of the period, its start (an open one first, since SQLite takes null for the least), publication, id.
 */
export function listSeries({ db, most, metrics }: SeriesIndex, metric: string): MetricSeries {
  const known = metrics.get(metric)
  if (known !== undefined) return known
  const figures = figuresInTime(db).all({ metric })
  const series = [...Map.groupBy(figures, ({ key }) => seriesId(key))]
    .flatMap(([id, points]) => {
      const [first] = points
      if (first === undefined) return []
      const attributed_count = points.reduce((sum, { attributed }) => sum + attributed, 0)
      const first_points = points.slice(0, most).map(({ row_number }) => row_number)
      return [{ id, ...first.key, point_count: points.length, attributed_count, first_points }]
    })
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const definitions = definitionsOf(db).all({ metric })
  const found: MetricSeries = {
    series,
    terms: Object.fromEntries(
      keyParts.map((part) => [part, [...new Set(series.map((one) => one[part]))].toSorted(nullsLast)]),
    ) as Record<KeyPart, (string | number | null)[]>,
    scopes: new Map(definitions.map(({ scope, definition }) => [scope, definition])),
  }
  metrics.set(metric, found)
  return found
}
const figuresInTime = compiled((db) =>
  db
    .select({
      key: {
        metric: figure.metric,
        scope: figure.scope,
        measure: figure.measure,
        claim_type: figure.claim_type,
        place: figure.place,
        unit: figure.unit,
        baseline_year: figure.baseline_year,
        voice: sql<string | null>`coalesce(${figure.attribution}, ${document.publisher})`.as('voice'),
      },
      attributed: sql<number>`${figure.attribution} IS NOT NULL`.as('attributed'),
      row_number: rowNumber.as('row_number'),
    })
    .from(figure)
    .leftJoin(document, eq(document.id, figure.document))
    .where(eq(figure.metric, given('metric')))
    .orderBy(asc(figure.period_end), asc(figure.period_start), asc(document.published_latest), asc(figure.id))
    .prepare(),
)
const definitionsOf = compiled((db) =>
  db
    .select({ scope: metricScope.scope, definition: metricScope.definition })
    .from(metricScope)
    .where(eq(metricScope.metric, given('metric')))
    .prepare(),
)

const nullsLast = (a: string | number | null, b: string | number | null) =>
  Number(a === null) - Number(b === null) || (String(a) < String(b) ? -1 : 1)

// No id of the dataset holds a point or is a low line, so that no two keys are written alike.
const seriesId = ({ metric, scope, measure, claim_type, place, unit, baseline_year, voice }: SeriesKey) =>
  [metric, scope, measure, claim_type, place, unit, baseline_year ?? '_', voice ?? '_'].join('.')

/** The first points of some series, of each in the order of time, rivals of one period in that of their publication. */
export function listPoints(db: Db, series: readonly StoredSeries[]) {
  const rows = JSON.stringify(series.flatMap(({ first_points }) => first_points))
  const found = pointsAt(db).all({ rows })
  const byRow = new Map(found.map(({ row_number, point }) => [row_number, point]))
  return series.map(({ first_points }) => first_points.flatMap((row) => byRow.get(row) ?? []))
}
const pointsAt = compiled((db) =>
  db
    .select({
      row_number: rowNumber.as('row_number'),
      point: {
        figure: figure.id,
        origin: figure.origin,
        claim_type: figure.claim_type,
        year: figure.year,
        period: figure.period,
        value: figure.value,
        value_low: figure.value_low,
        value_low_inclusive: figure.value_low_inclusive,
        value_high: figure.value_high,
        value_high_inclusive: figure.value_high_inclusive,
        qualifier: figure.qualifier,
        superlative: figure.superlative,
        document: figure.document,
      },
    })
    .from(figure)
    .where(isListed(rowNumber, 'rows'))
    .prepare(),
)
