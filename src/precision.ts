/** With how many digits a computed number is shown, on pages as in charts: those of its coarsest input. */
import { onFirstUse } from './first-use.ts'

/**
 * How many digits a computed number is shown with: the decimals of the input that has fewest, and at least as many
 * significant digits as that of its inputs which has fewest, so that a small quotient of large numbers is not shown as 0.
 */
export type Precision = { decimals: number; significant: number }

/** Which way a number may be rounded: a bound must stay true, so a lower one goes down and an upper one up. */
export type Rounding = 'nearest' | 'down' | 'up'

// Fifteen digits tell any two printed numbers apart, and none of them is noise.
const plain = onFirstUse(() => new Intl.NumberFormat('en-GB', { useGrouping: false, maximumSignificantDigits: 15 }))

/** A figure by which another is computed. */
type Input = { id: string; origin: 'quoted' | 'derived'; value: number | null }

/**
 * The precision of a figure: that of the numbers which documents print and from which it is computed, however many steps
 * away. Null where it is computed from none, as what is printed itself is: it has all its digits.
 *
 * @param inputsOf what a figure is computed from, by its id.
 */
export function precisionOfFigure(id: string, inputsOf: (id: string) => readonly Input[]): Precision | null {
  const printed = (of: string): number[] =>
    inputsOf(of).flatMap(({ id: input, origin, value }) => (origin === 'derived' ? printed(input) : (value ?? [])))
  const inputs = printed(id)
  return inputs.length === 0 ? null : precisionOf(inputs)
}

/** The precision of what is computed from printed numbers, of which there is at least one. */
export function precisionOf(inputs: readonly number[]): Precision {
  const printed = inputs.map((value) => plain().format(Math.abs(value)).split('.'))
  return {
    decimals: Math.min(...printed.map(([, decimals = '']) => decimals.length)),
    // Nought is written with one digit.
    significant: Math.min(...printed.map((parts) => parts.join('').replace(/^0+(?=.)/, '').length)),
  }
}

/** A number with the digits that it is shown with; down is towards minus infinity. */
export function rounded(value: number, precision: Precision | null, rounding: Rounding = 'nearest'): number {
  if (precision === null) return value
  if (value === 0) return 0
  const leading = Math.floor(Math.log10(Math.abs(value))) + 1
  const decimals = Math.max(precision.decimals, precision.significant - leading)
  const whole = ways[rounding](shifted(value, decimals))
  return shifted(whole, -decimals)
}

/** A number times ten to a power, as a text: a product of floats carries noise, by which a bound would be rounded away. */
const shifted = (value: number, power: number) => Number(`${plain().format(value)}e${power}`)

const ways: Readonly<Record<Rounding, (value: number) => number>> = {
  // Alike on both sides of zero.
  nearest: (value) => Math.sign(value) * Math.round(Math.abs(value)),
  down: Math.floor,
  up: Math.ceil,
}
