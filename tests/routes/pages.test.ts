import { brotliDecompressSync } from 'node:zlib'
import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import {
  comparison as comparisonTable,
  derivation as derivationTable,
  derivationInput as inputTable,
  figure as figureTable,
  metric as metricTable,
} from '../../src/db/schema.ts'
import { Comparison } from '../../src/schemas/comparisons.ts'
import { DocumentSummary, type Document } from '../../src/schemas/documents.ts'
import type { z } from 'zod'
import { Figure, FigureDetail } from '../../src/schemas/figures.ts'
import { baselineBases } from '../../src/schemas/vocabularies.ts'
import { item, list } from '../../src/schemas/envelope.ts'
import { buildSyntheticDatabase } from '../../src/seed/build.ts'
import { readProblem, serviceForTests, startService, type Answer } from '../support/service.ts'

/** What browsers send. */
const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

const { get, ask } = serviceForTests()
const visit = (path: string, headers: Record<string, string> = {}) => ask(path, { headers: { accept, ...headers } })

/** HTML as a browser reads it, as far as its character references go. */
const unescaped = (html: string) => html.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
const textOf = ({ body }: Answer) => unescaped(body.toString('utf8'))
const linksOf = (answer: Answer) =>
  [...textOf(answer).matchAll(/(?:href|action|src)="([^"]*)"/g)].map(([, to = '']) => to)

const pages = [
  ['/metrics/coca-eradication', '/v1/metrics/coca-eradication'],
  ['/documents/inl-colombia-summary-2021', '/v1/documents/inl-colombia-summary-2021'],
  ['/figures/inl-2021-coca-eradication-2020', '/v1/figures/inl-2021-coca-eradication-2020'],
  ['/figures/derived-coca-eradication-2019', '/v1/figures/derived-coca-eradication-2019'],
  ['/explore', '/v1/figures'],
  ['/explore?metric=coca-eradication&year_from=2019', '/v1/figures?metric=coca-eradication&year_from=2019'],
] as const

let figures: Figure[]
beforeAll(async () => {
  figures = list(Figure).parse(await (await get('/v1/figures?limit=1000')).json()).data
})

it('shows a computed figure with the digits that the chart of its metric shows', async () => {
  const numbersIn = (text: string) => (text.match(/\d[\d,.]*/g) ?? []).map((number) => number.replace(/[.,]$/, ''))
  const computed = figures.filter(({ origin }) => origin === 'derived')
  expect(computed.length).toBeGreaterThan(5)
  for (const { id, metric } of computed) {
    const heading = /<h1>(.*?)<\/h1>/.exec(textOf(await visit(`/figures/${id}`)))?.[1] ?? ''
    const specification = await (await get(`/v1/metrics/${metric}/chart?format=vega-lite`)).text()
    const said = new RegExp(`"figure":"${id}"[^}]*?"said":"([^"]*)"`).exec(specification)?.[1] ?? ''
    expect(numbersIn(said), id).not.toEqual([])
    expect(numbersIn(heading), id).toEqual(expect.arrayContaining(numbersIn(said)))
  }
})

describe.each(pages)('the page %s', (path, resource) => {
  it('is HTML with a title, a description and the address of the same as data', async () => {
    const answer = await visit(path)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    const html = textOf(answer)
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/)
    expect(html).toMatch(/<title>[^<]{5,}<\/title>/)
    expect(html).toMatch(/<meta name="description" content="[^"]{20,}">/)
    expect(html).toContain(`<link rel="alternate" type="application/json" href="${resource}">`)
    expect(linksOf(answer).filter((link) => link === resource).length).toBeGreaterThan(1)
  })

  it('is kept and asked for again as the API is', async () => {
    const { headers } = await visit(path)
    expect(headers['cache-control']).toBe('public, max-age=300, stale-while-revalidate=86400')
    expect(headers.vary).toBe('accept, accept-encoding')
    const again = await visit(path, { 'if-none-match': String(headers.etag) })
    expect([again.status, again.body.length]).toEqual([304, 0])
  })

  it('weighs less than 100 kB as it is sent', async () => {
    const { headers, body } = await visit(path, { 'accept-encoding': 'br' })
    expect(headers['content-encoding']).toBe('br')
    expect(body.length).toBeLessThan(100_000)
    expect(brotliDecompressSync(body).toString('utf8')).toMatch(/<\/html>\s*$/)
  })

  it('sends programs that prefer JSON on to the resource that it shows', async () => {
    const answer = await ask(path, { headers: { accept: 'application/json' } })
    expect([answer.status, answer.headers.location]).toEqual([303, resource])
    expect(answer.headers.vary).toContain('accept')
    expect((await get(path, { headers: { accept: 'application/json' } })).headers.get('content-type')).toMatch(/json/)
  })

  it('is a page to who accepts anything, and to nobody who accepts neither', async () => {
    expect((await ask(path)).headers['content-type']).toMatch(/^text\/html/)
    await readProblem(await ask(path, { headers: { accept: 'image/png' } }), 406)
  })

  it('leads only to what is there', async () => {
    const own = [...new Set(linksOf(await visit(path)))].filter((link) => link.startsWith('/'))
    expect(own.length).toBeGreaterThan(10)
    for (const link of own) expect((await visit(link.split('#')[0] ?? '')).status, link).toBe(200)
  })

  it('carries the headers of a page, and nothing in it is refused by them', async () => {
    const answer = await visit(path)
    expect(answer.headers['content-security-policy']).not.toMatch(/unsafe|\*/)
    expect(answer.headers['referrer-policy']).toBe('no-referrer')
    expect(answer.headers['x-frame-options']).toBeDefined()
    expect(textOf(answer).replace(/<(script|style)>[^]*?<\/\1>/g, '')).not.toMatch(/ style="| on\w+="|javascript:/i)
  })
})

