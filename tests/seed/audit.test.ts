import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { NotRecordedReason, Qualifier } from '../../src/schemas/vocabularies.ts'
import { auditDocument } from '../../src/seed/audit.ts'
import { boundsOf, open } from '../../src/seed/bounds.ts'
import { codePoints } from '../../src/seed/mentions.ts'
import { readPeriod } from '../../src/seed/period.ts'
import type { UnitWords } from '../../src/seed/reading.ts'
import { readSeed, type SeedDocument, type SeedFigure } from '../../src/seed/read.ts'
import { FigureRecord } from '../../src/seed/records.ts'
import { copySeed, edit, root, runCommand, sha256, temporaryFolder, type AtEnd } from '../support/seed.ts'
import { at, offset, reportFile, reportText, writeNorthvale } from './northvale.ts'

type Edits = {
  /** Texts of the report's record, each to be replaced by another. */
  record?: [from: string, to: string][]
  /** The report's text, where it is not to be the one recorded; its SHA-256 is taken as recorded. */
  text?: string
  /** A last change to the record as it was read. */
  read?: (document: SeedDocument) => void
}

function auditReport({ record = [], text = reportText, read = () => undefined }: Edits = {}) {
  const { seed } = writeNorthvale()
  for (const [from, to] of record) edit(seed, reportFile, from, to)
  const report = readSeed(seed).documents.find(({ document }) => document.id === 'orchard-report-2020')
  if (report === undefined) expect.unreachable()
  report.document.sha256 = sha256(text)
  read(report)
  return auditDocument(report, Buffer.from(text), new Map())
}

const faultsOf = (edits: Edits) => auditReport(edits).faults

const replaced = (from: string, to: string) => {
  offset(reportText, from)
  return reportText.replace(from, to)
}

const unaccounted = (text: string, start: number): unknown =>
  expect.stringMatching(
    new RegExp(`^unaccounted for: "${RegExp.escape(text)}" at ${start}\\.\\.${start + text.length} in "…`),
  )

describe('the audit of a document that is recorded as it should be', () => {
  it('finds no fault and accounts for every mention', () => {
    expect(auditReport()).toEqual({
      document: 'orchard-report-2020',
      figures: 9,
      mentions: 20,
      recorded: 16,
      not_recorded: 4,
      faults: [],
    })
  })

  it('counts a mention once, however many figures it serves', () => {
    const { recorded } = auditReport()
    const served = auditReport({
      read: ({ figures }) => {
        figures.push(...figures.map((figure) => ({ ...figure, id: `${figure.id}-again` })))
      },
    })
    expect(served).toMatchObject({ figures: 18, recorded, faults: [] })
  })
})

describe('the audit of the text', () => {
  it('finds that its SHA-256 is another, though all else holds', () => {
    const recorded = sha256('another text')
    const faults = faultsOf({
      read: ({ document }) => {
        document.sha256 = recorded
      },
    })
    expect(faults).toEqual([`orchard-report-2020.txt: its SHA-256 is ${sha256(reportText)}, not ${recorded}`])
  })

  it('finds a changed digit, in the quote and as mentions that nothing accounts for', () => {
    expect(faultsOf({ text: replaced('4,200', '4,300') })).toEqual([
      expect.stringContaining(
        `quote "more than 4,200 tons of apples, the most since 1998" is not at ${at('more than')}..${at('more than') + 51}, ` +
          'where "more than 4,300 tons of apples, the most since 1998" stands; the document does not hold it',
      ),
      unaccounted('2019', at('In 2019', '2019')),
      unaccounted('4,300', at('4,200')),
      unaccounted('1998', at('1998')),
    ])
  })

  it('finds a changed digit outside of the quotes', () => {
    expect(faultsOf({ text: replaced('by 2025', 'by 2026') })).toEqual([
      'report-2020-frost-target-2025: no evidence for the stated period, 2025',
      `report-2020-frost-target-2025: its evidence for period at ${at('2025')}..${at('2025') + 4}, "2026", does not say so`,
      unaccounted('2026', at('2025')),
    ])
  })

  it('finds a moved phrase, and says where it stands', () => {
    const lines = reportText.split('\n')
    const moved = [...lines.slice(0, -2), lines.at(-1), lines.at(-2)].join('\n')
    const faults = faultsOf({ text: moved })
    const found = new RegExp(`quote "welcomed 1,500 visitors" is not at .*; it stands at ${offset(moved, 'welcomed')}$`)
    expect(faults).toContainEqual(expect.stringMatching(found))
    expect(faults).toContainEqual(unaccounted('1980s', offset(moved, '1980s')))
  })

  it('finds an added number, in digits or in words', () => {
    const text = `${reportText}\nOn page 7 of the board's book, two columns wide.`
    const [digit, word] = [offset(text, '7 of the'), offset(text, 'two columns')]
    expect(faultsOf({ text })).toEqual([
      `unaccounted for: "7" at ${digit}..${digit + 1} in "… 1,500 visitors. On page 7 of the board's book, two…"`,
      `unaccounted for: "two" at ${word}..${word + 3} in "…e 7 of the board's book, two columns wide.…"`,
    ])
  })

  it('finds a quote that is not in the document at all', () => {
    const [start, end] = [at('largest maker'), at('largest maker') + 23]
    expect(faultsOf({ record: [['quote: largest maker of cider', 'quote: largest maker of cheese']] })).toEqual([
      expect.stringContaining(
        `quote "largest maker of cheese" is not at ${start}..${end}, where "largest maker of cider " stands; ` +
          'the document does not hold it',
      ),
    ])
  })

  it('finds a quote that stands at the very start', () => {
    const record: [string, string] = [
      `quote: largest maker of cider\n    quote_start: ${at('largest maker')}`,
      'quote: Orchards of Northvale\n    quote_start: 5',
    ]
    expect(faultsOf({ record: [record] })).toEqual([expect.stringMatching(/ is not at 5\.\.26, [^]*; it stands at 0$/)])
  })

  it('says each fault in one line, whatever stands in the place of a quote', () => {
    const faults = faultsOf({ record: [[`quote_start: ${at('largest maker')}`, `quote_start: ${at('pears.') - 3}`]] })
    expect(faults).toEqual([expect.stringMatching(/^report-2020-cider-rank: [^\n]*$/)])
  })

  it('names the figure whose quote is not there', () => {
    const faults = faultsOf({ record: [['quote: largest maker of cider', 'quote: largest maker of cheese']] })
    expect(faults).toEqual([expect.stringMatching(/^report-2020-cider-rank: quote /)])
  })

  it('reads the bytes as they are: a byte order mark is a code point', () => {
    const faults = faultsOf({ text: `\ufeff${reportText}` })
    expect(faults).toContainEqual(expect.stringContaining(`it stands at ${at('welcomed') + 1}`))
  })
})

