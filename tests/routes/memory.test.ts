/**
 * What is given from memory, held to what the same service makes anew: a twin over the same database, which is asked the
 * same but remembers nothing.
 */
import { createHook } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { brotliCompressSync, constants } from 'node:zlib'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { beforeAll, describe, expect, it } from 'vitest'
import { openMemory, type Memory } from '../../src/routes/memory.ts'
import { buildSyntheticDatabase } from '../../src/seed/build.ts'
import { addressOf as addressOfOperation, plainly, readContract, type Operation } from '../support/openapi.ts'
import {
  addressOf,
  anyFilter,
  anySpelling,
  columns,
  facetColumns,
  partsOf,
  readWorld,
  sorts,
  type Filter,
  type World,
} from '../support/query.ts'
import { readProblem, serviceForTests, startService, type Answer, type Options } from '../support/service.ts'
import { watchForTests } from '../support/ways.ts'
import { converse, readAnswers } from '../support/wire.ts'

type Kept = NonNullable<ReturnType<Memory['answers']['get']>>

/** Too little for any answer. */
const forgetful = () => openMemory(1)

/** A service, its twin without memory, and how the first came to its answers. */
function twins(options: Options = {}) {
  const memory = openMemory()
  const service = serviceForTests({ memory, ...options })
  const twin = serviceForTests({ ...options, memory: forgetful() })
  const { latest, counts } = watchForTests(service)
  const twinWays = watchForTests(twin)
  return { memory: options.memory ?? memory, service, twin, latest, counts, twinWays }
}

/** An answer without what is of one request: its id, its place in the limit, its time. */
const ofAll = ({ status, headers, body }: Answer) => ({
  status,
  headers: Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => !['x-request-id', 'date'].includes(name) && !name.startsWith('x-ratelimit-'),
    ),
  ),
  body: body.toString('latin1'),
})

function expectSame(actual: Answer, expected: Answer, what: string): void {
  const [one, other] = [ofAll(actual), ofAll(expected)]
  expect({ ...one, body: one.body.length }, what).toEqual({ ...other, body: other.body.length })
  expect(one.body === other.body, `the bytes of ${what}`).toBe(true)
}

/** Shorter bodies are never packed. */
const packed = 1024
const codings = [undefined, 'gzip', 'br', 'identity', 'gzip, deflate, br, zstd', 'br;q=0.5, gzip', '*', 'zstd'] as const
const inCoding = (coding: string | undefined) => (coding === undefined ? {} : { 'accept-encoding': coding })

const seeded = twins()
/** So many that a file of them is more than one page. */
const manyFigures = (path: string) => {
  buildSyntheticDatabase(path, { figures: 1500, seed: 3 })
}
const generated = twins({ build: manyFigures })
const databases: [name: string, twins: ReturnType<typeof twins>][] = [
  ['the five documents', seeded],
  ['generated figures', generated],
]
const worlds = new Map<unknown, World>()
beforeAll(async () => {
  // Read from the twins, which remember nothing of it.
  for (const [, pair] of databases) worlds.set(pair, await readWorld(pair.twin))
}, 60_000)
const worldOf = (pair: unknown): World => worlds.get(pair) ?? expect.unreachable('the world is read before tests')

const isFile = (type: string) => /csv|ndjson|parquet/.test(type)
const isHealth = ({ path }: Operation) => ['/livez', '/readyz'].includes(path)
// Up before the tests are collected: the document says which operations there are.
const described = await startService()
const { operations } = await readContract(described)
await described.close()

/** A request for each operation in each media type, as `[address, Accept]`. */
const requests = operations
  .filter((operation) => !isHealth(operation))
  .flatMap((operation) => plainly(operation))
  .map((asked): [string, string] => [addressOfOperation(asked), asked.headers?.['accept'] ?? ''])
const kept = [
  // The coverage has more rows than are read at a time, here too.
  ...requests.filter(([address, accept]) => address !== '/v1/coverage' || !isFile(accept)),
  ...[
    '/v1/figures?limit=3',
    '/v1/figures?limit=3&format=json',
    '/v1/figures?fields=id,value&limit=1000',
    '/v1/figures?facet=metric,year&limit=1',
    '/v1/figures?as_of=2019-12-31&sort=value',
    '/v1/metrics?limit=1',
    '/v1/comparisons?limit=2&relation=repeats',
    ...['csv', 'csv&bom=true', 'ndjson', 'parquet', 'csv&limit=2', 'ndjson&limit=2', 'parquet&limit=2'].map(
      (format) => `/v1/figures?format=${format}`,
    ),
  ].map((address): [string, string] => [address, '*/*']),
]
/** Files of more rows than are read at a time, of the generated figures. */
const files = ['figures', 'comparisons', 'coverage'].flatMap((list) =>
  ['csv', 'ndjson', 'parquet', 'csv&limit=251', 'ndjson&limit=251']
    .filter((format) => list === 'figures' || format !== 'parquet')
    .map((format) => `/v1/${list}?format=${format}`),
)

