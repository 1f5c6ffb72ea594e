import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import { beforeAll, expect, it } from 'vitest'
import { drawChart } from '../../src/charts/render.ts'
import { chartInWords, chartTitle, type ChartContent } from '../../src/charts/panels.ts'
import { chartSpecification } from '../../src/charts/spec.ts'
import { palette, styleSheet } from '../../src/charts/style.ts'
import { ChartSize } from '../../src/schemas/vocabularies.ts'
import { chartContents, drawnAs, everything, panelsOf, parseXml, type Element } from './support.ts'

type Drawn = {
  content: ChartContent
  size: ChartSize
  specification: ReturnType<typeof chartSpecification>
  svg: string
  picture: Element
}
const naming = (content: ChartContent) => ({
  id: `chart-${content.metric.id}`,
  title: chartTitle(content),
  description: chartInWords(content),
})
let drawn: Drawn[]
beforeAll(() => {
  drawn = chartContents().flatMap((content) =>
    ChartSize.options.map((size) => {
      const specification = chartSpecification(content, size)
      const svg = drawChart(specification, naming(content))
      return { content, size, specification, svg, picture: parseXml(svg) }
    }),
  )
})

it('is the same to the byte whenever it is drawn, whatever was drawn before', () => {
  for (const { content, specification, svg } of drawn.toReversed()) {
    expect(drawChart(specification, naming(content))).toBe(svg)
  }
})

it('is what Vega itself makes of the specification that is served', async () => {
  for (const { specification, svg } of drawn) {
    const served = JSON.parse(JSON.stringify(specification)) as TopLevelSpec
    const theirs = await new View(parse(compile(served).spec), { renderer: 'none' }).toSVG()
    const size = / width="(\d+)" height="(\d+)"/
    expect(size.exec(svg)?.slice(1)).toEqual(size.exec(theirs)?.slice(1))
    expect(svg.slice(svg.indexOf('</style>') + '</style>'.length)).toBe(theirs.slice(theirs.indexOf('>') + 1))
  }
})

/** What of a picture is not hidden from who listens. */
function* heard(element: Element): Generator<Element> {
  if (element.attributes['aria-hidden'] === 'true') return
  yield element
  for (const child of element.children) yield* heard(child)
}

it('has a name, a description and the style sheet, and its parts say nothing of their own', () => {
  for (const { content, picture } of drawn) {
    const [title, description, style] = picture.children
    expect([title?.name, description?.name, style?.name]).toEqual(['title', 'desc', 'style'])
    expect(title?.text).toBe(chartTitle(content))
    expect(description?.text).toBe(chartInWords(content))
    expect(style?.text).toBe(styleSheet)
    expect(picture.attributes).toMatchObject({
      role: 'img',
      'aria-labelledby': title?.attributes['id'],
      'aria-describedby': description?.attributes['id'],
    })
    for (const { attributes } of heard(picture)) expect(attributes).not.toHaveProperty('aria-label')
  }
})

it('is well-formed, and has no script and no reference to anything outside', () => {
  for (const { svg, picture } of drawn) {
    for (const { name, attributes } of everything(picture)) {
      expect(['svg', 'title', 'desc', 'style', 'g', 'rect', 'path', 'line', 'text', 'tspan', 'defs']).toContain(name)
      for (const attribute of Object.keys(attributes)) expect(attribute).not.toMatch(/^on|href|^style$/)
    }
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/url\(|javascript:|<!|<\?|xmlns/)
  }
})

it('has fonts by their generic families and only colours that the style sheet knows', () => {
  const colours: string[] = Object.values(palette).map(({ light }) => light)
  for (const { picture } of drawn) {
    for (const { attributes } of everything(picture)) {
      for (const name of ['fill', 'stroke']) {
        const colour = attributes[name]
        if (colour !== undefined && colour !== 'none') expect(colours).toContain(colour)
      }
      if (attributes['font-family'] !== undefined) expect(attributes['font-family']).toBe('system-ui, sans-serif')
    }
  }
})

it('has a mark for every number and none for what has no number', () => {
  for (const { specification, picture } of drawn) {
    for (const { name, rows } of panelsOf(specification)) {
      expect(drawnAs(picture, `${name}_figures`)).toHaveLength(rows.filter(({ value }) => value !== null).length)
    }
  }
})

it('draws targets and projections hollow, and what is derived dashed', () => {
  const seen = new Set<string>()
  for (const { specification, picture } of drawn) {
    for (const { name, rows } of panelsOf(specification)) {
      const marks = drawnAs(picture, `${name}_figures`)
      for (const [index, { origin, claim_type }] of rows.filter(({ value }) => value !== null).entries()) {
        const { fill, stroke, 'stroke-dasharray': dashes = '1,0' } = marks[index]?.attributes ?? {}
        const filled = origin === 'derived' ? palette.tint.light : palette.mark.light
        expect(fill).toBe(claim_type === 'outcome' ? filled : palette.paper.light)
        expect(stroke).toBe(palette.mark.light)
        expect(dashes === '1,0').toBe(origin === 'quoted')
        seen.add(`${origin} ${claim_type}`)
      }
    }
  }
  expect([...seen].toSorted()).toEqual([
    'derived outcome',
    'derived target',
    'quoted outcome',
    'quoted projection',
    'quoted target',
  ])
})

it('draws open bounds as arrows where one side is open and as dots where both are', () => {
  const seen = { low: 0, high: 0, both: 0 }
  for (const { specification, picture } of drawn) {
    for (const { name, rows } of panelsOf(specification)) {
      const valued = rows.filter(({ value }) => value !== null)
      const [low, high, neither] = (['below', 'above', 'neither'] as const).map((kind) =>
        valued.filter(({ bounds }) => bounds === kind),
      )
      expect(drawnAs(picture, `${name}_open_low`)).toHaveLength(low?.length ?? 0)
      expect(drawnAs(picture, `${name}_open_high`)).toHaveLength(high?.length ?? 0)
      const open = valued.filter(({ bounds }) => ['below', 'above', 'neither'].includes(bounds))
      const lines = drawnAs(picture, `${name}_open`)
      expect(lines).toHaveLength(open.length)
      for (const [index, { bounds, to_low = 0, to_high = 0 }] of open.entries()) {
        const { x2, 'stroke-dasharray': dashes = '' } = lines[index]?.attributes ?? {}
        expect(Math.abs(Number(x2))).toBeCloseTo(to_high - to_low, 6)
        expect(dashes.startsWith('1.2')).toBe(bounds === 'neither')
      }
      seen.low += low?.length ?? 0
      seen.high += high?.length ?? 0
      seen.both += neither?.length ?? 0
    }
  }
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(3)
})

it('draws two bounds that are known as a whisker with a cap at each', () => {
  const { content } = drawn.find(({ content: { metric } }) => metric.id === 'cocaine-production-per-hectare') ?? expect.unreachable() // prettier-ignore
  const [figure = expect.unreachable()] = content.figures
  const between = { ...content, figures: [{ ...figure, value: 50, value_low: 40, value_high: 80 }] }
  const specification = chartSpecification(between, 'wide')
  const picture = parseXml(drawChart(specification, naming(between)))
  const [{ name } = expect.unreachable()] = panelsOf(specification)
  const [low] = drawnAs(picture, `${name}_whisker_low`)
  const [high] = drawnAs(picture, `${name}_whisker_high`)
  const length = (line: Element | undefined) => Math.abs(Number(line?.attributes['x2']))
  expect(length(low)).toBeGreaterThan(0)
  expect(length(high) / length(low)).toBeCloseTo(3, 6)
  expect(drawnAs(picture, `${name}_open`)).toEqual([])
})
