/** The filters of the API as a form, what they find, and the address at which programs get the same. */
import { html } from 'ghtml'
import { capital } from '../names.ts'
import type { Figure } from '../schemas/figures.ts'
import type { ParameterFault } from '../schemas/problem.ts'
import { figureSorts, matches, termColumns, type FigureSort, type TermColumn } from '../schemas/vocabularies.ts'
import { layout, type Site } from './layout.ts'
import { chart, figurePath, figureTable, type ChartSizes, type Shown, type Words } from './parts.ts'
import { counted, whole } from './words.ts'

export type Option = { value: string; title: string; count: number }

/** A fault of the query, and the address of the query without it, where that can be told. */
export type Fault = ParameterFault & { mended: string | null }

export type ExplorePage = {
  /** What the query says, by parameter, as text. */
  values: Readonly<Record<string, string | undefined>>
  /** The terms that each column may be filtered by, with how many figures have them within the other filters. */
  options: Readonly<Record<TermColumn, Option[]>>
  /** The same query of the API: a path. */
  api: string
  /** Of a query that is wrong; then there are no results. */
  faults: Fault[]
  results: Results | null
}

export type Results = {
  figures: Shown[]
  total: number
  /** The next page: a path; null on the last. */
  next: string | null
  /** The first page: a path; null on the first. */
  start: string | null
  /** Whether they stand in the order of their values, though these are of several units. */
  mixes_units: boolean
  /** The columns that `fields` picks; null for the table in words. */
  fields: readonly (keyof Figure)[] | null
  /** How many of all that is found is of each year, in order. */
  years: { year: string; count: number }[]
  /** What the columns of `facet` count: each term with the path of its query. */
  facets: { column: TermColumn; terms: { title: string; count: number; path: string | null }[] }[]
  /** The one metric that all of it is of, with its chart; null where there are several. */
  metric: { id: string; title: string; sizes: ChartSizes } | null
  /** The titles of the documents that `as_of` leaves out. */
  left_out: string[]
  /** All that is found as files: what they are called, and their paths. */
  files: readonly (readonly [name: string, path: string])[]
}

const columnNames: Readonly<Record<TermColumn, string>> = {
  metric: 'Metric',
  topic: 'Topic',
  scope: 'Scope',
  measure: 'Kind of quantity',
  claim_type: 'Kind of claim',
  origin: 'Printed or computed',
  qualifier: 'Qualifier',
  unit: 'Unit',
  place: 'Place',
  actor: 'Actor',
  attribution: 'Attributed to',
  document: 'Document',
  publisher: 'Publisher',
  superlative: 'Records',
  baseline_year: 'Base year',
  year: 'Year',
}

/** What figures are counted by, where the name of the filter says it otherwise. */
const facetNames: Partial<Record<TermColumn, string>> = {
  origin: 'whether printed or computed',
  attribution: 'whom it is attributed to',
  superlative: 'kind of record',
}

const sortNames: Readonly<Record<FigureSort, string>> = {
  '-year': 'Latest year first',
  year: 'Earliest year first',
  '-value': 'Largest value first',
  value: 'Smallest value first',
  metric: 'By the id of the metric',
  document: 'By the id of the document',
  '-published': 'Latest published first',
  published: 'First published first',
  id: 'By id',
  relevance: 'Best fit first',
}

/** The columns that are asked for most; the others stand in a part that opens. */
const first: readonly TermColumn[] = ['metric', 'document', 'claim_type', 'origin']

