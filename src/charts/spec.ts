/**
 * The chart of a metric as a Vega-Lite specification: one row for each figure, in panels of one measure and unit, with the
 * numbers along a common axis and the bounds as far as print gives them (docs/decisions/0010 says why it is no line).
 * The specification holds its data and needs nothing else.
 */
import type { ChartSize } from '../schemas/vocabularies.ts'
import {
  chartInWords,
  onlyPlace,
  readPanels,
  sourceInWords,
  type ChartContent,
  type ChartDocument,
  type ChartFigure,
  type Panel,
} from './panels.ts'
import { palette } from './style.ts'
import { openSides, scaleOf, unscaled, wrap } from './words.ts'

/** A Vega-Lite specification, as far as its readers here need to know it. */
export type ChartSpecification = {
  $schema: string
  title: { text: string[]; [setting: string]: unknown }
  description: string
  padding: { left: number; right: number; top: number; bottom: number }
  vconcat: Record<string, unknown>[]
  [setting: string]: unknown
}

/** What a size has, in pixels. */
type Layout = {
  width: number
  margin: number
  /** Size of the letters of a row, and of the title. */
  font: number
  title: number
  /** Height of a row, and how much of it is above its marks, for its words; 0 where they stand beside them. */
  row: number
  above: number
  /** Room for the words to the left and to the right of the marks; beside marks, that of the longest. */
  label: number
  value: number
  /** Longest line that leads to where nothing bounds a number. */
  reach: number
  isCard: boolean
}
const layouts: Readonly<Record<ChartSize, Layout>> = {
  wide: { width: 720, margin: 20, font: 12.5, title: 19, row: 24, above: 0, label: 100, value: 80, reach: 34, isCard: false }, // prettier-ignore
  narrow: { width: 360, margin: 14, font: 12.5, title: 17, row: 40, above: 18, label: 0, value: 10, reach: 34, isCard: false }, // prettier-ignore
  card: { width: 320, margin: 12, font: 11.5, title: 14, row: 17, above: 0, label: 50, value: 60, reach: 22, isCard: true }, // prettier-ignore
}

/** Most figures that a card shows; it says how many more there are. */
const mostOnCard = 8

// A glyph of the widest common sans serif is about so wide for its size: lines are broken so that they fit in any.
const glyph = 0.6
const widthOf = (text: string, font: number) => Math.ceil(text.length * font * glyph)
const fitting = (width: number, font: number) => Math.max(8, Math.floor(width / (font * glyph)))

/** Shapes of documents, told apart without colour: names and paths of Vega, in a square of two by two. */
const shapes = [
  'circle',
  'square',
  'triangle-up',
  'diamond',
  'triangle-down',
  'cross',
  'M-.9,-.25L0,-1L.9,-.25L.55,.85L-.55,.85Z',
  'M-1,-.45L1,-.45L1,.45L-1,.45Z',
] as const
/** The shape of what no document prints. */
const derivedShape = 'M-1,0L-.5,-.87L.5,-.87L1,0L.5,.87L-.5,.87Z'

/** Pixels by which rows are indented below their series, and between marks and words beside them. */
const indent = 8
const gutter = 8

/** Pixels of a mark, and of the least that the line may have that leaves it on an open side. */
const markRadius = 5.5
const leastReach = 13

const hex = (role: keyof typeof palette) => palette[role].light
const derived = "datum.origin === 'derived'"
const hollow = "datum.claim_type !== 'outcome'"
const dashes = [2, 1.6]
const dots = [1.2, 3]

/**
 * The scale and the axis that all rows of a panel share, and what the lines beside its marks need: what one pixel stands for
 * (`perPixel`), how long such a line is at most (`reach`, in pixels), and in the panel's unit the left end of the scale (`low`), its
 * origin, and the whole of a share. Undefined where no figure has a number.
 */
