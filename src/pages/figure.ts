/** The page of a figure: its evidence, what exactly it claims, what it is computed from, and how to cite it. */
import { html } from 'ghtml'
import { capital } from '../names.ts'
import type { Evidence } from '../schemas/figures.ts'
import {
  baselineBases,
  claimTypes,
  derivationFormulas,
  derivationMethods,
  measures,
  periodBases,
  type DerivationMethod,
} from '../schemas/vocabularies.ts'
import { citationLinks } from './document.ts'
import { layout, type Site } from './layout.ts'
import {
  byline,
  claim,
  claimText,
  code,
  figurePath,
  pair,
  periodOf,
  type Pair,
  type Shown,
  type Words,
} from './parts.ts'
import { boundWords, counted, periodWords, whole } from './words.ts'

export type FigurePage = {
  figure: Shown
  /** What the scope of the figure is, in the words of its metric. */
  scope: string
  evidence: Evidence[]
  /** The first comparisons; the figure knows how many there are. */
  comparisons: Pair[]
  /** How the figure is computed; null of one that is printed. */
  derivation: { method: DerivationMethod; assumes: string | null; inputs: { name: string; figure: Shown }[] } | null
  /** The first of what is computed from it, and how much that is. */
  uses: { method: DerivationMethod; figure: Shown }[]
  use_count: number
  citation: string
}

const evidenceWords: Readonly<Record<string, string>> = {
  value: 'the value once more',
  period: 'the period',
  baseline: 'the year from which the change is counted',
  since: 'the last year that was as extreme',
}

/** The page of a figure; HTML. */
export function figurePage(site: Site, words: Words, page: FigurePage): string {
  const { link } = site
  const { figure, comparisons, derivation, uses, citation } = page
  const { id, metric, metric_title, statement, note, comparison_count } = figure
  const text = claimText(words, figure)
  const main = html`<div class="wide">
<p class="trail"><a href="${link('/#metrics')}">Metrics</a> / <a href="${link(`/metrics/${metric}`)}">${metric_title}</a></p>
<div class="page-head">
<h1>${text}</h1>
<p class="lead">${metric_title}, ${periodOf(figure)}. ${statement}</p>
</div>

!${figure.origin === 'quoted' ? evidenceOf(site, page) : ''}
!${derivation === null && uses.length === 0 ? '' : lineageOf(site, words, page)}

<section aria-labelledby="claim-title">
<h2 id="claim-title">What exactly it claims</h2>
<dl class="facts">
!${factsOf(site, words, page).map(([name, value]) => html`<dt>${name}</dt><dd>!${value}</dd>`)}
</dl>
!${note === null ? '' : html`<p><strong>Before you use it:</strong> ${note}</p>`}
</section>

!${
    comparisons.length === 0
      ? ''
      : html`<section aria-labelledby="comparisons-title">
<h2 id="comparisons-title">Beside other figures</h2>
<p>${counted(comparison_count, 'other figure')} may be taken for the same thing.</p>
<div class="pairs">
!${comparisons.map((one) => pair(site, words, one))}
</div>
!${comparison_count > comparisons.length ? html`<p class="actions"><a href="${link(`/v1/figures/${id}`)}">All ${whole(comparison_count)} comparisons, as data</a></p>` : ''}
</section>`
  }

<section aria-labelledby="cite-title">
<h2 id="cite-title">Cite it</h2>
<div class="prose">!${code('Citation', 'the citation', citation)}</div>
!${citationLinks(site, `/v1/figures/${id}/citation`)}
<p class="soft">Permanent address: <a href="${link(figurePath(id))}"><code>${site.origin}${figurePath(id)}</code></a></p>
</section>
</div>`
  return layout(site, {
    title: `${metric_title}, ${periodWords(figure.period)}: ${text}`,
    description: statement,
    canonical: figurePath(id),
    json: `/v1/figures/${id}`,
    opening: comparisons.length === 0 ? 'cite-title' : 'comparisons-title',
    main,
  })
}

