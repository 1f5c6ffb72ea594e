import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import { wasOverwritten } from '../db/client.ts'
import { getRelease } from '../db/dataset.ts'
import { unavailable } from '../errors.ts'
import { Health } from '../schemas/dataset.ts'
import { NoQuery } from '../schemas/query.ts'
import { onlyProblems } from './answers.ts'
import { json, type Service } from './resource.ts'

/** Aborted when the process is about to stop. */
type Stopping = { stopping?: AbortSignal }

/** Whether the process lives and whether it can answer; for orchestrators, so neither limited nor cached. */
export const healthRoutes: FastifyPluginAsyncZodOpenApi<Service & Stopping> = async (app, service) => {
  const { db, release, stopping } = service
  const health = (description: string, example: Health) => ({
    description,
    content: { [json]: { schema: Health, example } },
  })
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('Cache-Control', 'no-store')
  })

  app.get(
    '/livez',
    {
      schema: {
        operationId: 'getLiveness',
        summary: 'Is the process up?',
        description: 'Answers as long as the process runs.',
        tags: ['Service'],
        querystring: NoQuery,
        response: { 200: health('It is.', { status: 'ok' }), ...onlyProblems(400) },
      },
      config: { rateLimit: false },
    },
    async () => ({ status: 'ok' as const }),
  )

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadiness',
        summary: 'Can the service answer?',
        description:
          'Asks the database for its digest, which must be that of the release the process started with, in a file that ' +
          'nobody has written since. A process that is about to stop is not ready either, though it still answers.',
        tags: ['Service'],
        querystring: NoQuery,
        response: { 200: health('It can.', { status: 'ok', release: release.version }), ...onlyProblems(400, 503) },
      },
      config: { rateLimit: false },
    },
    async (request) => {
      if (stopping?.aborted === true) {
        throw unavailable('The process is about to stop.')
      }
      let digest
      try {
        ;({ digest } = getRelease(db))
      } catch (error) {
        request.log.error(error)
      }
      if (digest === release.digest && !wasOverwritten(db)) return { status: 'ok' as const, release: release.version }
      throw unavailable('The database does not answer with the release that is served.')
    },
  )
}
