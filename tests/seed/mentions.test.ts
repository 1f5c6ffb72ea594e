import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codePoints, findMentions, type Mention } from '../../src/seed/mentions.ts'
import { root } from '../support/seed.ts'

type Reading = Omit<Mention, 'start' | 'end' | 'text'>

const number = (value: number | null): Reading => ({ kind: 'number', value, year: null, edtf: null })
const yearly = (year: number): Reading => ({ kind: 'number', value: year, year, edtf: String(year) })
const date = (year: number | null, edtf: string | null): Reading => ({ kind: 'date', value: null, year, edtf })
const ordinal = (value: number): Reading => ({ kind: 'ordinal', value, year: null, edtf: null })
const duration = (years: number | null): Reading => ({ kind: 'duration', value: years, year: null, edtf: null })
const fraction = (value: number): Reading => ({ kind: 'fraction', value, year: null, edtf: null })
const multiple = (value: number): Reading => ({ kind: 'multiple', value, year: null, edtf: null })

const texts = (text: string) => findMentions(text).map((mention) => mention.text)
const readings = (text: string) =>
  findMentions(text).map(({ kind, value, year, edtf }) => ({ kind, value, year, edtf }))

/** The examples of the codebook's table; where a part is in bold, that part is the mention. */
function codebookExamples(): { context: string; mention: string }[] {
  const codebook = readFileSync(join(root, 'seed-data/README.md'), 'utf8')
  const [, section = ''] = codebook.split('## Numeric mentions\n')
  const [chapter = ''] = section.split('\n## ')
  const [, , ...rows] = chapter.split('\n').filter((line) => line.startsWith('|'))
  return rows
    .flatMap((row) => row.split('|')[2]?.split('·') ?? [])
    .map((cell) => cell.trim())
    .map((cell) => ({ context: cell.replaceAll('**', ''), mention: /\*\*(.+)\*\*/.exec(cell)?.[1] ?? cell }))
}

const examples: Record<string, Reading> = {
  'January 20, 2017': date(2017, '2017-01-20'),
  'June 23rd': date(null, null),
  'March 2018': date(2018, '2018-03'),
  '2017': yearly(2017),
  '209,000': number(209_000),
  '579.9': number(579.9),
  '$2.91 billion': number(2_910_000_000),
  '1.63 million': number(1_630_000),
  '1980s': date(null, null),
  '21st': ordinal(21),
  fifteen: number(15),
  'one billion': number(1_000_000_000),
  'three hundred and twenty': number(320),
  hundreds: number(null),
  'half a million': number(500_000),
  'two decades': duration(20),
  decades: duration(null),
  decade: duration(10),
  'half century': duration(50),
  Third: ordinal(3),
  third: ordinal(3),
  'two-thirds': fraction(2 / 3),
  '½': number(null),
  doubled: multiple(2),
  both: multiple(2),
}

