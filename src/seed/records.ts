/**
 * The zod schemas of the files in `seed-data/`. The JSON Schemas that editors use (`seed-data/schemas/`) are made from
 * them by `npm run schemas`.
 */
import { z } from 'zod'
import {
  BaselineBasis,
  ClaimType,
  DerivationMethod,
  EvidenceRole,
  Measure,
  NotRecordedReason,
  PeriodBasis,
  PublishedBasis,
  Qualifier,
  Superlative,
  Topic,
} from '../schemas/vocabularies.ts'

const Id = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected a kebab-case id, such as coca-cultivation')
  .max(100)
  .describe('Kebab-case, permanent, never reused.')

/** No cell of a spreadsheet may start a formula, and no text may hold control characters. */
const Text = z
  .string()
  .min(1)
  .max(1000)
  .regex(
    /^[^=+\-@\s]/,
    'expected text that begins neither with =, +, - or @ (a formula in a spreadsheet) nor with a blank',
  )

  .regex(/^[^\u0000-\u001f\u007f]*$/, 'expected text on one line, without control characters')
  .regex(/\S$/, 'expected text that does not end with a blank')

const Offset = z.int().min(0).max(10_000_000).describe('Unicode code points from the start of the text.')
const Year = z.int().min(1000).max(2999)
const Amount = z.number().min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER)
const Edtf = z.string('expected an EDTF string; put a bare year in quotes: "2020"').min(4).max(40)
const IsoDate = z.iso.date()
const HttpUrl = z.url({ protocol: /^https?$/ })

const EvidenceRecord = z
  .strictObject({
    role: EvidenceRole,
    start: Offset,
    end: Offset.describe('Exclusive.'),
  })
  .refine(({ start, end }) => start < end, { path: ['end'], error: 'expected an end after the start' })

export const FigureRecord = z.strictObject({
  id: Id,
  metric: Id.describe('An id of metrics.yaml.'),
  scope: Id.describe('A scope of the metric.'),
  measure: Measure,
  claim_type: ClaimType,
  value: Amount.nullable()
    .default(null)
    .describe('In the base unit; decreases are negative. Left out only with a superlative.'),
  value_low: Amount.nullish().describe('Follows from value and qualifier; may be written out, and is then checked.'),
  value_low_inclusive: z.boolean().nullish(),
  value_high: Amount.nullish().describe('Follows from value and qualifier; may be written out, and is then checked.'),
  value_high_inclusive: z.boolean().nullish(),
  qualifier: Qualifier.nullable().default(null),
  period: Edtf,
  period_basis: PeriodBasis,
  baseline_year: Year.nullable().default(null),
  baseline_basis: BaselineBasis.nullable().default(null),
  place: Id.describe('An id of places.yaml: where the counted thing is.'),
  actor: Id.nullable().default(null).describe('An id of organizations.yaml: who did what is counted.'),
  attribution: Id.nullable()
    .default(null)
    .describe('An id of organizations.yaml: whom the document names as its source.'),
  superlative: Superlative.nullable().default(null),
  superlative_since: Year.nullable()
    .default(null)
    .describe('The last year that was as extreme; left out for "on record".'),
  quote: Text.refine((quote) => quote.split(/\s+/).length <= 10, 'expected at most ten words').describe(
    'The phrase that carries the number, as printed, at most ten words.',
  ),
  quote_start: Offset,
  quote_prefix: Text.nullable().default(null).describe('Words just before the quote, where the quote is not unique.'),
  quote_suffix: Text.nullable().default(null).describe('Words just after the quote, where the quote is not unique.'),
  evidence: z.array(EvidenceRecord).max(20).default([]),
  statement: Text.describe('Our own sentence of what the figure says.'),
  note: Text.nullable().default(null),
})
export type FigureRecord = z.infer<typeof FigureRecord>

const NotRecordedRecord = z.strictObject({
  text: z.string().min(1).max(60).describe('The mention as printed.'),
  start: Offset,
  reason: NotRecordedReason,
})

export const DocumentRecord = z.strictObject({
  document: z.strictObject({
    id: Id,
    file: z
      .string()
      .regex(/^[\w.-]+\.txt$/)
      .describe('Name of the file with its text, in the folder given to the audit.'),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    title: Text,
    kind: Text,
    publisher: Id.describe('An id of organizations.yaml.'),
    address: HttpUrl.refine((address) => !address.includes('#'), 'expected an address without a fragment'),
    language: z
      .string()
      .regex(/^[a-z]{2,3}$/)
      .describe('BCP 47.'),
    published: Edtf.describe('The window of publication; EDTF, interval form.'),
    published_basis: PublishedBasis,
    published_note: Text.nullable().default(null),
    rights: Text,
    note: Text.nullable().default(null),
  }),
  figures: z.array(FigureRecord).min(1),
  not_recorded: z.array(NotRecordedRecord),
})
export type DocumentRecord = z.infer<typeof DocumentRecord>

