/**
 * Generated data: datasets of any size with the shape of the real one, for tests and benchmarks of how the service
 * bears a hundred thousand figures or ten million. They keep every rule of the codebook that a record alone can show,
 * and load like the real one. Nothing in them is true, as their description says.
 *
 * Figures are rivals only on purpose. Were metric, place and period drawn freely, the busiest would meet thousands of
 * times, and comparisons would grow with the square of the figures, as in no library of documents.
 */
import { createHash } from 'node:crypto'
import { capital } from '../names.ts'
import {
  ClaimType,
  Measure,
  type EvidenceRole,
  type NotRecordedReason,
  type Qualifier,
  type Superlative,
  type Topic,
} from '../schemas/vocabularies.ts'
import { boundsOf, open } from './bounds.ts'
import { codePoints } from './mentions.ts'
import type { Period } from './period.ts'
import { Random, weighted, zipf, type Table } from './random.ts'
import type { Seed, SeedDocument, SeedFigure } from './read.ts'

/** A seed whose documents are made while they are walked through, each time anew, since ten million figures do not fit. */
export type Synthetic = Omit<Seed, 'documents'> & { documents: Iterable<SeedDocument> }

export type Size = {
  /** How many figures the documents hold together, from 1 to `mostFigures`. */
  figures: number
  /** Where the random numbers start, from 0 to 2³² − 1. */
  seed: number
}

/** With more figures the busiest subjects would run out of periods, and their rivals would no longer be few. */
export const mostFigures = 10_000_000

/** The terms of a vocabulary, with a weight for each that the compiler finds missing. */
const termsBy = <T extends string>(weights: Readonly<Record<T, number>>) =>
  weighted(Object.entries(weights) as [T, number][])

/** The item at an index, counted on from the start again past the end. */
function cyclic<T>(items: readonly T[], index: number): T {
  return items[index % items.length] as T
}

const countTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)
const twoDigits = (whole: number) => String(whole).padStart(2, '0')
const slug = (text: string) =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')

// What the documents speak of.

/** A unit: how it is printed beside a number, and to how many digits after the point it is counted. */
type Unit = { id: string; title: string; ucum: string | null; printed: string; decimals: 0 | 1; additive: boolean }

const percent: Unit = { id: 'percent', title: 'percent', ucum: '%', printed: 'percent', decimals: 1, additive: false }
const rank: Unit = { id: 'rank', title: 'rank', ucum: null, printed: '', decimals: 0, additive: false }
const ha: Unit = { id: 'ha', title: 'hectares', ucum: 'har', printed: 'hectares', decimals: 1, additive: false }
const t: Unit = { id: 't', title: 'tonnes', ucum: 't', printed: 'metric tons', decimals: 1, additive: true }
const h: Unit = { id: 'h', title: 'hours', ucum: 'h', printed: 'hours', decimals: 1, additive: true }
const usd: Unit = { id: 'usd', title: 'US dollars', ucum: null, printed: '$', decimals: 0, additive: true }
const counted = (id: string, printed = id): Unit => {
  return { id, title: id, ucum: null, printed, decimals: 0, additive: true }
}
const [persons, projects, incidents] = [counted('persons', 'people'), counted('projects'), counted('incidents')]

/** What metrics are made of; `magnitude` has the powers of ten between which the middle of a metric's values lies. */
type Theme = { unit: Unit; topic: Topic; nouns: readonly string[]; magnitude: readonly [number, number] }

const themes: readonly Theme[] = [
  { unit: ha, topic: 'counternarcotics', nouns: ['cultivation', 'eradication'], magnitude: [1.5, 5] },
  { unit: t, topic: 'counternarcotics', nouns: ['seizures', 'production'], magnitude: [0.5, 4.5] },
  { unit: persons, topic: 'security', nouns: ['arrests', 'graduates', 'officers'], magnitude: [0.5, 5] },
  { unit: usd, topic: 'trade', nouns: ['exports', 'imports', 'investment'], magnitude: [4, 10.5] },
  { unit: percent, topic: 'security', nouns: ['coverage', 'clearance'], magnitude: [0.5, 1.7] },
  { unit: persons, topic: 'humanitarian', nouns: ['arrivals', 'patients'], magnitude: [2, 6] },
  { unit: projects, topic: 'peace', nouns: ['projects', 'roads'], magnitude: [0.3, 3] },
  { unit: h, topic: 'counternarcotics', nouns: ['flights', 'patrols'], magnitude: [1, 5] },
  { unit: incidents, topic: 'security', nouns: ['incidents', 'attacks'], magnitude: [0.3, 4] },
  { unit: usd, topic: 'humanitarian', nouns: ['assistance', 'grants'], magnitude: [4, 9] },
  { unit: rank, topic: 'trade', nouns: ['standing'], magnitude: [0, 1] },
]

