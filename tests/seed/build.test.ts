import { spawnSync } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { parse } from 'yaml'
import { applicationId, databaseFileKind, DatabaseFileError, openDatabase } from '../../src/db/client.ts'
import { positionsAfter, unpackPositions } from '../../src/db/positions.ts'
import { buildDatabase, writeDatabase } from '../../src/seed/build.ts'
import { compareFigures, type Comparable } from '../../src/seed/compare.ts'
import { seedDigest } from '../../src/seed/digest.ts'
import { SeedError } from '../../src/seed/problems.ts'
import { readSeed } from '../../src/seed/read.ts'
import { seedDirectory, staleness } from '../../src/seed/staleness.ts'
import { contents, copySeed, edit, run, sha256, temporaryFolder, thrownBy } from '../support/seed.ts'
import { chain, derivedFile, reportFile, writeNorthvale } from './northvale.ts'

const built = join(temporaryFolder(afterAll), 'built.db')
beforeAll(() => {
  copyFileSync(inject('builtDatabase'), built)
})

const newPath = () => join(temporaryFolder(), 'metrics.db')

/** A copy of the database built from seed-data/. */
function copyBuilt(): string {
  const path = newPath()
  copyFileSync(built, path)
  return path
}

type Row = Record<string, unknown>

function rows(path: string, query: string): Row[] {
  const client = new Sqlite(path, { readonly: true })
  try {
    return client.prepare<[], Row>(query).all()
  } finally {
    client.close()
  }
}

const change = (path: string, statement: string) => {
  const client = new Sqlite(path)
  client.exec(statement)
  client.close()
}

/** Overwrites every byte after the header with 0xff, as a dying disk might. */
function damage(path: string): void {
  const { length } = readFileSync(path)
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(length - 100, 0xff), 0, length - 100, 100)
  closeSync(file)
}

describe('buildDatabase', () => {
  it('gives the same file, byte for byte, for the same folder', () => {
    const path = newPath()
    buildDatabase(path)
    const first = readFileSync(path)
    buildDatabase(path)
    expect(readFileSync(path).equals(first)).toBe(true)
    expect(readFileSync(built).equals(first)).toBe(true)
  })

  it('gives the same file for a copy of the folder elsewhere', () => {
    const path = newPath()
    buildDatabase(path, copySeed())
    expect(sha256(readFileSync(path))).toBe(sha256(readFileSync(built)))
  })

  it('gives another file for another folder', () => {
    const path = newPath()
    buildDatabase(path, writeNorthvale().seed)
    expect(sha256(readFileSync(path))).not.toBe(sha256(readFileSync(built)))
  })

  it('makes the folders that lead to the path', () => {
    const path = join(temporaryFolder(), 'a/b/metrics.db')
    buildDatabase(path, writeNorthvale().seed)
    expect(databaseFileKind(path)).toBe('ours')
  })

  it('leaves nothing beside the database', () => {
    const folder = temporaryFolder()
    buildDatabase(join(folder, 'metrics.db'), writeNorthvale().seed)
    expect(readdirSync(folder)).toEqual(['metrics.db'])
  })

  it('says what it built', () => {
    const path = newPath()
    const { seed } = writeNorthvale()
    expect(buildDatabase(path, seed)).toMatchObject({
      version: '2021.05.0',
      digest: seedDigest(seed),
      counts: { documents: 3, metrics: 8, figures: 13, comparisons: 1, not_recorded: 4 },
    })
  })

  it('replaces the database of an earlier release', () => {
    const path = newPath()
    const { seed } = writeNorthvale()
    buildDatabase(path, seed)
    edit(seed, reportFile, 'value: 1500', 'value: 1501')
    buildDatabase(path, seed)
    expect(rows(path, "SELECT value FROM figure WHERE id = 'report-2020-visitors'")).toEqual([{ value: 1501 }])
  })

  it('rebuilds a damaged database', () => {
    const path = copyBuilt()
    damage(path)
    buildDatabase(path)
    expect(sha256(readFileSync(path))).toBe(sha256(readFileSync(built)))
  })

  it('leaves the old database, and nothing else, where the folder has faults', () => {
    const folder = temporaryFolder()
    copyFileSync(built, join(folder, 'metrics.db'))
    const before = contents(folder)
    const { seed } = writeNorthvale()
    edit(seed, reportFile, 'place: northvale\n    quote: largest maker', 'place: nowhere\n    quote: largest maker')
    expect(thrownBy(() => buildDatabase(join(folder, 'metrics.db'), seed))).toBeInstanceOf(SeedError)
    expect(contents(folder)).toEqual(before)
  })
})

