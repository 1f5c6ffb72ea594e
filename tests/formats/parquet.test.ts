import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { setImmediate as turnOfEventLoop } from 'node:timers/promises'
import { DataType, tableFromIPC, type Field } from 'apache-arrow'
import fc from 'fast-check'
import { parquetMetadata } from 'hyparquet'
import { ParquetFile } from 'parquet-wasm'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parquetColumns, parquetStream, type ParquetColumn } from '../../src/formats/parquet.ts'
import { Figure } from '../../src/schemas/figures.ts'
import { countTurns } from '../support/turns.ts'

type Cell = string | number | boolean | null
type Row = Record<string, Cell>

/** Each type of the columns with the type in which Arrow gives it back. */
const arrowTypes: Record<ParquetColumn['type'], string> = {
  INT32: 'Int32',
  INT64: 'Int64',
  DOUBLE: 'Float64',
  BOOLEAN: 'Bool',
  DATE: 'Date32<DAY>',
  STRING: 'Utf8',
}
const typeNames = Object.keys(arrowTypes) as ParquetColumn['type'][]
/** A column of each type that is never null, and one that may be. */
const columns: ParquetColumn[] = typeNames.flatMap((type) => [
  { name: type, type, nullable: false },
  { name: `${type}?`, type, nullable: true },
])
const some: Row = { INT32: 1, INT64: 2, DOUBLE: 0.5, BOOLEAN: true, DATE: '2020-02-29', STRING: 'coca' }
const none: Row = Object.fromEntries(typeNames.map((type) => [`${type}?`, null]))

/** A file read by another implementation (that of Arrow, in Rust): what its footer says, and its rows as JSON has them. */
async function read(stream: Readable) {
  const file = await ParquetFile.fromFile(new Blob([await buffer(stream)]))
  const footer = file.metadata()
  const table = tableFromIPC((await file.read()).intoIPCStream())
  const fields: Field[] = table.schema.fields
  const rows = Array.from({ length: table.numRows }, (_, index): Row =>
    Object.fromEntries(
      fields.map(({ name, type }, column) => [name, asJson(type as DataType, table.getChildAt(column)?.get(index))]),
    ),
  )
  return {
    rows,
    fields: fields.map(({ name, type, nullable }) => ({ name, type: String(type), nullable })),
    groups: footer.rowGroups().map((group) => group.numRows()),
    metadata: Object.fromEntries(footer.fileMetadata().keyValueMetadata()) as Record<string, string>,
  }
}

/** All that the footer says, which the other reader keeps in part to itself. */
const footerOf = async (stream: Readable) => parquetMetadata(new Uint8Array(await buffer(stream)).buffer)

function asJson(type: DataType, value: unknown): Cell {
  if (DataType.isDate(type) && value !== null) return new Date(value as number).toISOString().slice(0, 10)
  return typeof value === 'bigint' ? Number(value) : (value as Cell)
}

const anyCell: Record<ParquetColumn['type'], fc.Arbitrary<Cell>> = {
  INT32: fc.integer(),
  INT64: fc.maxSafeInteger(),
  DOUBLE: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  BOOLEAN: fc.boolean(),
  DATE: fc
    .date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
  STRING: fc.string({ unit: 'binary' }),
}
const anyRow: fc.Arbitrary<Row> = fc.record(
  Object.fromEntries(
    columns.map(({ name, type, nullable }) => [name, nullable ? fc.option(anyCell[type]) : anyCell[type]]),
  ),
)

