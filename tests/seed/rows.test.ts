import Sqlite from 'better-sqlite3'
import { asc, eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { expect, it } from 'vitest'
import { rowReader } from '../../src/seed/rows.ts'

const field = sqliteTable('field', { id: text(), crop: text(), fallow: integer({ mode: 'boolean' }), area: integer() })

function open() {
  const client = new Sqlite(':memory:')
  client.exec(`CREATE TABLE field (id TEXT, crop TEXT, fallow INTEGER, area INTEGER);
    INSERT INTO field VALUES ('a', 'rye', 0, 1), ('b', NULL, 1, 0), ('c', 'rye', NULL, NULL)`)
  return drizzle({ client })
}

it('gives the rows that Drizzle gives, with booleans and nulls, in the order of the fields', () => {
  const db = open()
  const query = db.select().from(field).orderBy(asc(field.id))
  const rows = rowReader(db, query)()
  expect(rows).toEqual(query.all())
  expect(rows.map(({ fallow }) => fallow)).toEqual([false, true, null])
  expect(JSON.stringify(rows)).toBe(JSON.stringify(query.all()))
})

it('is given the values of placeholders each time', () => {
  const db = open()
  const read = rowReader(
    db,
    db
      .select({ id: field.id, big: sql<number>`${field.area} + ${sql.placeholder('more')}`.as('big') })
      .from(field)
      .where(eq(field.id, sql.placeholder('id'))),
  )
  expect(read({ id: 'a', more: 10 })).toEqual([{ id: 'a', big: 11 }])
  expect(read({ id: 'b', more: 5 })).toEqual([{ id: 'b', big: 5 }])
  expect(read({ id: 'z', more: 5 })).toEqual([])
})

it('refuses a query whose fields have other names in SQL, or objects in them', () => {
  const db = open()
  expect(() => rowReader(db, db.select({ name: field.id }).from(field))).toThrow('not the fields of a row')
  expect(() => rowReader(db, db.select({ it: { id: field.id, crop: field.crop } }).from(field))).toThrow(
    'not the fields of a row',
  )
})
