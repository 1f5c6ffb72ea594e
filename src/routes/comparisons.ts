import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import { countComparisons, listComparisons, type ComparisonFilter } from '../db/comparisons.ts'
import { columns, Comparison, ComparisonsQuery } from '../schemas/comparisons.ts'
import { defaultLimit } from '../schemas/query.ts'
import { listAnswer, problems } from './answers.ts'
import {
  answerType,
  conditional,
  csv,
  json,
  meta,
  ndjson,
  paginate,
  position,
  produces,
  resume,
  type Service,
} from './resource.ts'
import { everyPage, onePage, sendTable, tableFiles } from './tables.ts'

/** Where documents speak of the same thing, and how what they say relates. */
export const comparisonRoutes: FastifyPluginAsyncZodOpenApi<Service> = async (app, service) => {
  const { known } = service
  const { comparisons: index } = service

  app.get(
    '/v1/comparisons',
    {
      schema: {
        operationId: 'listComparisons',
        summary: 'List comparisons',
        description:
          'Pairs of figures that speak of the same thing, by id, each with how they relate and whether both could be ' +
          'true. Example: of the activities in 2013 a page of 2019 says "fewer than fifteen", the same page in 2021 ' +
          '"fewer than thirty"; that is `revises`, and yet `compatible`, since both hold if there were fewer than ' +
          'fifteen. Neither is called right, and nothing is averaged. Where the relation alone would mislead, `reason` ' +
          'says in words what may not be concluded. Repeat a parameter or separate its terms with commas for OR; ' +
          'different parameters AND.',
        tags: ['Comparisons'],
        querystring: ComparisonsQuery(known),
        response: {
          ...listAnswer(Comparison, 'The comparisons that match.', { files: tableFiles(Comparison, columns) }),
          ...problems(400),
        },
      },
      preHandler: [produces(json, csv, ndjson), resume(service), conditional(service)],
    },
    async (request, reply) => {
      const { limit, cursor: _, format: __, compatible, involves_derived, ...terms } = request.query
      const filter: ComparisonFilter = {
        ...terms,
        compatible: compatible?.map(isTrue),
        involves_derived: involves_derived?.map(isTrue),
      }
      const after = String(position(request) ?? '')
      const type = answerType(request)
      const read = (from: string, size: number) => listComparisons(index, filter, from, size)
      const as = { type, name: 'comparisons', names: columns }
      if (type !== json && limit === undefined) {
        return sendTable(service, reply, { ...as, pages: everyPage(read, after, ({ id }) => id) })
      }
      const size = limit ?? defaultLimit
      const { rows, page } = paginate(service, request, reply, {
        rows: read(after, size + 1),
        limit: size,
        total: countComparisons(index, filter),
        positionOf: ({ id }) => id,
      })
      if (type !== json) return sendTable(service, reply, { ...as, pages: onePage(rows) })
      return reply.send({ data: rows, page, meta: meta(service) })
    },
  )
}

const isTrue = (text: 'true' | 'false') => text === 'true'
