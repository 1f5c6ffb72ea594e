import { fillPlaceholders, is, type Query } from 'drizzle-orm'
import type { TypedQueryBuilder } from 'drizzle-orm/query-builders/query-builder'
import { SQLiteBoolean } from 'drizzle-orm/sqlite-core'
import type { Db } from '../db/client.ts'

/** A query that Drizzle composed, of which each row is an object without objects in it. */
type FlatQuery<Row> = TypedQueryBuilder<Readonly<Record<string, unknown>>, Row[]> & { toSQL: () => Query }

/**
 * A way to read the rows of a query: composed by Drizzle and compiled once, then run without it, since it would take
 * longer than SQLite to make an object of each row. Booleans are all that needs decoding.
 *
 * @throws Error where a field has another name in SQL than in the query; `.as()` gives it its own.
 */
export function rowReader<Row extends object>(
  db: Db,
  query: FlatQuery<Row>,
): (values?: Readonly<Record<string, unknown>>) => Row[] {
  const { sql, params } = query.toSQL()
  const statement = db.$client.prepare<unknown[], Record<string, unknown>>(sql)
  const fields = Object.entries(query._.selectedFields)
  const columns = statement.columns().map(({ name }) => name)
  if (fields.map(([name]) => name).join() !== columns.join()) throw new Error(`not the fields of a row: ${sql}`)
  const booleans = fields.filter(([, field]) => is(field, SQLiteBoolean)).map(([name]) => name)
  return (values = {}) => {
    const rows = statement.all(...fillPlaceholders(params, values))
    for (const name of booleans) {
      for (const row of rows) if (row[name] !== null) row[name] = row[name] === 1
    }
    return rows as Row[]
  }
}