describe('the page of a metric', () => {
  it('has every figure with its amount, scope, phrase and the link that marks it', async () => {
    const html = textOf(await visit('/metrics/coca-eradication'))
    const own = figures.filter(({ metric }) => metric === 'coca-eradication')
    expect(own.length).toBeGreaterThan(5)
    for (const { id, quote, source_url } of own) {
      expect(html).toContain(`href="/figures/${id}"`)
      if (quote === null) continue
      expect(html).toContain(`<a class="source" href="${source_url}">“<mark>${quote}</mark>”`)
    }
    expect(html).toContain('More than 100,000 hectares</a> <small>(scope not stated)</small>')
    expect(html).toContain('More than 130,000 hectares</a> <small>(forced)</small>')
  })

  it('has its chart, in the sizes that the charts have', async () => {
    const html = textOf(await visit('/metrics/coca-eradication'))
    const pictures = [...html.matchAll(/(?:src|srcset)="([^"]*chart\?size=\w+)" width="(\d+)" height="(\d+)"/g)]
    expect(pictures).toHaveLength(2)
    for (const [, address = '', width, height] of pictures) {
      const svg = await (await get(address)).text()
      expect(svg).toMatch(new RegExp(`^<svg[^>]* width="${width}" height="${height}"`))
    }
  })

  it('tells how figures relate in words, with the reason', async () => {
    const html = textOf(await visit('/metrics/uscap-activities'))
    expect(html).toContain('Printed anew, with another number')
    expect(html).toContain('Both hold if there were fewer than fifteen.')
    expect(html).toContain('As printed, both can be true.')
  })

  it('has the latest figures first', async () => {
    const html = textOf(await visit('/metrics/coca-eradication'))
    const [table = ''] = /<table.*?<\/table>/s.exec(html) ?? []
    const shown = [...table.matchAll(/href="\/figures\/([^"]+)"/g)].map(([, id = '']) => id)
    const { data } = list(Figure).parse(await (await get('/v1/figures?metric=coca-eradication&sort=-year')).json())
    expect(new Set(data.map(({ year }) => year)).size).toBeGreaterThan(2)
    expect([...new Set(shown)]).toEqual(data.map(({ id }) => id))
  })

  it.each([
    ['coca-eradication', '8 figures: 6 in 4 documents, 2 computed'],
    ['uscap-activities', '6 figures: 4 in 2 documents, 2 computed'],
    ['homicides', '1 figure in 1 document'],
  ])('of %s counts what is printed apart from what is computed', async (id, counts) => {
    expect(textOf(await visit(`/metrics/${id}`))).toContain(counts)
    expect(textOf(await visit('/'))).toContain(counts)
  })

  it('leads to all its comparisons only where it does not show them all', async () => {
    for (const metric of ['coca-eradication', 'uscap-activities', 'coca-cultivation']) {
      const { page } = list(Comparison).parse(await (await get(`/v1/comparisons?metric=${metric}`)).json())
      const html = textOf(await visit(`/metrics/${metric}`))
      expect(html.match(/<article class="pair">/g)).toHaveLength(Math.min(page.total, 20))
      expect(html.includes('comparisons, as data')).toBe(page.total > 20)
    }
  })
})

describe('the page of a document', () => {
  it('has its figures in the order of its text, and every mention that is none, with the reason', async () => {
    const id = 'inl-colombia-summary-2021'
    const html = textOf(await visit(`/documents/${id}`))
    const { data } = (await (await get(`/v1/documents/${id}`)).json()) as { data: z.infer<typeof Document> }
    for (const { text, start, end } of data.not_recorded)
      expect(html).toContain(`“${text}” <small>${start}–${end}</small>`)
    const own = figures.filter(({ document }) => document === id)
    const inText = own.toSorted((a, b) => (a.quote_start ?? 0) - (b.quote_start ?? 0))
    const places = inText.map((figure) => html.indexOf(`href="/figures/${figure.id}"`))
    expect(places).toHaveLength(data.figure_count)
    expect(places).not.toContain(-1)
    expect(places.toSorted((a, b) => a - b)).toEqual(places)
  })
})

describe('a link that was passed on', () => {
  it.each([
    ['/?fbclid=1', '/'],
    ['/figures/inl-2021-coca-eradication-2020?fbclid=x.y', '/figures/inl-2021-coca-eradication-2020'],
    ['/metrics/coca-eradication?utm_source=a&utm_medium=b%20c', '/metrics/coca-eradication'],
    ['/explore?utm_campaign=x&metric=coca-eradication&q=a+b%26c&gclid=1', '/explore?metric=coca-eradication&q=a+b%26c'],
    ['/explore?metric=a,b&mc_cid=1', '/explore?metric=a,b'],
    ['/explore?fbclid=1&q=why?&metric=a?b', '/explore?q=why?&metric=a?b'],
    ['/explore?q=coca?&mc_eid=a=b', '/explore?q=coca?'],
    ['/explore?dclid=1&msclkid=2&yclid=3&igshid=4&q=coca', '/explore?q=coca'],
  ])('%s, as a link is passed on, leads to %s', async (marked, plain) => {
    const { status, headers } = await visit(marked)
    expect([status, headers.location, headers['cache-control']]).toEqual([302, plain, 'no-store'])
  })

  it.each(['/?utm=1', '/explore?source=x', '/figures/inl-2021-coca-eradication-2020?id=fbclid', '/?q=utm_source'])(
    '%s has no such mark and is refused',
    async (path) => {
      expect((await visit(path)).status).toBe(400)
    },
  )

  it('counts against the limit as any page does', async () => {
    const limited = await startService({ settings: { RATE_LIMIT_MAX: '3' } })
    const statuses: number[] = []
    for (let time = 0; time < 5; time += 1) {
      statuses.push((await limited.ask('/?utm_source=x', { headers: { accept } })).status)
    }
    await limited.close()
    expect(statuses).toEqual([302, 302, 302, 429, 429])
  })

  it('marks are as wrong as any other parameter in a query of the API', async () => {
    await readProblem(await ask('/v1/figures?utm_source=x'), 400)
  })
})