function evidenceOf(site: Site, { figure, evidence }: FigurePage): string {
  const { quote, quote_start, quote_end, source_url } = figure
  const more = evidence.map(({ role, start, end }) => `${evidenceWords[role] ?? role} at ${start}–${end}`)
  return html`<section aria-labelledby="evidence-title">
<h2 id="evidence-title" class="hidden">Evidence</h2>
<div class="evidence">
<blockquote>“<mark>${quote}</mark>”</blockquote>
!${byline(site, figure)}
<p class="soft">${figure.publisher_title}: characters ${quote_start}–${quote_end} of the text${more.length === 0 ? '' : `; ${more.join(', ')}`}.</p>
<p><a class="button first source" href="${source_url}">Open the document at this phrase</a></p>
</div>
</section>`
}

/** What the codes of a figure say, as names and HTML. */
function factsOf({ link }: Site, words: Words, { figure, scope }: FigurePage): [string, string][] {
  // These words are of what a document prints.
  const ofPrint = (text: string) => (figure.origin === 'quoted' ? ` ${text}` : '')
  const unit = words.unit(figure.unit)
  const named = (column: 'place' | 'actor' | 'attribution', term: string | null, none: string) =>
    term === null ? none : html`<a href="${link(`/explore?${column}=${term}`)}">${words.name(column, term)}</a>`
  return [
    ['Bounds', html`${capital(boundWords(figure, unit, figure.precision))}.`],
    ['Scope', html`${capital(words.scope(figure) ?? 'all')}.${ofPrint(scope)}`],
    ['Measure', html`${capital(figure.measure.replaceAll('_', ' '))}. ${measures[figure.measure]}`],
    ['Claim', html`${capital(figure.claim_type)}.${ofPrint(claimTypes[figure.claim_type])}`],
    ['Period', html`${capital(periodWords(figure.period))}.${ofPrint(periodBases[figure.period_basis])}`],
    ...(figure.baseline_basis === null
      ? []
      : [
          ['Counted from', html`${figure.baseline_year}.${ofPrint(baselineBases[figure.baseline_basis])}`] satisfies [
            string,
            string,
          ],
        ]),
    ['Place', named('place', figure.place, '')],
    ['Actor', named('actor', figure.actor, 'Not recorded')],
    ['Attributed to', named('attribution', figure.attribution, 'No source is named; the document speaks for itself')],
  ].filter((fact): fact is [string, string] => figure.origin === 'quoted' || fact[0] !== 'Attributed to')
}

/** What a figure is computed from and what is computed from it, from left to right. */
function lineageOf(site: Site, words: Words, { figure, derivation, uses, use_count }: FigurePage): string {
  const box = (one: Shown, name: string, kind = '') => html`<div class="box${kind}">
<p class="soft">${name}</p>
!${claim(site, words, one, { linked: one.id !== figure.id })}
<p>${one.metric_title}, ${periodOf(one)}</p>
</div>`
  const computed = (method: DerivationMethod) =>
    html`<div class="box method"><p><code>${derivationFormulas[method]}</code></p><p class="soft">${derivationMethods[method]}</p></div>`
  const boxesOf = (computed: typeof uses) =>
    computed.map((use) => box(use.figure, capital(use.method.replaceAll('_', ' ')))).join('')
  const steps =
    derivation === null
      ? [box(figure, 'This figure', ' self'), boxesOf(uses)]
      : [
          derivation.inputs.map((input) => box(input.figure, capital(input.name))).join(''),
          computed(derivation.method),
          box(figure, 'This figure', ' self'),
          ...(uses.length === 0 ? [] : [boxesOf(uses)]),
        ]
  return html`<section aria-labelledby="lineage-title">
<h2 id="lineage-title">${derivation === null ? 'What is computed from it' : 'What it is computed from'}</h2>
!${derivation === null ? '' : html`<p>It is quoted from no document, but follows from what they print, by a stated method. Where it has more digits than they give, it is rounded here, and not in the data.</p>`}
<ol class="lineage">
!${steps.map((step) => html`<li>!${step}</li>`)}
</ol>
!${use_count > uses.length ? html`<p class="actions"><a href="${site.link(`/v1/figures/${figure.id}`)}">All ${whole(use_count)} that are computed from it, as data</a></p>` : ''}
!${derivation?.assumes == null ? '' : html`<p><strong>It assumes:</strong> ${derivation.assumes}</p>`}
</section>`
}