describe('parquetStream', () => {
  it('types each column as what it holds, and says which may be null', async () => {
    const { fields, rows } = await read(parquetStream([[{ ...some, ...none }]], columns, {}))
    expect(fields).toEqual(columns.map(({ name, type, nullable }) => ({ name, type: arrowTypes[type], nullable })))
    expect(rows).toEqual([{ ...some, ...none }])
  })

  it('says what a date and a text are to readers that know logical types, and to older ones', async () => {
    const { schema } = await footerOf(parquetStream([], columns, {}))
    const meaning = { DATE: ['DATE', { type: 'DATE' }], STRING: ['UTF8', { type: 'STRING' }] }
    expect(schema.slice(1).map(({ converted_type, logical_type }) => [converted_type, logical_type])).toEqual(
      columns.map(({ type }) => (type === 'DATE' || type === 'STRING' ? meaning[type] : [undefined, undefined])),
    )
  })

  it('says how many rows and bytes a row group has, compressed and not', async () => {
    const rows = Array.from({ length: 50 }, (_, index) => ({ ...some, INT32: index, STRING: 'coca '.repeat(index) }))
    const { num_rows, row_groups } = await footerOf(parquetStream([rows], columns, {}, { rowGroupSize: 20 }))
    expect(num_rows).toBe(50n)
    expect(row_groups.map((group) => group.num_rows)).toEqual([20n, 20n, 10n])
    for (const { columns: chunks, total_byte_size, total_compressed_size } of row_groups) {
      const sum = (size: 'total_uncompressed_size' | 'total_compressed_size') =>
        chunks.reduce((total, { meta_data }) => total + (meta_data?.[size] ?? expect.unreachable()), 0n)
      expect([total_byte_size, total_compressed_size]).toEqual([
        sum('total_uncompressed_size'),
        sum('total_compressed_size'),
      ])
      expect(total_compressed_size).toBeLessThan(total_byte_size)
      expect(new Set(chunks.map(({ meta_data }) => meta_data?.codec))).toEqual(new Set(['SNAPPY']))
    }
  })

  it('says the least and the most of each column of a row group, but of texts', async () => {
    const rows = [1, 3, 2, 6, 4, 5].map((number) => ({
      ...{ INT32: number, INT64: number, DOUBLE: number / 2, BOOLEAN: number > 3 },
      ...{ DATE: `2020-01-0${number}`, STRING: `figure ${number}` },
    }))
    const always = columns.filter(({ nullable }) => !nullable)
    const { row_groups } = await footerOf(parquetStream([rows], always, {}, { rowGroupSize: 3 }))
    const bounds = row_groups.map((group) =>
      group.columns.map(({ meta_data }) => [meta_data?.statistics?.min_value, meta_data?.statistics?.max_value]),
    )
    const day = (date: number) => new Date(Date.UTC(2020, 0, date))
    const texts = [undefined, undefined]
    expect(bounds).toEqual([
      [[1, 3], [1n, 3n], [0.5, 1.5], [false, false], [day(1), day(3)], texts],
      [[4, 6], [4n, 6n], [2, 3], [true, true], [day(4), day(6)], texts],
    ])
  })

  it('has ten thousand rows in a row group where nothing else is said', async () => {
    const rows = Array.from({ length: 20_001 }, (_, index) => ({ INT32: index }))
    const { groups } = await read(parquetStream([rows], [{ name: 'INT32', type: 'INT32', nullable: false }], {}))
    expect(groups).toEqual([10_000, 10_000, 1])
  })

  it('gives back any rows to an independent reader, whatever is in them and however they are paged and grouped', async () => {
    // Many rows of few kinds as well, which are written as a dictionary of the kinds.
    const anyRows = fc.oneof(
      fc.array(anyRow, { maxLength: 30 }),
      fc
        .array(anyRow, { minLength: 1, maxLength: 3 })
        .chain((kinds) => fc.array(fc.constantFrom(...kinds), { maxLength: 100 })),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(anyRows, { maxLength: 4 }), fc.integer({ min: 1, max: 40 }), async (pages, size) => {
        const { rows, groups } = await read(parquetStream(pages, columns, {}, { rowGroupSize: size }))
        const expected = pages.flat()
        expect(rows).toEqual(expected.map((row) => Object.fromEntries(columns.map(({ name }) => [name, row[name]]))))
        expect(groups).toEqual(
          Array.from({ length: Math.max(1, Math.ceil(expected.length / size)) }, (_, group) =>
            Math.min(size, expected.length - group * size),
          ),
        )
      }),
    )
  })

  it.each(typeNames)('keeps a row group of nulls apart from the values around it: %s', async (type) => {
    const column: ParquetColumn = { name: 'cell', type, nullable: true }
    const value = some[type] ?? expect.unreachable()
    const cells = [...Array<Cell>(20).fill(value), ...Array<null>(20).fill(null), null, ...Array<Cell>(19).fill(value)]
    const rows = cells.map((cell) => ({ cell }))
    const file = await read(parquetStream([rows], [column], {}, { rowGroupSize: 20 }))
    expect(file.groups).toEqual([20, 20, 20])
    expect(file.rows).toEqual(rows)
  })

  it('takes what a row leaves out for null', async () => {
    const { rows } = await read(parquetStream([[some]], columns, {}))
    expect(rows).toEqual([{ ...some, ...none }])
  })

  it('writes -0 as the 0 that it is in the other formats', async () => {
    const double: ParquetColumn = { name: 'DOUBLE', type: 'DOUBLE', nullable: false }
    const { rows } = await read(parquetStream([[{ DOUBLE: -0 }]], [double], {}))
    expect(JSON.stringify(rows)).toBe(JSON.stringify([{ DOUBLE: -0 }]))
    expect(rows[0]?.['DOUBLE']).toBe(0)
  })

  it('holds texts longer than a page of the file', async () => {
    const rows = ['á', 'b', '🌿'].map((letter) => ({ STRING: letter.repeat(800_000) }))
    const file = await read(parquetStream([rows], [{ name: 'STRING', type: 'STRING', nullable: false }], {}))
    expect(file.rows.map(({ STRING }) => STRING === undefined)).toEqual([false, false, false])
    expect(file.rows.every(({ STRING }, index) => STRING === rows[index]?.STRING)).toBe(true)
  })

  it('is a whole file with all its columns where there are no rows, in no page or in an empty one', async () => {
    const file = await read(parquetStream([], columns, { release: '2026.11.0' }))
    expect(file.rows).toEqual([])
    expect(file.groups).toEqual([0])
    expect(file.fields).toHaveLength(columns.length)
    expect(file.metadata['release']).toBe('2026.11.0')
    expect(await buffer(parquetStream([[]], columns, {}))).toEqual(await buffer(parquetStream([], columns, {})))
  })

  it('has the selected columns in the selected order', async () => {
    const selected = ['STRING', 'DATE?', 'INT32'].flatMap((name) => columns.filter((column) => column.name === name))
    const { fields, rows } = await read(parquetStream([[some]], selected, {}))
    expect(fields.map(({ name }) => name)).toEqual(['STRING', 'DATE?', 'INT32'])
    expect(rows).toEqual([{ STRING: 'coca', 'DATE?': null, INT32: 1 }])
  })

  it('carries its metadata in the footer, to the letter', async () => {
    const metadata = { release: '2026.11.0', digest: 'sha256:00', licence: 'CC0 – “público”' }
    expect((await read(parquetStream([[some]], columns, metadata))).metadata).toMatchObject(metadata)
  })

  it('is the same bytes for the same rows, however they are paged', async () => {
    const rows = Array.from({ length: 50 }, (_, index) => ({ ...some, INT32: index, 'STRING?': `figure ${index % 7}` }))
    const pagedBy = (size: number) =>
      Array.from({ length: 50 / size }, (_, at) => rows.slice(at * size, at * size + size))
    const [first, ...others] = await Promise.all(
      [50, 50, 10, 1].map((size) =>
        buffer(parquetStream(pagedBy(size), columns, { release: '1' }, { rowGroupSize: 20 })),
      ),
    )
    for (const other of others) expect(other).toEqual(first)
  })

  it('emits a row group before it pulls the rows of the next but one', async () => {
    let emitted = 0
    const emittedAtPull: number[] = []
    const pages = (function* () {
      for (let number = 0; number < 12; number++) {
        emittedAtPull.push(emitted)
        yield [some]
      }
    })()
    for await (const chunk of parquetStream(pages, columns, {}, { rowGroupSize: 4 }))
      emitted += (chunk as Buffer).length
    const [beforeAll, beforeSecond, beforeThird] = [0, 5, 9].map((pull) => emittedAtPull[pull])
    expect(beforeAll).toBe(0)
    // A file begins with the four bytes PAR1.
    expect(beforeSecond).toBeGreaterThan(4)
    expect(beforeThird).toBeGreaterThan(beforeSecond ?? Infinity)
  })

  it('lets the event loop turn between two columns of a row group, however fast its reader is', async () => {
    const turn = countTurns()
    const stream = parquetStream([[some]], columns, {})
    const emittedAt = new Set<number>()
    stream.on('data', () => emittedAt.add(turn()))
    await finished(stream)
    expect(emittedAt.size).toBeGreaterThanOrEqual(columns.length)
  })

  it('ends its source at the next page when it is destroyed within a row group', async () => {
    const seen = { pulled: 0, ended: false }
    const pages = (function* () {
      try {
        while (seen.pulled++ < 1000) yield [some]
      } finally {
        seen.ended = true
      }
    })()
    const stream = parquetStream(pages, columns, {}, { rowGroupSize: 100 })
    stream.resume()
    while (seen.pulled < 3) await turnOfEventLoop()
    stream.destroy()
    while (!seen.ended) await turnOfEventLoop()
    expect(seen.pulled).toBeLessThanOrEqual(4)
  })

  it.each<[ParquetColumn['type'], unknown]>([
    ...typeNames.map((type): [ParquetColumn['type'], unknown] => [type, null]),
    ['INT32', 0.5],
    ['INT32', 2 ** 31],
    ['INT32', '1'],
    ['INT64', 2 ** 53],
    ['DOUBLE', NaN],
    ['DOUBLE', Infinity],
    ['DOUBLE', '1'],
    ['BOOLEAN', 1],
    ['DATE', '2021-02-29'],
    ['DATE', '2021-02'],
    ['DATE', '2021-02-28T00:00Z'],
    ['DATE', '2021-02-28 '],
    ['DATE', 0],
    ['STRING', 1],
  ])('breaks off rather than write a wrong cell: no %s is %j', async (type, value) => {
    const column: ParquetColumn = { name: 'the_column', type, nullable: false }
    const rows = [...Array<unknown>(20).fill(some[type]), value].map((cell) => ({ the_column: cell }))
    await expect(buffer(parquetStream([rows], [column], {}))).rejects.toThrow(/^column the_column: .* is no /)
  })
})

