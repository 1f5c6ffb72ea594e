/** How the log is written: which fields every line has, what never gets into one, and when lines reach the output. */
import { writeSync } from 'node:fs'
import { LogController } from 'fastify'
import type { DestinationStream, LoggerOptions } from 'pino'

/** Where lines go, and what became of those that nobody took. */
export type LogOutput = {
  stream: DestinationStream
  /** Lines that were dropped so far, since the output had stood still for too long. */
  dropped: () => number
}

/** Bytes of lines that may wait while the output stands still; what comes then is dropped. */
export const mostWaiting = 4 * 2 ** 20

/** Bytes that are worth a write of their own: some fifty lines. */
const worthWriting = 15_000

/** Bytes that are put together. */
const pieceSize = 2 ** 15

/** Milliseconds that a line waits at most for others to be written with. */
const longestWait = 250

/** Milliseconds that the end of the process waits for an output that stands still. */
const longestEnd = 1000

/**
 * Lines to standard output, in pieces: one write for some hundred lines of a busy service takes a fraction of the time of
 * a write for each. A line waits 250 ms at most, and none is lost when the process ends by itself, by an error or by a signal
 * that can be caught.
 *
 * Nothing that becomes of the output holds up the service or its end. Where it stands still (a pipe whose reader has
 * stopped, a full disk), up to `mostWaiting` waits and the rest is dropped and counted, which `onDropped` may tell where
 * the lines would have stood; where its reader is gone, the log is over.
 */
export function openLogOutput(onDropped: (lines: number) => void): LogOutput {
  // That Node opens it makes a pipe or socket non-blocking. A write that blocks would do so in a thread, which
  // Node waits for when the process ends, for ever.
  const { fd } = process.stdout
  /** Lines are bytes at once: as texts they would outlive the collector's first look at them. */
  let piece = Buffer.allocUnsafeSlow(pieceSize)
  let filled = 0
  /** Pieces that are full or were written in part. */
  const waiting: Buffer[] = []
  let waitingBytes = 0
  let retry: { after: number; timer: NodeJS.Timeout } | undefined
  let gone = false
  let dropped = 0
  let untold = 0

  const queue = (bytes: Buffer) => {
    waiting.push(bytes)
    waitingBytes += bytes.length
  }
  const endPiece = () => {
    if (filled === 0) return
    queue(piece.subarray(0, filled))
    piece = Buffer.allocUnsafeSlow(pieceSize)
    filled = 0
  }
  const write = () => {
    try {
      for (;;) {
        // Only then: while the output stands still, each try would else leave a piece of a few lines.
        if (waiting.length === 0) endPiece()
        const [first] = waiting
        if (first === undefined) break
        const written = writeSync(fd, first)
        waitingBytes -= written
        if (written === first.length) waiting.shift()
        else waiting[0] = first.subarray(written)
        retry = undefined
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') {
        gone = true
        retry = undefined
        waiting.length = waitingBytes = 0
      } else {
        const after = retry === undefined ? 10 : Math.min(2 * retry.after, longestWait)
        retry = { after, timer: setTimeout(write, after).unref() }
      }
    }
    tell()
  }
  const hasRoom = (length: number) => waitingBytes + filled + length <= mostWaiting
  const tell = () => {
    // Room enough for the line itself.
    if (untold === 0 || !hasRoom(worthWriting)) return
    const lines = untold
    untold = 0
    onDropped(lines)
  }
  setInterval(() => {
    if (retry === undefined) write()
  }, longestWait).unref()
  process.on('exit', () => {
    const end = performance.now() + longestEnd
    write()
    while (retry !== undefined && performance.now() < end) {
      clearTimeout(retry.timer)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
      write()
    }
  })
  return {
    stream: {
      write: (line) => {
        if (gone) return
        tell()
        if (hasRoom(line.length)) {
          // No character takes more than three bytes of UTF-8.
          if (filled + 3 * line.length > pieceSize) endPiece()
          if (3 * line.length > pieceSize) queue(Buffer.from(line))
          else filled += piece.write(line, filled)
          if (waitingBytes + filled >= worthWriting && retry === undefined) write()
        } else {
          dropped += 1
          untold += 1
        }
      },
    },
    dropped: () => dropped,
  }
}

/**
 * The settings of the log: one JSON object a line, with `level` in words, `time` in milliseconds since 1970, `pid` and
 * `msg`. What Fastify or a library logs of a request is its method and its path, never an address or a header.
 */
export const logOptions = (level: string) => ({
  level,
  base: { pid: process.pid },
  formatters: { level: (label: string) => ({ level: label }) },
  serializers: {
    req: ({ method, url }: { method?: string; url?: string }) => ({
      ...(method !== undefined && { method }),
      ...(url !== undefined && { path: pathOf(url) }),
    }),
    res: ({ statusCode }: { statusCode?: number | string }) => ({
      ...(statusCode !== undefined && { status: statusCode }),
    }),
  } satisfies LoggerOptions['serializers'],
})

/** The path of an address as a log or a metric may have it: without the query, and not endless. */
export function pathOf(url: string): string {
  const end = url.search(/[?#]/)
  return url.slice(0, end === -1 ? 200 : Math.min(end, 200))
}

/** Fastify's own lines about requests: those of errors stay, the others are one line of ours. */
export class RequestLog extends LogController {
  constructor() {
    super({ requestIdLogLabel: 'request_id' })
  }
  override incomingRequest(): void {
    // Told when it is finished.
  }
  override requestCompleted(): void {
    // Told by the one line that also requests have which Fastify never sees.
  }
  override routeNotFound(): void {
    // Its status tells.
  }
  override streamError(...[error, request, reply, metadata]: Parameters<LogController['streamError']>): void {
    // That a client left before the end stands in the line of its request.
    if ((error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE') return
    super.streamError(error, request, reply, metadata)
  }
}
