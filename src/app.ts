/** The table of contents of the service: what every request passes, then every route. */
import cors from '@fastify/cors'
import proxyAddr from '@fastify/proxy-addr'
import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify'
import { compressAnswers } from './compression.ts'
import type { Config } from './config.ts'
import { openConnections } from './connections.ts'
import type { Db } from './db/client.ts'
import { openComparisons } from './db/comparisons.ts'
import { getRelease, listKnownTerms, openNames } from './db/dataset.ts'
import { openFigureIndex } from './db/search.ts'
import { everyAnswer, exposedHeaders, frameworkErrorHandler, longestId, unavailable } from './errors.ts'
import { onFirstUse } from './first-use.ts'
import { createServer, keepAliveTimeout, tellHowLongKept } from './http.ts'
import { logOptions, RequestLog, type LogOutput } from './log.ts'
import { version } from './openapi.ts'
import { validatorCompiler } from './query-faults.ts'
import { openRequestCounts } from './rate-limit.ts'
import { expectationHandler, type Refusal } from './refusals.ts'
import { faultOf, readTarget, requestId, trusted } from './requests.ts'
import { chartRoutes } from './routes/charts.ts'
import { citationRoutes } from './routes/citations.ts'
import { comparisonRoutes } from './routes/comparisons.ts'
import { coverageRoutes } from './routes/coverage.ts'
import { datasetRoutes } from './routes/dataset.ts'
import { documentRoutes } from './routes/documents.ts'
import { errorPages } from './routes/error-pages.ts'
import { figureRoutes } from './routes/figures.ts'
import { findableRoutes } from './routes/findable.ts'
import { addPageHeaders } from './routes/headers.ts'
import { healthRoutes } from './routes/health.ts'
import { landingRoutes } from './routes/landing.ts'
import { givenBeforeRouting, keepAnswers, openMemory, type Memory } from './routes/memory.ts'
import { metricRoutes } from './routes/metrics.ts'
import { dropMarks, pageRoutes } from './routes/pages.ts'
import type { Service } from './routes/resource.ts'
import { seriesRoutes } from './routes/series.ts'
import { serviceRoutes } from './routes/service.ts'
import { targetRoutes } from './routes/targets.ts'
import { answerUnmatched } from './routes/unmatched.ts'
import { openViews } from './routes/views.ts'
import { wellKnownRoutes } from './routes/well-known.ts'
import {
  bytesSent,
  knownByFastify,
  recordGiven,
  recordWhenFinished,
  requestRecorder,
  unmatchedRoute,
  unparsedRoute,
  type Metrics,
} from './telemetry.ts'

export type AppOptions = {
  /** An open database; the caller closes it. */
  db: Db
  config: Pick<Config, 'LOG_LEVEL' | 'PUBLIC_URL' | 'RATE_LIMIT_MAX' | 'SECURITY_CONTACT' | 'TRUST_PROXY'>
  /** Where the log goes, line by line; standard output where nothing is said. */
  log?: LogOutput['stream']
  /** What counts requests; nothing, where it is left out. */
  metrics?: Metrics
  /** Aborted when the process is about to stop: then the service is not ready for more, though it answers on. */
  stopping?: AbortSignal
  /** From which delay of the event loop on, in milliseconds, requests are shed; 0 for never. */
  maxEventLoopDelay?: number
  /** How long a request may take to arrive, in milliseconds; what takes longer is a 408. */
  requestTimeout?: number
  /** How long a client may take nothing of what it asked for, in milliseconds; then the connection ends, with all that it holds. */
  standstill?: number
  /** How long a connection is kept that asks for nothing more, in milliseconds, whatever is said of it. */
  idle?: number
  /** Where finished answers are kept, of this service alone. */
  memory?: Memory
}

