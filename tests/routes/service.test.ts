import { createHash } from 'node:crypto'
import { inArray } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { comparison as comparisonTable, document as documentTable, figure as figureTable } from '../../src/db/schema.ts'
import { Comparison } from '../../src/schemas/comparisons.ts'
import { ServiceDescription } from '../../src/schemas/dataset.ts'
import { Document, DocumentSummary } from '../../src/schemas/documents.ts'
import { item, list } from '../../src/schemas/envelope.ts'
import { Figure, FigureDetail } from '../../src/schemas/figures.ts'
import { Metric } from '../../src/schemas/metrics.ts'
import { Target } from '../../src/schemas/targets.ts'
import { CitationFormat } from '../../src/schemas/vocabularies.ts'
import { follow, read, readProblem, serviceForTests, startService } from '../support/service.ts'

/** What browsers send. */
const browser = { headers: { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' } }

const { get, ask } = serviceForTests()

/** HTML as a browser reads it, as far as its character references go. */
function unescaped(html: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return html.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (reference, decimal, hex, name) => {
    if (typeof name === 'string') return named[name] ?? reference
    return String.fromCodePoint(typeof decimal === 'string' ? Number(decimal) : parseInt(String(hex), 16))
  })
}

/** The landing page of a service, and all that it links to. */
async function landingPage(from: { get: typeof get }) {
  const response = await from.get('/', browser)
  const html = await response.text()
  const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => unescaped(href))
  return { response, html, links }
}

