import { Readable } from 'node:stream'
import { setImmediate as turnOfEventLoop } from 'node:timers/promises'
import { csvFormatRow } from 'd3-dsv'
import { plainDecimal } from './decimal.ts'

type Row = Readonly<Record<string, unknown>>

/**
 * Rows as CSV (RFC 4180) in UTF-8: a header, lines ended by CRLF, null as an empty cell, a boolean as `true` or
 * `false`, a number in plain decimals. Without rows it is the header alone. `bom` puts U+FEFF first, by which Excel
 * knows UTF-8. No cell is a formula: the load refuses text that could be one.
 *
 * A page of rows is one chunk; the next page is pulled when the reader has taken it, and the event loop gets a turn in
 * between. What the source throws destroys the stream; a stream destroyed midway calls the source's `return()`.
 */
export function csvStream(
  pages: Iterable<readonly Row[]>,
  columns: readonly string[],
  { bom = false }: { readonly bom?: boolean } = {},
): Readable {
  return Readable.from(csvChunks(pages, columns, bom), { objectMode: false })
}

async function* csvChunks(
  pages: Iterable<readonly Row[]>,
  columns: readonly string[],
  bom: boolean,
): AsyncGenerator<string, void> {
  // An empty cell that is alone in its line is quoted: pandas skips a blank line, and with it the row.
  const lineOf = (cells: readonly string[]) =>
    cells.join('') === '' && cells.length === 1 ? '""' : csvFormatRow([...cells])
  // The last line is ended too.
  const text = (lines: readonly string[]) => [...lines, ''].join('\r\n')
  yield (bom ? '\uFEFF' : '') + text([lineOf(columns)])
  for (const page of pages) {
    if (page.length === 0) continue
    const lines = text(page.map((row) => lineOf(columns.map((column) => cellOf(row[column])))))
    await turnOfEventLoop()
    yield lines
  }
}

/** A cell as text, unquoted; what is not there is empty. */
function cellOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return plainDecimal(value)
  return typeof value === 'boolean' ? String(value) : ''
}
