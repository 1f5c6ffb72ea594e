import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { describe, expect, it } from 'vitest'
import * as schema from '../../src/db/schema.ts'
import {
  BaselineBasis,
  ClaimType,
  EvidenceRole,
  Measure,
  needsReason,
  NotRecordedReason,
  PeriodBasis,
  PublishedBasis,
  Qualifier,
  Superlative,
  Topic,
} from '../../src/schemas/vocabularies.ts'
import { compareFigures, type Comparable } from '../../src/seed/compare.ts'
import { sourceUrl } from '../../src/seed/fragment.ts'
import { codePoints } from '../../src/seed/mentions.ts'
import { readSeed, type SeedFigure } from '../../src/seed/read.ts'
import { mostFigures, synthesize, type Synthetic } from '../../src/seed/synthesize.ts'
import { root, temporaryFolder } from '../support/seed.ts'

/** A dataset with its documents in hand. */
function walked(figures: number, seed = 1) {
  const synthetic = synthesize({ figures, seed })
  const documents = [...synthetic.documents]
  return { synthetic, documents, figures: documents.flatMap((document) => document.figures) }
}

const comparable = ({ documents }: Pick<ReturnType<typeof walked>, 'documents'>): Comparable[] =>
  documents.flatMap(({ document, figures, published_latest }) =>
    figures.map((figure) => ({
      ...figure,
      origin: 'quoted' as const,
      publisher: document.publisher,
      document: document.id,
      published_latest,
    })),
  )

const text = (synthetic: Synthetic) => JSON.stringify({ ...synthetic, documents: [...synthetic.documents] })

/** What an author would have written of a figure. */
function written(figure: SeedFigure): Partial<SeedFigure> {
  const { unit, year, period_start, period_end, quote_end, ...record } = figure
  const { value_low, value_low_inclusive, value_high, value_high_inclusive, ...rest } = record
  return rest
}

