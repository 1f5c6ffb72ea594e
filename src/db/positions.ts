/** Sets of figures, by their positions: how they are stored, and what is asked of them. */
/* eslint-disable @typescript-eslint/prefer-for-of -- `of` takes four times as long to go through typed arrays. */
import { TypedFastBitSet } from 'typedfastbitset'

/** A bit for each position; for `figures` figures it has `wordsFor(figures)` words. */
export type Bits = TypedFastBitSet

/**
 * A set of positions, counted from 1: one by one, in a few lists that are each in order and have none in common; or a bit for
 * each figure, where that is shorter or there would be many lists. None of it is ever changed.
 */
export type Positions = { lists: readonly Uint32Array[] } | { bits: Bits }

// Positions begin at 1, so the first bit is never set.
const wordsFor = (figures: number) => (figures >>> 5) + 1

/** A bit for each of so many figures, none of them set. */
export const noBits = (figures: number): Bits => TypedFastBitSet.fromWords(new Uint32Array(wordsFor(figures)))

/** A set of all of so many figures. */
export function allPositions(figures: number): Positions {
  const words = new Uint32Array(wordsFor(figures)).fill(~0)
  words[0] = (words[0] ?? 0) & ~1
  const last = words.length - 1
  words[last] = (words[last] ?? 0) & (2 ** ((figures & 31) + 1) - 1)
  return { bits: TypedFastBitSet.fromWords(words) }
}

/** A set of some of so many figures, which are in order, in the shorter of its two forms. */
export const positionsOf = (list: Uint32Array, figures: number): Positions => unite([{ lists: [list] }], figures)

/** A set in the shorter of its two forms, for storing; `positions` are in order. */
export function packPositions(positions: Uint32Array, figures: number): Buffer {
  const set = positionsOf(positions, figures)
  return bytesOf('bits' in set ? set.bits.words : positions)
}

/** A set as it was stored for so many figures. Its length tells in which form: one of this length has a bit for each. */
export function unpackPositions(stored: Buffer, figures: number): Positions {
  const numbers = numbersOf(stored)
  return numbers.length === wordsFor(figures) ? { bits: TypedFastBitSet.fromWords(numbers) } : { lists: [numbers] }
}

/** The bytes of numbers, for storing. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array | Float64Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)

/** Stored 32-bit numbers, where they are; only where numbers may not begin, and where they are part of something larger, copied. */
export function numbersOf(stored: Buffer): Uint32Array {
  const { buffer, byteLength } = stored
  return new Uint32Array(buffer.byteLength === byteLength ? buffer : new Uint8Array(stored).buffer)
}

/** How many a set has. */
export const sizeOf = (set: Positions): number =>
  'bits' in set ? set.bits.size() : set.lists.reduce((sum, { length }) => sum + length, 0)

/** How many bytes a set takes. */
export const byteLengthOf = (set: Positions): number => ('bits' in set ? set.bits.words.byteLength : 4 * sizeOf(set))

/** A set has no more lists: to read it in order takes as many steps as it has. */
const mostLists = 16

/** What is in any of some sets that have none in common. A few short lists are not even looked at. */
export function unite(sets: readonly Positions[], figures: number): Positions {
  const [first, second] = sets
  if (first !== undefined && second === undefined && 'bits' in first) return first
  const lists = sets.flatMap((set) => ('lists' in set ? set.lists : []))
  const areLists = sets.every((set) => 'lists' in set)
  if (areLists && lists.length <= mostLists && sizeOf({ lists }) < wordsFor(figures)) return { lists }
  const bits = noBits(figures)
  for (const set of sets) addTo(bits, set)
  return { bits }
}

/** Sets the bits of what is in a set. */
export function addTo(bits: Bits, set: Positions): void {
  if ('bits' in set) {
    bits.union(set.bits)
    return
  }
  const { words } = bits
  for (const list of set.lists) {
    for (let at = 0; at < list.length; at += 1) {
      const position = list[at] ?? 0
      words[position >>> 5] = (words[position >>> 5] ?? 0) | (1 << position)
    }
  }
}

/**
 * Takes bits back that were set for a set, where no others are set: it clears whole words, and so whatever else was set in the
 * same 32 bits.
 */
export function clearOf({ words }: Bits, set: { lists: readonly Uint32Array[] }): void {
  for (const list of set.lists) {
    for (let at = 0; at < list.length; at += 1) words[(list[at] ?? 0) >>> 5] = 0
  }
}

