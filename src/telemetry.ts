/** What an operator sees of requests: a line in the log for each that is finished, and metrics on a port of their own. */
import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { type Config, logLevels } from './config.ts'
import { createServer } from './http.ts'
import { type LogOutput, pathOf } from './log.ts'

/** A request that is over, whoever answered it. */
export type FinishedRequest = {
  method: string
  /** Pattern of the route that answered, never the path itself: `/v1/figures/:id`. */
  route: string
  /** As it was asked for, with the query. */
  url: string
  /** Status of the answer; 499 where the client left before there was one. */
  status: number
  /** From the first line of the request to the last byte of the answer, in seconds. */
  seconds: number
  /** What was sent, head and body, as it went over the connection. */
  bytes: number
  request_id: string
  trace: Trace | undefined
  /** Whether the client left before the answer was whole. */
  aborted: boolean
  /** Whether the answer came from the memory of finished answers; left out where that was not asked. */
  cache?: 'hit' | 'miss'
}

/** The routes of requests that no route took, and of bytes that were no request. */
export const unmatchedRoute = 'unmatched'
export const unparsedRoute = 'unparsed'

/** What is asked every few seconds by machines: told in the log only where it fails, or to whom wants every detail. */
const quietRoutes: ReadonlySet<string> = new Set(['/livez', '/readyz'])

/**
 * The level of a request's line: `error` for what is our fault, `warn` for what was refused since it was too much or the
 * process about to stop, `debug` for probes that went well, otherwise `info`.
 */
function levelOf({ route, status }: FinishedRequest) {
  if (status >= 500) return status === 503 ? 'warn' : 'error'
  return quietRoutes.has(route) && status < 400 ? 'debug' : 'info'
}

/** Which lines are wanted, and where they go. */
type Log = { level: Config['LOG_LEVEL']; stream: Pick<LogOutput['stream'], 'write'> }

/**
 * The one function that every finished request goes through, whatever answered it: writes its line and counts it. The
 * line has no address and no header of the client; the query stands in it only where the level is `debug` or `trace`.
 *
 * Each line is put together here as pino would write it, which would take eight times as long for it.
 */
export function requestRecorder(log: Log, metrics?: Pick<Metrics, 'observe'>): (request: FinishedRequest) => void {
  const { pid } = process
  const wanted = new Set(log.level === 'silent' ? [] : logLevels.slice(0, logLevels.indexOf(log.level) + 1))
  const { stream } = log
  return (request) => {
    metrics?.observe(request)
    const level = levelOf(request)
    if (!wanted.has(level)) return
    const { method, route, url, status, seconds, bytes, request_id, trace, aborted, cache } = request
    const query = wanted.has('debug') ? url.slice(url.split('?', 1)[0]?.length) : ''
    // Of these only the address may hold what JSON escapes: Node knows the methods, and ids are letters and digits.
    const asked = `"method":"${method}","route":"${route}","path":${JSON.stringify(pathOf(url))}`
    const searched = query === '' ? '' : `,"query":${JSON.stringify(query)}`
    const answered = `"status":${status},"duration_ms":${Math.round(seconds * 1e6) / 1e3},"bytes":${bytes}`
    const traced = trace === undefined ? '' : `,"trace_id":"${trace.trace_id}","parent_id":"${trace.parent_id}"`
    const ended = `${aborted ? ',"aborted":true' : ''}${cache === undefined ? '' : `,"cache":"${cache}"`}`
    stream.write(
      `{"level":"${level}","time":${Date.now()},"pid":${pid},${asked}${searched},${answered},"request_id":"${request_id}"${traced}${ended},"msg":"request"}\n`,
    )
  }
}

/** Where a request stands in the trace of whoever made it. */
export type Trace = { trace_id: string; parent_id: string }

/**
 * A `traceparent` header, where it is one by W3C Trace Context, section 3.2 (https://www.w3.org/TR/trace-context/):
 * otherwise, as the standard wants, it is as if there were none. Of versions to come only what this one has is read.
 */
export function traceOf(header: string | string[] | undefined): Trace | undefined {
  if (typeof header !== 'string') return undefined
  const fields = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}(-.*)?$/.exec(header)
  if (fields === null) return undefined
  const [, version, trace_id = '', parent_id = '', more] = fields
  const isKnown = version === '00' ? more === undefined : version !== 'ff'
  return isKnown && !/^0+$/.test(trace_id) && !/^0+$/.test(parent_id) ? { trace_id, parent_id } : undefined
}

const told = new WeakMap<Socket, number>()

/**
 * Bytes sent over a connection since this was last asked: as answers are sent one after the other, those of the answer
 * that has just ended.
 */
export function bytesSent(socket: Socket): number {
  const sent = socket.bytesWritten
  const before = told.get(socket) ?? 0
  told.set(socket, sent)
  return sent - before
}

/**
 * Has a request recorded when its answer is whole or its client gone; for each request once, by whoever answers it. What
 * only that one knows is asked for then.
 */
