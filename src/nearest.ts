import { distance } from 'fastest-levenshtein'

/** What a word is called besides. */
export type NamesOf = (word: string) => readonly string[]

/**
 * The word that was most likely meant: one that is called so ("hectares" for "ha"), begins with what was given ("coca"
 * for "coca-cultivation") or holds it as a whole part ("eradication" for "coca-eradication"), else the one fewest changes
 * away, as long as most of it stays. The words themselves come before their other names. Undefined where none is near.
 */
export function nearest(given: string, words: readonly string[], namesOf: NamesOf = noOther): string | undefined {
  // Longer than any id; not worth comparing with them all.
  if (given.trim() === '' || given.length > 200) return undefined
  const received = plain(given)
  const called = (name: string) => name === received
  // Two letters stand in too many words to mean one of them.
  const begins = (name: string) => received.length > 2 && name.startsWith(received)
  const part = `-${received}-`
  const holds = (name: string) => received.length > 2 && name.includes(received) && `-${name}-`.includes(part)
  const itself = words.map((word) => ({ word, name: plain(word) }))
  const names = () => plainNames(words, namesOf)
  return (
    first(itself, called) ??
    first(names(), called) ??
    first(itself, begins) ??
    first(itself, holds) ??
    fewestChanges(received, itself) ??
    first(names(), begins) ??
    first(names(), holds) ??
    // Short names are near to too many words.
    fewestChanges(
      received,
      names().filter(({ name }) => name.length > 5),
    )
  )
}

/** A word by one of its names. */
type Called = { word: string; name: string }

const first = (among: readonly Called[], is: (name: string) => boolean) => among.find(({ name }) => is(name))?.word

const noOther: NamesOf = () => []

/** What words are called besides, plainly. Vocabularies are asked again and again, and what a title is plainly takes microseconds. */
function plainNames(words: readonly string[], namesOf: NamesOf): readonly Called[] {
  const known = remembered.get(namesOf) ?? new WeakMap<readonly string[], readonly Called[]>()
  remembered.set(namesOf, known)
  let names = known.get(words)
  if (names === undefined) {
    names = words.flatMap((word) => namesOf(word).map((name) => ({ word, name: plain(name) })))
    known.set(words, names)
  }
  return names
}
const remembered = new WeakMap<NamesOf, WeakMap<readonly string[], readonly Called[]>>()

/** A name without what spellings differ in: capitals, accents, points, and what stands between words. */
const plain = (name: string) =>
  // Ids are so already, of which there may be tens of thousands to look at.
  /[^a-z\d-]/.test(name)
    ? name
        .trim()
        .toLowerCase()
        .normalize('NFKD')
        .replaceAll(/[\p{M}.,'’]/gu, '')
        .replaceAll(/[\s_]+/g, '-')
    : name

function fewestChanges(received: string, among: readonly Called[]): string | undefined {
  if (received.length < 2) return undefined
  const letters = lettersOf(received)
  let fewest = Math.max(1, Math.floor(received.length / 3)) + 1
  let near: string | undefined
  for (const { word, name } of among) {
    if (Math.abs(name.length - received.length) >= fewest) continue
    const apart = distance(received, name)
    // Letters that changed places are one slip, which the distance counts as two.
    const changes = apart > 1 && name.length === received.length && lettersOf(name) === letters ? 1 : apart
    if (changes < fewest) [fewest, near] = [changes, word]
  }
  return near
}

const lettersOf = (word: string) => [...word].toSorted().join('')
