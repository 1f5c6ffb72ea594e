/** What a query of /v1/figures means, in plain code that knows nothing of how the service answers it. */
import { tableFromIPC } from 'apache-arrow'
import { parse as parseCsv } from 'csv-parse/sync'
import { eq, ne } from 'drizzle-orm'
import fc from 'fast-check'
import { readParquet as readParquetFile } from 'parquet-wasm'
import type { Db } from '../../src/db/client.ts'
import * as tables from '../../src/db/schema.ts'
import { Vocabulary } from '../../src/schemas/dataset.ts'
import { DocumentSummary } from '../../src/schemas/documents.ts'
import { item, list } from '../../src/schemas/envelope.ts'
import { Figure, FigureDetail } from '../../src/schemas/figures.ts'
import { MetricSummary } from '../../src/schemas/metrics.ts'
import { ClaimType, Match, Measure, Origin, Qualifier, Superlative, Topic } from '../../src/schemas/vocabularies.ts'
import { boundsOf, open, type Bounds } from '../../src/seed/bounds.ts'
import { follow, type RunningService, read } from './service.ts'

/** Section 4 of the design, letter for letter. */
export const columns = [
  ...(['id', 'metric', 'metric_title', 'topic', 'scope', 'measure', 'claim_type', 'origin'] as const),
  ...([
    'value',
    'value_low',
    'value_low_inclusive',
    'value_high',
    'value_high_inclusive',
    'qualifier',
    'unit',
  ] as const),
  ...(['year', 'period', 'period_start', 'period_end', 'period_basis', 'baseline_year', 'baseline_basis'] as const),
  ...(['place', 'actor', 'attribution', 'superlative', 'superlative_since'] as const),
  ...(['document', 'document_title', 'publisher', 'publisher_title', 'published'] as const),
  ...(['quote', 'quote_start', 'quote_end', 'source_url'] as const),
  ...(['statement', 'note', 'comparison_count', 'url'] as const),
]
export type Column = (typeof columns)[number]

/** The columns that can be counted by term. */
export const facetColumns = [
  ...(['metric', 'topic', 'scope', 'measure', 'claim_type', 'origin', 'qualifier', 'unit', 'place', 'actor'] as const),
  ...(['attribution', 'document', 'publisher', 'superlative', 'baseline_year', 'year'] as const),
]
export type FacetColumn = (typeof facetColumns)[number]

/** The filters that take terms. */
export const termFilters = ['id', ...facetColumns] as const
export type TermFilter = (typeof termFilters)[number]

/** The orders that a column gives. */
export const sorts = [
  ...(['year', '-year', 'value', '-value', 'metric', 'document', 'published', '-published', 'id'] as const),
]
export type Sort = (typeof sorts)[number]

export type Filter = Partial<Record<TermFilter, string[]>> & {
  year_from?: number
  year_to?: number
  value_min?: number
  value_max?: number
  match?: Match
  as_of?: string
  q?: string
}

/** What the meaning of a query rests on, as other resources of the same service tell it. */
export type World = {
  /** Every figure, in the default order. */
  rows: readonly Figure[]
  /** The last day on which each document may have been published, which no row tells. */
  publishedLatest: ReadonlyMap<string, string>
  /** What each computed figure was computed from; of what is made up for the tests that is nothing. */
  inputs: ReadonlyMap<string, readonly string[]>
  /** The names for people of terms, by column; a column that is not here has none. */
  titles: Readonly<Partial<Record<FacetColumn, ReadonlyMap<string, string>>>>
}

