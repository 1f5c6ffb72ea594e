import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import { countTargets, listOutcomes, listStatements, listTargets } from '../db/targets.ts'
import { defaultLimit, PlainListQuery } from '../schemas/query.ts'
import { Target } from '../schemas/targets.ts'
import { listAnswer, problems } from './answers.ts'
import { conditional, json, meta, paginate, position, produces, resume, type Service } from './resource.ts'

/** What somebody aims at, and what came of it. */
export const targetRoutes: FastifyPluginAsyncZodOpenApi<Service> = async (app, service) => {
  const { db } = service

  app.get(
    '/v1/targets',
    {
      schema: {
        operationId: 'listTargets',
        summary: 'List targets',
        description:
          'What somebody aims at, one row a target however many documents state it: what it starts from, what it comes to ' +
          'in absolute terms (a derived figure), by when, and which figures after the base say what came of it. Halving ' +
          'coca by 2023 is stated four times in three documents; none of them holds a later level, so there is no progress ' +
          'to speak of, and none is made up.',
        tags: ['Comparisons'],
        querystring: PlainListQuery,
        response: { ...listAnswer(Target, 'The targets.'), ...problems(400) },
      },
      preHandler: [produces(json), resume(service), conditional(service)],
    },
    async (request, reply) => {
      const { limit = defaultLimit } = request.query
      const { rows, page } = paginate(service, request, reply, {
        rows: listTargets(db, String(position(request) ?? ''), limit + 1),
        limit,
        total: countTargets(db),
        positionOf: ({ id }) => id,
      })
      return reply.send({ data: rows.map((row) => targetOf(db, row)), page, meta: meta(service) })
    },
  )
}

/** A stored target with who states it and what came of it. */
export function targetOf(db: Service['db'], row: ReturnType<typeof listTargets>[number]): Target {
  const { id, metric, scope, place, base, absolute, deadline } = row
  const outcomes = listOutcomes(db, row)
  return {
    ...{ id, metric, scope, place, stated_by: listStatements(db, id), base, absolute, deadline },
    outcomes: outcomes.map((outcome) => outcome.id),
    ...progressOf(row, outcomes),
  }
}

/** How far the latest outcome has come, or why that cannot be said. */
function progressOf(
  { base_exact, base_end, absolute_exact }: ReturnType<typeof listTargets>[number],
  outcomes: ReturnType<typeof listOutcomes>,
): Pick<Target, 'progress' | 'progress_reason'> {
  const none = (progress_reason: string) => ({ progress: null, progress_reason })
  const latest = outcomes.at(-1)
  if (latest === undefined)
    return none(`No document holds a level of this series after the base, ${base_end.slice(0, 4)}.`)
  if (latest.value === null) return none(`The latest outcome, of ${latest.period}, is a record without a number.`)
  if (latest.exact === null)
    return none(
      `The latest outcome, of ${latest.period}, is no exact number, so how far it is from the base is none either.`,
    )
  if (base_exact === null || absolute_exact === null)
    return none('The base or the target is no exact number, so how far it is from one to the other is none either.')
  if (base_exact === absolute_exact) return none('The base and the target span no way that could be gone.')
  return { progress: (100 * (base_exact - latest.exact)) / (base_exact - absolute_exact), progress_reason: null }
}
