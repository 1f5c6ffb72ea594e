/** The measured processes: started on a core of their own where the machine has taskset, asked what they used, ended. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import manifest from '../package.json' with { type: 'json' }
import type { Usage } from './probe.ts'

const root = resolve(import.meta.dirname, '..')
const taskset = (...parameters: string[]) => spawnSync('taskset', parameters, { stdio: 'ignore' }).status === 0

const cores = availableParallelism()

/** Whether the measured process and what measures it have a core each. */
export const pins = cores > 1 && taskset('-c', '0', 'true')

/** Puts this process, all its threads, on the second core: the first is for what is measured. */
export function stepAside(): void {
  if (pins) taskset('-a', '-c', '-p', '1', String(process.pid))
}

/** What Node is told by `npm start`, and everywhere else where the service is started. */
const asStarted = manifest.scripts.start.split(' ').filter((word) => word.startsWith('--'))

type Start = {
  env?: Record<string, string>
  parameters?: string[]
  probe?: boolean
  /** Whether nothing else runs meanwhile; then it has all cores. */
  alone?: boolean
}

/** Starts a script, on the first core unless it is alone; it gets nothing of the environment but PATH and what is given. */
export function startScript(
  script: string,
  { env = {}, parameters = [], probe = true, alone = false }: Start,
): ChildProcess {
  const node = [
    ...asStarted,
    ...(probe ? ['--import', join(root, 'bench/probe.ts')] : []),
    join(root, script),
    ...parameters,
  ]
  // Said also of all cores, since a process inherits that its parent stepped aside.
  const [program, rest] = pins
    ? ['taskset', ['-c', alone ? `0-${cores - 1}` : '0', process.execPath, ...node]]
    : [process.execPath, node]
  return spawn(program, rest, {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

/** Ends a process that was started here; after ten seconds it is ended for good. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(late)
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Whether a server at a port answers a path with 200. */
const answers = (port: number, path: string) =>
  new Promise<boolean>((answer) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('connect', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n`))
    socket.on('data', (data) => {
      answer(data.toString('latin1').startsWith('HTTP/1.1 200'))
      socket.destroy()
    })
    socket.on('error', () => {
      answer(false)
    })
    socket.on('close', () => {
      answer(false)
    })
  })

export type Server = { port: number; usage: () => Promise<Usage>; stop: () => Promise<void>; startMs: number }

/**
 * Starts a server and waits for its first 200, at most half a minute.
 *
 * @throws Error where it does not come.
 */
export async function startServer(
  script: string,
  { env = {}, probe = true, path = '/' }: { env?: Record<string, string>; probe?: boolean; path?: string } = {},
): Promise<Server> {
  const port = await freePort()
  const started = performance.now()
  const child = startScript(script, { env: { ...env, PORT: String(port) }, probe })
  while (!(await answers(port, path))) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${script} ended before it served`)
    if (performance.now() - started > 30_000) {
      await stop(child)
      throw new Error(`${script} did not serve ${path} within half a minute`)
    }
    await wait(1)
  }
  const startMs = performance.now() - started
  const usage = async () => {
    const answer = once(child, 'message')
    child.send('usage')
    const [used] = (await answer) as [Usage]
    return used
  }
  return { port, usage, startMs, stop: () => stop(child) }
}

/** The service over a database, as in production but for the rate limit; its log goes to the null device. */
export const startService = (database: string, options: { probe?: boolean } = {}) =>
  startServer('src/server.js', {
    env: { DATABASE_PATH: resolve(database), RATE_LIMIT_MAX: '1000000000' },
    path: '/v1/figures?limit=1',
    ...options,
  })
