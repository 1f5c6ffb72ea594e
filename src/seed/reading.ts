/**
 * What a printed phrase says of a figure: its value, qualifier, direction, place among peers or record. Pure functions
 * over a mention and the words around it; the rules are the codebook's ("A figure, field by field").
 */
import type { EvidenceRole, Measure, Qualifier, Superlative } from '../schemas/vocabularies.ts'
import { counts, factors, fractions, type Mention } from './mentions.ts'

/** What of a figure can be read off its document. */
export type Readable = {
  value: number | null
  qualifier: Qualifier | null
  measure: Measure
  unit: string
  year: number
  period: string
  baseline_year: number | null
  superlative: Superlative | null
  superlative_since: number | null
  quote: string
}

/** A mention with the text on either side of it, as far as its reading may hang on it. */
export type Place = { mention: Mention; before: string; after: string }

/** The words that print each unit that has words of its own, by unit; a unit without any may be printed as anything. */
export type UnitWords = ReadonlyMap<string, readonly string[]>

const justBefore = (...words: string[]) =>
  new RegExp(`(?<!\\p{L})(?:${words.join('|')})\\s+(?:an?\\s+|the\\s+)?$`, 'iu')

/** The words that make a qualifier when they stand just before a number; the first that fits counts. */
const qualifierWords: readonly (readonly [Qualifier, RegExp])[] = [
  ['at_most', justBefore('no more than', 'not more than', 'at most', 'up to')],
  ['at_least', justBefore('no fewer than', 'no less than', 'not less than', 'at least')],
  ['more_than', justBefore('more than', 'over', 'above', 'exceeding', 'exceeded', 'in excess of')],
  ['less_than', justBefore('fewer than', 'less than', 'below', 'under')],
  ['nearly', justBefore('nearly', 'almost', 'close to')],
  ['approximately', justBefore('approximately', 'about', 'around', 'roughly', 'some')],
  ['estimated', justBefore('estimated', 'an estimate of')],
]

/** What qualifies a number in a way that the codebook has no rule for, before it and after it. */
const unruled = {
  before: /(?:\b(?:as (?:many|much|few|little) as|greater than|upwards? of|not quite|well)\s*|[<>~≈≥≤±]\s*)$/iu,
  after: /^(?:\+|\s+(?:or (?:more|less|fewer|so)|plus|and counting)\b)/iu,
}

/** The qualifier that is printed with a number; null where the codebook has no rule for it. */
function printedQualifier({ before, after }: Place): Qualifier | null {
  const found = qualifierWords.find(([, pattern]) => pattern.test(before))?.[0]
  if (unruled.after.test(after)) return null
  return found ?? (unruled.before.test(before) ? null : 'exact')
}

/** The words before a number, less those of its qualifier ("to about " is "to "). */
function withoutQualifier(before: string): string {
  const pattern = qualifierWords.find(([, candidate]) => candidate.test(before))?.[1]
  return pattern === undefined ? before : `${before.replace(pattern, '')} `
}

/** Whether the words before a percentage make it a level in percent of the base ("to 50 percent of"). */
const isLevel = (before: string): boolean => /\bto\s+$/iu.test(withoutQualifier(before))

/** "To less than 40 percent of" is a fall by more than 60 percent: what bounds the level bounds the fall the other way. */
const turned: Partial<Record<Qualifier, Qualifier>> = {
  more_than: 'less_than',
  less_than: 'more_than',
  nearly: 'more_than',
  at_least: 'at_most',
  at_most: 'at_least',
}

/** The qualifier that the figure ought to have, by what is printed with its value; null where that has no rule. */
export function expectedQualifier(figure: Readable, place: Place): Qualifier | null {
  const printed = printedQualifier(place)
  const falls = figure.measure === 'relative_change' && (figure.value ?? 0) < 0 && isLevel(place.before)
  return printed === null ? null : ((falls ? turned[printed] : undefined) ?? printed)
}

const qualifying = /\b(?:(?:no|not)\s+)?(?:more|less|fewer)\s+than\b|\bup\s+to\b|\bat\s+(?:most|least)\b/giu
const increase =
  /\b(?:increas\w*|gr[eo]w\w*|rose|ris(?:e|en|ing)|rais(?:e|ed|ing)|add(?:ed|ing|itional)?|doubl\w*|tripl\w*|quadrupl\w*|climb\w*|jump\w*|surg\w*|gain\w*|expand\w*|up|higher)\b/iu
const decrease =
  /\b(?:reduc\w*|declin\w*|decreas\w*|fall\w*|fell|drop\w*|down|cut\w*|halv\w*|shr[aiu]nk\w*|lower(?:ed|ing)?|los[st]\w*)\b/iu

/** Whether the quote shows the direction of a change, and no other; the words of its qualifier ("less than") do not count. */
function showsDirection(quote: string, value: number): boolean {
  const words = quote.replace(qualifying, ' ')
  return value < 0 ? decrease.test(words) && !increase.test(words) : increase.test(words) && !decrease.test(words)
}

