import { pipeline, Readable } from 'node:stream'
import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import { z } from 'zod'
import { getDocument } from '../db/documents.ts'
import {
  countFigures,
  getFigure,
  listComparisonsOf,
  listEvidence,
  listFigures,
  type FigureFilter,
  type FigureRow,
  type FigureSort,
} from '../db/figures.ts'
import { getMetric } from '../db/metrics.ts'
import { unknownId } from '../errors.ts'
import { csvStream } from '../formats/csv.ts'
import { Figure, FigureDetail, FiguresQuery } from '../schemas/figures.ts'
import { defaultLimit, NoQuery } from '../schemas/query.ts'
import { withDocumentLinks } from './documents.ts'
import { withMetricLinks } from './metrics.ts'
import { itemAnswer, listAnswer, problems } from './answers.ts'
import {
  conditional,
  csv,
  json,
  meta,
  paginate,
  produces,
  resume,
  type Position,
  type Service,
  answerType,
  position,
} from './resource.ts'

const columns = Object.keys(Figure.shape)
/** Rows read at a time for an export: enough to be quick, few enough to hold. */
const exportPage = 1000

/** Figures as flat rows, and one figure with all that bears on it. */
export const figureRoutes: FastifyPluginAsyncZodOpenApi<Service> = async (app, service) => {
  const { db, known, link } = service
  const withLinks = (row: FigureRow) => ({ ...row, url: link(`/v1/figures/${row.id}`) })

  app.get(
    '/v1/figures',
    {
      schema: {
        operationId: 'listFigures',
        summary: 'List figures',
        description:
          'Figures as flat rows, filtered, sorted and paged. Repeat a parameter or separate its terms with commas for OR; ' +
          'different parameters AND. What is not known is a 400 that names the nearest right word, never an unfiltered list.',
        tags: ['Figures'],
        querystring: FiguresQuery(known),
        response: {
          ...listAnswer(Figure, 'The figures that match.', {
            [csv]: {
              schema: z.string().meta({ description: 'RFC 4180, UTF-8, with a header of the same names.' }),
              example: `${columns.slice(0, 4).join(',')},…\r\n`,
            },
          }),
          ...problems(400),
        },
      },
      preHandler: [produces(json, csv), resume(service), conditional(service)],
    },
    async (request, reply) => {
      const { sort = '-year', limit, format: _, cursor: __, ...filter } = request.query
      if (answerType(request) === csv) {
        reply.type('text/csv; charset=utf-8; header=present')
        reply.header('Content-Disposition', 'inline; filename="figures.csv"')
        if (limit === undefined) return reply.send(asCsv(everyFigure(filter, sort, position(request))))
      }
      const size = limit ?? defaultLimit
      const { rows, page } = paginate(service, request, reply, {
        rows: listFigures(db, filter, sort, position(request), size + 1),
        limit: size,
        total: countFigures(db, filter),
        positionOf: (row) => row.position,
      })
      const data = rows.map(({ row }) => withLinks(row))
      return answerType(request) === csv ? reply.send(asCsv(data)) : reply.send({ data, page, meta: meta(service) })
    },
  )

  app.get(
    '/v1/figures/:id',
    {
      schema: {
        operationId: 'getFigure',
        summary: 'Get a figure',
        description: 'One figure with its evidence, its document, its metric and every comparison it is part of.',
        tags: ['Figures'],
        params: z.strictObject({
          id: z.string().meta({
            description: 'Id of the figure.',
            param: {
              'x-examples': { one: { summary: 'Coca cultivation in 2017', value: 'inl-2019-coca-cultivation-2017' } },
            },
          }),
        }),
        querystring: NoQuery,
        response: { ...itemAnswer(FigureDetail, 'The figure.'), ...problems(400, 404) },
      },
      preValidation: async ({ params }) => {
        const { id } = params
        if (!known.id.includes(id)) throw unknownId('figure', id, known.id)
      },
      preHandler: [produces(json), conditional(service)],
    },
    async (request, reply) => {
      const { id } = request.params
      const row = getFigure(db, id)
      const document = row?.document == null ? undefined : getDocument(db, row.document)
      const metric = row === undefined ? undefined : getMetric(db, row.metric)
      if (row === undefined || metric === undefined) throw unknownId('figure', id, known.id)
      return reply.send({
        data: {
          figure: withLinks(row),
          evidence: listEvidence(db, id),
          document: document === undefined ? null : withDocumentLinks(document, link),
          metric: withMetricLinks(metric, link),
          comparisons: listComparisonsOf(db, id),
        },
        meta: meta(service),
      })
    },
  )

  function* everyFigure(filter: FigureFilter, sort: FigureSort, from: Position | null) {
    for (let after = from; ;) {
      const page = listFigures(db, filter, sort, after, exportPage)
      for (const { row } of page) yield withLinks(row)
      const last = page.at(-1)
      if (last === undefined || page.length < exportPage) return
      after = last.position
    }
  }
}

/** Rows as a stream of CSV; an error on the way ends the answer short, which its chunked framing shows. */
function asCsv(rows: Iterable<object>) {
  return pipeline(Readable.from(rows), csvStream(columns), () => {
    // Fastify sees the error on the stream itself; nothing is left to do here.
  })
}
