/** Arithmetic on decimals as they are printed: as binary fractions they carry noise, 579.9 − 494.7 would be 85.19999999999999. */
import { Decimal } from 'decimal.js'

/** Sums, differences and products of printed numbers are exact; of quotients all digits that a double has are right, and more. */
const Exact = Decimal.clone({ precision: 60 })

/** A formula over two decimals as one over two numbers, ±∞ and −0 among them, which rounds but once: what it gives, to a double. */
export const exactly =
  (formula: (a: Decimal, b: Decimal) => Decimal | number) =>
  (a: number, b: number): number =>
    Number(formula(new Exact(a), new Exact(b)))

/** The difference of two decimals. */
export const minus = exactly((a, b) => a.minus(b))
