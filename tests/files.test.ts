/** What making a file takes, beyond what the file is: of whom nobody reads, and of many at a time. */
import { once } from 'node:events'
import { setTimeout as milliseconds } from 'node:timers/promises'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { buildSyntheticDatabase } from '../src/seed/build.ts'
import { readProblem, serviceForTests } from './support/service.ts'
import { converse, readAnswers } from './support/wire.ts'

const build = (path: string) => {
  buildSyntheticDatabase(path, { figures: 6000, seed: 11 })
}
const service = serviceForTests({ build })
const formats = ['csv', 'ndjson', 'parquet'] as const

/** After it Node looks after the connection no longer. */
const tunnel = 'CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere\r\n\r\n'

const line = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`

describe('a client that takes nothing of what it asked for', () => {
  const impatient = serviceForTests({ build, standstill: 400 })
  const portOf = () => (impatient.app.server.address() as AddressInfo).port
  const openConnections = () =>
    new Promise<number>((resolve, reject) => {
      impatient.app.server.getConnections((error, count) => {
        if (error === null) resolve(count)
        else reject(error)
      })
    })

  it.each([
    ['?format=csv', 8, ''],
    ['?format=ndjson', 8, ''],
    ['?format=parquet', 8, ''],
    ['?limit=1000', 20, ''],
    ['?format=ndjson', 8, tunnel],
    ['?limit=1000', 20, tunnel],
  ])('is let go: %s, %d times, and %j', async (query, times, last) => {
    // More than the system takes, whatever it is.
    const stalled = connect(portOf(), '127.0.0.1').pause()
    stalled.on('error', () => undefined)
    stalled.write(line(`/v1/figures${query}`).repeat(times) + last)
    await expect.poll(openConnections).toBeGreaterThan(0)
    await expect.poll(openConnections, { timeout: 20_000 }).toBe(0)
    stalled.destroy()
  })

  it('gets all where it is only slow', async () => {
    const socket = connect(portOf(), '127.0.0.1')
    socket.write(line('/v1/figures?format=ndjson').replace('1.1', '1.0'))
    const start = performance.now()
    let text = ''
    for await (const chunk of socket.setEncoding('latin1')) {
      text += String(chunk)
      await milliseconds(15)
    }
    expect(performance.now() - start).toBeGreaterThan(800)
    expect(text.split('\r\n\r\n')[1]?.trimEnd().split('\n')).toHaveLength(6000)
  }, 60_000)
})

it('who asks for a tunnel behind files has the files first, whole, however slowly they are taken', async () => {
  const { port } = service.app.server.address() as AddressInfo
  const bytes = await converse(port, async (socket) => {
    socket.pause().write(line('/v1/figures?format=ndjson').repeat(2) + tunnel)
    await milliseconds(1000)
    socket.resume()
  })
  expect(readAnswers(bytes).map(({ status, complete }) => [status, complete])).toEqual([
    [200, true],
    [200, true],
    [405, true],
  ])
}, 60_000)

describe('HEAD of a file', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each(formats)('makes none: %s', async (format) => {
    const path = `/v1/figures?format=${format}`
    type Statement = { all: () => unknown; get: () => unknown }
    const statement = Object.getPrototypeOf(service.db.$client.prepare('SELECT 1')) as Statement
    const reading = [vi.spyOn(statement, 'all'), vi.spyOn(statement, 'get')]
    const reads = async (method: string) => {
      for (const spy of reading) spy.mockClear()
      const answer = await service.ask(path, { method })
      // Until whoever would go on reading has had its turns.
      for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      return { answer, count: reading.flatMap(({ mock }) => mock.calls).length }
    }
    // Both once before, for what is read but once.
    await reads('GET')
    const [head, get] = [await reads('HEAD'), await reads('GET')]
    expect(get.count).toBeGreaterThan(3)
    expect(head.count).toBeLessThan(get.count / 2)
    expect(head.answer.body).toHaveLength(0)
    for (const name of ['content-type', 'content-disposition', 'etag', 'vary', 'cache-control']) {
      expect(head.answer.headers[name], name).toBe(get.answer.headers[name])
    }
  })
})

it.each(['', tunnel])(
  'of Parquet files only so many are made at a time, for the memory before their first byte: %j',
  async (last) => {
    const { port } = service.app.server.address() as AddressInfo
    const file = '/v1/figures?format=parquet'
    let asked = 0
    const count = () => (asked += 1)
    service.app.server.on('request', count)
    // Whoever reads nothing: what is asked first is more than the system takes, and the files have to wait behind it.
    const stalled = connect(port, '127.0.0.1').pause()
    stalled.write(line('/v1/figures?limit=1000').repeat(20) + line(file).repeat(8) + last)
    // Nobody else is to take the place of one of them.
    await expect.poll(() => asked, { timeout: 20_000 }).toBe(28)
    service.app.server.off('request', count)
    const next = () => service.ask(file)
    await expect.poll(async () => (await next()).status, { timeout: 20_000 }).toBe(503)
    const refused = await next()
    await readProblem(refused, 503)
    expect(refused.headers['retry-after']).toBe('10')
    expect((await service.ask('/v1/figures?format=csv')).status).toBe(200)
    stalled.destroy()
    await once(stalled, 'close')
    await expect.poll(async () => (await next()).status, { timeout: 20_000 }).toBe(200)
  },
  60_000,
)
