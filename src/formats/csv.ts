import { stringify, type Stringifier } from 'csv-stringify'

/**
 * A stream that turns flat rows (objects) into CSV: RFC 4180, UTF-8, a header, CRLF. Null is an empty cell, a boolean
 * `true` or `false`. No cell is a formula: the load refuses text that could be one.
 */
export function csvStream(columns: readonly string[]): Stringifier {
  return stringify({
    header: true,
    columns: [...columns],
    record_delimiter: 'windows',
    cast: { boolean: (value) => String(value) },
  })
}
