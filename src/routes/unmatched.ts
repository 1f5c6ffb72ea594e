import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ProblemError, readMethods, readOnly } from '../errors.ts'
import { nearest } from '../nearest.ts'

/**
 * Answers what no route takes: 405 where something stands at the path, otherwise 404; and says what OPTIONS may know. It
 * does so before a body would be read, since nothing is done with one. For the root of the service, before its routes.
 */
export function answerUnmatched(app: FastifyInstance): void {
  const paths: string[] = []
  app.addHook('onRoute', ({ method, url }) => {
    if ([method].flat().includes('GET')) paths.push(url)
  })
  let limit: ReturnType<FastifyInstance['rateLimit']> | undefined
  app.addHook('onRequest', (request, reply, next) => {
    if (!request.is404 && request.method !== 'OPTIONS') next()
    else
      answer(request, reply).then(() => {
        next()
      }, next)
  })
  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const isOptions = request.method === 'OPTIONS'
    // Of the service as a whole OPTIONS may be asked too (RFC 9110, section 9.3.7).
    const something = stands(pathOf(request), paths) || (isOptions && request.url === '*')
    if (something && isOptions) {
      reply.header('Allow', readMethods)
      return
    }
    limit ??= app.rateLimit()
    await limit.call(app, request, reply)
    throw something ? readOnly(request.method) : nothingStands(request, paths)
  }
  // Where a route finds nothing itself, as that of the static files of Swagger UI.
  app.setNotFoundHandler((request) => {
    throw nothingStands(request, paths)
  })
}

/** The path as the router reads it. */
function pathOf({ url }: FastifyRequest): string {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

/** Whether a resource may stand at a path, whatever the method. */
function stands(at: string, paths: readonly string[]): boolean {
  const segments = at.split('/')
  return paths.some((path) => {
    const pattern = path.split('/')
    const open = pattern.at(-1) === '*'
    const fits = pattern.every((part, at) => part === segments[at] || part.startsWith(':') || (open && part === '*'))
    return fits && (open ? segments.length >= pattern.length : segments.length === pattern.length)
  })
}

function nothingStands(request: FastifyRequest, paths: readonly string[]): ProblemError {
  const path = pathOf(request)
  const bare = path.replace(/\/+$/, '')
  const near =
    bare !== path && stands(bare, paths)
      ? bare
      : nearest(
          path,
          paths.filter((known) => !/[:*]/.test(known)),
        )
  return new ProblemError(
    404,
    `Nothing stands at ${path.slice(0, 200)}.`,
    near === undefined ? {} : { did_you_mean: near },
  )
}