export const UnitsFile = z.strictObject({
  units: z.array(
    z.strictObject({
      id: Id,
      title: Text,
      definition: Text,
      symbol: Text,
      ucum: Text.nullable().default(null),
      qudt: HttpUrl.nullable().default(null),
      printed: z
        .array(z.string().min(1).max(40))
        .max(20)
        .default([])
        .describe('The words that print the unit next to a number, where it has words of its own.'),
    }),
  ),
})

export const PlacesFile = z.strictObject({
  places: z.array(
    z.strictObject({
      id: Id,
      title: Text,
      definition: Text,
      iso_3166: z
        .string()
        .regex(/^[A-Z]{2}$/)
        .nullable()
        .default(null),
    }),
  ),
})

export const OrganizationsFile = z.strictObject({
  organizations: z.array(z.strictObject({ id: Id, title: Text, definition: Text })),
})

export const MetricsFile = z.strictObject({
  metrics: z.array(
    z.strictObject({
      id: Id,
      title: Text,
      definition: Text,
      topic: Topic,
      unit: Id.describe('An id of units.yaml.'),
      additive: z.boolean().describe('Whether levels of disjoint periods may be added up, as those of a flow may.'),
      scopes: z.record(Id, Text).describe('Each scope of the metric with its definition.'),
    }),
  ),
})

const Version = z.string().regex(/^\d{4}\.(0[1-9]|1[0-2])\.\d+$/, 'expected a version such as 2026.11.0')

export const DatasetFile = z.strictObject({
  title: Text,
  description: Text,
  version: Version,
  released: IsoDate,
  license: z
    .string()
    .regex(/^[A-Za-z0-9.+-]+$/)
    .describe('An SPDX identifier.'),
  license_url: HttpUrl,
  license_note: Text,
  contact: Text,
  changelog: z
    .array(z.strictObject({ version: Version, released: IsoDate, changes: z.array(Text).min(1) }))
    .min(1)
    .describe('Newest first.'),
})

export const ComparisonsFile = z.strictObject({
  comparisons: z.array(
    z.strictObject({
      figure_a: Id,
      figure_b: Id,
      reason: Text,
    }),
  ),
})

export const DerivedFile = z.strictObject({
  derived: z.array(
    z.strictObject({
      id: Id,
      metric: Id.describe('An id of metrics.yaml.'),
      method: DerivationMethod,
      inputs: z
        .record(z.string().regex(/^[a-z]+$/), Id)
        .describe(
          'Ids of figures by the names that the method has for them; of derived ones only such as stand above.',
        ),
      assumes: Text.nullable()
        .default(null)
        .describe('What is taken for granted where the inputs are of unlike scope, period or baseline.'),
      statement: Text.describe('Our own sentence of what the figure says.'),
      note: Text.nullable().default(null),
    }),
  ),
})

export const TargetsFile = z.strictObject({
  targets: z.array(
    z.strictObject({
      id: Id,
      stated_by: z.array(Id).min(1).max(100).describe('The figures that state it, in whatever words.'),
      base: Id.describe('The figure that it starts from.'),
      absolute: Id.describe('The derived figure that says what it comes to.'),
      outcomes: z
        .strictObject({
          scope: Id.describe('A scope of the metric.'),
          voice: Id.describe('Who says it: an attribution or a publisher.'),
        })
        .describe('The series of levels in which what came of it would stand.'),
    }),
  ),
})

/** Every kind of file in `seed-data/`, by the name of its JSON Schema. */
const seedFiles = {
  dataset: DatasetFile,
  units: UnitsFile,
  places: PlacesFile,
  organizations: OrganizationsFile,
  metrics: MetricsFile,
  comparisons: ComparisonsFile,
  derived: DerivedFile,
  targets: TargetsFile,
  document: DocumentRecord,
} as const

/** The JSON Schema (draft 2020-12) of every kind of file, as text, by file name. */
export function jsonSchemas(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(seedFiles).map(([name, schema]) => [
      `${name}.schema.json`,
      // "input": what an author writes, before defaults fill in.
      `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2)}\n`,
    ]),
  )
}
