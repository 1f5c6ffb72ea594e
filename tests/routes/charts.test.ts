import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { chart } from '../../src/db/schema.ts'
import { ChartSpecification } from '../../src/schemas/charts.ts'
import { list } from '../../src/schemas/envelope.ts'
import { MetricSummary } from '../../src/schemas/metrics.ts'
import { ChartSize } from '../../src/schemas/vocabularies.ts'
import { panelsOf } from '../charts/support.ts'
import type { ChartSpecification as Specification } from '../../src/charts/spec.ts'
import { read, readProblem, serviceForTests } from '../support/service.ts'

const service = serviceForTests()
const { get, ask } = service
const path = '/v1/metrics/coca-eradication/chart'
const vegaLite = 'application/vnd.vegalite.v6+json'

describe('every metric', () => {
  it.each(ChartSize.options)('has a %s chart, as it was drawn at load', async (size) => {
    const stored = service.db.select().from(chart).all()
    const { data: metrics } = await read(await get('/v1/metrics?limit=1000'), list(MetricSummary))
    expect(stored).toHaveLength(metrics.length * ChartSize.options.length)
    for (const { id } of metrics) {
      const drawn = stored.find((one) => one.metric === id && one.size === size)
      const picture = await get(`/v1/metrics/${id}/chart?size=${size}`)
      expect(picture.status).toBe(200)
      expect(picture.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8')
      expect(picture.headers.get('content-disposition')).toBe(`inline; filename="${id}-${size}.svg"`)
      expect(await picture.text()).toBe(drawn?.svg)
      const data = await get(`/v1/metrics/${id}/chart?size=${size}&format=vega-lite`)
      expect(data.headers.get('content-type')).toBe(`${vegaLite}; charset=utf-8`)
      expect(data.headers.get('content-disposition')).toBe(`inline; filename="${id}-${size}.vl.json"`)
      const text = await data.text()
      expect(text).toBe(drawn?.specification)
      ChartSpecification.parse(JSON.parse(text))
    }
  })

  it('has in its specification the figures that the API lists, with their bounds', async () => {
    const { data: metrics } = await read(await get('/v1/metrics?limit=1000'), list(MetricSummary))
    for (const { id } of metrics) {
      const specification = (await (await get(`/v1/metrics/${id}/chart?format=vega-lite`)).json()) as Specification
      const rows = panelsOf(specification).flatMap((panel) => panel.rows)
      const listed = (await (await get(`/v1/figures?metric=${id}&limit=1000`)).json()) as {
        data: Record<string, unknown>[]
      }
      const columns = ['id', 'value', 'value_low', 'value_low_inclusive', 'value_high', 'value_high_inclusive']
      const byId = (a: unknown[], b: unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1)
      const drawn = rows.map(({ figure, ...row }) => columns.map((name) => (name === 'id' ? figure : row[name])))
      expect(drawn.toSorted(byId)).toEqual(
        listed.data.map((figure) => columns.map((name) => figure[name])).toSorted(byId),
      )
    }
  })
})

it('is wide where no size is asked for', async () => {
  expect(await (await get(path)).text()).toBe(await (await get(`${path}?size=wide`)).text())
})

it.each([
  ['*/*', 'image/svg+xml'],
  ['image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'image/svg+xml'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'image/svg+xml'],
  ['image/*', 'image/svg+xml'],
  [vegaLite, vegaLite],
  ['application/*', vegaLite],
  ['application/json', 'application/json'],
  ['application/json, image/svg+xml;q=0.9', 'application/json'],
])('answers Accept: %s with %s', async (accept, type) => {
  const { status, headers } = await ask(path, { headers: { accept } })
  expect(status).toBe(200)
  expect(headers['content-type']).toBe(`${type}; charset=utf-8`)
  expect(headers.vary).toBe('accept, accept-encoding')
})

it('answers the format that is asked for whatever Accept says', async () => {
  const headers = { accept: 'application/pdf' }
  expect((await ask(`${path}?format=svg`, { headers })).headers['content-type']).toMatch(/^image\/svg\+xml/)
  expect((await ask(`${path}?format=vega-lite`, { headers })).headers['content-type']).toMatch(
    /^application\/vnd\.vega/,
  )
})

it('is the same specification for who asks for plain JSON', async () => {
  const plain = await ask(path, { headers: { accept: 'application/json' } })
  expect(plain.body).toEqual((await ask(`${path}?format=vega-lite`)).body)
  const { $schema } = JSON.parse(plain.body.toString()) as { $schema: string }
  expect(vegaLite).toContain(/v\d+/.exec($schema)?.[0])
})

it('lets the picture have its own style sheet, and nothing else', async () => {
  const { headers, body } = await ask(path)
  const style = /<style>(.*?)<\/style>/s.exec(body.toString())?.[1] ?? ''
  expect(style).toContain('prefers-color-scheme')
  const hash = createHash('sha256').update(style).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'`
  expect(headers['content-security-policy']).toBe(policy)
  // Given again from memory it has the same.
  const again = await ask(path)
  expect(again.headers['content-security-policy']).toBe(policy)
  expect(again.body).toEqual(body)
})

it('is compressed, which makes it several times smaller', async () => {
  const packed = await ask(path, { headers: { 'accept-encoding': 'br' } })
  expect(packed.headers['content-encoding']).toBe('br')
  expect(packed.body.length * 4).toBeLessThan((await ask(path)).body.length)
})

it.each([
  ['size=huge', 'size', undefined],
  ['size=narow', 'size', 'narrow'],
  ['size=wide,card', 'size', undefined],
  ['size=', 'size', undefined],
  ['size=wide&size=card', 'size', undefined],
  ['format=png', 'format', undefined],
  ['format=vegalite', 'format', 'vega-lite'],
  ['format=json', 'format', undefined],
  ['sise=wide', 'sise', 'size'],
  ['width=300', 'width', undefined],
])('with %s is a 400 that names %s', async (query, parameter, near) => {
  const { errors = [] } = await readProblem(await get(`${path}?${query}`), 400)
  expect(errors).toHaveLength(1)
  expect(errors).toMatchObject([{ parameter, ...(near !== undefined && { did_you_mean: near }) }])
})

it('of a metric that does not exist is a 404 with the nearest', async () => {
  const { did_you_mean } = await readProblem(await get('/v1/metrics/coca-eradicaton/chart'), 404)
  expect(did_you_mean).toBe('coca-eradication')
})

it('that is not to be had in a format is a 406 that names those it is to be had in', async () => {
  const { detail } = await readProblem(await ask(path, { headers: { accept: 'image/png' } }), 406)
  expect(detail).toContain(`image/svg+xml or ${vegaLite} or application/json`)
})

it('has a tag for each format, and answers 304 to it and to it alone', async () => {
  const [svg, data] = [await ask(path), await ask(`${path}?format=vega-lite`)]
  expect(svg.headers.etag).not.toBe(data.headers.etag)
  const again = (etag = '') => ask(path, { headers: { 'if-none-match': etag } })
  expect((await again(svg.headers.etag)).status).toBe(304)
  expect((await again(data.headers.etag)).status).toBe(200)
})

it('answers HEAD like GET, without a body', async () => {
  const [head, whole] = [await ask(path, { method: 'HEAD' }), await ask(path)]
  expect(head.status).toBe(200)
  expect(head.body).toHaveLength(0)
  for (const name of ['content-type', 'content-disposition', 'etag']) expect(head.headers[name]).toBe(whole.headers[name]) // prettier-ignore
  expect(Number(head.headers['content-length'])).toBe(whole.body.length)
})

describe('a database that has no charts', () => {
  const without = serviceForTests({ prepare: (db) => void db.delete(chart).run() })

  it('says so, and not that the metric is unknown', async () => {
    const { detail, did_you_mean } = await readProblem(await without.get(path), 404)
    expect(detail).toBe('There is no chart of the metric coca-eradication.')
    expect(did_you_mean).toBeUndefined()
  })
})
