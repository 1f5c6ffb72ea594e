/** The page that people come to first. */
import { html } from 'ghtml'
import { capital } from '../names.ts'
import type { DocumentSummary } from '../schemas/documents.ts'
import type { MetricSummary } from '../schemas/metrics.ts'
import type { Target } from '../schemas/targets.ts'
import { topics, type Topic } from '../schemas/vocabularies.ts'
import { layout, type Site } from './layout.ts'
import {
  aimText,
  byline,
  chart,
  claim,
  claimText,
  code,
  figurePath,
  pair,
  periodOf,
  phrase,
  type ChartSizes,
  type Pair,
  type Shown,
  type Words,
} from './parts.ts'
import { boundWords, counted, figureCounts, periodWords, publishedWords, whole } from './words.ts'

export type Landing = {
  title: string
  summary: string
  dataset: { title: string; description: string }
  counts: { figures: number; metrics: number; documents: number; comparisons: number; not_recorded: number }
  /** A figure that shows what the service does; null where there is none. */
  specimen: Shown | null
  /** Each with the latest thing that is said of it; null where nothing is. */
  metrics: { metric: MetricSummary; computed_count: number; latest: Shown | null; sizes: ChartSizes }[]
  disagreements: Pair[]
  disagreement_count: number
  /** All of them of the API: a path. */
  disagreements_path: string
  targets: { target: Target; metric: string; base: Shown; absolute: Shown; stated_by: Shown[] }[]
  documents: DocumentSummary[]
  examples: readonly (readonly [question: string, path: string])[]
  resources: readonly (readonly [path: string, what: string])[]
  problems: readonly { slug: string; status: string; title: string; about: string }[]
}

/** The front page; HTML. */
export function landingPage(site: Site, words: Words, page: Landing): string {
  const { title, summary, counts, specimen, documents, disagreements } = page
  const { link } = site
  const main = html`<div class="wide">
<div class="hero">
<div>
<h1>${title}</h1>
<p class="lead">${summary}</p>
<p class="actions"><a class="button first" href="${link('/explore')}">Explore the figures</a> <a class="button" href="${link('/docs')}">Try the API</a> <a class="button" href="${link('/v1/figures?format=csv&bom=true')}">Download CSV</a></p>
</div>
!${specimen === null ? '' : specimenOf(site, words, specimen)}
</div>
<ul class="numbers">
!${numbersOf(counts).map(([number, what, path]) => html`<li><a class="number" href="${link(path)}">${whole(number)}</a> <span>${what}</span></li>`)}
</ul>

<section id="disagreements" aria-labelledby="disagreements-title">
<h2 id="disagreements-title">Where the documents disagree, or only seem to</h2>
<p>Numbers for the same thing stand side by side, as printed. None is averaged, and none is called the right one.</p>
<div class="pairs">
!${disagreements.map((one) => pair(site, words, one))}
</div>
!${page.disagreement_count > disagreements.length ? html`<p class="actions"><a href="${link(page.disagreements_path)}">All ${whole(page.disagreement_count)} such pairs, as data</a></p>` : ''}
</section>

<section id="metrics" aria-labelledby="metrics-title">
<h2 id="metrics-title">What is measured</h2>
<p>${counted(counts.metrics, 'metric')}, each with its latest figure and its period.</p>
!${topicsOf(page.metrics).map(([topic, metrics]) => topicOf(site, words, topic, metrics))}
</section>

!${page.targets.length === 0 ? '' : targetsOf(site, words, page.targets)}

<section id="documents" aria-labelledby="documents-title">
<h2 id="documents-title">The documents</h2>
<p>Every number in them is recorded as a figure, or listed with the reason why it is not.</p>
<ul class="plain rows">
!${documents.map(
    (document) => html`<li><h3><a href="${link(`/documents/${document.id}`)}">${document.title}</a></h3>
<p class="soft">${document.publisher_title}; published ${publishedWords(document.published)}. <a href="${link(`/explore?document=${document.id}`)}">${counted(document.figure_count, 'figure')}</a>, and ${counted(document.not_recorded_count, 'number')} not recorded as ${document.not_recorded_count === 1 ? 'a figure' : 'figures'}. <a href="${link(`/v1/documents/${document.id}`)}">Record</a>, <a href="${link(`/v1/figures?document=${document.id}`)}">figures as data</a>.</p></li>`,
  )}
</ul>
</section>

<section id="call" aria-labelledby="call-title">
<h2 id="call-title">How to call it</h2>
<p>No key, no registration. Figures come as JSON, CSV, NDJSON or Parquet; a misspelt filter is an error that names the right one.</p>
<div class="languages">
!${programsFor(site.origin).map(({ name, what, text }) => code(name, what, text))}
</div>
<h3 class="topic">Questions, as addresses</h3>
<ul class="plain rows columns">
!${page.examples.map(([question, path]) => html`<li>${question}<br><a href="${link(path)}"><code>${path}</code></a></li>`)}
</ul>
<h3 class="topic">Resources</h3>
<ul class="plain rows columns">
!${page.resources.map(([path, what]) => html`<li><a href="${link(path)}"><code>${path}</code></a><br>${what}</li>`)}
</ul>
</section>

<section id="problems" aria-labelledby="problems-title">
<h2 id="problems-title">Problems</h2>
<p>Every error has one shape (RFC 9457), whose <code>type</code> leads here.</p>
<dl class="problems columns">
!${page.problems.map(
    ({ slug, status, title: kind, about }) =>
      html`<div><dt id="problem-${slug}">${status} ${kind}</dt><dd>!${about.replace(/`([^`]+)`|[^`]+/g, (text, inCode?: string) => (inCode === undefined ? html`${text}` : html`<code>${inCode}</code>`))}</dd></div>`,
  )}
</dl>
</section>
</div>`
  return layout(site, {
    title,
    description: summary,
    canonical: '/',
    json: '/v1/dataset',
    opening: 'disagreements-title',
    head: jsonLd(datasetOf(site, page)),
    main,
  })
}

