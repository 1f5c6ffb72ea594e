import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tables from '../../src/db/schema.ts'
import { columns as declared, Comparison } from '../../src/schemas/comparisons.ts'
import { item, list } from '../../src/schemas/envelope.ts'
import { Figure, FigureDetail } from '../../src/schemas/figures.ts'
import { exportPage } from '../../src/routes/tables.ts'
import { needsReason, Relation } from '../../src/schemas/vocabularies.ts'
import { asRecord, readCsv, readNdjson } from '../support/query.ts'
import { follow, read, readProblem, serviceForTests, type RunningService } from '../support/service.ts'

const Comparisons = list(Comparison)

/** Section 6 of the design, letter for letter. */
const columns = [
  ...(['id', 'figure_a', 'figure_b', 'metric', 'relation', 'compatible', 'involves_derived'] as const),
  ...(['gap_low', 'gap_high', 'reason'] as const),
]

const real = serviceForTests()

/**
 * A service with comparisons of every kind, more than one page of an export holds: every two figures of a metric, two
 * computed ones beside each printed.
 */
const many = serviceForTests({
  prepare: (db) => {
    const printed = db.select().from(tables.figure).all()
    const none = {
      document: null,
      attribution: null,
      source_url: null,
      quote: null,
      quote_start: null,
      quote_end: null,
    }
    const open = { value_low: null, value_low_inclusive: null, value_high: null, value_high_inclusive: null }
    const copies = printed.flatMap((figure) =>
      ['x', 'y'].map((mark) => ({
        ...figure,
        ...none,
        ...open,
        ...{ id: `${figure.id}-${mark}`, origin: 'derived' as const, qualifier: null },
      })),
    )
    for (const copy of copies) db.insert(tables.figure).values(copy).run()
    db.delete(tables.comparison).run()
    let at = 0
    for (const figures of Map.groupBy([...printed, ...copies], ({ metric }) => metric).values()) {
      for (const [index, a] of figures.entries()) {
        for (const b of figures.slice(index + 1)) {
          at += 1
          const relation = Relation.options[at % Relation.options.length] ?? 'compatible'
          db.insert(tables.comparison)
            .values({
              ...{ id: `${a.id}-vs-${b.id}`, figure_a: a.id, figure_b: b.id, metric: a.metric, relation },
              compatible: at % 3 !== 0,
              involves_derived: a.origin === 'derived' || b.origin === 'derived',
              gap_low: at % 5 === 0 ? null : -at / 8,
              gap_high: at % 4 === 0 ? null : at * 1e15 > 2 ** 53 ? at : at * 1e15,
              reason: needsReason.includes(relation) ? `They differ, "as it were", in number ${at}; ½.` : null,
            })
            .run()
        }
      }
    }
  },
})

type World = { comparisons: Comparison[]; figures: ReadonlyMap<string, Figure> }

