import { z } from 'zod'
import { Count, exampleOf, Id, Link, Year } from './envelope.ts'
import { Figure } from './figures.ts'
import { ClaimType, Measure } from './vocabularies.ts'

const { origin, claim_type, value, value_low, value_low_inclusive, value_high, value_high_inclusive } = Figure.shape
const { year, period, qualifier, superlative, document, url } = Figure.shape

/** A figure in a series: what a line in a chart or a table of years is made of. */
const SeriesPoint = z
  .strictObject({
    figure: Id.meta({ description: 'Id of the figure.' }),
    origin,
    claim_type,
    year,
    period,
    value,
    value_low,
    value_low_inclusive,
    value_high,
    value_high_inclusive,
    qualifier,
    superlative,
    document,
    url,
  })
  .meta({
    id: 'SeriesPoint',
    description: 'A figure as a point in time: `origin` and `claim_type` tell what is computed and what lies ahead.',
    examples: [
      {
        figure: 'inl-2021-coca-eradication-2020',
        origin: 'quoted',
        claim_type: 'outcome',
        year: 2020,
        period: '2020',
        value: 130000,
        value_low: 130000,
        value_low_inclusive: false,
        value_high: null,
        value_high_inclusive: null,
        qualifier: 'more_than',
        superlative: null,
        document: 'inl-colombia-summary-2021',
        url: '/v1/figures/inl-2021-coca-eradication-2020',
      },
    ],
  })
export type SeriesPoint = z.infer<typeof SeriesPoint>

/** Most points that a series shows; `figures_url` leads to the others. */
export const mostPoints = 100

/** The figures of one metric that may be compared over time. */
export const Series = z
  .strictObject({
    id: z
      .string()
      .max(810)
      .meta({
        description:
          'Permanent id: metric, scope, measure, claim_type, place, unit, baseline_year and voice, joined by points; ' +
          'where there is none of them, `_`.',
      }),
    metric: Id.meta({ description: 'What is measured.' }),
    scope: Id.meta({ description: 'Which part of the metric all points cover.' }),
    measure: Measure.meta({ description: 'What kind of quantity all points are.' }),
    claim_type: ClaimType.meta({ description: 'Whether all points speak of the past or of the future.' }),
    place: Id.meta({ description: 'Where what all points count is.' }),
    unit: Id.meta({ description: 'Unit of all points.' }),
    baseline_year: Year.nullable().meta({ description: 'Year from which all points, being changes, are counted.' }),
    voice: Id.nullable().meta({
      description:
        'Who says so: whom the document names as its source, else its publisher. Null: computed from figures, by nobody.',
    }),
    apart_because: z
      .array(z.string().max(4000))
      .max(7)
      .meta({
        description:
          'For each part of the key in which other series of the metric differ: what this one is, what the others are, ' +
          'and why that keeps them apart. Empty where the metric has one series only.',
      }),
    point_count: Count.meta({ description: 'How many points the series has.' }),
    points: z
      .array(SeriesPoint)
      .max(mostPoints)
      .meta({
        description:
          `The points in time order, the first ${mostPoints} where there are more: by end of the period, then its start ` +
          '(an open one first), then publication of the document, then id. Rivals of one period stand side by side.',
      }),
    figures_url: Link.meta({
      description:
        'The figures of the series as flat rows, however many, the earliest year first. No filter asks for null, nor for ' +
        'either of two columns: where the series has no baseline year, or its voice is a publisher, figures of other ' +
        'series may be among them, which their baseline_year and attribution tell apart.',
    }),
  })
  .meta({
    id: 'Series',
    description:
      'The figures of one metric that may be compared over time: of one scope, measure, claim type, place, unit, ' +
      'baseline year and voice.',
    examples: [
      {
        id: 'coca-eradication.forced.level.outcome.colombia.ha._.colombian-government',
        metric: 'coca-eradication',
        scope: 'forced',
        measure: 'level',
        claim_type: 'outcome',
        place: 'colombia',
        unit: 'ha',
        baseline_year: null,
        voice: 'colombian-government',
        apart_because: [
          'Scope forced: Printed as forced eradication. Other series cover forced-and-substitution, manual, total and unstated; figures of different scopes are never blended.',
          'Measure level: The size of a stock at a time, or of a flow over the period. Other series are of change and relative_change, another kind of quantity.',
          'Unit ha: hectares. Other series are in percent; numbers of different units cannot be compared.',
          'Baseline year none: The points are counted from no year that is given. Other series have 2019; a change from another year is another change.',
          'Voice colombian-government: Government of Colombia. Other series have the voice of inl, president-duque, us-embassy-bogota and nobody; who says a number is part of what is said.',
        ],
        point_count: 1,
        points: [exampleOf(SeriesPoint)],
        figures_url:
          '/v1/figures?attribution=colombian-government&claim_type=outcome&measure=level&metric=coca-eradication&place=colombia&scope=forced&sort=year&unit=ha',
      },
    ],
  })
export type Series = z.infer<typeof Series>