const numbersOf = ({ documents, figures, metrics, comparisons, not_recorded }: Landing['counts']) =>
  [
    [documents, documents === 1 ? 'document' : 'documents', '/#documents'],
    [figures, 'figures', '/explore'],
    [metrics, 'metrics', '/#metrics'],
    [comparisons, 'comparisons', '/v1/comparisons'],
    [not_recorded, 'numbers set aside, each with the reason', '/#documents'],
  ] as const

function specimenOf(site: Site, words: Words, figure: Shown): string {
  const scope = words.scope(figure)
  return html`<div class="specimen">
<p class="kicker">A phrase in a document</p>
!${phrase(figure)}
!${byline(site, figure)}
<p class="kicker">is a figure</p>
!${claim(site, words, figure)}
<dl class="facts">
<dt>Metric</dt><dd><a href="${site.link(`/metrics/${figure.metric}`)}">${figure.metric_title}</a>!${scope === null ? '' : html`, ${scope}`}</dd>
<dt>Period</dt><dd>${periodOf(figure)}</dd>
<dt>It proves</dt><dd>${boundWords(figure, words.unit(figure.unit), figure.precision)}</dd>
<dt>Beside it</dt><dd>${counted(figure.comparison_count, 'other figure')} that may be taken for the same thing</dd>
</dl>
</div>`
}

/** The metrics by topic, in the order of the vocabulary. */
const topicsOf = (metrics: Landing['metrics']) =>
  (Object.keys(topics) as Topic[])
    .map((topic) => [topic, metrics.filter(({ metric }) => metric.topic === topic)] as const)
    .filter(([, list]) => list.length > 0)

function topicOf(site: Site, words: Words, topic: Topic, metrics: Landing['metrics']): string {
  return html`<h3 class="topic">${capital(topic)}</h3>
<ul class="cards">
!${metrics.map(
    ({
      metric,
      computed_count,
      latest,
      sizes,
    }) => html`<li><h4><a href="${site.link(`/metrics/${metric.id}`)}">${metric.title}</a></h4>
!${latest === null ? '' : html`<p>${claimText(words, latest)}, ${periodOf(latest)}</p>`}
<p class="soft">${figureCounts(metric.figure_count, computed_count, metric.document_count)}</p>
!${metric.figure_count > 1 ? chart(site, metric, sizes, { small: true }) : ''}</li>`,
  )}
</ul>`
}