/** Whether what stands around the number is the unit of the figure, and not another's. */
function showsUnit({ unit, measure }: Readable, { mention, after }: Place, units: UnitWords): boolean {
  // A change of a percentage is in percentage points; any other number in percent has its sign.
  const points = /^\s*percentage points?\b/iu.test(after)
  const percent = /^\s*(?:per ?cent\b|%)/iu.test(after)
  if (points || percent || unit === 'percent') return unit === 'percent' && (measure === 'change' ? points : percent)
  const stands = (word: string, gap: string) =>
    word === '$'
      ? mention.text.startsWith('$')
      : new RegExp(`^${gap}\\s*${RegExp.escape(word)}(?!\\p{L})`, 'iu').test(after)
  const own = units.get(unit)
  // A word or two may stand between ("3,000 flight hours"), but not before another unit.
  if (own !== undefined) return own.some((word) => stands(word, '(?:\\s+\\p{L}+){0,2}'))
  return ![...units.values()].flat().some((word) => stands(word, ''))
}

/** Whether a mention prints the value of a figure. */
function printsValue(figure: Readable, place: Place, units: UnitWords): boolean {
  const { value, measure, unit, quote } = figure
  const { mention, before, after } = place
  if (value === null || mention.value === null) return false
  // "2.9bn", "200k": a letter that the grammar does not take for a scale.
  if (/^\p{L}/u.test(after)) return false
  if (unit === 'rank') {
    return mention.value === value && (mention.kind === 'ordinal' || /\bnumber\s+$/iu.test(before))
  }
  const word = mention.text.toLowerCase()
  if (Object.hasOwn(factors, word)) return measure === 'relative_change' && value === (mention.value - 1) * 100
  if (Object.hasOwn(counts, word)) return ['level', 'cumulative'].includes(measure) && value === mention.value
  if (Object.hasOwn(fractions, word) || mention.kind === 'fraction') {
    const percent = mention.value * 100
    if (measure === 'share') return value === percent
    if (measure !== 'relative_change') return false
    return isLevel(before) ? value === percent - 100 : Math.abs(value) === percent && showsDirection(quote, value)
  }
  if (mention.kind !== 'number' || !showsUnit(figure, place, units)) return false
  if (measure !== 'change' && measure !== 'relative_change') return mention.value === value
  // "To 50 percent of" is a level in percent of the base, "to 150 tons" one of its own; "by" is before the change itself.
  if (isLevel(before)) return measure === 'relative_change' && mention.value - 100 === value
  return Math.abs(value) === mention.value && showsDirection(quote, value)
}

/** The dates of a period as printed: its start and end, without the marks of uncertainty. */
export const printedDates = (period: string) => period.split('/').map((part) => part.replace(/[~?%]$/, ''))

/** Whether a mention says, in the given role, what the figure records. */
export function fills(role: EvidenceRole, figure: Readable, place: Place, units: UnitWords): boolean {
  const { mention, after } = place
  switch (role) {
    case 'value':
      return printsValue(figure, place, units)
    case 'period':
      return mention.edtf !== null && printedDates(figure.period).includes(mention.edtf)
    case 'baseline':
      return mention.year !== null && mention.year === figure.baseline_year
    case 'since':
      return (
        figure.superlative_since !== null &&
        (mention.year === figure.superlative_since ||
          (mention.value === figure.year - figure.superlative_since &&
            (mention.kind === 'duration' || /^(?:\s+|-)years?\b/iu.test(after))))
      )
  }
}

// "At most" and "at least" are qualifiers, not records.
const superlativeWords = {
  highest: /\b(?:record(?! low)|highest|(?<!at )most|peak|all-time high|largest|unprecedented)\b/iu,
  lowest: /\b(?:record low|lowest|fewest|(?<!at )least|all-time low|smallest)\b/iu,
}

/** What is wrong with a figure's superlative, by its quote; null where nothing is. */
export function superlativeFault({ superlative, quote }: Readable): string | null {
  if (superlative !== null && !superlativeWords[superlative].test(quote)) {
    return `its superlative, ${superlative}, cannot be read from "${quote}"`
  }
  if (superlative === null && /\brecord\b/iu.test(quote)) return `"${quote}" prints a record, but it has no superlative`
  return null
}

/**
 * Whether a quote names the first place without an ordinal: "largest", but neither "third-largest", whose ordinal says
 * which, nor "one of the largest", which is no rank.
 */
export function namesFirstPlace(quote: string, before: string, mentions: readonly Mention[]): boolean {
  const isFirst = /\b(?:largest|biggest|leading|top|foremost)\b/iu.test(quote)
  const among = /\bone\s+of\b/iu.test(`${before.slice(-20)}${quote}`)
  return isFirst && !among && !mentions.some(({ kind }) => kind === 'ordinal')
}
