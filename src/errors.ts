/** The one shape of every error (RFC 9457), and the one place where errors become answers. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { STATUS_CODES, tellHowLongKept } from './http.ts'
import { nearest, type NamesOf } from './nearest.ts'
import type { ParameterFault, Problem } from './schemas/problem.ts'
import type { TermLookup } from './schemas/query.ts'

/** The kinds of problem, by status: the slug of their address, and what people are told of the kind. */
export const problemKinds = {
  400: {
    slug: 'invalid-request',
    title: 'Invalid request',
    about:
      'A parameter is unknown, given twice, empty or not allowed. `errors` names every fault, the first ten with the nearest right name.',
  },
  404: {
    slug: 'not-found',
    title: 'Not found',
    about: 'Nothing stands at this address. `did_you_mean` names the nearest id.',
  },
  405: {
    slug: 'method-not-allowed',
    title: 'Method not allowed',
    about: 'The service is read-only; `Allow` lists its methods.',
  },
  406: {
    slug: 'not-acceptable',
    title: 'Not acceptable',
    about: 'The resource has none of the formats that `Accept` asks for.',
  },
  408: { slug: 'request-timeout', title: 'Request timeout', about: 'The request came too slowly.' },
  414: {
    slug: 'uri-too-long',
    title: 'URI too long',
    about: 'An address has at most 8,000 characters, an id in it 200. Ask for fewer terms at a time.',
  },
  417: {
    slug: 'expectation-failed',
    title: 'Expectation failed',
    about: '`Expect` names what the service does not do.',
  },
  429: {
    slug: 'too-many-requests',
    title: 'Too many requests',
    about: 'Ask again after the seconds in `Retry-After`.',
  },
  431: {
    slug: 'header-fields-too-large',
    title: 'Request header fields too large',
    about: 'Address and headers together have at most 16 KiB.',
  },
  500: {
    slug: 'internal-error',
    title: 'Internal error',
    about: 'The fault is ours; the request id helps to find it.',
  },
  503: { slug: 'unavailable', title: 'Unavailable', about: 'Ask again after the seconds in `Retry-After`.' },
} as const

/** The longest address that is read; RFC 9110, section 4.1, wants at least 8,000 octets. */
export const longestAddress = 8000

/** The longest id in a path that is looked up; no id is longer than a hundred characters. */
export const longestId = 200

/** An error that says what the client is to know. */
export class ProblemError extends Error {
  readonly statusCode: number
  readonly extra: Pick<Problem, 'errors' | 'did_you_mean'>
  readonly headers: Readonly<Record<string, string>>

  constructor(
    statusCode: number,
    detail: string,
    extra: Pick<Problem, 'errors' | 'did_you_mean'> = {},
    headers: Record<string, string> = {},
  ) {
    super(detail)
    this.name = 'ProblemError'
    this.statusCode = statusCode
    this.extra = extra
    this.headers = headers
  }
}

/** The 503 for what is not possible at the moment; in ten seconds it may be. */
export const unavailable = (detail: string): ProblemError => new ProblemError(503, detail, {}, { 'Retry-After': '10' })

/** More faults than this are counted, not listed: the answer must not grow with the request. */
const mostFaults = 100

/** The 400 for faults in parameters; the detail counts them (`total` where not all are listed) and names the first. */
export function invalidRequest(errors: [ParameterFault, ...ParameterFault[]], total = errors.length): ProblemError {
  const [{ parameter, received, reason, did_you_mean }] = errors
  const count = total === 1 ? '1 fault' : `${total} faults, the first`
  const name = parameter === '' ? 'a parameter without a name' : parameter
  const what = received === '' || reason === unknownParameter ? name : `${name} "${received}"`
  const hint = did_you_mean === undefined ? '' : ` Did you mean ${did_you_mean}?`
  return new ProblemError(400, `The request has ${count}: ${what} ${reason}.${hint}`, { errors })
}

const unknownParameter = 'is not a parameter of this resource'

/** The 404 for an id that does not exist. */
export function unknownId(kind: string, id: string, known: readonly string[]): ProblemError {
  const near = nearest(id, known)
  const hint = near === undefined ? '' : ` Did you mean ${near}?`
  return new ProblemError(
    404,
    `There is no ${kind} ${id === '' ? 'without an id' : shorten(id)}.${hint}`,
    near === undefined ? {} : { did_you_mean: near },
  )
}

