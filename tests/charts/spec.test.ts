import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { beforeAll, describe, expect, it } from 'vitest'
import { chartInWords, chartTitle, type ChartContent } from '../../src/charts/panels.ts'
import { chartSpecification } from '../../src/charts/spec.ts'
import { ChartSize, measures } from '../../src/schemas/vocabularies.ts'
import { chartContents, panelsOf } from './support.ts'

let contents: ChartContent[]
beforeAll(() => {
  contents = chartContents()
  expect(contents.length).toBeGreaterThan(25)
})

const of = (metric: string) => contents.find(({ metric: { id } }) => id === metric) ?? expect.unreachable(metric)
const rowsOf = (content: ChartContent, size: ChartSize = 'wide') =>
  panelsOf(chartSpecification(content, size)).flatMap(({ rows }) => rows)

const drawnFields = [
  ...(['period', 'year', 'scope', 'claim_type', 'origin', 'voice', 'document', 'value', 'qualifier'] as const),
  ...(['value_low', 'value_low_inclusive', 'value_high', 'value_high_inclusive'] as const),
  ...(['superlative', 'superlative_since'] as const),
]

describe.each(['wide', 'narrow'] as const)('the %s chart of every metric', (size) => {
  it('has every figure once, with its own number and bounds and no others', () => {
    for (const content of contents) {
      const rows = rowsOf(content, size)
      expect(rows.map(({ figure }) => figure).toSorted()).toEqual(content.figures.map(({ id }) => id).toSorted())
      for (const figure of content.figures) {
        const row = rows.find((one) => one.figure === figure.id)
        for (const field of drawnFields) expect(row?.[field], `${figure.id} ${field}`).toBe(figure[field])
      }
    }
  })

  it('puts on one axis only what has one measure and one unit', () => {
    for (const content of contents) {
      const kinds = panelsOf(chartSpecification(content, size)).map(({ rows }) => {
        const found = rows.map(({ figure }) => content.figures.find(({ id }) => id === figure))
        return [...new Set(found.map((figure) => `${figure?.measure} ${figure?.unit}`))]
      })
      for (const kind of kinds) expect(kind).toHaveLength(1)
      expect(new Set(kinds.flat()).size).toBe(kinds.length)
      const order = kinds.flat().map((kind) => Object.keys(measures).indexOf(kind.split(' ')[0] ?? ''))
      expect(order).toEqual(order.toSorted((a, b) => a - b))
    }
  })

  it('keeps the figures of a series together, in the order of time', () => {
    for (const content of contents) {
      for (const { rows } of panelsOf(chartSpecification(content, size))) {
        const found = rows.flatMap((row) => content.figures.find(({ id }) => id === row.figure) ?? [])
        const series = found.map(({ scope, claim_type, place, baseline_year, voice }) =>
          JSON.stringify([scope, claim_type, place, baseline_year, voice]),
        )
        const runs = series.filter((key, index) => key !== series[index - 1])
        expect(new Set(runs).size).toBe(runs.length)
        for (const key of runs) {
          const ends = found.filter((_, index) => series[index] === key).map(({ period_end }) => period_end)
          expect(ends).toEqual(ends.toSorted())
        }
      }
    }
  })

  it('draws a line to where nothing bounds a number, and to nowhere else', () => {
    let open = 0
    for (const row of contents.flatMap((content) => rowsOf(content, size))) {
      if (row.value === null) {
        expect([row.to_low, row.to_high, row.bounds]).toEqual([undefined, undefined, 'none'])
        continue
      }
      expect(Number(row.to_low) < 0, row.figure).toBe(row.value_low === null)
      expect(Number(row.to_high) > 0, row.figure).toBe(row.value_high === null)
      open += Number(row.value_low === null) + Number(row.value_high === null)
    }
    expect(open).toBeGreaterThan(20)
  })
})

it('gives each document of a metric a shape of its own, and what is derived another', () => {
  for (const content of contents) {
    const rows = rowsOf(content)
    const shapes = new Map(rows.map(({ document, shape }) => [document, shape]))
    expect(new Set(shapes.values()).size).toBe(shapes.size)
    for (const { document, shape } of rows) expect(shape).toBe(shapes.get(document))
  }
})

