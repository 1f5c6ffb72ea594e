import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tables from '../../src/db/schema.ts'
import {
  citationFormats,
  cslOfDerivedFigure,
  cslOfDocument,
  cslOfFigure,
  formatCitation,
  type CitationFormat,
  type CslItem,
} from '../../src/formats/citation.ts'
import { citationExamples, CslJson } from '../../src/schemas/citations.ts'
import { Dataset } from '../../src/schemas/dataset.ts'
import { DocumentSummary } from '../../src/schemas/documents.ts'
import { item, list } from '../../src/schemas/envelope.ts'
import { Figure } from '../../src/schemas/figures.ts'
import { read, readProblem, serviceForTests } from '../support/service.ts'

const service = serviceForTests()
const { get, ask } = service

const formats = Object.keys(citationFormats) as CitationFormat[]
const extensions = { 'csl-json': 'json', ris: 'ris', bibtex: 'bib', text: 'txt' }
const figurePath = '/v1/figures/inl-2021-coca-eradication-2020/citation'
const documentPath = '/v1/documents/inl-colombia-summary-2021/citation'
const paths = [figurePath, documentPath]

/** Every figure and document of a service, as what it is to be cited. */
async function everyCitation({ get: from }: Pick<typeof service, 'get'>): Promise<{ path: string; csl: CslItem }[]> {
  const figures = ((await (await from('/v1/figures?limit=1000')).json()) as { data: Figure[] }).data
  const { data: documents } = await read(await from('/v1/documents?limit=1000'), list(DocumentSummary))
  const { data: dataset } = await read(await from('/v1/dataset'), item(Dataset))
  return [
    ...documents.map((document) => ({ path: `/v1/documents/${document.id}/citation`, csl: cslOfDocument(document) })),
    ...figures.map((figure) => {
      const document = documents.find(({ id }) => id === figure.document)
      const csl =
        document === undefined
          ? cslOfDerivedFigure({ ...figure, url: figure.url.replace('/v1/', '/') }, dataset)
          : cslOfFigure(figure, document)
      return { path: `/v1/figures/${figure.id}/citation`, csl }
    }),
  ]
}

describe('every figure and every document', () => {
  let citations: { path: string; csl: CslItem }[]
  beforeAll(async () => {
    citations = await everyCitation(service)
    expect(citations.length).toBeGreaterThan(60)
  })

  it.each(formats)('is cited as %s, whole and under its name', async (format) => {
    for (const { path, csl } of citations) {
      const response = await get(`${path}?format=${format}`)
      expect(response.status, path).toBe(200)
      expect(await response.text()).toBe(await formatCitation(csl, format))
      expect(response.headers.get('content-type')).toBe(`${citationFormats[format]}; charset=utf-8`)
      const name = `${csl.id}.${extensions[format]}`
      expect(response.headers.get('content-disposition')).toBe(`inline; filename="${name}"`)
    }
  })

  it('is CSL-JSON where nothing is asked for', async () => {
    for (const { path, csl } of citations) {
      const response = await get(path)
      expect(response.headers.get('content-type')).toMatch(/^application\/vnd\.citationstyles\.csl\+json(;|$)/)
      expect(CslJson.parse(await response.json())).toEqual([csl])
    }
  })
})

describe('the worked examples', () => {
  it.each([
    [figurePath, citationExamples.figure],
    [documentPath, citationExamples.document],
  ])('of %s are true', async (path, { csl, ...texts }) => {
    expect(await (await get(path)).json()).toEqual(csl)
    for (const [format, text] of Object.entries(texts)) {
      expect(await (await get(`${path}?format=${format}`)).text()).toBe(text)
    }
  })

  it('stand in the OpenAPI document, for each media type that is offered', async () => {
    const { paths: described } = (await (await get('/openapi.json')).json()) as {
      paths: Record<string, { get: { responses: Record<number, { content: Record<string, { example: unknown }> }> } }>
    }
    const contents = ['/v1/figures/{id}/citation', '/v1/documents/{id}/citation'].map(
      (path) => described[path]?.get.responses[200]?.content,
    )
    for (const content of contents) {
      expect(Object.keys(content ?? {}).toSorted()).toEqual(
        [...Object.values(citationFormats), 'application/json'].toSorted(),
      )
    }
    expect(contents[0]?.['application/x-bibtex']?.example).toBe(citationExamples.figure.bibtex)
    expect(contents[1]?.['application/x-bibtex']?.example).toBe(citationExamples.document.bibtex)
  })
})

