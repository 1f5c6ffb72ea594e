/**
 * The proof that the dataset says what the documents print, and that nothing numeric in them is left out: pure
 * functions over a document's record and its text. The rules are the codebook's ("Numeric mentions", "The audit").
 */
import { createHash } from 'node:crypto'
import type { EvidenceRole, NotRecordedReason } from '../schemas/vocabularies.ts'
import { findFragment } from './fragment.ts'
import { codePoints, findMentions, type Mention } from './mentions.ts'
import type { SeedDocument, SeedFigure } from './read.ts'
import {
  expectedQualifier,
  fills,
  namesFirstPlace,
  printedDates,
  superlativeFault,
  type Place,
  type UnitWords,
} from './reading.ts'

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

const roles: readonly EvidenceRole[] = ['value', 'period', 'baseline', 'since']

/** A text's mentions, with the words around each. */
class Accounts {
  readonly mentions: Mention[]
  readonly #points: string[]
  readonly #units: UnitWords

  constructor(text: string, units: UnitWords) {
    this.mentions = findMentions(text)
    this.#points = [...text]
    this.#units = units
  }

  slice(start: number, end: number): string {
    return this.#points.slice(Math.max(0, start), end).join('')
  }

  place(mention: Mention): Place {
    const before = this.slice(mention.start - 60, mention.start)
    return { mention, before, after: this.slice(mention.end, mention.end + 60) }
  }

  within(start: number, end: number): Mention[] {
    return this.mentions.filter((mention) => mention.start >= start && mention.end <= end)
  }

  /** The mention that evidence names: it is that mention and no more, lest it account for numbers nobody looked at. */
  exactly(start: number, end: number): Mention[] {
    return this.mentions.filter((mention) => mention.start === start && mention.end === end)
  }

