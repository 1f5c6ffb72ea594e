import { Readable } from 'node:stream'
import { setImmediate as turnOfEventLoop } from 'node:timers/promises'
import type { SchemaElement } from 'hyparquet-writer'
import type { writeColumn } from 'hyparquet-writer/src/column.js'

/** The library, loaded for the first file and not for the start. */
async function loadWriter() {
  const [{ ByteWriter, ParquetWriter }, { writeColumn }, { snappyCompress }] = await Promise.all([
    import('hyparquet-writer'),
    // Parts that the library exports for no version but this one, which is why package.json names it exactly: its own write()
    // holds up the event loop for a whole row group.
    import('hyparquet-writer/src/column.js'),
    import('hyparquet-writer/src/snappy.js'),
  ])
  return { ByteWriter, ParquetWriter, writeColumn, snappyCompress }
}

/** What the footer says of one column of one row group. */
type ColumnChunk = ReturnType<typeof writeColumn>['chunk']

type StoredValue = number | bigint | boolean | string | null

type Row = Readonly<Record<string, unknown>>

/** A column of a Parquet file: values of one type; null only where it is `nullable`. */
export type ParquetColumn = {
  readonly name: string
  readonly type: 'INT32' | 'INT64' | 'DOUBLE' | 'BOOLEAN' | 'DATE' | 'STRING'
  readonly nullable: boolean
}

type Type = {
  /** The physical type and, where it means more than it is, the logical type. */
  readonly element: Omit<SchemaElement, 'name'>
  /** A JSON value as the type stores it; undefined where it is no such value. */
  readonly stored: (value: unknown) => Exclude<StoredValue, null> | undefined
}

