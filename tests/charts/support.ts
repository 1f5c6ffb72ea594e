/** What the tests of charts share: what the charts of seed-data/ are drawn from, and a reader of pictures. */
import { SaxesParser } from 'saxes'
import { inject } from 'vitest'
import type { ChartContent } from '../../src/charts/panels.ts'
import type { ChartSpecification } from '../../src/charts/spec.ts'
import { openDatabase } from '../../src/db/client.ts'
import { readChartContents } from '../../src/seed/charts.ts'

/** What the charts of seed-data/ are drawn from. */
export function chartContents(): ChartContent[] {
  const db = openDatabase(inject('builtDatabase'))
  try {
    return readChartContents(db)
  } finally {
    db.$client.close()
  }
}

export type DrawnRow = Record<string, unknown> & {
  figure: string
  value: number | null
  value_low: number | null
  value_high: number | null
  origin: string
  claim_type: string
  document: string | null
  bounds: string
  to_low?: number
  to_high?: number
  shape: string
  label: string
  said: string
}
export type Panel = { name: string; rows: DrawnRow[]; height: number }

/** The panels of a specification that hold figures. */
export const panelsOf = ({ vconcat }: ChartSpecification): Panel[] =>
  vconcat
    .filter(({ name }) => name !== 'key' && name !== 'note')
    .map(({ name, height, data }) => ({
      name: String(name),
      height: Number(height),
      rows: (data as { values: DrawnRow[] }).values,
    }))

export type Element = { name: string; attributes: Record<string, string>; children: Element[]; text: string }

/** The tree of an XML document; throws where it is not well-formed. */
export function parseXml(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' }
  const open = [root]
  const parser = new SaxesParser({ xmlns: false })
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, children: [], text: '' }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  parser.on('text', (text) => {
    const last = open.at(-1)
    if (last !== undefined) last.text += text
  })
  parser.on('closetag', () => open.pop())
  parser.write(xml).close()
  const [only, ...more] = root.children
  if (only === undefined || more.length > 0) throw new Error('not one element')
  return only
}

/** An element and all below it. */
export function* everything(element: Element): Generator<Element> {
  yield element
  for (const child of element.children) yield* everything(child)
}

/** What Vega drew for a layer, by the name of the layer. */
export const drawnAs = (picture: Element, layer: string): Element[] =>
  [...everything(picture)]
    .filter(({ attributes }) => attributes['class']?.split(' ').includes(`${layer}_marks`) === true)
    .flatMap(({ children }) => children)
