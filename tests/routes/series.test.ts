import { beforeAll, describe, expect, it } from 'vitest'
import * as tables from '../../src/db/schema.ts'
import { DocumentSummary } from '../../src/schemas/documents.ts'
import { item, list } from '../../src/schemas/envelope.ts'
import { Figure } from '../../src/schemas/figures.ts'
import { Metric, MetricSummary } from '../../src/schemas/metrics.ts'
import { mostPoints, Series } from '../../src/schemas/series.ts'
import { claimTypes, measures } from '../../src/schemas/vocabularies.ts'
import { addVariedFigures } from '../support/query.ts'
import { follow, read, readProblem, serviceForTests, type RunningService } from '../support/service.ts'

const SeriesList = list(Series)

const real = serviceForTests()
/**
 * A service with figures of every kind, and with one series that is longer than what is shown of it: its first points are
 * told apart by start, by publication and by id in turn, against the order of ids; one voice is an attribution.
 */
const many = serviceForTests({
  prepare: (db) => {
    const figure = db
      .select()
      .from(tables.figure)
      .all()
      .find(({ id }) => id === 'inl-2019-coca-cultivation-2017')
    if (figure === undefined) return
    const add = (change: Partial<typeof figure> & { id: string; year: number }) => {
      const { year } = change
      const period = { period: `${year}`, period_start: `${year}-01-01`, period_end: `${year}-12-31` }
      db.insert(tables.figure)
        .values({ ...figure, ...period, ...change })
        .run()
    }
    const later = { document: 'inl-colombia-summary-2021' }
    add({ id: 'first-9', year: 1800, period_start: null, ...later })
    add({ id: 'first-8', year: 1800, period_start: '1700-01-01', ...later })
    add({ id: 'first-7', year: 1800 })
    add({ id: 'first-5', year: 1800, ...later })
    add({ id: 'first-6', year: 1800, ...later })
    add({ id: 'first-4', year: 1801, document: 'partnership-fact-sheet-2020', attribution: 'inl' })
    for (let copy = 0; copy < mostPoints + 20; copy += 1) add({ id: `long-${copy}`, year: 1900 + ((copy * 7) % 110) })
    addVariedFigures(db, 700)
  },
})

const parts = ['metric', 'scope', 'measure', 'claim_type', 'place', 'unit', 'baseline_year', 'voice'] as const
const names = { scope: 'Scope', measure: 'Measure', claim_type: 'Claim type', place: 'Place', unit: 'Unit' }
const sentenceOf = { ...names, baseline_year: 'Baseline year', voice: 'Voice' }
type Part = keyof typeof sentenceOf

type World = {
  figures: readonly Figure[]
  metrics: string[]
  series: Series[]
  published: ReadonlyMap<string, string>
}

async function readAll(service: Pick<RunningService, 'get'>): Promise<World> {
  const figures = (await follow(service, '/v1/figures?limit=1000', list(Figure))).flatMap(({ data }) => data)
  const metrics = (await read(await service.get('/v1/metrics?limit=1000'), list(MetricSummary))).data
  const documents = (await read(await service.get('/v1/documents?limit=1000'), list(DocumentSummary))).data
  const series: Series[] = []
  for (const { id } of metrics) {
    const pages = await follow(service, `/v1/metrics/${id}/series?limit=1000`, SeriesList)
    const own = pages.flatMap(({ data }) => data)
    expect(pages[0]?.page.total).toBe(own.length)
    expect(own.map((one) => one.id)).toEqual(own.map((one) => one.id).toSorted())
    expect(new Set(own.map(({ metric }) => metric))).toEqual(new Set(own.length === 0 ? [] : [id]))
    series.push(...own)
  }
  const published = new Map(documents.map(({ id, published_latest }) => [id, published_latest]))
  return { figures, metrics: metrics.map(({ id }) => id), series, published }
}

let worlds: readonly [World, World]
let world: World
beforeAll(async () => {
  worlds = [await readAll(real), await readAll(many)]
  world = worlds[0]
}, 60_000)

const voiceOf = ({ attribution, publisher }: Figure) => attribution ?? publisher
const keyOf = (of: Figure | Series) =>
  JSON.stringify(parts.map((part) => (part !== 'voice' ? of[part] : 'voice' in of ? of.voice : voiceOf(of))))

/** The figures of a series as they should stand in it: by time, an open start first, then publication, then id. */
function inTime(figures: readonly Figure[], { published }: World): Figure[] {
  const orderOf = ({ period_end, period_start, document, id }: Figure) =>
    [period_end, period_start ?? '', document === null ? '' : (published.get(document) ?? ''), id] as const
  return figures.toSorted((a, b) => {
    const [left, right] = [orderOf(a), orderOf(b)]
    const at = left.findIndex((text, index) => text !== right[index])
    return at === -1 ? 0 : (left[at] ?? '') < (right[at] ?? '') ? -1 : 1
  })
}

