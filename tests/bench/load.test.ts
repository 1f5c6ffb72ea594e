import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AnswerReader, load } from '../../bench/load.ts'

/** A server on a free port; ended after the test. */
async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Reads an answer in pieces of a size; its status and body, once it is whole, and where it was. */
function readInPieces(answer: string, size: number) {
  const body: Buffer[] = []
  const reader = new AnswerReader((buffer, start, end) => body.push(Buffer.from(buffer.subarray(start, end))))
  const bytes = Buffer.from(answer, 'latin1')
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size)
    if (reader.read(piece, piece.length)) {
      return { status: reader.status, body: Buffer.concat(body).toString('latin1'), read: at + piece.length }
    }
  }
  return null
}

const answers = [
  {
    kind: 'with a length',
    body: 'hello\r\n\r\nworld',
    answer: 'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\nhello\r\n\r\nworld',
  },
  { kind: 'of no length', body: '', answer: 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n' },
  {
    kind: 'in chunks',
    body: `abc${'d'.repeat(26)}`,
    answer: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1A\r\n${'d'.repeat(26)}\r\n0\r\n\r\n`,
  },
  { kind: 'without a body', body: '', answer: 'HTTP/1.1 304 Not Modified\r\nETag: W/"a"\r\n\r\n' },
]

describe('the end of an answer', () => {
  it.each(answers)('$kind is found in whatever pieces it comes', ({ answer, body }) => {
    for (let size = 1; size <= answer.length; size += 1) {
      const status = Number(answer.slice(9, 12))
      expect(readInPieces(answer, size), `pieces of ${size}`).toEqual({ status, body, read: answer.length })
    }
  })

  it.each(answers)('$kind is not found before its last byte', ({ answer }) => {
    for (let length = 1; length < answer.length; length += 1)
      expect(readInPieces(answer.slice(0, length), length)).toBeNull()
  })

  it.each([
    ['surplus', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab'],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\nab'],
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['a chunk without size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
  ])('is not made up: %s is an error', (_, answer) => {
    expect(() => readInPieces(answer, answer.length)).toThrow(Error)
  })
})

describe('a load', () => {
  it('asks each path once, with its headers, over so many connections, and tells how each was answered', async () => {
    const asked: (string | undefined)[] = []
    const ports = new Set<number | undefined>()
    const port = await serve((request, response) => {
      asked.push(request.url)
      ports.add(request.socket.remotePort)
      response.writeHead(request.headers['x-kind'] === 'test' && request.url !== '/7' ? 200 : 503)
      // Sent in chunks, the length not being known.
      response.write('one ')
      setImmediate(() => response.end('two'))
    })
    let left = 40
    let bytes = 0
    const { requests, latencies, statuses, seconds } = await load({
      port,
      connections: 4,
      next: () => (left-- > 0 ? `/${left}` : null),
      headers: { 'X-Kind': 'test' },
      onBody: (_, start, end) => (bytes += end - start),
    })
    expect(requests).toBe(40)
    expect(asked.toSorted()).toEqual(Array.from({ length: 40 }, (_, index) => `/${index}`).toSorted())
    expect(ports.size).toBe(4)
    expect(statuses).toEqual(
      new Map([
        [200, 39],
        [503, 1],
      ]),
    )
    expect(bytes).toBe(40 * 7)
    expect(latencies).toHaveLength(40)
    expect(Math.min(...latencies)).toBeGreaterThan(0)
    expect(seconds).toBeGreaterThan(0)
  })

  it('asks no more when it is over, and waits for the answers on their way', async () => {
    let answered = 0
    const port = await serve((_, response) => {
      setTimeout(() => {
        answered += 1
        response.end('late')
      }, 5)
    })
    const { requests } = await load({ port, connections: 2, next: () => '/', isOver: () => answered >= 6 })
    expect(requests).toBe(answered)
    expect(requests).toBeGreaterThanOrEqual(6)
  })

  it('fails where a connection is closed before the answer is whole', async () => {
    const server = createTcpServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'))
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await expect(load({ port, connections: 1, next: () => '/' })).rejects.toThrow('closed before the answer was whole')
  })

  it('fails where nobody listens', async () => {
    const server = createTcpServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    await expect(load({ port, connections: 1, next: () => '/' })).rejects.toThrow('ECONNREFUSED')
  })
})
