import { z } from 'zod'
import { columns } from './figures.ts'
import {
  atMostOne,
  cursor,
  decimalNumber,
  limit,
  severalOf,
  termOf,
  termOfColumn,
  withoutPattern,
  YesOrNo,
  year,
  yearNumber,
  type KnownTerms,
} from './query.ts'
import {
  ClaimType,
  claimTypes,
  definitions,
  figureSorts,
  Match,
  Measure,
  measures,
  mostRanked,
  Origin,
  origins,
  Qualifier,
  qualifiers,
  Superlative,
  superlatives,
  termColumns,
  Topic,
  topics,
} from './vocabularies.ts'

/** The parameters that say which figures; the others say how they are shown. */
export const filterNames = [
  'id',
  ...termColumns,
  ...(['year_from', 'year_to', 'as_of', 'value_min', 'value_max', 'match', 'q'] as const),
] as const

/** The query of `GET /v1/figures`. Different parameters narrow (AND), terms of one parameter widen (OR). */
export const FiguresQuery = (known: KnownTerms) =>
  z
    .strictObject({
      id: severalOf(termOf(known.id), {
        description: 'Only these figures.',
        examples: { one: { summary: 'One figure', value: ['inl-2019-coca-cultivation-2017'] } },
      }),
      metric: severalOf(termOfColumn(known, 'metric'), {
        description: 'Only these metrics; /v1/metrics lists them.',
        examples: {
          one: { summary: 'Coca eradication', value: ['coca-eradication'] },
          two: { summary: 'Coca and cocaine', value: ['coca-cultivation', 'cocaine-production'] },
        },
      }),
      topic: severalOf(Topic, {
        description: `Only metrics of these topics.\n\n${definitions(topics)}`,
        examples: { trade: { summary: 'Trade', value: ['trade'] } },
      }),
      scope: severalOf(termOfColumn(known, 'scope'), {
        description: 'Only these scopes; /v1/metrics/{id} defines the scopes of a metric.',
        examples: { forced: { summary: 'Forced eradication', value: ['forced'] } },
      }),
      measure: severalOf(Measure, {
        description: `Only these measures.\n\n${definitions(measures)}`,
        examples: { levels: { summary: 'Levels', value: ['level'] } },
      }),
      claim_type: severalOf(ClaimType, {
        description: `Only these types of claim.\n\n${definitions(claimTypes)}`,
        examples: { targets: { summary: 'Targets', value: ['target'] } },
      }),
      origin: severalOf(Origin, {
        description: `Only printed or only computed figures.\n\n${definitions(origins)}`,
        examples: { quoted: { summary: 'Printed', value: ['quoted'] } },
      }),
      qualifier: severalOf(Qualifier, {
        description: `Only figures that the print qualifies so.\n\n${definitions(qualifiers)}`,
        examples: { open: { summary: '"More than"', value: ['more_than'] } },
      }),
      unit: severalOf(termOfColumn(known, 'unit'), {
        description: 'Only these units. One unit holds several measures: levels, changes and rates (per year).',
        examples: { hectares: { summary: 'Hectares', value: ['ha'] } },
      }),
      place: severalOf(termOfColumn(known, 'place'), {
        description: 'Only these places; nothing is rolled up from parts.',
        examples: { states: { summary: 'The United States', value: ['united-states'] } },
      }),
      actor: severalOf(termOfColumn(known, 'actor'), {
        description: 'Only what these did: who eradicated, seized, trained or spent what is counted.',
        examples: { police: { summary: 'The Colombian National Police', value: ['cnp'] } },
      }),
      attribution: severalOf(termOfColumn(known, 'attribution'), {
        description: 'Only what the documents attribute to these.',
        examples: { president: { summary: 'President Duque', value: ['president-duque'] } },
      }),
      document: severalOf(termOfColumn(known, 'document'), {
        description: 'Only these documents.',
        examples: { sheet: { summary: 'The fact sheet of 2020', value: ['partnership-fact-sheet-2020'] } },
      }),
      publisher: severalOf(termOfColumn(known, 'publisher'), {
        description: 'Only documents of these publishers.',
        examples: { inl: { summary: 'The State Department, INL', value: ['inl'] } },
      }),
      superlative: severalOf(Superlative, {
        description: `Only records over time.\n\n${definitions(superlatives)}`,
        examples: { highest: { summary: 'Highest on record', value: ['highest'] } },
      }),
      baseline_year: severalOf(yearNumber, {
        description: 'Only changes counted from these years.',
        examples: { base: { summary: 'Counted from 2017', value: [2017] } },
      }),
      year: severalOf(year('; year_from and year_to ask for a span'), {
        description:
          'Only periods that end in these years, whether printed, inferred, or only the year of the document (`period_basis`).',
        examples: { one: { summary: '2020', value: [2020] } },
      }),
      year_from: atMostOne(yearNumber, {
        description: 'Only periods that reach into this year or a later one.',
        examples: { from: { summary: 'From 2018 on', value: 2018 } },
      }),
      year_to: atMostOne(yearNumber, {
        description: 'Only periods that begin in this year or an earlier one; an open start counts as earlier.',
        examples: { to: { summary: 'Up to 2019', value: 2019 } },
      }),
      value_min: atMostOne(decimalNumber, {
        description:
          'Only values of at least this; `match` says which values. Needs one `unit`, or one `metric` and one `measure`: ' +
          'numbers of different units cannot be compared.',
        examples: {
          certain: {
            summary: 'Certainly at least 100,000 hectares',
            value: 100000,
            with: { metric: 'coca-eradication', measure: 'level', match: 'certain' },
          },
        },
      }),
      value_max: atMostOne(decimalNumber, {
        description: 'Only values of at most this; otherwise as `value_min`.',
        examples: {
          possible: {
            summary: 'Possibly under 20 activities',
            value: 20,
            with: { unit: 'activities', match: 'possible' },
          },
        },
      }),
      match: atMostOne(Match, {
        description:
          'What `value_min` and `value_max` are held against: the value as printed (`stated`, the default), what its ' +
          'bounds prove (`certain`), or what they allow (`possible`). "More than 130,000" is possibly 500,000, and ' +
          'certainly at least 130,000. A value without bounds is never certain, and possible as printed. No bound ' +
          'takes into account that printed numbers may themselves be rounded; `origin=quoted` leaves out what is computed from them.',
        examples: {
          certain: {
            summary: 'What the bounds prove',
            value: 'certain',
            with: { metric: 'coca-eradication', measure: 'level', value_min: 100000 },
          },
        },
      }),
      as_of: atMostOne(z.iso.date('must be a day of the calendar as YYYY-MM-DD').meta(withoutPattern), {
        description:
          'Only what had been published by this day, for sure: by the latest day on which its document may have been. ' +
          '`meta.documents_left_out` names the others.',
        examples: { before: { summary: 'As one could know it at the end of 2019', value: '2019-12-31' } },
      }),
      q: atMostOne(
        z
          .string()
          .max(200, 'is longer than 200 characters')
          .regex(/^\P{Cc}*$/u, 'holds control characters')
          .regex(/[\p{L}\p{N}]/u, 'holds no word')
          .meta(withoutPattern),
        {
          description:
            'Only figures whose statement, quote, metric, actor or document title holds all these words, whatever their ' +
            'accents and case. Words are literal: there are no operators, quotation marks, word forms or beginnings of words.',
          examples: {
            word: { summary: 'A word', value: 'helicopters' },
            accents: { summary: 'Without its accent', value: 'bogota' },
          },
        },
      ),
      facet: severalOf(z.enum(termColumns), {
        description: 'Also count the figures by the terms of these columns; in JSON only.',
        examples: { two: { summary: 'By metric and by document', value: ['metric', 'document'] } },
      }),
      fields: severalOf(z.enum(columns), {
        description: 'Give only these columns, in the order of the contract. It picks columns, not figures.',
        examples: { some: { summary: 'Four columns', value: ['id', 'year', 'value', 'unit'] } },
      }),
      sort: atMostOne(z.enum(figureSorts), {
        description:
          'Order of the figures; without it, `relevance` where there is `q`, otherwise `-year`. Ties go by id, nulls ' +
          `come last both ways. Words that more than ${mostRanked} figures hold tell too little: then relevance is \`-year\`.`,
        examples: {
          value: { summary: 'Largest value first', value: '-value' },
          relevance: { summary: 'Best fit first', value: 'relevance', with: { q: 'coca' } },
        },
      }),
      limit,
      cursor,
      format: atMostOne(z.enum(['json', 'csv', 'ndjson', 'parquet']), {
        description:
          'Format of the answer; beats the Accept header. CSV, NDJSON and Parquet hold every match unless limit is given.',
        examples: {
          csv: { summary: 'A spreadsheet', value: 'csv' },
          ndjson: { summary: 'A JSON object a line', value: 'ndjson' },
          parquet: { summary: 'Typed columns', value: 'parquet' },
        },
      }),
      bom: atMostOne(YesOrNo, {
        description: 'Whether CSV begins with a byte order mark, by which Excel knows that it is UTF-8.',
        examples: { excel: { summary: 'For Excel', value: true, with: { format: 'csv' } } },
      }),
    })
    .refine(({ year_from: from, year_to: to }) => inOrder(from, to), rule('year_from', 'is after year_to', 'year_to'))
    .refine(
      ({ value_min: from, value_max: to }) => inOrder(from, to),
      rule('value_min', 'is above value_max', 'value_max'),
    )
    .refine(({ value_min, ...terms }) => value_min === undefined || ofOneUnit(terms), rule('value_min', needsOneUnit))
    .refine(({ value_max, ...terms }) => value_max === undefined || ofOneUnit(terms), rule('value_max', needsOneUnit))
    .refine(
      ({ match, value_min, value_max }) => match === undefined || value_min !== undefined || value_max !== undefined,
      rule('match', 'needs value_min or value_max', 'value_min', 'value_max'),
    )
    .refine(({ sort, q }) => sort !== 'relevance' || q !== undefined, rule('sort', 'needs q', 'q'))
    .refine(
      ({ bom, format }) => bom === undefined || format === undefined || format === 'csv',
      rule('bom', 'is for CSV only', 'format'),
    )
    .refine(
      ({ facet, format }) => facet === undefined || format === undefined || format === 'json',
      rule('facet', 'is for JSON only', 'format'),
    )

