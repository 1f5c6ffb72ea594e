/** The parts that pages are made of. All are HTML as text: what they are given is escaped, what they give is not again. */
import { html } from 'ghtml'
import { capital } from '../names.ts'
import type { Precision } from '../precision.ts'
import type { Comparison } from '../schemas/comparisons.ts'
import type { Figure } from '../schemas/figures.ts'
import type { TermColumn } from '../schemas/vocabularies.ts'
import type { Site } from './layout.ts'
import { amountWords, periodWords, publishedWords, relationWords, type UnitWords } from './words.ts'

/** What terms are called. */
export type Words = {
  unit: (id: string) => UnitWords
  /** The name of a term; the term itself where it has none. */
  name: (column: TermColumn, term: string) => string
  /** What a scope is called; null where it is all of the metric. */
  scope: (of: { metric: string; scope: string }) => string | null
}

/** A flat row, with how many digits of it are shown: null where it is shown as printed. */
export type Shown = Figure & { precision: Precision | null }

/** A comparison with its two figures. */
export type Pair = { comparison: Comparison; a: Shown; b: Shown }

/** The sizes of a metric's chart, in CSS pixels; null of a metric that has none. */
export type ChartSizes = Readonly<Record<'wide' | 'narrow' | 'card', { width: number; height: number }>> | null

/** Where the page of a figure is. */
export const figurePath = (id: string) => `/figures/${id}`

const claimTypeWords: Readonly<Record<Exclude<Figure['claim_type'], 'outcome'>, string>> = {
  target: 'Target: ',
  projection: 'Expected: ',
}

/**
 * What a figure claims, in one line of plain text: "More than 130,000 hectares (scope not stated)", "About 80,385 hectares,
 * computed".
 */
export const claimText = (words: Words, figure: Shown): string => claimWords(words, figure) + afterAmount(words, figure)

/** The same of a target where it is said already that it is one: "104,500 hectares, computed". */
export const aimText = (words: Words, figure: Shown): string => amountOf(words, figure) + afterAmount(words, figure)

function afterAmount(words: Words, figure: Shown): string {
  const scope = words.scope(figure)
  return `${scope === null ? '' : ` (${scope})`}${figure.origin === 'derived' ? ', computed' : ''}`
}

const amountOf = (words: Words, figure: Shown) => amountWords(figure, words.unit(figure.unit), figure.precision)

const claimWords = (words: Words, figure: Shown) => {
  const amount = amountOf(words, figure)
  return figure.claim_type === 'outcome' ? capital(amount) : `${claimTypeWords[figure.claim_type]}${amount}`
}

/** What a figure claims, with the scope set apart, perhaps as a link to its page; HTML. */
export function claim(site: Site, words: Words, figure: Shown, { linked = true } = {}): string {
  const scope = words.scope(figure)
  const text = claimWords(words, figure)
  const shown = linked ? html`<a href="${site.link(figurePath(figure.id))}">${text}</a>` : html`${text}`
  return html`<p class="amount">!${shown}!${scope === null ? '' : html` <small>(${scope})</small>`}</p>`
}

/** The phrase that prints a figure, which leads to its place in the document; of a computed one, that it is computed. */
export function phrase(figure: Figure): string {
  if (figure.quote === null || figure.source_url === null) {
    return '<p class="soft">Computed from other figures, and quoted from no document.</p>'
  }
  return html`<p class="phrase"><a class="source" href="${figure.source_url}">“<mark>${figure.quote}</mark>”<span class="hidden"> (opens the document at this phrase)</span></a></p>`
}

/** Who prints a figure, and when. */
export function byline(site: Site, figure: Figure): string {
  if (figure.document === null) return ''
  return html`<p class="soft"><a href="${site.link(`/documents/${figure.document}`)}">${figure.document_title}</a>, published ${publishedWords(figure.published ?? '')}</p>`
}

