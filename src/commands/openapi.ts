/** npm run openapi: writes openapi.yaml as the service gives it. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { withService } from './with-service.ts'

const target = resolve(import.meta.dirname, '../../openapi.yaml')
await withService(async (app) => {
  const { body } = await app.inject('/openapi.yaml')
  writeFileSync(target, body)
})
console.log(`Wrote ${target}`)