describe('the page of a figure', () => {
  it('stands beside every other figure that speaks of the same thing', async () => {
    const most = figures.reduce((found, one) => (one.comparison_count > found.comparison_count ? one : found))
    expect(most.comparison_count).toBeGreaterThan(2)
    const html = textOf(await visit(`/figures/${most.id}`))
    expect(html.match(/<article class="pair">/g)).toHaveLength(most.comparison_count)
    expect(html).toContain(`${most.comparison_count} other figures may be taken for the same thing.`)
  })

  it('has the citation that the API gives', async () => {
    const id = 'inl-2021-coca-eradication-2020'
    const citation = await (await get(`/v1/figures/${id}/citation?format=text`)).text()
    expect(textOf(await visit(`/figures/${id}`))).toContain(citation.trim())
  })

  it('shows what a computed figure is computed from, and the printed one what is computed from it', async () => {
    const computed = textOf(await visit('/figures/derived-coca-eradication-2019'))
    expect(computed).toContain('level ÷ (1 + change)')
    expect(computed).toContain('About 94,891 hectares, without proven bounds')
    expect(linksOf(await visit('/figures/derived-coca-eradication-2019'))).toEqual(
      expect.arrayContaining([
        '/figures/inl-2021-coca-eradication-2020',
        '/figures/inl-2021-coca-eradication-change-2020',
      ]),
    )
    expect(linksOf(await visit('/figures/inl-2021-coca-eradication-2020'))).toContain(
      '/figures/derived-coca-eradication-2019',
    )
  })

  it('shows the inputs in the order of the method, and behind them what is computed from it by id, as the API does', async () => {
    const orders = await Promise.all(
      figures.map(async ({ id }) => {
        const { lineage } = item(FigureDetail).parse(await (await get(`/v1/figures/${id}`)).json()).data
        const steps = /<ol class="lineage">.*?<\/ol>/s.exec(textOf(await visit(`/figures/${id}`)))?.[0] ?? ''
        const shown = [...steps.matchAll(/href="\/figures\/([^"]*)"/g)].map(([, to]) => to)
        const known = [...(lineage.inputs ?? []), ...lineage.used_by].map((one) => one.id)
        expect(shown, id).toEqual(known)
        return [lineage.inputs ?? [], lineage.used_by].map((list) => list.length)
      }),
    )
    // Without two of each there would be no order to see.
    expect(orders.some(([inputs = 0]) => inputs > 1)).toBe(true)
    expect(orders.some(([, uses = 0]) => uses > 1)).toBe(true)
  })

  it('says of no computed figure what a document prints or says', async () => {
    const computed = figures.filter(({ origin }) => origin === 'derived')
    expect(computed.length).toBeGreaterThan(5)
    for (const { id } of computed) {
      const facts = /<dl class="facts">.*?<\/dl>/s.exec(textOf(await visit(`/figures/${id}`)))?.[0] ?? ''
      expect(facts, id).toMatch(/<dt>Claim<\/dt><dd>(Outcome|Target)\./)
      expect(facts, id).not.toMatch(/\bdocument|it is printed/i)
    }
  })

  it.each([
    ['derived-coca-cultivation-target-2023', 'Target: 104,500 hectares, computed'],
    ['derived-coca-cultivation-2013', 'About 80,385 hectares, computed'],
    ['derived-cocaine-production-per-hectare-2017', 'About 0.00435 tonnes per hectare (scope not stated), computed'],
    ['embassy-2012-homicides-2011', 'The lowest since 1985'],
    ['fact-sheet-2020-us-agricultural-exports-2018', 'US$2.91 billion, the highest on record'],
  ])('of %s is headed "%s"', async (id, words) => {
    expect(textOf(await visit(`/figures/${id}`))).toContain(`<h1>${words}`)
  })
})

describe('an address of things without an id', () => {
  it('or of the version alone leads to what the service says there is', async () => {
    for (const accept of ['text/html', 'application/json']) {
      const { status, headers } = await ask('/v1?metric=x', { headers: { accept } })
      expect([status, headers.location]).toEqual([303, '/?metric=x'])
    }
    await readProblem(await ask('/v1', { headers: { accept: 'image/png' } }), 406)
  })

  it.each([
    ['/metrics', '/#metrics', 'id="metrics"'],
    ['/documents', '/#documents', 'id="documents"'],
    ['/figures', '/explore', '<h2 id="results-title">'],
    ['/figures?metric=homicides&sort=-value', '/explore?metric=homicides&sort=-value', '<h2 id="results-title">'],
  ])('%s leads people to %s, where they are, and programs to the resource', async (path, to, shown) => {
    const { status, headers } = await visit(path)
    expect([status, headers.location]).toEqual([303, to])
    expect(headers['cache-control']).toBe('public, max-age=300, stale-while-revalidate=86400')
    expect(headers.vary).toContain('accept')
    expect(textOf(await visit(to.split('#')[0] ?? ''))).toContain(shown)
    const program = await ask(path, { headers: { accept: 'application/json' } })
    expect([program.status, program.headers.location]).toEqual([303, `/v1${path}`])
    expect((await ask(`/v1${path}`)).status).toBe(200)
    await readProblem(await ask(path, { headers: { accept: 'image/png' } }), 406)
  })

  it.each([
    ['/metrics?metirc=x', '/?metirc=x#metrics', 'metirc'],
    ['/figures?metirc=x', '/explore?metirc=x', 'metric'],
  ])('what %s asks besides is not lost, and refused at %s', async (path, to, told) => {
    expect((await visit(path)).headers.location).toBe(to)
    const refused = await visit(to.split('#')[0] ?? '')
    expect(refused.status).toBe(400)
    expect(textOf(refused)).toContain(told)
  })
})

