import { describe, expect, it } from 'vitest'
import { UsageError, wholeNumber } from '../../src/commands/usage.ts'

describe('a whole number of an option', () => {
  it.each([
    ['1', 1],
    ['10', 10],
    ['007', 7],
  ])('is read from %o', (text, number) => {
    expect(wholeNumber('figures', text, 1, 10)).toBe(number)
  })

  it.each(['0', '11', '-5', '+5', '1e1', '0x5', ' 5', '5 ', '5.0', '5,0', '', 'five', '٣'])('is not %o', (text) => {
    expect(() => wholeNumber('figures', text, 1, 10)).toThrow(
      new UsageError(`--figures: expected a whole number from 1 to 10, got "${text}"`),
    )
  })
})