function axisOf({ measure, unit, unitTitle, series }: Panel, width: number, layout: Layout) {
  const figures = series.flatMap(({ rows }) => rows.map(({ figure }) => figure))
  const numbers = figures.flatMap(({ value, value_low, value_high }) => [value, value_low, value_high])
  const known = numbers.filter((number) => number !== null)
  if (known.length === 0) return undefined
  const { reach } = layout
  const isRank = unit === 'rank'
  // Of what is counted or measured nought is the origin; the first rank is 1.
  const origin = isRank ? 1 : 0
  const low = Math.min(origin, ...known)
  const high = Math.max(measure === 'share' ? 100 : isRank ? 3 : origin, ...known)
  const most = Math.max(Math.abs(low), Math.abs(high))
  const span = high - low === 0 ? 1 : high - low
  const farLow = figures.some(({ value, value_low }) => value !== null && value_low === null && value < 0)
  const farHigh = figures.some(
    ({ value, value_high }) => value !== null && value_high === null && value >= 0 && measure !== 'share',
  )
  const room = { low: low < origin || isRank ? (farLow ? reach + 8 : 14) : 0, high: farHigh ? reach + 8 : 14 }
  const perPixel = span / Math.max(20, width - room.low - room.high)
  const scale = known.every(Number.isInteger) || most >= 1e6 ? scaleOf(most) : unscaled
  const per = measure === 'rate' ? ' per year' : ''
  const counted = known.every(Number.isInteger) && scale.by === 1
  return {
    perPixel,
    reach,
    low: low - room.low * perPixel,
    origin,
    whole: measure === 'share' ? 100 : undefined,
    encoding: {
      field: 'value',
      type: 'quantitative',
      scale: { domain: [low - room.low * perPixel, high + room.high * perPixel], nice: false, zero: false },
      axis: layout.isCard
        ? null
        : {
            title: `${scale.word} ${isRank ? 'rank (1 is the first)' : unitTitle}${per}`.trim(),
            tickCount: Math.max(3, Math.round(width / 85)),
            ...(counted && { tickMinStep: 1 }),
            labelExpr: `replace(format(datum.value / ${scale.by}, ',~f'), '-', '−')`,
          },
    },
  }
}

const withoutField = ({ field: _, ...rest }: { field: string; type: string; scale: object; axis: object | null }) =>
  rest

/**
 * The pixels by which the line on an open side leaves a mark. What is counted or measured is not taken past nought, nor a
 * share past the whole, unless too little of the line were left.
 */
function openReach(value: number, side: 'low' | 'high', axis: NonNullable<ReturnType<typeof axisOf>>): number {
  const { perPixel, origin, whole, reach } = axis
  const towardsOrigin = side === 'low' ? value > origin : value < origin
  const wall = towardsOrigin ? origin : side === 'high' ? whole : undefined
  if (wall === undefined) return reach
  return Math.round(Math.min(reach, Math.max(leastReach, Math.abs(value - wall) / perPixel)))
}

type Mark = Record<string, unknown>

/** The vertical extent of a panel's rows, in pixels from its top, and the rows as data. */
function placeRows(
  panel: Panel,
  layout: Layout,
  axis: ReturnType<typeof axisOf>,
  shapeOf: (id: string | null) => string,
) {
  const isCard = layout.isCard
  const line = Math.round(layout.font * 1.3)
  const titles: Mark[] = []
  const rows: Mark[] = []
  let y = 0
  if (!isCard) {
    y += line
    titles.push({ text: panel.title, y: y - 4, role: 'panel' })
    y += 6
  }
  for (const { title, rows: points } of panel.series) {
    y += isCard ? 4 : 8
    for (const text of wrap(title, fitting(layout.width - 2 * layout.margin, layout.font))) {
      y += line
      titles.push({ text, y: y - 4, role: 'series' })
    }
    for (const { figure, label, said } of points) {
      const { value } = figure
      const open = openSides(figure)
      const between = !open.low && !open.high && figure.value_low !== figure.value_high
      rows.push({
        figure: figure.id,
        period: figure.period,
        year: figure.year,
        scope: figure.scope,
        claim_type: figure.claim_type,
        origin: figure.origin,
        voice: figure.voice,
        document: figure.document,
        value,
        value_low: figure.value_low,
        value_low_inclusive: figure.value_low_inclusive,
        value_high: figure.value_high,
        value_high_inclusive: figure.value_high_inclusive,
        qualifier: figure.qualifier,
        superlative: figure.superlative,
        superlative_since: figure.superlative_since,
        label,
        said,
        y: y + layout.above + (layout.row - layout.above) / 2,
        words: y + (layout.above === 0 ? layout.row / 2 : layout.above - 6),
        shape: shapeOf(figure.document),
        bounds: value === null ? 'none' : between ? 'between' : open.low && open.high ? 'neither' : open.high ? 'above' : open.low ? 'below' : 'exact', // prettier-ignore
        ...(axis !== undefined &&
          value !== null && {
            to_low: open.low ? -openReach(value, 'low', axis) : 0,
            to_high: open.high ? openReach(value, 'high', axis) : 0,
          }),
      })
      y += layout.row
    }
  }
  return { titles, rows, height: y + 4 }
}

