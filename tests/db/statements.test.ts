/** What SQLite is asked, whatever is asked of the service: each statement compiled once, and how it is carried out. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { getChart } from '../../src/db/charts.ts'
import { openDatabase, type Db } from '../../src/db/client.ts'
import {
  countComparisons,
  listComparisons,
  openComparisons,
  type ComparisonFilter,
  type ComparisonIndex,
} from '../../src/db/comparisons.ts'
import {
  countCoverage,
  listCoverage,
  openCoverage,
  type CoverageFilter,
  type CoverageIndex,
} from '../../src/db/coverage.ts'
import { getRelease } from '../../src/db/dataset.ts'
import { getDocument, listDocuments, listDocumentsAfter, listNotRecorded } from '../../src/db/documents.ts'
import * as figures from '../../src/db/figures.ts'
import { listInputs } from '../../src/db/lineage.ts'
import { getMetric, listMetrics, listScopes } from '../../src/db/metrics.ts'
import { openFigureIndex, type FigureIndex } from '../../src/db/search.ts'
import { listPoints, listSeries, openSeries, type SeriesIndex } from '../../src/db/series.ts'
import { countTargets, listOutcomes, listStatements, listTargets } from '../../src/db/targets.ts'
import { Relation } from '../../src/schemas/vocabularies.ts'
import { temporaryFolder } from '../support/seed.ts'

let db: Db
let index: FigureIndex
let prepare: Db['$client']['prepare']
/** Every SQL that was compiled since the service would have started, in its order. */
const compiled: string[] = []

/** So many shapes: of comparisons pages and totals, of coverage totals and pages, of charts. */
const shapes = 3 ** 2 * 2 ** 4 + 2 ** 6 + 2 ** 3 + 2 + 2
/** And no more than so many statements that have one shape each. */
const mostOthers = 40

const path = join(temporaryFolder(afterAll), 'metrics.db')

beforeAll(() => {
  copyFileSync(inject('builtDatabase'), path)
  db = openDatabase(path)
  const { $client: client } = db
  prepare = client.prepare.bind(client)
  index = openFigureIndex(db)
  const opened = { comparisons: openComparisons(index), coverage: openCoverage(db), series: openSeries(db, 60) }
  client.prepare = (sql: string) => {
    compiled.push(sql)
    return prepare(sql)
  }
  askEverything(opened)
}, 120_000)
afterAll(() => {
  db.$client.close()
})

/** Every choice of one of some terms for each name, or of none. */
const choices = (options: Record<string, readonly unknown[]>): object[] =>
  Object.entries(options).reduce<object[]>(
    (all, [name, terms]) => all.flatMap((one) => [one, ...terms.map((term) => ({ ...one, [name]: term }))]),
    [{}],
  )

/** What the service opens when it starts. */
type Opened = { comparisons: ComparisonIndex; coverage: CoverageIndex; series: SeriesIndex }

/** Asks for everything that requests ask for, by filters of every shape, more than once and for other terms each time. */
function askEverything({ comparisons, coverage, series }: Opened): void {
  const column = (sql: string) => prepare<[], string>(sql).pluck().all()
  const [metrics, documents] = [column('SELECT id FROM metric'), column('SELECT id FROM document')]
  for (let from = 0; from < 3; from += 1) {
    const own = { metric: [metrics.slice(from, from + 2)], document: [documents.slice(from, 3)], year: [[2018 + from]] }
    const pairs = choices({
      ...{ relation: [Relation.options.slice(from)], metric: own.metric },
      // Of few figures, which are looked up, and of many.
      ...{ document: [[`of-no-figure-${from}`], ...own.document], year: [[1900 + from], ...own.year] },
      ...{ compatible: [[from === 0]], involves_derived: [[from === 1]] },
    })
    for (const filter of pairs as ComparisonFilter[]) {
      listComparisons(comparisons, filter, '', 1 + from)
      countComparisons(comparisons, filter)
    }
    for (const filter of choices({ ...own, silent: [true, false] }) as CoverageFilter[]) {
      listCoverage(coverage, filter, null, 1 + from)
      countCoverage(coverage, filter)
    }
    listMetrics(db, '', 1 + from)
    listDocuments(db, '', 1 + from)
    listDocumentsAfter(db, `202${from}-01-01`)
    for (const target of listTargets(db, '', 1 + from)) {
      listStatements(db, target.id)
      listOutcomes(db, target)
    }
    countTargets(db)
    getRelease(db)
  }
  for (const id of metrics) {
    listPoints(db, listSeries(series, id).series)
    for (const ask of [getMetric, listScopes]) ask(db, id)
    for (const as of ['svg', 'specification'] as const) getChart(db, id, 'wide', as)
  }
  for (const id of documents) for (const ask of [getDocument, listNotRecorded]) ask(db, id)
  const { getFigure, isFigure, listIdsAround } = figures
  for (const id of column('SELECT id FROM figure')) {
    for (const ask of [getFigure, isFigure, listIdsAround, listInputs]) ask(db, id)
  }
}

const plan = (sql: string) =>
  prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...(sql.match(/\?/g) ?? []).map(() => 1))
    .map((step) => (step as { detail: string }).detail)

it('no statement is compiled twice, whatever is asked how often, and there are no more than there are shapes', () => {
  const twice = compiled.filter((sql, at) => compiled.indexOf(sql) !== at)
  expect(twice).toEqual([])
  expect(compiled.length).toBeGreaterThan(shapes)
  expect(compiled.length).toBeLessThanOrEqual(shapes + mostOthers)
})

it('what is given to a join or as a limit stands behind a sign, so that SQLite need not plan anew for each value', () => {
  const planned = compiled.filter((sql) => /\b(?:join|limit)\b/.test(sql))
  expect(planned.length).toBeGreaterThan(100)
  for (const sql of planned) expect(sql.replaceAll(/\+\?|json_each\(\?\)/g, '')).not.toContain('?')
})

it('the sign keeps no index from being used', () => {
  const signed = compiled.filter((sql) => sql.includes('+?'))
  expect(signed.length).toBeGreaterThan(100)
  for (const sql of signed) expect(plan(sql), sql).toEqual(plan(sql.replaceAll('+?', '?')))
})

it('no table is walked over but to count all, for the one release, and for the days of the documents', () => {
  const walks = compiled.filter((sql) => plan(sql).some((step) => /^SCAN (?!json_each|\(subquery|cells)/.test(step)))
  expect(walks.length).toBeGreaterThan(0)
  for (const sql of walks) expect(sql).toMatch(/^select count\(|from "release"|"document"\."published_latest" > /)
})
