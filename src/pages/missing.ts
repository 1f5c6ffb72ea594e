/** The page for people whose request finds nothing or is wrong; programs get the problem document. */
import { html } from 'ghtml'
import type { Problem } from '../schemas/problem.ts'
import { layout, type Site } from './layout.ts'
import { figureTable, type Shown, type Words } from './parts.ts'

export type MissingPage = {
  problem: Problem
  /** What was most likely meant, as a path of a page. */
  suggestion: string | null
  /** The words of the address, and figures that hold them. */
  words: string
  found: Shown[]
}

/** The page that tells what is wrong with an address, and where to go on; HTML. */
export function missingPage(site: Site, words: Words, page: MissingPage): string {
  const { problem, suggestion, found } = page
  const { link } = site
  const main = html`<div class="wide">
<div class="page-head">
<p class="kicker">${problem.status} ${problem.title}</p>
<h1>${problem.status === 404 ? 'There is nothing at this address' : 'This address cannot be answered'}</h1>
<p class="lead">${problem.detail}</p>
!${suggestion === null ? '' : html`<p>Perhaps you meant <a href="${link(suggestion)}">${suggestion}</a>.</p>`}
<form class="search" action="${link('/explore')}" role="search">
<label>Search the figures<input type="search" name="q" value="${page.words}" maxlength="200"></label>
<button class="first">Search</button>
</form>
</div>
!${
    found.length === 0
      ? html`<p><a href="${link('/')}">Start from the front page</a>, or <a href="${link('/explore')}">explore all figures</a>.</p>`
      : html`<section aria-labelledby="found-title"><h2 id="found-title">Figures that speak of ${page.words}</h2>
!${figureTable(site, words, found, { caption: 'The first that fit.', metric: true })}</section>`
  }
</div>`
  return layout(site, {
    title: problem.title,
    description: problem.detail,
    canonical: null,
    json: null,
    main,
  })
}
