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

describe('behind a proxy that is believed about the host', () => {
  const { ask } = serviceForTests({ settings: { TRUST_PROXY: '1' } })

  test.each(['/', '/explore', '/robots.txt', '/sitemap.xml'])(
    'what %s says of the host to one client is told to no other',
    async (path) => {
      const from = async (headers: Record<string, string>) =>
        (await ask(path, { headers: { accept: 'text/html, */*;q=0.1', host: 'backend', ...headers } })).body.toString()
      for (let round = 0; round < 3; round += 1) {
        expect(await from({ 'x-forwarded-host': 'one.example', 'x-forwarded-proto': 'https' })).toContain(
          'https://one.example',
        )
      }
      for (let round = 0; round < 2; round += 1) {
        expect(await from({ 'x-forwarded-host': 'two.example' })).not.toContain('one.example')
        expect(await from({ 'x-forwarded-host': 'one.example' })).not.toContain('https://one.example')
        expect(await from({})).not.toMatch(/(?:one|two)\.example/)
        expect(await from({})).toContain('http://backend')
      }
    },
  )
})

describe('below a path of the public', () => {
  const { ask } = serviceForTests({ settings: { PUBLIC_URL: 'https://figures.example/counter' } })

  test('Swagger UI finds its files there', async () => {
    const { body } = await ask('/docs', { headers: { accept: 'text/html' } })
    const files = [...body.toString().matchAll(/(?:href|src)="([^"]*static[^"]*)"/g)].map(([, file = '']) => file)
    expect(files.length).toBeGreaterThan(4)
    for (const file of files) {
      expect(file).toMatch(/^\/counter\/docs\//)
      expect((await ask(file.replace('/counter', ''))).status, file).toBe(200)
    }
  })
})