describe('the audit of a record', () => {
  const year2019 = at('to 2019', '2019')
  const year2015 = at('From 2015', '2015')
  const apples = '"more than 4,200 tons of apples, the most since 1998"'
  const grew = '"the planted area grew by 30 percent"'
  const line = (role: string, start: number) => `      - { role: ${role}, start: ${start}, end: ${start + 4} }\n`

  const cases: { name: string; from: string; to: string; faults: unknown[] }[] = [
    {
      name: 'another value',
      from: 'value: 1500',
      to: 'value: 1501',
      faults: [
        'report-2020-visitors: its value, 1501, cannot be read from "welcomed 1,500 visitors"',
        unaccounted('1,500', at('1,500')),
      ],
    },
    {
      name: 'another qualifier',
      from: 'qualifier: more_than',
      to: 'qualifier: at_least',
      faults: [
        expect.stringMatching(
          /^report-2020-apples-2019: its qualifier is at_least, but ".* more than 4,200" prints more_than$/,
        ),
      ],
    },
    {
      name: 'another sign',
      from: 'value: 30\n',
      to: 'value: -30\n',
      faults: [
        `report-2020-area-change-2019: its value, -30, cannot be read from ${grew}`,
        unaccounted('30', at('30 percent')),
      ],
    },
    {
      name: '"to 50 percent" recorded as if it were "by 40 percent"',
      from: 'value: -50',
      to: 'value: -40',
      faults: [
        'report-2020-frost-target-2025: its value, -40, cannot be read from "cut frost losses to 50 percent of 2019 levels"',
        unaccounted('50', at('50 percent')),
      ],
    },
    {
      name: 'another direction of the superlative',
      from: 'superlative: highest',
      to: 'superlative: lowest',
      faults: [`report-2020-apples-2019: its superlative, lowest, cannot be read from ${apples}`],
    },
    {
      name: 'another since-year',
      from: 'superlative_since: 1998',
      to: 'superlative_since: 1997',
      faults: ['report-2020-apples-2019: no evidence for superlative_since, 1997', unaccounted('1998', at('1998'))],
    },
    {
      name: 'another baseline',
      from: 'baseline_year: 2019',
      to: 'baseline_year: 2018',
      faults: [
        'report-2020-frost-target-2025: no evidence for the stated baseline_year, 2018',
        unaccounted('2019', at('2019 levels')),
      ],
    },
    {
      name: 'another rank',
      from: 'value: 3\n',
      to: 'value: 2\n',
      faults: [
        'report-2020-pear-rank: its value, 2, cannot be read from "third-largest grower of pears"',
        unaccounted('third', at('third-largest')),
      ],
    },
    {
      name: 'the first rank, where the third is printed',
      from: 'value: 3\n',
      to: 'value: 1\n',
      faults: [
        'report-2020-pear-rank: its value, 1, cannot be read from "third-largest grower of pears"',
        unaccounted('third', at('third-largest')),
      ],
    },
    {
      name: 'a stated period without its evidence',
      from: `    evidence:\n${line('period', at('by 2025', '2025'))}`,
      to: '',
      faults: [
        'report-2020-frost-target-2025: no evidence for the stated period, 2025',
        unaccounted('2025', at('by 2025', '2025')),
      ],
    },
    {
      name: 'evidence that says something else',
      from: line('period', year2019),
      to: line('period', year2015),
      faults: [
        'report-2020-area-change-2019: no evidence for the stated period, 2019',
        `report-2020-area-change-2019: its evidence for period at ${year2015}..${year2015 + 4}, "2015", does not say so`,
        unaccounted('2019', year2019),
      ],
    },
    {
      name: 'a mention left out that is part of a figure',
      from: 'not_recorded:\n',
      to: `not_recorded:\n  - { text: "30", start: ${at('30 percent')}, reason: vague }\n`,
      faults: [`not_recorded: "30" at ${at('30 percent')} (vague) is part of a figure`],
    },
    {
      name: 'a mention left out that is not there',
      from: 'not_recorded:\n',
      to: 'not_recorded:\n  - { text: Three, start: 3, reason: vague }\n',
      faults: ['not_recorded: there is no mention "Three" at 3 (vague)'],
    },
    {
      name: 'a mention left out in part only',
      from: `{ text: March 2018, start: ${at('March 2018')},`,
      to: `{ text: "2018", start: ${at('March 2018', '2018')},`,
      faults: [
        `not_recorded: there is no mention "2018" at ${at('March 2018', '2018')} (date)`,
        unaccounted('March 2018', at('March 2018')),
      ],
    },
    {
      name: 'a mention that is neither recorded nor left out',
      from: `  - { text: twelfth, start: ${at('twelfth')}, reason: ordinal }\n`,
      to: '',
      faults: [unaccounted('twelfth', at('twelfth'))],
    },
    {
      name: 'a quote that is a whole sentence',
      from: `quote: welcomed 1,500 visitors\n    quote_start: ${at('welcomed')}`,
      to: `quote: The orchards have welcomed 1,500 visitors\n    quote_start: ${at('The orchards have')}`,
      faults: ['report-2020-visitors: quote "The orchards have welcomed 1,500 visitors" is a whole sentence'],
    },
    {
      name: 'a quote that is a whole sentence with its full stop',
      from: `quote: welcomed 1,500 visitors\n    quote_start: ${at('welcomed')}`,
      to: `quote: The orchards have welcomed 1,500 visitors.\n    quote_start: ${at('The orchards have')}`,
      faults: ['report-2020-visitors: quote "The orchards have welcomed 1,500 visitors." is a whole sentence'],
    },
    {
      name: 'a quote whose words stand earlier too',
      from: '    quote_prefix: In 2018,\n',
      to: '',
      faults: [
        `report-2020-plums-2018: its text fragment leads at ${at('In 2017, 85', '85')}, not to ${at('In 2018, 85', '85')}; ` +
          'expected a quote_prefix or quote_suffix',
      ],
    },
    {
      name: 'a prefix that leads elsewhere',
      from: 'quote_prefix: In 2018,',
      to: 'quote_prefix: In 2017,',
      faults: [
        `report-2020-plums-2018: its text fragment leads at ${at('In 2017, 85', '85')}, not to ${at('In 2018, 85', '85')}; ` +
          'expected a quote_prefix or quote_suffix',
      ],
    },
    {
      name: 'a prefix that leads nowhere',
      from: 'quote_prefix: In 2018,',
      to: 'quote_prefix: In 2016,',
      faults: [
        `report-2020-plums-2018: its text fragment leads nowhere, not to ${at('In 2018, 85', '85')}; ` +
          'expected a quote_prefix or quote_suffix',
      ],
    },
  ]

  it.each(cases.map((entry) => [entry.name, entry] as const))('finds %s', (_, { from, to, faults }) => {
    expect(faultsOf({ record: [[from, to]] })).toEqual(faults)
  })

  it('finds a mention left out twice', () => {
    const faults = faultsOf({
      read: ({ not_recorded }) => {
        not_recorded.push(...not_recorded.slice(0, 1))
      },
    })
    expect(faults).toEqual([`not_recorded: "twelfth" at ${at('twelfth')} stands twice`])
  })

  const year2017 = at('In 2017', '2017')
  it.each([
    ['nothing is mentioned', at('twelfth fair', 'fair'), 'fair'],
    ['more stands than the mention, after it', year2017, '2017,'],
    ['more stands than the mention, before it', year2017 - 3, 'In 2017'],
    ['a part of the mention stands', year2017, '201'],
  ])('finds evidence where %s', (_, start, text) => {
    const end = start + text.length
    const faults = faultsOf({
      read: ({ figures }) => {
        figures[6]?.evidence.push({ role: 'period', start, end })
      },
    })
    expect(faults).toEqual([
      `report-2020-plums-2017: its evidence for period at ${start}..${end}, "${text}", does not say so`,
    ])
  })

  it('does not let evidence over a long stretch account for the numbers in it that nobody recorded', () => {
    const text = `${reportText} In 2015 the well ran dry.`
    const faults = faultsOf({
      text,
      read: ({ figures }) => {
        figures[1]?.evidence.splice(0, 1, { role: 'baseline', start: 0, end: codePoints(text) })
      },
    })
    expect(faults).not.toEqual([])
  })

  it('takes a suffix that leads to the quote as well as a prefix', () => {
    const [from, to] = ['In 2018, 85 baskets of plums were sold.', 'In 2018, 85 baskets of plums were gone.']
    const text = replaced(from, to)
    const faults = faultsOf({ text, record: [['quote_prefix: In 2018,', 'quote_suffix: were gone']] })
    expect(faults).toEqual([])
  })
})

