/** What the resources share: negotiation, conditional requests and paging. `answers.ts` describes their answers. */
import { hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fresh from 'fresh'
import Negotiator from 'negotiator'
import type { z } from 'zod'
import type { Db } from '../db/client.ts'
import type { ComparisonIndex } from '../db/comparisons.ts'
import type { openNames, Release } from '../db/dataset.ts'
import type { FigureIndex } from '../db/search.ts'
import { invalidRequest, ProblemError } from '../errors.ts'
import { citationFormats } from '../formats/citation.ts'
import { plainDecimal } from '../formats/decimal.ts'
import { lasting, negotiated } from '../http.ts'
import type { Meta, Page } from '../schemas/envelope.ts'
import { giveAgain, noteQuestion, type Memory } from './memory.ts'
import { writeCursor, type KnownTerms, type PlainListQuery } from '../schemas/query.ts'

/** What every route is given. */
export type Service = {
  db: Db
  /** The figures, ready to be searched. */
  index: FigureIndex
  /** The comparisons among them. */
  comparisons: ComparisonIndex
  release: Release
  known: KnownTerms
  /** What people call a term of a column. */
  titleOf: ReturnType<typeof openNames>['titleOf']
  /** Version of the code; with the digest it names every answer. */
  version: string
  /** Finished answers. */
  memory: Memory
  /** A path of this service as a link: under PUBLIC_URL where that is set. */
  link: (path: string) => string
  /** Stored JSON with its links, which are paths there, as links. */
  withLinks: <Json extends string | Buffer>(json: Json) => Json | string
}

/** Where a page starts: the rank or the id after which it goes on. */
export type Position = string | number

/** The media type to answer in, once `produces` has settled it. */
export const answerType = (request: FastifyRequest): string => request.getDecorator<string>('answerType')
/** Where to go on, once `resume` has read it; null for the start. */
export const position = (request: FastifyRequest): Position | null => request.getDecorator<Position | null>('position')

export const json = 'application/json'
export const csv = 'text/csv'
export const ndjson = 'application/x-ndjson'
export const parquet = 'application/vnd.apache.parquet'
export const html = 'text/html'
export const svg = 'image/svg+xml'
/** What Vega's own programs call a specification of the version of Vega-Lite that `$schema` names. */
export const vegaLite = 'application/vnd.vegalite.v6+json'

/** The parameter `format`, which beats the Accept header. */
export const formats: Readonly<Record<string, string>> = {
  ...{ json, csv, ndjson, parquet, svg, 'vega-lite': vegaLite },
  ...citationFormats,
}

/** The best of the media types offered that the client accepts; what it says of their parameters does not count. */
export function acceptable({ headers }: FastifyRequest, offered: string[]): string | undefined {
  const asked = headers.accept?.trim() ?? ''
  if (asked === '' || asked === '*/*') return offered[0]
  const accept = asked.replace(/;\s*(?!q=)[\w-]+=("[^"]*"|[^;,"]*)/gi, '')
  return new Negotiator({ headers: { accept } }).mediaType(offered)
}

/**
 * A preHandler that settles the media type: by `format`, else by Accept, whose order breaks ties (to anything goes the
 * first offered), else 406.
 */
export function produces(...offered: [string, ...string[]]) {
  return async (request: FastifyRequest): Promise<void> => {
    const { format } = request.query as { format?: string }
    const type = format === undefined ? acceptable(request, offered) : formats[format]
    if (type === undefined) {
      throw new ProblemError(406, `This resource comes as ${offered.join(' or ')} only.`)
    }
    request.setDecorator('answerType', type)
  }
}

/**
 * Sets what an answer is known and kept by, and returns its tag. That is weak: it names the content, by release and code, not the
 * bytes of an encoding.
 */
export function setValidators({ release, version }: Service, reply: FastifyReply, kind: string): string {
  const etag = `W/"${release.digest.slice('sha256:'.length, 'sha256:'.length + 16)}-${version}-${kind}"`
  reply.header('ETag', etag).header('Cache-Control', lasting).header('Vary', negotiated)
  return etag
}

/** Whether the client has what a tag names (RFC 9110, section 13.1.2). It does not say so with Cache-Control: to who wants to hear from the origin this is it. */
export function isFresh({ headers }: FastifyRequest, etag: string): boolean {
  const { 'if-none-match': condition } = headers
  return condition !== undefined && fresh({ 'if-none-match': condition }, { etag })
}

/**
 * A preHandler for the end of the list, when the request is known to be valid: sets the validators, and answers 304
 * before any work is done (RFC 9110, section 13).
 * What was answered before is given again, where `hangsOn`, if the answer hangs on more than the query, is the same.
 */
