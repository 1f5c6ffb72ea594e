/** The root of the service: for people the page to start from, for programs what there is. */
import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import { z } from 'zod'
import { countComparisons } from '../db/comparisons.ts'
import { countAll } from '../db/dataset.ts'
import { listDocuments } from '../db/documents.ts'
import { listFigures } from '../db/figures.ts'
import { listMetrics } from '../db/metrics.ts'
import type { FigureFilter } from '../db/search.ts'
import { listTargets } from '../db/targets.ts'
import { problemKinds } from '../errors.ts'
import { summary, title } from '../openapi.ts'
import type { Landing } from '../pages/landing.ts'
import type { Pair, Shown } from '../pages/parts.ts'
import { ServiceDescription } from '../schemas/dataset.ts'
import { NoQuery } from '../schemas/query.ts'
import type { Relation } from '../schemas/vocabularies.ts'
import { itemAnswer, problemOrPage, problems } from './answers.ts'
import { withDocumentLinks } from './documents.ts'
import { withMetricLinks } from './metrics.ts'
import { answerType, conditional, html, json, meta, produces, type Service } from './resource.ts'
import { targetOf } from './targets.ts'
import { sendPage, type Views } from './views.ts'

/** Most things of a kind on the page. */
const mostListed = 200
const mostPairs = 4

/** What to try first, in words and as an address. */
const examples = [
  ['Coca eradication, newest first', '/v1/figures?metric=coca-eradication'],
  ['What was claimed for 2020', '/v1/figures?year=2020&claim_type=outcome'],
  ['The targets for 2023', '/v1/figures?claim_type=target'],
  [
    'Eradication of certainly at least 100,000 hectares',
    '/v1/figures?metric=coca-eradication&measure=level&value_min=100000&match=certain',
  ],
  ['What was known at the end of 2019', '/v1/figures?as_of=2019-12-31'],
  ['Figures that speak of helicopters', '/v1/figures?q=helicopters'],
  ['How many figures of each metric', '/v1/figures?facet=metric&limit=1'],
  ['What a later document revised', '/v1/comparisons?relation=revises'],
  ['Coca eradication as series, each with why it is apart', '/v1/metrics/coca-eradication/series'],
  ['Who prints no figure of coca eradication for 2019', '/v1/coverage?metric=coca-eradication&year=2019&silent=true'],
  ['Records, highest or lowest', '/v1/figures?superlative=highest,lowest'],
  ['Everything as a spreadsheet', '/v1/figures?format=csv&bom=true'],
  ['A misspelt filter, and what it gets', '/v1/figures?metirc=coca-eradication'],
] as const

const endpoints = [
  ['/v1/figures', 'Figures as flat rows: filter, search, count, sort, page; JSON, CSV, NDJSON or Parquet'],
  ['/v1/metrics', 'What is measured, with definitions and scopes'],
  ['/v1/comparisons', 'Figures that speak of the same thing, and how they relate'],
  ['/v1/targets', 'What somebody aims at, and what came of it'],
  ['/v1/coverage', 'Which document prints figures of which metric for which year, and which none'],
  ['/v1/documents', 'The sources, and the numbers in them that are no figures'],
  ['/v1/vocabularies', 'The words that fields are filled with, defined'],
  ['/v1/dataset', 'The release: version, digest, counts, licence, changelog'],
  ['/openapi.json', 'The OpenAPI 3.1 document; also as /openapi.yaml'],
  ['/docs', 'Swagger UI: try every operation in the browser'],
] as const

/** In which pairs documents disagree, or seem to; the gravest first. */
const disagreements: Relation[] = ['conflicts', 'revises', 'different_scope']