  fills(role: EvidenceRole, figure: SeedFigure, mention: Mention): boolean {
    return fills(role, figure, this.place(mention), this.#units)
  }
}

/** Every mention that the figure's quote and evidence account for, by role. */
function accountedBy(figure: SeedFigure, accounts: Accounts): Record<EvidenceRole, Mention[]> {
  const found: Record<EvidenceRole, Mention[]> = { value: [], period: [], baseline: [], since: [] }
  for (const role of roles) {
    const inQuote = accounts
      .within(figure.quote_start, figure.quote_end)
      .filter((mention) => accounts.fills(role, figure, mention))
    // A figure has one value: the same number again in its quote ("22 cadets and 22 officers") is another's.
    found[role].push(...(role === 'value' ? inQuote.slice(0, 1) : inQuote))
  }
  for (const { role, start, end } of figure.evidence) {
    found[role].push(...accounts.exactly(start, end).filter((mention) => accounts.fills(role, figure, mention)))
  }
  return found
}

/** What is wrong with a figure's value and qualifier, by its quote. */
function valueFaults(figure: SeedFigure, accounts: Accounts, printed: Mention | undefined): string[] {
  const { value, quote, quote_start, quote_end, qualifier } = figure
  if (value === null) return []
  if (printed === undefined || printed.start < quote_start || printed.end > quote_end) {
    const before = accounts.slice(quote_start - 20, quote_start)
    const inQuote = accounts.within(quote_start, quote_end)
    const first = figure.unit === 'rank' && value === 1 && namesFirstPlace(quote, before, inQuote)
    return first ? [] : [`its value, ${value}, cannot be read from "${quote}"`]
  }
  if (figure.unit === 'rank') return []
  const place = accounts.place(printed)
  const expected = expectedQualifier(figure, place)
  if (expected === qualifier) return []
  const context = `${place.before.slice(-20)}${printed.text}`.replace(/\s+/g, ' ')
  return [
    expected === null
      ? `its qualifier is ${qualifier}, but "${context}${place.after.slice(0, 12)}" has one that the codebook does not know`
      : `its qualifier is ${qualifier}, but "${context}" prints ${expected}`,
  ]
}

/** What is wrong with a figure, and the mentions that it accounts for. */
function auditFigure(figure: SeedFigure, accounts: Accounts, text: string): { faults: string[]; recorded: Mention[] } {
  const faults: string[] = []
  const { quote, quote_start, quote_end } = figure
  const there = accounts.slice(quote_start, quote_end)
  if (there !== quote) {
    const elsewhere = text.indexOf(quote)
    const place =
      elsewhere < 0 ? 'the document does not hold it' : `it stands at ${codePoints(text.slice(0, elsewhere))}`
    const found = there.replace(/\s+/g, ' ')
    const fault = `${figure.id}: quote "${quote}" is not at ${quote_start}..${quote_end}, where "${found}" stands; ${place}`
    // Nothing further can be read from a quote that is not there.
    return { faults: [fault], recorded: [] }
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
  faults.push(...valueFaults(figure, accounts, found.value[0]))
  const superlative = superlativeFault(figure)
  if (superlative !== null) faults.push(superlative)
  if (figure.superlative_since !== null && found.since.length === 0) {
    faults.push(`no evidence for superlative_since, ${figure.superlative_since}`)
  }
  if (figure.baseline_basis === 'stated' && found.baseline.length === 0) {
    faults.push(`no evidence for the stated baseline_year, ${figure.baseline_year}`)
  }
  if (figure.period_basis === 'stated') {
    for (const part of printedDates(figure.period)) {
      const evident = found.period.some((mention) => mention.edtf === part)
      if (part !== '..' && !evident) faults.push(`no evidence for the stated period, ${part}`)
    }
  }
  for (const { role, start, end } of figure.evidence) {
    if (!accounts.exactly(start, end).some((mention) => accounts.fills(role, figure, mention))) {
      faults.push(`its evidence for ${role} at ${start}..${end}, "${accounts.slice(start, end)}", does not say so`)
    }
  }
  return { faults: faults.map((fault) => `${figure.id}: ${fault}`), recorded: Object.values(found).flat() }
}

/** Whether a reason for leaving a mention out can be right, as far as the mention and the figures show. */
function reasonFits(reason: NotRecordedReason, mention: Mention, figures: readonly SeedFigure[]): boolean {
  switch (reason) {
    case 'date':
      return mention.kind === 'date' || mention.year !== null
    case 'ordinal':
      return mention.kind === 'ordinal'
    case 'vague':
      return mention.value === null
    case 'repeated_mention':
      // Of a quantity recorded from this document, and never of a target or a record.
      return figures.some(
        ({ value, claim_type, superlative }) =>
          mention.value !== null &&
          value !== null &&
          Math.abs(value) === mention.value &&
          claim_type !== 'target' &&
          superlative === null,
      )
    default:
      return true
  }
}

/**
 * Audits one document's record against its text, which is the file as it stands, decoded from UTF-8.
 *
 * @param units The words that print each unit, so that tons are not taken for hectares.
 */
export function auditDocument(record: SeedDocument, bytes: Buffer, units: UnitWords): DocumentAudit {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const accounts = new Accounts(text, units)
  const faults: string[] = []
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== record.document.sha256) {
    faults.push(`${record.document.file}: its SHA-256 is ${sha256}, not ${record.document.sha256}`)
  }
  const figures = record.figures.map((figure) => auditFigure(figure, accounts, text))
  faults.push(...figures.flatMap((figure) => figure.faults))
  const recorded = new Set(figures.flatMap((figure) => figure.recorded))
  const notRecorded = new Set<Mention>()
  for (const { text: printed, start, reason } of record.not_recorded) {
    const mention = accounts.mentions.find((candidate) => candidate.start === start && candidate.text === printed)
    const name = `not_recorded: "${printed}" at ${start} (${reason})`
    if (mention === undefined) {
      faults.push(`not_recorded: there is no mention "${printed}" at ${start} (${reason})`)
      continue
    }
    if (recorded.has(mention)) faults.push(`${name} is part of a figure`)
    else if (notRecorded.has(mention)) faults.push(`not_recorded: "${printed}" at ${start} stands twice`)
    else if (!reasonFits(reason, mention, record.figures)) faults.push(`${name} is nothing that this reason is for`)
    notRecorded.add(mention)
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