describe('the built database', () => {
  type RawFigure = Row & { id: string; evidence?: { role: string; start: number; end: number }[] }
  type RawDocument = { document: Row & { id: string }; figures: RawFigure[]; not_recorded: (Row & { text: string })[] }

  const yaml = (name: string) => parse(readFileSync(join(seedDirectory, name), 'utf8')) as unknown
  const documents = readdirSync(join(seedDirectory, 'documents'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => yaml(`documents/${name}`) as RawDocument)
  const table = (name: string, order: string) => rows(built, `SELECT * FROM "${name}" ORDER BY ${order}`)
  /** The figures of one origin, by id. */
  const stored = (origin: 'quoted' | 'derived') =>
    rows(built, `SELECT * FROM figure WHERE origin = '${origin}' ORDER BY id`)
  const byId = (list: readonly (Row & { id: string })[]) => list.toSorted((a, b) => (a.id < b.id ? -1 : 1))

  it('holds every figure with every field that its record has', () => {
    const records = documents.flatMap(({ document, figures }) =>
      figures.map(({ evidence: _, quote_prefix: _prefix, quote_suffix: _suffix, ...record }) => ({
        ...record,
        document: document.id,
        origin: 'quoted',
      })),
    )
    expect(stored('quoted')).toHaveLength(records.length)
    expect(stored('quoted')).toMatchObject(byId(records))
  })

  it('holds nothing in a figure that its record leaves out, but for what follows from the record', () => {
    const optional = ['value', 'qualifier', 'baseline_year', 'baseline_basis', 'actor', 'attribution', 'superlative']
      .concat(['superlative_since', 'note'])
      .toSorted()
    const records = new Map(documents.flatMap(({ figures }) => figures.map((record) => [record.id, record] as const)))
    for (const row of stored('quoted')) {
      const filled = optional.filter((field) => row[field] !== null)
      const recorded = optional.filter((field) => records.get(String(row['id']))?.[field] !== undefined)
      expect([row['id'], ...filled]).toEqual([row['id'], ...recorded])
    }
  })

  it('holds what follows from each record: bounds, days, unit, end of the quote', () => {
    const derived = readSeed(seedDirectory).documents.flatMap((record) =>
      record.figures.map((figure) => ({
        id: figure.id,
        value_low: figure.value_low,
        value_low_inclusive: figure.value_low_inclusive === null ? null : Number(figure.value_low_inclusive),
        value_high: figure.value_high,
        value_high_inclusive: figure.value_high_inclusive === null ? null : Number(figure.value_high_inclusive),
        year: figure.year,
        period_start: figure.period_start,
        period_end: figure.period_end,
        unit: figure.unit,
        quote_end: figure.quote_end,
      })),
    )
    expect(stored('quoted')).toMatchObject(byId(derived))
  })

  it('holds every derived figure as it follows from its inputs, and nothing that only print could give', () => {
    const integer = (inclusive: boolean | null) => (inclusive === null ? null : Number(inclusive))
    const computed = readSeed(seedDirectory).derived.map(
      ({ method: _, inputs: __, assumes: ___, published_latest: ____, ancestors: _____, ...figure }) => ({
        ...figure,
        value_low_inclusive: integer(figure.value_low_inclusive),
        value_high_inclusive: integer(figure.value_high_inclusive),
        ...{ origin: 'derived', qualifier: null, superlative: null, superlative_since: null, attribution: null },
        ...{ document: null, quote: null, quote_start: null, quote_end: null, source_url: null },
      }),
    )
    expect(computed.length).toBeGreaterThan(0)
    expect(stored('derived')).toEqual(byId(computed))
  })

  it('holds how each derived figure was computed, and from what', () => {
    type RawDerived = { id: string; method: string; assumes?: string; inputs: Record<string, string> }
    const { derived } = yaml('derived.yaml') as { derived: RawDerived[] }
    expect(table('derivation', 'figure')).toEqual(
      byId(derived.map(({ id, method, assumes }) => ({ id, method, assumes: assumes ?? null }))).map(
        ({ id, ...derivation }) => ({ figure: id, ...derivation }),
      ),
    )
    const inputs = derived.flatMap(({ id, inputs }) =>
      Object.entries(inputs).map(([name, input]) => ({ figure: id, name, input })),
    )
    const found = rows(built, 'SELECT figure, name, input FROM derivation_input')
    expect(found).toHaveLength(inputs.length)
    expect(found).toEqual(expect.arrayContaining(inputs))
  })

  it('counts a derived figure from the day on which its latest input had been published, at any remove', () => {
    const { seed } = writeNorthvale()
    edit(seed, derivedFile, ...chain)
    const path = newPath()
    buildDatabase(path, seed)
    const found = rows(path, `SELECT term, figures, positions FROM served_term WHERE "column" = 'published_by'`)
    const figures = rows(path, 'SELECT id FROM served_figure').length
    const days = (found as { term: string; positions: Buffer }[]).flatMap(({ term, positions }) => {
      const set = positionsAfter(unpackPositions(positions, figures), 0, figures)
      const ids = rows(
        path,
        `SELECT id FROM served_figure WHERE id LIKE 'derived-%' AND position IN (${set.join(', ')})`,
      )
      return (ids as { id: string }[]).map(({ id }) => ({ id, published_by: term }))
    })
    expect(days.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
      // Its inputs are the report's of March 2020 and the letter's of 2021 …
      { id: 'derived-first', published_by: '2021-12-31' },
      { id: 'derived-plums-change-2018', published_by: '2020-03-31' },
      { id: 'derived-plums-growth-2018', published_by: '2020-03-31' },
      // … and those of this one are the report's and that.
      { id: 'derived-second', published_by: '2021-12-31' },
    ])
  })

  it('holds the inputs in the order of the method, however they were written', () => {
    const { seed } = writeNorthvale()
    edit(seed, derivedFile, ...chain)
    const inputs = (path: string) => rows(path, 'SELECT * FROM derivation_input ORDER BY figure, place')
    const [one, other] = [newPath(), newPath()]
    buildDatabase(one, seed)
    edit(
      seed,
      derivedFile,
      'inputs: { numerator: report-2020-apples-2019, denominator: derived-first }',
      'inputs: { denominator: derived-first, numerator: report-2020-apples-2019 }',
    )
    buildDatabase(other, seed)
    expect(inputs(other)).toEqual(inputs(one))
  })

  it('links each figure to its phrase in its document', () => {
    const [row] = rows(
      built,
      'SELECT f.source_url, d.address FROM figure f JOIN document d ON d.id = f.document LIMIT 1',
    )
    expect(row?.['source_url']).toContain(`${String(row?.['address'])}#:~:text=`)
    const prefixed = documents
      .flatMap(({ figures }) => figures)
      .filter((record) => record['quote_prefix'] !== undefined)
    for (const { id } of prefixed) {
      const [stored] = rows(built, `SELECT source_url FROM figure WHERE id = '${id}'`)
      expect(stored?.['source_url']).toMatch(/#:~:text=[^,]+-,/)
    }
  })

  it('holds the evidence of each figure', () => {
    const spans = documents.flatMap(({ figures }) =>
      figures.flatMap(({ id, evidence = [] }) => evidence.map((span) => ({ figure: id, ...span }))),
    )
    const key = ({ figure, role, start }: { figure: string; role: string; start: number }) =>
      `${figure} ${role} ${String(start).padStart(9, '0')}`
    expect(spans.length).toBeGreaterThan(0)
    expect(table('evidence', 'figure, role, start')).toEqual(spans.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)))
  })

  it('holds every mention that is no figure', () => {
    const mentions = documents.flatMap(({ document, not_recorded }) =>
      not_recorded.map((mention) => ({
        document: document.id,
        ...mention,
        end: Number(mention['start']) + [...mention.text].length,
      })),
    )
    const stored = table('not_recorded', 'document, start')
    expect(stored).toHaveLength(mentions.length)
    expect(stored).toEqual(expect.arrayContaining(mentions))
  })

  it('holds every document with the window of its publication', () => {
    const windows = new Map(
      readSeed(seedDirectory).documents.map((record) => [
        record.document.id,
        { published_earliest: record.published_earliest, published_latest: record.published_latest },
      ]),
    )
    const records = documents.map(({ document: { file: _, ...document } }) => ({
      ...document,
      ...windows.get(document.id),
    }))
    expect(table('document', 'id')).toMatchObject(byId(records))
    expect(records).not.toEqual([])
  })

  it.each(['units', 'places', 'organizations'] as const)('holds all %s', (kind) => {
    const content = yaml(`${kind}.yaml`) as Record<string, (Row & { id: string })[]>
    // The words that print a unit serve the audit only.
    const records = byId(content[kind] ?? []).map(({ printed: _, ...record }) => record)
    const stored = table(kind.slice(0, -1), 'id')
    expect(stored).toHaveLength(records.length)
    expect(stored).toMatchObject(records)
  })

  it('holds all metrics with their scopes', () => {
    type RawMetric = Row & { id: string; additive: boolean; scopes: Record<string, string> }
    const { metrics } = yaml('metrics.yaml') as { metrics: RawMetric[] }
    const records = byId(metrics).map(({ scopes: _, additive, ...metric }) => ({
      ...metric,
      additive: Number(additive),
    }))
    expect(table('metric', 'id')).toMatchObject(records)
    const scopes = metrics.flatMap(({ id, scopes }) =>
      Object.entries(scopes).map(([scope, definition]) => ({ metric: id, scope, definition })),
    )
    const stored = table('metric_scope', 'metric, scope')
    expect(stored).toHaveLength(scopes.length)
    expect(stored).toEqual(expect.arrayContaining(scopes))
  })

  it('holds one release, with the digest of the folder', () => {
    const { changelog, ...dataset } = yaml('dataset.yaml') as Row
    const stored = rows(built, 'SELECT * FROM release')
    expect(stored).toMatchObject([{ ...dataset, digest: seedDigest(seedDirectory) }])
    expect(JSON.parse(String(stored[0]?.['changelog']))).toEqual(changelog)
  })

  it('holds every comparison among the figures, with the reasons that are given', () => {
    const seed = readSeed(seedDirectory)
    const quoted: Comparable[] = seed.documents.flatMap(({ document, figures, published_latest }) =>
      figures.map((figure) => ({
        ...figure,
        origin: 'quoted' as const,
        publisher: document.publisher,
        document: document.id,
        published_latest,
      })),
    )
    const computed: Comparable[] = seed.derived.map((figure) => ({
      ...figure,
      ...{ origin: 'derived', qualifier: null, superlative: null, superlative_since: null, attribution: null },
      ...{ publisher: null, document: null, quote_start: null },
    }))
    const reasons = new Map(seed.reasons.map((entry) => [`${entry.figure_a}-vs-${entry.figure_b}`, entry.reason]))
    const expected = compareFigures([...quoted, ...computed]).map(
      ({ compatible, involves_derived, ...comparison }) => ({
        ...comparison,
        compatible: Number(compatible),
        involves_derived: Number(involves_derived),
        reason: reasons.get(comparison.id) ?? null,
      }),
    )
    expect(table('comparison', 'id')).toMatchObject(byId(expected))
    expect(expected.some(({ involves_derived }) => involves_derived === 1)).toBe(true)
    expect(reasons.size).toBeGreaterThan(0)
    expect(rows(built, 'SELECT count(reason) AS reasons FROM comparison')).toEqual([{ reasons: reasons.size }])
  })
})