/**
 * Audits one figure against a text of one sentence, in which ⟦ ⟧ mark its quote. It is a level of 2011 for which the
 * document's date stands in, but for what is said otherwise.
 */
function auditSentence(
  marked: string,
  sketch: Partial<FigureRecord> & { unit?: string },
  units: UnitWords = new Map(),
): string[] {
  const text = `Report: ${marked.replace(/[⟦⟧]/g, '')}`
  const quote = /⟦(.+)⟧/.exec(marked)?.[1] ?? expect.unreachable('no quote is marked')
  const { unit = sketch.measure === 'relative_change' ? 'percent' : 't', ...fields } = sketch
  const record = FigureRecord.parse({
    ...{ id: 'figure', metric: 'metric', scope: 'all', measure: 'level', claim_type: 'outcome', place: 'northvale' },
    ...{ period: '2011', period_basis: 'document', statement: 'A statement.', quote, quote_start: offset(text, quote) },
    ...fields,
  })
  const figure: SeedFigure = {
    ...record,
    ...(record.value === null || record.qualifier === null ? open : boundsOf(record.value, record.qualifier)),
    ...readPeriod(record.period),
    unit,
    quote_end: record.quote_start + codePoints(quote),
  }
  const document: SeedDocument = {
    document: {
      ...{ id: 'document', file: 'document.txt', title: 'Document', kind: 'text', publisher: 'nobody', language: 'en' },
      ...{ address: 'https://example.org/', published: '2011', published_basis: 'stated', rights: 'None.' },
      published_note: null,
      note: null,
      sha256: sha256(text),
    },
    figures: [figure],
    not_recorded: [],
    published_earliest: '2011-01-01',
    published_latest: '2011-12-31',
  }
  return auditDocument(document, Buffer.from(text), units).faults
}

const cannotBeRead = (what: string): unknown =>
  expect.stringMatching(new RegExp(`^figure: its ${what}, .+, cannot be read from `))

