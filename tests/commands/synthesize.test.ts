import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/db/client.ts'
import { countFigures } from '../../src/db/figures.ts'
import { openFigureIndex } from '../../src/db/search.ts'
import { comparison } from '../../src/db/schema.ts'
import { needsReason } from '../../src/schemas/vocabularies.ts'
import { buildSyntheticDatabase } from '../../src/seed/build.ts'
import { compareFigures } from '../../src/seed/compare.ts'
import { mostFigures, synthesize } from '../../src/seed/synthesize.ts'
import { runCommand, sha256, temporaryFolder } from '../support/seed.ts'

const usage = 'usage: npm run synthesize -- --figures N [--seed S] [--output PATH]'

describe.concurrent('npm run synthesize', { timeout: 60_000 }, () => {
  it('builds the database of so many figures that any process builds of the same number and seed', async ({
    onTestFinished,
  }) => {
    const folder = temporaryFolder(onTestFinished)
    const [path, other] = [join(folder, 'one.db'), join(folder, 'other.db')]
    const { code, stdout, stderr } = await runCommand('synthesize', [
      '--figures',
      '300',
      '--seed',
      '7',
      '--output',
      path,
    ])
    expect(code).toBe(0)
    expect(stdout).toMatch(
      new RegExp(
        `^Built ${RegExp.escape(path)} in \\d+\\.\\d s: \\d+ documents, \\d+ metrics, 300 figures, \\d+ comparisons, ` +
          '\\d+ not_recorded, sha256:[0-9a-f]{64}\\n$',
      ),
    )
    // Not a terminal: each stage once, none written over.
    expect(stderr).toMatch(/^\d+\.\d s: figures\n(?:\d+\.\d s: comparisons\n)?\d+\.\d s: served tables\n$/)
    buildSyntheticDatabase(other, { figures: 300, seed: 7 })
    expect(sha256(readFileSync(path))).toBe(sha256(readFileSync(other)))
    const db = openDatabase(path)
    expect(countFigures(openFigureIndex(db), {})).toBe(300)
    db.$client.close()
  })

  it('records the comparisons that its figures have, all of them and no others', ({ onTestFinished }) => {
    const path = join(temporaryFolder(onTestFinished), 'metrics.db')
    const size = { figures: 3000, seed: 2 }
    buildSyntheticDatabase(path, size)
    const figures = [...synthesize(size).documents].flatMap(({ document, figures, published_latest }) =>
      figures.map((figure) => {
        const { id, publisher } = document
        return { ...figure, origin: 'quoted' as const, publisher, document: id, published_latest }
      }),
    )
    const db = openDatabase(path)
    const recorded = db.select().from(comparison).orderBy(comparison.id).all()
    db.$client.close()
    expect(recorded.length).toBeGreaterThan(500)
    expect(recorded.map(({ reason: _, ...pair }) => pair)).toEqual(compareFigures(figures))
    for (const { relation, reason } of recorded) expect(reason !== null).toBe(needsReason.includes(relation))
  })

  it('builds data/synthetic.db where it is run, from the seed 0, unless told otherwise', async ({ onTestFinished }) => {
    const cwd = temporaryFolder(onTestFinished)
    expect((await runCommand('synthesize', ['--figures', '20'], { cwd })).code).toBe(0)
    const other = join(cwd, 'other.db')
    buildSyntheticDatabase(other, { figures: 20, seed: 0 })
    expect(sha256(readFileSync(join(cwd, 'data/synthetic.db')))).toBe(sha256(readFileSync(other)))
  })

  it.for([
    { parameters: [], says: '--figures: expected how many' },
    { parameters: ['--figures=1e3'], says: `--figures: expected a whole number from 1 to ${mostFigures}, got "1e3"` },
    { parameters: ['--figures=5', '--seed=4294967296'], says: '--seed: expected a whole number from 0 to 4294967295,' },
    { parameters: ['--figures', '5', '--output='], says: '--output: expected a path' },
    { parameters: ['--figures', '5', '--sed', '1'], says: "Unknown option '--sed'" },
    { parameters: ['5'], says: "Unexpected argument '5'" },
  ])('refuses $parameters, says why and how it is used, and writes nothing', async ({ parameters, says }, context) => {
    const cwd = temporaryFolder(context.onTestFinished)
    const { code, stdout, stderr } = await runCommand('synthesize', parameters, { cwd })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr.startsWith(says), stderr).toBe(true)
    expect(stderr.endsWith(`\n${usage}\n`), stderr).toBe(true)
    expect(existsSync(join(cwd, 'data'))).toBe(false)
  })

  it('leaves a file that is not ours, says so in one line, and exits 1', async ({ onTestFinished }) => {
    const path = join(temporaryFolder(onTestFinished), 'list.db')
    writeFileSync(path, 'Shopping list\n')
    const { code, stderr } = await runCommand('synthesize', ['--figures', '5', '--output', path])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^[^\n]*list\.db is not a database of this service, so it was left as it is\.[^\n]*\n$/)
    expect(readFileSync(path, 'utf8')).toBe('Shopping list\n')
  })
})