/** All that a service holds of figures, read page by page. */
export async function readWorld(service: Pick<RunningService, 'get'>): Promise<World> {
  const rows = (await follow(service, '/v1/figures?limit=1000', list(Figure))).flatMap(({ data }) => data)
  const documents = (await follow(service, '/v1/documents?limit=1000', list(DocumentSummary))).flatMap(
    ({ data }) => data,
  )
  const metrics = (await follow(service, '/v1/metrics?limit=1000', list(MetricSummary))).flatMap(({ data }) => data)
  const vocabularies = (await follow(service, '/v1/vocabularies?limit=1000', list(Vocabulary))).flatMap(
    ({ data }) => data,
  )
  const titlesOf = (terms: readonly { id: string; title: string | null }[] = []) =>
    new Map(terms.flatMap(({ id, title }) => (title === null ? [] : [[id, title] as const])))
  const vocabulary = (name: string) => titlesOf(vocabularies.find(({ id }) => id === name)?.terms)
  const organizations = vocabulary('organization')
  const inputs = new Map<string, readonly string[]>()
  for (const { id, origin } of rows) {
    if (origin !== 'derived' || !id.startsWith('derived-')) continue
    const { lineage } = (await read(await service.get(`/v1/figures/${id}`), item(FigureDetail))).data
    inputs.set(id, lineage.inputs?.map((input) => input.id) ?? [])
  }
  return {
    rows,
    inputs,
    publishedLatest: new Map(documents.map(({ id, published_latest }) => [id, published_latest])),
    titles: {
      metric: titlesOf(metrics),
      document: titlesOf(documents),
      unit: vocabulary('unit'),
      place: vocabulary('place'),
      publisher: organizations,
      actor: organizations,
      attribution: organizations,
    },
  }
}

export const idsOf = (figures: readonly { readonly id: string }[]) => figures.map(({ id }) => id)

// Meaning

/** Whether a figure is what a filter asks for. */
export function matches(figure: Figure, filter: Filter, world: World): boolean {
  const { year_from, year_to, value_min, value_max, match, as_of, q, ...terms } = filter
  const years = { first: figure.period_start?.slice(0, 4) ?? '0000', last: figure.period_end.slice(0, 4) }
  return (
    Object.entries(terms).every(([name, wanted]) => {
      const value = figure[name as TermFilter]
      return value !== null && wanted.includes(String(value))
    }) &&
    (year_from === undefined || Number(years.last) >= year_from) &&
    (year_to === undefined || Number(years.first) <= year_to) &&
    ((value_min === undefined && value_max === undefined) || inRange(figure, filter)) &&
    (as_of === undefined || publishedBy(figure, as_of, world)) &&
    (q === undefined || holdsWords(figure, q, world))
  )
}

/**
 * Whether the value lies from `value_min` to `value_max`, both inclusive: as printed (`stated`), whatever value its
 * bounds leave it (`certain`), or for some value that they leave it (`possible`). What no bound holds has no certain
 * value, and as a possible one the printed; a record without a number has none at all.
 */
export function inRange(figure: Figure, { value_min = -Infinity, value_max = Infinity, match = 'stated' }: Filter) {
  const { value, value_low, value_low_inclusive, value_high, value_high_inclusive } = figure
  const stated = value !== null && value >= value_min && value <= value_max
  const unbounded = value_low === null && value_high === null
  if (match === 'stated') return stated
  if (unbounded) return match === 'possible' && stated
  const low = { at: value_low ?? -Infinity, open: value_low_inclusive !== true }
  const high = { at: value_high ?? Infinity, open: value_high_inclusive !== true }
  // Every number above an open bound at 5 is at least 5 too, and some of them are below any number above 5.
  if (match === 'certain') return low.at >= value_min && high.at <= value_max
  const aboveMin = high.open ? high.at > value_min : high.at >= value_min
  const belowMax = low.open ? low.at < value_max : low.at <= value_max
  return aboveMin && belowMax
}

/**
 * Whether a figure had been published by a day, for sure; a computed one, whether all that it was computed from had. Of one
 * without inputs that is never known.
 */
export function publishedBy({ id, document }: Figure, day: string, world: World): boolean {
  if (document !== null) return (world.publishedLatest.get(document) ?? '9') <= day
  const inputs = world.inputs.get(id) ?? []
  return (
    inputs.length > 0 &&
    inputs.every((input) => {
      const source = world.rows.find((row) => row.id === input)
      return source !== undefined && publishedBy(source, day, world)
    })
  )
}

/** Text without accents and case. */
export const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

/** The words of a text, folded. */
export const wordsOf = (text: string): string[] => fold(text).match(/[\p{L}\p{N}]+/gu) ?? []