describe("the grammar in the codebook's table", () => {
  it('has the examples that are tested here', () => {
    const mentions = codebookExamples().map((example) => example.mention)
    expect(mentions.toSorted()).toEqual(Object.keys(examples).toSorted())
  })

  const cases = codebookExamples().map(({ context, mention }) => [context, mention] as const)
  it.each(cases)('reads "%s" as the one mention "%s"', (context, mention) => {
    expect(texts(context)).toEqual([mention])
    expect(readings(context)).toEqual([examples[mention]])
  })

  it.each<[string, [string, Reading][]]>([
    ['20 January 2017', [['20 January 2017', date(2017, '2017-01-20')]]],
    ['on 5 May', [['5 May', date(null, null)]]],
    ['on June 23', [['June 23', date(null, null)]]],
    ['the 5th May 2018', [['5th May 2018', date(2018, '2018-05-05')]]],
    ['JANUARY 2, 2017', [['JANUARY 2, 2017', date(2017, '2017-01-02')]]],
    ['May 123', [['123', number(123)]]],
    ['$5', [['$5', number(5)]]],
    ['US$5', [['$5', number(5)]]],
    ['12 hundred', [['12 hundred', number(1200)]]],
    ['4 million million', [['4 million million', number(4e12)]]],
    ['two dozen', [['two dozen', number(24)]]],
    ['seven thousands', [['seven thousands', number(7000)]]],
    ['twenty-one', [['twenty-one', number(21)]]],
    ['zero', [['zero', number(0)]]],
    ['1,000th', [['1,000th', ordinal(1000)]]],
    ['the 2nd-largest', [['2nd', ordinal(2)]]],
    ['twelfth', [['twelfth', ordinal(12)]]],
    ['three centuries', [['three centuries', duration(300)]]],
    ['a century', [['century', duration(100)]]],
    ['half a decade', [['half a decade', duration(5)]]],
    ['once', [['once', multiple(1)]]],
    ['Twice', [['Twice', multiple(2)]]],
    ['double', [['double', multiple(2)]]],
    ['doubling', [['doubling', multiple(2)]]],
    ['triple', [['triple', multiple(3)]]],
    ['tripled', [['tripled', multiple(3)]]],
    ['tripling', [['tripling', multiple(3)]]],
    ['quadrupled', [['quadrupled', multiple(4)]]],
    ['halved', [['halved', multiple(0.5)]]],
    ['half', [['half', multiple(0.5)]]],
    ['a quarter', [['quarter', multiple(0.25)]]],
    ['a pair', [['pair', multiple(2)]]],
  ])('reads "%s" by its row of the table', (text, expected) => {
    expect(texts(text)).toEqual(expected.map(([printed]) => printed))
    expect(readings(text)).toEqual(expected.map(([, reading]) => reading))
  })

  it.each([
    ['COVID-19', ['19']],
    ['2018-2020', ['2018', '2020']],
    ['A1b2', ['1', '2']],
    ['12:30', ['12', '30']],
    ['1/2', ['1', '2']],
    ['3.14.15', ['3.14', '15']],
    ['1970s-1980s', ['1970s', '1980s']],
    ['209,000 and 910', ['209,000', '910']],
    ['in 2013, 2014 and 2015', ['2013', '2014', '2015']],
    ['hundreds of thousands', ['hundreds', 'thousands']],
    ['two or three', ['two', 'three']],
    ['a third of both', ['third', 'both']],
    ['5.', ['5']],
    ['1,234.', ['1,234']],
  ])('finds in "%s" the mentions %j', (text, expected) => {
    expect(texts(text)).toEqual(expected)
  })

  it.each(['several', 'nearly all', 'bone', 'someone', 'attend', 'quarterly', 'paired', 'secondary', 'May', '$', ''])(
    'finds no mention in "%s"',
    (text) => {
      expect(findMentions(text)).toEqual([])
    },
  )

  it.each(['1999', '2017', '2199'])('takes the bare number %s for a year too', (text) => {
    expect(readings(text)).toEqual([yearly(Number(text))])
  })

  it.each(['999', '2200', '2,017', '$2017', '2017.5', '2017 million', '20170'])(
    'does not take %s for a year',
    (text) => {
      expect(readings(text)).toMatchObject([{ year: null, edtf: null }])
    },
  )

  it.each(['June 23rd, 2018', 'June 23 2018'])('reads the full date "%s" as one mention', (text) => {
    expect(findMentions(text)).toMatchObject([{ text, kind: 'date', year: 2018, edtf: '2018-06-23' }])
  })

  it.each([
    ['In March 5,000 officers', '5,000', 5000],
    ['by May 1.5 million', '1.5 million', 1_500_000],
  ])('does not cut the number in "%s" for a day of the month', (text, printed, value) => {
    expect(findMentions(text)).toContainEqual(expect.objectContaining({ text: printed, value }))
  })

  it.each([
    ['between three and four percent', ['three', 'four']],
    ['of five and six', ['five', 'six']],
    ['twenty and thirty', ['twenty', 'thirty']],
  ])('does not add up the two numbers of "%s"', (text, expected) => {
    expect(texts(text)).toEqual(expected)
  })

  it.each([
    ['one-third', 1 / 3],
    ['three quarters', 3 / 4],
    ['nine tenths', 9 / 10],
    ['one half', 1 / 2],
  ])('reads the fraction "%s"', (text, value) => {
    expect(texts(text)).toEqual([text])
    expect(readings(text)).toEqual([fraction(value)])
  })

  it.each([
    ['two third-party audits', ['two', 'third']],
    ['four third-country officers', ['four', 'third']],
    ['three fourth graders', ['three', 'fourth']],
  ])('takes no fraction out of "%s"', (text, expected) => {
    expect(texts(text)).toEqual(expected)
  })

  it.each([
    ['a dozen', 12],
    ['a hundred', 100],
    ['a million', 1_000_000],
    ['three thousand million', 3_000_000_000],
    ['a hundred thousand', 100_000],
    ['twenty-five hundred', 2500],
  ])('reads "%s" as %i', (text, value) => {
    expect(readings(text)).toEqual([number(value)])
  })
})

