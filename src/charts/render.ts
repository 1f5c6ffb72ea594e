/** Draws specifications. The only module that loads Vega: it is for the load, never for the service. */
import { parse, SVGStringRenderer, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { ChartSpecification } from './spec.ts'
import { palette, styleSheet } from './style.ts'

/** What takes the place of Vega's opening tag, and of what it says of its own groups to who listens. */
type Naming = { id: string; title: string; description: string }

/**
 * The picture of a specification: SVG as Vega draws it (`View.toSVG`, but at once, since the load is one transaction), with
 * a name and a description for who does not see it and the style sheet for dark screens and print. The same bytes for the
 * same specification; no script, and no reference to anything outside.
 *
 * @param naming `id` begins the ids in the picture, so that several may stand in one page.
 */
export function drawChart(specification: ChartSpecification, { id, title, description }: Naming): string {
  const { left, right, top, bottom } = specification.padding
  const view = new View(parse(compile(specification as unknown as TopLevelSpec).spec), { renderer: 'none' }).run()
  const [width, height] = [left + view.width() + right, top + view.height() + bottom]
  const [x, y] = view.origin()
  const drawn = new SVGStringRenderer()
    .initialize(null, width, height, [left + x, top + y])
    .background(palette.paper.light)
    .render((view.scenegraph() as unknown as { root: object }).root)
    .svg()
  view.finalize()
  const content = drawn.slice(drawn.indexOf('>') + 1)
  const opening =
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-desc">`
  const named =
    `<title id="${id}-title">${escape(title)}</title><desc id="${id}-desc">${escape(description)}</desc>` +
    `<style>${styleSheet}</style>`
  return opening + named + content
}

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
