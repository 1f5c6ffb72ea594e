/** What Node refuses on a connection before there is a request for Fastify, told in the one shape of every error. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import {
  addressTooLong,
  everyAnswer,
  expectationUnmet,
  headersTooLarge,
  longestAddress,
  problem,
  ProblemError,
  readOnly,
  requestTooSlow,
} from './errors.ts'
import { METHODS, STATUS_CODES, tellHowLongKept } from './http.ts'

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

/** What Node has against a connection, and the bytes that it could not read, if that was it. */
export type ConnectionError = { code?: string; rawPacket?: unknown }

/** The line that a request begins with (RFC 9112, section 3), the method by itself. */
const requestLine = /^([!#$%&'*+\-.^`|~\w]{1,40}) \S+ HTTP\/1\.[01]\r?\n/

/** What is told to CONNECT, for which Node has no answer of its own. */
export const connectRefused: ConnectionError = { code: 'CONNECT' }

/** The bytes of a packet as text, one character each; of none, no text. */
const latin1Of = (packet: unknown, end?: number) => (Buffer.isBuffer(packet) ? packet.toString('latin1', 0, end) : '')

/** Whether it is the first line that makes a request too large. */
function hasLongAddress(packet: unknown): boolean {
  if (!Buffer.isBuffer(packet) || !/^[A-Z]+ \//.test(packet.toString('latin1', 0, 20))) return false
  const end = packet.indexOf('\r\n')
  return end === -1 || end > longestAddress
}

function faultOfConnection(code: string | undefined, rawPacket: unknown): ProblemError {
  if (code === connectRefused.code) return readOnly('CONNECT')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new ProblemError(408, requestTooSlow)
  if (code === 'HPE_HEADER_OVERFLOW') {
    return hasLongAddress(rawPacket) ? new ProblemError(414, addressTooLong) : new ProblemError(431, headersTooLarge)
  }
  // Of several requests that came together the first is known, and which of the others is meant cannot be told.
  const method = code === 'HPE_INVALID_METHOD' ? requestLine.exec(latin1Of(rawPacket))?.[1] : undefined
  if (method !== undefined && !METHODS.includes(method)) return readOnly(method)
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
    // Which Node adds only to what it writes itself (RFC 9110, section 6.6.1).
    `Date: ${new Date().toUTCString()}`,
    'Content-Type: application/problem+json',
    'Cache-Control: no-store',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  // To HEAD the length is told, and no body sent (RFC 9110, section 9.3.2), where what came last shows the method.
  const isHead = latin1Of(rawPacket, 5) === 'HEAD '
  return { status, id, bytes: `${head.join('\r\n')}\r\n\r\n${isHead ? '' : body}` }
}
