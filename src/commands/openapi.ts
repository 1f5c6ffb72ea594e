/** npm run openapi: writes openapi.yaml from the routes. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { openapiYaml } from '../routes/service.ts'
import { withService } from './with-service.ts'

const target = resolve(import.meta.dirname, '../../openapi.yaml')
await withService(async (app) => {
  writeFileSync(target, await openapiYaml(await app.openapi()))
})
console.log(`Wrote ${target}`)
