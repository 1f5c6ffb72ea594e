/**
 * What may go wrong around a service that runs: its database is not what it should be, or is changed under it; it is told
 * to end in the middle of its work; who asked reads slowly, or goes.
 */
import { copyFileSync, readFileSync, readdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { Agent, request, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { buildDatabase, buildSyntheticDatabase } from '../../src/seed/build.ts'
import { writeNorthvale } from '../seed/northvale.ts'
import { leaks } from '../support/leaks.ts'
import { logLines, start, startServer } from '../support/process.ts'
import { contents, temporaryFolder, type AtEnd } from '../support/seed.ts'
import { readProblem } from '../support/service.ts'
import { converse, readAnswers, type WireAnswer } from '../support/wire.ts'

const folder = temporaryFolder(afterAll)
const northvale = writeNorthvale(afterAll)
const built = join(folder, 'built.db')
const other = join(folder, 'other.db')
/** Figures enough that an export is larger than all buffers between the service and its reader. */
const many = 20_000
const large = join(folder, 'large.db')

beforeAll(() => {
  copyFileSync(inject('builtDatabase'), built)
  buildDatabase(other, northvale.seed)
  buildSyntheticDatabase(large, { figures: many, seed: 1 })
}, 120_000)

function copyOf(database: string, atEnd: AtEnd): string {
  const path = join(temporaryFolder(atEnd), 'metrics.db')
  copyFileSync(database, path)
  return path
}

const change = (path: string, statements: string) => {
  const client = new Sqlite(path)
  client.exec(statements)
  client.close()
}

describe.concurrent('at its start', { timeout: 120_000 }, () => {
  // What else a damaged or foreign file may be, tests/seed/build.test.ts holds without a process for each.
  it.for<[what: string, spoil: (path: string) => void, says: RegExp]>([
    [
      'cut off within a page',
      (path) => {
        truncateSync(path, 4097)
      },
      /is damaged \(/,
    ],
    [
      'empty',
      (path) => {
        truncateSync(path, 0)
      },
      /is not a database of this service/,
    ],
    [
      'overwritten at its end',
      (path) => {
        overwrite(path, 0.9, 1)
      },
      /is damaged \(/,
    ],
    [
      'without a table',
      (path) => {
        change(path, 'DROP TABLE served_order')
      },
      /was built by another version of the code \(no such table: served_order\)/,
    ],
    [
      'without a column',
      (path) => {
        change(path, 'ALTER TABLE metric DROP COLUMN definition')
      },
      /was built by another version of the code \(no such column: [^\n]*definition/,
    ],
    [
      'of an older version',
      (path) => {
        change(path, 'PRAGMA user_version = 1000')
      },
      /was built by another version of the code \(its version is another\)/,
    ],
  ])(
    'a database that is %s is one line and exit 1, and stays as it is',
    async ([, spoil, says], { onTestFinished }) => {
      const path = copyOf(built, onTestFinished)
      spoil(path)
      const before = contents(join(path, '..'))
      const server = start('src/server.js', { environment: { DATABASE_PATH: path }, atEnd: onTestFinished })
      expect(await server.exited).toBe(1)
      expect(server.output()).toMatch(/^[^\n]*metrics\.db [^\n]*npm run seed[^\n]*\n$/)
      expect(server.output()).toMatch(says)
      expect(contents(join(path, '..'))).toEqual(before)
    },
  )

  it('every wrong setting is named on one line, with exit 1', async ({ onTestFinished }) => {
    const environment = {
      PORT: '-1',
      LOG_LEVEL: 'loud',
      PUBLIC_URL: 'ftp://x',
      TRUST_PROXY: 'some',
      RATE_LIMIT_MAX: '0',
    }
    const server = start('src/server.js', { environment, atEnd: onTestFinished })
    expect(await server.exited).toBe(1)
    expect(server.output()).toMatch(/^wrong setting: [^\n]*\n$/)
    for (const name of Object.keys(environment)) expect(server.output()).toContain(`${name}: `)
  })

  it('an address that is not of this machine is one line and exit 1', async ({ onTestFinished }) => {
    // RFC 5737 keeps these addresses for documentation: no machine has one.
    const environment = { HOST: '192.0.2.1', DATABASE_PATH: built, LOG_LEVEL: 'silent' }
    const server = start('src/server.js', { environment, atEnd: onTestFinished })
    expect(await server.exited).toBe(1)
    expect(server.output()).toMatch(
      /^cannot listen \([^\n]*EADDRNOTAVAIL[^\n]*\); set HOST, PORT and TELEMETRY_PORT to others\n$/,
    )
  })
})

/** Fills a part of a file with what is no page of SQLite, in place. */
function overwrite(path: string, from: number, to: number): void {
  const bytes = readFileSync(path)
  bytes.fill(0xa5, Math.floor(from * bytes.length), Math.floor(to * bytes.length))
  writeFileSync(path, bytes)
}

describe.concurrent('while it serves', { timeout: 120_000 }, () => {
  const asked = [
    '/v1/figures',
    '/v1/figures?format=csv',
    '/v1/figures?sort=value&limit=3',
    '/v1/metrics',
    '/v1/documents',
    '/v1/comparisons',
    '/v1/coverage',
    '/v1/targets',
    '/v1/vocabularies',
    '/v1/dataset',
    '/v1/figures?q=coca',
  ]

  it('a database that another takes the place of, by rename, is served on', async ({ onTestFinished }) => {
    const path = copyOf(built, onTestFinished)
    const { port } = await startServer(path, { atEnd: onTestFinished })
    copyFileSync(other, `${path}.new`)
    renameSync(`${path}.new`, path)
    for (const target of asked) expect((await fetch(`http://127.0.0.1:${port}${target}`)).status, target).toBe(200)
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`)
    expect(ready.status).toBe(200)
    const next = await startServer(path, { atEnd: onTestFinished })
    const [before, after] = await Promise.all(
      [port, next.port].map(async (each) => (await fetch(`http://127.0.0.1:${each}/readyz`)).json()),
    )
    expect(before).not.toEqual(after)
  })

  it.for<[string, (path: string) => void]>([
    [
      'cut off',
      (path) => {
        truncateSync(path, 0)
      },
    ],
    [
      'cut off in the middle',
      (path) => {
        truncateSync(path, 300_000)
      },
    ],
    [
      'overwritten',
      (path) => {
        overwrite(path, 0, 1)
      },
    ],
    [
      'overwritten behind its header',
      (path) => {
        overwrite(path, 0.01, 1)
      },
    ],
    [
      'overwritten with another',
      (path) => {
        writeFileSync(path, readFileSync(other))
      },
    ],
  ])('a database that is %s in place is a problem, and no end', async ([, spoil], { onTestFinished }) => {
    const path = copyOf(built, onTestFinished)
    const server = await startServer(path, { atEnd: onTestFinished })
    const get = (target: string) => fetch(`http://127.0.0.1:${server.port}${target}`)
    expect((await get('/readyz')).status).toBe(200)
    expect((await get('/v1/figures?limit=1')).status).toBe(200)
    spoil(path)
    for (const target of asked) {
      const response = await get(target)
      // What was remembered is right still.
      if (response.status === 200) {
        await response.text().catch(() => undefined)
        continue
      }
      const { detail } = await readProblem(response, response.status)
      expect([500, 503]).toContain(response.status)
      for (const leak of leaks) expect(detail).not.toMatch(leak)
    }
    const ready = await get('/readyz')
    await readProblem(ready, 503)
    expect(Number(ready.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await get('/livez')).status).toBe(200)
    expect(server.child.exitCode).toBeNull()
    server.child.kill('SIGTERM')
    expect(await server.exited).toBe(0)
  })
})

const everything = 'GET /v1/figures?format=ndjson HTTP/1.1\r\nHost: localhost\r\n\r\n'

/** A connection that has asked for everything, has got its beginning, and reads no more until it is told to. */
async function beginToRead(port: number): Promise<{ socket: Socket; rest: () => Promise<Buffer> }> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('error', () => undefined)
  socket.write(everything)
  chunks.push(...((await once(socket, 'data')) as Buffer[]))
  socket.pause()
  return {
    socket,
    async rest() {
      socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume()
      if (!socket.closed) await once(socket, 'close')
      return Buffer.concat(chunks)
    },
  }
}

/** Asks on one connection again and again until there is no answer any more; the answers that began, whole or not. */
async function askOnAndOn(
  port: number,
  client: number,
  onAnswer: () => void,
): Promise<{ status: number; complete: boolean }[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const answers: { status: number; complete: boolean }[] = []
  try {
    for (let at = 0; ; at += 1) {
      const asked = request({
        host: '127.0.0.1',
        port,
        agent,
        path: `/v1/figures?limit=20&year_from=${1900 + client}&year_to=${2000 + at}`,
      })
      asked.end()
      const [response] = (await once(asked, 'response')) as [IncomingMessage]
      // What breaks off on the way is an error here, and incomplete.
      await response.toArray().catch(() => undefined)
      answers.push({ status: response.statusCode ?? 0, complete: response.complete })
      onAnswer()
    }
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toMatch(/^(ECONNRESET|ECONNREFUSED|EPIPE)$/)
  } finally {
    agent.destroy()
  }
  return answers
}

describe.concurrent('told to end', { timeout: 120_000 }, () => {
  it('it loses nothing that is in flight, and ends with 0', async ({ onTestFinished }) => {
    const server = await startServer(large, { atEnd: onTestFinished })
    const { port } = server
    const exports = await Promise.all(Array.from({ length: 2 }, () => beginToRead(port)))
    // Clients that ask one thing after another on their connections, until these are closed to them.
    let count = 0
    const clients = Promise.all(Array.from({ length: 8 }, (_, at) => askOnAndOn(port, at, () => (count += 1))))
    while (count < 50) await pause(5)
    server.child.kill('SIGTERM')
    await pause(100)
    for (const bytes of await Promise.all(exports.map(({ rest }) => rest()))) {
      const [answer, ...more] = readAnswers(bytes)
      expect([answer?.status, answer?.complete, more], server.output()).toEqual([200, true, []])
      expect(answer?.body.toString('latin1').split('\n')).toHaveLength(many + 1)
    }
    expect(await server.exited).toBe(0)
    const answered = (await clients).flat()
    expect(answered.length).toBeGreaterThanOrEqual(50)
    for (const answer of answered) expect(answer).toEqual({ status: 200, complete: true })
  })

  it('it waits for a reader that has stopped reading only so long, and a second signal ends it at once', async ({
    onTestFinished,
  }) => {
    const server = await startServer(large, { atEnd: onTestFinished })
    const { socket } = await beginToRead(server.port)
    server.child.kill('SIGTERM')
    await pause(500)
    expect([server.child.exitCode, server.child.signalCode]).toEqual([null, null])
    server.child.kill('SIGTERM')
    expect(await server.exited).toBe(1)
    expect(server.output()).toContain('second SIGTERM, exiting')
    socket.destroy()
  })

  it('it ends by itself although a reader never reads on', async ({ onTestFinished }) => {
    const server = await startServer(large, { atEnd: onTestFinished })
    const { socket } = await beginToRead(server.port)
    server.child.kill('SIGTERM')
    expect(await server.exited).toBe(1)
    expect(server.output()).toContain('killed by timeout')
    socket.destroy()
  })
})

/** Bytes of memory and number of open files of a process (Linux, proc(5)). */
const memoryOf = (pid: number) =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
const filesOf = (pid: number) => readdirSync(`/proc/${pid}/fd`).length

// Beside those above, for it is mostly a wait.
it.concurrent(
  'who sends a byte now and then is refused and let go, before ten such have come',
  async ({ onTestFinished }) => {
    const { port } = await startServer(built, { atEnd: onTestFinished })
    let sent = 0
    const bytes = await converse(port, async (socket) => {
      socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
      for (; socket.writable && !socket.readableEnded && sent < 10; sent += 1) {
        await pause(3000)
        socket.write('a')
      }
      socket.end()
    })
    const [answer = expect.unreachable(), ...more] = readAnswers(bytes)
    await readProblem(answer, 408)
    expect(more).toEqual([])
    expect(sent).toBeLessThan(10)
  },
  120_000,
)

describe('a large export', { timeout: 120_000 }, () => {
  it('takes no more memory for readers that are slow, and frees everything of readers that go', async ({
    onTestFinished,
  }) => {
    const server = await startServer(large, { atEnd: onTestFinished })
    const pid = server.child.pid ?? expect.unreachable()
    const [whole = expect.unreachable()] = readAnswers(await (await beginAndEnd(server.port)).rest())
    expect(whole.body.length).toBeGreaterThan(10_000_000)
    const [memory, files] = [memoryOf(pid), filesOf(pid)]
    const readers = await Promise.all(Array.from({ length: 40 }, () => beginToRead(server.port)))
    await pause(1000)
    // Held in memory, what they have not read would be forty times the whole.
    expect(memoryOf(pid) - memory).toBeLessThan(20 * whole.body.length)
    expect(filesOf(pid)).toBeGreaterThanOrEqual(files + 40)
    // Others are answered meanwhile.
    expect(
      (await fetch(`http://127.0.0.1:${server.port}/v1/figures?limit=1`, { headers: { connection: 'close' } })).status,
    ).toBe(200)
    for (const [at, { socket }] of readers.slice(1).entries()) {
      if (at % 2 === 0) socket.destroy()
      else socket.resetAndDestroy()
    }
    const [patient = expect.unreachable()] = readers
    patient.socket.on('data', () => undefined)
    // To wait for ever is to fail.
    while (filesOf(pid) > files + 1) await pause(20)
    patient.socket.destroy()
    while (filesOf(pid) > files) await pause(20)
    server.child.kill('SIGTERM')
    expect(await server.exited).toBe(0)
  })

  const beginAndEnd = async (port: number) => {
    const { socket, rest } = await beginToRead(port)
    socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    return { rest }
  }
})

describe('more than it can do', { timeout: 240_000 }, () => {
  /** Requests that a connection brings at a time. */
  const size = 300
  let asked = 0
  /** Questions never asked before, each of which all figures are gone through for. */
  const questions = () =>
    Array.from({ length: size }, () => {
      asked += 1
      return `GET /v1/figures?limit=1&facet=metric&facet=year&unit=ha&value_min=${asked} HTTP/1.1\r\nHost: localhost\r\n`
    })

  /** Brings questions three times, the next as soon as the first is answered, so that there are always more waiting. */
  const askOnAndOn = (port: number) =>
    converse(port, async (socket, received) => {
      for (const last of [false, false, true]) {
        const before = received().length
        socket.write(`${questions().join('\r\n')}${last ? 'Connection: close\r\n' : ''}\r\n`)
        while (!last && received().length === before) await pause(5)
      }
    })

  it('is refused with a 503 that says when to ask again, while the process says that it lives; then all is well', async () => {
    const server = await startServer(large)
    const { port } = server
    const done = new AbortController()
    const alive: number[] = []
    const probes = (async () => {
      while (!done.signal.aborted) {
        const answer = await fetch(`http://127.0.0.1:${port}/livez`, { headers: { connection: 'close' } })
        await answer.body?.cancel()
        alive.push(answer.status)
        await pause(50)
      }
    })()
    // What it fails for is told below; here only that the service is ended with a test that fails.
    probes.catch(() => undefined)
    const answers: WireAnswer[] = []
    // As many connections as it takes on this machine, and no more, since each question is work.
    for (let connections = 2; !answers.some(({ status }) => status === 503); connections *= 2) {
      for (const bytes of await Promise.all(Array.from({ length: connections }, () => askOnAndOn(port)))) {
        const read = readAnswers(bytes)
        expect(read).toHaveLength(3 * size)
        answers.push(...read)
      }
    }
    // No other answer than one of the two, each whole.
    expect(new Set(answers.map(({ status, complete }) => `${status} ${complete}`))).toEqual(
      new Set(['200 true', '503 true']),
    )
    const refused = answers.filter(({ status }) => status === 503)
    for (const { headers } of refused) expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    await readProblem(refused[0] ?? expect.unreachable(), 503)
    // That it never recovers is told by the time that the test may take.
    for (let at = 0; ; at += 1) {
      const answer = await fetch(`http://127.0.0.1:${port}/v1/figures?limit=1&unit=ha&value_min=${at}`)
      await answer.body?.cancel()
      if (answer.status === 200) break
      await pause(200)
    }
    done.abort()
    await probes
    expect(new Set(alive)).toEqual(new Set([200]))
    server.child.kill('SIGTERM')
    expect(await server.exited).toBe(0)
    const told = logLines(server.output()).filter(({ status }) => status === 503)
    expect(told.length + dropped(server.output())).toBeGreaterThanOrEqual(refused.length)
    for (const { level } of told) expect(level).toBe('warn')
  })

  /** Lines that the log says it lacks. */
  const dropped = (output: string) => logLines(output).reduce((sum, { dropped: lines }) => sum + Number(lines ?? 0), 0)
})
