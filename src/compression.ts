/** How answers are compressed: each as it is sent; one that is kept is compressed once, and its compressed forms are kept with it. */
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import compress from '@fastify/compress'
import type { FastifyInstance, onSendHookHandler } from 'fastify'
import { LRUCache } from 'lru-cache'
import Negotiator from 'negotiator'
import { remembered } from './first-use.ts'

/** The codings of bodies, the best first. */
const codings = ['br', 'gzip', 'identity'] as const
export type Coding = (typeof codings)[number]

/** Bodies shorter than this are as quick uncompressed. */
const threshold = 1024

/** Of Brotli: 11, the default, takes twenty times as long for a tenth less. */
const quality = 5

/** Has all answers of routes that come later compressed, in the coding that the client likes best. */
export async function compressAnswers(app: FastifyInstance): Promise<void> {
  await app.register(compress, {
    encodings: ['br', 'gzip'],
    // Nothing here takes a body.
    globalDecompression: false,
    threshold,
    customTypes: /^(?:text\/|image\/svg\+xml|application\/(?:javascript|(?:.+\+|x-|x-nd)?(?:json|yaml)))/,
    brotliOptions: {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: quality,
        // Of 1 MB: the default, of 4, takes four times the memory for each file that is on its way, for a thirtieth less.
        [constants.BROTLI_PARAM_LGWIN]: 20,
      },
    },
  })
  app.addHook('onRoute', (route) => {
    route.onSend = [route.onSend ?? []].flat().map(unlessKept)
  })
  app.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD') return
    // The length that Fastify gives a HEAD is that of the answer before it would have been compressed.
    route.onSend = [
      // Fastify would read a file to its end, with nobody to take it, after the answer is sent.
      async (_request, _reply, payload) => (payload instanceof Readable ? emptied(payload) : payload),
      ...[route.onSend ?? []].flat(),
      async (request, reply, payload) => {
        const mayBeCompressed = /br|gzip|\*/.test(request.headers['accept-encoding'] ?? '')
        if (mayBeCompressed || reply.statusCode === 304) reply.removeHeader('Content-Length')
        return payload
      },
    ]
  })
}

/**
 * A hook of the plugin that compresses, past which an answer goes that `keepAnswers` has compressed already, where it was to be: it
 * would have Node load its HTTP client, only to tell whether the answer is one of that.
 */
function unlessKept(compress: onSendHookHandler): onSendHookHandler {
  return function (request, reply, payload, next) {
    const isKept =
      request.getDecorator<string>('question') !== '' && reply.statusCode === 200 && Buffer.isBuffer(payload)
    if (isKept) next(null, payload)
    else compress.call(this, request, reply, payload, next)
  }
}

/** An empty stream in place of one that is not read. */
function emptied(payload: Readable): Readable {
  payload.destroy()
  return Readable.from([])
}

/**
 * The shortest window that a body fits into, as a power of two: a window is 16 bytes less (RFC 7932, section 9.1). What is
 * made is as short as with the default of 22, for which Brotli takes 8 MB however short the body is.
 */
const windowFor = ({ byteLength }: Buffer) =>
  Math.min(Math.max(Math.ceil(Math.log2(byteLength + 16)), constants.BROTLI_MIN_WINDOW_BITS), 22)

/** Compressors of whole bodies that are kept, by coding. */
export const compressors = {
  br: (body: Buffer) =>
    promisify(brotliCompress)(body, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: quality,
        [constants.BROTLI_PARAM_LGWIN]: windowFor(body),
      },
    }),
  gzip: (body: Buffer) => promisify(gzip)(body),
}

/** The coding that a client likes best (RFC 9110, section 12.5.3); of those that it likes alike, the one that comes first here. */
function preferredCoding(header: string): Coding {
  // Its types are of the version before, which knew no preference of the server.
  const negotiator = new Negotiator({ headers: { 'accept-encoding': header } }) as {
    encoding: (available: readonly string[], options: { preferred: readonly string[] }) => string | undefined
  }
  const preferred = negotiator.encoding(codings, { preferred: codings })
  return codings.find((coding) => coding === preferred) ?? 'identity'
}

/** The codings that Accept-Encoding headers ask for; browsers and programs send a handful. */
const codingByHeader = new LRUCache<string, Coding>({ max: 100 })

/** In which coding a whole body answers a request: as it is where it is short, or where nothing else is asked for. */
export function codingOf({ headers }: IncomingMessage, body: Buffer): Coding {
  const header = headers['accept-encoding']
  if (typeof header !== 'string' || body.byteLength < threshold) return 'identity'
  return remembered(codingByHeader, header, preferredCoding)
}
