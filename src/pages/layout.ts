/** What every page shares: its head, its header and footer, and the policy under which browsers read it. */
import { createHash } from 'node:crypto'
import { html } from 'ghtml'
import { script, style } from './style.ts'

/** What every page is told of the service. */
export type Site = {
  /** A path of this service as a link. */
  link: (path: string) => string
  /** Where the service is reached, without a slash at the end, for lines that run elsewhere: "https://figures.example". */
  origin: string
  release: {
    version: string
    digest: string
    released: string
    license: string
    license_url: string
    license_note: string
  }
}

type Page = {
  title: string
  /** One sentence, for search engines. */
  description: string
  /** The address that stands for all addresses of the page; null where there is none to be found. */
  canonical: string | null
  /** The same for programs: a path of the API. */
  json: string | null
  /** Which entry of the navigation the page is. */
  current?: '/explore'
  /**
   * The id of the first heading below what should be painted as one: what is centred or stands in columns is moved by
   * what comes after it.
   */
  opening?: string
  /** More for the head, as HTML. */
  head?: string
  /** The content, as HTML. */
  main: string
}

const siteName = 'Counternarcotics Metrics'

/** The mark of the service, a bar whose upper end is open: a number that is more than what is printed. */
const mark = `<path d="M3 29h26" stroke-width="2.5"/><path d="M16 29V13" stroke-width="5"/><path d="M16 11.500V2.500M11.500 7 16 2.500 20.500 7" stroke-width="2.500"/>`

/** The icon of the service as a file of its own. */
export const favicon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#0b5566" stroke-linecap="round" stroke-linejoin="round"><style>@media (prefers-color-scheme: dark) { svg { stroke: #86cbd9 } }</style>${mark}</svg>\n`

const sha256 = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/**
 * The directives of the Content-Security-Policy of a page: its own style and script, named by their digests, and charts,
 * forms and icons of the service itself, at the origin by which the public knows it too. Nothing comes from elsewhere.
 */
export function pagePolicy(publicUrl: string): Record<string, string[]> {
  const own = ["'self'", ...(publicUrl === '' ? [] : [new URL(publicUrl).origin])]
  return {
    'default-src': ["'none'"],
    'style-src': [sha256(style)],
    'script-src': [sha256(script)],
    'img-src': own,
    'form-action': own,
    'base-uri': ["'none'"],
    'frame-ancestors': ["'none'"],
  }
}

/** A whole page as HTML. */
export function layout({ link, release }: Site, page: Page): string {
  const { title, description, canonical, json, current, opening, head = '', main } = page
  const entries = [
    ['/explore', 'Explore'],
    ['/#metrics', 'Metrics'],
    ['/#disagreements', 'Disagreements'],
    ['/#documents', 'Documents'],
    ['/docs', 'API'],
  ] as const
  const name = title.startsWith(siteName) ? title : `${title} · ${siteName}`
  // A browser that does not know `expect` paints sooner (https://html.spec.whatwg.org/multipage/links.html#link-type-expect).
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}</title>
<meta name="description" content="${description}">
<meta name="theme-color" content="#fdfcf9" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#121416" media="(prefers-color-scheme: dark)">
<meta property="og:title" content="${title}">
<meta property="og:description" content="${description}">
<meta property="og:type" content="website">
!${canonical === null ? '<meta name="robots" content="noindex">' : html`<link rel="canonical" href="${link(canonical)}">`}
!${json === null ? '' : html`<link rel="alternate" type="application/json" href="${link(json)}">`}
<link rel="icon" type="image/svg+xml" href="${link('/favicon.svg')}">
!${opening === undefined ? '' : html`<link rel="expect" href="#${opening}" blocking="render">`}
!${head}<style>!${style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><div class="wide">
<a class="name" href="${link('/')}"><svg viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-linecap="round" aria-hidden="true">!${mark}</svg>${siteName}</a>
<nav aria-label="Site"><ul>
!${entries.map(
    ([path, entry]) =>
      html`<li><a href="${link(path)}"!${path === current ? ' aria-current="page"' : ''}>${entry}</a></li>`,
  )}
</ul></nav>
</div></header>
<main id="main" tabindex="-1">
!${main}
</main>
<footer class="bottom"><div class="wide">
!${json === null ? '' : html`<p>This page as data: <a href="${link(json)}"><code>${json}</code></a></p>`}
<p>Release <a href="${link('/v1/dataset')}">${release.version}</a> of ${release.released}. Data: <a href="${release.license_url}" rel="license">${release.license}</a>. ${release.license_note}</p>
<p>Digest of the release: <code>${release.digest}</code></p>
</div></footer>
<script>!${script}</script>
</body>
</html>
`
}