describe('parquetColumns', () => {
  const columnsOf = (shape: Record<string, z.ZodType>) => parquetColumns(z.toJSONSchema(z.strictObject(shape)))

  it('gives the flat row its columns, in its order', () => {
    const found = parquetColumns(z.toJSONSchema(Figure))
    expect(found.map(({ name }) => name)).toEqual(Object.keys(Figure.shape))
    expect(found.filter(({ type }) => type === 'STRING').length).toBeLessThan(found.length)
    const expected: ParquetColumn[] = [
      { name: 'id', type: 'STRING', nullable: false },
      { name: 'topic', type: 'STRING', nullable: false },
      { name: 'value', type: 'DOUBLE', nullable: true },
      { name: 'value_low_inclusive', type: 'BOOLEAN', nullable: true },
      { name: 'qualifier', type: 'STRING', nullable: true },
      { name: 'year', type: 'INT32', nullable: false },
      { name: 'period_start', type: 'DATE', nullable: true },
      { name: 'period_end', type: 'DATE', nullable: false },
      { name: 'published', type: 'STRING', nullable: true },
      { name: 'quote_start', type: 'INT32', nullable: true },
      { name: 'source_url', type: 'STRING', nullable: true },
    ]
    expect(found).toEqual(expect.arrayContaining(expected))
  })

  it('gives an integer 32 bits where its bounds fit, and otherwise 64', () => {
    const int32 = 2 ** 31
    const typeOf = (schema: z.ZodType) => columnsOf({ schema })[0]?.type
    expect(
      typeOf(
        z
          .int()
          .min(-int32)
          .max(int32 - 1),
      ),
    ).toBe('INT32')
    expect(
      typeOf(
        z
          .int()
          .min(-int32 - 1)
          .max(0),
      ),
    ).toBe('INT64')
    expect(typeOf(z.int().min(0).max(int32))).toBe('INT64')
    expect(typeOf(z.int())).toBe('INT64')
    for (const bounds of [{}, { minimum: 0 }, { maximum: 0 }]) {
      expect(parquetColumns({ properties: { schema: { type: 'integer', ...bounds } } })[0]?.type).toBe('INT64')
    }
  })

  it('finds null in every way that a schema says it, and in a property that may be left out', () => {
    const Term = z.enum(['a', 'b']).meta({ id: 'TermOfParquetTest' })
    const found = columnsOf({
      union: z.union([z.null(), z.number()]),
      types: z.boolean().nullable(),
      reference: Term.nullable(),
      optional: Term.optional(),
      required: Term,
    })
    expect(found.map(({ name, type, nullable }) => [name, type, nullable])).toEqual([
      ['union', 'DOUBLE', true],
      ['types', 'BOOLEAN', true],
      ['reference', 'STRING', true],
      ['optional', 'STRING', true],
      ['required', 'STRING', false],
    ])
  })

  it.each([
    ['of more than one type', z.union([z.string(), z.number()])],
    ['of no type', z.unknown()],
    ['that is always null', z.null()],
    ['that is an object', z.strictObject({})],
    ['that is a list', z.array(z.string())],
  ])('refuses a property %s', (_, property) => {
    expect(() => columnsOf({ odd_one: property })).toThrow(/^column odd_one: /)
  })

  it.each<[string, Parameters<typeof parquetColumns>[0]]>([
    ['a list of types', { anyOf: [{ type: ['number', 'null'] }] }],
    ['alternatives', { anyOf: [{ anyOf: [{ type: 'null' }, { type: 'number' }] }] }],
    ['what a reference stands for', { anyOf: [{ $ref: '#/$defs/Amount' }] }],
  ])('finds null in %s among alternatives', (_, cell) => {
    const $defs = { Amount: { anyOf: [{ type: 'number' }, { type: 'null' }] } }
    expect(parquetColumns({ properties: { cell }, required: ['cell'], $defs })).toEqual([
      { name: 'cell', type: 'DOUBLE', nullable: true },
    ])
  })

  it('follows a reference to a reference', () => {
    const $defs = { Row: { $ref: '#/$defs/Other' }, Other: { properties: { name: { type: 'string' } } } }
    expect(parquetColumns({ $ref: '#/$defs/Row', $defs }).map(({ name }) => name)).toEqual(['name'])
  })

  it('refuses a reference that leads nowhere', () => {
    expect(() => parquetColumns({ $ref: '#/$defs/Nothing' })).toThrow('#/$defs/Nothing')
  })
})
