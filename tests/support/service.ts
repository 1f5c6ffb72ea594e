/** What the tests of the HTTP face share: a real service on a free port, ways to ask it, and its one error shape. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { Agent, request, type IncomingHttpHeaders } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { afterAll, beforeAll, expect, inject } from 'vitest'
import { buildApp, type AppOptions } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { openDatabase, type Db } from '../../src/db/client.ts'
import type { Page } from '../../src/schemas/envelope.ts'
import { Problem } from '../../src/schemas/problem.ts'
import { fillServedTables } from '../../src/seed/serve.ts'

/** An answer as it came over the wire: nothing decoded, nothing followed. */
export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer }

export type Options = {
  /** Environment variables, over a silent log and a rate limit that no test meets by chance. */
  settings?: Readonly<Record<string, string>>
  /** Changes the facts in the built database before the service opens it; what is served of figures is made anew. */
  prepare?: (db: Db) => void
  /** From which delay of the event loop on requests are shed; never, where nothing is said. */
  maxEventLoopDelay?: number
  /** How long a request may take to arrive, in milliseconds; as in production, where nothing is said. */
  requestTimeout?: number
  /** How long a client may take nothing of what it asked for, in milliseconds; as in production, where nothing is said. */
  standstill?: number
  /** How long a connection is kept that asks for nothing more, in milliseconds; as in production, where nothing is said. */
  idle?: number
  /** Where finished answers are kept; as in production, where nothing is said. */
  memory?: NonNullable<AppOptions['memory']>
  /** Builds the database; that of seed-data/, where nothing is said. */
  build?: (path: string) => void
}

/** A service over a database of its own, on a free port of this machine. */
export async function startService({
  settings = {},
  prepare,
  build = (path) => {
    copyFileSync(inject('builtDatabase'), path)
  },
  maxEventLoopDelay = 0,
  ...others
}: Options = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'service-test-'))
  const path = join(folder, 'metrics.db')
  build(path)
  if (prepare !== undefined) change(path, prepare)
  const db = openDatabase(path)
  const config = readConfig({ LOG_LEVEL: 'silent', RATE_LIMIT_MAX: '1000000000', ...settings })
  // Tests and service share one event loop: what delays it is not the service's load.
  const app = await buildApp({ db, config, maxEventLoopDelay, ...others })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const agent = new Agent({ keepAlive: true })

  return {
    app,
    db,
    /** Changes the database file under the running service. */
    change: (how: (db: Db) => void) => {
      change(path, how)
    },
    /** Asks for a path as a program would. */
    get: (target: string, init?: RequestInit) => fetch(`${url}${target}`, init),
    /** Asks without the headers and the decoding that fetch adds. */
    ask: (target: string, { method = 'GET', headers = {}, body }: Asked = {}) =>
      new Promise<Answer>((answered, failed) => {
        // Stated, since Node leaves it out where a method should have no body, and the body would be the next request.
        const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
        const asked = request(`${url}${target}`, { agent, method, headers: { ...headers, ...length } }, (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', failed)
          response.on('end', () => {
            answered({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) })
          })
        })
        asked.on('error', failed)
        asked.end(body)
      }),
    /** Writes bytes to a socket and reads what comes until the service closes it, which it must within seconds. */
    send: (bytes: string | Buffer) =>
      new Promise<Answer>((answered, failed) => {
        const socket = connect(port, '127.0.0.1')
        const chunks: Buffer[] = []
        socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)))
        socket.setTimeout(5000, () => socket.destroy(new Error('the service left the connection open')))
        socket.on('error', failed)
        socket.on('close', () => {
          answered(parseAnswer(Buffer.concat(chunks)))
        })
        socket.write(bytes)
      }),
    close: async () => {
      agent.destroy()
      // A test may have left an answer unread, which would keep its connection busy for ever.
      app.server.closeAllConnections()
      await app.close()
      db.$client.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Asked = { method?: string; headers?: Readonly<Record<string, string>>; body?: string | Buffer }
export type RunningService = Awaited<ReturnType<typeof startService>>

function change(path: string, how: (db: Db) => void): void {
  // A service reads in one transaction that lasts: who is kept out by it would wait in vain.
  const client = new Sqlite(path, { timeout: 0 })
  try {
    const db = drizzle({ client })
    client.transaction(() => {
      how(db)
      fillServedTables(db)
    })()
  } finally {
    client.close()
  }
}

/** The head and the body of the final HTTP/1.1 message; a chunked body stays as it is. */
function parseAnswer(bytes: Buffer): Answer {
  const end = bytes.indexOf('\r\n\r\n')
  // What comes before the answer proper, such as 100 Continue, is a head alone (RFC 9110, section 15.2).
  if (/^HTTP\/1\.1 1\d\d/.test(bytes.toString('latin1', 0, 12))) return parseAnswer(bytes.subarray(end + 4))
  const [start = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const headers = lines.map((line) => [line.split(':', 1)[0]?.toLowerCase(), line.replace(/^[^:]*:\s*/, '')] as const)
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(start)?.[1] ?? 0),
    headers: Object.fromEntries(headers) as IncomingHttpHeaders,
    body: bytes.subarray(end + 4),
  }
}

