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

// A hyphen, comma or ampersand has a meaning in the directive, so each is percent-encoded.
const encode = (text: string) => encodeURIComponent(text).replaceAll('-', '%2D')

/** The address of a document with the text directive that finds the quote in it. */
export function sourceUrl(address: string, { quote, quote_prefix, quote_suffix }: Fragment): string {
  const prefix = quote_prefix === null ? '' : `${encode(quote_prefix)}-,`
  const suffix = quote_suffix === null ? '' : `,-${encode(quote_suffix)}`
  return `${address}#:~:text=${prefix}${encode(quote)}${suffix}`
}

/**
 * Where a browser finds the fragment in a text: the first place at which prefix, quote and suffix follow one another
 * at word boundaries, whatever their case and blanks. In Unicode code points; null where it is not found.
 */
export function findFragment(text: string, { quote, quote_prefix, quote_suffix }: Fragment): number | null {
  const loose = (phrase: string) =>
    phrase
      .trim()
      .split(/\s+/)
      .map((word) => RegExp.escape(word))
      .join('\\s+')
  // Only a letter or digit can be in the midst of a word: "$5" begins one even in "US$5".
  const begin = (phrase: string) => (/^[\p{L}\p{N}]/u.test(phrase) ? '(?<![\\p{L}\\p{N}])' : '')
  const finish = (phrase: string) => (/[\p{L}\p{N}]$/u.test(phrase) ? '(?![\\p{L}\\p{N}])' : '')
  const before = quote_prefix === null ? '' : `(?<=${begin(quote_prefix)}${loose(quote_prefix)}\\s*)`
  const after = quote_suffix === null ? '' : `(?=\\s*${loose(quote_suffix)}${finish(quote_suffix)})`
  const match = new RegExp(`${before}${begin(quote)}${loose(quote)}${finish(quote)}${after}`, 'iu').exec(text)
  return match === null ? null : codePoints(text.slice(0, match.index))
}
