import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  BaselineBasis,
  ChartSize,
  ClaimType,
  DerivationMethod,
  EvidenceRole,
  Measure,
  NotRecordedReason,
  Origin,
  PeriodBasis,
  PublishedBasis,
  Qualifier,
  Relation,
  Superlative,
  Topic,
} from '../../src/schemas/vocabularies.ts'
import { boundsOf } from '../../src/seed/bounds.ts'
import { buildDatabase } from '../../src/seed/build.ts'
import { root, temporaryFolder, thrownBy } from '../support/seed.ts'
import { writeNorthvale } from './northvale.ts'

const path = join(temporaryFolder(afterAll), 'metrics.db')
const { seed } = writeNorthvale(afterAll)
let bytes: Buffer
beforeAll(() => {
  buildDatabase(path, seed)
  const client = new Sqlite(path)
  // The orchards have no base for their target, so one is made here of whatever there is.
  client.exec(`
    INSERT INTO target VALUES ('frost', 'frost-losses', 'northvale', 'report-2020-apples-2019', 'report-2020-visitors',
      '2025', 'all', 'orchard-board');
    INSERT INTO target_statement VALUES ('frost', 'report-2020-frost-target-2025')`)
  client.close()
  bytes = readFileSync(path)
})

/** A writable copy of the built database, in memory. */
function open(): Sqlite.Database {
  const client = new Sqlite(bytes)
  client.pragma('foreign_keys = ON')
  onTestFinished(() => {
    client.close()
  })
  return client
}

/** With which words a statement is refused. */
const refusal = (client: Sqlite.Database, statement: string) =>
  (thrownBy(() => client.exec(statement)) as Error).message

const set = (id: string, assignments: string) => `UPDATE figure SET ${assignments} WHERE id = 'report-2020-${id}'`

/** Turns the figure on visitors into a derived one, whose bounds may be any. */
const derive = set(
  'visitors',
  `origin = 'derived', qualifier = NULL, document = NULL, quote = NULL, quote_start = NULL, quote_end = NULL,
   source_url = NULL, attribution = NULL`,
)

const noBounds = 'value_low = NULL, value_low_inclusive = NULL, value_high = NULL, value_high_inclusive = NULL'