/** The texts that `q` is searched in, each apart. */
export function textsOf(figure: Figure, { titles }: World): string[] {
  const { statement, quote, metric, metric_title, actor, document_title } = figure
  const actorTitle = actor === null ? null : (titles.actor?.get(actor) ?? null)
  return [statement, quote, metric, metric_title, actor, actorTitle, document_title].filter((text) => text !== null)
}

/** The words of each text of a figure, between blanks; of a world they never change. */
const phrases = new WeakMap<Figure, readonly string[]>()
const spaced = (words: readonly string[]) => ` ${words.join(' ')} `

/**
 * Whether each word of `q` stands in some text of the figure. What has signs within it ("130,000") is several words, and
 * stands where they follow one another in one text.
 */
export function holdsWords(figure: Figure, q: string, world: World): boolean {
  let texts = phrases.get(figure)
  if (texts === undefined) phrases.set(figure, (texts = textsOf(figure, world).map((text) => spaced(wordsOf(text)))))
  return q
    .split(/\s+/)
    .map(wordsOf)
    .every((phrase) => phrase.length === 0 || texts.some((text) => text.includes(spaced(phrase))))
}

/** Figures in an order: by its key, nulls last whichever the direction, ties by id. */
export function ordered(figures: readonly Figure[], sort: Sort, { publishedLatest }: World): Figure[] {
  const name = sort.replace('-', '') as 'year' | 'value' | 'metric' | 'document' | 'published' | 'id'
  const sign = sort.startsWith('-') ? -1 : 1
  const keyOf = (figure: Figure) => {
    if (name !== 'published') return figure[name]
    return figure.document === null ? null : (publishedLatest.get(figure.document) ?? null)
  }
  const inOrder = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0)
  return figures.toSorted((a, b) => {
    const [left, right] = [keyOf(a), keyOf(b)]
    if (left === null || right === null) return Number(left === null) - Number(right === null) || inOrder(a.id, b.id)
    return sign * inOrder(left, right) || inOrder(a.id, b.id)
  })
}

/** A row with some of its columns, in the order of the contract. */
export const pick = (row: Figure, fields: readonly Column[]): Partial<Figure> =>
  Object.fromEntries(columns.filter((column) => fields.includes(column)).map((column) => [column, row[column]]))

// Spelling

// Twenty-one digits are more than tell two doubles apart, and none of a small number's is lost to an exponent.
const plainDigits = new Intl.NumberFormat('en-US', { useGrouping: false, maximumSignificantDigits: 21 })

/** A number in plain digits that give it back, never with an exponent. */
export const decimal = (value: number) => (String(value).includes('e') ? plainDigits.format(value) : String(value))

export type Parameters = Readonly<Record<string, string | number | readonly string[] | undefined>>

/** The address of a query, each list of terms in one parameter; what is undefined is left out. */
export function addressOf(filter: Filter, more: Parameters = {}): string {
  const parameters = Object.entries({ ...filter, ...more } as Parameters).flatMap(([name, value]) => {
    if (value === undefined) return []
    const text = typeof value === 'number' ? decimal(value) : [value].flat().join(',')
    return [`${name}=${encodeURIComponent(text)}`]
  })
  return `/v1/figures?${parameters.join('&')}`
}

/** One parameter and its terms; a single value is one term. */
export type Part = readonly [name: string, terms: readonly string[], list: boolean]
const listNames = new Set<string>([...termFilters, 'fields', 'facet'])
/** The parts of a query. */
export const partsOf = (filter: Filter, more: Parameters = {}): Part[] =>
  Object.entries({ ...filter, ...more } as Parameters).flatMap(([name, value]) => {
    if (value === undefined) return []
    const terms = [value].flat().map((term) => (typeof term === 'number' ? decimal(term) : term))
    return [[name, terms, listNames.has(name)] as const]
  })

