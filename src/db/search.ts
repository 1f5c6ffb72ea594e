/**
 * Which figures a filter asks for, and in which order. A filter becomes a set of positions: the sets of its terms, joined
 * and intersected in memory (decision 9 says why there and not in SQL).
 */
import { eq, max, sql } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import { onFirstUse, remembered } from '../first-use.ts'
import { mostRanked, type FigureSort, type Match, type TermColumn } from '../schemas/vocabularies.ts'
import { isListed, type Db } from './client.ts'
import {
  addTo,
  allPositions,
  byteLengthOf,
  clearOf,
  filterPositions,
  firstInOrder,
  intersect,
  noBits,
  numbersOf,
  positionsAfter,
  positionsOf,
  shortened,
  sizeOf,
  unite,
  unpackPositions,
  type Bits,
  type Positions,
  type Ranked,
} from './positions.ts'
import {
  servedFigure,
  servedOrder,
  servedRange,
  servedRank,
  servedTerm,
  stretchSize,
  type FigureOrder,
  type IndexedColumn,
  type RangeColumn,
} from './schema.ts'
import { intersectSpans, spanIn, uniteSpans, wholeSpans, type Spans } from './spans.ts'

/** Which figures: terms of one column widen (OR), everything else narrows (AND). */
export type FigureFilter = Partial<Record<'id' | TermColumn, readonly (string | number)[] | undefined>> & {
  /** The period reaches into this year or a later one. */
  year_from?: number | undefined
  /** The period begins in this year or an earlier one; an open start is earlier than any. */
  year_to?: number | undefined
  /** Published by this day (YYYY-MM-DD). */
  as_of?: string | undefined
  /** Least and most that the value may be, both inclusive, in the figure's unit. */
  value_min?: number | undefined
  value_max?: number | undefined
  /** Without it, `stated`. */
  match?: Match | undefined
  /** Words that the figure's texts must hold, separated by blanks. */
  q?: string | undefined
}

/** What is known of a release's figures whatever is asked, and what was worked out before: it never changes. */
export type FigureIndex = {
  db: Db
  figures: number
  /** How many figures have each term, by column. */
  terms: () => ReadonlyMap<IndexedColumn, ReadonlyMap<string, number>>
  /** All figures. */
  all: Found
  read: ReturnType<typeof prepareReads>
  /** The sets of single terms. */
  packed: LRUCache<string, Term>
  /** Bits that nobody uses now, none of them set. */
  spare: Bits | null
  /** What filters and words found. */
  found: LRUCache<string, Found>
  /** Parts of orders, by order and number. */
  stretches: LRUCache<string, Uint32Array>
  /** The rank of the figure at each position, both from 1 but kept from 0. */
  ranks: Map<FigureOrder, Uint32Array>
  ranges: Map<RangeColumn, Range>
  flags: Map<RangeColumn, Uint8Array>
  /** The positions of the figures that hold words, best first. */
  rankings: LRUCache<string, Uint32Array>
  /** Counts of facets. */
  counts: LRUCache<string, readonly FacetCount[]>
}

/** The different numbers of a column in order, and the place of each figure's among them; of null it is after the last. */
type Range = { numbers: Float64Array; places: Uint32Array }

export type FacetCount = { term: string | null; count: number }

/** A set of figures, and between which ranks they are in each order; there need not be one at either end. */
type Term = { positions: Positions; spans: Spans }

/** The same with its size. */
export type Found = Term & { figures: number }

/** What a figure is of says more than what it says, and that more than who published it. */
const relevance = sql<number>`bm25(served_text, 2.0, 2.0, 4.0, 4.0, 2.0, 2.0, 1.0)`

