/**
 * Finished answers, kept to be given again: a release never changes while it is served, so a question is answered once.
 * An answer is kept under its question in one spelling for all spellings, with its body as it is and compressed, within a
 * bound of bytes: whatever is asked, the least recently used make room. What is kept is given before routing, and so is
 * what is as quickly read as given again.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fresh from 'fresh'
import { LRUCache } from 'lru-cache'
import { codingOf, compressors, type Coding } from '../compression.ts'
import { giveBack } from '../formats/chunks.ts'
import { answer, countHosts, linesOf } from '../http.ts'

/** What all answers of a route in a media type have in common: all that there is to a 304. */
type Alike = {
  /** Pattern of the route that answers. */
  route: string
  etag: string
  /** Their headers as they stand in a head: of a 200 without what only some have, and of a 304. */
  lines: { whole: string; notModified: string }
}

/** One answer, a 200 that is whole. */
type Finished = {
  alike: Alike
  /** Those headers that are the same whoever asks. */
  headers: Readonly<Record<string, string>>
  /** The same as they stand in a head. */
  lines: string
  /** The body, and its compressed forms once they were asked for. */
  bodies: Partial<Record<Coding, Buffer>> & { identity: Buffer }
}

/** Answers of a route that are as quickly read as given again. */
type Stored = {
  /** What the addresses begin with: an id follows, and nothing else. */
  prefix: string
  /** Under which it is known what they have in common. */
  kind: string
  /** The body of the answer for an id; undefined where there is none. */
  read: (id: string) => string | undefined
}

export type Memory = {
  answers: LRUCache<string, Finished>
  /** The questions that were answered, and whose answers are not kept: one asked again is worth keeping the answer to. */
  answered: LRUCache<string, Alike>
  /** The questions that addresses ask, as they were spelt, with the headers Accept and Host. */
  spellings: LRUCache<string, string>
  /** By status, route and media type. */
  alike: LRUCache<string, Alike>
  stored: Stored[]
  /** Bodies that are or were kept: whoever got one from here may still be reading it when it is kept no longer. */
  everKept: WeakSet<Buffer>
  /** The compressed bodies that are being made, by coding and question: who asks meanwhile gets the same. */
  packing: Map<string, Promise<Buffer>>
}

const megabyte = 2 ** 20

/** The most bytes that texts take: two a character, since one beyond Latin-1 makes all of a text take as many. */
const bytesOf = (texts: readonly string[]) => texts.reduce((size, { length }) => size + 2 * length, 0)

const sizeOf = ({ headers, lines, bodies }: Finished, question: string) => {
  // The names of headers are the same texts in every answer.
  const texts = bytesOf([question, ...Object.values(headers), lines])
  return Object.values(bodies).reduce((size, { byteLength }) => size + byteLength, texts + 1000)
}

/**
 * A memory of up to so many bytes, and an eighth of that for spellings, for questions that were answered, and for what answers
 * have in common; for one service, since links differ.
 */
export const openMemory = (bytes = 16 * megabyte): Memory => ({
  answers: new LRUCache({
    maxSize: bytes,
    // One answer is not to push out all others.
    maxEntrySize: Math.ceil(bytes / 32),
    sizeCalculation: sizeOf,
  }),
  answered: new LRUCache({
    maxSize: Math.ceil(bytes / 8),
    sizeCalculation: (_alike, question) => bytesOf([question]) + 300,
  }),
  spellings: new LRUCache({
    maxSize: Math.ceil(bytes / 8),
    sizeCalculation: (question, spelling) => bytesOf([question, spelling]) + 100,
  }),
  alike: new LRUCache({
    maxSize: Math.ceil(bytes / 8),
    sizeCalculation: ({ lines }, kind) => bytesOf([kind, ...Object.values(lines)]) + 300,
  }),
  stored: [],
  everKept: new WeakSet(),
  packing: new Map(),
})

/** Whether what is kept may answer: a plain GET, of the kind that HTTP/1.1 allows. */
function isPlain(request: IncomingMessage): boolean {
  const { method, headers, httpVersion } = request
  const hosts = countHosts(request)
  return (
    method === 'GET' &&
    headers['content-length'] === undefined &&
    headers['transfer-encoding'] === undefined &&
    headers.expect === undefined &&
    (hosts === 1 || (hosts === 0 && httpVersion !== '1.1'))
  )
}

/**
 * How a request is spelt, in parts that hold no end of line. A page names the host that it was asked from; a resource of the API
 * never does. What proxies say of the host only routing knows whether to believe: null, such a request has to be routed.
 */
function spellingOf({ url = '', headers }: IncomingMessage): string | null {
  if (url.startsWith('/v1/')) return `${url}\n${headers.accept ?? ''}`
  if (headers['x-forwarded-host'] !== undefined || headers['x-forwarded-proto'] !== undefined) return null
  return `${url}\n${headers.accept ?? ''}\n${headers.host ?? ''}`
}

