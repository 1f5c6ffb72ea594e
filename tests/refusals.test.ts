/**
 * The answers that every operation has in common, because none of them sees the request: methods that write, addresses and
 * headers too long, expectations, requests too slow or unread. Each is had from a real server, over a real socket, for
 * every operation of the OpenAPI document; and what else a request may bring has no answer that the document leaves out.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance } from 'fastify'
import { afterAll, describe, expect, test } from 'vitest'
import { problemKinds } from '../src/errors.ts'
import {
  addressOf,
  decoded,
  namesIn,
  ofTheMessage,
  jsonOf,
  plain,
  problemsOf,
  readContract,
  type Operation,
} from './support/openapi.ts'
import { startService, type Answer } from './support/service.ts'

/** The header of a request that meets a fault of ours, in a hook that only this test adds. */
const meetsFault = 'x-test-fault'
const onApp = (message: unknown) => {
  const { fastify } = message as { fastify: FastifyInstance }
  fastify.addHook('preHandler', async ({ headers }) => {
    if (meetsFault in headers) throw new Error('SQLITE_CORRUPT: no such column')
  })
}
subscribe('fastify.initialization', onApp)

// Up before the tests are collected: the document says which there are. The second has no patience.
const [service, hasty] = await Promise.all([startService(), startService({ requestTimeout: 400 })])
unsubscribe('fastify.initialization', onApp)
afterAll(() => Promise.all([service.close(), hasty.close()]))

const { document, operations, constant, judge, expectExample } = await readContract(service)
const addresses = operations.map((operation) => ({ operation, address: addressOf(plain(operation)) }))

type Dress = { method?: string; address: string; headers?: readonly string[]; body?: string }

