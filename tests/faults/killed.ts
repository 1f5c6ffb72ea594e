/**
 * Loaded into a process before its own code (`node --import`): counts the calls by which it changes the folder KILLED_IN or
 * makes files in it last, and the statements that SQLite runs, and kills it, as `kill -9` would, just before the one that
 * KILLED_AT names, as in `renameSync 0`. Where it comes to its end, it prints how many there were.
 */
import fs, { writeSync } from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'

type Functions = Record<string, (this: unknown, ...given: unknown[]) => unknown>

const { KILLED_AT = '', KILLED_IN = '' } = process.env
const calls = new Map<string, number>()
/** The descriptors of what was opened in the folder. */
const opened = new Set<unknown>()

function count(name: string): void {
  const before = calls.get(name) ?? 0
  if (`${name} ${before}` === KILLED_AT) process.kill(process.pid, 'SIGKILL')
  calls.set(name, before + 1)
}

function watch(
  functions: Functions,
  name: string,
  meet: (given: readonly unknown[]) => ((result: unknown) => void) | null,
) {
  const original = functions[name]
  if (original === undefined) throw new Error(`there is no ${name}`)
  functions[name] = function (...given) {
    const leave = meet(given)
    const result = original.apply(this, given)
    leave?.(result)
    return result
  }
}

const isThere = ([subject]: readonly unknown[]) =>
  typeof subject === 'string' ? subject.startsWith(KILLED_IN) : opened.has(subject)
const files = fs as unknown as Functions
watch(files, 'openSync', (given) => (isThere(given) ? (file) => opened.add(file) : null))
for (const name of ['mkdirSync', 'fsyncSync', 'renameSync', 'rmSync', 'writeFileSync']) {
  watch(files, name, (given) => {
    if (isThere(given)) count(name)
    return null
  })
}
syncBuiltinESMExports()

const Sqlite = createRequire(import.meta.url)('better-sqlite3') as new (path: string) => {
  prepare: (statement: string) => object
}
const statements = Object.getPrototypeOf(new Sqlite(':memory:').prepare('SELECT 1')) as Functions
watch(statements, 'run', () => {
  count('run')
  return null
})

process.on('exit', () => {
  writeSync(1, `counted ${JSON.stringify(Object.fromEntries(calls))}\n`)
})
