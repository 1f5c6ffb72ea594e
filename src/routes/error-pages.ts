/** Errors for people: where a browser asks for a page, what is wrong and where to go on; for all else, the problem. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { listFigures } from '../db/figures.ts'
import { asProblemError, errorHandler, problem, ProblemError } from '../errors.ts'
import { negotiated } from '../http.ts'
import { nearest } from '../nearest.ts'
import type { Shown } from '../pages/parts.ts'
import { exploreView } from './explore.ts'
import { policyOfPages } from './headers.ts'
import { acceptable, html, json, type Service } from './resource.ts'
import { sendPage, type Views } from './views.ts'

/** Most figures that a page for an address without anything offers. */
const mostFound = 5
/** Most words of an address that are looked for one by one. */
const mostTried = 5

/**
 * Fastify's error handler: a 400 or 404 where a page was asked for is a page, if the client would rather have that than
 * JSON; every other error is a problem, as in the API, whoever asks.
 */
export function errorPages(service: Service & { views: Views }) {
  const { link, views } = service
  const asProblem = errorHandler(link(''))
  return async (
    error: FastifyError | ProblemError,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    const known = asProblemError(error, request)
    // Another method than these is no look for a page, wherever it goes.
    const isPage = (request.is404 && /^(GET|HEAD)$/.test(request.method)) || request.routeOptions.config.page === true
    const mayBePage = isPage && [400, 404].includes(known.statusCode)
    if (mayBePage) reply.header('Vary', negotiated)
    if (!mayBePage || acceptable(request, [json, html]) !== html) {
      asProblem(error, request, reply)
      return reply
    }
    let page
    try {
      page = await pageOf(known, request)
    } catch (failure) {
      // A page that cannot be made is a fault of ours, and told as every other.
      asProblem(failure as FastifyError, request, reply)
      return reply
    }
    void reply
      .code(known.statusCode)
      .header('Cache-Control', 'no-store')
      .header('Content-Security-Policy', policyOfPages(link('')))
      .removeHeader('ETag')
    return sendPage(reply, page)
  }

  async function pageOf({ statusCode, message, extra }: ProblemError, request: FastifyRequest): Promise<string> {
    if (request.routeOptions.url === '/explore' && extra.errors !== undefined) {
      return exploreView(service, request, { faults: extra.errors })
    }
    const { words, found } = find(statusCode === 404 ? wordsOf(request) : [])
    const { missingPage } = await import('../pages/missing.ts')
    return missingPage(views.site(request), views.words, {
      problem: problem(statusCode, message, request.url, link(''), extra),
      suggestion: suggestionFor(request, statusCode, extra.did_you_mean),
      words,
      found,
    })
  }

  /** Figures that hold all the words, or else the longest of them that any figure holds. */
  function find(words: string[]): { words: string; found: Shown[] } {
    const tries = [words.join(' '), ...words.toSorted((a, b) => b.length - a.length).slice(0, mostTried)]
    for (const q of tries.filter((text) => text !== '')) {
      const found = listFigures(service.index, { q: q.slice(0, 200) }, 'relevance', 0, mostFound)
      if (found.length > 0) return { words: q, found: found.map(views.shown) }
    }
    return { words: words.join(' '), found: [] }
  }

  /** The page of what was most likely meant. */
  function suggestionFor(request: FastifyRequest, statusCode: number, meant: string | undefined): string | null {
    const [path = ''] = request.url.split('?')
    const [, kind] = request.routeOptions.url?.split('/') ?? []
    if (!request.is404 && meant !== undefined) return `/${kind}/${meant}`
    // What is wrong is in the query.
    if (!request.is404 && statusCode === 400) return path
    const last = path.split('/').at(-1) ?? ''
    const metric = nearest(last, service.known.metric)
    if (metric !== undefined) return `/metrics/${metric}`
    const document = nearest(last, service.known.document)
    if (document !== undefined) return `/documents/${document}`
    return meant ?? nearest(path, ['/explore', '/docs']) ?? null
  }
}

/** The words of a path: what somebody who typed it was looking for. */
function wordsOf({ url }: FastifyRequest): string[] {
  const [path = ''] = url.split(/[?#]/)
  const words = decodeURIComponent(path).match(/[\p{L}\p{N}]+/gu) ?? []
  return words.filter(
    (word) => !['v1', 'figures', 'metrics', 'documents', 'explore', 'html', 'php'].includes(word.toLowerCase()),
  )
}
