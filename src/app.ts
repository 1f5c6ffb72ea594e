/** The table of contents of the service: what every request passes, then every route. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { constants } from 'node:zlib'
import compress from '@fastify/compress'
import cors from '@fastify/cors'
import proxyAddr from '@fastify/proxy-addr'
import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import Fastify, { type FastifyInstance, type onSendHookHandler, type RouteOptions } from 'fastify'
import type { Config } from './config.ts'
import { openConnections } from './connections.ts'
import type { Db } from './db/client.ts'
import { openComparisons } from './db/comparisons.ts'
import { getRelease, listKnownTerms, openNames } from './db/dataset.ts'
import { openFigureIndex } from './db/search.ts'
import {
  addressTooLong,
  everyAnswer,
  expectationHandler,
  exposedHeaders,
  frameworkErrorHandler,
  longestAddress,
  longestId,
  ProblemError,
  type Refusal,
  validatorCompiler,
} from './errors.ts'
import { onFirstUse } from './first-use.ts'
import { countHosts, createServer, keepAliveTimeout, tellHowLongKept } from './http.ts'
import { logOptions, RequestLog, type LogOutput } from './log.ts'
import { version } from './openapi.ts'
import { openRequestCounts } from './rate-limit.ts'
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

declare module 'fastify' {
  // Merged into Fastify's own declaration, which only an interface can be.
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions
  interface FastifyInstance {
    /** The OpenAPI document of the routes. */
    openapi: () => Promise<object>
  }
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
    // Once for each address that a name such as localhost stands for.
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
      throw new ProblemError(503, 'The service is overloaded; ask again later.', {}, { 'Retry-After': '10' })
    },
  })
  await app.register(compress, {
    encodings: ['br', 'gzip'],
    // Nothing here takes a body.
    globalDecompression: false,
    threshold: 1024,
    customTypes: /^(?:text\/|image\/svg\+xml|application\/(?:javascript|(?:.+\+|x-|x-nd)?(?:json|yaml)))/,
    brotliOptions: {
      params: {
        // Quality 11, the default, takes twenty times as long for a tenth less.
        [constants.BROTLI_PARAM_QUALITY]: 5,
        // Of 1 MB: the default, of 4, takes four times the memory for each file that is on its way, for a thirtieth less.
        [constants.BROTLI_PARAM_LGWIN]: 20,
      },
    },
  })
  app.addHook('onRoute', (route) => {
    route.onSend = [route.onSend ?? []].flat().map(unlessKept)
  })
  app.addHook('onSend', keepAnswers(memory))
  // Fastify says so to requests that come later, not to those that it was answering.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing) reply.header('Connection', 'close')
    done(null, payload)
  })
  app.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD') return
    // The length that Fastify gives a HEAD is that of the answer before it would have been compressed.
    route.onSend = [
      // Fastify would read a file to its end, with nobody to take it, after the answer is sent.
      async (_request, _reply, payload) => (payload instanceof Readable ? emptied(payload) : payload),
      ...[route.onSend ?? []].flat(),
      async (request, reply, payload) => {
        const mayBeCompressed = /br|gzip|\*/.test(request.headers['accept-encoding'] ?? '')
        if (mayBeCompressed || reply.statusCode === 304) reply.removeHeader('Content-Length')
        return payload
      },
    ]
  })
  const described: RouteOptions[] = []
  app.addHook('onRoute', (route) => {
    if (route.method === 'GET' && route.schema?.hide !== true) described.push(route)
  })
  const documentation = onFirstUse(async () => {
    const { openDocumentation } = await import('./routes/documentation.ts')
    return await openDocumentation(described, base)
  })
  app.decorate('openapi', async () => (await documentation()).swagger())

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

/**
 * A hook of the plugin that compresses, past which an answer goes that `keepAnswers` has compressed already, where it was to be: it
 * would have Node load its HTTP client, only to tell whether the answer is one of that.
 */
function unlessKept(compress: onSendHookHandler): onSendHookHandler {
  return function (request, reply, payload, next) {
    const isKept =
      request.getDecorator<string>('question') !== '' && reply.statusCode === 200 && Buffer.isBuffer(payload)
    if (isKept) next(null, payload)
    else compress.call(this, request, reply, payload, next)
  }
}

/** An empty stream in place of one that is not read. */
function emptied(payload: Readable): Readable {
  payload.destroy()
  return Readable.from([])
}

/** What would build a compiler of schemas, where one is set for all of them. */
function neverBuilt(): never {
  throw new Error('a schema is compiled by none of the compilers that are set')
}

/** Whom to believe about the address of a client, as a test of each proxy on the way. */
function trusted(setting: Config['TRUST_PROXY']): (address: string, hop: number) => boolean {
  if (typeof setting === 'boolean') return () => setting
  return typeof setting === 'number' ? (_address, hop) => hop < setting : proxyAddr.compile(setting)
}

/** A request's id: taken from the client where it is harmless in a log, otherwise our own. */
function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID()
}

/** Why a request is refused whatever it asks for. */
function faultOf(request: IncomingMessage): ProblemError | undefined {
  const { method, url = '', httpVersion } = request
  if (!url.startsWith('/') && method !== 'OPTIONS')
    return new ProblemError(400, 'The target of the request is no path.')
  if (!isWellFormed(url)) return new ProblemError(400, 'The query is not UTF-8, percent-encoded.')
  // The next page of a query that was short enough is never refused: its cursor makes it longer.
  const room = url.includes('cursor=') ? 1000 : 0
  if (url.length > longestAddress + room) return new ProblemError(414, addressTooLong)
  const hosts = countHosts(request)
  if (httpVersion === '1.1' && hosts === 0) return new ProblemError(400, 'The request names no Host.')
  if (hosts > 1) return new ProblemError(400, 'The request names more than one Host.')
  return undefined
}

/**
 * Reads a target with scheme and authority, as clients write it to proxies but may to anybody, as a path on that host (RFC 9112,
 * section 3.2.2).
 */
function readTarget(request: IncomingMessage): void {
  const { url = '' } = request
  if (url.startsWith('/')) return
  const [, host, path = ''] = /^https?:\/\/([^/?#]+)(.*)$/i.exec(url) ?? []
  if (host === undefined) return
  if (request.headers.host !== undefined) request.headers.host = host
  request.url = path.startsWith('/') ? path : `/${path}`
}

/** Whether every escape of an address stands for UTF-8; what does not would be taken for other words. */
function isWellFormed(url: string): boolean {
  try {
    decodeURIComponent(url)
    return true
  } catch {
    return false
  }
}
