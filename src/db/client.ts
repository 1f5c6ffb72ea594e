import { closeSync, openSync, readSync, statSync, type Stats } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { getTableColumns, getTableName, is, sql, type Placeholder, type SQL, type SQLWrapper } from 'drizzle-orm'
import { drizzle, type BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
import { SQLiteTable, type SQLiteColumn } from 'drizzle-orm/sqlite-core'
import manifest from '../../package.json' with { type: 'json' }
import { remembered } from '../first-use.ts'
import * as schema from './schema.ts'

export type Db = BetterSQLite3Database & { $client: Sqlite.Database }

/** Makes a query be composed and compiled once for each database, when it is first asked. */
export function compiled<Query>(compose: (db: Db) => Query): (db: Db) => Query {
  const known = new WeakMap<Db, Query>()
  return (db) => remembered(known, db, compose)
}

/**
 * The same for a query of which not every request asks for every part: it is composed and compiled once for each shape. A
 * shape says of each part whether it is there, and nothing of what it asks for: of n parts 2^n queries at most are kept.
 */
export function compiledByShape<Shape extends Readonly<Record<string, boolean>>, Query>(
  compose: (db: Db, shape: Shape) => Query,
): (db: Db, shape: Shape) => Query {
  const known = compiled(() => new Map<string, Query>())
  return (db, shape) => remembered(known(db), JSON.stringify(shape), () => compose(db, shape))
}

/**
 * A value that a compiled query is given each time. Where the value of a bare placeholder could bear on the plan, as it can
 * in a join or as a limit, SQLite compiles the query anew whenever one is bound (https://www.sqlite.org/c3ref/prepare.html,
 * of prepare_v2); behind a sign it does not look at it. The sign changes neither the value nor which indexes are used.
 */
export const given = (name: string): SQL => sql`+${sql.placeholder(name)}`

/** How many rows at most, given each time. Drizzle writes any SQL there, but its type knows only bare placeholders. */
export const limitGiven = (name: string): Placeholder => given(name) as unknown as Placeholder

/** Whether a column has one of the terms of a list that is given each time, as JSON (`asGiven`). */
export const isListed = (column: SQLWrapper, name: string): SQL =>
  sql`${column} IN (SELECT value FROM json_each(${sql.placeholder(name)}))`

/** Lists as `isListed` is given them, by name; there is nothing for those that are not asked for. */
export const asGiven = (lists: Readonly<Record<string, readonly unknown[] | undefined>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list && JSON.stringify(list)]))

/** "CNM1" in ASCII: the SQLite application id by which the service knows its own files. */
export const applicationId = 0x434e4d31

/** Files up to so many bytes are checked as a whole when they are opened; it takes a tenth of a second. */
const mostChecked = 64 * 2 ** 20

/**
 * The version of the code as one number, which a database has as its `user_version`: what is served of a figure is made by
 * code, not by the facts alone.
 */
export const codeVersion = manifest.version.split('.').reduce((number, part) => number * 1000 + Number(part), 0)

/** Thrown where a database file cannot be used; the message says what to do. */
export class DatabaseFileError extends Error {}

/**
 * What stands at a path, told by the first 100 bytes alone (https://www.sqlite.org/fileformat.html, section 1.3), so
 * that a file that is not ours is never opened, let alone written.
 */
export function databaseFileKind(path: string): 'missing' | 'ours' | 'foreign' {
  let file
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing'
    throw new DatabaseFileError(`cannot read ${path}: ${(error as Error).message}`)
  }
  try {
    const header = Buffer.alloc(100)
    readSync(file, header, 0, 100, 0)
    const isSqlite = header.subarray(0, 16).toString('latin1') === 'SQLite format 3\0'
    return isSqlite && header.readUInt32BE(68) === applicationId ? 'ours' : 'foreign'
  } catch (error) {
    const isFolder = (error as NodeJS.ErrnoException).code === 'EISDIR'
    const why = isFolder ? 'it is a folder, where a file should be' : (error as Error).message
    throw new DatabaseFileError(`cannot read ${path}: ${why}`)
  } finally {
    closeSync(file)
  }
}

