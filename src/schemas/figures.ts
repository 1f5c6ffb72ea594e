import { z } from 'zod'
import { Comparison } from './comparisons.ts'
import { DocumentSummary } from './documents.ts'
import { Amount, Count, exampleOf, Id, IsoDate, Link, list, Offset, Text, Year } from './envelope.ts'
import { Lineage } from './lineage.ts'
import { MetricSummary } from './metrics.ts'
import {
  BaselineBasis,
  CitationFormat,
  ClaimType,
  EvidenceRole,
  Measure,
  Origin,
  PeriodBasis,
  Qualifier,
  Superlative,
  termColumns,
  Topic,
} from './vocabularies.ts'

/** One figure as a flat row: the same names in the same order in JSON, CSV and SQL. */
export const Figure = z
  .strictObject({
    id: Id.meta({ description: 'Permanent id of the figure.' }),
    metric: Id.meta({ description: 'What is measured; an id of /v1/metrics.' }),
    metric_title: Text.meta({ description: 'Title of the metric.' }),
    topic: Topic.meta({ description: 'Topic of the metric.' }),
    scope: Id.meta({ description: 'Which part of the metric the figure covers; /v1/metrics/{id} defines it.' }),
    measure: Measure.meta({ description: 'What kind of quantity the value is.' }),
    claim_type: ClaimType.meta({ description: 'Whether the figure speaks of the past or of the future.' }),
    origin: Origin.meta({ description: 'Printed in a document, or computed from figures.' }),
    value: Amount.nullable().meta({
      description: 'In the unit, unrounded; decreases are negative. Null only for a record without a number.',
    }),
    value_low: Amount.nullable().meta({
      description:
        'What the print proves: the value is not below. Null: open. Of a derived figure, what the bounds of its inputs ' +
        'prove; no bound takes into account that printed numbers may themselves be rounded.',
    }),
    value_low_inclusive: z.boolean().nullable().meta({ description: 'Whether it may be just value_low.' }),
    value_high: Amount.nullable().meta({
      description:
        'What the print proves: the value is not above. Null: open. Of a derived figure as with `value_low`.',
    }),
    value_high_inclusive: z.boolean().nullable().meta({ description: 'Whether it may be just value_high.' }),
    qualifier: Qualifier.nullable().meta({ description: 'How the print qualifies the value.' }),
    unit: Id.meta({
      description:
        'Unit of value and bounds. Of a `rate` it is an amount per year: 3000 in `h` are 3,000 hours a year.',
    }),
    year: Year.meta({
      description:
        'Year in which the period ends. `period_basis` tells whether it is printed, inferred, or only that of the document.',
    }),
    period: z.string().max(40).meta({ description: 'Period that the value is of; EDTF (ISO 8601-2).' }),
    period_start: IsoDate.nullable().meta({ description: 'First day of the period; null where the start is open.' }),
    period_end: IsoDate.meta({ description: 'Last day of the period.' }),
    period_basis: PeriodBasis.meta({ description: 'Where the period comes from.' }),
    baseline_year: Year.nullable().meta({ description: 'Year from which a change is counted.' }),
    baseline_basis: BaselineBasis.nullable().meta({ description: 'Where the baseline year comes from.' }),
    place: Id.meta({ description: 'Where the counted thing is.' }),
    actor: Id.nullable().meta({ description: 'Who did what is counted.' }),
    attribution: Id.nullable().meta({
      description: 'Whom the document names as its source; null where it speaks for itself.',
    }),
    superlative: Superlative.nullable().meta({ description: 'Whether the document calls it a record.' }),
    superlative_since: Year.nullable().meta({
      description: 'Last year that was as extreme; null where no year is given to compare with ("record", "peak").',
    }),
    document: Id.nullable().meta({ description: 'Document that prints the figure.' }),
    document_title: Text.nullable().meta({ description: 'Title of the document.' }),
    publisher: Id.nullable().meta({ description: 'Publisher of the document.' }),
    publisher_title: Text.nullable().meta({ description: 'Name of the publisher.' }),
    published: z.string().max(40).nullable().meta({ description: 'When the document was published; EDTF.' }),
    quote: Text.nullable().meta({ description: 'The phrase that prints the figure, to the letter.' }),
    quote_start: Offset.nullable().meta({
      description: 'Where the phrase starts in the text, in Unicode code points.',
    }),
    quote_end: Offset.nullable().meta({ description: 'Where the phrase ends, exclusive.' }),
    source_url: z
      .url()
      .max(4000)
      .nullable()
      .meta({ description: 'Address that shows the phrase, marked, in its document.' }),
    statement: Text.meta({ description: 'What the figure says, in our words.' }),
    note: Text.nullable().meta({ description: 'What to know before using the figure.' }),
    comparison_count: Count.meta({ description: 'How many comparisons it is part of.' }),
    url: Link.meta({ description: 'Permanent address of the figure.' }),
  })
  .meta({
    id: 'Figure',
    description: 'One quantity or record as one document prints it, with its source.',
    examples: [
      {
        id: 'inl-2021-coca-eradication-2020',
        metric: 'coca-eradication',
        metric_title: 'Coca eradication',
        topic: 'counternarcotics',
        scope: 'forced',
        measure: 'level',
        claim_type: 'outcome',
        origin: 'quoted',
        value: 130000,
        value_low: 130000,
        value_low_inclusive: false,
        value_high: null,
        value_high_inclusive: null,
        qualifier: 'more_than',
        unit: 'ha',
        year: 2020,
        period: '2020',
        period_start: '2020-01-01',
        period_end: '2020-12-31',
        period_basis: 'stated',
        baseline_year: null,
        baseline_basis: null,
        place: 'colombia',
        actor: 'colombian-government',
        attribution: 'colombian-government',
        superlative: null,
        superlative_since: null,
        document: 'inl-colombia-summary-2021',
        document_title: 'Colombia Summary',
        publisher: 'inl',
        publisher_title:
          'U.S. Department of State, Bureau of International Narcotics and Law Enforcement Affairs (INL)',
        published: '2021-01-21/2021-06',
        quote: 'more than 130,000 hectares of coca through forced eradication',
        quote_start: 3680,
        quote_end: 3741,
        source_url:
          'https://www.state.gov/bureau-of-international-narcotics-and-law-enforcement-affairs-work-by-country/colombia-summary/#:~:text=more%20than%20130%2C000%20hectares%20of%20coca%20through%20forced%20eradication',
        statement: 'The Colombian government reports forced eradication of over 130,000 ha of coca in 2020.',
        note: null,
        comparison_count: 2,
        url: '/v1/figures/inl-2021-coca-eradication-2020',
      },
    ],
  })
