/**
 * The closed vocabularies of the dataset: every term the code itself knows, each with its definition.
 * They are the one home of these words: the tables' CHECK constraints, the seed-data schemas, the query
 * parameters, the OpenAPI document and `/v1/vocabularies` are all made from them.
 *
 * Vocabularies that grow with the data (metrics, units, places …) live in `seed-data/`.
 */
import { z } from 'zod'

type Terms = Readonly<Record<string, string>>

/** The ids of a vocabulary as a tuple, so that zod and Drizzle see the literal types. */
function ids<T extends Terms>(terms: T): [keyof T & string, ...(keyof T & string)[]] {
  return Object.keys(terms) as [keyof T & string, ...(keyof T & string)[]]
}

/** Terms with their definitions, as a list in Markdown. */
export const definitions = (terms: Terms): string =>
  Object.entries(terms)
    .map(([term, definition]) => `- \`${term}\`: ${definition}`)
    .join('\n')

/** A vocabulary as a schema of its terms, by which the OpenAPI document names and explains it. */
const vocabulary = <T extends Terms>(id: string, terms: T) =>
  z.enum(ids(terms)).meta({ id, description: definitions(terms) })

export const topics = {
  counternarcotics: 'Coca, cocaine, their eradication, seizure and interdiction, and the means used for it.',
  security: 'Crime, terrorism and policing, and the sharing of police and military expertise.',
  humanitarian: 'People who fled from Venezuela and the help they get.',
  peace: 'The implementation of the Colombian peace accord.',
  trade: 'Trade, investment and jobs.',
} as const

export const measures = {
  level: 'The size of a stock at a time, or of a flow over the period.',
  cumulative: 'A running total from a start (which may be open) to the end of the period.',
  change: 'An absolute difference from the baseline, in the unit of the metric; a decrease is negative.',
  relative_change: 'A difference from the baseline in percent of the baseline; a decrease is negative.',
  share: 'A part of a whole, in percent of that whole.',
  rate: 'An amount per year, in the unit of the metric.',
} as const

export const claimTypes = {
  outcome: 'What the document says has happened or is so.',
  target: 'What somebody aims at, for a time still to come when the document was written.',
  projection: 'What the document expects to happen, without anybody aiming at it.',
} as const

export const origins = {
  quoted: 'Printed in a document.',
  derived: 'Computed from other figures by a stated method.',
} as const

export const qualifiers = {
  exact: 'Printed without a qualifier: both bounds are the value, inclusive.',
  approximately: 'Printed as about this number: no bound, since nobody printed one.',
  estimated: 'The phrase that holds the number calls it an estimate: no bound, since nobody printed one.',
  more_than: 'Further from zero than the value: an exclusive bound at the value.',
  at_least: 'As far from zero as the value or further: an inclusive bound at the value.',
  less_than: 'Nearer to zero than the value: an exclusive bound at the value.',
  at_most: 'As far from zero as the value or nearer: an inclusive bound at the value.',
  nearly: 'Close to the value without reaching it: an exclusive bound at the value.',
} as const

export const periodBases = {
  stated: 'Printed in the clause that holds the figure, or in one that it depends on.',
  inferred: 'Taken or worked out from elsewhere; the reason stands in the note.',
  document: "No period is given; the document's own date stands in.",
} as const

export const baselineBases = {
  stated: 'Printed in the clause that holds the figure, or in one that it depends on.',
  inferred: 'Taken or worked out from elsewhere; the reason stands in the note.',
} as const

export const superlatives = {
  highest: 'The document calls it the highest of its kind over time.',
  lowest: 'The document calls it the lowest of its kind over time.',
} as const

export const publishedBases = {
  stated: 'Printed on the document.',
  inferred: 'Worked out from what the document says; the reason stands in the note.',
} as const

export const evidenceRoles = {
  value: 'The mention is the value.',
  period: 'The mention is the start or the end of the period.',
  baseline: 'The mention is the baseline year.',
  since: 'The mention gives the last year that was as extreme.',
} as const

export const notRecordedReasons = {
  date: 'A date of an event that carries no quantity, or of the document itself; a year of a change that is given no amount.',
  ordinal: 'A place in a sequence of events, not among peers.',
  duration: 'A length of time that measures no metric.',
  vague: 'A number word without a number that can be written down ("hundreds").',
  name: 'Part of a name.',
  idiom: 'A number word that counts nothing of its own ("one of", "both", "two-way").',
  page_furniture: 'Navigation, banners and other text that is not the document.',
  repeated_mention:
    'The same number of the same thing again, in the same document, with the same period and qualifier.',
} as const

export const relations = {
  different_scope: 'The scopes of the two are not the same, or not known to be the same.',
  repeats: 'The same claim by the same voice: one source heard twice, no corroboration.',
  agrees: 'The same claim by another voice.',
  updates: 'A running total, restated later, not lower.',
  revises: 'The same publisher prints, in a later document, another value or bound for the same thing.',
  conflicts: 'The bounds of the two cannot both hold.',
  compatible: 'Both can be true; neither repeats the other.',
} as const

