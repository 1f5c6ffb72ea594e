/** The tables that queries about figures are answered from, made from the facts at load (src/db/schema.ts says why). */
import { asc, eq, or, sql } from 'drizzle-orm'
import { alias, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { isListed, type Db } from '../db/client.ts'
import { packKeys } from '../db/keys.ts'
import { bytesOf, packPositions } from '../db/positions.ts'
import {
  comparison,
  derivation,
  derivationInput,
  document,
  evidence,
  figure,
  indexedColumns,
  metric,
  organization,
  rangeColumns,
  servedFigure,
  servedKey,
  servedOrder,
  servedRange,
  servedRank,
  servedTerm,
  stretchSize,
  type FigureOrder,
  type IndexedColumn,
} from '../db/schema.ts'
import { spansOf } from '../db/spans.ts'
import { derivationFormulas, derivationMethods, mostRanked, termColumns } from '../schemas/vocabularies.ts'
import { indexedAfterwards, inserter } from './insert.ts'
import { rowReader } from './rows.ts'

const publisher = alias(organization, 'publisher')

/** The full-text index, for inserting only: it is no table that drizzle-kit could make. */
const servedText = sqliteTable('served_text', {
  rowid: integer(),
  statement: text(),
  quote: text(),
  metric: text(),
  metric_title: text(),
  actor: text(),
  actor_title: text(),
  document_title: text(),
})

/** The columns of a flat row, in the order of the contract, but for `comparison_count` and `url`, which come last. */
const flatRow = {
  id: figure.id,
  metric: figure.metric,
  metric_title: sql<string>`${metric.title}`.as('metric_title'),
  topic: metric.topic,
  scope: figure.scope,
  measure: figure.measure,
  claim_type: figure.claim_type,
  origin: figure.origin,
  value: figure.value,
  value_low: figure.value_low,
  value_low_inclusive: figure.value_low_inclusive,
  value_high: figure.value_high,
  value_high_inclusive: figure.value_high_inclusive,
  qualifier: figure.qualifier,
  unit: figure.unit,
  year: figure.year,
  period: figure.period,
  period_start: figure.period_start,
  period_end: figure.period_end,
  period_basis: figure.period_basis,
  baseline_year: figure.baseline_year,
  baseline_basis: figure.baseline_basis,
  place: figure.place,
  actor: figure.actor,
  attribution: figure.attribution,
  superlative: figure.superlative,
  superlative_since: figure.superlative_since,
  document: figure.document,
  document_title: sql<string | null>`${document.title}`.as('document_title'),
  publisher: document.publisher,
  publisher_title: sql<string | null>`${publisher.title}`.as('publisher_title'),
  published: document.published,
  quote: figure.quote,
  quote_start: figure.quote_start,
  quote_end: figure.quote_end,
  source_url: figure.source_url,
  statement: figure.statement,
  note: figure.note,
}

const rowNumber = sql<number>`${figure}.rowid`

/** The latest publication that a derived figure rests on, through whatever was derived on the way. */
const latestInput = sql<string | null>`(
  WITH RECURSIVE source (id) AS (
    SELECT ${derivationInput.input} FROM ${derivationInput} WHERE ${derivationInput.figure} = ${figure.id}
    UNION
    SELECT ${derivationInput.input} FROM ${derivationInput} JOIN source ON ${derivationInput.figure} = source.id
  )
  SELECT max(printed.published_latest) FROM source
  JOIN ${figure} AS stated ON stated.id = source.id
  JOIN ${document} AS printed ON printed.id = stated.document
)`

/** Rows taken at a time: enough to be quick, few enough to hold. */
const pageSize = 200

type Cell = string | number | null
/** What figures are put in order by, a list a column. */
type Columns = Record<'row' | 'id' | 'year' | 'metric' | 'document' | 'value' | 'published', Cell[]>

/** Reads the columns that orders go by, figures as they come. */
function readColumns(db: Db): Columns {
  const columns: Columns = { row: [], id: [], year: [], metric: [], document: [], value: [], published: [] }
  const query = db
    .select({
      row: rowNumber,
      id: figure.id,
      year: figure.year,
      metric: figure.metric,
      document: figure.document,
      value: figure.value,
      published: document.published_latest,
    })
    .from(figure)
    .leftJoin(document, eq(document.id, figure.document))
    .toSQL()
  const lists = Object.values(columns)
  // Past Drizzle, which would make an object of each row: there may be millions.
  for (const cells of db.$client.prepare<[], Cell[]>(query.sql).raw().iterate()) {
    for (const [at, cell] of cells.entries()) lists[at]?.push(cell)
  }
  return columns
}

/** Text by code point, as SQLite has it; numbers by size. */
const ascending = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0)

