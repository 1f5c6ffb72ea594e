import { getTableColumns, sql } from 'drizzle-orm'
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
