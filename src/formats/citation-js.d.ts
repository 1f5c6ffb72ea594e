// The libraries ship no types; this declares the part of them that is used here.
declare module '@citation-js/core' {
  type Output = {
    (name: 'bibliography', items: readonly object[], options: { template: string; lang: string }): string
    (
      name: 'bibtex',
      items: readonly object[],
      options: { format: 'object' },
    ): { type: string; label: string; properties: Record<string, string> }[]
    (name: 'ris', items: readonly object[], options: { format: 'object' }): Record<string, string | string[]>[]
  }
  type Config = {
    (plugin: '@bibtex'): { format: { asciiOnly: boolean; checkLabel: boolean; useIdAsLabel: boolean } }
    /** Styles by name, as the XML of CSL. */
    (plugin: '@csl'): { styles: { get: (name: string) => string; set: (name: string, style: string) => void } }
  }
  export const plugins: {
    config: { get: Config }
    /** Reads a text of any format that is known; what it takes for an address, it fetches. */
    input: { chain: (text: string) => Record<string, unknown>[] }
    output: { format: Output }
  }
}
// Each of these adds what it can to the plugins of the core.
declare module '@citation-js/plugin-bibtex'
declare module '@citation-js/plugin-csl'
declare module '@citation-js/plugin-ris'
