/** Searches over a hundred thousand figures: what SQLite is asked to do, and whether the answers are those of plain SQL. */
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase, type Db } from '../../src/db/client.ts'
import { countFigures, countTerms, listFigures } from '../../src/db/figures.ts'
import { figureOrders, stretchSize } from '../../src/db/schema.ts'
import { openFigureIndex, termOf, type FigureFilter, type FigureIndex } from '../../src/db/search.ts'
import { spanIn } from '../../src/db/spans.ts'
import {
  figureSorts,
  mostRanked,
  termColumns,
  type FigureSort,
  type TermColumn,
} from '../../src/schemas/vocabularies.ts'
import { buildSyntheticDatabase } from '../../src/seed/build.ts'
import { temporaryFolder } from '../support/seed.ts'

const figures = 100_000
const path = join(temporaryFolder(afterAll), 'metrics.db')
let db: Db
let index: FigureIndex
/** Every figure by its terms, as plain SQL sorts them, by sort. */
let sorted: ReadonlyMap<FigureSort, readonly Fact[]>
/** Every SQL that was compiled since it was last emptied. */
let compiled: string[]

beforeAll(() => {
  buildSyntheticDatabase(path, { figures, seed: 1 })
  db = openDatabase(path)
  const { $client: client } = db
  const prepare = client.prepare.bind(client)
  client.prepare = (sql: string) => {
    compiled.push(sql)
    return prepare(sql)
  }
  compiled = []
  index = openFigureIndex(db)
  sorted = sortPlainly()
}, 240_000)
afterAll(() => {
  db.$client.close()
  // Other files run in this process after this one.
  sorted = new Map()
})

const sorts = figureSorts.filter((sort) => sort !== 'relevance')

/** Terms of a column from the most frequent to the rarest. */
const termsOf = (column: TermColumn | 'word') =>
  [...(index.terms().get(column) ?? [])].toSorted(([, a], [, b]) => b - a).map(([term]) => term)

/** Frequent, rare, several and many terms of a column. */
const someTermsOf = (column: TermColumn) => {
  const terms = termsOf(column)
  return [terms.slice(0, 1), terms.slice(-1), terms.slice(0, 3), terms.slice(0, 200)]
}

const select = (sql: string, ...parameters: unknown[]) =>
  db.$client
    .prepare(sql)
    .all(...parameters)
    .map((row) => (row as { id: string }).id)

/** The facts behind the columns, joined without any of the tables that searches are answered from. */
const facts = `SELECT f.id, f.metric, m.topic, f.scope, f.measure, f.claim_type, f.origin, f.qualifier, f.unit, f.year,
    f.place, f.actor, f.attribution, f.document, d.publisher, f.superlative, f.baseline_year, f.value,
    d.published_latest AS published
  FROM figure f JOIN metric m ON m.id = f.metric LEFT JOIN document d ON d.id = f.document`

const orderBy: Readonly<Record<string, string>> = {
  '-year': 'year DESC',
  year: 'year',
  value: 'value NULLS LAST',
  '-value': 'value DESC NULLS LAST',
  metric: 'metric',
  document: 'document NULLS LAST',
  published: 'published NULLS LAST',
  '-published': 'published DESC NULLS LAST',
  id: 'id',
}

/** What plain SQL says of a figure; each term as text, as filters have it. */
type Fact = { id: string } & Readonly<Record<TermColumn, string | null>>

/** The figures in each order that plain SQL knows, on a connection of its own: joined once, sorted once for each. */
function sortPlainly(): Map<FigureSort, Fact[]> {
  const client = new Sqlite(path, { readonly: true })
  try {
    client.pragma('temp_store = memory')
    client.exec(`CREATE TEMP TABLE fact AS ${facts}`)
    const rows = client.prepare<[], Record<TermColumn | 'id', string | number | null>>('SELECT * FROM fact').all()
    const asText = (row: (typeof rows)[number]) =>
      Object.fromEntries(
        (['id', ...termColumns] as const).map((column) => {
          const term = row[column]
          return [column, term === null ? null : String(term)]
        }),
      ) as Fact
    const byId = new Map(rows.map(asText).map((fact) => [fact.id, fact]))
    return new Map(
      sorts.map((sort) => {
        const ids = client
          .prepare<[], string>(`SELECT id FROM fact ORDER BY ${orderBy[sort] ?? ''}, id`)
          .pluck()
          .all()
        return [sort, ids.map((id) => byId.get(id) ?? expect.unreachable(`${id} is a figure`))]
      }),
    )
  } finally {
    client.close()
  }
}

/** The ids of the figures that have the terms of each column, in an order of plain SQL. */
function plainly(filter: Partial<Record<TermColumn, readonly string[]>>, sort: FigureSort, after = 0, limit = 51) {
  const wanted = Object.entries(filter).map(([column, terms]) => [column as TermColumn, new Set(terms)] as const)
  const ids: string[] = []
  let passed = 0
  for (const fact of sorted.get(sort) ?? expect.unreachable(`there is an order by ${sort}`)) {
    if (ids.length === limit) break
    const isWanted = wanted.every(([column, terms]) => {
      const term = fact[column]
      return term !== null && terms.has(term)
    })
    if (isWanted && ++passed > after) ids.push(fact.id)
  }
  return ids
}

