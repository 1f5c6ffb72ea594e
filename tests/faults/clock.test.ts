/** A clock that is set, or jumps, changes no answer and shuts nobody out. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { readProblem, serviceForTests } from '../support/service.ts'

const service = serviceForTests()
const limited = serviceForTests({ settings: { RATE_LIMIT_MAX: '2', TRUST_PROXY: 'true' } })
const hour = 3_600_000

/** Sets the clock that tells the date, and leaves alone those that timers go by. */
const setClock = (time: number) => vi.useFakeTimers({ toFake: ['Date'], now: time })
afterEach(() => {
  vi.useRealTimers()
})

describe('a clock', () => {
  it.each([
    ['at the beginning of time', 0],
    ['before it', -hour],
    ['an hour back', Date.now() - hour],
    ['a day ahead', Date.now() + 24 * hour],
    ['past 32 bits of seconds', Date.UTC(2040, 0)],
    ['in the year 9999', Date.UTC(9999, 11, 31)],
  ])('that is set to %s changes no answer', async (_, time) => {
    const asked = ['/v1/figures', '/v1/figures?as_of=2019-12-31', '/v1/targets', '/v1/dataset', '/readyz', '/']
    const lasting = async (path: string) => {
      const { status, headers, body } = await service.ask(path)
      return { status, etag: headers.etag, cached: headers['cache-control'], body: body.toString() }
    }
    const before = await Promise.all(asked.map(lasting))
    setClock(time)
    expect(await Promise.all(asked.map(lasting))).toEqual(before)
    const { etag = '' } = (await service.ask('/v1/figures')).headers
    expect((await service.ask('/v1/figures', { headers: { 'if-none-match': etag } })).status).toBe(304)
  })

  it('that was never set has heads end as they should, from the first on', async () => {
    setClock(0)
    // A module of its own, which has told no second yet.
    vi.resetModules()
    const { answer, createServer } = await import('../../src/http.ts')
    const server = createServer((_request, response) => {
      answer(response, 200, 'content-length: 2\r\n', 'ok')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { status, headers } = await fetch(`http://127.0.0.1:${port}/`)
    expect([status, headers.get('date')]).toEqual([200, 'Thu, 01 Jan 1970 00:00:00 GMT'])
    server.closeAllConnections()
    server.close()
  })

  it.each([
    ['back', -24 * hour, '192.0.2.1'],
    ['ahead', 24 * hour, '192.0.2.2'],
  ])('that jumps %s neither shuts an address out for longer nor lets it in sooner', async (_, jump, address) => {
    const headers = { 'x-forwarded-for': address }
    for (let at = 0; at < 2; at += 1) expect((await limited.ask('/v1/dataset', { headers })).status).toBe(200)
    setClock(Date.now() + jump)
    const answer = await limited.ask('/v1/dataset', { headers })
    await readProblem(answer, 429)
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60)
  })
})