export function recordWhenFinished(
  request: IncomingMessage,
  response: ServerResponse,
  known: () => Pick<FinishedRequest, 'route' | 'request_id' | 'cache'>,
  record: (request: FinishedRequest) => void,
): void {
  const start = performance.now()
  // The answer lets go of its connection when it ends.
  const { socket } = request
  let recorded = false
  const end = (aborted: boolean) => {
    if (recorded) return
    recorded = true
    record({
      method: request.method ?? '',
      url: request.url ?? '',
      status: response.headersSent ? response.statusCode : 499,
      seconds: (performance.now() - start) / 1000,
      bytes: bytesSent(socket),
      trace: traceOf(request.headers['traceparent']),
      aborted,
      ...known(),
    })
  }
  // Before Node's own listener, which sends the next answer of the connection at once.
  response.prependOnceListener('finish', () => {
    end(false)
  })
  response.once('close', () => {
    end(true)
  })
}

/**
 * Records a request that was answered at once; `start` is on the clock of the process. Nothing is spread: to do so takes as long as
 * all else here.
 */
export function recordGiven(
  { method = '', url = '', headers, socket }: IncomingMessage,
  { route, status, request_id, cache }: Required<Pick<FinishedRequest, 'route' | 'status' | 'request_id' | 'cache'>>,
  start: number,
  record: (request: FinishedRequest) => void,
): void {
  const [seconds, bytes] = [(performance.now() - start) / 1000, bytesSent(socket)]
  const trace = traceOf(headers['traceparent'])
  record({ method, route, url, status, seconds, bytes, request_id, trace, aborted: false, cache })
}

/** What Fastify knows of a request when it is over, whether or not it had a route. */
export function knownByFastify(request: FastifyRequest): Pick<FinishedRequest, 'route' | 'request_id'> {
  const { url = unmatchedRoute } = request.routeOptions
  return { route: request.is404 || url === '*' ? unmatchedRoute : url, request_id: request.id }
}

/** Everything that is counted; made only where somebody listens, since the library takes its time to load. */
export type Metrics = {
  /** Counts a finished request. */
  observe: (request: Pick<FinishedRequest, 'method' | 'route' | 'status' | 'seconds' | 'aborted' | 'cache'>) => void
  /** All metrics in the text format of Prometheus, and its media type. */
  expose: () => Promise<{ type: string; text: string }>
}

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Upper bounds of the duration's buckets, in seconds: finished answers take tenths of milliseconds, exports seconds. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/**
 * The metrics of a process that serves a release; `droppedLines` counts those of its log that were. Each label has few values: a route is its pattern, a method that
 * nothing here answers is `other`. What is counted of one kind of request is looked up once.
 */
export async function createMetrics(
  labels: { version: string; release: string; digest: string },
  droppedLines: () => number,
): Promise<Metrics> {
  const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = await import('prom-client')
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'service_info',
    help: 'Version of the code, version and digest of the release that is served; always 1.',
    labelNames: ['version', 'release', 'digest'],
    registers,
  }).set(labels, 1)
  new Counter({
    name: 'log_lines_dropped_total',
    help: 'Lines of the log that were dropped, since its output had stood still for too long.',
    registers,
    collect() {
      this.reset()
      this.inc(droppedLines())
    },
  })
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests finished, by method, pattern of the route and status.',
    labelNames: ['method', 'route', 'status'],
    registers,
  })
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'From the first line of a request to the last byte of its answer, by pattern of the route.',
    labelNames: ['route'],
    buckets,
    registers,
  })
  const aborted = new Counter({
    name: 'http_requests_aborted_total',
    help: 'Requests whose client left before the answer was whole, by pattern of the route.',
    labelNames: ['route'],
    registers,
  })
  const cached = new Counter({
    name: 'http_cache_requests_total',
    help: 'Requests that the memory of finished answers could answer (hit) or could not (miss).',
    labelNames: ['result'],
    registers,
  })
  type Kind = { count: { inc: () => void }; duration: { observe: (seconds: number) => void } }
  const kinds = new Map<string, Kind>()
  return {
    observe: (request) => {
      const { route, status, seconds, cache } = request
      const method = methods.has(request.method) ? request.method : 'other'
      const name = `${method} ${status} ${route}`
      let kind = kinds.get(name)
      if (kind === undefined) {
        kind = { count: requests.labels(method, route, String(status)), duration: durations.labels(route) }
        kinds.set(name, kind)
      }
      kind.count.inc()
      kind.duration.observe(seconds)
      if (request.aborted) aborted.inc({ route })
      if (cache !== undefined) cached.inc({ result: cache })
    },
    expose: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  }
}

/**
 * Serves the metrics at /metrics, and nothing else, on an address of their own.
 *
 * @throws Error where it cannot listen.
 */
export async function serveMetrics(metrics: Metrics, { host, port }: { host: string; port: number }): Promise<Server> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    const refuse = (status: number, headers = {}) => response.writeHead(status, headers).end()
    if (request.url?.split('?', 1)[0] !== '/metrics') return refuse(404)
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, { Allow: 'GET, HEAD' })
    metrics.expose().then(
      ({ type, text }) => {
        response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) })
        response.end(request.method === 'HEAD' ? undefined : text)
      },
      () => refuse(500),
    )
    return response
  })
  server.listen({ host, port })
  await once(server, 'listening')
  return server
}