export type Figure = z.infer<typeof Figure>

/** The names of the columns, in the order of the contract. */
export const columns = Object.keys(Figure.shape) as [keyof Figure, ...(keyof Figure)[]]

/** A flat row of which `fields` picked columns. */
const FigureSelection = Figure.partial().meta({
  id: 'FigureSelection',
  description: 'The columns of a figure that `fields` asks for, in the order of the contract.',
  examples: [{ id: 'inl-2021-coca-eradication-2020', value: 130000, qualifier: 'more_than' }],
})

const FacetCount = z
  .strictObject({
    value: z
      .union([z.string().max(100), Year])
      .nullable()
      .meta({ description: 'A term of the column; null where figures have none.' }),
    title: Text.nullable().meta({ description: 'Its name for people, where it is not the term.' }),
    count: Count.meta({ description: 'How many figures have it, among those that all other filters leave.' }),
    url: Link.nullable().meta({
      description: 'The same query with this term as the filter; null where no filter asks for it.',
    }),
  })
  .meta({
    id: 'FacetCount',
    description: 'A term of a column, and how many figures have it.',
    examples: [
      { value: 'coca-eradication', title: 'Coca eradication', count: 6, url: '/v1/figures?metric=coca-eradication' },
    ],
  })
export type FacetCount = z.infer<typeof FacetCount>

const Facets = z.strictObject(
  Object.fromEntries(termColumns.map((name) => [name, z.array(FacetCount).max(100_000).optional()])) as Record<
    (typeof termColumns)[number],
    z.ZodOptional<z.ZodArray<typeof FacetCount>>
  >,
)

/** The body of `GET /v1/figures` as JSON. */
export const FigureList = list(z.union([Figure, FigureSelection])).extend({
  facets: Facets.optional().meta({
    description:
      'For each column that `facet` asks for, how many figures have each term, the most frequent first, within the ' +
      "other filters: the column's own is left out.",
  }),
})

export const Evidence = z
  .strictObject({
    role: EvidenceRole.meta({ description: 'What the mention says of the figure.' }),
    start: Offset.meta({ description: 'Where the mention starts in the text, in Unicode code points.' }),
    end: Offset.meta({ description: 'Where it ends, exclusive.' }),
  })
  .meta({
    id: 'Evidence',
    description: 'A place outside the quote from which a part of the figure is taken.',
    examples: [{ role: 'period', start: 3745, end: 3749 }],
  })

export const FigureDetail = z
  .strictObject({
    figure: Figure,
    evidence: z.array(Evidence).max(20).meta({ description: 'Places outside the quote that the figure rests on.' }),
    document: DocumentSummary.nullable().meta({
      description: 'The document that prints it; null for a derived figure.',
    }),
    metric: MetricSummary,
    comparisons: z.array(Comparison).max(1000).meta({ description: 'Every comparison the figure is part of.' }),
    lineage: Lineage,
    citation_links: z
      .strictObject(
        Object.fromEntries(
          CitationFormat.options.map((format) => [format, Link.meta({ description: `The citation as ${format}.` })]),
        ) as Record<CitationFormat, typeof Link>,
      )
      .meta({ description: 'Where the citation of the figure is, by format.' }),
  })
  .meta({
    id: 'FigureDetail',
    description: 'A figure with all that bears on it.',
    examples: [
      {
        figure: exampleOf(Figure),
        evidence: [exampleOf(Evidence)],
        document: exampleOf(DocumentSummary),
        metric: exampleOf(MetricSummary),
        comparisons: [exampleOf(Comparison)],
        lineage: exampleOf(Lineage),
        citation_links: Object.fromEntries(
          CitationFormat.options.map((format) => [
            format,
            `/v1/figures/inl-2021-coca-eradication-2020/citation?format=${format}`,
          ]),
        ),
      },
    ],
  })
export type Evidence = z.infer<typeof Evidence>
export type FigureDetail = z.infer<typeof FigureDetail>
