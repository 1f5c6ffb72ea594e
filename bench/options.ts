import { parseOptions, UsageError, wholeNumber } from '../src/commands/usage.ts'
import { mostFigures } from '../src/seed/synthesize.ts'

export const usage =
  'usage: npm run bench [-- [--full] [--figures N] [--rounds N] [--only PART,PART] [--output FILE] | --write [--output FILE]]'

/** The parts of a run, in their order. */
export const parts = ['start', 'http', 'queries', 'exports', 'memory'] as const
export type Part = (typeof parts)[number]

export type Options = {
  full: boolean
  /** How many figures the generated database holds. */
  figures: number
  rounds: number
  only: readonly Part[]
  /** The JSON file of the results; `*` stands for any size. */
  output: string
  /** Writes the tables of results that are there into the documentation, and measures nothing. */
  write: boolean
}

/**
 * The options of a call.
 *
 * @throws UsageError for what is not known or makes no sense.
 */
export function readOptions(argv: readonly string[]): Options {
  const values = parse(argv)
  const { full = false, write = false } = values
  const figures = wholeNumber('figures', values.figures ?? (full ? '1000000' : '100000'), 100, mostFigures)
  const output = values.output ?? `data/bench/results-${write ? '*' : figures}.json`
  if (output === '') throw new UsageError('--output: expected a path')
  const measuring = (['full', 'figures', 'rounds', 'only'] as const).find((name) => values[name] !== undefined)
  if (write && measuring !== undefined) throw new UsageError(`--write measures nothing, so --${measuring} has no place`)
  return {
    ...{ full, write, output },
    figures,
    rounds: wholeNumber('rounds', values.rounds ?? '5', 5, 100),
    only: values.only === undefined ? parts : partsOf(values.only),
  }
}

function parse(argv: readonly string[]) {
  const string = { type: 'string' } as const
  const boolean = { type: 'boolean' } as const
  const options = { full: boolean, write: boolean, figures: string, rounds: string, only: string, output: string }
  return parseOptions({ args: [...argv], options }).values
}

function partsOf(text: string): Part[] {
  const asked = new Set(text.split(','))
  for (const part of asked) {
    if (!parts.some((known) => known === part)) {
      throw new UsageError(`--only: expected some of ${parts.join(', ')}, got "${part}"`)
    }
  }
  return parts.filter((part) => asked.has(part))
}
