import { createHash } from 'node:crypto'
import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import { z } from 'zod'
import { styleSheet } from '../charts/style.ts'
import { getChart } from '../db/charts.ts'
import { ProblemError } from '../errors.ts'
import { headerNamed } from '../openapi.ts'
import { ChartQuery, ChartSpecification } from '../schemas/charts.ts'
import { exampleOf } from '../schemas/envelope.ts'
import { answer, problems } from './answers.ts'
import { IdOf, mustBe } from './ids.ts'
import { answerType, conditional, json, produces, svg, vegaLite, type Service } from './resource.ts'

/** A picture opened as a page of its own may have its own style sheet, and nothing else. */
const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(styleSheet).digest('base64')}'`,
  "frame-ancestors 'none'",
].join('; ')

const specification = { schema: ChartSpecification, example: exampleOf(ChartSpecification) }

/** The figures of a metric as a picture, as it was drawn at load. */
export const chartRoutes: FastifyPluginAsyncZodOpenApi<Service> = async (app, service) => {
  const { db } = service

  app.addHook('onRequest', async (_request, reply) => {
    reply.header('Content-Security-Policy', contentSecurityPolicy)
  })

  app.get(
    '/v1/metrics/:id/chart',
    {
      schema: {
        operationId: 'getMetricChart',
        summary: 'Get the chart of a metric',
        description:
          'All figures of a metric as a picture, or as the Vega-Lite specification that it is drawn from. Each figure is ' +
          'a row of its own, under its series; each measure and unit has its own axis. A shape is a document, hollow is a ' +
          'target or projection, dashed is derived. An arrow leads to where no bound is printed, dots to both sides where ' +
          'none is at all; a record without a number is a row without a mark. Nothing is joined by lines, averaged or ' +
          'interpolated. The picture suits light and dark screens and print, has a title and a description for who does ' +
          'not see it, and is the same to the byte for one release and version.',
        tags: ['Metrics'],
        params: IdOf('metric'),
        querystring: ChartQuery,
        response: {
          ...answer(
            'The chart.',
            {
              [svg]: {
                schema: z.string().meta({ description: 'SVG, UTF-8: no script, no reference to anything outside.' }),
                example:
                  '<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="720" height="264" role="img">…</svg>',
              },
              [vegaLite]: specification,
              [json]: specification,
            },
            { 'Content-Disposition': headerNamed('FileName') },
          ),
          ...problems(400, 404),
        },
      },
      preValidation: mustBe(service, 'metric'),
      // Who asks for plain JSON gets the specification, which is JSON.
      preHandler: [produces(svg, vegaLite, json), conditional(service)],
    },
    async (request, reply) => {
      const { id } = request.params
      const { size = 'wide' } = request.query
      const type = answerType(request)
      const stored = getChart(db, id, size, type === svg ? 'svg' : 'specification')
      // Where figures were generated, nobody drew them.
      if (stored === undefined) throw new ProblemError(404, `There is no chart of the metric ${id}.`)
      return reply
        .type(`${type}; charset=utf-8`)
        .header('Content-Disposition', `inline; filename="${id}-${size}.${type === svg ? 'svg' : 'vl.json'}"`)
        .send(stored)
    },
  )
}