const page = (filter: FigureFilter, sort: FigureSort, after = 0, limit = 51) =>
  listFigures(index, filter, sort, after, limit)
const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)

/** Holds ids to others in their order; of a hundred thousand, one text is compared faster than so many elements. */
function expectIds(actual: readonly string[], expected: readonly string[]): void {
  if (actual.join() !== expected.join()) expect(actual).toEqual(expected)
}

describe('what SQLite is asked', () => {
  const filters = (): FigureFilter[] => [
    {},
    ...termColumns.flatMap((column) => someTermsOf(column).map((terms) => ({ [column]: terms }))),
    ...[{ year_from: 2015 }, { year_to: 2005 }, { year_from: 2000, year_to: 2003 }, { as_of: '2016-06-30' }],
    { id: idsOf(page({}, 'id', 0, 50)) },
    ...[
      { q: 'eradication' },
      { q: termsOf('word')[0] ?? '' },
      { q: '1999' },
      { q: 'two words' },
      { q: 'nothingatall' },
    ],
    ...(['stated', 'certain', 'possible'] as const).map((match) => ({
      ...{ unit: termsOf('unit').slice(0, 1), value_min: 10, value_max: 1000, match },
    })),
  ]

  it('is compiled before the first question, whatever is asked in whichever order', () => {
    compiled = []
    for (const filter of filters()) {
      for (const sort of filter.q === undefined ? sorts : figureSorts) page(filter, sort)
      countFigures(index, filter)
      for (const column of termColumns) countTerms(index, filter, column)
    }
    expect(compiled).toEqual([])
  })

  it('is never to walk over a table or to sort', () => {
    const statements = Object.entries(index.read).map(
      ([name, read]) => [name, 'getQuery' in read ? read.getQuery().sql : read.source] as const,
    )
    expect(statements.length).toBeGreaterThan(7)
    for (const [name, sql] of statements) {
      const parameters = sql.match(/\?/g)?.map(() => 1) ?? []
      const plan = db.$client.prepare<number[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters)
      for (const { detail } of plan) {
        // A list that the query itself brings, and the words that FTS5 looks up in its index.
        const isLookup =
          /^(?:SEARCH |LIST SUBQUERY|SCAN (?:json_each|wanted) VIRTUAL TABLE INDEX 1:|SCAN served_text .* \d+:M)/
        expect(detail, `${name}: ${sql}`).toMatch(isLookup)
      }
    }
  })
})

describe.each(sorts)('sorted by %s', (sort) => {
  it('all figures stand as plain SQL sorts them, on any page', () => {
    for (const after of [0, 49_990, figures - 20])
      expect(idsOf(page({}, sort, after))).toEqual(plainly({}, sort, after))
  })

  it.each([...termColumns])('those of some terms by %s do too, on the first page and on every later one', (column) => {
    for (const terms of someTermsOf(column)) {
      const filter = { [column]: terms }
      const total = countFigures(index, filter)
      const first = page(filter, sort)
      expect(idsOf(first)).toEqual(plainly(filter, sort))
      const half = page(filter, sort, 0, 1000).at(-1)
      if (half !== undefined && total > 1000) {
        expect(idsOf(page(filter, sort, half.rank))).toEqual(plainly(filter, sort, 1000))
      }
    }
  })
})

describe('a term', () => {
  it('tells in each order the first and the last rank of its figures', () => {
    for (const column of termColumns) {
      const [term = ''] = someTermsOf(column)[1] ?? []
      for (const order of figureOrders) {
        const ranks = page({ [column]: [term] }, order, 0, figures).map(({ rank }) => rank)
        const span = { first: ranks[0], last: ranks.at(-1) }
        expect(spanIn(termOf(index, column, term).spans, order), `${column} ${term}, by ${order}`).toEqual(span)
      }
    }
  })
})

describe('a page of an order', () => {
  /** Of the terms of a column the one whose figures begin last in the order of metrics. */
  const lastOf = (column: TermColumn | 'word') => {
    const firstOf = (term: string) => spanIn(termOf(index, column, term).spans, 'metric').first
    return termsOf(column).toSorted((a, b) => firstOf(b) - firstOf(a))[0] ?? ''
  }
  const filters: [string, () => FigureFilter, FigureSort][] = [
    ['a term', () => ({ metric: [lastOf('metric')] }), 'metric'],
    ['a word', () => ({ q: lastOf('word') }), 'metric'],
    ['days', () => ({ as_of: '1990-12-31' }), '-published'],
  ]

  it.each(filters)('is looked for from the first rank that %s can have, and no earlier', (_, filter, sort) => {
    const [first = expect.unreachable()] = page(filter(), sort)
    index.stretches.clear()
    expect(page(filter(), sort)[0]).toEqual(first)
    const read = [...index.stretches.keys()].map((key) => Number(key.split(' ')[1]))
    expect(read.length).toBeGreaterThan(0)
    expect(Math.min(...read)).toBe(Math.floor((first.rank - 1) / stretchSize))
    expect(Math.min(...read)).toBeGreaterThan(0)
  })
})

