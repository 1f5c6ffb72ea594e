import { getTableColumns, getTableName, sql } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Db } from '../db/client.ts'

/**
 * A way to insert rows of a table: composed by Drizzle and compiled once, then run without it, since it would take
 * longer than SQLite. A column that is left out is null.
 */
export function inserter<Table extends SQLiteTable>(db: Db, table: Table): (row: Table['$inferInsert']) => void {
  const names = Object.keys(getTableColumns(table))
  // As SQL, past Drizzle's encoders: that of booleans would turn null into false.
  const values = Object.fromEntries(names.map((name) => [name, sql`${sql.placeholder(name)}`]))
  const insert = db
    .insert(table)
    .values(values as Table['$inferInsert'])
    .toSQL()
  const statement = db.$client.prepare(insert.sql)
  const encode = (value: unknown) => (typeof value === 'boolean' ? Number(value) : (value ?? null))
  return (row: Readonly<Record<string, unknown>>) => {
    statement.run(names.map((name) => encode(row[name])))
  }
}

/**
 * Fills a table without its indexes and makes them afterwards, which takes far less than to keep them up row by row. What
 * a unique index refuses is refused then; the indexes of primary keys are kept up all the while.
 *
 * @throws SqliteError where the rows are not as unique as an index asks for.
 */
export function indexedAfterwards(db: Db, table: SQLiteTable, fill: () => void): void {
  // In the order in which they were made, by which SQLite chooses between two that would serve a query as well.
  const indexes = db.$client
    .prepare<[string], { name: string; sql: string }>(
      `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ? ORDER BY rowid`,
    )
    .all(getTableName(table))
  for (const { name } of indexes) db.$client.exec(`DROP INDEX "${name}"`)
  fill()
  for (const index of indexes) db.$client.exec(index.sql)
}
