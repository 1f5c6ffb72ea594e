/**
 * The tables. Their CHECK constraints make a wrong row impossible, whatever loads it; column names are the names of
 * the API's fields. `npm run migrations` makes the SQL in `migrations/` from this file (CONTRIBUTING.md says how).
 */
import { sql, type SQL } from 'drizzle-orm'
import {
  blob,
  check,
  foreignKey,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  unique,
  type AnySQLiteColumn,
} from 'drizzle-orm/sqlite-core'
import {
  BaselineBasis,
  ChartSize,
  ClaimType,
  DerivationMethod,
  EvidenceRole,
  Measure,
  needsReason,
  NotRecordedReason,
  Origin,
  PeriodBasis,
  PublishedBasis,
  Qualifier,
  Relation,
  Superlative,
  termColumns,
  Topic,
} from '../schemas/vocabularies.ts'

/** "column IN ('a', 'b')" with the terms of a vocabulary; a null passes, as in every CHECK. */
function within(column: AnySQLiteColumn, vocabulary: { options: readonly string[] }): SQL {
  return sql`${column} IN (${listed(vocabulary.options)})`
}

const listed = (terms: readonly string[]): SQL => sql.raw(terms.map((term) => `'${term}'`).join(', '))

/** "Both null or both not null." */
function together(a: AnySQLiteColumn, b: AnySQLiteColumn): SQL {
  return sql`(${a} IS NULL) = (${b} IS NULL)`
}

export const release = sqliteTable(
  'release',
  {
    id: integer().primaryKey(),
    version: text().notNull(),
    digest: text().notNull(),
    title: text().notNull(),
    description: text().notNull(),
    released: text().notNull(),
    license: text().notNull(),
    license_url: text().notNull(),
    license_note: text().notNull(),
    contact: text().notNull(),
    changelog: text({ mode: 'json' }).$type<{ version: string; released: string; changes: string[] }[]>().notNull(),
  },
  (table) => [
    check('release_only_one', sql`${table.id} = 1`),
    check('release_digest', sql`${table.digest} GLOB 'sha256:*' AND length(${table.digest}) = 71`),
    check('release_changelog', sql`json_valid(${table.changelog})`),
  ],
)

export const unit = sqliteTable('unit', {
  id: text().primaryKey(),
  title: text().notNull(),
  definition: text().notNull(),
  symbol: text().notNull(),
  ucum: text(),
  qudt: text(),
})

export const place = sqliteTable('place', {
  id: text().primaryKey(),
  title: text().notNull(),
  definition: text().notNull(),
  iso_3166: text().unique(),
})

export const organization = sqliteTable('organization', {
  id: text().primaryKey(),
  title: text().notNull(),
  definition: text().notNull(),
})

export const metric = sqliteTable(
  'metric',
  {
    id: text().primaryKey(),
    title: text().notNull(),
    definition: text().notNull(),
    topic: text().$type<Topic>().notNull(),
    unit: text()
      .notNull()
      .references(() => unit.id),
    additive: integer({ mode: 'boolean' }).notNull(),
  },
  (table) => [
    check('metric_topic', within(table.topic, Topic)),
    check('metric_additive', sql`${table.additive} IN (0, 1)`),
  ],
)

export const metricScope = sqliteTable(
  'metric_scope',
  {
    metric: text()
      .notNull()
      .references(() => metric.id),
    scope: text().notNull(),
    definition: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.metric, table.scope] })],
)

export const document = sqliteTable(
  'document',
  {
    id: text().primaryKey(),
    title: text().notNull(),
    kind: text().notNull(),
    publisher: text()
      .notNull()
      .references(() => organization.id),
    address: text().notNull(),
    language: text().notNull(),
    published: text().notNull(),
    published_earliest: text().notNull(),
    published_latest: text().notNull(),
    published_basis: text().$type<PublishedBasis>().notNull(),
    published_note: text(),
    sha256: text().notNull().unique(),
    rights: text().notNull(),
    note: text(),
  },
  (table) => [
    check('document_published_basis', within(table.published_basis, PublishedBasis)),
    check('document_published_order', sql`${table.published_earliest} <= ${table.published_latest}`),
    check(
      'document_inferred_says_why',
      sql`${table.published_basis} <> 'inferred' OR ${table.published_note} IS NOT NULL`,
    ),
    check('document_sha256', sql`length(${table.sha256}) = 64`),
  ],
)