/** Lists longer than this are left to /v1/vocabularies and its like. */
const mostAllowed = 100

const shorten = (text: string) => (text.length > 200 ? `${text.slice(0, 200)}…` : text)

/** The headers that a page of another origin may read. */
export const exposedHeaders = [
  ...['ETag', 'Link', 'Retry-After', 'Content-Disposition', 'X-Request-Id'],
  ...['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'],
]

const sameForAll = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': exposedHeaders.join(', '),
}

/** What every answer to a request that could be read carries. */
export const everyAnswer = ({ id }: { id: string }) => ({ 'X-Request-Id': id, ...sameForAll })

/** A problem as JSON; `base` goes before the address of its kind. */
export function problem(status: number, detail: string, instance: string, base = '', extra: object = {}): Problem {
  const kind = (problemKinds as Record<number, { slug: string; title: string }>)[status]
  return {
    type: kind === undefined ? 'about:blank' : `${base}/#problem-${kind.slug}`,
    title: kind?.title ?? STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    instance: instance.startsWith('/') ? `${base}${instance}` : instance,
    ...extra,
  }
}

/** What other services call a parameter, for whoever comes from there. */
const customaryNames: Readonly<Record<string, readonly string[]>> = {
  metric: ['indicator', 'variable', 'series'],
  place: ['country', 'location', 'region', 'geo'],
  document: ['source', 'reference'],
  year: ['date', 'time', 'period'],
  year_from: ['start', 'since', 'after'],
  year_to: ['to', 'end', 'until', 'before'],
  q: ['query', 'search', 'text', 'keyword'],
  fields: ['columns', 'select'],
  facet: ['group', 'group-by', 'aggregate'],
  sort: ['order', 'order-by', 'sort-by', 'ordering'],
  limit: ['size', 'count', 'per-page', 'page-size', 'rows', 'top', 'take', 'first'],
  cursor: ['page', 'offset', 'skip', 'start-index'],
  format: ['output', 'f'],
}
const customary: NamesOf = (parameter) => customaryNames[parameter] ?? []

const parameterNames = (schema: unknown) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : [])

/** One thing that zod found wrong with a query, and the parameter that it is about. */
type QueryIssue = { issue: z.core.$ZodIssue; parameter: string; index?: number }

const issuesByParameter = (issues: readonly z.core.$ZodIssue[]): QueryIssue[] =>
  issues.flatMap((issue): QueryIssue[] => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((parameter) => ({ issue, parameter }))
    const [parameter, index] = issue.path
    return [{ issue, parameter: String(parameter), ...(typeof index === 'number' && { index }) }]
  })

/** For so many faults the nearest word is looked for, which takes longer than all else that is done for a request. */
const mostHints = 10

/**
 * An issue as a fault of its parameter; `first` where it is the first of that parameter, which lists what is allowed, and
 * `hinted` where the nearest word is to be named.
 */
function queryFault(
  { issue, parameter, index }: QueryIssue,
  { first, hinted }: { first: boolean; hinted: boolean },
  request: FastifyRequest,
): ParameterFault {
  const raw = (request.query as Record<string, string | string[] | undefined>)[parameter]
  const whole = [raw].flat().join(',')
  const received = index === undefined ? whole : (whole.split(',')[index] ?? '')
  const fault = { parameter: shorten(parameter), received: shorten(received) }
  const known = parameterNames(request.routeOptions.schema?.querystring)
  const among = (reason: string, allowed: readonly string[], word = received, namesOf?: NamesOf) => {
    const near = hinted ? nearest(word, allowed, namesOf) : undefined
    return {
      ...fault,
      reason,
      ...(first && allowed.length > 0 && allowed.length <= mostAllowed && { allowed: [...allowed] }),
      ...(near !== undefined && { did_you_mean: near }),
    }
  }
  if (issue.code === 'unrecognized_keys') return among(unknownParameter, known, parameter, customary)
  const isRule = issue.code === 'custom' && issue.params?.['between'] === true
  // What takes several terms is refused as a whole for their number, or by a rule between parameters.
  if (index === undefined && Array.isArray(raw) && issue.code !== 'too_big' && !isRule)
    return { ...fault, reason: 'is given more than once' }
  if (received === '') return { ...fault, reason: 'is empty' }
  if (issue.code === 'invalid_value') return among('is not known', issue.values.map(String))
  if (issue.code === 'custom' && issue.params?.['around'] !== undefined) {
    const { around, namesOf } = issue.params as { around: TermLookup['around']; namesOf?: NamesOf }
    return among('is not known', hinted ? around(received) : [], received, namesOf)
  }
  return { ...fault, reason: issue.message }
}

