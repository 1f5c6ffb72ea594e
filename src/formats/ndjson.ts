import type { Readable, Writable } from 'node:stream'
import { chunkStream } from './chunks.ts'

/** A page of JSON texts, or of lines of them as they are to be sent. */
export type JsonPage = readonly string[] | Buffer

/**
 * JSON texts, each on one line, as newline-delimited JSON in UTF-8: every line is ended by LF, the last too. Without
 * texts it is empty. A page of texts is one chunk for `chunkStream`.
 */
export function ndjsonStream(pages: Iterable<JsonPage>, reader?: Writable): Readable {
  return chunkStream(ndjsonChunks(pages), reader)
}

function* ndjsonChunks(pages: Iterable<JsonPage>): Generator<Buffer, void> {
  for (const page of pages) {
    // The last LF is joined on too: added to the whole it would cost a second copy of the page.
    yield Buffer.isBuffer(page) ? page : Buffer.from(page.length === 0 ? '' : [...page, ''].join('\n'))
  }
}
