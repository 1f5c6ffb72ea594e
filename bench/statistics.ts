/** The few statistics of the table. */

/**
 * The least value that is as large as a share of all (nearest rank; NIST/SEMATECH e-Handbook, section 7.2.6.2, without
 * interpolation): a value that was measured, not one between two.
 *
 * @param share from 0, exclusive, to 1.
 * @throws RangeError where there are no values.
 */
export function percentile(values: readonly number[], share: number): number {
  const found = values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)]
  if (found === undefined) throw new RangeError('nothing was measured')
  return found
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  if (low === undefined || high === undefined) throw new RangeError('nothing was measured')
  return (low + high) / 2
}

/** The median of some rounds with the lowest and the highest of them: with five rounds or so, any other spread is a guess. */
export type Spread = { median: number; lowest: number; highest: number }

/** @throws RangeError where there are no values. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), lowest: Math.min(...values), highest: Math.max(...values) }
}
