import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { figureOrders, type FigureOrder } from '../../src/db/schema.ts'
import { intersectSpans, spanIn, spansOf, uniteSpans, wholeSpans, type Spans } from '../../src/db/spans.ts'

const allOf = (figures: number) => Array.from({ length: figures }, (_, at) => at + 1)

/** Figures with their ranks in each order, and some of their positions. */
const ranked = fc.integer({ min: 1, max: 60 }).chain((figures) => {
  const all = allOf(figures)
  const shuffled = fc.shuffledSubarray(all, { minLength: figures }).map((ranks) => Uint32Array.from(ranks))
  return fc.record({
    figures: fc.constant(figures),
    ranks: fc.record<Record<FigureOrder, Uint32Array>>(
      Object.fromEntries(figureOrders.map((order) => [order, shuffled])) as Record<FigureOrder, typeof shuffled>,
    ),
    one: fc.subarray(all),
    other: fc.subarray(all),
  })
})

const ranksOf = (positions: readonly number[], ranks: Uint32Array) =>
  positions.map((position) => ranks[position - 1] ?? 0)
const expectWithin = (
  spans: Spans,
  positions: readonly number[],
  ranks: Readonly<Record<FigureOrder, Uint32Array>>,
) => {
  for (const order of figureOrders) {
    const { first, last } = spanIn(spans, order)
    expect(ranksOf(positions, ranks[order]).filter((rank) => rank < first || rank > last)).toEqual([])
  }
}

describe('the spans of figures', () => {
  it('begin and end in each order with a figure of theirs', () => {
    fc.assert(
      fc.property(ranked, ({ one, ranks }) => {
        fc.pre(one.length > 0)
        const spans = spansOf(Uint32Array.from(one), ranks)
        for (const order of figureOrders) {
          const inOrder = ranksOf(one, ranks[order])
          expect(spanIn(spans, order)).toEqual({ first: Math.min(...inOrder), last: Math.max(...inOrder) })
        }
      }),
    )
  })

  it('end before they begin where there are none', () => {
    const { ranks } = fc.sample(ranked, 1)[0] ?? expect.unreachable()
    for (const spans of [spansOf(new Uint32Array(), ranks), uniteSpans([]), wholeSpans(0)]) {
      for (const order of figureOrders) {
        const { first, last } = spanIn(spans, order)
        expect(last).toBeLessThan(first)
      }
    }
  })

  it('of what is in any of some sets, or in all, leave none of it out', () => {
    fc.assert(
      fc.property(ranked, ({ figures, one, other, ranks }) => {
        const sets = [one, other].map((positions) => spansOf(Uint32Array.from(positions), ranks))
        const [first = expect.unreachable(), second = expect.unreachable()] = sets
        expect(uniteSpans(sets)).toEqual(spansOf(Uint32Array.from(new Set([...one, ...other])), ranks))
        const both = one.filter((position) => other.includes(position))
        expectWithin(intersectSpans(first, second), both, ranks)
        expect(intersectSpans(first, wholeSpans(figures))).toEqual(first)
        expectWithin(wholeSpans(figures), allOf(figures), ranks)
      }),
    )
  })
})
