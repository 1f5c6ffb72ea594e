/** The charts, drawn from the facts at load: the service serves them as text and knows nothing of how they are drawn. */
import { and, asc, eq, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { drawChart } from '../charts/render.ts'
import { chartInWords, chartTitle, type ChartContent } from '../charts/panels.ts'
import { chartSpecification } from '../charts/spec.ts'
import type { Db } from '../db/client.ts'
import {
  chart,
  derivationInput,
  document,
  figure,
  metric,
  metricScope,
  organization,
  place,
  release,
  unit,
} from '../db/schema.ts'
import { abbreviationOf } from '../names.ts'
import { precisionOfFigure } from '../precision.ts'
import { ChartSize } from '../schemas/vocabularies.ts'
import { inserter } from './insert.ts'

const publisher = alias(organization, 'publisher')
const voice = alias(organization, 'voice')

/** What the chart of each metric is drawn from, by id. */
export function readChartContents(db: Db): ChartContent[] {
  const source = { title: release.title, version: release.version, license: release.license }
  const edition = db.select(source).from(release).get()
  if (edition === undefined) throw new Error('there is no release')
  const documents = db
    .select({
      id: document.id,
      title: document.title,
      publisher_title: publisher.title,
      published: document.published,
      published_latest: document.published_latest,
    })
    .from(document)
    .innerJoin(publisher, eq(publisher.id, document.publisher))
    .orderBy(asc(document.id))
    .all()
  const figures = db
    .select({
      metric: figure.metric,
      figure: {
        id: figure.id,
        scope: figure.scope,
        scope_definition: metricScope.definition,
        measure: figure.measure,
        claim_type: figure.claim_type,
        origin: figure.origin,
        value: figure.value,
        value_low: figure.value_low,
        value_low_inclusive: figure.value_low_inclusive,
        value_high: figure.value_high,
        value_high_inclusive: figure.value_high_inclusive,
        qualifier: figure.qualifier,
        superlative: figure.superlative,
        superlative_since: figure.superlative_since,
        unit: figure.unit,
        unit_title: sql<string>`${unit.title}`.as('unit_title'),
        year: figure.year,
        period: figure.period,
        period_start: figure.period_start,
        period_end: figure.period_end,
        period_basis: figure.period_basis,
        baseline_year: figure.baseline_year,
        place: figure.place,
        place_title: sql<string>`${place.title}`.as('place_title'),
        voice: sql<string | null>`${voice.id}`.as('voice'),
        voice_title: sql<string | null>`${voice.title}`.as('voice_title'),
        document: figure.document,
      },
    })
    .from(figure)
    .innerJoin(metricScope, and(eq(metricScope.metric, figure.metric), eq(metricScope.scope, figure.scope)))
    .innerJoin(unit, eq(unit.id, figure.unit))
    .innerJoin(place, eq(place.id, figure.place))
    .leftJoin(document, eq(document.id, figure.document))
    .leftJoin(voice, sql`${voice.id} = coalesce(${figure.attribution}, ${document.publisher})`)
    .orderBy(asc(figure.id))
    .all()
  const titles = db.select({ title: organization.title }).from(organization).orderBy(asc(organization.id)).all()
  const abbreviations = titles.flatMap(({ title }) => abbreviationOf(title) ?? [])
  const input = { of: derivationInput.figure, id: figure.id, origin: figure.origin, value: figure.value }
  const inputs = Map.groupBy(
    db.select(input).from(derivationInput).innerJoin(figure, eq(figure.id, derivationInput.input)).all(),
    ({ of }) => of,
  )
  const ofMetric = Map.groupBy(figures, (row) => row.metric)
  return db
    .select({ id: metric.id, title: metric.title })
    .from(metric)
    .orderBy(asc(metric.id))
    .all()
    .map((one) => ({
      metric: one,
      figures: (ofMetric.get(one.id) ?? []).map((row) => ({
        ...row.figure,
        precision: precisionOfFigure(row.figure.id, (id) => inputs.get(id) ?? []),
      })),
      documents,
      abbreviations,
      release: edition,
    }))
}

/**
 * Fills the table of charts from the facts: each metric in each size. For the inside of a transaction; the same facts give the same
 * bytes.
 */
export function fillCharts(db: Db): void {
  const insert = inserter(db, chart)
  for (const content of readChartContents(db)) {
    for (const size of ChartSize.options) {
      const specification = chartSpecification(content, size)
      const svg = drawChart(specification, {
        id: `chart-${content.metric.id}-${size}`,
        title: chartTitle(content),
        description: chartInWords(content),
      })
      insert({ metric: content.metric.id, size, svg, specification: JSON.stringify(specification) })
    }
  }
}