describe('the qualifier', () => {
  const printed: [Qualifier, string][] = [
    ['exact', 'has ⟦500 barns⟧ now'],
    ['exact', 'has ⟦only 500 barns⟧ now'],
    ['exact', 'has ⟦the 500 barns⟧ now'],
    ['approximately', 'has ⟦approximately 500 barns⟧ now'],
    ['approximately', 'has ⟦about 500 barns⟧ now'],
    ['approximately', 'has ⟦around 500 barns⟧ now'],
    ['estimated', 'has ⟦an estimated 500 barns⟧ now'],
    ['more_than', 'has ⟦more than 500 barns⟧ now'],
    ['more_than', 'has ⟦over 500 barns⟧ now'],
    ['more_than', 'has ⟦exceeded 500 barns⟧ now'],
    ['more_than', 'has ⟦MORE THAN\u00a0500 barns⟧ now'],
    ['at_least', 'has ⟦at least 500 barns⟧ now'],
    ['at_least', 'has ⟦no fewer than 500 barns⟧ now'],
    ['less_than', 'has ⟦fewer than 500 barns⟧ now'],
    ['less_than', 'has ⟦less than 500 barns⟧ now'],
    ['less_than', 'has ⟦under 500 barns⟧ now'],
    ['at_most', 'has ⟦at most 500 barns⟧ now'],
    ['at_most', 'has ⟦up to 500 barns⟧ now'],
    ['at_most', 'has ⟦no more than 500 barns⟧ now'],
    ['nearly', 'has ⟦nearly 500 barns⟧ now'],
    ['nearly', 'has ⟦almost 500 barns⟧ now'],
  ]

  it.each(printed)('is %s where the text %s', (qualifier, sentence) => {
    expect(auditSentence(sentence, { value: 500, qualifier })).toEqual([])
    const wrong = qualifier === 'exact' ? 'nearly' : 'exact'
    expect(auditSentence(sentence, { value: 500, qualifier: wrong })).toEqual([
      expect.stringMatching(new RegExp(`^figure: its qualifier is ${wrong}, but ".*500" prints ${qualifier}$`)),
    ])
  })

  it('is read from the words before the quote too', () => {
    expect(auditSentence('has more than ⟦500 barns⟧ now', { value: 500, qualifier: 'more_than' })).toEqual([])
  })

  it('is read from whole words only', () => {
    expect(auditSentence('stands on a moreover ⟦takeover 500 barns⟧ now', { value: 500, qualifier: 'exact' })).toEqual(
      [],
    )
  })
})