/** The period of a figure; where no period is printed, it says so. */
export const periodOf = ({ period, period_basis }: Figure) =>
  period_basis === 'document' ? `as of publication, ${publishedWords(period)}` : periodWords(period)

/** Figures as a table; on a narrow screen each row is a paragraph. The roles keep it a table there. */
export function figureTable(
  site: Site,
  words: Words,
  figures: readonly Shown[],
  { caption, metric = false, document = true }: { caption: string; metric?: boolean; document?: boolean },
): string {
  const row = (figure: Shown) => html`<tr role="row">
<td role="cell">!${metric ? html`<p class="soft"><a href="${site.link(`/metrics/${figure.metric}`)}">${figure.metric_title}</a></p>` : ''}!${claim(site, words, figure)}<p class="soft">${figure.statement}</p></td>
<td role="cell"><p>${periodOf(figure)}</p></td>
<td role="cell">!${phrase(figure)}!${document ? byline(site, figure) : ''}</td>
</tr>`
  return html`<table class="stack" role="table">
<caption>${caption}</caption>
<colgroup><col><col><col></colgroup>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">What it says</th><th role="columnheader" scope="col">Period</th><th role="columnheader" scope="col">${document ? 'In which words, and who prints them' : 'In which words'}</th></tr></thead>
<tbody role="rowgroup">
!${figures.map(row)}
</tbody>
</table>`
}

/** Two figures that speak of the same thing, side by side. Neither is called right. */
export function pair(site: Site, words: Words, { comparison, a, b }: Pair): string {
  const { title, meaning } = relationWords[comparison.relation]
  const side = (figure: Shown) => html`<div class="side">
!${claim(site, words, figure)}
<p class="soft">${capital(periodOf(figure))}</p>
!${phrase(figure)}
!${byline(site, figure)}
</div>`
  return html`<article class="pair">
<header><div><h3>${title}</h3><p class="soft">${meaning}</p></div><a class="soft" href="${site.link(`/metrics/${a.metric}`)}">${a.metric_title}</a></header>
<div class="sides">
!${side(a)}
!${side(b)}
</div>
<p class="verdict">${[comparison.reason ?? [], couldBoth(comparison)].flat().join(' ')}</p>
</article>`
}

const couldBoth = ({ compatible, relation }: Comparison) => {
  // What repeats or agrees is one claim: that it could be true twice says nothing.
  if (relation === 'repeats' || relation === 'agrees' || relation === 'conflicts') return ''
  return compatible ? 'As printed, both can be true.' : 'As printed, they cannot both be true.'
}

/** A chart of a metric, which asks for the size that fits the screen; its place is kept free. */
export function chart(
  { link }: Site,
  metric: { id: string; title: string },
  sizes: ChartSizes,
  { small = false } = {},
): string {
  if (sizes === null) return ''
  const source = (size: string) => link(`/v1/metrics/${metric.id}/chart?size=${size}`)
  // A card says in words what its picture shows.
  if (small) {
    const { width, height } = sizes.card
    return html`<img src="${source('card')}" width="${width}" height="${height}" alt="" loading="lazy" decoding="async">`
  }
  const { wide, narrow } = sizes
  return html`<figure class="chart"><picture>
<source media="(max-width: 48rem)" srcset="${source('narrow')}" width="${narrow.width}" height="${narrow.height}">
<img src="${source('wide')}" width="${wide.width}" height="${wide.height}" alt="${metric.title}: a chart of the figures in the table below, each series apart.">
</picture>
<figcaption>Each series stands apart, and nothing is joined or averaged. <a href="${link(`/v1/metrics/${metric.id}/chart?format=vega-lite`)}">The chart as Vega-Lite</a></figcaption></figure>`
}

/** Lines to copy. `what` says what they are: "the line for curl". */
export const code = (title: string, what: string, text: string) => html`<div class="code" data-copy="${what}">
<h3>${title}</h3>
<pre tabindex="0" role="region" aria-label="${capital(what)}"><code data-text>${text}</code></pre>
</div>`
