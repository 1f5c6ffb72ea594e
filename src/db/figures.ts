import { asc, eq, gt, or } from 'drizzle-orm'
import type { FigureSort, TermColumn } from '../schemas/vocabularies.ts'
import type { Db } from './client.ts'
import { countCommon } from './positions.ts'
import { comparison, document, evidence, servedFigure } from './schema.ts'
import {
  findFigures,
  packedPositions,
  rankFigures,
  type FacetCount,
  type FigureFilter,
  type FigureIndex,
} from './search.ts'

/** A figure's id and its flat row as JSON, without its `url`. */
export type StoredFigure = { id: string; row: string }

/** A figure in a list, with its rank in the order of the list. */
export type ListedFigure = StoredFigure & { rank: number }

/** A page of figures in an order, after a rank in it (0: from the start). */
export function listFigures(
  index: FigureIndex,
  filter: FigureFilter,
  sort: FigureSort,
  after: number,
  limit: number,
): ListedFigure[] {
  const page = rankFigures(index, filter, sort, after, limit)
  const positions = page.map(({ position }) => position)
  const [first, last] = [Math.min(...positions), Math.max(...positions)]
  const stored =
    last - first === positions.length - 1
      ? index.read.stretch.all({ first, last })
      : index.read.some.all({ positions: JSON.stringify(positions) })
  const byPosition = new Map(stored.map((figure) => [figure.position, figure]))
  return page.flatMap(({ rank, position }) => {
    const figure = byPosition.get(position)
    return figure === undefined ? [] : [{ rank, id: figure.id, row: figure.row }]
  })
}

/** How many figures match; exact. */
export const countFigures = (index: FigureIndex, filter: FigureFilter): number => findFigures(index, filter).figures

/** How many of the matching figures have each term of a column, null among them: the most frequent first. */
export function countTerms(index: FigureIndex, filter: FigureFilter, column: TermColumn): readonly FacetCount[] {
  const key = `${column} ${JSON.stringify(filter)}`
  let counts = index.counts.get(key)
  if (counts === undefined) {
    const { positions, figures } = findFigures(index, filter)
    const terms = [...(index.terms.get(column) ?? [])].map(([term, having]) => ({
      term,
      count: figures === index.figures ? having : countCommon(positions, packedPositions(index, column, term)),
    }))
    const none = { term: null, count: terms.reduce((left, { count }) => left - count, figures) }
    counts = [...terms, none]
      .filter(({ count }) => count > 0)
      .toSorted((a, b) => b.count - a.count || Number(a.term === null) - Number(b.term === null) || compare(a, b))
    index.counts.set(key, counts)
  }
  return counts
}

const compare = ({ term: a }: FacetCount, { term: b }: FacetCount) => ((a ?? '') < (b ?? '') ? -1 : 1)

/** One figure, or undefined. */
export function getFigure(db: Db, id: string): StoredFigure | undefined {
  return db
    .select({ id: servedFigure.id, row: servedFigure.row })
    .from(servedFigure)
    .where(eq(servedFigure.id, id))
    .get()
}

/** The ids of the documents that had not, or not surely, been published by a day. */
export function listDocumentsAfter({ db }: FigureIndex, day: string): string[] {
  const later = db.select({ id: document.id }).from(document).where(gt(document.published_latest, day))
  return later
    .orderBy(asc(document.id))
    .all()
    .map(({ id }) => id)
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