describe('the value', () => {
  type Sketch = Partial<FigureRecord> & { unit?: string }
  const level = (value: number, unit = 't'): Sketch => ({ value, unit, qualifier: 'exact' })
  const share = (value: number): Sketch => ({ ...level(value, 'percent'), measure: 'share' })
  const percent = (value: number, qualifier: Qualifier = 'exact'): Sketch => ({
    ...{ value, qualifier, measure: 'relative_change', note: 'No baseline.' },
  })
  const change = (value: number): Sketch => ({ ...level(value), measure: 'change', note: 'No baseline.' })

  it.each<[string, Sketch]>([
    ['it sold ⟦$2.91 billion in fruit⟧ there', level(2_910_000_000, 'usd')],
    ['it has ⟦fifteen barns⟧ there', level(15)],
    ['it is ⟦30 percent of the harvest⟧ there', share(30)],
    ['it is ⟦30 per cent of the harvest⟧ there', share(30)],
    ['it is ⟦30% of the harvest⟧ there', share(30)],
    ['output ⟦grew by 30 percent⟧ there', percent(30)],
    ['an ⟦increase of 30 percent⟧ there', percent(30)],
    ['output ⟦fell by 30 percent⟧ there', percent(-30)],
    ['a ⟦decline of 30 percent⟧ there', percent(-30)],
    ['output ⟦doubled⟧ there', percent(100)],
    ['output ⟦more than doubled⟧ there', percent(100, 'more_than')],
    ['output ⟦tripled⟧ there', percent(200)],
    ['output ⟦was halved⟧ there', percent(-50)],
    ['they ⟦cut losses to 40 percent of⟧ the level before', percent(-60)],
    ['they ⟦raised output to 130 percent of⟧ the level before', percent(30)],
    ['they ⟦added 10 barns⟧ there', change(10)],
    ['losses ⟦fell by 200 tons⟧ there', change(-200)],
    ['losses ⟦fell to about 40 percent of⟧ the level before', percent(-60, 'approximately')],
    ['output may ⟦grow by up to 50 percent⟧ there', percent(50, 'at_most')],
    // A small remainder is a great decrease.
    ['losses ⟦fell to less than 40 percent of⟧ the level before', percent(-60, 'more_than')],
    ['losses ⟦fell to more than 40 percent of⟧ the level before', percent(-60, 'less_than')],
    ['losses ⟦fell to at most 40 percent of⟧ the level before', percent(-60, 'at_least')],
    ['losses ⟦fell to at least 40 percent of⟧ the level before', percent(-60, 'at_most')],
    ['output ⟦grew to more than 130 percent of⟧ the level before', percent(30, 'more_than')],
    ['the share ⟦grew by 30 percentage points⟧ there', { ...change(30), unit: 'percent' }],
  ])('can be read where %s', (sentence, sketch) => {
    expect(auditSentence(sentence, sketch)).toEqual([])
  })

  it.each<[string, string, Sketch]>([
    ['without its scale', 'it sold ⟦$2.91 billion in fruit⟧ there', level(2.91, 'usd')],
    ['a share without a percent sign', 'it is ⟦30 parts of the harvest⟧ there', share(30)],
    ['a percentage without a percent sign', 'output ⟦grew by 30 tons⟧ there', percent(30)],
    ['a percentage for percentage points', 'the share ⟦grew by 30 percentage points⟧ there', percent(30)],
    ['percentage points for a percentage', 'the share ⟦grew by 30 percent⟧ there', { ...change(30), unit: 'percent' }],
    ['an increase for a decrease', 'output ⟦fell by 30 percent⟧ there', percent(30)],
    ['a decrease for an increase', 'output ⟦grew by 30 percent⟧ there', percent(-30)],
    ['a change without a direction', 'output ⟦differed by 30 percent⟧ there', percent(30)],
    ['an absolute increase for a decrease', 'losses ⟦fell by 200 tons⟧ there', change(200)],
    ['"to" for "by"', 'they ⟦cut losses by 40 percent⟧ there', percent(-60)],
    ['"by" for "to"', 'they ⟦cut losses to 40 percent of⟧ the level before', percent(-40)],
    [
      '"by about" for "to about"',
      'losses ⟦fell to about 40 percent of⟧ the level before',
      percent(-40, 'approximately'),
    ],
    ['triple for double', 'output ⟦doubled⟧ there', percent(200)],
    ['a level for a multiple', 'output ⟦doubled⟧ there', level(2)],
    ['a level for the percentage of a multiple', 'output ⟦doubled⟧ there', level(100)],
    ['an absolute change for the percentage of a multiple', 'output ⟦doubled⟧ there', change(100)],
    ['"by" for "to" of an absolute change', 'output ⟦grew to 150 tons⟧ there', change(150)],
    ['an absolute change for a level of 100 more', 'output ⟦grew to 150 tons⟧ there', change(50)],
    ['an absolute change for a percentage', 'output ⟦grew by 30 percent⟧ there', change(30)],
    ['a level for a percentage', 'it is ⟦30 percent of the harvest⟧ there', level(30)],
  ])('cannot be read: %s', (_, sentence, sketch) => {
    expect(auditSentence(sentence, sketch)).toContainEqual(cannotBeRead('value'))
  })

  it.each([
    ['a number', '3', 'on 3 hills'],
    ['an ordinal', 'third', 'on the third hill'],
    ['a date', 'March 2018', 'since March 2018'],
    ['a length of time', 'two decades', 'for two decades'],
    ['a multiple', 'both', 'on both hills'],
  ])('accounts for itself alone, not for %s that its quote holds too', (_, other, words) => {
    const faults = auditSentence(`it has ⟦12 barns ${words}⟧ there`, level(12))
    expect(faults).toEqual([unaccounted(other, offset(`Report: it has 12 barns ${words} there`, other))])
  })

  it('cannot be read from a number word that says none', () => {
    expect(auditSentence('it has ⟦hundreds of barns⟧ there', level(100))).toContainEqual(cannotBeRead('value'))
  })

  it('accounts for no number where there is none, but a superlative', () => {
    const faults = auditSentence('the ⟦highest harvest of 12 barns⟧ came', { superlative: 'highest' })
    expect(faults).toEqual([unaccounted('12', offset('Report: the highest harvest of 12', '12'))])
  })

  it.each([
    ['before it', 'barns, 12 of them, are ⟦what it has⟧ there'],
    ['behind it', '⟦what it has⟧ is barns, 12 of them, there'],
  ])('must stand in the quote: %s it is evidence only', (_, sentence) => {
    const start = offset(`Report: ${sentence.replace(/[⟦⟧]/g, '')}`, '12')
    expect(auditSentence(sentence, { ...level(12), evidence: [{ role: 'value', start, end: start + 2 }] })).toEqual([
      cannotBeRead('value'),
    ])
  })

  it('is one: the same number again in the quote belongs to something else', () => {
    const sentence = 'it has ⟦22 barns and 22 sheds⟧ there'
    const text = 'Report: it has 22 barns and 22 sheds there'
    expect(auditSentence(sentence, level(22, 'barns'))).toEqual([unaccounted('22', offset(text, '22 sheds'))])
  })

  it.each<[string, Sketch]>([
    ['it met ⟦twice in the year⟧ there', level(2, 'times')],
    ['it is ⟦half of the harvest⟧ there', share(50)],
    ['it is ⟦three quarters of the harvest⟧ there', share(75)],
    ['output ⟦fell by a quarter⟧ there', percent(-25)],
    ['output ⟦climbed by 5 percent⟧ there', percent(5)],
    ['output ⟦climbed by 0.5 percent⟧ there', percent(0.5)],
    ['output ⟦fell by 0.5 percent⟧ there', percent(-0.5)],
    ['losses ⟦fell to nearly 40 percent of⟧ the level before', percent(-60, 'more_than')],
    ['it has ⟦half a million barns⟧ there', level(500_000)],
  ])('can be read where %s', (sentence, sketch) => {
    expect(auditSentence(sentence, sketch)).toEqual([])
  })

  it.each(
    'increased grew growing rose risen raised added additional climbed jumped surged gained expanded up higher'.split(
      ' ',
    ),
  )('can be read as an increase from "%s"', (word) => {
    expect(auditSentence(`output ⟦${word} by 5 percent⟧ there`, percent(5))).toEqual([])
    expect(auditSentence(`output ⟦${word} by 5 percent⟧ there`, percent(-5))).toContainEqual(cannotBeRead('value'))
  })

  it.each('reduced declined decreased falling fell dropped down cut shrank shrunk lower lowered lost'.split(' '))(
    'can be read as a decrease from "%s"',
    (word) => {
      expect(auditSentence(`output ⟦${word} by 5 percent⟧ there`, percent(-5))).toEqual([])
      expect(auditSentence(`output ⟦${word} by 5 percent⟧ there`, percent(5))).toContainEqual(cannotBeRead('value'))
    },
  )

  it.each<[string, string, Sketch]>([
    [
      'the words of its qualifier as its direction',
      'output ⟦increased by less than 10 percent⟧',
      percent(-10, 'less_than'),
    ],
    ['a direction that is not the only one', 'losses ⟦fell and grew by 10 percent⟧', percent(10)],
    ['a quarter as three of them', 'output ⟦fell by a quarter⟧ there', percent(-75)],
    ['both as double', 'it ⟦grew on both sides⟧ there', percent(100)],
    ['a letter that is no scale', 'it holds ⟦200k barns⟧ there', level(200)],
  ])('cannot be read: %s', (_, sentence, sketch) => {
    expect(auditSentence(sentence, sketch)).toContainEqual(cannotBeRead('value'))
  })

  it.each([
    '100 or more barns',
    '100 OR MORE BARNS',
    '100+ barns',
    'as many as 100 barns',
    'greater than 100 barns',
    '>100 barns',
    '~100 barns',
  ])('is not exact where a qualifier is printed that the codebook does not know: %s', (quote) => {
    expect(auditSentence(`it has ⟦${quote}⟧ there`, level(100))).toContainEqual(
      expect.stringContaining('has one that the codebook does not know'),
    )
  })

  it('is in the unit that is printed with it', () => {
    const words = new Map([
      ['ha', ['hectares']],
      ['t', ['tons']],
      ['usd', ['$', 'dollars']],
    ])
    const read = (quote: string, unit: string) =>
      auditSentence(`it has ⟦${quote}⟧ there`, level(200, unit), words).filter((fault) => fault.startsWith('figure'))
    expect(read('200 hectares', 'ha')).toEqual([])
    expect(read('200 new fine hectares', 'ha')).toEqual([])
    expect(read('$200', 'usd')).toEqual([])
    expect(read('200 barns', 'barns')).toEqual([])
    for (const [quote, unit] of [
      ['200 tons', 'ha'],
      ['$200', 'ha'],
      ['200 barns', 'ha'],
      ['200 tons', 'barns'],
    ] as const) {
      expect(read(quote, unit), `${quote} as ${unit}`).toEqual([cannotBeRead('value')])
    }
  })
})