export const figure = sqliteTable(
  'figure',
  {
    id: text().primaryKey(),
    metric: text()
      .notNull()
      .references(() => metric.id),
    scope: text().notNull(),
    measure: text().$type<Measure>().notNull(),
    claim_type: text().$type<ClaimType>().notNull(),
    origin: text().$type<Origin>().notNull(),
    value: real(),
    value_low: real(),
    value_low_inclusive: integer({ mode: 'boolean' }),
    value_high: real(),
    value_high_inclusive: integer({ mode: 'boolean' }),
    qualifier: text().$type<Qualifier>(),
    unit: text()
      .notNull()
      .references(() => unit.id),
    year: integer().notNull(),
    period: text().notNull(),
    period_start: text(),
    period_end: text().notNull(),
    period_basis: text().$type<PeriodBasis>().notNull(),
    baseline_year: integer(),
    baseline_basis: text().$type<BaselineBasis>(),
    place: text()
      .notNull()
      .references(() => place.id),
    actor: text().references(() => organization.id),
    attribution: text().references(() => organization.id),
    superlative: text().$type<Superlative>(),
    superlative_since: integer(),
    document: text().references(() => document.id),
    quote: text(),
    quote_start: integer(),
    quote_end: integer(),
    source_url: text(),
    statement: text().notNull(),
    note: text(),
  },
  (table) => [
    foreignKey({ columns: [table.metric, table.scope], foreignColumns: [metricScope.metric, metricScope.scope] }),
    check('figure_measure', within(table.measure, Measure)),
    check('figure_claim_type', within(table.claim_type, ClaimType)),
    check('figure_origin', within(table.origin, Origin)),
    check('figure_qualifier', within(table.qualifier, Qualifier)),
    check('figure_period_basis', within(table.period_basis, PeriodBasis)),
    check('figure_baseline_basis', within(table.baseline_basis, BaselineBasis)),
    check('figure_superlative', within(table.superlative, Superlative)),
    check(
      'figure_null_value_only_with_superlative',
      sql`${table.value} IS NOT NULL OR ${table.superlative} IS NOT NULL`,
    ),
    // A derived figure has bounds of its own and no printed qualifier.
    check(
      'figure_quoted_value_has_qualifier',
      sql`${table.origin} = 'derived' OR (${table.value} IS NULL) = (${table.qualifier} IS NULL)`,
    ),
    check(
      'figure_value_exact_in_double',
      sql`${table.value} IS NULL OR abs(${table.value}) <= ${sql.raw(String(Number.MAX_SAFE_INTEGER))}`,
    ),
    check('figure_low_inclusive_with_low', together(table.value_low, table.value_low_inclusive)),
    check('figure_high_inclusive_with_high', together(table.value_high, table.value_high_inclusive)),
    check(
      'figure_inclusive_is_boolean',
      sql`coalesce(${table.value_low_inclusive}, 0) IN (0, 1) AND coalesce(${table.value_high_inclusive}, 0) IN (0, 1)`,
    ),
    check(
      'figure_bounds_in_order',
      sql`${table.value_low} IS NULL OR ${table.value_high} IS NULL OR ${table.value_low} < ${table.value_high} OR (${table.value_low} = ${table.value_high} AND ${table.value_low_inclusive} = 1 AND ${table.value_high_inclusive} = 1)`,
    ),
    check(
      'figure_no_value_no_bounds',
      sql`${table.value} IS NOT NULL OR (${table.value_low} IS NULL AND ${table.value_high} IS NULL)`,
    ),
    // The bounds that each qualifier gives; src/seed/bounds.ts computes them, this refuses any others.
    check(
      'figure_bounds_fit_qualifier',
      sql`${table.origin} = 'derived' OR ${table.qualifier} IS NULL OR CASE
        WHEN ${table.qualifier} = 'exact' THEN ${table.value_low} IS ${table.value} AND ${table.value_high} IS ${table.value}
        WHEN ${table.qualifier} IN ('approximately', 'estimated') THEN ${table.value_low} IS NULL AND ${table.value_high} IS NULL
        WHEN (${table.qualifier} IN ('more_than', 'at_least')) = (${table.value} >= 0)
          THEN ${table.value_low} IS ${table.value} AND ${table.value_high} IS NULL
            AND ${table.value_low_inclusive} = (${table.qualifier} IN ('at_least', 'at_most'))
        ELSE ${table.value_high} IS ${table.value} AND ${table.value_low} IS NULL
            AND ${table.value_high_inclusive} = (${table.qualifier} IN ('at_least', 'at_most'))
      END`,
    ),
    check('figure_percent', sql`${table.measure} NOT IN ('relative_change', 'share') OR ${table.unit} = 'percent'`),
    check('figure_year_ends_period', sql`${table.year} = CAST(substr(${table.period_end}, 1, 4) AS INTEGER)`),
    check('figure_period_in_order', sql`${table.period_start} IS NULL OR ${table.period_start} <= ${table.period_end}`),
    check(
      'figure_baseline_only_for_change',
      sql`${table.baseline_year} IS NULL OR ${table.measure} IN ('change', 'relative_change')`,
    ),
    check('figure_baseline_has_basis', together(table.baseline_year, table.baseline_basis)),
    check('figure_baseline_before_period', sql`${table.baseline_year} <= ${table.year}`),
    check(
      'figure_inferred_says_why',
      sql`${table.note} IS NOT NULL OR (${table.period_basis} <> 'inferred' AND coalesce(${table.baseline_basis}, '') <> 'inferred')`,
    ),
    check(
      'figure_since_only_with_superlative',
      sql`${table.superlative_since} IS NULL OR ${table.superlative} IS NOT NULL`,
    ),
    check('figure_since_before_period', sql`${table.superlative_since} < ${table.year}`),
    check(
      'figure_origin_decides_source',
      sql`CASE ${table.origin}
        WHEN 'quoted' THEN ${table.document} IS NOT NULL AND ${table.quote} IS NOT NULL AND ${table.quote_start} IS NOT NULL AND ${table.quote_end} IS NOT NULL AND ${table.source_url} IS NOT NULL
        ELSE ${table.document} IS NULL AND ${table.quote} IS NULL AND ${table.quote_start} IS NULL AND ${table.quote_end} IS NULL AND ${table.source_url} IS NULL AND ${table.attribution} IS NULL
      END`,
    ),
    check('figure_quote_length', sql`${table.quote_end} - ${table.quote_start} = length(${table.quote})`),
    check('figure_quote_start', sql`${table.quote_start} >= 0`),
    // With the document, so that what is counted of a metric is read off the index.
    index('figure_by_metric').on(table.metric, table.year, table.document),
    index('figure_by_document').on(table.document),
    index('figure_by_year').on(table.year),
  ],
)

