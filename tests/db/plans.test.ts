/** How SQLite goes about the queries: on a hundred thousand figures, where a scan or a sort would be felt. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase, type Db } from '../../src/db/client.ts'
import { countFigures, listFigures } from '../../src/db/figures.ts'
import { openFigureIndex, type FigureFilter, type FigureIndex } from '../../src/db/search.ts'
import { servedFigure } from '../../src/db/schema.ts'
import { figureSorts, termColumns, type FigureSort } from '../../src/schemas/vocabularies.ts'
import { buildSyntheticDatabase } from '../../src/seed/build.ts'
import { temporaryFolder } from '../support/seed.ts'

const figures = 100_000
const path = join(temporaryFolder(afterAll), 'metrics.db')
let db: Db
let index: FigureIndex
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
}, 120_000)
afterAll(() => {
  db.$client.close()
})

const sorts = figureSorts.filter((sort) => sort !== 'relevance')

/** What SQLite does for the page that a filter and a sort ask for: a line a step. */
function planOf(filter: FigureFilter, sort: FigureSort): string[] {
  index.statements.clear()
  compiled = []
  listFigures(index, filter, sort, 0, 51)
  const pages = compiled.filter((sql) => sql.includes('served_key'))
  expect(pages).toHaveLength(1)
  const [page = ''] = pages
  const parameters = page.match(/\?/g)?.map(() => 1) ?? []
  const steps = db.$client.prepare<number[], { detail: string }>(`EXPLAIN QUERY PLAN ${page}`).all(...parameters)
  return steps.map(({ detail }) => detail)
}

const idsOf = (howMany: number) =>
  db
    .select({ id: servedFigure.id })
    .from(servedFigure)
    .limit(howMany)
    .all()
    .map(({ id }) => id)

/** Terms of a column from the most frequent to the rarest. */
const termsOf = (column: (typeof termColumns)[number]) =>
  (index.terms.get(column) ?? []).toSorted((a, b) => b.figures - a.figures).map(({ term }) => term)

/** A walk over a table or an index from its beginning; over the page itself there is one, of 51 rows. */
const scans = /^SCAN (?!page$)/

describe.each([...termColumns])('a filter by %s', (column) => {
  it.each(sorts)('sorted by %s, seeks each of its terms in the order of the list and sorts nothing', (sort) => {
    const terms = termsOf(column)
    expect(terms.length).toBeGreaterThan(0)
    for (const some of [terms.slice(0, 1), terms.slice(-1), terms.slice(0, 3), terms.slice(0, 200)]) {
      const plan = planOf({ [column]: some }, sort)
      expect(plan.filter((step) => step.includes('TEMP B-TREE') || scans.test(step))).toEqual([])
      const seeks = plan.filter((step) => step.startsWith('SEARCH served_key'))
      // Where every figure has one of the terms, there is nothing to look for: the order itself is followed.
      const all = countFigures(index, { [column]: some }) === figures
      // A number of branches that is a power of two; those too many look for nothing.
      expect(seeks.length).toBe(all ? 1 : 2 ** Math.ceil(Math.log2(some.length)))
      for (const seek of seeks)
        expect(seek).toMatch(all ? /\(\w+>\?\)$/ : new RegExp(`\\(${column}=\\? AND \\w+>\\?\\)$`))
    }
  })
})

describe('a filter by ranges of time', () => {
  it.each(
    sorts.flatMap((sort) =>
      [{ year_from: 2015 }, { year_to: 2005 }, { year_from: 2000, year_to: 2003 }, { as_of: '2016-06-30' }].map(
        (filter) => ({ filter, sort }),
      ),
    ),
  )('$filter, sorted by $sort, seeks each of its years and sorts nothing', ({ filter, sort }) => {
    expect(countFigures(index, filter)).toBeGreaterThan(0)
    const plan = planOf(filter, sort)
    expect(plan.filter((step) => step.includes('TEMP B-TREE'))).toEqual([])
    // The years that also hold are looked at in memory, as a list.
    expect(plan.filter((step) => scans.test(step) && !step.includes('json_each'))).toEqual([])
  })
})

describe('a filter by ids', () => {
  it.each(sorts)('sorted by %s, seeks each and sorts nothing', (sort) => {
    const plan = planOf({ id: idsOf(50) }, sort)
    expect(plan.filter((step) => step.includes('TEMP B-TREE') || scans.test(step))).toEqual([])
  })
})

describe('no filter', () => {
  it.each(sorts)('sorted by %s, goes along one index from where the page starts', (sort) => {
    const plan = planOf({}, sort)
    expect(plan.filter((step) => step.includes('TEMP B-TREE') || scans.test(step))).toEqual([])
  })
})

// Words are found in the default order only: in any other, what was found is sorted once, and kept.
describe('a search', () => {
  it('in the default order sorts nothing: the words are found in that order', () => {
    const plan = planOf({ q: 'bogota' }, '-year')
    expect(plan.filter((step) => step.includes('TEMP B-TREE'))).toEqual([])
  })
})

describe('a shape that was seen before', () => {
  it.each(sorts)('is not composed again, whatever its terms, sorted by %s', (sort) => {
    const [a = '', b = '', c = '', d = ''] = termsOf('metric')
    const [unit = ''] = termsOf('unit')
    const filters: [FigureFilter, FigureFilter][] = [
      [{ metric: [a] }, { metric: [b] }],
      [{ metric: [a, b] }, { metric: [c, d] }],
      [
        { unit: [unit], value_min: 1, match: 'certain' },
        { unit: [unit], value_min: 1000, match: 'certain' },
      ],
      [{ q: 'one' }, { q: 'two other words' }],
      [{ id: idsOf(1) }, { id: idsOf(2).slice(1) }],
      [{ id: idsOf(3) }, { id: idsOf(4) }],
      [{ as_of: '2016-06-30' }, { as_of: '2016-12-31' }],
      [
        { year_from: 2010, metric: [a] },
        { year_from: 2011, metric: [b] },
      ],
    ]
    index.counts.clear()
    for (const [first, second] of filters) {
      listFigures(index, first, sort, 0, 51)
      countFigures(index, first)
      compiled = []
      listFigures(index, second, sort, 7, 12)
      countFigures(index, second)
      expect(compiled).toEqual([])
    }
  })
})
