import { onFirstUse } from '../first-use.ts'

// 17 significant digits tell any two doubles apart; a number that needs fewer is written with fewer.
const plain = onFirstUse(() => new Intl.NumberFormat('en-US', { useGrouping: false, maximumSignificantDigits: 17 }))

/** A finite number without an exponent, in the fewest digits that give it back: 1e-7 is 0.0000001. */
export function plainDecimal(value: number): string {
  const shortest = String(value)
  return shortest.includes('e') ? plain().format(value) : shortest
}
