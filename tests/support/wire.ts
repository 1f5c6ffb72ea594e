/** HTTP byte for byte: a socket to write anything to, and the answers that come back, one after another. */
import { connect, type Socket } from 'node:net'
import type { Answer } from './service.ts'

/** An answer, and whether all of it had come when the connection ended. */
export type WireAnswer = Answer & { complete: boolean }

/** Seconds-long silence after which a connection is given up: no answer takes so long on however busy a machine. */
const patience = 30_000

/**
 * Opens a connection, lets `write` do with it what it wants, and gives what had come when it was closed. `write` gets
 * what has come so far, and may wait for more.
 */
export function converse(
  port: number,
  write: (socket: Socket, received: () => Buffer) => void | Promise<void>,
): Promise<Buffer> {
  return new Promise((ended, failed) => {
    const chunks: Buffer[] = []
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.setTimeout(patience, () => socket.destroy(new Error('the service left the connection open')))
    socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)))
    socket.on('end', () => socket.end())
    // Reset or closed while it was written to: what had come before counts.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!['ECONNRESET', 'EPIPE'].includes(error.code ?? '')) failed(error)
    })
    socket.on('close', () => {
      ended(Buffer.concat(chunks))
    })
    socket.on('connect', () => {
      Promise.resolve(write(socket, () => Buffer.concat(chunks))).catch((error: unknown) => {
        socket.destroy()
        failed(error instanceof Error ? error : new Error(String(error)))
      })
    })
  })
}

/** The answers in a stream of bytes, to requests of these methods (GET, where fewer are named), in order. */
export function readAnswers(bytes: Buffer, methods: readonly string[] = []): WireAnswer[] {
  const answers: WireAnswer[] = []
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\r\n\r\n', at)
    if (end === -1) throw new Error(`no head: ${JSON.stringify(bytes.toString('latin1', at, at + 100))}`)
    const [start = '', ...lines] = bytes.toString('latin1', at, end).split('\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(start)?.[1] ?? Number.NaN)
    if (Number.isNaN(status)) throw new Error(`no status line: ${JSON.stringify(start.slice(0, 100))}`)
    const headers: Partial<Record<string, string>> = Object.fromEntries(
      lines.map((line) => [line.split(':', 1).join('').toLowerCase(), line.replace(/^[^:]*:\s*/, '')]),
    )
    const bodiless = status < 200 || status === 204 || status === 304 || methods[answers.length] === 'HEAD'
    const { body, next, complete } = bodiless
      ? { body: Buffer.alloc(0), next: end + 4, complete: true }
      : headers['transfer-encoding'] === 'chunked'
        ? readChunks(bytes, end + 4)
        : readLength(bytes, end + 4, Number(headers['content-length'] ?? bytes.length - end - 4))
    if (status >= 200) answers.push({ status, headers, body, complete })
    at = next
  }
  return answers
}

function readLength(bytes: Buffer, from: number, length: number) {
  const body = bytes.subarray(from, from + length)
  return { body, next: from + body.length, complete: body.length === length }
}

/** RFC 9112, section 7.1, without the trailers that the service never sends. */
function readChunks(bytes: Buffer, from: number) {
  const chunks: Buffer[] = []
  for (let at = from; ;) {
    const line = bytes.indexOf('\r\n', at)
    const size = line === -1 ? Number.NaN : Number.parseInt(bytes.toString('latin1', at, line), 16)
    const end = line + 2 + size
    if (Number.isNaN(size) || end + 2 > bytes.length)
      return { body: Buffer.concat(chunks), next: bytes.length, complete: false }
    if (size === 0) return { body: Buffer.concat(chunks), next: end + 2, complete: true }
    chunks.push(bytes.subarray(line + 2, end))
    at = end + 2
  }
}
