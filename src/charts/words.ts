/** How charts write periods, numbers and bounds: short, for labels. */
import { rounded, type Precision, type Rounding } from '../precision.ts'
import type { PeriodBasis, Qualifier, Superlative } from '../schemas/vocabularies.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

type Point = { year: string; month?: string; day?: string; about: string }

function readPoint(text: string): Point | undefined {
  const [, year, month, day, doubt] = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?([~?%]?)$/.exec(text) ?? []
  if (year === undefined) return undefined
  return {
    year,
    ...(month !== undefined && { month: months[Number(month) - 1] ?? month }),
    ...(day !== undefined && { day: String(Number(day)) }),
    about: doubt === '' ? '' : 'about ',
  }
}

const write = ({ year, month, day, about }: Point) =>
  about + [day, month, year].filter((part) => part !== undefined).join(' ')

/** The start of an interval: what it shares with the end is said once. */
function writeStart(start: Point, end: Point): string {
  if (start.about !== end.about || start.year !== end.year) return write(start)
  const { year: _, ...rest } = start
  if (start.month === end.month && start.day !== undefined && end.day !== undefined) return start.about + start.day
  return start.about + [rest.day, rest.month].filter((part) => part !== undefined).join(' ')
}

/** A point in less detail: a day as its month, or as its year. */
const coarse = (point: string, detail: 'month' | 'year') =>
  point.replace(detail === 'month' ? /^(\d{4}-\d\d)-\d\d/ : /^(\d{4})-[\d-]+/, '$1')

/**
 * A period of the dataset (EDTF, ISO 8601-2) in words: "2017", "Jul 2018", "2018–2020", "to 2018", "about 2012". A date of
 * the document that stands in for a period that nobody gave is said to be one, by its month: "as of Jan–Jun 2019".
 *
 * @param brief whether intervals are told by their years, and dates of documents too.
 */
export function periodInWords(period: string, basis: PeriodBasis, brief = false): string {
  const isDate = basis === 'document'
  const asOf = isDate ? 'as of ' : ''
  const detail = brief && (isDate || period.includes('/')) ? 'year' : isDate ? 'month' : undefined
  const [from = '', to = from] = period
    .split('/')
    .map((point) => (detail === undefined ? point : coarse(point, detail)))
  const end = readPoint(to)
  if (end === undefined) return asOf + period
  const start = readPoint(from)
  if (start === undefined) return isDate ? asOf + write(end) : `to ${write(end)}`
  if (from === to) return asOf + write(end)
  const first = writeStart(start, end)
  const last = start.about === end.about ? write({ ...end, about: '' }) : write(end)
  // A dash between words would join the last of the one to the first of the other.
  const dash = first.includes(' ') || (last.includes(' ') && end.day !== undefined && end.month !== start.month)
  return `${asOf}${first}${dash ? ' – ' : '–'}${last}`
}

/** By what large amounts are divided to be read: "29 billion". */
const scales = [
  { by: 1e12, word: 'trillion' },
  { by: 1e9, word: 'billion' },
  { by: 1e6, word: 'million' },
] as const
export const unscaled = { by: 1, word: '' } as const
export type Scale = (typeof scales)[number] | typeof unscaled

/** The scale in which an amount is read, by its size. */
export const scaleOf = (amount: number): Scale => scales.find(({ by }) => Math.abs(amount) >= by) ?? unscaled

/**
 * A number with all its digits, thousands separators and a true minus sign; from a million on in words, where three
 * decimals are enough for it: "2.91 billion".
 */
export function numberInWords(value: number): string {
  const scale = scaleOf(value)
  const { by, word } = (value * 1000) % scale.by === 0 ? scale : unscaled
  const text = (value / by).toLocaleString('en-GB', { maximumSignificantDigits: 17 }).replace('-', '−')
  return word === '' ? text : `${text} ${word}`
}

/** The number and bounds of a figure, and how they are said. */
export type Claim = {
  origin: 'quoted' | 'derived'
  value: number | null
  value_low: number | null
  value_low_inclusive: boolean | null
  value_high: number | null
  value_high_inclusive: boolean | null
  qualifier: Qualifier | null
  superlative: Superlative | null
  superlative_since: number | null
  /** With how many digits a computed number is shown; null of one that is printed. */
  precision: Precision | null
}

/** Which sides of a figure's value are open: nothing that was printed, or follows from print, bounds it there. */
export function openSides({ value_low, value_high }: Pick<Claim, 'value_low' | 'value_high'>) {
  return { low: value_low === null, high: value_high === null }
}

/** What a record claims: "highest on record", "lowest since 1985". */
function recordInWords({ superlative, superlative_since }: Claim): string {
  if (superlative === null) return ''
  return superlative_since === null ? `${superlative} on record` : `${superlative} since ${superlative_since}`
}

/**
 * The value of a figure with its bounds, as a reader takes it: "> 130,000", "≈ 85,000", "lowest since 1985".
 *
 * @param brief whether a record that has a number is told by the number alone.
 */
export function valueInWords(claim: Claim, brief = false): string {
  const record = recordInWords(claim)
  const { value } = claim
  if (value === null) return record
  const bounds = boundsInWords(claim, value)
  return brief || record === '' ? bounds : `${bounds}, ${record}`
}

function boundsInWords(claim: Claim, value: number): string {
  const { precision, value_low, value_low_inclusive, value_high, value_high_inclusive, qualifier } = claim
  const write = (number: number, rounding?: Rounding) => numberInWords(rounded(number, precision, rounding))
  if (value_low !== null && value_high !== null) {
    if (value_low === value_high) return `${rounded(value, precision) === value ? '' : '≈ '}${write(value)}`
    return `${write(value_low, 'down')} to ${write(value_high, 'up')}`
  }
  if (value_low !== null) return `${value_low_inclusive === true ? '≥' : '>'} ${write(value_low, 'down')}`
  if (value_high !== null) {
    const sign = value_high_inclusive === true ? '≤' : '<'
    return qualifier === 'nearly' ? `nearly ${write(value)}` : `${sign} ${write(value_high, 'up')}`
  }
  return `${qualifier === 'estimated' ? 'est.' : '≈'} ${write(value)}`
}

/** Lines of at most so many characters, broken between words; a word that is longer stands alone. */
export function wrap(text: string, most: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
