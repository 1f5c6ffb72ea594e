/** What is used of node:http, and what is done beneath it. */
import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * What of node:http is needed when the service starts. An import would read all that the module exports, among it WebSocket and
 * its like, for which Node then loads its HTTP client.
 */
export const { createServer, METHODS, STATUS_CODES } = process.getBuiltinModule('node:http')

/** How often a request names its host. Node keeps the first of them; more than one is an error (RFC 9112, section 3.2). */
export function countHosts({ rawHeaders }: IncomingMessage): number {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1
  }
  return count
}

/** What an answer depends on that is negotiated: its format and its coding. */
export const negotiated = 'accept, accept-encoding'

/** How long an answer may be kept that changes with the release alone. */
export const lasting = 'public, max-age=300, stale-while-revalidate=86400'

/** How long a connection stays open that asks for nothing more, in milliseconds. */
export const keepAliveTimeout = 72_000

/**
 * Has Node write into the head of an answer how long the connection is kept. It does so where it sees to that itself, and has no public
 * name for it; tests hold what is sent to what Node writes.
 */
export function tellHowLongKept(response: ServerResponse): void {
  Object.assign(response, { _keepAliveTimeout: keepAliveTimeout })
}

/**
 * Header fields as they stand in a head, a line each. What `join` makes is one text in memory; `+` would leave pieces, and each answer
 * with them would put these together anew.
 */
export const linesOf = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')

/**
 * Answers with header fields that stand in lines already: to have Node put the same head together again and again takes a sixth of
 * the time of an answer. Node has no public way to say so: `_header` is where it keeps a head until it is sent, and tests hold what is
 * sent so to what Node writes. Where the connection may not be kept, Node writes the head.
 *
 * @param lines as of `linesOf`, of what Node's server may send; with the length of the body in bytes, unless there is none.
 * @param body as text where it is text already: with its head Node then writes it as one piece, which takes less than two.
 */
export function answer(response: ServerResponse, status: number, lines: string, body?: Buffer | string): void {
  if (response.shouldKeepAlive && response.req.httpVersion === '1.1' && !response.hasHeader('Connection')) {
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines}${endOfHead()}`
    response.statusCode = status
    ;(response as ServerResponse & { _header: string })._header = head
  } else {
    tellHowLongKept(response)
    response.writeHead(status, lines.split('\r\n').slice(0, -1).flatMap(fieldOf))
  }
  response.end(body)
}

function fieldOf(line: string): [string, string] {
  const colon = line.indexOf(': ')
  return [line.slice(0, colon), line.slice(colon + 2)]
}

// No second at all: a machine whose clock has not been set yet may be in the very first of 1970.
let end = { second: NaN, lines: '' }

/** What Node writes below all other header fields, of an answer after which the connection is kept. */
function endOfHead(): string {
  const second = Math.trunc(Date.now() / 1000)
  if (second !== end.second) {
    const date = new Date(second * 1000).toUTCString()
    const headers = { Date: date, Connection: 'keep-alive', 'Keep-Alive': `timeout=${keepAliveTimeout / 1000}` }
    end = { second, lines: `${linesOf(headers)}\r\n` }
  }
  return end.lines
}
