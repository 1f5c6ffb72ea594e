import type { Readable, Writable } from 'node:stream'
import { csvFormatRow } from 'd3-dsv'
import { chunkStream } from './chunks.ts'
import { plainDecimal } from './decimal.ts'

type Row = Readonly<Record<string, unknown>>

/**
 * Rows as CSV (RFC 4180) in UTF-8: a header, lines ended by CRLF, null as an empty cell, a boolean as `true` or
 * `false`, a number in plain decimals. Without rows it is the header alone. `bom` puts U+FEFF first, by which Excel
 * knows UTF-8. No cell is a formula: the load refuses text that could be one. A page of rows is one chunk for
 * `chunkStream`.
 */
export function csvStream(
  pages: Iterable<readonly Row[]>,
  columns: readonly string[],
  { bom = false, reader }: { readonly bom?: boolean; readonly reader?: Writable } = {},
): Readable {
  return chunkStream(csvChunks(pages, columns, bom), reader)
}

function* csvChunks(
  pages: Iterable<readonly Row[]>,
  columns: readonly string[],
  bom: boolean,
): Generator<Buffer, void> {
  // An empty cell that is alone in its line is quoted: pandas skips a blank line, and with it the row.
  const lineOf = (cells: string[]) => (cells.length === 1 && cells[0] === '' ? '""' : csvFormatRow(cells))
  // The last line is ended too.
  const chunk = (lines: readonly string[]) => Buffer.from(lines.length === 0 ? '' : [...lines, ''].join('\r\n'))
  yield Buffer.from((bom ? '\uFEFF' : '') + lineOf([...columns]) + '\r\n')
  for (const page of pages) yield chunk(page.map((row) => lineOf(columns.map((column) => cellOf(row[column])))))
}

/** A cell as text, unquoted; what is not there is empty. */
function cellOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return plainDecimal(value)
  return typeof value === 'boolean' ? String(value) : ''
}
