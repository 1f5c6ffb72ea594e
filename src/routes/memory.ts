/**
 * Finished answers, kept to be given again: a release never changes while it is served, so a question is answered once.
 * An answer is kept under its question in one spelling for all spellings, with its body as it is and compressed, within a
 * bound of bytes: whatever is asked, the least recently used make room. What is kept is given before routing.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import negotiate from '@fastify/accept-negotiator'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fresh from 'fresh'
import { LRUCache } from 'lru-cache'
import { giveBack } from '../formats/chunks.ts'
import { answer, linesOf } from '../http.ts'

const codings = ['br', 'gzip', 'identity'] as const
type Coding = (typeof codings)[number]

/** A 200 that is whole, or what is known of it without its body. */
type Finished = {
  /** Pattern of the route that answered. */
  route: string
  etag: string
  /** Those headers of the answer that are the same whoever asks. */
  headers: Readonly<Record<string, string>>
  /** The same as they stand in a head: of a 200, and of a 304. */
  lines: { whole: string; notModified: string }
  /** The body where it is kept, and its compressed forms once they were asked for. */
  bodies: Partial<Record<Coding, Buffer>>
}

export type Memory = {
  answers: LRUCache<string, Finished>
  /** The questions that addresses ask, as they were spelt, with the headers Accept and Host. */
  spellings: LRUCache<string, string>
}

const megabyte = 2 ** 20

/** The most bytes that texts take: two a character, since one beyond Latin-1 makes all of a text take as many. */
const bytesOf = (texts: readonly string[]) => texts.reduce((size, { length }) => size + 2 * length, 0)

const sizeOf = ({ bodies, headers, lines }: Finished, question: string) =>
  // The names of headers are the same texts in every answer.
  bytesOf([question, ...Object.values(headers), ...Object.values(lines)]) +
  Object.values(bodies).reduce((size, { byteLength }) => size + byteLength, 1000)

/** A memory of up to so many bytes, and an eighth of that for spellings; for one service, since links differ. */
export const openMemory = (bytes = 16 * megabyte): Memory => ({
  answers: new LRUCache({
    maxSize: bytes,
    // One answer is not to push out all others.
    maxEntrySize: Math.ceil(bytes / 32),
    sizeCalculation: sizeOf,
  }),
  spellings: new LRUCache({
    maxSize: Math.ceil(bytes / 8),
    sizeCalculation: (question, spelling) => bytesOf([question, spelling]) + 100,
  }),
})

/** Whether what is kept may answer: a plain GET, of the kind that HTTP/1.1 allows. */
const isPlain = ({ method, headers, httpVersion }: IncomingMessage) =>
  method === 'GET' &&
  headers['content-length'] === undefined &&
  headers['transfer-encoding'] === undefined &&
  headers.expect === undefined &&
  (headers.host !== undefined || httpVersion !== '1.1')

// A page names the host that it was asked from; a resource of the API never does.
const spellingOf = ({ url = '', headers }: IncomingMessage) =>
  `${url} ${headers.accept ?? ''} ${url.startsWith('/v1/') ? '' : (headers.host ?? '')}`

/** Bodies shorter than this are as quick uncompressed. */
const threshold = 1024

const compressors = {
  // Quality 11, the default, takes twenty times as long for a tenth less.
  br: (body: Buffer) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: (body: Buffer) => promisify(gzip)(body),
}

/** The codings that Accept-Encoding headers ask for; browsers and programs send a handful. */
const codingByHeader = new LRUCache<string, Coding>({ max: 100 })

function codingOf({ headers }: IncomingMessage, body: Buffer): Coding {
  const header = headers['accept-encoding']
  if (typeof header !== 'string' || body.byteLength < threshold) return 'identity'
  let coding = codingByHeader.get(header)
  if (coding === undefined) {
    coding = negotiate<Coding>(header.toLowerCase(), [...codings]) ?? 'identity'
    codingByHeader.set(header, coding)
  }
  return coding
}

/**
 * A body as it may be kept, in memory of its own. Node makes short ones side by side in pieces of 64 KiB (16 KiB where it
 * compresses), and whoever keeps one keeps the piece: up to fifty times as much as is counted.
 */
function ownCopyOf(body: Buffer): Buffer {
  if (body.buffer.byteLength === body.byteLength) return body
  const copy = Buffer.allocUnsafeSlow(body.byteLength)
  copy.set(body)
  return copy
}

