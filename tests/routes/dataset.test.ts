import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse as parseCsv } from 'csv-parse/sync'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { z } from 'zod'
import { Dataset, Vocabulary } from '../../src/schemas/dataset.ts'
import { Document, DocumentSummary } from '../../src/schemas/documents.ts'
import { item, list } from '../../src/schemas/envelope.ts'
import { Figure, FigureDetail } from '../../src/schemas/figures.ts'
import { Metric, MetricSummary } from '../../src/schemas/metrics.ts'
import { derivationMethods } from '../../src/schemas/vocabularies.ts'
import { seedDigest } from '../../src/seed/digest.ts'
import { seedDirectory } from '../../src/seed/staleness.ts'
import { follow, read, readProblem, serviceForTests } from '../support/service.ts'

const service = serviceForTests()
const { get } = service

let figures: Figure[]
let figureDetails: z.infer<typeof FigureDetail>[]
let documents: z.infer<typeof Document>[]
let metrics: z.infer<typeof Metric>[]
let vocabularies: Vocabulary[]
beforeAll(async () => {
  figures = (await read(await get('/v1/figures?limit=1000'), list(Figure))).data
  const documentIds = (await read(await get('/v1/documents?limit=1000'), list(DocumentSummary))).data
  const metricIds = (await read(await get('/v1/metrics?limit=1000'), list(MetricSummary))).data
  figureDetails = await each('/v1/figures', figures, item(FigureDetail))
  documents = await each('/v1/documents', documentIds, item(Document))
  metrics = await each('/v1/metrics', metricIds, item(Metric))
  vocabularies = (await read(await get('/v1/vocabularies?limit=1000'), list(Vocabulary))).data
})

/** The resources of some ids below a path. */
function each<Thing>(
  path: string,
  things: readonly { id: string }[],
  shape: { parse: (body: unknown) => { data: Thing } },
): Promise<Thing[]> {
  return Promise.all(things.map(async ({ id }) => (await read(await get(`${path}/${id}`), shape)).data))
}

const dataset = async () => read(await get('/v1/dataset'), item(Dataset))

describe('the dataset', () => {
  it('is told as the seed data tells it', async () => {
    const { data } = await dataset()
    expect(data).toMatchObject(parse(readFileSync(join(seedDirectory, 'dataset.yaml'), 'utf8')) as object)
  })

  it('carries the digest of the seed data, as every answer does', async () => {
    const { data, meta } = await dataset()
    expect(data.digest).toBe(seedDigest(seedDirectory))
    expect(meta).toEqual({ release: data.version, digest: data.digest, as_of: null })
    for (const path of ['/', '/v1/figures', '/v1/metrics', '/v1/documents', '/v1/vocabularies']) {
      expect(await (await get(path)).json(), path).toMatchObject({ meta })
    }
  })

  it('counts what the resources hold', async () => {
    const { counts } = (await dataset()).data
    const comparisons = figureDetails.flatMap((detail) => detail.comparisons.map(({ id }) => id))
    expect(counts).toEqual({
      figures: figures.length,
      metrics: metrics.length,
      documents: documents.length,
      comparisons: new Set(comparisons).size,
      not_recorded: documents.flatMap(({ not_recorded }) => not_recorded).length,
    })
  })

  it('names the release that is served as the newest of its changelog', async () => {
    const { version, released, changelog } = (await dataset()).data
    expect(changelog[0]).toMatchObject({ version, released })
    expect(changelog.map((release) => release.released)).toEqual(
      changelog
        .map((release) => release.released)
        .toSorted()
        .reverse(),
    )
  })

  it('offers downloads that hold every figure', async () => {
    const { downloads } = (await dataset()).data
    expect(downloads.map(({ media_type }) => media_type)).toContain('text/csv')
    for (const { media_type, url } of downloads) {
      const response = await get(url)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')?.split(';', 1)[0]).toBe(media_type)
      if (media_type === 'text/csv') {
        expect(parseCsv(await response.text(), { columns: true, record_delimiter: '\r\n' })).toHaveLength(
          figures.length,
        )
      }
    }
  })

  it('takes no parameters', async () => {
    const { errors = [] } = await readProblem(await get('/v1/dataset?version=1'), 400)
    expect(errors).toMatchObject([{ parameter: 'version' }])
  })
})

