import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { z } from 'zod'
import { Document as DocumentShape, DocumentSummary as SummaryShape } from '../../src/schemas/documents.ts'
import { item, list } from '../../src/schemas/envelope.ts'
import { Figure } from '../../src/schemas/figures.ts'
import { seedDirectory } from '../../src/seed/staleness.ts'
import { follow, read, readProblem, serviceForTests } from '../support/service.ts'

type Document = z.infer<typeof DocumentShape>
type DocumentSummary = z.infer<typeof SummaryShape>
type Seed = {
  document: Record<string, string>
  figures: { id: string }[]
  not_recorded: { text: string; start: number; reason: string }[]
}

const service = serviceForTests()
const { get } = service

const folder = join(seedDirectory, 'documents')
const seeds = readdirSync(folder)
  .toSorted()
  .map((file) => parse(readFileSync(join(folder, file), 'utf8')) as Seed)

let figures: Figure[]
let documents: DocumentSummary[]
let details: Document[]
beforeAll(async () => {
  figures = (await read(await get('/v1/figures?limit=1000'), list(Figure))).data
  documents = (await read(await get('/v1/documents?limit=1000'), list(SummaryShape))).data
  details = await Promise.all(
    documents.map(async ({ id }) => (await read(await get(`/v1/documents/${id}`), item(DocumentShape))).data),
  )
})

describe('the documents', () => {
  it('are those of the seed data, by id, exactly counted', async () => {
    const { data, page } = await read(await get('/v1/documents'), list(SummaryShape))
    expect(data.map(({ id }) => id)).toEqual(seeds.map(({ document }) => document['id']).toSorted())
    expect(page).toEqual({ total: seeds.length, returned: seeds.length, next: null })
  })

  it('are told as the seed data tells them', () => {
    for (const { document } of seeds) {
      const { file: _, ...told } = document
      expect(documents.find(({ id }) => id === told['id'])).toMatchObject(told)
    }
  })

  it.each([1, 2, 1000])('in pages of %i are the same list', async (limit) => {
    const pages = await follow(service, `/v1/documents?limit=${limit}`, list(SummaryShape))
    expect(pages.flatMap(({ data }) => data)).toEqual(documents)
    for (const { page } of pages) expect(page.total).toBe(documents.length)
    expect(pages).toHaveLength(Math.ceil(documents.length / limit))
  })

  it('count the figures that /v1/figures has of them', async () => {
    for (const { id, figure_count, figures_url, url } of documents) {
      const { data, page } = await read(await get(figures_url), list(Figure))
      expect(figure_count).toBe(figures.filter(({ document }) => document === id).length)
      expect(page.total).toBe(figure_count)
      for (const { document } of data) expect(document).toBe(id)
      expect(url).toBe(`/v1/documents/${id}`)
    }
  })

  it('name the publisher, title and date that their figures name', () => {
    for (const figure of figures.filter(({ origin }) => origin === 'quoted')) {
      expect(documents).toContainEqual(
        expect.objectContaining({
          id: figure.document,
          title: figure.document_title,
          publisher: figure.publisher,
          publisher_title: figure.publisher_title,
          published: figure.published,
        }),
      )
    }
  })

  it('stand at the address that their figures lead to', () => {
    for (const figure of figures) {
      const document = documents.find(({ id }) => id === figure.document)
      expect(figure.source_url?.split('#', 1)[0]).toBe(document?.address.split('#', 1)[0])
    }
  })

  it('were published in a window that is in order, and whose guess is explained', () => {
    for (const { published_earliest, published_latest, published_basis, published_note } of documents) {
      expect(published_earliest <= published_latest).toBe(true)
      if (published_basis === 'inferred') expect(published_note).toMatch(/\w/)
    }
  })
})

describe('one document', () => {
  it('is the document of the list, with the mentions that are no figures', () => {
    expect(details.map(({ not_recorded: _, ...summary }) => summary)).toEqual(documents)
  })

  it('tells every mention that the seed data does not record, in the order of the text', () => {
    for (const { id, not_recorded, not_recorded_count } of details) {
      const recorded = seeds.find(({ document }) => document['id'] === id)?.not_recorded ?? []
      expect(not_recorded.map(({ text, start, reason }) => ({ text, start, reason }))).toEqual(
        recorded.toSorted((a, b) => a.start - b.start),
      )
      expect(not_recorded_count).toBe(not_recorded.length)
    }
    expect(details.some(({ not_recorded }) => not_recorded.length > 0)).toBe(true)
  })

  it('gives spans in code points, end exclusive', () => {
    for (const { text, start, end } of details.flatMap(({ not_recorded }) => not_recorded)) {
      expect(end - start).toBe([...text].length)
    }
    for (const { quote, quote_start, quote_end } of figures) {
      expect((quote_end ?? 0) - (quote_start ?? 0)).toBe([...(quote ?? '')].length)
    }
  })

  it('that does not exist is a 404 with the nearest id', async () => {
    const { did_you_mean } = await readProblem(await get('/v1/documents/cnwg-statement-2012'), 404)
    expect(did_you_mean).toBe('cnwg-statement-2021')
  })

  it('takes no parameters', async () => {
    const { errors = [] } = await readProblem(await get('/v1/documents/cnwg-statement-2021?limit=1'), 400)
    expect(errors).toMatchObject([{ parameter: 'limit' }])
  })
})

it.each([
  ['limit=0', 'limit'],
  ['limit=1001', 'limit'],
  ['publisher=inl', 'publisher'],
  ['cursor=bnVsbA', 'cursor'],
  ['constructor=1', 'constructor'],
])('the list with %s is a 400 that names %s', async (query, parameter) => {
  const { errors = [] } = await readProblem(await get(`/v1/documents?${query}`), 400)
  expect(errors).toHaveLength(1)
  expect(errors).toMatchObject([{ parameter }])
})