describe('what a killed builder left over', () => {
  /** The id of a process that has ended. */
  const deadProcess = () => {
    const { pid } = spawnSync(process.execPath, ['--version'])
    expect(() => process.kill(pid, 0)).toThrow()
    return pid
  }

  /** A file that was last written to so many seconds ago. */
  const leave = (path: string, content: string | Buffer, secondsAgo: number) => {
    writeFileSync(path, content)
    const then = Date.now() / 1000 - secondsAgo
    utimesSync(path, then, then)
  }

  it('is removed by a build that comes a minute later', () => {
    const folder = temporaryFolder()
    leave(join(folder, `metrics.db.building-${deadProcess()}`), 'half of a database', 120)
    leave(join(folder, `metrics.db.building-${deadProcess()}-0123abcd`), 'half of a database', 120)
    buildDatabase(join(folder, 'metrics.db'), writeNorthvale().seed)
    expect(readdirSync(folder)).toEqual(['metrics.db'])
  })

  // In a container that shares the folder its builder may have a number that no process has here.
  it('is kept while it may still be written', () => {
    const folder = temporaryFolder()
    const young = `metrics.db.building-${deadProcess()}-0123abcd`
    leave(join(folder, young), 'half of a database', 30)
    buildDatabase(join(folder, 'metrics.db'), writeNorthvale().seed)
    expect(readdirSync(folder)).toEqual(['metrics.db', young])
  })

  it('is kept while its process runs, and where it belongs to another database or to nobody', () => {
    const folder = temporaryFolder()
    const kept = [
      `metrics.db.building-${process.ppid}`,
      `other.db.building-${deadProcess()}`,
      'metrics.db.building-plan.txt',
    ]
    for (const name of kept) leave(join(folder, name), 'half of a database', 120)
    buildDatabase(join(folder, 'metrics.db'), writeNorthvale().seed)
    expect(readdirSync(folder).toSorted()).toEqual(['metrics.db', ...kept].toSorted())
  })

  // In a container a builder often has the number of the one before it.
  it.each([
    ['a whole database', () => readFileSync(built)],
    ['half a database', () => readFileSync(built).subarray(0, 20_000)],
    ['text', () => Buffer.from('half of a database')],
  ])('does not stand in the way of a builder with the same process id: %s', (_, leftover) => {
    const folder = temporaryFolder()
    leave(join(folder, `metrics.db.building-${process.pid}`), leftover(), 120)
    buildDatabase(join(folder, 'metrics.db'))
    expect(readdirSync(folder)).toEqual(['metrics.db'])
    expect(sha256(readFileSync(join(folder, 'metrics.db')))).toBe(sha256(readFileSync(built)))
  })
})