export const derivationMethods = {
  level_before_change:
    'The level from which a relative change started: the level that it led to, divided by one plus the change.',
  level_after_change:
    'The level to which a relative change leads: the level that it starts from, times one plus the change.',
  change_from_relative: 'A relative change as an absolute one: the part of the level reached that the change made up.',
  share_of_level: 'A share of a whole as a level: the level of the whole, times the share.',
  difference: 'The later level less the earlier.',
  relative_change: 'The later level compared with the earlier, in percent of the earlier.',
  ratio: 'One level for each unit of another.',
  annual_rate: 'The difference of two levels, for each year between them.',
} as const

/** What each method computes, in symbols; percentages are divided by 100 where they stand. */
export const derivationFormulas: Readonly<Record<keyof typeof derivationMethods, string>> = {
  level_before_change: 'level ÷ (1 + change)',
  level_after_change: 'level × (1 + change)',
  change_from_relative: 'level × change ÷ (1 + change)',
  share_of_level: 'level × share',
  difference: 'later − earlier',
  relative_change: 'later ÷ earlier − 1',
  ratio: 'numerator ÷ denominator',
  annual_rate: '(later − earlier) ÷ years',
}

export const matches = {
  stated: 'The printed value lies in the range.',
  certain: 'The bounds prove that the value lies in the range.',
  possible: 'The bounds allow that the value lies in the range; a value without bounds stands for itself.',
} as const

/** The columns of the flat row that hold terms: what a list of terms narrows, and what can be counted by term. */
export const termColumns = [
  ...(['metric', 'topic', 'scope', 'measure', 'claim_type', 'origin', 'qualifier', 'unit', 'place', 'actor'] as const),
  ...(['attribution', 'document', 'publisher', 'superlative', 'baseline_year', 'year'] as const),
] as const
export type TermColumn = (typeof termColumns)[number]

/**
 * Words that more figures hold are common: which figures those are is worked out at load. Of a search that finds more, no
 * figure fits better than another.
 */
export const mostRanked = 4096

/** The orders of figures: by a column, falling with a leading "-", or by how well they fit the words of `q`. */
export const figureSorts = [
  ...(['-year', 'year', '-value', 'value', 'metric', 'document', '-published', 'published', 'id'] as const),
  'relevance',
] as const
export type FigureSort = (typeof figureSorts)[number]

export const Topic = vocabulary('Topic', topics)
export type Topic = z.infer<typeof Topic>
export const Measure = vocabulary('Measure', measures)
export type Measure = z.infer<typeof Measure>
export const ClaimType = vocabulary('ClaimType', claimTypes)
export type ClaimType = z.infer<typeof ClaimType>
export const Origin = vocabulary('Origin', origins)
export type Origin = z.infer<typeof Origin>
export const Qualifier = vocabulary('Qualifier', qualifiers)
export type Qualifier = z.infer<typeof Qualifier>
export const PeriodBasis = vocabulary('PeriodBasis', periodBases)
export type PeriodBasis = z.infer<typeof PeriodBasis>
export const BaselineBasis = vocabulary('BaselineBasis', baselineBases)
export type BaselineBasis = z.infer<typeof BaselineBasis>
export const Superlative = vocabulary('Superlative', superlatives)
export type Superlative = z.infer<typeof Superlative>
export const PublishedBasis = vocabulary('PublishedBasis', publishedBases)
export type PublishedBasis = z.infer<typeof PublishedBasis>
export const EvidenceRole = vocabulary('EvidenceRole', evidenceRoles)
export type EvidenceRole = z.infer<typeof EvidenceRole>
export const NotRecordedReason = vocabulary('NotRecordedReason', notRecordedReasons)
export type NotRecordedReason = z.infer<typeof NotRecordedReason>
export const Relation = vocabulary('Relation', relations)
export type Relation = z.infer<typeof Relation>
/** The relations that a person must explain, in `comparisons.yaml`. */
export const needsReason: readonly Relation[] = ['different_scope', 'revises', 'conflicts']
export const Match = vocabulary('Match', matches)
export type Match = z.infer<typeof Match>
/** The formats of a citation. */
export const CitationFormat = z.enum(['csl-json', 'ris', 'bibtex', 'text'])
export type CitationFormat = z.infer<typeof CitationFormat>
/** The formats of a chart. */
export const ChartFormat = z.enum(['svg', 'vega-lite'])
export type ChartFormat = z.infer<typeof ChartFormat>
/** The sizes of a chart. */
export const ChartSize = z.enum(['wide', 'narrow', 'card'])
export type ChartSize = z.infer<typeof ChartSize>
export const DerivationMethod = vocabulary('DerivationMethod', derivationMethods)
export type DerivationMethod = z.infer<typeof DerivationMethod>