export const evidence = sqliteTable(
  'evidence',
  {
    figure: text()
      .notNull()
      .references(() => figure.id),
    role: text().$type<EvidenceRole>().notNull(),
    start: integer().notNull(),
    end: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.figure, table.role, table.start] }),
    check('evidence_role', within(table.role, EvidenceRole)),
    check('evidence_span', sql`${table.start} >= 0 AND ${table.start} < ${table.end}`),
  ],
)

export const derivation = sqliteTable(
  'derivation',
  {
    figure: text()
      .primaryKey()
      .references(() => figure.id),
    method: text().$type<DerivationMethod>().notNull(),
    assumes: text(),
  },
  (table) => [check('derivation_method', within(table.method, DerivationMethod))],
)

export const derivationInput = sqliteTable(
  'derivation_input',
  {
    figure: text()
      .notNull()
      .references(() => derivation.figure),
    /** Place among the inputs, from 0. */
    place: integer().notNull(),
    name: text().notNull(),
    input: text()
      .notNull()
      .references(() => figure.id),
  },
  (table) => [
    primaryKey({ columns: [table.figure, table.place] }),
    check('derivation_input_place', sql`${table.place} >= 0`),
    check('derivation_input_not_itself', sql`${table.input} <> ${table.figure}`),
    index('derivation_input_by_input').on(table.input),
  ],
)

