/**
 * Many requests of every kind, one after another: memory, handles and descriptors stay what they were. `npm test` asks two
 * thousand, `npm run fuzz -- --soak N` as many as it is told.
 */
import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import { startServer } from '../support/process.ts'
import { root, temporaryFolder } from '../support/seed.ts'
import type { Held } from './probe.ts'

const { requests } = inject('soak') ?? { requests: 2000 }
const megabyte = 2 ** 20
/** What is worked out is remembered within bounds; so much all of it may come to, and what the measure itself strays by. */
const mostGrowth = requests < 20_000 ? 32 * megabyte : 160 * megabyte
/** When all that may be remembered is, only the measure strays: from one half of many requests to the next. */
const mostStraying = 16 * megabyte

type Asked = { path: string; method?: string; headers?: Record<string, string>; leaves?: boolean }

/** Request number so and so: most were asked before, some never; right, wrong, large, unfinished. */
function askedAt(at: number): Asked {
  const kinds: readonly Asked[] = [
    { path: '/v1/figures' },
    { path: '/v1/figures?format=csv', headers: { 'accept-encoding': 'gzip' } },
    { path: '/v1/figures?format=ndjson' },
    { path: '/v1/figures?format=parquet' },
    { path: '/v1/figures?facet=metric,document,year&limit=3', headers: { 'accept-encoding': 'br' } },
    { path: `/v1/figures?q=coca&limit=${(at % 1000) + 1}` },
    { path: `/v1/figures?unit=ha&value_min=${at}` },
    { path: `/v1/figures?q=word${at}` },
    { path: `/v1/figures?metirc=${at}` },
    { path: `/v1/figures/unknown-${at}` },
    { path: `/nothing/at/${at}` },
    { path: '/v1/figures/inl-2019-coca-cultivation-2017' },
    { path: '/v1/figures/inl-2019-coca-cultivation-2017/citation?format=bibtex' },
    { path: '/v1/metrics', headers: { 'if-none-match': '*' } },
    { path: '/v1/metrics/coca-eradication/series' },
    { path: '/v1/coverage?limit=1000' },
    { path: '/v1/comparisons', headers: { accept: 'image/png' } },
    { path: '/v1/documents', method: 'HEAD' },
    { path: '/v1/targets', method: 'DELETE' },
    { path: '/', headers: { accept: 'text/html' } },
    { path: '/openapi.json', headers: { 'accept-encoding': 'gzip' } },
    { path: '/docs' },
    { path: '/readyz' },
    { path: '/v1/coverage?format=csv', leaves: true },
  ]
  return kinds[at % kinds.length] ?? { path: '/' }
}

test(`${requests} requests leave nothing behind`, { timeout: 120_000 + requests * 60 }, async () => {
  const start = performance.now()
  const database = join(temporaryFolder(), 'metrics.db')
  copyFileSync(inject('builtDatabase'), database)
  const { child, port, exited } = await startServer(database, {
    // It says where it listens without its log, of which each request would be a line.
    entry: 'src/commands/start.js',
    environment: { LOG_LEVEL: 'silent' },
    third: 'ipc',
    node: ['--expose-gc', '--import', join(root, 'tests/faults/probe.ts')],
  })
  const descriptors = () => readdirSync(`/proc/${child.pid}/fd`).length
  const held = async () => {
    const told = once(child, 'message') as Promise<[Held]>
    child.send('measure')
    return (await told)[0]
  }

  let shed = 0
  /** Asks, and reads the answer; false where it is to be asked again later, since the load of others was too much. */
  async function answered(agent: Agent, { leaves, ...how }: Asked): Promise<boolean> {
    const asked = request({ host: '127.0.0.1', port, agent, ...how }).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    const { statusCode = 0, headers } = response
    if (statusCode === 503) {
      expect(Number(headers['retry-after'])).toBeGreaterThan(0)
      shed += 1
    } else expect(statusCode, how.path).toBeLessThan(500)
    if (leaves === true) response.destroy()
    else await response.toArray()
    return statusCode !== 503
  }

  /** Asks requests from one number to another, some at a time, and ends with no connection open. */
  async function ask(from: number, to: number): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 8 })
    let next = from
    const client = async () => {
      while (next < to) {
        const at = next
        next += 1
        while (!(await answered(agent, askedAt(at)))) await pause(1000)
      }
    }
    await Promise.all(Array.from({ length: 8 }, client))
    agent.destroy()
    // To wait for ever for what is still open is to fail.
    while (descriptors() > idle) await pause(20)
  }

  const idle = descriptors()
  const quarter = Math.floor(requests / 4)
  await ask(0, quarter)
  const [before, files] = [await held(), descriptors()]
  await ask(quarter, 2 * quarter)
  const half = await held()
  await ask(2 * quarter, requests)
  const after = await held()
  const told = Object.entries({ before, half, after }).map(([when, { bytes, resident }]) =>
    [when, ...[bytes, resident].map((size) => `${(size / megabyte).toFixed(1)} MiB`)].join(' '),
  )
  if (requests > 2000) {
    const seconds = Math.round((performance.now() - start) / 1000)
    console.log(`${requests} requests in ${seconds} s, ${shed} shed: ${told.join(', ')}, ${files} descriptors`)
  }
  expect(descriptors()).toBeLessThanOrEqual(files)
  expect(after.resources).toEqual(before.resources)
  expect(after.bytes - before.bytes, told.join()).toBeLessThan(mostGrowth)
  if (requests >= 100_000) expect(after.bytes - half.bytes, told.join()).toBeLessThan(mostStraying)
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
})