/** The body in the coding that the client wants; a compressed form is made where it is not there yet, and kept with the body. */
async function bodyFor(
  { answers }: Memory,
  question: string,
  { identity, ...packed }: Finished['bodies'] & { identity: Buffer },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Buffer> {
  const coding = codingOf(request.raw, identity)
  if (coding === 'identity') return identity
  reply.header('Content-Encoding', coding)
  const known = packed[coding]
  if (known !== undefined) return known
  const body = ownCopyOf(await compressors[coding](identity))
  const kept = answers.peek(question)
  if (kept?.bodies.identity !== undefined) {
    answers.set(question, { ...kept, bodies: { ...kept.bodies, [coding]: body } })
  }
  return body
}

/** Notes the question of a valid request, so that `keepAnswers` keeps what it will be answered with. */
export function noteQuestion(question: string, request: FastifyRequest): void {
  if (isPlain(request.raw)) request.setDecorator('question', question)
}

/**
 * Answers a valid request for which the answer is kept; of another, notes its question. `question` is the same for all
 * spellings of a request.
 */
export async function giveAgain(
  memory: Memory,
  question: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  const finished = isPlain(request.raw) ? memory.answers.get(question) : undefined
  const identity = finished?.bodies.identity
  if (finished === undefined || identity === undefined) {
    noteQuestion(question, request)
    return undefined
  }
  memory.spellings.set(spellingOf(request.raw), question)
  reply.headers(finished.headers)
  return reply.send(await bodyFor(memory, question, { ...finished.bodies, identity }, request, reply))
}

/** What a 304 leaves out: it is about the answer that the client has (RFC 9110, section 15.4.5). */
const notIn304 = ['content-type', 'content-disposition', 'link']

/** Headers that are of one request, or of one form of the body. */
const isOwn = (name: string) =>
  ['x-request-id', 'content-length', 'content-encoding'].includes(name) || name.startsWith('x-ratelimit-')

/**
 * An onSend hook that keeps the answers to questions that were noted. Where there is no room left, the body is kept only
 * from the second time on: what is asked once pushes out nothing that is asked again and again. What is known without a
 * body, as after a 304, is enough to answer 304.
 */
export const keepAnswers =
  (memory: Memory) =>
  async (request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> => {
    const { answers, spellings } = memory
    const question = request.getDecorator<string>('question')
    const isWhole = reply.statusCode === 200 && (typeof payload === 'string' || Buffer.isBuffer(payload))
    if (question === '' || !(isWhole || reply.statusCode === 304)) return payload
    const headers = Object.fromEntries(
      Object.entries(reply.getHeaders()).flatMap(([name, value]) => (isOwn(name) ? [] : [[name, String(value)]])),
    )
    const finished: Finished = {
      route: request.routeOptions.url ?? '',
      etag: headers['etag'] ?? '',
      headers,
      lines: {
        whole: linesOf(headers),
        notModified: linesOf(Object.fromEntries(Object.entries(headers).filter(([name]) => !notIn304.includes(name)))),
      },
      bodies: {},
    }
    spellings.set(spellingOf(request.raw), question)
    const isKnown = answers.has(question)
    if (!isWhole) {
      if (!isKnown) answers.set(question, finished)
      return payload
    }
    const bodies = { identity: ownCopyOf(Buffer.isBuffer(payload) ? payload : Buffer.from(payload)) }
    const whole = { ...finished, bodies }
    const size = sizeOf(whole, question)
    if (size <= answers.maxEntrySize) {
      answers.set(question, isKnown || answers.calculatedSize + size <= answers.maxSize ? whole : finished)
    }
    return bodyFor(memory, question, bodies, request, reply)
  }

/**
 * Gives the memory of a body back once it is written, where it was not kept: the garbage of bodies is outside V8's heap, and
 * to have it collected takes long. Only for a body that nobody else holds.
 */
export function giveBackUnlessKept(
  { answers }: Memory,
  request: FastifyRequest,
  { raw }: FastifyReply,
  body: Buffer,
): void {
  raw.once('finish', () => {
    if (answers.peek(request.getDecorator<string>('question'))?.bodies.identity !== body) giveBack(body)
  })
}

/** An answer that was given before routing. */
export type Given = { route: string; status: 200 | 304; id: string }

/**
 * What stands before routing: gives what is kept for a request spelt as it was before, to clients within their limit.
 * `headersFor` has the headers of this one request, as lines of a head, null where it is to be refused.
 *
 * @returns what was given; undefined where the request has to be routed.
 */
export function givenBeforeRouting(
  { answers, spellings }: Memory,
  headersFor: (request: IncomingMessage) => { id: string; lines: string } | null,
): (request: IncomingMessage, response: ServerResponse) => Given | undefined {
  return (request, response) => {
    const question = isPlain(request) ? spellings.get(spellingOf(request)) : undefined
    const finished = question === undefined ? undefined : answers.get(question)
    if (finished === undefined) return undefined
    const { bodies, etag, route, lines } = finished
    const condition = request.headers['if-none-match']
    const isFresh = condition !== undefined && fresh({ 'if-none-match': condition }, { etag })
    const coding = bodies.identity === undefined ? 'identity' : codingOf(request, bodies.identity)
    const body = bodies[coding]
    if (!isFresh && body === undefined) return undefined
    const own = headersFor(request)
    if (own === null) return undefined
    const { id } = own
    if (isFresh || body === undefined) {
      answer(response, 304, lines.notModified + own.lines)
      return { route, status: 304, id }
    }
    const ofBody = coding === 'identity' ? '' : `content-encoding: ${coding}\r\n`
    answer(response, 200, `${lines.whole}${own.lines}${ofBody}content-length: ${body.byteLength}\r\n`, body)
    return { route, status: 200, id }
  }
}
