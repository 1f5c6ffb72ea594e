/**
 * The proof that the dataset says what the documents print, and that nothing numeric in them is left out: pure
 * functions over a document's record and its text. The rules are the codebook's ("Numeric mentions", "The audit").
 */
import { createHash } from 'node:crypto'
import type { EvidenceRole, Qualifier } from '../schemas/vocabularies.ts'
import { findFragment } from './fragment.ts'
import { findMentions, type Mention } from './mentions.ts'
import type { SeedDocument, SeedFigure } from './read.ts'

export type DocumentAudit = {
  document: string
  figures: number
  mentions: number
  /** Mentions that are the value, period, baseline or since-year of a figure. */
  recorded: number
  /** Mentions that stand under `not_recorded`. */
  not_recorded: number
  faults: string[]
}

const words = (...list: string[]) => new RegExp(`(?:^|[^\\p{L}])(?:${list.join('|')})\\s+(?:an?\\s+|the\\s+)?$`, 'iu')

/** The words that make a qualifier when they stand just before a number; the first that fits counts. */
const qualifierWords: readonly (readonly [Qualifier, RegExp])[] = [
  ['at_most', words('no more than', 'not more than', 'at most', 'up to')],
  ['at_least', words('no fewer than', 'no less than', 'not less than', 'at least')],
  ['more_than', words('more than', 'over', 'above', 'exceeding', 'exceeded', 'in excess of')],
  ['less_than', words('fewer than', 'less than', 'below', 'under')],
  ['nearly', words('nearly', 'almost', 'close to')],
  ['approximately', words('approximately', 'about', 'around', 'roughly', 'some')],
  ['estimated', words('estimated', 'an estimate of')],
]

/** Whether the words before a percentage make it a level in percent of the base ("to 50 percent of"). */
const isLevel = (before: string): boolean => /\bto\s+$/iu.test(withoutQualifier(before))

// "At most" and "at least" are qualifiers, not records.
/** The qualifier that the words before a number make. */
const qualifierOf = (before: string): Qualifier =>
  qualifierWords.find(([, pattern]) => pattern.test(before))?.[0] ?? 'exact'

/** "To less than 40 percent of" is a fall by more than 60 percent: what bounds the level bounds the fall the other way. */
const turned: Partial<Record<Qualifier, Qualifier>> = {
  more_than: 'less_than',
  less_than: 'more_than',
  at_least: 'at_most',
  at_most: 'at_least',
}

/** The words before a number, less those of its qualifier ("to about " is "to "). */
const withoutQualifier = (before: string): string => {
  const pattern = qualifierWords.find(([, candidate]) => candidate.test(before))?.[1]
  return pattern === undefined ? before : `${before.replace(pattern, '')} `
}

const superlativeWords = {
  highest: /\b(?:record(?! low)|highest|(?<!at )most|peak|all-time high|largest|unprecedented)\b/iu,
  lowest: /\b(?:record low|lowest|fewest|(?<!at )least|all-time low|smallest)\b/iu,
}
const increase = /\b(?:increas\w*|gr[eo]w\w*|ros[e]|ris(?:e|en|ing)|add(?:ed|ing|itional)?|doubl\w*|tripl\w*|up)\b/iu
const decrease = /\b(?:reduc\w*|declin\w*|decreas\w*|fall\w*|fell|drop\w*|down|cut\w*|halv\w*|less|fewer)\b/iu
const first = /\b(?:largest|biggest|leading|top|first|number one)\b/iu

/**
 * Whether a mention, with the words around it, prints the value of a figure. `before` and `after` are the text on
 * either side of the mention.
 */
function printsValue(figure: SeedFigure, mention: Mention, before: string, after: string): boolean {
  const { value, measure, unit, quote } = figure
  if (value === null || mention.value === null) return false
  if (unit === 'rank') {
    return mention.value === value && (mention.kind === 'ordinal' || /\bnumber\s+$/iu.test(before))
  }
  if (mention.kind === 'multiple') return measure === 'relative_change' && value === (mention.value - 1) * 100
  if (mention.kind !== 'number') return false
  // A change of a percentage is in percentage points; any other number in percent has its sign.
  const printed = /^\s*percentage points?\b/iu.test(after)
    ? 'points'
    : /^\s*(?:per ?cent\b|%)/iu.test(after)
      ? 'percent'
      : 'none'
  const expected = unit !== 'percent' ? 'none' : measure === 'change' ? 'points' : 'percent'
  if (printed !== expected) return false
  if (measure !== 'change' && measure !== 'relative_change') return mention.value === value
  // "To 50 percent of" is a level in percent of the base; "by 50 percent" is the change itself.
  if (measure === 'relative_change' && isLevel(before)) return mention.value - 100 === value
  return Math.abs(value) === mention.value && (value < 0 ? decrease : increase).test(quote)
}