/** The page of all figures: its filters as a form, and what they find; HTML. */
export function explorePage(site: Site, words: Words, page: ExplorePage): string {
  const { values, faults, results } = page
  const title = titleOf(page, words)
  const main = html`<div class="wide">
<div class="page-head">
<h1 class="narrow-title">${title}</h1>
!${faults.length === 0 ? '' : faultsOf(site, faults)}
</div>
<div class="explore">
<form action="${site.link('/explore')}" role="search" aria-label="Filters">
!${formOf(site, words, page)}
</form>
<div>
!${results === null ? html`<p>Nothing is shown for a query that is wrong: an unfiltered list would look like an answer. Mend the form, or follow a suggestion.</p>` : resultsOf(site, words, page, results)}
</div>
</div>
</div>`
  const isWhole = Object.values(values).every((value) => value === undefined)
  return layout(site, {
    title: isWhole ? 'Explore the figures' : title,
    description: 'Filter, search and count the figures that official documents print, and take them as CSV or by API.',
    // Of the many queries there is no end; what is to be found is the form.
    canonical: isWhole ? '/explore' : null,
    json: page.api,
    current: '/explore',
    main,
  })
}

function titleOf({ values, results, faults }: ExplorePage, words: Words): string {
  if (faults.length > 0) return 'This query cannot be answered'
  const { q, year_from, year_to, value_min, value_max, match, as_of, id } = values
  const range = (from: string | undefined, to: string | undefined) =>
    [from === undefined ? [] : `from ${from}`, to === undefined ? [] : `to ${to}`].flat().join(' ')
  const number = (value: string | undefined) => (value === undefined ? undefined : whole(Number(value)))
  const parts = [
    ...termColumns.flatMap((column) => namesOf(words, column, values[column])),
    ...(q === undefined ? [] : [`“${q}”`]),
    range(year_from, year_to),
    range(number(value_min), number(value_max)).replace(/^(?=.)/, valueNames[match ?? ''] ?? 'value '),
    as_of === undefined ? '' : `published by ${as_of}`,
    id === undefined ? '' : counted(id.split(',').length, 'id'),
  ].filter((part) => part !== '')
  const found = counted(results?.total ?? 0, 'figure')
  if (parts.length === 0) return found
  const more = parts.length - mostNamed
  return `${found}: ${parts.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${counted(more, 'filter')} more` : ''}`
}

/** Most filters that a title names. */
const mostNamed = 4

/** What the value is said to be where figures need not print one in the range (`match`). */
const valueNames: Readonly<Record<string, string>> = { certain: 'value proven ', possible: 'value possibly ' }

/** Columns whose terms do not tell what they are of: years and organizations are terms of several, "all" says nothing alone. */
const toldBy: Partial<Record<TermColumn, string>> = {
  scope: 'scope ',
  actor: 'actor ',
  attribution: 'attributed to ',
  publisher: 'publisher ',
  baseline_year: 'base year ',
}

/** What the terms of a filter are called. */
const namesOf = (words: Words, column: TermColumn, value: string | undefined) =>
  value === undefined || value === ''
    ? []
    : value.split(',').map((term) => `${toldBy[column] ?? ''}${words.name(column, term)}`)

function formOf(site: Site, words: Words, { values, options, faults }: ExplorePage): string {
  const faultOf = (name: string) => {
    const told = faults.filter(({ parameter }) => parameter === name)
    if (told.length === 0) return { attributes: '', text: '' }
    const id = `fault-${name}`
    return {
      attributes: ` aria-invalid="true" aria-describedby="${id}"`,
      text: html`<span class="fault" id="${id}">${told.map(sentenceOf).join(' ')}</span>`,
    }
  }
  const select = (
    name: string,
    label: string,
    none: string,
    choices: readonly (readonly [string, string])[],
    title = values[name] ?? '',
  ) => {
    const value = values[name] ?? ''
    const known = value === '' || choices.some(([choice]) => choice === value)
    const all = known ? choices : [...choices, [value, title] as const]
    const { attributes, text } = faultOf(name)
    return html`<p><label for="f-${name}">${label}</label><select id="f-${name}" name="${name}"!${attributes}><option value="">${none}</option>!${all.map(
      ([choice, name]) => html`<option value="${choice}"!${choice === value ? ' selected' : ''}>${name}</option>`,
    )}</select>!${text}</p>`
  }
  const input = (name: string, label: string, kind = 'text', more = '') => {
    const { attributes, text } = faultOf(name)
    return html`<p><label for="f-${name}">${label}</label><input id="f-${name}" name="${name}" type="${kind}" value="${values[name] ?? ''}"!${more}!${attributes}>!${text}</p>`
  }
  const year = ' inputmode="numeric"'
  const term = (column: TermColumn) =>
    select(
      column,
      columnNames[column],
      'Any',
      options[column].map(({ value, title, count }) => [value, `${title} (${whole(count)})`]),
      namesOf(words, column, values[column]).join(', '),
    )
  const others = termColumns.filter((column) => !first.includes(column))
  const inDetails = [...others, 'value_min', 'value_max', 'match', 'as_of', 'id']
  const open = inDetails.some((name) => values[name] !== undefined || faults.some((fault) => fault.parameter === name))
  return html`!${input('q', 'Search', 'search', ' maxlength="200"')}