describe('a quote', () => {
  const wholeSentence = expect.stringMatching(/^figure: quote ".*" is a whole sentence$/) as string

  it.each([
    'Is it large? ⟦It has 12 barns⟧. Yes',
    'So large! ⟦It has 12 barns⟧. Yes',
    'It is “large.” ⟦It has 12 barns⟧. Yes',
    'It is large:\n• ⟦It has 12 barns⟧. Yes',
    'It is large. ⟦It has 12 barns⟧? Yes',
    'It is large. ⟦It has 12 barns⟧! Yes',
    'It is large. ⟦It has 12 barns?⟧ Yes',
    'It is large. ⟦It has 12 barns!⟧ Yes',
    '“It is large. ⟦It has 12 barns.”⟧ Yes',
  ])('is no whole sentence: %j', (sentence) => {
    expect(auditSentence(sentence, { value: 12, unit: 't', qualifier: 'exact' })).toEqual([wholeSentence])
  })
})

describe('the superlative', () => {
  it.each([
    ['a ⟦record harvest⟧ came', 'highest'],
    ['a ⟦Record Harvest⟧ came', 'highest'],
    ['an ⟦all-time high⟧ came', 'highest'],
    ['the ⟦largest harvest⟧ came', 'highest'],
    ['an ⟦unprecedented harvest⟧ came', 'highest'],
    ['a ⟦Record Low harvest⟧ came', 'lowest'],
    ['an ⟦all-time low⟧ came', 'lowest'],
    ['the ⟦smallest harvest⟧ came', 'lowest'],
    ['the ⟦least fruit⟧ came', 'lowest'],
    ['the ⟦highest harvest⟧ came', 'highest'],
    ['the ⟦most apples⟧ came', 'highest'],
    ['the ⟦peak of harvests⟧ came', 'highest'],
    ['the ⟦lowest harvest⟧ came', 'lowest'],
    ['the ⟦fewest apples⟧ came', 'lowest'],
    ['a ⟦record low harvest⟧ came', 'lowest'],
  ] as const)('can be read where %s: %s', (sentence, superlative) => {
    expect(auditSentence(sentence, { superlative })).toEqual([])
  })

  it.each([
    ['a ⟦good harvest⟧ came', 'highest'],
    ['the ⟦lowest harvest⟧ came', 'highest'],
    ['the ⟦highest harvest⟧ came', 'lowest'],
    ['a ⟦recorded harvest⟧ came', 'highest'],
    ['a ⟦record low harvest⟧ came', 'highest'],
  ] as const)('cannot be read where %s: %s', (sentence, superlative) => {
    expect(auditSentence(sentence, { superlative })).toEqual([cannotBeRead('superlative')])
  })

  it.each([
    ['there were ⟦at least 500 tons⟧ there', 'lowest', 'at_least'],
    ['there were ⟦at most 500 tons⟧ there', 'highest', 'at_most'],
  ] as const)('cannot be read from the words of a qualifier: %s', (sentence, superlative, qualifier) => {
    expect(auditSentence(sentence, { superlative, qualifier, value: 500 })).toEqual([cannotBeRead('superlative')])
  })
})

describe('a record', () => {
  it('is not left out where the quote prints one', () => {
    expect(auditSentence('a ⟦record 500 tons⟧ came', { value: 500, qualifier: 'exact' })).toEqual([
      'figure: "record 500 tons" prints a record, but it has no superlative',
    ])
  })
})

describe('a reason for leaving a mention out', () => {
  const leaveOut = (text: string, reason: NotRecordedReason) =>
    faultsOf({
      text: `${reportText} Also ${text}.`,
      read: ({ not_recorded }) => {
        not_recorded.push({ text, start: codePoints(reportText) + ' Also '.length, reason })
      },
    })

  it.each<[string, NotRecordedReason]>([
    ['1,500', 'repeated_mention'],
    // Printed as what something fell by, it is below zero in the dataset.
    ['40', 'repeated_mention'],
    ['May 2011', 'date'],
    ['2011', 'date'],
    ['fifth', 'ordinal'],
    ['hundreds', 'vague'],
    ['900', 'name'],
  ])('fits %s as %s', (text, reason) => {
    expect(leaveOut(text, reason)).toEqual([])
  })

  it.each<[string, NotRecordedReason]>([
    ['900', 'repeated_mention'],
    ['4,200', 'repeated_mention'],
    ['900', 'date'],
    ['900', 'ordinal'],
    ['900', 'vague'],
  ])('does not fit %s as %s', (text, reason) => {
    expect(leaveOut(text, reason)).toEqual([expect.stringContaining('is nothing that this reason is for')])
  })
})

describe('the since-year', () => {
  it.each([
    ['the ⟦lowest harvest since 1985⟧ came', 1985],
    ['the ⟦lowest harvest in 26 years⟧ came', 1985],
    ['the ⟦lowest harvest in fifteen years⟧ came', 1996],
    ['the ⟦lowest harvest in two decades⟧ came', 1991],
    ['the ⟦lowest 26-year harvest⟧ came', 1985],
  ])('can be read where %s', (sentence, superlative_since) => {
    expect(auditSentence(sentence, { superlative: 'lowest', superlative_since })).toEqual([])
  })

  it.each([
    ['the ⟦lowest harvest since 1985⟧ came', 1984],
    ['the ⟦lowest harvest in 26 years⟧ came', 1984],
    ['the ⟦lowest harvest in 26 towns⟧ came', 1985],
    ['the ⟦lowest harvest⟧ came', 1985],
  ])('cannot be read where %s', (sentence, superlative_since) => {
    const faults = auditSentence(sentence, { superlative: 'lowest', superlative_since })
    expect(faults[0]).toBe(`figure: no evidence for superlative_since, ${superlative_since}`)
  })
})