/** What zod finds wrong with the parameters of a request. */
class InvalidParameters extends Error {
  readonly issues: readonly z.core.$ZodIssue[]
  constructor({ issues, message }: z.ZodError) {
    super(message)
    this.issues = issues
  }
}

/** Has Fastify read parameters by zod. */
export const validatorCompiler =
  ({ schema }: { schema: z.ZodType }) =>
  (value: unknown) => {
    const { data, error } = schema.safeParse(value)
    return error === undefined ? { value: data } : { error: new InvalidParameters(error) }
  }

/** What a client is told of an error, whatever threw it. */
export function asProblemError(error: FastifyError | ProblemError, request: FastifyRequest): ProblemError {
  if (error instanceof ProblemError) return error
  if (error instanceof InvalidParameters) {
    const issues = issuesByParameter(error.issues)
    // What is not known at all comes first: it is the likeliest slip.
    const listed = issues
      .toSorted((a, b) => Number(b.issue.code === 'unrecognized_keys') - Number(a.issue.code === 'unrecognized_keys'))
      .slice(0, mostFaults)
    const firsts = new Map(listed.toReversed().map((issue) => [issue.parameter, issue]))
    const [first, ...rest] = listed.map((issue, at) =>
      queryFault(issue, { first: firsts.get(issue.parameter) === issue, hinted: at < mostHints }, request),
    )
    if (first !== undefined) return invalidRequest([first, ...rest], issues.length)
  }
  const status = error.statusCode ?? 500
  // The static files of Swagger UI forbid a path such as `.`, at which nothing stands.
  if (status === 403) return new ProblemError(404, `Nothing stands at ${shorten(request.url)}.`)
  if (status === 429) return new ProblemError(429, 'Too many requests from this address; ask again later.')
  // What Fastify itself refuses (a malformed address or body) carries a message made for clients.
  if (status >= 400 && status < 500) return new ProblemError(status, shorten(error.message))
  return new ProblemError(500, 'Something went wrong on our side.')
}

/** Fastify's error handler: every error, whatever threw it, becomes a problem; what is ours is logged and not told. */
export function errorHandler(base: string) {
  return (error: FastifyError | ProblemError, request: FastifyRequest, reply: FastifyReply): void => {
    const known = asProblemError(error, request)
    // What was refused on purpose, as under overload, is told by the line of its request; a stack would add to the load.
    if (known.statusCode >= 500 && error !== known) request.log.error(error)
    void reply
      .code(known.statusCode)
      .headers(known.headers)
      .header('Cache-Control', 'no-store')
      .removeHeader('ETag')
      .removeHeader('Link')
      .removeHeader('Content-Disposition')
      .removeHeader('Content-Encoding')
      .type('application/problem+json')
      // As a buffer, so that no schema of a route is taken for the body's.
      .send(Buffer.from(JSON.stringify(problem(known.statusCode, known.message, request.url, base, known.extra))))
  }
}

/**
 * What Fastify refuses before it has a route, such as a malformed address: no hook runs, so the headers of every answer
 * are set here.
 */
export function frameworkErrorHandler(base: string) {
  const handle = errorHandler(base)
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    void reply.headers(everyAnswer(request))
    // Fastify's own words for it begin with the address, which may be longer than what is told.
    const told: Partial<Record<string, ProblemError>> = {
      FST_ERR_MAX_PARAM_LENGTH: new ProblemError(414, idTooLong),
      FST_ERR_BAD_URL: new ProblemError(400, 'The path is not UTF-8, percent-encoded.'),
    }
    handle(told[error.code] ?? error, request, reply)
  }
}

