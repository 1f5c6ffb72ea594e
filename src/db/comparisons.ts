import { and, asc, count, eq, exists, gt, or, sql, type SQL } from 'drizzle-orm'
import { union, type SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { LRUCache } from 'lru-cache'
import { remembered } from '../first-use.ts'
import type { Relation } from '../schemas/vocabularies.ts'
import { asGiven, compiledByShape, given, isListed, limitGiven, type Db } from './client.ts'
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
  return comparisonsAfter(index.db, shapeOf(index, filter, fewFigures)).all({ ...termsOf(filter), after, limit })
}
const comparisonsAfter = compiledByShape((db, shape: Shape) =>
  db
    .select()
    .from(comparison)
    .where(and(gt(comparison.id, given('after')), ...conditions(db, shape)))
    .orderBy(asc(comparison.id))
    .limit(limitGiven('limit'))
    .prepare(),
)

/** How many comparisons match; exact. */
export function countComparisons(index: ComparisonIndex, filter: ComparisonFilter): number {
  return remembered(index.totals, JSON.stringify(filter), () => {
    const found = comparisonCount(index.db, shapeOf(index, filter, Infinity)).get(termsOf(filter))
    return found?.total ?? 0
  })
}
const comparisonCount = compiledByShape((db, shape: Shape) =>
  db
    .select({ total: count() })
    .from(comparison)
    .where(and(...conditions(db, shape)))
    .prepare(),
)

/** Which names a filter has, and of what its two figures have, whether many figures have it. */
type Shape = Readonly<Record<keyof ComparisonFilter | 'many_by_document' | 'many_by_year', boolean>>

/** The shape of a filter, where terms of more than a share `few` of all figures are those of many. */
function shapeOf({ figures }: ComparisonIndex, filter: ComparisonFilter, few: number): Shape {
  const areMany = (column: 'document' | 'year') => {
    if (filter[column] === undefined) return false
    const known = figures.terms().get(column)
    const having = [...new Set(filter[column].map(String))].reduce((sum, term) => sum + (known?.get(term) ?? 0), 0)
    return having > few * figures.figures
  }
  return {
    relation: filter.relation !== undefined,
    metric: filter.metric !== undefined,
    document: filter.document !== undefined,
    year: filter.year !== undefined,
    compatible: isEither(filter.compatible),
    involves_derived: isEither(filter.involves_derived),
    many_by_document: areMany('document'),
    many_by_year: areMany('year'),
  }
}

/** Whether one of true and false is asked for; both leave nothing out. */
const isEither = (terms: readonly boolean[] | undefined) => new Set(terms).size === 1

/** What a filter asks for, as conditions of its shape are given it. */
const termsOf = ({ compatible, involves_derived, ...lists }: ComparisonFilter) => ({
  ...asGiven(lists),
  compatible: Number(compatible?.[0]),
  involves_derived: Number(involves_derived?.[0]),
})

/** What filters of a shape ask; comparisons of what few figures have are looked up, of many tested. */
const conditions = (db: Db, shape: Shape): (SQL | undefined)[] => [
  shape.relation ? isListed(comparison.relation, 'relation') : undefined,
  shape.metric ? isListed(comparison.metric, 'metric') : undefined,
  shape.document ? ofEither(db, 'document', shape.many_by_document) : undefined,
  shape.year ? ofEither(db, 'year', shape.many_by_year) : undefined,
  // One term compared takes a third less time than one looked for in a list, and all comparisons may have to be tested.
  shape.compatible ? eq(comparison.compatible, given('compatible')) : undefined,
  shape.involves_derived ? eq(comparison.involves_derived, given('involves_derived')) : undefined,
]

/** That one of its two figures has one of the terms of a list. */
function ofEither(db: Db, column: 'document' | 'year', areMany: boolean) {
  const has = isListed(figure[column], column)
  if (areMany) {
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