describe('every word of the codebook', () => {
  const counted = (words: string) => words.split(' ').map((word, index) => [word, index + 1] as const)

  it.each(counted('January February March April May June July August September October November December'))(
    'is known: the month %s',
    (name, month) => {
      expect(readings(`${name} 2018`)).toEqual([date(2018, `2018-${String(month).padStart(2, '0')}`)])
    },
  )

  it.each([
    ...counted('first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth'),
    ...counted('thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth').map(
      ([word, place]) => [word, place + 12] as const,
    ),
  ])('is known: the ordinal %s', (word, place) => {
    expect(readings(`the ${word} place`)).toEqual([ordinal(place)])
  })

  it.each<readonly [string, number]>([
    ...['double', 'doubles', 'doubled', 'doubling', 'twofold', 'twice', 'both', 'pair'].map(
      (word) => [word, 2] as const,
    ),
    ...['triple', 'triples', 'tripled', 'tripling', 'threefold'].map((word) => [word, 3] as const),
    ...['quadruple', 'quadruples', 'quadrupled', 'quadrupling', 'fourfold'].map((word) => [word, 4] as const),
    ...['halve', 'halves', 'halved', 'halving', 'half'].map((word) => [word, 0.5] as const),
    ['fivefold', 5],
    ['tenfold', 10],
    ['quarter', 0.25],
    ['once', 1],
  ])('is known: the multiple %s', (word, value) => {
    expect(readings(`it ${word} it`)).toEqual([multiple(value)])
  })

  it.each(counted('half third quarter fifth sixth seventh eighth ninth tenth'))('is known: the part %s', (word, at) => {
    expect(readings(`one ${word} of it`)).toEqual([fraction(1 / (at + 1))])
    expect(texts(`two ${word === 'half' ? 'halve' : word}s of it`)).toHaveLength(1)
  })
})

describe('offsets', () => {
  it('are Unicode code points, end exclusive', () => {
    expect(findMentions('🚁🚁 in 2018, 𝔸 fifteen')).toMatchObject([
      { text: '2018', start: 6, end: 10 },
      { text: 'fifteen', start: 14, end: 21 },
    ])
  })

  it('count a composed and a decomposed letter as they stand', () => {
    expect(findMentions('é 1')[0]?.start).toBe(2)
    expect(findMentions('e\u0301 1')[0]?.start).toBe(3)
  })

  it('take every kind of blank and line break as one code point', () => {
    expect(findMentions('a\u00a0\r\n\u2009two')[0]).toMatchObject({ start: 5, end: 8 })
  })
})

describe('codePoints', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 2],
    ['🚁', 1],
    ['👩‍🚀', 3],
  ])('counts "%s" as %i', (text, count) => {
    expect(codePoints(text)).toBe(count)
  })
})

/** Texts in which numbers, words, signs and characters beyond the first plane meet in any order. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...Object.keys(examples),
        'May',
        'million',
        'and',
        'st',
        's',
        '$',
        ',',
        '.',
        '-',
        ' ',
        '\u00a0',
        '🚁',
      ),
      fc.stringMatching(/^[0-9]{1,5}$/),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''))

describe('the mentions of any text', () => {
  it('hold every digit exactly once', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const mentions = findMentions(text)
        for (const [place, character] of [...text].entries()) {
          if (!/[0-9]/.test(character)) continue
          expect(mentions.filter(({ start, end }) => start <= place && place < end)).toHaveLength(1)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('stand in order, none empty, none overlapping another', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        let reached = 0
        for (const { start, end } of findMentions(text)) {
          expect(start).toBeGreaterThanOrEqual(reached)
          expect(end).toBeGreaterThan(start)
          reached = end
        }
        expect(reached).toBeLessThanOrEqual(codePoints(text))
      }),
      { numRuns: 500 },
    )
  })

  it('stand where they say, in code points', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const points = [...text]
        for (const mention of findMentions(text)) {
          expect(points.slice(mention.start, mention.end).join('')).toBe(mention.text)
        }
      }),
      { numRuns: 500 },
    )
  })
})

/** Words on either side of a number that are neither numbers nor months. */
const words = fc
  .array(fc.constantFrom('hectares', 'of', 'the', 'seized', 'cocaïne', 'percent', 'more', 'than', '—', '🚁'), {
    minLength: 1,
  })
  .map((list) => list.join(' '))

