import { Readable } from 'node:stream'
import { setImmediate as turnOfEventLoop } from 'node:timers/promises'
import { stringify, type Options } from 'csv-stringify/sync'
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
  const options: Options = {
    record_delimiter: 'windows',
    eof: true,
    // A lone CR or LF in a cell too, which readers take for the end of the line as well as CRLF.
    quote_record_delimiter: true,
    // An empty cell that is alone in its line is quoted: pandas skips a blank line, and with it the row.
    quoted_empty: columns.length === 1,
    cast: { boolean: String, number: plainDecimal },
  }
  yield (bom ? '\uFEFF' : '') + stringify([[...columns]], options)
  for (const page of pages) {
    if (page.length === 0) continue
    const lines = stringify([...page], { ...options, columns: [...columns] })
    await turnOfEventLoop()
    yield lines
  }
}