function targetsOf(site: Site, words: Words, targets: Landing['targets']): string {
  const documentsOf = (figures: Shown[]) => new Set(figures.map(({ document }) => document)).size
  return html`<section id="targets" aria-labelledby="targets-title">
<h2 id="targets-title">Targets</h2>
<p>What somebody aims at, and what came of it as far as the documents say.</p>
<div class="pairs">
!${targets.map(
    ({ target, metric, base, absolute, stated_by }) => html`<article class="pair">
<header><h3><a href="${site.link(`/metrics/${target.metric}`)}">${metric}</a>, by ${periodWords(target.deadline)}</h3><span class="soft">stated ${counted(stated_by.length, 'time')} in ${counted(documentsOf(stated_by), 'document')}</span></header>
<dl class="facts">
<dt>Starts from</dt><dd><a href="${site.link(figurePath(base.id))}">${claimText(words, base)}</a>, ${periodOf(base)}</dd>
<dt>Aims at</dt><dd><a href="${site.link(figurePath(absolute.id))}">${aimText(words, absolute)}</a>, ${periodOf(absolute)}</dd>
<dt>Stated as</dt><dd>!${stated_by.map((figure) => html`<a href="${site.link(figurePath(figure.id))}">“${figure.quote}”</a>`).join('; ')}</dd>
<dt>Progress</dt><dd>${target.progress === null ? `None can be told. ${target.progress_reason}` : `${whole(Math.round(target.progress))} percent of the way`}</dd>
</dl>
</article>`,
  )}
</div>
</section>`
}

const programsFor = (origin: string) => [
  {
    name: 'curl',
    what: 'the line for curl',
    text: `curl '${origin}/v1/figures?metric=coca-eradication&year=2020'`,
  },
  {
    name: 'JavaScript',
    what: 'the lines of JavaScript',
    text: `const response = await fetch('${origin}/v1/figures?metric=coca-eradication')
const { data } = await response.json()
for (const { year, qualifier, value, unit, scope } of data) console.log(year, qualifier, value, unit, scope)`,
  },
  {
    name: 'Python, with pandas',
    what: 'the lines of Python',
    text: `import pandas as pd
figures = pd.read_csv('${origin}/v1/figures?metric=coca-eradication&format=csv')
print(figures[['year', 'scope', 'qualifier', 'value', 'unit']])`,
  },
  {
    name: 'R',
    what: 'the lines of R',
    text: `figures <- read.csv('${origin}/v1/figures?metric=coca-eradication&format=csv')
print(figures[c('year', 'scope', 'qualifier', 'value', 'unit')])`,
  },
]

/** Data as a script element that is no script: nothing in it can end the element or begin a comment. */
const jsonLd = (data: object) =>
  `<script type="application/ld+json">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>\n`

/** The dataset as schema.org describes one (https://schema.org/Dataset), for search engines of datasets. */
function datasetOf({ origin, release }: Site, page: Landing): object {
  const { dataset, metrics, documents } = page
  const years = metrics.flatMap(({ metric }) => [metric.year_first ?? [], metric.year_last ?? []].flat())
  return {
    '@context': 'https://schema.org',
    '@type': 'Dataset',
    '@id': `${origin}/`,
    url: `${origin}/`,
    name: dataset.title,
    description: dataset.description,
    version: release.version,
    identifier: release.digest,
    datePublished: release.released,
    license: release.license_url,
    isAccessibleForFree: true,
    creator: { '@type': 'Organization', name: `The maintainers of the ${page.title}` },
    ...(years.length > 0 && { temporalCoverage: `${Math.min(...years)}/${Math.max(...years)}` }),
    variableMeasured: metrics.map(({ metric }) => ({
      '@type': 'PropertyValue',
      name: metric.title,
      description: metric.definition,
      unitText: metric.unit_title,
      url: `${origin}/metrics/${metric.id}`,
    })),
    isBasedOn: documents.map((document) => ({
      '@type': 'CreativeWork',
      name: document.title,
      url: document.address,
      publisher: { '@type': 'Organization', name: document.publisher_title },
    })),
    distribution: Object.entries({
      'text/csv': 'csv',
      'application/x-ndjson': 'ndjson',
      'application/vnd.apache.parquet': 'parquet',
    }).map(([encodingFormat, format]) => ({
      '@type': 'DataDownload',
      encodingFormat,
      contentUrl: `${origin}/v1/figures?format=${format}`,
    })),
  }
}
