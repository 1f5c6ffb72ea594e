import type { Qualifier } from '../schemas/vocabularies.ts'

/** What the print proves about a value: null stands for "open". */
export type Bounds = {
  value_low: number | null
  value_low_inclusive: boolean | null
  value_high: number | null
  value_high_inclusive: boolean | null
}

export const open: Bounds = {
  value_low: null,
  value_low_inclusive: null,
  value_high: null,
  value_high_inclusive: null,
}

/**
 * The bounds that a qualifier gives a value, in the unit of the value. Qualifiers speak of size: for a decrease
 * (a negative value) "more than" bounds from above, so "fell by more than 30 %" is −30 with an exclusive high of −30.
 */
export function boundsOf(value: number, qualifier: Qualifier): Bounds {
  const outward = (inclusive: boolean): Bounds =>
    value < 0
      ? { ...open, value_high: value, value_high_inclusive: inclusive }
      : { ...open, value_low: value, value_low_inclusive: inclusive }
  const inward = (inclusive: boolean): Bounds =>
    value < 0
      ? { ...open, value_low: value, value_low_inclusive: inclusive }
      : { ...open, value_high: value, value_high_inclusive: inclusive }
  switch (qualifier) {
    case 'exact':
      return { value_low: value, value_low_inclusive: true, value_high: value, value_high_inclusive: true }
    case 'more_than':
      return outward(false)
    case 'at_least':
      return outward(true)
    case 'less_than':
    case 'nearly':
      return inward(false)
    case 'at_most':
      return inward(true)
    case 'approximately':
    case 'estimated':
      return open
  }
}
