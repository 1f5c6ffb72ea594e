import { Readable } from 'node:stream'
import { setImmediate as turnOfEventLoop } from 'node:timers/promises'

/** A page of JSON texts, or of lines of them as they are to be sent. */
export type JsonPage = readonly string[] | Buffer

/**
 * JSON texts, each on one line, as newline-delimited JSON in UTF-8: every line is ended by LF, the last too. Without
 * texts it is empty.
 *
 * A page of texts is one chunk; the next page is pulled when the reader has taken it, and the event loop gets a turn in
 * between. What the source throws destroys the stream; a stream destroyed midway calls the source's `return()`.
 */
export function ndjsonStream(pages: Iterable<JsonPage>): Readable {
  return Readable.from(ndjsonChunks(pages), { objectMode: false })
}

async function* ndjsonChunks(pages: Iterable<JsonPage>): AsyncGenerator<string | Buffer, void> {
  for (const page of pages) {
    if (page.length === 0) continue
    // The last LF is joined on too: added to the whole it would cost a second copy of the page.
    const lines = Buffer.isBuffer(page) ? page : [...page, ''].join('\n')
    await turnOfEventLoop()
    yield lines
  }
}
