/** What no HTTP client would send: pieces, floods, quarrels about where a message ends, and connections that just go. */
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { readProblem, serviceForTests } from '../support/service.ts'
import { converse, readAnswers, type WireAnswer } from '../support/wire.ts'

const service = serviceForTests()
let port: number
/** The whole answer to `plain`, as every other way of asking for it must give it. */
let whole: WireAnswer

const plain = 'GET /v1/figures?limit=2 HTTP/1.1\r\nHost: localhost\r\n\r\n'
const closing = (head: string) => `${head}\r\nHost: localhost\r\nConnection: close\r\n\r\n`
const last = closing('GET /livez HTTP/1.1')

/** Writes bytes and reads all answers until the service ends the connection. */
const send = async (bytes: string | Buffer, methods?: readonly string[]) =>
  readAnswers(
    await converse(port, (socket) => {
      socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
    }),
    methods,
  )

/** The service after an attack: it answers as before, and holds on to no connection. */
async function isUnharmed(): Promise<void> {
  const [first, second] = await send(plain + last)
  expect([first?.status, first?.body.toString(), second?.status]).toEqual([200, whole.body.toString(), 200])
}

const connections = () =>
  new Promise<number>((counted, failed) => {
    service.app.server.getConnections((error, count) => {
      if (error === null) counted(count)
      else failed(error)
    })
  })

/** Waits until nobody is connected any more; a test that waits for ever is one that fails. */
async function allGone(): Promise<void> {
  while ((await connections()) > 0) await pause(10)
}

beforeAll(async () => {
  ;({ port } = service.app.server.address() as AddressInfo)
  const [first = expect.unreachable()] = await send(plain + last)
  whole = first
  expect([whole.status, whole.complete]).toEqual([200, true])
})

describe('a request in pieces', () => {
  it('is answered as if it came at once, wherever it is cut', async () => {
    const request = Buffer.from(closing('GET /v1/figures?limit=2 HTTP/1.1'))
    const cut = async (at: number) => {
      const bytes = await converse(port, async (socket) => {
        socket.setNoDelay(true)
        socket.write(request.subarray(0, at))
        await pause(1)
        socket.write(request.subarray(at))
      })
      const [answer, ...more] = readAnswers(bytes)
      expect([answer?.status, answer?.body.toString(), more], `cut at ${at}`).toEqual([200, whole.body.toString(), []])
    }
    await Promise.all(Array.from({ length: request.length - 1 }, (_, at) => cut(at + 1)))
  })

  it('is answered when it comes a byte at a time', async () => {
    const request = Buffer.from(closing('GET /v1/figures?limit=2 HTTP/1.1'))
    const bytes = await converse(port, async (socket) => {
      socket.setNoDelay(true)
      for (const byte of request) {
        socket.write(Buffer.from([byte]))
        await pause(0)
      }
    })
    expect(readAnswers(bytes).map(({ status, body }) => [status, body.toString()])).toEqual([
      [200, whole.body.toString()],
    ])
  })

  it('that ends in the middle, wherever, is refused or let go, never answered', async () => {
    const request = Buffer.from(plain)
    for (let at = 0; at < request.length; at += 1) {
      const bytes = await converse(port, (socket) => {
        socket.end(request.subarray(0, at))
      })
      for (const answer of readAnswers(bytes)) await readProblem(answer, 400)
    }
    await isUnharmed()
  })

  it('whose sender is gone, wherever, leaves nothing behind', async () => {
    const request = Buffer.from(plain.repeat(3))
    await Promise.all(
      Array.from({ length: request.length + 1 }, (_, at) =>
        converse(port, async (socket) => {
          socket.write(request.subarray(0, at))
          await pause(at % 5)
          if (at % 2 === 0) socket.resetAndDestroy()
          else socket.destroy()
        }),
      ),
    )
    await allGone()
    await isUnharmed()
  })
})