/** Every comparison, gathered from the figures one by one, in the order of ids, with the figures. */
async function gather(service: Pick<RunningService, 'get'>): Promise<World> {
  const figures = (await follow(service, '/v1/figures?limit=1000', list(Figure))).flatMap(({ data }) => data)
  const found = new Map<string, Comparison>()
  for (const { url } of figures) {
    const { data } = await read(await service.get(url), item(FigureDetail))
    for (const comparison of data.comparisons) found.set(comparison.id, comparison)
  }
  const comparisons = [...found.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return { comparisons, figures: new Map(figures.map((figure) => [figure.id, figure])) }
}

let world: World
let richWorld: World
beforeAll(async () => {
  world = await gather(real)
  richWorld = await gather(many)
}, 60_000)

const filters = ['relation', 'metric', 'document', 'year', 'compatible', 'involves_derived'] as const
type Filter = Partial<Record<(typeof filters)[number], string[]>>

/** What a comparison has of each filter, as text; of what its figures have, either's. */
function termsOf(comparison: Comparison, { figures }: World): Record<(typeof filters)[number], string[]> {
  const both = [comparison.figure_a, comparison.figure_b].map((id) => figures.get(id) ?? expect.unreachable(id))
  return {
    relation: [comparison.relation],
    metric: [comparison.metric],
    document: both.flatMap(({ document }) => document ?? []),
    year: both.map(({ year }) => String(year)),
    compatible: [String(comparison.compatible)],
    involves_derived: [String(comparison.involves_derived)],
  }
}

const matching = (all: World, filter: Filter) =>
  all.comparisons.filter((comparison) => {
    const terms = termsOf(comparison, all)
    return filters.every((name) => filter[name]?.some((term) => terms[name].includes(term)) ?? true)
  })

const addressOf = (filter: Filter, more: Record<string, string | number> = {}) =>
  `/v1/comparisons?${Object.entries({ ...filter, ...more })
    .map(([name, value]) => `${name}=${[value].flat().join(',')}`)
    .join('&')}`

/** Filters by one to three terms of some columns, of which most let something through. */
const anyFilter = fc
  .constantFrom(0, 0.2, 0.4, 0.6, 0.8)
  .chain((place) => {
    const around = richWorld.comparisons[Math.floor(place * richWorld.comparisons.length)] ?? expect.unreachable()
    const own = termsOf(around, richWorld)
    const documents = [...new Set([...richWorld.figures.values()].flatMap(({ document }) => document ?? []))]
    const metrics = [...new Set(richWorld.comparisons.map(({ metric }) => metric))]
    const others: Record<(typeof filters)[number], readonly string[]> = {
      relation: Relation.options,
      metric: metrics,
      document: documents,
      year: ['1999', '2013', '2017', '2018', '2019', '2020', '2023'],
      compatible: ['true', 'false'],
      involves_derived: ['true', 'false'],
    }
    return fc
      .subarray([...filters])
      .chain((names) =>
        fc.tuple(
          ...names.map((name) =>
            fc
              .array(fc.constantFrom(...others[name], ...own[name], ...own[name]), { minLength: 1, maxLength: 3 })
              .map((terms): Filter => ({ [name]: terms })),
          ),
        ),
      )
  })
  .map((parts) => Object.assign({}, ...parts) as Filter)

describe('the comparisons', () => {
  it('have the columns of the contract, in its order', async () => {
    expect(declared).toEqual(columns)
    const { data } = await read(await real.get('/v1/comparisons?limit=1000'), Comparisons)
    expect(data).not.toHaveLength(0)
    for (const comparison of data) expect(Object.keys(comparison)).toEqual(columns)
  })

  it('are all those of all figures, each once, by id', async () => {
    for (const [service, { comparisons }] of [
      [real, world],
      [many, richWorld],
    ] as const) {
      const pages = await follow(service, '/v1/comparisons?limit=1000', Comparisons)
      expect(pages.flatMap(({ data }) => data)).toEqual(comparisons)
      for (const { page } of pages) expect(page.total).toBe(comparisons.length)
    }
    expect(richWorld.comparisons.length, 'more than a page of an export').toBeGreaterThan(exportPage)
  })

  it('are of two figures of the metric, and each relation that must be explained is', () => {
    for (const { figure_a, figure_b, metric, relation, reason, involves_derived } of world.comparisons) {
      const pair = [figure_a, figure_b].map((id) => world.figures.get(id))
      expect(pair.map((figure) => figure?.metric)).toEqual([metric, metric])
      expect(pair.some((figure) => figure?.origin === 'derived')).toBe(involves_derived)
      if (needsReason.includes(relation)) expect(reason).toMatch(/\w/)
    }
  })

  it('come fifty to a page unless a limit is given', async () => {
    const { data, page } = await read(await many.get('/v1/comparisons'), Comparisons)
    expect(data).toEqual(richWorld.comparisons.slice(0, 50))
    expect(page).toMatchObject({ total: richWorld.comparisons.length, returned: 50 })
    expect(page.next).toMatch(/^\/v1\/comparisons\?/)
  })
})

describe('a filter', () => {
  it('lets through what matches it, in the order of ids, exactly counted', async () => {
    let some = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constant(null).chain(() => anyFilter),
        async (filter) => {
          const expected = matching(richWorld, filter)
          some += Number(expected.length > 0 && expected.length < richWorld.comparisons.length)
          const { data, page } = await read(await many.get(addressOf(filter, { limit: 1000 })), Comparisons)
          expect(data).toEqual(expected.slice(0, 1000))
          expect(page).toMatchObject({ total: expected.length, returned: data.length })
        },
      ),
      { numRuns: 150 },
    )
    expect(some).toBeGreaterThan(50)
  })

  it('repeated or separated by commas is the same', async () => {
    const repeated = await read(await many.get('/v1/comparisons?year=2017&year=2018&compatible=false'), Comparisons)
    const separated = await read(await many.get('/v1/comparisons?compatible=false&year=2018,2017,2018'), Comparisons)
    expect(repeated).toEqual(separated)
    expect(repeated.data).not.toHaveLength(0)
  })

  it('of a known term that no comparison has lets nothing through', async () => {
    const { data, page } = await read(await real.get('/v1/comparisons?year=1999'), Comparisons)
    expect({ data, page }).toEqual({ data: [], page: { total: 0, returned: 0, next: null } })
  })
})

