import { and, asc, eq, gt, or, sql, type SQL } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/sqlite-core'
import type { FigureSort, TermColumn } from '../schemas/vocabularies.ts'
import type { Db } from './client.ts'
import { comparison, document, evidence, servedFigure, servedKey, type CodedColumn, type RankColumn } from './schema.ts'
import {
  prepareSearch,
  statement,
  type FacetCount,
  type FigureFilter,
  type FigureIndex,
  type Search,
} from './search.ts'

const ranks: Readonly<Record<Exclude<FigureSort, 'relevance'>, 'position' | RankColumn>> = {
  '-year': 'position',
  year: 'by_year',
  value: 'by_value',
  '-value': 'by_value_desc',
  metric: 'by_metric',
  document: 'by_document',
  published: 'by_published',
  '-published': 'by_published_desc',
  id: 'by_id',
}

/** A figure's id and its flat row as JSON, without its `url`. */
export type StoredFigure = { id: string; row: string }

/** A figure in a list, with its rank in the order of the list. */
export type ListedFigure = StoredFigure & { rank: number }

const matchesWords = sql`served_text MATCH ${sql.placeholder('words')}`

/** A page of figures in an order, after a rank in it (0: from the start). */
export function listFigures(
  index: FigureIndex,
  filter: FigureFilter,
  sort: FigureSort,
  after: number,
  limit: number,
): ListedFigure[] {
  const search = prepareSearch(index, filter)
  if (search === null) return []
  if (search.words !== undefined && sort !== '-year') {
    const ranking = rankFound(index, search, sort)
    const stored = storedAt(index, ranking.subarray(after, after + limit))
    return stored.map((figure, at) => ({ rank: after + at + 1, ...figure }))
  }
  if (sort === 'relevance') throw new Error('there are no words to be relevant to')
  const compiled = statement(index, `page ${sort} ${search.shape}`, () => composePage(index.db, search, ranks[sort]))
  return compiled.all({ ...search.parameters, after, limit }) as ListedFigure[]
}

/** Ranks and positions come from an index, in order; only the rows of the page are fetched. */
function composePage(db: Db, { drive, tests, words }: Search, rankColumn: 'position' | RankColumn) {
  const rank = servedKey[rankColumn]
  const selected = { rank: sql<number>`${rank}`.as('rank'), position: sql<number>`${servedKey.position}`.as('place') }
  const from = (start: SQL | undefined) =>
    db
      .select(selected)
      .from(servedKey)
      .where(and(start, gt(rank, sql.placeholder('after')), ...tests))
  const limit = sql.placeholder('limit')
  const found = () => {
    if (words !== undefined) {
      // FTS5 gives what it finds by position, which is the default order; asked for by its own name, nothing is sorted.
      const found = sql<number>`served_text.rowid`
      return db
        .select({ ...selected, rank: found.as('rank') })
        .from(sql`served_text`)
        .innerJoin(servedKey, sql`${servedKey.position} = served_text.rowid`)
        .where(and(matchesWords, gt(found, sql.placeholder('after')), ...tests))
        .orderBy(found)
        .limit(limit)
        .as('page')
    }
    // One branch for each term, each in order already: SQLite merges them and sorts nothing.
    const [first, second, ...more] = (drive?.codes ?? []).map((_, arm) =>
      from(eq(servedKey[drive?.column ?? 'position'], sql.placeholder(`drive_${arm}`))),
    )
    const inOrder = sql`rank`
    if (first === undefined) return from(undefined).orderBy(inOrder).limit(limit).as('page')
    if (second === undefined) return first.orderBy(inOrder).limit(limit).as('page')
    return unionAll(first, second, ...more)
      .orderBy(inOrder)
      .limit(limit)
      .as('page')
  }
  const page = found()
  return db
    .select({ rank: page.rank, id: servedFigure.id, row: servedFigure.row })
    .from(page)
    .innerJoin(servedFigure, eq(servedFigure.position, page.position))
    .orderBy(sql`${page.rank}`)
}

/** From where a search counts: all that its drive, its words or nothing gives. */
function composeCount(db: Db, { drive, tests, words }: Search, column: CodedColumn | null) {
  const key = column === null ? sql<null>`NULL` : sql<number | null>`${servedKey[column]}`
  const selected = { code: key.as('code'), count: sql<number>`count(*)`.as('figures') }
  const start =
    drive === undefined
      ? undefined
      : sql`${servedKey[drive.column]} IN (SELECT value FROM json_each(${sql.placeholder('drive')}))`
  const query =
    words === undefined
      ? db
          .select(selected)
          .from(servedKey)
          .where(and(start, ...tests))
      : db
          .select(selected)
          .from(sql`served_text`)
          .innerJoin(servedKey, sql`${servedKey.position} = served_text.rowid`)
          .where(and(matchesWords, ...tests))
  return column === null ? query : query.groupBy(sql`code`)
}

