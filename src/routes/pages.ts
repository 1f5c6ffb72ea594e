/** The pages for people: each shows a resource of the API, to which it sends programs on. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import { countComparisons } from '../db/comparisons.ts'
import { getDocument, listNotRecorded } from '../db/documents.ts'
import { getFigure, listFigures, listIdsInText } from '../db/figures.ts'
import { getMetric, listScopes } from '../db/metrics.ts'
import { ProblemError } from '../errors.ts'
import { cslOfDerivedFigure, cslOfDocument, cslOfFigure } from '../formats/citation.ts'
import { lasting, negotiated } from '../http.ts'
import { FiguresQuery } from '../schemas/figures-query.ts'
import type { FigureDetail } from '../schemas/figures.ts'
import { NoQuery } from '../schemas/query.ts'
import { withDocumentLinks } from './documents.ts'
import { exploreView } from './explore.ts'
import { IdOf, mustBe, unknownOf } from './ids.ts'
import { withMetricLinks } from './metrics.ts'
import { acceptable, address, conditional, formats, html, json, resume, type Service } from './resource.ts'
import { sendPage, type Views } from './views.ts'

/** Most figures, comparisons and uses of a figure on a page; what is beyond is a link away. */
const mostFigures = 200
const mostPairs = 20
const mostUses = 20

/** Metrics, documents and figures one by one, and all of them to be explored. */
export const pageRoutes: FastifyPluginAsyncZodOpenApi<Service & { views: Views }> = async (app, service) => {
  const { db, index, known, link, release, views } = service
  const { words } = views

  /** A route of a page for one thing; programs are sent to the resource, unknown ids refused as there. */
  const pageOf = (kind: 'metric' | 'document' | 'figure') => ({
    schema: { hide: true, params: IdOf(kind), querystring: NoQuery },
    config: { page: true },
    preValidation: [mustBe(service, kind), forPeople(service, (request) => `/v1${request.url}`)],
    preHandler: conditional(service, views.originOf),
  })

  app.get('/metrics/:id', pageOf('metric'), async (request, reply) => {
    const { id } = request.params
    const metric = getMetric(db, id)
    if (metric === undefined) throw unknownOf(service, 'metric', id)
    const figures = listFigures(index, { metric: [id] }, '-year', 0, mostFigures)
    const { metricPage } = await import('../pages/metric.ts')
    const page = metricPage(views.site(request), words, {
      metric: { ...withMetricLinks(metric, link), scopes: listScopes(db, id) },
      sizes: views.chartSizes(id),
      computed_count: views.countComputed(id),
      figures: figures.map(views.shown),
      comparisons: views.listPairs({ metric: [id] }, mostPairs),
      comparison_count: countComparisons(service.comparisons, { metric: [id] }),
    })
    return sendPage(reply, page)
  })

  app.get('/documents/:id', pageOf('document'), async (request, reply) => {
    const { id } = request.params
    const document = getDocument(db, id)
    if (document === undefined) throw unknownOf(service, 'document', id)
    const { documentPage } = await import('../pages/document.ts')
    const page = documentPage(views.site(request), words, {
      document: { ...withDocumentLinks(document, link), not_recorded: listNotRecorded(db, id) },
      figures: listIdsInText(db, id, mostFigures).map(views.figureOf),
      citation: await views.citation(cslOfDocument(document)),
    })
    return sendPage(reply, page)
  })

  app.get('/figures/:id', pageOf('figure'), async (request, reply) => {
    const { id } = request.params
    const stored = getFigure(db, id)
    if (stored === undefined) throw unknownOf(service, 'figure', id)
    const figure = views.shown(stored)
    const { evidence, comparisons, lineage } = JSON.parse(`{${stored.detail}}`) as Pick<
      FigureDetail,
      'evidence' | 'comparisons' | 'lineage'
    >
    const { method, assumes, inputs, used_by } = lineage
    const document = figure.document === null ? undefined : getDocument(db, figure.document)
    const scopes = listScopes(db, figure.metric)
    const { figurePage } = await import('../pages/figure.ts')
    const page = figurePage(views.site(request), words, {
      figure,
      scope: scopes.find(({ scope }) => scope === figure.scope)?.definition ?? '',
      evidence,
      comparisons: comparisons.slice(0, mostPairs).map(views.pairOf),
      derivation:
        method === null || inputs === null
          ? null
          : { method, assumes, inputs: inputs.map(({ name, id: input }) => ({ name, figure: views.figureOf(input) })) },
      uses: used_by.slice(0, mostUses).map(({ method, id: use }) => ({ method, figure: views.figureOf(use) })),
      use_count: used_by.length,
      citation: await views.citation(
        document === undefined
          ? cslOfDerivedFigure({ ...figure, url: `${views.originOf(request)}/figures/${id}` }, release)
          : cslOfFigure(figure, document),
      ),
    })
    return sendPage(reply, page)
  })

  // Who leaves the rest out of an address wants to see what there is.
  for (const { path, page, place = '', resource, takesFormat = false } of shortened) {
    app.get(
      path,
      {
        schema: { hide: true },
        config: { page: true },
        preValidation: forPeople(service, (request) => request.url.replace(path, resource), { takesFormat }),
      },
      async (request, reply) => seeOther(reply, link(`${request.url.replace(path, page)}${place}`)),
    )
  }

  app.get(
    '/explore',
    {
      schema: { hide: true, querystring: FiguresQuery(known) },
      config: { page: true },
      preValidation: [
        dropEmpty(service),
        forPeople(service, (request) => request.url.replace('/explore', '/v1/figures'), { takesFormat: true }),
        async ({ query }: FastifyRequest) => {
          // A mark for files of CSV is as wrong on a page as in JSON.
          const given = query as Record<string, unknown>
          if (given['bom'] !== undefined) given['format'] ??= 'json'
        },
      ],
      preHandler: [resume(service, 'rank', '/v1/figures'), conditional(service, views.originOf)],
    },
    async (request, reply) => sendPage(reply, await exploreView(service, request, { query: request.query })),
  )
}