describe('an answer given again', () => {
  const { service, twin, latest, twinWays } = seeded

  it('is looked for in every resource', () => {
    expect(kept.length).toBeGreaterThan(20)
    expect(kept.filter(([, accept]) => isFile(accept)).length).toBeGreaterThan(4)
    const types = new Set(kept.map(([, accept]) => accept))
    for (const type of ['text/html', 'application/x-bibtex', 'text/yaml', 'application/yaml']) {
      expect(types).toContain(type)
    }
  })

  it.each(kept)('of %s as %s is the one that was made, in each coding', async (address, accept) => {
    // A page names the host that it was asked from.
    const headers = { accept, host: 'figures.example' }
    const whole = await service.ask(address, { headers })
    expect([whole.status, latest()]).toEqual([200, 'made'])
    for (const coding of codings) {
      const dress = { headers: { ...headers, ...inCoding(coding) } }
      const known = latest()
      const again = await service.ask(address, dress)
      // Packed once, when first wanted so.
      expect(['given', 'settled'], `${known} before`).toContain(latest())
      const oncemore = await service.ask(address, dress)
      expect(latest(), coding).toBe('given')
      const anew = await twin.ask(address, dress)
      expect(twinWays.latest(), 'the twin remembers nothing').toBe('made')
      expectSame(again, anew, `${address} in ${coding}`)
      expectSame(oncemore, anew, `${address} in ${coding} once more`)
      expect(anew.headers['content-encoding'] === undefined).toBe(
        whole.body.length < packed || ['identity', 'zstd', undefined].includes(coding),
      )
    }
    expectSame(await service.ask(address, { headers }), whole, address)
  })

  it.each(['gzip', 'br'])('that was first made in %s is whole in every other coding', async (first) => {
    for (const [at, address] of ['/v1/figures', '/v1/metrics', '/'].entries()) {
      const own = `${address === '/' ? '/v1/documents' : address}?limit=${20 + at + first.length}`
      await service.ask(own, { headers: inCoding(first) })
      expect(latest()).toBe('made')
      for (const coding of codings) {
        const dress = { headers: inCoding(coding) }
        expectSame(await service.ask(own, dress), await twin.ask(own, dress), `${own} in ${coding} after ${first}`)
        expect(latest()).not.toBe('made')
      }
    }
  })

  it('when many ask at once for what is not kept yet is the same for all', async () => {
    const asked = Array.from({ length: 40 }, (_, at) => ({
      address: '/v1/figures?limit=37&sort=value',
      dress: { headers: inCoding(codings[at % codings.length]) },
    }))
    const answers = await Promise.all(asked.map(({ address, dress }) => service.ask(address, dress)))
    for (const [at, { address, dress }] of asked.entries()) {
      expectSame(answers[at] ?? expect.unreachable(), await twin.ask(address, dress), `${at} at once`)
    }
  })

  it.each(['br', 'gzip'])('is packed once, by %s, however many ask at once', async (coding) => {
    let packings = 0
    const hook = createHook({
      init: (_id, type) => {
        if (type === 'ZLIB') packings += 1
      },
    }).enable()
    const address = `/v1/figures?limit=38&sort=${coding === 'br' ? 'value' : '-value'}`
    const headers = inCoding(coding)
    const answers = await Promise.all(Array.from({ length: 40 }, () => service.ask(address, { headers })))
    hook.disable()
    expect(packings).toBe(1)
    const anew = await twin.ask(address, { headers })
    for (const answer of answers) expectSame(answer, anew, address)
  })

  it.each([
    ['/v1/figures', 'application/json'],
    ['/v1/figures?limit=2', 'application/json'],
    ['/v1/metrics', 'application/json'],
    ['/', 'text/html'],
  ])(
    'of %s as %s by Brotli takes little memory, and is as short as with its default window',
    async (address, accept) => {
      const plain = await twin.ask(address, { headers: { accept } })
      const { body } = await twin.ask(address, { headers: { accept, ...inCoding('br') } })
      const params = { [constants.BROTLI_PARAM_QUALITY]: 5 }
      // To say which window it is may take a byte more.
      expect(body.length).toBeLessThanOrEqual(brotliCompressSync(plain.body, { params }).length + 1)
      // RFC 7932, section 9.1, from the lowest bit on: 0 is a window of 16, 1000 one of 10 to 17 and 1100 one of 18.
      const first = body[0] ?? 0
      expect((first & 1) === 0 || ((first >> 1) & 7) <= 1, `window of ${first.toString(2)}`).toBe(true)
    },
  )

  it('has its own request id, which the client may choose, and its own place in the limit', async () => {
    const address = '/v1/dataset'
    await service.ask(address)
    const ids = ['mine', 'a.b-c_1', undefined, 'not harmless!', 'x'.repeat(65), undefined]
    const answers: Answer[] = []
    for (const id of ids) {
      answers.push(await service.ask(address, { headers: id === undefined ? {} : { 'x-request-id': id } }))
      expect(latest()).toBe('given')
    }
    const given = answers.map(({ headers }) => headers['x-request-id'])
    expect(given.slice(0, 2)).toEqual(['mine', 'a.b-c_1'])
    expect(given).not.toContain('not harmless!')
    for (const id of given.slice(2)) expect(id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
    expect(new Set(given).size).toBe(ids.length)
    const left = answers.map(({ headers }) => Number(headers['x-ratelimit-remaining']))
    expect(left).toEqual(left.map((_, at) => (left[0] ?? 0) - at))
  })
})

describe('the head of an answer that is given', () => {
  const { service, latest, twin, twinWays } = seeded

  /** The lines of the heads of all answers on one connection, sorted, without what is of one request or moment. */
  async function heads({ app }: { app: FastifyInstance }, requests: string[]) {
    const { port } = app.server.address() as AddressInfo
    const bytes = await converse(port, (socket) => {
      socket.write(requests.join(''))
    })
    const statusLines = [...bytes.toString('latin1').matchAll(/^HTTP\/1\.1 .*$/gm)].map(String)
    return readAnswers(bytes).map(({ headers }, at) => ({
      start: statusLines[at],
      lines: Object.entries(headers)
        .filter(([name]) => !name.startsWith('x-ratelimit-') && name !== 'x-request-id')
        .map(([name, value]) => `${name}: ${name === 'date' ? '' : String(value)}`)
        .toSorted(),
      date: String(headers.date),
    }))
  }

  it.each([
    ['HTTP/1.1', '', 'Connection: close\r\n'],
    ['HTTP/1.1', 'Connection: keep-alive\r\n', 'Connection: close\r\n'],
    ['HTTP/1.0', 'Connection: keep-alive\r\n', ''],
  ])('by %s with "%s", then "%s", is what Node writes', async (version, first, last) => {
    const address = '/v1/figures?limit=9'
    const { etag = '' } = (await service.ask(address)).headers
    const asked = (connection: string, more = '') =>
      `GET ${address} ${version}\r\nHost: figures.example\r\nAccept: */*\r\n${more}${connection}\r\n`
    const packedOne = 'Accept-Encoding: gzip\r\n'
    const fresh = `If-None-Match: ${etag}\r\n`
    // So that the compressed form is there too.
    await heads(service, [asked(last, packedOne)])
    for (const more of ['', packedOne, fresh]) {
      const requests = [asked(first, more), asked(first, more), asked(last, more)]
      const given = await heads(service, requests)
      expect(latest()).toBe('given')
      const made = await heads(twin, requests)
      expect(twinWays.latest()).not.toBe('given')
      // After a 304, which has no length, Node keeps no connection of HTTP/1.0.
      expect(given).toHaveLength(version === 'HTTP/1.0' && more === fresh ? 1 : 3)
      const withoutDate = (answers: typeof given) => answers.map(({ start, lines }) => ({ start, lines }))
      expect(withoutDate(given)).toEqual(withoutDate(made))
      for (const { date } of given) expect(Math.abs(Date.parse(date) - Date.now())).toBeLessThan(60_000)
    }
  })
})

describe('a figure by its id', () => {
  const { memory, service, twin, latest, twinWays } = twins()
  const ids = async () => {
    const { data } = JSON.parse((await twin.ask('/v1/figures?limit=1000&fields=id')).body.toString()) as {
      data: { id: string }[]
    }
    return data.map(({ id }) => id)
  }

  it('is given before routing though it was never asked for, once another was, and is the one that would be made', async () => {
    const [first = '', ...others] = await ids()
    const { etag = '' } = (await twin.ask(`/v1/figures/${first}`)).headers
    await service.ask(`/v1/figures/${first}`)
    expect(latest()).toBe('made')
    const { size } = memory.answers
    const dresses = [{}, { accept: '*/*' }, { accept: 'application/json' }, { 'if-none-match': etag }]
    for (const [at, id] of others.entries()) {
      const headers = dresses[at % dresses.length] ?? {}
      const answer = await service.ask(`/v1/figures/${id}`, { headers })
      expect([answer.status, latest()]).toEqual(['if-none-match' in headers ? 304 : 200, 'given'])
      const anew = await twin.ask(`/v1/figures/${id}`, { headers })
      expect(twinWays.latest()).not.toBe('given')
      expectSame(answer, anew, id)
    }
    expect(others.length).toBeGreaterThan(50)
    // As quickly read as given again, it takes no room.
    expect(memory.answers.size).toBe(size)
  })

  it.each([
    ['as another type', '', { accept: 'text/html' }, 406],
    ['compressed', '', { 'accept-encoding': 'gzip' }, 200],
    ['with a query', '?format=json', {}, 400],
    ['by a path beneath it', '/citation', {}, 200],
    ['by an id that there is not', 'x', {}, 404],
    ['by an escape', '%41', {}, 404],
  ])('is routed %s', async (_what, more, headers, status) => {
    const [, , id = ''] = await ids()
    await service.ask(`/v1/figures/${id}`)
    const address = `/v1/figures/${id}${more}`
    const answer = await service.ask(address, { headers })
    expect(latest()).not.toBe('given')
    const anew = await twin.ask(address, { headers })
    expectSame(answer, anew, address)
    expect(answer.status).toBe(status)
  })

  it('that cannot be read is a fault of ours, and the service goes on', async () => {
    const [, , , id = '', other = ''] = await ids()
    await service.ask(`/v1/figures/${other}`)
    expect(latest()).toBe('given')
    service.db.$client.close()
    await readProblem(await service.ask(`/v1/figures/${id}`), 500)
    expect((await service.ask('/livez')).status).toBe(200)
  })
})

describe('a file of more rows than are read at a time', () => {
  const { memory, service, latest } = generated

  it.each(files)('is made each time: %s', async (address) => {
    for (const coding of [undefined, 'gzip', undefined]) {
      const { answers, spellings } = memory
      const before = [answers.size, spellings.size]
      const { status, headers } = await service.ask(address, { headers: inCoding(coding) })
      expect([status, latest()]).toEqual([200, 'made'])
      expect(headers['content-length']).toBeUndefined()
      expect([answers.size, spellings.size]).toEqual(before)
    }
  })
})

/** Letters and signs of an address, some written as escapes; what parts names from values stays. */
const anyEscapes = (address: string): fc.Arbitrary<string> => {
  const signs = address.match(/%[\da-f]{2}|./gi) ?? []
  return fc.array(fc.integer({ min: 0, max: 4 }), { minLength: signs.length, maxLength: signs.length }).map((drawn) =>
    signs
      .map((sign, at) => {
        const isFixed = sign.length > 1 || /[/?&=]/.test(sign)
        return isFixed || drawn[at] !== 0 ? sign : `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`
      })
      .join(''),
  )
}

/** Accept headers that all ask for JSON. */
const forJson = [
  ...[undefined, '', '*/*', 'application/*', 'application/json', 'Application/JSON', 'application/json;charset=utf-8'],
  ...['text/csv;q=0.1, application/json', 'image/png, */*;q=0.1', 'application/json , text/html;q=0.5'],
]
const accepting = (accept: string | undefined) => (accept === undefined ? {} : { accept })

const ofPage = fc.record(
  {
    sort: fc.constantFrom(...sorts),
    limit: fc.integer({ min: 1, max: 30 }),
    fields: fc.uniqueArray(fc.constantFrom(...columns), { minLength: 1, maxLength: 5 }),
    facet: fc.uniqueArray(fc.constantFrom(...facetColumns), { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [] },
)

describe.each(databases)('over %s', (_name, pair) => {
  const { memory, service, twin, latest, counts, twinWays } = pair

  it('a query spelt otherwise is one entry, and the same answer', async () => {
    const anySpellings = fc
      .tuple(anyFilter(worldOf(pair)), ofPage)
      .chain(([filter, page]) =>
        fc.array(anySpelling(partsOf(filter, page)).chain(anyEscapes), { minLength: 4, maxLength: 4 }),
      )
    await fc.assert(
      fc.asyncProperty(
        anySpellings,
        fc.array(fc.constantFrom(...forJson), { minLength: 4, maxLength: 4 }),
        fc.constantFrom(...codings),
        async (spellings, accepts, coding) => {
          const before = memory.answers.size
          const [first = '', ...others] = spellings
          const anew = await twin.ask(first, { headers: inCoding(coding) })
          expect([anew.status, twinWays.latest()]).toEqual([200, 'made'])
          for (const [at, address] of [first, ...others, ...spellings].entries()) {
            const dress = { headers: { ...accepting(accepts[at % 4]), ...inCoding(coding) } }
            expectSame(await service.ask(address, dress), anew, address)
            // The first may have been drawn before; the others are known, and in the second round as they are spelt.
            if (at > 0) expect(latest(), address).not.toBe('made')
            if (at >= 4) expect(latest(), address).toBe('given')
          }
          expect(memory.answers.size).toBeLessThanOrEqual(before + 1)
        },
      ),
      { numRuns: 80 },
    )
  })

  it('whatever was asked before, a request is answered as if it had been the first', async () => {
    // Few of each, so that they meet again in other company.
    const filters = fc.sample(anyFilter(worldOf(pair)), { numRuns: 1, seed: 5 })
    const anyRequest = fc.record({
      filter: fc.constantFrom<Filter>({}, ...filters),
      format: fc.constantFrom(undefined, undefined, 'json', 'csv'),
      limit: fc.constantFrom(2, 3, 3),
      fields: fc.constantFrom(undefined, ['id', 'value'], ['value', 'id']),
      accept: fc.constantFrom(undefined, 'application/json', 'text/csv', 'image/png'),
      coding: fc.constantFrom(...codings),
      condition: fc.constantFrom(undefined, undefined, '*', 'W/"other"'),
      onwards: fc.boolean(),
    })
    const before = { ...counts }
    await fc.assert(
      fc.asyncProperty(anyRequest, async ({ filter, accept, coding, condition, onwards, ...parameters }) => {
        const headers = {
          ...accepting(accept),
          ...inCoding(coding),
          ...(condition !== undefined && { 'if-none-match': condition }),
        }
        let address = addressOf(filter, parameters)
        for (let step = 0; step < 2; step += 1) {
          const anew = await twin.ask(address, { headers })
          expectSame(await service.ask(address, { headers }), anew, `${address} ${JSON.stringify(headers)}`)
          const next = /^<([^>]+)>/.exec(String(anew.headers['link'] ?? ''))?.[1]
          if (!onwards || next === undefined) break
          address = next
        }
      }),
      { numRuns: 500 },
    )
    expect(twinWays.counts.given, 'the twin remembers nothing').toBe(0)
    expect(counts.given - before.given).toBeGreaterThan(100)
    expect(counts.made - before.made).toBeGreaterThan(30)
  })
})

describe('answers of different types', () => {
  const { service, latest } = seeded

  it.each([
    ['/', ['application/json', 'text/html']],
    ['/openapi.yaml', ['application/yaml', 'text/yaml']],
    ['/v1/documents/cnwg-statement-2021/citation', ['text/plain', 'application/x-bibtex']],
  ])('of %s never mix up: %s', async (address, types) => {
    for (const accept of [...types, ...types]) {
      const { headers } = await service.ask(address, { headers: { accept } })
      expect(headers['content-type']?.split(';', 1)[0]).toBe(accept)
    }
    expect(latest()).toBe('given')
  })
})

describe('under a public address', () => {
  const { service, twin, latest } = twins({ settings: { PUBLIC_URL: 'https://figures.example/base' } })

  it.each(kept.filter(([address]) => !address.startsWith('/openapi')))(
    '%s as %s is given with its links',
    async (address, accept) => {
      const dress = { headers: { accept } }
      const made = await service.ask(address, dress)
      const again = await service.ask(address, dress)
      expect(latest()).toBe('given')
      expectSame(again, made, address)
      expectSame(again, await twin.ask(address, dress), address)
      expect(again.body.toString('utf8')).not.toMatch(/"(url|next)":"\//)
    },
  )
})

describe('If-None-Match', () => {
  const { service, twin, latest } = twins()
  const targets = kept.filter(([address]) => /^\/(\?|$|v1\/(figures|metrics|dataset|documents))/.test(address))

  it.each(targets)('for %s as %s is settled alike before and after the answer is kept', async (address, accept) => {
    const host = 'figures.example'
    const { headers } = await twin.ask(address, { headers: { accept, host } })
    const tag = String(headers.etag)
    const strong = tag.replace('W/', '')
    const conditions: [condition: string, status: number][] = [
      ...[tag, strong, '*', `"a", ${tag}, "b"`, `${strong},W/"b"`, `W/"b" ,${tag}`].map((text): [string, number] => [
        text,
        304,
      ]),
      ...['"a"', 'W/"a", "b"', '', tag.replace(/-\w[^-]*"$/, '-other"'), tag.slice(0, -1), 'nonsense, *'].map(
        (text): [string, number] => [text, 200],
      ),
    ]
    const dress = (condition: string, coding?: string) => ({
      headers: { accept, host, 'if-none-match': condition, ...inCoding(coding) },
    })
    // That the tag is still right is enough to know from then on, though there is no body to give.
    for (const [at, [condition]] of conditions.filter(([, expected]) => expected === 304).entries()) {
      const answer = await service.ask(address, dress(condition))
      expect([answer.status, latest()], condition).toEqual([304, at === 0 ? 'settled' : 'given'])
      expectSame(answer, await twin.ask(address, dress(condition)), `${address} with ${condition} before it is kept`)
    }
    await service.ask(address, { headers: { accept, host } })
    expect(latest(), 'the first body').toBe('made')
    for (const coding of ['br', undefined]) {
      await service.ask(address, { headers: { accept, host, ...inCoding(coding) } })
      for (const [condition, status] of conditions) {
        const anew = await twin.ask(address, dress(condition, coding))
        const answer = await service.ask(address, dress(condition, coding))
        expect([anew.status, answer.status, latest()], condition).toEqual([status, status, 'given'])
        expectSame(answer, anew, `${address} with ${condition}`)
      }
    }
  })

  it('with what makes a client hear from the origin is settled alike', async () => {
    const dress = { headers: { 'if-none-match': '*', 'cache-control': 'no-cache', 'if-modified-since': 'yesterday' } }
    for (const address of ['/v1/figures', '/v1/metrics']) {
      await service.ask(address)
      expectSame(await service.ask(address, dress), await twin.ask(address, dress), address)
      expect(latest()).toBe('given')
    }
  })
})

describe('never from memory', () => {
  const { memory, service, twin, latest } = twins()
  const address = '/v1/metrics'
  beforeAll(async () => {
    await service.ask(address)
    await service.ask(address)
    expect(latest()).toBe('given')
  })
  const state = () => ({ answers: [...memory.answers.keys()].toSorted(), spellings: memory.spellings.size })

  it.each(['HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'PATCH'])('is a %s answered', async (method) => {
    const before = state()
    for (const dress of [{ method }, { method, headers: { 'if-none-match': '*' } }]) {
      const answer = await service.ask(address, dress)
      expect(latest()).not.toBe('given')
      expectSame(answer, await twin.ask(address, dress), method)
    }
    expect(state()).toEqual(before)
  })

  const head = (line: string, ...headers: string[]) => [line, 'Connection: close', ...headers, '', ''].join('\r\n')
  const get = `GET ${address} HTTP/1.1`
  it.each([
    ['with a body', 200, `${head(get, 'Host: x', 'Content-Length: 2')}{}`],
    ['with an empty body', 200, head(get, 'Host: x', 'Content-Length: 0')],
    ['with a body in chunks', 200, `${head(get, 'Host: x', 'Transfer-Encoding: chunked')}2\r\n{}\r\n0\r\n\r\n`],
    ['with a body too long', 413, `${head(get, 'Host: x', 'Content-Length: 2000')}${'x'.repeat(2000)}`],
    ['without Host', 400, head(get)],
    ['with two Hosts', 400, head(get, 'Host: x', 'Host: y')],
    ['with an expectation', 200, head(get, 'Host: x', 'Expect: 100-continue')],
    ['with an expectation unknown', 417, head(get, 'Host: x', 'Expect: a-miracle')],
    ['that is not HTTP', 400, 'GET /v1/metrics HTTP/9\r\n\r\n'],
  ])('is a GET %s answered, but as %i', async (_what, status, bytes) => {
    const before = state()
    const answer = await service.send(bytes)
    const known = latest()
    const anew = await twin.send(bytes)
    expect(known).not.toBe('given')
    expect(answer.status).toBe(anew.status)
    expect(answer.body.toString().replace(/[\da-f-]{36}/, '')).toBe(anew.body.toString().replace(/[\da-f-]{36}/, ''))
    expect(status === 413 ? [200, 413] : [status]).toContain(answer.status)
    expect(state()).toEqual(before)
  })

  it('but HTTP/1.0 needs no Host', async () => {
    const answer = await service.send(`GET ${address} HTTP/1.0\r\n\r\n`)
    expect([answer.status, latest()]).toEqual([200, 'given'])
    expectSame(answer, await twin.send(`GET ${address} HTTP/1.0\r\n\r\n`), 'HTTP/1.0')
  })

  it.each([
    ['/v1/metrics/', 404],
    ['//v1/metrics', 404],
    ['/V1/metrics', 404],
    ['/v1/metrics%2F', 404],
    ['/v1/metrics/nothing', 404],
    ['/v1/metrics?metirc=x', 400],
    ['/v1/metrics?limit=0', 400],
    ['/v1/metrics?limit=5&limit=5', 400],
    ['/v1/metrics?cursor=zz', 400],
    ['/v1/metrics?%FF', 400],
    ['/v1/metrics?limit=%zz', 400],
    ['/v1/%metrics', 400],
    ['/v1/figures?value_min=5', 400],
    ['/v1/figures?q=%00', 400],
    [`/v1/figures?q=${'a'.repeat(8000)}`, 414],
    [`/v1/figures/${'a'.repeat(300)}`, 414],
  ])('is %s refused, and is not kept', async (wrong, status) => {
    const before = state()
    for (const coding of [undefined, 'br', undefined]) {
      const dress = { headers: inCoding(coding) }
      const answer = await service.ask(wrong, dress)
      expect([answer.status, latest()]).toEqual([status, 'settled'])
      expectSame(answer, await twin.ask(wrong, dress), wrong)
    }
    expect(state()).toEqual(before)
  })

  it.each(['image/png', 'text/csv', 'application/json;q=0'])('is it refused to who accepts %s', async (accept) => {
    const before = state()
    for (let round = 0; round < 2; round += 1) {
      await readProblem(await service.ask(address, { headers: { accept } }), 406)
      expect(latest()).not.toBe('given')
    }
    expect(state()).toEqual(before)
  })

  it.each(['/livez', '/readyz', '/docs/', '/docs/static/index.html'])('is %s told', async (path) => {
    const before = state()
    for (let round = 0; round < 2; round += 1) {
      await service.ask(path)
      expect(latest()).toBe('made')
    }
    expect(state()).toEqual(before)
  })
})

describe('a fault of ours', () => {
  const { service, latest, memory } = twins()

  it('is not kept, and what was kept is given all the same', async () => {
    const known = await service.ask('/v1/documents')
    service.db.$client.close()
    for (let round = 0; round < 2; round += 1) {
      await readProblem(await service.ask('/v1/metrics'), 500)
      expect(latest()).toBe('made')
    }
    expect(memory.answers.size).toBe(1)
    expectSame(await service.ask('/v1/documents'), known, 'what was kept')
    expect(latest()).toBe('given')
  })
})

describe('the limit', () => {
  const most = 4
  const { service, twin, latest } = twins({ settings: { RATE_LIMIT_MAX: String(most), TRUST_PROXY: 'true' } })
  const from = (client: string) => ({ 'x-forwarded-for': client })
  const limits = ({ headers }: Answer) => ['limit', 'remaining'].map((name) => headers[`x-ratelimit-${name}`])
  beforeAll(async () => {
    for (const address of ['/v1/metrics', '/v1/documents']) await service.ask(address, { headers: from('192.0.2.250') })
  })

  it.each([
    ['192.0.2.1', {}],
    ['192.0.2.2', { 'accept-encoding': 'identity' }],
    ['192.0.2.3', { 'if-none-match': '*' }],
    ['2001:db8::1', {}],
    ['unknown', {}],
  ])(
    'for %s with %o lets through as many that are given, and refuses the one too many as ever',
    async (client, more) => {
      const dress = { headers: { ...from(client), ...more } }
      for (let at = 1; at <= most + 2; at += 1) {
        const [answer, anew] = [await service.ask('/v1/metrics', dress), await twin.ask('/v1/metrics', dress)]
        expect(latest()).toBe(at <= most ? 'given' : 'settled')
        expect(limits(answer)).toEqual([String(most), String(Math.max(0, most - at))])
        expect(limits(answer)).toEqual(limits(anew))
        expect(answer.headers['x-ratelimit-reset']).toMatch(/^[1-9]\d?$/)
        expect(Number(answer.headers['x-ratelimit-reset'])).toBeLessThanOrEqual(60)
        if (at > most) {
          await readProblem(answer, 429)
          expect(answer.headers['retry-after']).toBe(answer.headers['x-ratelimit-reset'])
        }
        const untimed = ({ headers: { 'retry-after': _, ...headers }, ...rest }: Answer) => ({ ...rest, headers })
        expectSame(untimed(answer), untimed(anew), `request ${at}`)
      }
      // Of another resource, kept or not, it is the same limit; another client has its own.
      for (const address of ['/v1/documents', '/v1/coverage', '/nothing']) {
        await readProblem(await service.ask(address, dress), 429)
      }
      const other = { headers: { ...from(`192.0.2.${100 + client.length}`), ...more } }
      expect((await service.ask('/v1/metrics', other)).status).toBeLessThan(400)
    },
  )

  it('counts what is given and what is routed together', async () => {
    const headers = from('192.0.2.40')
    const left: unknown[] = []
    const ways: unknown[] = []
    for (const address of ['/v1/metrics', '/nothing', '/v1/documents', '/v1/figures?format=csv']) {
      left.push((await service.ask(address, { headers })).headers['x-ratelimit-remaining'])
      ways.push(latest())
    }
    expect(ways).toEqual(['given', 'settled', 'given', 'made'])
    expect(left).toEqual(['3', '2', '1', '0'])
  })
})

describe.each(['false', 'true', '1', '2', '127.0.0.1', '127.0.0.1,10.0.0.0/8,2001:db8:aaaa::/48'])(
  'where TRUST_PROXY is %s',
  (trust) => {
    const { service, twin, latest, counts } = twins({ settings: { TRUST_PROXY: trust } })
    const parts = [
      ...['192.0.2.1', '192.0.2.2', '10.0.0.1', '10.0.0.2', '127.0.0.1', '::1', '2001:db8::1', '2001:db8::2'],
      ...[
        '2001:DB8:0:0::1',
        '2001:db8:0:1::1',
        '2001:db8:aaaa::7',
        '::ffff:192.0.2.1',
        '::ffff:10.0.0.1',
        'fe80::1%eth0',
      ],
      ...[
        'unknown',
        'UNKNOWN',
        '_hidden',
        '192.0.2.1:80',
        '[2001:db8::1]',
        '',
        ' ',
        '192.0.2.1 ',
        '1',
        'x'.repeat(300),
      ],
    ]
    const anyForwarded = fc.option(
      fc
        .tuple(fc.array(fc.constantFrom(...parts), { maxLength: 4 }), fc.constantFrom(',', ', ', ' , '))
        .map(([some, between]) => some.join(between)),
      { nil: undefined },
    )

    it('the address of a client is the same for what is given and for what is routed', async () => {
      const kinds = ['/v1/metrics', '/nothing']
      await service.ask('/v1/metrics', { headers: {} })
      await twin.ask('/v1/metrics', { headers: {} })
      const leftOf = ({ headers }: Answer) => headers['x-ratelimit-remaining']
      await fc.assert(
        fc.asyncProperty(anyForwarded, fc.constantFrom(...kinds), async (forwarded, address) => {
          const dress = { headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } }
          const answer = await service.ask(address, dress)
          expect(latest()).toBe(address === '/nothing' ? 'settled' : 'given')
          expect(leftOf(answer), JSON.stringify(forwarded)).toBe(leftOf(await twin.ask(address, dress)))
        }),
        { numRuns: 150 },
      )
      expect(counts.given).toBeGreaterThan(30)
    })
  },
)

describe('however various the questions', () => {
  const bound = 2 ** 20
  const memory: Memory = openMemory(bound)
  const { service, latest } = twins({ memory })
  const most = 7200

  /** What is kept in an entry, told from the entry itself. */
  const bytesOf = ([question, { headers, lines, bodies }]: [string, Kept]) =>
    Buffer.byteLength(question) +
    Object.values(headers).reduce((size, text) => size + Buffer.byteLength(text), 0) +
    Object.values(bodies).reduce((size, { byteLength }) => size + byteLength, lines.length)

  const expectWithinBounds = () => {
    const { answers, answered, spellings } = memory
    expect(answers.calculatedSize).toBeLessThanOrEqual(bound)
    expect(spellings.calculatedSize).toBeLessThanOrEqual(bound / 8)
    const held = [...answers.entries()].map(bytesOf)
    expect(held.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(answers.calculatedSize)
    expect(Math.max(0, ...held)).toBeLessThanOrEqual(bound / 32)
    expect(answered.calculatedSize).toBeLessThanOrEqual(bound / 8)
    const questions = [...answered.keys()].map((question) => Buffer.byteLength(question))
    expect(questions.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(answered.calculatedSize)
    const texts = [...spellings.entries()].map(([spelling, question]) => Buffer.byteLength(spelling + question))
    expect(texts.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(spellings.calculatedSize)
  }

  it('all that is kept stays within its bounds, and what is asked once pushes out no answer', async () => {
    await service.ask('/v1/dataset')
    let asked = 0
    for (let round = 0; asked < most; round += 1) {
      const words = `word${round} ${'é'.repeat(round % 90)}`
      const variants: [address: string, headers: Record<string, string>][] = [
        [`/v1/figures?limit=1&q=${encodeURIComponent(words)}`, inCoding(codings[round % codings.length])],
        [`/v1/figures?year_from=${1000 + (round % 1900)}&limit=${1 + (round % 900)}`, { 'accept-encoding': 'br' }],
        [`/v1/figures?value_min=-${round}.5&unit=ha&limit=2&fields=id`, {}],
        // One question over and over, in spellings of which each is new, short and long.
        [`/v1/metrics?limit=1${'0'.repeat(0)}`, { accept: `application/json;v=${round}` }],
        [`/v1/metrics`, { accept: `application/json;v="${round}${'x'.repeat((round * 37) % 8000)}"` }],
        [
          `/v1/figures?limit=1&metric=${Array.from({ length: 1 + (round % 180) }, () => 'coca-cultivation').join(',')}`,
          {},
        ],
      ]
      const concurrently = variants.map(([address, headers]) => service.ask(address, { headers }))
      for (const { status } of await Promise.all(concurrently)) expect(status).toBe(200)
      asked += variants.length
      if (round % 50 === 0) expectWithinBounds()
    }
    expectWithinBounds()
    // It is full, and most was forgotten: otherwise nothing of this would have been tried.
    expect(memory.answers.calculatedSize).toBeGreaterThan(bound / 2)
    expect(memory.spellings.calculatedSize).toBeGreaterThan(bound / 16)
    expect(memory.answered.calculatedSize).toBeGreaterThan(bound / 16)
    expect(memory.answers.size).toBeLessThan(most / 4)
    expect(memory.answered.size).toBeLessThan(most / 4)
    expect(memory.spellings.size).toBeLessThan(most / 2)
    await service.ask('/v1/dataset')
    expect(latest(), 'what was kept before').not.toBe('made')
    // It is kept once there is reason to think that it will be asked again.
    for (const way of ['made', 'made', 'given']) {
      await service.ask('/v1/figures?q=never-asked-before&limit=1')
      expect(latest()).toBe(way)
    }
  }, 120_000)

  it('a body is kept in memory of its own, since what it shares with others would be kept uncounted', async () => {
    // Bodies of all lengths, from texts, from the database and from the compressors.
    const paths = [
      '/v1/dataset',
      '/v1/documents?limit=1',
      '/v1/figures?limit=1',
      '/v1/figures?q=nothing',
      '/v1/metrics',
      '/',
    ]
    for (const path of paths) {
      for (const coding of ['identity', 'gzip', 'br']) {
        await service.ask(path, { headers: { 'accept-encoding': coding, accept: '*/*' } })
      }
    }
    const bodies = [...memory.answers.values()].flatMap(({ bodies }) => Object.values(bodies))
    expect(bodies.length).toBeGreaterThan(paths.length)
    expect(bodies.map(({ buffer }) => buffer.byteLength)).toEqual(bodies.map(({ byteLength }) => byteLength))
  })

  it('what is too large to be kept is made each time, and pushes nothing out', async () => {
    const before = [...memory.answers.keys()]
    for (let round = 0; round < 2; round += 1) {
      const { body } = await service.ask('/v1/figures?limit=1000')
      expect(body.byteLength).toBeGreaterThan(bound / 32)
      expect(latest()).toBe('made')
    }
    expect([...memory.answers.keys()]).toEqual(before)
  })
})

describe('while the service closes', () => {
  const address = '/v1/metrics'

  it('nothing is given, and every answer ends its connection', async () => {
    const memory = openMemory()
    const running = await startService({ memory })
    const given: boolean[] = []
    running.app.server.on('request', (_request, response: ServerResponse) => given.push(response.writableEnded))
    const { port } = running.app.server.address() as AddressInfo
    const whole = await running.ask(address)
    // A whole request and the beginning of another: the answer to the first shows that the second is begun.
    const begun = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const socket = connect(port, '127.0.0.1')
        const chunks: Buffer[] = []
        socket.on('data', (chunk: Buffer) => chunks.push(chunk))
        socket.write(`GET ${address} HTTP/1.1\r\nHost: x\r\n\r\nGET ${address} HTTP/1.1\r\nHost: x\r\n`)
        while (Buffer.concat(chunks).length < whole.body.length) await once(socket, 'data')
        return { socket, text: () => Buffer.concat(chunks).toString('latin1') }
      }),
    )
    expect(given, 'what is kept is given until then').toEqual([false, true, true, true])
    const before = given.length
    const closed = running.app.close()
    while (running.app.server.listening) await new Promise((resolve) => setImmediate(resolve))
    for (const { socket } of begun) socket.write('\r\n')
    await Promise.all(begun.map(({ socket }) => once(socket, 'close')))
    await closed
    expect(given.slice(before)).toEqual(begun.map(() => false))
    for (const { text } of begun) {
      const [, first = '', last = ''] = text().split('HTTP/1.1 200 OK\r\n')
      expect(first).not.toMatch(/^connection: close/im)
      expect(last).toMatch(/^connection: close/im)
      expect(last.endsWith(whole.body.toString('latin1'))).toBe(true)
    }
    await running.close()
  })

  it.each([
    ['is not begun', address],
    ['is on its way', '/v1/figures?format=ndjson'],
  ])('an answer that %s is given whole, and its connection is ended', async (how, target) => {
    const reached = Promise.withResolvers<unknown>()
    const released = Promise.withResolvers<unknown>()
    // Holds a request up between its coming in and its answer.
    const hold = (message: unknown) => {
      const { fastify } = message as { fastify: FastifyInstance }
      fastify.addHook('preHandler', async () => {
        reached.resolve(true)
        if (how === 'is not begun') await released.promise
      })
    }
    subscribe('fastify.initialization', hold)
    const running = await startService({ build: manyFigures })
    unsubscribe('fastify.initialization', hold)
    const socket = connect((running.app.server.address() as AddressInfo).port, '127.0.0.1')
    const ended = once(socket, 'close')
    let text = ''
    socket.setEncoding('latin1').on('data', (some: string) => (text += some))
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await reached.promise
    const closed = running.app.close()
    while (running.app.server.listening) await new Promise((resolve) => setImmediate(resolve))
    released.resolve(true)
    // Not when the connection would have been given up, which is later than a test may take.
    await Promise.all([closed, ended])
    const [head = '', body = ''] = text.split('\r\n\r\n', 2)
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    if (how === 'is not begun') {
      expect(head).toMatch(/^connection: close/im)
      expect(body).toHaveLength(Number(/^content-length: (\d+)/im.exec(head)?.[1]))
    } else {
      expect(text.endsWith('\r\n0\r\n\r\n')).toBe(true)
    }
    await running.close()
  })
})

it.each([1, 31, 33, 1000, 2 ** 25])('a memory may be of %i bytes', (bytes) => {
  const { answers, answered, spellings } = openMemory(bytes)
  expect([answers.maxSize, answers.maxEntrySize]).toEqual([bytes, Math.ceil(bytes / 32)])
  expect([answered.maxSize, spellings.maxSize]).toEqual([Math.ceil(bytes / 8), Math.ceil(bytes / 8)])
})

describe('what many read at the same time', () => {
  const memory = openMemory()
  const service = serviceForTests({ memory })

  it('is whole for each of them, however soon it is kept no longer', async () => {
    const [filling, asked] = ['/v1/figures?limit=1000&sort=id', '/v1/figures?limit=999&sort=value']
    const lines = (target: string) => `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`
    const { port } = service.app.server.address() as AddressInfo
    const expected = (await service.ask(asked)).body.toString('latin1')
    memory.answers.clear()
    memory.spellings.clear()
    await service.ask(filling)
    // More than the system takes for a reader that reads nothing.
    const ahead = 80
    const read = async (count: number) => {
      const stalled = connect(port, '127.0.0.1').pause()
      const chunks: Buffer[] = []
      stalled.on('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)))
      const last = 'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
      stalled.write(`${lines(filling).repeat(ahead)}${lines(asked).repeat(count)}${last}`)
      // What is kept is kept before the next is answered.
      const isAsked = async () => {
        await new Promise((resolve) => setTimeout(resolve, 100))
        return memory.answers.size === 2
      }
      await expect.poll(isAsked, { timeout: 20_000 }).toBe(true)
      await new Promise((resolve) => setTimeout(resolve, 300))
      return async () => {
        stalled.resume()
        await once(stalled, 'close')
        return readAnswers(Buffer.concat(chunks)).slice(ahead, ahead + count)
      }
    }
    const first = await read(1)
    const second = await read(3)
    memory.answers.clear()
    for (const [name, answers] of [
      ['first', await first()],
      ['second', await second()],
    ] as const) {
      for (const { body } of answers) expect(body.toString('latin1') === expected, `the ${name} reader's`).toBe(true)
      expect(answers.length).toBe(name === 'first' ? 1 : 3)
    }
  }, 60_000)

  it('is kept apart however the parts of a request are told', async () => {
    const { port } = service.app.server.address() as AddressInfo
    const ask = async (accept: string, host: string) => {
      const bytes = await converse(port, (socket) => {
        socket.end(`GET / HTTP/1.1\r\nAccept: ${accept}\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      })
      return readAnswers(bytes)[0]?.headers['content-type']
    }
    for (let round = 0; round < 3; round += 1) {
      expect(await ask('application/json;q=0.1,', 'text/html example.org')).toMatch(/json/)
    }
    expect(await ask('application/json;q=0.1, text/html', 'example.org')).toMatch(/html/)
  })

  it('stays kept where its compressed form would make it too large', async () => {
    const small = openMemory(100_000 * 32)
    const running = await startService({ memory: small })
    try {
      const path = '/v1/figures?limit=68'
      const { body } = await running.ask(path)
      expect(body.byteLength).toBeGreaterThan(85_000)
      expect(body.byteLength).toBeLessThan(small.answers.maxEntrySize)
      expect(small.answers.size).toBe(1)
      for (const coding of ['br', 'gzip']) {
        await running.ask(path, { headers: { 'accept-encoding': coding } })
        expect(small.answers.size, coding).toBe(1)
      }
    } finally {
      await running.close()
    }
  })
})