/** The place of each cell among the different cells of its list, from 0; nulls are last, whichever way it goes. */
function places(cells: readonly Cell[], direction: 1 | -1 = 1): Float64Array {
  const different = [...new Set(cells)].filter((cell) => cell !== null).toSorted((a, b) => direction * ascending(a, b))
  const place = new Map<Cell, number>(different.map((cell, at) => [cell, at]))
  return Float64Array.from(cells, (cell) => place.get(cell) ?? different.length)
}

/** The indexes of a list by their keys, then by a second key that no two share. */
function inOrder(keys: Float64Array, byId: Float64Array): Uint32Array {
  const { length } = keys
  const indexById = new Uint32Array(length)
  for (const [index, place] of byId.entries()) indexById[place] = index
  // One number holds both keys, so that numbers alone are sorted.
  const both = keys.map((key, index) => key * length + (byId[index] ?? 0)).toSorted()
  return Uint32Array.from(both, (key) => indexById[key % length] ?? 0)
}

/** What bears on figures besides their rows, each a query about a list of ids, with the id of the figure it is about. */
function prepareDetails(db: Db) {
  const { figure_a, figure_b } = comparison
  const input = alias(figure, 'input')
  const result = alias(figure, 'result')
  return {
    evidence: rowReader(
      db,
      db
        .select()
        .from(evidence)
        .where(isListed(evidence.figure, 'ids'))
        .orderBy(asc(evidence.start), asc(evidence.role)),
    ),
    comparisons: rowReader(
      db,
      db
        .select()
        .from(comparison)
        .where(or(isListed(figure_a, 'ids'), isListed(figure_b, 'ids')))
        .orderBy(asc(comparison.id)),
    ),
    /** The ids of what is derived or derived from, so that only these are asked for their lineage. */
    withLineage: new Set(
      db
        .select({ id: derivation.figure })
        .from(derivation)
        .union(db.select({ id: derivationInput.input }).from(derivationInput))
        .all()
        .map(({ id }) => id),
    ),
    derivations: db
      .select({ about: derivation.figure, item: { method: derivation.method, assumes: derivation.assumes } })
      .from(derivation)
      .where(isListed(derivation.figure, 'ids'))
      .prepare(),
    inputs: db
      .select({
        about: derivationInput.figure,
        item: {
          name: derivationInput.name,
          id: input.id,
          origin: input.origin,
          metric: input.metric,
          value: input.value,
          value_low: input.value_low,
          value_low_inclusive: input.value_low_inclusive,
          value_high: input.value_high,
          value_high_inclusive: input.value_high_inclusive,
          qualifier: input.qualifier,
          unit: input.unit,
          period: input.period,
          source_url: input.source_url,
        },
      })
      .from(derivationInput)
      .innerJoin(input, eq(input.id, derivationInput.input))
      .where(isListed(derivationInput.figure, 'ids'))
      .orderBy(asc(derivationInput.place))
      .prepare(),
    uses: db
      .select({
        about: derivationInput.input,
        item: { id: result.id, method: derivation.method, statement: result.statement },
      })
      .from(derivationInput)
      .innerJoin(derivation, eq(derivation.figure, derivationInput.figure))
      .innerJoin(result, eq(result.id, derivationInput.figure))
      .where(isListed(derivationInput.input, 'ids'))
      .orderBy(asc(result.id))
      .prepare(),
  }
}

const urlOf = (id: string) => `/v1/figures/${id}`

/** The items that are about each figure. */
function byFigure<Item>(rows: readonly { about: string; item: Item }[]): Map<string, Item[]> {
  const items = new Map<string, Item[]>()
  for (const { about, item } of rows) {
    const known = items.get(about)
    if (known === undefined) items.set(about, [item])
    else known.push(item)
  }
  return items
}

/** What bears on some figures, by id: as JSON without its braces, and how many comparisons are in it. */
function readDetails(
  read: ReturnType<typeof prepareDetails>,
  ids: readonly string[],
): Map<string, { detail: string; comparisons: number }> {
  const asked = { ids: JSON.stringify(ids) }
  const evidenceOf = byFigure(read.evidence(asked).map(({ figure: about, ...item }) => ({ about, item })))
  const comparisonsOf = byFigure(
    read.comparisons(asked).flatMap((item) => [
      { about: item.figure_a, item },
      { about: item.figure_b, item },
    ]),
  )
  const lineages = { ids: JSON.stringify(ids.filter((id) => read.withLineage.has(id))) }
  const derivations = byFigure(read.derivations.all(lineages))
  const inputs = byFigure(read.inputs.all(lineages))
  const uses = byFigure(read.uses.all(lineages))
  const withUrl = <Row extends { id: string }>(row: Row) => ({ ...row, url: urlOf(row.id) })
  return new Map(
    ids.map((id) => {
      const { method = null, assumes = null } = derivations.get(id)?.[0] ?? {}
      const comparisons = comparisonsOf.get(id) ?? []
      const detail = {
        evidence: evidenceOf.get(id) ?? [],
        comparisons,
        lineage: {
          method,
          formula: method && `${derivationFormulas[method]}. ${derivationMethods[method]}`,
          inputs: method && (inputs.get(id) ?? []).map(withUrl),
          assumes,
          used_by: (uses.get(id) ?? []).map(withUrl),
        },
      }
      return [id, { detail: JSON.stringify(detail).slice(1, -1), comparisons: comparisons.length }]
    }),
  )
}