describe('the rank', () => {
  const rank = (value: number) => ({ value, unit: 'rank', qualifier: 'exact' }) as const

  it.each([
    ['it is the ⟦largest grower of pears⟧ there', 1],
    ['it is the ⟦leading grower of pears⟧ there', 1],
    ['it is the ⟦first grower of pears⟧ there', 1],
    ['it is the ⟦number one grower of pears⟧ there', 1],
    ['it is the ⟦second-largest grower⟧ there', 2],
    ['it is the ⟦third largest grower⟧ there', 3],
    ['it is the ⟦21st grower of pears⟧ there', 21],
    // Of a number that is no place this would be a bound.
    ['it moved ⟦up to third place⟧ there', 3],
  ])('can be read where %s', (sentence, value) => {
    expect(auditSentence(sentence, rank(value))).toEqual([])
  })

  it('alone is read where no number stands: the largest of something is not one of it', () => {
    expect(auditSentence('it is the ⟦largest grower of pears⟧ there', { ...rank(1), unit: 'tonne' })).toContainEqual(
      cannotBeRead('value'),
    )
  })

  it.each([
    ['it is a ⟦large grower of pears⟧ there', 1],
    ['it is the ⟦largest grower of pears⟧ there', 2],
    ['it is the ⟦second-largest grower⟧ there', 1],
    ['it is the ⟦second largest grower⟧ there', 1],
    ['it is the ⟦third-largest grower⟧ there', 2],
    ['it is ⟦one of three growers⟧ there', 3],
    ['it is ⟦one of the top growers⟧ there', 1],
    ['it is one of the ⟦largest growers⟧ there', 1],
  ])('cannot be read where %s, as %i', (sentence, value) => {
    expect(auditSentence(sentence, rank(value))).toContainEqual(cannotBeRead('value'))
  })
})

describe('the stated period', () => {
  const stated = (period: string) => ({ superlative: 'highest', period, period_basis: 'stated' }) as const

  it.each([
    ['the ⟦highest harvest of 2018⟧ there', '2018'],
    ['the ⟦highest harvest of July 2018⟧ there', '2018-07'],
    ['the ⟦highest harvest of July 20, 2018⟧ there', '2018-07-20'],
    ['the ⟦highest harvest of 2018-2020⟧ there', '2018/2020'],
    ['the ⟦highest harvest until 2018⟧ there', '../2018'],
  ])('can be read where %s', (sentence, period) => {
    expect(auditSentence(sentence, stated(period))).toEqual([])
  })

  it.each([
    ['the ⟦highest harvest of July 2018⟧ there', '2018', '2018'],
    ['the ⟦highest harvest of 2018⟧ there', '2018-07', '2018-07'],
    ['the ⟦highest harvest of 2018⟧ there', '2018/2020', '2020'],
    ['the ⟦highest harvest⟧ there', '../2018', '2018'],
    ['the ⟦highest harvest of 2,018 tons⟧ there', '2018', '2018'],
  ])('cannot be read where %s, as %s', (sentence, period, missing) => {
    expect(auditSentence(sentence, stated(period))).toContain(`figure: no evidence for the stated period, ${missing}`)
  })
})

describe.concurrent('npm run audit', { timeout: 60_000 }, () => {
  const usage = 'usage: npm run audit -- DIR [--locate "phrase"] [--seed FOLDER]'
  const audit = (seed: string, ...parameters: string[]) => runCommand('audit', [...parameters, '--seed', seed])

  it('prints a table with totals, and exits 0, where all is well', async ({ onTestFinished }) => {
    const { seed, texts } = writeNorthvale(onTestFinished)
    writeFileSync(join(texts, 'README.md'), 'These 3 texts are invented.')
    const { code, stdout, stderr } = await audit(seed, texts)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n').map((row) => row.trim().split(/ {2,}/))).toEqual([
      ['document', 'figures', 'mentions', 'recorded', 'not_recorded', 'faults'],
      ['cellar-note-2021', '1', '2', '2', '0', '0'],
      ['market-letter-2021', '1', '2', '2', '0', '0'],
      ['orchard-report-2020', '9', '20', '16', '4', '0'],
      ['total', '11', '24', '20', '4', '0'],
      [''],
      ['Every quote stands where the dataset says, and every numeric mention is accounted for.'],
      [''],
    ])
  })

  it('prints each fault with its document, and exits 1', async ({ onTestFinished }) => {
    const { seed, texts } = writeNorthvale(onTestFinished)
    edit(texts, 'orchard-report-2020.txt', 'welcomed 1,500', 'welcomed 1,600')
    const { code, stdout, stderr } = await audit(seed, texts)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^orchard-report-2020 +9 +20 +15 +4 +3$/m)
    expect(stdout).not.toContain('Every quote stands')
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^orchard-report-2020: orchard-report-2020\.txt: its SHA-256 is /),
      expect.stringMatching(/^orchard-report-2020: .*quote "welcomed 1,500 visitors" is not at /),
      expect.stringMatching(/^orchard-report-2020: unaccounted for: "1,600" at /),
      '',
      '3 faults',
    ])
  })

  it('exits 1 where a text is missing', async ({ onTestFinished }) => {
    const { seed, texts } = writeNorthvale(onTestFinished)
    rmSync(join(texts, 'market-letter-2021.txt'))
    const { code, stderr } = await audit(seed, texts)
    expect(code).toBe(1)
    expect(stderr).toBe('\nmarket-letter-2021: its text, market-letter-2021.txt, is missing\n\n1 fault\n')
  })

  it('exits 1 where a text has no document', async ({ onTestFinished }) => {
    const { seed, texts } = writeNorthvale(onTestFinished)
    writeFileSync(join(texts, 'extra.txt'), 'No numbers here.')
    const { code, stderr } = await audit(seed, texts)
    expect(code).toBe(1)
    expect(stderr).toBe('\nextra.txt: no document of the dataset has this text\n\n1 fault\n')
  })

  it('exits 1 where the dataset itself has faults, and names them', async ({ onTestFinished }) => {
    const { seed, texts } = writeNorthvale(onTestFinished)
    edit(seed, reportFile, 'superlative_since: 1998', 'superlative_since: 2019')
    const { code, stdout, stderr } = await audit(seed, texts)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /^documents\/orchard-report-2020\.yaml:\d+: figures\.0\.superlative_since: expected [^\n]+\n$/,
    )
  })

  it('prints what is wrong with its arguments, how it is used, and exits 1', async () => {
    const wrong: [string[], RegExp][] = [
      [[], /^$/],
      [['.', '.'], /^$/],
      [['.', '--locate', ''], /^$/],
      [['./nowhere'], /^there is no folder \.\/nowhere\n$/],
      [['package.json'], /^there is no folder package\.json\n$/],
      [['--colour'], /^Unknown option '--colour'.*\n$/],
      [['.', '--locate'], /^Option '--locate.*\n$/],
    ]
    const results = await Promise.all(wrong.map(([parameters]) => runCommand('audit', parameters)))
    for (const [index, { code, stdout, stderr }] of results.entries()) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr.endsWith(`${usage}\n`)).toBe(true)
      expect(stderr.slice(0, -usage.length - 1)).toMatch(wrong[index]?.[1] ?? expect.unreachable())
    }
  })

  it('locates every place of a phrase, with the mentions in it', async ({ onTestFinished }) => {
    const { seed, texts } = writeNorthvale(onTestFinished)
    const { code, stdout } = await audit(seed, texts, '--locate', '85 baskets')
    const [first, second] = [at('In 2017, 85 baskets', '85'), at('In 2018, 85 baskets', '85')]
    expect(code).toBe(0)
    expect(stdout.split('\n')).toEqual([
      `orchard-report-2020.txt: ${first}..${first + 10}`,
      `  number "85" at ${first}..${first + 2}`,
      `orchard-report-2020.txt: ${second}..${second + 10}`,
      `  number "85" at ${second}..${second + 2}`,
      '',
    ])
  })

  it('exits 1 where the phrase to locate is in none of the texts', async ({ onTestFinished }) => {
    const { seed, texts } = writeNorthvale(onTestFinished)
    const result = await audit(seed, texts, '--locate', 'bananas')
    expect(result).toEqual({ code: 1, stdout: '', stderr: `"bananas" stands in none of the texts in ${texts}\n` })
  })
})

