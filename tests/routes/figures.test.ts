import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import type { z } from 'zod'
import * as tables from '../../src/db/schema.ts'
import { DocumentSummary } from '../../src/schemas/documents.ts'
import { item, list } from '../../src/schemas/envelope.ts'
import { Figure, FigureDetail as FigureDetailShape } from '../../src/schemas/figures.ts'
import { MetricSummary } from '../../src/schemas/metrics.ts'
import { ClaimType, Measure, Origin, Qualifier, Superlative, Topic } from '../../src/schemas/vocabularies.ts'
import { seedDirectory } from '../../src/seed/staleness.ts'
import {
  addressOf,
  anyTermsAndYears,
  asRecord,
  columns,
  idsOf,
  matches,
  ordered,
  readCsv,
  readWorld,
  sorts,
  termFilters,
  termsOf,
  type Filter,
  type Sort,
  type World,
} from '../support/query.ts'
import { follow, read, readProblem, serviceForTests } from '../support/service.ts'

const Figures = list(Figure)
type FigureDetail = z.infer<typeof FigureDetailShape>

const service = serviceForTests()
const { get, ask } = service

let world: World
let rows: readonly Figure[]
beforeAll(async () => {
  world = await readWorld(service)
  rows = world.rows
})

/** What a filter lets through, in the default order. */
const matching = (filter: Filter) => rows.filter((row) => matches(row, filter, world))

