/**
 * The grammar of numeric mentions: which stretches of a text count as a number, and what number each says.
 * The codebook (`seed-data/README.md`, "Numeric mentions") states the same grammar in words.
 */

/** One numeric mention. `start` and `end` are Unicode code points, `end` exclusive. */
export type Mention = {
  start: number
  end: number
  text: string
  kind: 'date' | 'number' | 'ordinal' | 'fraction' | 'multiple' | 'duration'
  /**
   * What the mention says as a number: "$2.91 billion" is 2910000000, "third" 3, "doubled" 2, "two decades" 20
   * (years). Null where it says none by itself: a date with a month, a decade such as "1980s".
   */
  value: number | null
  /** The calendar year the mention may be, for a date or a bare four-digit number; otherwise null. */
  year: number | null
  /** The EDTF form of a date that has a year: "2018-07"; otherwise null. */
  edtf: string | null
}

const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
]

const belowTen = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']
const belowTwenty = [
  ...['ten', 'eleven', 'twelve', 'thirteen', 'fourteen'],
  ...['fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'],
]
const tens = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety']
const cardinals: Record<string, number> = Object.fromEntries([
  ...[...belowTen, ...belowTwenty].map((word, value) => [word, value] as const),
  ...tens.map((word, index) => [word, (index + 2) * 10] as const),
])
const scales: Record<string, number> = {
  dozen: 12,
  hundred: 100,
  thousand: 1e3,
  million: 1e6,
  billion: 1e9,
  trillion: 1e12,
}

const ordinals: Record<string, number> = Object.fromEntries(
  [
    ...['first', 'second', 'third', 'fourth', 'fifth', 'sixth'],
    ...['seventh', 'eighth', 'ninth', 'tenth', 'eleventh', 'twelfth'],
    ...['thirteenth', 'fourteenth', 'fifteenth', 'sixteenth', 'seventeenth', 'eighteenth', 'nineteenth', 'twentieth'],
  ].map((word, index) => [word, index + 1]),
)

/** Words that multiply: what doubled is twice as much. */
export const factors: Readonly<Record<string, number>> = Object.fromEntries(
  [
    [2, ['double', 'doubles', 'doubled', 'doubling', 'twofold']],
    [3, ['triple', 'triples', 'tripled', 'tripling', 'threefold']],
    [4, ['quadruple', 'quadruples', 'quadrupled', 'quadrupling', 'fourfold']],
    [5, ['fivefold']],
    [10, ['tenfold']],
    [0.5, ['halve', 'halves', 'halved', 'halving']],
  ].flatMap(([factor, words]) => (words as string[]).map((word) => [word, factor as number])),
)
/** Words for a part of a whole. */
export const fractions: Readonly<Record<string, number>> = { half: 0.5, quarter: 0.25 }
/** Words that count occasions. */
export const counts: Readonly<Record<string, number>> = { once: 1, twice: 2 }
const multiples: Readonly<Record<string, number>> = { ...factors, ...fractions, ...counts, both: 2, pair: 2 }

const parts: Readonly<Record<string, number>> = {
  half: 2,
  halve: 2,
  third: 3,
  quarter: 4,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  seventh: 7,
  eighth: 8,
  ninth: 9,
  tenth: 10,
}

const spans: Record<string, number> = { decade: 10, century: 100 }

const oneOf = (words: Iterable<string>) => [...words].sort((a, b) => b.length - a.length).join('|')
const month = oneOf(months)
const scale = `(?:${oneOf(Object.keys(scales))})s?`
const span = '(?:decades?|century|centuries)'
const gap = '(?:\\s+|-)'
const figures = '\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|\\d+(?:\\.\\d+)?'
const below100 = `(?:(?:${oneOf(tens)})(?:${gap}(?:${oneOf(belowTen)}))?|${oneOf([...belowTen, ...belowTwenty])})`
const scaled = `(?:${below100}${gap})?${scale}(?:${gap}${scale})*`
// "Three hundred and twenty" is one number, "three and four" is two: only a scale word leads on to a further part.
const number = `(?:${scaled}${gap}(?:and\\s+)?)*(?:${scaled}|${below100})`
const [begin, finish] = ['(?<![\\p{L}\\p{N}])', '(?![\\p{L}\\p{N}])']
const day = '\\d{1,2}(?:st|nd|rd|th)?'
// Not the beginning of a larger number: "March 5,000".
const whole = '(?!\\p{N}|[.,]\\d)'

// The order matters: the first alternative that fits at a place wins, so the longer readings come first.
const pattern = new RegExp(
  [
    `(?<date>${begin}(?:${month})\\s+(?:${day}(?:,\\s*|\\s+)\\d{4}${whole}|\\d{4}${whole}|${day}${whole})|${begin}${day}\\s+(?:${month})(?:\\s+\\d{4}${whole})?${finish})`,
    `(?<era>\\d{4}s${finish})`,
    `(?<ranked>(?:${figures})(?:st|nd|rd|th)${finish})`,
    `(?<digits>\\$?(?:${figures})(?:\\s+${scale}${finish})*)`,
    // "One third", "two thirds"; but two of something called third are no part ("two third-party audits").
    `(?<part>${begin}(?:one${gap}(?:${oneOf(Object.keys(parts))})|(?:${oneOf(belowTen.slice(2))})${gap}(?:${oneOf(Object.keys(parts))})s)${finish}(?!-\\p{L}))`,
    `(?<half>${begin}half\\s+(?:a\\s+)?${scale}${finish})`,
    `(?<halfspan>${begin}half\\s+(?:a\\s+)?${span}${finish})`,
    `(?<words>${begin}${number}${finish}(?:\\s+${span}${finish})?)`,
    `(?<span>${begin}${span}${finish})`,
    `(?<ordinal>${begin}(?:${oneOf(Object.keys(ordinals))})${finish})`,
    `(?<multiple>${begin}(?:${oneOf(Object.keys(multiples))})${finish})`,
    // Signs such as ½ and digits of other scripts: numbers, if not ones that are read here.
    `(?<sign>[\\p{N}--[0-9]]+)`,
  ].join('|'),
  'giv',
)

