import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { brotliCompressSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { countLines, load } from '../../bench/load.ts'

const portOf = (server: Pick<Server, 'address'>) => (server.address() as AddressInfo).port

/** A server on a free port; ended after the test. */
async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  return portOf(server)
}

/** The same of a server that says what it likes. */
async function serveBytes(listener: (socket: Socket) => void): Promise<number> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    listener(socket)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return portOf(server)
}

/** A port where nobody listens. */
async function deadPort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  server.close()
  await once(server, 'close')
  return port
}

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
    const path = () => `/${(left -= 1)}`
    const loaded = await load({ port, connections: 4, path, amount: 40, headers: { 'X-Kind': 'test' } })
    const { requests, latencies, statuses } = loaded
    expect(requests).toBe(40)
    expect(asked.toSorted()).toEqual(Array.from({ length: 40 }, (_, index) => `/${index}`).toSorted())
    expect(ports.size).toBe(4)
    expect(statuses).toEqual(
      new Map([
        [200, 39],
        [503, 1],
      ]),
    )
    expect(latencies).toHaveLength(40)
    expect(Math.min(...latencies)).toBeGreaterThan(0)
  })

  it('asks for one path again and again, and stops in its time', async () => {
    const asked = new Set<string | undefined>()
    let answered = 0
    const body = brotliCompressSync('some text, which is compressed')
    const port = await serve((request, response) => {
      asked.add(request.url)
      answered += 1
      response.writeHead(200, { 'Content-Encoding': 'br' }).end(body)
    })
    const { requests, statuses, seconds } = await load({ port, connections: 3, path: '/a?b=c', seconds: 0.2 })
    expect([...asked]).toEqual(['/a?b=c'])
    expect(seconds).toBeGreaterThan(0)
    expect(requests).toBeGreaterThan(0)
    // What was on its way at the end is not counted.
    expect(answered - requests).toBeLessThanOrEqual(3)
    expect([...statuses.keys()]).toEqual([200])
  })

  it('stops once it is over', async () => {
    let answered = 0
    const port = await serve((_, response) => {
      setTimeout(() => {
        answered += 1
        response.end('late')
      }, 5)
    })
    const { requests } = await load({ port, connections: 2, path: '/', isOver: () => answered >= 6 })
    expect(requests).toBeGreaterThanOrEqual(6)
    expect(answered - requests).toBeLessThanOrEqual(2)
  })

  it('knows an answer without a body', async () => {
    const port = await serve((_, response) => void response.writeHead(304, { ETag: '"a"' }).end())
    const { statuses } = await load({ port, connections: 2, path: '/', amount: 10 })
    expect(statuses).toEqual(new Map([[304, 10]]))
  })

  it('fails where connections are closed before answers are whole', async () => {
    const port = await serveBytes((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'))
    })
    await expect(load({ port, connections: 1, path: '/', seconds: 0.3 })).rejects.toThrow('without an answer')
  })

  it('fails where nobody listens', async () => {
    const port = await deadPort()
    await expect(load({ port, connections: 1, path: '/', seconds: 5 })).rejects.toThrow('failed')
  })
})

describe('the lines of a file', () => {
  it('are counted in whatever pieces it comes, and none of the head', async () => {
    const text = `one\ntwo\n\n${'x'.repeat(200_000)}\nlast\n`
    for (const size of [1, 7, 1000, 300_000]) {
      const port = await serveBytes((socket) => {
        socket.setNoDelay(true)
        const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n'
        // The head and the first lines in pieces of this size, the long rest in one.
        const first = head + text.slice(0, 20)
        const write = (at: number) => {
          socket.write(first.slice(at, at + size))
          if (at + size >= first.length) socket.end(text.slice(20))
          else setImmediate(write, at + size)
        }
        socket.once('data', () => {
          write(0)
        })
      })
      expect((await countLines(port, '/')).lines, `pieces of ${size}`).toBe(5)
    }
  })

  it('come from a server of node:http, asked for by path', async () => {
    const port = await serve((request, response) => {
      for (let line = 0; line < 1000; line += 1) response.write(`${request.url ?? ''}\n`)
      response.end()
    })
    expect((await countLines(port, '/file')).lines).toBe(1000)
  })

  it.each([
    ['refused', 'HTTP/1.1 503 Service Unavailable\r\n\r\nno\n', 'expected 200, got 503'],
    ['cut in its head', 'HTTP/1.1 200 OK\r\nContent', 'expected 200'],
    ['not there', '', 'expected 200, got no answer'],
  ])('are not told of a file that is %s', async (_, bytes, message) => {
    const port = await serveBytes((socket) => {
      socket.once('data', () => socket.end(bytes))
    })
    await expect(countLines(port, '/')).rejects.toThrow(message)
  })

  it('are not told where nobody listens', async () => {
    await expect(countLines(await deadPort(), '/')).rejects.toThrow('ECONNREFUSED')
  })
})
