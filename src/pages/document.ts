/** The page of a document: what it says, figure by figure, and which numbers in it are not recorded as figures. */
import { html } from 'ghtml'
import { capital } from '../names.ts'
import type { Document } from '../schemas/documents.ts'
import { notRecordedReasons } from '../schemas/vocabularies.ts'
import { layout, type Site } from './layout.ts'
import { code, figureTable, type Shown, type Words } from './parts.ts'
import { counted, publishedWords, whole } from './words.ts'

export type DocumentPage = {
  document: Document
  /** Its first figures, in the order of its text. */
  figures: Shown[]
  citation: string
}

/** Reasons as headings; each is defined in the vocabulary. */
const reasonTitle = (reason: string) => capital(reason.replaceAll('_', ' '))

/** The page of a document; HTML. */
export function documentPage(site: Site, words: Words, { document, figures, citation }: DocumentPage): string {
  const { link } = site
  const { id, title, kind, publisher_title, address, published, published_note, figure_count, not_recorded } = document
  const byReason = Map.groupBy(not_recorded, ({ reason }) => reason)
  const main = html`<div class="wide">
<p class="trail"><a href="${link('/#documents')}">Documents</a> / ${capital(kind)}</p>
<div class="page-head">
<h1>${title}</h1>
<p class="lead">${publisher_title}</p>
<dl class="facts">
<dt>Address</dt><dd><a class="source" href="${address}">${address}</a></dd>
<dt>Published</dt><dd>${capital(publishedWords(published))}${published_note === null ? ', as printed' : `. ${published_note}`}</dd>
!${document.note === null ? '' : html`<dt>Note</dt><dd>${document.note}</dd>`}
<dt>Rights</dt><dd>${document.rights}</dd>
<dt>Text</dt><dd>SHA-256 <code>${document.sha256}</code></dd>
</dl>
</div>

<section aria-labelledby="figures-title">
<h2 id="figures-title">What it says</h2>
<p>${counted(figure_count, 'figure')} and ${counted(not_recorded.length, 'other number')} account for every number in the text.</p>
!${figureTable(site, words, figures, { caption: 'In the order of the text. A phrase leads to its place in the document.', metric: true, document: false })}
<p class="actions"><a class="button" href="${link(`/explore?document=${id}`)}">${figure_count > figures.length ? `All ${whole(figure_count)} figures` : 'Filter them'}</a> <a class="button" href="${link(`/v1/figures?document=${id}&format=csv`)}">Download CSV</a></p>
</section>

<section aria-labelledby="others-title">
<h2 id="others-title">Numbers not recorded as figures</h2>
<p>All other numbers in the text, each with the reason. Places are counted in characters from the start of the text.</p>
!${[...byReason].map(
    ([
      reason,
      mentions,
    ]) => html`<h3 class="topic">${reasonTitle(reason)} <small>${notRecordedReasons[reason]}</small></h3>
<ul class="plain row">
!${mentions.map(({ text, start, end }) => html`<li class="phrase">“${text}” <small>${start}–${end}</small></li>`)}
</ul>`,
  )}
</section>

<section aria-labelledby="cite-title">
<h2 id="cite-title">Cite it</h2>
<div class="prose">!${code('Citation', 'the citation', citation)}</div>
!${citationLinks(site, `/v1/documents/${id}/citation`)}
</section>
</div>`
  return layout(site, {
    title: `${title}, published ${publishedWords(published)}`,
    description: `What “${title}” (${publisher_title}, published ${publishedWords(published)}) says in numbers: ${counted(figure_count, 'figure')}, each with its phrase, and ${counted(not_recorded.length, 'other number')}, each with the reason why it is not a figure.`,
    canonical: `/documents/${id}`,
    json: `/v1/documents/${id}`,
    opening: 'figures-title',
    main,
  })
}

/** The citation in the formats of citation managers. */
export const citationLinks = ({ link }: Site, path: string) =>
  html`<p class="soft">For citation managers: <a href="${link(`${path}?format=bibtex`)}">BibTeX</a>, <a href="${link(`${path}?format=ris`)}">RIS</a>, <a href="${link(`${path}?format=csl-json`)}">CSL-JSON</a></p>`
