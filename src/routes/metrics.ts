import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import { getMetric, listMetrics, listScopes } from '../db/metrics.ts'
import { Metric, MetricSummary } from '../schemas/metrics.ts'
import { defaultLimit, NoQuery, PlainListQuery } from '../schemas/query.ts'
import { itemAnswer, listAnswer, problems } from './answers.ts'
import { IdOf, mustBe, unknownOf } from './ids.ts'
import { conditional, json, meta, paginate, produces, resume, type Service, position } from './resource.ts'

/** A metric with the addresses of its record and its figures. */
export const withMetricLinks = <Row extends { id: string }>(row: Row, link: Service['link']) => ({
  ...row,
  figures_url: link(`/v1/figures?metric=${row.id}`),
  url: link(`/v1/metrics/${row.id}`),
})

/** What is measured. */
export const metricRoutes: FastifyPluginAsyncZodOpenApi<Service> = async (app, service) => {
  const { db, known, link } = service

  app.get(
    '/v1/metrics',
    {
      schema: {
        operationId: 'listMetrics',
        summary: 'List metrics',
        description: 'What is measured, by id: definitions, units, and how much the documents print of each.',
        tags: ['Metrics'],
        querystring: PlainListQuery,
        response: { ...listAnswer(MetricSummary, 'The metrics.'), ...problems(400) },
      },
      preHandler: [produces(json), resume(service), conditional(service)],
    },
    async (request, reply) => {
      const { limit = defaultLimit } = request.query
      const { rows, page } = paginate(service, request, reply, {
        rows: listMetrics(db, String(position(request) ?? ''), limit + 1),
        limit,
        total: known.metric.length,
        positionOf: ({ id }) => id,
      })
      return reply.send({ data: rows.map((row) => withMetricLinks(row, link)), page, meta: meta(service) })
    },
  )

  app.get(
    '/v1/metrics/:id',
    {
      schema: {
        operationId: 'getMetric',
        summary: 'Get a metric',
        description: 'One metric with its scopes: the parts of it that figures cover, which are never blended.',
        tags: ['Metrics'],
        params: IdOf('metric'),
        querystring: NoQuery,
        response: { ...itemAnswer(Metric, 'The metric.'), ...problems(400, 404) },
      },
      preValidation: mustBe(service, 'metric'),
      preHandler: [produces(json), conditional(service)],
    },
    async (request, reply) => {
      const { id } = request.params
      const metric = getMetric(db, id)
      if (metric === undefined) throw unknownOf(service, 'metric', id)
      return reply.send({ data: { ...withMetricLinks(metric, link), scopes: listScopes(db, id) }, meta: meta(service) })
    },
  )
}
