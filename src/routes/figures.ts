import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { getDocument, listDocumentsAfter } from '../db/documents.ts'
import { countFigures, countTerms, getFigure, joinRows, type Around, type StoredFigure } from '../db/figures.ts'
import { getMetric } from '../db/metrics.ts'
import type { Ranked } from '../db/positions.ts'
import { rankFigures, type FigureFilter } from '../db/search.ts'
import { unavailable } from '../errors.ts'
import { onFirstUse, remembered } from '../first-use.ts'
import { giveBack } from '../formats/chunks.ts'
import { csvStream } from '../formats/csv.ts'
import { ndjsonStream } from '../formats/ndjson.ts'
import { parquetColumns, parquetStream } from '../formats/parquet.ts'
import { filterNames, FiguresQuery } from '../schemas/figures-query.ts'
import { columns, Figure, FigureDetail, FigureList, type FacetCount } from '../schemas/figures.ts'
import { defaultLimit, NoQuery } from '../schemas/query.ts'
import { CitationFormat, termColumns } from '../schemas/vocabularies.ts'
import { itemAnswer, listAnswer, problems } from './answers.ts'
import { withDocumentLinks } from './documents.ts'
import { IdOf, mustBe, unknownOf } from './ids.ts'
import { withMetricLinks } from './metrics.ts'
import { giveBackUnlessKept, giveStored } from './memory.ts'
import {
  acceptable,
  address,
  answerType,
  canonical,
  conditional,
  csv,
  formats,
  json,
  meta,
  ndjson,
  paginate,
  parquet,
  position,
  produces,
  resume,
  type Service,
} from './resource.ts'
import { asFile, eachPage, everyPage, onePage, sendContent, type Pages } from './tables.ts'

const path = '/v1/figures'
const offered = [json, csv, ndjson, parquet] as const
const allParquetColumns = onFirstUse(() => parquetColumns(z.toJSONSchema(Figure)))

/** Most Parquet files that are made at a time, since each holds thousands of rows before its first byte. */
const mostParquetFiles = 8

/** The links of a figure to its citations, as JSON, in pieces between which its id stands. */
const citationLinks = JSON.stringify(
  Object.fromEntries(CitationFormat.options.map((format) => [format, `${path}/{id}/citation?format=${format}`])),
).split('{id}')

/** The flat row of a stored figure. */
export const readFigure = ({ id, row }: StoredFigure, link: Service['link']): Figure => ({
  ...(JSON.parse(row) as Figure),
  url: link(`${path}/${id}`),
})

