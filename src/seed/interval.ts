/**
 * Arithmetic on intervals of the extended real line, for bounds that travel through a derivation. After IEEE 1788, with
 * ends that may be left out; but what is undefined at a corner (0·∞, ∞ − ∞) leaves the whole result without bounds,
 * since nothing may be claimed that was not proved.
 */
import type { Bounds } from './bounds.ts'

/** One end: a number or ±∞, and whether the end itself belongs to the interval (an infinite one never does). */
type End = { at: number; closed: boolean }
export type Interval = { low: End; high: End }

export const everything: Interval = { low: { at: -Infinity, closed: false }, high: { at: Infinity, closed: false } }

/** The interval that holds one number. */
export const point = (value: number): Interval => ({
  low: { at: value, closed: true },
  high: { at: value, closed: true },
})

/** The interval that bounds leave: open to infinity where nothing bounds. */
export const intervalOf = (bounds: Bounds): Interval => ({
  low: { at: bounds.value_low ?? -Infinity, closed: bounds.value_low_inclusive ?? false },
  high: { at: bounds.value_high ?? Infinity, closed: bounds.value_high_inclusive ?? false },
})

/** The bounds that an interval proves; null where it is open to infinity. */
export function boundsOfInterval({ low, high }: Interval): Bounds {
  // Ends so near to each other that they round to one number: that number stands for what is between them.
  const closed = low.at === high.at || null
  return {
    value_low: Number.isFinite(low.at) ? low.at : null,
    value_low_inclusive: Number.isFinite(low.at) ? (closed ?? low.closed) : null,
    value_high: Number.isFinite(high.at) ? high.at : null,
    value_high_inclusive: Number.isFinite(high.at) ? (closed ?? high.closed) : null,
  }
}

/** Whether every number of an interval is above a limit. */
export const isAbove = ({ low }: Interval, limit: number) => low.at > limit || (low.at === limit && !low.closed)
/** Whether every number of an interval is below a limit. */
export const isBelow = ({ high }: Interval, limit: number) => high.at < limit || (high.at === limit && !high.closed)

/** A function of two numbers that only rises or only falls in each of them. */
export type Monotone = {
  /** Its value; at an end that is infinite or a pole, its limit from inside, NaN where there is none. */
  at: (x: number, y: number) => number
  /** What of the first, and of the second, settles the result, whatever the other is: nothing times anything is nothing. */
  settledBy?: { first?: number; second?: number }
}

/** The ends of an interval. Towards an open end at 0 a number keeps its sign, which decides on which side a pole goes off. */
const endsOf = ({ low, high }: Interval): End[] => [
  low.at === 0 ? { ...low, at: 0 } : low,
  high.at === 0 ? { ...high, at: high.closed ? 0 : -0 } : high,
]

/**
 * The hull of what a function gives over two intervals, from the corners, where such a function has its extremes;
 * everything where one of them is undefined. An end is attained where both ends that lead to it are, or one that settles it.
 */
export function overCorners(a: Interval, b: Interval, { at: f, settledBy = {} }: Monotone): Interval {
  const settles = (end: End, by: number | undefined) => end.closed && end.at === by
  const corners = endsOf(a).flatMap((x) =>
    endsOf(b).map((y) => ({
      // Without a negative zero, which equals the other but prints otherwise.
      at: f(x.at, y.at) + 0,
      closed: (x.closed && y.closed) || settles(x, settledBy.first) || settles(y, settledBy.second),
    })),
  )
  if (corners.some(({ at }) => Number.isNaN(at))) return everything
  const end = (at: number): End => ({
    at,
    closed: Number.isFinite(at) && corners.some((corner) => corner.at === at && corner.closed),
  })
  const places = corners.map(({ at }) => at)
  return { low: end(Math.min(...places)), high: end(Math.max(...places)) }
}
