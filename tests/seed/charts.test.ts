import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { openDatabase } from '../../src/db/client.ts'
import { chart } from '../../src/db/schema.ts'
import { buildDatabase, buildSyntheticDatabase } from '../../src/seed/build.ts'
import { root, temporaryFolder } from '../support/seed.ts'

/** The modules that a program loads, by address, where it imports a file of ours; the program ends by itself. */
function loadedBy(file: string, environment: Record<string, string> = {}): string[] {
  const program = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
    console.log = () => undefined
    await import(${JSON.stringify(join(root, file))})
    process.stdout.write(JSON.stringify(loaded), () => process.exit(0))`
  const options = { env: { ...process.env, ...environment }, timeout: 30_000, cwd: root, encoding: 'utf8' as const }
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], options)
  return JSON.parse(output.slice(output.lastIndexOf('["'))) as string[]
}
const ofVega = (modules: string[]) => modules.filter((url) => url.includes('/node_modules/vega'))

it('the program that builds loads Vega, as this test would see', () => {
  expect(ofVega(loadedBy('src/seed/build.ts')).length).toBeGreaterThan(5)
})

it('the program that serves loads no Vega', () => {
  const modules = loadedBy('src/server.ts')
  expect(modules.some((url) => url.endsWith('/src/routes/charts.ts'))).toBe(true)
  expect(ofVega(modules)).toEqual([])
})

it('a start over a database that is built loads no Vega either', () => {
  const path = join(temporaryFolder(), 'metrics.db')
  copyFileSync(inject('builtDatabase'), path)
  const modules = loadedBy('src/commands/start.ts', { DATABASE_PATH: path, PORT: '0', LOG_LEVEL: 'silent' })
  expect(modules.some((url) => url.endsWith('/src/server.ts'))).toBe(true)
  expect(modules.some((url) => url.endsWith('/src/seed/build.ts'))).toBe(false)
  expect(ofVega(modules)).toEqual([])
})

it('two builds draw the same bytes', () => {
  const path = join(temporaryFolder(), 'metrics.db')
  buildDatabase(path)
  expect(readFileSync(path).equals(readFileSync(inject('builtDatabase')))).toBe(true)
})

it('generated figures are not drawn', () => {
  const path = join(temporaryFolder(), 'metrics.db')
  buildSyntheticDatabase(path, { seed: 1, figures: 40 })
  const db = openDatabase(path)
  expect(db.select().from(chart).all()).toEqual([])
  db.$client.close()
})