it('a builder leaves alone what another with the same process id builds in the same folder', () => {
  const folder = temporaryFolder()
  const other = `metrics.db.building-${process.pid}-0123abcd`
  writeFileSync(join(folder, other), 'half of a database')
  buildDatabase(join(folder, 'metrics.db'), writeNorthvale().seed)
  expect(readdirSync(folder).toSorted()).toEqual(['metrics.db', other])
  expect(readFileSync(join(folder, other), 'utf8')).toBe('half of a database')
})

describe('a file that is not ours', () => {
  const foreign: [string, (path: string) => void][] = [
    [
      'a text',
      (path) => {
        writeFileSync(path, 'Shopping list\n')
      },
    ],
    [
      'an empty file',
      (path) => {
        writeFileSync(path, '')
      },
    ],
    [
      'a SQLite database without an application id',
      (path) => {
        change(path, 'CREATE TABLE t (x)')
      },
    ],
    [
      'a SQLite database of another application',
      (path) => {
        change(path, 'PRAGMA application_id = 1196444487; CREATE TABLE t (x)')
      },
    ],
    [
      'a text with our application id at its place',
      (path) => {
        const text = Buffer.alloc(100, 'x')
        text.writeUInt32BE(applicationId, 68)
        writeFileSync(path, text)
      },
    ],
  ]

  it.each(foreign)('is neither replaced nor opened nor judged: %s', (_, write) => {
    const folder = temporaryFolder()
    const path = join(folder, 'metrics.db')
    write(path)
    const before = contents(folder)
    expect(databaseFileKind(path)).toBe('foreign')
    for (const call of [() => buildDatabase(path), () => openDatabase(path), () => staleness(path)]) {
      const error = thrownBy(call)
      expect(error).toBeInstanceOf(DatabaseFileError)
      expect((error as Error).message).toBe(
        `${path} is not a database of this service, so it was left as it is. Move it away and run "npm run seed" ` +
          'to build the database there, or set DATABASE_PATH to another path.',
      )
    }
    expect(contents(folder)).toEqual(before)
  })
})