export const target = sqliteTable('target', {
  id: text().primaryKey(),
  metric: text()
    .notNull()
    .references(() => metric.id),
  place: text()
    .notNull()
    .references(() => place.id),
  base: text()
    .notNull()
    .references(() => figure.id),
  absolute: text()
    .notNull()
    .references(() => figure.id),
  /** EDTF. */
  deadline: text().notNull(),
  /** Scope and voice of the series in which outcomes would stand. */
  outcome_scope: text().notNull(),
  outcome_voice: text()
    .notNull()
    .references(() => organization.id),
})

export const targetStatement = sqliteTable(
  'target_statement',
  {
    target: text()
      .notNull()
      .references(() => target.id),
    figure: text()
      .notNull()
      .references(() => figure.id),
  },
  (table) => [primaryKey({ columns: [table.target, table.figure] })],
)

export const notRecorded = sqliteTable(
  'not_recorded',
  {
    document: text()
      .notNull()
      .references(() => document.id),
    text: text().notNull(),
    start: integer().notNull(),
    end: integer().notNull(),
    reason: text().$type<NotRecordedReason>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.document, table.start] }),
    check('not_recorded_reason', within(table.reason, NotRecordedReason)),
    check('not_recorded_span', sql`${table.start} >= 0 AND ${table.end} - ${table.start} = length(${table.text})`),
  ],
)

export const comparison = sqliteTable(
  'comparison',
  {
    id: text().primaryKey(),
    figure_a: text()
      .notNull()
      .references(() => figure.id),
    figure_b: text()
      .notNull()
      .references(() => figure.id),
    metric: text()
      .notNull()
      .references(() => metric.id),
    relation: text().$type<Relation>().notNull(),
    compatible: integer({ mode: 'boolean' }).notNull(),
    involves_derived: integer({ mode: 'boolean' }).notNull(),
    gap_low: real(),
    gap_high: real(),
    reason: text(),
  },
  (table) => [
    unique('comparison_pair').on(table.figure_a, table.figure_b),
    check('comparison_of_two', sql`${table.figure_a} <> ${table.figure_b}`),
    check('comparison_relation', within(table.relation, Relation)),
    check('comparison_compatible', sql`${table.compatible} IN (0, 1)`),
    check('comparison_involves_derived', sql`${table.involves_derived} IN (0, 1)`),
    check('comparison_gap_in_order', sql`${table.gap_low} <= ${table.gap_high}`),
    check('comparison_says_why', sql`${table.relation} NOT IN (${listed(needsReason)}) OR ${table.reason} IS NOT NULL`),
    index('comparison_by_b').on(table.figure_b),
  ],
)

/*
 * What queries about figures are answered from. A release never changes while it is served, so everything that a query
 * would compute is computed at load (src/seed/serve.ts): each figure's flat row as text, the figures that each term has, and
 * the figures in every order. Nothing here is a fact of its own. A figure is named by its position: its place, from 1, in
 * the default order. Binary columns hold little-endian numbers, as every platform of Node does.
 */

