/** The tables that queries about figures are answered from, made from the facts at load (src/db/schema.ts says why). */
import { asc, desc, eq, sql, type SQL } from 'drizzle-orm'
import { alias, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Db } from '../db/client.ts'
import {
  codedColumns,
  comparison,
  derivationInput,
  document,
  figure,
  metric,
  organization,
  rankColumns,
  servedFigure,
  servedKey,
  servedTerm,
  type CodedColumn,
  type RankColumn,
} from '../db/schema.ts'
import { inserter } from './insert.ts'

const publisher = alias(organization, 'publisher')
const actor = alias(organization, 'actor')

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

/** The columns of a flat row, in the order of the contract; `url` is the server's to add. */
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
  comparison_count: sql<number>`(
    SELECT count(*) FROM ${comparison} WHERE ${comparison.figure_a} = ${figure.id} OR ${comparison.figure_b} = ${figure.id}
  )`.as('comparison_count'),
}

/** The latest publication that a derived figure rests on, through whatever was derived on the way. */
const latestInput = sql`(
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
const pageSize = 1000

/** Nulls come last both ways, ties go by id. */
const orders: Readonly<Record<'position' | RankColumn, SQL[]>> = {
  position: [desc(figure.year)],
  by_id: [],
  by_metric: [asc(figure.metric)],
  by_document: [sql`${figure.document} ASC NULLS LAST`],
  by_year: [asc(figure.year)],
  by_value: [sql`${figure.value} ASC NULLS LAST`],
  by_value_desc: [sql`${figure.value} DESC NULLS LAST`],
  by_published: [sql`${document.published_latest} ASC NULLS LAST`],
  by_published_desc: [sql`${document.published_latest} DESC NULLS LAST`],
}

const rowNumber = sql<number>`${figure}.rowid`

/** The row numbers of all figures, in an order. */
function inOrder(db: Db, order: readonly SQL[]): number[] {
  return db
    .select({ row: rowNumber.as('row') })
    .from(figure)
    .leftJoin(document, eq(document.id, figure.document))
    .orderBy(...order, asc(figure.id))
    .all()
    .map(({ row }) => row)
}

/** The number of each term of a column, given out as they come. */
class Terms {
  readonly #codes = new Map<string | number, { code: number; figures: number }>()

  /** The number of a term, counted; null for null. */
  count(term: string | number | null): number | null {
    if (term === null) return null
    let known = this.#codes.get(term)
    if (known === undefined) this.#codes.set(term, (known = { code: this.#codes.size, figures: 0 }))
    known.figures += 1
    return known.code
  }

  *[Symbol.iterator]() {
    for (const [term, { code, figures }] of this.#codes) yield { term: String(term), code, figures }
  }
}

/**
 * Fills the served tables from the facts, whatever stood in them. For the inside of a transaction; the same facts give
 * the same rows.
 */
export function fillServedTables(db: Db): void {
  const indexes = db.all<{ name: string; sql: string }>(
    sql`SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'served_key' AND sql IS NOT NULL`,
  )
  // Sorted once at the end, instead of kept in order in each index while rows come.
  for (const { name } of indexes) db.run(sql`DROP INDEX ${sql.identifier(name)}`)
  db.delete(servedFigure).run()
  db.delete(servedKey).run()
  db.delete(servedTerm).run()
  db.run(sql`INSERT INTO served_text (served_text) VALUES ('delete-all')`)

  const byPosition = inOrder(db, orders.position)
  const size = byPosition.reduce((most, row) => Math.max(most, row), 0) + 1
  const ranks = rankColumns.map((column) => {
    const rank = new Uint32Array(size)
    for (const [index, row] of inOrder(db, orders[column]).entries()) rank[row] = index + 1
    return [column, rank] as const
  })
  const terms = Object.fromEntries(codedColumns.map((column) => [column, new Terms()])) as Record<CodedColumn, Terms>

  const readRows = db
    .select({
      row_number: rowNumber.as('row_number'),
      row: flatRow,
      published_by: sql<string | null>`coalesce(${document.published_latest}, ${latestInput})`.as('published_by'),
      actor_title: sql<string | null>`${actor.title}`.as('actor_title'),
    })
    .from(figure)
    .innerJoin(metric, eq(metric.id, figure.metric))
    .leftJoin(document, eq(document.id, figure.document))
    .leftJoin(publisher, eq(publisher.id, document.publisher))
    .leftJoin(actor, eq(actor.id, figure.actor))
    .where(sql`${rowNumber} IN (SELECT value FROM json_each(${sql.placeholder('rows')}))`)
    .prepare()
  const insertFigure = inserter(db, servedFigure)
  const insertKey = inserter(db, servedKey)
  const insertText = inserter(db, servedText)

  for (let start = 0; start < byPosition.length; start += pageSize) {
    const page = byPosition.slice(start, start + pageSize)
    const rows = new Map(readRows.all({ rows: JSON.stringify(page) }).map((row) => [row.row_number, row]))
    for (const [index, number] of page.entries()) {
      const found = rows.get(number)
      if (found === undefined) continue
      const { row, published_by, actor_title } = found
      const position = start + index + 1
      insertFigure({ position, id: row.id, row: JSON.stringify(row) })
      const termsOfRow = {
        ...row,
        period_start_year: row.period_start === null ? 0 : Number(row.period_start.slice(0, 4)),
        published_year: published_by === null ? null : Number(published_by.slice(0, 4)),
      }
      insertKey({
        position,
        ...(Object.fromEntries(ranks.map(([column, rank]) => [column, rank[number]])) as Record<RankColumn, number>),
        ...Object.fromEntries(codedColumns.map((column) => [column, terms[column].count(termsOfRow[column])])),
        value: row.value,
        value_low: row.value_low,
        value_low_inclusive: row.value_low_inclusive,
        value_high: row.value_high,
        value_high_inclusive: row.value_high_inclusive,
        published_by,
      })
      insertText({
        rowid: position,
        statement: row.statement,
        quote: row.quote,
        metric: row.metric,
        metric_title: row.metric_title,
        actor: row.actor,
        actor_title,
        document_title: row.document_title,
      })
    }
  }
  for (const column of codedColumns) {
    for (const { term, code, figures } of terms[column])
      db.insert(servedTerm).values({ column, term, code, figures }).run()
  }
  for (const { sql: create } of indexes) db.run(sql.raw(create))
}