describe.each(paths)('%s', (path) => {
  const typeFor = async (accept: string, query = '') => {
    const { status, headers } = await ask(`${path}${query}`, { headers: { accept } })
    expect(status, accept).toBe(200)
    expect(headers.vary).toBe('accept, accept-encoding')
    return headers['content-type']?.split(';', 1)[0]
  }

  it.each([
    ['*/*', 'application/vnd.citationstyles.csl+json'],
    ['application/*', 'application/vnd.citationstyles.csl+json'],
    ['application/vnd.citationstyles.csl+json', 'application/vnd.citationstyles.csl+json'],
    ['application/vnd.citationstyles.csl+json;q=0, */*;q=0.1', 'application/json'],
    ['application/json', 'application/json'],
    ['application/x-bibtex', 'application/x-bibtex'],
    ['application/x-research-info-systems', 'application/x-research-info-systems'],
    ['text/plain', 'text/plain'],
    ['text/*', 'text/plain'],
    ['text/plain; charset=utf-8', 'text/plain'],
    ['text/plain;q=0.5, application/x-bibtex', 'application/x-bibtex'],
    ['text/plain, application/x-bibtex;q=0.9', 'text/plain'],
    [
      'application/x-bibtex;q=0.2, application/x-research-info-systems;q=0.9, */*;q=0.1',
      'application/x-research-info-systems',
    ],
    ['text/html, application/xhtml+xml, */*;q=0.8', 'application/vnd.citationstyles.csl+json'],
    ['image/png, text/plain;q=0.001', 'text/plain'],
  ])('answers Accept: %s with %s', async (accept, type) => {
    expect(await typeFor(accept)).toBe(type)
  })

  it.each(formats)('answers format=%s whatever Accept says', async (format) => {
    expect(await typeFor('text/plain', `?format=${format}`)).toBe(citationFormats[format])
    expect(await typeFor('image/png', `?format=${format}`)).toBe(citationFormats[format])
  })

  it('is the same for plain JSON, to the byte', async () => {
    const plain = await ask(path, { headers: { accept: 'application/json' } })
    expect(plain.body).toEqual((await ask(`${path}?format=csl-json`)).body)
    expect(plain.headers['content-disposition']).toMatch(/\.json"$/)
  })

  it('that is not to be had in a format is a 406 that names those it is to be had in', async () => {
    const { detail } = await readProblem(await ask(path, { headers: { accept: 'application/pdf' } }), 406)
    for (const type of Object.values(citationFormats)) expect(detail).toContain(type)
    await readProblem(await ask(path, { headers: { accept: 'text/plain;q=0' } }), 406)
  })

  it.each([
    ['format=bibtx', 'format', 'bibtex'],
    ['format=RIS', 'format', 'ris'],
    ['format=csl', 'format', undefined],
    ['format=json', 'format', undefined],
    ['format=ris,text', 'format', undefined],
    ['format=', 'format', undefined],
    ['format=ris&format=text', 'format', undefined],
    ['fromat=ris', 'fromat', 'format'],
    ['style=apa', 'style', undefined],
  ])('with %s is a 400 that names %s', async (query, parameter, near) => {
    const { errors = [] } = await readProblem(await get(`${path}?${query}`), 400)
    expect(errors).toHaveLength(1)
    expect(errors).toMatchObject([{ parameter, ...(near !== undefined && { did_you_mean: near }) }])
  })

  it('of an id that does not exist is a 404 with the nearest', async () => {
    const wrong = path.replace('/citation', 's/citation')
    const { did_you_mean } = await readProblem(await ask(`${wrong}?format=bibtex`), 404)
    expect(did_you_mean).toBe(path.split('/')[3])
    await readProblem(await get(`${wrong}?format=bibtx`), 404)
  })

  it('has a tag for each format, and answers 304 to it and to it alone', async () => {
    const tags: string[] = []
    for (const format of formats) {
      const { headers } = await ask(`${path}?format=${format}`)
      const etag = headers.etag ?? expect.unreachable('no tag')
      const again = await ask(`${path}?format=${format}`, { headers: { 'if-none-match': etag } })
      expect(again.status).toBe(304)
      expect(again.body).toHaveLength(0)
      expect(again.headers.etag).toBe(etag)
      for (const other of tags) {
        expect((await ask(`${path}?format=${format}`, { headers: { 'if-none-match': other } })).status).toBe(200)
      }
      tags.push(etag)
    }
    expect(new Set(tags).size).toBe(formats.length)
  })

  it.each(formats)('as %s answers HEAD like GET, without a body', async (format) => {
    const [head, whole] = [
      await ask(`${path}?format=${format}`, { method: 'HEAD' }),
      await ask(`${path}?format=${format}`),
    ]
    expect(head.status).toBe(200)
    expect(head.body).toHaveLength(0)
    for (const name of ['content-type', 'content-disposition', 'etag']) {
      expect(head.headers[name]).toBe(whole.headers[name])
    }
    expect(Number(head.headers['content-length'])).toBe(whole.body.length)
  })
})

describe('a derived figure', () => {
  const id = 'inl-2021-coca-eradication-2020'
  const derived = serviceForTests({
    settings: { PUBLIC_URL: 'https://metrics.example.org' },
    prepare: (db) => {
      const unprinted = { document: null, attribution: null, source_url: null, quote: null, quote_start: null }
      const open = { value_low: null, value_low_inclusive: null, value_high: null, value_high_inclusive: null }
      db.update(tables.figure)
        .set({ origin: 'derived', ...unprinted, quote_end: null, qualifier: null, ...open })
        .where(eq(tables.figure.id, id))
        .run()
    },
  })

  it('is cited as this dataset, by its release and permanent address', async () => {
    const { data } = await read(await derived.get('/v1/dataset'), item(Dataset))
    const [csl] = CslJson.parse(await (await derived.get(`/v1/figures/${id}/citation`)).json())
    expect(csl).toMatchObject({
      id,
      type: 'dataset',
      author: [{ literal: data.title }],
      publisher: data.title,
      version: data.version,
      issued: { 'date-parts': [data.released.split('-').map(Number)] },
      URL: `https://metrics.example.org/figures/${id}`,
    })
    const text = await (await derived.get(`/v1/figures/${id}/citation?format=text`)).text()
    expect(text.startsWith(`${data.title}. (${data.released.slice(0, 4)}). `)).toBe(true)
  })

  it('is found among the quoted in every format', async () => {
    const citations = (await everyCitation(derived)).filter(({ csl }) => csl.type === 'dataset')
    expect(citations.map(({ csl }) => csl.id)).toContain(id)
    for (const { path, csl } of citations) {
      for (const format of formats) {
        expect(await (await derived.get(`${path}?format=${format}`)).text()).toBe(await formatCitation(csl, format))
      }
    }
  })
})