describe('the flat row', () => {
  it('has the columns of the contract, in its order', () => {
    expect(columns).toHaveLength(40)
    for (const row of rows) expect(Object.keys(row)).toEqual(columns)
  })

  it('tells the year in which the period ends', () => {
    for (const { year, period_end } of rows) expect(year).toBe(Number(period_end.slice(0, 4)))
  })

  it('has an address of its own, under which it stands alone', () => {
    for (const { id, url } of rows) expect(url).toBe(`/v1/figures/${id}`)
    expect(new Set(rows.map(({ url }) => url)).size).toBe(rows.length)
  })

  it('has a source address that marks words of the quote', () => {
    for (const { quote, source_url } of rows.filter(({ origin }) => origin === 'quoted')) {
      const fragment = decodeURIComponent(source_url?.split('#:~:text=', 2)[1] ?? '')
      const words = fragment.split(/-,|,-|,/).flatMap((part) => part.trim().split(/\s+/))
      expect(words.length).toBeGreaterThan(0)
      expect(words.some((word) => word !== '' && quote?.includes(word))).toBe(true)
    }
  })

  it('is found among all rows, which the page counts exactly', async () => {
    const { page } = await read(await get('/v1/figures?limit=1000'), Figures)
    expect(rows.length).toBeGreaterThan(50)
    expect(page).toEqual({ total: rows.length, returned: rows.length, next: null })
  })

  it('comes fifty to a page unless a limit is given', async () => {
    const { data, page } = await read(await get('/v1/figures'), Figures)
    expect(idsOf(data)).toEqual(idsOf(rows).slice(0, 50))
    expect(page).toMatchObject({ total: rows.length, returned: 50 })
    expect(page.next).toMatch(/^\/v1\/figures\?/)
  })

  it('tells of the release that it is from', async () => {
    const { meta } = await read(await get('/v1/figures?limit=1'), Figures)
    expect(meta.digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(meta.as_of).toBeNull()
  })
})

describe('a filter', () => {
  it.each(termFilters)('%s lets through the figures that hold the term, and no others', async (name) => {
    expect(rows.some((row) => row[name] !== null)).toBe(true)
    for (const term of termsOf(rows, name)) {
      const { data, page } = await read(await get(addressOf({ [name]: [term] }, { limit: 1000 })), Figures)
      const expected = matching({ [name]: [term] })
      expect(idsOf(data), `${name}=${term}`).toEqual(idsOf(expected))
      expect(page.total).toBe(expected.length)
    }
  })

  it('of all terms in use lets through every figure that has one', async () => {
    for (const name of termFilters) {
      const { page } = await read(await get(addressOf({ [name]: termsOf(rows, name) }, { limit: 1 })), Figures)
      expect(page.total, name).toBe(rows.filter((row) => row[name] !== null).length)
    }
  })

  it('narrows with every other filter, and widens with every term', async () => {
    await fc.assert(
      fc.asyncProperty(anyTermsAndYears(rows), async (filter) => {
        const { data, page } = await read(await get(addressOf(filter, { limit: 1000 })), Figures)
        const expected = matching(filter)
        expect(idsOf(data)).toEqual(idsOf(expected))
        expect(page).toEqual({ total: expected.length, returned: expected.length, next: null })
      }),
      { numRuns: 200 },
    )
  })

  it('by years takes every period that overlaps them', async () => {
    for (let year = 1999; year <= 2025; year += 1) {
      for (const filter of [{ year_from: year }, { year_to: year }, { year_from: year, year_to: year }]) {
        const { data } = await read(await get(addressOf(filter, { limit: 1000 })), Figures)
        expect(idsOf(data)).toEqual(idsOf(matching(filter)))
      }
    }
  })

  it('by last year takes a period whose start is open, however early the year', async () => {
    const open = rows.filter(({ period_start }) => period_start === null)
    expect(open).not.toHaveLength(0)
    const { data } = await read(await get('/v1/figures?year_to=1000&limit=1000'), Figures)
    expect(idsOf(data)).toEqual(idsOf(open))
  })

  it('by years takes a period that begins before them and ends in them, which the column year does not tell', async () => {
    const spanning = rows.find(
      ({ period_start, year, superlative }) => superlative === null && Number(period_start?.slice(0, 4) ?? year) < year,
    )
    const { id, period_start, year } = spanning ?? expect.unreachable('no period spans a new year')
    const first = Number(period_start?.slice(0, 4))
    const within = await read(await get(`/v1/figures?id=${id}&year_from=${first}&year_to=${first}`), Figures)
    expect(idsOf(within.data)).toEqual([id])
    expect((await read(await get(`/v1/figures?id=${id}&year=${first}`), Figures)).data).toEqual([])
    expect((await read(await get(`/v1/figures?id=${id}&year=${year}`), Figures)).page.total).toBe(1)
  })

  it('that nothing matches is an empty list', async () => {
    const [{ id }, other] = [rows[0], rows.find(({ topic }) => topic !== rows[0]?.topic)] as [Figure, Figure]
    const { data, page } = await read(await get(`/v1/figures?id=${id}&topic=${other.topic}`), Figures)
    expect(data).toEqual([])
    expect(page).toEqual({ total: 0, returned: 0, next: null })
  })

  it.each([
    ['metric=coca-eradication&metric=coca-cultivation', 'metric=coca-eradication,coca-cultivation'],
    ['year=2020,2019', 'year=2020&year=2019'],
    ['topic=trade,peace&topic=security', 'topic=trade,peace,security'],
  ])('spelt %s is spelt %s', async (one, other) => {
    const [left, right] = await Promise.all([get(`/v1/figures?${one}&limit=3`), get(`/v1/figures?${other}&limit=3`)])
    expect(left.headers.get('etag')).toBe(right.headers.get('etag'))
    expect(left.headers.get('link')).toBe(right.headers.get('link'))
    expect(await read(left, Figures)).toEqual(await read(right, Figures))
  })

  it('may name a term twice', async () => {
    const once = await read(await get('/v1/figures?year=2020'), Figures)
    expect(once.data).not.toHaveLength(0)
    expect(await read(await get('/v1/figures?year=2020,2020&year=2020'), Figures)).toEqual(once)
  })
})

describe('a sort', () => {
  it.each(sorts)('%s gives its order, with nulls last and ties by id', async (sort) => {
    const { data } = await read(await get(`/v1/figures?sort=${sort}&limit=1000`), Figures)
    expect(idsOf(data)).toEqual(idsOf(ordered(rows, sort, world)))
  })

  it('is -year unless another is given', () => {
    expect(idsOf(rows)).toEqual(idsOf(ordered(rows, '-year', world)))
  })

  it.each(['value', '-value'])('%s has figures without a value last', async (sort) => {
    const { data } = await read(await get(`/v1/figures?sort=${sort}&limit=1000`), Figures)
    const numbers = data.map(({ value }) => value !== null)
    expect(numbers).toEqual(numbers.toSorted((a, b) => Number(b) - Number(a)))
    expect(new Set(numbers).size).toBe(2)
  })
})

describe('the pages of a list', () => {
  it('put together are the list, whatever the filter, the sort and the limits', async () => {
    const limits = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 13, max: 1000 }))
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constant<Filter>({}), anyTermsAndYears(rows)),
        fc.constantFrom(...sorts),
        fc.array(limits, { minLength: 1, maxLength: 4 }),
        async (filter, sort, sizes) => {
          const expected = ordered(matching(filter), sort, world)
          const size = (step: number) => sizes[step % sizes.length] ?? 1
          const pages = await follow(service, addressOf(filter, { sort, limit: size(0) }), Figures, (next, step) =>
            next.replace(/limit=\d+/, `limit=${size(step)}`),
          )
          expect(pages.flatMap(({ data }) => idsOf(data))).toEqual(idsOf(expected))
          for (const [step, { data, page }] of pages.entries()) {
            expect(page).toMatchObject({ total: expected.length, returned: data.length })
            expect(data.length).toBeLessThanOrEqual(size(step))
            if (step < pages.length - 1) expect(data).toHaveLength(size(step))
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('go on the same in CSV, where the Link header leads', async () => {
    const collected: string[] = []
    for (let next: string | undefined = '/v1/figures?format=csv&sort=value&limit=9'; next !== undefined;) {
      const response = await get(next)
      collected.push(...readCsv(await response.text()).map(({ id }) => id ?? ''))
      expect(collected.length).toBeLessThanOrEqual(rows.length)
      next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
    }
    expect(collected).toEqual(idsOf(ordered(rows, 'value', world)))
  })

  it('name a next page only where there is one', async () => {
    const all = await get(`/v1/figures?limit=${rows.length}`)
    expect(all.headers.get('link')).toBeNull()
    expect((await read(all, Figures)).page.next).toBeNull()
    const allButOne = await read(await get(`/v1/figures?limit=${rows.length - 1}`), Figures)
    const last = await read(await get(allButOne.page.next ?? ''), Figures)
    expect(idsOf(last.data)).toEqual(idsOf(rows.slice(-1)))
  })
})

describe('a cursor', () => {
  it.each([-3, 0, 1.5, 'x', '3', 2 ** 60])('that was forged to go on after %j is refused', async (after) => {
    const { page, meta } = await read(await get('/v1/figures?limit=1'), Figures)
    expect(page.next).not.toBeNull()
    // What the service binds a cursor to, as it would for itself.
    const bound = createHash('sha256').update(JSON.stringify([meta.digest, '/v1/figures', [], after]))
    const content = [bound.digest('base64url').slice(0, 16), after]
    const cursor = Buffer.from(JSON.stringify(content)).toString('base64url')
    await readProblem(await get(`/v1/figures?cursor=${cursor}`), 400)
  })

  it('that is made like that of a page is taken', async () => {
    const { meta } = await read(await get('/v1/figures?limit=1'), Figures)
    const bound = createHash('sha256').update(JSON.stringify([meta.digest, '/v1/figures', [], 3]))
    const content = [bound.digest('base64url').slice(0, 16), 3]
    const cursor = Buffer.from(JSON.stringify(content)).toString('base64url')
    const { data } = await read(await get(`/v1/figures?cursor=${cursor}`), Figures)
    expect(idsOf(data)).toEqual(idsOf((await read(await get('/v1/figures?limit=1000'), Figures)).data).slice(3, 53))
  })

  it('may make the longest address longer by itself', async () => {
    const address = (length: number) => '/v1/figures?cursor=x&q='.padEnd(length, 'a')
    for (const length of [8001, 9000]) await readProblem(await ask(address(length)), 400)
    await readProblem(await ask(address(9001)), 414)
  })

  const cursorOf = async (address: string) => {
    const response = await get(address)
    const { page } = (await response.json()) as { page: { next: string } }
    return new URL(page.next, 'http://localhost').searchParams.get('cursor') ?? ''
  }

  const refused = async (address: string) => {
    const { errors = [] } = await readProblem(await get(address), 400)
    expect(errors).toHaveLength(1)
    expect(errors).toMatchObject([{ parameter: 'cursor' }])
  }

  it('is base64url', async () => {
    expect(await cursorOf('/v1/figures?limit=1')).toMatch(/^[A-Za-z0-9_-]+$/)
  })

  it('holds for its own query, whatever the limit', async () => {
    const cursor = await cursorOf('/v1/figures?metric=coca-eradication&limit=1')
    for (const limit of [1, 2, 1000]) {
      const address = `/v1/figures?metric=coca-eradication&limit=${limit}&cursor=${cursor}`
      const { data } = await read(await get(address), Figures)
      const rest = rows.filter(({ metric }) => metric === 'coca-eradication').slice(1)
      expect(idsOf(data)).toEqual(idsOf(rest.slice(0, limit)))
    }
  })

  it('holds for another spelling of its query', async () => {
    const cursor = await cursorOf('/v1/figures?year=2020,2019&topic=trade,peace&limit=1')
    const { page } = await read(
      await get(`/v1/figures?topic=peace&year=2019&topic=trade&limit=5&year=2020&cursor=${cursor}`),
      Figures,
    )
    expect(page.returned).toBeGreaterThan(0)
  })

  it.each([
    '/v1/figures?metric=coca-eradication',
    '/v1/figures?sort=value',
    '/v1/figures?year_from=2018',
    '/v1/metrics?limit=1',
    '/v1/documents?limit=1',
    '/v1/vocabularies?limit=1',
  ])('of the whole list is refused for %s', async (address) => {
    const cursor = await cursorOf('/v1/figures?limit=1')
    await refused(`${address}&cursor=${cursor}`)
  })

  it.each(['/v1/metrics', '/v1/documents', '/v1/vocabularies'])('of %s is refused for figures', async (path) => {
    await refused(`/v1/figures?limit=1&cursor=${await cursorOf(`${path}?limit=1`)}`)
  })

  it.each(['', '*', 'a b', '%00', 'bnVsbA', 'W10', 'WzEsMiwzXQ', '__proto__', '=', 'null', 'A'.repeat(3000)])(
    'made up as "%s" is refused',
    async (cursor) => {
      await refused(`/v1/figures?cursor=${cursor.replaceAll(' ', '%20')}`)
    },
  )

  it('given twice is refused', async () => {
    const cursor = await cursorOf('/v1/figures?limit=1')
    await refused(`/v1/figures?limit=1&cursor=${cursor}&cursor=${cursor}`)
  })

  it('that was tampered with is refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...sorts),
        fc.nat(1000),
        fc.integer({ min: 1, max: 255 }),
        async (sort, at, flip) => {
          const bytes = Buffer.from(await cursorOf(`/v1/figures?sort=${sort}&limit=1`), 'base64url')
          const where = at % bytes.length
          bytes[where] = (bytes[where] ?? 0) ^ flip
          await refused(`/v1/figures?sort=${sort}&limit=1&cursor=${bytes.toString('base64url')}`)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('with another character, or one too many, is refused', async () => {
    const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
    const cursor = await cursorOf('/v1/figures?limit=1')
    await fc.assert(
      fc.asyncProperty(fc.nat(cursor.length), fc.constantFrom(...alphabet), async (at, character) => {
        fc.pre(cursor[at] !== character)
        await refused(`/v1/figures?limit=1&cursor=${cursor.slice(0, at)}${character}${cursor.slice(at + 1)}`)
      }),
    )
    // The last character may hold bits that no byte takes.
    for (const character of alphabet.filter((one) => one !== cursor.at(-1))) {
      await refused(`/v1/figures?limit=1&cursor=${cursor.slice(0, -1)}${character}`)
    }
  })

  it('cut short is refused', async () => {
    const cursor = await cursorOf('/v1/figures?limit=1')
    for (const length of [1, 10, cursor.length - 4]) {
      await refused(`/v1/figures?limit=1&cursor=${cursor.slice(0, length)}`)
    }
  })
})

describe('a wrong query', () => {
  type Fault = { parameter: string; received: string; did_you_mean?: string }

  it('with many faults has all of them told, and the nearest word for the first ten', async () => {
    const wrong = Array.from({ length: 30 }, (_, at) => `coca-cultivatio${at}`)
    const { errors = [] } = await readProblem(
      await service.ask(`/v1/figures?metric=${wrong.map(encodeURIComponent).join(',')}`),
      400,
    )
    expect(errors.map(({ received }) => received)).toEqual(wrong)
    const meant = errors.map(({ did_you_mean }) => did_you_mean)
    expect(meant).toEqual(wrong.map((_, at) => (at < 10 ? 'coca-cultivation' : undefined)))
  })
  const wrong: [query: string, ...faults: Fault[]][] = [
    // Parameters that are not known.
    ['metirc=coca-eradication', { parameter: 'metirc', received: 'coca-eradication', did_you_mean: 'metric' }],
    ['Metric=coca-eradication', { parameter: 'Metric', received: 'coca-eradication', did_you_mean: 'metric' }],
    ['metric[]=coca-eradication', { parameter: 'metric[]', received: 'coca-eradication', did_you_mean: 'metric' }],
    ['yaer=2020', { parameter: 'yaer', received: '2020', did_you_mean: 'year' }],
    // What other services call it.
    ['country=colombia', { parameter: 'country', received: 'colombia', did_you_mean: 'place' }],
    ['order_by=year', { parameter: 'order_by', received: 'year', did_you_mean: 'sort' }],
    ['page=2', { parameter: 'page', received: '2', did_you_mean: 'cursor' }],
    ['type=target', { parameter: 'type', received: 'target', did_you_mean: 'claim_type' }],
    ['from=2018', { parameter: 'from', received: '2018', did_you_mean: 'year_from' }],
    ['utm_source=somewhere', { parameter: 'utm_source', received: 'somewhere' }],
    ['=x', { parameter: '', received: 'x' }],
    // Values out of their vocabulary.
    ['metric=coca-eradicaton', { parameter: 'metric', received: 'coca-eradicaton', did_you_mean: 'coca-eradication' }],
    [
      'metric=Coca-Eradication',
      { parameter: 'metric', received: 'Coca-Eradication', did_you_mean: 'coca-eradication' },
    ],
    ['topic=trad', { parameter: 'topic', received: 'trad', did_you_mean: 'trade' }],
    ['scope=forcd', { parameter: 'scope', received: 'forcd', did_you_mean: 'forced' }],
    ['measure=levle', { parameter: 'measure', received: 'levle', did_you_mean: 'level' }],
    ['claim_type=outcom', { parameter: 'claim_type', received: 'outcom', did_you_mean: 'outcome' }],
    ['origin=qouted', { parameter: 'origin', received: 'qouted', did_you_mean: 'quoted' }],
    ['qualifier=morethan', { parameter: 'qualifier', received: 'morethan', did_you_mean: 'more_than' }],
    ['unit=person', { parameter: 'unit', received: 'person', did_you_mean: 'persons' }],
    // By title, symbol, code, and one of its words.
    ['unit=Hectares', { parameter: 'unit', received: 'Hectares', did_you_mean: 'ha' }],
    ['unit=%25', { parameter: 'unit', received: '%', did_you_mean: 'percent' }],
    ['unit=t/ha', { parameter: 'unit', received: 't/ha', did_you_mean: 't-per-ha' }],
    ['place=CO', { parameter: 'place', received: 'CO', did_you_mean: 'colombia' }],
    [
      'publisher=US%20Embassy%20Bogota',
      { parameter: 'publisher', received: 'US Embassy Bogota', did_you_mean: 'us-embassy-bogota' },
    ],
    ['metric=eradication', { parameter: 'metric', received: 'eradication', did_you_mean: 'coca-eradication' }],
    [
      'metric=Deaths%20in%20attacks',
      { parameter: 'metric', received: 'Deaths in attacks', did_you_mean: 'attack-deaths' },
    ],
    ['place=columbia', { parameter: 'place', received: 'columbia', did_you_mean: 'colombia' }],
    ['actor=united-state', { parameter: 'actor', received: 'united-state', did_you_mean: 'united-states' }],
    [
      'attribution=colombian-goverment',
      { parameter: 'attribution', received: 'colombian-goverment', did_you_mean: 'colombian-government' },
    ],
    [
      'document=cnwg-statement-2012',
      { parameter: 'document', received: 'cnwg-statement-2012', did_you_mean: 'cnwg-statement-2021' },
    ],
    ['publisher=inll,inl', { parameter: 'publisher', received: 'inll', did_you_mean: 'inl' }],
    ['superlative=higest', { parameter: 'superlative', received: 'higest', did_you_mean: 'highest' }],
    [
      'id=inl-2019-coca-cultivation-2071',
      {
        parameter: 'id',
        received: 'inl-2019-coca-cultivation-2071',
        did_you_mean: 'inl-2019-coca-cultivation-2017',
      },
    ],
    ['sort=-yaer', { parameter: 'sort', received: '-yaer', did_you_mean: '-year' }],
    ['sort=relevanc', { parameter: 'sort', received: 'relevanc' }],
    ['sort=year,value', { parameter: 'sort', received: 'year,value' }],
    ['format=xml', { parameter: 'format', received: 'xml' }],
    ['format=CSV', { parameter: 'format', received: 'CSV', did_you_mean: 'csv' }],
    [`metric=${'a'.repeat(150)}`, { parameter: 'metric', received: 'a'.repeat(150) }],
    // Nothing where something is needed.
    ['metric=', { parameter: 'metric', received: '' }],
    ['metric', { parameter: 'metric', received: '' }],
    ['metric=coca-eradication,', { parameter: 'metric', received: '' }],
    ['metric=,coca-eradication', { parameter: 'metric', received: '' }],
    ['metric=coca-eradication&metric=', { parameter: 'metric', received: '' }],
    ['year=', { parameter: 'year', received: '' }],
    ['year=2020,,2019', { parameter: 'year', received: '' }],
    ['year_from=', { parameter: 'year_from', received: '' }],
    ['sort=', { parameter: 'sort', received: '' }],
    ['limit=', { parameter: 'limit', received: '' }],
    ['format=', { parameter: 'format', received: '' }],
    ['topic=%20', { parameter: 'topic', received: ' ' }],
    // Single values that are repeated.
    ['limit=1&limit=2', { parameter: 'limit', received: '1,2' }],
    ['limit=1&limit=1', { parameter: 'limit', received: '1,1' }],
    ['sort=year&sort=value', { parameter: 'sort', received: 'year,value' }],
    ['format=json&format=csv', { parameter: 'format', received: 'json,csv' }],
    ['year_from=2018&year_from=2019', { parameter: 'year_from', received: '2018,2019' }],
    // Numbers that are none, or out of bounds.
    ...['20x', '1e3', '0x7e4', '%202020', '2020%20', '+2020', '-1', '-2020', '99999', '0', '999', '3000'].map(
      (year): [string, Fault] => [
        `year=${year}`,
        { parameter: 'year', received: decodeURIComponent(year.replace('+', '%20')) },
      ],
    ),
    ...['2020.5', 'NaN', 'Infinity', '2%C2%B3', '%D9%A2%D9%A0%D9%A2%D9%A0', '2020%0A', '2020%00', '9'.repeat(400)].map(
      (year): [string, Fault] => [
        `year=${year}`,
        { parameter: 'year', received: expect.stringMatching(/^(?!\s*$)/) as string },
      ],
    ),
    ['year=2020,20x', { parameter: 'year', received: '20x' }],
    ['baseline_year=20x', { parameter: 'baseline_year', received: '20x' }],
    ['year_from=20x', { parameter: 'year_from', received: '20x' }],
    ['year_to=1e3', { parameter: 'year_to', received: '1e3' }],
    ['year_from=2018,2019', { parameter: 'year_from', received: '2018,2019' }],
    ['limit=0', { parameter: 'limit', received: '0' }],
    ['limit=1001', { parameter: 'limit', received: '1001' }],
    ['limit=-1', { parameter: 'limit', received: '-1' }],
    ['limit=1.5', { parameter: 'limit', received: '1.5' }],
    ['limit=all', { parameter: 'limit', received: 'all' }],
    ['year_from=2021&year_to=2019', { parameter: 'year_from', received: '2021' }],
    // Control characters.
    ['metric=coca-eradication%00', { parameter: 'metric', received: 'coca-eradication\0' }],
    ['metric=coca-eradication%0A', { parameter: 'metric', received: 'coca-eradication\n' }],
    ['metric=%1B[31m', { parameter: 'metric', received: '\u001B[31m' }],
    ['topic=trade%7F', { parameter: 'topic', received: 'trade\u007F' }],
    ['me%00tric=coca-eradication', { parameter: 'me\0tric', received: 'coca-eradication' }],
    // Names that every object has.
    ['__proto__=1', { parameter: '__proto__', received: '1' }],
    ['__proto__=1&__proto__=2', { parameter: '__proto__', received: '1,2' }],
    ['constructor=1', { parameter: 'constructor', received: '1' }],
    ['toString=1', { parameter: 'toString', received: '1' }],
    ['hasOwnProperty=1', { parameter: 'hasOwnProperty', received: '1' }],
    ['metric=__proto__', { parameter: 'metric', received: '__proto__' }],
    ['metric=constructor', { parameter: 'metric', received: 'constructor' }],
    ['topic=toString', { parameter: 'topic', received: 'toString' }],
    ['sort=constructor', { parameter: 'sort', received: 'constructor' }],
    ['sort=-__proto__', { parameter: 'sort', received: '-__proto__' }],
    ['format=constructor', { parameter: 'format', received: 'constructor' }],
    // All faults at once.
    [
      'limit=0&year=20x&metirc=coca&format=xml&topic=&sort=up',
      { parameter: 'format', received: 'xml' },
      { parameter: 'limit', received: '0' },
      { parameter: 'metirc', received: 'coca', did_you_mean: 'metric' },
      { parameter: 'sort', received: 'up' },
      { parameter: 'topic', received: '' },
      { parameter: 'year', received: '20x' },
    ],
    [
      'metric=coca-cultivaton,cocaine-production,homicide',
      { parameter: 'metric', received: 'coca-cultivaton', did_you_mean: 'coca-cultivation' },
      { parameter: 'metric', received: 'homicide', did_you_mean: 'homicides' },
    ],
    [
      'year_from=2021&year_to=2019&limit=0',
      { parameter: 'limit', received: '0' },
      { parameter: 'year_from', received: '2021' },
    ],
  ]

  it.each(wrong.map(([query, ...faults]) => ({ query, faults })))('$query names each fault once', async (given) => {
    const { query, faults } = given
    const { errors = [], type, instance } = await readProblem(await ask(`/v1/figures?${query}`), 400)
    expect(type).toBe('/#problem-invalid-request')
    expect(instance).toBe(`/v1/figures?${query}`)
    const byName = (a: { parameter: string }, b: { parameter: string }) =>
      a.parameter < b.parameter ? -1 : a.parameter > b.parameter ? 1 : 0
    expect(errors.toSorted(byName)).toMatchObject(faults)
    for (const { reason } of errors) expect(reason).toMatch(/\w/)
  })

  it('is told the parameters that there are', async () => {
    const { errors = [] } = await readProblem(await get('/v1/figures?metirc=coca'), 400)
    expect(errors[0]?.allowed).toEqual(
      expect.arrayContaining([...termFilters, 'year_from', 'year_to', 'sort', 'limit', 'cursor', 'format']),
    )
  })

  it.each([
    ['topic', () => Topic.options],
    ['measure', () => Measure.options],
    ['claim_type', () => ClaimType.options],
    ['origin', () => Origin.options],
    ['qualifier', () => Qualifier.options],
    ['superlative', () => Superlative.options],
    ['metric', () => termsOf(rows, 'metric')],
    ['document', () => termsOf(rows, 'document')],
    ['sort', () => [...sorts, 'relevance']],
    ['format', () => ['csv', 'json', 'ndjson', 'parquet']],
  ])('is told the terms of %s', async (name, terms) => {
    const { errors = [] } = await readProblem(await get(`/v1/figures?${name}=certainly-not`), 400)
    expect(errors[0]?.allowed?.toSorted()).toEqual(terms().toSorted())
  })

  it('is wrong in every format', async () => {
    await readProblem(await get('/v1/figures?metirc=coca&format=csv'), 400)
    await readProblem(await get('/v1/figures?metirc=coca', { headers: { accept: 'text/csv' } }), 400)
  })

  it('is told of faults of every kind at once', async () => {
    const { errors } = await readProblem(
      await get('/v1/figures?year_from=2020&year_to=2019&sort=zz&cursor=zz&metirc=x'),
      400,
    )
    expect(errors?.map(({ parameter }) => parameter).toSorted()).toEqual(['cursor', 'metirc', 'sort', 'year_from'])
  })

  it.each([
    ['metric=coca-cultivatio', '1 fault: metric "coca-cultivatio" is not known. Did you mean coca-cultivation?'],
    ['metric=', '1 fault: metric is empty.'],
    ['metirc=x', '1 fault: metirc is not a parameter of this resource. Did you mean metric?'],
    ['measure=zz&metirc=x', '2 faults, the first: metirc is not a parameter of this resource. Did you mean metric?'],
  ])('%s has its first fault told in words', async (query, told) => {
    expect((await readProblem(await get(`/v1/figures?${query}`), 400)).detail).toBe(`The request has ${told}`)
  })

  it('is told of what is no parameter first, since that is the likeliest slip', async () => {
    const { errors, detail } = await readProblem(await get('/v1/figures?measure=zz&year_from=x&metirc=x'), 400)
    expect(errors?.map(({ parameter }) => parameter)).toEqual(['metirc', 'measure', 'year_from'])
    expect(detail).toMatch(/^The request has 3 faults, the first: metirc is not a parameter /)
  })

  it('is repeated up to 200 characters of each value', async () => {
    const received = async (length: number) => {
      const { errors } = await readProblem(await get(`/v1/figures?metric=${'a'.repeat(length)}`), 400)
      return errors?.[0]?.received
    }
    expect(await received(200)).toBe('a'.repeat(200))
    expect(await received(201)).toBe(`${'a'.repeat(200)}…`)
  })

  it('says what is allowed once for a parameter', async () => {
    const { errors } = await readProblem(await get('/v1/figures?measure=a,b&measure=c'), 400)
    expect(errors?.map(({ allowed }) => allowed !== undefined)).toEqual([true, false, false])
  })

  it('of more terms than a parameter may have says so', async () => {
    const { errors } = await readProblem(await get(`/v1/figures?year=${Array(201).fill(2020).join(',')}`), 400)
    expect(errors).toMatchObject([{ parameter: 'year', reason: 'has more than 200 terms' }])
  })

  it('of very many faults is answered with a problem of the one shape', async () => {
    const query = Array.from({ length: 1100 }, (_, at) => `p${at}=1`).join('&')
    await readProblem(await get(`/v1/figures?${query}`), 400)
    await readProblem(await get(`/v1/figures?metric=${'a,'.repeat(2000)}a`), 400)
  })

  it('of more characters than an address may have is a problem of the same shape', async () => {
    const query = Array.from({ length: 1500 }, (_, at) => `p${at}=1`).join('&')
    await readProblem(await get(`/v1/figures?${query}`), 414)
  })
})

describe('as CSV', () => {
  const textOf = async (address: string, init?: RequestInit) => {
    const response = await get(address, init)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/csv(;|$)/)
    return response.text()
  }

  it('has the columns of the contract as its header', async () => {
    const text = await textOf('/v1/figures?format=csv')
    expect(text.split('\r\n', 1)[0]).toBe(columns.join(','))
  })

  it('holds every row, cell for cell the same as JSON', async () => {
    expect(readCsv(await textOf('/v1/figures?format=csv'))).toEqual(rows.map(asRecord))
    const cells = rows.flatMap((row) => Object.values(row))
    expect(cells).toEqual(expect.arrayContaining([null, true, false]))
    expect(cells).not.toContain('')
  })

  it('ends each line with CRLF, the last too', async () => {
    const text = await textOf('/v1/figures?format=csv')
    expect(text).toMatch(/\r\n$/)
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(text.split('\r\n')).toHaveLength(rows.length + 2)
  })

  it('is UTF-8, and says so', async () => {
    const { headers, body } = await ask('/v1/figures?format=csv')
    expect(headers['content-type']).toMatch(/charset=utf-8/i)
    expect(body.toString('utf8')).toContain('Bogotá')
    expect(body.toString('utf8')).not.toContain('\uFFFD')
    expect(body[0]).toBe('i'.charCodeAt(0))
  })

  it('has no cell that a spreadsheet takes for a formula', async () => {
    const cells = readCsv(await textOf('/v1/figures?format=csv')).flatMap((record) => Object.values(record))
    expect(cells.filter((cell) => /^[=+@\t]/.test(cell))).toEqual([])
    expect(cells.filter((cell) => cell.startsWith('-') && !/^-\d+(\.\d+)?$/.test(cell))).toEqual([])
  })

  it('is what Accept asks for', async () => {
    const byHeader = await textOf('/v1/figures?metric=coca-eradication', { headers: { accept: 'text/csv' } })
    expect(byHeader).toBe(await textOf('/v1/figures?metric=coca-eradication&format=csv'))
  })

  it('is what the format asks for, whatever Accept says', async () => {
    await textOf('/v1/figures?format=csv', { headers: { accept: 'application/json' } })
    await read(await get('/v1/figures?format=json', { headers: { accept: 'text/csv' } }), Figures)
    await read(await get('/v1/figures?format=json', { headers: { accept: 'image/png' } }), Figures)
  })

  it('holds what matches, in the order asked for', async () => {
    await fc.assert(
      fc.asyncProperty(anyTermsAndYears(rows), fc.constantFrom(...sorts), async (filter, sort) => {
        const records = readCsv(await textOf(addressOf(filter, { sort, format: 'csv' })))
        expect(records).toEqual(ordered(matching(filter), sort, world).map(asRecord))
      }),
      { numRuns: 40 },
    )
  })

  it('of nothing is the header alone', async () => {
    const [{ id }, other] = [rows[0], rows.find(({ topic }) => topic !== rows[0]?.topic)] as [Figure, Figure]
    expect(await textOf(`/v1/figures?id=${id}&topic=${other.topic}&format=csv`)).toBe(`${columns.join(',')}\r\n`)
  })

  it('stops at a limit, and then names the next page', async () => {
    const response = await get('/v1/figures?format=csv&limit=7')
    expect(response.headers.get('link')).toMatch(/^<\/v1\/figures\?[^>]*format=csv[^>]*>; rel="next"$/)
    expect(readCsv(await response.text())).toEqual(rows.slice(0, 7).map(asRecord))
  })

  it('has no next page where nothing is left out', async () => {
    for (const query of ['format=csv', 'format=csv&limit=1000']) {
      const response = await get(`/v1/figures?${query}`)
      expect(response.headers.get('link')).toBeNull()
      expect(readCsv(await response.text())).toHaveLength(rows.length)
    }
  })
})

describe('one figure', () => {
  const Detail = item(FigureDetailShape)
  const detailOf = async (id: string) => (await read(await get(`/v1/figures/${id}`), Detail)).data
  let details: FigureDetail[]
  beforeAll(async () => {
    details = await Promise.all(rows.map(({ id }) => detailOf(id)))
  })

  it('is the row of the list', () => {
    expect(details.map(({ figure }) => figure)).toEqual(rows)
  })

  it('has its keys in the order of the contract', () => {
    for (const { figure } of details) expect(Object.keys(figure)).toEqual(columns)
  })

  it('comes with its document and its metric, as their own addresses tell them', async () => {
    const documents = (await read(await get('/v1/documents?limit=1000'), list(DocumentSummary))).data
    const metrics = (await read(await get('/v1/metrics?limit=1000'), list(MetricSummary))).data
    for (const { figure, document, metric } of details) {
      expect(document).toEqual(documents.find(({ id }) => id === figure.document) ?? null)
      expect(metric).toEqual(metrics.find(({ id }) => id === figure.metric))
      expect(figure.metric_title).toBe(metric.title)
      expect(figure.topic).toBe(metric.topic)
      expect(figure.document_title).toBe(document?.title ?? null)
      expect(figure.publisher).toBe(document?.publisher ?? null)
      expect(figure.publisher_title).toBe(document?.publisher_title ?? null)
      expect(figure.published).toBe(document?.published ?? null)
    }
  })

  it('comes with every comparison that it is part of, and counts them', () => {
    expect(details.some(({ comparisons }) => comparisons.length > 1)).toBe(true)
    for (const { figure, comparisons } of details) {
      expect(comparisons).toHaveLength(figure.comparison_count)
      for (const { figure_a, figure_b, metric } of comparisons) {
        expect([figure_a, figure_b]).toContain(figure.id)
        expect(figure_a).not.toBe(figure_b)
        expect(metric).toBe(figure.metric)
      }
    }
  })

  it('is compared in the same words from both sides', () => {
    const sides = new Map<string, unknown[]>()
    for (const { comparisons } of details) {
      for (const comparison of comparisons) {
        sides.set(comparison.id, [...(sides.get(comparison.id) ?? []), comparison])
      }
    }
    for (const [a, b, ...more] of sides.values()) {
      expect(a).toEqual(b)
      expect(more).toEqual([])
    }
  })

  it('comes with the evidence that the seed data gives, in the order of the text', () => {
    type Seed = { figures: { id: string; evidence?: { role: string; start: number; end: number }[] }[] }
    const folder = join(seedDirectory, 'documents')
    const recorded = readdirSync(folder).flatMap(
      (file) => (parseYaml(readFileSync(join(folder, file), 'utf8')) as Seed).figures,
    )
    expect(recorded).toHaveLength(rows.filter(({ origin }) => origin === 'quoted').length)
    for (const { id, evidence = [] } of recorded) {
      const given = details.find(({ figure }) => figure.id === id)?.evidence ?? []
      expect(given).toHaveLength(evidence.length)
      expect(given).toEqual(expect.arrayContaining(evidence))
      expect(given.map(({ start }) => start)).toEqual(given.map(({ start }) => start).toSorted((a, b) => a - b))
    }
  })

  it('that does not exist is a 404 with the nearest id', async () => {
    const { did_you_mean, type } = await readProblem(await get('/v1/figures/inl-2019-coca-cultivation-2071'), 404)
    expect(did_you_mean).toBe('inl-2019-coca-cultivation-2017')
    expect(type).toBe('/#problem-not-found')
  })

  it.each(['__proto__', 'constructor', 'toString', '%00', '..', '%2e%2e%2f', '%27%20OR%201=1--', 'a'.repeat(150)])(
    'called %s is a 404',
    async (id) => {
      await readProblem(await ask(`/v1/figures/${id}`), 404)
    },
  )

  it.each(['fields=value', 'limit=1', 'format=csv', '__proto__=1', 'a', '='])('takes no %s', async (query) => {
    const { errors = [] } = await readProblem(await ask(`/v1/figures/inl-2019-coca-cultivation-2017?${query}`), 400)
    expect(errors).toMatchObject([{ parameter: query.split('=', 1)[0] }])
  })
})

describe('over thousands of figures, some computed', () => {
  const copies = 33
  // Figures as a later release may hold them: without a document, with decimals, and more than any page takes.
  const many = serviceForTests({
    prepare: (db) => {
      for (const original of db.select().from(tables.figure).all()) {
        for (let copy = 1; copy <= copies; copy += 1) {
          const derived = { origin: 'derived', document: null, attribution: null, source_url: null } as const
          const unprinted = { quote: null, quote_start: null, quote_end: null, qualifier: null } as const
          const open = { value_low: null, value_low_inclusive: null, value_high: null, value_high_inclusive: null }
          const value = original.value === null ? null : original.value / copy
          const id = `${original.id}-${copy}`
          db.insert(tables.figure)
            .values(
              copy % 2 === 0 ? { ...original, id } : { ...original, ...derived, ...unprinted, ...open, id, value },
            )
            .run()
        }
      }
      const figure = 'inl-2019-coca-cultivation-2017-2'
      db.insert(tables.evidence)
        .values([
          { figure, role: 'baseline', start: 3000, end: 3004 },
          { figure, role: 'since', start: 20, end: 24 },
          { figure, role: 'period', start: 100, end: 104 },
        ])
        .run()
    },
  })
  let all: Figure[]
  beforeAll(async () => {
    all = (await follow(many, '/v1/figures?limit=1000', Figures)).flatMap(({ data }) => data)
  })
  const inOrder = (sort: Sort) => idsOf(ordered(all, sort, world))

  it('each page holds at most a thousand, and together they hold all', async () => {
    const pages = await follow(many, '/v1/figures?limit=1000', Figures)
    const total = rows.length * (copies + 1)
    expect(pages.map(({ page }) => page.returned)).toEqual([1000, 1000, total - 2000])
    expect(new Set(pages.flatMap(({ data }) => idsOf(data))).size).toBe(total)
    for (const { page } of pages) expect(page.total).toBe(total)
  })

  it.each(sorts)('pages by %s keep the order, nulls last', async (sort) => {
    const pages = await follow(many, `/v1/figures?sort=${sort}&limit=463`, Figures)
    expect(pages.flatMap(({ data }) => idsOf(data))).toEqual(inOrder(sort))
  })

  it('CSV holds them all, in order', async () => {
    for (const sort of ['-value', '-published', 'document'] as const) {
      const text = await (await many.get(`/v1/figures?format=csv&sort=${sort}`)).text()
      const byId = new Map(all.map((row) => [row.id, asRecord(row)]))
      const records = readCsv(text)
      expect(records.map(({ id }) => id)).toEqual(inOrder(sort))
      for (const record of records) expect(record).toEqual(byId.get(record['id'] ?? ''))
    }
  })

  it('CSV from a cursor on holds all the rest', async () => {
    const { headers } = await many.ask('/v1/figures?format=csv&limit=1')
    const next = /<([^>]+)>/.exec(String(headers['link']))?.[1] ?? ''
    const text = await (await many.get(next.replace(/&?limit=1/, ''))).text()
    expect(readCsv(text).map(({ id }) => id)).toEqual(idsOf(all).slice(1))
  })

  it('a computed figure has neither document nor quote, and no null of them matches a filter', async () => {
    const { data } = await read(await many.get('/v1/figures?origin=derived&limit=1000'), Figures)
    expect(data).not.toHaveLength(0)
    for (const row of data) {
      const { document, document_title, publisher, publisher_title, published, quote, source_url, attribution } = row
      expect([document, document_title, publisher, publisher_title, published, quote, source_url, attribution]).toEqual(
        Array(8).fill(null),
      )
    }
    const documents = termsOf(rows, 'document').join(',')
    const none = await read(await many.get(`/v1/figures?origin=derived&document=${documents}`), Figures)
    expect(none.page.total).toBe(0)
  })

  it('a computed figure by its id has no document', async () => {
    const { data } = await read(await many.get('/v1/figures/inl-2019-coca-cultivation-2017-1'), item(FigureDetailShape))
    expect(data).toMatchObject({ document: null, evidence: [], comparisons: [] })
    expect(data.figure.origin).toBe('derived')
    expect(data.metric.id).toBe('coca-cultivation')
  })

  it('the evidence of a figure comes in the order of the text', async () => {
    const { data } = await read(await many.get('/v1/figures/inl-2019-coca-cultivation-2017-2'), item(FigureDetailShape))
    expect(data.evidence).toEqual([
      { role: 'since', start: 20, end: 24 },
      { role: 'period', start: 100, end: 104 },
      { role: 'baseline', start: 3000, end: 3004 },
    ])
  })

  it('a term of more than a hundred is refused without them all, but with the nearest', async () => {
    const { errors = [] } = await readProblem(await many.get('/v1/figures?id=inl-2019-coca-cultivation-2071'), 400)
    expect(errors[0]?.allowed).toBeUndefined()
    expect(errors[0]?.did_you_mean).toBe('inl-2019-coca-cultivation-2017')
  })
})

describe('over another release', () => {
  const other = serviceForTests({
    prepare: (db) => {
      db.update(tables.release)
        .set({ digest: `sha256:${'0'.repeat(64)}` })
        .run()
    },
  })

  it('a cursor of this one is refused', async () => {
    const { page } = await read(await get('/v1/figures?limit=1'), Figures)
    const { errors = [] } = await readProblem(await other.get(page.next ?? ''), 400)
    expect(errors).toMatchObject([{ parameter: 'cursor' }])
  })

  it('the tag is another', async () => {
    const [here, there] = await Promise.all([get('/v1/figures'), other.get('/v1/figures')])
    expect(here.headers.get('etag')).not.toBe(there.headers.get('etag'))
  })
})
