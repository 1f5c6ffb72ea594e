/** npm run schemas: writes seed-data/schemas/, the JSON Schemas with which editors check the YAML. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jsonSchemas } from '../seed/records.ts'
import { seedDirectory } from '../seed/staleness.ts'

const directory = join(seedDirectory, 'schemas')
mkdirSync(directory, { recursive: true })
for (const [file, content] of Object.entries(jsonSchemas())) writeFileSync(join(directory, file), content)
console.log(`Wrote ${directory}`)
