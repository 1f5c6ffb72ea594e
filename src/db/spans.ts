/** Between which ranks figures stand in each order, so that an order need not be gone through where they are not. */
/* eslint-disable @typescript-eslint/prefer-for-of -- `of` takes four times as long to go through typed arrays. */
import { figureOrders, type FigureOrder } from './schema.ts'

/** The first and the last rank in each of `figureOrders`, both from 1; of no figures the last is before the first. */
export type Spans = Uint32Array

const mostRank = 2 ** 32 - 1

/** The spans of all of so many figures. */
export const wholeSpans = (figures: number): Spans => Uint32Array.from(figureOrders.flatMap(() => [1, figures]))

/** The first and the last rank in one order. */
export function spanIn(spans: Spans, order: FigureOrder): { first: number; last: number } {
  const at = 2 * figureOrders.indexOf(order)
  return { first: spans[at] ?? 0, last: spans[at + 1] ?? 0 }
}

/** The spans of figures at some positions; `ranks` holds for each order the rank at each position, both from 1 but kept from 0. */
export const spansOf = (positions: Uint32Array, ranks: Readonly<Record<FigureOrder, Uint32Array>>): Spans =>
  Uint32Array.from(
    figureOrders.flatMap((order) => {
      const inOrder = ranks[order]
      let [first, last] = [mostRank, 0]
      for (let at = 0; at < positions.length; at += 1) {
        const rank = inOrder[(positions[at] ?? 0) - 1] ?? 0
        if (rank < first) first = rank
        if (rank > last) last = rank
      }
      return [first, last]
    }),
  )

/** Where figures may stand that are in any of some sets. */
export const uniteSpans = (sets: readonly Spans[]): Spans =>
  wholeSpans(0).map((_, at) =>
    at % 2 === 0
      ? sets.reduce((first, spans) => Math.min(first, spans[at] ?? 0), mostRank)
      : sets.reduce((last, spans) => Math.max(last, spans[at] ?? 0), 0),
  )

/** Where figures may stand that are in both of two sets. */
export const intersectSpans = (one: Spans, other: Spans): Spans =>
  one.map((rank, at) => (at % 2 === 0 ? Math.max(rank, other[at] ?? 0) : Math.min(rank, other[at] ?? 0)))