/** Spellings of one query: parameters in any order, terms in any order, repeated or with commas, some twice. */
export const anySpelling = (parts: readonly Part[]): fc.Arbitrary<string> => {
  const spelt = parts.map(([name, terms, isList]) => {
    if (!isList) return fc.constant([`${name}=${encodeURIComponent(terms[0] ?? '')}`])
    return fc
      .tuple(
        fc.shuffledSubarray([...terms], { minLength: terms.length }),
        fc.subarray([...terms]),
        fc.array(fc.boolean(), { minLength: 2 * terms.length, maxLength: 2 * terms.length }),
      )
      .map(([shuffled, twice, breaks]) => {
        const groups: string[][] = [[]]
        for (const [at, term] of [...shuffled, ...twice].entries()) {
          if (at > 0 && breaks[at] === true) groups.push([])
          groups.at(-1)?.push(term)
        }
        return groups.map((group) => `${name}=${group.join(',')}`)
      })
  })
  return fc
    .tuple(...spelt)
    .chain((all) => fc.shuffledSubarray(all.flat(), { minLength: all.flat().length }))
    .map((shuffled) => `/v1/figures?${shuffled.join('&')}`)
}

// Formats

/** The records of a CSV text, by the names in its header; every cell is text. */
export function readCsv(text: string): Record<string, string>[] {
  return parseCsv(text, { columns: true, record_delimiter: '\r\n' })
}

/** A row as its CSV record: null is an empty cell. */
export const asRecord = (row: Readonly<Record<string, string | number | boolean | null>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value === null ? '' : typeof value === 'number' ? decimal(value) : String(value),
    ]),
  )

/** The objects of a newline-delimited JSON text, each line ended. */
export function readNdjson(text: string): Partial<Figure>[] {
  const lines = text.split('\n')
  if (lines.pop() !== '') throw new Error('the last line has no end')
  return lines.map((line) => JSON.parse(line) as Partial<Figure>)
}

/** The rows of a Parquet file with the values that JSON would have; dates as YYYY-MM-DD. */
export function readParquet(file: Uint8Array): { names: string[]; rows: Record<string, unknown>[] } {
  const table = tableFromIPC(readParquetFile(file).intoIPCStream())
  const fields = table.schema.fields.map(({ name, type }) => ({ name, date: String(type).startsWith('Date') }))
  const asJson = (value: unknown, date: boolean) => {
    if (typeof value === 'bigint') return Number(value)
    return date && typeof value === 'number' ? new Date(value).toISOString().slice(0, 10) : value
  }
  const vectors = fields.map((field) => ({ ...field, vector: table.getChild(field.name) }))
  const rows = Array.from({ length: table.numRows }, (_, at) =>
    Object.fromEntries(
      vectors.map(({ name, date, vector }) => [name, asJson((vector?.get(at) ?? null) as unknown, date)]),
    ),
  )
  return { names: fields.map(({ name }) => name), rows }
}

// Queries drawn at random

/** The terms that occur in a column, and those of its vocabulary that may not. */
export function termsOf(rows: readonly Figure[], name: TermFilter): string[] {
  const vocabularies: Partial<Record<TermFilter, readonly string[]>> = {
    topic: Topic.options,
    measure: Measure.options,
    claim_type: ClaimType.options,
    origin: Origin.options,
    qualifier: Qualifier.options,
    superlative: Superlative.options,
    year: ['1999'],
    baseline_year: ['1999'],
  }
  const inUse = rows.map((row) => row[name]).filter((term) => term !== null)
  return [...new Set([...inUse.map(String), ...(vocabularies[name] ?? [])])].toSorted()
}

/** Filters by years: none, from, to or both. */
function anyYears(): fc.Arbitrary<Filter> {
  const year = fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1998, max: 2025 }) },
    { weight: 1, arbitrary: fc.constantFrom(1000, 1990, 2999) },
  )
  const span = fc.tuple(year, year).map(([a, b]) => ({ year_from: Math.min(a, b), year_to: Math.max(a, b) }))
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant<Filter>({}) },
    span,
    span.map(({ year_from }): Filter => ({ year_from })),
    span.map(({ year_to }): Filter => ({ year_to })),
  )
}

/** Filters by terms that a figure passes where it has them, up to four columns with up to four terms beside its own. */
function termsAround(around: Figure, terms: ReadonlyMap<TermFilter, readonly string[]>): fc.Arbitrary<Filter> {
  return fc.subarray([...termFilters], { maxLength: 4 }).chain((names) => {
    const choices = names.map((name) => {
      const own = around[name] === null ? [] : [String(around[name])]
      const known = terms.get(name) ?? []
      const others = fc.uniqueArray(fc.constantFrom(...known), { minLength: own.length === 0 ? 1 : 0, maxLength: 4 })
      return others.map((some) => [name, [...new Set([...own, ...some])]] as const)
    })
    return fc.tuple(...choices).map((entries): Filter => Object.fromEntries(entries))
  })
}

