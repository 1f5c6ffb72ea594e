/** What the chart of a metric holds, whatever it is drawn with: its figures by panel and series, its sources, and all of it in words. */
import { capital, scopeInWords, shortTitle } from '../names.ts'
import { measures, type ClaimType, type Measure, type PeriodBasis } from '../schemas/vocabularies.ts'
import { periodInWords, valueInWords, type Claim } from './words.ts'

/** A figure as its chart needs it. */
export type ChartFigure = Claim & {
  id: string
  scope: string
  scope_definition: string
  measure: Measure
  claim_type: ClaimType
  unit: string
  unit_title: string
  year: number
  period: string
  period_start: string | null
  period_end: string
  period_basis: PeriodBasis
  baseline_year: number | null
  place: string
  place_title: string
  /** Who says so; null for what is computed. */
  voice: string | null
  voice_title: string | null
  document: string | null
}

/** A source of a chart. */
export type ChartDocument = {
  id: string
  title: string
  publisher_title: string
  published: string
  published_latest: string
}

/** A metric with all its figures, in any order, and the documents that print them. */
export type ChartContent = {
  metric: { id: string; title: string }
  figures: readonly ChartFigure[]
  documents: readonly ChartDocument[]
  /** Abbreviations that names have, as they are written: CNP. */
  abbreviations: readonly string[]
  release: { title: string; version: string; license: string }
}

const panelTitles: Readonly<Record<Measure, string>> = {
  level: 'Level',
  cumulative: 'Running total',
  change: 'Change',
  relative_change: 'Relative change',
  share: 'Share',
  rate: 'Rate per year',
}

const claimOrder: readonly ClaimType[] = ['outcome', 'projection', 'target']

/** A figure with its place in the chart. */
type Row = {
  figure: ChartFigure
  /** Period and number of the document. */
  label: string
  said: string
}
type SeriesRows = { title: string; rows: Row[] }
export type Panel = { measure: Measure; unit: string; title: string; unitTitle: string; series: SeriesRows[] }

const byKeys = <Item>(...keys: ((item: Item) => number | string)[]) => {
  return (a: Item, b: Item) => {
    for (const key of keys) {
      const [left, right] = [key(a), key(b)]
      if (left !== right) return left < right ? -1 : 1
    }
    return 0
  }
}

/** What the chart holds, in the order in which it is read; `brief` for a card, which has little room for words. */
export function readPanels(
  { figures, documents, abbreviations }: ChartContent,
  brief = false,
): { panels: Panel[]; sources: ChartDocument[] } {
  const printing = new Set(figures.map(({ document }) => document))
  const sources = documents
    .filter(({ id }) => printing.has(id))
    .toSorted(byKeys(({ published_latest }) => published_latest, ({ id }) => id)) // prettier-ignore
  const numberOf = new Map(sources.map(({ id }, index) => [id, index + 1]))
  const published = new Map(sources.map(({ id, published_latest }) => [id, published_latest]))
  const differ = (key: keyof ChartFigure) => new Set(figures.map((figure) => figure[key])).size > 1
  const [manyScopes, manyPlaces] = [differ('scope'), differ('place')]

  const titleOf = ({ scope, scope_definition, claim_type, place_title, baseline_year, voice_title }: ChartFigure) =>
    capital(
      [
        ...(manyScopes ? [scopeInWords(scope, scope_definition, abbreviations)] : []),
        ...(claim_type === 'outcome' ? [] : [claim_type]),
        ...(baseline_year === null ? [] : [`from ${baseline_year}`]),
        ...(manyPlaces ? [place_title] : []),
        voice_title === null ? 'derived' : shortTitle(voice_title),
      ].join(' · '),
    )
  const rowOf = (figure: ChartFigure): Row => {
    const number = numberOf.get(figure.document ?? '')
    return {
      figure,
      label:
        periodInWords(figure.period, figure.period_basis, brief) +
        (brief || number === undefined ? '' : ` [${number}]`),
      said: valueInWords(figure, brief),
    }
  }
  const inTime = figures.toSorted(
    byKeys(
      ({ period_end }) => period_end,
      ({ period_start }) => period_start ?? '',
      ({ document }) => published.get(document ?? '') ?? '~',
      ({ id }) => id,
    ),
  )
  const kinds = Object.keys(measures) as Measure[]
  const panels = [...Map.groupBy(inTime, ({ measure, unit }) => `${measure} ${unit}`).values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const bySeries = Map.groupBy(group, ({ scope, claim_type, place, baseline_year, voice }) =>
      JSON.stringify([scope, claim_type, place, baseline_year, voice]),
    )
    const series = [...bySeries.values()]
      .toSorted(byKeys(([one]) => claimOrder.indexOf(one?.claim_type ?? 'outcome')))
      .flatMap((points) => (points[0] === undefined ? [] : [{ title: titleOf(points[0]), rows: points.map(rowOf) }]))
    const { measure, unit, unit_title: unitTitle } = first
    return [{ measure, unit, title: `${panelTitles[measure]}, in ${unitTitle}`, unitTitle, series }]
  })
  return {
    panels: panels.toSorted(byKeys(({ measure }) => kinds.indexOf(measure), ({ unit }) => unit)), // prettier-ignore
    sources,
  }
}

/** A document as one line: title, publisher, date. */
export const sourceInWords = ({ title, publisher_title, published }: ChartDocument) =>
  `${title}. ${publisher_title}, ${periodInWords(published, 'stated')}`

/** Where everything that the chart shows is; undefined where it is in several places, which its series then name. */
export function onlyPlace({ figures }: ChartContent): string | undefined {
  const places = new Set(figures.map(({ place_title }) => place_title))
  return places.size === 1 ? [...places][0] : undefined
}

/** The name of a chart, for people who hear it. */
export function chartTitle(content: ChartContent): string {
  const { metric, figures } = content
  const place = onlyPlace(content)
  const count = `${figures.length} figure${figures.length === 1 ? '' : 's'}`
  return `${metric.title}${place === undefined ? '' : `, ${place}`}: ${count}`
}

/** The chart in words: every figure that it shows, by panel and series, and the sources. */
export function chartInWords(content: ChartContent): string {
  const { panels, sources } = readPanels(content)
  const said = panels.map(({ title, series }) => {
    const points = series.map(({ title: of, rows }) => {
      const listed = rows.map(({ label, said: value, figure }) =>
        figure.value === null ? `${label}: ${value}, no number printed` : `${label}: ${value}`,
      )
      return `${of}: ${listed.join('; ')}.`
    })
    return `${title}. ${points.join(' ')}`
  })
  const cited = sources.map((source, index) => `[${index + 1}] ${sourceInWords(source)}.`)
  return [...said, ...(cited.length === 0 ? [] : [`Sources: ${cited.join(' ')}`])].join('\n')
}
