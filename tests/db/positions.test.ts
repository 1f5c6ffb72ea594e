import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addPositions,
  allPositions,
  countCommon,
  filterPositions,
  noPositions,
  packPositions,
  positionsAfter,
  renumber,
  unpackPositions,
  type Positions,
} from '../../src/db/positions.ts'

/** A number of figures and some of their positions, in order: few of them and nearly all of them. */
const sets = fc.integer({ min: 0, max: 400 }).chain((figures) => {
  const all = Array.from({ length: figures }, (_, at) => at + 1)
  return fc.record({ figures: fc.constant(figures), one: fc.subarray(all), other: fc.subarray(all) })
})

const membersOf = (positions: Positions) => [...positions]
function setOf(members: readonly number[], figures: number): Positions {
  const positions = noPositions(figures)
  addPositions(positions, { list: Uint32Array.from(members) })
  return positions
}

describe('a set of positions', () => {
  it('comes back from the shorter of its two forms as it was', () => {
    fc.assert(
      fc.property(sets, ({ figures, one }) => {
        const stored = packPositions(Uint32Array.from(one), figures)
        expect(stored.byteLength).toBeLessThanOrEqual(Math.min(4 * one.length, 4 * ((figures >>> 5) + 1)))
        // As a database gives it: bytes that begin anywhere.
        const moved = Buffer.concat([Buffer.from('x'), stored]).subarray(1)
        const positions = noPositions(figures)
        addPositions(positions, unpackPositions(moved, figures))
        expect(membersOf(positions)).toEqual(one)
      }),
    )
  })

  it('joined with another holds what either holds, and what both hold is counted', () => {
    fc.assert(
      fc.property(sets, ({ figures, one, other }) => {
        const stored = unpackPositions(packPositions(Uint32Array.from(other), figures), figures)
        const positions = setOf(one, figures)
        expect(countCommon(positions, stored)).toBe(one.filter((position) => other.includes(position)).length)
        addPositions(positions, stored)
        expect(new Set(membersOf(positions))).toEqual(new Set([...one, ...other]))
      }),
    )
  })

  it('is read in order from any position on', () => {
    fc.assert(
      fc.property(sets, fc.nat(410), fc.nat(60), ({ figures, one }, after, limit) => {
        const rest = one.filter((position) => position > after).slice(0, limit)
        expect(positionsAfter(setOf(one, figures), after, limit)).toEqual(rest)
      }),
    )
  })

  it('is filtered by any test', () => {
    fc.assert(
      fc.property(sets, fc.integer({ min: 1, max: 7 }), ({ figures, one }, divisor) => {
        const passes = (position: number) => position % divisor === 0
        expect(membersOf(filterPositions(setOf(one, figures), passes))).toEqual(one.filter(passes))
      }),
    )
  })

  it('under other numbers holds the new number of each of its members', () => {
    fc.assert(
      fc.property(
        sets.chain(({ figures, one }) =>
          fc
            .shuffledSubarray(
              Array.from({ length: figures }, (_, at) => at + 1),
              { minLength: figures, maxLength: figures },
            )
            .map((to) => ({ figures, one, to })),
        ),
        ({ figures, one, to }) => {
          const renumbered = renumber(setOf(one, figures), Uint32Array.from(to))
          expect(membersOf(renumbered)).toEqual(
            one.map((position) => to[position - 1]).toSorted((a = 0, b = 0) => a - b),
          )
        },
      ),
    )
  })

  it('of all figures holds every position and nothing else', () => {
    for (const figures of [0, 1, 31, 32, 33, 63, 64, 1000]) {
      const all = allPositions(figures)
      expect(all.size()).toBe(figures)
      expect(membersOf(all)).toEqual(Array.from({ length: figures }, (_, at) => at + 1))
    }
  })
})