describe('a generated dataset', () => {
  it.each([1, 9, 100, 2500])('has exactly as many figures as were asked for: %i', (figures) => {
    expect(walked(figures).figures).toHaveLength(figures)
  })

  it('is the same, to the byte, for the same seed, and another for another', () => {
    const one = synthesize({ figures: 1000, seed: 5 })
    expect(text(one)).toBe(text(synthesize({ figures: 1000, seed: 5 })))
    expect(text(one)).not.toBe(text(synthesize({ figures: 1000, seed: 6 })))
  })

  it('has the same documents each time that they are walked through, whole or in part, at once or in turn', () => {
    const { documents } = synthesize({ figures: 500, seed: 5 })
    const [first] = documents
    const [one, other] = [documents[Symbol.iterator](), documents[Symbol.iterator]()]
    expect(one.next().value).toEqual(first)
    expect(other.next().value).toEqual(first)
    expect(one.next().value).toEqual(other.next().value)
  })

  it('makes its documents one at a time', () => {
    // So many figures would neither fit nor be made within the time of a test.
    const [first] = synthesize({ figures: mostFigures, seed: 1 }).documents
    expect(first?.figures.length).toBeGreaterThan(0)
    expect(first?.figures.length).toBeLessThanOrEqual(900)
  })

  it.each([
    { figures: 0, seed: 1 },
    { figures: 1.5, seed: 1 },
    { figures: mostFigures + 1, seed: 1 },
    { figures: 10, seed: -1 },
    { figures: 10, seed: 2 ** 32 },
    { figures: 10, seed: 0.5 },
  ])('refuses a size that is none: %o', (size) => {
    expect(() => synthesize(size)).toThrow(RangeError)
  })

  it('keeps every rule of the codebook: written out as a folder, it is read back as it was', () => {
    const { synthetic, documents } = walked(2000)
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'documents'))
    // JSON is YAML.
    const write = (name: string, content: unknown) => {
      writeFileSync(join(folder, `${name}.yaml`), JSON.stringify(content, null, 1))
    }
    const { dataset, units, places, organizations, metrics } = synthetic
    for (const [name, content] of Object.entries({ units, places, organizations, metrics })) {
      write(name, { [name]: content })
    }
    write('dataset', dataset)
    write('comparisons', { comparisons: [] })
    for (const { document, figures, not_recorded } of documents) {
      write(`documents/${document.id}`, { document, figures: figures.map(written), not_recorded })
    }
    const byFile = documents.toSorted((a, b) => (`${a.document.id}.yaml` < `${b.document.id}.yaml` ? -1 : 1))
    expect(readSeed(folder)).toEqual({ ...synthetic, documents: byFile })
  })

  it('quotes phrases of ten words at most, in an order and place that a text could have', () => {
    for (const { document, figures, not_recorded } of walked(5000).documents) {
      expect(figures.filter(({ quote }) => quote.split(' ').length > 10)).toEqual([])
      const spans = [
        ...figures.map(({ quote_start, quote_end }) => [quote_start, quote_end] as const),
        ...figures.flatMap(({ evidence }) => evidence.map(({ start, end }) => [start, end] as const)),
        ...not_recorded.map((mention) => [mention.start, mention.start + codePoints(mention.text)] as const),
      ].toSorted(([a], [b]) => a - b)
      const overlapping = spans.filter(([start], index) => start < (spans[index - 1]?.[1] ?? 0))
      expect(overlapping, document.id).toEqual([])
    }
  })

  it('quotes no phrase twice in one document', () => {
    // Chance alone repeats one in some ten thousand.
    for (const { document, figures } of synthesize({ figures: 100_000, seed: 1 }).documents) {
      expect(new Set(figures.map(({ quote }) => quote)).size, document.id).toBe(figures.length)
    }
  })

  it('names each thing by an id of its own', () => {
    const { synthetic, documents, figures } = walked(20_000)
    const { metrics, places, organizations, units } = synthetic
    for (const things of [metrics, places, organizations, units, documents.map(({ document }) => document), figures]) {
      const ids = things.map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id) || id.length > 100)).toEqual([])
    }
  })

  it('loads: its rows stand under every foreign key and CHECK of the tables', () => {
    const { synthetic, documents, figures } = walked(2000)
    const client = new Sqlite(join(temporaryFolder(), 'generated.db'))
    client.pragma('foreign_keys = ON')
    const db = drizzle({ client })
    migrate(db, { migrationsFolder: join(root, 'migrations') })
    const comparisons = compareFigures(comparable({ documents })).map((pair) => {
      return { ...pair, reason: needsReason.includes(pair.relation) ? 'Made up.' : null }
    })
    client.transaction(() => {
      db.insert(schema.release)
        .values({ id: 1, digest: `sha256:${'0'.repeat(64)}`, ...synthetic.dataset })
        .run()
      db.insert(schema.unit).values(synthetic.units).run()
      db.insert(schema.place).values(synthetic.places).run()
      db.insert(schema.organization).values(synthetic.organizations).run()
      for (const { scopes, ...metric } of synthetic.metrics) {
        db.insert(schema.metric).values(metric).run()
        for (const [scope, definition] of Object.entries(scopes)) {
          db.insert(schema.metricScope).values({ metric: metric.id, scope, definition }).run()
        }
      }
      for (const { document, figures, not_recorded, published_earliest, published_latest } of documents) {
        db.insert(schema.document)
          .values({ ...document, published_earliest, published_latest })
          .run()
        for (const { evidence, ...figure } of figures) {
          const source_url = sourceUrl(document.address, figure)
          db.insert(schema.figure)
            .values({ ...figure, origin: 'quoted', document: document.id, source_url })
            .run()
          for (const span of evidence) {
            db.insert(schema.evidence)
              .values({ figure: figure.id, ...span })
              .run()
          }
        }
        for (const { text, start, reason } of not_recorded) {
          const end = start + codePoints(text)
          db.insert(schema.notRecorded).values({ document: document.id, text, start, end, reason }).run()
        }
      }
      for (const comparison of comparisons) db.insert(schema.comparison).values(comparison).run()
    })()
    const count = (table: string) => client.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
    expect(client.pragma('foreign_key_check')).toEqual([])
    expect(count('figure')).toBe(2000)
    expect(count('evidence')).toBe(figures.flatMap(({ evidence }) => evidence).length)
    expect(count('not_recorded')).toBe(documents.flatMap(({ not_recorded }) => not_recorded).length)
    expect(count('comparison')).toBe(comparisons.length)
    expect(client.prepare('SELECT max(length(source_url)) FROM figure').pluck().get()).toBeLessThan(4000)
    client.close()
  })
})

