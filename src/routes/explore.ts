/** What the page of exploration shows of a query, or of one that is wrong. */
import type { FastifyRequest } from 'fastify'
import { listDocumentsAfter } from '../db/documents.ts'
import { countFigures, countTerms, listFigures } from '../db/figures.ts'
import type { FigureFilter } from '../db/search.ts'
import { onFirstUse } from '../first-use.ts'
import type { ExplorePage, Fault, Option, Results } from '../pages/explore.ts'
import { unknownParameter } from '../query-faults.ts'
import { columns } from '../schemas/figures.ts'
import type { FiguresQuery } from '../schemas/figures-query.ts'
import type { ParameterFault } from '../schemas/problem.ts'
import { defaultLimit } from '../schemas/query.ts'
import { termColumns, type TermColumn } from '../schemas/vocabularies.ts'
import { filterOf } from './figures.ts'
import { address, canonical, nextPath, position, type Service } from './resource.ts'
import type { Views } from './views.ts'

const api = '/v1/figures'
const page = '/explore'

/** Most terms of a column in a list to choose from; a form with more of them helps nobody. */
const mostOptions = 300

/** The page for a query that is right, or for the faults of one that is not. */
export async function exploreView(
  service: Service & { views: Views },
  request: FastifyRequest,
  asked: { query: FiguresQuery } | { faults: readonly ParameterFault[] },
): Promise<string> {
  const { views } = service
  const { explorePage } = await import('../pages/explore.ts')
  const raw = request.query as Readonly<Record<string, unknown>>
  // A wrong query is wrong as data too, and is told so there.
  const parameters = 'query' in asked ? canonical(withoutCursor(asked.query), []) : Object.entries(rawTexts(raw))
  const values = Object.fromEntries(parameters)
  const filter = 'query' in asked ? filterOf(asked.query) : {}
  const shown: ExplorePage = {
    values,
    options: optionsOf(service, filter),
    api: parameters.length === 0 ? api : address(api, parameters),
    faults: 'query' in asked ? [] : asked.faults.map((fault) => withMended(fault, rawTexts(raw))),
    results: 'query' in asked ? resultsOf(service, request, asked.query) : null,
  }
  return explorePage(views.site(request), views.words, shown)
}

const withoutCursor = ({ cursor: _, ...query }: FiguresQuery) => query

/** What a wrong query says, to be shown in its form again. */
const rawTexts = (raw: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, [value].flat().map(String).join(',')]))

/** A fault with the address of the query in which what was most likely meant stands for it. */
function withMended(fault: ParameterFault, values: Readonly<Record<string, string>>): Fault {
  const { parameter, received, did_you_mean: meant } = fault
  const value = values[parameter]
  if (meant === undefined || value === undefined) return { ...fault, mended: null }
  const isName = fault.reason === unknownParameter
  const mended = Object.entries(values).map(([name, text]): [string, string] => {
    if (name !== parameter) return [name, text]
    if (isName) return [meant, text]
    return [
      name,
      text
        .split(',')
        .map((term) => (term === received ? meant : term))
        .join(','),
    ]
  })
  return { ...fault, mended: address(page, mended) }
}

function optionsOf({ index, views }: Service & { views: Views }, filter: FigureFilter) {
  return Object.fromEntries(
    termColumns.map((column) => {
      const counts = countTerms(index, { ...filter, [column]: undefined }, column).slice(0, mostOptions)
      const options = counts.flatMap(({ term, count }): Option[] =>
        term === null ? [] : [{ value: term, title: views.words.name(column, term), count }],
      )
      return [column, options.toSorted((a, b) => inOrder().compare(a.title, b.title))]
    }),
  ) as Record<TermColumn, Option[]>
}

const inOrder = onFirstUse(() => new Intl.Collator('en-GB', { numeric: true }))

function resultsOf(service: Service & { views: Views }, request: FastifyRequest, query: FiguresQuery): Results {
  const { db, index, titleOf, views } = service
  const { sort, limit = defaultLimit, facet = [], fields } = query
  const plain = withoutCursor(query)
  const filter = filterOf(query)
  const order = sort ?? (filter.q === undefined ? '-year' : 'relevance')
  const found = listFigures(index, filter, order, Number(position(request) ?? 0), limit + 1)
  const last = found.slice(0, limit).at(-1)
  const metrics = countTerms(index, filter, 'metric')
  const [only] = metrics
  const files = (parameters: [string, string][]) =>
    address(api, [...canonical(plain, ['limit', 'facet']), ...parameters])
  return {
    figures: found.slice(0, limit).map(views.shown),
    total: countFigures(index, filter),
    next:
      last !== undefined && found.length > limit ? nextPath(service, api, plain, last.rank).replace(api, page) : null,
    fields: fields === undefined ? null : columns.filter((column) => fields.includes(column)),
    start: position(request) === null ? null : address(page, canonical(plain, [])),
    mixes_units: (order === 'value' || order === '-value') && countTerms(index, filter, 'unit').length > 1,
    years: countTerms(index, filter, 'year')
      .flatMap(({ term, count }) => (term === null ? [] : [{ year: term, count }]))
      .toSorted((a, b) => Number(a.year) - Number(b.year)),
    facets: termColumns
      .filter((column) => facet.includes(column))
      .map((column) => ({
        column,
        terms: countTerms(index, { ...filter, [column]: undefined }, column).map(({ term, count }) => ({
          title: term === null ? 'none' : views.words.name(column, term),
          count,
          path: term === null ? null : address(page, canonical({ ...plain, [column]: term }, [])),
        })),
      })),
    metric:
      metrics.length === 1 && only?.term != null
        ? {
            id: only.term,
            title: titleOf('metric', only.term) ?? only.term,
            // It shows all of the metric: beside a part of that it would be taken for its picture.
            sizes: only.count === countFigures(index, { metric: [only.term] }) ? views.chartSizes(only.term) : null,
          }
        : null,
    left_out:
      query.as_of === undefined
        ? []
        : listDocumentsAfter(db, query.as_of).map((id) => views.words.name('document', id)),
    files: [
      ['CSV', files([['format', 'csv']])],
      [
        'CSV for Excel',
        files([
          ['format', 'csv'],
          ['bom', 'true'],
        ]),
      ],
      ['NDJSON', files([['format', 'ndjson']])],
      ['Parquet', files([['format', 'parquet']])],
    ],
  }
}