const printedYears = (period: string) => period.split('/').map((part) => part.replace(/[~?%]$/, ''))

/** Whether a mention says, in the given role, what the figure records. */
function fills(role: EvidenceRole, figure: SeedFigure, mention: Mention, before: string, after: string): boolean {
  switch (role) {
    case 'value':
      return printsValue(figure, mention, before, after)
    case 'period':
      return mention.edtf !== null && printedYears(figure.period).includes(mention.edtf)
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

const roles: readonly EvidenceRole[] = ['value', 'period', 'baseline', 'since']

/** The mentions of a text with the words around each, and which of them a figure accounts for, in which role. */
class Accounts {
  readonly mentions: Mention[]
  readonly #points: string[]

  constructor(text: string) {
    this.mentions = findMentions(text)
    this.#points = [...text]
  }

  slice(start: number, end: number): string {
    return this.#points.slice(Math.max(0, start), end).join('')
  }

  before(mention: Mention): string {
    return this.slice(mention.start - 60, mention.start)
  }

  within(start: number, end: number): Mention[] {
    return this.mentions.filter((mention) => mention.start >= start && mention.end <= end)
  }

  /** The mention that evidence names: it is that mention and no more, lest it account for numbers nobody looked at. */
  exactly(start: number, end: number): Mention[] {
    return this.mentions.filter((mention) => mention.start === start && mention.end === end)
  }

  fills(role: EvidenceRole, figure: SeedFigure, mention: Mention): boolean {
    return fills(role, figure, mention, this.before(mention), this.slice(mention.end, mention.end + 60))
  }
}

/** Every mention that the figure's quote and evidence account for, by role. */
function accountedBy(figure: SeedFigure, accounts: Accounts): Record<EvidenceRole, Mention[]> {
  const found: Record<EvidenceRole, Mention[]> = { value: [], period: [], baseline: [], since: [] }
  const look = (role: EvidenceRole, start: number, end: number) => {
    found[role].push(...accounts.within(start, end).filter((mention) => accounts.fills(role, figure, mention)))
  }
  for (const role of roles) look(role, figure.quote_start, figure.quote_end)
  for (const { role, start, end } of figure.evidence) {
    found[role].push(...accounts.exactly(start, end).filter((mention) => accounts.fills(role, figure, mention)))
  }
  return found
}

function auditFigure(figure: SeedFigure, accounts: Accounts, text: string): string[] {
  const faults: string[] = []
  const { quote, quote_start, quote_end } = figure
  const there = accounts.slice(quote_start, quote_end)
  if (there !== quote) {
    const elsewhere = text.indexOf(quote)
    const place =
      elsewhere < 0 ? 'the document does not hold it' : `it stands at ${[...text.slice(0, elsewhere)].length}`
    // Nothing further can be read from a quote that is not there.
    return [`${figure.id}: quote "${quote}" is not at ${quote_start}..${quote_end}, where "${there}" stands; ${place}`]
  }
  const startsSentence = /(?:^|[.!?]["”’)]?\s+|\n\s*(?:[•-]\s*)?)$/u.test(accounts.slice(quote_start - 8, quote_start))
  const endsSentence = /[.!?]["”’)]?$/u.test(quote) || /^[.!?](?:\s|$)/u.test(accounts.slice(quote_end, quote_end + 2))
  if (startsSentence && endsSentence) faults.push(`quote "${quote}" is a whole sentence`)

  const marked = findFragment(text, figure)
  if (marked !== quote_start) {
    const where = marked === null ? 'nowhere' : `at ${marked}`
    faults.push(`its text fragment leads ${where}, not to ${quote_start}; expected a quote_prefix or quote_suffix`)
  }

  const found = accountedBy(figure, accounts)
  if (figure.value !== null) {
    const [printed] = found.value
    // "Largest" alone is the first place; with an ordinal before it ("third-largest"), the ordinal says which.
    const ordinals = accounts.within(quote_start, quote_end).some((mention) => mention.kind === 'ordinal')
    const firstPlace = figure.unit === 'rank' && figure.value === 1 && first.test(quote) && !ordinals
    if (printed === undefined && !firstPlace) faults.push(`its value, ${figure.value}, cannot be read from "${quote}"`)
    if (printed !== undefined && figure.unit !== 'rank') {
      const preceding = accounts.before(printed)
      const printedQualifier = qualifierOf(preceding)
      const falls = figure.measure === 'relative_change' && figure.value < 0 && isLevel(preceding)
      const qualifier = (falls ? turned[printedQualifier] : undefined) ?? printedQualifier
      if (qualifier !== figure.qualifier) {
        faults.push(
          `its qualifier is ${figure.qualifier}, but "${preceding.slice(-20)}${printed.text}" prints ${qualifier}`,
        )
      }
    }
  }
  if (figure.superlative !== null && !superlativeWords[figure.superlative].test(quote)) {
    faults.push(`its superlative, ${figure.superlative}, cannot be read from "${quote}"`)
  }
  if (figure.superlative_since !== null && found.since.length === 0) {
    faults.push(`no evidence for superlative_since, ${figure.superlative_since}`)
  }
  if (figure.baseline_basis === 'stated' && found.baseline.length === 0) {
    faults.push(`no evidence for the stated baseline_year, ${figure.baseline_year}`)
  }
  if (figure.period_basis === 'stated') {
    for (const part of printedYears(figure.period)) {
      const evident = found.period.some((mention) => mention.edtf === part)
      if (part !== '..' && !evident) faults.push(`no evidence for the stated period, ${part}`)
    }
  }
  for (const { role, start, end } of figure.evidence) {
    if (!accounts.exactly(start, end).some((mention) => accounts.fills(role, figure, mention))) {
      faults.push(`its evidence for ${role} at ${start}..${end}, "${accounts.slice(start, end)}", does not say so`)
    }
  }
  return faults.map((fault) => `${figure.id}: ${fault}`)
}

/** Audits one document's record against its text, which is the file as it stands, decoded from UTF-8. */
export function auditDocument(record: SeedDocument, bytes: Buffer): DocumentAudit {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const accounts = new Accounts(text)
  const faults: string[] = []
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== record.document.sha256) {
    faults.push(`${record.document.file}: its SHA-256 is ${sha256}, not ${record.document.sha256}`)
  }
  faults.push(...record.figures.flatMap((figure) => auditFigure(figure, accounts, text)))

  const recorded = new Set<Mention>()
  for (const figure of record.figures) {
    if (accounts.slice(figure.quote_start, figure.quote_end) !== figure.quote) continue
    for (const mention of Object.values(accountedBy(figure, accounts)).flat()) recorded.add(mention)
  }
  const notRecorded = new Set<Mention>()
  for (const { text: printed, start, reason } of record.not_recorded) {
    const mention = accounts.mentions.find((candidate) => candidate.start === start && candidate.text === printed)
    if (mention === undefined) {
      faults.push(`not_recorded: there is no mention "${printed}" at ${start} (${reason})`)
    } else if (recorded.has(mention)) {
      faults.push(`not_recorded: "${printed}" at ${start} (${reason}) is part of a figure`)
    } else if (notRecorded.has(mention)) {
      faults.push(`not_recorded: "${printed}" at ${start} stands twice`)
    }
    if (mention !== undefined) notRecorded.add(mention)
  }
  for (const mention of accounts.mentions) {
    if (recorded.has(mention) || notRecorded.has(mention)) continue
    const context = accounts.slice(mention.start - 25, mention.end + 25).replace(/\s+/g, ' ')
    faults.push(`unaccounted for: "${mention.text}" at ${mention.start}..${mention.end} in "…${context}…"`)
  }
  return {
    document: record.document.id,
    figures: record.figures.length,
    mentions: accounts.mentions.length,
    recorded: recorded.size,
    not_recorded: notRecorded.size,
    faults,
  }
}