describe('the landing page', () => {
  it('is HTML for a browser', async () => {
    const { response, html } = await landingPage({ get })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/html; *charset=utf-8/i)
    expect(html).toMatch(/^<!doctype html>/i)
    expect(html).toMatch(/<html lang="en">/)
    expect(html).toMatch(/<title>[^<]+<\/title>/)
  })

  it('links to what is there, and to one wrong query on purpose', async () => {
    const { links } = await landingPage({ get })
    const own = [...new Set(links.filter((link) => link.startsWith('/')))]
    expect(own.length).toBeGreaterThan(15)
    const answers = await Promise.all(own.map(async (link) => ({ link, status: (await ask(link)).status })))
    const wrong = answers.filter(({ status }) => status !== 200)
    expect(wrong).toEqual([{ link: '/v1/figures?metirc=coca-eradication', status: 400 }])
  })

  it('links to no other addresses than the licence of the data and phrases in the documents', async () => {
    const { links } = await landingPage({ get })
    const { data } = (await (await get('/v1/dataset')).json()) as { data: { license_url: string } }
    const figures = await read(await get('/v1/figures?limit=1000'), list(Figure))
    const sources = figures.data.flatMap(({ source_url }) => source_url ?? [])
    const others = links.filter((link) => !/^[/#]/.test(link))
    expect(others).toContain(data.license_url)
    expect(others.filter((link) => link !== data.license_url && !sources.includes(link))).toEqual([])
  })

  it('tells every kind of problem under the address that a problem gives as its type', async () => {
    const { html } = await landingPage({ get })
    const problems = [
      await readProblem(await get('/v1/figures?metirc=x'), 400),
      await readProblem(await get('/nothing'), 404),
      await readProblem(await get('/v1/figures', { method: 'DELETE' }), 405),
      await readProblem(await get('/v1/figures', { headers: { accept: 'image/png' } }), 406),
    ]
    for (const { type } of problems) {
      expect(type).toMatch(/^\/#/)
      expect(html).toContain(`id="${type.slice(2)}"`)
    }
  })

  it('lists every document with its figures', async () => {
    const { html, links } = await landingPage({ get })
    const { data } = await read(await get('/v1/documents'), list(DocumentSummary))
    for (const { title, url, figures_url } of data) {
      expect(links).toEqual(expect.arrayContaining([url, figures_url]))
      expect(unescaped(html)).toContain(title)
    }
  })

  it('has the one style and the one script that its content security policy lets in, and data', async () => {
    const { response, html } = await landingPage({ get })
    const policy = response.headers.get('content-security-policy') ?? ''
    const styles = [...html.matchAll(/<style>([^]*?)<\/style>/g)].map(([, style = '']) => style)
    const scripts = [...html.matchAll(/<script>([^]*?)<\/script>/g)].map(([, script = '']) => script)
    expect([styles.length, scripts.length]).toEqual([1, 1])
    const digests = [...styles, ...scripts].map((text) => createHash('sha256').update(text).digest('base64'))
    for (const [directive, digest] of [`style-src`, `script-src`].map((name, at) => [name, digests[at]])) {
      expect(policy).toContain(`${directive} 'sha256-${digest}'`)
    }
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*/)
    const others = html.match(/<script(?!>)[^>]*>/g)
    expect(others).toEqual(['<script type="application/ld+json">'])
    expect(html.replace(/<script>[^]*?<\/script>/, '')).not.toMatch(/<style.+<style|style="|\son\w+=/i)
  })

  it('takes no parameters: programs are told so by a problem, people by a page', async () => {
    const { errors = [] } = await readProblem(await get('/?page=2'), 400)
    expect(errors).toMatchObject([{ parameter: 'page' }])
    const page = await get('/?page=2', browser)
    expect(page.status).toBe(400)
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(unescaped(await page.text())).toContain('page is not a parameter of this resource')
  })
})

describe('what the landing page shows first', () => {
  /** What the card of a metric says of it, and for when. */
  const saidOf = (html: string, metric: string) =>
    new RegExp(`<h4><a href="/metrics/${metric}">[^<]*</a></h4>\\s*<p>(.*?)</p>`).exec(unescaped(html))?.[1]
  const specimenOf = (html: string) =>
    /<div class="specimen">.*?<p class="amount"><a href="\/figures\/([^"]*)"/s.exec(html)?.[1]
  const revised = serviceForTests({
    prepare: (db) => {
      const set = (changes: Partial<typeof figureTable.$inferInsert>, ...ids: string[]) =>
        db.update(figureTable).set(changes).where(inArray(figureTable.id, ids)).run()
      const during = (year: number) => ({
        year,
        period: `${year}`,
        period_start: `${year}-01-01`,
        period_end: `${year}-12-31`,
      })
      set({ claim_type: 'target' }, 'inl-2021-coca-eradication-2020')
      set(during(2020), 'inl-2021-officers-trained-2019')
      set({ ...during(2019), period_basis: 'document' }, 'inl-2019-uscap-activities-2018')
      set(during(2013), 'embassy-2012-kidnappings-record-2002')
      set(
        { claim_type: 'projection' },
        'inl-2019-cocaine-production-2017',
        'inl-2019-cocaine-production-change-2013-2017',
        'inl-2019-cocaine-production-record-2017',
        'inl-2021-cocaine-production-record-2017',
      )
      const conflicting = [
        'inl-2019-blackhawk-helicopters-added-2018-vs-derived-blackhawk-helicopters-change-2018',
        'inl-2019-cocaine-production-2017-vs-inl-2021-cocaine-production-record-2017',
      ]
      db.update(comparisonTable).set({ relation: 'conflicts' }).where(inArray(comparisonTable.id, conflicting)).run()
    },
  })

  it('is of each metric the latest amount that a document prints of what has happened', async () => {
    const { html } = await landingPage({ get })
    expect(saidOf(html, 'coca-eradication')).toBe('More than 130,000 hectares (forced), 2020')
    expect(saidOf(html, 'cocaine-production')).toBe('910 tonnes (scope not stated), 2017')
    // Nine before and ten more: how many it was says more than by how many it grew.
    expect(saidOf(html, 'blackhawk-helicopters')).toBe('19 helicopters (CNP fleet), July 2018')
    // Where no number is printed, what is; where nothing has happened, what is foreseen.
    expect(saidOf(html, 'homicides')).toMatch(/, 2011$/)
    expect(saidOf(html, 'ministerial-countries')).toContain('20')
  })

  it('is of a metric with less to say the best of what there is', async () => {
    const { html } = await landingPage(revised)
    // A change of the latest year, rather than a computed one, a record without a number, or the amount of a year before.
    expect(saidOf(html, 'coca-eradication')).toBe('A rise of more than 37 percent from 2019 (forced), 2020')
    // A period that is told, rather than the date of the document.
    expect(saidOf(html, 'uscap-activities')).toBe('More than 300 activities (Police and Navy), 2019')
    // As of a document's date, where there is nothing else in numbers.
    expect(saidOf(html, 'kidnappings')).toBe('A fall of 90 percent from 2002, as of publication, about 2012')
    // A computed amount, rather than what is foreseen.
    expect(saidOf(html, 'cocaine-production')).toBe('About 232 tonnes (scope not stated), computed, 2013')
  })

  it('is an open bound of an amount that has come about, the one of which most others speak', async () => {
    expect(specimenOf((await landingPage({ get })).html)).toBe('inl-2021-coca-eradication-2020')
    expect(specimenOf((await landingPage(revised)).html)).toBe('fact-sheet-2020-coca-eradication-2019')
  })

  it.each([
    ['as printed', { get }],
    ['with conflicts', revised],
  ])('is of pairs that disagree the gravest, of printed figures, and how many there are: %s', async (_, from) => {
    const { html } = await landingPage(from)
    const [section = ''] = /<section id="disagreements".*?<\/section>/s.exec(unescaped(html)) ?? []
    const pairs: Comparison[] = []
    let total = 0
    for (const relation of ['conflicts', 'revises', 'different_scope']) {
      const all = await read(await from.get(`/v1/comparisons?relation=${relation}&limit=1000`), list(Comparison))
      total += all.page.total
      pairs.push(...all.data.filter(({ involves_derived }) => !involves_derived))
    }
    const shown = [...section.matchAll(/<p class="amount"><a href="\/figures\/([^"]*)"/g)].map(([, id]) => id)
    expect(shown).toEqual(pairs.slice(0, 4).flatMap(({ figure_a, figure_b }) => [figure_a, figure_b]))
    expect(section).toContain(`All ${total} such pairs`)
  })
})

