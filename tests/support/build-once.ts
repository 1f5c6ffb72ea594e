/** The database of the project's own dataset, built once for all tests that only read it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { buildDatabase } from '../../src/seed/build.ts'

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- Only an interface is merged into Vitest's.
  export interface ProvidedContext {
    /** Path of the database; who changes it changes a copy. */
    builtDatabase: string
  }
}

export default function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'built-once-'))
  const path = join(folder, 'metrics.db')
  buildDatabase(path)
  provide('builtDatabase', path)
  return () => {
    rmSync(folder, { recursive: true, force: true })
  }
}
