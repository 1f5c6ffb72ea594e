import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import {
  keyParts,
  listPoints,
  listSeries,
  openSeries,
  type KeyPart,
  type MetricSeries,
  type SeriesKey,
  type StoredSeries,
} from '../db/series.ts'
import { onFirstUse } from '../first-use.ts'
import { defaultLimit, PlainListQuery } from '../schemas/query.ts'
import { mostPoints, Series, type SeriesPoint } from '../schemas/series.ts'
import { claimTypes, measures } from '../schemas/vocabularies.ts'
import { listAnswer, problems } from './answers.ts'
import { IdOf, mustBe } from './ids.ts'
import {
  address,
  canonical,
  conditional,
  json,
  meta,
  paginate,
  position,
  produces,
  resume,
  type Service,
} from './resource.ts'

/** The figures of a metric as series, apart wherever they may not be compared. */
export const seriesRoutes: FastifyPluginAsyncZodOpenApi<Service> = async (app, service) => {
  const { db, link, titleOf } = service
  const index = openSeries(db, mostPoints)

  app.get(
    '/v1/metrics/:id/series',
    {
      schema: {
        operationId: 'listSeries',
        summary: 'List the series of a metric',
        description:
          'The figures of a metric as series: only what has the same scope, measure, claim type, place, unit, baseline ' +
          'year and voice is one series, and `apart_because` says why each is its own. Example: of coca eradication ' +
          'there are hectares for 2018, 2019 and 2020, and yet no line to draw: those of 2018 are of forced eradication ' +
          'and crop substitution together, those of 2019 of no stated kind, those of 2020 of forced eradication. ' +
          'Computed points and targets are marked by `origin` and `claim_type`. Nothing is merged, averaged or ' +
          'interpolated, and no point is called the best.',
        tags: ['Metrics'],
        params: IdOf('metric'),
        querystring: PlainListQuery,
        response: { ...listAnswer(Series, 'The series, by id.'), ...problems(400, 404) },
      },
      preValidation: mustBe(service, 'metric'),
      preHandler: [produces(json), resume(service), conditional(service)],
    },
    async (request, reply) => {
      const { id } = request.params
      const { limit = defaultLimit } = request.query
      const of = listSeries(index, id)
      const after = String(position(request) ?? '')
      const from = of.series.findIndex((series) => series.id > after)
      const { rows, page } = paginate(service, request, reply, {
        rows: from === -1 ? [] : of.series.slice(from, from + limit + 1),
        limit,
        total: of.series.length,
        positionOf: (series) => series.id,
      })
      const points = listPoints(db, rows)
      const data = rows.map((series, at) => asSeries(series, explain(series, of, titleOf), points[at] ?? []))
      return reply.send({ data, page, meta: meta(service) })
    },
  )

  function asSeries(stored: StoredSeries, apart_because: string[], points: Omit<SeriesPoint, 'url'>[]): Series {
    const { attributed_count, first_points: _, point_count, ...series } = stored
    const { id: __, baseline_year, voice, ...terms } = series
    const query = {
      ...terms,
      ...(baseline_year !== null && { baseline_year }),
      // A voice that is now the attribution, now the publisher, no filter asks for: both together would ask for neither.
      ...(voice === null && { origin: 'derived' }),
      ...(voice !== null && attributed_count === point_count && { attribution: voice }),
      ...(voice !== null && attributed_count === 0 && { publisher: voice }),
      sort: 'year',
    }
    return {
      ...series,
      apart_because,
      point_count,
      points: points.map((point) => ({
        ...point,
        url: link(`/v1/figures/${point.figure}`),
      })),
      figures_url: link(address('/v1/figures', canonical(query, []))),
    }
  }
}

/** The names of terms that no series defines, by the column that holds them. */
type TitleOf = Service['titleOf']

/** How a part of the key is called, and where it has no term; what a term means, and why another keeps apart. */
type Wording = {
  name: string
  none?: string
  meaning: (term: string | null, of: MetricSeries, titleOf: TitleOf) => string | undefined
  others: (terms: string) => string
}

const wordings: Readonly<Record<KeyPart, Wording>> = {
  scope: {
    name: 'Scope',
    meaning: (term, { scopes }) => scopes.get(term ?? ''),
    others: (terms) => `Other series cover ${terms}; figures of different scopes are never blended.`,
  },
  measure: {
    name: 'Measure',
    meaning: (term) => (measures as Readonly<Record<string, string>>)[term ?? ''],
    others: (terms) => `Other series are of ${terms}, another kind of quantity.`,
  },
  claim_type: {
    name: 'Claim type',
    meaning: (term) => (claimTypes as Readonly<Record<string, string>>)[term ?? ''],
    others: (terms) => `Other series are of ${terms}: what is so and what is to be are different claims.`,
  },
  place: {
    name: 'Place',
    meaning: (term, _, titleOf) => titleOf('place', term ?? ''),
    others: (terms) => `Other series count in ${terms}; no place is made of others.`,
  },
  unit: {
    name: 'Unit',
    meaning: (term, _, titleOf) => titleOf('unit', term ?? ''),
    others: (terms) => `Other series are in ${terms}; numbers of different units cannot be compared.`,
  },
  baseline_year: {
    name: 'Baseline year',
    none: 'none',
    meaning: (term) =>
      term === null ? 'The points are counted from no year that is given.' : `The points are changes from ${term}.`,
    others: (terms) => `Other series have ${terms}; a change from another year is another change.`,
  },
  voice: {
    name: 'Voice',
    none: 'nobody',
    meaning: (term, _, titleOf) =>
      term === null ? 'Computed from figures, printed by nobody.' : titleOf('attribution', term),
    others: (terms) => `Other series have the voice of ${terms}; who says a number is part of what is said.`,
  },
}

/** Most terms of other series that one sentence names. */
const mostNamed = 10
const listed = onFirstUse(() => new Intl.ListFormat('en-GB', { type: 'conjunction' }))

/** Says why a series is apart from the others of its metric: for each part of the key in which they differ, in words. */
function explain(series: SeriesKey, of: MetricSeries, titleOf: TitleOf): string[] {
  return keyParts.flatMap((part) => {
    const terms = of.terms[part]
    if (terms.length < 2) return []
    const { name, none = '', meaning, others } = wordings[part]
    const own = series[part] === null ? null : String(series[part])
    const rest = terms.filter((term) => term !== series[part])
    const named = rest.slice(0, mostNamed).map((term) => String(term ?? none))
    if (rest.length > mostNamed) named.push(`${rest.length - mostNamed} more`)
    const means = meaning(own, of, titleOf) ?? ''
    const ended = /[.?!]$/.test(means) ? means : `${means}.`
    return [`${name} ${own ?? none}: ${ended} ${others(listed().format(named))}`]
  })
}
