import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addTo,
  allPositions,
  byteLengthOf,
  clearOf,
  countCommon,
  filterPositions,
  firstInOrder,
  intersect,
  noBits,
  packPositions,
  positionsAfter,
  positionsOf,
  shortened,
  sizeOf,
  unite,
  unpackPositions,
  type Bits,
  type Positions,
} from '../../src/db/positions.ts'

const allOf = (figures: number) => Array.from({ length: figures }, (_, at) => at + 1)

/** A number of figures and some of their positions, in order: few of them and nearly all of them. */
const sets = fc.integer({ min: 0, max: 400 }).chain((figures) =>
  fc.record({
    figures: fc.constant(figures),
    one: fc.subarray(allOf(figures)),
    other: fc.subarray(allOf(figures)),
    // In how many parts, and in which form.
    parts: fc.integer({ min: 1, max: 20 }),
    isBits: fc.boolean(),
  }),
)

const bitsOf = (members: readonly number[], figures: number): Bits => {
  const bits = noBits(figures)
  addTo(bits, { lists: [Uint32Array.from(members)] })
  return bits
}

/** A set in a form that is asked for, be it the shorter one or not; of several lists each has some here and some there. */
const setOf = (
  members: readonly number[],
  { figures, parts, isBits }: { figures: number; parts: number; isBits: boolean },
): Positions =>
  isBits
    ? { bits: bitsOf(members, figures) }
    : {
        lists: Array.from({ length: parts }, (_, part) =>
          Uint32Array.from(members.filter((position) => (position * 7919) % parts === part)),
        ),
      }

const membersOf = (set: Positions) => positionsAfter(set, 0, Infinity)
const wordsOf = (figures: number) => (figures >>> 5) + 1

