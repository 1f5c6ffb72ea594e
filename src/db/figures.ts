import { and, asc, count, desc, eq, gte, inArray, isNull, lte, or, sql, type SQL } from 'drizzle-orm'
import { alias, type SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { Db } from './client.ts'
import { comparison, document, evidence, figure, metric, organization } from './schema.ts'

const publisher = alias(organization, 'publisher')

/** The columns of a flat row, in the order of the contract; `url` is the caller's to add. */
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

/** The columns that a list of terms may narrow. */
const filterColumns = {
  id: figure.id,
  metric: figure.metric,
  topic: metric.topic,
  scope: figure.scope,
  measure: figure.measure,
  claim_type: figure.claim_type,
  origin: figure.origin,
  qualifier: figure.qualifier,
  unit: figure.unit,
  place: figure.place,
  actor: figure.actor,
  attribution: figure.attribution,
  document: figure.document,
  publisher: document.publisher,
  superlative: figure.superlative,
  baseline_year: figure.baseline_year,
  year: figure.year,
} satisfies Record<string, SQLiteColumn>

const sortColumns = {
  year: figure.year,
  value: figure.value,
  metric: figure.metric,
  document: figure.document,
  published: document.published_latest,
  id: figure.id,
} satisfies Record<string, SQLiteColumn>

/** Which figures: terms of one column widen (OR), different columns narrow (AND). */
export type FigureFilter = Partial<Record<keyof typeof filterColumns, readonly (string | number)[] | undefined>> & {
  /** The period reaches into this year or a later one. */
  year_from?: number | undefined
  /** The period begins in this year or an earlier one; an open start is earlier than any. */
  year_to?: number | undefined
}

/** A column to sort by, descending with a leading "-". */
export type FigureSort = `${'' | '-'}${keyof typeof sortColumns}`

/** Where a page ended: the value of its last row in the sort column, and that row's id. */
export type FigurePosition = { key: string | number | null; id: string }

function sortedBy(sort: FigureSort) {
  const descending = sort.startsWith('-')
  const name = (descending ? sort.slice(1) : sort) as keyof typeof sortColumns
  return { descending, column: sortColumns[name] }
}

function matching(filter: FigureFilter): SQL[] {
  const { year_from, year_to, ...terms } = filter
  const conditions = Object.entries(terms).flatMap(([name, values]) =>
    values === undefined ? [] : [inArray(filterColumns[name as keyof typeof filterColumns], [...values])],
  )
  if (year_from !== undefined) conditions.push(gte(figure.period_end, `${year_from}-01-01`))
  if (year_to !== undefined) {
    const begins = or(isNull(figure.period_start), lte(figure.period_start, `${year_to}-12-31`))
    if (begins !== undefined) conditions.push(begins)
  }
  return conditions
}

/** The rows after a position, in an order in which nulls come last both ways and ties go by id. */
function following({ key, id }: FigurePosition, sort: FigureSort): SQL {
  const { descending, column } = sortedBy(sort)
  if (key === null) return sql`(${column} IS NULL AND ${figure.id} > ${id})`
  const beyond = descending ? sql`${column} < ${key}` : sql`${column} > ${key}`
  return sql`(${beyond} OR (${column} = ${key} AND ${figure.id} > ${id}) OR ${column} IS NULL)`
}

/** A page of figures after a position (null: from the start), each with where it stands in the order. */
export function listFigures(
  db: Db,
  filter: FigureFilter,
  sort: FigureSort,
  after: FigurePosition | null,
  limit: number,
) {
  const { descending, column } = sortedBy(sort)
  const conditions = matching(filter)
  if (after !== null) conditions.push(following(after, sort))
  const rows = db
    .select({ ...flatRow, sort_key: sql<string | number | null>`${column}`.as('sort_key') })
    .from(figure)
    .innerJoin(metric, eq(metric.id, figure.metric))
    .leftJoin(document, eq(document.id, figure.document))
    .leftJoin(publisher, eq(publisher.id, document.publisher))
    .where(and(...conditions))
    .orderBy(sql`${column} IS NULL`, descending ? desc(column) : asc(column), asc(figure.id))
    .limit(limit)
    .all()
  return rows.map(({ sort_key, ...row }) => ({ row, position: { key: sort_key, id: row.id } }))
}

/** A flat row without its `url`. */
export type FigureRow = ReturnType<typeof listFigures>[number]['row']

/** How many figures match. */
export function countFigures(db: Db, filter: FigureFilter): number {
  const [row] = db
    .select({ total: count() })
    .from(figure)
    .innerJoin(metric, eq(metric.id, figure.metric))
    .leftJoin(document, eq(document.id, figure.document))
    .where(and(...matching(filter)))
    .all()
  return row?.total ?? 0
}

/** One figure, or undefined. */
export function getFigure(db: Db, id: string): FigureRow | undefined {
  return listFigures(db, { id: [id] }, 'id', null, 1)[0]?.row
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
