/** How answers are compressed that are not kept: those that are have their compressed forms kept with them. */
import { Readable } from 'node:stream'
import { constants } from 'node:zlib'
import compress from '@fastify/compress'
import type { FastifyInstance, onSendHookHandler } from 'fastify'

/** Has all answers of routes that come later compressed, in the coding that the client likes best. */
export async function compressAnswers(app: FastifyInstance): Promise<void> {
  await app.register(compress, {
    encodings: ['br', 'gzip'],
    // Nothing here takes a body.
    globalDecompression: false,
    threshold: 1024,
    customTypes: /^(?:text\/|image\/svg\+xml|application\/(?:javascript|(?:.+\+|x-|x-nd)?(?:json|yaml)))/,
    brotliOptions: {
      params: {
        // Quality 11, the default, takes twenty times as long for a tenth less.
        [constants.BROTLI_PARAM_QUALITY]: 5,
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