/**
 * A rule between parameters: what is wrong with the first. It is told beside all that is wrong elsewhere, but not where
 * this parameter or one of the `others` is wrong in itself.
 */
function rule(parameter: string, error: string, ...others: string[]) {
  const own = new Set<unknown>([parameter, ...others])
  return {
    path: [parameter],
    error,
    params: { between: true },
    when: ({ value, issues }: z.core.ParsePayload) =>
      typeof value === 'object' &&
      value !== null &&
      !issues.some((issue) => own.has(issue.path?.[0]) && !(issue.code === 'custom' && issue.params?.['between'])),
  }
}

const inOrder = (from: number | undefined, to: number | undefined) =>
  from === undefined || to === undefined || from <= to

const needsOneUnit = 'needs one unit, or one metric and one measure: numbers of different units cannot be compared'

type UnitTerms = { unit?: unknown[] | undefined; metric?: unknown[] | undefined; measure?: unknown[] | undefined }

/** Whether the figures that these filters leave are all of one unit. */
function ofOneUnit({ unit, metric, measure }: UnitTerms): boolean {
  const one = (terms: unknown[] | undefined) => new Set(terms).size === 1
  return one(unit) || (one(metric) && one(measure))
}
export type FiguresQuery = z.infer<ReturnType<typeof FiguresQuery>>