/** Figures as flat rows, and one figure with all that bears on it. */
export const figureRoutes: FastifyPluginAsyncZodOpenApi<Service> = async (app, service) => {
  const { db, index, known, link, release, titleOf, withLinks } = service
  const metrics = sharedJson((id) => withMetricLinks(getMetric(db, id) ?? { id }, asPath))
  const ofRelease = JSON.stringify(meta(service))
  let parquetFiles = 0
  const documents = sharedJson((id) => withDocumentLinks(getDocument(db, id) ?? { id }, asPath))

  app.get(
    path,
    {
      schema: {
        operationId: 'listFigures',
        summary: 'List figures',
        description:
          'Figures as flat rows, filtered, searched, counted, sorted and paged. Repeat a parameter or separate its terms ' +
          'with commas for OR; different parameters AND. What is not known is a 400 that names the nearest right word, ' +
          'never an unfiltered list.',
        tags: ['Figures'],
        querystring: FiguresQuery(known),
        response: {
          ...listAnswer(Figure, 'The figures that match.', {
            body: FigureList,
            files: {
              [csv]: {
                schema: z.string().meta({
                  description:
                    'RFC 4180, UTF-8, with a header of the column names; null is an empty cell, a boolean true or false.',
                }),
                example: 'id,value,unit,year\r\ninl-2019-coca-cultivation-2017,209000,ha,2017\r\n',
              },
              [ndjson]: {
                schema: z.string().meta({ description: 'A flat row as JSON on each line.' }),
                example: '{"id":"inl-2019-coca-cultivation-2017","value":209000,"unit":"ha","year":2017}\n',
              },
              [parquet]: {
                schema: z
                  .string()
                  .meta({ description: 'Apache Parquet with typed columns: numbers, booleans, dates, text.' }),
                example: 'PAR1…PAR1',
              },
            },
          }),
          ...problems(400),
        },
      },
      preValidation: nameFormat,
      preHandler: [produces(...offered), resume(service, 'rank'), conditional(service)],
    },
    async (request, reply) => {
      const { sort, limit, facet, fields, bom } = request.query
      const filter = filterOf(request.query)
      const order = sort ?? (filter.q === undefined ? '-year' : 'relevance')
      const after = Number(position(request) ?? 0)
      const type = answerType(request)
      const selected = fields === undefined ? columns : columns.filter((column) => fields.includes(column))
      const read = (from: number, size: number) => rankFigures(index, filter, order, from, size)
      if (type !== json && limit === undefined) {
        const pages = everyPage(read, after, ({ rank }) => rank)
        return sendFile(reply, type, pages, selected, bom === 'true')
      }
      const size = limit ?? defaultLimit
      const { rows, page } = paginate(service, request, reply, {
        rows: read(after, size + 1),
        limit: size,
        total: countFigures(index, filter),
        positionOf: ({ rank }) => rank,
      })
      if (type !== json) return sendFile(reply, type, onePage(rows), selected, bom === 'true')
      const rest = {
        page,
        ...(facet !== undefined && { facets: countFacets(request.query, facet) }),
        meta: meta(service, filter.as_of === undefined ? undefined : asOf(filter.as_of)),
      }
      // Rows are text already: only what surrounds them is made here.
      const around = { before: '{"data":[', between: ',', behind: `],${JSON.stringify(rest).slice(1)}` }
      const body = jsonOf(rows, selected, around)
      if (Buffer.isBuffer(body)) giveBackUnlessKept(service.memory, reply, body)
      return reply.type(`${json}; charset=utf-8`).send(body)
    },
  )

  app.get(
    `${path}/:id`,
    {
      schema: {
        operationId: 'getFigure',
        summary: 'Get a figure',
        description:
          'One figure with its evidence, its document, its metric, every comparison it is part of, its lineage (what it is ' +
          'computed from, and what is computed from it), and its citations.',
        tags: ['Figures'],
        params: IdOf('figure'),
        querystring: NoQuery,
        response: { ...itemAnswer(FigureDetail, 'The figure.'), ...problems(400, 404) },
      },
      preValidation: mustBe(service, 'figure'),
      preHandler: [produces(json), conditional(service)],
    },
    async (request, reply) => {
      const { id } = request.params
      const body = readDetail(id)
      if (body === undefined) throw unknownOf(service, 'figure', id)
      return reply.type(`${json}; charset=utf-8`).send(body)
    },
  )
  giveStored(service.memory, `${path}/:id`, readDetail)

  /** A figure with all that bears on it, as JSON; all of it is text already. */
  function readDetail(id: string): string | undefined {
    const figure = getFigure(db, id)
    if (figure === undefined) return undefined
    const document = figure.document === null ? 'null' : documents(figure.document)
    const parts =
      `"figure":${figure.row},"document":${document},"metric":${metrics(figure.metric)},${figure.detail},` +
      `"citation_links":${citationLinks.join(id)}`
    return `{"data":{${withLinks(parts)}},"meta":${ofRelease}}`
  }

  /** The flat rows of a page as JSON in UTF-8, with what stands around them. */
  const textOf = (page: readonly Ranked[], around: Around) => {
    const positions = page.map(({ position }) => position)
    return withLinks(joinRows(index, positions, around))
  }

  // Read as one text: row by row it would take a third longer.
  function readRows(page: readonly Ranked[]): Figure[] {
    const text = textOf(page, { before: '[', between: ',', behind: ']' })
    const rows = JSON.parse(text.toString()) as Figure[]
    if (Buffer.isBuffer(text)) giveBack(text)
    return rows
  }

  /** The same with the columns selected. */
  function jsonOf(page: readonly Ranked[], selected: readonly (keyof Figure)[], around: Around) {
    if (selected.length === columns.length) return textOf(page, around)
    const picked = readRows(page).map((figure) =>
      JSON.stringify(Object.fromEntries(selected.map((column) => [column, figure[column]]))),
    )
    const { before = '', between, behind = '' } = around
    return before + picked.join(between) + behind
  }

  function sendFile(
    reply: FastifyReply,
    type: string,
    pages: Pages<Ranked>,
    selected: readonly (keyof Figure)[],
    bom: boolean,
  ) {
    const send = (extension: string, content: Readable) =>
      sendContent(asFile(service, reply, type, 'figures', extension), pages, content)
    if (type === ndjson) {
      const lines = { between: '\n', behind: '\n' }
      const chunks = eachPage(pages, (page) => {
        const text = page.length === 0 ? '' : jsonOf(page, selected, lines)
        return Buffer.isBuffer(text) ? text : Buffer.from(text)
      })
      return send('ndjson', ndjsonStream(chunks, reply.raw))
    }
    const rows = eachPage(pages, readRows)
    if (type === csv) return send('csv', csvStream(rows, selected, { bom, reader: reply.raw }))
    if (parquetFiles === mostParquetFiles) {
      throw unavailable('As many Parquet files as possible are being made; ask again later.')
    }
    const picked = allParquetColumns().filter(({ name }) => selected.includes(name as keyof Figure))
    const { title, version, digest, license } = release
    const file = parquetStream(rows, picked, { title, release: version, digest, license })
    parquetFiles += 1
    file.once('close', () => (parquetFiles -= 1))
    return send('parquet', file)
  }

  function countFacets(
    { cursor: _, ...query }: FiguresQuery,
    facet: NonNullable<FiguresQuery['facet']>,
  ): Record<string, FacetCount[]> {
    return Object.fromEntries(
      termColumns
        .filter((column) => facet.includes(column))
        .map((column) => [
          column,
          countTerms(index, { ...filterOf(query), [column]: undefined }, column).map(({ term, count }) => {
            if (term === null) return { value: null, title: null, count, url: null }
            return {
              value: column === 'year' || column === 'baseline_year' ? Number(term) : term,
              title: titleOf(column, term) ?? null,
              count,
              url: link(address(path, canonical({ ...query, [column]: term }, []))),
            }
          }),
        ]),
    )
  }

  const asOf = (day: string) => ({ as_of: day, documents_left_out: listDocumentsAfter(db, day) })
}

const asPath = (path: string) => path

/** What many figures share, as JSON by id: made once, since its counts take time. */
function sharedJson(read: (id: string) => object): (id: string) => string {
  const texts = new LRUCache<string, string>({ maxSize: 4_000_000, sizeCalculation: (text) => text.length + 100 })
  const write = (id: string) => JSON.stringify(read(id))
  return (id) => remembered(texts, id, write)
}

const filters: ReadonlySet<string> = new Set(filterNames)

/** The part of a query that says which figures. */
export const filterOf = (query: FiguresQuery): FigureFilter =>
  Object.fromEntries(Object.entries(query).filter(([name]) => filters.has(name)))

/**
 * Before validation: writes down the format that Accept asks for, where it has no place for another parameter, so that
 * this is told with all other faults.
 */
async function nameFormat(request: FastifyRequest): Promise<void> {
  const query = request.query as Record<string, unknown>
  if (query['format'] !== undefined || (query['bom'] === undefined && query['facet'] === undefined)) return
  const type = acceptable(request, [...offered])
  if ((query['bom'] !== undefined && type !== csv) || (query['facet'] !== undefined && type !== json)) {
    query['format'] = Object.entries(formats).find(([, mediaType]) => mediaType === type)?.[0]
  }
}
