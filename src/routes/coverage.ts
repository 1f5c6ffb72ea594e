import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import { countCoverage, listCoverage, openCoverage, type Cell } from '../db/coverage.ts'
import { onFirstUse } from '../first-use.ts'
import { columns, Coverage, CoverageQuery } from '../schemas/coverage.ts'
import { defaultLimit } from '../schemas/query.ts'
import { listAnswer, problems } from './answers.ts'
import {
  address,
  answerType,
  canonical,
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

/** Of what the documents print figures, and of what none. */
export const coverageRoutes: FastifyPluginAsyncZodOpenApi<Service> = async (app, service) => {
  const { db, known, link } = service
  // Reads every year there is.
  const index = onFirstUse(() => openCoverage(db))

  app.get(
    '/v1/coverage',
    {
      schema: {
        operationId: 'listCoverage',
        summary: 'List the coverage',
        description:
          'How many figures each document prints of each metric for each year, by metric, year and document. Silence ' +
          'is shown: for every year from the first to the last that the dataset has of a metric, every document stands ' +
          'there, with 0 where it prints no figure. Example: of coca eradication in 2019 one document prints a figure and ' +
          'four print none. A figure counts for the year in which its period ends: a change for the one that it leads to, ' +
          'not for the one that it is counted from, and a target for the one it aims at. Computed figures stand in no ' +
          'document and are not counted. Repeat a parameter or separate its terms with commas for OR; different parameters AND.',
        tags: ['Dataset'],
        querystring: CoverageQuery(known),
        response: {
          ...listAnswer(Coverage, 'What matches.', { files: tableFiles(Coverage, columns) }),
          ...problems(400),
        },
      },
      preHandler: [produces(json, csv, ndjson), resume(service), conditional(service)],
    },
    async (request, reply) => {
      const { limit, cursor: _, format: __, silent, ...terms } = request.query
      const filter = { ...terms, silent: silent === undefined ? undefined : silent === 'true' }
      const after = readCell(position(request))
      const type = answerType(request)
      const read = (from: Cell | null, size: number) => listCoverage(index(), filter, from, size).map(withUrl)
      const as = { type, name: 'coverage', names: columns }
      if (type !== json && limit === undefined) {
        return sendTable(service, reply, { ...as, pages: everyPage(read, after, (row) => row) })
      }
      const size = limit ?? defaultLimit
      const { rows, page } = paginate(service, request, reply, {
        rows: read(after, size + 1),
        limit: size,
        total: countCoverage(index(), filter),
        positionOf: ({ metric, year, document }) => [metric, year, document].join('/'),
      })
      if (type !== json) return sendTable(service, reply, { ...as, pages: onePage(rows) })
      return reply.send({ data: rows, page, meta: meta(service) })
    },
  )

  const withUrl = ({ metric, year, document, figures }: Cell & { figures: number }): Coverage => ({
    ...{ metric, year, document, figures },
    url: link(address('/v1/figures', canonical({ metric, year, document }, []))),
  })
}

/** The cell after which a page goes on, from how its position is written. */
function readCell(written: string | number | null): Cell | null {
  if (written === null) return null
  const [metric = '', year = '', document = ''] = String(written).split('/')
  return { metric, year: Number(year), document }
}
