import { z } from 'zod'
import { Count, Id, IsoDate, Link, Text } from './envelope.ts'

export const Vocabulary = z
  .strictObject({
    id: z
      .string()
      .max(40)
      .meta({ description: 'Name of the vocabulary; where one field holds its terms, of that field.' }),
    title: Text.meta({ description: 'What the vocabulary is of.' }),
    grows: z.boolean().meta({ description: 'Whether a release may add terms within /v1.' }),
    terms: z
      .array(
        z
          .strictObject({
            id: z.string().max(100).meta({ description: 'The term, as fields and parameters use it.' }),
            title: Text.nullable().meta({ description: 'Its name for people, where it is not the id.' }),
            definition: Text.meta({ description: 'What it means.' }),
            symbol: Text.optional().meta({ description: 'Of a unit: its symbol.' }),
            ucum: Text.nullable().optional().meta({ description: 'Of a unit: its UCUM code.' }),
            qudt: z.url().nullable().optional().meta({ description: 'Of a unit: its QUDT address.' }),
            iso_3166: z
              .string()
              .length(2)
              .nullable()
              .optional()
              .meta({ description: 'Of a country: its ISO 3166-1 code.' }),
          })
          .meta({ id: 'Term', description: 'A word of a vocabulary.' }),
      )
      .max(10_000)
      .meta({ description: 'The terms.' }),
  })
  .meta({
    id: 'Vocabulary',
    description: 'The words that a field or parameter may hold, with what they mean.',
    examples: [
      {
        id: 'superlative',
        title: 'Records over time',
        grows: false,
        terms: [
          { id: 'highest', title: null, definition: 'The document calls it the highest of its kind over time.' },
          { id: 'lowest', title: null, definition: 'The document calls it the lowest of its kind over time.' },
        ],
      },
    ],
  })
export type Vocabulary = z.infer<typeof Vocabulary>

const Release = z
  .strictObject({
    version: z.string().max(20).meta({ description: 'Version of the release.' }),
    released: IsoDate.meta({ description: 'Day of the release.' }),
    changes: z.array(Text).max(100).meta({ description: 'What it brought.' }),
  })
  .meta({ id: 'Release', description: 'An edition of the dataset.' })

const counts = ['figures', 'metrics', 'documents', 'comparisons', 'not_recorded'] as const

export const Dataset = z
  .strictObject({
    title: Text.meta({ description: 'Title of the dataset.' }),
    description: Text.meta({ description: 'What it holds.' }),
    version: z.string().max(20).meta({ description: 'Version of the release served.' }),
    released: IsoDate.meta({ description: 'Day of the release.' }),
    digest: z.string().max(71).meta({ description: 'Digest of the seed data that the release was built from.' }),
    license: z.string().max(40).meta({ description: 'Licence of the compilation; SPDX identifier.' }),
    license_url: z.url().max(1000).meta({ description: 'Text of the licence.' }),
    license_note: Text.meta({ description: 'What the licence covers.' }),
    contact: Text.meta({ description: 'Whom to tell of a mistake.' }),
    counts: z
      .strictObject(
        Object.fromEntries(counts.map((name) => [name, Count])) as Record<(typeof counts)[number], typeof Count>,
      )
      .meta({
        description: 'How much it holds.',
      }),
    changelog: z.array(Release).max(1000).meta({ description: 'The releases, newest first.' }),
    downloads: z
      .array(
        z.strictObject({
          media_type: z.string().max(100).meta({ description: 'Format.' }),
          url: Link.meta({ description: 'Address of every figure in that format.' }),
        }),
      )
      .max(10)
      .meta({ description: 'All figures in one file, in several formats.' }),
  })
  .meta({
    id: 'Dataset',
    description: 'The release that is served.',
    examples: [
      {
        title: 'Counternarcotics Metrics',
        description: 'The figures that five official documents print about the partnership against narcotics.',
        version: '2026.11.2',
        released: '2026-11-23',
        digest: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
        license: 'CC0-1.0',
        license_url: 'https://creativecommons.org/publicdomain/zero/1.0/',
        license_note: "The licence covers this compilation; the phrases quoted remain their publishers'.",
        contact: 'The maintainers.',
        counts: { figures: 76, metrics: 30, documents: 5, comparisons: 27, not_recorded: 45 },
        changelog: [{ version: '2026.11.2', released: '2026-11-23', changes: ['No number changes.'] }],
        downloads: [
          { media_type: 'text/csv', url: '/v1/figures?format=csv' },
          { media_type: 'application/x-ndjson', url: '/v1/figures?format=ndjson' },
          { media_type: 'application/vnd.apache.parquet', url: '/v1/figures?format=parquet' },
        ],
      },
    ],
  })

export const ServiceDescription = z
  .strictObject({
    title: Text.meta({ description: 'Name of the service.' }),
    description: Text.meta({ description: 'What it serves.' }),
    version: z.string().max(40).meta({ description: 'Version of the code.' }),
    links: z.record(Id.or(z.string().max(40)), Link).meta({ description: 'Where to go from here, by name.' }),
  })
  .meta({
    id: 'ServiceDescription',
    description: 'What the service is, for programs.',
    examples: [
      {
        title: 'Counternarcotics Metrics API',
        description: 'The figures that five official documents print about the partnership against narcotics.',
        version: '1.0.0',
        links: {
          figures: '/v1/figures',
          metrics: '/v1/metrics',
          comparisons: '/v1/comparisons',
          targets: '/v1/targets',
          coverage: '/v1/coverage',
          documents: '/v1/documents',
          vocabularies: '/v1/vocabularies',
          dataset: '/v1/dataset',
          openapi: '/openapi.json',
          docs: '/docs',
        },
      },
    ],
  })

export const Health = z
  .strictObject({
    status: z.literal('ok').meta({ description: 'All is well; otherwise the answer is a problem.' }),
    release: z.string().max(20).optional().meta({ description: 'Version of the release that answers.' }),
  })
  .meta({ id: 'Health', description: 'State of the process.', examples: [{ status: 'ok' }] })
export type Health = z.infer<typeof Health>