it('what is wrong with the code, not the file, is told as it is, and the old database stays', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'metrics.db')
  copyFileSync(built, path)
  const before = contents(folder)
  const fault = new TypeError('nothing is a function')
  const broken = () => {
    throw fault
  }
  const { seed } = writeNorthvale()
  const content = { ...readSeed(seed), digest: seedDigest(seed), comparisons: () => [], finish: broken }
  expect(thrownBy(() => writeDatabase(path, content))).toBe(fault)
  expect(contents(folder)).toEqual(before)
})

describe('a path that cannot be written', () => {
  const failure = (path: string) => {
    const error = thrownBy(() => buildDatabase(path))
    expect(error).toBeInstanceOf(DatabaseFileError)
    return (error as Error).message
  }

  it('is refused where its folder is a file, which stays', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'data'), 'a file')
    const before = contents(folder)
    expect(failure(join(folder, 'data/metrics.db'))).toContain(`cannot read ${join(folder, 'data/metrics.db')}: `)
    expect(contents(folder)).toEqual(before)
  })

  it('is refused where a folder stands at it, which stays', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'metrics.db'))
    writeFileSync(join(folder, 'metrics.db/note.txt'), 'a file')
    const before = contents(folder)
    expect(failure(join(folder, 'metrics.db'))).toContain(`cannot read ${join(folder, 'metrics.db')}: `)
    expect(contents(folder)).toEqual(before)
  })

  it('is refused where its folder cannot be made', () => {
    const folder = temporaryFolder()
    symlinkSync(join(folder, 'nowhere'), join(folder, 'data'))
    expect(failure(join(folder, 'data/metrics.db'))).toContain(join(folder, 'data/metrics.db'))
    expect(readdirSync(folder)).toEqual(['data'])
  })

  it.skipIf(process.platform === 'win32')('is refused where the disk is full, and the old database stays', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'metrics.db')
    copyFileSync(built, path)
    const before = contents(folder)
    // No file may grow beyond 20 blocks of 512 or 1024 bytes; the database is larger.
    const script = 'ulimit -f 20 && exec "$0" src/commands/seed.ts'
    const result = await run('sh', ['-c', script, process.execPath], { env: { DATABASE_PATH: path } })
    expect(result).toMatchObject({ code: 1, stdout: '' })
    expect(contents(folder)).toEqual(before)
    expect(result.stderr).toMatch(
      /^could not write .*metrics\.db: .*\b(full|I\/O)\b.*\. What stood there is unchanged\.\n$/,
    )
  })
})