/** Types of the Parquet format; a converted type says what the logical type does, to readers older than that. */
const types: Readonly<Record<ParquetColumn['type'], Type>> = {
  INT32: {
    element: { type: 'INT32' },
    stored: (value) => (typeof value === 'number' && value === (value | 0) ? value : undefined),
  },
  INT64: {
    element: { type: 'INT64' },
    stored: (value) => (typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined),
  },
  DOUBLE: {
    element: { type: 'DOUBLE' },
    // Adding 0 makes 0 of -0, as JSON and CSV do.
    stored: (value) => (typeof value === 'number' && Number.isFinite(value) ? value + 0 : undefined),
  },
  BOOLEAN: {
    element: { type: 'BOOLEAN' },
    stored: (value) => (typeof value === 'boolean' ? value : undefined),
  },
  DATE: {
    element: { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
    stored: (value) => (typeof value === 'string' ? daysSinceEpoch(value) : undefined),
  },
  STRING: {
    element: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
    stored: (value) => (typeof value === 'string' ? value : undefined),
  },
}

/** Days from 1970-01-01 to a date of ISO 8601 (`2020-12-31`); undefined where the calendar has no such date. */
function daysSinceEpoch(date: string): number | undefined {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(date) : NaN
  // Date.parse takes 30 February for 2 March.
  return new Date(time).getUTCDate() === Number(date.slice(8)) ? time / 86_400_000 : undefined
}

/** As much of JSON Schema as the schema of a flat row needs. */
type JsonSchema = {
  readonly [keyword: string]: unknown
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly type?: string | readonly string[]
  readonly anyOf?: readonly JsonSchema[]
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, JsonSchema | boolean>>
  readonly required?: readonly string[]
}

/**
 * The columns for rows that a JSON Schema (an object with properties of simple types) describes, in its order. An
 * integer is INT32 where its bounds fit and otherwise INT64, a number DOUBLE, a boolean BOOLEAN, a string of format
 * `date` DATE, any other string STRING. Nullable is what may be null or left out.
 * @throws TypeError where a property has no type, more than one, or one that is not simple
 */
export function parquetColumns(schema: JsonSchema): ParquetColumn[] {
  const { properties = {}, required = [] } = referred(schema)
  return Object.entries(properties).map(([name, property]) => {
    const alternatives = typeof property === 'boolean' ? [] : simpleTypes(property)
    const [value, ...others] = alternatives.filter(({ type }) => type !== 'null')
    const type = value === undefined || others.length > 0 ? undefined : parquetType(value)
    if (type === undefined) throw new TypeError(`column ${name}: its JSON Schema gives it no single simple type`)
    const nullable = !required.includes(name) || alternatives.some(({ type }) => type === 'null')
    return { name, type, nullable }
  })

  /** What a reference into `$defs` stands for; any other schema is itself. */
  function referred(part: JsonSchema): JsonSchema {
    if (part.$ref === undefined) return part
    const target = schema.$defs?.[part.$ref.replace('#/$defs/', '')]
    if (target === undefined) throw new TypeError(`the JSON Schema has no ${part.$ref}`)
    return referred(target)
  }

  /** The schema taken apart until each part has one type. */
  function simpleTypes(part: JsonSchema): JsonSchema[] {
    const { anyOf, ...rest } = referred(part)
    if (anyOf !== undefined) return anyOf.flatMap(simpleTypes)
    return [rest.type].flat().map((type) => ({ ...rest, ...(type === undefined ? {} : { type }) }))
  }
}

function parquetType({ type, format, minimum = -Infinity, maximum = Infinity }: JsonSchema) {
  if (type === 'integer') return minimum >= -(2 ** 31) && maximum < 2 ** 31 ? 'INT32' : 'INT64'
  if (type === 'number') return 'DOUBLE'
  if (type === 'boolean') return 'BOOLEAN'
  if (type === 'string') return format === 'date' ? 'DATE' : 'STRING'
  return undefined
}

/** Bytes from which on the values of a column in a row group are parted into pages; the library's own default. */
const pageSize = 2 ** 20

/**
 * Rows of a row group. More of them take more memory; fewer make a longer footer, which stays in memory to the end, is
 * written in one go, and is what every reader reads first.
 */
const defaultRowGroupSize = 10_000

/**
 * Rows as a Parquet file: the columns in their order, `metadata` as key and value in the footer. The same rows give the
 * same bytes, however they are paged.
 *
 * No more than one row group and what the footer will say of those before it is in memory. The bytes of each column of
 * a row group are a chunk; more is encoded when the reader has taken it, and the event loop gets a turn in between.
 * What the source throws, and a TypeError for a value that does not fit its column, destroys the stream; a stream
 * destroyed midway calls the source's `return()`.
 */
export function parquetStream(
  pages: Iterable<readonly Row[]>,
  columns: readonly ParquetColumn[],
  metadata: Readonly<Record<string, string>>,
  { rowGroupSize = defaultRowGroupSize }: { readonly rowGroupSize?: number } = {},
): Readable {
  return Readable.from(parquetChunks(pages, columns, metadata, rowGroupSize), { objectMode: false })
}

async function* parquetChunks(
  pages: Iterable<readonly Row[]>,
  columns: readonly ParquetColumn[],
  metadata: Readonly<Record<string, string>>,
  rowGroupSize: number,
): AsyncGenerator<Uint8Array, void> {
  const { ByteWriter, ParquetWriter, writeColumn, snappyCompress } = await loadWriter()
  const root: SchemaElement = { name: 'root', num_children: columns.length }
  const leaves = columns.map((column) => ({ column, element: elementOf(column), values: [] as StoredValue[] }))
  const writer = new ByteWriter()
  const keyValues = Object.entries(metadata).map(([key, value]) => ({ key, value }))
  const file = new ParquetWriter({
    writer,
    schema: [root, ...leaves.map(({ element }) => element)],
    ...(keyValues.length > 0 && { kvMetadata: keyValues }),
  })

  let held = 0
  for (const page of pages) {
    await turnOfEventLoop()
    // Most often nothing, but where the stream was destroyed this is where it ends.
    yield written()
    for (let from = 0; from < page.length;) {
      const rows = page.slice(from, from + rowGroupSize - held)
      for (const { column, values } of leaves) for (const row of rows) values.push(storedValue(row, column))
      from += rows.length
      held += rows.length
      if (held === rowGroupSize) yield* rowGroup()
    }
  }
  // Without rows there is one row group without rows, as Arrow writes it: the library gives an empty list, of row groups
  // as of key and value, no type of its elements, and strict readers refuse that.
  if (held > 0 || file.row_groups.length === 0) yield* rowGroup()
  await file.finish()
  yield written()

  /** Does what `file.write()` does, but not in one go, for which every other request would have to wait. */
  async function* rowGroup(): AsyncGenerator<Uint8Array, void> {
    const chunks: ColumnChunk[] = []
    for (const leaf of leaves) {
      const { column, element, values } = leaf
      const { chunk } = writeColumn({
        writer,
        column: {
          columnName: column.name,
          element,
          schemaPath: [root, element],
          codec: 'SNAPPY',
          compressors: { SNAPPY: snappyCompress },
          // Least and most help a reader to skip row groups; of texts they seldom do, and they are most of the footer,
          // which is written in one go.
          stats: column.type !== 'STRING',
          pageSize,
          columnIndex: false,
          offsetIndex: false,
        },
        pageData: {
          values,
          definitionLevels: column.nullable ? values.map((value) => (value === null ? 0 : 1)) : [],
          repetitionLevels: [],
          maxDefinitionLevel: column.nullable ? 1 : 0,
        },
      })
      chunks.push(chunk)
      leaf.values = []
      await turnOfEventLoop()
      yield written()
    }
    const bytes = (size: 'total_uncompressed_size' | 'total_compressed_size') =>
      chunks.reduce((sum, { meta_data }) => sum + (meta_data?.[size] ?? 0n), 0n)
    file.row_groups.push({
      columns: chunks,
      num_rows: BigInt(held),
      total_byte_size: bytes('total_uncompressed_size'),
      total_compressed_size: bytes('total_compressed_size'),
    })
    file.num_rows += BigInt(held)
    held = 0
  }

  /** The bytes since the last call; the writer goes on counting its offset, but writes over them. */
  function written(): Uint8Array {
    const bytes = writer.getBytes().slice()
    writer.index = 0
    return bytes
  }
}

function elementOf({ name, type, nullable }: ParquetColumn): SchemaElement {
  return { ...types[type].element, name, repetition_type: nullable ? 'OPTIONAL' : 'REQUIRED' }
}

/** @throws TypeError where the value does not fit the column: a wrong cell is worse than a file cut short */
function storedValue(row: Row, { name, type, nullable }: ParquetColumn): StoredValue {
  const value = row[name]
  if (value == null && nullable) return null
  const stored = types[type].stored(value)
  if (stored === undefined) throw new TypeError(`column ${name}: ${JSON.stringify(value)} is no ${type}`)
  return stored
}