it('the landing page tells of each target from what to what, and how often it is stated', async () => {
  const { html } = await landingPage({ get })
  const [section = ''] = /<section id="targets".*?<\/section>/s.exec(html) ?? []
  const articles = section.split('<article').slice(1)
  const { data } = await read(await get('/v1/targets'), list(Target))
  expect(articles).toHaveLength(data.length)
  for (const [at, { base, absolute, stated_by }] of data.entries()) {
    expect(articles[at]).toContain(`stated ${stated_by.length} times in `)
    expect(articles[at]).toMatch(new RegExp(`<dt>Starts from</dt><dd><a href="/figures/${base}"`))
    expect(articles[at]).toMatch(new RegExp(`<dt>Aims at</dt><dd><a href="/figures/${absolute}"`))
  }
})

describe('the landing page of documents with markup in their titles', () => {
  const title = `<script>alert("1")</script> & <b title='x'>more</b> &amp;`
  const marked = serviceForTests({
    prepare: (db) => {
      db.update(documentTable).set({ title }).run()
    },
  })

  it('shows it as text', async () => {
    const { html } = await landingPage(marked)
    expect(html).not.toMatch(/<script>alert|<b title/)
    expect(unescaped(html)).toContain(title)
    const [, data = ''] = /<script type="application\/ld\+json">([^]*?)<\/script>/.exec(html) ?? []
    const { isBasedOn } = JSON.parse(data) as { isBasedOn: { name: string }[] }
    expect(isBasedOn.map(({ name }) => name)).toContain(title)
  })
})

