/** How scopes and organizations are called, and how titles begin, on pages as in charts. */

/**
 * The id of a scope in words: "police and Navy". What is a name there is one in its definition too, and is written as
 * it is there; what is an abbreviation is one of those given.
 */
export function scopeInWords(scope: string, definition: string, abbreviations: readonly string[]): string {
  if (scope === 'unstated') return 'scope not stated'
  // The first word of a definition is no name for being capital.
  const [, ...written] = definition.match(/\p{L}[\p{L}\d]*/gu) ?? []
  const known = [...abbreviations, ...written]
  return scope
    .split('-')
    .map((word) => known.find((other) => other.toLowerCase() === word) ?? word)
    .join(' ')
}

/** The abbreviation that a title ends with, in brackets. */
export const abbreviationOf = (title: string) => /\(([A-Z][A-Z\d]+)\)$/.exec(title)?.[1]

/** The abbreviation of a title where it has one, else the title. */
export const shortTitle = (title: string) => abbreviationOf(title) ?? title

/** A text with a capital at its beginning. */
export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
