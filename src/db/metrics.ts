import { asc, count, countDistinct, eq, gt, max, min, sql } from 'drizzle-orm'
import { compiled, given, limitGiven, type Db } from './client.ts'
import { figure, metric, metricScope, unit } from './schema.ts'

const summary = {
  id: metric.id,
  title: metric.title,
  definition: metric.definition,
  topic: metric.topic,
  unit: metric.unit,
  unit_title: sql<string>`${unit.title}`.as('unit_title'),
  additive: metric.additive,
  // What an index has, so that no figure is read.
  figure_count: count(figure.metric),
  document_count: countDistinct(figure.document),
  year_first: min(figure.year),
  year_last: max(figure.year),
}

const summaries = (db: Db) =>
  db
    .select(summary)
    .from(metric)
    .innerJoin(unit, eq(unit.id, metric.unit))
    .leftJoin(figure, eq(figure.metric, metric.id))
    .groupBy(metric.id)
    .orderBy(asc(metric.id))

/** A page of metrics by id, after an id ('' for the start). */
export const listMetrics = (db: Db, after: string, limit: number) => metricsAfter(db).all({ after, limit })
const metricsAfter = compiled((db) =>
  summaries(db)
    .where(gt(metric.id, given('after')))
    .limit(limitGiven('limit'))
    .prepare(),
)

/** One metric, or undefined. */
export const getMetric = (db: Db, id: string) => metricById(db).get({ id })
const metricById = compiled((db) =>
  summaries(db)
    .where(eq(metric.id, given('id')))
    .prepare(),
)

/** The scopes of a metric, by id. */
export const listScopes = (db: Db, id: string) => scopesOf(db).all({ id })
const scopesOf = compiled((db) =>
  db
    .select({ scope: metricScope.scope, definition: metricScope.definition, figure_count: count(figure.id) })
    .from(metricScope)
    .leftJoin(figure, sql`${figure.metric} = ${metricScope.metric} AND ${figure.scope} = ${metricScope.scope}`)
    .where(eq(metricScope.metric, given('id')))
    .groupBy(metricScope.scope)
    .orderBy(asc(metricScope.scope))
    .prepare(),
)

/** The scopes of all metrics, as these define them. */
export const listScopeDefinitions = (db: Db) =>
  db
    .select({ metric: metricScope.metric, scope: metricScope.scope, definition: metricScope.definition })
    .from(metricScope)
    .all()