!${first.map(term)}
<div class="two">!${input('year_from', 'From year', 'text', year)}!${input('year_to', 'To year', 'text', year)}</div>
!${select(
    'sort',
    'Order',
    values['q'] === undefined ? 'Latest year first, by default' : 'Best fit first, by default',
    figureSorts
      .filter((sort) => sort !== 'relevance' || values['q'] !== undefined)
      .map((sort) => [sort, sortNames[sort]]),
  )}
<details!${open ? ' open' : ''}><summary>More filters</summary>
<div class="fields">
!${others.map(term)}
<div class="two">!${input('value_min', 'Value from', 'text', ' inputmode="decimal"')}!${input('value_max', 'Value to', 'text', ' inputmode="decimal"')}</div>
!${select(
    'match',
    'Match values by',
    'As printed',
    Object.entries(matches).map(([match, meaning]) => [match, `${capital(match)}: ${meaning}`]),
  )}
!${input('as_of', 'Published by the day', 'text', ' placeholder="YYYY-MM-DD"')}
!${input('id', 'Figures, by id')}
</div>
</details>
!${['fields', 'facet', 'limit'].map((name) =>
    values[name] === undefined ? '' : html`<input type="hidden" name="${name}" value="${values[name]}">`,
  )}
<p class="row"><button class="first">Show</button> <a href="${site.link('/explore')}">Clear all</a></p>`
}

const sentenceOf = ({ received, reason, did_you_mean }: Fault) =>
  `${received === '' ? 'It' : `“${received}”`} ${reason}.${did_you_mean === undefined ? '' : ` Did you mean ${did_you_mean}?`}`

function faultsOf({ link }: Site, faults: readonly Fault[]): string {
  return html`<div class="faults" role="alert">
<p>${counted(faults.length, 'thing is', 'things are')} wrong with the query:</p>
<ul>
!${faults.map(
    ({ parameter, received, reason, did_you_mean, mended }) =>
      html`<li><code>${parameter}</code>${received === '' ? '' : ` “${received}”`} ${reason}. !${
        did_you_mean === undefined
          ? ''
          : mended === null
            ? html`Did you mean ${did_you_mean}?`
            : html`Did you mean <a href="${link(mended)}">${did_you_mean}</a>?`
      }</li>`,
  )}
</ul>
</div>`
}

function resultsOf(site: Site, words: Words, { api }: ExplorePage, results: Results): string {
  const { link, origin } = site
  const { figures, total, next, start, mixes_units, fields, years, facets, metric, left_out, files } = results
  return html`<section class="asked" aria-labelledby="address-title">
<h2 id="address-title" class="hidden">The same for programs</h2>
<div class="code" data-copy="the address"><h3>The address of what is shown</h3>
<a class="address" href="${link(api)}"><code data-text>${origin}${api}</code></a></div>
<p class="row"><span>All of it as</span> !${files.map(([name, path]) => html`<a href="${link(path)}">${name}</a>`).join(' ')}</p>
</section>
!${left_out.length === 0 ? '' : html`<p class="soft">Left out, as not surely published by then: ${left_out.join('; ')}.</p>`}
!${
    metric?.sizes == null
      ? ''
      : html`<section aria-labelledby="chart-title"><h2 id="chart-title"><a href="${link(`/metrics/${metric.id}`)}">${metric.title}</a></h2>!${chart(site, metric, metric.sizes)}</section>`
  }
