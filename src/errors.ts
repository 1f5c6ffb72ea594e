/** The one shape of every error (RFC 9457), and how the error of a request becomes an answer; `refusals.ts` has those without one. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { negotiated, STATUS_CODES } from './http.ts'
import { nearest } from './nearest.ts'
import { InvalidParameters, queryFaults, shorten, unknownParameter } from './query-faults.ts'
import type { ParameterFault, Problem } from './schemas/problem.ts'

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

/** The 400 for faults in parameters; the detail counts them (`total` where not all are listed) and names the first. */
export function invalidRequest(errors: [ParameterFault, ...ParameterFault[]], total = errors.length): ProblemError {
  const [{ parameter, received, reason, did_you_mean }] = errors
  const count = total === 1 ? '1 fault' : `${total} faults, the first`
  const name = parameter === '' ? 'a parameter without a name' : parameter
  const what = received === '' || reason === unknownParameter ? name : `${name} "${received}"`
  const hint = did_you_mean === undefined ? '' : ` Did you mean ${did_you_mean}?`
  return new ProblemError(400, `The request has ${count}: ${what} ${reason}.${hint}`, { errors })
}

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

/** What a client is told of an error, whatever threw it. */
export function asProblemError(error: FastifyError | ProblemError, request: FastifyRequest): ProblemError {
  if (error instanceof ProblemError) return error
  if (error instanceof InvalidParameters) {
    const { faults, total } = queryFaults(error, request)
    const [first, ...rest] = faults
    if (first !== undefined) return invalidRequest([first, ...rest], total)
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
    if (known.statusCode === 406) reply.header('Vary', negotiated)
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

const idTooLong = `An id has at most ${longestId} characters.`
export const addressTooLong = `The address has more than ${longestAddress} characters.`
export const expectationUnmet = 'The service meets no expectation but 100-continue.'
export const headersTooLarge = 'The request headers are too large.'
export const requestTooSlow = 'The request came too slowly.'

/** The methods that every resource has. */
export const readMethods = 'GET, HEAD, OPTIONS'

/** The 405 for a method that changes something, or would open a tunnel. */
export const readOnly = (method: string) =>
  new ProblemError(405, `${method} is not possible here: the service is read-only.`, {}, { Allow: readMethods })
