/** The service and its commands as processes of their own, as their users start them: what they print, and their certain end. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { inherited } from './environment.ts'
import { root, type AtEnd } from './seed.ts'

export type Started = {
  child: ChildProcess
  /** The exit code, when it has ended and all output is read; null where a signal ended it. */
  exited: Promise<number | null>
  /** What was printed so far, to either output. */
  output: () => string
  /** The first match in what is printed; fails if the process ends before it. */
  printed: (pattern: RegExp) => Promise<RegExpExecArray>
}

type Surroundings = {
  /** The folder that it is started in; that of the project where nothing is said. */
  cwd?: string
  environment?: Readonly<Record<string, string>>
  /** What it has as its third file descriptor, counted from 0: one of ours, or a channel for messages. */
  third?: number | 'ipc'
  atEnd?: AtEnd
}

type Way = Surroundings & {
  parameters?: readonly string[]
  /** Options of Node itself. */
  node?: readonly string[]
  /** A program and its parameters that starts what follows, as `nice` does. */
  by?: readonly string[]
}

/**
 * Starts a program; of the environment it gets only what tests pass on and what is given. It is killed when the test is
 * over, if it still runs then; a concurrent test gives the `onTestFinished` of its own context.
 */
export function startProgram(
  program: string,
  parameters: readonly string[],
  { cwd = root, environment = {}, third, atEnd = onTestFinished }: Surroundings = {},
): Started {
  const child = spawn(program, parameters, {
    cwd,
    env: { ...inherited, ...environment },
    stdio: ['pipe', 'pipe', 'pipe', ...(third === undefined ? [] : [third])],
  })
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const listener of listeners) listener()
    })
  }
  const exited = once(child, 'close').then(([code]) => code as number | null)
  atEnd(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    for (const stream of [child.stdout, child.stderr]) stream?.resume()
    await exited
  })
  return {
    child,
    exited,
    output: () => output,
    async printed(pattern) {
      const found = Promise.withResolvers<RegExpExecArray>()
      const look = () => {
        const match = pattern.exec(output)
        if (match !== null) found.resolve(match)
      }
      listeners.add(look)
      look()
      void exited.then((code) => {
        found.reject(new Error(`ended with ${code} before printing ${pattern}: ${output}`))
      })
      return await found.promise
    },
  }
}

/** Starts a file of the project with Node, on a free port. */
export function start(
  entry: string,
  { environment = {}, parameters = [], node = [], by = [], ...surroundings }: Way = {},
): Started {
  const [program = process.execPath, ...rest] = [...by, process.execPath, ...node, join(root, entry), ...parameters]
  return startProgram(program, rest, { environment: { PORT: '0', ...environment }, ...surroundings })
}

/** What the service prints when it listens. */
export const address = /http:\/\/127\.0\.0\.1:(\d+)/

/**
 * Starts the service over a built database, by `src/server.js` if nothing else is said, and gives its port too, once the
 * load of its start is past and it answers.
 */
export async function startServer(
  database: string,
  { environment = {}, entry = 'src/server.js', ...way }: Way & { entry?: string } = {},
): Promise<Started & { port: number }> {
  const server = start(entry, {
    ...way,
    environment: { DATABASE_PATH: database, RATE_LIMIT_MAX: '1000000000', ...environment },
  })
  const [, port] = await server.printed(address)
  // On a busy machine the start itself may be load enough for the first requests to be refused.
  for (;;) {
    const { status, body } = await fetch(`http://127.0.0.1:${port}/readyz`, { headers: { connection: 'close' } })
    await body?.cancel()
    if (status === 200) return { ...server, port: Number(port) }
    await pause(100)
  }
}

/** A port at which nothing listened a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

export type LogLine = Readonly<Record<string, unknown>> & { level: string; msg: string }

/** The lines of a log, each a JSON object. */
export const logLines = (output: string): LogLine[] =>
  output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine)
