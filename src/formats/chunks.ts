import { Readable, type Writable } from 'node:stream'
import { setImmediate as turnOfEventLoop } from 'node:timers/promises'

/**
 * Chunks of a file as a stream. The next one is pulled when the reader has taken the last, and the event loop gets a turn
 * in between; an empty one is left out. What the source throws destroys the stream; a stream destroyed midway calls the
 * source's `return()`.
 *
 * The source hands its chunks over for good. What `reader` has read and written is given back at once: the garbage of
 * chunks is outside V8's heap, and to have it collected would take as long as to make and send them.
 */
export function chunkStream(chunks: Iterable<Buffer>, reader?: Writable): Readable {
  let isItsOwn = false
  // What is compressed on its way is read by another, which may work on a chunk long after it took it.
  reader?.once('pipe', (source: unknown) => (isItsOwn = source === stream))
  const isWritten = () => isItsOwn && stream.readableLength === 0 && reader?.writableLength === 0 && !reader.destroyed
  const stream: Readable = Readable.from(inTurns(chunks, isWritten), { objectMode: false })
  return stream
}

async function* inTurns(chunks: Iterable<Buffer>, isWritten: () => boolean): AsyncGenerator<Buffer, void> {
  for (const chunk of chunks) {
    if (chunk.byteLength === 0) continue
    yield chunk
    await turnOfEventLoop()
    // What is not written yet is left to the collector: it is unusual, and to wait for it would be another mechanism.
    if (isWritten()) giveBack(chunk)
  }
}

/** Gives the memory of a chunk back, where it has one of its own: what still refers to it is empty from then on. */
export function giveBack({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}
