/** What is asked of a server over HTTP, and how it answered. */
import { connect } from 'node:net'
import autocannon, { type Client, type Instance } from 'autocannon'

export type Load = {
  port: number
  connections: number
  /** The path of all requests, or what gives that of the next. */
  path: string | (() => string)
  headers?: Readonly<Record<string, string>>
  /** How many requests in all, at least one for each connection; without it, as many as there is time for. */
  amount?: number
  /** When to stop, from the start of the load on; without it, when the amount is reached or it is over, or after an hour. */
  seconds?: number
  /** Stops once it says so. */
  isOver?: () => boolean
}

export type Loaded = { requests: number; seconds: number; latencies: number[]; statuses: Map<number, number> }

/** No load takes longer, in seconds. */
const mostSeconds = 3600

/** How often autocannon looks whether it is to stop, in milliseconds. */
const interval = 10

/**
 * Has autocannon keep no bodies: it would make a text of each, for checks that nobody asked for, and of a compressed one
 * that takes four times as long as all else.
 */
function keepNoBodies(client: Client): void {
  const { pipelinedRequests: answers } = client as Client & { pipelinedRequests?: { addBody?: unknown } }
  if (typeof answers?.addBody !== 'function') throw new Error('autocannon keeps bodies otherwise than it did')
  answers.addBody = () => undefined
}

/**
 * Asks until it is over, with one request in flight on each connection; what is then on its way is given up. `latencies`
 * are milliseconds from a request to the end of its answer.
 *
 * @throws Error where a connection breaks, or an answer does not come within ten seconds or at all.
 */
export async function load(options: Load): Promise<Loaded> {
  const { port, connections, path, headers = {}, amount, seconds = mostSeconds, isOver = () => false } = options
  const latencies: number[] = []
  const statuses = new Map<number, number>()
  const origin = `http://127.0.0.1:${port}`
  const running = autocannon({
    url: origin,
    connections,
    // With an amount autocannon knows no time, and without one it has to be told one.
    ...(amount === undefined ? { duration: mostSeconds } : { amount }),
    headers: { ...headers },
    requests: [typeof path === 'string' ? { path } : { setupRequest: (request) => ({ ...request, path: path() }) }],
    setupClient: keepNoBodies,
    sampleInt: interval,
    bailout: 1,
  })
  // It is both, which its types do not say.
  const run = running as unknown as Instance
  const started = performance.now()
  let broken: unknown
  run.on('response', (_client, status, _bytes, milliseconds) => {
    latencies.push(milliseconds)
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    if (isOver()) run.stop()
  })
  run.on('reqError', (error: unknown) => (broken ??= error))
  const late = setTimeout(() => {
    run.stop()
  }, seconds * 1000)
  const result = await running
  clearTimeout(late)
  const taken = (performance.now() - started) / 1000
  if (result.errors > 0) throw new Error(`a request to ${origin} failed`, { cause: broken })
  // Where a server closes a connection, autocannon opens another and says nothing.
  const lost = result.requests.sent - latencies.length
  if (lost > connections)
    throw new Error(`${origin} left ${lost} of ${result.requests.sent} requests without an answer`)
  return { requests: latencies.length, seconds: taken, latencies, statuses }
}

/**
 * Reads a file to its end and counts its lines. By HTTP/1.0, where a file comes as it is and ends with the connection,
 * and into one buffer over and over: node:http takes as long for a row of a file as the server that is measured.
 *
 * @throws Error where the connection breaks or the answer is no 200.
 */
export function countLines(port: number, path: string): Promise<{ lines: number; seconds: number }> {
  const started = performance.now()
  const buffer = Buffer.allocUnsafe(65_536)
  let head = ''
  let isBody = false
  let lines = 0
  const read = (length: number) => {
    let piece = buffer.subarray(0, length)
    if (!isBody) {
      const before = head.length
      head += piece.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return true
      isBody = true
      piece = piece.subarray(end + 4 - before)
    }
    for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines += 1
    return true
  }
  return new Promise((done, failed) => {
    const socket = connect({ port, host: '127.0.0.1', onread: { buffer, callback: read } })
    socket.on('connect', () => socket.write(`GET ${path} HTTP/1.0\r\nHost: bench\r\n\r\n`))
    socket.on('error', failed)
    socket.on('close', () => {
      const status = /^HTTP\/1\.[01] (\d{3}) /.exec(head)?.[1]
      if (status === '200' && isBody) done({ lines, seconds: (performance.now() - started) / 1000 })
      else failed(new Error(`${path}: expected 200, got ${status ?? 'no answer'}`))
    })
  })
}