/** Text marks at the left and the right end of the picture need no scale of their own. */
const pixel = (field: string) => ({ field, type: 'quantitative', scale: null, axis: null })

const symbol = (size: number) => ({ type: 'point', size, opacity: 1 })

/** How a symbol shows of which document a figure is, whether it is computed, and whether it speaks of the future. */
const symbolEncoding = {
  shape: { field: 'shape', type: 'nominal', scale: null, legend: null },
  stroke: { value: hex('mark') },
  fill: {
    condition: [
      { test: hollow, value: hex('paper') },
      { test: derived, value: hex('tint') },
    ],
    value: hex('mark'),
  },
  strokeDash: { condition: { test: derived, value: dashes }, value: [1, 0] },
  strokeWidth: { value: 1.6 },
}

const filter = (test: string) => ({ transform: [{ filter: test }] })

/** The lines that lead from marks to where nothing bounds them, and the heads of those that lead one way. */
function openEnds(name: string, rows: readonly Mark[], place: { x: object; y: object }, field: string) {
  const leads = (side: 'low' | 'high') => `datum.to_${side} && datum.bounds !== 'neither'`
  const head = (side: 'low' | 'high') => ({
    name: `${name}_open_${side}`,
    ...filter(leads(side)),
    mark: {
      type: 'point',
      shape: side === 'low' ? 'M-1,0L.6,-1L.6,1Z' : 'M1,0L-.6,-1L-.6,1Z',
      size: 46,
      filled: true,
      opacity: 1,
      xOffset: { expr: `datum.to_${side}` },
    },
    encoding: place,
  })
  const strokeDash = {
    condition: [
      { test: "datum.bounds === 'neither'", value: dots },
      { test: derived, value: [3.5, 2] },
    ],
    value: [1, 0],
  }
  const oneWay = rows.filter(({ bounds }) => bounds !== 'neither')
  return [
    ...(rows.some(({ to_low, to_high }) => Number(to_low) !== 0 || Number(to_high) !== 0)
      ? [
          {
            name: `${name}_open`,
            ...filter('datum.to_low || datum.to_high'),
            mark: { type: 'rule', xOffset: { expr: 'datum.to_low' }, x2Offset: { expr: 'datum.to_high' } },
            encoding: { ...place, x2: { field }, strokeDash },
          },
        ]
      : []),
    ...(oneWay.some(({ to_low }) => Number(to_low) < 0) ? [head('low')] : []),
    ...(oneWay.some(({ to_high }) => Number(to_high) > 0) ? [head('high')] : []),
  ]
}

/** The whiskers to bounds that are known and are not the value itself, with a cap at each. */
function whiskers(name: string, rows: readonly Mark[], { x, y }: { x: object; y: object }) {
  const capped = (side: 'low' | 'high') => ({
    rows: rows.filter((row) => row[`value_${side}`] !== null && row[`value_${side}`] !== row['value']),
    test: `isValid(datum.value_${side}) && datum.value_${side} !== datum.value`,
  })
  return (['low', 'high'] as const).flatMap((side) => {
    const { rows: some, test } = capped(side)
    if (some.length === 0) return []
    const at = { ...x, field: `value_${side}` }
    const strokeDash = { condition: { test: derived, value: [3.5, 2] }, value: [1, 0] }
    return [
      {
        name: `${name}_whisker_${side}`,
        ...filter(test),
        mark: { type: 'rule' },
        encoding: { x: at, x2: { field: 'value' }, y, strokeDash },
      },
      {
        ...filter(test),
        mark: { type: 'tick', orient: 'vertical', size: 10, thickness: 1.6, color: hex('mark') },
        encoding: { x: at, y },
      },
    ]
  })
}

