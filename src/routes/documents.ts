import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import { getDocument, listDocuments, listNotRecorded } from '../db/documents.ts'
import { Document, DocumentSummary } from '../schemas/documents.ts'
import { defaultLimit, NoQuery, PlainListQuery } from '../schemas/query.ts'
import { itemAnswer, listAnswer, problems } from './answers.ts'
import { IdOf, mustBe, unknownOf } from './ids.ts'
import { conditional, json, meta, paginate, produces, resume, type Service, position } from './resource.ts'

/** A document with the addresses of its record and its figures. */
export const withDocumentLinks = <Row extends { id: string }>(row: Row, link: Service['link']) => ({
  ...row,
  figures_url: link(`/v1/figures?document=${row.id}`),
  url: link(`/v1/documents/${row.id}`),
})

/** The published sources. */
export const documentRoutes: FastifyPluginAsyncZodOpenApi<Service> = async (app, service) => {
  const { db, known, link } = service

  app.get(
    '/v1/documents',
    {
      schema: {
        operationId: 'listDocuments',
        summary: 'List documents',
        description: 'The published sources, by id: who published each, where and when, and how its date is known.',
        tags: ['Documents'],
        querystring: PlainListQuery,
        response: { ...listAnswer(DocumentSummary, 'The documents.'), ...problems(400) },
      },
      preHandler: [produces(json), resume(service), conditional(service)],
    },
    async (request, reply) => {
      const { limit = defaultLimit } = request.query
      const { rows, page } = paginate(service, request, reply, {
        rows: listDocuments(db, String(position(request) ?? ''), limit + 1),
        limit,
        total: known.document.length,
        positionOf: ({ id }) => id,
      })
      return reply.send({ data: rows.map((row) => withDocumentLinks(row, link)), page, meta: meta(service) })
    },
  )

  app.get(
    '/v1/documents/:id',
    {
      schema: {
        operationId: 'getDocument',
        summary: 'Get a document',
        description:
          'One published source, with every numeric mention in it that is no figure, and why: together with its figures ' +
          'they account for every number that it prints.',
        tags: ['Documents'],
        params: IdOf('document'),
        querystring: NoQuery,
        response: { ...itemAnswer(Document, 'The document.'), ...problems(400, 404) },
      },
      preValidation: mustBe(service, 'document'),
      preHandler: [produces(json), conditional(service)],
    },
    async (request, reply) => {
      const { id } = request.params
      const document = getDocument(db, id)
      if (document === undefined) throw unknownOf(service, 'document', id)
      const data = { ...withDocumentLinks(document, link), not_recorded: listNotRecorded(db, id) }
      return reply.send({ data, meta: meta(service) })
    },
  )
}