describe('the vocabularies', () => {
  const termsOf = (vocabulary: string) =>
    vocabularies.find(({ id }) => id === vocabulary)?.terms.map(({ id }) => id) ??
    expect.unreachable(`no vocabulary ${vocabulary}`)
  /** Every term that is used is defined. */
  const holds = (defined: readonly string[], used: readonly (string | null)[]) => {
    const terms = used.filter((term) => term !== null)
    expect(terms).not.toHaveLength(0)
    expect(defined).toEqual(expect.arrayContaining(terms))
  }

  it('are listed by id, each once, exactly counted', async () => {
    const { data, page } = await read(await get('/v1/vocabularies'), list(Vocabulary))
    const ids = data.map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)].toSorted())
    expect(page).toEqual({ total: ids.length, returned: ids.length, next: null })
  })

  it.each([1, 4, 1000])('in pages of %i are the same list', async (limit) => {
    const pages = await follow(service, `/v1/vocabularies?limit=${limit}`, list(Vocabulary))
    expect(pages.flatMap(({ data }) => data)).toEqual(vocabularies)
    for (const { page } of pages) expect(page.total).toBe(vocabularies.length)
  })

  it('name each term once', () => {
    for (const { id, terms } of vocabularies) {
      expect(new Set(terms.map((term) => term.id)).size, id).toBe(terms.length)
    }
  })

  it('define each term', () => {
    for (const { terms } of vocabularies) {
      expect(terms).not.toHaveLength(0)
      for (const { definition } of terms) expect(definition).toMatch(/\w/)
    }
  })

  it('give each unit its symbol, and codes where there are any', () => {
    const units = vocabularies.find(({ id }) => id === 'unit')?.terms ?? []
    for (const { symbol } of units) expect(symbol).toMatch(/\S/)
    expect(units.find(({ id }) => id === 'ha')).toMatchObject({ ucum: 'har', qudt: 'http://qudt.org/vocab/unit/HA' })
  })

  it.each([
    'topic',
    'measure',
    'claim_type',
    'origin',
    'qualifier',
    'period_basis',
    'baseline_basis',
    'superlative',
  ] as const)('define every %s that a figure has', (field) => {
    holds(
      termsOf(field),
      figures.map((figure) => figure[field]),
    )
  })

  it('define every unit and place that a figure has', () => {
    for (const field of ['unit', 'place'] as const) {
      holds(
        termsOf(field),
        figures.map((figure) => figure[field]),
      )
    }
  })

  it('define everyone who publishes, does or says anything', () => {
    for (const field of ['publisher', 'actor', 'attribution'] as const) {
      holds(
        termsOf('organization'),
        figures.map((figure) => figure[field]),
      )
    }
  })

  it('give publishers the names that figures give them', () => {
    const organizations = vocabularies.find(({ id }) => id === 'organization')?.terms ?? []
    for (const { publisher, publisher_title } of figures.filter(({ origin }) => origin === 'quoted')) {
      expect(organizations.find(({ id }) => id === publisher)?.title).toBe(publisher_title)
    }
  })

  it('leave the metrics, scopes and documents of figures to resources of their own, which define them', () => {
    for (const figure of figures) {
      const metric = metrics.find(({ id }) => id === figure.metric)
      expect(metric?.definition).toMatch(/\w/)
      expect(metric?.scopes.find(({ scope }) => scope === figure.scope)?.definition).toMatch(/\w/)
      if (figure.origin === 'quoted') expect(documents.map(({ id }) => id)).toContain(figure.document)
    }
  })

  it('define the words of evidence, comparisons and documents', () => {
    holds(
      termsOf('role'),
      figureDetails.flatMap(({ evidence }) => evidence.map(({ role }) => role)),
    )
    holds(
      termsOf('relation'),
      figureDetails.flatMap(({ comparisons }) => comparisons.map(({ relation }) => relation)),
    )
    holds(
      termsOf('not_recorded'),
      documents.flatMap(({ not_recorded }) => not_recorded.map(({ reason }) => reason)),
    )
    holds(
      termsOf('published_basis'),
      documents.map(({ published_basis }) => published_basis),
    )
  })

  it('define every method by which a figure is computed', () => {
    holds(
      termsOf('derivation_method'),
      figureDetails.map(({ lineage }) => lineage.method),
    )
    const methods = vocabularies.find(({ id }) => id === 'derivation_method') ?? expect.unreachable()
    expect(methods.grows).toBe(false)
    expect(Object.fromEntries(methods.terms.map(({ id, definition }) => [id, definition]))).toEqual(derivationMethods)
  })

  it('hold only words that the filters take', async () => {
    const filters = ['topic', 'measure', 'claim_type', 'origin', 'qualifier', 'superlative', 'unit', 'place']
    for (const filter of filters) {
      for (const term of termsOf(filter)) {
        await read(await get(`/v1/figures?${filter}=${term}`), list(Figure))
      }
    }
  })

  it.each(['limit=0', 'id=topic', 'cursor=x'])('are not listed with %s', async (query) => {
    const { errors = [] } = await readProblem(await get(`/v1/vocabularies?${query}`), 400)
    expect(errors).toMatchObject([{ parameter: query.split('=', 1)[0] }])
  })
})