export function conditional(service: Service, hangsOn: (request: FastifyRequest) => string = () => '') {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const type = answerType(request)
    const etag = setValidators(service, reply, type.split('/').at(-1) ?? '')
    const asked = canonical(request.query as Query, ['cursor'])
    // The type in full: that of YAML has two names, which end alike.
    const question = JSON.stringify([pathOf(request), asked, position(request), type, hangsOn(request)])
    if (isFresh(request, etag)) {
      noteQuestion(question, request)
      return reply.code(304).send()
    }
    return giveAgain(service.memory, question, request, reply)
  }
}

/** From which release an answer comes; of a query as of a day also which documents came later. */
export const meta = ({ release }: Service, asOf?: { as_of: string; documents_left_out: string[] }): Meta => ({
  release: release.version,
  digest: release.digest,
  ...(asOf ?? { as_of: null }),
})

type ReadCursor = NonNullable<z.infer<typeof PlainListQuery>['cursor']>
type Query = Readonly<Record<string, string | number | readonly (string | number)[] | undefined>>

/** The parameters of a query that are set, in one spelling for all spellings of the same query. */
export function canonical(query: Query, without: readonly string[]): [string, string][] {
  const asked: [string, string][] = []
  for (const name of Object.keys(query).toSorted()) {
    const value = query[name]
    if (value !== undefined && !without.includes(name)) asked.push([name, spelt(value)])
  }
  return asked
}

/** A value in one spelling; of several terms each once, in order. */
function spelt(value: NonNullable<Query[string]>): string {
  if (typeof value === 'object') return [...new Set(value.map(spelt))].toSorted().join(',')
  return typeof value === 'number' ? plainDecimal(value) : value
}

/** A path with parameters, if there are any, commas left as they are. */
export const address = (path: string, parameters: [string, string][]) =>
  parameters.length === 0 ? path : `${path}?${new URLSearchParams(parameters).toString().replaceAll('%2C', ',')}`

/** What a cursor is bound to: the release, the path and the query, whatever its limit; and, against slips, itself. */
function binding({ release }: Service, path: string, asked: readonly [string, string][], after: Position): string {
  const bound = JSON.stringify([release.digest, path, asked.filter(([name]) => name !== 'limit'), after])
  return hash('sha256', bound, 'base64url').slice(0, 16)
}

/** The path of a resource, its ids filled in; what a route takes as an id is known to be one. */
const pathOf = ({ routeOptions, params }: FastifyRequest) =>
  (routeOptions.url ?? '').replace(/:(\w+)/g, (_, name: string) => (params as Record<string, string>)[name] ?? '')

/**
 * A preHandler that reads the cursor; one of another release or query, or none of ours, is a 400. Lists go on after an
 * id, those of figures after a rank. A page that shows a list takes the cursors of that list's path.
 */
export function resume(service: Service, by: 'id' | 'rank' = 'id', path?: string) {
  return async (request: FastifyRequest): Promise<void> => {
    const { cursor, ...query } = request.query as Query & { cursor?: ReadCursor }
    if (cursor === undefined) return
    const [bound, after] = cursor.content
    const fits = by === 'id' ? typeof after === 'string' : Number.isSafeInteger(after) && Number(after) > 0
    if (!fits || bound !== binding(service, path ?? pathOf(request), canonical(query, []), after)) {
      const reason = 'belongs to another query or release, or is damaged; start without it'
      throw invalidRequest([{ parameter: 'cursor', received: cursor.text.slice(0, 200), reason }])
    }
    request.setDecorator('position', after)
  }
}

/** The path of the page of a list that goes on after a position. */
export function nextPath(service: Service, path: string, query: Query, after: Position): string {
  const asked = canonical(query, ['cursor'])
  const cursor = writeCursor([binding(service, path, asked, after), after])
  return address(path, [...asked, ['cursor', cursor]])
}

/**
 * The page of a list, from one row more than it holds: that row tells whether there is a next page, whose address also
 * goes into the Link header (RFC 8288).
 */
export function paginate<Row>(
  service: Service,
  request: FastifyRequest,
  reply: FastifyReply,
  { rows, limit, total, positionOf }: { rows: Row[]; limit: number; total: number; positionOf: (row: Row) => Position },
): { rows: Row[]; page: Page } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  let next: string | null = null
  if (last !== undefined && rows.length > limit) {
    next = service.link(nextPath(service, pathOf(request), request.query as Query, positionOf(last)))
    reply.header('Link', `<${next}>; rel="next"`)
  }
  return { rows: shown, page: { total, returned: shown.length, next } }
}
