import { asc, count, countDistinct, eq, gt, max, min, sql } from 'drizzle-orm'
import { compiled, type Db } from './client.ts'
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
export function listMetrics(db: Db, after: string, limit: number) {
  return summaries(db).where(gt(metric.id, after)).limit(limit).all()
}

/** One metric, or undefined. */
export const getMetric = (db: Db, id: string) => metricById(db).get({ id })
const metricById = compiled((db) =>
  summaries(db)
    .where(eq(metric.id, sql.placeholder('id')))
    .prepare(),
)

/** The scopes of a metric, by id. */
export function listScopes(db: Db, id: string) {
  return db
    .select({ scope: metricScope.scope, definition: metricScope.definition, figure_count: count(figure.id) })
    .from(metricScope)
    .leftJoin(figure, sql`${figure.metric} = ${metricScope.metric} AND ${figure.scope} = ${metricScope.scope}`)
    .where(eq(metricScope.metric, id))
    .groupBy(metricScope.scope)
    .orderBy(asc(metricScope.scope))
    .all()
}