/**
 * Every column whose terms figures are found by: those that filters name, and the days and years that ranges of time are
 * answered by. `period_start_year` is 0 where the start is open; `published_by` is the day by which a figure had been
 * published, of a derived figure its latest input. `word` is every word that is in many texts.
 */
export const indexedColumns = [...termColumns, 'period_start_year', 'published_by', 'word'] as const
export type IndexedColumn = (typeof indexedColumns)[number]

/** The orders of figures but the default one. */
export const figureOrders = [
  ...(['id', 'metric', 'document', 'year', 'value', '-value', 'published', '-published'] as const),
] as const
export type FigureOrder = (typeof figureOrders)[number]

/** The columns whose numbers ranges of values are tested by. */
export const rangeColumns = [
  ...(['value', 'value_low', 'value_low_inclusive', 'value_high', 'value_high_inclusive'] as const),
] as const
export type RangeColumn = (typeof rangeColumns)[number]

/** Each figure with what bears on it, as JSON, to be read at one place; links are paths, which begin with a slash. */
export const servedFigure = sqliteTable('served_figure', {
  /** Rank in the default order: latest year first, then by id. */
  position: integer().primaryKey(),
  id: text().notNull().unique(),
  /** The flat row; before the rest, so that lists need not read past that. */
  row: text().notNull(),
  metric: text().notNull(),
  document: text(),
  /** `evidence`, `comparisons` and `lineage` as JSON, without its braces; short, since files of rows are read past it. */
  detail: text().notNull(),
})

/** At which position each figure is by a hash of its id, in buckets counted from 0, as src/db/keys.ts packs them: 32-bit integers. */
export const servedKey = sqliteTable('served_key', {
  bucket: integer().primaryKey(),
  keys: blob({ mode: 'buffer' }).notNull(),
})

/** The terms that occur in each indexed column, with the figures that have each. */
export const servedTerm = sqliteTable(
  'served_term',
  {
    column: text().$type<IndexedColumn>().notNull(),
    /** The term; of a year its digits. */
    term: text().notNull(),
    figures: integer().notNull(),
    /** A set of positions, as src/db/positions.ts packs them. */
    positions: blob({ mode: 'buffer' }).notNull(),
    /** Between which ranks they are in each order, as src/db/spans.ts has them: 32-bit integers. */
    spans: blob({ mode: 'buffer' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.column, table.term] })],
)

/** So many figures of an order are read at a time. */
export const stretchSize = 16_384

/** The positions of all figures in every order but the default one, in stretches counted from 0: 32-bit integers. */
export const servedOrder = sqliteTable(
  'served_order',
  {
    order: text().$type<FigureOrder>().notNull(),
    stretch: integer().notNull(),
    positions: blob({ mode: 'buffer' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.order, table.stretch] })],
)

/** The ranks of all figures in those orders by position, from 0: 32-bit integers. */
export const servedRank = sqliteTable('served_rank', {
  order: text().$type<FigureOrder>().primaryKey(),
  ranks: blob({ mode: 'buffer' }).notNull(),
})

/**
 * The numbers of all figures: the different ones in order, as 64-bit floats, and by position, from 0, the place of each
 * figure's among them, as 32-bit integers; that of null is after the last.
 */
export const servedRange = sqliteTable('served_range', {
  column: text().$type<RangeColumn>().primaryKey(),
  numbers: blob({ mode: 'buffer' }).notNull(),
  places: blob({ mode: 'buffer' }).notNull(),
})

/** The chart of each metric, drawn at load (src/seed/charts.ts): the picture, and the specification that it is drawn from. */
export const chart = sqliteTable(
  'chart',
  {
    metric: text()
      .notNull()
      .references(() => metric.id),
    size: text().$type<ChartSize>().notNull(),
    /** SVG. */
    svg: text().notNull(),
    /** Vega-Lite, as JSON. */
    specification: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.metric, table.size] }),
    check('chart_size', within(table.size, ChartSize)),
    check('chart_specification', sql`json_valid(${table.specification})`),
  ],
)
