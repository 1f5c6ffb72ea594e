import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { columns as declared, Coverage } from '../../src/schemas/coverage.ts'
import { DocumentSummary } from '../../src/schemas/documents.ts'
import { list } from '../../src/schemas/envelope.ts'
import { Figure } from '../../src/schemas/figures.ts'
import { MetricSummary } from '../../src/schemas/metrics.ts'
import { exportPage } from '../../src/routes/tables.ts'
import { addVariedFigures, asRecord, readCsv, readNdjson } from '../support/query.ts'
import { follow, read, readProblem, serviceForTests, type RunningService } from '../support/service.ts'

const Rows = list(Coverage)

/** Section 5 of the design, letter for letter. */
const columns = ['metric', 'year', 'document', 'figures', 'url'] as const

const real = serviceForTests()
/** A service with more documents, with figures of every year, computed ones among them, and more than an export reads at a time. */
const many = serviceForTests({
  prepare: (db) => {
    addVariedFigures(db, 700)
  },
})

type World = { rows: Coverage[]; figures: readonly Figure[] }

/** The whole table in plain code: metrics by id, the years that each spans, documents by id. */
async function tableOf(service: Pick<RunningService, 'get'>): Promise<World> {
  const pages = await follow(service, '/v1/figures?limit=1000', list(Figure))
  const figures = pages.flatMap(({ data }) => data)
  const metrics = (await read(await service.get('/v1/metrics?limit=1000'), list(MetricSummary))).data
  const documents = (await read(await service.get('/v1/documents?limit=1000'), list(DocumentSummary))).data
  const counts = Map.groupBy(figures, ({ metric, year, document }) => `${metric} ${year} ${document}`)
  const rows = metrics.flatMap(({ id: metric, year_first, year_last }) => {
    if (year_first === null || year_last === null) return []
    return Array.from({ length: year_last - year_first + 1 }, (_, at) => year_first + at).flatMap((year) =>
      documents.map(({ id: document }) => ({
        ...{ metric, year, document, figures: counts.get(`${metric} ${year} ${document}`)?.length ?? 0 },
        url: `/v1/figures?document=${document}&metric=${metric}&year=${year}`,
      })),
    )
  })
  return { rows, figures }
}

let world: World
let rich: World
beforeAll(async () => {
  world = await tableOf(real)
  rich = await tableOf(many)
}, 60_000)

type Filter = { metric?: string[]; year?: string[]; document?: string[]; silent?: string }

const matching = ({ rows }: World, { metric, year, document, silent }: Filter) =>
  rows.filter(
    (row) =>
      (metric?.includes(row.metric) ?? true) &&
      (year?.includes(String(row.year)) ?? true) &&
      (document?.includes(row.document) ?? true) &&
      (silent === undefined || silent === String(row.figures === 0)),
  )

const addressOf = (filter: Filter, more: Record<string, string | number> = {}) =>
  `/v1/coverage?${Object.entries({ ...filter, ...more })
    .map(([name, value]) => `${name}=${[value].flat().join(',')}`)
    .join('&')}`

const anyFilter = fc.constant(null).chain(() => {
  const some = (terms: readonly string[]) =>
    fc.option(fc.uniqueArray(fc.constantFrom(...new Set(terms)), { minLength: 1, maxLength: 4 }), { nil: undefined })
  return fc
    .record({
      metric: some(rich.rows.map(({ metric }) => metric)),
      year: some([...rich.rows.map(({ year }) => String(year)), '1066']),
      document: some(rich.rows.map(({ document }) => document)),
      silent: fc.constantFrom(undefined, 'true', 'false'),
    })
    .map((drawn) => Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined)) as Filter)
})

describe('the coverage', () => {
  it('has the columns of the contract, in its order', async () => {
    expect(declared).toEqual(columns)
    const { data } = await read(await real.get('/v1/coverage'), Rows)
    for (const row of data) expect(Object.keys(row)).toEqual(columns)
  })

  it('is every document in every year that a metric spans, by metric, year and document', async () => {
    for (const [service, { rows }] of [
      [real, world],
      [many, rich],
    ] as const) {
      const pages = await follow(service, '/v1/coverage?limit=1000', Rows)
      expect(pages.flatMap(({ data }) => data)).toEqual(rows)
      for (const { page } of pages) expect(page.total).toBe(rows.length)
    }
    expect(rich.rows.length, 'more than a page of an export').toBeGreaterThan(exportPage)
  })

  it('counts every printed figure once and no computed one', () => {
    for (const { rows, figures } of [world, rich]) {
      const printed = figures.filter(({ origin }) => origin === 'quoted')
      expect(rows.reduce((sum, row) => sum + row.figures, 0)).toBe(printed.length)
      expect(printed.length).toBeLessThan(figures.length)
    }
  })

  it('leads to exactly the figures that it counts, silence to none', async () => {
    expect(world.rows.some(({ figures }) => figures === 0)).toBe(true)
    for (const { metric, year, document, figures, url } of (await read(await real.get('/v1/coverage?limit=1000'), Rows))
      .data) {
      const { data, page } = await read(await real.get(`${url}&limit=1000`), list(Figure))
      expect(page.total, url).toBe(figures)
      for (const figure of data) expect(figure).toMatchObject({ metric, year, document })
    }
  })

  it('comes fifty to a page unless a limit is given', async () => {
    const { data, page } = await read(await real.get('/v1/coverage'), Rows)
    expect(data).toEqual(world.rows.slice(0, 50))
    expect(page).toMatchObject({ total: world.rows.length, returned: 50 })
  })
})

