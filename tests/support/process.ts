/** What the tests of real processes share: a process as its users start it, what it prints, and its certain end. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { afterEach } from 'vitest'
import { inherited } from './environment.ts'

export type Started = {
  child: ChildProcess
  /** The exit code, when all output is read; null after a signal. */
  exited: Promise<number | null>
  /** What was printed so far, to either output. */
  output: () => string
  /** The first match in what is printed; fails if the process ends before it. */
  printed: (pattern: RegExp) => Promise<RegExpExecArray>
}

type Options = {
  cwd: string
  environment: Readonly<Record<string, string>>
  /** A file descriptor that the process has as its third, counted from 0. */
  descriptor?: number
}

/** Starts processes with an environment of their own; what still runs when a test ends is ended with it. */
export function processesForTests(): (command: string, args: readonly string[], options: Options) => Started {
  const running = new Set<ChildProcess>()
  afterEach(async () => {
    for (const child of running) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
    }
    running.clear()
  })
  return (command, args, { cwd, environment, descriptor }) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...inherited, ...environment },
      stdio: ['pipe', 'pipe', 'pipe', ...(descriptor === undefined ? [] : [descriptor])],
    })
    running.add(child)
    let output = ''
    const listeners = new Set<() => void>()
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text
        for (const listener of listeners) listener()
      })
    }
    const exited = once(child, 'close').then(([code]) => code as number | null)
    return {
      child,
      exited,
      output: () => output,
      printed: async (pattern) => {
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
}

export type LogLine = Readonly<Record<string, unknown>> & { level: string; msg: string }

/** The lines of a log, each a JSON object. */
export const logLines = (output: string): LogLine[] =>
  output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine)