/** Every statement there is about figures that is asked again and again, compiled once. */
function prepareReads(db: Db) {
  const holdsWords = sql`served_text MATCH ${sql.placeholder('words')}`
  const position = sql<number>`rowid`.as('position')
  return {
    term: db
      .select({ positions: servedTerm.positions, spans: servedTerm.spans })
      .from(servedTerm)
      .where(
        sql`${servedTerm.column} = ${sql.placeholder('column')} AND ${servedTerm.term} = ${sql.placeholder('term')}`,
      )
      .prepare(),
    stretch: db
      .select({ positions: servedOrder.positions })
      .from(servedOrder)
      .where(
        sql`${servedOrder.order} = ${sql.placeholder('order')} AND ${servedOrder.stretch} = ${sql.placeholder('stretch')}`,
      )
      .prepare(),
    ranks: db
      .select({ ranks: servedRank.ranks })
      .from(servedRank)
      .where(eq(servedRank.order, sql.placeholder('order')))
      .prepare(),
    range: db
      .select({ numbers: servedRange.numbers, places: servedRange.places })
      .from(servedRange)
      .where(eq(servedRange.column, sql.placeholder('column')))
      .prepare(),
    ids: db
      .select({ position: servedFigure.position })
      .from(servedFigure)
      .where(isListed(servedFigure.id, 'ids'))
      .prepare(),
    words: db
      .select({ position })
      .from(sql`served_text`)
      .where(holdsWords)
      .prepare(),
    relevance: db
      .select({ position, score: relevance })
      .from(sql`served_text`)
      .where(holdsWords)
      .prepare(),
    some: db
      .select({ position: servedFigure.position, id: servedFigure.id, row: servedFigure.row })
      .from(servedFigure)
      .where(isListed(servedFigure.position, 'positions'))
      .prepare(),
    // As the only column, and not as an object: it is the body of a list.
    joined: joined(db, 'json_each(?) AS wanted CROSS JOIN served_figure ON position = wanted.value'),
    joinedStretch: joined(db, 'served_figure WHERE position BETWEEN ? AND ?'),
  }
}

/**
 * Rows as one text in the order in which SQLite comes by them: what stands before, between and behind them, and which. By
 * `concat`, which copies the rows once, where each `||` would.
 */
const joined = (db: Db, from: string) =>
  db.$client.prepare<unknown[], Buffer>(`SELECT CAST(concat(?, group_concat(row, ?), ?) AS BLOB) FROM ${from}`).pluck()

const megabyte = 2 ** 20
// What stands around a set takes some 1,000 bytes, and around each list of it some 200: of few figures that is most of an entry.
const bytesOfFound = ({ positions }: Found, key: string) =>
  byteLengthOf(positions) + key.length + 1000 + ('lists' in positions ? 200 * positions.lists.length : 0)

/** Opens what queries rest on; terms, sets, orders and numbers are read when they are first asked for. */
export function openFigureIndex(db: Db): FigureIndex {
  // Positions are counted from 1 and none is left out: to look at the last is quicker than to count millions.
  const figures =
    db
      .select({ last: max(servedFigure.position) })
      .from(servedFigure)
      .get()?.last ?? 0
  return {
    db,
    figures,
    terms: openTerms(db),
    all: { positions: allPositions(figures), spans: wholeSpans(figures), figures },
    read: prepareReads(db),
    packed: new LRUCache({
      // Of very many figures a single term has over a megabyte.
      maxSize: Math.max(8 * megabyte, 8 * figures),
      sizeCalculation: ({ positions }, key) => byteLengthOf(positions) + key.length + 500,
    }),
    spare: null,
    found: new LRUCache({ maxSize: 8 * megabyte, sizeCalculation: bytesOfFound }),
    stretches: new LRUCache({
      maxSize: 8 * megabyte,
      sizeCalculation: ({ byteLength }, key) => byteLength + key.length + 200,
    }),
    // All of them: of a million figures those of an order take 4 ms to read, three times as long as a list.
    ranks: new Map(),
    ranges: new Map(),
    flags: new Map(),
    rankings: new LRUCache({
      maxSize: 4 * megabyte,
      sizeCalculation: (ranking, key) => ranking.byteLength + key.length + 200,
    }),
    counts: new LRUCache({
      maxSize: 8 * megabyte,
      sizeCalculation: (counts, key) =>
        key.length + counts.reduce((size, { term }) => size + 50 + (term ?? '').length, 200),
    }),
  }
}

