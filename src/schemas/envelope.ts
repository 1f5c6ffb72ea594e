/** What every JSON resource shares: `data`, `meta` and, for lists, `page`. */
import { z } from 'zod'

export const Meta = z
  .strictObject({
    release: z
      .string()
      .max(20)
      .meta({ description: 'Version of the dataset release.', examples: ['2026.11.2'] }),
    digest: z
      .string()
      .max(71)
      .meta({ description: 'Digest of the content of the release.', examples: ['sha256:9f86d081884c7d65…'] }),
    as_of: z.iso
      .date()
      .nullable()
      .meta({ description: 'The day up to which publications count; null for all.', examples: [null] }),
    documents_left_out: z
      .array(z.string().max(100))
      .max(100_000)
      .optional()
      .meta({ description: 'Where as_of was asked: the documents that were not, or not surely, published by then.' }),
  })
  .meta({ id: 'Meta', description: 'From which release of the dataset the answer comes.' })
export type Meta = z.infer<typeof Meta>

export const Page = z
  .strictObject({
    total: z
      .int()
      .min(0)
      .max(100_000_000)
      .meta({ description: 'Matches in all; always exact.', examples: [65] }),
    returned: z
      .int()
      .min(0)
      .max(100_000_000)
      .meta({ description: 'Matches on this page.', examples: [50] }),
    next: z
      .string()
      .max(10_000)
      .nullable()
      .meta({
        description: 'Address of the next page; null on the last.',
        examples: ['/v1/figures?limit=50&cursor=WyIwZmFKSkpUS3l6UjM3U2RXIiw1MF0'],
      }),
  })
  .meta({ id: 'Page', description: 'Where in the list this page stands.' })
export type Page = z.infer<typeof Page>

/** The envelope of one thing. */
export const item = <Data extends z.ZodType>(data: Data) => z.strictObject({ data, meta: Meta })

/** The envelope of a page of things. */
export const list = <Item extends z.ZodType>(data: Item) =>
  z.strictObject({ data: z.array(data).max(1000), page: Page, meta: Meta })

/** The worked example of a schema: the first of its `examples`. */
export const exampleOf = (schema: z.ZodType): unknown => schema.meta()?.examples?.[0]

export const Id = z
  .string()
  .max(100)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
export const Year = z.int().min(1000).max(2999)
export const IsoDate = z.iso.date()
/** Words of the dataset. */
export const Text = z.string().max(1000)
/** An amount in the unit that is named beside it, as exact as a double has whole numbers. */
export const Amount = z.number().min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER)
/** A place in the text of a document, in Unicode code points. */
export const Offset = z.int().min(0).max(10_000_000)
export const Count = z.int().min(0).max(100_000_000)
/** An address of this service: absolute where PUBLIC_URL is set, otherwise from the root. */
export const Link = z.string().max(10_000)
