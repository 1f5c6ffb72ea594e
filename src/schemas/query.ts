/** The parts that query and path schemas are made of: strict, and telling of what was allowed. */
import { z } from 'zod'
import type { TermColumn } from './vocabularies.ts'

type Described = {
  description: string
  /** By name: a worked value, and what it asks for. */
  examples: Record<string, Example>
}
type Example = {
  summary: string
  value: string | number | boolean | string[] | number[] | boolean[]
  /** What else the query needs for the example to make sense. */
  with?: Record<string, string | number>
}

// Swagger UI offers a parameter's own examples, not its schema's; @fastify/swagger takes them under this name.
/** Metadata for a query parameter. */
const parameter = ({ description, examples }: Described) => ({
  description,
  param: {
    'x-examples': Object.fromEntries(
      Object.entries(examples).map(([name, { summary, value, with: others }]) => [
        name,
        { summary, value, ...(others !== undefined && { description: `With ${inWords(others)}.`, 'x-with': others }) },
      ]),
    ),
  },
})

const inWords = (others: Record<string, string | number>) =>
  Object.entries(others)
    .map(([name, value]) => `\`${name}=${value}\``)
    .join(' and ')

const separate = (value: unknown) =>
  [value].flat().flatMap((text) => (typeof text === 'string' ? text.split(',') : [text]))

/** One or more terms, repeated or separated by commas. */
export const severalOf = <Term extends z.ZodType>(term: Term, described: Described) =>
  z
    .preprocess(separate, z.array(term).min(1).max(200, 'has more than 200 terms'))
    // As a whole, so that nothing is run for the many parameters that a query does not have.
    .optional()
    .meta(parameter(described))

/** Optional and given at most once. */
export const atMostOne = <Value extends z.ZodType>(value: Value, described: Described) =>
  value.optional().meta(parameter(described))

/** A vocabulary that is asked, term by term. */
export type TermLookup = {
  has: (term: string) => boolean
  /** Terms that may have been meant by one that it does not have. */
  around: (term: string) => readonly string[]
}

/**
 * A term of a vocabulary that grows with the data. It stays a string in the OpenAPI document, so that a new metric
 * breaks no generated client; the terms of this release are checked all the same. `namesOf` tells what else a term is
 * called, by which it is found where somebody asks for it so.
 */
export const termOf = (known: readonly string[] | TermLookup, namesOf?: (term: string) => readonly string[]) => {
  const { has, around } = 'has' in known ? known : listLookup(known)
  return z.string().refine(has, { error: 'is not known', params: { around, namesOf } })
}

function listLookup(terms: readonly string[]): TermLookup {
  // Made when a term is first asked for: of millions of figures there are tens of thousands of documents.
  let set: ReadonlySet<string> | undefined
  return { has: (term) => (set ??= new Set(terms)).has(term), around: () => terms }
}

/** The terms, at this release, of the vocabularies that grow with the data; of ids, which may be millions, a look-up. */
export type KnownTerms = {
  readonly id: TermLookup
  /** What a term of a column is called besides. */
  readonly namesOf: (column: TermColumn, term: string) => readonly string[]
} & Readonly<Record<GrowingColumn, readonly string[]>>
type GrowingColumn = 'metric' | 'scope' | 'unit' | 'place' | 'actor' | 'attribution' | 'document' | 'publisher'

/** A term of a column whose vocabulary grows with the data. */
export const termOfColumn = (known: KnownTerms, column: GrowingColumn) =>
  termOf(known[column], (term) => known.namesOf(column, term))

/** A whole number written in digits; no sign, exponent, blank or other base. What is wrong may be told with a `hint`. */
export const wholeNumber = (min: number, max: number, hint = '') => {
  const error = `must be a whole number from ${min} to ${max}${hint}`
  return z
    .string()
    .regex(/^(?:0|[1-9]\d{0,8})$/, error)
    .transform(Number)
    .refine((value) => value >= min && value <= max, error)
    .meta({
      // What arrives is text, what it says is an integer: that is what a client's code should be made from.
      override: ({ jsonSchema }) => {
        delete jsonSchema.pattern
        Object.assign(jsonSchema, { type: 'integer', minimum: min, maximum: max })
      },
    })
}

