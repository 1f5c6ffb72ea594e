import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import type { Db } from '../db/client.ts'
import { countAll, listTerms } from '../db/dataset.ts'
import { onFirstUse } from '../first-use.ts'
import { Dataset, Vocabulary } from '../schemas/dataset.ts'
import { defaultLimit, NoQuery, PlainListQuery } from '../schemas/query.ts'
import * as closed from '../schemas/vocabularies.ts'
import { itemAnswer, listAnswer, problems } from './answers.ts'
import {
  conditional,
  csv,
  json,
  meta,
  ndjson,
  paginate,
  parquet,
  produces,
  resume,
  type Service,
  position,
} from './resource.ts'

const closedVocabulary = (id: string, title: string, terms: Readonly<Record<string, string>>): Vocabulary => ({
  id,
  title,
  grows: false,
  terms: Object.entries(terms).map(([term, definition]) => ({ id: term, title: null, definition })),
})

/** The release itself, and the words that its fields are filled with. */
export const datasetRoutes: FastifyPluginAsyncZodOpenApi<Service> = async (app, service) => {
  const { db, release, link } = service

  app.get(
    '/v1/dataset',
    {
      schema: {
        operationId: 'getDataset',
        summary: 'Get the release',
        description: 'The release that is served: version, digest, counts, licence, changelog and downloads.',
        tags: ['Dataset'],
        querystring: NoQuery,
        response: { ...itemAnswer(Dataset, 'The release.'), ...problems(400) },
      },
      preHandler: [produces(json), conditional(service)],
    },
    async (_request, reply) => {
      const downloads = Object.entries({ csv, ndjson, parquet }).map(([format, media_type]) => ({
        media_type,
        url: link(`/v1/figures?format=${format}`),
      }))
      return reply.send({ data: { ...release, counts: countAll(db), downloads }, meta: meta(service) })
    },
  )

  const vocabularies = onFirstUse(() => listVocabularies(db))

  app.get(
    '/v1/vocabularies',
    {
      schema: {
        operationId: 'listVocabularies',
        summary: 'List vocabularies',
        description:
          'The words that fields and parameters are filled with, each with its definition. Metrics, their scopes and ' +
          'the documents have resources of their own.',
        tags: ['Dataset'],
        querystring: PlainListQuery,
        response: { ...listAnswer(Vocabulary, 'The vocabularies.'), ...problems(400) },
      },
      preHandler: [produces(json), resume(service), conditional(service)],
    },
    async (request, reply) => {
      const { limit = defaultLimit } = request.query
      const after = String(position(request) ?? '')
      const { rows, page } = paginate(service, request, reply, {
        rows: vocabularies().filter(({ id }) => id > after),
        limit,
        total: vocabularies().length,
        positionOf: ({ id }) => id,
      })
      return reply.send({ data: rows, page, meta: meta(service) })
    },
  )
}

/** All vocabularies, by id. */
function listVocabularies(db: Db): Vocabulary[] {
  const terms = listTerms(db)
  return [
    closedVocabulary('baseline_basis', 'Where a baseline year comes from', closed.baselineBases),
    closedVocabulary('claim_type', 'Whether a figure speaks of the past or of the future', closed.claimTypes),
    closedVocabulary('derivation_method', 'How a figure is computed from others', closed.derivationMethods),
    closedVocabulary('measure', 'Kinds of quantity', closed.measures),
    closedVocabulary('not_recorded', 'Why a numeric mention is no figure', closed.notRecordedReasons),
    {
      id: 'organization',
      title: 'Publishers, actors and attributions',
      grows: true,
      terms: terms.organization,
    },
    closedVocabulary('origin', 'Where a figure comes from', closed.origins),
    closedVocabulary('period_basis', 'Where a period comes from', closed.periodBases),
    {
      id: 'place',
      title: 'Places',
      grows: true,
      terms: terms.place,
    },
    closedVocabulary('published_basis', 'Where a date of publication comes from', closed.publishedBases),
    closedVocabulary('qualifier', 'How the print qualifies a value', closed.qualifiers),
    closedVocabulary('relation', 'How two figures relate', closed.relations),
    closedVocabulary('role', 'What a mention says of a figure', closed.evidenceRoles),
    closedVocabulary('superlative', 'Records over time', closed.superlatives),
    closedVocabulary('topic', 'What metrics are about', closed.topics),
    {
      id: 'unit',
      title: 'Units',
      grows: true,
      terms: terms.unit,
    },
  ]
}