/** How many figures have each term, by column; read once, as a whole. */
function openTerms(db: Db): FigureIndex['terms'] {
  const { column, term, figures } = servedTerm
  const all = db.select({ column, term, figures }).from(servedTerm).prepare()
  return onFirstUse(() => {
    const terms = new Map<IndexedColumn, Map<string, number>>()
    for (const { column, term, figures } of all.all()) {
      const known = terms.get(column) ?? new Map<string, number>()
      terms.set(column, known.set(term, figures))
    }
    return terms
  })
}

/** The figures that a filter asks for. */
export function findFigures(index: FigureIndex, filter: FigureFilter): Found {
  const { value_min, value_max, match = 'stated', q, ...terms } = filter
  const key = JSON.stringify([terms, value_min, value_max, match, q])
  return remembered(index.found, key, () => {
    const sets = [...setsOf(index, terms), ...(q === undefined ? [] : [findWords(index, q)])]
    const [first = index.all, ...others] = sets.toSorted((a, b) => a.figures - b.figures)
    let { positions } = first
    for (const other of others) positions = withBits(index, other.positions, (bits) => intersect(positions, bits))
    if (value_min !== undefined || value_max !== undefined) {
      positions = filterPositions(positions, inRange(index, match, value_min, value_max))
    }
    if (positions === first.positions) return first
    return foundAt(
      index,
      positions,
      others.reduce((spans, other) => intersectSpans(spans, other.spans), first.spans),
    )
  })
}

/** What was found, with its size, in the shorter form. */
function foundAt(index: FigureIndex, positions: Positions, spans: Spans): Found {
  const figures = sizeOf(positions)
  return { positions: shortened(positions, index.figures, figures), spans, figures }
}

/** A set as bits, for as long as something uses them: those of lists are set for it and cleared after it. */
export function withBits<Result>(index: FigureIndex, set: Positions, use: (bits: Bits) => Result): Result {
  if ('bits' in set) return use(set.bits)
  const bits = index.spare ?? noBits(index.figures)
  index.spare = null
  addTo(bits, set)
  const result = use(bits)
  clearOf(bits, set)
  index.spare = bits
  return result
}

/** The figures that have the terms asked for, column by column; a column that leaves none out is not among them. */
function setsOf(
  index: FigureIndex,
  { id, year_from, year_to, as_of, ...columns }: Omit<FigureFilter, 'value_min' | 'value_max' | 'match' | 'q'>,
): Found[] {
  const sets: Found[] = []
  const require = (column: IndexedColumn, wanted: readonly string[]) => {
    const known = index.terms().get(column)
    const terms = wanted.filter((term) => known?.has(term))
    // No figure has two terms of a column.
    const figures = terms.reduce((sum, term) => sum + (known?.get(term) ?? 0), 0)
    if (figures === index.figures) return
    const having = terms.map((term) => termOf(index, column, term))
    const positions = having.map((term) => term.positions)
    const spans = uniteSpans(having.map((term) => term.spans))
    sets.push({ positions: unite(positions, index.figures), spans, figures })
  }
  const those = (column: IndexedColumn, test: (term: string) => boolean) => {
    require(column, [...(index.terms().get(column)?.keys() ?? [])].filter(test))
  }
  for (const [column, wanted] of Object.entries(columns)) {
    if (wanted !== undefined) require(column as TermColumn, [...new Set(wanted.map(String))])
  }
  if (year_from !== undefined) those('year', (year) => Number(year) >= year_from)
  if (year_to !== undefined) those('period_start_year', (year) => Number(year) <= year_to)
  if (as_of !== undefined) those('published_by', (day) => day <= as_of)
  if (id !== undefined) sets.push(listed(index, index.read.ids.all({ ids: JSON.stringify(id) })))
  return sets
}

/** The figures that have a term. */
export const termOf = (index: FigureIndex, column: IndexedColumn, term: string): Term =>
  remembered(index.packed, `${column} ${term}`, () => {
    const stored = index.read.term.get({ column, term })
    if (stored === undefined) return { positions: { lists: [] }, spans: uniteSpans([]) }
    return { positions: unpackPositions(stored.positions, index.figures), spans: numbersOf(stored.spans) }
  })

