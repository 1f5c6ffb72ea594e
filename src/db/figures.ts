import { asc, count, desc, eq, getTableColumns, gte, lt } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import { remembered } from '../first-use.ts'
import type { FigureSort, TermColumn } from '../schemas/vocabularies.ts'
import { compiled, given, limitGiven, type Db } from './client.ts'
import { positionsFor, type Keys } from './keys.ts'
import { countCommon, numbersOf } from './positions.ts'
import { figure, servedFigure, servedKey } from './schema.ts'
import {
  findFigures,
  rankFigures,
  termOf,
  withBits,
  type FacetCount,
  type FigureFilter,
  type FigureIndex,
} from './search.ts'

/** A figure's id and its flat row as JSON. */
export type StoredFigure = { id: string; row: string }

/** A figure in a list, with its rank in the order of the list. */
export type ListedFigure = StoredFigure & { rank: number }

/** Whether there are positions, and they follow one another. */
const isStretch = (positions: readonly number[]) =>
  positions.length > 0 && positions.every((position, at) => position === (positions[0] ?? 0) + at)

/** A page of figures in an order, after a rank in it (0: from the start). */
export function listFigures(
  index: FigureIndex,
  filter: FigureFilter,
  sort: FigureSort,
  after: number,
  limit: number,
): ListedFigure[] {
  const page = rankFigures(index, filter, sort, after, limit)
  const stored = index.read.some.all({ positions: JSON.stringify(page.map(({ position }) => position)) })
  const byPosition = new Map(stored.map((figure) => [figure.position, figure]))
  return page.flatMap(({ rank, position }) => {
    const figure = byPosition.get(position)
    return figure === undefined ? [] : [{ rank, id: figure.id, row: figure.row }]
  })
}

/** What stands around rows. */
export type Around = { before?: string; between: string; behind?: string }

/**
 * The flat rows of figures as JSON in UTF-8, in the order of their positions as they are given, and what stands around
 * them. SQLite joins them: as rows of their own they would take several times as long.
 */
export function joinRows({ read }: FigureIndex, positions: readonly number[], around: Around): Buffer {
  const { before = '', between, behind = '' } = around
  const [first, last] = [positions[0], positions.at(-1)]
  const rows = isStretch(positions)
    ? read.joinedStretch.get(before, between, behind, first, last)
    : read.joined.get(before, between, behind, JSON.stringify(positions))
  return rows ?? Buffer.from(before + behind)
}

/** How many figures match; exact. */
export const countFigures = (index: FigureIndex, filter: FigureFilter): number => findFigures(index, filter).figures

/** How many of the matching figures have each term of a column, null among them: the most frequent first. */
export function countTerms(index: FigureIndex, filter: FigureFilter, column: TermColumn): readonly FacetCount[] {
  return remembered(index.counts, `${column} ${JSON.stringify(filter)}`, () => {
    const { positions, figures } = findFigures(index, filter)
    const all = [...(index.terms().get(column) ?? [])]
    const terms =
      figures === index.figures
        ? all.map(([term, count]) => ({ term, count }))
        : withBits(index, positions, (bits) =>
            all.map(([term]) => ({ term, count: countCommon(termOf(index, column, term).positions, bits) })),
          )
    const none = { term: null, count: terms.reduce((left, { count }) => left - count, figures) }
    return [...terms, none]
      .filter(({ count }) => count > 0)
      .toSorted((a, b) => b.count - a.count || Number(a.term === null) - Number(b.term === null) || compare(a, b))
  })
}

const compare = ({ term: a }: FacetCount, { term: b }: FacetCount) => ((a ?? '') < (b ?? '') ? -1 : 1)

/** One figure with what bears on it (JSON without its braces), or undefined. */
export function getFigure(db: Db, id: string): DetailedFigure | undefined {
  const { buckets, read } = keysOf(db)
  for (const position of positionsFor(id, buckets, read)) {
    const figure = figureAt(db).get(position)
    if (figure?.id === id) return figure
  }
  return undefined
}
type DetailedFigure = Omit<typeof servedFigure.$inferSelect, 'position'>
// Run by SQLite itself: handing on the position and making an object of the row takes Drizzle a tenth of the time.
const figureAt = compiled((db) => {
  const { position, ...columns } = getTableColumns(servedFigure)
  const query = db
    .select(columns)
    .from(servedFigure)
    .where(eq(position, given('position')))
  return db.$client.prepare<[number], DetailedFigure>(query.toSQL().sql)
})

/** The most bytes of keys that are kept: those of a million figures. */
const mostKept = 9 * 2 ** 20
const keysOf = compiled((db) => {
  const select = db
    .select({ keys: servedKey.keys })
    .from(servedKey)
    .where(eq(servedKey.bucket, given('bucket')))
    .prepare()
  const known = new LRUCache<number, Keys>({
    maxSize: mostKept,
    sizeCalculation: ({ byteLength }) => byteLength + 200,
  })
  const read = (bucket: number): Keys =>
    remembered(known, bucket, () => numbersOf(select.get({ bucket })?.keys ?? Buffer.alloc(0)))
  return { buckets: db.select({ buckets: count() }).from(servedKey).get()?.buckets ?? 0, read }
})

/** Whether there is a figure of this id. */
export const isFigure = (db: Db, id: string): boolean => figureIsThere(db).get({ id }) !== undefined
const figureIsThere = compiled((db) =>
  db
    .select({ position: servedFigure.position })
    .from(servedFigure)
    .where(eq(servedFigure.id, given('id')))
    .prepare(),
)

/** The first ids, in their order. */
export const listIds = (db: Db, limit: number): string[] =>
  db
    .select({ id: servedFigure.id })
    .from(servedFigure)
    .orderBy(asc(servedFigure.id))
    .limit(limit)
    .all()
    .map(({ id }) => id)

/** Ids on each side of one in their order, from which to guess what was meant. */
export function listIdsAround(db: Db, id: string): string[] {
  const { before, after } = idsAround(db)
  const around = { id, limit: 100 }
  return [...before.all(around).toReversed(), ...after.all(around)].map((found) => found.id)
}
const idsAround = compiled((db) => {
  const ids = db.select({ id: servedFigure.id }).from(servedFigure)
  const idsToo = db.select({ id: servedFigure.id }).from(servedFigure)
  const [id, limit] = [given('id'), limitGiven('limit')]
  return {
    before: ids.where(lt(servedFigure.id, id)).orderBy(desc(servedFigure.id)).limit(limit).prepare(),
    after: idsToo.where(gte(servedFigure.id, id)).orderBy(asc(servedFigure.id)).limit(limit).prepare(),
  }
})

/** The first figures of a document in the order of its text, by id. */
export const listIdsInText = (db: Db, document: string, limit: number): string[] =>
  idsInText(db)
    .all({ document, limit })
    .map(({ id }) => id)
const idsInText = compiled((db) =>
  db
    .select({ id: figure.id })
    .from(figure)
    .where(eq(figure.document, given('document')))
    .orderBy(asc(figure.quote_start), asc(figure.id))
    .limit(limitGiven('limit'))
    .prepare(),
)
