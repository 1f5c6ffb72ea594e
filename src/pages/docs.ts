/** What Swagger UI wears so that it looks at home beside the pages, in the light and in the dark. */

/** Its own style has a dark mode, under a class of the root; this says when. Its page does not say that it fits a phone. */
export const docsScript = `
document.head.append(Object.assign(document.createElement('meta'), { name: 'viewport', content: 'width=device-width' }))
const dark = matchMedia('(prefers-color-scheme: dark)')
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', follow)
follow()
`

/** Type and measure as on the pages; the rest is Swagger UI's own. */
export const docsStyle = `
:root { color-scheme: light dark }
html { overflow-y: auto }
body { background: #fdfcf9 }
html.dark-mode body { background: #121416 }
.swagger-ui .info { margin: 1.5rem 0 1rem }
.swagger-ui .info .title { font: 500 2.2rem/1.2 "Iowan Old Style", "Palatino Linotype", Palatino, P052, Charter, Georgia, "DejaVu Serif", serif }
.swagger-ui .info p, .swagger-ui .info li, .swagger-ui .opblock-tag small p { max-width: 50rem; margin-inline: 0; line-height: 1.55 }
.swagger-ui .info code, .swagger-ui .opblock-tag code, .swagger-ui .opblock-description code, .swagger-ui .renderedMarkdown code { color: inherit; background: transparent; font-weight: 400; padding: 0 }
.swagger-ui .scheme-container { box-shadow: none; padding: 0; background: transparent }
.swagger-ui .opblock-tag { font-family: "Iowan Old Style", "Palatino Linotype", Palatino, P052, Charter, Georgia, "DejaVu Serif", serif; font-weight: 500; flex-wrap: wrap }
.swagger-ui .opblock-tag small { font: .95rem/1.5 system-ui, sans-serif; flex: 1 1 30rem }
.swagger-ui .filter .operation-filter-input { border-width: 1px; max-width: 30rem }
@media (max-width: 40rem) { .swagger-ui .response-col_links { display: none } .swagger-ui .opblock-body { overflow-x: auto } }
@media (prefers-reduced-motion: reduce) { .swagger-ui *, .swagger-ui *::before { animation: none !important; transition: none !important } }
`
