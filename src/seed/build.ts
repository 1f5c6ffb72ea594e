import { createHash, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import Sqlite from 'better-sqlite3'
import { eq, getTableColumns, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { applicationId, codeVersion, databaseFileKind, DatabaseFileError, foreignFile, type Db } from '../db/client.ts'
import * as schema from '../db/schema.ts'
import { needsReason } from '../schemas/vocabularies.ts'
import { fillCharts } from './charts.ts'
import { compareFigures, type Comparable } from './compare.ts'
import { seedDigest } from './digest.ts'
import { sourceUrl } from './fragment.ts'
import { codePoints } from './mentions.ts'
import { SeedError, type SeedProblem } from './problems.ts'
import { indexedAfterwards, inserter } from './insert.ts'
import { readSeed, type Seed, type SeedDocument } from './read.ts'
import { rowReader } from './rows.ts'
import { fillServedTables } from './serve.ts'
import { migrationsFolder, rootCause, seedDirectory } from './staleness.ts'
import { synthesize, type Size } from './synthesize.ts'

type ExplainedComparison = typeof schema.comparison.$inferInsert

/** A dataset ready to be loaded; documents may come one by one, since a generated dataset need not fit into memory. */
export type Content = Omit<Seed, 'documents' | 'reasons'> & {
  documents: Iterable<SeedDocument>
  /** Asked for when the figures stand in the database, so that they may be read from there. */
  comparisons: (db: Db) => Iterable<ExplainedComparison>
  digest: string
  /** What else is made from the facts, when they and the served tables are there. */
  finish?: (db: Db) => void
}

/** What a build has done so far: so many of the things of a stage. */
export type Progress = { stage: 'figures' | 'comparisons'; done: number } | { stage: 'served tables' }

export type BuildResult = {
  version: string
  digest: string
  counts: Record<'documents' | 'metrics' | 'figures' | 'comparisons' | 'not_recorded', number>
}

/**
 * Builds the database from a seed-data folder: read, check, compare, write. The same folder gives the same file, byte
 * for byte.
 *
 * @throws SeedError for faults in the folder, DatabaseFileError where `path` holds a file that is not ours.
 */
export function buildDatabase(path: string, directory = seedDirectory): BuildResult {
  if (databaseFileKind(path) === 'foreign') throw foreignFile(path)
  const seed = readSeed(directory)
  const comparisons = explainComparisons(seed)
  const digest = seedDigest(directory)
  return writeDatabase(path, { ...seed, comparisons: () => comparisons, digest, finish: fillCharts })
}

/**
 * Writes a dataset. Everything goes, in one transaction, into a new file beside `path`, which then takes its place by
 * rename; whatever fails before that leaves the old file as it was.
 *
 * @throws DatabaseFileError where `path` cannot be written or holds a file that is not ours.
 */
export function writeDatabase(
  path: string,
  content: Content,
  onProgress: (progress: Progress) => void = () => undefined,
): BuildResult {
  if (databaseFileKind(path) === 'foreign') throw foreignFile(path)
  // By more than the number of the process: containers that share a folder may have one number each.
  const building = `${path}.building-${process.pid}-${randomBytes(4).toString('hex')}`
  let counts: BuildResult['counts'] | undefined
  try {
    mkdirSync(dirname(resolve(path)), { recursive: true })
    removeAbandoned(path)
    const client = new Sqlite(building)
    try {
      // Rows are read whole, many at a time: half as many reads as with SQLite's own 4,096.
      client.pragma('page_size = 8192')
      client.pragma(`application_id = ${applicationId}`)
      client.pragma(`user_version = ${codeVersion}`)
      client.pragma('foreign_keys = ON')
      // A file that is thrown away where anything fails needs no way back on disk; it is synced as a whole at the end.
      client.pragma('journal_mode = MEMORY')
      client.pragma('synchronous = OFF')
      // In KiB: the pages that rows of many places are looked up in are written once, not each time they change.
      client.pragma('cache_size = -131072')
      const db = drizzle({ client })
      client.transaction(() => {
        createTables(client)
        counts = insert(db, content, onProgress)
        onProgress({ stage: 'served tables' })
        fillServedTables(db)
        content.finish?.(db)
      })()
    } finally {
      client.close()
    }
    // On disk before it takes the old file's place: a power cut leaves either the old database or the new.
    sync(building)
    renameSync(building, path)
    if (process.platform !== 'win32') sync(dirname(resolve(path)))
  } catch (error) {
    rmSync(building, { force: true })
    const { code = '', syscall, message } = rootCause(error)
    // Whatever is wrong with what was to be written is no fault of the file, its folder or its disk.
    const isOfFile = syscall !== undefined || /^SQLITE_(?:BUSY|CANTOPEN|FULL|IOERR|NOTADB|PERM|READONLY)/.test(code)
    if (!isOfFile) throw error
    throw new DatabaseFileError(`could not write ${path}: ${message}. What stood there is unchanged.`, { cause: error })
  }
  if (counts === undefined) throw new Error('nothing was counted')
  return { version: content.dataset.version, digest: content.digest, counts }
}

/**
 * The tables of a new database, and the record of the migrations that made them, as Drizzle's migrator keeps it. That one
 * rolls back what failed, which SQLite has already done where the disk is full: one would hear of nothing else.
 */
function createTables(client: Sqlite.Database): void {
  client.exec('CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)')
  const record = client.prepare('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)')
  for (const { sql: statements, hash, folderMillis } of readMigrationFiles({ migrationsFolder })) {
    for (const statement of statements) client.exec(statement)
    record.run(hash, folderMillis)
  }
}

/**
 * Half-built files of processes that were killed. Containers that share a folder know nothing of each other's processes: what has
 * been written to of late may be built just now, whether its number is unknown here or our own.
 */
function removeAbandoned(path: string): void {
  const folder = dirname(resolve(path))
  const prefix = `${basename(path)}.building-`
  for (const file of readdirSync(folder).filter((name) => name.startsWith(prefix))) {
    const pid = Number(/^(\d+)(?:-[\da-f]{8})?$/.exec(file.slice(prefix.length))?.[1])
    const isAbandoned = pid > 0 && isIdle(join(folder, file)) && (pid === process.pid || !isRunning(pid))
    if (isAbandoned) rmSync(join(folder, file), { force: true })
  }
}

/** Longer than a build goes without writing, in milliseconds. */
const longestPause = 60_000

const isIdle = (file: string) => Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > longestPause

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

/**
 * Builds a database of generated figures, as many as are asked for, by the same way; its digest is of the request.
 *
 * @throws RangeError for a size that is none, DatabaseFileError where `path` cannot be written or holds a file that is not
 *   ours.
 */
export function buildSyntheticDatabase(
  path: string,
  size: Size,
  onProgress?: (progress: Progress) => void,
): BuildResult {
  const synthetic = synthesize(size)
  const digest = `sha256:${createHash('sha256').update(JSON.stringify(size)).digest('hex')}`
  return writeDatabase(path, { ...synthetic, comparisons: compareRecorded, digest }, onProgress)
}

/**
 * The comparisons among the quoted figures of a database, metric by metric, since ten million figures do not fit into
 * memory. Nobody explains what a program made up, and the database takes no such pair without a word.
 */
function* compareRecorded(db: Db): Generator<ExplainedComparison> {
  // Without the texts, which nothing compares: a metric may have a million figures.
  const { statement: _, note: __, quote: ___, source_url: ____, ...columns } = getTableColumns(schema.figure)
  const recorded = rowReader(
    db,
    db
      .select({
        ...columns,
        publisher: schema.document.publisher,
        published_latest: schema.document.published_latest,
      })
      .from(schema.figure)
      .innerJoin(schema.document, eq(schema.document.id, schema.figure.document))
      .where(eq(schema.figure.metric, sql.placeholder('metric')))
      .orderBy(schema.figure.id),
  )
  for (const { id: metric } of db
    .select({ id: schema.metric.id })
    .from(schema.metric)
    .orderBy(schema.metric.id)
    .all()) {
    for (const comparison of compareFigures(recorded({ metric }))) {
      const reason = needsReason.includes(comparison.relation) ? 'Generated: nobody explains these two.' : null
      yield { ...comparison, reason }
    }
  }
}

/** The figures of a dataset as the comparer sees them. */
function comparables({ documents, derived }: Seed): Comparable[] {
  const quoted = documents.flatMap(({ document, figures, published_latest }) =>
    figures.map((figure) => ({
      ...figure,
      origin: 'quoted' as const,
      publisher: document.publisher,
      document: document.id,
      published_latest,
    })),
  )
  const nobody = { publisher: null, document: null, attribution: null, quote_start: null }
  const unprinted = { qualifier: null, superlative: null, superlative_since: null }
  return [...quoted, ...derived.map((figure) => ({ ...figure, ...nobody, ...unprinted, origin: 'derived' as const }))]
}

/** The comparisons with their reasons; every missing and every needless reason is a fault. */
function explainComparisons(seed: Seed): ExplainedComparison[] {
  const problems: SeedProblem[] = []
  const unused = new Set(seed.reasons)
  const explained = compareFigures(comparables(seed)).map((comparison) => {
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

/** Inserts everything, in an order in which every reference finds what it refers to, and counts it. */
function insert(db: Db, content: Content, onProgress: (progress: Progress) => void): BuildResult['counts'] {
  const { dataset, digest, units, places, organizations, metrics, documents, derived, targets, comparisons } = content
  const counts = { documents: 0, metrics: metrics.length, figures: 0, comparisons: 0, not_recorded: 0 }
  db.insert(schema.release)
    .values({ id: 1, digest, ...dataset })
    .run()
  const insertUnit = inserter(db, schema.unit)
  for (const { printed: _, ...unit } of units) insertUnit(unit)
  const insertPlace = inserter(db, schema.place)
  for (const place of places) insertPlace(place)
  const insertOrganization = inserter(db, schema.organization)
  for (const organization of organizations) insertOrganization(organization)
  const insertMetric = inserter(db, schema.metric)
  const insertScope = inserter(db, schema.metricScope)
  for (const { scopes, ...metric } of metrics) {
    insertMetric(metric)
    for (const [scope, definition] of Object.entries(scopes)) insertScope({ metric: metric.id, scope, definition })
  }
  const insertDocument = inserter(db, schema.document)
  const insertFigure = inserter(db, schema.figure)
  const insertEvidence = inserter(db, schema.evidence)
  const insertNotRecorded = inserter(db, schema.notRecorded)
  const insertDerivation = inserter(db, schema.derivation)
  const insertInput = inserter(db, schema.derivationInput)
  indexedAfterwards(db, schema.figure, () => {
    for (const { document, figures, not_recorded, published_earliest, published_latest } of documents) {
      const { file: _, ...columns } = document
      insertDocument({ ...columns, published_earliest, published_latest })
      for (const { evidence, quote_prefix, quote_suffix, ...figure } of figures) {
        const source_url = sourceUrl(document.address, { quote: figure.quote, quote_prefix, quote_suffix })
        insertFigure({ ...figure, origin: 'quoted', document: document.id, source_url })
        for (const span of evidence) insertEvidence({ figure: figure.id, ...span })
      }
      for (const mention of not_recorded) {
        insertNotRecorded({ document: document.id, ...mention, end: mention.start + codePoints(mention.text) })
      }
      counts.documents += 1
      counts.figures += figures.length
      counts.not_recorded += not_recorded.length
      onProgress({ stage: 'figures', done: counts.figures })
    }
    for (const { id, method, inputs, assumes, published_latest: _, ancestors: __, ...figure } of derived) {
      insertFigure({ ...figure, id, origin: 'derived' })
      insertDerivation({ figure: id, method, assumes })
      for (const [place, [name, input]] of Object.entries(inputs).entries()) {
        insertInput({ figure: id, place, name, input })
      }
      counts.figures += 1
    }
  })
  const insertTarget = inserter(db, schema.target)
  const insertStatement = inserter(db, schema.targetStatement)
  for (const { stated_by, outcomes, ...target } of targets) {
    insertTarget({ ...target, outcome_scope: outcomes.scope, outcome_voice: outcomes.voice })
    for (const figure of stated_by) insertStatement({ target: target.id, figure })
  }
  const insertComparison = inserter(db, schema.comparison)
  indexedAfterwards(db, schema.comparison, () => {
    for (const comparison of comparisons(db)) {
      insertComparison(comparison)
      counts.comparisons += 1
      if (counts.comparisons % 1000 === 0) onProgress({ stage: 'comparisons', done: counts.comparisons })
    }
  })
  return counts
}
