import { describe, expect, it } from 'vitest'
import { parts, readOptions, usage } from '../../bench/options.ts'
import { UsageError } from '../../src/commands/usage.ts'

const byDefault = {
  full: false,
  write: false,
  figures: 100_000,
  rounds: 5,
  only: [...parts],
}

describe('the options of npm run bench', () => {
  it.each([
    { argv: [], options: {} },
    { argv: ['--full'], options: { full: true, figures: 1_000_000 } },
    { argv: ['--full', '--figures', '10000000'], options: { full: true, figures: 10_000_000 } },
    { argv: ['--figures=5000', '--rounds=9'], options: { figures: 5000, rounds: 9 } },
    { argv: ['--only', 'queries,start'], options: { only: ['start', 'queries'] } },
    { argv: ['--output', 'a.json', '--write'], options: { output: 'a.json', write: true } },
    { argv: ['--write'], options: { output: 'data/bench/results-*.json', write: true } },
  ])('$argv', ({ argv, options }) => {
    const output = `data/bench/results-${options.figures ?? byDefault.figures}.json`
    expect(readOptions(argv)).toEqual({ ...byDefault, output, ...options })
  })

  it.each([
    { argv: ['--figures', '99'], says: '--figures: expected a whole number from 100 to 10000000, got "99"' },
    { argv: ['--figures', '1e6'], says: '--figures: expected a whole number from 100 to 10000000, got "1e6"' },
    { argv: ['--rounds', '4'], says: '--rounds: expected a whole number from 5 to 100, got "4"' },
    { argv: ['--only', 'http,sql'], says: `--only: expected some of ${parts.join(', ')}, got "sql"` },
    { argv: ['--only='], says: `--only: expected some of ${parts.join(', ')}, got ""` },
    { argv: ['--output='], says: '--output: expected a path' },
    { argv: ['--write', '--full'], says: '--write measures nothing, so --full has no place' },
    { argv: ['--write', '--rounds', '5'], says: '--write measures nothing, so --rounds has no place' },
    { argv: ['--fast'], says: "Unknown option '--fast'" },
    { argv: ['5000'], says: "Unexpected argument '5000'" },
  ])('$argv are refused: $says', ({ argv, says }) => {
    expect(() => readOptions(argv)).toThrow(UsageError)
    expect(() => readOptions(argv)).toThrow(says)
  })

  it('are all named in the usage', () => {
    for (const option of ['full', 'figures', 'rounds', 'only', 'output', 'write'])
      expect(usage).toContain(`--${option}`)
  })
})
