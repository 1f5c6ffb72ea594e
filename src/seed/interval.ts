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

/** The interval that bounds leave: open to infinity where nothing bounds. */
export const intervalOf = (bounds: Bounds): Interval => ({
  low: { at: bounds.value_low ?? -Infinity, closed: bounds.value_low_inclusive ?? false },
  high: { at: bounds.value_high ?? Infinity, closed: bounds.value_high_inclusive ?? false },
})

/** The bounds that an interval proves; null where it is open to infinity. */
export const boundsOfInterval = ({ low, high }: Interval): Bounds => ({
  value_low: Number.isFinite(low.at) ? low.at : null,
  value_low_inclusive: Number.isFinite(low.at) ? low.closed : null,
  value_high: Number.isFinite(high.at) ? high.at : null,
  value_high_inclusive: Number.isFinite(high.at) ? high.closed : null,
})

/** The hull of corners; everything where one of them is undefined. */
function hull(corners: readonly End[]): Interval {
  if (corners.some(({ at }) => Number.isNaN(at))) return everything
  const places = corners.map(({ at }) => at)
  const end = (at: number): End => ({
    at,
    closed: Number.isFinite(at) && corners.some((corner) => corner.at === at && corner.closed),
  })
  return { low: end(Math.min(...places)), high: end(Math.max(...places)) }
}

/** An interval through a function that only rises or only falls over it; at an infinite end it gives the limit. */
export const through = ({ low, high }: Interval, f: (x: number) => number): Interval =>
  hull([low, high].map(({ at, closed }) => ({ at: f(at), closed })))

/** Two intervals through a function that only rises or only falls in each of its arguments. */
const atCorners = (
  a: Interval,
  b: Interval,
  f: (x: number, y: number) => number,
  attained: (x: End, y: End) => boolean,
): Interval =>
  hull([a.low, a.high].flatMap((x) => [b.low, b.high].map((y) => ({ at: f(x.at, y.at), closed: attained(x, y) }))))

const bothClosed = (x: End, y: End) => x.closed && y.closed
/** Nothing times anything is nothing: a 0 that is attained makes a product that is attained. */
const isZero = ({ at, closed }: End) => at === 0 && closed

export const subtract = (a: Interval, b: Interval): Interval => {
  // By each pair of ends that can meet, so that a bound on one side is not lost to none on the other.
  const low = { at: a.low.at - b.high.at, closed: bothClosed(a.low, b.high) }
  const high = { at: a.high.at - b.low.at, closed: bothClosed(a.high, b.low) }
  return { low, high }
}

export const multiply = (a: Interval, b: Interval): Interval =>
  atCorners(
    a,
    b,
    (x, y) => x * y,
    (x, y) => bothClosed(x, y) || isZero(x) || isZero(y),
  )

/** 1/x; everything where the interval holds 0. */
export function reciprocal(a: Interval): Interval {
  const positive = a.low.at > 0 || (a.low.at === 0 && !a.low.closed)
  const negative = a.high.at < 0 || (a.high.at === 0 && !a.high.closed)
  if (!positive && !negative) return everything
  // Towards 0 it goes to infinity, on the side that the interval is on.
  return through(a, (x) => (x === 0 ? (positive ? Infinity : -Infinity) : 1 / x))
}
