import { codePoints } from './mentions.ts'

/**
 * Text fragments: addresses that make a browser scroll to a phrase and mark it.
 * Standard: WICG "URL Fragment Text Directives", https://wicg.github.io/scroll-to-text-fragment/.
 */
export type Fragment = {
  quote: string
  /** Words just before the quote, where the quote alone is not unique. */
  quote_prefix: string | null
  /** Words just after it. */
  quote_suffix: string | null
}

/** The blanks that a page shows as one, however many there are; a non-breaking blank is not among them. */
const collapsible = /[ \t\n\f\r]+/g

// A hyphen, comma or ampersand has a meaning in the directive, so each is percent-encoded; what else encodeURIComponent
// leaves as it is, the standard's TextDirectiveExplicitChar may be.
const encode = (text: string) => encodeURIComponent(text.replace(collapsible, ' ')).replaceAll('-', '%2D')

/** The address of a document, which has no fragment of its own, with the text directive that finds the quote in it. */
export function sourceUrl(address: string, { quote, quote_prefix, quote_suffix }: Fragment): string {
  const prefix = quote_prefix === null ? '' : `${encode(quote_prefix)}-,`
  const suffix = quote_suffix === null ? '' : `,-${encode(quote_suffix)}`
  return `${address}#:~:text=${prefix}${encode(quote)}${suffix}`
}

/**
 * A character as browsers compare it: by its base character (the primary level of UTS #10), so without case, accents
 * and invisible characters; quotation marks, as Chromium does beyond the standard, without their curls.
 */
function baseOf(character: string): string {
  return character
    .normalize('NFKD')
    .replace(/[\p{Mark}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"')
    .toUpperCase()
    .toLowerCase()
}

/** A text as a page shows it and browsers compare it, and the place in the text of each UTF-16 unit of that, and of its end. */
function fold(text: string): { folded: string; places: number[] } {
  let folded = ''
  const places: number[] = []
  // The end of a line stays, since it ends a paragraph.
  for (const { 0: shown, index } of text.matchAll(/[ \t\f\r]+|./gsu)) {
    const base = /^[ \t\f\r]/.test(shown) ? ' ' : baseOf(shown)
    folded += base
    places.push(...Array<number>(base.length).fill(index))
  }
  return { folded, places: [...places, text.length] }
}

// The boundaries of UAX #29, as the standard has them; English has none of its own.
const words = new Intl.Segmenter('en', { granularity: 'word' })

/**
 * Where a browser finds the fragment in a text that has each paragraph on one line: the first place at which prefix,
 * quote and suffix follow one another, with or without blanks or ends of paragraphs between them, begin where a word
 * begins and end where one ends ("13" is no word of "13,000"). None of the three goes over the end of a paragraph.
 * In Unicode code points; null where it is not found.
 */
export function findFragment(text: string, { quote, quote_prefix, quote_suffix }: Fragment): number | null {
  const { folded, places } = fold(text)
  const boundaries = new Set([text.length, ...Array.from(words.segment(text), ({ index }) => index)])
  // Two units of one place are one character, such as "ß", which is compared as "ss".
  const atBoundary = (unit: number) => places[unit] !== places[unit - 1] && boundaries.has(places[unit] ?? NaN)

  const literally = (phrase: string) => RegExp.escape(fold(phrase).folded)
  const before = quote_prefix === null ? '' : `${literally(quote_prefix)}\\p{White_Space}*`
  const after = quote_suffix === null ? '' : `\\p{White_Space}*${literally(quote_suffix)}`
  // Looked for from every place, since what is found may overlap what was passed over.
  for (const match of folded.matchAll(new RegExp(`(?=(${before})(${literally(quote)}${after}))`, 'gu'))) {
    const { index, 1: lead = '', 2: rest = '' } = match
    const start = index + lead.length
    if (atBoundary(index) && atBoundary(start + rest.length)) return codePoints(text.slice(0, places[start]))
  }
  return null
}
