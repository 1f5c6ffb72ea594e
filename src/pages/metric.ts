/** The page of a metric: what it measures, what is said of it, and how what is said relates. */
import { html } from 'ghtml'
import { capital } from '../names.ts'
import type { Metric } from '../schemas/metrics.ts'
import { layout, type Site } from './layout.ts'
import { chart, figureTable, pair, type ChartSizes, type Pair, type Shown, type Words } from './parts.ts'
import { counted, figureCounts, whole } from './words.ts'

export type MetricPage = {
  metric: Metric
  sizes: ChartSizes
  /** How many of its figures are computed. */
  computed_count: number
  /** The first figures, newest first. */
  figures: Shown[]
  /** The first comparisons, and how many there are. */
  comparisons: Pair[]
  comparison_count: number
}

/** The page of a metric: its definition, scopes and figures, and how they relate; HTML. */
export function metricPage(site: Site, words: Words, page: MetricPage): string {
  const { link } = site
  const { metric, sizes, figures, computed_count, comparison_count } = page
  const { id, title, definition, unit_title, additive, figure_count, document_count, year_first, year_last } = metric
  const span = year_first === null ? null : year_first === year_last ? `${year_first}` : `${year_first} to ${year_last}`
  const counts = figureCounts(figure_count, computed_count, document_count)
  const main = html`<div class="wide">
<p class="trail"><a href="${link('/#metrics')}">Metrics</a> / <a href="${link(`/explore?topic=${metric.topic}`)}">${capital(metric.topic)}</a></p>
<div class="page-head">
<h1>${title}</h1>
<p class="lead">${definition}</p>
<dl class="facts">
<dt>Counted in</dt><dd>${unit_title}</dd>
<dt>Figures</dt><dd>${counts}${span === null ? '' : `; of ${span}`}</dd>
<dt>Periods</dt><dd>${additive ? 'Levels of one scope, of periods that do not overlap, may be added up; running totals may not.' : 'Levels of different periods may not be added up.'}</dd>
</dl>
</div>
!${chart(site, metric, sizes)}

<section aria-labelledby="scopes-title">
<h2 id="scopes-title">Scopes</h2>
<p>Which part of the metric a figure covers. Figures of different scopes are never blended.</p>
<dl class="scopes">
!${metric.scopes.map(
    ({ scope, definition: meaning, figure_count: count }) =>
      html`<div><dt>${capital(words.scope({ metric: id, scope }) ?? 'all')}</dt><dd>${meaning}</dd><dd class="soft"><a href="${link(`/explore?metric=${id}&scope=${scope}`)}">${counted(count, 'figure')}</a></dd></div>`,
  )}
</dl>
</section>

<section aria-labelledby="figures-title">
<h2 id="figures-title">Figures</h2>
!${figureTable(site, words, figures, { caption: 'Newest first. A phrase leads to its place in its document.' })}
<p class="actions"><a class="button" href="${link(`/explore?metric=${id}`)}">${figure_count > figures.length ? `All ${whole(figure_count)} figures` : 'Filter them'}</a> <a class="button" href="${link(`/v1/figures?metric=${id}&format=csv`)}">Download CSV</a> <a class="button" href="${link(`/v1/metrics/${id}/series`)}">Series as data</a></p>
</section>

!${comparison_count === 0 ? '' : comparisonsOf(site, words, page)}
</div>`
  return layout(site, {
    title,
    description: `${title}: ${definition} ${counts}; what is printed with the words that print it.`,
    canonical: `/metrics/${id}`,
    json: `/v1/metrics/${id}`,
    opening: 'figures-title',
    main,
  })
}

function comparisonsOf(site: Site, words: Words, { metric, comparisons, comparison_count }: MetricPage): string {
  return html`<section aria-labelledby="comparisons-title">
<h2 id="comparisons-title">How the figures relate</h2>
<p>Pairs of figures that may be taken for the same thing, and whether they are. What each document claims stays as it is.</p>
<div class="pairs">
!${comparisons.map((one) => pair(site, words, one))}
</div>
!${comparison_count > comparisons.length ? html`<p class="actions"><a href="${site.link(`/v1/comparisons?metric=${metric.id}`)}">All ${whole(comparison_count)} comparisons, as data</a></p>` : ''}
</section>`
}
