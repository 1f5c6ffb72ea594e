/** What the pages show, read from the same queries as the resources: rows with their digits, pairs, citations. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { listComparisons } from '../db/comparisons.ts'
import { getChart } from '../db/charts.ts'
import { listTerms } from '../db/dataset.ts'
import { countFigures, getFigure, type StoredFigure } from '../db/figures.ts'
import { listDocumentTitles } from '../db/documents.ts'
import { listInputs } from '../db/lineage.ts'
import { listScopeDefinitions } from '../db/metrics.ts'
import { onFirstUse } from '../first-use.ts'
import { formatCitation, type CslItem } from '../formats/citation.ts'
import type { Site } from '../pages/layout.ts'
import type { ChartSizes, Pair, Shown, Words } from '../pages/parts.ts'
import { abbreviationOf, scopeInWords } from '../names.ts'
import { precisionOfFigure } from '../precision.ts'
import type { Comparison } from '../schemas/comparisons.ts'
import type { ChartSize } from '../schemas/vocabularies.ts'
import { readFigure } from './figures.ts'
import { html, type Service } from './resource.ts'

declare module 'fastify' {
  // Merged into Fastify's own declaration, which only an interface can be.
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions
  interface FastifyContextConfig {
    /** Whether the route is a page for people, to whom errors are told as pages too. */
    page?: boolean
  }
}

/** What every page is made with. */
export function openViews(service: Service) {
  const { comparisons, db, link, release, titleOf, index } = service
  const known = onFirstUse(() => {
    const { unit, organization } = listTerms(db)
    const abbreviations = organization.flatMap(({ title }) => abbreviationOf(title) ?? [])
    return {
      units: new Map(unit.map(({ id, title, symbol }) => [id, { title, symbol }])),
      /** What each scope is called, by metric. */
      scopes: Map.groupBy(
        listScopeDefinitions(db).map(({ definition, ...of }) => ({
          ...of,
          name: scopeInWords(of.scope, definition, abbreviations),
        })),
        ({ metric }) => metric,
      ),
      abbreviations,
      documents: namesOfDocuments(listDocumentTitles(db, mostDocuments)),
    }
  })
  const publicUrl = link('')

  const words: Words = {
    unit: (id) => known().units.get(id) ?? { title: id, symbol: id },
    name: (column, term) =>
      (column === 'document' ? known().documents.get(term) : undefined) ??
      titleOf(column, term) ??
      (column === 'scope' ? scopeOfAny(term) : null) ??
      term.replaceAll(/[_-]/g, ' '),
    scope: (figure) =>
      figure.scope === 'all'
        ? null
        : (known()
            .scopes.get(figure.metric)
            ?.find(({ scope }) => scope === figure.scope)?.name ?? scopeOfAny(figure.scope)),
  }

  /** What a scope is called of whatever metric: metrics that share its id may write its words otherwise. */
  function scopeOfAny(id: string): string | null {
    if (id === 'all') return null
    const { scopes, abbreviations } = known()
    const [name, ...others] = new Set(
      [...scopes.values()].flat().flatMap(({ scope, name }) => (scope === id ? [name] : [])),
    )
    return name !== undefined && others.length === 0 ? name : scopeInWords(id, '', abbreviations)
  }

  function shown(stored: StoredFigure): Shown {
    const figure = readFigure(stored, link)
    const precision = figure.origin === 'derived' ? precisionOfFigure(figure.id, (id) => listInputs(db, id)) : null
    return { ...figure, precision }
  }

  /**
   * A figure by an id that the database itself gave.
   *
   * @throws Error where there is none, which a built database never does.
   */
  function figureOf(id: string): Shown {
    const stored = getFigure(db, id)
    if (stored === undefined) throw new Error(`there is no figure ${id}`)
    return shown(stored)
  }

  /** How large the charts of a metric are; null of one that nobody drew. */
  function chartSizes(metric: string): ChartSizes {
    const sizeOf = (size: ChartSize) => sizeOfSvg(getChart(db, metric, size, 'svg') ?? '')
    const [wide, narrow, card] = [sizeOf('wide'), sizeOf('narrow'), sizeOf('card')]
    return wide === null || narrow === null || card === null ? null : { wide, narrow, card }
  }

  /** Where the service is reached: without PUBLIC_URL, under the name by which the request reached it. */
  const originOf = (request: FastifyRequest) => (publicUrl === '' ? hostOf(request) : publicUrl)

  const pairOf = (comparison: Comparison): Pair => ({
    comparison,
    a: figureOf(comparison.figure_a),
    b: figureOf(comparison.figure_b),
  })

  return {
    words,
    shown,
    figureOf,
    pairOf,
    /** The first comparisons that match, with their figures. */
    listPairs(filter: Parameters<typeof listComparisons>[1], limit: number): Pair[] {
      return listComparisons(comparisons, filter, '', limit).map(pairOf)
    },
    chartSizes,
    /** How many figures of a metric are computed. */
    countComputed: (metric: string) => countFigures(index, { metric: [metric], origin: ['derived'] }),
    /** A citation as one line. */
    citation: async (csl: CslItem) => (await formatCitation(csl, 'text')).trim(),
    originOf,
    /** What a page is told of the service, for the one who asks. */
    site: (request: FastifyRequest): Site => ({ link, release, origin: originOf(request) }),
  }
}

/** More documents than that are called by their titles alone. */
const mostDocuments = 10_000

/** What documents are called that share their titles with others: with the year in which they came out at the latest. */
function namesOfDocuments(documents: readonly { id: string; title: string; published: string }[]): Map<string, string> {
  const alike = Map.groupBy(documents, ({ title }) => title)
  return new Map(
    documents.flatMap(({ id, title, published }) =>
      (alike.get(title)?.length ?? 0) > 1 ? [[id, `${title} (${published.match(/\d{4}/g)?.at(-1)})`] as const] : [],
    ),
  )
}

/** The width and height that an SVG says it has, in CSS pixels; null where it says none. */
function sizeOfSvg(svg: string): { width: number; height: number } | null {
  const [start = ''] = /<svg[^>]*>/.exec(svg) ?? []
  const [width, height] = ['width', 'height'].map((name) => new RegExp(` ${name}="([\\d.]+)"`).exec(start)?.[1])
  return width === undefined || height === undefined ? null : { width: Number(width), height: Number(height) }
}

export type Views = ReturnType<typeof openViews>

/** Where the request came to. What no name of a host can be is not repeated, least of all in lines that people copy. */
function hostOf({ protocol, host }: FastifyRequest): string {
  return /^(?:[\w-]+(?:\.[\w-]+)*|\[[\da-f:.]+\])(?::\d+)?$/i.test(host) ? `${protocol}://${host}` : ''
}

/** Sends a page. */
export const sendPage = (reply: FastifyReply, page: string): FastifyReply =>
  reply.type(`${html}; charset=utf-8`).send(page)
