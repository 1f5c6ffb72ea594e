/** Random numbers that are the same on every machine, and choices by them. */

/** Choices, each as often as it is likely, so that a draw is one look. */
export type Table<T> = readonly T[]

/**
 * The random numbers of one seed and one purpose. Generator: sfc32 of PractRand (https://pracrand.sourceforge.net/),
 * which does not repeat itself within any dataset.
 */
export class Random {
  #a: number
  #b: number
  #c = 0
  #counter = 1

  constructor(seed: number, purpose: number) {
    this.#a = seed | 0
    this.#b = purpose
    for (let round = 0; round < 15; round += 1) this.bits()
  }

  /** A whole number below 2³². */
  bits(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** From 0 to 1, exclusive. */
  unit(): number {
    return this.bits() / 2 ** 32
  }

  chance(probability: number): boolean {
    return this.unit() < probability
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1))
  }

  pick<T>(table: Table<T>): T {
    return table[Math.floor(this.unit() * table.length)] as T
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit())
  }

  /** Exponential with a mean, rounded down. */
  exponential(mean: number): number {
    return Math.floor(-mean * Math.log(1 - this.unit()))
  }

  shuffle<T>(items: readonly T[]): T[] {
    const keyed = items.map((item) => [this.unit(), item] as const)
    return keyed.toSorted(([a], [b]) => a - b).map(([, item]) => item)
  }
}

/** A table of items by their weights; the rarest may fall out of it. */
export function weighted<T>(items: readonly (readonly [T, number])[], length = 1000): Table<T> {
  const total = items.reduce((sum, [, weight]) => sum + weight, 0)
  let reached = 0
  return items.flatMap(([item, weight]) => {
    const from = Math.round((reached / total) * length)
    reached += weight
    return Array<T>(Math.round((reached / total) * length) - from).fill(item)
  })
}

/** Zipf's law: the weight of an item is one by its rank. */
export const zipf = <T>(items: readonly T[], length?: number) =>
  weighted(
    items.map((item, index) => [item, 1 / (index + 1)]),
    length,
  )