/**
 * The number that a run of number words says: "three hundred and twenty" is 320, "thousand" ("a thousand") 1000; null for
 * a bare plural ("hundreds"), which says none.
 */
function readWords(text: string): number | null {
  const words = text
    .toLowerCase()
    .split(/[\s-]+/)
    .filter((word) => word !== 'and')
  let total = 0
  let part: number | null = null
  for (const [index, word] of words.entries()) {
    const factor = scales[word] ?? scales[word.replace(/s$/, '')]
    if (factor === undefined) {
      part = (part ?? 0) + (cardinals[word] ?? Number.NaN)
      continue
    }
    if (part === null && index === 0 && !(word in scales)) return null
    part = (part ?? 1) * factor
    const next = words[index + 1]
    // From a thousand on, a scale closes its part, unless another multiplies it ("three thousand million").
    if (factor >= 1000 && (next === undefined || next in cardinals)) {
      total += part
      part = null
    }
  }
  return total + (part ?? 0)
}

function years(text: string): number {
  return spans[text.toLowerCase().replace(/ies$/, 'y').replace(/s$/, '')] ?? Number.NaN
}

function readDate(text: string): Pick<Mention, 'year' | 'edtf'> {
  const name = months.findIndex((candidate) => text.toLowerCase().includes(candidate.toLowerCase())) + 1
  const numbers = [...text.matchAll(/\d+/g)].map(([digits]) => digits)
  const yearText = numbers.find((digits) => digits.length === 4)
  if (yearText === undefined) return { year: null, edtf: null }
  const day = numbers.find((digits) => digits.length < 4)
  const parts = [yearText, String(name).padStart(2, '0'), ...(day === undefined ? [] : [day.padStart(2, '0')])]
  return { year: Number(yearText), edtf: parts.join('-') }
}

function read(groups: Record<string, string | undefined>): Omit<Mention, 'start' | 'end' | 'text'> {
  const none = { value: null, year: null, edtf: null }
  const { date, era, ranked, digits, part, half, halfspan, words, span: bareSpan, ordinal, multiple } = groups
  if (date !== undefined) return { kind: 'date', ...none, ...readDate(date) }
  if (era !== undefined) return { kind: 'date', ...none }
  if (ranked !== undefined) return { kind: 'ordinal', ...none, value: Number.parseFloat(ranked.replaceAll(',', '')) }
  if (digits !== undefined) {
    const number = Number.parseFloat(digits.replace('$', '').replaceAll(',', ''))
    const factor = [...digits.matchAll(/\p{L}+/gu)].reduce(
      (product, [name]) => product * (scales[name.toLowerCase().replace(/s$/, '')] ?? Number.NaN),
      1,
    )
    const bare = /^(1[0-9]|20|21)\d\d$/.test(digits)
    // A product of floats may carry noise (2.91 × 1e9), so it is rounded at fifteen digits, which no print exceeds.
    const value = Number((number * factor).toPrecision(15))
    return { kind: 'number', value, year: bare ? number : null, edtf: bare ? digits : null }
  }
  if (part !== undefined) {
    const [count = '', whole = ''] = part.toLowerCase().split(/[\s-]+/)
    const size = parts[whole] ?? parts[whole.replace(/s$/, '')] ?? Number.NaN
    return { kind: 'fraction', ...none, value: (cardinals[count] ?? Number.NaN) / size }
  }
  if (half !== undefined) {
    const factor = scales[half.split(/\s+/).at(-1)?.toLowerCase().replace(/s$/, '') ?? '']
    return { kind: 'number', ...none, value: 0.5 * (factor ?? Number.NaN) }
  }
  if (halfspan !== undefined) {
    return { kind: 'duration', ...none, value: 0.5 * years(halfspan.split(/\s+/).at(-1) ?? '') }
  }
  if (words !== undefined) {
    const tail = words.split(/\s+/).at(-1) ?? ''
    const counted = Number.isNaN(years(tail)) ? null : years(tail)
    if (counted === null) return { kind: 'number', ...none, value: readWords(words) }
    const count = readWords(words.slice(0, -tail.length).trim())
    return { kind: 'duration', ...none, value: count === null ? null : count * counted }
  }
  if (bareSpan !== undefined) return { kind: 'duration', ...none, value: /s$/i.test(bareSpan) ? null : years(bareSpan) }
  if (ordinal !== undefined) return { kind: 'ordinal', ...none, value: ordinals[ordinal.toLowerCase()] ?? null }
  if (multiple !== undefined) return { kind: 'multiple', ...none, value: multiples[multiple.toLowerCase()] ?? null }
  return { kind: 'number', ...none }
}

/** Signs that only look different, such as a long s, which the pattern takes for its like. */
const plain = (groups: Record<string, string | undefined>) =>
  Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, text?.normalize('NFKC')]))

/**
 * Every numeric mention of a text, in order, none overlapping. Every decimal digit of the text lies in exactly one
 * mention.
 */
export function findMentions(text: string): Mention[] {
  const mentions: Mention[] = []
  let unit = 0
  let point = 0
  for (const match of text.matchAll(pattern)) {
    point += codePoints(text.slice(unit, match.index))
    unit = match.index
    const [found] = match
    mentions.push({ start: point, end: point + codePoints(found), text: found, ...read(plain(match.groups ?? {})) })
  }
  return mentions
}

/** The length of a text in Unicode code points, the unit of every offset in the dataset. */
export function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}