/** What Node refused before Fastify saw it; bytes that are no HTTP have neither method nor address. */
export type Refusal = { status: number; id: string; method?: string; url?: string; socket: Socket }

/** Node's answer to an Expect that it does not know, in the one shape; `refused` hears of it. */
export function expectationHandler(base: string, refused: (refusal: Refusal) => void) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const id = randomUUID()
    const body = Buffer.from(JSON.stringify(problem(417, expectationUnmet, request.url ?? '', base)))
    tellHowLongKept(response)
    response
      .writeHead(417, {
        ...everyAnswer({ id }),
        'Content-Type': 'application/problem+json',
        'Cache-Control': 'no-store',
        'Content-Length': body.length,
      })
      .end(body)
    const { method = '', url = '', socket } = request
    refused({ status: 417, id, method, url, socket })
  }
}

const idTooLong = `An id has at most ${longestId} characters.`
export const addressTooLong = `The address has more than ${longestAddress} characters.`
export const expectationUnmet = 'The service meets no expectation but 100-continue.'
export const headersTooLarge = 'The request headers are too large.'
export const requestTooSlow = 'The request came too slowly.'

/** Whether it is the first line that makes a request too large. */
function hasLongAddress(packet: unknown): boolean {
  if (!Buffer.isBuffer(packet) || !/^[A-Z]+ \//.test(packet.toString('latin1', 0, 20))) return false
  const end = packet.indexOf('\r\n')
  return end === -1 || end > longestAddress
}

/** The methods that every resource has. */
export const readMethods = 'GET, HEAD, OPTIONS'

/** The 405 for a method that changes something, or would open a tunnel. */
export const readOnly = (method: string) =>
  new ProblemError(405, `${method} is not possible here: the service is read-only.`, {}, { Allow: readMethods })

/** What Node has against a connection, and the bytes that it could not read, if that was it. */
export type ConnectionError = { code?: string; rawPacket?: unknown }

/** What is told to CONNECT, for which Node has no answer of its own. */
export const connectRefused: ConnectionError = { code: 'CONNECT' }

function faultOfConnection(code: string | undefined, rawPacket: unknown): ProblemError {
  if (code === connectRefused.code) return readOnly('CONNECT')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new ProblemError(408, requestTooSlow)
  if (code === 'HPE_HEADER_OVERFLOW') {
    return hasLongAddress(rawPacket) ? new ProblemError(414, addressTooLong) : new ProblemError(431, headersTooLarge)
  }
  const character = code === 'HPE_INVALID_URL' ? unencodedIn(rawPacket) : undefined
  if (character === undefined) return new ProblemError(400, 'The request is not valid HTTP.')
  const written = encodeURIComponent(character)
  return new ProblemError(400, `The address is not percent-encoded: ${character} is written ${written} there.`)
}

/** The first character of an address that may not stand there as it is, such as the á of `q=bogotá`, where it is a letter or sign. */
function unencodedIn(packet: unknown): string | undefined {
  if (!Buffer.isBuffer(packet)) return undefined
  const [line = ''] = packet.toString('utf8').split('\r\n', 1)
  return /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.exec(line.replaceAll(/[\x00-\x7f\ufffd]/g, ''))?.[0]
}

/** What a connection is told that brought bytes that are not HTTP, or a request too slowly: the same shape, byte for byte. */
export function refusalOf(
  { code, rawPacket }: ConnectionError,
  base: string,
): { status: number; id: string; bytes: string } {
  const { statusCode: status, message: detail, headers } = faultOfConnection(code, rawPacket)
  const body = JSON.stringify(problem(status, detail, '', base))
  const id = randomUUID()
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...Object.entries({ ...everyAnswer({ id }), ...headers }).map(([name, value]) => `${name}: ${value}`),
    'Content-Type: application/problem+json',
    'Cache-Control: no-store',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  // To HEAD the length is told, and no body sent (RFC 9110, section 9.3.2), where what came last shows the method.
  const isHead = Buffer.isBuffer(rawPacket) && rawPacket.toString('latin1', 0, 5) === 'HEAD '
  return { status, id, bytes: `${head.join('\r\n')}\r\n\r\n${isHead ? '' : body}` }
}