describe('generated figures are as uneven as real ones', () => {
  const { synthetic, documents, figures } = walked(20_000)

  /** How many figures have each value of a field, the most frequent first. */
  const counts = (field: keyof SeedFigure, among: readonly SeedFigure[] = figures) =>
    [...Map.groupBy(among, (figure) => figure[field])]
      .map(([value, having]) => [value, having.length] as const)
      .toSorted(([, a], [, b]) => b - a)
  const share = (test: (figure: SeedFigure) => boolean, among: readonly SeedFigure[] = figures) =>
    among.filter(test).length / among.length

  it('use every term of every vocabulary', () => {
    const used = (field: keyof SeedFigure) => new Set(counts(field).map(([value]) => value))
    const all = [
      [Measure, used('measure')],
      [ClaimType, used('claim_type')],
      [Qualifier, used('qualifier')],
      [PeriodBasis, used('period_basis')],
      [BaselineBasis, used('baseline_basis')],
      [Superlative, used('superlative')],
      [Topic, new Set(synthetic.metrics.map(({ topic }) => topic))],
      [EvidenceRole, new Set(figures.flatMap(({ evidence }) => evidence.map(({ role }) => role)))],
      [NotRecordedReason, new Set(documents.flatMap((each) => each.not_recorded.map(({ reason }) => reason)))],
      [PublishedBasis, new Set(documents.map(({ document }) => document.published_basis))],
    ] as const
    for (const [vocabulary, terms] of all) expect([...terms]).toEqual(expect.arrayContaining(vocabulary.options))
    expect(counts('unit')).toHaveLength(synthetic.units.length)
    expect(counts('place')).toHaveLength(synthetic.places.length)
    expect(counts('metric')).toHaveLength(synthetic.metrics.length)
  })

  it('crowd in a few metrics, whose number grows slowly', () => {
    const metrics = (size: number) => synthesize({ figures: size, seed: 1 }).metrics.length
    expect(metrics(100)).toBe(30)
    expect(metrics(1_000_000)).toBe(300)
    const byMetric = counts('metric').map(([, count]) => count)
    const most = byMetric.slice(0, Math.ceil(byMetric.length / 10)).reduce((sum, count) => sum + count, 0)
    expect(most).toBeGreaterThan(figures.length / 2)
    expect(new Set(synthetic.metrics.map(({ scopes }) => Object.keys(scopes).length))).toEqual(
      new Set([1, 2, 3, 4, 5, 6]),
    )
  })

  it('crowd in a few places and sources, and mostly name neither actor nor source', () => {
    for (const field of ['place', 'actor', 'attribution'] as const) {
      const named = counts(field).filter(([value]) => value !== null)
      expect(named.length, field).toBeGreaterThan(24)
      expect(named[0]?.[1], field).toBeGreaterThan(20 * (named.at(-1)?.[1] ?? 0))
    }
    expect(share(({ actor }) => actor === null)).toBeGreaterThan(0.5)
    expect(share(({ attribution }) => attribution === null)).toBeGreaterThan(0.8)
    expect(new Set(documents.map(({ document }) => document.publisher)).size).toBeGreaterThan(12)
  })

  it('are of some sixty years, recent ones more often', () => {
    const byYear = counts('year')
    expect(byYear.length).toBeGreaterThan(50)
    expect(byYear.length).toBeLessThan(70)
    expect(share(({ year }) => year >= 2010)).toBeGreaterThan(share(({ year }) => year < 2010))
    expect(share(({ year }) => year < 1995)).toBeGreaterThan(0.02)
  })

  it('have periods of every kind', () => {
    const shapes = new Set(figures.map(({ period }) => period.replaceAll(/\d/g, '0')))
    expect([...shapes]).toEqual(
      expect.arrayContaining([
        ...['0000', '0000~', '0000-00', '0000-00-00', '0000/0000', '0000-00/0000-00', '0000-00-00/0000-00-00'],
        ...['../0000', '../0000-00', '../0000-00-00'],
      ]),
    )
    // A running total runs up to a time; most others are of years.
    expect(share(({ period_start }) => period_start === null)).toBeGreaterThan(0.02)
    expect(share(({ period }) => /^\d{4}$/.test(period))).toBeGreaterThan(0.2)
  })

  it('have values over many magnitudes, with round numbers and ties, decimals, falls and records without a number', () => {
    const values = figures.map(({ value }) => value).filter((value) => value !== null)
    const magnitudes = new Set(values.filter((value) => value > 0).map((value) => Math.floor(Math.log10(value))))
    expect(magnitudes.size).toBeGreaterThan(9)
    expect(new Set(values).size).toBeLessThan(values.length / 2)
    expect(values.filter((value) => value >= 1000 && value % 1000 === 0).length).toBeGreaterThan(values.length / 10)
    expect(share(({ value }) => value !== null && !Number.isInteger(value))).toBeGreaterThan(0.1)
    expect(share(({ value }) => value !== null && value < 0)).toBeGreaterThan(0.05)
    expect(share(({ value }) => value === 0)).toBeGreaterThan(0)
    expect(share(({ value }) => value === null)).toBeGreaterThan(0.01)
    expect(share(({ measure, value }) => measure === 'share' && value !== null && value > 100)).toBe(0)
    expect(share(({ measure, value }) => measure === 'relative_change' && value !== null && value <= -100)).toBe(0)
    // No print has more than one digit after the point, so neither has a value.
    expect(values.filter((value) => Number(value.toFixed(1)) !== value)).toEqual([])
  })

  it('speak in words of which a few are common and most are rare, some with an accent', () => {
    const frequency = new Map<string, number>()
    for (const { statement } of figures) {
      for (const word of new Set(statement.toLowerCase().match(/\p{L}+/gu))) {
        frequency.set(word, (frequency.get(word) ?? 0) + 1)
      }
    }
    const ranked = [...frequency.values()].toSorted((a, b) => b - a)
    expect(ranked.length).toBeGreaterThan(2000)
    expect(ranked[0]).toBeGreaterThan(figures.length / 2)
    expect(ranked[Math.floor(ranked.length / 2)]).toBeLessThan(figures.length / 100)
    expect(frequency.get('bogotá')).toBeGreaterThan(100)
    expect([...frequency.keys()].filter((word) => /[áéíóúñ]/.test(word)).length).toBeGreaterThan(100)
    const mean = (lengths: number[]) => lengths.reduce((sum, length) => sum + length, 0) / lengths.length
    expect(mean(figures.map(({ statement }) => statement.length))).toBeGreaterThan(80)
    expect(mean(figures.map(({ quote }) => quote.length))).toBeGreaterThan(30)
    expect(mean(figures.flatMap(({ note }) => (note === null ? [] : [note.length])))).toBeGreaterThan(80)
  })
})