describe('a set of positions', () => {
  it('comes back from the shorter of its two forms as it was', () => {
    fc.assert(
      fc.property(sets, ({ figures, one }) => {
        const stored = packPositions(Uint32Array.from(one), figures)
        expect(stored.byteLength).toBeLessThanOrEqual(Math.min(4 * one.length, 4 * wordsOf(figures)))
        // As a database gives it: bytes that begin anywhere.
        const moved = Buffer.concat([Buffer.from('x'), stored]).subarray(1)
        expect(membersOf(unpackPositions(moved, figures))).toEqual(one)
      }),
    )
  })

  it('has as many members and bytes as it says, and fewer bytes in its shorter form', () => {
    fc.assert(
      fc.property(sets, ({ one, ...form }) => {
        const set = setOf(one, form)
        const short = shortened(set, form.figures)
        expect([sizeOf(set), membersOf(set)]).toEqual([one.length, one])
        expect([sizeOf(short), membersOf(short)]).toEqual([one.length, one])
        expect(byteLengthOf(set)).toBe(4 * (form.isBits ? wordsOf(form.figures) : one.length))
        expect(byteLengthOf(short)).toBeLessThanOrEqual(byteLengthOf(set))
      }),
    )
  })

  it('united with others, in whatever forms, holds what any of them holds, in the shorter form', () => {
    fc.assert(
      fc.property(sets, fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }), ({ figures, one, parts }, forms) => {
        const members = Array.from({ length: parts }, (_, part) => one.filter((position) => position % parts === part))
        const given = members.map((some, at) => setOf(some, { figures, parts: 3, isBits: forms[at] ?? false }))
        const before = given.map(membersOf)
        const united = unite(given, figures)
        expect(membersOf(united)).toEqual(one)
        expect(byteLengthOf(united)).toBeLessThanOrEqual(4 * wordsOf(figures))
        // Sets of terms are kept: nobody may write into them.
        expect(given.map(membersOf)).toEqual(before)
      }),
    )
  })

  it('has in common with bits what both hold, and so many', () => {
    fc.assert(
      fc.property(sets, ({ one, other, ...form }) => {
        const both = one.filter((position) => other.includes(position))
        const bits = bitsOf(other, form.figures)
        expect(membersOf(intersect(setOf(one, form), bits))).toEqual(both)
        expect(countCommon(setOf(one, form), bits)).toBe(both.length)
        expect(membersOf({ bits })).toEqual(other)
      }),
    )
  })

  it('leaves bits without any when it is cleared from them', () => {
    fc.assert(
      fc.property(sets, ({ one, ...form }) => {
        const set = setOf(one, { ...form, isBits: false })
        const bits = bitsOf([], form.figures)
        addTo(bits, set)
        expect(membersOf({ bits })).toEqual(one)
        if ('lists' in set) clearOf(bits, set)
        expect(bits.size()).toBe(0)
      }),
    )
  })

  it('is read in order from any position on', () => {
    fc.assert(
      fc.property(sets, fc.nat(410), fc.nat(60), ({ one, ...form }, after, limit) => {
        const rest = one.filter((position) => position > after).slice(0, limit)
        expect(positionsAfter(setOf(one, form), after, limit)).toEqual(rest)
      }),
    )
  })

  it('has nothing after its end, wherever in a word of bits that is', () => {
    for (const figures of [30, 31, 32, 33]) {
      expect(positionsAfter(allPositions(figures), figures, 5)).toEqual([])
      expect(positionsAfter(allPositions(figures), figures - 1, 5)).toEqual([figures])
    }
  })

  it('is filtered by any test', () => {
    fc.assert(
      fc.property(sets, fc.integer({ min: 1, max: 7 }), ({ one, ...form }, divisor) => {
        const passes = (position: number) => position % divisor === 0
        expect(membersOf(filterPositions(setOf(one, form), passes))).toEqual(one.filter(passes))
      }),
    )
  })

  it('is read in any other order from any rank on', () => {
    fc.assert(
      fc.property(
        sets.chain((set) => {
          const all = allOf(set.figures)
          const length = { minLength: set.figures, maxLength: set.figures }
          return fc.shuffledSubarray(all, length).map((ranks) => ({ ...set, ranks }))
        }),
        fc.nat(410),
        fc.integer({ min: 1, max: 60 }),
        ({ one, ranks, ...form }, after, limit) => {
          const rest = one
            .map((position) => ({ rank: ranks[position - 1] ?? 0, position }))
            .filter(({ rank }) => rank > after)
            .toSorted((a, b) => a.rank - b.rank)
          const read = firstInOrder(setOf(one, form), Uint32Array.from(ranks), after, limit)
          expect(read).toEqual(rest.slice(0, limit))
        },
      ),
    )
  })

  it('is read in another order where positions and ranks are as large as they may be', () => {
    const figures = 67_108_863
    const ranks = new Uint32Array(figures)
    ranks.set([1, 2], 0)
    ranks.set([figures, figures - 1], figures - 2)
    expect(firstInOrder({ lists: [Uint32Array.of(1, 2, figures - 1, figures)] }, ranks, 1, 2)).toEqual([
      { rank: 2, position: 2 },
      { rank: figures - 1, position: figures },
    ])
    expect(firstInOrder({ lists: [Uint32Array.of(figures - 1)] }, ranks, 0, 9)).toEqual([
      { rank: figures, position: figures - 1 },
    ])
  })

  it('of all figures holds every position and nothing else', () => {
    for (const figures of [0, 1, 31, 32, 33, 63, 64, 1000]) {
      const all = allPositions(figures)
      expect(sizeOf(all)).toBe(figures)
      expect(byteLengthOf(all)).toBe(4 * wordsOf(figures))
      expect(membersOf(all)).toEqual(allOf(figures))
    }
  })

  it('of a list is a list or bits, whichever is shorter', () => {
    expect(positionsOf(Uint32Array.of(1, 999), 1000)).toHaveProperty('lists')
    expect(positionsOf(Uint32Array.from(allOf(1000)), 1000)).toHaveProperty('bits')
  })
})
