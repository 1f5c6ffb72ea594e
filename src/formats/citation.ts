/** Citations of documents and figures: CSL-JSON items, and the formats that are made of them. */
import { onFirstUse } from '../first-use.ts'

/** A year, perhaps a month, perhaps a day. */
type DateParts = number[]

/** A date of CSL: one, or the two ends of a range, which have as many parts as each other. */
export type CslDate = { 'date-parts': DateParts[]; circa?: true }

/** An item of CSL-JSON, of the properties that both editions of its schema (1.0.1 and 1.0.2) have. */
export type CslItem = {
  id: string
  type: 'dataset' | 'report' | 'webpage'
  title: string
  /** Institutions: names that are not to be taken apart. */
  author: [{ literal: string }]
  issued: CslDate
  URL: string
  genre?: string
  language?: string
  publisher?: string
  version?: string
  /** Where in the document it stands; printed with the citation. */
  note?: string
  /** How well the date is known; for the reader of the record. */
  annote?: string
}

/** The formats of a citation and their media types. RIS and BibTeX have no registered one: these two are in use. */
export const citationFormats = {
  'csl-json': 'application/vnd.citationstyles.csl+json',
  ris: 'application/x-research-info-systems',
  bibtex: 'application/x-bibtex',
  text: 'text/plain',
} as const
export type CitationFormat = keyof typeof citationFormats

export type CitedDocument = {
  id: string
  title: string
  kind: string
  publisher_title: string
  address: string
  language: string
  /** EDTF: a date or a closed interval. */
  published: string
  published_basis: 'stated' | 'inferred'
}

/**
 * A document as a CSL item: its publisher is the author. APA (7th edition, 9.29) names a publisher who is the author
 * only once, so there is no `publisher`.
 */
export function cslOfDocument(document: CitedDocument): CslItem {
  const { published, published_basis } = document
  const annote = dateNote(published, published_basis)
  const type = /\b(?:report|fact sheet)\b/i.test(document.kind) ? 'report' : 'webpage'
  return {
    id: document.id,
    type,
    title: document.title,
    author: [{ literal: document.publisher_title }],
    issued: issuedOf(published, published_basis),
    URL: document.address,
    // "web page" says nothing that the type does not.
    ...(document.kind.replace(' ', '') !== type && { genre: document.kind }),
    language: document.language,
    ...(annote !== undefined && { annote }),
  }
}

/** A figure that a document prints: the document, with the phrase, its place in the text and the link to it. */
export function cslOfFigure(
  figure: {
    id: string
    quote: string | null
    quote_start: number | null
    quote_end: number | null
    source_url: string | null
  },
  document: CitedDocument,
): CslItem {
  const { id, quote, quote_start, quote_end, source_url } = figure
  return {
    ...cslOfDocument(document),
    id,
    URL: source_url ?? document.address,
    // Not `locator`: without a label, which an item cannot have, it would be taken for pages.
    note: `Quoted phrase: “${quote}” (Unicode code points ${quote_start}–${quote_end} of the text, end exclusive).`,
  }
}

/** A figure that no document prints: it is cited as this dataset, of which it is a part. */
export function cslOfDerivedFigure(
  figure: { id: string; statement: string; url: string },
  dataset: { title: string; version: string; released: string },
): CslItem {
  return {
    id: figure.id,
    type: 'dataset',
    title: figure.statement,
    author: [{ literal: dataset.title }],
    issued: issuedOf(dataset.released, 'stated'),
    URL: figure.url,
    publisher: dataset.title,
    version: dataset.version,
  }
}

const inDoubt = (published: string) => /[?~%]/.test(published)

/**
 * An EDTF date or closed interval as a CSL date. Ends of unlike precision are cut to what both have: processors refuse
 * them, and to fill up the shorter one would invent a day.
 */