const expectRead = (before: string, printed: string, after: string, value: number) => {
  const lead = `${before} `
  expect(findMentions(`${lead}${printed} ${after}`)).toMatchObject([
    { kind: 'number', text: printed, value, start: codePoints(lead), end: codePoints(lead) + codePoints(printed) },
  ])
}

/** A number as print writes it, and its value, made by moving the decimal point and not by multiplying. */
const formatted = fc
  .record({
    whole: fc.nat(999_999_999),
    separated: fc.boolean(),
    decimals: fc.stringMatching(/^[0-9]{0,3}$/),
    dollars: fc.boolean(),
    scale: fc.constantFrom(
      ['', 0] as const,
      [' hundred', 2] as const,
      [' thousand', 3] as const,
      [' million', 6] as const,
      [' Billion', 9] as const,
      [' trillions', 12] as const,
      [' hundred thousand', 5] as const,
    ),
  })
  .map(({ whole, separated, decimals, dollars, scale: [scale, power] }) => {
    const fraction = decimals === '' ? '' : `.${decimals}`
    const digits = separated ? whole.toLocaleString('en-US') : String(whole)
    return {
      printed: `${dollars ? '$' : ''}${digits}${fraction}${scale}`,
      value: Number(`${whole}${fraction}e${power}`),
    }
  })

const units = [
  ...['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'],
  ...['thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'],
]
const tens = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety']

/** A whole number below 10¹⁵ in English words, with or without hyphens and "and". */
function spell(value: number, hyphen: string, and: string): string {
  if (value < 20) return units[value] ?? ''
  if (value < 100) {
    const unit = value % 10 === 0 ? '' : `${hyphen}${units[value % 10]}`
    return `${tens[Math.floor(value / 10)]}${unit}`
  }
  const scales = [
    [1e12, 'trillion'],
    [1e9, 'billion'],
    [1e6, 'million'],
    [1e3, 'thousand'],
    [1e2, 'hundred'],
  ] as const
  const [size, name] = scales.find(([scale]) => value >= scale) ?? [1, '']
  const head = `${spell(Math.floor(value / size), hyphen, and)} ${name}`
  const rest = value % size
  if (rest === 0) return head
  return `${head}${rest < 100 ? and : ' '}${spell(rest, hyphen, and)}`
}

describe('a number among words', () => {
  it('is read with its value, whatever its separators, decimals, currency sign and scale words', () => {
    fc.assert(
      fc.property(words, formatted, words, (before, { printed, value }, after) => {
        const year = /^\d{4}$/.test(printed)
        fc.pre(!year)
        expectRead(before, printed, after, value)
      }),
      { numRuns: 500 },
    )
  })

  it('is read with its value where it is written in words', () => {
    const value = fc.oneof(fc.nat(130), fc.nat(99_999), fc.nat(999_999_999_999_999))
    const hyphen = fc.constantFrom('-', ' ')
    const and = fc.constantFrom(' ', ' and ')
    fc.assert(
      fc.property(words, value, hyphen, and, words, (before, wanted, between, joint, after) => {
        expectRead(before, spell(wanted, between, joint), after, wanted)
      }),
      { numRuns: 500 },
    )
  })

  it('is read whatever the case of its words', () => {
    fc.assert(
      fc.property(fc.nat(999_999), (wanted) => {
        const printed = spell(wanted, '-', ' ').toUpperCase()
        expectRead('of', printed, 'hectares', wanted)
      }),
    )
  })
})