/** For each CHECK the statements that it refuses; what stands before a semicolon is allowed. */
const checks: Record<string, string[]> = {
  release_only_one: ['UPDATE release SET id = 2'],
  release_digest: [
    `UPDATE release SET digest = 'md5789:' || substr(digest, 8)`,
    `UPDATE release SET digest = substr(digest, 1, 70)`,
  ],
  release_changelog: [`UPDATE release SET changelog = '[{'`],
  metric_topic: [`UPDATE metric SET topic = 'weather'`],
  metric_additive: ['UPDATE metric SET additive = 2'],
  document_published_basis: [`UPDATE document SET published_basis = 'guessed'`],
  document_published_order: [`UPDATE document SET published_earliest = '2022-01-01'`],
  document_inferred_says_why: ['UPDATE document SET published_note = NULL'],
  document_sha256: [`UPDATE document SET sha256 = substr(sha256, 1, 63)`],
  figure_measure: [set('plums-2017', `measure = 'sum'`)],
  figure_claim_type: [set('plums-2017', `claim_type = 'hope'`)],
  figure_origin: [set('plums-2017', `origin = 'guessed'`)],
  figure_qualifier: [set('plums-2017', `qualifier = 'circa'`)],
  figure_period_basis: [set('plums-2017', `period_basis = 'guessed'`)],
  figure_baseline_basis: [set('area-change-2019', `baseline_basis = 'guessed'`)],
  figure_superlative: [set('apples-2019', `superlative = 'widest'`)],
  figure_null_value_only_with_superlative: [set('plums-2017', `value = NULL, qualifier = NULL, ${noBounds}`)],
  figure_quoted_value_has_qualifier: [
    set('plums-2017', 'qualifier = NULL'),
    set('apples-2019', `value = NULL, ${noBounds}`),
  ],
  figure_value_exact_in_double: [
    ...[9007199254740992n, -9007199254740992n].map((value) =>
      set('visitors', `value = ${value}, value_low = ${value}, value_high = ${value}`),
    ),
  ],
  figure_low_inclusive_with_low: [
    set('apples-2019', 'value_low_inclusive = NULL'),
    `${derive}; ${set('visitors', 'value_low = NULL')}`,
  ],
  figure_high_inclusive_with_high: [
    set('apples-2019', 'value_high_inclusive = 1'),
    `${derive}; ${set('visitors', 'value_high_inclusive = NULL')}`,
  ],
  figure_inclusive_is_boolean: [
    `${derive}; ${set('visitors', 'value_low = 1, value_low_inclusive = 2')}`,
    `${derive}; ${set('visitors', 'value_high = 9000, value_high_inclusive = -1')}`,
  ],
  figure_bounds_in_order: [
    `${derive}; ${set('visitors', 'value_low = 1501')}`,
    `${derive}; ${set('visitors', 'value_low_inclusive = 0')}`,
    `${derive}; ${set('visitors', 'value_high_inclusive = 0')}`,
  ],
  figure_no_value_no_bounds: [set('apples-2019', 'value = NULL, qualifier = NULL')],
  figure_bounds_fit_qualifier: [
    set('visitors', 'value_low = 1499'),
    set('visitors', 'value_high = 1501'),
    set('visitors', `qualifier = 'approximately'`),
    set('visitors', `qualifier = 'estimated'`),
    set('visitors', `qualifier = 'more_than'`),
    set('visitors', noBounds),
    set('apples-2019', `qualifier = 'at_least'`),
    set('apples-2019', `qualifier = 'less_than'`),
    set('apples-2019', 'value_low = 4000'),
    set('apples-2019', noBounds),
    set('apples-2019', 'value_high = 5000, value_high_inclusive = 0'),
    set('frost-change-2019', `qualifier = 'at_most'`),
    set('frost-change-2019', `qualifier = 'more_than'`),
    set(
      'frost-change-2019',
      'value_low = NULL, value_low_inclusive = NULL, value_high = -40, value_high_inclusive = 0',
    ),
  ],
  figure_percent: [set('area-change-2019', `unit = 'ha'`), set('visitors', `measure = 'share'`)],
  figure_year_ends_period: [set('plums-2017', 'year = 2018')],
  figure_period_in_order: [set('plums-2017', `period_start = '2018-01-01'`)],
  figure_baseline_only_for_change: [set('visitors', `baseline_year = 2010, baseline_basis = 'stated'`)],
  figure_baseline_has_basis: [
    set('area-change-2019', 'baseline_basis = NULL'),
    set('area-change-2019', 'baseline_year = NULL'),
  ],
  figure_baseline_before_period: [set('area-change-2019', 'baseline_year = 2020')],
  figure_inferred_says_why: [
    set('frost-change-2019', 'note = NULL'),
    set('plums-2017', `period_basis = 'inferred'`),
    set('area-change-2019', `baseline_basis = 'inferred'`),
  ],
  figure_since_only_with_superlative: [set('apples-2019', 'superlative = NULL')],
  figure_since_before_period: [set('apples-2019', 'superlative_since = 2019')],
  figure_origin_decides_source: [
    ...['document', 'quote', 'quote_start', 'quote_end', 'source_url'].map((column) =>
      set('visitors', `${column} = NULL`),
    ),
    ...[
      `document = 'orchard-report-2020'`,
      `quote = 'words'`,
      'quote_start = 0',
      'quote_end = 5',
      `source_url = 'https://example.org/'`,
      `attribution = 'growers'`,
    ].map((assignment) => `${derive}; ${set('visitors', assignment)}`),
    set('visitors', `origin = 'derived'`),
  ],
  figure_quote_length: [set('visitors', `quote = quote || '!'`), set('visitors', 'quote_end = quote_end + 1')],
  figure_quote_start: [set('visitors', 'quote_start = -1, quote_end = quote_end - quote_start - 1')],
  derivation_method: [`UPDATE derivation SET method = 'guess'`],
  derivation_input_place: ['UPDATE derivation_input SET place = -1 WHERE place = 0'],
  derivation_input_not_itself: ['UPDATE derivation_input SET input = figure'],
  evidence_role: [`UPDATE evidence SET role = 'hint' WHERE figure = 'report-2020-plums-2017'`],
  evidence_span: [
    'UPDATE evidence SET "start" = -1',
    'UPDATE evidence SET "end" = "start"',
    'UPDATE evidence SET "end" = "start" - 1',
  ],
  not_recorded_reason: [`UPDATE not_recorded SET reason = 'boring'`],
  not_recorded_span: [
    `UPDATE not_recorded SET "start" = -1, "end" = "end" - "start" - 1 WHERE text = 'Both'`,
    'UPDATE not_recorded SET "end" = "end" + 1',
  ],
  chart_size: [`UPDATE chart SET size = 'poster'`],
  chart_specification: [`UPDATE chart SET specification = '{'`],
  comparison_of_two: ['UPDATE comparison SET figure_b = figure_a'],
  comparison_relation: [`UPDATE comparison SET relation = 'rivals'`],
  comparison_compatible: ['UPDATE comparison SET compatible = 2'],
  comparison_involves_derived: ['UPDATE comparison SET involves_derived = 2'],
  comparison_gap_in_order: ['UPDATE comparison SET gap_low = 2, gap_high = 1'],
  comparison_says_why: [
    ...['different_scope', 'revises', 'conflicts'].map(
      (relation) => `UPDATE comparison SET relation = '${relation}', reason = NULL`,
    ),
  ],
}