/** One measure in one unit: its title, its series with theirs, their rows, its axis. */
function panelSpecification(panel: Panel, layout: Layout, width: number, shapeOf: (id: string | null) => string) {
  const name = `${panel.measure}_${panel.unit}`.replaceAll('-', '_')
  const axis = axisOf(panel, width, layout)
  const { titles, rows, height } = placeRows(panel, layout, axis, shapeOf)
  const above = layout.above > 0
  const left = -layout.label
  const y = pixel('y')
  const words = pixel('words')
  const heading = (role: 'panel' | 'series') => ({
    data: { values: titles.filter((title) => title['role'] === role) },
    mark: {
      type: 'text',
      align: 'left',
      baseline: 'alphabetic',
      ...(role === 'panel' ? { fontWeight: 'bold' } : { color: hex('muted') }),
    },
    encoding: { x: { value: left }, y: pixel('y'), text: { field: 'text' } },
  })
  const wordsLayers = [
    ...(layout.isCard ? [] : [heading('panel')]),
    heading('series'),
    {
      mark: { type: 'text', align: 'left', baseline: above ? 'alphabetic' : 'middle' },
      encoding: { x: { value: left + indent }, y: words, text: { field: 'label' } },
    },
    {
      mark: {
        type: 'text',
        align: above ? 'right' : 'left',
        baseline: above ? 'alphabetic' : 'middle',
        ...(above && { fontWeight: 'bold' }),
      },
      encoding: { x: { value: above ? width + layout.value : width + indent + 4 }, y: words, text: { field: 'said' } },
    },
  ]
  // One scale and one axis for all marks; where nothing has a value there is neither.
  const x = axis?.encoding ?? {}
  const valued = filter('isValid(datum.value)')
  const marks =
    axis === undefined
      ? []
      : [
          {
            ...valued,
            mark: { type: 'rule', strokeWidth: 1, color: hex('grid') },
            encoding: { x: { value: 0 }, x2: { value: width }, y },
          },
          // Where numbers are below nought as well, each row shows where it is.
          ...(axis.low < axis.origin && panel.unit !== 'rank'
            ? [
                {
                  mark: { type: 'tick', orient: 'vertical', size: 12, thickness: 1.2, color: hex('muted') },
                  encoding: { x: { ...withoutField(axis.encoding), datum: axis.origin }, y },
                },
              ]
            : []),
          ...whiskers(name, rows, { x, y }),
          ...openEnds(name, rows, { x, y }, 'value'),
          {
            name: `${name}_figures`,
            mark: symbol(layout.isCard ? 62 : 4 * markRadius ** 2),
            encoding: { ...symbolEncoding, x, y },
            ...valued,
          },
        ]
  const unnumbered = {
    ...filter('!isValid(datum.value)'),
    mark: { type: 'text', align: 'left', baseline: 'middle', fontStyle: 'italic', color: hex('muted') },
    encoding: { x: { value: above ? 8 : 4 }, y, text: { value: 'no number printed' } },
  }
  return {
    spec: {
      name,
      width,
      height,
      data: { values: rows },
      layer: [
        ...marks,
        ...(layout.isCard || rows.every(({ value }) => value !== null) ? [] : [unnumbered]),
        ...wordsLayers,
      ],
    },
    // What stands below the rows: the numbers of the axis and its title.
    below: axis === undefined || layout.isCard ? 0 : 42,
    height,
  }
}

/** What a sign means; only those that the chart has are explained. */
function keyOf(figures: readonly ChartFigure[]) {
  const valued = figures.filter(({ value }) => value !== null)
  const plain = { origin: 'quoted', claim_type: 'outcome', shape: shapes[0], to_low: 0, to_high: 0, bounds: 'exact' }
  const isOpen = (figure: ChartFigure, sides: number) => {
    const { low, high } = openSides(figure)
    return Number(low) + Number(high) === sides
  }
  const aims = new Set(valued.map(({ claim_type }) => claim_type).filter((claim) => claim !== 'outcome'))
  return [
    ...(aims.size > 0
      ? [{ ...plain, claim_type: 'target', text: `hollow: ${[...aims].toSorted().reverse().join(' or ')}` }]
      : []),
    ...(valued.some(({ origin }) => origin === 'derived')
      ? [{ ...plain, origin: 'derived', shape: derivedShape, text: 'dashed: computed from printed figures' }]
      : []),
    ...(valued.some((figure) => isOpen(figure, 1))
      ? [{ ...plain, to_high: 20, bounds: 'above', text: 'arrow: no bound is printed on that side' }]
      : []),
    ...(valued.some((figure) => isOpen(figure, 2))
      ? [{ ...plain, to_low: -18, to_high: 18, bounds: 'neither', text: 'dots: no bound is printed on either side' }]
      : []),
  ]
}