const listed = (index: FigureIndex, rows: readonly { position: number }[]): Found => ({
  positions: positionsOf(Uint32Array.from(rows, ({ position }) => position).sort(), index.figures),
  spans: index.all.spans,
  figures: rows.length,
})

/**
 * Whether a value lies in a range: as printed, whatever its bounds leave it, or for some value that they leave it. What
 * no bound holds has no certain value, and as a possible one the printed; a record without a number is in no range.
 */
function inRange(
  index: FigureIndex,
  match: Match,
  min: number | undefined,
  max: number | undefined,
): (position: number) => boolean {
  const [from, to] = [min ?? -Infinity, max ?? Infinity]
  const value = rangeOf(index, 'value')
  // NaN, which stands for null, is on neither side of any number.
  const cell = ({ numbers, places }: Range, position: number) => numbers[places[position - 1] ?? numbers.length] ?? NaN
  const stated = (position: number) => cell(value, position) >= from && cell(value, position) <= to
  if (match === 'stated') return stated
  const [low, high] = [rangeOf(index, 'value_low'), rangeOf(index, 'value_high')]
  if (match === 'certain') {
    return (position) =>
      (min === undefined || cell(low, position) >= min) && (max === undefined || cell(high, position) <= max)
  }
  const [withLow, withHigh] = [flagsOf(index, 'value_low_inclusive'), flagsOf(index, 'value_high_inclusive')]
  return (position) => {
    const [least, most] = [cell(low, position), cell(high, position)]
    if (Number.isNaN(least) && Number.isNaN(most)) return stated(position)
    return (
      (Number.isNaN(most) || most > from || (most === from && withHigh[position - 1] === 1)) &&
      (Number.isNaN(least) || least < to || (least === to && withLow[position - 1] === 1))
    )
  }
}

const rangeOf = (index: FigureIndex, column: RangeColumn): Range =>
  remembered(index.ranges, column, () => readRange(index, column))

/** Of each figure whether it is so; what is neither so nor not is not so. */
const flagsOf = (index: FigureIndex, column: RangeColumn): Uint8Array =>
  remembered(index.flags, column, () => {
    const { numbers, places } = readRange(index, column)
    // `Uint8Array.from` takes twenty times as long.
    const flags = new Uint8Array(places.length)
    for (let at = 0; at < places.length; at += 1) flags[at] = numbers[places[at] ?? 0] ?? 0
    return flags
  })

function readRange({ read }: FigureIndex, column: RangeColumn): Range {
  const { numbers, places } = read.range.get({ column }) ?? { numbers: Buffer.alloc(0), places: Buffer.alloc(0) }
  return { numbers: new Float64Array(new Uint8Array(numbers).buffer), places: numbersOf(places) }
}

/**
 * Words as FTS5 takes them literally: each a string of its own, all of them to be found. What looks like one word and is
 * several ("130,000") is found where they follow one another. Signs become blanks here, since the tokenizer knows only
 * those of Unicode 6.1.
 */
const literalWords = (q: string) =>
  q
    .split(/\s+/)
    .map((word) => word.replace(/[^\p{L}\p{N}\p{M}\p{Co}]+/gu, ' ').trim())
    .filter((word) => word !== '')

const inQuotes = (words: readonly string[]) => words.map((word) => `"${word}"`).join(' ')

/** The figures whose texts hold all words. Those of common words are known; the others are looked up. */
function findWords(index: FigureIndex, q: string): Found {
  return remembered(index.found, `q ${q}`, () => {
    const known = index.terms().get('word')
    // Only what is plain ASCII is surely folded as the tokenizer folds it.
    const words = literalWords(q).map((word) => (/^[A-Za-z0-9]+$/.test(word) ? word.toLowerCase() : word))
    const { common = [], rare = [] } = Object.groupBy(words, (word) => (known?.has(word) ? 'common' : 'rare'))
    let found = rare.length === 0 ? index.all : listed(index, index.read.words.all({ words: inQuotes(rare) }))
    for (const word of common) {
      const { positions, spans } = termOf(index, 'word', word)
      found = withBits(index, found.positions, (bits) =>
        foundAt(index, intersect(positions, bits), intersectSpans(found.spans, spans)),
      )
    }
    return found
  })
}