describe('a filter', () => {
  it('lets through what matches it, in order, exactly counted', async () => {
    let some = 0
    await fc.assert(
      fc.asyncProperty(anyFilter, async (filter) => {
        const expected = matching(rich, filter)
        some += Number(expected.length > 0 && expected.length < rich.rows.length)
        const { data, page } = await read(await many.get(addressOf(filter, { limit: 1000 })), Rows)
        expect(data).toEqual(expected.slice(0, 1000))
        expect(page).toMatchObject({ total: expected.length, returned: data.length })
      }),
      { numRuns: 150 },
    )
    expect(some).toBeGreaterThan(50)
  })

  it('of silence and its contrary share the table between them', async () => {
    const totals = await Promise.all(
      ['true', 'false'].map(async (silent) => (await read(await many.get(addressOf({ silent })), Rows)).page.total),
    )
    for (const total of totals) expect(total).toBeGreaterThan(0)
    expect(totals.reduce((sum, total) => sum + total, 0)).toBe(rich.rows.length)
  })
})

describe('pages', () => {
  it('of any filter and any size hold every match once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(anyFilter, fc.integer({ min: 1, max: 1000 }), async (filter, limit) => {
        const expected = matching(rich, filter)
        const size = Math.max(limit, Math.ceil(expected.length / 20))
        const pages = await follow(many, addressOf(filter, { limit: Math.min(size, 1000) }), Rows)
        expect(pages.flatMap(({ data }) => data)).toEqual(expected)
      }),
      { numRuns: 30 },
    )
  })

  it('take no cursor of another query', async () => {
    const { page } = await read(await real.get('/v1/coverage?limit=1'), Rows)
    const { errors = [] } = await readProblem(await real.get(`${page.next ?? ''}&silent=true`), 400)
    expect(errors).toMatchObject([{ parameter: 'cursor' }])
  })
})

describe('as a file', () => {
  it('CSV and NDJSON hold every match of any filter, as JSON does', async () => {
    await fc.assert(
      fc.asyncProperty(anyFilter, async (filter) => {
        const expected = matching(rich, filter)
        const csv = await (await many.get(addressOf(filter, { format: 'csv' }))).text()
        expect(csv.split('\r\n', 1)).toEqual([columns.join(',')])
        expect(readCsv(csv)).toEqual(expected.map(asRecord))
        const ndjson = await (await many.get(addressOf(filter, { format: 'ndjson' }))).text()
        expect(readNdjson(ndjson)).toEqual(expected)
      }),
      { numRuns: 15 },
    )
  })

  it('is named by what it holds and in which release', async () => {
    const { headers } = await real.ask('/v1/coverage?format=csv')
    expect(headers['content-disposition']).toMatch(/^attachment; filename="coverage-\d{4}\.\d+\.\d+\.csv"$/)
  })
})

it.each([
  ['metric=coca-eradicaton', { parameter: 'metric', did_you_mean: 'coca-eradication' }],
  ['document=cnwg-statement-2012', { parameter: 'document', did_you_mean: 'cnwg-statement-2021' }],
  ['year=20', { parameter: 'year' }],
  ['silent=yes', { parameter: 'silent', allowed: ['true', 'false'] }],
  ['silent=true&silent=false', { parameter: 'silent', reason: 'is given more than once' }],
  ['silence=true', { parameter: 'silence', did_you_mean: 'silent' }],
  ['format=parquet', { parameter: 'format' }],
  ['limit=1001', { parameter: 'limit' }],
  ['cursor=x', { parameter: 'cursor' }],
])('%s is a 400 that says what is wrong', async (query, fault) => {
  const { errors = [] } = await readProblem(await real.get(`/v1/coverage?${query}`), 400)
  expect(errors).toMatchObject([fault])
})

it('an answer known by its tag is not sent again', async () => {
  const { headers } = await real.ask('/v1/coverage')
  const again = await real.ask('/v1/coverage', { headers: { 'if-none-match': headers.etag ?? '' } })
  expect([again.status, again.body.length]).toEqual([304, 0])
})