/** Parts of what a metric measures, for its scopes. */
const parts = ['forced', 'manual', 'rural', 'urban', 'at-sea', 'by-air', 'supported', 'reported', 'joint', 'net']

/** Countries, with their codes of ISO 3166-1. */
const countries: Readonly<Record<string, string>> = {
  ...{ Colombia: 'CO', 'United States': 'US', Peru: 'PE', Ecuador: 'EC', Venezuela: 'VE', Bolivia: 'BO' },
  ...{ Mexico: 'MX', Panama: 'PA', Brazil: 'BR', Honduras: 'HN', 'Costa Rica': 'CR', 'Dominican Republic': 'DO' },
}
const departments =
  'Nariño,Bogotá,Antioquia,Norte de Santander,Putumayo,Cauca,Caquetá,Guaviare,Meta,Chocó,Córdoba,Bolívar,Vichada,' +
  'Valle del Cauca,Arauca,Magdalena,Santander,Cesar,Guainía,Vaupés,Amazonas,La Guajira,Huila,Tolima,Caldas,Risaralda,' +
  'Quindío,Cundinamarca,Boyacá,Casanare,Sucre,Atlántico'
const placeTitles = Object.keys(countries).toSpliced(2, 0, ...departments.split(','))

const offices = ['Directorate', 'Institute', 'Observatory', 'Ministry', 'Office', 'Agency', 'Commission', 'Register']

/** The words that hold a text together: by Zipf's law, the most frequent. */
const functionWords =
  'the of and in to by for from with that was were had after over under between during while which their its than also'

/** Pronounceable words, distinct as ids too; some with an accent or ñ, like the names of the real data. */
function makeWords(random: Random, count: number): string[] {
  const onsets = [...'bdflmnprstvz', ...'dlmnrst', 'ñ', 'br', 'tr', 'pl']
  const words = new Map<string, string>()
  while (words.size < count) {
    let word = ''
    for (let syllables = random.between(3, 4); syllables > 0; syllables -= 1) {
      word += random.pick(onsets) + random.pick([...'aeiou'])
    }
    if (random.chance(0.08)) word = word.slice(0, -1) + random.pick([...'áéíóú'])
    word += random.pick(['', '', '', 'n', 'r', 'l'])
    words.set(slug(word), word)
  }
  return [...words.values()]
}

/**
 * Clauses of two to six words, each with a blank before it. Texts are made of them: word by word, these would take longer
 * than all else here, and the words are as frequent either way.
 */
function makeClauses(random: Random, words: Table<string>): string[] {
  return countTo(16_384).map(() => {
    const clause = countTo(random.between(2, 6)).map(() => random.pick(words))
    return ` ${clause.join(' ')}`
  })
}

type Metric = {
  index: number
  id: string
  title: string
  topic: Topic
  unit: Unit
  scopeIds: readonly string[]
  scopes: Table<string>
  measures: Table<Measure>
  /** Natural logarithm of the middle of its values. */
  middle: number
}

/** What documents choose from, the most frequent first, and how often each is chosen. */
type Vocabulary = {
  seed: Omit<Seed, 'documents'>
  places: readonly { id: string; title: string }[]
  placeIndexes: Table<number>
  metrics: Table<Metric>
  publishers: Table<string>
  actors: Table<string>
  attributions: Table<string>
  /** Words, the most frequent most often, but for those that only hold a text together. */
  words: Table<string>
  clauses: readonly string[]
}

const measures = termsBy<Measure>({ level: 60, cumulative: 9, change: 7, relative_change: 18, share: 0, rate: 6 })
const measuresOfPercent = termsBy({ level: 20, share: 55, change: 8, relative_change: 17 })

