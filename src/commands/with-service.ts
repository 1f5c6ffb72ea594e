import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { buildApp } from '../app.ts'
import { readConfig } from '../config.ts'
import { openDatabase } from '../db/client.ts'
import { buildDatabase } from '../seed/build.ts'

/**
 * Runs something with the service as it is by default, not listening, over a database of its own that is built from
 * `seed-data/` and removed afterwards.
 *
 * @throws what building or running throws.
 */
export async function withService(run: (app: FastifyInstance) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'metrics-'))
  try {
    const path = join(directory, 'metrics.db')
    buildDatabase(path)
    const db = openDatabase(path)
    const app = await buildApp({ db, config: readConfig({ LOG_LEVEL: 'silent' }) })
    await app.ready()
    await run(app)
    await app.close()
    db.$client.close()
  } finally {
    rmSync(directory, { recursive: true })
  }
}