const allTerms = (rows: readonly Figure[]) => new Map(termFilters.map((name) => [name, termsOf(rows, name)]))

/** Combinations of filters by terms and by years; most let a figure through, for they are drawn around one. */
export function anyTermsAndYears(rows: readonly Figure[]): fc.Arbitrary<Filter> {
  const terms = allTerms(rows)
  return fc
    .tuple(
      fc.constantFrom(...rows).chain((around) => termsAround(around, terms)),
      anyYears(),
    )
    .map(([some, years]): Filter => ({ ...some, ...years }))
}

/** The numbers that the figures of each unit have, as value or as bound. */
const numbersByUnit = (rows: readonly Figure[]) =>
  new Map(
    [...Map.groupBy(rows, ({ unit }) => unit)].map(([unit, same]) => {
      const numbers = same.flatMap(({ value, value_low, value_high }) => [value, value_low, value_high])
      return [unit, [...new Set(numbers.filter((number) => number !== null))]] as const
    }),
  )

/** Ranges of values near those of a figure, with what makes numbers comparable: a unit, or a metric and a measure. */
function rangeAround(around: Figure, numbers: ReadonlyMap<string, readonly number[]>): fc.Arbitrary<Filter> {
  const { value, value_low, value_high, unit, metric, measure } = around
  const own = [value, value_low, value_high].filter((number) => number !== null)
  const limits = fc
    .tuple(
      fc.constantFrom(...own, ...own, ...(numbers.get(unit) ?? []), 0),
      fc.constantFrom(0, 0, 0, 0, 1, -1, 0.5, -0.25),
    )
    .map(([limit, off]) => Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, limit + off)))
  const range = fc.tuple(limits, limits, fc.constantFrom('min', 'max', 'both')).map(([a, b, which]): Filter => {
    if (which === 'min') return { value_min: a }
    return which === 'max' ? { value_max: a } : { value_min: Math.min(a, b), value_max: Math.max(a, b) }
  })
  const comparable = fc.constantFrom<Filter>({ unit: [unit] }, { metric: [metric], measure: [measure] })
  const match = fc.constantFrom<Filter>({}, ...Match.options.map((term) => ({ match: term })))
  return fc.tuple(range, comparable, match).map(([some, one, how]): Filter => ({ ...one, ...some, ...how }))
}

/** Days on, just before and just after those on which documents were published, and far from any. */
export function anyDay({ publishedLatest }: World): fc.Arbitrary<string> {
  const days = [...new Set(publishedLatest.values())].flatMap((day) =>
    [-1, 0, 1].map((off) => new Date(Date.parse(day) + off * 86_400_000).toISOString().slice(0, 10)),
  )
  return fc.constantFrom(...days, '1000-01-01', '2016-02-29', '9999-12-31')
}

/** Ways to write a text whose words stay the same: other case, no accents, accents as signs of their own. */
const respelt: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.toUpperCase(),
  (text) => text.normalize('NFD'),
  (text) => text.normalize('NFD').replace(/\p{M}/gu, ''),
  (text) => fold(text),
]

const holdsWord = /[\p{L}\p{N}]/u

/** Words, phrases and beginnings of words from a figure's texts, some respelt, with a word of no text now and then. */
export function wordsAround(around: Figure, world: World): fc.Arbitrary<string> {
  const pieces = textsOf(around, world).map((text) => text.split(/\s+/))
  const piece = fc
    .constantFrom(...pieces)
    .chain((parts) =>
      fc
        .tuple(fc.nat(parts.length - 1), fc.integer({ min: 1, max: 3 }))
        .map(([at, length]) => parts.slice(at, at + length)),
    )
  const chunk = fc
    .tuple(
      piece,
      // Signs that are no letters keep words together in their order; a blank does not.
      fc.constantFrom(' ', ' ', ' ', ',', '-', '\u00A0', '"', "'"),
      fc.constantFrom(...respelt),
      fc.constantFrom(0, 0, 0, 0, 1, 2),
    )
    .map(([parts, between, spell, cut]) => spell(parts.join(between)).slice(cut))
  const odd = fc.constantFrom(
    'AND',
    'OR',
    'NOT',
    'NEAR',
    '*',
    '-',
    '""',
    '^',
    'coca*',
    'statement:',
    'zzz',
    '😀',
    '%',
    '_',
  )
  return fc
    .tuple(fc.array(chunk, { minLength: 1, maxLength: 2 }), fc.option(odd, { freq: 8, nil: undefined }))
    .map(([chunks, extra]) => [...chunks, ...(extra === undefined ? [] : [extra])].join(' ').slice(0, 150))
    .filter((q) => holdsWord.test(q) && q.isWellFormed())
}

