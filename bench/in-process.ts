/**
 * What the queries take in the process that asks the database, without HTTP: run by the bench in a process of its own,
 * with the path of the database, the number of rounds and the seconds that each measure may take.
 */
import { openDatabase } from '../src/db/client.ts'
import { countFigures, listFigures } from '../src/db/figures.ts'
import { openFigureIndex } from '../src/db/search.ts'
import type { BudgetId, Measured } from './budgets.ts'
import { countedFilters, pageRows, singleFilters, someWords, sorts, termsOf } from './queries.ts'
import { median, percentile, spreadOf } from './statistics.ts'

export type InProcessReport = { row: BudgetId; measured: Measured } | { progress: string }

const seed = 1
const [path = '', rounds = '', seconds = ''] = process.argv.slice(2)
const report = (message: InProcessReport) => process.send?.(message)

/** Milliseconds that a call takes. */
function timed(call: () => unknown): number {
  const started = performance.now()
  call()
  return performance.now() - started
}

/**
 * Measures the same calls in each round, in turn until the round's time is over, and tells the 99th percentile. Each
 * round has an index of its own, which remembers nothing; what the machine keeps of the file in memory it keeps.
 */
function measure(row: BudgetId, callsOf: (index: ReturnType<typeof openFigureIndex>) => Iterable<() => unknown>): void {
  const times: number[][] = []
  let possible = 0
  for (let round = 0; round < Number(rounds); round += 1) {
    report({ progress: `queries: ${row}, round ${round + 1}` })
    const calls = [...callsOf(openFigureIndex(db))]
    possible = calls.length
    const ofRound: number[] = []
    const end = performance.now() + (Number(seconds) * 1000) / Number(rounds)
    for (const call of calls) {
      ofRound.push(timed(call))
      if (performance.now() > end) break
    }
    times.push(ofRound)
  }
  const all = times.flat()
  const cut = times.some(({ length }) => length < possible)
  const worst = Math.max(...times.map((ofRound) => percentile(ofRound, 1)))
  const note = `worst ${worst.toPrecision(3)} ms${cut ? `, ${Math.min(...times.map(({ length }) => length))} of ${possible} in its time` : ''}`
  const measured = spreadOf(times.map((ofRound) => percentile(ofRound, 0.99)))
  report({ row, measured: { ...measured, p99: percentile(all, 0.99), cpu: null, samples: all.length, note } })
}

const db = openDatabase(path)
const pageOf =
  (index: ReturnType<typeof openFigureIndex>) =>
  ({ filter, sort }: ReturnType<typeof singleFilters>[number]) =>
  () =>
    listFigures(index, filter, sort, 0, pageRows)

measure('page', (index) => singleFilters(index, 20, seed).map(pageOf(index)))
const words = someWords(openFigureIndex(db), 30)
for (const [row, list] of [
  ['common_word', words.common],
  ['rare_word', words.rare],
] as const) {
  measure(row, (index) => list.map((q) => pageOf(index)({ filter: { q }, sort: 'relevance' })))
}
measure('first_total', (index) => countedFilters(index, seed).map((filter) => () => countFigures(index, filter)))

{
  report({ progress: 'queries: deep_page' })
  const index = openFigureIndex(db)
  const filters = [
    {},
    ...(['metric', 'place', 'unit'] as const).map((column) => ({ [column]: [termsOf(index, column)[0]?.term ?? ''] })),
  ]
  const deep = Math.floor(index.figures * 0.9)
  const ratios: number[] = []
  let samples = 0
  for (let round = 0; round < Number(rounds); round += 1) {
    // The first and the deep page in turn, so that both meet the same machine.
    const pairs = filters.flatMap((filter) => sorts.map((sort) => ({ filter, sort })))
    const times = pairs.map(({ filter, sort }) => {
      const first: number[] = []
      const last: number[] = []
      for (let turn = 0; turn < 10; turn += 1) {
        first.push(timed(() => listFigures(index, filter, sort, turn, pageRows)))
        last.push(timed(() => listFigures(index, filter, sort, deep + turn, pageRows)))
      }
      samples += first.length + last.length
      return [median(first), median(last)] as const
    })
    const sum = (which: 0 | 1) => times.reduce((total, pair) => total + pair[which], 0)
    ratios.push(sum(1) / sum(0))
  }
  report({ row: 'deep_page', measured: { ...spreadOf(ratios), p99: null, cpu: null, samples } })
}
db.$client.close()
process.disconnect?.()