function makeVocabulary({ figures, seed }: Size): Vocabulary {
  const random = new Random(seed, 1)
  const lexicon = makeWords(random, 4000)
  const clauses = makeClauses(random, zipf([...functionWords.split(' '), ...lexicon], 65_536))
  const made = (what: string) => `${what} of generated data:${random.pick(clauses)}.`
  const unused = random.shuffle(lexicon).map(capital)

  const organizations = unused.slice(0, 60).map((name, index) => {
    const title = `${cyclic(offices, index)} of ${name}`
    return { id: slug(title), title, definition: made('An organization') }
  })
  // The number of things measured grows with the library, but far more slowly than what is said of them.
  const metrics = countTo(Math.max(themes.length, Math.round(30 * (figures / 100) ** 0.25))).map((ordinal): Metric => {
    const index = ordinal - 1
    const { unit, topic, nouns, magnitude } = cyclic(themes, index)
    const title = `${cyclic(unused, 60 + index)} ${random.pick(nouns)}`
    const scopeIds = index % 6 === 0 ? ['all'] : [...random.shuffle(parts).slice(0, index % 6), 'unstated']
    return {
      ...{ index, id: slug(title), title, topic, unit, scopeIds, scopes: zipf(scopeIds) },
      measures: unit === rank ? ['level'] : unit === percent ? measuresOfPercent : measures,
      middle: Math.LN10 * (magnitude[0] + (magnitude[1] - magnitude[0]) * random.unit()),
    }
  })
  const places = placeTitles.map((title) => ({ id: slug(title), title }))
  const organizationIds = organizations.map(({ id }) => id)
  return {
    seed: {
      dataset: {
        title: 'Generated figures',
        description: `${figures} figures that a program made up, to see how the service bears them. None is true.`,
        version: '2026.01.0',
        released: '2026-01-01',
        license: 'CC0-1.0',
        license_url: 'https://creativecommons.org/publicdomain/zero/1.0/',
        license_note: 'Made by a program; nobody has rights in it.',
        contact: 'Nobody: the data are generated.',
        changelog: [{ version: '2026.01.0', released: '2026-01-01', changes: [`Generated from the seed ${seed}.`] }],
      },
      units: [...new Set(themes.map(({ unit }) => unit))].map(({ id, title, ucum }) => {
        return { id, title, definition: `${capital(title)}.`, symbol: ucum ?? id, ucum, qudt: null, printed: [] }
      }),
      places: places.map((place) => {
        return { ...place, definition: made('A place'), iso_3166: countries[place.title] ?? null }
      }),
      organizations,
      metrics: metrics.map(({ id, title, topic, unit, scopeIds }) => {
        const scopes = Object.fromEntries(scopeIds.map((scope) => [scope, made('A part')]))
        return { id, title, definition: made('A metric'), topic, unit: unit.id, additive: unit.additive, scopes }
      }),
      derived: [],
      targets: [],
      reasons: [],
    },
    places,
    placeIndexes: zipf([...places.keys()]),
    metrics: zipf(metrics, 65_536),
    publishers: zipf(organizationIds.slice(0, 24)),
    actors: zipf(organizationIds.slice(12, 48)),
    attributions: zipf(organizationIds.slice(20)),
    words: zipf(lexicon, 65_536),
    clauses,
  }
}

// When: periods, given out so that no two figures of a subject share one but on purpose.

const firstYear = 1975
const firstPublication = 1980
const lastPublication = 2025
/** Targets reach ten years beyond the last document. */
const years = lastPublication + 10 - firstYear + 1

/** A period by the year in which it ends: the years back to its start (null: open), and the month or day of either end. */
type Form = { back: number | null; start: string; end: string }

const within = (part: string): Form => ({ back: 0, start: part, end: part })
const upTo = (end: string): Form => ({ back: null, start: '', end })
const since = (back: number): Form => ({ back, start: '', end: '' })

const months = countTo(12).map((month) => `-${twoDigits(month)}`)
/** Days that neither begin nor end a month, so that no interval of days is one of months too. */
const days = months.flatMap((month) => countTo(26).map((day) => `${month}-${twoDigits(day + 1)}`))
const someDays = days.filter((_, index) => index % 2 === 0)

type Forms = { usual: number; forms: readonly Form[] }

/** Forms of periods, all different, the usual ones first: those of running totals, and those of all else. */
function makeForms(random: Random): { totals: Forms; others: Forms } {
  const make = (first: Form, usual: readonly Form[], rare: readonly Form[]): Forms => {
    return { usual: 1 + usual.length, forms: [first, ...random.shuffle(usual), ...random.shuffle(rare)] }
  }
  const spans = countTo(9).map(since)
  const fiscalYears = countTo(3).map((back) => ({ back, start: '-10', end: '-09' }))
  const betweenDays = someDays.flatMap((start, index) =>
    someDays.slice(index + 1).map((end) => ({ back: 0, start, end })),
  )
  const sinceDays = countTo(20).flatMap((back) => days.map((start) => ({ back, start, end: '' })))
  return {
    // Up to December is up to the year's end.
    totals: make(upTo(''), [...months.slice(0, 11).map(upTo), ...spans], [...days.map(upTo), ...sinceDays]),
    others: make(within(''), [...months.map(within), ...spans, ...fiscalYears], [...days.map(within), ...betweenDays]),
  }
}

type Dated = Period & { period: string }

/** The day on which a part of a year ends (Gregorian calendar). */
function lastDay(year: number, part: string): string {
  if (part === '') return '-12-31'
  if (part.length > 3) return part
  if (part === '-02') return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? '-02-29' : '-02-28'
  return part + (['-04', '-06', '-09', '-11'].includes(part) ? '-30' : '-31')
}