/** Notes how a question was spelt, so that a request spelt alike is answered before routing. */
function noteSpelling({ spellings }: Memory, request: FastifyRequest, question: string): void {
  const spelling = spellingOf(request.raw)
  if (spelling !== null) spellings.set(spelling, question)
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
  memory: Memory,
  question: string,
  { identity, ...packed }: Finished['bodies'],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Buffer> {
  const coding = codingOf(request.raw, identity)
  if (coding === 'identity') return identity
  reply.header('Content-Encoding', coding)
  const known = packed[coding]
  if (known !== undefined) return known
  const { packing } = memory
  const kind = `${coding} ${question}`
  let body = packing.get(kind)
  if (body === undefined) {
    body = pack(memory, question, identity, coding).finally(() => packing.delete(kind))
    packing.set(kind, body)
  }
  return body
}

/** Makes a compressed form of a body, and keeps it where the body is kept. */
async function pack({ answers }: Memory, question: string, identity: Buffer, coding: 'br' | 'gzip'): Promise<Buffer> {
  const body = ownCopyOf(await compressors[coding](identity))
  const kept = answers.peek(question)
  if (kept !== undefined) {
    const more = { ...kept, bodies: { ...kept.bodies, [coding]: body } }
    // What is too large would be dropped with what is there already.
    if (sizeOf(more, question) <= answers.maxEntrySize) answers.set(question, more)
  }
  return body
}

/** Notes the question of a valid request, so that `keepAnswers` keeps what it will be answered with. */
export function noteQuestion(question: string, request: FastifyRequest): void {
  if (!isPlain(request.raw)) return
  request.setDecorator('question', question)
  request.setDecorator('cache', 'miss')
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
  const kept = isPlain(request.raw) ? memory.answers.get(question) : undefined
  if (kept === undefined) {
    noteQuestion(question, request)
    return undefined
  }
  noteSpelling(memory, request, question)
  request.setDecorator('cache', 'hit')
  reply.headers(kept.headers)
  return reply.send(await bodyFor(memory, question, kept.bodies, request, reply))
}

/** What only some answers of a route have. */
const notAlike = ['content-disposition', 'link']

/** What a 304 leaves out besides: it is about the answer that the client has (RFC 9110, section 15.4.5). */
const notIn304 = [...notAlike, 'content-type']

/** Headers that are of one request, or of one form of the body. */
const isOwn = (name: string) =>
  ['x-request-id', 'content-length', 'content-encoding'].includes(name) || name.startsWith('x-ratelimit-')

/** Those headers of an answer that are the same whoever asks. */
const lastingHeaders = (reply: FastifyReply) =>
  Object.fromEntries(
    Object.entries(reply.getHeaders()).flatMap(([name, value]) => (isOwn(name) ? [] : [[name, String(value)]])),
  )

const without = (names: readonly string[], headers: Finished['headers']) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))

/** What an answer has in common with all others of its route and media type; the first of them shows it. */
function alikeOf({ alike }: Memory, request: FastifyRequest, reply: FastifyReply): Alike {
  const route = request.routeOptions.url ?? ''
  // Without its body an answer has no media type.
  const kind = `${reply.statusCode} ${route} ${request.getDecorator<string>('answerType')}`
  let known = alike.get(kind)
  if (known === undefined) {
    const headers = lastingHeaders(reply)
    const lines = { whole: linesOf(without(notAlike, headers)), notModified: linesOf(without(notIn304, headers)) }
    known = { route, etag: headers['etag'] ?? '', lines }
    alike.set(kind, known)
  }
  return known
}

/**
 * An onSend hook that keeps the answers to questions that were noted. Where there is no room left, it is kept only that
 * they were answered, until they are asked again: what is asked once pushes out no answer.
 */