describe('requests one after another on a connection, unasked for', () => {
  const kinds: readonly (readonly [head: string, method: string, status: number, text: string])[] = [
    ['GET /livez HTTP/1.1', 'GET', 200, '"ok"'],
    ['HEAD /v1/figures HTTP/1.1', 'HEAD', 200, ''],
    ['GET /v1/figures?limit=2 HTTP/1.1', 'GET', 200, '"returned":2'],
    ['GET /v1/figures?format=csv&limit=3 HTTP/1.1', 'GET', 200, 'id,metric,'],
    ['GET /v1/figures?format=ndjson HTTP/1.1', 'GET', 200, '"id":"'],
    ['GET /v1/figures?metirc=x HTTP/1.1', 'GET', 400, 'Did you mean metric'],
    ['GET /v1/figures/nothing HTTP/1.1', 'GET', 404, 'no figure nothing'],
    ['GET /v1/metrics HTTP/1.1\r\nIf-None-Match: *', 'GET', 304, ''],
    ['GET /v1/metrics HTTP/1.1\r\nAccept: image/png', 'GET', 406, 'comes as'],
    ['OPTIONS /v1/metrics HTTP/1.1', 'OPTIONS', 204, ''],
    ['DELETE /v1/metrics HTTP/1.1', 'DELETE', 405, 'read-only'],
  ]

  it('are answered each, in order, none mixed with another', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...kinds), { minLength: 2, maxLength: 12 }), async (asked) => {
        const requests = asked.map(([head]) => `${head}\r\nHost: localhost\r\n\r\n`).join('')
        const answers = await send(requests + last, [...asked.map(([, method]) => method), 'GET'])
        expect(answers.map(({ status, complete }) => [status, complete])).toEqual([
          ...asked.map(([, , status]) => [status, true]),
          [200, true],
        ])
        for (const [at, [, , , text]] of asked.entries()) expect(answers[at]?.body.toString()).toContain(text)
      }),
      { numRuns: 60 },
    )
  })

  it('are answered by the thousand', async () => {
    const answers = await send(plain.repeat(1000) + last)
    expect(answers).toHaveLength(1001)
    expect(new Set(answers.slice(0, -1).map(({ body }) => body.toString()))).toEqual(new Set([whole.body.toString()]))
  })

  it('end with the first that is no HTTP; those before it are answered', async () => {
    const answers = await send(`${plain}${plain}NONSENSE\r\n\r\n${plain}`)
    expect(answers.map(({ status }) => status).slice(-1)).toEqual([400])
    for (const { status, body } of answers.slice(0, -1))
      expect([status, body.toString()]).toEqual([200, whole.body.toString()])
  })
})

it.each([
  '/docs/static/.',
  '/docs/static/..',
  '/docs/static/%2e',
  '/docs/static/x/../index.html',
  '/v1/../docs',
  '/.',
  '/v1/figures/..',
  '//v1/figures',
])('the path %s is read as it is sent, and nothing stands there', async (path) => {
  const [answer = expect.unreachable()] = await send(closing(`GET ${path} HTTP/1.1`))
  await readProblem(answer, 404)
})

describe('where a message ends', () => {
  const smuggled = 'GET /v1/figures/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n'

  it.each(['GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE'])('a body of a %s is not taken for a request', async (method) => {
    const head = `${method} /v1/metrics HTTP/1.1\r\nHost: localhost\r\n`
    const bodies = [
      `Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      `Transfer-Encoding: chunked\r\n\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
      `Content-Length: ${smuggled.length}\r\nExpect: 100-continue\r\n\r\n${smuggled}`,
    ]
    for (const body of bodies) {
      const answers = await send(head + body + last, [method, 'GET'])
      for (const { body: text } of answers) expect(text.toString()).not.toContain('smuggled')
      // One for it, and one for what follows, unless the service would rather end the connection.
      expect(answers.length).toBeLessThanOrEqual(2)
      expect(answers[0]?.status).toBe({ GET: 200, HEAD: 200, OPTIONS: 204 }[method] ?? 405)
    }
  })

  it.each([
    ['a length and chunks', `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['chunks and a length', `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${smuggled}`],
    ['two lengths', `Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`],
    ['a list of lengths', `Content-Length: 0, 5\r\n\r\n${smuggled}`],
    ['a length with a sign', `Content-Length: +0\r\n\r\n${smuggled}`],
    ['a length in hexadecimal', `Content-Length: 0x0\r\n\r\n${smuggled}`],
    ['a negative length', `Content-Length: -1\r\n\r\n${smuggled}`],
    ['a length past all bounds', `Content-Length: 99999999999999999999999\r\n\r\n${smuggled}`],
    ['an unknown coding', `Transfer-Encoding: xchunked\r\n\r\n${smuggled}`],
    ['chunks that are not last', `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`],
    ['chunks twice', `Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a coding hidden by a tab', `Transfer-Encoding:\tchunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a blank before the colon', `Content-Length : 0\r\n\r\n${smuggled}`],
    ['a folded header', `X-A: b\r\n Content-Length: 5\r\n\r\n${smuggled}`],
    ['a bare carriage return', `X-A: b\rContent-Length: 5\r\n\r\n${smuggled}`],
    ['a zero byte', `X-A: b\0c\r\n\r\n${smuggled}`],
    ['a chunk of no size', `Transfer-Encoding: chunked\r\n\r\n\r\n${smuggled}`],
    ['a chunk of a size past all bounds', `Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${smuggled}`],
    ['a chunk of another size', `Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n${smuggled}`],
  ])('%s: the connection ends, and nothing after it is answered', async (_, rest) => {
    for (const method of ['GET', 'POST']) {
      const bytes = await converse(port, (socket) => {
        socket.end(Buffer.from(`${method} /v1/metrics HTTP/1.1\r\nHost: localhost\r\n${rest}`, 'latin1'))
      })
      const answers = readAnswers(bytes)
      // One request has one answer: a message that goes wrong after its head may have had it by then.
      expect(answers).toHaveLength(1)
      const [only = expect.unreachable()] = answers
      expect(only.body.toString()).not.toContain('smuggled')
      expect(method === 'GET' ? [400, 200] : [400, 405]).toContain(only.status)
      if (only.status !== 200) await readProblem(only, only.status)
    }
    await isUnharmed()
  })
})

