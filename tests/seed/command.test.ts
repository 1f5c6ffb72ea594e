import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { databaseFileKind } from '../../src/db/client.ts'
import { buildDatabase } from '../../src/seed/build.ts'
import { seedDigest } from '../../src/seed/digest.ts'
import { seedDirectory, staleness } from '../../src/seed/staleness.ts'
import { contents, copySeed, edit, lineOf, runCommand, sha256, temporaryFolder, type AtEnd } from '../support/seed.ts'
import { letterFile, reportFile, writeNorthvale } from './northvale.ts'

const newPath = (atEnd: AtEnd) => join(temporaryFolder(atEnd), 'metrics.db')

const seedInto = (path: string, ...parameters: string[]) =>
  runCommand('seed', parameters, { env: { DATABASE_PATH: path } })

describe.concurrent('npm run seed', { timeout: 60_000 }, () => {
  it('builds the database of seed-data/ at DATABASE_PATH, and says so', async ({ onTestFinished }) => {
    const path = newPath(onTestFinished)
    const { code, stdout, stderr } = await seedInto(path)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      new RegExp(
        `^Built ${RegExp.escape(path)}: release \\d{4}\\.\\d\\d\\.\\d+, \\d+ documents, \\d+ metrics, \\d+ figures, ` +
          `\\d+ comparisons, \\d+ not_recorded,.* ${seedDigest(seedDirectory)}\\n$`,
      ),
    )
    expect(staleness(path)).toBeNull()
  })

  it('builds another folder with --seed, and what any process builds of it, byte for byte', async ({
    onTestFinished,
  }) => {
    const [path, other] = [newPath(onTestFinished), newPath(onTestFinished)]
    const { seed } = writeNorthvale(onTestFinished)
    const { code, stdout } = await seedInto(path, '--seed', seed)
    expect(code).toBe(0)
    expect(stdout).toContain(`Built ${path}: release 2021.05.0, 3 documents, 8 metrics, 13 figures, 1 comparisons`)
    buildDatabase(other, seed)
    expect(sha256(readFileSync(path))).toBe(sha256(readFileSync(other)))
  })

  it('builds data/metrics.db where it is run, unless DATABASE_PATH says otherwise', async ({ onTestFinished }) => {
    const cwd = temporaryFolder(onTestFinished)
    const { code } = await runCommand('seed', ['--seed', writeNorthvale(onTestFinished).seed], { cwd })
    expect(code).toBe(0)
    expect(databaseFileKind(join(cwd, 'data/metrics.db'))).toBe('ours')
  })

  it('names file, line and field of a fault, exits 1, and writes nothing', async ({ onTestFinished }) => {
    const { seed } = writeNorthvale(onTestFinished)
    const path = newPath(onTestFinished)
    buildDatabase(path, seed)
    const before = contents(join(path, '..'))
    edit(seed, letterFile, 'kind: letter', 'kind: letter: short')
    edit(seed, reportFile, 'value: 1500', 'valeu: 1500')
    const { code, stdout, stderr } = await seedInto(path, '--seed', seed)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    const lines = stderr.split('\n')
    expect(lines).toContainEqual(
      expect.stringMatching(
        new RegExp(`^${letterFile}:${lineOf(seed, letterFile, 'kind: letter: short')}: .*expected YAML: `),
      ),
    )
    expect(lines).toContain(
      `${reportFile}:${lineOf(seed, reportFile, 'valeu')}: figures.8.valeu: a field that is not known`,
    )
    expect(stderr).toMatch(/\n\nNothing was written: \d+ faults in the seed data\.\n$/)
    expect(contents(join(path, '..'))).toEqual(before)
  })

  it('counts a single fault as one', async ({ onTestFinished }) => {
    const seed = copySeed(onTestFinished)
    rmSync(join(seed, 'units.yaml'))
    const path = newPath(onTestFinished)
    const { code, stderr } = await seedInto(path, '--seed', seed)
    expect(code).toBe(1)
    expect(stderr).toBe(
      `units.yaml:1: expected this file in ${seed}\n\nNothing was written: 1 fault in the seed data.\n`,
    )
    expect(existsSync(path)).toBe(false)
  })

  it('says in one line which settings are wrong, and exits 1', async ({ onTestFinished }) => {
    const path = newPath(onTestFinished)
    const env = { PORT: '65536', LOG_LEVEL: 'loud', DATABASE_PATH: path }
    expect(await runCommand('seed', [], { env })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'wrong setting: PORT: expected a whole number from 0 to 65535, got "65536"; ' +
        'LOG_LEVEL: expected one of fatal, error, warn, info, debug, trace, silent, got "loud"\n',
    })
    expect(existsSync(path)).toBe(false)
  })

  it('says that an option is not known, and how it is called, and exits 1', async ({ onTestFinished }) => {
    const { code, stdout, stderr } = await seedInto(newPath(onTestFinished), '--colour')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^Unknown option '--colour'[^\n]*\nusage: npm run seed \[-- --seed FOLDER\]\n$/)
  })

  it('leaves a file that is not ours, says so in one line, and exits 1', async ({ onTestFinished }) => {
    const path = newPath(onTestFinished)
    writeFileSync(path, 'Shopping list\n')
    const { code, stdout, stderr } = await seedInto(path)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^[^\n]*metrics\.db is not a database of this service, so it was left as it is\.[^\n]*\n$/)
    expect(readFileSync(path, 'utf8')).toBe('Shopping list\n')
  })

  it('says in one line that the place cannot be written, and exits 1', async ({ onTestFinished }) => {
    const folder = temporaryFolder(onTestFinished)
    writeFileSync(join(folder, 'data'), 'a file')
    mkdirSync(join(folder, 'metrics.db'))
    const before = contents(folder)
    const paths = ['data/metrics.db', 'metrics.db'].map((name) => join(folder, name))
    for (const { code, stdout, stderr } of await Promise.all(paths.map((path) => seedInto(path)))) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/^cannot read [^\n]*metrics\.db: [^\n]*\n$/)
    }
    expect(contents(folder)).toEqual(before)
  })
})
