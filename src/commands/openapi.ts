/** npm run openapi: writes openapi.yaml as the service gives it. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { withService } from './with-service.ts'

const target = resolve(import.meta.dirname, '../../openapi.yaml')
await withService(async (app) => {
  const { statusCode, body } = await app.inject('/openapi.yaml')
  if (statusCode !== 200) throw new Error(body)
  writeFileSync(target, body)
})
console.log(`Wrote ${target}`)