/** The positions of the figures that have each term of a column, as they come. */
class Terms {
  readonly #positions = new Map<string | number, number[]>()

  /** A figure has a term; null is none. */
  add(term: string | number | null, position: number): void {
    if (term === null) return
    const positions = this.#positions.get(term)
    if (positions === undefined) this.#positions.set(term, [position])
    else positions.push(position)
  }

  *[Symbol.iterator]() {
    for (const [term, positions] of this.#positions)
      yield { term: String(term), positions: Uint32Array.from(positions) }
  }
}

/** The rank of each position in every order. */
type Ranks = Record<FigureOrder, Uint32Array>

/** What figures are found by besides their ids and words: NaN for a number that one does not have. */
type Found = {
  terms: Record<IndexedColumn, Terms>
  ranges: readonly { column: (typeof rangeColumns)[number]; cells: Float64Array }[]
}

/**
 * Fills the served tables from the facts, whatever stood in them. For the inside of a transaction; the same facts give
 * the same rows.
 */
export function fillServedTables(db: Db): void {
  for (const table of [servedFigure, servedKey, servedTerm, servedOrder, servedRank, servedRange]) {
    db.delete(table).run()
  }
  db.run(sql`INSERT INTO served_text (served_text) VALUES ('delete-all')`)
  const columns = readColumns(db)
  const byId = places(columns.id)
  const byPosition = inOrder(places(columns.year, -1), byId)
  const positions = new Uint32Array(byPosition.length)
  for (const [at, index] of byPosition.entries()) positions[index] = at + 1
  fillKeys(db, columns, positions)
  const ranksIn = fillOrders(db, columns, byId, positions)
  const { terms, ranges } = fillFigures(db, columns, byPosition)
  fillRanges(db, ranges)
  fillTerms(db, terms, ranksIn, positions.length)
}

/** Where each id stands. */
function fillKeys(db: Db, columns: Columns, positions: Uint32Array): void {
  const insertKey = inserter(db, servedKey)
  for (const [bucket, keys] of packKeys(columns.id.map(String), positions).entries()) {
    insertKey({ bucket, keys: bytesOf(keys) })
  }
}

/** Every order as positions, and the rank of each position in it, which it gives. */
function fillOrders(db: Db, columns: Columns, byId: Float64Array, positions: Uint32Array): Ranks {
  const figures = positions.length
  const insertOrder = inserter(db, servedOrder)
  const insertRank = inserter(db, servedRank)
  const orders: Readonly<Record<FigureOrder, Float64Array>> = {
    id: byId,
    metric: places(columns.metric),
    document: places(columns.document),
    year: places(columns.year),
    value: places(columns.value),
    '-value': places(columns.value, -1),
    published: places(columns.published),
    '-published': places(columns.published, -1),
  }
  const ranksIn = {} as Ranks
  for (const [name, keys] of Object.entries(orders)) {
    const order = name as FigureOrder
    const inThisOrder = inOrder(keys, byId).map((index) => positions[index] ?? 0)
    for (let start = 0; start < figures; start += stretchSize) {
      const positions = bytesOf(inThisOrder.subarray(start, start + stretchSize))
      insertOrder({ order, stretch: start / stretchSize, positions })
    }
    const ranks = new Uint32Array(figures)
    for (const [at, position] of inThisOrder.entries()) ranks[position - 1] = at + 1
    insertRank({ order, ranks: bytesOf(ranks) })
    ranksIn[order] = ranks
  }
  return ranksIn
}

/** The rows with all that bears on them, and their texts; gives what else they are found by. */
function fillFigures(db: Db, columns: Columns, byPosition: Uint32Array): Found {
  const figures = byPosition.length
  const terms = Object.fromEntries(indexedColumns.map((column) => [column, new Terms()])) as Found['terms']
  const ranges = rangeColumns.map((column) => ({ column, cells: new Float64Array(figures).fill(NaN) }))
  const readRows = rowReader(
    db,
    db
      .select(flatRow)
      .from(figure)
      .innerJoin(metric, eq(metric.id, figure.metric))
      .leftJoin(document, eq(document.id, figure.document))
      .leftJoin(publisher, eq(publisher.id, document.publisher))
      .where(isListed(rowNumber, 'rows')),
  )
  const details = prepareDetails(db)
  const latestInputs = new Map(
    db
      .select({ id: figure.id, published_by: latestInput.as('published_by') })
      .from(figure)
      .innerJoin(derivation, eq(derivation.figure, figure.id))
      .all()
      .map(({ id, published_by }) => [id, published_by]),
  )
  const titles = new Map(
    db
      .select({ id: organization.id, title: organization.title })
      .from(organization)
      .all()
      .map(({ id, title }) => [id, title]),
  )
  const insertFigure = inserter(db, servedFigure)
  const insertText = inserter(db, servedText)

  indexedAfterwards(db, servedFigure, () => {
    for (let start = 0; start < figures; start += pageSize) {
      const page = byPosition.subarray(start, start + pageSize)
      const numbers = Array.from(page, (index) => columns.row[index] ?? 0)
      const rows = new Map<Cell, ReturnType<typeof readRows>[number]>()
      for (const row of readRows({ rows: JSON.stringify(numbers) })) rows.set(row.id, row)
      const detailOf = readDetails(
        details,
        Array.from(rows.values(), ({ id }) => id),
      )
      for (const [at, index] of page.entries()) {
        const row = rows.get(columns.id[index] ?? null)
        const about = row && detailOf.get(row.id)
        if (row === undefined || about === undefined) continue
        const position = start + at + 1
        const { id } = row
        const served = Object.assign(row, { comparison_count: about.comparisons, url: urlOf(id) })
        insertFigure({
          ...{ position, id, row: JSON.stringify(served) },
          ...{ metric: row.metric, document: row.document, detail: about.detail },
        })
        for (const column of termColumns) terms[column].add(row[column], position)
        terms.period_start_year.add(row.period_start === null ? 0 : Number(row.period_start.slice(0, 4)), position)
        terms.published_by.add(columns.published[index] ?? latestInputs.get(id) ?? null, position)
        for (const { column, cells } of ranges) if (row[column] !== null) cells[position - 1] = Number(row[column])
        insertText({
          rowid: position,
          statement: row.statement,
          quote: row.quote,
          metric: row.metric,
          metric_title: row.metric_title,
          actor: row.actor,
          actor_title: row.actor === null ? null : (titles.get(row.actor) ?? null),
          document_title: row.document_title,
        })
      }
    }
  })
  return { terms, ranges }
}

/** The different numbers of each column, and which of them each position has. */
function fillRanges(db: Db, ranges: Found['ranges']): void {
  const insertRange = inserter(db, servedRange)
  for (const { column, cells } of ranges) {
    const numbers = Float64Array.from(new Set(cells.filter((cell) => !Number.isNaN(cell)))).sort()
    const placeOf = new Map(Array.from(numbers, (number, place) => [number, place]))
    const places = Uint32Array.from(cells, (cell) => placeOf.get(cell) ?? numbers.length)
    insertRange({ column, numbers: bytesOf(numbers), places: bytesOf(places) })
  }
}

/** The positions of each term, with where they stand in the orders. */
function fillTerms(db: Db, terms: Found['terms'], ranksIn: Ranks, figures: number): void {
  const insertTerm = inserter(db, servedTerm)
  for (const column of indexedColumns) {
    for (const { term, positions } of column === 'word' ? commonWords(db) : terms[column]) {
      insertTerm({
        ...{ column, term, figures: positions.length },
        positions: packPositions(positions, figures),
        spans: bytesOf(spansOf(positions, ranksIn)),
      })
    }
  }
}

/** The words that are in many texts, folded as the tokenizer folds them, with the positions of the figures. */
function* commonWords(db: Db): Generator<{ term: string; positions: Uint32Array }> {
  // All there is to know of a word stands together then, and is found sooner.
  db.run(sql`INSERT INTO served_text (served_text) VALUES ('optimize')`)
  db.run(sql`CREATE VIRTUAL TABLE temp.served_word USING fts5vocab ('main', 'served_text', 'row')`)
  const words = db.all<{ term: string }>(sql`SELECT term FROM served_word WHERE doc > ${mostRanked} ORDER BY term`)
  db.run(sql`DROP TABLE temp.served_word`)
  for (const { term } of words) {
    // As one text: a row for each figure would take many times as long.
    const found = db.get<{ positions: string }>(
      sql`SELECT json_group_array(rowid) AS positions FROM served_text WHERE served_text MATCH ${`"${term}"`}`,
    )
    yield { term, positions: Uint32Array.from(JSON.parse(found.positions) as number[]) }
  }
}
