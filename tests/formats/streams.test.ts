/** What holds for every format as a stream: it pulls as it is read, hands on what fails, and ends its source. */
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { setImmediate as turnOfEventLoop } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { csvStream } from '../../src/formats/csv.ts'
import { ndjsonStream } from '../../src/formats/ndjson.ts'
import { parquetStream } from '../../src/formats/parquet.ts'
import { countTurns } from '../support/turns.ts'

const rowsOfPage = 5
const page = Array.from({ length: rowsOfPage }, (_, id) => ({ id }))
const texts = page.map((row) => JSON.stringify(row))

type Format = {
  /** The stream of the format over as many equal pages as the source gives. */
  open: (source: Iterable<unknown>) => Readable
  /** Pages that it may hold at once: what is being written and what waits to be read. */
  holds: number
}
const formats: Record<string, Format> = {
  csv: { open: (source) => csvStream(each(source, page), ['id']), holds: 2 },
  ndjson: { open: (source) => ndjsonStream(each(source, texts)), holds: 2 },
  parquet: {
    open: (source) =>
      parquetStream(each(source, page), [{ name: 'id', type: 'INT32', nullable: false }], {}, { rowGroupSize: 10 }),
    holds: 4,
  },
}

/** A source of many pages that notes what becomes of it; it may fail after some of them. */
function source({ failsAfter = Infinity, error }: { failsAfter?: number; error?: Error } = {}) {
  const seen = { pulled: 0, returned: 0 }
  const iterator: Iterator<undefined, undefined> = {
    next() {
      if (seen.pulled >= failsAfter) throw error ?? new Error('the source failed')
      seen.pulled++
      // Far more than a test reads, but not endless: what never turned the event loop would hang the tests.
      return { done: seen.pulled > 1000, value: undefined }
    },
    return() {
      seen.returned++
      return { done: true, value: undefined }
    },
  }
  return { seen, [Symbol.iterator]: () => iterator }
}

/** Gives the same for each thing of a source, and ends the source where it is itself ended. */
function* each<Page>(things: Iterable<unknown>, same: Page): Generator<Page> {
  for (const _ of things) yield same
}

const closed = (stream: Readable) =>
  stream.closed ? Promise.resolve() : new Promise<void>((done) => stream.once('close', done))

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await turnOfEventLoop()
}

describe.each(Object.entries(formats))('%s', (_, { open, holds }) => {
  it('pulls no page before it is read, and then no more than its reader makes room for', async () => {
    const pages = source()
    const stream = open(pages)
    await turns(20)
    expect(pages.seen.pulled).toBe(0)
    for (let read = 0; read < 20;) {
      const before = pages.seen.pulled
      if (stream.read() === null) await once(stream, 'readable')
      else read++
      await turns(20)
      expect(pages.seen.pulled - before).toBeLessThanOrEqual(holds)
    }
    expect(pages.seen.pulled).toBeGreaterThan(0)
    stream.destroy()
  })

  it('lets the event loop turn between two pages, however fast its reader is', async () => {
    const turn = countTurns()
    const pulledAt: number[] = []
    const pages = (function* () {
      for (let number = 0; number < 50; number++) {
        pulledAt.push(turn())
        yield number
      }
    })()
    await buffer(open(pages))
    expect(pulledAt).toHaveLength(50)
    expect(new Set(pulledAt).size).toBe(50)
  })

  it('is destroyed by an error of its source, after what was read before', async () => {
    const error = new Error('the disk is gone')
    const pages = source({ failsAfter: 7, error })
    const stream = open(pages)
    let bytes = 0
    stream.on('data', (chunk: Buffer) => (bytes += chunk.length))
    await expect(finished(stream)).rejects.toBe(error)
    expect(stream.destroyed).toBe(true)
    expect(stream.readableEnded).toBe(false)
    expect(bytes).toBeGreaterThan(0)
  })

  it.each([
    ['without an error', undefined],
    ['with an error', new Error('the client is gone')],
  ])('ends its source when it is destroyed midway %s', async (_, error) => {
    const pages = source()
    const stream = open(pages)
    stream.on('error', () => {
      // That it was told of is all that matters here.
    })
    await once(stream, 'readable')
    stream.read()
    await turns(5)
    stream.destroy(error)
    await closed(stream)
    const { pulled } = pages.seen
    expect(pages.seen.returned).toBe(1)
    await turns(20)
    expect(pages.seen).toEqual({ pulled, returned: 1 })
  })

  it('ends its source when it is destroyed while a page is on its way', async () => {
    const pages = source()
    const stream = open(pages)
    stream.resume()
    while (pages.seen.pulled < 3) await turnOfEventLoop()
    stream.destroy()
    const { pulled } = pages.seen
    await closed(stream)
    expect(pages.seen.returned).toBe(1)
    expect(pages.seen.pulled - pulled).toBeLessThanOrEqual(1)
  })
})