!${years.length < 2 ? '' : barsOf(years)}
!${facets.map(
    ({
      column,
      terms,
    }) => html`<section aria-labelledby="facet-${column}"><h2 id="facet-${column}">By ${facetNames[column] ?? columnNames[column].toLowerCase()}</h2>
<ul class="plain row">!${terms.map(({ title, count, path }) => html`<li>!${path === null ? html`${title}` : html`<a href="${link(path)}">${title}</a>`} <small>${whole(count)}</small></li>`)}</ul></section>`,
  )}
<section aria-labelledby="results-title">
<h2 id="results-title">${total === 0 ? 'Nothing is found' : 'Figures'}</h2>
!${mixes_units ? '<p class="soft">Numbers of different units stand in one order here. Choose a unit to compare them.</p>' : ''}
!${
    total === 0
      ? '<p>No figure fits all of this. Fewer filters find more.</p>'
      : fields === null
        ? figureTable(site, words, figures, { caption: captionOf(figures.length, total), metric: metric === null })
        : columnsTable(site, figures, fields, captionOf(figures.length, total))
  }
!${
    next === null && start === null
      ? ''
      : html`<p class="actions">!${next === null ? '' : html`<a class="button" rel="next" href="${link(next)}">Next page</a>`}!${start === null ? '' : html`<a href="${link(start)}">First page</a>`}</p>`
  }
</section>`
}

const captionOf = (shown: number, total: number) =>
  shown === total ? `All ${counted(total, 'figure')}.` : `${whole(shown)} of ${counted(total, 'figure')}.`

function barsOf(years: Results['years']): string {
  const most = Math.max(...years.map(({ count }) => count))
  return html`<section aria-labelledby="years-title"><h2 id="years-title">How many figures are of each year</h2>
<ul class="bars">
!${years.map(
    ({ year, count }) =>
      html`<li><span>${year}</span><svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect width="${(100 * count) / most}" height="1"/></svg><span>${whole(count)}</span></li>`,
  )}
</ul></section>`
}

/**
 * Figures with some of their columns, as the API has them. How wide a column is follows from all that stands in it and is
 * said first: a table that fits itself to its rows moves while they come in.
 */
function columnsTable({ link }: Site, figures: readonly Shown[], fields: readonly (keyof Figure)[], caption: string) {
  const columns = fields.map((field) => {
    const isNumber = figures.some((figure) => typeof figure[field] === 'number')
    const longest = Math.max(field.length, ...figures.map((figure) => String(figure[field] ?? '').length))
    // A text goes on in the next line; half a number would be another one.
    const long = longest > 20 && isNumber ? 'longest' : 'long'
    const width = longest > 12 ? long : longest > 8 ? 'medium' : 'short'
    return { field, align: isNumber ? ' class="count"' : '', width }
  })
  const cell = (figure: Shown, { field, align }: (typeof columns)[number]) =>
    field === 'id'
      ? html`<td><a href="${link(figurePath(figure.id))}">${figure.id}</a></td>`
      : html`<td!${align}>${figure[field]}</td>`
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Columns of the figures"><table class="columns">
<caption>${caption}</caption>
<colgroup>!${columns.map(({ width }) => html`<col class="${width}">`)}</colgroup>
<thead><tr>!${columns.map(({ field, align }) => html`<th scope="col"!${align}><code>${field}</code></th>`)}</tr></thead>
<tbody>!${figures.map((figure) => html`<tr>!${columns.map((column) => cell(figure, column))}</tr>`)}</tbody>
</table></div>`
}
