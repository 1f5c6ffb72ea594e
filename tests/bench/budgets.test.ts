import { describe, expect, it } from 'vitest'
import {
  budgets,
  growthOf,
  keeps,
  limitOf,
  markdownOf,
  shown,
  tableOf,
  withResults,
  type Results,
} from '../../bench/budgets.ts'
import { spreadOf } from '../../bench/statistics.ts'

const measured = (...rounds: number[]) => ({ ...spreadOf(rounds), p99: null, cpu: null, samples: rounds.length })

const results: Results = {
  measured: '2026-01-02T03:04:05.678Z',
  machine: '2 × a processor',
  conditions: ['Asked kindly.'],
  figures: 1_000_000,
  rows: {
    repeated: { ...measured(0.84, 0.9, 0.86), p99: 2.34567, cpu: 21.5, samples: 12_345 },
    page: { ...measured(7), note: 'worst 12.3 ms' },
  },
  bare: { ...spreadOf([19, 20, 21]), p99: 1, samples: 9 },
}
const rowOf = (of: Results, what: string) => tableOf(of).find(([first]) => first === what)

describe('a budget', () => {
  it('is kept by the median of the rounds, on its side of the limit or at it', () => {
    expect(keeps(budgets.repeated, measured(0.85), 1)).toBe(true)
    expect(keeps(budgets.repeated, measured(0.1, 0.85, 0.9), 1)).toBe(true)
    expect(keeps(budgets.repeated, measured(0.849), 1)).toBe(false)
    expect(keeps(budgets.start, measured(300), 1)).toBe(true)
    expect(keeps(budgets.start, measured(300.1), 1)).toBe(false)
  })

  it('may have another limit where there are more figures', () => {
    expect(limitOf(budgets.page, 1_000_000)).toBe(5)
    expect(limitOf(budgets.page, 10_000_000)).toBe(10)
    expect(keeps(budgets.page, measured(7), 1_000_000)).toBe(false)
    expect(keeps(budgets.page, measured(7), 10_000_000)).toBe(true)
  })
})

describe('the table', () => {
  it('has the bare server, then a row for every budget in their order, measured or not', () => {
    const [, ...rows] = tableOf(results)
    expect(rows.map(([what]) => what)).toEqual([
      'bare server, µs of CPU a request',
      ...Object.values(budgets).map(({ what }) => what),
    ])
    expect(new Set(rows.map((cells) => cells.length))).toEqual(new Set([8]))
  })

  it('shows limit, median, spread, what belongs to it, and the verdict', () => {
    expect(rowOf(results, budgets.repeated.what)).toEqual([
      ...[budgets.repeated.what, '≥ 0.85 ×', '0.86', '0.84–0.90', '2.35', '21.5', '12,345', 'pass'],
    ])
    expect(rowOf(results, budgets.page.what)?.slice(1)).toEqual([
      ...['≤ 5 ms', '7.0', '7.0–7.0', '', '', '1', 'falls short; worst 12.3 ms'],
    ])
    expect(rowOf(results, budgets.csv_rate.what)?.at(-1)).toBe('not measured')
  })

  it.each([
    [0.123456, '0.123'],
    [5, '5.0'],
    [99.94, '99.9'],
    [123.4, '123'],
    [612_345, '612,000'],
    [-3.14159, '-3.14'],
  ])('shows %d as %s', (value, text) => {
    expect(shown(value)).toBe(text)
  })

  it('is Markdown of even lines, whatever stands in a cell', () => {
    const lines = markdownOf([
      ['a', 'b'],
      ['x|y', 'a long cell'],
    ]).split('\n')
    expect(lines).toEqual(['| a    | b           |', '| ---- | ----------- |', '| x\\|y | a long cell |'])
  })
})

describe('the results in a document', () => {
  const document =
    'before\n<!-- results: written by npm run bench -- --write -->\nold\n<!-- end of results -->\nafter\n'

  it('stand between its markers, in place of those before, and nothing else changes', () => {
    const once = withResults(document, [results])
    expect(once).toContain('before\n<!-- results')
    expect(once).toContain('<!-- end of results -->\nafter\n')
    expect(once).not.toContain('old')
    expect(once).toContain('### 1,000,000 generated figures\n\n- Measured on 2026-01-02, on 2 × a processor.')
    expect(once).toContain('- Asked kindly.')
    expect(once).toContain(markdownOf(tableOf(results)))
    expect(withResults(once, [results])).toBe(once)
  })

  it('need both markers, in their order', () => {
    expect(() => withResults('nothing', [results])).toThrow('expected <!-- results')
    expect(() => withResults(document.split('\n').toReversed().join('\n'), [results])).toThrow('expected <!-- results')
  })

  it('of several sizes begin with how they grow, the smallest first', () => {
    const few = { ...results, figures: 1000, rows: { page: measured(0.5), csv_rate: measured(120_000) } }
    const text = withResults(document, [results, few])
    expect(text.match(/^### .*/gm)).toEqual([
      '### From one size to the next',
      '### 1,000 generated figures',
      '### 1,000,000 generated figures',
    ])
    expect(growthOf([few, results])).toEqual([
      ['what', '1,000', '1,000,000'],
      [`${budgets.repeated.what}, ×`, '', '0.86'],
      [`${budgets.page.what}, ms`, '0.50', '7.0'],
      [`${budgets.csv_rate.what}, rows/s`, '120,000', ''],
    ])
    expect(text).toContain(markdownOf(growthOf([few, results])))
  })
})
