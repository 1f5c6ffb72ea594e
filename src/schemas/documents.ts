import { z } from 'zod'
import { Count, Id, IsoDate, Link, Offset, Text } from './envelope.ts'
import { NotRecordedReason, PublishedBasis } from './vocabularies.ts'

const summary = {
  id: Id.meta({ description: 'Permanent id of the document.' }),
  title: Text.meta({ description: 'Title of the document.' }),
  kind: Text.meta({ description: 'What kind of document it is.' }),
  publisher: Id.meta({ description: 'Publisher.' }),
  publisher_title: Text.meta({ description: 'Name of the publisher.' }),
  address: z.url().max(1000).meta({ description: 'Where the document was published.' }),
  language: z.string().max(3).meta({ description: 'Language of the document; BCP 47.' }),
  published: z.string().max(40).meta({ description: 'When it was published; EDTF (ISO 8601-2).' }),
  published_earliest: IsoDate.meta({ description: 'Earliest day on which it may have been published.' }),
  published_latest: IsoDate.meta({ description: 'Latest day on which it may have been published.' }),
  published_basis: PublishedBasis.meta({ description: 'Whether the date is printed or worked out.' }),
  published_note: Text.nullable().meta({ description: 'How the date was worked out.' }),
  sha256: z.string().length(64).meta({ description: 'SHA-256 of the text that the offsets count in.' }),
  rights: Text.meta({ description: 'Rights in the document.' }),
  note: Text.nullable().meta({ description: 'What to know of the document.' }),
  figure_count: Count.meta({ description: 'Figures that the document prints.' }),
  not_recorded_count: Count.meta({ description: 'Numeric mentions in it that are no figures.' }),
  figures_url: Link.meta({ description: 'Where its figures are.' }),
  url: Link.meta({ description: 'Permanent address of the record.' }),
}

const example = {
  id: 'inl-colombia-summary-2021',
  title: 'Colombia Summary',
  kind: 'country page',
  publisher: 'inl',
  publisher_title: 'U.S. Department of State, Bureau of International Narcotics and Law Enforcement Affairs (INL)',
  address:
    'https://www.state.gov/bureau-of-international-narcotics-and-law-enforcement-affairs-work-by-country/colombia-summary/',
  language: 'en',
  published: '2021-01-21/2021-06',
  published_earliest: '2021-01-21',
  published_latest: '2021-06-30',
  published_basis: 'inferred',
  published_note:
    'No date is printed. The page reports results for the whole of 2020 and stands at an address in use after 2021-01-20; the middle of 2021 is taken as the end of the window.',
  sha256: 'dc07b9f3971ccbb85fda5093dec53c536588515d3c20de92b911c78c3a3481b6',
  rights: 'Work of the United States government; not subject to copyright in the United States.',
  note: 'No title is printed; it is taken from the address. A later version of inl-colombia-summary-2019.',
  figure_count: 18,
  not_recorded_count: 9,
  figures_url: '/v1/figures?document=inl-colombia-summary-2021',
  url: '/v1/documents/inl-colombia-summary-2021',
}

export const DocumentSummary = z
  .strictObject(summary)
  .meta({ id: 'DocumentSummary', description: 'A published source.', examples: [example] })

export const NotRecorded = z
  .strictObject({
    text: Text.meta({ description: 'The mention as printed.' }),
    start: Offset.meta({ description: 'Where it starts, in Unicode code points.' }),
    end: Offset.meta({ description: 'Where it ends, exclusive.' }),
    reason: NotRecordedReason.meta({ description: 'Why it is no figure.' }),
  })
  .meta({
    id: 'NotRecorded',
    description: 'A numeric mention that is no figure.',
    examples: [{ text: 'March 2018', start: 1955, end: 1965, reason: 'date' }],
  })

export const Document = z
  .strictObject({
    ...summary,
    not_recorded: z
      .array(NotRecorded)
      .max(10_000)
      .meta({ description: 'Every numeric mention of the document that is no figure, in the order of the text.' }),
  })
  .meta({
    id: 'Document',
    description: 'A published source, with the numbers in it that are no figures.',
    examples: [{ ...example, not_recorded: [{ text: 'March 2018', start: 1955, end: 1965, reason: 'date' }] }],
  })
export type DocumentSummary = z.infer<typeof DocumentSummary>
export type Document = z.infer<typeof Document>
