import { describe, expect, it } from 'vitest'
import { scopeInWords, shortTitle } from '../src/names.ts'

describe('a name', () => {
  it('of an organization is its abbreviation, where it has one', () => {
    expect(shortTitle('Bureau of International Narcotics and Law Enforcement Affairs (INL)')).toBe('INL')
    expect(shortTitle('U.S. Embassy Bogotá')).toBe('U.S. Embassy Bogotá')
    expect(shortTitle('tonnes (metric tons)')).toBe('tonnes (metric tons)')
    expect(shortTitle('Police of Group (A)')).toBe('Police of Group (A)')
    expect(shortTitle('Police (CNP) of Colombia')).toBe('Police (CNP) of Colombia')
  })

  it.each([
    ['unstated', 'Printed as cocaine.', 'scope not stated'],
    ['cnp-fleet', 'The fleet of the Colombian National Police.', 'CNP fleet'],
    ['police-and-navy', 'By the police and the Navy.', 'police and Navy'],
    ['forced', 'Forced eradication.', 'forced'],
  ])('of the scope %s, defined as "%s", is "%s"', (scope, definition, words) => {
    expect(scopeInWords(scope, definition, ['CNP', 'INL'])).toBe(words)
  })
})
