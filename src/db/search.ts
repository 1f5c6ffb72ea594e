/** How a filter on figures becomes something that SQLite answers by seeking, and what is remembered between queries. */
import { count, sql, type SQL } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import type { Match, TermColumn } from '../schemas/vocabularies.ts'
import type { Db } from './client.ts'
import { servedFigure, servedKey, servedTerm, type CodedColumn } from './schema.ts'

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

type Term = { term: string; code: number; figures: number }
type Statement = { all: (parameters: Record<string, unknown>) => unknown[] }

/** What is known of a release's figures whatever is asked, and what was worked out before: it never changes. */
export type FigureIndex = {
  db: Db
  figures: number
  terms: ReadonlyMap<CodedColumn, readonly Term[]>
  /** Compiled statements, by the shape of the query. */
  statements: LRUCache<string, Statement>
  /** Counts of whole queries and of facets. */
  counts: LRUCache<string, readonly FacetCount[]>
  /** The positions of the figures that fit words, best first. */
  rankings: LRUCache<string, Uint32Array>
}

export type FacetCount = { term: string | null; count: number }

/** Reads what queries rest on. */
export function openFigureIndex(db: Db): FigureIndex {
  const terms = Map.groupBy(db.select().from(servedTerm).all(), ({ column }) => column)
  const [all] = db.select({ figures: count() }).from(servedFigure).all()
  return {
    db,
    figures: all?.figures ?? 0,
    terms,
    // Compiled, a statement takes some ten times its text.
    statements: new LRUCache({ maxSize: 2_000_000 }),
    counts: new LRUCache({
      maxSize: 16_000_000,
      sizeCalculation: (counts, key) =>
        key.length + counts.reduce((size, { term }) => size + 50 + (term ?? '').length, 0),
    }),
    rankings: new LRUCache({
      maxSize: 32_000_000,
      sizeCalculation: (ranking, key) => key.length + ranking.byteLength + 1,
    }),
  }
}

/** The figures that have one of some terms; `codes` are the numbers of the terms, or positions where it is about ids. */
type Condition = { column: CodedColumn | 'position'; codes: readonly number[]; figures: number }

/** A filter as the database takes it: no text of the query is in the SQL, and equal shapes are equal SQL. */
export type Search = {
  /** The condition that fewest figures meet: it alone is looked up in an index. Undefined where there is none. */
  drive: Condition | undefined
  /** What else must hold; each test names its parameters. */
  tests: SQL[]
  parameters: Record<string, unknown>
  /** Words for FTS5; then it is the text that is looked up. */
  words: string | undefined
  shape: string
}

/** The conditions of a filter, the one that fewest figures meet first; null where no figure meets one. */
function conditionsOf(index: FigureIndex, filter: FigureFilter): Condition[] | null {
  const met = new Map<CodedColumn | 'position', ReadonlyMap<number, number>>()
  const require = (column: CodedColumn | 'position', codes: readonly (readonly [code: number, figures: number])[]) => {
    const before = met.get(column)
    met.set(column, new Map(before === undefined ? codes : codes.filter(([code]) => before.has(code))))
  }
  const those = (column: CodedColumn, test: (term: string) => boolean) => {
    const terms = index.terms.get(column) ?? []
    require(column, terms.filter(({ term }) => test(term)).map(({ code, figures }) => [code, figures]))
  }
  const { id, year_from, year_to, as_of, value_min: _, value_max: __, match: ___, q: ____, ...terms } = filter
  for (const [column, wanted] of Object.entries(terms)) {
    if (wanted === undefined) continue
    const set = new Set(wanted.map(String))
    those(column as TermColumn, (term) => set.has(term))
  }
  if (year_from !== undefined) those('year', (year) => Number(year) >= year_from)
  if (year_to !== undefined) those('period_start_year', (year) => Number(year) <= year_to)
  if (as_of !== undefined) those('published_year', (year) => year <= as_of.slice(0, 4))
  if (id !== undefined) require('position', positionsOf(index, id).map((position) => [position, 1]))

  const conditions = [...met].map(([column, codes]) => ({
    column,
    codes: [...codes.keys()],
    figures: [...codes.values()].reduce((sum, figures) => sum + figures, 0),
  }))
  if (conditions.some(({ figures }) => figures === 0)) return null
  return conditions.filter(({ figures }) => figures < index.figures).toSorted((a, b) => a.figures - b.figures)
}

function positionsOf(index: FigureIndex, ids: readonly (string | number)[]): number[] {
  const found = statement(index, 'positions', () =>
    index.db
      .select({ position: servedFigure.position })
      .from(servedFigure)
      .where(sql`${servedFigure.id} IN (SELECT value FROM json_each(${sql.placeholder('ids')}))`),
  ).all({ ids: JSON.stringify(ids) }) as { position: number }[]
  return found.map(({ position }) => position)
}

