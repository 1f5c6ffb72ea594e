/** Figures, periods and relations in plain words: what the codes of a flat row say, for people. */
import { onFirstUse } from '../first-use.ts'
import { rounded, type Precision, type Rounding } from '../precision.ts'
import type { Figure } from '../schemas/figures.ts'
import type { Measure, Origin, Relation } from '../schemas/vocabularies.ts'

/** How a unit is named, and its symbol; that of money is its code in ISO 4217. */
export type UnitWords = { title: string; symbol: string }

// Fifteen digits tell any two printed numbers apart, and none of them is noise.
const grouped = onFirstUse(() => new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 15 }))
const ordinals = onFirstUse(() => new Intl.PluralRules('en-GB', { type: 'ordinal' }))
const ordinalEndings: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd' }

const scales = [
  [1e9, 'billion'],
  [1e6, 'million'],
] as const

/** A number with the digits that it is shown with, without its sign. */
const digits = (value: number, precision: Precision | null, rounding: Rounding) =>
  scaled(rounded(Math.abs(value), precision, rounding))

/** A number as people read it: what has few digits before many zeros by the name of its scale. */
function scaled(size: number): string {
  for (const [scale, name] of scales) {
    const short = grouped().format(size / scale)
    if (size >= scale && short.length <= 5) return `${short} ${name}`
  }
  return grouped().format(size)
}

/** A number of a unit: "130,000 hectares", "US$2.91 billion", "37 percent", "3rd place". */
function withUnit(number: string, { title, symbol }: UnitWords): string {
  if (title === 'rank') return `${number}${ordinalEndings[ordinals().select(Number(number))] ?? 'th'} place`
  if (/^[A-Z]{3}$/.test(symbol)) {
    const sign = new Intl.NumberFormat('en-GB', { style: 'currency', currency: symbol }).formatToParts(0)
    return `${sign.find(({ type }) => type === 'currency')?.value ?? symbol}${number}`
  }
  // What stands in brackets is another name of the same unit.
  return `${number} ${title.replace(/ \(.*\)$/, '')}`
}

/** `less_than` depends on the unit: `lessThan` has it. */
const qualifierWords: Readonly<Record<Exclude<NonNullable<Figure['qualifier']>, 'less_than'>, string>> = {
  exact: '',
  approximately: 'approximately ',
  estimated: 'an estimated ',
  more_than: 'more than ',
  at_least: 'at least ',
  at_most: 'at most ',
  nearly: 'nearly ',
}

type Quantity = Pick<
  Figure,
  'value' | 'value_low' | 'value_low_inclusive' | 'value_high' | 'value_high_inclusive' | 'qualifier'
>

/** The size of a figure, without its direction: what it is called, and the number. Null of a record without a number. */
function sizeOf(figure: Quantity & { unit: string }, unit: UnitWords, precision: Precision | null): string | null {
  const { value, qualifier } = figure
  if (value === null) return null
  const number = (size: number, rounding: Rounding) => withUnit(digits(size, precision, rounding), unit)
  if (qualifier !== null) {
    const words = qualifier === 'less_than' ? `${lessThan(unit)} ` : qualifierWords[qualifier]
    return `${words}${number(value, 'nearest')}`
  }
  if (crossesZero(figure)) return signedBounds(figure, unit, precision).join(' and ')
  // Computed: the bounds say how sure it is. Of a decrease the bound nearer to zero is the upper one.
  const [near, far] =
    value < 0
      ? [bound(figure.value_high, figure.value_high_inclusive), bound(figure.value_low, figure.value_low_inclusive)]
      : [bound(figure.value_low, figure.value_low_inclusive), bound(figure.value_high, figure.value_high_inclusive)]
  if (near === null && far === null) return `about ${number(value, 'nearest')}, without proven bounds`
  if (near !== null && far !== null) {
    if (near.at === far.at) return `${rounded(value, precision) === value ? '' : 'about '}${number(value, 'nearest')}`
    return `between ${number(near.at, 'down')} and ${number(far.at, 'up')}`
  }
  if (near !== null) return `${near.inclusive ? 'at least' : 'more than'} ${number(near.at, 'down')}`
  return far === null ? null : `${far.inclusive ? 'at most' : lessThan(unit)} ${number(far.at, 'up')}`
}