/** The positions of the figures that hold words, best first; null where they are too many to tell one from another. */
function rankingOf(index: FigureIndex, q: string): Uint32Array | null {
  const { figures } = findWords(index, q)
  if (figures > mostRanked) return null
  return remembered(index.rankings, q, () => {
    const byId = ranksOf(index, 'id')
    const scored = index.read.relevance.all({ words: inQuotes(literalWords(q)) })
    // The better, the lower.
    scored.sort((a, b) => a.score - b.score || (byId[a.position - 1] ?? 0) - (byId[b.position - 1] ?? 0))
    return Uint32Array.from(scored, ({ position }) => position)
  })
}

const stretchOf = ({ stretches, read }: FigureIndex, order: FigureOrder, stretch: number): Uint32Array =>
  remembered(stretches, `${order} ${stretch}`, () =>
    numbersOf(read.stretch.get({ order, stretch })?.positions ?? Buffer.alloc(0)),
  )

const ranksOf = (index: FigureIndex, order: FigureOrder): Uint32Array =>
  remembered(index.ranks, order, () => numbersOf(index.read.ranks.get({ order })?.ranks ?? Buffer.alloc(0)))

/**
 * How many figures of an order are gone through in the hope of a full page, before all that was found is looked through for
 * it. Where there is no such hope, that is done at once; where more was found, as many: it would take at least as long.
 */
const patience = ({ figures }: Found) => Math.max(20_000, figures)

/** A page of the figures that a filter asks for, in an order, after a rank in it (0: from the start). */
export function rankFigures(
  index: FigureIndex,
  filter: FigureFilter,
  sort: FigureSort,
  after: number,
  limit: number,
): Ranked[] {
  const found = findFigures(index, filter)
  if (found.figures === 0) return []
  if (sort === 'relevance') {
    if (filter.q === undefined) throw new Error('there are no words to be relevant to')
    const ranking = rankingOf(index, filter.q)
    if (ranking !== null) {
      return withBits(index, found.positions, (bits) => follow(ranking, bits, 0, after, ranking.length, limit))
    }
  }
  if (sort === '-year' || sort === 'relevance') {
    return positionsAfter(found.positions, after, limit).map((position) => ({ rank: position, position }))
  }
  return (
    followOrder(index, found, sort, after, limit) ?? firstInOrder(found.positions, ranksOf(index, sort), after, limit)
  )
}

/** A page of what was found by going through an order after a rank; null where it is not full for as long as is worth it. */
function followOrder(
  index: FigureIndex,
  found: Found,
  order: FigureOrder,
  after: number,
  limit: number,
): Ranked[] | null {
  const { first, last } = spanIn(found.spans, order)
  const start = Math.max(after, first - 1)
  // How far it would be to a full page, or to the last, if what was found were spread evenly.
  const far = Math.min((limit * (last - first + 1)) / found.figures, last - start)
  if (far > patience(found)) return null
  const until = Math.min(start + patience(found), last)
  const page: Ranked[] = []
  withBits(index, found.positions, (bits) => {
    for (let at = start; at < until && page.length < limit;) {
      const stretch = Math.floor(at / stretchSize)
      const end = Math.min(until, (stretch + 1) * stretchSize)
      const from = stretch * stretchSize
      page.push(...follow(stretchOf(index, order, stretch), bits, from, at, end, limit - page.length))
      at = end
    }
  })
  return page.length === limit || until >= last ? page : null
}

/** Those of a stretch of positions in an order that were found, between two ranks; the stretch begins after rank `from`. */
function follow(
  stretch: Uint32Array,
  found: Bits,
  from: number,
  after: number,
  until: number,
  limit: number,
): Ranked[] {
  const page: Ranked[] = []
  for (let at = after; at < until && page.length < limit; at += 1) {
    const position = stretch[at - from] ?? 0
    if (found.has(position)) page.push({ rank: at + 1, position })
  }
  return page
}