describe('exploration', () => {
  it.each([
    ['/explore?metric=coca-eradication&year=&q=', '/explore?metric=coca-eradication'],
    ['/explore?q=&metric=&sort=', '/explore'],
    [
      '/explore?metric=coca-eradication&metric=&metric=coca-cultivation',
      '/explore?metric=coca-eradication&metric=coca-cultivation',
    ],
    ['/explore?year=&q=a+b%26c', '/explore?q=a+b%26c'],
  ])('%s, as a form sends it, is led to %s, which is the query of the API', async (path, to) => {
    const { status, headers } = await visit(path)
    expect([status, headers.location, headers['cache-control']]).toEqual([303, to, 'no-store'])
    expect((await visit(to)).status).toBe(200)
  })

  it('tells who searches for a blank that it is no text, as the API does', async () => {
    expect([(await visit('/explore?q=+')).status, (await get('/v1/figures?q=+')).status]).toEqual([400, 400])
  })

  it('finds what the API finds, in its order, and gives its address and its files', async () => {
    for (const query of [
      'metric=coca-eradication',
      'q=coca&sort=-value',
      'claim_type=target',
      'year_from=2020&origin=quoted',
    ]) {
      const { data } = list(Figure).parse(await (await get(`/v1/figures?${query}`)).json())
      const answer = await visit(`/explore?${query}`)
      const shown = linksOf(answer).filter((link) => link.startsWith('/figures/'))
      expect(shown, query).toEqual(data.map(({ id }) => `/figures/${id}`))
      const csv = linksOf(answer).find((link) => link.endsWith('format=csv')) ?? expect.unreachable('no CSV')
      const { status, body } = await ask(csv)
      expect(status).toBe(200)
      expect(body.toString('utf8').trim().split('\r\n')).toHaveLength(data.length + 1)
    }
  })

  it('goes on page by page, by the cursors of the API', async () => {
    const seen: string[] = []
    const start = '/explore?limit=20&origin=quoted'
    let next: string | undefined = start
    while (next !== undefined) {
      const answer = await visit(next)
      expect(answer.status, next).toBe(200)
      seen.push(...linksOf(answer).filter((link) => link.startsWith('/figures/')))
      // From each page but the first a link leads there.
      expect(linksOf(answer).includes(start)).toBe(next !== start)
      next = /rel="next" href="([^"]*)"/.exec(textOf(answer))?.[1]
      if (next !== undefined) expect((await ask(next.replace('/explore', '/v1/figures'))).status).toBe(200)
    }
    expect(seen.toSorted()).toEqual(
      figures
        .filter(({ origin }) => origin === 'quoted')
        .map(({ id }) => `/figures/${id}`)
        .toSorted(),
    )
  })

  it('keeps what was asked in its form, terms with commas too', async () => {
    const html = textOf(await visit('/explore?metric=coca-eradication,coca-cultivation&year_from=2018&q=coca'))
    expect(html).toContain('<option value="coca-cultivation,coca-eradication" selected>')
    expect(html).toContain('name="year_from" type="text" value="2018"')
    expect(html).toContain('name="q" type="search" value="coca"')
  })

  it('has a field for every filter of the API', async () => {
    const html = textOf(await visit('/explore'))
    const { paths } = (await (await get('/openapi.json')).json()) as {
      paths: Record<string, { get: { parameters: { name?: string; in?: string }[] } }>
    }
    const names = paths['/v1/figures']?.get.parameters.filter((parameter) => parameter.in === 'query') ?? []
    // How the answer is shown and written is no filter.
    const others = ['facet', 'fields', 'limit', 'cursor', 'format', 'bom']
    const filters = names.flatMap(({ name = '' }) => (others.includes(name) ? [] : name))
    expect(filters.length).toBeGreaterThan(20)
    for (const name of filters) expect(html).toContain(`name="${name}"`)
  })

  it('tells what is wrong with a query beside its form, and leads to what was meant', async () => {
    const answer = await visit('/explore?metirc=coca-eradication&measure=levle&year_from=20x8')
    expect(answer.status).toBe(400)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers.etag).toBeUndefined()
    const html = textOf(answer)
    expect(html).toContain('<code>metirc</code> “coca-eradication” is not a parameter of this resource.')
    expect(html).toMatch(/name="measure" aria-invalid="true" aria-describedby="fault-measure"/)
    expect(html).toContain('value="20x8"')
    const mended = linksOf(answer).filter((link) => link.includes('metric=coca-eradication'))
    expect(mended).toContain('/explore?metric=coca-eradication&measure=levle&year_from=20x8')
    expect(html).not.toContain('href="/figures/')
  })

  it('tells programs by a problem', async () => {
    const asked = await get('/explore?metirc=coca-eradication', { headers: { accept: 'application/json' } })
    const { errors } = await readProblem(asked, 400)
    expect(errors).toMatchObject([{ parameter: 'metirc', did_you_mean: 'metric' }])
  })

  it('refuses a cursor of another query as the API does', async () => {
    const { page } = (await (await get('/v1/figures?limit=1')).json()) as { page: { next: string } }
    const cursor = new URL(page.next, 'http://localhost').searchParams.get('cursor') ?? ''
    expect((await visit(`/explore?cursor=${cursor}`)).status).toBe(200)
    expect((await visit(`/explore?metric=coca-eradication&cursor=${cursor}`)).status).toBe(400)
  })

  it('has a next page only where there is more', async () => {
    const all = figures.filter(({ origin }) => origin === 'quoted').length
    const nextOf = async (limit: number) =>
      textOf(await visit(`/explore?limit=${limit}&origin=quoted`)).includes('rel="next"')
    expect([await nextOf(all - 1), await nextOf(all), await nextOf(all + 1)]).toEqual([true, false, false])
  })

  it('leads to all that is found as files of every kind, whatever a page of it holds', async () => {
    const answer = await visit('/explore?metric=coca-cultivation&limit=1&facet=year')
    const named = [...textOf(answer).matchAll(/<a href="(\/v1\/figures\?[^"]*)">([^<]+)<\/a>/g)]
    const of = '/v1/figures?metric=coca-cultivation'
    expect(named.map(([, path, name]) => [name, path])).toEqual([
      ['CSV', `${of}&format=csv`],
      ['CSV for Excel', `${of}&format=csv&bom=true`],
      ['NDJSON', `${of}&format=ndjson`],
      ['Parquet', `${of}&format=parquet`],
    ])
    for (const [, path = ''] of named) expect((await ask(path)).status, path).toBe(200)
  })

  it('says so where values of different units stand in one order', async () => {
    const isSaid = async (query: string) =>
      textOf(await visit(`/explore?${query}`)).includes('Numbers of different units stand in one order')
    expect(await isSaid('sort=-value')).toBe(true)
    expect(await isSaid('sort=value&topic=trade,security')).toBe(true)
    expect(await isSaid('sort=-value&unit=ha')).toBe(false)
    expect(await isSaid('sort=-year')).toBe(false)
  })

  it('of one thing knows no format, and says so on the page', async () => {
    for (const path of ['/metrics/coca-eradication', '/documents/inl-colombia-summary-2021', '/metrics']) {
      const answer = await visit(`${path}?format=json`)
      if (path === '/metrics') expect([answer.status, answer.headers.location]).toEqual([303, '/?format=json#metrics'])
      else expect([answer.status, answer.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8'])
    }
    expect((await visit('/figures?format=csv')).headers.location).toBe('/v1/figures?format=csv')
  })

  it('sends who wants a file on to the API', async () => {
    const { status, headers } = await visit('/explore?metric=coca-eradication&format=csv')
    expect([status, headers.location]).toEqual([303, '/v1/figures?metric=coca-eradication&format=csv'])
  })

  it('shows the columns that fields picks, and counts by what facet names', async () => {
    const html = textOf(await visit('/explore?fields=id,value&facet=topic'))
    const heads = html.matchAll(/<th scope="col"( class="count")?><code>(\w+)<\/code>/g)
    // Numbers stand to the right, and so does what they are called.
    expect([...heads].map(([, count, name]) => [name, count !== undefined])).toEqual([
      ['id', false],
      ['value', true],
    ])
    expect(html).toContain('<h2 id="facet-topic">By topic</h2>')
    expect(html).toContain('<a href="/explore?facet=topic&fields=id,value&topic=trade">trade</a>')
  })

  it('names the documents that as_of leaves out', async () => {
    expect(textOf(await visit('/explore?as_of=2019-12-31'))).toContain('Left out, as not surely published by then: ')
  })

  it('that finds nothing says so', async () => {
    const answer = await visit('/explore?metric=coca-eradication&topic=trade')
    expect(answer.status).toBe(200)
    expect(textOf(answer)).toContain('Nothing is found')
  })
})