describe('the service description', () => {
  it.each(['*/*', 'application/json', 'application/*', 'text/html;q=0.1, application/json'])(
    'is JSON for Accept: %s',
    async (accept) => {
      const { data } = await read(await get('/', { headers: { accept } }), item(ServiceDescription))
      expect(data.title).toMatch(/\w/)
    },
  )

  it('links to what is there', async () => {
    const { data } = await read(await get('/'), item(ServiceDescription))
    expect(Object.values(data.links)).toEqual(
      expect.arrayContaining(['/v1/figures', '/v1/metrics', '/v1/documents', '/v1/vocabularies', '/v1/dataset']),
    )
    for (const link of Object.values(data.links)) expect((await ask(link)).status, link).toBe(200)
  })
})

describe('the OpenAPI document', () => {
  type OpenApi = { openapi: string; paths: Record<string, { get?: { parameters?: Parameter[] } }>; servers: unknown }
  type Parameter = { name: string; in: string; examples?: Record<string, { value: unknown }> }
  const openapi = async () => (await (await get('/openapi.json')).json()) as OpenApi

  it('is the same as JSON and as YAML', async () => {
    const yaml = await get('/openapi.yaml')
    expect(yaml.status).toBe(200)
    expect(yaml.headers.get('content-type')).toMatch(/^application\/yaml(;|$)/)
    expect(parse(await yaml.text())).toEqual(await openapi())
  })

  it('is of version 3.1', async () => {
    expect((await openapi()).openapi).toMatch(/^3\.1\./)
  })

  it('names the paths that answer', async () => {
    const { paths } = await openapi()
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        ...['/', '/v1/figures', '/v1/figures/{id}', '/v1/metrics', '/v1/metrics/{id}', '/v1/documents'],
        ...['/v1/documents/{id}', '/v1/vocabularies', '/v1/dataset', '/openapi.json', '/openapi.yaml'],
        ...['/livez', '/readyz'],
      ]),
    )
    for (const path of Object.keys(paths).filter((name) => !name.includes('{'))) {
      expect((await ask(path)).status, path).toBe(200)
    }
  })

  it('takes no parameters', async () => {
    await readProblem(await get('/openapi.json?pretty'), 400)
    await readProblem(await get('/openapi.yaml?pretty=1'), 400)
  })
})

