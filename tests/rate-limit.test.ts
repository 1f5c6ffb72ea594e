import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { mostClients, openRequestCounts } from '../src/rate-limit.ts'

/** Counts whose clock stands still until it is set. */
function countsAt(start = 0) {
  const clock = { time: start }
  return { clock, ...openRequestCounts(60_000, () => clock.time) }
}

describe('a window', () => {
  it('begins with the first request of a client and ends after its time, to the millisecond', () => {
    const { clock, count } = countsAt(500)
    expect(count('192.0.2.1')).toEqual({ current: 1, ttl: 60_000 })
    clock.time += 59_999
    expect(count('192.0.2.1')).toEqual({ current: 2, ttl: 1 })
    clock.time += 1
    expect(count('192.0.2.1')).toEqual({ current: 1, ttl: 60_000 })
  })

  it('is of one client', () => {
    const { clock, count } = countsAt()
    count('192.0.2.1')
    clock.time += 1000
    expect(count('192.0.2.2')).toEqual({ current: 1, ttl: 60_000 })
    expect(count('192.0.2.1')).toEqual({ current: 2, ttl: 59_000 })
  })

  it('is the same for the plugin, whose counts go on where the others are', () => {
    const { count, Store } = countsAt()
    const store = new Store({})
    const answers: unknown[] = []
    const incr = (of: Pick<typeof store, 'incr'>) => {
      of.incr('192.0.2.1', (error, result) => answers.push(error ?? result), 60_000, 600)
    }
    count('192.0.2.1')
    incr(store)
    incr(store.child({} as Parameters<typeof store.child>[0]))
    expect(answers).toEqual([2, 3].map((current) => ({ current, ttl: 60_000 })))
    expect(count('192.0.2.1').current).toBe(4)
  })

  it('counts what is asked in it, in whatever order clients come and time passes', () => {
    const asked = fc.record({ client: fc.nat(4), wait: fc.nat(40_000) })
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 60 }), (requests) => {
        const { clock, count } = countsAt()
        const windows = new Map<number, { start: number; made: number }>()
        for (const { client, wait } of requests) {
          clock.time += wait
          let window = windows.get(client)
          if (window === undefined || clock.time - window.start >= 60_000) {
            windows.set(client, (window = { start: clock.time, made: 0 }))
          }
          window.made += 1
          const ttl = window.start + 60_000 - clock.time
          expect(count(`192.0.2.${client}`)).toEqual({ current: window.made, ttl })
        }
      }),
    )
  })
})

describe('a client', () => {
  it.each([
    ['an address of IPv4 in one of IPv6', '192.0.2.1', '::ffff:192.0.2.1'],
    ['the same in other digits', '192.0.2.1', '::FFFF:c000:201'],
    ['a name that a proxy hands on, in other letters', 'unknown', 'Unknown'],
    ['an address of IPv6 in other spellings', '2001:db8::1', '2001:0DB8:0:0:0:0:0:1'],
    ['another address of the same /64 network', '2001:db8::1', '2001:db8::ffff:ffff:ffff:ffff'],
  ])('is one for %s', (_what, one, other) => {
    const { count } = countsAt()
    count(one)
    expect(count(other).current).toBe(2)
  })

  it.each([
    ['192.0.2.1', '192.0.2.2'],
    ['2001:db8:0:1::1', '2001:db8:0:2::1'],
    ['unknown', 'hidden'],
  ])('at %s is not the one at %s', (one, other) => {
    const { count } = countsAt()
    count(one)
    expect(count(other).current).toBe(1)
  })

  it('whose connection is gone has no address, and is counted', () => {
    const { count } = countsAt()
    expect([count(undefined).current, count(undefined).current]).toEqual([1, 2])
  })

  it('is forgotten when as many others were heard of since, and not before', () => {
    const { count } = countsAt()
    const others = Array.from({ length: mostClients - 1 }, (_, at) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`)
    count('192.0.2.1')
    for (const other of others) count(other)
    expect(count('192.0.2.1').current).toBe(2)
    for (const other of others) count(other)
    count('192.0.2.2')
    expect(count('192.0.2.1').current).toBe(1)
  })
})

test('texts that are no addresses take no more room than addresses, however long the header they stand in', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const { count } = countsAt()
  const held = () => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const filler = 'x'.repeat(15_000)
  const textsOf = (at: number) => {
    const texts = [`${filler}${at}`, `unknown-client-${at}`, `2001:db8:${at.toString(16)}::1234`]
    const header = Buffer.from(texts.join('')).toString('latin1')
    const ends = texts.map((_, to) => texts.slice(0, to + 1).join('').length)
    // Parts of one text, as a header is read.
    return ends.map((end, from) => header.slice(ends[from - 1] ?? 0, end))
  }
  const before = held()
  for (let at = 0; at < 4000; at += 1) for (const text of textsOf(at)) count(text)
  // Whole headers would be 60 MB.
  expect(held() - before).toBeLessThan(10_000_000)
  // Nothing is collected that is still counted with.
  expect(count('unknown-client-0').current).toBe(2)
}, 60_000)