function issuedOf(published: string, basis: CitedDocument['published_basis']): CslDate {
  const ends = published.split('/').map((end) =>
    end
      .replace(/[?~%]$/, '')
      .split('-')
      .map(Number),
  )
  const precision = Math.min(...ends.map((parts) => parts.length))
  const cut = new Map(ends.map((parts) => [parts.slice(0, precision).join('-'), parts.slice(0, precision)]))
  return { 'date-parts': [...cut.values()], ...((basis === 'inferred' || inDoubt(published)) && { circa: true }) }
}

/** The date as it is known, in words, where there is more to say than the date itself. */
function dateNote(published: string, basis: CitedDocument['published_basis']): string | undefined {
  const [from = '', to] = published.split('/').map((end) => end.replace(/^(.*)[?~%]$/, 'about $1'))
  if (to === undefined && basis === 'stated' && !inDoubt(published)) return undefined
  const when = to === undefined ? from : `between ${from} and ${to}`
  return `Published ${when}${basis === 'inferred' ? '; the date is inferred, wholly or in part' : ''}.`
}

/** A citation in a format, as the whole content of a file of that format; UTF-8. */
export async function formatCitation(csl: CslItem, format: CitationFormat): Promise<string> {
  switch (format) {
    case 'csl-json':
      // An array, as CSL-JSON files are.
      return JSON.stringify([csl])
    case 'ris':
      return asRis(csl)
    case 'bibtex':
      return asBibtex(csl)
    case 'text':
      return asText(csl)
  }
}

// The libraries are loaded when they are first wanted: they take longer than the whole service to start. They are given
// items only, never a text of a client, since they fetch what they take for an address.

const loadText = onFirstUse(async () => {
  const [{ plugins }] = await Promise.all([import('@citation-js/core'), import('@citation-js/plugin-csl')])
  const { styles } = plugins.config.get('@csl')
  // One entry needs neither an order nor the form of a citation within a text. Without them the style is ready in a
  // tenth of the time; with them nobody would be answered for a second and more.
  const apa = styles
    .get('apa')
    .replace(/<citation .*?<\/citation>/s, '<citation><layout/></citation>')
    .replace(/<sort>.*?<\/sort>/s, '')
  styles.set('apa-entry', apa)
  return plugins.output
})

const loadRis = onFirstUse(async () => {
  const [{ plugins }] = await Promise.all([import('@citation-js/core'), import('@citation-js/plugin-ris')])
  return plugins.output
})

const loadBibtex = onFirstUse(async () => {
  const [{ plugins }] = await Promise.all([import('@citation-js/core'), import('@citation-js/plugin-bibtex')])
  Object.assign(plugins.config.get('@bibtex').format, { asciiOnly: false, checkLabel: false, useIdAsLabel: true })
  return plugins.output
})

/** One line of APA (7th edition); after it, for a figure, the phrase that it cites. */
async function asText(csl: CslItem): Promise<string> {
  const { note, annote: _, publisher, ...item } = csl
  const source = { ...item, ...(publisher !== csl.author[0].literal && { publisher }) }
  const output = await loadText()
  const reference = output.format('bibliography', [source], { template: 'apa-entry', lang: 'en-US' })
  return `${[reference.trim(), note ?? []].flat().join(' ')}\n`
}

/**
 * One RIS record. The library's own lines are not used: it folds them at 70 characters, which breaks addresses, cuts the
 * id to 20 and takes the start of a range for the date.
 */
async function asRis(csl: CslItem): Promise<string> {
  const { issued, note, annote, genre, ...item } = csl
  // What stands after a comma in AU is taken for a given name; nobody takes PB apart, so the name is whole there.
  const source = { ...item, publisher: publisherOf(csl) }
  const output = await loadRis()
  const [{ TY, ...tags } = {}] = output.format('ris', [source], { format: 'object' })
  const notes = [note ?? [], annote ?? []].flat().join(' ')
  const all = {
    TY,
    ...tags,
    M3: genre,
    ...risDate(issued),
    ...(notes !== '' && { N1: notes }),
    ID: csl.id,
    ER: '',
  }
  return Object.entries(all)
    .flatMap(([tag, values]) => [values ?? []].flat().map((value) => `${tag}  - ${oneLine(value)}\r\n`))
    .join('')
}