/** The key, the sources and where the data come from: under the plot, without a scale. */
function footer(content: ChartContent, sources: ChartDocument[], layout: Layout, width: number) {
  const { figures, release } = content
  const font = 11.5
  const line = 16
  const left = -layout.label
  const room = layout.width - 2 * layout.margin
  const most = fitting(room - 26, font)
  const marks: Mark[] = []
  const lines: Mark[] = []
  let y = 0
  const say = (texts: string[], indent: number) => {
    for (const text of texts) {
      y += line
      lines.push({ text, x: left + indent, y: y - 4 })
    }
  }
  const item = (mark: Mark, text: string, indent: number) => {
    marks.push({ ...mark, x: left + indent / 2 - 2, y: y + line / 2 })
    say(wrap(text, most), indent)
    y += 3
  }
  const key = keyOf(figures)
  const open = key.some(({ bounds }) => bounds !== 'exact') ? 56 : 24
  for (const { text, ...mark } of key) item(mark, text, open)
  if (key.length > 0) y += 6
  if (sources.length > 0) {
    say([sources.length === 1 ? 'Source' : 'Sources'], 0)
    y += 3
    for (const [index, source] of sources.entries()) {
      const plain = { origin: 'quoted', claim_type: 'outcome', to_low: 0, to_high: 0, bounds: 'exact' }
      item({ ...plain, shape: shapeAt(index) }, `[${index + 1}] ${sourceInWords(source)}`, 24)
    }
    y += 6
  }
  say(wrap(`Data: ${release.title}, release ${release.version}, ${release.license}`, most), 0)
  const x = pixel('x')
  const place = { x, y: pixel('y') }
  return {
    spec: {
      name: 'key',
      width,
      height: y,
      data: { values: marks },
      layer: [
        ...openEnds('key', marks, place, 'x'),
        { mark: symbol(90), encoding: { ...symbolEncoding, ...place } },
        {
          data: { values: lines },
          mark: { type: 'text', align: 'left', baseline: 'alphabetic', fontSize: font, color: hex('muted') },
          encoding: { ...place, text: { field: 'text' } },
        },
      ],
    },
    height: y,
  }
}

const shapeAt = (index: number) => shapes[index % shapes.length] ?? shapes[0]

/** The panels of a card: the first, with no more rows than a card has room for. */
function onCard(panels: Panel[]): Panel[] {
  const [first] = panels
  if (first === undefined) return []
  let left = mostOnCard
  const series = first.series.flatMap(({ title, rows }) => {
    const shown = rows.slice(0, left)
    left -= shown.length
    return shown.length === 0 ? [] : [{ title, rows: shown }]
  })
  return [{ ...first, series }]
}

/** The layout of a size with room for the longest words of the rows that stand beside marks. */
function layoutOf(size: ChartSize, panels: readonly Panel[]): Layout {
  const layout = layouts[size]
  if (layout.above > 0) return layout
  const rows = panels.flatMap(({ series }) => series.flatMap((one) => one.rows))
  const room = (least: number, words: string[]) =>
    Math.max(least, ...words.map((text) => widthOf(text, layout.font) + indent + gutter))
  return {
    ...layout,
    label: room(layout.label, rows.map(({ label }) => label)), // prettier-ignore
    value: room(layout.value, rows.map(({ said }) => said)), // prettier-ignore
  }
}

/**
 * The chart of a metric in a size, as a Vega-Lite specification that holds its data: every figure with its bounds as rows
 * of the panels' data, named as in the flat row.
 */