/** Counts of a search, by the terms of a column or in all, remembered. */
function countBy(index: FigureIndex, search: Search, column: CodedColumn | null): readonly FacetCount[] {
  const shape = `count ${column ?? ''} ${search.shape}`
  const key = `${shape} ${JSON.stringify(search.parameters)}`
  let counts = index.counts.get(key)
  if (counts === undefined) {
    const rows = statement(index, shape, () => composeCount(index.db, search, column)).all(search.parameters)
    const terms = new Map(column === null ? [] : index.terms.get(column)?.map(({ code, term }) => [code, term]))
    counts = (rows as { code: number | null; count: number }[]).map(({ code, count }) => ({
      term: code === null ? null : (terms.get(code) ?? null),
      count,
    }))
    index.counts.set(key, counts)
  }
  return counts
}

/** How many figures match; exact. */
export function countFigures(index: FigureIndex, filter: FigureFilter): number {
  const search = prepareSearch(index, filter)
  if (search === null) return 0
  if (search.words === undefined && search.tests.length === 0) return search.drive?.figures ?? index.figures
  return countBy(index, search, null)[0]?.count ?? 0
}

/** How many of the matching figures have each term of a column, null among them: the most frequent first. */
export function countTerms(index: FigureIndex, filter: FigureFilter, column: TermColumn): FacetCount[] {
  const search = prepareSearch(index, filter)
  if (search === null) return []
  return countBy(index, search, column).toSorted(
    (a, b) =>
      b.count - a.count ||
      Number(a.term === null) - Number(b.term === null) ||
      ((a.term ?? '') < (b.term ?? '') ? -1 : 1),
  )
}

/**
 * The positions of the figures that match words, in an order, ties by id: sorted once, and kept, since words are found in
 * no order but the default one.
 */
function rankFound(index: FigureIndex, search: Search, sort: FigureSort): Uint32Array {
  const shape = `ranking ${sort} ${search.shape}`
  const key = `${shape} ${JSON.stringify(search.parameters)}`
  let ranking = index.rankings.get(key)
  if (ranking === undefined) {
    // What a figure is of says more than what it says, and that more than who published it.
    const byRelevance = [sql`bm25(served_text, 2.0, 2.0, 4.0, 4.0, 2.0, 2.0, 1.0)`, asc(servedKey.by_id)]
    const compiled = statement(index, shape, () =>
      index.db
        .select({ position: servedKey.position })
        .from(sql`served_text`)
        .innerJoin(servedKey, sql`${servedKey.position} = served_text.rowid`)
        .where(and(matchesWords, ...search.tests))
        .orderBy(...(sort === 'relevance' ? byRelevance : [asc(servedKey[ranks[sort]])])),
    )
    const rows = compiled.all(search.parameters) as { position: number }[]
    ranking = Uint32Array.from(rows, ({ position }) => position)
    index.rankings.set(key, ranking)
  }
  return ranking
}

/** The figures at some positions, in their order. */
function storedAt(index: FigureIndex, positions: Uint32Array): StoredFigure[] {
  const compiled = statement(index, 'stored', () =>
    index.db
      .select({ position: servedFigure.position, id: servedFigure.id, row: servedFigure.row })
      .from(servedFigure)
      .where(sql`${servedFigure.position} IN (SELECT value FROM json_each(${sql.placeholder('positions')}))`),
  )
  const found = compiled.all({ positions: JSON.stringify([...positions]) }) as (StoredFigure & { position: number })[]
  const byPosition = new Map(found.map(({ position, ...figure }) => [position, figure]))
  return [...positions].flatMap((position) => byPosition.get(position) ?? [])
}

/** One figure, or undefined. */
export function getFigure(db: Db, id: string): StoredFigure | undefined {
  return db
    .select({ id: servedFigure.id, row: servedFigure.row })
    .from(servedFigure)
    .where(eq(servedFigure.id, id))
    .get()
}

/** The ids of the documents that had not, or not surely, been published by a day. */
export function listDocumentsAfter(index: FigureIndex, day: string): string[] {
  const later = statement(index, 'documents after', () =>
    index.db
      .select({ id: document.id })
      .from(document)
      .where(gt(document.published_latest, sql.placeholder('day')))
      .orderBy(asc(document.id)),
  ).all({ day }) as { id: string }[]
  return later.map(({ id }) => id)
}

/** The places outside its quote that a figure rests on, in the order of the text. */
export function listEvidence(db: Db, id: string) {
  return db
    .select({ role: evidence.role, start: evidence.start, end: evidence.end })
    .from(evidence)
    .where(eq(evidence.figure, id))
    .orderBy(asc(evidence.start), asc(evidence.role))
    .all()
}

/** The comparisons that a figure is part of, by id. */
export function listComparisonsOf(db: Db, id: string) {
  return db
    .select()
    .from(comparison)
    .where(or(eq(comparison.figure_a, id), eq(comparison.figure_b, id)))
    .orderBy(asc(comparison.id))
    .all()
}
