/**
 * What may go wrong while the database is built: the builder is killed, the disk is full, the folder may not be written.
 * Whatever happens, the old database stands, or the new one, never neither and never a part.
 */
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openDatabase } from '../../src/db/client.ts'
import { buildDatabase } from '../../src/seed/build.ts'
import { staleness } from '../../src/seed/staleness.ts'
import { writeNorthvale } from '../seed/northvale.ts'
import { start } from '../support/process.ts'
import { contents, run, root, sha256, temporaryFolder, type AtEnd } from '../support/seed.ts'

const databases = temporaryFolder(afterAll)
const northvale = writeNorthvale(afterAll)
const oldDatabase = join(databases, 'old.db')
const newDatabase = join(databases, 'new.db')
let newSize: number

beforeAll(() => {
  buildDatabase(oldDatabase, northvale.seed)
  copyFileSync(inject('builtDatabase'), newDatabase)
  newSize = statSync(newDatabase).size
})

/** A folder with the old database at the path that is returned. */
function withOldDatabase(atEnd: AtEnd): string {
  const path = join(temporaryFolder(atEnd), 'metrics.db')
  copyFileSync(oldDatabase, path)
  return path
}

const seed = (path: string, by: readonly string[] = [], parameters: readonly string[] = []) => {
  const [program = process.execPath, ...rest] = [
    ...by,
    process.execPath,
    join(root, 'src/commands/seed.ts'),
    ...parameters,
  ]
  return run(program, rest, { env: { DATABASE_PATH: path } })
}

/** What stands at a path after a builder was killed: one of the two, whole, and what a builder makes of it a minute later. */
function holdWhole(path: string): 'old' | 'new' {
  const found = sha256(readFileSync(path))
  const [before, after] = [oldDatabase, newDatabase].map((database) => sha256(readFileSync(database)))
  expect([before, after], 'the old database or the new').toContain(found)
  openDatabase(path).$client.close()
  const aMinuteAgo = Date.now() / 1000 - 61
  for (const file of readdirSync(join(path, '..'))) utimesSync(join(path, '..', file), aMinuteAgo, aMinuteAgo)
  buildDatabase(path)
  expect(contents(join(path, '..'))).toEqual({ 'metrics.db': after })
  expect(staleness(path)).toBeNull()
  return found === before ? 'old' : 'new'
}

describe.concurrent('npm run seed, killed', { timeout: 120_000 }, () => {
  /** Seeds over the old database; null as code where it was killed on the way. */
  async function seedUntil(at: string, atEnd: AtEnd) {
    const path = withOldDatabase(atEnd)
    const environment = { DATABASE_PATH: path, KILLED_IN: join(path, '..'), KILLED_AT: at }
    const node = ['--import', join(root, 'tests/faults/killed.ts')]
    const seeding = start('src/commands/seed.ts', { node, environment, atEnd })
    return { path, code: await seeding.exited, output: seeding.output() }
  }

  /** How many statements a builder runs that nobody kills. */
  let statements: number
  const removals: Parameters<AtEnd>[0][] = []
  afterAll(async () => {
    for (const remove of removals) await remove()
  })
  beforeAll(async () => {
    const { code, output } = await seedUntil('nowhere', (remove) => removals.push(remove))
    expect(code).toBe(0)
    const { run = 0, ...steps } = JSON.parse(/counted (.*)/.exec(output)?.[1] ?? '') as Record<string, number>
    // The file is made to last, then put in place, then the folder made to last.
    expect(steps).toEqual({ mkdirSync: 1, fsyncSync: 2, renameSync: 1 })
    expect(run).toBeGreaterThan(500)
    statements = run
  }, 120_000)

  it.for<[step: string, at: () => string, left: 'old' | 'new']>([
    ['the folder is made', () => 'mkdirSync 0', 'old'],
    ['the first statement', () => 'run 0', 'old'],
    ['a statement in the middle', () => `run ${statements >> 1}`, 'old'],
    ['the last statement', () => `run ${statements - 1}`, 'old'],
    ['the file is made to last', () => 'fsyncSync 0', 'old'],
    ['it is put in place', () => 'renameSync 0', 'old'],
    ['the folder is made to last', () => 'fsyncSync 1', 'new'],
  ])('before %s leaves the old database or the new, whole', async ([, at, left], { onTestFinished }) => {
    const killed = await seedUntil(at(), onTestFinished)
    expect(killed.code, killed.output).toBeNull()
    expect(holdWhole(killed.path)).toBe(left)
  })

  it('at some time or other leaves the old database or the new', async ({ onTestFinished }) => {
    for (const time of [0.3, 0.6, 0.8]) {
      const path = withOldDatabase(onTestFinished)
      const builder = start('src/commands/seed.ts', { environment: { DATABASE_PATH: path }, atEnd: onTestFinished })
      await pause(time * 1000 + Math.random() * 300)
      builder.child.kill('SIGKILL')
      await builder.exited
      holdWhole(path)
    }
  })
})