/**
 * One BibTeX entry, in UTF-8. The library's own text is not used: it drops every character that it knows no TeX command
 * for, escapes no names, and takes the start of a range for the date. What it is given is TeX already.
 */
async function asBibtex(csl: CslItem): Promise<string> {
  const { id, type, author, issued, URL, ...texts } = csl
  const source = {
    ...Object.fromEntries(Object.entries({ ...texts, publisher: publisherOf(csl) }).map(([k, v]) => [k, tex(v)])),
    id,
    type,
    author: [{ literal: tex(author[0].literal) }],
    // The three that would end the field are not allowed in addresses anyway (RFC 3986).
    URL: URL.replace(/[{}\\]/g, encodeURIComponent),
  }
  const output = await loadBibtex()
  const [entry] = output.format('bibtex', [source], { format: 'object' })
  const fields = Object.entries({
    ...entry?.properties,
    // The library has braces around each capital here, as in a title; readers take them for a part of the text.
    ...(csl.genre !== undefined && { type: tex(csl.genre) }),
    ...(csl.version !== undefined && { version: tex(csl.version) }),
    ...bibtexDate(issued),
  })
  // A month is a macro, which each style spells in its own way.
  const lines = fields.map(([name, value]) => `  ${name} = ${name === 'month' ? value : `{${value}}`},\n`)
  return `@${entry?.type}{${entry?.label},\n${lines.join('')}}\n`
}

const publisherOf = ({ publisher, author }: CslItem) => publisher ?? author[0].literal

/** Both formats are made of lines: what would break one is a blank. */
const oneLine = (text: string) => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')

const texCommands: Readonly<Record<string, string>> = {
  '\\': 'textbackslash',
  // Not \{ and \}: BibTeX counts braces without regard to backslashes.
  '{': 'textbraceleft',
  '}': 'textbraceright',
  '~': 'textasciitilde',
  '^': 'textasciicircum',
  '|': 'textbar',
  '<': 'textless',
  '>': 'textgreater',
}

/** A text as TeX that prints it. */
const tex = (text: string) =>
  oneLine(text)
    .replace(/[\\{}~^|<>]/g, (character) => `\\${texCommands[character]}{}`)
    .replace(/[$&#%_]/g, '\\$&')

/** The first and the last date of a range, and the parts in which they agree: what a format without ranges may say. */
function agreed({ 'date-parts': [first = [], last = first] }: CslDate) {
  const difference = first.findIndex((part, index) => part !== last[index])
  return { first, last, same: difference === -1 ? first : first.slice(0, difference) }
}

const twoDigits = (part: number) => String(part).padStart(2, '0')

/** PY, the year or years, and DA, year/month/day/other. */
function risDate(issued: CslDate): { PY: string; DA?: string } {
  const { first, last, same } = agreed(issued)
  const [year, ...rest] = same
  if (year === undefined) return { PY: `${first[0]}-${last[0]}` }
  const [month = '', day = ''] = rest.map(twoDigits)
  return { PY: String(year), DA: `${year}/${month}/${day}/${issued.circa ? 'circa' : ''}` }
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/**
 * `year`, `month` and `day` of BibTeX, whose manual (btxdoc) has "about 1984" for a year that is not certain, and the
 * `date` of BibLaTeX in EDTF, which can say all of it.
 */
function bibtexDate(issued: CslDate): Record<string, string | undefined> {
  const { first, last, same } = agreed(issued)
  const [year = `${first[0]}--${last[0]}`, month, day] = same
  const date = issued['date-parts'].map((parts) => parts.map(twoDigits).join('-') + (issued.circa ? '~' : ''))
  return {
    date: date.join('/'),
    year: `${issued.circa ? 'about ' : ''}${year}`,
    ...(!issued.circa && day !== undefined && { day: String(day) }),
    ...(!issued.circa && month !== undefined && { month: months[month - 1] }),
  }
}