/**
 * Addresses of which the rest is left out, on which page and where on it people find what there is, and the resource for programs; what
 * is asked besides is settled there.
 */
const shortened: readonly { path: string; page: string; place?: string; resource: string; takesFormat?: boolean }[] = [
  { path: '/v1', page: '/', resource: '/' },
  { path: '/metrics', page: '/', place: '#metrics', resource: '/v1/metrics' },
  { path: '/documents', page: '/', place: '#documents', resource: '/v1/documents' },
  { path: '/figures', page: '/explore', resource: '/v1/figures', takesFormat: true },
]

/** Sends on to what answers instead (303, RFC 9110, section 15.4.4); it does so until the next release. */
const seeOther = (reply: FastifyReply, target: string): FastifyReply =>
  reply.header('Vary', negotiated).header('Cache-Control', lasting).redirect(target, 303)

/** What those who pass links on add to them, to see who follows; it asks for nothing. */
const mark = /^(?:utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id)$/

/** A hook for pages that leads an address with such marks to the same without them: it was passed on, not misspelt. */
export function dropMarks({ link }: Service) {
  return async ({ url }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    // A query may hold further question marks.
    const [path = '', ...query] = url.split('?')
    const parts = query.join('?').split('&')
    const rest = parts.filter((part) => !mark.test(part.split('=', 1)[0] ?? ''))
    if (rest.length === parts.length) return undefined
    return reply
      .header('Cache-Control', 'no-store')
      .redirect(link(rest.length === 0 ? path : `${path}?${rest.join('&')}`), 302)
  }
}

/**
 * A preValidation that settles who asks: people get the page; programs that prefer JSON are sent on to the resource that
 * the page shows, so that each resource has one address. Where the resource takes a format, what names one is a file, and
 * comes from the API too.
 */
function forPeople(
  { link }: Service,
  resourceOf: (request: FastifyRequest) => string,
  { takesFormat = false }: { takesFormat?: boolean } = {},
) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const type = acceptable(request, [html, json])
    if (type === undefined) throw new ProblemError(406, `This page comes as ${html} or ${json} only.`)
    // What is wrong with a format is told on the page.
    const { format } = request.query as Record<string, unknown>
    if (type === json || (takesFormat && typeof format === 'string' && Object.hasOwn(formats, format))) {
      return seeOther(reply, link(resourceOf(request)))
    }
    request.setDecorator('answerType', html)
    return undefined
  }
}

/**
 * A preValidation that leaves out what a form sends of fields that nobody filled in: what then stands in the address is a
 * query of the API as it is.
 */
function dropEmpty({ link }: Service) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const fields = Object.entries(request.query as Record<string, string | string[]>)
    const filled = fields.flatMap(([name, value]) =>
      [value].flat().flatMap((text): [string, string][] => (text === '' ? [] : [[name, text]])),
    )
    if (filled.length === fields.flatMap(([, value]) => value).length) return undefined
    return reply
      .header('Cache-Control', 'no-store')
      .redirect(link(filled.length === 0 ? '/explore' : address('/explore', filled)), 303)
  }
}
