/** Errors for people: where a browser asks for a page, what is wrong and where to go on; for all else, the problem. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { listFigures } from '../db/figures.ts'
import { asProblemError, errorHandler, problem, ProblemError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { missingPage } from '../pages/missing.ts'
import { exploreView } from './explore.ts'
import { policyOfPages } from './headers.ts'
import { acceptable, html, json, type Service } from './resource.ts'
import { sendPage, type Views } from './views.ts'

/** Most figures that a page for an address without anything offers. */
const mostFound = 5

/**
 * Fastify's error handler: a 400 or 404 where a page was asked for is a page, if the client would rather have that than
 * JSON; every other error is a problem, as in the API, whoever asks.
 */
export function errorPages(service: Service & { views: Views }) {
  const { link, views } = service
  const asProblem = errorHandler(link(''))
  return (error: FastifyError | ProblemError, request: FastifyRequest, reply: FastifyReply): void => {
    const { statusCode, message, extra } = asProblemError(error, request)
    const isPage = request.is404 || request.routeOptions.config.page === true
    const forPeople = isPage && [400, 404].includes(statusCode) && acceptable(request, [json, html]) === html
    if (!forPeople) {
      asProblem(error, request, reply)
      return
    }
    void reply
      .code(statusCode)
      .header('Cache-Control', 'no-store')
      .header('Vary', 'accept')
      .header('Content-Security-Policy', policyOfPages(link('')))
      .removeHeader('ETag')
    if (request.routeOptions.url === '/explore' && extra.errors !== undefined) {
      sendPage(reply, exploreView(service, request, { faults: extra.errors }))
      return
    }
    const words = wordsOf(request)
    sendPage(
      reply,
      missingPage(views.site(request), views.words, {
        problem: problem(statusCode, message, request.url, link(''), extra),
        suggestion: suggestionFor(request, extra.did_you_mean),
        words,
        found: statusCode === 404 ? find(words) : [],
      }),
    )
  }

  function find(words: string) {
    if (words === '') return []
    return listFigures(service.index, { q: words }, 'relevance', 0, mostFound).map(views.shown)
  }

  /** The page of what was most likely meant. */
  function suggestionFor(request: FastifyRequest, meant: string | undefined): string | null {
    const [, kind] = request.routeOptions.url?.split('/') ?? []
    if (meant === undefined) {
      const [path = ''] = request.url.split('?')
      return request.is404 ? (nearest(path, ['/explore']) ?? null) : path
    }
    return request.is404 ? meant : `/${kind}/${meant}`
  }
}

/** The words of a path: what somebody who typed it was looking for. */
function wordsOf({ url }: FastifyRequest): string {
  const [path = ''] = url.split(/[?#]/)
  const words = decodeURIComponent(path).match(/[\p{L}\p{N}]+/gu) ?? []
  return words
    .filter((word) => !['v1', 'figures', 'metrics', 'documents', 'explore', 'html', 'php'].includes(word.toLowerCase()))
    .join(' ')
    .slice(0, 200)
}