describe('staleness', () => {
  it('is null for a database of the folder', () => {
    expect(staleness(built)).toBeNull()
    const { seed } = writeNorthvale()
    const path = newPath()
    buildDatabase(path, seed)
    expect(staleness(path, seed)).toBeNull()
  })

  it('says that the file is missing', () => {
    expect(staleness(newPath())).toBe('it is missing')
  })

  it('says that the digest is another', () => {
    expect(staleness(built, writeNorthvale().seed)).toBe('its digest is not that of seed-data/')
  })

  it('says that the tables are others', () => {
    const path = copyBuilt()
    change(path, "UPDATE __drizzle_migrations SET hash = 'another'")
    expect(staleness(path)).toBe('its tables are not those of migrations/')
    change(path, 'DELETE FROM __drizzle_migrations')
    expect(staleness(path)).toBe('its tables are not those of migrations/')
  })

  it('says that the file is damaged', () => {
    const path = copyBuilt()
    damage(path)
    expect(staleness(path)).toMatch(/^it cannot be read \(.+\)$/)
  })

  it('says that another version of the code built it', () => {
    const path = copyBuilt()
    change(path, 'PRAGMA user_version = 7')
    expect(staleness(path)).toBe('it was built by another version of the code')
  })

  it('throws where it is the folder that cannot be read, and blames no database', () => {
    expect(() => staleness(built, join(temporaryFolder(), 'none'))).toThrow(/^ENOENT.*none/)
  })

  it('says that the tables are missing', () => {
    const path = newPath()
    change(path, `PRAGMA application_id = ${applicationId}; CREATE TABLE t (x)`)
    expect(staleness(path)).toBe('it cannot be read (no such table: release)')
  })

  it('leaves the file as it is', () => {
    const path = copyBuilt()
    staleness(path)
    staleness(path, writeNorthvale().seed)
    expect(contents(join(path, '..'))).toEqual({ 'metrics.db': sha256(readFileSync(built)) })
  })
})