describe('the page of exploration', () => {
  const headingOf = async (path: string) => /<h1[^>]*>(.*?)<\/h1>/.exec(textOf(await visit(path)))?.[1]

  it.each([
    ['unit=ha&value_min=100000&match=possible', /^\d+ figures: hectares, value possibly from 100,000$/],
    ['unit=ha&value_min=1000&value_max=100000&match=certain', /: hectares, value proven from 1,000 to 100,000$/],
    ['unit=ha&value_max=100000&match=stated', /^\d+ figures: hectares, value to 100,000$/],
    ['baseline_year=2017&year=2023', /^\d+ figures: base year 2017, 2023$/],
    ['scope=all', /^\d+ figures: scope all$/],
    [
      'actor=colombian-government&attribution=colombian-government',
      /: actor Government of Colombia, attributed to Government of Colombia$/,
    ],
    ['publisher=us-embassy-bogota', /^\d+ figures: publisher U\.?S\.? Embassy/],
    ['year_from=2019&year_to=2020', /^\d+ figures: from 2019 to 2020$/],
    ['as_of=2019-12-31', /^\d+ figures: published by 2019-12-31$/],
    ['document=inl-colombia-summary-2019', /^\d+ figures: Colombia Summary \(2019\)$/],
    [
      'metric=coca-eradication&scope=forced&measure=level&place=colombia&q=coca&year=2020',
      /^1 figure: Coca eradication, scope forced, level, Colombia and 2 filters more$/,
    ],
  ])('says in its heading what is asked: %s', async (query, heading) => {
    expect(await headingOf(`/explore?${query}`)).toMatch(heading)
  })

  it('calls documents of one title by their years too', async () => {
    const text = textOf(await visit('/explore?as_of=2019-12-31'))
    expect(text).toContain('Colombia Summary (2019)')
    expect(text).toMatch(/Left out[^<]*Colombia Summary \(2021\)/)
  })

  it('names terms as people do, also where nothing is found or several are asked', async () => {
    const text = textOf(await visit('/explore?metric=coca-eradication,coca-cultivation&year=1999'))
    expect(text).toMatch(/selected>Coca cultivation, Coca eradication</)
  })

  it('shows the chart of a metric where that is all that is found, and no other', async () => {
    const hasChart = async (query: string) =>
      textOf(await visit(`/explore?${query}`)).includes('<figure class="chart">')
    expect(await hasChart('metric=coca-eradication')).toBe(true)
    expect(await hasChart('metric=coca-eradication&scope=forced')).toBe(false)
  })

  it.each(['bom=true', 'format=xlsx'])('tells what is wrong with %s on the page', async (query) => {
    const answer = await visit(`/explore?${query}`)
    expect([answer.status, answer.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8'])
  })
})

it('a figure says what its scope is, and none of the other scopes of its metric', async () => {
  let others = 0
  // Of what is computed the words of documents are not said.
  for (const { id, metric, scope } of figures.filter(({ origin }) => origin === 'quoted')) {
    const { data } = (await (await get(`/v1/metrics/${metric}`)).json()) as {
      data: { scopes: { scope: string; definition: string }[] }
    }
    const [, shown = ''] = /<dt>Scope<\/dt><dd>(.*?)<\/dd>/s.exec(textOf(await visit(`/figures/${id}`))) ?? []
    for (const defined of data.scopes) {
      const isOwn = defined.scope === scope
      others += isOwn ? 0 : 1
      expect(shown.includes(defined.definition), `${id}: ${defined.scope}`).toBe(isOwn)
    }
  }
  expect(others).toBeGreaterThan(10)
})

it('a change says where the year it is counted from comes from', async () => {
  const rowOf = async (id: string) =>
    /<dt>Counted from<\/dt><dd>(.*?)<\/dd>/s.exec(textOf(await visit(`/figures/${id}`)))?.[1]
  const changes = figures.filter(({ baseline_basis, origin }) => baseline_basis !== null && origin === 'quoted')
  expect(new Set(changes.map(({ baseline_basis }) => baseline_basis)).size).toBe(2)
  for (const { id, baseline_year, baseline_basis } of changes) {
    expect(await rowOf(id)).toBe(`${baseline_year}. ${baseline_basis === null ? '' : baselineBases[baseline_basis]}`)
    const heading = /<h1[^>]*>(.*?)<\/h1>/s.exec(textOf(await visit(`/figures/${id}`)))?.[1] ?? ''
    expect(heading.includes('(base year inferred)'), heading).toBe(baseline_basis === 'inferred')
  }
})

it('a computed figure says where it is for good, on the host that was asked', async () => {
  const answer = await visit('/figures/derived-coca-eradication-2019', { host: 'figures.example' })
  expect(textOf(answer)).toContain('<code>http://figures.example/figures/derived-coca-eradication-2019</code>')
  expect(textOf(answer)).toContain('[Dataset]. http://figures.example/figures/derived-coca-eradication-2019</code>')
})

describe('an address where nothing stands', () => {
  it('is for people a page that searches, with what was likely meant', async () => {
    const answer = await visit('/coca-eradicaton')
    expect(answer.status).toBe(404)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(linksOf(answer)).toEqual(expect.arrayContaining(['/explore', '/metrics/coca-eradication']))
    expect(linksOf(answer).filter((link) => link.startsWith('/figures/')).length).toBeGreaterThan(0)
    expect(answer.headers['content-security-policy']).toMatch(/style-src 'sha256-/)
  })

  it.each(['/metrics/zzzzzzzz', '/figures/zzzzzzzz', '/documents/zzzzzzzz', '/metrics/zzzzzzzz?y=1'])(
    'where nothing is like it, no page is said to be meant: %s',
    async (path) => {
      const answer = await visit(path)
      expect(answer.status).toBe(404)
      expect(textOf(answer)).not.toContain('Perhaps you meant')
      expect(linksOf(answer)).not.toContain(path.split('?')[0])
    },
  )

  it.each([
    ['/metrics/coca-eradicaton', '/metrics/coca-eradication'],
    ['/documents/cnwg-statement-2020', '/documents/cnwg-statement-2021'],
    ['/figures/inl-2019-coca-cultivation-2018', '/figures/inl-2019-coca-cultivation-2017'],
    ['/v1/metrcs', '/v1/metrics'],
  ])('%s leads to %s', async (path, meant) => {
    const answer = await visit(path)
    expect(answer.status).toBe(404)
    expect(linksOf(answer)).toContain(meant)
  })

  it.each([
    '/coca',
    '/metrics/nothing',
    '/figures/nothing',
    '/%3Cscript%3Ealert(1)%3C/script%3E',
    `/${'a'.repeat(500)}`,
  ])('%s is for programs the problem', async (path) => {
    await readProblem(await ask(path), 404)
    await readProblem(await ask(path, { headers: { accept: 'application/json' } }), 404)
    const page = await visit(path)
    expect(page.status).toBe(404)
    expect(page.body.toString('utf8')).not.toMatch(/<script>alert/)
  })

  it('below the API is a problem where the API refuses, whoever asks', async () => {
    await readProblem(await visit('/v1/figures/nothing'), 404)
    await readProblem(await visit('/v1/figures?metirc=x'), 400)
  })

  it('asked for with another method is no page', async () => {
    await readProblem(await ask('/explore', { method: 'POST', headers: { accept } }), 405)
  })
})

describe('for search engines', () => {
  it('the sitemap has every page, under the name by which it was asked for', async () => {
    const { status, headers, body } = await ask('/sitemap.xml')
    // Of a list of addresses only elements are a part (https://www.sitemaps.org/schemas/sitemap/0.9/sitemap.xsd).
    expect(body.toString().replace(/<url>.*?<\/url>/g, '')).toMatch(/^<\?xml[^>]*>\n<urlset [^>]*>\s*<\/urlset>\n$/)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/xml')
    const addresses = [...body.toString('utf8').matchAll(/<loc>([^<]*)<\/loc>/g)].map(([, address = '']) => address)
    expect(addresses.length).toBeGreaterThan(figures.length + 30)
    for (const address of addresses) {
      const { host, pathname } = new URL(address)
      expect(host).toMatch(/^127\.0\.0\.1:\d+$/)
      const page = await visit(pathname)
      expect(page.status, address).toBe(200)
      expect(textOf(page)).toContain(`<link rel="canonical" href="${pathname}">`)
    }
  })

  it('robots.txt names the sitemap and keeps them from the queries of the form', async () => {
    const { body } = await ask('/robots.txt')
    expect(body.toString('utf8')).toMatch(
      /^User-agent: \*\nDisallow: \/explore\?\n\nSitemap: http:\/\/127\.0\.0\.1:\d+\/sitemap\.xml\n$/,
    )
    expect(textOf(await visit('/explore?q=coca'))).toContain('<meta name="robots" content="noindex">')
  })

  it('the icon is an SVG of its own', async () => {
    const { headers, body } = await ask('/favicon.svg')
    expect(headers['content-type']).toBe('image/svg+xml')
    expect(body.toString('utf8')).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" .*<\/svg>\n$/)
  })

  it('the landing page describes the dataset as schema.org does', async () => {
    const html = (await visit('/')).body.toString('utf8')
    const [, text = ''] = /<script type="application\/ld\+json">([^]*?)<\/script>/.exec(html) ?? []
    const data = JSON.parse(text) as Record<string, unknown> & {
      distribution: { contentUrl: string; encodingFormat: string }[]
    }
    expect(data).toMatchObject({ '@context': 'https://schema.org', '@type': 'Dataset', isAccessibleForFree: true })
    expect(String(data['description']).length).toBeGreaterThan(50)
    for (const { contentUrl, encodingFormat } of data.distribution) {
      const response = await fetch(contentUrl)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toContain(encodingFormat)
      await response.arrayBuffer()
    }
  })
})

it('each host is told its own addresses, however often another asked before', async () => {
  for (const path of ['/', '/explore', '/sitemap.xml', '/robots.txt']) {
    for (const host of ['one.example', 'two.example:8080', 'one.example', 'two.example:8080']) {
      const { status, body } = await ask(path, { headers: { accept: path.includes('.') ? '*/*' : accept, host } })
      expect(status).toBe(200)
      expect(body.toString('utf8').match(/http:\/\/(?:one|two)\.example(?::\d+)?/g)).toSatisfy((names: string[]) =>
        names.every((name) => name === `http://${host}`),
      )
    }
  }
})

describe('a Host that is none', () => {
  it.each([`evil' onload=x`, 'a"b', "127.0.0.1:1'; rm -rf ~ #"])('%s is not repeated', async (host) => {
    const { status, body } = await ask('/', { headers: { accept, host } })
    if (status === 200) expect(unescaped(body.toString('utf8'))).not.toContain(host)
    else expect(status).toBe(400)
  })
})

describe('with PUBLIC_URL under a path', () => {
  const base = 'https://figures.example/counternarcotics'
  const proxied = serviceForTests({ settings: { PUBLIC_URL: base } })

  it.each([...pages.map(([path]) => path), '/', '/nothing'])('no link of %s is relative', async (path) => {
    const answer = await proxied.ask(path, { headers: { accept } })
    const [within = [], links = []] = [true, false].map((isWithin) =>
      linksOf(answer).filter((link) => link.startsWith('#') === isWithin),
    )
    expect(links.length).toBeGreaterThan(10)
    expect(links.filter((link) => !/^https?:\/\//.test(link))).toEqual([])
    expect(within).toContain('#main')
    for (const link of within) expect(textOf(answer)).toContain(` id="${link.slice(1)}"`)
    expect(answer.headers['content-security-policy']).toMatch(/form-action 'self' https:\/\/figures\.example(;|$)/)
  })

  it('programs and forms are led to addresses under it', async () => {
    const twin = await proxied.ask('/metrics/coca-eradication', { headers: { accept: 'application/json' } })
    expect(twin.headers.location).toBe(`${base}/v1/metrics/coca-eradication`)
    const form = await proxied.ask('/explore?metric=coca-eradication&q=', { headers: { accept } })
    expect(form.headers.location).toBe(`${base}/explore?metric=coca-eradication`)
  })

  it('robots.txt and the sitemap stand under it', async () => {
    expect((await proxied.ask('/robots.txt')).body.toString('utf8')).toBe(
      `User-agent: *\nDisallow: /counternarcotics/explore?\n\nSitemap: ${base}/sitemap.xml\n`,
    )
    expect((await proxied.ask('/sitemap.xml')).body.toString('utf8')).toContain(
      `<loc>${base}/metrics/coca-cultivation</loc>`,
    )
  })
})

describe('of a figure with more relations than a page holds', () => {
  const compared = 'inl-2019-coca-cultivation-2017'
  const used = 'derived-coca-eradication-2019'
  const related = serviceForTests({
    prepare: (db) => {
      const copies = (of: string, count: number) => {
        const one = db.select().from(figureTable).where(eq(figureTable.id, of)).get()
        if (one === undefined) throw new Error(`There is no ${of}`)
        const made = Array.from({ length: count }, (_, place) => ({ ...one, id: `${of}-copy-${place}` }))
        db.insert(figureTable).values(made).run()
        return made
      }
      db.delete(comparisonTable).run()
      for (const { id, metric } of copies(compared, 21)) {
        db.insert(comparisonTable)
          .values({
            id: `${compared}--${id}`,
            figure_a: compared,
            figure_b: id,
            metric,
            relation: 'agrees',
            compatible: true,
            involves_derived: false,
            gap_low: 0,
            gap_high: 0,
          })
          .run()
      }
      const uses = db.select().from(inputTable).where(eq(inputTable.input, used)).all().length
      for (const { id } of copies(used, 21 - uses)) {
        db.insert(derivationTable).values({ figure: id, method: 'difference' }).run()
        db.insert(inputTable).values({ figure: id, place: 0, name: 'minuend', input: used }).run()
      }
    },
  })
  const page = async (id: string) => textOf(await related.ask(`/figures/${id}`, { headers: { accept } }))
  const detail = async (id: string) => {
    const answer = await related.ask(`/v1/figures/${id}`)
    return item(FigureDetail).parse(JSON.parse(answer.body.toString('utf8'))).data
  }

  it('the first comparisons are shown, and a link to all of them', async () => {
    expect((await detail(compared)).comparisons).toHaveLength(21)
    const html = await page(compared)
    expect(html).toContain('21 other figures may be taken for the same thing.')
    expect(html.match(/<article class="pair">/g)).toHaveLength(20)
    expect(html).toContain(`<a href="/v1/figures/${compared}">All 21 comparisons, as data</a>`)
    expect(await page(`${compared}-copy-3`)).not.toMatch(/All \S+ comparisons/)
  })

  it('the first that are computed from it are shown, and a link to all of them', async () => {
    const { used_by } = (await detail(used)).lineage
    expect(used_by).toHaveLength(21)
    const html = await page(used)
    for (const [place, { id }] of used_by.entries()) {
      expect(html.includes(`href="/figures/${id}"`), id).toBe(place < 20)
    }
    expect(html).toContain(`<a href="/v1/figures/${used}">All 21 that are computed from it, as data</a>`)
    expect(await page(`${used}-copy-3`)).not.toContain('computed from it, as data')
  })
})

describe('texts of the dataset that hold markup', () => {
  const text = `<img src=x onerror=alert(1)> & "quoted" 'too' </script>`
  const marked = serviceForTests({
    prepare: (db) => {
      db.update(metricTable).set({ title: text, definition: text }).run()
      db.update(figureTable).set({ statement: text, note: text }).run()
    },
  })

  it.each([...pages.map(([path]) => path), '/', '/explore?q=img'])('are text on %s', async (path) => {
    const answer = await marked.ask(path, { headers: { accept } })
    expect(answer.status).toBe(200)
    expect(answer.body.toString('utf8')).not.toContain('<img src=x')
    if (path !== '/explore?q=img') expect(textOf(answer)).toContain(text)
  })
})

describe('of a document with more figures than a page holds', () => {
  const large = serviceForTests({
    build: (path) => {
      buildSyntheticDatabase(path, { figures: 12_000, seed: 3 })
    },
  })

  it('the first of its text are shown, in their order', async () => {
    const { body } = await large.ask('/v1/documents?limit=1000')
    const { data } = list(DocumentSummary).parse(JSON.parse(body.toString('utf8')))
    const { id, figure_count } = data.reduce((most, one) => (one.figure_count > most.figure_count ? one : most))
    expect(figure_count).toBeGreaterThan(200)
    const all = await large.ask(`/v1/figures?document=${id}&format=ndjson&fields=id,quote_start`)
    const figures = all.body
      .toString('utf8')
      .trimEnd()
      .split('\n')
      .map((line) => Figure.pick({ id: true, quote_start: true }).parse(JSON.parse(line)))
    const inText = figures.toSorted((a, b) => (a.quote_start ?? 0) - (b.quote_start ?? 0)).map((figure) => figure.id)
    const page = await large.ask(`/documents/${id}`, { headers: { accept } })
    const shown = linksOf(page).flatMap((link) => /^\/figures\/([^?#]+)$/.exec(link)?.[1] ?? [])
    expect([...new Set(shown)]).toEqual(inText.slice(0, 200))
  })

  it('the sitemap is made once for all who ask', async () => {
    const all = vi.spyOn(Object.getPrototypeOf(large.db.$client.prepare('SELECT 1')) as { all: () => unknown }, 'all')
    const first = await large.ask('/sitemap.xml')
    const reads = all.mock.calls.length
    const second = await large.ask('/sitemap.xml?', { headers: { 'accept-encoding': 'gzip' } })
    expect([first.status, second.status]).toEqual([200, 200])
    expect(all.mock.calls.length).toBe(reads)
    all.mockRestore()
    expect(first.body.toString('utf8').match(/<loc>/g)?.length).toBeGreaterThan(12_000)
  })
})