describe('Swagger UI', () => {
  let page: { policy: string; html: string }
  beforeAll(async () => {
    const response = await get('/docs', browser)
    expect(response.status).toBe(200)
    page = { policy: response.headers.get('content-security-policy') ?? '', html: await response.text() }
  })

  it('is an HTML page whose every asset is there', async () => {
    const assets = [...page.html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, asset = '']) => asset)
    expect(assets.some((asset) => asset.endsWith('.js'))).toBe(true)
    for (const asset of assets) {
      const { status, body } = await ask(new URL(asset, 'http://localhost/docs').pathname)
      expect(status, asset).toBe(200)
      expect(body.length).toBeGreaterThan(0)
    }
  })

  it('is kept by browsers, each file under a tag of its own', async () => {
    const assets = [...page.html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, asset = '']) => asset)
    const paths = ['/docs', ...assets.map((asset) => new URL(asset, 'http://localhost/docs').pathname)]
    const tags: string[] = []
    const has = (tag: string) => ({ headers: { ...browser.headers, 'if-none-match': tag } })
    for (const path of new Set(paths)) {
      const { headers } = await get(path, browser)
      expect(headers.get('cache-control'), path).toMatch(/^public, max-age=\d+/)
      expect(headers.get('vary'), path).toMatch(/accept-encoding/)
      const tag = headers.get('etag') ?? ''
      const again = await get(path, has(`"other", ${tag}`))
      expect([again.status, await again.text()], path).toEqual([304, ''])
      expect((await get(path, has('"other"'))).status, path).toBe(200)
      tags.push(tag)
    }
    expect(tags.length).toBeGreaterThan(5)
    expect(new Set(tags).size).toBe(tags.length)
  })

  it('takes no parameters', async () => {
    await readProblem(await get('/docs?url=https://elsewhere.example/openapi.json'), 400)
    await readProblem(await get('/docs/static/swagger-ui-bundle.js?v=1'), 400)
  })

  it('leads addresses with marks of who passed them on to those without, as pages do', async () => {
    for (const path of ['/docs', '/docs/static/swagger-ui.css']) {
      const { status, headers } = await ask(`${path}?utm_source=x`, { headers: { accept: 'text/html' } })
      expect([status, headers.location]).toEqual([302, path])
    }
  })

  it.each([{ 'if-none-match': '*' }, { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' }, { range: 'bytes=0-9' }])(
    'has one tag and no parts of a file for %j',
    async (condition) => {
      const path = '/docs/static/swagger-ui.css'
      const coding = { 'accept-encoding': 'gzip' }
      const whole = await ask(path, { headers: coding })
      const { status, headers, body } = await ask(path, { headers: { ...coding, ...condition } })
      expect(status).toBe('if-none-match' in condition ? 304 : 200)
      for (const name of ['etag', 'cache-control', 'vary']) expect(headers[name], name).toBe(whole.headers[name])
      for (const name of ['accept-ranges', 'last-modified']) expect(headers[name], name).toBeUndefined()
      if (status === 200) expect(body.equals(whole.body)).toBe(true)
      else expect([headers['content-length'], headers['content-type']]).toEqual([undefined, undefined])
    },
  )

  it('has no file that is not there, whatever a client says that it has', async () => {
    await readProblem(await get('/docs/static/nothing.js', { headers: { 'if-none-match': '*' } }), 404)
  })

  it('loads nothing that its content security policy refuses', () => {
    expect(page.policy).toMatch(/script-src 'self'/)
    expect(page.policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline|upgrade-insecure-requests/)
    expect(page.html).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>|<style|src="https?:/)
  })
})