export const keepAnswers =
  (memory: Memory) =>
  async (request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> => {
    const { answers, answered, everKept } = memory
    const question = request.getDecorator<string>('question')
    const isWhole = reply.statusCode === 200 && (typeof payload === 'string' || Buffer.isBuffer(payload))
    if (question === '' || !(isWhole || reply.statusCode === 304)) return payload
    const alike = alikeOf(memory, request, reply)
    if (!isWhole) {
      noteSpelling(memory, request, question)
      answered.set(question, alike)
      return payload
    }
    const identity = Buffer.isBuffer(payload) ? payload : Buffer.from(payload)
    const hasRoomFor = (size: number) =>
      size <= answers.maxEntrySize && (answered.has(question) || answers.calculatedSize + size <= answers.maxSize)
    // Worked out only for what may be kept.
    const finished = hasRoomFor(identity.byteLength) ? finishedOf(alike, reply, identity) : undefined
    if (finished !== undefined && hasRoomFor(sizeOf(finished, question))) {
      noteSpelling(memory, request, question)
      everKept.add(finished.bodies.identity)
      answers.set(question, finished)
    } else if (identity.byteLength <= answers.maxEntrySize) {
      answered.set(question, alike)
    }
    return bodyFor(memory, question, finished?.bodies ?? { identity }, request, reply)
  }

/** An answer as it may be kept. */
function finishedOf(alike: Alike, reply: FastifyReply, body: Buffer): Finished {
  const headers = lastingHeaders(reply)
  return { alike, headers, lines: linesOf(headers), bodies: { identity: ownCopyOf(body) } }
}

/**
 * Gives the memory of a body back once it is written, where it was never kept: the garbage of bodies is outside V8's heap, and
 * to have it collected takes long. Only for a body that nobody else holds but by `keepAnswers`.
 */
export function giveBackUnlessKept({ everKept }: Memory, { raw }: FastifyReply, body: Buffer): void {
  raw.once('finish', () => {
    if (!everKept.has(body)) giveBack(body)
  })
}

/**
 * Has answers of a route given before routing that are read as quickly as they would be given again, and are not kept
 * therefore: by a plain id, as JSON and uncompressed.
 */
export function giveStored({ stored }: Memory, route: string, read: Stored['read']): void {
  stored.push({ prefix: route.replace(/:.*/, ''), kind: `200 ${route} application/json`, read })
}

/** What is stored for an address that is no more than a prefix and an id; its body as text. */
function storedFor(
  { alike, stored }: Memory,
  { url = '', headers }: IncomingMessage,
): { alike: Alike; text: string } | undefined {
  const asked = stored.find(({ prefix }) => url.startsWith(prefix))
  if (asked === undefined || headers['accept-encoding'] !== undefined || !takesJson.includes(headers.accept)) {
    return undefined
  }
  // Until one was routed it is not known what they have in common.
  const known = alike.get(asked.kind)
  const id = url.slice(asked.prefix.length)
  if (known === undefined || !/^[a-z\d-]+$/.test(id)) return undefined
  try {
    const text = asked.read(id)
    return text === undefined ? undefined : { alike: known, text }
  } catch {
    // It fails again where it is routed, and is told and logged there.
    return undefined
  }
}

/** The Accept headers of those who take JSON, as most send them. */
const takesJson: readonly (string | undefined)[] = [undefined, '*/*', 'application/json']

/** An answer that was given before routing. */
export type Given = { route: string; status: 200 | 304; request_id: string; cache: 'hit' | 'miss' }

/**
 * What stands before routing: gives what is kept for a request spelt as it was before, or is stored, to clients within their
 * limit. `headersFor` has the headers of this one request, as lines of a head, null where it is to be refused.
 *
 * @returns what was given; undefined where the request has to be routed.
 */
export function givenBeforeRouting(
  memory: Memory,
  headersFor: (request: IncomingMessage) => { id: string; lines: string } | null,
): (request: IncomingMessage, response: ServerResponse) => Given | undefined {
  const { answers, answered, spellings } = memory
  return (request, response) => {
    if (!isPlain(request)) return undefined
    // First: what is stored is hardly ever kept as well, and to look for that would take a tenth as long as to read it.
    const stored = storedFor(memory, request)
    const spelling = stored === undefined ? spellingOf(request) : null
    const question = spelling === null ? undefined : spellings.get(spelling)
    const kept = question === undefined ? undefined : answers.get(question)
    const alike = stored?.alike ?? kept?.alike ?? (question === undefined ? undefined : answered.get(question))
    if (alike === undefined) return undefined
    const condition = request.headers['if-none-match']
    const isFresh =
      condition !== undefined &&
      (condition === alike.etag || fresh({ 'if-none-match': condition }, { etag: alike.etag }))
    const coding = kept === undefined ? 'identity' : codingOf(request, kept.bodies.identity)
    const body = stored?.text ?? kept?.bodies[coding]
    if (!isFresh && body === undefined) return undefined
    const ofRequest = headersFor(request)
    if (ofRequest === null) return undefined
    if (isFresh || body === undefined) {
      answer(response, 304, alike.lines.notModified + ofRequest.lines)
    } else {
      const ofBody = `${coding === 'identity' ? '' : `content-encoding: ${coding}\r\n`}content-length: ${Buffer.byteLength(body)}\r\n`
      answer(response, 200, (kept?.lines ?? alike.lines.whole) + ofRequest.lines + ofBody, body)
    }
    const cache = stored === undefined ? 'hit' : 'miss'
    return { route: alike.route, status: isFresh ? 304 : 200, request_id: ofRequest.id, cache }
  }
}