describe('several columns', () => {
  const question = () =>
    fc.record(
      Object.fromEntries(
        (['metric', 'topic', 'measure', 'unit', 'year', 'origin', 'publisher', 'qualifier', 'place'] as const).map(
          (column) => [column, fc.subarray(termsOf(column).slice(0, 12), { minLength: 1 })],
        ),
      ),
      { requiredKeys: [] },
    )

  it('give what plain SQL gives, as many, and the same counts by term', () => {
    fc.assert(
      fc.property(question(), fc.constantFrom(...sorts), fc.constantFrom(...termColumns), (filter, sort, column) => {
        expect(idsOf(page(filter, sort))).toEqual(plainly(filter, sort))
        const all = plainly(filter, 'id', 0, figures)
        expect(countFigures(index, filter)).toBe(all.length)
        const counts = countTerms(index, filter, column)
        expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(all.length)
        for (const { term, count } of counts.filter(({ term }) => term !== null).slice(0, 3)) {
          const narrower = { ...filter, [column]: [term ?? ''] }
          const within = (filter as Partial<Record<TermColumn, string[]>>)[column]
          if (within === undefined) expect(plainly(narrower, 'id', 0, figures)).toHaveLength(count)
        }
      }),
      { numRuns: 25 },
    )
  }, 120_000)
})

describe('words', () => {
  const matching = (words: string) =>
    select(
      'SELECT id FROM served_text JOIN served_figure ON position = served_text.rowid WHERE served_text MATCH ?',
      words,
    )

  it('that are common are known without asking the index of words, and are the same figures', () => {
    const common = termsOf('word')
    expect(common.length).toBeGreaterThan(20)
    for (const word of [...common.slice(0, 3), ...common.slice(-3)]) {
      const found = matching(`"${word}"`)
      expect(found.length).toBeGreaterThan(mostRanked)
      expect(countFigures(index, { q: word.toUpperCase() })).toBe(found.length)
      expectIds(idsOf(page({ q: word }, '-year', 0, figures)).toSorted(), found.toSorted())
    }
  })

  it('common and rare together are found where all of them are', () => {
    const [first = '', second = ''] = termsOf('word').slice(40)
    const words = ['1999', 'eradication', first, second, 'Bogotá', 'bogota', 'level']
    fc.assert(
      fc.property(fc.subarray(words, { minLength: 1 }), (some) => {
        const found = matching(some.map((word) => `"${word}"`).join(' '))
        expectIds(idsOf(page({ q: some.join(' ') }, 'id', 0, figures)), found.toSorted())
      }),
      { numRuns: 40 },
    )
  })

  it('that few figures hold put the best first, those that too many hold the latest', () => {
    const score = 'bm25(served_text, 2.0, 2.0, 4.0, 4.0, 2.0, 2.0, 1.0)'
    const best = select(
      `SELECT id FROM served_text JOIN served_figure ON position = served_text.rowid
       WHERE served_text MATCH ? ORDER BY ${score}, id`,
      '"1999"',
    )
    expect(best.length).toBeGreaterThan(100)
    expect(best.length).toBeLessThanOrEqual(mostRanked)
    const pages = [0, 50, 100].map((after) => page({ q: '1999' }, 'relevance', after, 50))
    expect(pages.flatMap(idsOf)).toEqual(best.slice(0, 150))
    const [common = ''] = termsOf('word')
    expect(page({ q: common }, 'relevance')).toEqual(page({ q: common }, '-year'))
  })

  it('within a filter keep their order', () => {
    const [measure = ''] = termsOf('measure').slice(1)
    const all = idsOf(page({ q: '1999' }, 'relevance', 0, mostRanked))
    const some = idsOf(page({ q: '1999', measure: [measure] }, 'relevance', 0, mostRanked))
    expect(some.length).toBeGreaterThan(0)
    expect(some).toEqual(all.filter((id) => some.includes(id)))
  })
})

describe('what is remembered', () => {
  it('stays within its bounds, whatever is asked', () => {
    const terms = termsOf('metric')
    for (let from = 0; from < 3000; from += 1) {
      const filter = {
        metric: terms.slice(from % 100, (from % 100) + 3),
        year_from: 1900 + (from % 120),
        value_min: from,
      }
      countFigures(index, filter)
      countTerms(index, filter, 'year')
    }
    for (const memory of [index.found, index.packed, index.counts, index.rankings]) {
      expect(memory.calculatedSize).toBeLessThanOrEqual(memory.maxSize)
    }
    expect(index.found.size).toBeLessThan(3000)
  })

  it('is no bit of any question in the room that questions share', () => {
    page({ metric: termsOf('metric').slice(-3) }, 'value')
    countTerms(index, { metric: termsOf('metric').slice(-2), year_from: 2000 }, 'year')
    expect(index.spare?.size()).toBe(0)
    expect(index.spare?.words).toHaveLength((figures >>> 5) + 1)
  })
})
