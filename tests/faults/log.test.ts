/** What may go wrong with the log: its reader stops, or goes; there is no room for it. The service goes on, and ends when told. */
import { execFile } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { mostWaiting } from '../../src/log.ts'
import { freePort, logLines, startProgram, startServer, type Started } from '../support/process.ts'
import { root, temporaryFolder, type AtEnd } from '../support/seed.ts'
import { converse, readAnswers } from '../support/wire.ts'

const database = join(temporaryFolder(afterAll), 'metrics.db')
beforeAll(() => {
  copyFileSync(inject('builtDatabase'), database)
})

/** Room for what the system keeps of a pipe or socket that nobody reads, and our own side of it. */
const buffers = 2 ** 20

/** At this level a line has the query of its request. */
const environment = { LOG_LEVEL: 'debug', TELEMETRY_PORT: '0' }

/** Characters of the longest line that a request may have, about. */
const longest = 15_000

/** Asks so many questions, each of which makes a line of that length. */
async function ask(port: number, times: number): Promise<void> {
  const question = (more: string) =>
    `GET /v1/metrics?a=${'x'.repeat(longest)} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`
  const bytes = await converse(port, (socket) => {
    socket.write(question('').repeat(times - 1) + question('Connection: close\r\n'))
  })
  // Longer than what is read of an address, so that the answers are short.
  expect(readAnswers(bytes).map(({ status }) => status)).toEqual(Array.from({ length: times }, () => 414))
}

/** Has the service log more than may wait, while its output is not read. */
async function stall({ child, port }: Started & { port: number }): Promise<number> {
  child.stdout?.pause()
  const asked = Math.ceil((mostWaiting + buffers) / longest) + 100
  await ask(port, asked)
  return asked
}

const serve = (atEnd: AtEnd, more = {}) => startServer(database, { environment: { ...environment, ...more }, atEnd })

it('a pipe that takes only a part of what is written gets the rest, each byte once and in turn', async () => {
  // A pipe of the shell: those that Node gives its children are sockets, which take a piece whole or not at all.
  const program = `
    const { openLogOutput } = await import(${JSON.stringify(join(root, 'src/log.ts'))})
    const { stream } = openLogOutput(() => undefined)
    // Short ones, and some that are longer than the pieces in which the short ones are put together.
    for (let at = 0; at < 1000; at += 1) stream.write(at + 'x'.repeat(at % 100 === 50 ? 40_000 : 997) + '\\n')
    setTimeout(() => undefined, 2000)`
  const piped = ['-c', '"$0" --input-type=module --eval "$1" | (sleep 1; cat)', process.execPath, program]
  const { stdout } = await promisify(execFile)('sh', piped, { maxBuffer: 2 ** 22 })
  expect(stdout).toBe(
    Array.from({ length: 1000 }, (_, at) => `${at}${'x'.repeat(at % 100 === 50 ? 40_000 : 997)}\n`).join(''),
  )
})

describe.concurrent('a log that is not read on', { timeout: 120_000 }, () => {
  it('holds up no request, is kept within bounds, and tells how much it lacks', async ({ onTestFinished }) => {
    const server = await serve(onTestFinished)
    const asked = await stall(server)
    const exposed = async () => {
      const [, metrics = ''] = await server.printed(/"metrics":"([^"]+)"/)
      return Number(/^log_lines_dropped_total (\d+)$/m.exec(await (await fetch(metrics)).text())?.[1])
    }
    const dropped = await exposed()
    expect(dropped).toBeGreaterThan(0)
    server.child.stdout?.resume()
    await server.printed(/"msg":"lines dropped"/)
    await ask(server.port, 1)
    // Once it is read again it is written as before, not only when the process ends.
    const questionsTold = () => server.output().match(/"path":"\/v1\/metrics".*\n/g)?.length
    await vi.waitFor(
      () => {
        expect(questionsTold()).toBe(asked + 1 - dropped)
      },
      { timeout: 30_000, interval: 100 },
    )
    server.child.kill('SIGTERM')
    expect(await server.exited).toBe(0)
    // None is torn: every line is JSON.
    const lines = logLines(server.output())
    const questions = lines.filter(({ path }) => path === '/v1/metrics')
    const told = lines.filter(({ msg }) => msg === 'lines dropped')
    expect(told.reduce((sum, line) => sum + Number(line['dropped']), 0)).toBe(dropped)
    expect(questions.length + dropped).toBe(asked + 1)
    expect(lines.indexOf(told[0] ?? expect.unreachable())).toBeLessThan(lines.length - 1)
    expect(lines.at(-1)).toMatchObject({ msg: 'stopped' })
    expect(server.output().length).toBeLessThan(mostWaiting + 2 * buffers)
  })

  it('keeps the process neither from ending with 0 nor, by a second signal, with 1', async ({ onTestFinished }) => {
    const end = async ({ child }: Started, code: number) => {
      child.kill('SIGTERM')
      // Not when all is read, which would be never.
      expect(await new Promise((ended) => child.once('exit', ended))).toBe(code)
      child.stdout?.resume()
    }
    const server = await serve(onTestFinished)
    await stall(server)
    await end(server, 0)

    const patient = await serve(onTestFinished, { SHUTDOWN_DELAY: '300' })
    await stall(patient)
    patient.child.kill('SIGTERM')
    const isReady = async () => {
      const answer = await fetch(`http://127.0.0.1:${patient.port}/readyz`)
      await answer.text()
      return answer.status === 200
    }
    while (await isReady()) await pause(20)
    await end(patient, 1)
  })

  it('whose reader is gone is over, and the service is not', async ({ onTestFinished }) => {
    const server = await serve(onTestFinished)
    server.child.stdout?.destroy()
    await ask(server.port, 100)
    await pause(500)
    await ask(server.port, 1)
    server.child.kill('SIGTERM')
    expect(await server.exited).toBe(0)
  })

  it('for which there is no room on its disk keeps the service neither from answering nor from ending', async ({
    onTestFinished,
  }) => {
    const port = await freePort()
    // full(4): whatever is written there meets a full disk.
    const server = startProgram('sh', ['-c', 'exec "$NODE" src/server.js >/dev/full'], {
      environment: { NODE: process.execPath, PORT: String(port), DATABASE_PATH: database, LOG_LEVEL: 'debug' },
      atEnd: onTestFinished,
    })
    const isUp = () =>
      fetch(`http://127.0.0.1:${port}/livez`).then(
        async (answer) => (await answer.text(), true),
        () => false,
      )
    while (!(await isUp())) {
      expect(server.child.exitCode, server.output()).toBeNull()
      await pause(50)
    }
    await ask(port, 100)
    await pause(500)
    await ask(port, 1)
    server.child.kill('SIGTERM')
    expect(await server.exited).toBe(0)
  })
})