const migrations = globSync('*.sql', { cwd: join(root, 'migrations') })
  .toSorted()
  .map((name) => readFileSync(join(root, 'migrations', name), 'utf8'))
  .join('\n')

describe('every CHECK of the tables', () => {
  const named = [...migrations.matchAll(/CONSTRAINT ["`](\w+)["`] CHECK\s*\(/g)].map(([, name]) => name ?? '')

  it('is tested here', () => {
    expect(Object.keys(checks).toSorted()).toEqual([...new Set(named)].toSorted())
  })

  it('has a name', () => {
    expect(migrations.match(/\bCHECK\s*\(/g)).toHaveLength(named.length)
  })

  const cases = Object.entries(checks).flatMap(([name, statements]) =>
    statements.map((statement) => [name, statement.replace(/\s+/g, ' ')] as const),
  )
  it.each(cases)('%s refuses: %s', (name, statement) => {
    const client = open()
    const [refused = '', ...allowed] = statement.split('; ').toReversed()
    for (const preparation of allowed) client.exec(preparation)
    expect(refusal(client, refused)).toBe(`CHECK constraint failed: ${name}`)
  })

  it.each([
    ['figure.measure', Measure],
    ['figure.claim_type', ClaimType],
    ['figure.origin', Origin],
    ['figure.qualifier', Qualifier],
    ['figure.period_basis', PeriodBasis],
    ['figure.baseline_basis', BaselineBasis],
    ['figure.superlative', Superlative],
    ['document.published_basis', PublishedBasis],
    ['evidence.role', EvidenceRole],
    ['not_recorded.reason', NotRecordedReason],
    ['comparison.relation', Relation],
    ['derivation.method', DerivationMethod],
    ['metric.topic', Topic],
    ['chart.size', ChartSize],
  ])('holds %s to all terms of its vocabulary', (name, vocabulary) => {
    const [table = '', column = ''] = name.split('.')
    const sql = open().prepare('SELECT sql FROM sqlite_schema WHERE name = ?').pluck().get(table)
    const terms = vocabulary.options.map((term) => `'${term}'`).join(', ')
    expect(sql).toContain(`CHECK("${table}"."${column}" IN (${terms}))`)
  })

  it.each(Qualifier.options)('accepts the bounds that boundsOf gives for %s', (qualifier) => {
    const client = open()
    const update = client.prepare(
      `UPDATE figure SET value = :value, qualifier = :qualifier, value_low = :value_low, value_high = :value_high,
         value_low_inclusive = :value_low_inclusive, value_high_inclusive = :value_high_inclusive
       WHERE id = 'report-2020-visitors'`,
    )
    for (const value of [30, 0, -30]) {
      const bounds = boundsOf(value, qualifier)
      const [low, high] = [bounds.value_low_inclusive, bounds.value_high_inclusive]
      const stored = {
        ...bounds,
        value_low_inclusive: low === null ? null : Number(low),
        value_high_inclusive: high === null ? null : Number(high),
      }
      expect(update.run({ ...stored, value, qualifier }).changes).toBe(1)
    }
  })
})

type ForeignKey = { id: number; table: string; from: string; to: string }
type Index = { name: string; unique: 0 | 1 }
type Column = { name: string; notnull: 0 | 1; pk: number }
type Table = { name: string; strict: 0 | 1 }

const pragma = <Row>(client: Sqlite.Database, source: string) => client.pragma(source) as Row[]

/** The tables but those of SQLite, of the migrations, and of the full-text index, which has rules of its own. */
const tables = (client: Sqlite.Database) =>
  pragma<Table>(client, 'table_list').filter(({ name }) => !/^(?:sqlite_|__drizzle|served_text)/.test(name))

describe('every reference', () => {
  /** The columns that refer to another table, and a statement that breaks the reference. */
  const references: Record<string, string> = {
    'chart(metric) to metric(id)': `UPDATE chart SET metric = 'nothing' WHERE size = 'wide' AND metric IN (SELECT min(metric) FROM chart)`,
    'comparison(figure_a) to figure(id)': `UPDATE comparison SET figure_a = 'nothing'`,
    'comparison(figure_b) to figure(id)': `UPDATE comparison SET figure_b = 'nothing'`,
    'comparison(metric) to metric(id)': `UPDATE comparison SET metric = 'nothing'`,
    'derivation(figure) to figure(id)': `UPDATE derivation SET figure = 'nothing' WHERE method = 'difference'`,
    'derivation_input(figure) to derivation(figure)': `UPDATE derivation_input SET figure = 'report-2020-visitors' WHERE name = 'earlier'
      AND figure = 'derived-plums-growth-2018'`,
    'derivation_input(input) to figure(id)': `UPDATE derivation_input SET input = 'nothing'`,
    'document(publisher) to organization(id)': `UPDATE document SET publisher = 'nobody'`,
    'evidence(figure) to figure(id)': `UPDATE evidence SET figure = 'nothing' WHERE figure = 'report-2020-plums-2017'`,
    'figure(actor) to organization(id)': `UPDATE figure SET actor = 'nobody'`,
    'figure(attribution) to organization(id)': `UPDATE figure SET attribution = 'nobody' WHERE origin = 'quoted'`,
    'figure(document) to document(id)': `UPDATE figure SET document = 'nothing' WHERE origin = 'quoted'`,
    'figure(metric) to metric(id)': `UPDATE figure SET metric = 'nothing'`,
    'figure(metric,scope) to metric_scope(metric,scope)': `UPDATE figure SET scope = 'late-frost' WHERE metric = 'visitors'`,
    'figure(place) to place(id)': `UPDATE figure SET place = 'nowhere'`,
    'figure(unit) to unit(id)': `UPDATE figure SET unit = 'nothing' WHERE measure = 'level'`,
    'metric(unit) to unit(id)': `UPDATE metric SET unit = 'nothing'`,
    'metric_scope(metric) to metric(id)': `INSERT INTO metric_scope VALUES ('nothing', 'all', 'All.')`,
    'not_recorded(document) to document(id)': `UPDATE not_recorded SET document = 'nothing'`,
    'target(absolute) to figure(id)': `UPDATE target SET absolute = 'nothing'`,
    'target(base) to figure(id)': `UPDATE target SET base = 'nothing'`,
    'target(metric) to metric(id)': `UPDATE target SET metric = 'nothing'`,
    'target(outcome_voice) to organization(id)': `UPDATE target SET outcome_voice = 'nobody'`,
    'target(place) to place(id)': `UPDATE target SET place = 'nowhere'`,
    'target_statement(figure) to figure(id)': `UPDATE target_statement SET figure = 'nothing'`,
    'target_statement(target) to target(id)': `UPDATE target_statement SET target = 'nothing'`,
  }

  it('is tested here', () => {
    const client = open()
    const found = tables(client).flatMap(({ name }) => {
      const keys = Map.groupBy(pragma<ForeignKey>(client, `foreign_key_list(${name})`), (key) => key.id)
      return [...keys.values()].map((parts) => {
        const [from, to] = [parts.map((part) => part.from).join(), parts.map((part) => part.to).join()]
        return `${name}(${from}) to ${parts[0]?.table}(${to})`
      })
    })
    expect(found.toSorted()).toEqual(Object.keys(references).toSorted())
  })

  it.each(Object.entries(references))('is held: %s', (_, statement) => {
    expect(refusal(open(), statement)).toBe('FOREIGN KEY constraint failed')
  })

  it.each([
    ...([
      'unit',
      'place',
      'organization',
      'metric',
      'metric_scope',
      'document',
      'figure',
      'derivation',
      'target',
    ] as const),
  ])('keeps the rows of %s from being removed', (table) => {
    expect(refusal(open(), `DELETE FROM ${table}`)).toBe('FOREIGN KEY constraint failed')
  })
})

describe('every key', () => {
  /** The columns whose values are unique, and a statement that would repeat one. */
  const keys: Record<string, string> = {
    'chart.metric, chart.size': `INSERT INTO chart SELECT * FROM chart`,
    'comparison.figure_a, comparison.figure_b': `INSERT INTO comparison (id, figure_a, figure_b, metric, relation, compatible,
      involves_derived) SELECT 'again', figure_a, figure_b, metric, 'compatible', 1, 0 FROM comparison`,
    'comparison.id': `INSERT INTO comparison (id, figure_a, figure_b, metric, relation, compatible, involves_derived)
      SELECT id, figure_b, figure_a, metric, 'compatible', 1, 0 FROM comparison`,
    'derivation.figure': `UPDATE derivation SET figure = 'derived-plums-growth-2018'`,
    'derivation_input.figure, derivation_input.place': 'UPDATE derivation_input SET place = 0',
    'document.id': `UPDATE document SET id = 'market-letter-2021' WHERE id = 'cellar-note-2021'`,
    'document.sha256': `UPDATE document SET sha256 = (SELECT sha256 FROM document WHERE id = 'market-letter-2021')
      WHERE id = 'cellar-note-2021'`,
    'evidence.figure, evidence.role, evidence.start': 'INSERT INTO evidence SELECT * FROM evidence',
    'figure.id': set('plums-2017', `id = 'report-2020-visitors'`),
    'metric.id': `UPDATE metric SET id = 'visitors' WHERE id = 'plum-sales'`,
    'metric_scope.metric, metric_scope.scope': `UPDATE metric_scope SET scope = 'all' WHERE scope = 'unstated'`,
    'not_recorded.document, not_recorded.start': 'INSERT INTO not_recorded SELECT * FROM not_recorded',
    'organization.id': `UPDATE organization SET id = 'growers' WHERE id = 'fruit-market'`,
    'place.id': `UPDATE place SET id = 'northvale' WHERE id = 'southvale'`,
    'place.iso_3166': `UPDATE place SET iso_3166 = 'XN' WHERE id = 'southvale'`,
    'release.id': 'INSERT INTO release SELECT * FROM release',
    'served_figure.id': `UPDATE served_figure SET id = 'report-2020-visitors'`,
    'served_figure.position': 'INSERT INTO served_figure SELECT * FROM served_figure',
    'served_key.bucket': 'INSERT INTO served_key SELECT * FROM served_key',
    'served_order.order, served_order.stretch': `UPDATE served_order SET "order" = 'id'`,
    'served_rank.order': `UPDATE served_rank SET "order" = 'id'`,
    'served_range.column': `UPDATE served_range SET "column" = 'value'`,
    'served_term.column, served_term.term': 'INSERT INTO served_term SELECT * FROM served_term',
    'target.id': 'INSERT INTO target SELECT * FROM target',
    'target_statement.target, target_statement.figure': 'INSERT INTO target_statement SELECT * FROM target_statement',
    'unit.id': `UPDATE unit SET id = 't' WHERE id = 'ha'`,
  }

  it('is tested here', () => {
    const client = open()
    const found = tables(client).flatMap(({ name }) => {
      const indexes = pragma<Index>(client, `index_list(${name})`).filter((index) => index.unique === 1)
      const listed = indexes.map((index) =>
        pragma<{ name: string }>(client, `index_info(${index.name})`)
          .map((column) => `${name}.${column.name}`)
          .join(', '),
      )
      // A table whose key is its row number has no index for it.
      const columns = pragma<Column>(client, `table_info(${name})`).filter((column) => column.pk > 0)
      return [...new Set([...listed, columns.map((column) => `${name}.${column.name}`).join(', ')])]
    })
    expect(found.toSorted()).toEqual(Object.keys(keys).toSorted())
  })

  it.each(Object.entries(keys))('is unique: %s', (columns, statement) => {
    expect(refusal(open(), statement)).toBe(`UNIQUE constraint failed: ${columns}`)
  })
})

describe('every column', () => {
  /** The columns that may be null; all others must not. */
  const nullable: Record<string, string[]> = {
    chart: [],
    comparison: ['gap_low', 'gap_high', 'reason'],
    derivation: ['assumes'],
    derivation_input: [],
    document: ['published_note', 'note'],
    evidence: [],
    figure: [
      ...['value', 'value_low', 'value_low_inclusive', 'value_high', 'value_high_inclusive', 'qualifier'],
      ...['period_start', 'baseline_year', 'baseline_basis', 'actor', 'attribution', 'superlative'],
      ...['superlative_since', 'document', 'quote', 'quote_start', 'quote_end', 'source_url', 'note'],
    ],
    metric: [],
    metric_scope: [],
    not_recorded: [],
    organization: [],
    place: ['iso_3166'],
    release: [],
    served_figure: ['document'],
    served_key: [],
    served_order: [],
    served_rank: [],
    served_range: [],
    served_term: [],
    target: [],
    target_statement: [],
    unit: ['ucum', 'qudt'],
  }

  it('may be null only where this says so', () => {
    const client = open()
    const found = tables(client).map(({ name }) => {
      const columns = pragma<Column>(client, `table_info(${name})`).filter((column) => column.notnull === 0)
      return [name, columns.map((column) => column.name).toSorted()]
    })
    const expected = Object.entries(nullable).map(([name, columns]) => [name, columns.toSorted()])
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
  })

  it('refuses null everywhere else', () => {
    const client = open()
    const rowNumbers = ['release.id', 'served_figure.position', 'served_key.bucket']
    const required = tables(client).flatMap(({ name }) =>
      pragma<Column>(client, `table_info(${name})`)
        // A row number that is set to null is no null but a new number.
        .filter(({ notnull, name: column }) => notnull === 1 && !rowNumbers.includes(`${name}.${column}`))
        .map((column) => ({ table: name, column: column.name })),
    )
    expect(required.length).toBeGreaterThan(0)
    for (const { table, column } of required) {
      expect(refusal(client, `UPDATE ${table} SET "${column}" = NULL`)).toBe(
        `NOT NULL constraint failed: ${table}.${column}`,
      )
    }
  })

  it('belongs to a STRICT table', () => {
    const found = tables(open())
    expect(found.map(({ name }) => name).toSorted()).toEqual(Object.keys(nullable).toSorted())
    expect(found.filter(({ strict }) => strict === 0)).toEqual([])
  })

  it('refuses a value of another type', () => {
    expect(refusal(open(), set('visitors', `value = 'many'`))).toBe(
      'cannot store TEXT value in REAL column figure.value',
    )
    expect(refusal(open(), set('visitors', 'quote_start = 1.5'))).toBe(
      'cannot store REAL value in INTEGER column figure.quote_start',
    )
  })
})

describe('the built database', () => {
  it('breaks no reference', () => {
    expect(open().pragma('foreign_key_check')).toEqual([])
  })

  it('is intact', () => {
    expect(open().pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }])
  })
})