/** What of a set is among bits. */
export function intersect(set: Positions, bits: Bits): Positions {
  if ('lists' in set) return filterPositions(set, (position) => bits.has(position))
  return { bits: set.bits.new_intersection(bits) }
}

/** How much of a set is among bits. */
export function countCommon(set: Positions, bits: Bits): number {
  if ('bits' in set) return bits.intersection_size(set.bits)
  const { words } = bits
  let common = 0
  for (const list of set.lists) {
    for (let at = 0; at < list.length; at += 1) {
      const position = list[at] ?? 0
      common += ((words[position >>> 5] ?? 0) >>> position) & 1
    }
  }
  return common
}

/** Up to `limit` of a set after a position, in order. */
export function positionsAfter(set: Positions, after: number, limit: number): number[] {
  if ('bits' in set) return bitsAfter(set.bits, after, limit)
  const parts = set.lists.map((list) => {
    const from = placeAfter(list, after)
    return list.subarray(from, from + limit)
  })
  return [...joined(parts).sort().subarray(0, limit)]
}

function joined(lists: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(sizeOf({ lists }))
  let at = 0
  for (const list of lists) {
    all.set(list, at)
    at += list.length
  }
  return all
}

/** At which place of a list, whose first `length` are in order, the first number after another stands. */
export function placeAfter(list: Uint32Array, after: number, length = list.length): number {
  let [from, to] = [0, length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((list[middle] ?? 0) > after) to = middle
    else from = middle + 1
  }
  return from
}

function bitsAfter({ words }: Bits, after: number, limit: number): number[] {
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

/** What of a set passes a test. */
export function filterPositions(set: Positions, passes: (position: number) => boolean): Positions {
  if ('lists' in set) {
    const lists = set.lists.map((list) => list.filter((position) => passes(position)))
    return { lists: lists.filter(({ length }) => length > 0) }
  }
  const { words } = set.bits
  const kept = new Uint32Array(words.length)
  for (let at = 0; at < words.length; at += 1) {
    for (let word = words[at] ?? 0; word !== 0; word &= word - 1) {
      const lowest = word & -word
      if (passes((at << 5) + 31 - Math.clz32(lowest))) kept[at] = (kept[at] ?? 0) | lowest
    }
  }
  return { bits: TypedFastBitSet.fromWords(kept) }
}

/** A set in the shorter of its two forms. */
export function shortened(set: Positions, figures: number, size = sizeOf(set)): Positions {
  return 'bits' in set && size < wordsFor(figures) ? { lists: [Uint32Array.from(bitsAfter(set.bits, 0, size))] } : set
}

/** A figure in an order, both counted from 1. */
export type Ranked = { rank: number; position: number }

/** More than there are figures; a rank and a position of such numbers fit into one double, to be sorted as one. */
const manyFigures = 2 ** 26

/** Up to `limit` of a set after a rank in an order; `ranks` holds the rank at each position, both from 1 but kept from 0. */
export function firstInOrder(set: Positions, ranks: Uint32Array, after: number, limit: number): Ranked[] {
  // Twice as many as are wanted: whenever it is full, the later half is dropped, and what is later than the rest not taken.
  const first = { keys: new Float64Array(2 * limit), length: 0, last: manyFigures }
  const take = (position: number, rank: number) => {
    first.keys[first.length] = rank * manyFigures + position
    first.length += 1
    if (first.length < first.keys.length) return
    first.keys.sort()
    first.length = limit
    first.last = Math.floor((first.keys[limit - 1] ?? 0) / manyFigures)
  }
  if ('lists' in set) {
    for (const list of set.lists) {
      for (let at = 0; at < list.length; at += 1) {
        const position = list[at] ?? 0
        const rank = ranks[position - 1] ?? 0
        if (rank > after && rank < first.last) take(position, rank)
      }
    }
  } else {
    const { words } = set.bits
    for (let at = 0; at < words.length; at += 1) {
      for (let word = words[at] ?? 0; word !== 0; word &= word - 1) {
        const position = (at << 5) + 31 - Math.clz32(word & -word)
        const rank = ranks[position - 1] ?? 0
        if (rank > after && rank < first.last) take(position, rank)
      }
    }
  }
  return Array.from(first.keys.subarray(0, first.length).sort().subarray(0, limit), (key) => {
    const rank = Math.floor(key / manyFigures)
    return { rank, position: key - rank * manyFigures }
  })
}
