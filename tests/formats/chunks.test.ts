import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { PassThrough, type Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { createGzip, gunzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { chunkStream, giveBack } from '../../src/formats/chunks.ts'

/** Chunks with memory of their own, of which no two are alike, and what they were made of. */
function someChunks(count: number, size: number) {
  const chunks = Array.from({ length: count }, (_, at) =>
    Buffer.from(Array.from({ length: size / 16 }, (_each, line) => `${at}:${line}`.padEnd(15) + '\n').join('')),
  )
  return {
    chunks,
    whole: Buffer.concat(chunks),
    given: () => chunks.filter(({ byteLength }) => byteLength === 0).length,
  }
}

/** Sends a stream over a real connection, on its way through what `through` gives, and reads the body at a pace. */
async function send(
  open: (response: ServerResponse) => Readable,
  { through, pause = 0 }: { through?: (stream: Readable) => Readable; pause?: number } = {},
): Promise<Buffer> {
  const server = createServer((_request: IncomingMessage, response) => {
    const stream = open(response)
    ;(through?.(stream) ?? stream).pipe(response)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  // Without chunked framing, so that what comes is the body.
  socket.write('GET / HTTP/1.0\r\n\r\n')
  const pieces: Buffer[] = []
  for await (const piece of socket) {
    pieces.push(piece as Buffer)
    if (pause > 0 && pieces.length % 20 === 0) await wait(pause)
  }
  const answer = Buffer.concat(pieces)
  return answer.subarray(answer.indexOf('\r\n\r\n') + 4)
}

describe('chunkStream', () => {
  it.each([
    ['small chunks to a quick reader', 400, 4096, 0],
    ['large chunks to a quick reader', 60, 524_288, 0],
    ['large chunks to a slow reader', 40, 524_288, 5],
    ['small chunks to a slow reader', 3000, 4096, 3],
  ])('sends %s whole', async (_what, count, size, pause) => {
    const { chunks, whole } = someChunks(count, size)
    const body = await send((response) => chunkStream(chunks, response), { pause })
    expect(body.equals(whole)).toBe(true)
  })

  it('gives the memory of large chunks back once a quick reader has them', async () => {
    const { chunks, given } = someChunks(60, 524_288)
    await send((response) => chunkStream(chunks, response))
    expect(given()).toBeGreaterThan(30)
  })

  it('gives nothing back that another reads on its way', async () => {
    const { chunks, whole, given } = someChunks(40, 262_144)
    const body = await send((response) => chunkStream(chunks, response), {
      through: (stream) => stream.pipe(createGzip()),
    })
    expect(gunzipSync(body).equals(whole)).toBe(true)
    expect(given()).toBe(0)
  })

  it('gives nothing back to a reader that it does not know', async () => {
    const { chunks, whole, given } = someChunks(20, 65_536)
    expect((await buffer(chunkStream(chunks))).equals(whole)).toBe(true)
    expect(given()).toBe(0)
  })

  it('gives nothing back that is read on after its reader is gone', async () => {
    const { chunks, whole, given } = someChunks(20, 65_536)
    const reader = new PassThrough()
    const stream = chunkStream(chunks, reader)
    stream.pipe(reader)
    reader.destroy()
    expect((await buffer(stream)).equals(whole)).toBe(true)
    expect(given()).toBe(0)
  })

  it('gives back only memory that is of one chunk alone', () => {
    const pooled = Buffer.from('a few letters')
    const part = Buffer.alloc(100, 'x').subarray(10, 20)
    const own = Buffer.alloc(100, 'x')
    const shared = Buffer.from(new SharedArrayBuffer(3)).fill('x')
    for (const chunk of [pooled, part, own, shared]) giveBack(chunk)
    expect([pooled.toString(), part.toString(), own.byteLength]).toEqual(['a few letters', 'xxxxxxxxxx', 0])
    expect(shared.toString()).toBe('xxx')
  })
})
