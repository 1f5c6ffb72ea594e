import { asc, count, getTableColumns } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { onFirstUse } from '../first-use.ts'
import type { TermColumn } from '../schemas/vocabularies.ts'
import { compiled, type Db } from './client.ts'
import { isFigure, listIds, listIdsAround } from './figures.ts'
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
  const row = onlyRelease(db).get()
  if (row === undefined) throw new Error('the database holds no release')
  return row
}
const onlyRelease = compiled((db) => {
  const { id: _, ...columns } = getTableColumns(release)
  return db.select(columns).from(release).prepare()
})

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

/** The terms of each filter whose vocabulary grows with the data, by id. */
export function listKnownTerms(db: Db) {
  const terms = (column: SQLiteColumn, table: SQLiteTable) =>
    db
      .selectDistinct({ term: column })
      .from(table)
      .orderBy(asc(column))
      .all()
      .map(({ term }) => String(term))
  const organizations = terms(organization.id, organization)
  return {
    id: knownIds(db),
    metric: terms(metric.id, metric),
    scope: terms(metricScope.scope, metricScope),
    unit: terms(unit.id, unit),
    place: terms(place.id, place),
    // Whoever stands in the vocabulary may be asked for; that nothing matches is an answer.
    actor: organizations,
    attribution: organizations,
    publisher: organizations,
    document: terms(document.id, document),
  }
}

/** Ids up to so many are known by heart, so that an unknown one is told without the database. */
const fewIds = 1000

/** The ids of figures: which there are, and which may have been meant by one that there is not. */
function knownIds(db: Db) {
  const first = listIds(db, fewIds + 1)
  if (first.length > fewIds) {
    return { has: (id: string) => isFigure(db, id), around: (id: string): readonly string[] => listIdsAround(db, id) }
  }
  const ids = new Set(first)
  return { has: (id: string) => ids.has(id), around: (): readonly string[] => first }
}

/** What people call the terms of the columns that have names, which are read when one is first asked for. */
export function openNames(db: Db): {
  titleOf: (column: TermColumn, term: string) => string | undefined
  /** All that a term is called but its id: in words, by its symbol or its code. Of documents nothing: they go by their ids. */
  namesOf: (column: TermColumn, term: string) => readonly string[]
} {
  const byId = <Row extends Named>(list: () => Row[]) =>
    onFirstUse(() => new Map<string, Named>(list().map((row) => [row.id, row])))
  const titled = (table: typeof metric | typeof document) =>
    byId(() => db.select({ id: table.id, title: table.title }).from(table).all())
  const terms = onFirstUse(() => listTerms(db))
  const organizations = byId(() => terms().organization)
  const byColumn: Partial<Record<TermColumn, () => ReadonlyMap<string, Named>>> = {
    metric: titled(metric),
    document: titled(document),
    unit: byId(() => terms().unit),
    place: byId(() => terms().place),
    publisher: organizations,
    actor: organizations,
    attribution: organizations,
  }
  const find = (column: TermColumn, term: string) => byColumn[column]?.().get(term)
  return {
    titleOf: (column, term) => find(column, term)?.title,
    namesOf(column, term) {
      const named = column === 'document' ? undefined : find(column, term)
      if (named === undefined) return []
      const { title, symbol, ucum, iso_3166 } = named
      // "tonnes (metric tons)" goes by either name.
      const names = [...title.split(/[()]/), symbol, ucum, iso_3166]
      return names.flatMap((name) => name?.trim() ?? []).filter((name) => name !== '')
    },
  }
}
type Named = { id: string; title: string; symbol?: string; ucum?: string | null; iso_3166?: string | null }

/** The vocabularies that grow with the data, as terms. */
export function listTerms(db: Db) {
  return {
    unit: db.select().from(unit).orderBy(asc(unit.id)).all(),
    place: db.select().from(place).orderBy(asc(place.id)).all(),
    organization: db.select().from(organization).orderBy(asc(organization.id)).all(),
  }
}
