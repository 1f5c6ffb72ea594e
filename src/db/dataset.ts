import { asc, count, getTableColumns, isNotNull, type SQL } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Db } from './client.ts'
import {
  comparison,
  document,
  figure,
  metric,
  metricScope,
  notRecorded,
  organization,
  place,
  release,
  unit,
} from './schema.ts'

/**
 * The release that the database holds.
 *
 * @throws Error where it holds none, which a built database never does.
 */
export function getRelease(db: Db) {
  const { id: _, ...columns } = getTableColumns(release)
  const row = db.select(columns).from(release).get()
  if (row === undefined) throw new Error('the database holds no release')
  return row
}

export type Release = ReturnType<typeof getRelease>

/** How many rows of each kind the release has. */
export function countAll(db: Db) {
  const rows = (table: SQLiteTable) => db.select({ total: count() }).from(table).get()?.total ?? 0
  return {
    figures: rows(figure),
    metrics: rows(metric),
    documents: rows(document),
    comparisons: rows(comparison),
    not_recorded: rows(notRecorded),
  }
}

/** The terms in use of each filter whose vocabulary grows with the data, by id. */
export function listKnownTerms(db: Db) {
  const distinct = (column: SQLiteColumn, table: SQLiteTable, where?: SQL) =>
    db
      .selectDistinct({ term: column })
      .from(table)
      .where(where)
      .orderBy(asc(column))
      .all()
      .map(({ term }) => String(term))
  return {
    id: distinct(figure.id, figure),
    metric: distinct(metric.id, metric),
    scope: distinct(metricScope.scope, metricScope),
    unit: distinct(unit.id, unit),
    place: distinct(place.id, place),
    actor: distinct(figure.actor, figure, isNotNull(figure.actor)),
    attribution: distinct(figure.attribution, figure, isNotNull(figure.attribution)),
    document: distinct(document.id, document),
    publisher: distinct(document.publisher, document),
  }
}

/** The vocabularies that grow with the data, as terms. */
export function listTerms(db: Db) {
  return {
    unit: db.select().from(unit).orderBy(asc(unit.id)).all(),
    place: db.select().from(place).orderBy(asc(place.id)).all(),
    organization: db.select().from(organization).orderBy(asc(organization.id)).all(),
  }
}
