import { describe, expect, test } from 'vitest'
import { serviceForTests } from './support/service.ts'

describe('behind one proxy', () => {
  const { ask } = serviceForTests({ settings: { TRUST_PROXY: '1', RATE_LIMIT_MAX: '3' } })

  test('a client cannot pass for others: what it writes itself into X-Forwarded-For does not count', async () => {
    const statuses = []
    for (const made of ['9.9.9.1', '9.9.9.2', '9.9.9.3', '9.9.9.4']) {
      const { status } = await ask('/v1/dataset', { headers: { 'x-forwarded-for': `${made}, 192.0.2.1` } })
      statuses.push(status)
    }
    expect(statuses).toEqual([200, 200, 200, 429])
  })

  test('clients are told apart by what the proxy says', async () => {
    const { status } = await ask('/v1/dataset', { headers: { 'x-forwarded-for': '192.0.2.2' } })
    expect(status).toBe(200)
  })
})
