import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { z } from 'zod'
import * as tables from '../../src/db/schema.ts'
import { item, list } from '../../src/schemas/envelope.ts'
import { Figure } from '../../src/schemas/figures.ts'
import { Metric as MetricShape, MetricSummary as SummaryShape } from '../../src/schemas/metrics.ts'
import { seedDirectory } from '../../src/seed/staleness.ts'
import { follow, read, readProblem, serviceForTests } from '../support/service.ts'

type Metric = z.infer<typeof MetricShape>
type MetricSummary = z.infer<typeof SummaryShape>

const service = serviceForTests()
const { get } = service

/** A service with a metric and a scope of another that no figure is of: the load asks for none. */
const bare = serviceForTests({
  prepare: (db) => {
    const of = { id: 'coca-unseen', title: 'Unseen coca', definition: 'Coca that nobody saw.', unit: 'ha' }
    db.insert(tables.metric)
      .values({ ...of, topic: 'counternarcotics', additive: true })
      .run()
    const scopes = [
      { metric: 'coca-unseen', scope: 'forced', definition: 'By force.' },
      { metric: 'coca-eradication', scope: 'alleged', definition: 'As alleged.' },
    ]
    db.insert(tables.metricScope).values(scopes).run()
  },
})

let figures: Figure[]
let metrics: MetricSummary[]
let details: Metric[]
beforeAll(async () => {
  figures = (await read(await get('/v1/figures?limit=1000'), list(Figure))).data
  metrics = (await read(await get('/v1/metrics?limit=1000'), list(SummaryShape))).data
  details = await Promise.all(
    metrics.map(async ({ id }) => (await read(await get(`/v1/metrics/${id}`), item(MetricShape))).data),
  )
})

const totalOf = async (address: string) => (await read(await get(address), list(Figure))).page.total

describe('the metrics', () => {
  it('are listed by id, all of them, exactly counted', async () => {
    const { data, page } = await read(await get('/v1/metrics?limit=1000'), list(SummaryShape))
    const ids = data.map(({ id }) => id)
    expect(ids).toEqual(ids.toSorted())
    expect(page).toEqual({ total: ids.length, returned: ids.length, next: null })
    const seed = parse(readFileSync(join(seedDirectory, 'metrics.yaml'), 'utf8')) as { metrics: { id: string }[] }
    expect(ids).toEqual(seed.metrics.map(({ id }) => id).toSorted())
  })

  it.each([1, 7, 1000])('in pages of %i are the same list', async (limit) => {
    const pages = await follow(service, `/v1/metrics?limit=${limit}`, list(SummaryShape))
    expect(pages.flatMap(({ data }) => data)).toEqual(metrics)
    for (const { data, page } of pages) {
      expect(page).toMatchObject({ total: metrics.length, returned: data.length })
      expect(data.length).toBeLessThanOrEqual(limit)
    }
    expect(pages).toHaveLength(Math.ceil(metrics.length / limit))
  })

  it('may be paged with another limit at each step', async () => {
    const pages = await follow(service, '/v1/metrics?limit=2', list(SummaryShape), (next, step) =>
      next.replace(/limit=\d+/, `limit=${step + 2}`),
    )
    expect(pages.flatMap(({ data }) => data)).toEqual(metrics)
  })

  it('count what /v1/figures says of them', () => {
    for (const { id, figure_count, document_count, year_first, year_last } of metrics) {
      const own = figures.filter(({ metric }) => metric === id)
      const years = own.map(({ year }) => year)
      expect({ figure_count, document_count, year_first, year_last }, id).toEqual({
        figure_count: own.length,
        document_count: new Set(own.flatMap(({ document }) => document ?? [])).size,
        year_first: years.length === 0 ? null : Math.min(...years),
        year_last: years.length === 0 ? null : Math.max(...years),
      })
    }
  })

  it('lead to their figures and to themselves', async () => {
    for (const { id, figure_count, figures_url, url } of metrics) {
      expect(url).toBe(`/v1/metrics/${id}`)
      expect(await totalOf(figures_url)).toBe(figure_count)
    }
  })

  it('name the unit, title and topic of their figures', () => {
    for (const figure of figures) {
      const metric = metrics.find(({ id }) => id === figure.metric)
      expect(figure).toMatchObject({ metric_title: metric?.title, topic: metric?.topic })
      const inPercent = ['share', 'relative_change'].includes(figure.measure)
      expect(figure.unit).toBe(inPercent ? 'percent' : metric?.unit)
    }
  })
})