describe('with PUBLIC_URL', () => {
  const base = 'https://figures.example/counternarcotics'
  const proxied = serviceForTests({ settings: { PUBLIC_URL: `${base}/` } })
  const local = (link: string) => link.replace(base, '')
  const bodyOf = async (path: string) => (await proxied.get(path)).json()

  /** The values of every key that holds links, at any depth, and the links to citations. */
  const linksIn = (body: unknown): string[] =>
    JSON.stringify(body)
      .matchAll(/"(?:url|figures_url|next|type)":"([^"]*)"|"([^"]*\/citation\?[^"]*)"/g)
      .map(([, link, citation = '']) => link ?? citation)
      .toArray()

  it.each([
    '/v1/figures',
    '/v1/figures/inl-2019-coca-cultivation-2017',
    '/v1/metrics?limit=3',
    '/v1/metrics/coca-cultivation',
    '/v1/documents?limit=2',
    '/v1/documents/cnwg-statement-2021',
    '/v1/vocabularies?limit=2',
    '/v1/dataset',
  ])('every link in %s is absolute and leads to something', async (path) => {
    const links = linksIn(await bodyOf(path))
    expect(links).not.toHaveLength(0)
    for (const link of links) {
      expect(link).toMatch(/^https:\/\/figures\.example\/counternarcotics\/v1\//)
      expect((await proxied.ask(local(link))).status, link).toBe(200)
    }
  })

  it('rows are the same in CSV', async () => {
    const text = await (await proxied.get('/v1/figures?format=csv')).text()
    const { data } = await read(await proxied.get('/v1/figures?limit=1000'), list(Figure))
    for (const { url } of data) expect(text).toContain(`,${url}\r\n`)
  })

  it('the Link header says the same as page.next, and pages can be followed', async () => {
    const pages = await follow(proxied, '/v1/figures?limit=30', list(Figure), local)
    const page = pages[0]?.page ?? expect.unreachable('no page')
    expect(page.next).toMatch(/^https:\/\/figures\.example\/counternarcotics\/v1\/figures\?/)
    expect(pages.flatMap(({ data }) => data)).toHaveLength(page.total)
    expect(pages.length).toBeGreaterThan(1)
  })

  it('the Link header of CSV is absolute', async () => {
    const { headers } = await proxied.ask('/v1/figures?format=csv&limit=1')
    expect(headers['link']).toMatch(/^<https:\/\/figures\.example\/counternarcotics\/v1\/figures\?/)
  })

  it.each([
    ['/v1/figures?metirc=x', 400],
    ['/nothing', 404],
    ['/v1/figures/nothing', 404],
    ['/%zz', 400],
  ])('the problem of %s has an absolute type and instance', async (path, status) => {
    const { type, instance } = await readProblem(await proxied.ask(path), status)
    expect(type).toMatch(/^https:\/\/figures\.example\/counternarcotics\/#problem-/)
    expect(instance).toBe(`${base}${path}`)
    expect((await landingPage(proxied)).html).toContain(`id="${type.split('#')[1] ?? ''}"`)
  })

  it('the problem of bytes that are not HTTP has an absolute type', async () => {
    const { type } = await readProblem(await proxied.send('hello\r\n\r\n'), 400)
    expect(type).toMatch(/^https:\/\/figures\.example\/counternarcotics\/#problem-/)
  })

  it('the landing page has no relative link', async () => {
    const { links } = await landingPage(proxied)
    const own = links.filter((link) => link.startsWith(base))
    expect(own.length).toBeGreaterThan(15)
    // Within the page, where the address does not matter.
    expect(links.filter((link) => !/^https?:\/\//.test(link))).toEqual(['#disagreements-title', '#main'])
    for (const link of own) expect([200, 400]).toContain((await proxied.ask(local(link))).status)
  })

  it('the service description has no relative link', async () => {
    const { data } = await read(await proxied.get('/'), item(ServiceDescription))
    for (const link of Object.values(data.links)) expect(link.startsWith(`${base}/`), link).toBe(true)
  })

  it('the OpenAPI document names it as the server', async () => {
    expect(await bodyOf('/openapi.json')).toMatchObject({ servers: [{ url: base }] })
  })

  it('the schemas hold', async () => {
    await read(await proxied.get('/v1/figures/inl-2019-coca-cultivation-2017'), item(FigureDetail))
    await read(await proxied.get('/v1/metrics/coca-cultivation'), item(Metric))
    await read(await proxied.get('/v1/documents/cnwg-statement-2021'), item(Document))
  })

  it('by HTTPS, pages tell browsers to stay with it', async () => {
    const { response } = await landingPage(proxied)
    expect(response.headers.get('strict-transport-security')).toMatch(/^max-age=\d+/)
    const plain = await landingPage({ get })
    expect(plain.response.headers.get('strict-transport-security')).toBeNull()
  })
})

it('a PUBLIC_URL with signs that mean something elsewhere stands in links as it is', async () => {
  const base = 'https://figures.example/$&$$'
  const service = await startService({ settings: { PUBLIC_URL: base } })
  try {
    for (const { url } of (await read(await service.get('/v1/figures'), list(Figure))).data) {
      expect(url.startsWith(`${base}/v1/figures/`), url).toBe(true)
    }
  } finally {
    await service.close()
  }
})

it('without PUBLIC_URL every link of a figure is relative', async () => {
  const { data } = await read(await get('/v1/figures/inl-2019-coca-cultivation-2017'), item(FigureDetail))
  const { figure, document, metric } = data
  const citations = Object.values(data.citation_links)
  expect(citations).toHaveLength(CitationFormat.options.length)
  for (const url of [figure.url, document?.url, document?.figures_url, metric.url, metric.figures_url, ...citations]) {
    expect(url).toMatch(/^\/v1\//)
  }
})