/** Combinations of filters of every kind; most let a figure through, for they are drawn around one. */
export function anyFilter(world: World): fc.Arbitrary<Filter> {
  const terms = allTerms(world.rows)
  const numbers = numbersByUnit(world.rows)
  const nothing = fc.constant<Filter>({})
  const sometimes = (filter: fc.Arbitrary<Filter>) =>
    fc.oneof({ weight: 2, arbitrary: nothing }, { weight: 1, arbitrary: filter })
  return fc
    .constantFrom(...world.rows)
    .chain((around) =>
      fc
        .tuple(
          sometimes(termsAround(around, terms)),
          sometimes(anyYears()),
          sometimes(rangeAround(around, numbers)),
          sometimes(anyDay(world).map((as_of): Filter => ({ as_of }))),
          sometimes(wordsAround(around, world).map((q): Filter => ({ q }))),
        )
        .map((parts): Filter => Object.assign({}, ...parts) as Filter),
    )
}

/** Ranges of values with what makes them comparable. */
export function anyRange({ rows }: World): fc.Arbitrary<Filter> {
  const numbers = numbersByUnit(rows)
  return fc.constantFrom(...rows.filter(({ value }) => value !== null)).chain((around) => rangeAround(around, numbers))
}

// A database of figures of every kind

/** Words that stand in one text of one figure only, by the text: whether it is searched can be seen. */
export const planted = {
  statement: 'onlystatement',
  quote: 'onlyquote',
  metric: 'only-metric-id',
  metric_title: 'Onlymetrictitle',
  actor: 'only-actor-id',
  actor_title: 'Onlyactortitle',
  document_title: 'Onlydocumenttitle',
} as const
/** Words in what no query is searched in. */
export const plantedElsewhere = {
  note: 'onlynote',
  publisher_title: 'Onlypublishertitle',
  attribution_title: 'Onlyattributiontitle',
  document: 'only-document-id',
} as const

/** Words of statements and quotes: accents both ways, signs within, other scripts, and what a query language would take. */
const vocabulary = [
  ...['coca', 'Coca', 'COCAINE', 'eradication', 'Bogotá', 'BOGOTA', 'Bogota\u0301', 'Nariño', 'hectáreas', 'naïve'],
  ...['130,000', '1.5', '2.91', '26-year', 'U.S.-Colombia', "d'Ivoire", 'km²', '½', 'ÅNGSTRÖM', 'façade', 'straße'],
  ...[
    'Łódź',
    'İzmir',
    'ørsted',
    'Đắk',
    '麻薬',
    '日本',
    '😀',
    'AND',
    'OR',
    'NOT',
    'NEAR(a',
    'x*y',
    '50%',
    'a_b',
    '"so"',
  ],
]

/** What is drawn of a figure; the rest follows from it. */
type VariedFigure = {
  of: { metric: string; scope: string; unit: string }
  measure: Measure
  claim_type: ClaimType
  derived: boolean
  value: number | null
  qualifier: Qualifier
  year: number
  /** How many years before it the period begins; null for an open start. */
  years: number | null
  /** How many years before the end of the period the baseline is. */
  baseline: number | null
  place: string
  actor: string | null
  attribution: string | null
  superlative: Superlative | null
  document: string
  statement: string
  quote: string
}

