/**
 * What all tests of a run share: the database of the project's own dataset, built once for those that only read it, and one
 * folder for everything temporary, which must be as empty in the end as it was.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { buildDatabase } from '../../src/seed/build.ts'
import { temporaryNames } from './environment.ts'

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- Only an interface is merged into Vitest's.
  export interface ProvidedContext {
    /** Path of the database; who changes it changes a copy. */
    builtDatabase: string
  }
}

export default function setup({ config, provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'tests-'))
  const path = join(folder, 'metrics.db')
  // Workers are started after this, and what tests start inherits it.
  for (const name of temporaryNames) process.env[name] = folder
  buildDatabase(path)
  provide('builtDatabase', path)
  return () => {
    const left = readdirSync(folder).filter((name) => name !== 'metrics.db')
    rmSync(folder, { recursive: true, force: true })
    // Where tests are chosen by name, Vitest loads files of which it runs nothing, not even their hooks.
    if (config.testNamePattern === undefined && left.length > 0)
      throw new Error(`Tests left behind what they made: ${left.join(', ')}`)
  }
}