/** What is counted has no symbol of its own, and is fewer; what is measured is less. */
const lessThan = ({ symbol, title }: UnitWords) => (symbol === title ? 'fewer than' : 'less than')

/** Whether the bounds leave it open in which direction a number is. */
const crossesZero = ({ value, value_low: low, value_high: high }: Quantity) =>
  value !== null && (value < 0 ? high !== null && high > 0 : low !== null && low < 0)

const bound = (at: number | null, inclusive: boolean | null) =>
  at === null ? null : { at, inclusive: inclusive === true }

type Claim = Quantity &
  Pick<
    Figure,
    'measure' | 'unit' | 'year' | 'baseline_year' | 'baseline_basis' | 'superlative' | 'superlative_since'
  > & {
    claim_type?: string
  }

/**
 * What a figure claims, without its scope and period: "more than 130,000 hectares", "a fall of 50 percent from 2017",
 * "579.9 tonnes, the highest on record".
 */
export function amountWords(figure: Claim, unit: UnitWords, precision: Precision | null): string {
  const size = sizeOf(figure, unit, precision)
  const record = recordWords(figure)
  if (size === null) return record ?? 'no number'
  return [measured(figure, size), record].filter((part) => part !== null).join(', ')
}

function measured(figure: Claim, size: string): string {
  const { measure, value, year, baseline_year, baseline_basis } = figure
  switch (measure) {
    case 'level':
      return size
    case 'cumulative':
      return `${size} in all`
    case 'share':
      return `a share of ${size}`
    case 'rate':
      return `${size} a year`
    case 'change':
    case 'relative_change': {
      const direction = crossesZero(figure) ? 'a change of' : (value ?? 0) < 0 ? 'a fall of' : 'a rise of'
      // What an event changed is counted from just before it, most often in the same year.
      const from = baseline_year === year ? ` within ${year}` : ` from ${baseline_year}`
      // What the phrase does not say itself must not look as if it did.
      const basis = baseline_basis === 'inferred' ? ' (base year inferred)' : ''
      return `${direction} ${size}${baseline_year === null ? '' : from}${basis}`
    }
  }
}

function recordWords({ superlative, superlative_since: since }: Claim): string | null {
  if (superlative === null) return null
  return `the ${superlative} ${since === null ? 'on record' : `since ${since}`}`
}

/** A number of a unit with its sign. */
const signed = (at: number, rounding: Rounding, unit: UnitWords, precision: Precision | null) =>
  `${at < 0 ? '−' : ''}${withUnit(digits(at, precision, at < 0 && rounding !== 'nearest' ? other[rounding] : rounding), unit)}`
const other = { down: 'up', up: 'down' } as const

/** The bounds that a number has, the lower one first: "more than 130,000 hectares". */
const signedBounds = (figure: Quantity, unit: UnitWords, precision: Precision | null): string[] => {
  const { value_low: low, value_high: high } = figure
  return [
    ...(low === null
      ? []
      : [`${figure.value_low_inclusive ? 'at least' : 'more than'} ${signed(low, 'down', unit, precision)}`]),
    ...(high === null
      ? []
      : [`${figure.value_high_inclusive ? 'at most' : lessThan(unit)} ${signed(high, 'up', unit, precision)}`]),
  ]
}