const trueTexts = join(root, '../shared/documents')

// The documents themselves are not part of the project; where they are at hand, the proof is run on them.
describe.runIf(existsSync(trueTexts))(
  'npm run audit on the true documents',
  { timeout: 60_000, concurrent: true },
  () => {
    /** Copies of the texts and of seed-data/, and a function that changes one text and records its SHA-256. */
    function copies(atEnd: AtEnd) {
      const texts = join(temporaryFolder(atEnd), 'texts')
      mkdirSync(texts)
      for (const name of globSync('*.txt', { cwd: trueTexts })) {
        writeFileSync(join(texts, name), readFileSync(join(trueTexts, name)))
      }
      const seed = copySeed(atEnd)
      const rewrite = (
        { document: { id, file, sha256: recorded } }: SeedDocument,
        change: (text: string) => string,
      ) => {
        const text = readFileSync(join(texts, file), 'utf8')
        expect(change(text)).not.toBe(text)
        writeFileSync(join(texts, file), change(text))
        edit(seed, `documents/${id}.yaml`, recorded, sha256(change(text)))
      }
      return { seed, texts, rewrite, audit: () => runCommand('audit', [texts, '--seed', seed]) }
    }

    /** A document of seed-data/ and a figure of it with a printed number of several digits. */
    function numbered() {
      for (const document of readSeed(join(root, 'seed-data')).documents) {
        const figure = document.figures.find(({ quote }) => /\d{2}/.test(quote))
        if (figure !== undefined) return { document, figure }
      }
      return expect.unreachable('no figure has a number')
    }

    it('exits 0, with nothing left out', async () => {
      const { code, stdout, stderr } = await runCommand('audit', [trueTexts])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toMatch(/^total .* 0$/m)
    })

    it('exits 1 for a changed digit, though the SHA-256 were right', async ({ onTestFinished }) => {
      const { rewrite, audit } = copies(onTestFinished)
      const { document, figure } = numbered()
      const digit = figure.quote_start + [...figure.quote].findIndex((character) => /\d/.test(character))
      rewrite(document, (text) =>
        [...text]
          .map((character, place) => (place === digit ? String((Number(character) + 1) % 10) : character))
          .join(''),
      )
      const { code, stderr } = await audit()
      expect(code).toBe(1)
      expect(stderr).toContain(`quote "${figure.quote}" is not at ${figure.quote_start}..${figure.quote_end}`)
      expect(stderr).not.toContain('SHA-256')
    })

    it('exits 1 for a moved phrase', async ({ onTestFinished }) => {
      const { rewrite, audit } = copies(onTestFinished)
      const { document, figure } = numbered()
      rewrite(document, (text) => {
        const lines = text.split('\n')
        const moved = lines.findIndex((line) => line.includes(figure.quote))
        const [line = ''] = lines.splice(moved, 1)
        // To the other end of the text, whichever is further.
        return (moved > lines.length / 2 ? [line, ...lines] : [...lines, line]).join('\n')
      })
      const { code, stderr } = await audit()
      expect(code).toBe(1)
      expect(stderr).toMatch(
        new RegExp(`quote "${RegExp.escape(figure.quote)}" is not at ${figure.quote_start}\\.\\..*; it stands at \\d+`),
      )
    })

    it('exits 1 for an added number', async ({ onTestFinished }) => {
      const { rewrite, audit } = copies(onTestFinished)
      const { document } = numbered()
      rewrite(document, (text) => `${text}\nPage 7`)
      const { code, stderr } = await audit()
      expect(code).toBe(1)
      expect(stderr).toMatch(/unaccounted for: "7" at \d+\.\.\d+ in "….*Page 7…"\n\n1 fault\n$/)
    })

    it('exits 1 for a missing text', async ({ onTestFinished }) => {
      const { texts, audit } = copies(onTestFinished)
      const { document } = numbered()
      rmSync(join(texts, document.document.file))
      const { code, stderr } = await audit()
      expect(code).toBe(1)
      expect(stderr).toContain(`its text, ${document.document.file}, is missing`)
    })
  },
)