/** What readPeriod reads from the same text; parsing would take longer than all else here. */
function periodOf({ back, start, end }: Form, year: number): Dated {
  const last = `${year}${end}`
  const period_end = `${year}${lastDay(year, end)}`
  if (back === null) return { period: `../${last}`, period_start: null, period_end, year }
  const first = `${year - back}${start}`
  const period_start = first + '-01-01'.slice(first.length - 4)
  return { period: first === last ? last : `${first}/${last}`, period_start, period_end, year }
}

/** What figures share that could be rivals, but for year and period. */
type Subject = { metric: Metric; measure: Measure; claim_type: ClaimType }

/**
 * The periods given out so far. A subject, place and year are a cell, of one of two kinds. In most, any number of
 * claims stand, each with a period of its own. Of the cells for outcomes, one in four is kept for a single claim that is
 * dated by its document, since such a claim is a rival of all others of its year.
 */
class Calendar {
  readonly #given: Uint16Array
  readonly #forms: ReturnType<typeof makeForms>
  readonly #places: number

  constructor(metrics: number, places: number, random: Random) {
    this.#given = new Uint16Array(metrics * Measure.options.length * ClaimType.options.length * places * years)
    this.#forms = makeForms(random)
    this.#places = places
  }

  /** The cell of a subject's first place in a year; that of the next place is `years` further. */
  #firstCell({ metric, measure, claim_type }: Subject, year: number): number {
    const measured = metric.index * Measure.options.length + Measure.options.indexOf(measure)
    const subject = measured * ClaimType.options.length + ClaimType.options.indexOf(claim_type)
    return subject * this.#places * years + year - firstYear
  }

  /** 32 bits that look random but are always the same for a cell (Fibonacci hashing). */
  #hash(cell: number): number {
    return Math.imul(cell + 1, 0x9e3779b1) >>> 0
  }

  #isForDocuments(cell: number): boolean {
    return this.#hash(cell) >>> 30 === 0
  }

  /** The wished place or the next that is free for a claim dated by its document; null where all are taken. */
  placeForDocument(subject: Subject, wish: number, year: number): number | null {
    const first = this.#firstCell(subject, year)
    for (let step = 0; step < this.#places; step += 1) {
      const place = (wish + step) % this.#places
      const cell = first + place * years
      if (!this.#isForDocuments(cell) || this.#given[cell] !== 0) continue
      this.#given[cell] = 1
      return place
    }
    return null
  }

  /** The wished place or the next that dates itself, and a period there that no claim of the subject has yet. */
  placeAndPeriod(subject: Subject, wish: number, year: number): [number, Dated] {
    const first = this.#firstCell(subject, year)
    let place = wish
    if (subject.claim_type === 'outcome') {
      while (this.#isForDocuments(first + place * years)) place = (place + 1) % this.#places
    }
    const cell = first + place * years
    const given = this.#given[cell] ?? 0
    this.#given[cell] = given + 1
    const { usual, forms } = subject.measure === 'cumulative' ? this.#forms.totals : this.#forms.others
    // Most cells begin with the whole year, the others with any of the usual forms.
    const begin = this.#hash(cell) % 10 < 6 ? 0 : this.#hash(cell) % usual
    return [place, periodOf(cyclic(forms, begin + given), year)]
  }
}

// What they print.

/** What a document says: the subject, which its rivals share, and how it puts it. */
type Claim = Subject & {
  scope: string
  place: number
  value: number | null
  qualifier: Qualifier | null
  dated: Dated
  datedByDocument: boolean
  baseline_year: number | null
  attribution: string | null
  superlative: Superlative | null
  superlative_since: number | null
}

/** A claim that further documents may still repeat or contradict. */
type OpenClaim = { claim: Claim; document: number; members: number; most: number }

/** A document while its figures are printed; `year` is that of its publication. */
type Printing = {
  index: number
  year: number
  document: SeedDocument['document']
  published_earliest: string
  published_latest: string
  quotes: Set<string>
}

/** Pairs a figure that rivals are printed to keep up with; the real documents have about as many. */
const pairsPerFigure = 0.4

const qualifiers = termsBy<Qualifier>({
  ...{ exact: 45, more_than: 19, approximately: 10, nearly: 7 },
  ...{ at_least: 6, estimated: 6, less_than: 4, at_most: 3 },
})
const qualifierWords: Readonly<Record<Qualifier, string>> = {
  ...{ exact: '', more_than: 'more than ', approximately: 'about ', nearly: 'nearly ' },
  ...{ at_least: 'at least ', estimated: 'an estimated ', less_than: 'less than ', at_most: 'at most ' },
}
const claimTypes = termsBy<ClaimType>({ outcome: 84, target: 10, projection: 6 })
const bases = termsBy({ stated: 80, inferred: 20 })
const superlatives = termsBy<Superlative>({ highest: 70, lowest: 30 })
const significantDigits = [1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 15, 15, 15, 15]
/** How many documents may speak of one thing. */
const rivals = [2, 2, 2, 2, 2, 2, 2, 3, 3, 4]
/** What differs where a thing is said again. */
const restatements = ['nothing', 'nothing', 'nothing', 'value', 'value', 'qualifier', 'scope']
const documentKinds = ['report', 'report', 'fact sheet', 'statement', 'web page', 'press release', 'yearbook']
const ordinals = ['', 'second-', 'third-', 'fourth-', 'fifth-', 'sixth-', 'seventh-', 'eighth-', 'ninth-', 'tenth-']

/** Mentions that are no figures. */
const leftOut: Readonly<Record<NotRecordedReason, string>> = {
  ...{ date: '2016', ordinal: 'third', duration: 'five', vague: 'hundreds', name: '19', idiom: 'both' },
  ...{ page_furniture: '2021', repeated_mention: '1,200' },
}
const leftOutBy = Object.entries(leftOut) as [NotRecordedReason, string][]

const isChange = (measure: Measure) => measure === 'change' || measure === 'relative_change'
const unitOf = ({ metric, measure }: Subject) => (measure === 'relative_change' ? percent : metric.unit)

/** A size as people print it: "$2.91 billion", "12,300 hectares", "1,579.9 metric tons". */
function printedAmount(size: number, { id, printed }: Unit): string {
  if (id === 'usd' && size >= 1e9 && size % 1e7 === 0) return `$${size / 1e9} billion`
  if (id === 'usd' && size >= 1e6 && size % 1e4 === 0) return `$${size / 1e6} million`
  const digits = String(size)
  const whole = String(Math.trunc(size))
  let text = whole.slice(0, whole.length % 3)
  for (let at = text.length; at < whole.length; at += 3) text += (text === '' ? '' : ',') + whole.slice(at, at + 3)
  text += digits.slice(whole.length)
  return id === 'usd' ? `$${text}` : `${text} ${printed}`
}

/** The date of a document as the period of a figure that has no other; for a running total, all time up to it. */
function dateOf({ document, published_earliest, published_latest, year }: Printing, measure: Measure): Dated {
  const period = document.published
  if (measure !== 'cumulative') return { period, period_start: published_earliest, period_end: published_latest, year }
  const end = period.slice(period.indexOf('/') + 1)
  return { period: `../${end}`, period_start: null, period_end: published_latest, year }
}

/** One walk through the documents: what has been printed so far, and what comes next. */
class Press {
  readonly #seed: number
  readonly #random: Random
  readonly #vocabulary: Vocabulary
  readonly #calendar: Calendar
  /** Claims of late; a new one takes the place of any, so that some stay open for long. */
  readonly #open: OpenClaim[] = []
  readonly #totals = new Set<string>()
  #figures = 0
  #pairs = 0

  constructor(vocabulary: Vocabulary, seed: number) {
    this.#seed = seed
    this.#random = new Random(seed, 2)
    this.#vocabulary = vocabulary
    this.#calendar = new Calendar(vocabulary.seed.metrics.length, vocabulary.places.length, this.#random)
  }

  #word(): string {
    return this.#random.pick(this.#vocabulary.words)
  }

  /** A text of so many clauses, with a blank before it. */
  #text(clauses: number): string {
    let text = ''
    for (let clause = 0; clause < clauses; clause += 1) text += this.#random.pick(this.#vocabulary.clauses)
    return text
  }

  /** The document of an index, with so many figures. */
  print(index: number, count: number): SeedDocument {
    const random = this.#random
    const year = lastPublication - (random.exponential(13) % (lastPublication - firstPublication + 1))
    const { period: published, period_start, period_end: published_latest } = this.#window(year)
    const published_earliest = period_start ?? published_latest
    const published_basis = random.pick(bases)
    const id = `${slug(this.#word())}-${year}-${index + 1}`
    const document: SeedDocument['document'] = {
      id,
      file: `${id}.txt`,
      // There is no text: the digest of the name stands in, since each document has one of its own.
      sha256: createHash('sha256').update(`${this.#seed} ${id}`).digest('hex'),
      title: capital(this.#text(2).trimStart()),
      kind: random.pick(documentKinds),
      publisher: random.pick(this.#vocabulary.publishers),
      address: `https://example.org/${year}/${id}`,
      language: random.chance(0.85) ? 'en' : 'es',
      published,
      published_basis,
      published_note: published_basis === 'inferred' ? `No date is printed:${this.#text(3)}.` : null,
      rights: 'Generated; nobody has rights in it.',
      note: random.chance(0.1) ? `Generated:${this.#text(4)}.` : null,
    }
    const printing = { index, year, document, published_earliest, published_latest, quotes: new Set<string>() }
    const figures: SeedFigure[] = []
    const not_recorded: SeedDocument['not_recorded'] = []
    let cursor = random.between(40, 400)
    while (figures.length < count) {
      const claim = this.#restate(printing) ?? this.#claim(printing)
      const figure = this.#figure(claim, printing, figures.length + 1, cursor)
      figures.push(figure)
      cursor = (figure.evidence.at(-1)?.end ?? figure.quote_end) + random.between(20, 160)
      if (!random.chance(0.2)) continue
      const [reason, text] = random.pick(leftOutBy)
      not_recorded.push({ text, start: cursor, reason })
      cursor += text.length + random.between(20, 160)
    }
    return { document, figures, not_recorded, published_earliest, published_latest }
  }

  /** When a document was published: a day, or a time that is known less well, within one year. */
  #window(year: number): Dated {
    const random = this.#random
    const month = random.between(1, 11)
    const from = `-${twoDigits(month)}`
    const to = `-${twoDigits(random.between(month + 1, 12))}`
    const day = `${from}-${twoDigits(random.between(1, 28))}`
    const window = (start: string, end: string) => periodOf({ back: 0, start, end }, year)
    const roll = random.unit()
    if (roll < 0.5) return window(day, day)
    if (roll < 0.65) return window(from, from)
    if (roll < 0.75) return window('', '')
    // "About": the days are those of the year.
    if (roll < 0.8) return { ...window('', ''), period: `${year}~` }
    return window(roll < 0.9 ? from : day, to)
  }

  #attribution(): string | null {
    return this.#random.chance(0.85) ? null : this.#random.pick(this.#vocabulary.attributions)
  }

  /** Something said before, said again, where pairs lag behind the figures and an open claim suits the document. */
  #restate(printing: Printing): Claim | null {
    const random = this.#random
    if (this.#pairs >= pairsPerFigure * this.#figures || random.chance(0.3)) return null
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const index = random.between(0, this.#open.length - 1)
      const found = this.#open[index]
      if (found === undefined) return null
      const { claim, document } = found
      const { year } = claim.dated
      const isPast = year < printing.year || (year === printing.year && claim.datedByDocument)
      if (claim.claim_type === 'outcome' ? !isPast : year <= printing.year) continue
      // A document that contradicts itself is rare.
      if (document === printing.index && !random.chance(0.1)) continue
      this.#pairs += found.members
      found.members += 1
      const last = found.members === found.most ? this.#open.pop() : undefined
      if (last !== undefined && last !== found) this.#open[index] = last
      return this.#inOtherWords(claim, printing)
    }
    return null
  }

  #inOtherWords(claim: Claim, printing: Printing): Claim {
    const random = this.#random
    const again = { ...claim, attribution: random.chance(0.6) ? claim.attribution : this.#attribution() }
    const { metric, measure, value, dated } = claim
    if (claim.datedByDocument) {
      // A document of the same year leaves the time to its own date again; a later one has to print it.
      again.datedByDocument = dated.year === printing.year
      const whole = measure === 'cumulative' ? upTo('') : within('')
      again.dated = again.datedByDocument ? dateOf(printing, measure) : periodOf(whole, dated.year)
    }
    const what = random.pick(restatements)
    if (what === 'scope') again.scope = random.pick(metric.scopes)
    if (value === null || value === 0 || metric.unit === rank) return again
    if (what === 'qualifier') again.qualifier = random.pick(qualifiers)
    const size = Math.abs(value) * Math.exp(0.15 * random.normal())
    if (what === 'value') again.value = this.#rounded(Math.sign(value) * size, claim)
    return again
  }

  /** Something that no document has said yet. */
  #claim(printing: Printing): Claim {
    const random = this.#random
    const metric = random.pick(this.#vocabulary.metrics)
    const measure = random.pick(metric.measures)
    const wish = random.pick(this.#vocabulary.placeIndexes)
    let subject: Subject = { metric, measure, claim_type: 'outcome' }
    let dated = dateOf(printing, measure)
    let place = random.chance(0.25) ? this.#calendar.placeForDocument(subject, wish, printing.year) : null
    const datedByDocument = place !== null
    if (place === null) {
      subject = { metric, measure, claim_type: random.pick(claimTypes) }
      // Most of what is printed is of the years just past; targets and projections are for those to come.
      const past = Math.max(firstYear, printing.year - 1 - random.exponential(2))
      const year = subject.claim_type === 'outcome' ? past : printing.year + random.between(1, 10)
      ;[place, dated] = this.#calendar.placeAndPeriod(subject, wish, year)
    }
    const mayBeRecord = metric.unit !== rank && !isChange(measure)
    const superlative = mayBeRecord && random.chance(0.1) ? random.pick(superlatives) : null
    const value = superlative !== null && random.chance(0.4) ? null : this.#value(subject, place, dated)
    const isPlain = metric.unit === rank || value === 0
    const claim: Claim = {
      ...subject,
      scope: random.pick(metric.scopes),
      place,
      value,
      qualifier: value === null ? null : isPlain ? 'exact' : random.pick(qualifiers),
      dated,
      datedByDocument,
      baseline_year: isChange(measure) && random.chance(0.9) ? dated.year - random.between(1, 9) : null,
      attribution: this.#attribution(),
      superlative,
      superlative_since: superlative !== null && random.chance(0.5) ? dated.year - random.between(2, 30) : null,
    }
    const opened = { claim, document: printing.index, members: 1, most: random.pick(rivals) }
    if (this.#open.length < 2048) this.#open.push(opened)
    else this.#open[random.between(0, 2047)] = opened
    return claim
  }

  /** A value, log-normal around the middle of the metric. */
  #value(subject: Subject, place: number, { year, period_end }: Dated): number {
    const random = this.#random
    const { metric, measure } = subject
    if (metric.unit === rank) return 1 + Math.min(9, random.exponential(2))
    if (isChange(measure)) {
      if (measure === 'relative_change' && random.chance(0.1)) return random.pick([-50, 100, 200])
      const size = Math.exp((measure === 'change' ? metric.middle - 1.6 : 3.2) + 0.9 * random.normal())
      return this.#rounded(random.chance(0.45) ? -size : size, subject)
    }
    if (measure === 'cumulative') {
      // Grows with time, but for the noise of several hands.
      const passed = year - firstYear + Number(period_end.slice(5, 7)) / 12
      return this.#rounded(passed * Math.exp(metric.middle - place / 20 + 0.05 * random.normal()), subject)
    }
    if (metric.unit.decimals === 0 && random.chance(0.004)) return 0
    const spread = metric.unit === percent ? 0.5 : 1.5
    return this.#rounded(Math.exp(metric.middle - place / 20 + spread * random.normal()), subject)
  }

  /**
   * An amount as people print it, mostly with one to three digits that are not zero. Never zero, and nothing is more than
   * a whole or falls by as much.
   */
  #rounded(amount: number, subject: Subject): number {
    const size = Math.abs(amount)
    const { decimals } = unitOf(subject)
    const digits = Math.min(decimals, this.#random.pick(significantDigits) - 1 - Math.floor(Math.log10(size)))
    // Powers of ten are whole numbers, so that 579.9 comes out as itself and not with float noise.
    const [up, down] = digits < 0 ? [1, 10 ** -digits] : [10 ** digits, 1]
    const rounded = Math.max((Math.round((size / down) * up) * down) / up, 10 ** -decimals)
    if (amount < 0) return -(subject.measure === 'relative_change' ? Math.min(rounded, 99) : rounded)
    return subject.metric.unit === percent && !isChange(subject.measure) ? Math.min(rounded, 100) : rounded
  }

  /** The record of a claim in a document: its `ordinal`th, from `quote_start` on in the text. */
  #figure(claim: Claim, printing: Printing, ordinal: number, quote_start: number): SeedFigure {
    const random = this.#random
    const { metric, measure, value, qualifier, dated, baseline_year, superlative, superlative_since } = claim
    this.#count(claim, printing)
    let quote = this.#quote(claim)
    while (printing.quotes.has(quote)) quote = this.#quote(claim)
    printing.quotes.add(quote)
    const quote_end = quote_start + codePoints(quote)

    const period_basis = claim.datedByDocument ? 'document' : random.pick(bases)
    const baseline_basis = baseline_year === null ? null : random.pick(bases)
    const isInferred = period_basis === 'inferred' || baseline_basis === 'inferred'
    const needsNote = isInferred || (isChange(measure) && baseline_year === null)
    const evidence: SeedFigure['evidence'] = []
    const mention = (role: EvidenceRole) => {
      const start = quote_end + 4 + 12 * evidence.length
      evidence.push({ role, start, end: start + 4 })
    }
    if (period_basis === 'stated' && random.chance(0.5)) mention('period')
    if (baseline_basis === 'stated' && random.chance(0.5)) mention('baseline')
    if (superlative_since !== null && random.chance(0.5)) mention('since')
    if (value !== null && random.chance(0.02)) mention('value')

    const { id: place, title } = cyclic(this.#vocabulary.places, claim.place)
    const { value_low, value_low_inclusive, value_high, value_high_inclusive } =
      value === null || qualifier === null ? open : boundsOf(value, qualifier)
    return {
      id: `${printing.document.id}-${metric.id}-${ordinal}`,
      metric: metric.id,
      scope: claim.scope,
      measure,
      claim_type: claim.claim_type,
      value,
      value_low,
      value_low_inclusive,
      value_high,
      value_high_inclusive,
      qualifier,
      unit: unitOf(claim).id,
      period: dated.period,
      period_start: dated.period_start,
      period_end: dated.period_end,
      year: dated.year,
      period_basis,
      baseline_year,
      baseline_basis,
      place,
      actor: random.chance(0.55) ? null : random.pick(this.#vocabulary.actors),
      attribution: claim.attribution,
      superlative,
      superlative_since,
      quote,
      quote_start,
      quote_end,
      quote_prefix: random.chance(0.03) ? this.#word() : null,
      quote_suffix: random.chance(0.03) ? this.#word() : null,
      evidence,
      statement: `${metric.title} in ${title} ${this.#said(claim)} (${dated.period}),${this.#text(random.between(2, 4))}.`,
      note: needsNote || random.chance(0.15) ? `Made up:${this.#text(random.between(2, 6))}.` : null,
    }
  }

  /** Keeps the number of pairs so far: each further running total of a series has one more neighbour. */
  #count(claim: Claim, { document }: Printing): void {
    this.#figures += 1
    if (claim.measure !== 'cumulative') return
    const { metric, scope, claim_type, place, attribution } = claim
    const series = `${metric.id} ${scope} ${claim_type} ${place} ${attribution ?? document.publisher}`
    if (this.#totals.has(series)) this.#pairs += 1
    this.#totals.add(series)
  }

  /** The number of a claim as it is printed, with its qualifier and unit. */
  #amount(claim: Claim, value: number): string {
    return `${claim.qualifier === null ? '' : qualifierWords[claim.qualifier]}${printedAmount(Math.abs(value), unitOf(claim))}`
  }

  /** The phrase that carries the number, of at most ten words. */
  #quote(claim: Claim): string {
    const { metric, measure, value, superlative, superlative_since } = claim
    const words = ` ${this.#word()} ${this.#word()}`
    if (value === null) {
      return `the ${superlative}${words} ${superlative_since === null ? 'on record' : `since ${superlative_since}`}`
    }
    if (metric.unit === rank) return `the ${ordinals[value - 1] ?? ''}largest of${words}`
    const amount = this.#amount(claim, value)
    if (superlative !== null) return `the ${superlative}, ${amount}${words}`
    if (isChange(measure)) return `${value < 0 ? 'fell' : 'rose'} by ${amount} for${words}`
    return measure === 'rate' ? `${amount} a year of${words}` : `${amount} of${words}`
  }

  /** What a claim says of its metric, as a verb with its object. */
  #said(claim: Claim): string {
    const { metric, claim_type, value, superlative } = claim
    const verb = { outcome: 'did', target: 'is to', projection: 'may' }[claim_type]
    if (value === null) return `${verb} reach its ${superlative}`
    if (metric.unit === rank) return `${verb} take place ${value}`
    const action = isChange(claim.measure) ? (value < 0 ? 'fall by' : 'rise by') : 'amount to'
    return `${verb} ${action} ${this.#amount(claim, value)}`
  }
}

