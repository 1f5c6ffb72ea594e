import Sqlite from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { expect, it } from 'vitest'
import { indexedAfterwards, inserter } from '../../src/seed/insert.ts'

const field = sqliteTable('field', { id: text().primaryKey(), crop: text(), fallow: integer({ mode: 'boolean' }) })

function open() {
  const client = new Sqlite(':memory:')
  client.exec(`CREATE TABLE field (id TEXT PRIMARY KEY, crop TEXT, fallow INTEGER);
    CREATE INDEX by_fallow ON field (fallow);
    CREATE UNIQUE INDEX by_crop ON field (crop);
    CREATE INDEX by_use ON field (fallow, crop)`)
  const db = drizzle({ client })
  const indexes = () =>
    client.prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY rowid`).raw().all()
  return { client, db, insert: inserter(db, field), indexes }
}

it('inserts booleans as numbers and what is left out as null', () => {
  const { client, insert } = open()
  insert({ id: 'a', fallow: true })
  insert({ id: 'b', crop: 'rye', fallow: null })
  expect(client.prepare('SELECT * FROM field').raw().all()).toEqual([
    ['a', null, 1],
    ['b', 'rye', null],
  ])
})

it('fills a table without its indexes and leaves them as they were, with every row in them', () => {
  const { client, db, insert, indexes } = open()
  const before = indexes()
  let meanwhile: unknown[] = []
  indexedAfterwards(db, field, () => {
    meanwhile = indexes()
    for (const id of ['c', 'a', 'b']) insert({ id, crop: `crop of ${id}`, fallow: id === 'a' })
  })
  // The index of the primary key has no statement of its own and stays.
  expect(meanwhile).toEqual([['sqlite_autoindex_field_1', null]])
  expect(before).toHaveLength(4)
  expect(indexes()).toEqual(before)
  const ofCrop = client.prepare('SELECT id FROM field INDEXED BY by_crop WHERE crop > ? ORDER BY crop').pluck()
  expect(ofCrop.all('crop of a')).toEqual(['b', 'c'])
  expect(client.pragma('integrity_check', { simple: true })).toBe('ok')
})

it('leaves the indexes of other tables alone, which may be filled at the same time', () => {
  const { client, db, indexes } = open()
  client.exec('CREATE TABLE barn (id TEXT PRIMARY KEY, owner TEXT); CREATE UNIQUE INDEX by_owner ON barn (owner)')
  indexedAfterwards(db, field, () => {
    expect(indexes()).toContainEqual(['by_owner', expect.stringContaining('barn')])
  })
})

it('refuses what a unique index refuses, when the rows are in', () => {
  const { db, insert } = open()
  expect(() => {
    indexedAfterwards(db, field, () => {
      insert({ id: 'a', crop: 'rye' })
      insert({ id: 'b', crop: 'rye' })
    })
  }).toThrow('UNIQUE constraint failed: field.crop')
})
