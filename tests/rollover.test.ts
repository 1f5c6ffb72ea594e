/** A new release without downtime, with real processes: whoever holds the listening socket loses no connection. */
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { start, startProgram } from './support/process.ts'

let directory: string
let database: string
/** The database of the release to come. */
let next: string
const served = new Set<number>()

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rollover-'))
  database = join(directory, 'metrics.db')
  next = join(directory, 'next.db')
  copyFileSync(inject('builtDatabase'), database)
  copyFileSync(database, next)
  const client = new Sqlite(next)
  client.prepare(`UPDATE release SET version = '2099.1.0'`).run()
  client.close()
})
afterEach(() => {
  for (const pid of served) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended, as it should.
    }
  }
  served.clear()
  rmSync(directory, { recursive: true })
})

/**
 * What systemd does for a service with a socket unit, in a shell: it holds a listening socket, which it never reads from,
 * and hands it to each process that it starts, one for each line that it is given.
 */
async function supervisor(environment: Record<string, string>) {
  const listening = createServer().listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  const { fd } = (listening as unknown as { _handle: { fd: number } })._handle
  const script = `while read -r order; do
    sh -c 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$NODE" src/server.js' &
  done; wait`
  const shell = startProgram('sh', ['-c', script], {
    environment: { NODE: process.execPath, DATABASE_PATH: database, RATE_LIMIT_MAX: '1000000000', ...environment },
    third: fd,
  })
  // From here on only the shell has it.
  listening.close()
  let started = 0
  return {
    url: `http://127.0.0.1:${port}`,
    /** Starts one more process; resolves with its id when it serves. */
    serve: async () => {
      shell.child.stdin?.write('serve\n')
      started += 1
      const [line = ''] = await shell.printed(new RegExp(`(?:[^]*?"msg":"serving"){${started}}`))
      const pid = Number(/.*"pid":(\d+).*"msg":"serving"$/.exec(line)?.[1])
      served.add(pid)
      return pid
    },
    /** Ends a process; resolves when it says that it stopped. */
    end: async (pid: number) => {
      process.kill(pid, 'SIGTERM')
      await shell.printed(new RegExp(`"pid":${pid},"msg":"stopped"`))
    },
    /** Ends the shell, once its processes have ended. */
    close: async () => {
      shell.child.stdin?.end()
      return await shell.exited
    },
  }
}

/** Clients that ask all the time, each over its own agent: the releases that answered, and what failed. */
function clients(url: string, keepAlive: boolean) {
  const releases: string[] = []
  const failures: string[] = []
  const done = new AbortController()
  const ask = (agent: Agent) =>
    new Promise<void>((answered) => {
      get(`${url}/v1/metrics?limit=1`, { agent }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('error', (error) => failures.push(error.message))
        response.on('close', () => {
          if (response.statusCode !== 200) failures.push(`${response.statusCode}: ${text}`)
          else releases.push((JSON.parse(text) as { meta: { release: string } }).meta.release)
          answered()
        })
      }).on('error', (error) => {
        failures.push(error.message)
        answered()
      })
    })
  const client = async () => {
    const agent = new Agent({ keepAlive, maxSockets: 1 })
    while (!done.signal.aborted) {
      await ask(agent)
      await wait(5)
    }
    agent.destroy()
  }
  const all = Array.from({ length: 4 }, client)
  return {
    releases,
    failures,
    /** Resolves when so many more requests were answered or failed. */
    more: async (count: number) => {
      const enough = releases.length + failures.length + count
      while (releases.length + failures.length < enough) await wait(5)
    },
    end: async () => {
      done.abort()
      await Promise.all(all)
    },
  }
}

test('a process with a new release takes over from the old one, and no request fails', async () => {
  const { url, serve, end, close } = await supervisor({ SHUTDOWN_DELAY: '1' })
  const old = await serve()
  const { releases, failures, more, end: leave } = clients(url, true)
  await more(100)
  const [before = ''] = releases
  renameSync(next, database)
  const young = await serve()
  await more(100)
  await end(old)
  const taken = releases.length
  await more(100)
  await leave()
  expect(failures).toEqual([])
  expect(before).toMatch(/^\d{4}\.\d+\.\d+$/)
  expect(new Set(releases)).toEqual(new Set([before, '2099.1.0']))
  expect(new Set(releases.slice(taken))).toEqual(new Set(['2099.1.0']))
  await end(young)
  expect(await close()).toBe(0)
})

test('a process may end before the next one starts: what is asked meanwhile waits, and no request fails', async () => {
  const { url, serve, end, close } = await supervisor({})
  const old = await serve()
  const { releases, failures, more, end: leave } = clients(url, false)
  await more(50)
  await end(old)
  renameSync(next, database)
  const young = await serve()
  await more(50)
  await leave()
  expect(failures).toEqual([])
  expect(new Set(releases).size).toBe(2)
  expect(releases.at(-1)).toBe('2099.1.0')
  await end(young)
  expect(await close()).toBe(0)
})

test('a connection that is open when the process ends may still bring its request', async () => {
  const server = start('src/server.js', {
    environment: { DATABASE_PATH: database },
  })
  const [, url = ''] = await server.printed(/"address":"([^"]+)".*"msg":"serving"/)
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let answer = ''
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text))
  await once(socket, 'connect')
  // Connections are let in one after the other: this answer shows that the silent one is in.
  await (await fetch(`${url}/livez`)).text()
  server.child.kill('SIGTERM')
  await wait(100)
  socket.write('GET /v1/metrics?limit=1 HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'close')
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(answer).toMatch(/^connection: close\r$/im)
  expect(await server.exited).toBe(0)
})

test('a process that is about to stop is alive and answers, but is not ready and keeps no connection', async () => {
  const server = start('src/server.js', {
    environment: { DATABASE_PATH: database, SHUTDOWN_DELAY: '300' },
  })
  const [, url = ''] = await server.printed(/"address":"([^"]+)".*"msg":"serving"/)
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  server.child.kill('SIGTERM')
  await server.printed(/"msg":"stopping"/)
  const statuses: Record<string, number> = {}
  for (const path of ['/readyz', '/livez', '/v1/dataset']) {
    const answer = await fetch(`${url}${path}`)
    await answer.text()
    statuses[path] = answer.status
    expect(answer.headers.get('connection'), path).toBe('close')
  }
  expect(statuses).toEqual({ '/readyz': 503, '/livez': 200, '/v1/dataset': 200 })
  // A second signal waits for nothing.
  server.child.kill('SIGTERM')
  expect(await server.exited).toBe(1)
})