/**
 * The documents of a generated dataset, one at a time, in no order of time: a few hundred figures each, fewer where the
 * dataset is small. The last ends at the number of figures wanted.
 */
function* synthesizeDocuments(vocabulary: Vocabulary, { figures, seed }: Size): Generator<SeedDocument> {
  const press = new Press(vocabulary, seed)
  const sizes = new Random(seed, 3)
  const usual = Math.min(300, Math.max(10, Math.sqrt(figures)))
  let left = figures
  for (let index = 0; left > 0; index += 1) {
    const count = Math.min(left, Math.ceil(usual * Math.min(3, Math.exp(0.5 * sizes.normal()))))
    left -= count
    yield press.print(index, count)
  }
}

/**
 * A generated dataset with exactly so many figures, all quoted. The same size and seed give the same dataset, to the
 * byte, each time that its documents are walked through.
 *
 * @throws RangeError for a number of figures or a seed that is out of range.
 */
export function synthesize(size: Size): Synthetic {
  const { figures, seed } = size
  if (!Number.isInteger(figures) || figures < 1 || figures > mostFigures) {
    throw new RangeError(`expected 1 to ${mostFigures} figures, got ${figures}`)
  }
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(`expected a seed from 0 to ${2 ** 32 - 1}, got ${seed}`)
  }
  const vocabulary = makeVocabulary(size)
  return { ...vocabulary.seed, documents: { [Symbol.iterator]: () => synthesizeDocuments(vocabulary, size) } }
}