/** Milliseconds that a start or an end may take on a busy machine. */
const patience = 30_000

/** A service for the tests of a file or of a `describe`: up before the first, gone after the last. */
export function serviceForTests(options?: Options): Omit<RunningService, 'close'> {
  let running: RunningService | undefined
  beforeAll(async () => {
    running = await startService(options)
  }, patience)
  afterAll(async () => {
    await running?.close()
  }, patience)
  const up = () => running ?? expect.unreachable('the service is up only while tests run')
  return {
    get app() {
      return up().app
    },
    get db() {
      return up().db
    },
    change: (how) => {
      up().change(how)
    },
    get: (target, init) => up().get(target, init),
    ask: (target, asked) => up().ask(target, asked),
    send: (bytes) => up().send(bytes),
  }
}

/** The body of a 200 as JSON, held to a schema. */
export async function read<Shape>(response: Response, shape: { parse: (body: unknown) => Shape }): Promise<Shape> {
  expect(response.status, `${response.url} is there`).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^application\/json(;|$)/)
  return shape.parse(await response.json())
}

/** The problem that an answer of a status is, with all that holds for every problem. */
export async function readProblem(answer: Response | Answer, status: number): Promise<Problem> {
  const { headers } = answer
  const header = (name: string) => (headers instanceof Headers ? headers.get(name) : (headers[name] ?? null))
  const text = answer instanceof Response ? await answer.text() : answer.body.toString('utf8')
  expect(answer.status, text.slice(0, 300)).toBe(status)
  expect(header('content-type') ?? '').toMatch(/^application\/problem\+json(;|$)/)
  expect(header('cache-control')).toBe('no-store')
  expect(header('etag')).toBeNull()
  expect(header('link')).toBeNull()
  const problem = Problem.parse(JSON.parse(text))
  expect(problem.status).toBe(status)
  return problem
}

type Listed<Item> = { data: Item[]; page: Page }

/**
 * The pages of a list, from a path on to the last by way of `page.next`, which the Link header must repeat. Before each
 * step `onTheWay` may change the address.
 */
export async function follow<Item>(
  { get }: Pick<RunningService, 'get'>,
  first: string,
  shape: { parse: (body: unknown) => Listed<Item> },
  onTheWay: (next: string, step: number) => string = (next) => next,
): Promise<Listed<Item>[]> {
  const pages: Listed<Item>[] = []
  for (let next: string | null = first; next !== null;) {
    const response = await get(next)
    const page = await read(response, shape)
    expect(response.headers.get('link')).toBe(page.page.next === null ? null : `<${page.page.next}>; rel="next"`)
    pages.push(page)
    expect(pages.length, 'pages have an end').toBeLessThanOrEqual(page.page.total + 1)
    next = page.page.next === null ? null : onTheWay(page.page.next, pages.length)
  }
  return pages
}
