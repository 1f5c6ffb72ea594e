import { z } from 'zod'
import { Count, Id, Link, Year } from './envelope.ts'
import {
  atMostOne,
  cursor,
  limit,
  severalOf,
  tableFormat,
  termOfColumn,
  YesOrNo,
  yearNumber,
  type KnownTerms,
} from './query.ts'

/** What one document prints of one metric for one year. */
export const Coverage = z
  .strictObject({
    metric: Id.meta({ description: 'The metric.' }),
    year: Year.meta({ description: 'The year in which periods end, one of those that the dataset has of the metric.' }),
    document: Id.meta({ description: 'The document.' }),
    figures: Count.meta({
      description:
        'How many figures of the metric, with a period that ends in the year, the document prints; 0: none, whatever else it says.',
    }),
    url: Link.meta({ description: 'The query of /v1/figures that lists exactly these.' }),
  })
  .meta({
    id: 'Coverage',
    description: 'How many figures one document prints of one metric for one year, also where there are none.',
    examples: [
      {
        metric: 'coca-eradication',
        year: 2020,
        document: 'inl-colombia-summary-2021',
        figures: 3,
        url: '/v1/figures?document=inl-colombia-summary-2021&metric=coca-eradication&year=2020',
      },
    ],
  })
export type Coverage = z.infer<typeof Coverage>

/** The names of the columns, in the order of the contract. */
export const columns = Object.keys(Coverage.shape) as [keyof Coverage, ...(keyof Coverage)[]]

/** The query of `GET /v1/coverage`. Different parameters narrow (AND), terms of one parameter widen (OR). */
export const CoverageQuery = (known: KnownTerms) =>
  z.strictObject({
    metric: severalOf(termOfColumn(known, 'metric'), {
      description: 'Only these metrics.',
      examples: { one: { summary: 'Coca eradication', value: ['coca-eradication'] } },
    }),
    year: severalOf(yearNumber, {
      description: 'Only these years.',
      examples: { one: { summary: '2020', value: [2020] } },
    }),
    document: severalOf(termOfColumn(known, 'document'), {
      description: 'Only these documents.',
      examples: { page: { summary: 'The country page of 2021', value: ['inl-colombia-summary-2021'] } },
    }),
    silent: atMostOne(YesOrNo, {
      description: 'Only where the document prints no figure (`true`), or only where it prints one (`false`).',
      examples: {
        silence: { summary: 'Who prints no figure', value: true },
        speech: { summary: 'Who prints a figure', value: false },
      },
    }),
    limit,
    cursor,
    format: tableFormat,
  })
