import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findFragment, sourceUrl, type Fragment } from '../../src/seed/fragment.ts'

const plain = (quote: string): Fragment => ({ quote, quote_prefix: null, quote_suffix: null })

/** Reads a text directive as the standard says: prefix and suffix are told by their hyphens, parts by commas. */
function readDirective(url: string): Fragment {
  const [, directive = ''] = url.split('#:~:text=')
  const parts = directive.split(',')
  const prefix = parts[0]?.endsWith('-') === true ? parts.shift() : undefined
  const suffix = parts.at(-1)?.startsWith('-') === true ? parts.pop() : undefined
  expect(parts).toHaveLength(1)
  return {
    quote: decodeURIComponent(parts[0] ?? ''),
    quote_prefix: prefix === undefined ? null : decodeURIComponent(prefix.slice(0, -1)),
    quote_suffix: suffix === undefined ? null : decodeURIComponent(suffix.slice(1)),
  }
}

describe('sourceUrl', () => {
  const address = 'https://example.org/page'

  it('carries the quote in a text directive', () => {
    expect(sourceUrl(address, plain('trained 11 pilots'))).toBe(`${address}#:~:text=trained%2011%20pilots`)
  })

  it('puts a prefix before the quote and a suffix after it', () => {
    const fragment = { quote: '85 tons', quote_prefix: 'In 2018', quote_suffix: 'were sold' }
    expect(sourceUrl(address, fragment)).toBe(`${address}#:~:text=In%202018-,85%20tons,-were%20sold`)
  })

  it('encodes what has a meaning in the directive: hyphen, comma, ampersand', () => {
    expect(sourceUrl(address, plain('third-largest, R&D'))).toBe(`${address}#:~:text=third%2Dlargest%2C%20R%26D`)
  })

  it('encodes other alphabets and typographic quotes as UTF-8', () => {
    expect(sourceUrl(address, plain('world’s 🚁'))).toBe(`${address}#:~:text=world%E2%80%99s%20%F0%9F%9A%81`)
  })

  it('is read back by the rules of the standard, whatever the texts', () => {
    const text = fc.string({ unit: 'binary', minLength: 1 })
    const fragments = fc.record({
      quote: text,
      quote_prefix: fc.option(text, { nil: null }),
      quote_suffix: fc.option(text, { nil: null }),
    })
    fc.assert(
      fc.property(fragments, (fragment) => {
        expect(readDirective(sourceUrl(address, fragment))).toEqual(fragment)
      }),
    )
  })
})

describe('findFragment', () => {
  it('finds the first place of a quote', () => {
    expect(findFragment('85 pears, then 85 pears', plain('85 pears'))).toBe(0)
  })

  it('counts Unicode code points, not UTF-16 units', () => {
    expect(findFragment('🍐🍐 85 pears', plain('85 pears'))).toBe(3)
  })

  it('is null where the text does not hold the quote', () => {
    expect(findFragment('85 pears', plain('86 pears'))).toBeNull()
  })

  it('does not mind case or the kind and number of blanks', () => {
    expect(findFragment('So: MORE\u00a0than\n 85 pears', plain('more than 85 pears'))).toBe(4)
  })

  it.each([
    ['a letter before', 'x85 pears and 85 pears', 14],
    ['a digit before', '285 pears and 85 pears', 14],
    ['a letter after', '85 pearstrees and 85 pears', 18],
    ['a digit after', '85 pears2 and 85 pears', 14],
  ])('passes over a place that is no whole word: %s', (_, text, place) => {
    expect(findFragment(text, plain('85 pears'))).toBe(place)
  })

  it('takes punctuation for the edge of a word', () => {
    expect(findFragment('(85 pears)', plain('85 pears'))).toBe(1)
    expect(findFragment('pre-85 pears-ripe', plain('85 pears'))).toBe(4)
  })

  it('takes a currency sign for the edge of a word', () => {
    expect(findFragment('It cost US$5 million.', plain('$5 million'))).toBe(10)
  })

  it('takes the quote literally, not as a pattern', () => {
    expect(findFragment('85 pears (a+b) 8. pears', plain('8. pears'))).toBe(15)
    expect(findFragment('85 pears (a+b)?', plain('(a+b)?'))).toBe(9)
  })

  it('finds the place after a prefix', () => {
    const text = 'In 2017, 85 pears. In 2018, 85 pears.'
    expect(findFragment(text, { ...plain('85 pears'), quote_prefix: 'In 2018,' })).toBe(28)
    expect(findFragment(text, { ...plain('85 pears'), quote_prefix: 'In 2019,' })).toBeNull()
  })

  it('finds the place before a suffix', () => {
    const text = '85 pears were sold; 85 pears were eaten'
    expect(findFragment(text, { ...plain('85 pears'), quote_suffix: 'were eaten' })).toBe(20)
    expect(findFragment(text, { ...plain('85 pears'), quote_suffix: 'were lost' })).toBeNull()
  })

  it('wants prefix and suffix at word boundaries and next to the quote', () => {
    expect(findFragment('the cabin 85 pears', { ...plain('85 pears'), quote_prefix: 'in' })).toBeNull()
    expect(findFragment('85 pears soldered', { ...plain('85 pears'), quote_suffix: 'sold' })).toBeNull()
    expect(findFragment('in all 85 pears', { ...plain('85 pears'), quote_prefix: 'in' })).toBeNull()
  })

  it('finds any phrase of whole words in the text it was taken from, at that place or before', () => {
    const word = fc.string({ unit: fc.constantFrom(...'ab1🍐é$.*('), minLength: 1, maxLength: 4 })
    const words = fc.array(word, { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(words, words, words, (before, quote, after) => {
        const lead = `${before.join(' ')} `
        const found = findFragment(`${lead}${quote.join(' ')} ${after.join(' ')}`, plain(quote.join(' ')))
        expect(found).not.toBeNull()
        expect(found).toBeLessThanOrEqual([...lead].length)
      }),
    )
  })
})
