/** Sets of figures, by their positions: how they are stored, and what is asked of them. */
import { TypedFastBitSet } from 'typedfastbitset'

/** A set of positions, a bit each; for `figures` figures it has `wordsFor(figures)` words. */
export type Positions = TypedFastBitSet

/** A set as it is stored: its positions one by one, or a bit for each figure, whichever is shorter. */
export type PackedPositions = { list: Uint32Array } | { bits: Positions }

// Positions begin at 1, so the first bit is never set.
const wordsFor = (figures: number) => (figures >>> 5) + 1

/** A set of none of so many figures. */
export const noPositions = (figures: number): Positions => TypedFastBitSet.fromWords(new Uint32Array(wordsFor(figures)))

/** A set of all of so many figures. */
export function allPositions(figures: number): Positions {
  const all = noPositions(figures)
  all.addRange(1, figures + 1)
  return all
}

/** A set in the shorter of its two forms, for storing; `positions` are in order. */
export function packPositions(positions: Uint32Array, figures: number): Buffer {
  if (positions.length < wordsFor(figures)) return bytesOf(positions)
  const bits = noPositions(figures)
  addList(bits, positions)
  return bytesOf(bits.words)
}

/** A set as it was stored for so many figures. Its length tells in which form: one of this length has a bit for each. */
export function unpackPositions(stored: Buffer, figures: number): PackedPositions {
  const numbers = numbersOf(stored)
  return numbers.length === wordsFor(figures) ? { bits: TypedFastBitSet.fromWords(numbers) } : { list: numbers }
}

/** The bytes of numbers, for storing. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array | Float64Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)

/** Stored 32-bit numbers. They are copied: what a database gives need not begin where numbers may. */
export const numbersOf = (stored: Buffer): Uint32Array => new Uint32Array(new Uint8Array(stored).buffer)

function addList({ words }: Positions, list: Uint32Array): void {
  for (const position of list) words[position >>> 5] = (words[position >>> 5] ?? 0) | (1 << position)
}

/** Adds a stored set to another. */
export function addPositions(positions: Positions, packed: PackedPositions): void {
  if ('bits' in packed) positions.union(packed.bits)
  else addList(positions, packed.list)
}

/** How many of a stored set are in another. */
export function countCommon(positions: Positions, packed: PackedPositions): number {
  if ('bits' in packed) return positions.intersection_size(packed.bits)
  const { words } = positions
  let common = 0
  for (const position of packed.list) common += ((words[position >>> 5] ?? 0) >>> position) & 1
  return common
}

/** Up to `limit` of a set after a position, in order. */
export function positionsAfter({ words }: Positions, after: number, limit: number): number[] {
  const found: number[] = []
  let at = (after + 1) >>> 5
  let word = (words[at] ?? 0) & (~0 << (after + 1))
  while (found.length < limit) {
    while (word === 0) {
      at += 1
      if (at >= words.length) return found
      word = words[at] ?? 0
    }
    found.push((at << 5) + 31 - Math.clz32(word & -word))
    word &= word - 1
  }
  return found
}

/** The positions of a set that pass a test. */
export function filterPositions({ words }: Positions, passes: (position: number) => boolean): Positions {
  const kept = new Uint32Array(words.length)
  for (let at = 0; at < words.length; at += 1) {
    for (let word = words[at] ?? 0; word !== 0; word &= word - 1) {
      const lowest = word & -word
      if (passes((at << 5) + 31 - Math.clz32(lowest))) kept[at] = (kept[at] ?? 0) | lowest
    }
  }
  return TypedFastBitSet.fromWords(kept)
}

/** A set under other numbers: `to` holds the new number at each old one, counted from 0. */
export function renumber({ words }: Positions, to: Uint32Array): Positions {
  const renumbered = new Uint32Array(words.length)
  for (let at = 0; at < words.length; at += 1) {
    for (let word = words[at] ?? 0; word !== 0; word &= word - 1) {
      const number = to[(at << 5) + 31 - Math.clz32(word & -word) - 1] ?? 0
      renumbered[number >>> 5] = (renumbered[number >>> 5] ?? 0) | (1 << number)
    }
  }
  return TypedFastBitSet.fromWords(renumbered)
}
