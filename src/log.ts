/** How the log is written: which fields every line has, what never gets into one, and when lines reach the output. */
import { LogController } from 'fastify'
import { pino, type DestinationStream, type LoggerOptions } from 'pino'

/** Where lines go, and how to have those that wait written. */
export type LogOutput = {
  stream: DestinationStream
  /** Resolves when every line logged so far is written; for the end of the process. */
  flush: () => Promise<void>
}

/**
 * Lines to standard output, in pieces: one write for some hundred lines of a busy service takes a fraction of the time of
 * a write for each. A line waits 250 ms at most, and none is lost when the process ends by itself, by an error or by a signal
 * that can be caught.
 */
export function openLogOutput(): LogOutput {
  const stream = pino.destination({ dest: 1, sync: false, minLength: 15_000, periodicFlush: 250 })
  return {
    stream,
    flush: async () => {
      // What is being written must end before the rest is written at once, or pieces would change places. That a pipe
      // cannot be synchronised to disk is no matter.
      await new Promise((written) => {
        stream.flush(written)
      })
      stream.flushSync()
    },
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
export const pathOf = (url: string): string => (url.split(/[?#]/, 1)[0] ?? '').slice(0, 200)

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