describe('pages', () => {
  it('of any filter and any size hold every match once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constant(null).chain(() => anyFilter),
        fc.integer({ min: 90, max: 1000 }),
        async (filter, limit) => {
          const pages = await follow(many, addressOf(filter, { limit }), Comparisons)
          const expected = matching(richWorld, filter)
          expect(pages.flatMap(({ data }) => data)).toEqual(expected)
          expect(pages).toHaveLength(Math.max(1, Math.ceil(expected.length / limit)))
        },
      ),
      { numRuns: 15 },
    )
  })

  it('may have another size at each step, but no other query', async () => {
    const pages = await follow(real, '/v1/comparisons?limit=2', Comparisons, (next, step) =>
      next.replace(/limit=\d+/, `limit=${step + 2}`),
    )
    expect(pages.flatMap(({ data }) => data)).toEqual(world.comparisons)
    const next = pages[0]?.page.next ?? expect.unreachable()
    for (const other of [`${next}&relation=repeats`, next.replace('comparisons', 'metrics'), `${next}&format=csv`]) {
      const { errors = [] } = await readProblem(await real.get(other), 400)
      expect(errors).toMatchObject([{ parameter: 'cursor' }])
    }
  })
})

describe('as a file', () => {
  it('CSV and NDJSON hold every match of any filter, as JSON does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constant(null).chain(() => anyFilter),
        async (filter) => {
          const expected = matching(richWorld, filter)
          const csv = await (await many.get(addressOf(filter, { format: 'csv' }))).text()
          expect(csv.split('\r\n', 1)).toEqual([columns.join(',')])
          expect(readCsv(csv)).toEqual(expected.map(asRecord))
          const ndjson = await (await many.get(addressOf(filter, { format: 'ndjson' }))).text()
          expect(readNdjson(ndjson)).toEqual(expected)
        },
      ),
      { numRuns: 15 },
    )
  })

  it('holds everything where nothing is filtered, however much', async () => {
    const csv = await (await many.get('/v1/comparisons?format=csv')).text()
    expect(readCsv(csv)).toEqual(richWorld.comparisons.map(asRecord))
  })

  it('holds a page where a limit is given, and Link leads on, in the end to all the rest', async () => {
    const { headers, body } = await many.ask('/v1/comparisons?format=ndjson&limit=3')
    expect(readNdjson(body.toString('utf8'))).toEqual(richWorld.comparisons.slice(0, 3))
    const next = /^<([^>]+)>; rel="next"$/.exec(String(headers['link']))?.[1] ?? ''
    const rest = await (await many.get(next.replace(/&?limit=3/, ''))).text()
    expect(readNdjson(rest)).toEqual(richWorld.comparisons.slice(3))
  })

  it.each([
    ['csv', 'text/csv; charset=utf-8; header=present'],
    ['ndjson', 'application/x-ndjson'],
  ])('%s is named by what it holds, in which release, and says its type', async (format, type) => {
    for (const [address, accept] of [
      [`/v1/comparisons?format=${format}`, 'application/json'],
      ['/v1/comparisons', type],
    ] as const) {
      const { headers } = await real.ask(address, { headers: { accept } })
      expect(headers['content-type']).toBe(type)
      expect(headers['content-disposition']).toMatch(
        new RegExp(String.raw`^attachment; filename="comparisons-\d{4}\.\d+\.\d+\.${format}"$`),
      )
    }
  })
})

it.each([
  ['relation=revise', { parameter: 'relation', did_you_mean: 'revises' }],
  ['metric=coca-eradicaton', { parameter: 'metric', did_you_mean: 'coca-eradication' }],
  ['document=cnwg-statement-2012', { parameter: 'document', did_you_mean: 'cnwg-statement-2021' }],
  ['year=20', { parameter: 'year' }],
  ['compatible=yes', { parameter: 'compatible', allowed: ['true', 'false'] }],
  ['involves_derived=', { parameter: 'involves_derived', reason: 'is empty' }],
  ['involved_derived=true', { parameter: 'involved_derived', did_you_mean: 'involves_derived' }],
  ['format=parquet', { parameter: 'format', allowed: ['json', 'csv', 'ndjson'] }],
  ['limit=0', { parameter: 'limit' }],
  ['limit=1&limit=2', { parameter: 'limit' }],
  ['cursor=x', { parameter: 'cursor' }],
  ['sort=id', { parameter: 'sort' }],
  ['__proto__=1', { parameter: '__proto__' }],
])('%s is a 400 that says what is wrong', async (query, fault) => {
  const { errors = [] } = await readProblem(await real.get(`/v1/comparisons?${query}`), 400)
  expect(errors).toMatchObject([fault])
})

it('an answer known by its tag is not sent again, and each format has its own tag', async () => {
  const tags = new Set<unknown>()
  for (const format of ['json', 'csv', 'ndjson']) {
    const address = `/v1/comparisons?format=${format}`
    const { headers } = await real.ask(address)
    tags.add(headers.etag)
    const again = await real.ask(address, { headers: { 'if-none-match': headers.etag ?? '' } })
    expect([again.status, again.body.length]).toEqual([304, 0])
  }
  expect(tags.size).toBe(3)
})