/** A request as its bytes, after which the connection ends. */
const bytesOf = ({ method = 'GET', address, headers = [], body = '' }: Dress) =>
  Buffer.from(
    [`${method} ${address} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers, '', body].join('\r\n'),
    'latin1',
  )
const send = (dress: Dress) => service.send(bytesOf(dress))
const withQuery = (address: string, length: number) => `${address}?${'a'.repeat(length - address.length - 1)}`
const large = (length: number) => `X-Large: ${'a'.repeat(length)}`

/** Ways to have each shared answer of an operation; the first gives the example of the document as it stands. */
const ways: Readonly<Record<number, readonly ((address: string) => Promise<Answer>)[]>> = {
  405: [
    (address) => send({ method: 'POST', address }),
    (address) => send({ method: 'POST', address, headers: ['Content-Length: 2'], body: '{}' }),
    (address) => send({ method: 'POST', address, headers: ['Expect: 100-continue', 'Content-Length: 2'], body: '{}' }),
    // Long enough to be packed.
    (address) => send({ method: 'POST', address: withQuery(address, 2000), headers: ['Accept-Encoding: gzip'] }),
    ...['PUT', 'PATCH', 'DELETE', 'TRACE', 'QUERY', 'BREW', 'GETS', 'get', 'X-1'].map(
      (method) => (address: string) => send({ method, address }),
    ),
  ],
  408: [
    // The head does not end, neither before nor within a header.
    (address) => hasty.send(`GET ${address} HTTP/1.1\r\nHost: localhost\r\n`),
    (address) => hasty.send(`GET ${address} HTTP/1.1\r\nHost: localhost\r\nX-Slow: a`),
    (address) => hasty.send(`GET ${address}`),
  ],
  414: [
    // More than Node reads, and more than the service takes.
    (address) => send({ address: withQuery(address, 20_000) }),
    (address) => send({ address: withQuery(address, 8001) }),
    (address) => send({ address: withQuery(address, 8001), headers: ['Accept-Encoding: gzip'] }),
  ],
  417: [(address) => send({ address, headers: ['Expect: a-miracle'] })],
  431: [(address) => send({ address, headers: [large(20_000)] })],
}

/** The statuses of the answers that an operation shares with the others. */
const sharedOf = ({ responses }: Operation) =>
  Object.keys(responses)
    .filter((status) => responses[status]?.shared === true)
    .map(Number)

/** The headers that the document says OPTIONS has. */
const ofOptions = namesIn(
  /^\*\*Other methods\.\*\*.*?OPTIONS(.*?)All other methods/ms.exec(document.info.description)?.[1],
)

/** What every problem of a kind says, whatever the request. */
const fixed = (body: unknown) => {
  const { type, title, status } = body as Record<string, unknown>
  return { type, title, status }
}

describe.each(addresses)('$operation.path', ({ operation, address }) => {
  test('shares those answers that this file knows how to have', () => {
    expect(sharedOf(operation)).toEqual(Object.keys(ways).map(Number))
  })

  test.each(sharedOf(operation))('%i is had, as the document shows', async (status) => {
    const [, example] = problemsOf(operation).find(([known]) => known === status) ?? []
    const [asShown = expect.unreachable(), ...others] = ways[status] ?? []
    // Side by side: to be too slow takes a while.
    const [first, ...rest] = await Promise.all([asShown(address), ...others.map((way) => way(address))])
    expect(first.status).toBe(status)
    expectExample(operation, first)
    for (const answer of rest) {
      expect(answer.status).toBe(status)
      judge(operation, answer)
      expect(fixed(jsonOf(decoded(answer)))).toEqual(fixed(example))
    }
    for (const [name, { required }] of Object.entries(operation.responses[status]?.headers ?? {})) {
      const has = new Set([first, ...rest].map(({ headers }) => name.toLowerCase() in headers))
      expect([...has].toSorted(), name).toEqual(required === true ? [true] : [false, true])
    }
  })

  test('what cannot be read is a 400 that counts no request', async () => {
    for (const answer of [
      await send({ method: 'BR(EW)', address }),
      await service.send(`BREW ${address} HTTP/2.0\r\n\r\n`),
      await send({ address: `${address}?a=%zz` }),
      await send({ address, headers: ['Transfer-Encoding: gzip'] }),
      await service.send(`GET ${address} HTTP/1.1\r\nConnection: close\r\n\r\n`),
    ]) {
      expect(answer.status).toBe(400)
      judge(operation, answer)
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([])
    }
  })

  if ('500' in operation.responses) {
    test('a fault of ours is the 500 that the document shows', async () => {
      const answer = await service.ask(address, { headers: { [meetsFault]: '1' } })
      expect(answer.status).toBe(500)
      expectExample(operation, answer)
    })
  }

  test.each([
    ['a long body', [`Content-Type: application/json`, 'Content-Length: 100000'], 'a'.repeat(100_000)],
    ['a body of an odd type', ['Content-Type: application/x-odd', 'Content-Length: 3'], 'odd'],
    ['a body that does not come', ['Content-Length: 3'], ''],
    ['an expectation that is met', ['Expect: 100-continue', 'Content-Length: 0'], ''],
    ['another protocol', ['Upgrade: websocket'], ''],
    ['a range', ['Range: bytes=5-2'], ''],
    ['a precondition', ['If-Match: "another"', 'If-Unmodified-Since: Sat, 29 Oct 1994 19:43:31 GMT'], ''],
    ['a language and a character set', ['Accept-Language: xx', 'Accept-Charset: utf-7'], ''],
    ['credentials', ['Authorization: Basic YTpi', 'Cookie: a=b'], ''],
    ['headers that just fit', [large(15_000)], ''],
  ])('%s changes nothing: the answer is one that is declared', async (_, headers, body) => {
    const answer = await service.send(bytesOf({ address, headers, body }))
    expect(answer.status).toBe(200)
    judge(operation, answer)
  })

  test('HEAD has the status and the headers of GET, and no body', async () => {
    const [full, head] = [await service.ask(address), await service.ask(address, { method: 'HEAD' })]
    expect([head.status, head.body.length]).toEqual([full.status, 0])
    expect(Object.keys(head.headers).toSorted()).toEqual(Object.keys(full.headers).toSorted())
  })

  test('OPTIONS has the headers that the document says it has', async () => {
    const asked = {
      origin: 'https://reader.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'if-none-match',
    }
    const { status, headers, body } = await service.ask(address, { method: 'OPTIONS', headers: asked })
    expect([status, body.length]).toEqual([204, 0])
    const own = Object.keys(headers).filter((name) => !ofTheMessage.has(name) && !constant.has(name))
    expect(own.toSorted()).toEqual([...ofOptions].toSorted())
  })
})

test('an id that is too long is told to be, and not the address', async () => {
  for (const { operation } of addresses.filter(({ operation: { path } }) => path.includes('{id}'))) {
    const answer = await send({ address: operation.path.replace('{id}', 'a'.repeat(300)) })
    expect(answer.status).toBe(414)
    judge(operation, answer)
    expect(jsonOf(answer)).toMatchObject({ detail: 'An id has at most 200 characters.' })
  }
})

test('the landing page explains each kind of problem that an operation declares, and no other', () => {
  const declared = new Set(
    operations.flatMap(({ responses }) => Object.keys(responses).filter((status) => status >= '400')),
  )
  expect(Object.keys(problemKinds)).toEqual([...declared].toSorted())
})

test('each example of a shared answer is what is answered to its instance', async () => {
  for (const { content } of Object.values(document.components.responses)) {
    const example = content?.['application/problem+json']?.example as { status: number; instance: string }
    const [asShown = expect.unreachable()] = ways[example.status] ?? []
    const answer = await asShown(example.instance === '' ? '/v1/figures' : example.instance)
    expect(jsonOf(answer)).toEqual(example)
  }
})