/** How a range of values is tested: [for value_min, for value_max]. A record without a number is in no range. */
const valueTests: Readonly<Record<Match, readonly [SQL, SQL]>> = (() => {
  const { value, value_low, value_low_inclusive, value_high, value_high_inclusive } = servedKey
  const [min, max] = [sql.placeholder('value_min'), sql.placeholder('value_max')]
  const unbounded = sql`(${value_low} IS NULL AND ${value_high} IS NULL)`
  return {
    stated: [sql`${value} >= ${min}`, sql`${value} <= ${max}`],
    certain: [sql`${value_low} >= ${min}`, sql`${value_high} <= ${max}`],
    // The bounds leave room in the range; nobody printed any, so the value stands for itself.
    possible: [
      sql`CASE WHEN ${unbounded} THEN ${value} >= ${min}
        ELSE ${value_high} IS NULL OR ${value_high} > ${min} OR (${value_high} = ${min} AND ${value_high_inclusive}) END`,
      sql`CASE WHEN ${unbounded} THEN ${value} <= ${max}
        ELSE ${value_low} IS NULL OR ${value_low} < ${max} OR (${value_low} = ${max} AND ${value_low_inclusive}) END`,
    ],
  }
})()

/** SQLite merges at most 500 queries into one; a power of two, so that few numbers of branches ever occur. */
const mostBranches = 256

/** Codes up to the next power of two, by one that no figure has: a query with three terms is compiled as one with four. */
const padded = (codes: readonly number[]) => [
  ...codes,
  ...Array<number>(2 ** Math.ceil(Math.log2(codes.length)) - codes.length).fill(-1),
]

/** A filter made ready to be asked; null where no figure can match. */
export function prepareSearch(index: FigureIndex, filter: FigureFilter): Search | null {
  const conditions = conditionsOf(index, filter)
  if (conditions === null) return null
  const words = filter.q === undefined ? undefined : quoteWords(filter.q)
  const drive = words === undefined ? conditions.find(({ codes }) => codes.length <= mostBranches) : undefined
  const tests = [...conditions.filter((condition) => condition !== drive).map(codeTest), ...otherTests(filter)]
  const branches = drive === undefined ? [] : padded(drive.codes)
  return {
    drive: drive && { ...drive, codes: branches },
    words,
    tests: tests.map(({ test }) => test),
    parameters: Object.fromEntries([
      ...branches.map((code, branch) => [`drive_${branch}`, code]),
      ...(drive === undefined ? [] : [['drive', JSON.stringify(drive.codes)]]),
      ...(words === undefined ? [] : [['words', words]]),
      ...tests.map(({ name, parameter }) => [name, parameter]),
    ]) as Record<string, unknown>,
    shape: [
      words === undefined ? 'all' : 'words',
      ...(drive === undefined ? [] : [drive.column, branches.length]),
      ...tests.map(({ name, kind }) => `${name} ${kind}`),
    ].join(' '),
  }
}

/** A test that a row must pass, with the parameter it names; tests of one name and kind are the same SQL. */
type Test = { name: string; kind: string; parameter: unknown; test: SQL }

function codeTest({ column, codes }: Condition): Test {
  const parameter = sql.placeholder(column)
  // The plus keeps the column from being looked up: which index is used was chosen by exact counts.
  const [code, ...more] = codes
  if (more.length === 0) {
    return { name: column, kind: '=', parameter: code, test: sql`+${servedKey[column]} = ${parameter}` }
  }
  const test = sql`+${servedKey[column]} IN (SELECT value FROM json_each(${parameter}))`
  return { name: column, kind: 'in', parameter: JSON.stringify(codes), test }
}

function otherTests({ as_of, value_min, value_max, match = 'stated' }: FigureFilter): Test[] {
  const [atLeast, atMost] = valueTests[match]
  const published = sql`${servedKey.published_by} <= ${sql.placeholder('as_of')}`
  return [
    { name: 'as_of', kind: '', parameter: as_of, test: published },
    { name: 'value_min', kind: match, parameter: value_min, test: atLeast },
    { name: 'value_max', kind: match, parameter: value_max, test: atMost },
  ].filter(({ parameter }) => parameter !== undefined)
}

/**
 * Words as FTS5 takes them literally: each a string of its own, all of them to be found. What looks like one word and is
 * several ("130,000") is found where they follow one another. Signs become blanks here, since the tokenizer knows only
 * those of Unicode 6.1.
 */
const quoteWords = (q: string) =>
  q
    .split(/\s+/)
    .map((word) => word.replace(/[^\p{L}\p{N}\p{M}\p{Co}]+/gu, ' ').trim())
    .filter((word) => word !== '')
    .map((word) => `"${word}"`)
    .join(' ')

/** The compiled statement of a shape, made when it is first met. */
export function statement(
  { statements }: FigureIndex,
  shape: string,
  compose: () => { prepare: () => unknown; toSQL: () => { sql: string } },
): Statement {
  let known = statements.get(shape)
  if (known === undefined) {
    const composed = compose()
    known = composed.prepare() as Statement
    statements.set(shape, known, { size: composed.toSQL().sql.length })
  }
  return known
}
