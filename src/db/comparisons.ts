import { and, asc, count, eq, exists, gt, inArray, or, sql, type SQL } from 'drizzle-orm'
import { union, type SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { LRUCache } from 'lru-cache'
import type { Relation } from '../schemas/vocabularies.ts'
import type { Db } from './client.ts'
import { comparison, figure } from './schema.ts'
import type { FigureIndex } from './search.ts'

/** Which comparisons: terms of one name widen (OR), different names narrow (AND). */
export type ComparisonFilter = {
  relation?: readonly Relation[] | undefined
  metric?: readonly string[] | undefined
  /** Of either figure. */
  document?: readonly string[] | undefined
  /** Of either figure. */
  year?: readonly number[] | undefined
  compatible?: readonly boolean[] | undefined
  involves_derived?: readonly boolean[] | undefined
}

/** The comparisons of a release, and how many match what was asked before: it never changes. */
export type ComparisonIndex = { db: Db; figures: FigureIndex; totals: LRUCache<string, number> }

/** Nothing is read until it is asked for. */
export const openComparisons = (figures: FigureIndex): ComparisonIndex => ({
  db: figures.db,
  figures,
  totals: new LRUCache({ maxSize: 1_000_000, sizeCalculation: (_total, key) => key.length + 100 }),
})

/**
 * Where terms have up to this share of all figures, a page is quicker from looking up their comparisons; where more, from
 * testing one comparison after another: many figures have many comparisons, and the page is soon full.
 */
const fewFigures = 1 / 200

/** A page of comparisons by id, after an id ('' for the start). */
export function listComparisons(index: ComparisonIndex, filter: ComparisonFilter, after: string, limit: number) {
  return index.db
    .select()
    .from(comparison)
    .where(and(gt(comparison.id, after), ...conditions(index, filter, fewFigures)))
    .orderBy(asc(comparison.id))
    .limit(limit)
    .all()
}

/** How many comparisons match; exact. */
export function countComparisons(index: ComparisonIndex, filter: ComparisonFilter): number {
  const key = JSON.stringify(filter)
  let total = index.totals.get(key)
  if (total === undefined) {
    const found = index.db
      .select({ total: count() })
      .from(comparison)
      .where(and(...conditions(index, filter, Infinity)))
      .get()
    index.totals.set(key, (total = found?.total ?? 0))
  }
  return total
}

/** What a filter asks; comparisons of up to a share `few` of all figures are looked up, of more tested. */
function conditions(index: ComparisonIndex, filter: ComparisonFilter, few: number): (SQL | undefined)[] {
  const { relation, metric, document, year, compatible, involves_derived } = filter
  return [
    relation && inArray(comparison.relation, relation),
    metric && inArray(comparison.metric, metric),
    document && ofEither(index, few, 'document', document),
    year && ofEither(index, few, 'year', year),
    compatible && inArray(comparison.compatible, compatible),
    involves_derived && inArray(comparison.involves_derived, involves_derived),
  ]
}

/** That one of its two figures has one of some terms. */
function ofEither(
  { db, figures }: ComparisonIndex,
  few: number,
  column: 'document' | 'year',
  terms: readonly (string | number)[],
) {
  const has = inArray(figure[column], terms)
  const known = figures.terms().get(column)
  const having = [...new Set(terms.map(String))].reduce((sum, term) => sum + (known?.get(term) ?? 0), 0)
  if (having > few * figures.figures) {
    const test = (side: SQLiteColumn) =>
      exists(
        db
          .select({ id: figure.id })
          .from(figure)
          .where(and(eq(figure.id, side), has)),
      )
    return or(test(comparison.figure_a), test(comparison.figure_b))
  }
  const comparisonsBy = (side: SQLiteColumn) =>
    db.select({ id: comparison.id }).from(figure).innerJoin(comparison, eq(side, figure.id)).where(has)
  return sql`${comparison.id} IN ${union(comparisonsBy(comparison.figure_a), comparisonsBy(comparison.figure_b))}`
}
