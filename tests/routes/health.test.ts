import { copyFileSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { release } from '../../src/db/schema.ts'
import { Health } from '../../src/schemas/dataset.ts'
import { read, readProblem, serviceForTests, startService } from '../support/service.ts'

const { get, ask } = serviceForTests()

it('the process is up', async () => {
  expect(await read(await get('/livez'), Health)).toEqual({ status: 'ok' })
})

it('the service is ready, and says with which release', async () => {
  const { data } = (await (await get('/v1/dataset')).json()) as { data: { version: string } }
  expect(await read(await get('/readyz'), Health)).toEqual({ status: 'ok', release: data.version })
})

describe.each(['/livez', '/readyz'])('%s', (path) => {
  it('is never stored', async () => {
    const { headers } = await get(path)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('etag')).toBeNull()
  })

  it('answers whatever media type is asked for, and to HEAD', async () => {
    expect((await ask(path, { headers: { accept: 'image/png' } })).status).toBe(200)
    const { status, body } = await ask(path, { method: 'HEAD' })
    expect([status, body.length]).toEqual([200, 0])
  })

  it('is never unmodified', async () => {
    expect((await ask(path, { headers: { 'if-none-match': '*' } })).status).toBe(200)
  })

  it('takes no parameters', async () => {
    const { errors = [] } = await readProblem(await get(`${path}?verbose=true`), 400)
    expect(errors).toMatchObject([{ parameter: 'verbose' }])
  })
})

describe('a service whose database has gone', () => {
  it('is up but not ready, and says when to ask again', async () => {
    const service = await startService()
    try {
      service.db.$client.close()
      const answer = await service.ask('/readyz')
      const { detail } = await readProblem(answer, 503)
      expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/)
      expect(detail).not.toMatch(/sqlite|select|\bsql\b|\.db\b|connection/i)
      expect((await service.ask('/livez')).status).toBe(200)
    } finally {
      await service.close()
    }
  })

  it('is not ready with another release than it started with', async () => {
    const service = await startService()
    try {
      const change = () => {
        service.change((db) => {
          db.update(release)
            .set({ digest: `sha256:${'0'.repeat(64)}` })
            .run()
        })
      }
      // Whoever writes it by SQLite is kept from it, since the service reads it in one lasting transaction …
      expect(change).toThrow('database is locked')
      expect((await service.get('/readyz')).status).toBe(200)
      // … but not who writes over it.
      const path = service.db.$client.name
      const other = `${path}.other`
      copyFileSync(path, other)
      const client = new Sqlite(other)
      client.prepare('UPDATE release SET digest = ?').run(`sha256:${'0'.repeat(64)}`)
      client.close()
      copyFileSync(other, path)
      await readProblem(await service.get('/readyz'), 503)
    } finally {
      await service.close()
    }
  })
})
