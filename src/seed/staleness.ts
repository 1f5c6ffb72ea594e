/** Whether the database has to be built; apart from the building, which takes longer to load than the service to start. */
import { join, resolve } from 'node:path'
import Sqlite from 'better-sqlite3'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { codeVersion, databaseFileKind, foreignFile } from '../db/client.ts'
import { seedDigest } from './digest.ts'

const root = resolve(import.meta.dirname, '../..')
/** The dataset's source of truth. */
export const seedDirectory = join(root, 'seed-data')
export const migrationsFolder = join(root, 'migrations')

/**
 * Why the database at a path has to be built; null where it is that of the seed-data folder.
 *
 * @throws Error where the file is none of ours, or where the folder or the migrations cannot be read.
 */
export function staleness(path: string, directory = seedDirectory): string | null {
  const kind = databaseFileKind(path)
  if (kind === 'missing') return 'it is missing'
  if (kind === 'foreign') throw foreignFile(path)
  const wantedDigest = seedDigest(directory)
  const wanted = readMigrationFiles({ migrationsFolder }).map((migration) => migration.hash)
  let client
  try {
    client = new Sqlite(path, { readonly: true, fileMustExist: true })
    const digest = client.prepare('SELECT digest FROM release').pluck().get()
    if (digest !== wantedDigest) return 'its digest is not that of seed-data/'
    if (client.pragma('user_version', { simple: true }) !== codeVersion)
      return 'it was built by another version of the code'
    const applied = client.prepare('SELECT hash FROM __drizzle_migrations ORDER BY rowid').pluck().all()
    return JSON.stringify(applied) === JSON.stringify(wanted) ? null : 'its tables are not those of migrations/'
  } catch (error) {
    return `it cannot be read (${rootCause(error).message})`
  } finally {
    client?.close()
  }
}

/** What first went wrong, its message on one line: Drizzle wraps it in the statement that met it. */
export function rootCause(error: unknown): { code?: string; syscall?: string; message: string } {
  let cause = error as NodeJS.ErrnoException
  while (cause.cause instanceof Error) cause = cause.cause
  const { code, syscall, message } = cause
  return {
    ...(code !== undefined && { code }),
    ...(syscall !== undefined && { syscall }),
    message: message.replace(/\s+/g, ' '),
  }
}
