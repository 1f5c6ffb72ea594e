/** The table of contents of the service: what every request passes, then every route. */
import { randomUUID } from 'node:crypto'
import accepts from '@fastify/accepts'
import compress from '@fastify/compress'
import cors from '@fastify/cors'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import underPressure from '@fastify/under-pressure'
import Fastify, { type FastifyInstance } from 'fastify'
import fastifyHtml from 'fastify-html'
import { fastifyZodOpenApiPlugin, validatorCompiler } from 'fastify-zod-openapi'
import { constants } from 'node:zlib'
import type { Config } from './config.ts'
import type { Db } from './db/client.ts'
import { getRelease, listKnownTerms } from './db/dataset.ts'
import { clientErrorHandler, errorHandler, nearest, ProblemError } from './errors.ts'
import { openapiOptions, version } from './openapi.ts'
import { datasetRoutes } from './routes/dataset.ts'
import { documentRoutes } from './routes/documents.ts'
import { figureRoutes } from './routes/figures.ts'
import { healthRoutes } from './routes/health.ts'
import { metricRoutes } from './routes/metrics.ts'
import type { Service } from './routes/resource.ts'
import { serviceRoutes } from './routes/service.ts'

export type AppOptions = {
  /** An open database; the caller closes it. */
  db: Db
  config: Pick<Config, 'LOG_LEVEL' | 'PUBLIC_URL' | 'RATE_LIMIT_MAX' | 'TRUST_PROXY'>
}

/** The service over an open database, to listen or to be injected. It opens nothing and reads no environment. */
export async function buildApp({ db, config }: AppOptions): Promise<FastifyInstance> {
  const base = config.PUBLIC_URL ?? ''
  const service: Service = {
    db,
    release: getRelease(db),
    known: listKnownTerms(db),
    version,
    link: (path) => `${base}${path}`,
  }
  const handleError = errorHandler(base)

  const app = Fastify({
    logger: { level: config.LOG_LEVEL },
    trustProxy: config.TRUST_PROXY,
    // Taken from the client where it is harmless in a log, otherwise our own.
    genReqId: ({ headers }) => {
      const given = headers['x-request-id']
      return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID()
    },
    // Nothing here takes a body, and no id is longer than a hundred characters.
    bodyLimit: 1024,
    routerOptions: { maxParamLength: 200 },
    requestTimeout: 10_000,
    keepAliveTimeout: 72_000,
    http: { headersTimeout: 10_000 },
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: handleError,
    clientErrorHandler: clientErrorHandler(base),
  })
  app.setValidatorCompiler(validatorCompiler)
  // Answers are made by our own queries; tests, not production, hold them to their schemas.
  app.setSerializerCompiler(() => JSON.stringify)
  app.setErrorHandler(handleError)
  app.decorateRequest('answerType', '')
  app.decorateRequest('position', null)

  const paths: string[] = []
  app.addHook('onRoute', ({ method, url, schema }) => {
    if ([method].flat().includes('GET') && schema?.hide !== true) paths.push(url)
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'X-Request-Id': request.id,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    })
    if (request.method === 'OPTIONS') reply.header('Allow', readMethods)
  })
  await app.register(cors, {
    origin: '*',
    methods: ['GET', 'HEAD', 'OPTIONS'],
    exposedHeaders: [
      'ETag',
      'Link',
      'Retry-After',
      'X-Request-Id',
      'X-RateLimit-Limit',
      'X-RateLimit-Remaining',
      'X-RateLimit-Reset',
    ],
    maxAge: 86_400,
    strictPreflight: false,
  })
  await app.register(rateLimit, { max: config.RATE_LIMIT_MAX, timeWindow: '1 minute' })
  await app.register(underPressure, { maxEventLoopDelay: 1000, retryAfter: 10 })
  await app.register(compress, {
    encodings: ['br', 'gzip'],
    threshold: 1024,
    // Quality 11, the default, takes twenty times as long for a tenth less.
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } },
  })
  await app.register(accepts)
  await app.register(fastifyHtml)
  await app.register(fastifyZodOpenApiPlugin)
  await app.register(swagger, openapiOptions(base))

  await app.register(serviceRoutes, { ...service, secure: base.startsWith('https:') })
  await app.register(figureRoutes, service)
  await app.register(metricRoutes, service)
  await app.register(documentRoutes, service)
  await app.register(datasetRoutes, service)
  await app.register(healthRoutes, service)

  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request) => {
    throw unknownPath(request.method, request.url.split('?', 1)[0] ?? '', paths)
  })
  return app
}

const readMethods = 'GET, HEAD, OPTIONS'

/** 405 where the path stands but not the method, otherwise 404. */
function unknownPath(method: string, path: string, paths: readonly string[]): ProblemError {
  const segments = path.split('/')
  const stands = paths.some((known) => {
    const pattern = known.split('/')
    return (
      pattern.length === segments.length && pattern.every((part, at) => part === segments[at] || part.startsWith(':'))
    )
  })
  if (stands)
    return new ProblemError(
      405,
      `${method} is not possible here: the service is read-only.`,
      {},
      { Allow: readMethods },
    )
  const near = nearest(
    path,
    paths.filter((known) => !known.includes(':')),
  )
  return new ProblemError(
    404,
    `Nothing stands at ${path.slice(0, 200)}.`,
    near === undefined ? {} : { did_you_mean: near },
  )
}