export function chartSpecification(content: ChartContent, size: ChartSize): ChartSpecification {
  const { panels, sources } = readPanels(content, size === 'card')
  const shown = size === 'card' ? onCard(panels) : panels
  const layout = layoutOf(size, shown)
  const width = layout.width - 2 * layout.margin - layout.label - layout.value
  const numberOf = new Map(sources.map(({ id }, index) => [id, index]))
  const shapeOf = (id: string | null) => {
    const index = id === null ? undefined : numberOf.get(id)
    return index === undefined ? derivedShape : shapeAt(index)
  }
  const drawn = shown.map((panel) => panelSpecification(panel, layout, width, shapeOf))
  const views: { spec: Record<string, unknown>; height: number; below: number }[] = [...drawn]
  const titleLines = wrap(content.metric.title, fitting(layout.width - 2 * layout.margin, layout.title * 1.04))
  const place = onlyPlace(content)
  const placeLines = place === undefined ? [] : wrap(place, fitting(layout.width - 2 * layout.margin, layout.font))
  const titleHeight =
    titleLines.length * Math.round(layout.title * 1.25) + placeLines.length * Math.round(layout.font * 1.3)
  if (size === 'card') {
    const rows = shown.flatMap(({ series }) => series.flatMap((one) => one.rows)).length
    const rest = content.figures.length - rows
    const unit = shown[0]?.title ?? ''
    const lines = wrap(
      rest === 0 ? unit : `${unit}; ${rest} more figure${rest === 1 ? '' : 's'} in the full chart`,
      fitting(layout.width - 2 * layout.margin, 11),
    )
    const spec = {
      width,
      height: lines.length * 15,
      data: { values: lines.map((text, index) => ({ text, y: 15 * index + 12 })) },
      mark: { type: 'text', align: 'left', baseline: 'alphabetic', fontSize: 11, color: hex('muted') },
      encoding: { x: { value: -layout.label }, y: pixel('y'), text: { field: 'text' } },
    }
    views.push({ spec: { name: 'note', ...spec }, height: lines.length * 15, below: 0 })
  } else {
    const foot = footer(content, sources, layout, width)
    views.push({ ...foot, below: 0 })
  }
  const gap = size === 'card' ? 6 : 22
  // Every view but the first is moved down by what stands below the one before it.
  const spacing = Math.max(...drawn.map(({ below }) => below)) + gap
  const total = views.reduce((sum, { height }) => sum + height, 0) + spacing * (views.length - 1)
  const top = layout.margin + titleHeight + (size === 'card' ? 0 : 6)
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: {
      text: titleLines,
      aria: false,
      anchor: 'start',
      frame: 'group',
      dx: -layout.label,
      fontSize: layout.title,
      lineHeight: Math.round(layout.title * 1.25),
      offset: size === 'card' ? 4 : 10,
      ...(placeLines.length > 0 && {
        subtitle: placeLines,
        subtitleFontSize: layout.font,
        subtitleLineHeight: Math.round(layout.font * 1.3),
        subtitleColor: hex('muted'),
        subtitlePadding: 2,
      }),
    },
    description: chartInWords(content),
    usermeta: { metric: content.metric.id, release: content.release.version, size },
    background: hex('paper'),
    // The picture is as large as this says, whatever a program takes the width of words to be. To the outside the views
    // have the width that they share and no height.
    autosize: 'none',
    bounds: 'flush',
    padding: {
      left: layout.margin + layout.label,
      right: layout.width - layout.margin - layout.label - width,
      top,
      bottom: total + layout.margin,
    },
    spacing,
    vconcat: views.map(({ spec }) => spec),
    config: {
      aria: false,
      font: 'system-ui, sans-serif',
      view: { stroke: null },
      title: { color: hex('ink'), fontWeight: 'bold' },
      text: { color: hex('ink'), fontSize: layout.font, limit: 0 },
      rule: { color: hex('mark'), strokeWidth: 1.6 },
      point: { color: hex('mark') },
      axis: {
        grid: false,
        domainColor: hex('muted'),
        tickColor: hex('muted'),
        tickSize: 4,
        labelColor: hex('muted'),
        labelFontSize: 11.5,
        labelPadding: 4,
        labelFlush: false,
        titleColor: hex('muted'),
        titleFontSize: 11.5,
        titleFontWeight: 'normal',
        titleAnchor: 'start',
        titlePadding: 6,
      },
    },
  }
}