it('tells documents apart by their number where there are more than shapes', () => {
  const content = of('attack-deaths')
  const [figure = expect.unreachable()] = content.figures
  const [document = expect.unreachable()] = content.documents.filter(({ id }) => id === figure.document)
  const ids = Array.from({ length: 12 }, (_, index) => `document-${String(index).padStart(2, '0')}`)
  const many = {
    ...content,
    documents: ids.map((id) => ({ ...document, id })),
    figures: ids.map((id) => ({ ...figure, id: `of-${id}`, document: id })),
  }
  const rows = rowsOf(many)
  expect(rows).toHaveLength(12)
  expect(new Set(rows.map(({ label }) => label)).size).toBe(12)
})

it('names a record without a number, and gives it none', () => {
  const [row = expect.unreachable()] = rowsOf(of('homicides'))
  expect(row).toMatchObject({ value: null, said: 'lowest since 1985' })
  expect(chartInWords(of('homicides'))).toContain('lowest since 1985, no number printed')
  // Where nothing has a number there is no axis to read one from.
  expect(JSON.stringify(chartSpecification(of('homicides'), 'wide'))).not.toContain('"domain":[')
})

it('has the unit on each axis', () => {
  const titles = (metric: string) =>
    [...JSON.stringify(chartSpecification(of(metric), 'wide')).matchAll(/"axis":\{"title":"([^"]*)"/g)]
      .map(([, title]) => title)
      .filter((title, index, all) => all.indexOf(title) === index)
  expect(titles('coca-eradication')).toEqual(['hectares', 'percent'])
  expect(titles('flight-hours')).toEqual(['hours', 'hours per year'])
  expect(titles('goods-trade')).toEqual(['billion United States dollars'])
  expect(titles('peace-support-rank')).toEqual(['rank (1 is the first)'])
})

it('says under the plot who printed what is drawn, and of which release it is', () => {
  for (const content of contents) {
    for (const size of ['wide', 'narrow'] as const) {
      const { vconcat } = chartSpecification(content, size)
      const texts = [...JSON.stringify(vconcat.at(-1)).matchAll(/"text":"((?:[^"\\]|\\.)*)"/g)]
      const text = texts.map(([, line]) => line).join(' ')
      const sources = content.documents.filter(({ id }) => content.figures.some(({ document }) => document === id))
      for (const { title, publisher_title } of sources) expect(text).toContain(`${title}. ${publisher_title}, `)
      expect([...text.matchAll(/\[\d+\]/g)]).toHaveLength(sources.length)
      expect(text).toContain(`release ${content.release.version}`)
    }
  }
})

it('has a title and a description that say every figure', () => {
  for (const content of contents) {
    expect(chartTitle(content)).toContain(content.metric.title)
    const words = chartInWords(content)
    for (const { label, said } of rowsOf(content)) expect(words).toContain(`${label}: ${said}`)
    expect(chartSpecification(content, 'card').description).toBe(words)
  }
})

it('says on a card how many figures the full chart has besides', () => {
  for (const content of contents) {
    const specification = chartSpecification(content, 'card')
    const shown = panelsOf(specification).flatMap(({ rows }) => rows).length
    const rest = content.figures.length - shown
    const note = JSON.stringify(specification.vconcat.at(-1))
    if (rest === 0) expect(note).not.toContain('more figure')
    else expect(note).toContain(`${rest} more`)
    expect(shown).toBeGreaterThan(0)
    expect(shown).toBeLessThanOrEqual(8)
  }
})

it('is valid by the schema of Vega-Lite itself, holds its data, and is of the version that is installed', () => {
  const require = createRequire(import.meta.url)
  const ajv = new Ajv({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addFormat('color-hex', /^#([0-9a-f]{3}|[0-9a-f]{6})$/i)
  const schema = JSON.parse(readFileSync(require.resolve('vega-lite/vega-lite-schema.json'), 'utf8')) as object
  const isValid = ajv.compile(schema)
  const manifest = JSON.parse(
    readFileSync(require.resolve('vega-lite/vega-lite-schema.json').replace(/build.*/, 'package.json'), 'utf8'),
  ) as { version: string }
  for (const content of contents) {
    for (const size of ChartSize.options) {
      const specification = chartSpecification(content, size)
      expect(isValid(specification), `${content.metric.id} ${ajv.errorsText(isValid.errors).slice(0, 500)}`).toBe(true)
      expect(specification.$schema).toBe(
        `https://vega.github.io/schema/vega-lite/v${manifest.version.split('.')[0]}.json`,
      )
      expect(JSON.stringify(specification)).not.toContain('"url"')
    }
  }
  expect(isValid({ ...chartSpecification(of('homicides'), 'wide'), vconcat: 'nothing' })).toBe(false)
})
