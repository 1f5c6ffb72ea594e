/** What the resources share: negotiation, conditional requests and paging. `answers.ts` describes their answers. */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fresh from 'fresh'
import Negotiator from 'negotiator'
import type { z } from 'zod'
import type { Db } from '../db/client.ts'
import type { Release } from '../db/dataset.ts'
import { invalidRequest, ProblemError } from '../errors.ts'
import type { Meta, Page } from '../schemas/envelope.ts'
import type { KnownTerms } from '../schemas/figures.ts'
import { writeCursor, type PlainListQuery } from '../schemas/query.ts'

/** What every route is given. */
export type Service = {
  db: Db
  release: Release
  known: KnownTerms
  /** Version of the code; with the digest it names every answer. */
  version: string
  /** A path of this service as a link: under PUBLIC_URL where that is set. */
  link: (path: string) => string
}

/** Where a page starts: the sort key and id after which it goes on. */
export type Position = { key: string | number | null; id: string }

/** The media type to answer in, once `produces` has settled it. */
export const answerType = (request: FastifyRequest): string => request.getDecorator<string>('answerType')
/** Where to go on, once `resume` has read it; null for the start. */
export const position = (request: FastifyRequest): Position | null => request.getDecorator<Position | null>('position')

export const json = 'application/json'
export const csv = 'text/csv'
export const html = 'text/html'

/** The parameter `format`, which beats the Accept header. */
const formats: Readonly<Record<string, string>> = { json, csv }

/** The best of the media types offered that the client accepts; what it says of their parameters does not count. */
function acceptable({ headers }: FastifyRequest, offered: string[]): string | undefined {
  const accept = (headers.accept ?? '*/*').replace(/;\s*(?!q=)[\w-]+=("[^"]*"|[^;,"]*)/gi, '')
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
 * A preHandler for the end of the list, when the request is known to be valid: sets the validators, and answers 304
 * before any work is done (RFC 9110, section 13). The tag is weak: it names the content, not the bytes of an encoding.
 */
export function conditional({ release, version }: Service) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const kind = answerType(request).split('/').at(-1) ?? ''
    const etag = `W/"${release.digest.slice('sha256:'.length, 'sha256:'.length + 16)}-${version}-${kind}"`
    reply
      .header('ETag', etag)
      .header('Cache-Control', 'public, max-age=300, stale-while-revalidate=86400')
      .header('Vary', 'accept, accept-encoding')
    // Not Cache-Control: a client that says no-cache wants to hear from the origin, and does.
    const { 'if-none-match': condition } = request.headers
    return condition !== undefined && fresh({ 'if-none-match': condition }, { etag })
      ? reply.code(304).send()
      : undefined
  }
}

export const meta = ({ release }: Service): Meta => ({ release: release.version, digest: release.digest, as_of: null })

type ReadCursor = NonNullable<z.infer<typeof PlainListQuery>['cursor']>
type Query = Readonly<Record<string, string | number | readonly (string | number)[] | undefined>>

/** The parameters of a query that are set, in one spelling for all spellings of the same query. */
function canonical(query: Query, without: readonly string[]): [string, string][] {
  return Object.entries(query)
    .filter(([name, value]) => value !== undefined && !without.includes(name))
    .map(([name, value]): [string, string] => [name, [...new Set([value].flat())].toSorted().join(',')])
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** What a cursor is bound to: the release, the path and the query, whatever its limit; and, against slips, itself. */
function binding({ release }: Service, path: string, query: Query, { key, id }: Position): string {
  const bound = JSON.stringify([release.digest, path, canonical(query, ['limit', 'cursor']), key, id])
  return createHash('sha256').update(bound).digest('base64url').slice(0, 16)
}

const pathOf = (request: FastifyRequest) => request.routeOptions.url ?? ''

/** A preHandler that reads the cursor; one of another release or query, or none of ours, is a 400. */
export function resume(service: Service) {
  return async (request: FastifyRequest): Promise<void> => {
    const { cursor, ...query } = request.query as Query & { cursor?: ReadCursor }
    if (cursor === undefined) return
    const [bound, key, id] = cursor.content
    if (bound !== binding(service, pathOf(request), query, { key, id })) {
      const reason = 'belongs to another query or release, or is damaged; start without it'
      throw invalidRequest([{ parameter: 'cursor', received: cursor.text.slice(0, 200), reason }])
    }
    request.setDecorator('position', { key, id })
  }
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
    const query = request.query as Query
    const { key, id } = positionOf(last)
    const path = pathOf(request)
    const cursor = writeCursor([binding(service, path, query, { key, id }), key, id])
    const parameters = new URLSearchParams([...canonical(query, ['cursor']), ['cursor', cursor]])
    next = service.link(`${path}?${parameters.toString().replaceAll('%2C', ',')}`)
    reply.header('Link', `<${next}>; rel="next"`)
  }
  return { rows: shown, page: { total, returned: shown.length, next } }
}