describe('the rivals of generated figures', () => {
  it('are about as many as those of real ones, and no more where there are more figures', { timeout: 120_000 }, () => {
    for (const size of [1000, 10_000, 100_000]) {
      const pairs = compareFigures(comparable(walked(size)))
      expect(pairs.length / size, `pairs a figure of ${size}`).toBeGreaterThan(0.37)
      expect(pairs.length / size, `pairs a figure of ${size}`).toBeLessThan(0.41)
      const ofOne = new Map<string, number>()
      for (const id of pairs.flatMap(({ figure_a, figure_b }) => [figure_a, figure_b])) {
        ofOne.set(id, (ofOne.get(id) ?? 0) + 1)
      }
      const most = [...ofOne.values()].reduce((highest, count) => Math.max(highest, count), 0)
      // Three other documents that speak of the same, and two neighbours of a running total.
      expect(most, `rivals of one figure of ${size}`).toBeLessThanOrEqual(5)
    }
  })

  it('relate in every way', () => {
    const relations = compareFigures(comparable(walked(10_000))).map(({ relation }) => relation)
    expect([...new Set(relations)].toSorted()).toEqual(
      ['different_scope', 'repeats', 'agrees', 'updates', 'revises', 'conflicts', 'compatible'].toSorted(),
    )
  })
})
