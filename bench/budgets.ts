/** The budgets of speed: one row each, and how the table of results is made of them. */
import type { Part } from './options.ts'
import type { Spread } from './statistics.ts'

type Budget = {
  /** What is measured, as the table and docs/performance.md name it. */
  what: string
  part: Part
  /** Of what the limit is a number; `×` is a ratio. */
  unit: '×' | 'ms' | 'MB' | 'rows/s' | '%'
  bound: 'at least' | 'at most'
  limit: number
  /** The limit from this many figures on, where it is another one. */
  large?: { figures: number; limit: number }
}

const ratio = { part: 'http', unit: '×', bound: 'at least' } as const
const time = { part: 'queries', unit: 'ms', bound: 'at most' } as const
const rate = { part: 'exports', unit: 'rows/s', bound: 'at least' } as const
const memory = { unit: 'MB', bound: 'at most' } as const
const large = { figures: 10_000_000, limit: 10 }

/** Every budget by its id, in the order of the table. */
export const budgets = {
  repeated: { ...ratio, what: 'repeated GET, compressed, 200', limit: 0.85 },
  unchanged: { ...ratio, what: 'repeated GET, 304', limit: 1.05 },
  new_list: { ...ratio, what: '50-row list never asked before', limit: 0.25 },
  new_figure: { ...ratio, what: 'figure by id never asked before', limit: 0.5 },
  start: { ...time, part: 'start', what: 'start of the process to the first 200', limit: 300 },
  start_generated: { ...time, part: 'start', what: 'the same, generated figures', limit: 300 },
  page: { ...time, what: 'page of any single-valued filter and sort, p99', limit: 5, large },
  common_word: { ...time, what: 'page with `q`, common words, p99', limit: 50 },
  rare_word: { ...time, what: 'page with `q`, rare words, p99', limit: 50 },
  first_total: { ...time, what: 'exact total of a filter, first time, p99', limit: 100 },
  deep_page: { ...time, unit: '×', what: 'page at 90 % depth against page 1', limit: 1.5 },
  ndjson_rate: { ...rate, what: 'NDJSON of everything', limit: 600_000 },
  ndjson_memory: { ...memory, part: 'exports', what: 'NDJSON of everything, peak memory', limit: 200 },
  ndjson_lists: { ...time, part: 'exports', what: 'lists meanwhile, p99', limit: 20 },
  csv_rate: { ...rate, what: 'CSV of everything', limit: 100_000 },
  csv_memory: { ...memory, part: 'exports', what: 'CSV of everything, peak memory', limit: 200 },
  memory: { ...memory, part: 'memory', what: 'memory after all of it', limit: 300 },
  hostile: { ...memory, part: 'memory', unit: '%', what: 'growth by hostile queries', limit: 10 },
} as const satisfies Record<string, Budget>

export type BudgetId = keyof typeof budgets

/** What was measured for a budget: one number a round, and what belongs to it. */
export type Measured = Spread & {
  /** Milliseconds within which 99 of 100 answers came, over all rounds; null where the row is no matter of single answers. */
  p99: number | null
  /** Microseconds of the process's CPU time a request, all its threads together: median of the rounds. */
  cpu: number | null
  /** How many requests, queries or rows all rounds had together. */
  samples: number
  /** What one has to know to read the number. */
  note?: string
}

export type Results = {
  /** ISO 8601, UTC. */
  measured: string
  machine: string
  /** How it was measured, a sentence each. */
  conditions: readonly string[]
  figures: number
  rows: Partial<Record<BudgetId, Measured>>
  /** The bare server beside it: microseconds of its CPU a request. */
  bare?: Spread & Pick<Measured, 'p99' | 'samples'>
}

export const limitOf = (budget: Budget, figures: number): number =>
  budget.large !== undefined && figures >= budget.large.figures ? budget.large.limit : budget.limit

/** Whether what was measured keeps its budget: by the median of the rounds. */
export function keeps(budget: Budget, { median }: Spread, figures: number): boolean {
  const limit = limitOf(budget, figures)
  return budget.bound === 'at least' ? median >= limit : median <= limit
}

