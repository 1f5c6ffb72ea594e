/** npm run openapi: writes openapi.yaml from the routes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buildApp } from '../app.ts'
import { openDatabase } from '../db/client.ts'
import { openapiYaml } from '../routes/service.ts'
import { buildDatabase } from '../seed/build.ts'
import { readConfig } from '../config.ts'

const target = resolve(import.meta.dirname, '../../openapi.yaml')
const directory = mkdtempSync(join(tmpdir(), 'openapi-'))
try {
  const path = join(directory, 'metrics.db')
  buildDatabase(path)
  const db = openDatabase(path)
  const app = await buildApp({ db, config: readConfig({ LOG_LEVEL: 'silent' }) })
  await app.ready()
  writeFileSync(target, await openapiYaml(await app.openapi()))
  await app.close()
  db.$client.close()
  console.log(`Wrote ${target}`)
} finally {
  rmSync(directory, { recursive: true })
}
