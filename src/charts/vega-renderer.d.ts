import 'vega'

declare module 'vega' {
  /** Vega's own renderer behind `View.toSVG`, which Vega exports and its types leave out. */
  export class SVGStringRenderer {
    initialize(element: null, width: number, height: number, origin: [number, number]): this
    background(colour: string): this
    render(scene: object): this
    svg(): string
  }
}