/** Values of every kind, from few enough that many are alike. */
const anyValue = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -12, max: 12 }) },
  { weight: 4, arbitrary: fc.integer({ min: -40, max: 40 }).map((quarters) => quarters / 4) },
  { weight: 2, arbitrary: fc.constantFrom(0.1, 0.2, 0.30000000000000004, -0.1, 1e-7, 1234567.891) },
  { weight: 2, arbitrary: fc.constantFrom(130_000, 100_000, 1e15, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER) },
)

/** Bounds of a computed value: open, closed or exclusive on either side, at the value or away from it. */
function anyBounds(value: number): fc.Arbitrary<Bounds> {
  const away = fc.constantFrom(0, 0, 0.5, 1, 7)
  const within = (limit: number) => Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, limit))
  const side = fc.option(fc.record({ away, inclusive: fc.boolean() }), { freq: 2, nil: null })
  return fc.tuple(side, side).map(([low, high]) => {
    const value_low = low === null ? null : within(value - low.away)
    const value_high = high === null ? null : within(value + high.away)
    // An interval of one number holds it.
    const single = value_low !== null && value_low === value_high
    return {
      value_low,
      value_low_inclusive: low === null ? null : low.inclusive || single,
      value_high,
      value_high_inclusive: high === null ? null : high.inclusive || single,
    }
  })
}

const codePoints = (text: string) => [...text].length

/**
 * Adds figures that the documents do not have but a release may: computed ones with every kind of bounds, negative and
 * decimal values, records without a number, nulls in each column that may have them, texts with accents and in other
 * scripts. The same each time.
 */