describe('the series', () => {
  it('hold each figure of their metric, each in the one series of its key', () => {
    for (const { figures, series } of worlds) {
      const groups = Map.groupBy(figures, keyOf)
      expect(series.map(keyOf).toSorted()).toEqual([...groups.keys()].toSorted())
      for (const one of series) {
        const own = groups.get(keyOf(one)) ?? []
        expect(one.point_count, one.id).toBe(own.length)
        const ids = new Set(own.map(({ id }) => id))
        expect(one.points.length).toBe(Math.min(own.length, mostPoints))
        for (const { figure } of one.points) expect(ids, one.id).toContain(figure)
      }
    }
  })

  it('differ in their keys, pair by pair, and in their ids, which are their keys', () => {
    for (const { series } of worlds) {
      expect(new Set(series.map(keyOf)).size).toBe(series.length)
      expect(new Set(series.map(({ id }) => id)).size).toBe(series.length)
      for (const one of series) expect(one.id).toBe(parts.map((part) => one[part] ?? '_').join('.'))
    }
  })

  it('have their points in the order of time, as the figures are', () => {
    let rivals = 0
    for (const of of worlds) {
      const groups = Map.groupBy(of.figures, keyOf)
      for (const one of of.series) {
        const expected = inTime(groups.get(keyOf(one)) ?? [], of)
        expect(one.points, one.id).toEqual(
          expected.slice(0, mostPoints).map(({ id, ...figure }) => ({
            figure: id,
            ...{ origin: figure.origin, claim_type: figure.claim_type, year: figure.year, period: figure.period },
            ...{ value: figure.value, value_low: figure.value_low, value_low_inclusive: figure.value_low_inclusive },
            ...{ value_high: figure.value_high, value_high_inclusive: figure.value_high_inclusive },
            ...{ qualifier: figure.qualifier, superlative: figure.superlative, document: figure.document },
            url: figure.url,
          })),
        )
        rivals += expected.filter(({ period_end }, at) => expected[at + 1]?.period_end === period_end).length
      }
    }
    expect(rivals, 'some points are of one time').toBeGreaterThan(0)
    const long = worlds[1].series.find(({ point_count }) => point_count > mostPoints)
    expect(long?.points.slice(0, 6).map(({ figure }) => figure)).toEqual([
      'first-9',
      'first-8',
      'first-7',
      'first-5',
      'first-6',
      'first-4',
    ])
  })

  it('mark what is computed, which nobody says, and what is a target', () => {
    for (const { series } of worlds) {
      for (const { points, voice, claim_type } of series) {
        for (const point of points) {
          expect(point.origin === 'derived').toBe(voice === null)
          expect(point.claim_type).toBe(claim_type)
        }
      }
      expect(series.some(({ voice }) => voice === null)).toBe(true)
      expect(series.some(({ claim_type }) => claim_type === 'target')).toBe(true)
    }
  })

  it('lead to their figures, with others only where no filter asks for null or for two columns at once', async () => {
    const [, { series, figures }] = worlds
    const byKey = Map.groupBy(figures, keyOf)
    const long = series.filter(({ point_count }) => point_count > mostPoints)
    expect(long).not.toHaveLength(0)
    for (const one of [...long, ...series.filter((_, at) => at % 3 === 0)]) {
      const pages = await follow(many, `${one.figures_url}&limit=1000`, list(Figure))
      const found = pages.flatMap(({ data }) => data)
      const own = found.filter((figure) => keyOf(figure) === keyOf(one))
      expect(own).toHaveLength(byKey.get(keyOf(one))?.length ?? 0)
      expect(own.map(({ year }) => year)).toEqual(own.map(({ year }) => year).toSorted((a, b) => a - b))
      for (const other of found) {
        const apart = parts.filter((part) => (part === 'voice' ? voiceOf(other) : other[part]) !== one[part])
        expect(apart.filter((part) => part !== 'baseline_year' && part !== 'voice')).toEqual([])
        if (apart.includes('baseline_year')) expect(one.baseline_year).toBeNull()
      }
    }
  })

  it('ask for their baseline year, and for what is computed where nobody says them', () => {
    const [, { series }] = worlds
    for (const { figures_url, baseline_year, voice } of series) {
      const asked = new URL(figures_url, 'http://localhost').searchParams
      expect(asked.get('baseline_year'), figures_url).toBe(baseline_year === null ? null : String(baseline_year))
      expect(asked.get('origin'), figures_url).toBe(voice === null ? 'derived' : null)
    }
    expect(series.some(({ baseline_year }) => baseline_year !== null)).toBe(true)
    expect(series.some(({ voice }) => voice === null)).toBe(true)
  })
})