/** The service over an open database, to listen or to be injected. It opens nothing and reads no environment. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const {
    db,
    config,
    log = process.stdout,
    metrics,
    stopping,
    maxEventLoopDelay = 1000,
    requestTimeout = 10_000,
    standstill = 60_000,
    // A second more than is said, for what is under way.
    idle = keepAliveTimeout + 1000,
    memory = openMemory(),
  } = options
  const base = config.PUBLIC_URL ?? ''
  const { titleOf, namesOf } = openNames(db)
  const index = openFigureIndex(db)
  const service: Service = {
    db,
    index,
    comparisons: openComparisons(index),
    release: getRelease(db),
    known: { ...listKnownTerms(db), namesOf },
    titleOf,
    version,
    memory,
    link: (path) => `${base}${path}`,
    // No other text of the data begins like an address of this service.
    withLinks: (json) =>
      base === '' ? json : json.toString().replaceAll('":"/v1/', () => `":${JSON.stringify(base).slice(0, -1)}/v1/`),
  }
  const views = openViews(service)
  const trustProxy = trusted(config.TRUST_PROXY)
  const counts = openRequestCounts(minute)
  // What was answered before is given again before anything else is done, but counts against the limit all the same.
  const giveAgain = givenBeforeRouting(memory, (request) => {
    const { current, ttl } = counts.count(proxyAddr(request, trustProxy))
    if (current > config.RATE_LIMIT_MAX) return null
    const id = requestId(request)
    // Written out, since this is done more often than anything else.
    const limit = `x-ratelimit-limit: ${config.RATE_LIMIT_MAX}\r\nx-ratelimit-remaining: ${config.RATE_LIMIT_MAX - current}`
    const lines = `x-request-id: ${id}\r\n${limit}\r\nx-ratelimit-reset: ${Math.ceil(ttl / 1000)}\r\n`
    return { id, lines }
  })
  let isClosing = false
  const connections = openConnections({ requestTimeout, standstill, idle, base, refused: recordRefusal })
  const app = Fastify({
    logger: { ...logOptions(config.LOG_LEVEL), stream: log },
    logController: new RequestLog(),
    trustProxy,
    genReqId: requestId,
    // Nothing here takes a body.
    bodyLimit: 1024,
    routerOptions: { maxParamLength: longestId },
    // Called once: with a server of our own, Fastify listens on one address, even where a name such as localhost has two.
    serverFactory: (route) => {
      const server = createServer(
        {
          requestTimeout,
          headersTimeout: requestTimeout,
          // Node looks only every half a minute unless told otherwise, so that slow requests would have four times as long.
          connectionsCheckingInterval: requestTimeout / 10,
          // With each request Node would take a timer away and set another; connections are looked after together, below.
          keepAliveTimeout: 0,
          // A missing Host is refused below, as a problem.
          requireHostHeader: false,
          // Of a request without a body nothing is to be read: it needs none of what ends a stream.
          optimizeEmptyRequests: true,
        },
        (request, response) => {
          connections.note(request)
          readTarget(request)
          const start = performance.now()
          // While it closes, routing tells clients to close their connections.
          const given = isClosing ? undefined : giveAgain(request, response)
          if (given === undefined) {
            tellHowLongKept(response)
            route(request, response)
          } else recordGiven(request, given, start, record)
        },
      )
      connections.seeTo(server)
      server.prependListener('checkExpectation', connections.note)
      server.on('checkExpectation', expectationHandler(base, recordRefusal))
      return server
    },
    // Where none are named, Fastify loads its own, which are a fifth of all modules.
    schemaController: { compilersFactory: { buildValidator: neverBuilt, buildSerializer: neverBuilt } },
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => {
      recordWhenFinished(request.raw, reply.raw, () => knownByFastify(request), record)
      answerFrameworkError(error, request, reply)
    },
    clientErrorHandler: connections.onError,
  })
  const record = requestRecorder({ level: config.LOG_LEVEL, stream: log }, metrics)
  const answerFrameworkError = frameworkErrorHandler(base)
  app.setValidatorCompiler(validatorCompiler)
  // Answers are made by our own queries; tests, not production, hold them to their schemas.
  app.setSerializerCompiler(() => JSON.stringify)
  app.setErrorHandler(errorPages({ ...service, views }))
  app.decorateRequest('answerType', '')
  app.decorateRequest('position', null)
  app.decorateRequest('question', '')
  app.decorateRequest('cache', undefined)
  app.addHook('preClose', async () => {
    isClosing = true
    // Connections whose answer is under way could no longer be told to close, and would be waited for.
    app.server.keepAliveTimeout = 1
  })

  // The first of all hooks: whatever becomes of a request, it is recorded.
  app.addHook('onRequest', (request, reply, next) => {
    const known = () => {
      const cache = request.getDecorator<'hit' | 'miss' | undefined>('cache')
      return { ...knownByFastify(request), ...(cache !== undefined && { cache }) }
    }
    recordWhenFinished(request.raw, reply.raw, known, record)
    next()
  })
  app.addHook('onRequest', (request, reply, next) => {
    reply.headers(everyAnswer(request))
    next(faultOf(request.raw))
  })
  answerUnmatched(app)
  // For preflights alone: what any other answer says to pages of other origins is the same for all of them.
  await app.register(async (preflights) => {
    await preflights.register(cors, {
      origin: '*',
      methods: ['GET', 'HEAD', 'OPTIONS'],
      exposedHeaders,
      maxAge: 86_400,
      strictPreflight: false,
    })
  })
  await app.register(rateLimit, {
    max: config.RATE_LIMIT_MAX,
    timeWindow: minute,
    store: counts.Store,
    // As it is: whoever counts it knows how to read it, and reads it once.
    keyGenerator: ({ ip }) => ip,
  })
  // What the load is measured over, in milliseconds. Of the first two stretches one may hold the start itself, which keeps the
  // event loop from turning and is no load.
  const sampleInterval = 1000
  let shedsFrom = Infinity
  app.addHook('onListen', async () => {
    shedsFrom = performance.now() + 2 * sampleInterval
  })
  await app.register(underPressure, {
    maxEventLoopDelay,
    sampleInterval,
    pressureHandler: (request) => {
      if (performance.now() < shedsFrom) return
      // An overloaded process is alive: to end it would help nobody.
      if (request.routeOptions.url === '/livez') return
      throw unavailable('The service is overloaded; ask again later.')
    },
  })
  await compressAnswers(app)
  app.addHook('onSend', keepAnswers(memory))
  // Fastify says so to requests that come later, not to those that it was answering.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing) reply.header('Connection', 'close')
    done(null, payload)
  })
  const described: RouteOptions[] = []
  app.addHook('onRoute', (route) => {
    if (route.method === 'GET' && route.schema?.hide !== true) described.push(route)
  })
  const documentation = onFirstUse(async () => {
    const { openDocumentation } = await import('./routes/documentation.ts')
    return await openDocumentation(described, base)
  })

  await app.register(async (pages) => {
    await addPageHeaders(pages, base)
    pages.addHook('preValidation', dropMarks(service))
    await pages.register(landingRoutes, { ...service, views })
    await pages.register(pageRoutes, { ...service, views })
    await pages.register(findableRoutes, { ...service, views })
  })
  await app.register(serviceRoutes, { ...service, documentation })
  await app.register(figureRoutes, service)
  await app.register(metricRoutes, service)
  await app.register(seriesRoutes, service)
  await app.register(chartRoutes, service)
  await app.register(documentRoutes, service)
  await app.register(citationRoutes, service)
  await app.register(comparisonRoutes, service)
  await app.register(coverageRoutes, service)
  await app.register(targetRoutes, service)
  await app.register(datasetRoutes, service)
  await app.register(wellKnownRoutes, { base, contact: config.SECURITY_CONTACT })
  await app.register(healthRoutes, { ...service, ...(stopping !== undefined && { stopping }) })

  return app

  /** Records what Node refused before Fastify saw it. */
  function recordRefusal({ status, method, url, id, socket }: Refusal): void {
    record({
      method: method ?? 'other',
      route: url === undefined ? unparsedRoute : unmatchedRoute,
      url: url ?? '',
      status,
      seconds: 0,
      bytes: bytesSent(socket),
      request_id: id,
      trace: undefined,
      aborted: false,
    })
  }
}

const minute = 60_000

/** What would build a compiler of schemas, where one is set for all of them. */
function neverBuilt(): never {
  throw new Error('a schema is compiled by none of the compilers that are set')
}