export function addVariedFigures(db: Db, howMany: number): void {
  const organization = (id: string, title: string) => ({ id, title, definition: 'Stands for any.' })
  db.insert(tables.organization)
    .values([
      organization(planted.actor, planted.actor_title),
      organization('only-publisher', plantedElsewhere.publisher_title),
      organization('only-attribution', plantedElsewhere.attribution_title),
      organization('agencia', 'Agencia Ágil de Bogotá (AÁB)'),
    ])
    .run()
  const [sample] = db.select().from(tables.document).limit(1).all()
  if (sample === undefined) throw new Error('there is no document to be like')
  const document = (id: string, title: string, publisher: string, day: string, at: number) =>
    ({
      ...sample,
      ...{ id, title, publisher, published: day, published_earliest: day, published_latest: day },
      sha256: String(at).padStart(64, '0'),
    }) as const
  db.insert(tables.document)
    .values([
      document(plantedElsewhere.document, planted.document_title, 'only-publisher', '2019-12-31', 1),
      document('acta-de-bogota', 'Acta de Bogotá: 130,000 hectáreas', 'agencia', '2020-01-01', 2),
      document('acta-de-cali', 'Acta de Cali', 'agencia', '2020-01-01', 3),
      document('acta-de-1999', 'Acta de 1999', 'inl', '1999-02-28', 4),
    ])
    .run()
  db.insert(tables.metric)
    .values({
      ...{ id: planted.metric, title: planted.metric_title, definition: 'Stands for any.', topic: 'trade' },
      ...{ unit: 'ha', additive: false },
    })
    .run()
  db.insert(tables.metricScope).values({ metric: planted.metric, scope: 'all', definition: 'All.' }).run()

  const metrics = db
    .select({ metric: tables.metric.id, scope: tables.metricScope.scope, unit: tables.metric.unit })
    .from(tables.metric)
    .innerJoin(tables.metricScope, eq(tables.metricScope.metric, tables.metric.id))
    .where(ne(tables.metric.id, planted.metric))
    .orderBy(tables.metric.id, tables.metricScope.scope)
    .all()
  const ids = (rows: { id: string }[], not: readonly string[]) =>
    rows.map(({ id }) => id).filter((id) => !not.includes(id))
  const documents = ids(db.select({ id: tables.document.id }).from(tables.document).orderBy(tables.document.id).all(), [
    plantedElsewhere.document,
  ])
  const organizations = ids(
    db.select({ id: tables.organization.id }).from(tables.organization).orderBy(tables.organization.id).all(),
    [planted.actor, 'only-publisher', 'only-attribution'],
  )
  const places = ids(db.select({ id: tables.place.id }).from(tables.place).orderBy(tables.place.id).all(), [])

  const words = fc.array(fc.constantFrom(...vocabulary), { minLength: 2, maxLength: 8 }).map((some) => some.join(' '))
  const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2, nil: null })
  const draft = fc.record<VariedFigure>({
    of: fc.constantFrom(...metrics),
    measure: fc.constantFrom(...Measure.options, 'level', 'level', 'level'),
    claim_type: fc.constantFrom(...ClaimType.options),
    derived: fc.boolean(),
    value: fc.option(anyValue, { freq: 9, nil: null }),
    qualifier: fc.constantFrom(...Qualifier.options),
    year: fc.integer({ min: 1999, max: 2024 }),
    years: fc.constantFrom(0, 0, 0, 1, 4, null),
    baseline: fc.option(fc.integer({ min: 0, max: 5 }), { nil: null }),
    place: fc.constantFrom(...places),
    actor: orNull(fc.constantFrom(...organizations)),
    attribution: orNull(fc.constantFrom(...organizations)),
    superlative: orNull(fc.constantFrom(...Superlative.options)),
    document: fc.constantFrom(...documents),
    statement: words,
    quote: words,
  })
  const figure = draft.chain((drawn) =>
    fc.tuple(fc.constant(drawn), drawn.derived && drawn.value !== null ? anyBounds(drawn.value) : fc.constant(null)),
  )
  const drawn = fc.sample(figure, { numRuns: howMany, seed: 2026 })
  for (const [at, [row, bounds]] of drawn.entries()) insert(`varied-${String(at).padStart(5, '0')}`, row, bounds)

  const [plain] = metrics
  if (plain === undefined) throw new Error('there is no metric')
  const onlyHere = {
    ...{ measure: 'level', claim_type: 'outcome', derived: false, value: 7, qualifier: 'exact', year: 2020, years: 0 },
    ...{ of: plain, baseline: null, place: places[0] ?? '', actor: null, attribution: null, superlative: null },
    ...{ document: 'acta-de-cali', statement: 'plain', quote: 'seven' },
  } satisfies VariedFigure
  insert('planted-statement', { ...onlyHere, statement: `plain ${planted.statement}` }, null)
  insert('planted-quote', { ...onlyHere, quote: `seven ${planted.quote}` }, null)
  insert('planted-metric', { ...onlyHere, of: { metric: planted.metric, scope: 'all', unit: 'ha' } }, null)
  insert('planted-actor', { ...onlyHere, actor: planted.actor }, null)
  insert('planted-document', { ...onlyHere, document: plantedElsewhere.document }, null)
  for (const [at, id] of ['twin-1', 'twin-2', 'twin-3', 'twin-4', 'twin-5'].entries()) {
    insert(id, { ...onlyHere, statement: 'A twin of others', year: 2010 + at }, null)
  }
  insert('planted-elsewhere', { ...onlyHere, attribution: 'only-attribution' }, null, plantedElsewhere.note)

  function insert(
    id: string,
    { of, derived, years, baseline, document, quote, attribution, ...row }: VariedFigure,
    bounds: Bounds | null,
    note: string | null = null,
  ) {
    const percent = row.measure === 'relative_change' || row.measure === 'share'
    const changes = row.measure === 'change' || row.measure === 'relative_change'
    const first = years === null ? null : row.year - years
    db.insert(tables.figure)
      .values({
        ...row,
        ...{ id, note, metric: of.metric, scope: of.scope, unit: percent ? 'percent' : of.unit },
        superlative: row.value === null ? (row.superlative ?? 'highest') : row.superlative,
        period: `${first === null ? '..' : String(first)}/${row.year}`,
        period_start: first === null ? null : `${first}-01-01`,
        period_end: `${row.year}-12-31`,
        period_basis: 'stated',
        baseline_year: changes && baseline !== null ? row.year - baseline : null,
        baseline_basis: changes && baseline !== null ? 'stated' : null,
        ...(derived
          ? { ...open, ...bounds, origin: 'derived', qualifier: null }
          : {
              ...(row.value === null ? open : boundsOf(row.value, row.qualifier)),
              ...{ origin: 'quoted', document, attribution, quote, quote_start: 0, quote_end: codePoints(quote) },
              qualifier: row.value === null ? null : row.qualifier,
              source_url: 'https://example.org/#:~:text=words',
            }),
      })
      .run()
  }
}