/** What is known of a number, from its bounds: a sentence without its full stop. */
export function boundWords(
  figure: Quantity & { measure: Measure; origin: Origin },
  unit: UnitWords,
  precision: Precision | null,
): string {
  const { value, value_low: low, value_high: high } = figure
  if (value === null) return 'no number is printed, so nothing is known of its size'
  const often = figure.measure === 'rate' ? ' a year' : ''
  if (low !== null && low === high) {
    const number = `${signed(low, 'nearest', unit, precision)}${often}`
    if (figure.origin === 'quoted') return `exactly ${number}: it is printed without a qualifier`
    const how = rounded(low, precision) === low ? `exactly ${number}` : `about ${number}, rounded`
    return `${how}: it follows from numbers that are printed without a qualifier`
  }
  const parts = signedBounds(figure, unit, precision).map((part) => `${part}${often}`)
  if (parts.length === 0) return 'no bound is proven, below or above'
  if (parts.length === 2) return parts.join(' and ')
  return `${parts.join('')}; ${low === null ? 'no lower bound' : 'no upper bound'} is given`
}

const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October'],
  ...['November', 'December'],
]

/** One end of an EDTF interval: a year, a month or a day, perhaps approximate. */
function dateWords(date: string): string {
  const [, year = '', month, day, about] = /^(-?\d{4})(?:-(\d\d))?(?:-(\d\d))?([?~%])?$/.exec(date) ?? [, date]
  const name = month === undefined ? null : (months[Number(month) - 1] ?? null)
  const words = [day === undefined ? null : String(Number(day)), name, year].filter((part) => part !== null).join(' ')
  return about === undefined ? words : `about ${words}`
}

/** A date or period in EDTF (ISO 8601-2) in words: "2018 to 2020", "up to 19 January 2020", "about 2012". */
export function periodWords(period: string): string {
  const [from = '', to] = period.split('/')
  if (to === undefined) return dateWords(from)
  if (from === '..' || from === '') return `up to ${dateWords(to)}`
  if (to === '..' || to === '') return `since ${dateWords(from)}`
  return `${dateWords(from)} to ${dateWords(to)}`
}

/** A date of publication in EDTF in words; an interval is a window within which the day lies. */
export function publishedWords(published: string): string {
  const [from = '', to] = published.split('/')
  if (from === '..') return periodWords(published)
  return to === undefined ? dateWords(from) : `between ${dateWords(from)} and ${dateWords(to)}`
}

/** Relations as a heading over the two figures, and as the sentence that says what may be concluded. */
export const relationWords: Readonly<Record<Relation, { title: string; meaning: string }>> = {
  conflicts: { title: 'They cannot both be true', meaning: 'The bounds of the two exclude each other.' },
  revises: {
    title: 'Printed anew, with another number',
    meaning: 'The same publisher says something else of the same thing in a later document.',
  },
  different_scope: {
    title: 'Alike in name, different in scope',
    meaning: 'Their scopes are not the same, or not known to be: neither confirms nor contradicts the other.',
  },
  updates: { title: 'A running total, restated', meaning: 'The later one counts on, and is not lower.' },
  agrees: { title: 'Two voices agree', meaning: 'Another voice makes the same claim.' },
  repeats: { title: 'One voice, heard twice', meaning: 'The same claim by the same voice confirms nothing.' },
  compatible: { title: 'Side by side', meaning: 'Neither repeats the other, and neither excludes it.' },
}

/** A count with its noun: "1 figure", "76 figures". */
export const counted = (count: number, noun: string, many = `${noun}s`) =>
  `${grouped().format(count)} ${count === 1 ? noun : many}`

/** How many figures there are: how many of them are printed, in how many documents, and how many computed. */
export function figureCounts(all: number, computed: number, documents: number): string {
  if (computed === all) return `${counted(all, 'figure')}, computed`
  const printed = `in ${counted(documents, 'document')}`
  return computed === 0
    ? `${counted(all, 'figure')} ${printed}`
    : `${counted(all, 'figure')}: ${whole(all - computed)} ${printed}, ${whole(computed)} computed`
}

/** A whole number with its thousands told apart. */
export const whole = (count: number) => grouped().format(count)
