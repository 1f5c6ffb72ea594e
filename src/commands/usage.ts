import { parseArgs, type ParseArgsConfig } from 'node:util'

/** Thrown where a command is called wrongly; the message says what is wrong, in one line. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/**
 * The options that a command was called with.
 *
 * @throws UsageError where one is not known, or has no value though it needs one.
 */
export function parseOptions<const Options extends ParseArgsConfig>(config: Options) {
  try {
    return parseArgs(config)
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/**
 * An option's whole number, written in digits alone: no sign, no blank, no `1e6`.
 *
 * @throws UsageError where it is written otherwise, or not within the bounds, both included.
 */
export function wholeNumber(option: string, text: string, min: number, max: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : NaN
  if (number >= min && number <= max) return number
  throw new UsageError(`--${option}: expected a whole number from ${min} to ${max}, got "${text}"`)
}
