import { closest, distance } from 'fastest-levenshtein'

/**
 * The word that was most likely meant: one that begins with what was given ("coca" for "coca-cultivation"), else the one
 * fewest changes away, as long as most of it stays. Undefined where none is near.
 */
export function nearest(given: string, words: readonly string[]): string | undefined {
  // Longer than any id; not worth comparing with them all.
  if (given.trim() === '' || given.length > 200 || words.length === 0) return undefined
  const received = given.trim().toLowerCase()
  const longer = received.length > 2 ? words.find((word) => word.startsWith(received)) : undefined
  const near = longer ?? closest(received, [...words])
  // Letters that changed places are one slip, which the distance counts as two.
  const changes = lettersOf(received) === lettersOf(near) ? 1 : distance(received, near)
  return longer ?? (changes <= Math.max(1, Math.floor(received.length / 3)) && received.length > 1 ? near : undefined)
}

const lettersOf = (word: string) => [...word].toSorted().join('')
