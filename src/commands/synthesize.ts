/**
 * npm run synthesize -- --figures N [--seed S] [--output PATH]
 *
 * Builds a database of N generated figures, none of them true, to see how the service bears them; the same number and
 * seed (0 without one) give the same file, byte for byte.
 */
import { DatabaseFileError } from '../db/client.ts'
import { buildSyntheticDatabase, type Progress } from '../seed/build.ts'
import { mostFigures } from '../seed/synthesize.ts'
import { parseOptions, UsageError, wholeNumber } from './usage.ts'

const usage = 'usage: npm run synthesize -- --figures N [--seed S] [--output PATH]'
const defaultOutput = 'data/synthetic.db'

function readArguments() {
  const string = { type: 'string' } as const
  const { values } = parseOptions({ options: { figures: string, seed: string, output: string } })
  if (values.figures === undefined) throw new UsageError('--figures: expected how many')
  if (values.output === '') throw new UsageError('--output: expected a path')
  return {
    figures: wholeNumber('figures', values.figures, 1, mostFigures),
    seed: wholeNumber('seed', values.seed ?? '0', 0, 2 ** 32 - 1),
    output: values.output ?? defaultOutput,
  }
}

/** Tells how far the build is: on a terminal in one line that is written over, else in a line for each stage. */
function teller(figures: number): (progress: Progress) => void {
  const { stderr } = process
  const started = performance.now()
  let told = 0
  let stage = ''
  return (progress) => {
    const now = performance.now()
    const begins = progress.stage !== stage
    if (!begins && (!stderr.isTTY || now - told < 200)) return
    told = now
    stage = progress.stage
    const seconds = ((now - started) / 1000).toFixed(1)
    const counted = 'done' in progress && !begins ? ` ${progress.done.toLocaleString('en')}` : ''
    const of = counted !== '' && stage === 'figures' ? ` of ${figures.toLocaleString('en')}` : ''
    const line = `${seconds} s: ${stage}${counted}${of}`
    stderr.write(stderr.isTTY ? `${begins ? '\n' : '\r\u001B[K'}${line}` : `${line}\n`)
  }
}

try {
  const { figures, seed, output } = readArguments()
  const started = performance.now()
  const { counts, digest } = buildSyntheticDatabase(output, { figures, seed }, teller(figures))
  if (process.stderr.isTTY) process.stderr.write('\n')
  const counted = Object.entries(counts).map(([name, count]) => `${count} ${name}`)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`Built ${output} in ${seconds} s: ${counted.join(', ')}, ${digest}`)
} catch (error) {
  const { message } = error as Error
  if (error instanceof DatabaseFileError) console.error(message)
  else if (error instanceof UsageError) console.error(`${message}\n${usage}`)
  else throw error
  process.exitCode = 1
}