/** A number to three significant digits, in groups of three from a thousand on. */
export const shown = (value: number) =>
  value.toLocaleString('en', { maximumSignificantDigits: 3, minimumSignificantDigits: value < 100 ? 2 : 1 })

const optional = (value: number | null) => (value === null ? '' : shown(value))

/** The table, a list of cells a row, its head first; what was not measured says so. */
export function tableOf({ rows, bare, figures }: Results): string[][] {
  const head = ['what', 'budget', 'median', 'lowest–highest', 'p99 ms', 'CPU µs', 'samples', 'verdict']
  const lines = (Object.entries(budgets) as [BudgetId, Budget][]).map(([id, budget]) => {
    const limit = `${budget.bound === 'at least' ? '≥' : '≤'} ${limitOf(budget, figures).toLocaleString('en')} ${budget.unit}`
    const measured = rows[id]
    if (measured === undefined) return [budget.what, limit, '', '', '', '', '', 'not measured']
    const { median, lowest, highest, p99, cpu, samples, note } = measured
    const verdict = keeps(budget, measured, figures) ? 'pass' : 'falls short'
    return [
      ...[budget.what, limit, shown(median), `${shown(lowest)}–${shown(highest)}`, optional(p99), optional(cpu)],
      ...[samples.toLocaleString('en'), note === undefined ? verdict : `${verdict}; ${note}`],
    ]
  })
  if (bare === undefined) return [head, ...lines]
  const { median, lowest, highest, p99, samples } = bare
  const reference = [
    ...['bare server, µs of CPU a request', '', shown(median), `${shown(lowest)}–${shown(highest)}`, optional(p99)],
    ...[shown(median), samples.toLocaleString('en'), 'reference'],
  ]
  return [head, reference, ...lines]
}

/** Cells as Markdown, padded, so that it is a table for the eye too. */
export function markdownOf([head = [], ...rows]: readonly string[][]): string {
  const escaped = [head, ...rows].map((cells) => cells.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = head.map((_, column) => Math.max(3, ...escaped.map((cells) => cells[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [first = [], ...others] = escaped
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...others.map(line)].join('\n')
}

const markers = ['<!-- results: written by npm run bench -- --write -->', '<!-- end of results -->'] as const

/** How the medians grow from one size to the next: a list of cells a budget, one for each size, its head first. */
export function growthOf(all: readonly Results[]): string[][] {
  const head = ['what', ...all.map(({ figures }) => figures.toLocaleString('en'))]
  const lines = (Object.entries(budgets) as [BudgetId, Budget][]).map(([id, { what, unit }]) => [
    `${what}, ${unit}`,
    ...all.map(({ rows }) => optional(rows[id]?.median ?? null)),
  ])
  return [head, ...lines.filter(([, ...cells]) => cells.some((cell) => cell !== ''))]
}

/**
 * A document with results between its markers, in place of those that stood there: how they grow where there are several
 * sizes, then those of each size, the smallest first.
 *
 * @throws Error where the document lacks the markers.
 */
export function withResults(document: string, results: readonly Results[]): string {
  const [start, end] = markers.map((marker) => document.indexOf(marker)) as [number, number]
  if (start < 0 || end < start) throw new Error(`expected ${markers.join(' and later ')}`)
  const all = results.toSorted((a, b) => a.figures - b.figures)
  const growth =
    all.length < 2
      ? []
      : ['### From one size to the next', 'Medians, by how many figures there are.', markdownOf(growthOf(all))]
  const sections = all.flatMap((one) => {
    const said = [`Measured on ${one.measured.slice(0, 10)}, on ${one.machine}.`, ...one.conditions]
    return [
      `### ${one.figures.toLocaleString('en')} generated figures`,
      said.map((sentence) => `- ${sentence}`).join('\n'),
      markdownOf(tableOf(one)),
    ]
  })
  return `${document.slice(0, start + markers[0].length)}\n\n${[...growth, ...sections].join('\n\n')}\n\n${document.slice(end)}`
}