/** A year as parameters have it; a `hint` says what else may have been meant. */
export const year = (hint?: string) => wholeNumber(1000, 2999, hint)
export const yearNumber = year()

/** Whether something is so, as parameters have it. */
export const YesOrNo = z.enum(['true', 'false']).meta({
  // What arrives is text, what it says is a boolean: that is what a client's code should be made from.
  override: ({ jsonSchema }) => {
    delete jsonSchema.enum
    jsonSchema.type = 'boolean'
  },
})

/** Leaves what a text must look like to the server, which says it better than a regular expression. */
export const withoutPattern = {
  override: ({ jsonSchema }: { jsonSchema: { pattern?: unknown; allOf?: unknown } }) => {
    delete jsonSchema.pattern
    delete jsonSchema.allOf
  },
}

/** A number in plain digits, with a sign and decimals where it has them; no exponent, blank, other base or group signs. */
export const decimalNumber = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/, 'must be a number in plain digits, such as 130000, -5 or 0.5')
  .max(50, 'is too long for a number')
  .transform(Number)
  .refine((value) => Math.abs(value) <= Number.MAX_SAFE_INTEGER, `must be between ±${Number.MAX_SAFE_INTEGER}`)
  .meta({
    override: ({ jsonSchema }) => {
      delete jsonSchema.pattern
      delete jsonSchema.maxLength
      const bound = Number.MAX_SAFE_INTEGER
      Object.assign(jsonSchema, { type: 'number', minimum: -bound, maximum: bound })
    },
  })

/** Items on a page where the query does not say. */
export const defaultLimit = 50

export const limit = atMostOne(wholeNumber(1, 1000), {
  description: `The most items on a page; ${defaultLimit}, unless it is given.`,
  examples: { ten: { summary: 'Ten items', value: 10 } },
})

/** What a cursor holds: what it is bound to, then the rank or the id after which the page goes on. */
const CursorContent = z.tuple([z.string(), z.union([z.string(), z.number()])])

/** Writes a cursor: JSON in base64url, which nobody else has a use for. */
export const writeCursor = (content: z.infer<typeof CursorContent>) =>
  Buffer.from(JSON.stringify(content)).toString('base64url')

export const cursor = atMostOne(
  z
    .string()
    .max(2000, { error: 'is not a cursor of this service', abort: true })
    .regex(/^[\w-]+$/, { error: 'is not a cursor of this service', abort: true })
    .transform((text, context) => {
      try {
        const content = CursorContent.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
        // Two spellings of one content are one cursor and one that somebody changed.
        if (writeCursor(content) === text) return { text, content }
      } catch {
        // Said below.
      }
      context.addIssue('is not a cursor of this service')
      return z.NEVER
    }),
  {
    description: 'Where to go on: taken from `page.next`. It holds for this release and this query only.',
    examples: {
      next: {
        summary: 'As printed in `page.next`',
        value: 'WyIwZmFKSkpUS3l6UjM3U2RXIiw1MF0',
      },
    },
  },
)

/** The format of a list that comes as CSV and NDJSON too. */
export const tableFormat = atMostOne(z.enum(['json', 'csv', 'ndjson']), {
  description: 'Format of the answer; beats the Accept header. CSV and NDJSON hold every match unless limit is given.',
  examples: {
    csv: { summary: 'A spreadsheet', value: 'csv' },
    ndjson: { summary: 'A JSON object a line', value: 'ndjson' },
  },
})

/** The query of a list that has no filters. */
export const PlainListQuery = z.strictObject({ limit, cursor })
/** The query of a resource that takes no parameters. */
export const NoQuery = z.strictObject({})