/** The error for a path that holds something else than a database of this service. */
export function foreignFile(path: string): DatabaseFileError {
  return new DatabaseFileError(
    `${path} is not a database of this service, so it was left as it is. ` +
      'Move it away and run "npm run seed" to build the database there, or set DATABASE_PATH to another path.',
  )
}

/** What the file of each open database was like when it was opened. */
const opened = new WeakMap<Db, Stats>()

/**
 * Whether the file of an open database was written since, which SQLite itself sees only of pages that it reads again. A
 * file that took its place, as a new build does, is another: what is open stays what it was.
 */
export function wasOverwritten(db: Db): boolean {
  const before = opened.get(db)
  const now = statSync(db.$client.name, { throwIfNoEntry: false })
  if (before === undefined || now?.ino !== before.ino || now.dev !== before.dev) return false
  return now.mtimeMs !== before.mtimeMs || now.size !== before.size
}

/**
 * Opens a built database for reading only: the file is never written, not even by a mistaken statement.
 *
 * @throws DatabaseFileError where the file is missing, not ours, damaged or made by another version of the code.
 */
export function openDatabase(path: string): Db {
  const kind = databaseFileKind(path)
  if (kind === 'missing') {
    throw new DatabaseFileError(`there is no database at ${path}. Run "npm run seed" to build it from seed-data/.`)
  }
  if (kind === 'foreign') throw foreignFile(path)
  let client: Sqlite.Database | undefined
  try {
    client = new Sqlite(path, { readonly: true, fileMustExist: true })
    client.pragma('query_only = ON')
    // In KiB: SQLite's own 2,000 hold little more than the inner pages of an index of millions.
    client.pragma('cache_size = -6144')
    // What a large sort needs would else go to a file, and the process may have nowhere to write one.
    client.pragma('temp_store = MEMORY')
    // Touches every page, so damage shows now and not in the middle of an answer. Only of a small file, as the dataset
    // is: of gigabytes it would take minutes, and what damage does there is a 500 and a /readyz that says so.
    const verdict = statSync(path).size > mostChecked ? 'ok' : client.pragma('quick_check(1)', { simple: true })
    if (verdict !== 'ok') throw new Error(String(verdict))
    const db = drizzle({ client })
    client.prepare('SELECT id FROM release').get()
    refuseOtherVersions(path, db)
    // One transaction for good: the file never changes, so it need not be locked and looked at anew for each statement.
    client.exec('BEGIN')
    client.prepare('SELECT id FROM release').get()
    opened.set(db, statSync(path))
    return db
  } catch (error) {
    client?.close()
    if (error instanceof DatabaseFileError) throw error
    throw new DatabaseFileError(
      `the database at ${path} is damaged (${(error as Error).message.replace(/\s+/g, ' ')}). Run "npm run seed" to build it anew from seed-data/.`,
    )
  }
}

/** A database that lacks what this code would ask it for fails now and not at the first request for it. */
function refuseOtherVersions(path: string, db: Db): void {
  let lack = db.$client.pragma('user_version', { simple: true }) === codeVersion ? '' : 'its version is another'
  try {
    // Compiled and not run. With the name of its table a column is never taken for text.
    for (const table of Object.values(schema)) {
      if (!is(table, SQLiteTable)) continue
      const from = getTableName(table)
      const columns = Object.values<SQLiteColumn>(getTableColumns(table)).map(({ name }) => `"${from}"."${name}"`)
      db.$client.prepare(`SELECT ${columns.join()} FROM "${from}"`)
    }
    db.$client.prepare('SELECT rowid FROM served_text')
  } catch (error) {
    lack = (error as Error).message
  }
  if (lack === '') return
  throw new DatabaseFileError(
    `the database at ${path} was built by another version of the code (${lack}). Run "npm run seed" to build it anew from seed-data/.`,
  )
}