describe('one metric', () => {
  it('is the metric of the list, with its scopes', () => {
    expect(details.map(({ scopes: _, ...summary }) => summary)).toEqual(metrics)
  })

  it('defines every scope that a figure has, each once', () => {
    for (const { id, scopes } of details) {
      const names = scopes.map(({ scope }) => scope)
      expect(new Set(names).size).toBe(names.length)
      const used = figures.filter(({ metric }) => metric === id).map(({ scope }) => scope)
      expect(names).toEqual(expect.arrayContaining(used))
      for (const { definition } of scopes) expect(definition).toMatch(/\w/)
    }
  })

  it('counts the figures of each scope as /v1/figures does', async () => {
    for (const { id, scopes, figure_count } of details) {
      for (const { scope, figure_count } of scopes) {
        expect(await totalOf(`/v1/figures?metric=${id}&scope=${scope}`), `${id} ${scope}`).toBe(figure_count)
      }
      expect(scopes.reduce((sum, scope) => sum + scope.figure_count, 0)).toBe(figure_count)
    }
  })

  it('without a figure is a metric all the same, and so is a scope without one', async () => {
    const path = '/v1/metrics/coca-unseen'
    const { data } = await read(await bare.get('/v1/metrics?limit=1000'), list(SummaryShape))
    const { scopes, ...unseen } = (await read(await bare.get(path), item(MetricShape))).data
    expect(data.find(({ id }) => id === 'coca-unseen')).toEqual(unseen)
    expect(unseen).toMatchObject({ figure_count: 0, document_count: 0, year_first: null, year_last: null })
    expect(scopes).toEqual([{ scope: 'forced', definition: 'By force.', figure_count: 0 }])
    const seen = (await read(await bare.get('/v1/metrics/coca-eradication'), item(MetricShape))).data
    const before = details.find(({ id }) => id === 'coca-eradication')
    expect(seen.scopes).toEqual([
      { scope: 'alleged', definition: 'As alleged.', figure_count: 0 },
      ...(before?.scopes ?? []),
    ])
  })

  it('that does not exist is a 404 with the nearest id', async () => {
    const { did_you_mean } = await readProblem(await get('/v1/metrics/coca-cultivaton'), 404)
    expect(did_you_mean).toBe('coca-cultivation')
  })

  it('far from any that exists is a 404 without a guess', async () => {
    expect(await readProblem(await get('/v1/metrics/zzzzzzzzzzzzzzzz'), 404)).not.toHaveProperty('did_you_mean')
  })

  it('takes no parameters', async () => {
    const { errors = [] } = await readProblem(await get('/v1/metrics/coca-cultivation?limit=1&q='), 400)
    expect(errors.map(({ parameter }) => parameter).toSorted()).toEqual(['limit', 'q'])
  })
})

it.each([
  ['limit=0', 'limit'],
  ['limit=1001', 'limit'],
  ['limit=1&limit=2', 'limit'],
  ['limit=', 'limit'],
  ['limit=1e1', 'limit'],
  ['topic=trade', 'topic'],
  ['format=csv', 'format'],
  ['cursor=x', 'cursor'],
  ['__proto__=1', '__proto__'],
])('the list with %s is a 400 that names %s', async (query, parameter) => {
  const { errors = [] } = await readProblem(await get(`/v1/metrics?${query}`), 400)
  expect(errors).toHaveLength(1)
  expect(errors).toMatchObject([{ parameter }])
})
