import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import { buildApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import { openDatabase } from '../src/db/client.ts'
import { readProblem, serviceForTests } from './support/service.ts'

const { get } = serviceForTests({ maxEventLoopDelay: 20 })

/** Keeps the event loop from turning, as a flood of work would. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

test('an overloaded service sheds requests with a 503 that says when to ask again', async () => {
  const known = await get('/v1/metrics?limit=1')
  await known.text()
  // What was answered before is given even then, so each question is a new one.
  let limit = 2
  let response = await get(`/v1/metrics?limit=${limit}`)
  // The load is measured once a second: within a few of them it must show.
  for (const deadline = performance.now() + 10_000; response.status === 200 && performance.now() < deadline;) {
    await response.text()
    block(100)
    limit += 1
    response = await get(`/v1/metrics?limit=${limit}`)
  }
  const problem = await readProblem(response, 503)
  expect(problem.title).toBe('Unavailable')
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
  const again = await get('/v1/metrics?limit=1')
  expect(again.status).toBe(200)
  await again.text()
  // The process is alive all the same, and says so to whoever would end it otherwise.
  const alive = await get('/livez')
  expect(alive.status).toBe(200)
  await alive.text()
})

test('that the start kept the event loop from turning is not taken for load', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'overload-'))
  const path = join(folder, 'metrics.db')
  copyFileSync(inject('builtDatabase'), path)
  const db = openDatabase(path)
  const app = await buildApp({ db, config: readConfig({ LOG_LEVEL: 'silent' }), maxEventLoopDelay: 20 })
  try {
    await app.ready()
    block(1500)
    const address = await app.listen({ host: '127.0.0.1', port: 0 })
    // The load was to be measured while the event loop stood still: it is now.
    await setTimeout(10)
    const response = await fetch(`${address}/v1/metrics?limit=1`)
    await response.text()
    expect(response.status).toBe(200)
  } finally {
    await app.close()
    db.$client.close()
    rmSync(folder, { recursive: true })
  }
})

test('a service that was overloaded answers again when the load is gone', async () => {
  let asked = 0
  const refused = async () => {
    const response = await get(`/v1/figures?limit=1&unit=ha&value_min=${(asked += 1)}`)
    await response.text()
    return response.status === 503
  }
  // Which of the two never comes is told by the time that the test may take.
  while (!(await refused())) block(100)
  while (await refused()) await setTimeout(50)
  expect(await refused()).toBe(false)
})
