import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findFragment, sourceUrl, type Fragment } from '../../src/seed/fragment.ts'

const plain = (quote: string): Fragment => ({ quote, quote_prefix: null, quote_suffix: null })

/**
 * Reads a text directive by the grammar of the standard ("Fragment directive grammar": TextDirectiveParameters), and
 * only in an address that a URL parser leaves as it is.
 */
function readDirective(url: string): Fragment {
  const { href, hash } = new URL(url)
  expect(href).toBe(url)
  const string = "(?:[a-zA-Z0-9!$'()*+./:;=?@_~]|%[0-9A-F]{2})+"
  const directive = new RegExp(
    `^#:~:text=(?:(?<prefix>${string})-,)?(?<start>${string})(?:,(?<end>${string}))?(?:,-(?<suffix>${string}))?$`,
  )
  expect(hash).toMatch(directive)
  const { prefix, start = '', end, suffix } = directive.exec(hash)?.groups ?? {}
  expect(end).toBeUndefined()
  return {
    quote: decodeURIComponent(start),
    quote_prefix: prefix === undefined ? null : decodeURIComponent(prefix),
    quote_suffix: suffix === undefined ? null : decodeURIComponent(suffix),
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

  it('encodes the percent sign and all else that an address or the directive could misread', () => {
    expect(sourceUrl(address, plain('50%25 #1 "a"?'))).toBe(`${address}#:~:text=50%2525%20%231%20%22a%22%3F`)
    expect(sourceUrl(address, plain(':~:text=a'))).toBe(`${address}#:~:text=%3A~%3Atext%3Da`)
  })

  it('writes many blanks as the one that a page shows, but keeps those that do not break', () => {
    const fragment = { quote: 'more  than\t 5', quote_prefix: 'a \n b', quote_suffix: '5\u00a0 %' }
    expect(sourceUrl(address, fragment)).toBe(`${address}#:~:text=a%20b-,more%20than%205,-5%C2%A0%20%25`)
  })

  it('is read back by the grammar of the standard, whatever the texts', () => {
    // Blanks apart, which are written as a page shows them.
    const text = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.string({ unit: fc.constantFrom(...'-,&%#:~=+ ’ab'), minLength: 1 }),
    )
    const part = text.map((characters) => characters.replace(/[ \t\n\f\r]+/g, ' '))
    const fragments = fc.record({
      quote: part,
      quote_prefix: fc.option(part, { nil: null }),
      quote_suffix: fc.option(part, { nil: null }),
    })
    fc.assert(
      fc.property(fragments, (fragment) => {
        expect(readDirective(sourceUrl(address, fragment))).toEqual(fragment)
      }),
      { numRuns: 1000 },
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

  it.each([
    ['case', 'So: MORE than 85 pears', 'more than 85 pears'],
    ['accents', 'So: Medellín', 'medellin'],
    ['accents that are characters of their own', 'So: Medelli\u0301n', 'Medellín'],
    ['letters that stand for two', 'So: Straße', 'STRASSE'],
    ['curls of quotation marks', 'So: “world’s”', '"world\'s"'],
    ['whether a blank may break', 'So: 85\u00a0pears', '85 pears'],
    ['how many blanks a page shows as one', 'So: 85  \t pears', '85 pears'],
    ['characters that are not seen', 'So: hec\u00adtares\u200b!', 'hectares!'],
  ])('does not mind %s', (_, text, quote) => {
    expect(findFragment(text, plain(quote))).toBe(4)
    expect(findFragment(quote, plain(text.slice(4)))).toBe(0)
  })

  it('minds blanks that a page shows side by side', () => {
    expect(findFragment('5\u00a0 pears, 5 pears', plain('5 pears'))).toBe(10)
    expect(findFragment('5 pears, 5\u00a0 pears', plain('5\u00a0 pears'))).toBe(9)
  })

  it('finds no phrase that goes over the end of a paragraph', () => {
    expect(findFragment('85\npears, 85 pears', plain('85 pears'))).toBe(10)
    expect(findFragment('In\n2018, 85 pears', { ...plain('85 pears'), quote_prefix: 'In 2018,' })).toBeNull()
  })

  it('finds prefix, quote and suffix in paragraphs of their own', () => {
    const fragment = { quote: '85 pears', quote_prefix: 'Sold', quote_suffix: 'Eaten' }
    expect(findFragment('85 pears\nSold\n\n  85 pears \nEaten', fragment)).toBe(17)
  })

  it.each([
    ['a letter before', 'x85 pears and 85 pears', '85 pears', 14],
    ['a digit before', '285 pears and 85 pears', '85 pears', 14],
    ['thousands before', '1,285 pears and 285 pears', '285 pears', 16],
    ['a letter after', '85 pearstrees and 85 pears', '85 pears', 18],
    ['a digit after', '85 pears2 and 85 pears', '85 pears', 14],
    ['thousands after', '13,000 or 13', '13', 10],
    ['decimals after', '85.5 or 85', '85', 8],
    ['an apostrophe with a letter after', 'world’s world', 'world', 8],
    ['half of a letter that stands for two', 'ß s', 's', 2],
  ])('passes over a place that is no whole word: %s', (_, text, quote, place) => {
    expect(findFragment(text, plain(quote))).toBe(place)
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

  it('wants prefix, quote and suffix together to be whole words, not each', () => {
    const fragment = { quote: 'five', quote_prefix: 'twenty-', quote_suffix: 'fold' }
    expect(findFragment('twenty-five, twenty-fivefolds, twenty-fivefold', fragment)).toBe(38)
  })

  it('finds a place that overlaps with one it passed over', () => {
    expect(findFragment('85 85 85 pears', plain('85 85 pears'))).toBe(3)
    expect(findFragment('a b a b a c', { ...plain('c'), quote_prefix: 'a b a' })).toBe(10)
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

  it('finds what a plain search for the same words finds', () => {
    // No two of these make a third, so that words are found only where they stand apart.
    const word = fc.constantFrom('pears', '5', '13,000', 'Жук', '$7', '%')
    const words = (minLength: number, maxLength: number) => fc.array(word, { minLength, maxLength })
    const context = fc.option(words(1, 2), { nil: null })
    let finds = 0
    fc.assert(
      fc.property(words(1, 40), words(1, 2), context, context, (text, quote, prefix, suffix) => {
        const plainly = ` ${text.join(' ')} `.indexOf(` ${[...(prefix ?? []), ...quote, ...(suffix ?? [])].join(' ')} `)
        const lead = prefix === null ? 0 : `${prefix.join(' ')} `.length
        const fragment = {
          quote: quote.join(' '),
          quote_prefix: prefix?.join(' ') ?? null,
          quote_suffix: suffix?.join(' ') ?? null,
        }
        expect(findFragment(text.join(' '), fragment)).toBe(plainly < 0 ? null : plainly + lead)
        finds += plainly < 0 ? 0 : 1
      }),
      { numRuns: 300 },
    )
    expect(finds).toBeGreaterThan(0)
  })
})
