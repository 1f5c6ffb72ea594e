import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import Sqlite from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { applicationId, databaseFileKind, DatabaseFileError, foreignFile, type Db } from '../db/client.ts'
import * as schema from '../db/schema.ts'
import { compareFigures, needsReason, type Comparable } from './compare.ts'
import { seedDigest } from './digest.ts'
import { sourceUrl } from './fragment.ts'
import { codePoints } from './mentions.ts'
import { SeedError, type SeedProblem } from './problems.ts'
import { readSeed, type Seed } from './read.ts'

const root = resolve(import.meta.dirname, '../..')
/** The dataset's source of truth. */
export const seedDirectory = join(root, 'seed-data')
const migrationsFolder = join(root, 'migrations')

/** Why the database at a path has to be built; null where it is that of the seed-data folder. */
export function staleness(path: string, directory = seedDirectory): string | null {
  const kind = databaseFileKind(path)
  if (kind === 'missing') return 'it is missing'
  if (kind === 'foreign') throw foreignFile(path)
  let client
  try {
    client = new Sqlite(path, { readonly: true, fileMustExist: true })
    const digest = client.prepare('SELECT digest FROM release').pluck().get()
    if (digest !== seedDigest(directory)) return 'its digest is not that of seed-data/'
    const applied = client.prepare('SELECT hash FROM __drizzle_migrations ORDER BY id').pluck().all()
    const wanted = readMigrationFiles({ migrationsFolder }).map((migration) => migration.hash)
    return JSON.stringify(applied) === JSON.stringify(wanted) ? null : 'its tables are not those of migrations/'
  } catch (error) {
    return `it cannot be read (${rootCause(error)})`
  } finally {
    client?.close()
  }
}

export type BuildResult = { version: string; digest: string; counts: Record<string, number> }

/**
 * Builds the database from a seed-data folder: read, check, derive, compare, write. Everything goes, in one
 * transaction, into a new file beside `path`, which then takes its place by rename; whatever fails before that leaves
 * the old file as it was. The same folder gives the same file, byte for byte.
 *
 * @throws SeedError for faults in the folder, DatabaseFileError where `path` holds a file that is not ours.
 */
export function buildDatabase(path: string, directory = seedDirectory): BuildResult {
  if (databaseFileKind(path) === 'foreign') throw foreignFile(path)
  const seed = readSeed(directory)
  const comparisons = explainComparisons(seed)
  const digest = seedDigest(directory)

  const building = `${path}.building-${process.pid}`
  try {
    mkdirSync(dirname(resolve(path)), { recursive: true })
    removeAbandoned(path)
    const client = new Sqlite(building)
    try {
      client.pragma(`application_id = ${applicationId}`)
      client.pragma('foreign_keys = ON')
      const db = drizzle({ client, schema })
      migrate(db, { migrationsFolder })
      client.transaction(() => {
        insert(db, seed, comparisons, digest)
      })()
      client.exec('ANALYZE')
      client.exec('VACUUM')
    } finally {
      client.close()
    }
    // On disk before it takes the old file's place: a power cut leaves either the old database or the new.
    sync(building)
    renameSync(building, path)
    if (process.platform !== 'win32') sync(dirname(resolve(path)))
  } catch (error) {
    rmSync(building, { force: true })
    rmSync(`${building}-journal`, { force: true })
    if (error instanceof SeedError) throw error
    throw new DatabaseFileError(`could not write ${path}: ${rootCause(error)}. What stood there is unchanged.`)
  }
  const figures = seed.documents.flatMap((document) => document.figures)
  return {
    version: seed.dataset.version,
    digest,
    counts: {
      documents: seed.documents.length,
      metrics: seed.metrics.length,
      figures: figures.length,
      comparisons: comparisons.length,
      not_recorded: seed.documents.reduce((sum, document) => sum + document.not_recorded.length, 0),
    },
  }
}

/** The message of what first went wrong, on one line: Drizzle wraps it in the statement that met it. */
function rootCause(error: unknown): string {
  let cause = error as Error
  while (cause.cause instanceof Error) cause = cause.cause
  return cause.message.replace(/\s+/g, ' ')
}

/** Half-built files of processes that were killed, one of our own number among them, as a container may have it. */
function removeAbandoned(path: string): void {
  const folder = dirname(resolve(path))
  const prefix = `${basename(path)}.building-`
  for (const file of readdirSync(folder).filter((name) => name.startsWith(prefix))) {
    const pid = Number(/^(\d+)(?:-journal)?$/.exec(file.slice(prefix.length))?.[1])
    if (pid === process.pid || (pid > 0 && !isRunning(pid))) rmSync(join(folder, file), { force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** The comparisons with their reasons; every missing and every needless reason is a fault. */
function explainComparisons(seed: Seed): (typeof schema.comparison.$inferInsert)[] {
  const comparable: Comparable[] = seed.documents.flatMap(({ document, figures, published_latest }) =>
    figures.map((figure) => ({
      ...figure,
      origin: 'quoted' as const,
      publisher: document.publisher,
      document: document.id,
      published_latest,
    })),
  )
  const problems: SeedProblem[] = []
  const unused = new Set(seed.reasons)
  const explained = compareFigures(comparable).map((comparison) => {
    const { figure_a, figure_b, relation } = comparison
    const found = seed.reasons.find((reason) => reason.figure_a === figure_a && reason.figure_b === figure_b)
    if (found !== undefined) unused.delete(found)
    if (found === undefined && needsReason.includes(relation)) {
      const message = `expected a reason for ${figure_a} and ${figure_b}, whose relation is ${relation}`
      problems.push({ file: 'comparisons.yaml', line: 1, field: 'comparisons', message })
    }
    return { ...comparison, reason: found?.reason ?? null }
  })
  for (const { file, line, figure_a, figure_b } of unused) {
    const message = `expected a pair that is compared, the earlier printed first; ${figure_a} and ${figure_b} are none, or stand twice`
    problems.push({ file, line, field: 'comparisons', message })
  }
  if (problems.length > 0) throw new SeedError(problems)
  return explained
}

function insert(
  db: Omit<Db, '$client'>,
  seed: Seed,
  comparisons: (typeof schema.comparison.$inferInsert)[],
  digest: string,
): void {
  db.insert(schema.release)
    .values({ id: 1, digest, ...seed.dataset })
    .run()
  for (const { printed: _, ...unit } of seed.units) db.insert(schema.unit).values(unit).run()
  for (const place of seed.places) db.insert(schema.place).values(place).run()
  for (const organization of seed.organizations) db.insert(schema.organization).values(organization).run()
  for (const { scopes, ...metric } of seed.metrics) {
    db.insert(schema.metric).values(metric).run()
    for (const [scope, definition] of Object.entries(scopes)) {
      db.insert(schema.metricScope).values({ metric: metric.id, scope, definition }).run()
    }
  }
  for (const { document, figures, not_recorded, published_earliest, published_latest } of seed.documents) {
    db.insert(schema.document)
      .values({ ...document, published_earliest, published_latest })
      .run()
    for (const { evidence, ...figure } of figures) {
      db.insert(schema.figure)
        .values({ ...figure, origin: 'quoted', document: document.id, source_url: sourceUrl(document.address, figure) })
        .run()
      for (const span of evidence)
        db.insert(schema.evidence)
          .values({ figure: figure.id, ...span })
          .run()
    }
    for (const mention of not_recorded) {
      db.insert(schema.notRecorded)
        .values({ document: document.id, ...mention, end: mention.start + codePoints(mention.text) })
        .run()
    }
  }
  for (const comparison of comparisons) db.insert(schema.comparison).values(comparison).run()
}