/** The landing page and the service description. */
export const landingRoutes: FastifyPluginAsyncZodOpenApi<Service & { views: Views }> = async (app, service) => {
  const { db, index, link, release, version, views } = service

  app.get(
    '/',
    {
      schema: {
        operationId: 'getService',
        summary: 'Get the service description',
        description: 'For people, a page with links and examples; for programs, the same as JSON.',
        tags: ['Service'],
        querystring: NoQuery,
        response: {
          ...itemAnswer(ServiceDescription, 'What the service is.', {
            [html]: {
              schema: z.string().meta({ description: 'The landing page.' }),
              example: '<!doctype html><html lang="en">…</html>',
            },
          }),
          ...problems(400),
          400: problemOrPage(400),
        },
      },
      config: { page: true },
      preHandler: [produces(json, html), conditional(service, views.originOf)],
    },
    async (request, reply) => {
      if (answerType(request) === html) {
        const { landingPage } = await import('../pages/landing.ts')
        return sendPage(reply, landingPage(views.site(request), views.words, landing()))
      }
      const links = Object.fromEntries(
        endpoints.map(([path]) => [path.replace(/^\/(v1\/)?/, '').replace('.json', ''), link(path)]),
      )
      return reply.send({ data: { title, description: summary, version, links }, meta: meta(service) })
    },
  )

  function landing(): Landing {
    const metrics = listMetrics(db, '', mostListed)
    return {
      title,
      summary,
      dataset: release,
      counts: countAll(db),
      specimen: specimen(),
      metrics: metrics.map((metric) => ({
        metric: withMetricLinks(metric, link),
        computed_count: views.countComputed(metric.id),
        latest: latestOf(metric.id),
        sizes: views.chartSizes(metric.id),
      })),
      disagreements: disagreeing(),
      disagreement_count: countComparisons(service.comparisons, { relation: disagreements }),
      disagreements_path: `/v1/comparisons?relation=${disagreements.join(',')}`,
      targets: listTargets(db, '', mostListed).map((row) => {
        const target = targetOf(db, row)
        return {
          target,
          metric: views.words.name('metric', target.metric),
          base: views.figureOf(target.base),
          absolute: views.figureOf(target.absolute),
          stated_by: target.stated_by.map(views.figureOf),
        }
      }),
      documents: listDocuments(db, '', mostListed).map((document) => withDocumentLinks(document, link)),
      examples,
      resources: endpoints,
      problems: Object.entries(problemKinds).map(([status, kind]) => ({ status, ...kind })),
    }
  }

  const some = (filter: FigureFilter, limit: number): Shown[] =>
    listFigures(index, filter, '-year', 0, limit).map(views.shown)

  /** What shows best what a figure is: a bound that is open, of which other figures speak too. */
  function specimen(): Shown | null {
    const open = some({ qualifier: ['more_than'], claim_type: ['outcome'], measure: ['level'] }, 50)
    const [most] = open.toSorted((a, b) => b.comparison_count - a.comparison_count)
    return most ?? null
  }

  /**
   * What is said of a metric for the latest year: of what has happened and in numbers, where there is such a thing; of a
   * period that is told rather than one for which the date of the document stands in; and how much it was rather than by
   * how much it changed.
   */
  function latestOf(metric: string): Shown | null {
    const outcomes = some({ metric: [metric], claim_type: ['outcome'] }, 20)
    const printed = outcomes.filter(({ origin }) => origin === 'quoted')
    const numbers = printed.filter(({ value }) => value !== null)
    const latest = numbers.filter(({ year }) => year === numbers[0]?.year)
    const dated = latest.filter(({ period_basis }) => period_basis !== 'document')
    const candidates = dated.length > 0 ? dated : latest
    return (
      candidates.find(({ measure }) => measure === 'level') ??
      candidates[0] ??
      printed[0] ??
      outcomes[0] ??
      some({ metric: [metric] }, 1)[0] ??
      null
    )
  }

  /** Pairs of printed figures, the gravest first. */
  function disagreeing(): Pair[] {
    const pairs: Pair[] = []
    for (const relation of disagreements) {
      if (pairs.length === mostPairs) break
      pairs.push(...views.listPairs({ relation: [relation], involves_derived: [false] }, mostPairs - pairs.length))
    }
    return pairs
  }
}