describe('openDatabase', () => {
  it('opens a built database for reading', () => {
    const db = openDatabase(built)
    try {
      expect(db.all(sql`SELECT digest FROM release`)).toEqual([{ digest: seedDigest(seedDirectory) }])
      expect(db.$client.readonly).toBe(true)
      expect(db.$client.pragma('query_only', { simple: true })).toBe(1)
    } finally {
      db.$client.close()
    }
  })

  it.each([
    "INSERT INTO unit VALUES ('x', 'x', 'x', 'x', NULL, NULL)",
    'DELETE FROM comparison',
    'DROP TABLE figure',
    'VACUUM',
  ])('refuses to write: %s', (statement) => {
    const path = copyBuilt()
    const before = sha256(readFileSync(path))
    const db = openDatabase(path)
    try {
      expect(() => db.run(sql.raw(statement))).toThrow()
      expect(() => db.$client.exec(statement)).toThrow(/readonly|from within a transaction/)
      // Nor is it only the transaction that stands in the way.
      db.$client.exec('COMMIT')
      expect(() => db.$client.exec(statement)).toThrow(/readonly/)
    } finally {
      db.$client.close()
    }
    expect(contents(join(path, '..'))).toEqual({ 'metrics.db': before })
  })

  it('keeps the database that it has open when a new one takes its place', () => {
    const path = newPath()
    const { seed } = writeNorthvale()
    buildDatabase(path, seed)
    const db = openDatabase(path)
    try {
      buildDatabase(path)
      expect(db.all(sql`SELECT version FROM release`)).toEqual([{ version: '2021.05.0' }])
      expect(rows(path, 'SELECT digest FROM release')).toEqual([{ digest: seedDigest(seedDirectory) }])
    } finally {
      db.$client.close()
    }
  })

  it('says how to build a database that is missing', () => {
    const path = newPath()
    expect(() => openDatabase(path)).toThrow(
      new DatabaseFileError(`there is no database at ${path}. Run "npm run seed" to build it from seed-data/.`),
    )
    expect(readdirSync(join(path, '..'))).toEqual([])
  })

  it.each<[string, (path: string) => void]>([
    ['overwritten behind its header', damage],
    [
      'cut off',
      (path) => {
        truncateSync(path, 20_000)
      },
    ],
    [
      'cut off after its header',
      (path) => {
        truncateSync(path, 100)
      },
    ],
    [
      'without its tables',
      (path) => {
        change(`${path}.new`, `PRAGMA application_id = ${applicationId}; CREATE TABLE t (x)`)
        renameSync(`${path}.new`, path)
      },
    ],
  ])('says that a database is damaged: %s', (_, spoil) => {
    const path = copyBuilt()
    spoil(path)
    const before = contents(join(path, '..'))
    const error = thrownBy(() => openDatabase(path))
    expect(error).toBeInstanceOf(DatabaseFileError)
    expect((error as Error).message).toMatch(
      /^the database at .*metrics\.db is damaged \(.+\)\. Run "npm run seed" to build it anew from seed-data\/\.$/s,
    )
    expect(contents(join(path, '..'))).toEqual(before)
  })

  it('says that a folder is no database', () => {
    const folder = temporaryFolder()
    expect(() => openDatabase(folder)).toThrow(DatabaseFileError)
  })
})
