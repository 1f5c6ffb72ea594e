/** What the tests of the seed pipeline share: temporary folders, copies of seed-data/, and the commands. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { seedDirectory } from '../../src/seed/staleness.ts'
import { inherited } from './environment.ts'

export const root = resolve(import.meta.dirname, '../..')

export type AtEnd = (remove: () => void | Promise<void>) => void

/**
 * A new folder, removed after the test. `temporaryFolder(afterAll)` keeps it for all tests of a file or a `describe`, not
 * within a hook, where Vitest knows no `afterAll`; a concurrent test gives the `onTestFinished` of its own context.
 */
export function temporaryFolder(atEnd: AtEnd = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'seed-test-'))
  atEnd(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** A copy of seed-data/ to break; removed after the test. */
export function copySeed(atEnd?: AtEnd): string {
  const folder = join(temporaryFolder(atEnd), 'seed-data')
  cpSync(seedDirectory, folder, { recursive: true })
  return folder
}

/** Replaces a text, which must occur exactly once, in a file of a folder. */
export function edit(folder: string, file: string, from: string, to: string): void {
  const path = join(folder, file)
  const source = readFileSync(path, 'utf8')
  expect(source.split(from).length - 1, `occurrences of "${from}" in ${file}`).toBe(1)
  writeFileSync(
    path,
    source.replace(from, () => to),
  )
}

/** The 1-based line at which a text, which must occur exactly once, begins in a file of a folder. */
export function lineOf(folder: string, file: string, text: string): number {
  const source = readFileSync(join(folder, file), 'utf8')
  expect(source.split(text).length - 1, `occurrences of "${text}" in ${file}`).toBe(1)
  return source.slice(0, source.indexOf(text)).split('\n').length
}

export const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex')

/** Every file below a folder with the digest of its bytes: two of these are equal where nothing was written. */
export function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  )
  return Object.fromEntries(files.toSorted().map((name) => [name, sha256(readFileSync(join(folder, name)))]))
}

/** What a call throws; the test fails where it throws nothing. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return expect.unreachable('expected an error')
}

export type Run = { code: number; stdout: string; stderr: string }

/** Runs a program to its end. Of the environment it gets only what tests pass on and what is given. */
export function run(
  program: string,
  parameters: readonly string[],
  { cwd = root, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Run> {
  return new Promise((done, failed) => {
    execFile(program, parameters, { cwd, env: { ...inherited, ...env } }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      if (typeof code === 'number') done({ code, stdout, stderr })
      else failed(error ?? new Error('no exit code'))
    })
  })
}

/** Runs src/commands/<name>.ts as npm would. */
export function runCommand(
  name: 'seed' | 'audit' | 'synthesize',
  parameters: readonly string[],
  options?: { cwd?: string; env?: Record<string, string> },
): Promise<Run> {
  return run(process.execPath, [join(root, 'src/commands', `${name}.ts`), ...parameters], options)
}