describe('each series says why it is its own', () => {
  it('in each part of the key in which another series differs, and in no other', () => {
    for (const { series, metrics } of worlds) {
      for (const metric of metrics) {
        const siblings = series.filter((one) => one.metric === metric)
        for (const one of siblings) {
          const apart = (Object.keys(sentenceOf) as Part[]).filter((part) =>
            siblings.some((other) => other[part] !== one[part]),
          )
          expect(one.apart_because.map((sentence) => /^[A-Z][a-z ]+?(?= \S+:)/.exec(sentence)?.[0])).toEqual(
            apart.map((part) => sentenceOf[part]),
          )
          if (siblings.length > 1) expect(one.apart_because).not.toHaveLength(0)
        }
      }
    }
  })

  it('in the words that define its terms, and with the terms of the others', async () => {
    for (const metric of world.metrics) {
      const { scopes } = (await read(await real.get(`/v1/metrics/${metric}`), item(Metric))).data
      const siblings = world.series.filter((one) => one.metric === metric)
      for (const one of siblings) {
        const said = (part: Part) => one.apart_because.find((sentence) => sentence.startsWith(`${sentenceOf[part]} `))
        const definition = scopes.find(({ scope }) => scope === one.scope)?.definition
        if (said('scope') !== undefined) expect(said('scope')).toContain(`Scope ${one.scope}: ${definition}`)
        if (said('measure') !== undefined) expect(said('measure')).toContain(measures[one.measure])
        if (said('claim_type') !== undefined) expect(said('claim_type')).toContain(claimTypes[one.claim_type])
        for (const part of Object.keys(sentenceOf) as Part[]) {
          for (const other of siblings) {
            if (other[part] === one[part]) continue
            const term = other[part] ?? (part === 'voice' ? 'nobody' : 'none')
            expect(said(part)?.split('Other series', 2)[1], one.id).toContain(String(term))
          }
        }
      }
    }
  })

  it('naming some of the others where they are many', () => {
    const [, { series }] = worlds
    let long = 0
    for (const one of series) {
      const siblings = series.filter(({ metric }) => metric === one.metric)
      for (const part of Object.keys(sentenceOf) as Part[]) {
        const others = new Set(siblings.flatMap((other) => (other[part] === one[part] ? [] : [other[part]]))).size
        const said = one.apart_because.find((sentence) => sentence.startsWith(`${sentenceOf[part]} `)) ?? ''
        const [, named = '', more] = /Other series ([^;:]*) and (\d+) more\b/.exec(said) ?? []
        expect(more, said).toBe(others > 10 ? String(others - 10) : undefined)
        if (more === undefined) continue
        long += 1
        expect(named.split(', '), said).toHaveLength(10)
      }
    }
    expect(long).toBeGreaterThan(0)
  })
})

describe('the list', () => {
  it.each([1, 2, 5])('in pages of %i is the same list', async (limit) => {
    for (const metric of ['coca-eradication', 'coca-cultivation', 'homicides']) {
      const pages = await follow(real, `/v1/metrics/${metric}/series?limit=${limit}`, SeriesList)
      const expected = world.series.filter((one) => one.metric === metric)
      expect(pages.flatMap(({ data }) => data)).toEqual(expected)
      expect(pages).toHaveLength(Math.ceil(expected.length / limit))
    }
  })

  it('takes no cursor of another metric, and none that was changed', async () => {
    const { page } = await read(await real.get('/v1/metrics/coca-eradication/series?limit=1'), SeriesList)
    expect(page.next).toMatch(/^\/v1\/metrics\/coca-eradication\/series\?limit=1&cursor=[\w-]+$/)
    for (const address of [
      page.next?.replace('coca-eradication', 'coca-cultivation'),
      page.next?.replace('coca-eradication', 'homicides'),
      page.next?.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    ]) {
      const { errors = [] } = await readProblem(await real.get(address ?? ''), 400)
      expect(errors).toMatchObject([{ parameter: 'cursor' }])
    }
  })

  it('has the worked example of the OpenAPI document', () => {
    expect(world.series).toContainEqual(Series.meta()?.examples?.[0])
  })

  it('of a metric that does not exist is a 404 with the nearest id', async () => {
    const { did_you_mean } = await readProblem(await real.get('/v1/metrics/coca-cultivaton/series'), 404)
    expect(did_you_mean).toBe('coca-cultivation')
  })

  it.each([
    ['limit=0', { parameter: 'limit' }],
    ['scope=forced', { parameter: 'scope' }],
    ['cursr=x', { parameter: 'cursr', did_you_mean: 'cursor' }],
    ['cursor=', { parameter: 'cursor', reason: 'is empty' }],
  ])('with %s is a 400 that says what is wrong', async (query, fault) => {
    const { errors = [] } = await readProblem(await real.get(`/v1/metrics/coca-eradication/series?${query}`), 400)
    expect(errors).toMatchObject([fault])
  })

  it('known by its tag is not sent again', async () => {
    const path = '/v1/metrics/coca-eradication/series'
    const { headers } = await real.ask(path)
    const again = await real.ask(path, { headers: { 'if-none-match': headers.etag ?? '' } })
    expect([again.status, again.body.length]).toEqual([304, 0])
  })
})
