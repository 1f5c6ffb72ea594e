/** Figures found by a hash of their id: each is, none is for an id of no figure, and ids of one hash are told apart. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import Sqlite from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase, type Db } from '../../src/db/client.ts'
import { getFigure, isFigure } from '../../src/db/figures.ts'
import { packKeys, positionsFor, type Keys } from '../../src/db/keys.ts'
import { bytesOf, numbersOf } from '../../src/db/positions.ts'
import { buildSyntheticDatabase } from '../../src/seed/build.ts'
import { temporaryFolder } from '../support/seed.ts'

const figures = 3000
const folder = temporaryFolder(afterAll)
const path = join(folder, 'metrics.db')
let db: Db
let stored: { position: number; id: string }[]

/** As they are stored. */
function readKeys(client: Db['$client']): (id: string) => number[] {
  const all = client.prepare<[], Buffer>('SELECT keys FROM served_key ORDER BY bucket').pluck().all()
  return (id) => positionsFor(id, all.length, (bucket) => numbersOf(all[bucket] ?? expect.unreachable()))
}

const readStored = (client: Db['$client']) =>
  client.prepare<[], { position: number; id: string }>('SELECT position, id FROM served_figure').all()

beforeAll(() => {
  buildSyntheticDatabase(path, { figures, seed: 5 })
  db = openDatabase(path)
  stored = readStored(db.$client)
})
afterAll(() => db.$client.close())

describe('a figure by its id', () => {
  it('is found, in one of several buckets', () => {
    expect(stored).toHaveLength(figures)
    expect(db.$client.prepare('SELECT count(*) FROM served_key').pluck().get()).toBeGreaterThan(3)
    const positionsOf = readKeys(db.$client)
    for (const { position, id } of stored) {
      expect(positionsOf(id), id).toContain(position)
      expect(getFigure(db, id)?.id).toBe(id)
    }
  })

  it('that is none of any figure is not', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-z\d-]{1,40}$/)), (id) => {
        expect(getFigure(db, id) !== undefined).toBe(isFigure(db, id))
      }),
      { numRuns: 1000 },
    )
  })

  it('is told from another of the same hash', () => {
    const [one, other, absent] = ['plumless', 'buckeroo', 'gnu']
    expect(crc32(one)).toBe(crc32(other))
    expect(crc32('codding')).toBe(crc32(absent))
    const copy = join(folder, 'collisions.db')
    copyFileSync(path, copy)
    const client = new Sqlite(copy)
    const rename = client.prepare('UPDATE served_figure SET id = ? WHERE position = ?')
    for (const [at, id] of [one, other, 'codding'].entries()) rename.run(id, 10 * at + 1)
    const renamed = readStored(client)
    const keys = packKeys(
      renamed.map(({ id }) => id),
      Uint32Array.from(renamed, ({ position }) => position),
    )
    const replace = client.prepare('UPDATE served_key SET keys = ? WHERE bucket = ?')
    for (const [bucket, packed] of keys.entries()) replace.run(bytesOf(packed), bucket)
    client.close()
    const open = openDatabase(copy)
    const positionsOf = readKeys(open.$client)
    expect(positionsOf(one).toSorted((a, b) => a - b)).toEqual([1, 11])
    expect([one, other].map((id) => getFigure(open, id)?.id)).toEqual([one, other])
    expect(positionsOf(absent)).toEqual([21])
    expect(getFigure(open, absent)).toBeUndefined()
    open.$client.close()
  })
})

describe('buckets', () => {
  it('have each id at its position, and nothing else', () => {
    const ids = fc.uniqueArray(fc.string(), { maxLength: 3000, size: 'max' })
    fc.assert(
      fc.property(ids, (ids) => {
        const buckets = packKeys(
          ids,
          Uint32Array.from(ids, (_, at) => at + 1),
        )
        expect(buckets.reduce((sum, { length }) => sum + length, 0)).toBe(2 * ids.length)
        const read = (bucket: number): Keys => buckets[bucket] ?? expect.unreachable()
        for (const [at, id] of ids.entries()) expect(positionsFor(id, buckets.length, read), id).toContain(at + 1)
      }),
      { numRuns: 30 },
    )
  })
})
