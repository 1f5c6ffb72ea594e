/**
 * Load over HTTP/1.1: some connections, each with one request in flight.
 *
 * Written here since a generator must not be what is measured: on one core, with 22 KB an answer, autocannon 9 takes some
 * 57 µs a request and undici 8 some 48, more than the bare server does; this takes 14. wrk keeps up, but cannot give each
 * request an address of its own without a script in Lua. Bodies are counted and thrown away, never kept.
 */
import { connect } from 'node:net'

/** The lines of a body that have come by so far, for what counts rows. */
type OnBody = (buffer: Buffer, start: number, end: number) => void

/**
 * Finds the end of an answer (RFC 9112, sections 6 and 7: by Content-Length, chunked, or none for 304), in whatever
 * pieces it comes. There is never more than one answer on the way, so nothing may follow its end.
 */
export class AnswerReader {
  /** Of the answer that was read last or is being read. */
  status = 0
  readonly #onBody: OnBody | undefined
  #state: 'head' | 'body' | 'size' | 'chunk' | 'trailer' = 'head'
  /** A head or a line of which the end has not come yet. */
  #text = ''
  /** Bytes of a body or a chunk that are still to come. */
  #left = 0

  constructor(onBody?: OnBody) {
    this.#onBody = onBody
  }

  /**
   * Reads on.
   *
   * @returns whether the answer is whole.
   * @throws Error for what is no answer, or goes on after its end.
   */
  read(buffer: Buffer, length: number): boolean {
    let at = 0
    while (at < length) {
      if (this.#state === 'body' || this.#state === 'chunk') {
        const end = Math.min(length, at + this.#left)
        // The last two bytes of a chunk are the end of its line.
        const closing = this.#state === 'chunk' ? 2 : 0
        const bodyEnd = Math.min(end, at + Math.max(0, this.#left - closing))
        if (bodyEnd > at) this.#onBody?.(buffer, at, bodyEnd)
        this.#left -= end - at
        at = end
        if (this.#left > 0) return false
        if (this.#state === 'body') return this.#finish(at, length)
        this.#state = 'size'
        continue
      }
      const mark = this.#state === 'head' ? '\r\n\r\n' : '\r\n'
      const piece = buffer.toString('latin1', at, Math.min(length, at + 2048))
      const text = this.#text + piece
      const end = text.indexOf(mark)
      if (end < 0) {
        if (text.length > 65_536) throw new Error('a head without end')
        this.#text = text
        at += piece.length
        continue
      }
      at += end + mark.length - this.#text.length
      this.#text = ''
      if (this.#readText(text.slice(0, end))) return this.#finish(at, length)
    }
    return false
  }

  /** Reads a whole head, or the line before a chunk or after the last; tells whether the answer ends with it. */
  #readText(text: string): boolean {
    if (this.#state === 'trailer') {
      if (text !== '') throw new Error(`a trailer: ${text}`)
      return true
    }
    if (this.#state === 'size') {
      const size = /^[0-9a-f]+/i.exec(text)?.[0]
      if (size === undefined) throw new Error(`no size of a chunk: ${text.slice(0, 40)}`)
      this.#left = parseInt(size, 16) + 2
      this.#state = this.#left === 2 ? 'trailer' : 'chunk'
      return false
    }
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1]
    if (status === undefined) throw new Error(`no answer: ${text.slice(0, 40)}`)
    this.status = Number(status)
    if (this.status === 304 || this.status === 204) return true
    const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1]
    if (length === undefined && !/\r\ntransfer-encoding: *chunked/i.test(text)) throw new Error('an answer without end')
    this.#left = Number(length ?? 0)
    this.#state = length === undefined ? 'size' : 'body'
    return length !== undefined && this.#left === 0
  }

  #finish(at: number, length: number): true {
    if (at !== length) throw new Error('something follows the answer')
    this.#state = 'head'
    return true
  }
}

export type Load = {
  port: number
  connections: number
  /** The path of the next request; null where there is none left. */
  next: () => string | null
  headers?: Readonly<Record<string, string>>
  /** When to ask no more, from the start of the load on; without it, when no request is left. */
  seconds?: number
  /** Asks no more once it says so. */
  isOver?: () => boolean
  onBody?: OnBody
}

export type Loaded = { requests: number; seconds: number; latencies: number[]; statuses: Map<number, number> }

/**
 * Asks until it is over; `latencies` are milliseconds from a request to the end of its answer.
 *
 * @throws Error where a connection breaks or an answer is none.
 */
export async function load({ port, connections, next, headers = {}, seconds, isOver, onBody }: Load): Promise<Loaded> {
  const latencies: number[] = []
  const statuses = new Map<number, number>()
  const lines = Object.entries({ Host: 'bench', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  const rest = ` HTTP/1.1\r\n${lines.join('')}\r\n`
  const started = performance.now()
  const deadline = started + (seconds ?? Infinity) * 1000
  const one = () =>
    new Promise<void>((done, failed) => {
      const reader = new AnswerReader(onBody)
      let asked = 0
      const ask = () => {
        const path = performance.now() < deadline && isOver?.() !== true ? next() : null
        if (path === null) {
          done()
          socket.destroy()
          return
        }
        asked = performance.now()
        socket.write(`GET ${path}${rest}`, 'latin1')
      }
      // Read into one buffer over and over: a buffer for each read would cost more than all else here.
      const buffer = Buffer.allocUnsafe(65_536)
      const callback = (length: number) => {
        try {
          if (!reader.read(buffer, length)) return true
          latencies.push(performance.now() - asked)
          statuses.set(reader.status, (statuses.get(reader.status) ?? 0) + 1)
          ask()
        } catch (error) {
          failed(error instanceof Error ? error : new Error(String(error)))
          socket.destroy()
        }
        return true
      }
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback } })
      socket.on('connect', ask)
      socket.on('error', failed)
      // Nothing to wait for any more; where the answer was whole, the promise is kept already.
      socket.on('close', () => {
        failed(new Error('the connection was closed before the answer was whole'))
      })
    })
  await Promise.all(Array.from({ length: connections }, one))
  return { requests: latencies.length, seconds: (performance.now() - started) / 1000, latencies, statuses }
}
