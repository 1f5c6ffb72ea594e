import { buffer, text } from 'node:stream/consumers'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvStream } from '../../src/formats/csv.ts'

type Row = Record<string, string | number | boolean | null>

const columns = ['name', 'amount', 'certain', 'note']
const row = (cells: Partial<Row>): Row => ({ name: 'a', amount: 1, certain: true, note: null, ...cells })
const asCsv = (rows: Row[], selected = columns) => text(csvStream([rows], selected))

/** The cells of a row as an independent reader gives them back: texts, of which null is the empty one. */
const cellsOf = (cells: Row) => columns.map((column) => String(cells[column] ?? ''))
/** Reads as spreadsheets do, to whom any line break outside quotes ends a line. */
const read = (csv: string) => parse(csv, { record_delimiter: ['\r\n', '\n', '\r'] })

/** A number as the cell of a row that has no other. */
const cellOf = async (amount: number) => (await asCsv([row({ amount })], ['amount'])).split('\r\n')[1]

describe('csvStream', () => {
  it('has a header, a comma between cells, CRLF after every line, and nothing in the cell of a null', async () => {
    const rows = [row({}), row({ name: 'b', amount: -2.5, certain: false, note: 'seen' })]
    expect(await asCsv(rows)).toBe('name,amount,certain,note\r\na,1,true,\r\nb,-2.5,false,seen\r\n')
  })

  it('quotes a cell with a comma, a quote or a line break, and doubles the quotes in it', async () => {
    const notes = ['1,5', 'say "no"', 'two\nlines', 'two\r\nlines', 'a\rb']
    expect(
      await asCsv(
        notes.map((note) => row({ note })),
        ['note'],
      ),
    ).toBe('note\r\n"1,5"\r\n"say ""no"""\r\n"two\nlines"\r\n"two\r\nlines"\r\n"a\rb"\r\n')
  })

  it('is the header alone where there are no rows, in no page or in an empty one', async () => {
    expect(await text(csvStream([], columns))).toBe('name,amount,certain,note\r\n')
    expect(await text(csvStream([[], []], columns))).toBe('name,amount,certain,note\r\n')
  })

  it('has the selected columns in the selected order', async () => {
    expect(await asCsv([row({ name: 'z' })], ['certain', 'name'])).toBe('certain,name\r\ntrue,z\r\n')
  })

  it('quotes the empty cell of an only column, since pandas skips a blank line', async () => {
    const csv = await asCsv([row({}), row({ note: 'x' })], ['note'])
    expect(csv).toBe('note\r\n""\r\nx\r\n')
    expect(parse(csv, { skip_empty_lines: true })).toHaveLength(3)
  })

  it('begins with the byte order mark where Excel is to read it, and only then', async () => {
    const bytes = await buffer(csvStream([[row({})]], columns, { bom: true }))
    expect([...bytes.subarray(0, 7)]).toEqual([0xef, 0xbb, 0xbf, ...Buffer.from('name')])
    expect(bytes.lastIndexOf('\uFEFF')).toBe(0)
    // Not by text(), which takes the mark off.
    for (const without of [{ bom: false }, {}]) {
      expect(await buffer(csvStream([], columns, without))).toEqual(Buffer.from('name,amount,certain,note\r\n'))
    }
  })

  it.each([
    [0.1, '0.1'],
    [0.0000001, '0.0000001'],
    [-1.25e-9, '-0.00000000125'],
    [2 ** 53, '9007199254740992'],
    [-(2 ** 53), '-9007199254740992'],
    [2_910_000_000, '2910000000'],
    [1e21, '1000000000000000000000'],
    [1 / 3, '0.3333333333333333'],
    [-0, '0'],
  ])('writes the number %d as %s', async (value, cell) => {
    expect(await cellOf(value)).toBe(cell)
  })

  it('writes every finite number without an exponent, so that it reads back as the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ noNaN: true, noDefaultInfinity: true }), async (value) => {
        const cell = await cellOf(value)
        expect(cell).toMatch(/^-?\d+(\.\d+)?$/)
        expect(Number(cell)).toBe(value === 0 ? 0 : value)
      }),
    )
  })

  it('gives back any rows to an independent reader, whatever their text and however they are paged', async () => {
    // Code points of every plane, and what CSV itself is made of more often than chance would have it.
    const anyText = fc.string({
      unit: fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constantFrom(...',"\r\n \t;')),
    })
    const anyRow = fc.record({
      name: anyText,
      amount: fc.option(fc.oneof(fc.maxSafeInteger(), fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6 }))),
      certain: fc.option(fc.boolean()),
      note: fc.option(anyText),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(anyRow, { maxLength: 5 }), { maxLength: 5 }), async (pages) => {
        const [header, ...records] = read(await text(csvStream(pages, columns)))
        expect(header).toEqual(columns)
        const expected = pages.flat()
        expect(records.map(([name, , certain, note]) => [name, certain, note])).toEqual(
          expected.map(cellsOf).map(([name, , certain, note]) => [name, certain, note]),
        )
        expect(records.map(([, amount]) => (amount === '' ? null : Number(amount)))).toEqual(
          expected.map(({ amount }) => (amount === null ? null : amount + 0)),
        )
      }),
    )
  })
})