describe('too much', () => {
  it.each([
    ['of one header', `X-Large: ${'a'.repeat(200_000)}`],
    ['of small headers', Array.from({ length: 20_000 }, (_, at) => `X-${at}: a`).join('\r\n')],
    ['of the name of a header', `${'X'.repeat(200_000)}: a`],
    ['of cookies', `Cookie: ${'a=b; '.repeat(50_000)}`],
  ])('%s is a 431', async (_, header) => {
    const [answer, ...more] = await send(`GET /livez HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\n`)
    expect(more).toEqual([])
    await readProblem(answer ?? expect.unreachable(), 431)
    await isUnharmed()
  })

  it('of an address, without an end, is a 414 long before it has come', async () => {
    let written = 0
    const bytes = await converse(port, async (socket) => {
      socket.write('GET /')
      for (let sent = 0; sent < 1000 && socket.writable && !socket.readableEnded; sent += 1) {
        written += 1
        if (!socket.write('a'.repeat(10_000))) await drained(socket)
      }
    })
    const [answer] = readAnswers(bytes)
    // To a client that goes on writing the answer may be lost with the connection; it cannot go on for ever.
    if (answer !== undefined) expect([414, 431]).toContain(answer.status)
    expect(written).toBeLessThan(1000)
    await isUnharmed()
  })

  it('of a body is not read, but refused', async () => {
    const answers = await send(
      `POST /v1/figures HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 3000000\r\n\r\n${'a'.repeat(3_000_000)}`,
    )
    for (const answer of answers) await readProblem(answer, answer.status)
    await isUnharmed()
  })

  it('of empty lines before a request is no harm', async () => {
    const answers = await send(`${'\r\n'.repeat(5000)}${last}`)
    expect(answers.map(({ status }) => status).at(-1)).toBeOneOf([200, 400, 431])
    await isUnharmed()
  })

  it('of connections that say nothing leaves the rest alone', async () => {
    const idle = Array.from({ length: 300 }, () =>
      converse(port, async (socket) => {
        await pause(500)
        socket.destroy()
      }),
    )
    await isUnharmed()
    await Promise.all(idle)
    await allGone()
  })
})

/** Resolves when there is room to write again, or nobody to read it. */
const drained = (socket: Socket) =>
  new Promise<void>((resolved) => {
    const done = () => {
      socket.off('drain', done).off('close', done)
      resolved()
    }
    socket.on('drain', done).on('close', done)
  })

it('any bytes at all are answered in the one shape, or by silence', async () => {
  const line = fc.constantFrom(
    'GET / HTTP/1.1',
    'Host: localhost',
    'GET /livez HTTP/1.0',
    'PRI * HTTP/2.0',
    'CONNECT a:1 HTTP/1.1',
    'GET http://a/ HTTP/1.1',
    'GET * HTTP/1.1',
    'OPTIONS * HTTP/1.1',
    'Content-Length: 3',
    'Transfer-Encoding: chunked',
    'Upgrade: h2c',
    'Connection: Upgrade',
    'Connection: close',
    'Expect: 100-continue',
    '3',
    'abc',
    '0',
    '',
    '',
  )
  const piece = fc.oneof(
    { weight: 5, arbitrary: line.map((text) => Buffer.from(`${text}\r\n`)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)) },
    // How TLS would begin, and how HTTP/2 does.
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        Buffer.from('160301020001000', 'hex'),
        Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      ),
    },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 12 }), async (pieces) => {
      const bytes = await converse(port, (socket) => {
        socket.end(Buffer.concat(pieces))
      })
      for (const answer of readAnswers(bytes)) {
        expect(answer.status).toBeLessThan(500)
        expect(answer.headers['x-content-type-options']).toBe('nosniff')
        if (answer.status >= 400) await readProblem(answer, answer.status)
      }
    }),
    { numRuns: 300 },
  )
  await isUnharmed()
})
