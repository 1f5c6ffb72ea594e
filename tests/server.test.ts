import { once } from 'node:events'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest'
import { explainFailure } from '../src/server.ts'
import { address, start } from './support/process.ts'

let built: string
let directory: string

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'built-'))
  built = join(folder, 'metrics.db')
  copyFileSync(inject('builtDatabase'), built)
  return () => {
    rmSync(folder, { recursive: true })
  }
})
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'server-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

/** Starts an entry of the service as its users do, on a free port. */
const run = (entry: string, environment: Record<string, string> = {}) =>
  start(entry, { environment: { DATABASE_PATH: join(directory, 'metrics.db'), ...environment } })

test('npm start builds a missing database, says so, serves and prints where', async () => {
  const started = run('src/commands/start.js', { LOG_LEVEL: 'silent' })
  const [base] = await started.printed(address)
  expect(started.output()).toMatch(
    /^Building .*metrics\.db from seed-data\/, since it is missing\.\nBuilt release .* with \d+ figures, sha256:/,
  )
  expect(readFileSync(join(directory, 'metrics.db')).equals(readFileSync(built))).toBe(true)
  const response = await fetch(`${base}/v1/figures/inl-2019-coca-cultivation-2017`)
  const { data } = (await response.json()) as { data: { figure: { value: number } } }
  expect(data.figure.value).toBe(209_000)
})

test('npm start serves a database that is right as it is, and rebuilds a damaged one', async () => {
  const path = join(directory, 'metrics.db')
  copyFileSync(built, path)
  const first = run('src/commands/start.js', { LOG_LEVEL: 'silent' })
  await first.printed(address)
  expect(first.output()).not.toContain('Building')
  first.child.kill('SIGTERM')
  expect(await first.exited).toBe(0)

  truncateSync(path, 5000)
  const second = run('src/commands/start.js', { LOG_LEVEL: 'silent' })
  await second.printed(address)
  expect(second.output()).toMatch(/Building .* since it cannot be read/)
  expect(readFileSync(path).equals(readFileSync(built))).toBe(true)
})

test.each([
  // Sent whole, with its length.
  [
    '/v1/figures?format=csv',
    'inl-2019-coca-cultivation-2017',
    (head: string, body: string) => Number(/^content-length: (\d+)$/im.exec(head)?.[1]) === Buffer.byteLength(body),
  ],
  // Sent in pieces: a complete answer ends with a last chunk.
  [
    '/v1/coverage?format=csv',
    'coca-cultivation',
    (head: string, body: string) => /^transfer-encoding: chunked$/im.test(head) && body.endsWith('\r\n0\r\n\r\n'),
  ],
] as const)('SIGTERM finishes the request in flight, then ends with 0: %s', async (path, within, complete) => {
  copyFileSync(built, join(directory, 'metrics.db'))
  const server = run('src/server.js')
  const [, port] = await server.printed(address)
  const socket = connect(Number(port), '127.0.0.1')
  let answer = ''
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text))
  // A whole request and the beginning of another in one piece: the answer to the first shows that the second is begun.
  socket.write(`GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET ${path} HTTP/1.1\r\nHost: x\r\n`)
  await once(socket, 'data')
  server.child.kill('SIGTERM')
  await refused(Number(port))
  // Only now, when nobody new is let in, does the request get its last line.
  socket.write('\r\n')
  await once(socket, 'close')
  expect(await server.exited).toBe(0)
  expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(2)
  const second = answer.slice(answer.lastIndexOf('HTTP/1.1 200'))
  const end = second.indexOf('\r\n\r\n')
  const [head, body] = [second.slice(0, end), second.slice(end + 4)]
  expect(body).toContain(within)
  expect(complete(head, body), head).toBe(true)
})

/** Resolves when nothing listens at the port any more. */
async function refused(port: number): Promise<void> {
  for (;;) {
    const probe = connect(port, '127.0.0.1')
    const outcome = Promise.withResolvers<'connected' | 'refused'>()
    probe.on('connect', () => {
      outcome.resolve('connected')
    })
    // Also reset, where the listening socket closes over a connection that was not yet accepted.
    probe.on('error', () => {
      outcome.resolve('refused')
    })
    const met = await outcome.promise
    probe.destroy()
    if (met === 'refused') return
  }
}

test.each(['src/server.js', 'src/commands/start.js'])('%s leaves a file that is not ours untouched', async (entry) => {
  const path = join(directory, 'metrics.db')
  writeFileSync(path, 'a letter to my grandmother')
  const server = run(entry)
  expect(await server.exited).toBe(1)
  expect(server.output().trim()).toMatch(/^.*metrics\.db is not a database of this service.*npm run seed.*$/)
  expect(readFileSync(path, 'utf8')).toBe('a letter to my grandmother')
})

test('the server builds nothing: without a database it says how to get one', async () => {
  const server = run('src/server.js')
  expect(await server.exited).toBe(1)
  expect(server.output().trim()).toMatch(/^there is no database at .*metrics\.db\. Run "npm run seed"[^\n]*$/)
  expect(existsSync(join(directory, 'metrics.db'))).toBe(false)
})

test('a damaged database is a clear line and exit 1', async () => {
  const path = join(directory, 'metrics.db')
  cpSync(built, path)
  const bytes = readFileSync(path)
  bytes.fill(0xff, 4096, 40_960)
  writeFileSync(path, bytes)
  const server = run('src/server.js')
  expect(await server.exited).toBe(1)
  expect(server.output().trim()).toMatch(/^the database at .*metrics\.db is damaged .*npm run seed[^\n]*$/)
})

test('a wrong setting is one line and exit 1', async () => {
  const server = run('src/server.js', { PORT: 'eighty' })
  expect(await server.exited).toBe(1)
  expect(server.output().trim()).toBe('wrong setting: PORT: expected a whole number from 0 to 65535, got "eighty"')
})

test('a port that is taken is one line and exit 1', async () => {
  copyFileSync(built, join(directory, 'metrics.db'))
  const first = run('src/server.js')
  const [, port = ''] = await first.printed(address)
  const second = run('src/server.js', { PORT: port, LOG_LEVEL: 'silent' })
  expect(await second.exited).toBe(1)
  expect(second.output().trim()).toMatch(
    /^cannot listen \(listen EADDRINUSE[^\n]*\); set HOST, PORT and TELEMETRY_PORT to others$/,
  )
})

test.each([
  ['EACCES', 'listen', /^cannot listen \(.*\); set HOST, PORT/],
  ['EINVAL', 'listen', /^cannot listen \(.*\); set HOST, PORT/],
  ['EACCES', 'open', undefined],
])('a start that fails by %s of %s names what is to be mended', (code, syscall, words) => {
  const told = vi.spyOn(console, 'error').mockReturnValue()
  const before = process.exitCode
  const error = Object.assign(new Error(`${code}: permission denied, ${syscall}`), { code, syscall })
  explainFailure(error)
  expect(process.exitCode).toBe(1)
  process.exitCode = before
  if (words === undefined) expect(told).toHaveBeenCalledExactlyOnceWith(error)
  else expect(told).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(words))
  told.mockRestore()
})