describe.concurrent('npm run seed, where nothing can be written', { timeout: 60_000 }, () => {
  /** What it says on one line, with exit 1, having changed nothing. */
  async function holdRefused(path: string, by: readonly string[], why: RegExp): Promise<void> {
    const folder = join(path, '..')
    const before = contents(folder)
    const { code, stdout, stderr } = await seed(path, by)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^could not write [^\n]*metrics\.db: [^\n]*\. What stood there is unchanged\.\n$/)
    expect(stderr).toMatch(why)
    expect(contents(folder)).toEqual(before)
  }

  // By a limit on the size of files, under which a write fails as on a full disk, for root too.
  it.for([0, 0.5, 0.99])(
    'for a limit on the size of files, reached at %d of the whole, says so and leaves the old database',
    async (part, { onTestFinished }) => {
      const blocks = Math.floor((part * newSize) / 512)
      await holdRefused(
        withOldDatabase(onTestFinished),
        ['sh', '-c', `ulimit -f ${blocks}; exec "$@"`, 'sh'],
        /disk I\/O error|disk is full/,
      )
    },
  )

  it('for a path that is a device, says so', async () => {
    const { code, stdout, stderr } = await seed('/dev/full')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^[^\n]*\/dev\/full[^\n]*\n$/)
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true)
  })

  // By the permissions of the folder, which root is made to heed by giving up the right to override them.
  it('for a folder that may not be written, says so and leaves the old database', async ({ onTestFinished }) => {
    const path = withOldDatabase(onTestFinished)
    const folder = join(path, '..')
    chmodSync(folder, 0o555)
    onTestFinished(() => {
      chmodSync(folder, 0o755)
    })
    await holdRefused(path, heeding, /unable to open database file|permission denied|EACCES/i)
  })

  it('for a folder that may not be made, says so', async ({ onTestFinished }) => {
    const folder = temporaryFolder(onTestFinished)
    mkdirSync(join(folder, 'closed'), { mode: 0o555 })
    const { code, stdout, stderr } = await seed(join(folder, 'closed/data/metrics.db'), heeding)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^could not write [^\n]*: EACCES[^\n]*\n$/)
  })

  it('for a database that may not be read, says so and leaves it', async ({ onTestFinished }) => {
    const path = withOldDatabase(onTestFinished)
    chmodSync(path, 0)
    const { code, stdout, stderr } = await seed(path, heeding)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^cannot read [^\n]*metrics\.db: EACCES[^\n]*\n$/)
    chmodSync(path, 0o644)
    expect(sha256(readFileSync(path))).toBe(sha256(readFileSync(oldDatabase)))
  })
})

/** Who starts a program so that permissions bind it: an ordinary user is bound anyway, root has to give up rights first. */
const heeding =
  process.getuid?.() === 0
    ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-dac_override,-dac_read_search']
    : []
