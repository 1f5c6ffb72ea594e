/** How a service came to its answers, which nothing in them tells: by a memory, or by the handler of a route. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { afterAll, beforeAll } from 'vitest'
import type { RunningService } from './service.ts'

/**
 * `given` before routing; `made` by the handler of a route, unless what stands before it fails; `settled` by what stands
 * before it, as what is kept but was spelt otherwise, a 304 or a refusal.
 */
export type Way = 'given' | 'settled' | 'made'

/** Where Fastify tells that the handler of a route begins. */
const handlers = 'tracing:fastify.request.handler:start'

/** Watches a service while the tests of a file or of a `describe` run. */
export function watchForTests(service: Pick<RunningService, 'app'>): {
  /** How the latest request was answered. */
  latest: () => Way | undefined
  /** How many requests were answered in each way. */
  counts: Readonly<Record<Way, number>>
} {
  const counts = { given: 0, settled: 0, made: 0 }
  let latest: { request: IncomingMessage; way: Way } | undefined
  // Heard right after the service itself: of what is no error, only what is given before routing is at its end by then.
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const way = response.writableEnded && response.statusCode < 400 ? 'given' : 'settled'
    counts[way] += 1
    latest = { request, way }
  }
  const onHandler = (message: unknown) => {
    const { request } = message as { request: FastifyRequest }
    if (latest?.request !== request.raw) return
    counts[latest.way] -= 1
    counts.made += 1
    latest.way = 'made'
  }
  beforeAll(() => {
    service.app.server.on('request', onRequest)
    subscribe(handlers, onHandler)
  })
  afterAll(() => {
    unsubscribe(handlers, onHandler)
  })
  return { latest: () => latest?.way, counts }
}
