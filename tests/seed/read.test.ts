import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildDatabase } from '../../src/seed/build.ts'
import { SeedError, type SeedProblem } from '../../src/seed/problems.ts'
import { readSeed } from '../../src/seed/read.ts'
import { seedDirectory } from '../../src/seed/staleness.ts'
import { contents, edit, lineOf, sha256, temporaryFolder, thrownBy } from '../support/seed.ts'
import { at, chain, derivedFile, letterFile, letterText, reportFile, reportText, writeNorthvale } from './northvale.ts'

const built = join(temporaryFolder(afterAll), 'built.db')
const sound = writeNorthvale(afterAll)
beforeAll(() => {
  buildDatabase(built, sound.seed)
})

/** The faults that keep a folder from being built, once it is sure that nothing was written and nothing left over. */
function faultsOf(folder: string): readonly SeedProblem[] {
  const place = temporaryFolder()
  const path = join(place, 'metrics.db')
  copyFileSync(built, path)
  const before = contents(place)
  const error = thrownBy(() => buildDatabase(path, folder))
  expect(contents(place)).toEqual(before)
  expect(error).toBeInstanceOf(SeedError)
  return (error as SeedError).problems
}

type Case = {
  name: string
  file?: string
  /** Stands once in the file, and is replaced … */
  from: string
  /** … by this. */
  to: string
  /** Stands once in the broken file, in the line that the fault is to name; `to` where left out. */
  in?: string
  field: string
  message: string | RegExp
}

const formula = 'expected text that begins neither with =, +, - or @ (a formula in a spreadsheet) nor with a blank'
const apples = '- id: report-2020-apples-2019\n'
const area = '- id: report-2020-area-change-2019\n'

/** Each of these breaks one thing in one file, the report's where none is named, so exactly one fault is expected. */
const cases: Case[] = [
  {
    name: 'broken YAML',
    from: 'kind: report',
    to: 'kind: report: annual',
    field: '',
    message: /^expected YAML: Nested mappings are not allowed in compact mappings/,
  },
  {
    name: 'a YAML key that stands twice',
    from: '    actor: growers\n    superlative',
    to: '    actor: growers\n    actor: orchard-board\n    superlative',
    in: '    actor: orchard-board',
    field: '',
    message: /^expected YAML: Map keys must be unique/,
  },
  {
    name: 'an empty file',
    file: 'comparisons.yaml',
    from: `comparisons:
  - figure_a: note-2021-pears-2019
    figure_b: letter-2021-pears-2019
    reason: The note says more than the letter.
`,
    to: '# nothing',
    field: '',
    message: 'Invalid input: expected object, received null',
  },
  {
    name: 'a field that is missing, at the line of its figure',
    from: '    place: northvale\n    actor: growers\n    superlative',
    to: '    actor: growers\n    superlative',
    in: apples,
    field: 'figures.0.place',
    message: 'Invalid input: expected string, received undefined',
  },
  {
    name: 'a field that is not known',
    from: 'quote: largest maker of cider\n',
    to: 'quote: largest maker of cider\n    colour: red\n',
    in: 'colour: red',
    field: 'figures.4.colour',
    message: 'a field that is not known',
  },
  {
    name: 'a field that is not known, beside the figures',
    from: '\nnot_recorded:\n',
    to: '\nremarks: none\nnot_recorded:\n',
    in: 'remarks: none',
    field: 'remarks',
    message: 'a field that is not known',
  },
  {
    name: 'a field whose name is a number',
    from: 'quote: largest maker of cider\n',
    to: 'quote: largest maker of cider\n    7: seven\n',
    in: '7: seven',
    field: 'figures.4.7',
    message: 'a field that is not known',
  },
  {
    name: 'a number where text is expected',
    from: 'quote: largest maker of cider\n',
    to: 'quote: 2002\n',
    field: 'figures.4.quote',
    message: 'Invalid input: expected string, received number',
  },
  {
    name: 'a term that is in no vocabulary',
    from: 'measure: cumulative',
    to: 'measure: total',
    field: 'figures.8.measure',
    message: /^Invalid option: expected one of "level"\|"cumulative"/,
  },
  {
    name: 'a metric that is not known, with the nearest',
    from: 'metric: apple-harvest',
    to: 'metric: apple-harvests',
    field: 'figures.0.metric',
    message: 'expected the id of a metric, got apple-harvests; did you mean apple-harvest?',
  },
  {
    name: 'a metric that is like none',
    from: 'metric: apple-harvest',
    to: 'metric: rainfall-in-millimetres',
    field: 'figures.0.metric',
    message: 'expected the id of a metric, got rainfall-in-millimetres',
  },
  {
    name: 'a scope of no metric',
    from: 'scope: all\n    measure: cumulative',
    to: 'scope: al\n    measure: cumulative',
    field: 'figures.8.scope',
    message: 'expected the id of a scope of visitors, got al; did you mean all?',
  },
  {
    name: 'a scope of another metric',
    from: 'scope: all\n    measure: cumulative',
    to: 'scope: late-frost\n    measure: cumulative',
    field: 'figures.8.scope',
    message: 'expected the id of a scope of visitors, got late-frost',
  },
  {
    name: 'a place that is not known',
    from: 'place: northvale\n    quote: largest maker',
    to: 'place: northdale\n    quote: largest maker',
    field: 'figures.4.place',
    message: 'expected the id of a place, got northdale; did you mean northvale?',
  },
  {
    name: 'an actor that is not known',
    from: 'actor: growers\n    superlative',
    to: 'actor: grower\n    superlative',
    field: 'figures.0.actor',
    message: 'expected the id of an organization, got grower; did you mean growers?',
  },
  {
    name: 'an attribution that is not known',
    file: letterFile,
    from: 'attribution: orchard-board',
    to: 'attribution: orchards-board',
    field: 'figures.0.attribution',
    message: 'expected the id of an organization, got orchards-board; did you mean orchard-board?',
  },
  {
    name: 'a publisher that is not known',
    file: letterFile,
    from: 'publisher: fruit-market',
    to: 'publisher: fruits-market',
    field: 'document.publisher',
    message: 'expected the id of an organization, got fruits-market; did you mean fruit-market?',
  },
  {
    name: 'a unit that is not known',
    file: 'metrics.yaml',
    from: 'unit: baskets',
    to: 'unit: basket',
    field: 'metrics.6.unit',
    message: 'expected the id of a unit, got basket; did you mean baskets?',
  },
  {
    name: 'a comparison of a figure that is not known',
    file: 'comparisons.yaml',
    from: 'figure_a: note-2021-pears-2019',
    to: 'figure_a: note-2021-pear-2019',
    field: 'comparisons.0.figure_a',
    message: 'expected the id of a figure, got note-2021-pear-2019; did you mean note-2021-pears-2019?',
  },
  {
    name: 'the id of another figure of the document',
    from: 'id: report-2020-cider-rank',
    to: 'id: report-2020-apples-2019 # again',
    field: 'figures.4.id',
    message: 'expected an id of its own; report-2020-apples-2019 is taken',
  },
  {
    name: 'the id of a figure of another document',
    from: 'id: report-2020-cider-rank',
    to: 'id: letter-2021-pears-2019',
    field: 'figures.4.id',
    message: 'expected an id of its own; letter-2021-pears-2019 is taken',
  },
  {
    name: 'an id that is not in kebab-case',
    from: 'id: report-2020-cider-rank',
    to: 'id: Cider_Rank',
    field: 'figures.4.id',
    message: 'expected a kebab-case id, such as coca-cultivation',
  },
  {
    name: 'the id of a document that is not the name of its file',
    from: 'id: orchard-report-2020',
    to: 'id: orchard-report-2019',
    field: 'document.id',
    message: 'expected the name of the file, orchard-report-2020, got orchard-report-2019',
  },
  {
    name: 'an alias of nothing',
    file: 'units.yaml',
    from: 'units:\n',
    to: 'units: *nothing\nmore:\n',
    in: 'units: ',
    field: '',
    message: /^expected YAML: .*nothing/,
  },
  {
    name: 'an address with a fragment',
    from: 'address: https://example.org/orchards\n',
    to: 'address: https://example.org/orchards#top\n',
    field: 'document.address',
    message: 'expected an address without a fragment',
  },
  {
    name: 'a negative value of anything but a change',
    from: 'value: 1500\n',
    to: 'value: -1500\n',
    field: 'figures.8.value',
    message: 'expected no negative value for the measure cumulative',
  },
  {
    name: 'a rank that is no whole number',
    from: 'value: 3\n',
    to: 'value: 1.5\n',
    field: 'figures.5.value',
    message: 'expected a whole number from 1 for a rank, got 1.5',
  },
  {
    name: 'a unit that stands twice',
    file: 'units.yaml',
    from: 'units:\n',
    to: 'units:\n  - { id: ha, title: First, definition: First., symbol: x }\n',
    in: 'title: hectares',
    field: 'units.2.id',
    message: 'expected an id of its own; ha is taken',
  },
  {
    name: 'a place that stands twice',
    file: 'places.yaml',
    from: 'places:\n',
    to: 'places:\n  - { id: southvale, title: First, definition: First. }\n',
    in: 'title: Southvale',
    field: 'places.2.id',
    message: 'expected an id of its own; southvale is taken',
  },
  {
    name: 'an organization that stands twice',
    file: 'organizations.yaml',
    from: 'organizations:\n',
    to: 'organizations:\n  - { id: growers, title: First, definition: First. }\n',
    in: 'title: Growers of Northvale',
    field: 'organizations.3.id',
    message: 'expected an id of its own; growers is taken',
  },
  {
    name: 'a metric that stands twice',
    file: 'metrics.yaml',
    from: 'metrics:\n',
    to:
      'metrics:\n  - { id: planted-area, title: First, definition: First., topic: trade, unit: ha, ' +
      'additive: false, scopes: { all: First. } }\n',
    in: '  - id: planted-area\n',
    field: 'metrics.2.id',
    message: 'expected an id of its own; planted-area is taken',
  },
  {
    name: 'a high bound that the qualifier does not give',
    from: 'qualifier: more_than\n',
    to: 'qualifier: more_than\n    value_high: 5000\n',
    in: 'value_high: 5000',
    field: 'figures.0.value_high',
    message: 'contradicts the qualifier: more_than 4200 gives value_low 4200 (exclusive), value_high null, got 5000',
  },
  {
    name: 'an inclusive bound where the qualifier excludes it',
    from: 'qualifier: more_than\n',
    to: 'qualifier: more_than\n    value_low_inclusive: true\n',
    in: 'value_low_inclusive: true',
    field: 'figures.0.value_low_inclusive',
    message: 'contradicts the qualifier: more_than 4200 gives value_low 4200 (exclusive), value_high null, got true',
  },
  {
    name: 'an open bound where the qualifier gives one',
    from: 'qualifier: more_than\n',
    to: 'qualifier: more_than\n    value_low: null\n',
    in: 'value_low: null',
    field: 'figures.0.value_low',
    message: 'contradicts the qualifier: more_than 4200 gives value_low 4200 (exclusive), value_high null, got null',
  },
  {
    name: 'a bound on the wrong side of a decrease',
    from: 'qualifier: nearly\n',
    to: 'qualifier: nearly\n    value_high: -40\n',
    in: 'value_high: -40',
    field: 'figures.2.value_high',
    message: 'contradicts the qualifier: nearly -40 gives value_low -40 (exclusive), value_high null, got -40',
  },
  {
    name: 'a value left out without a superlative',
    from: '    value: 30\n    qualifier: exact\n',
    to: '',
    in: area,
    field: 'figures.1.value',
    message: 'expected a value, since there is no superlative',
  },
  {
    name: 'a value without a qualifier',
    from: '    value: 30\n    qualifier: exact\n',
    to: '    value: 30\n',
    in: area,
    field: 'figures.1.qualifier',
    message: 'expected a value and a qualifier together, or neither',
  },
  {
    name: 'a qualifier without a value',
    from: '    value: 4200\n    qualifier: more_than\n',
    to: '    qualifier: more_than\n',
    field: 'figures.0.qualifier',
    message: 'expected a value and a qualifier together, or neither',
  },
  {
    name: 'a bound without a value',
    from: '    value: 4200\n    qualifier: more_than\n',
    to: '    value_low: 4200\n',
    field: 'figures.0.value_low',
    message: /^contradicts the qualifier: no qualifier .*gives value_low null, value_high null, got 4200$/,
  },
  {
    name: 'a value that a double does not hold exactly',
    from: 'value: 1500\n',
    to: 'value: 9007199254740993\n',
    field: 'figures.8.value',
    message: 'Too big: expected number to be <=9007199254740991',
  },
  {
    name: 'a since-year without a superlative',
    from: '    superlative: highest\n    superlative_since: 1998\n',
    to: '    superlative_since: 1998\n',
    field: 'figures.0.superlative_since',
    message: 'expected a superlative beside it',
  },
  {
    name: 'a since-year that does not come before the period',
    from: 'superlative_since: 1998',
    to: 'superlative_since: 2019',
    field: 'figures.0.superlative_since',
    message: 'expected a year before the period, 2019',
  },
  {
    name: 'a quote of eleven words',
    from: 'quote: more than 4,200 tons of apples, the most since 1998',
    to: 'quote: yielded more than 4,200 tons of apples, the most since 1998',
    field: 'figures.0.quote',
    message: 'expected at most ten words',
  },
  ...['=1+1', '+1', '-1', '@home'].map((text) => ({
    name: `text that a spreadsheet takes for a formula, ${text}`,
    from: 'statement: Two others grow more pears.',
    to: `statement: "${text}"`,
    field: 'figures.5.statement',
    message: formula,
  })),
  {
    name: 'a quote that a spreadsheet takes for a formula',
    from: 'quote: largest maker of cider',
    to: 'quote: "-largest maker of cider"',
    field: 'figures.4.quote',
    message: formula,
  },
  {
    name: 'a code of a unit that a spreadsheet takes for a formula',
    file: 'units.yaml',
    from: 'ucum: har',
    to: 'ucum: "=har"',
    field: 'units.1.ucum',
    message: formula,
  },
  {
    name: 'text over two lines',
    from: 'statement: Two others grow more pears.',
    to: 'statement: "Two others\\ngrow more pears."',
    field: 'figures.5.statement',
    message: 'expected text on one line, without control characters',
  },
  {
    name: 'text that ends with a blank',
    from: 'statement: Two others grow more pears.',
    to: 'statement: "Two others grow more pears. "',
    field: 'figures.5.statement',
    message: 'expected text that does not end with a blank',
  },
  {
    name: 'a folded text, at the line of its key',
    from: 'statement: Two others grow more pears.',
    to: `statement: >-\n      ${'Two others grow more pears. '.repeat(50).trimEnd()}`,
    in: 'statement: >-',
    field: 'figures.5.statement',
    message: 'Too big: expected string to have <=1000 characters',
  },
  {
    name: 'an inferred period without the reason',
    from: '    note: The years stand in the clause before.\n',
    to: '',
    in: '- id: report-2020-frost-change-2019\n',
    field: 'figures.2.note',
    message: 'expected the reason for what is inferred',
  },
  {
    name: 'an inferred baseline without the reason',
    from: 'baseline_basis: stated\n    place: northvale\n    quote: the planted area',
    to: 'baseline_basis: inferred\n    place: northvale\n    quote: the planted area',
    in: area,
    field: 'figures.1.note',
    message: 'expected the reason for what is inferred',
  },
  {
    name: 'an inferred date of publication without the reason',
    from: '  published_note: The report looks back on 2019.\n',
    to: '',
    in: 'document:\n',
    field: 'document.published_note',
    message: 'expected the reason for what is inferred',
  },
  {
    name: 'a change without a baseline and without the reason',
    from: 'measure: cumulative',
    to: 'measure: change',
    in: '- id: report-2020-visitors\n',
    field: 'figures.8.note',
    message: 'expected the reason why the change has no baseline_year',
  },
  {
    name: 'a baseline on a level',
    from: 'actor: growers\n    superlative',
    to: 'actor: growers\n    baseline_year: 2005\n    baseline_basis: stated\n    superlative',
    in: 'baseline_year: 2005',
    field: 'figures.0.baseline_year',
    message: 'expected none for the measure level',
  },
  {
    name: 'a baseline without its basis',
    from: '    baseline_basis: stated\n    place: northvale\n    quote: the planted area',
    to: '    place: northvale\n    quote: the planted area',
    in: area,
    field: 'figures.1.baseline_basis',
    message: 'expected baseline_year and baseline_basis together, or neither',
  },
  {
    name: 'a baseline after the period',
    from: 'baseline_year: 2019',
    to: 'baseline_year: 2026',
    field: 'figures.3.baseline_year',
    message: 'expected a year not after the period, 2025',
  },
  {
    name: 'a rank that is no level',
    from: 'metric: cider-maker-rank\n    scope: all\n    measure: level',
    to: 'metric: cider-maker-rank\n    scope: all\n    measure: rate',
    in: 'measure: rate',
    field: 'figures.4.measure',
    message: 'expected level for a rank',
  },
  {
    name: 'a share of a metric that is not in percent',
    from: 'measure: cumulative',
    to: 'measure: share',
    field: 'figures.8.measure',
    message: 'expected a metric in percent for a share; visitors is in persons',
  },
  {
    name: 'a bare year without quotes',
    from: 'period: "2025"',
    to: 'period: 2025',
    field: 'figures.3.period',
    message: 'expected an EDTF string; put a bare year in quotes: "2020"',
  },
  {
    name: 'a period that is no EDTF',
    from: 'period: "2025"',
    to: 'period: about 2025',
    field: 'figures.3.period',
    message: 'expected an EDTF date or interval such as 2020, 2018-07, 2018/2020 or ../2018, got "about 2025"',
  },
  {
    name: 'a period without an end',
    from: 'period: "2025"',
    to: 'period: 2025/..',
    field: 'figures.3.period',
    message: 'expected an EDTF date or an interval with an end, got "2025/.."',
  },
  {
    name: "a period that is not the document's, though it says so",
    from: 'period: ../2020-03',
    to: 'period: ../2021-03',
    field: 'figures.8.period',
    message: /^expected the document's own date, 2020-03, or an interval that ends /,
  },
  {
    name: 'a date of publication that is no EDTF',
    file: letterFile,
    from: 'published: 2021~',
    to: 'published: spring 2021',
    field: 'document.published',
    message: 'expected an EDTF date or interval such as 2020, 2018-07, 2018/2020 or ../2018, got "spring 2021"',
  },
  {
    name: 'a date of publication without a start',
    file: letterFile,
    from: 'published: 2021~',
    to: 'published: ../2021',
    field: 'document.published',
    message: 'expected a start, got "../2021"',
  },
  {
    name: 'evidence in no role',
    from: `{ role: period, start: ${at('to 2019', '2019')}`,
    to: `{ role: year, start: ${at('to 2019', '2019')}`,
    field: 'figures.1.evidence.1.role',
    message: /^Invalid option: expected one of "value"\|"period"\|"baseline"\|"since"/,
  },
  {
    name: 'a mention left out for no reason of the codebook',
    from: 'reason: ordinal',
    to: 'reason: boring',
    field: 'not_recorded.0.reason',
    message: /^Invalid option: expected one of "date"/,
  },
  {
    name: 'a changelog that is not of the version',
    file: 'dataset.yaml',
    from: '\nversion: 2021.05.0',
    to: '\nversion: 2021.06.0',
    in: '  - version: 2021.05.0',
    field: 'changelog.0.version',
    message: 'expected the newest entry to be of version 2021.06.0',
  },
  {
    name: 'a changelog that is not of the day of release',
    file: 'dataset.yaml',
    from: '\nreleased: 2021-05-04',
    to: '\nreleased: 2021-05-05',
    in: '    released: 2021-05-04',
    field: 'changelog.0.released',
    message: 'expected the newest entry to be of 2021-05-05',
  },
  {
    name: 'a comparison explained that is none',
    file: 'comparisons.yaml',
    from: 'comparisons:\n',
    to: 'comparisons:\n  - { figure_a: report-2020-visitors, figure_b: report-2020-pear-rank, reason: None. }\n',
    in: '{ figure_a: report-2020-visitors',
    field: 'comparisons',
    message:
      'expected a pair that is compared, the earlier printed first; ' +
      'report-2020-visitors and report-2020-pear-rank are none, or stand twice',
  },
  {
    name: 'a comparison explained twice',
    file: 'comparisons.yaml',
    from: 'comparisons:\n',
    to: 'comparisons:\n  - { figure_a: note-2021-pears-2019, figure_b: letter-2021-pears-2019, reason: First. }\n',
    in: '  - figure_a: note-2021-pears-2019',
    field: 'comparisons',
    message:
      'expected a pair that is compared, the earlier printed first; ' +
      'note-2021-pears-2019 and letter-2021-pears-2019 are none, or stand twice',
  },
  {
    name: 'a comparison that needs a reason and has none',
    file: 'comparisons.yaml',
    from: `
  - figure_a: note-2021-pears-2019
    figure_b: letter-2021-pears-2019
    reason: The note says more than the letter.`,
    to: ' []',
    in: 'comparisons: []',
    field: 'comparisons',
    message: 'expected a reason for note-2021-pears-2019 and letter-2021-pears-2019, whose relation is conflicts',
  },
]

describe('a folder with one thing broken', () => {
  it.each(cases.map((entry) => [entry.name, entry] as const))('is refused for %s', (_, entry) => {
    const { file = reportFile, from, to, in: place = to, field, message } = entry
    const { seed } = writeNorthvale()
    edit(seed, file, from, to)
    const said: unknown = typeof message === 'string' ? message : expect.stringMatching(message)
    expect(faultsOf(seed)).toEqual([{ file, line: lineOf(seed, file, place), field, message: said }])
  })

  it.each(['dataset', 'units', 'places', 'organizations', 'metrics', 'comparisons'])(
    'is refused without %s.yaml',
    (name) => {
      const { seed } = writeNorthvale()
      rmSync(join(seed, `${name}.yaml`))
      const message = `expected this file in ${seed}`
      expect(faultsOf(seed)).toEqual([{ file: `${name}.yaml`, line: 1, field: '', message }])
    },
  )

  it('is refused without any document', () => {
    const { seed } = writeNorthvale()
    rmSync(join(seed, 'documents'), { recursive: true })
    rmSync(join(seed, derivedFile))
    writeFileSync(join(seed, 'comparisons.yaml'), 'comparisons: []\n')
    expect(faultsOf(seed)).toHaveLength(1)
  })

  it('is refused where a comparison names the later figure first, for the reason and for the lack of one', () => {
    const { seed } = writeNorthvale()
    edit(seed, 'comparisons.yaml', 'figure_a: note-2021', 'figure_a: letter-2021')
    edit(seed, 'comparisons.yaml', 'figure_b: letter-2021', 'figure_b: note-2021')
    expect(faultsOf(seed).map((fault) => fault.message)).toEqual([
      'expected a reason for note-2021-pears-2019 and letter-2021-pears-2019, whose relation is conflicts',
      'expected a pair that is compared, the earlier printed first; ' +
        'letter-2021-pears-2019 and note-2021-pears-2019 are none, or stand twice',
    ])
  })
})

describe('a folder with several things broken', () => {
  it('is refused for all of them, in the order of files and lines', () => {
    const { seed } = writeNorthvale()
    edit(seed, 'metrics.yaml', 'unit: baskets', 'unit: basket')
    edit(seed, reportFile, 'superlative_since: 1998', 'superlative_since: 2019')
    edit(seed, reportFile, 'publisher: orchard-board', 'publisher: nobody')
    edit(seed, letterFile, '  kind: letter', '  colour: red\n  kind: letter')
    edit(seed, letterFile, 'language: en', 'language: 5')
    const expected = [
      [letterFile, 'colour: red', 'document.colour'],
      [letterFile, 'language: 5', 'document.language'],
      [reportFile, 'publisher: nobody', 'document.publisher'],
      [reportFile, 'superlative_since: 2019', 'figures.0.superlative_since'],
      ['metrics.yaml', 'unit: basket', 'metrics.6.unit'],
    ] as const
    expect(faultsOf(seed).map(({ file, line, field }) => [file, line, field])).toEqual(
      expected.map(([file, text, field]) => [file, lineOf(seed, file, text), field]),
    )
  })

  it('is refused with a line for each: file, line, field and fault', () => {
    const { seed } = writeNorthvale()
    edit(seed, reportFile, 'publisher: orchard-board', 'publisher: nobody')
    edit(seed, reportFile, 'superlative_since: 1998', 'superlative_since: 2019')
    const [one, two] = ['publisher: nobody', 'superlative_since: 2019'].map((text) => lineOf(seed, reportFile, text))
    expect((thrownBy(() => readSeed(seed)) as SeedError).message).toBe(
      `${reportFile}:${one}: document.publisher: expected the id of an organization, got nobody\n` +
        `${reportFile}:${two}: figures.0.superlative_since: expected a year before the period, 2019`,
    )
  })
})

describe('a file that cannot be read', () => {
  it.each([
    ['metrics.yaml', 'unit: baskets', 'unit: { }'],
    ['places.yaml', 'title: Northvale', 'title: 5'],
    [letterFile, 'language: en', 'language: 5'],
  ])('is the only fault, whatever refers to what %s holds', (file, from, to) => {
    const { seed } = writeNorthvale()
    edit(seed, file, from, to)
    expect(faultsOf(seed).map((fault) => [fault.file, fault.line])).toEqual([[file, lineOf(seed, file, to)]])
  })
})

/** A derivation that stands between the two of the dataset, so its index is 1. */
const inserted = (record: string) => ({
  from: '  - id: derived-plums-growth-2018\n',
  to: `  - id: derived-extra\n${record}\n  - id: derived-plums-growth-2018\n`,
})
const difference = (later: string, earlier: string, rest = '') => `    metric: plum-sales
    method: difference
    inputs: { later: ${later}, earlier: ${earlier} }
    statement: Made up.${rest}`
const extra = (rest: string) => difference('report-2020-plums-2018', 'report-2020-plums-2017', `\n${rest}`)

describe('a derivation with one thing wrong', () => {
  const [later, earlier] = ['report-2020-plums-2018', 'report-2020-plums-2017']
  const cases: Case[] = [
    {
      name: 'a method that is not known',
      from: 'method: difference',
      to: 'method: subtraction',
      field: 'derived.0.method',
      message: /^Invalid option: expected one of "level_before_change"/,
    },
    {
      name: 'a method that is a word of JavaScript only',
      from: 'method: difference',
      to: 'method: constructor',
      field: 'derived.0.method',
      message: /^Invalid option: expected one of "level_before_change"/,
    },
    {
      name: 'a typed-in result',
      ...inserted(extra('    value: 5')),
      in: 'value: 5',
      field: 'derived.1.value',
      message: 'a field that is not known',
    },
    {
      name: 'no statement',
      ...inserted(difference(later, earlier).replace('    statement: Made up.', '')),
      in: '- id: derived-extra',
      field: 'derived.1.statement',
      message: 'Invalid input: expected string, received undefined',
    },
    {
      name: 'names of inputs that are not those of the method',
      ...inserted(difference(later, earlier).replace('later:', 'level:')),
      in: 'inputs: { level',
      field: 'derived.1.inputs',
      message: 'expected later and earlier for difference',
    },
    {
      name: 'no inputs',
      ...inserted(difference(later, earlier).replace(/\{ later.*\}/, '{}')),
      in: 'inputs: {}',
      field: 'derived.1.inputs',
      message: 'expected later and earlier for difference',
    },
    {
      name: 'an input of another measure',
      ...inserted(difference(later, 'report-2020-visitors')),
      in: `inputs: { later: ${later}, earlier: report-2020-visitors`,
      field: 'derived.1.inputs.earlier',
      message: 'expected the measure level, got cumulative',
    },
    {
      name: 'a level where a change is wanted',
      ...inserted(
        difference(later, earlier)
          .replace('difference', 'level_before_change')
          .replace('later:', 'level:')
          .replace('earlier:', 'change:'),
      ),
      in: 'inputs: { level:',
      field: 'derived.1.inputs.change',
      message: 'expected the measure relative_change, got level',
    },
    {
      name: 'a change where a level is wanted',
      ...inserted(difference('derived-plums-change-2018', earlier)),
      in: 'inputs: { later: derived-plums-change-2018',
      field: 'derived.1.inputs.later',
      message: 'expected the measure level, got change',
    },
    {
      name: 'an input of another metric',
      ...inserted(difference('letter-2021-pears-2019', earlier)),
      in: 'inputs: { later: letter',
      field: 'derived.1.inputs',
      message: 'expected figures of plum-sales for difference',
    },
    {
      name: 'a metric that is not known',
      ...inserted(difference(later, earlier).replace('plum-sales', 'plum-sale')),
      in: 'metric: plum-sale\n',
      field: 'derived.1.metric',
      message: 'expected the id of a metric, got plum-sale; did you mean plum-sales?',
    },
    {
      name: 'an input that is not known',
      ...inserted(difference(later, 'report-2020-plum-2017')),
      in: 'earlier: report-2020-plum-2017',
      field: 'derived.1.inputs.earlier',
      message:
        'expected the id of a figure, or of a derived one above, got report-2020-plum-2017; ' +
        'did you mean report-2020-plums-2017?',
    },
    {
      name: 'an input that is derived below',
      ...inserted(difference(later, 'derived-plums-growth-2018')),
      in: 'earlier: derived-plums-growth-2018',
      field: 'derived.1.inputs.earlier',
      message: /^expected the id of a figure, or of a derived one above, got derived-plums-growth-2018/,
    },
    {
      name: 'itself for an input',
      ...inserted(difference(later, 'derived-extra')),
      in: 'earlier: derived-extra',
      field: 'derived.1.inputs.earlier',
      message: /^expected the id of a figure, or of a derived one above, got derived-extra/,
    },
    {
      name: 'one figure for both inputs',
      ...inserted(difference(later, later)),
      in: `inputs: { later: ${later}, earlier: ${later}`,
      field: 'derived.1.inputs',
      message: 'expected two figures, got one twice',
    },
    {
      name: 'a later input that is the earlier',
      ...inserted(difference(earlier, later, '\n    assumes: That time runs back.')),
      in: `inputs: { later: ${earlier}`,
      field: 'derived.1.inputs',
      message: 'expected times in turn; 2017 does not come after 2018',
    },
    {
      name: 'unlike periods and no word of what is assumed',
      ...inserted(
        difference(later, 'letter-2021-pears-2019')
          .replace('difference', 'ratio')
          .replace('later:', 'numerator:')
          .replace('earlier:', 'denominator:'),
      ),
      // What is missing has no line, so it is that of the record.
      in: '- id: derived-extra',
      field: 'derived.1.assumes',
      message: 'expected what is assumed, since 2018 and 2019 are two periods',
    },
    {
      name: 'something assumed without need',
      ...inserted(extra('    assumes: That plums are plums.')),
      in: 'assumes: That plums',
      field: 'derived.1.assumes',
      message: 'expected none, since the inputs are alike',
    },
    {
      name: 'the id of a figure that is printed',
      from: 'id: derived-plums-growth-2018',
      to: 'id: report-2020-visitors',
      field: 'derived.1.id',
      message: 'expected an id of its own; report-2020-visitors is taken',
    },
    {
      name: 'the id of another derived figure',
      from: 'id: derived-plums-growth-2018',
      to: 'id: derived-plums-change-2018 # again',
      field: 'derived.1.id',
      message: 'expected an id of its own; derived-plums-change-2018 is taken',
    },
  ]

  it.each(cases.map((entry) => [entry.name, entry] as const))('is refused for %s', (_, entry) => {
    const { from, to, in: place = to, field, message } = entry
    const { seed } = writeNorthvale()
    edit(seed, derivedFile, from, to)
    const said: unknown = typeof message === 'string' ? message : expect.stringMatching(message)
    expect(faultsOf(seed)).toEqual([
      { file: derivedFile, line: lineOf(seed, derivedFile, place), field, message: said },
    ])
  })

  it('is refused for inputs that go round in a circle, at the one that stands first', () => {
    const { seed } = writeNorthvale()
    const { from, to } = inserted(difference('report-2020-plums-2018', 'derived-plums-growth-2018'))
    edit(seed, derivedFile, from, to)
    const growth = 'earlier: report-2020-plums-2017\n    statement: The sales'
    edit(seed, derivedFile, growth, growth.replace('report-2020-plums-2017', 'derived-extra'))
    expect(faultsOf(seed)).toMatchObject([
      { line: lineOf(seed, derivedFile, 'inputs: { later'), field: 'derived.1.inputs.earlier' },
    ])
  })

  it('is refused for an input without a value', () => {
    const { seed } = writeNorthvale()
    edit(seed, reportFile, '    value: 4200\n    qualifier: more_than\n', '')
    const { from, to } = inserted(`    metric: pear-harvest
    method: ratio
    inputs: { numerator: letter-2021-pears-2019, denominator: report-2020-apples-2019 }
    statement: Made up.`)
    edit(seed, derivedFile, from, to)
    expect(faultsOf(seed)).toEqual([
      {
        file: derivedFile,
        line: lineOf(seed, derivedFile, 'inputs: { numerator'),
        field: 'derived.1.inputs',
        message: 'expected values that give one',
      },
    ])
  })

  it('is refused without a note for what is inferred', () => {
    const { seed } = writeNorthvale()
    const stated = '    period: "2017"\n    period_basis: stated\n'
    edit(seed, reportFile, stated, stated.replace('stated', 'inferred\n    note: Made up.'))
    expect(faultsOf(seed)).toEqual(
      ['derived-plums-change-2018', 'derived-plums-growth-2018'].map((id, index) => ({
        file: derivedFile,
        line: lineOf(seed, derivedFile, `- id: ${id}`),
        field: `derived.${index}.note`,
        message: 'expected the reason for what is inferred',
      })),
    )
  })

  it('is refused where it needs the scope unstated and its metric has none', () => {
    const { seed } = writeNorthvale()
    const metric = `id: plum-sales
    title: Title of plum-sales
    definition: Definition of plum-sales.
    topic: trade
    unit: baskets
    additive: false
    scopes: { all: All of it., unstated: Not said. }`
    edit(seed, 'metrics.yaml', metric, metric.replace(', unstated: Not said.', ''))
    const { from, to } = inserted(`    metric: plum-sales
    method: ratio
    inputs: { numerator: report-2020-plums-2018, denominator: letter-2021-pears-2019 }
    assumes: That a year is a year.
    statement: Made up.`)
    edit(seed, derivedFile, from, to)
    expect(faultsOf(seed)).toEqual([
      {
        file: derivedFile,
        line: lineOf(seed, derivedFile, 'metric: plum-sales\n    method: ratio'),
        field: 'derived.1.metric',
        message: 'expected the id of a scope of plum-sales, got unstated',
      },
    ])
  })

  it('is no fault of its own where the fault is in what it rests on', () => {
    const { seed } = writeNorthvale()
    edit(seed, reportFile, 'period: "2017"', 'period: about 2017')
    expect(faultsOf(seed)).toMatchObject([{ file: reportFile, field: 'figures.6.period' }])

    const { seed: second } = writeNorthvale()
    const { from, to } = inserted(`${difference('report-2020-plums-2018', 'nothing')}

  - id: derived-further
${difference('report-2020-plums-2018', 'derived-extra')}`)
    edit(second, derivedFile, from, to)
    expect(faultsOf(second)).toMatchObject([{ file: derivedFile, field: 'derived.1.inputs.earlier' }])
  })

  it('is not looked into where a document cannot be read', () => {
    const { seed } = writeNorthvale()
    edit(seed, letterFile, 'language: en', 'language: 5')
    edit(seed, derivedFile, 'metric: plum-sales\n    method: difference', 'metric: plums\n    method: difference')
    expect(faultsOf(seed)).toMatchObject([{ file: letterFile }])
  })
})

// The tables refuse each of these too, but only a fault with its place helps the author.
describe('what a constraint of the tables would refuse', () => {
  const twelfth = `  - { text: twelfth, start: ${at('twelfth')}, reason: ordinal }\n`
  const plums = `      - { role: period, start: ${at('In 2018', '2018')}, end: ${at('In 2018', '2018') + 4} }\n`
  const [from2025, to2025] = [at('by 2025', '2025'), at('by 2025', '2025') + 4]
  const cases: { name: string; file?: string; from: string; to: string; again?: string }[] = [
    {
      name: 'a scope that is a word of JavaScript only',
      from: 'scope: all\n    measure: cumulative',
      to: 'scope: constructor\n    measure: cumulative',
    },
    {
      name: 'evidence that ends before it starts',
      from: `start: ${from2025}, end: ${to2025}`,
      to: `start: ${to2025}, end: ${from2025}`,
    },
    {
      name: 'evidence without extent',
      from: `start: ${from2025}, end: ${to2025}`,
      to: `start: ${from2025}, end: ${from2025}`,
    },
    { name: 'evidence that stands twice', from: plums, to: `${plums}${plums.trimEnd()} # again\n`, again: '# again' },
    {
      name: 'a mention left out twice',
      from: twelfth,
      to: `${twelfth}${twelfth.trimEnd()} # again\n`,
      again: '# again',
    },
    {
      name: 'two countries of one code',
      file: 'places.yaml',
      from: 'title: Southvale, definition: Made up., iso_3166: XS',
      to: 'title: Southvale, definition: Made up., iso_3166: XN',
    },
  ]

  it.each(cases.map((entry) => [entry.name, entry] as const))('is a fault with file and line: %s', (_, entry) => {
    const { file = reportFile, from, to, again = to } = entry
    const { seed } = writeNorthvale()
    edit(seed, file, from, to)
    expect(faultsOf(seed).map((fault) => [fault.file, fault.line])).toEqual([[file, lineOf(seed, file, again)]])
  })

  it('is a fault with file and line: two documents of one text', () => {
    const { seed } = writeNorthvale()
    edit(seed, letterFile, `sha256: ${sha256(letterText)}`, `sha256: ${sha256(reportText)}`)
    // The letter comes first in the order of names, so the report is the one that finds its digest taken.
    expect(faultsOf(seed).map((fault) => [fault.file, fault.line])).toEqual([
      [reportFile, lineOf(seed, reportFile, 'sha256: ')],
    ])
  })
})

describe('readSeed', () => {
  it('reads seed-data/ without a fault', () => {
    const documents = readdirSync(join(seedDirectory, 'documents')).filter((name) => name.endsWith('.yaml'))
    const read = readSeed(seedDirectory).documents.map((record) => `${record.document.id}.yaml`)
    expect(read).toEqual(documents.toSorted())
  })

  it('completes a figure with its bounds, its days, its unit and the end of its quote', () => {
    const [, , record] = readSeed(writeNorthvale().seed).documents
    expect(record?.figures.find((figure) => figure.id === 'report-2020-frost-change-2019')).toEqual({
      id: 'report-2020-frost-change-2019',
      metric: 'frost-losses',
      scope: 'unstated',
      measure: 'relative_change',
      claim_type: 'outcome',
      value: -40,
      qualifier: 'nearly',
      value_low: -40,
      value_low_inclusive: false,
      value_high: null,
      value_high_inclusive: null,
      unit: 'percent',
      period: '2019',
      period_start: '2019-01-01',
      period_end: '2019-12-31',
      year: 2019,
      period_basis: 'inferred',
      baseline_year: 2015,
      baseline_basis: 'stated',
      place: 'northvale',
      actor: null,
      attribution: null,
      superlative: null,
      superlative_since: null,
      quote: 'frost losses fell by nearly 40 percent',
      quote_start: at('frost losses fell'),
      quote_end: at('frost losses fell') + 38,
      quote_prefix: null,
      quote_suffix: null,
      evidence: [{ role: 'baseline', start: at('From 2015', '2015'), end: at('From 2015', '2015') + 4 }],
      statement: 'Less was lost to frost in 2019 than in 2015.',
      note: 'The years stand in the clause before.',
    })
  })

  it('takes the unit of the metric where the figure is no relative change', () => {
    const [, , record] = readSeed(writeNorthvale().seed).documents
    expect(record?.figures.map((figure) => figure.unit)).toEqual([
      ...['t', 'percent', 'percent', 'percent', 'rank', 'rank', 'baskets', 'baskets', 'persons'],
    ])
  })

  it('completes a derived figure with its value, bounds, period, unit and what it rests on', () => {
    const [change] = readSeed(writeNorthvale().seed).derived
    expect(change).toEqual({
      id: 'derived-plums-change-2018',
      metric: 'plum-sales',
      scope: 'all',
      measure: 'change',
      claim_type: 'outcome',
      method: 'difference',
      inputs: { later: 'report-2020-plums-2018', earlier: 'report-2020-plums-2017' },
      assumes: null,
      value: 0,
      value_low: 0,
      value_low_inclusive: true,
      value_high: 0,
      value_high_inclusive: true,
      unit: 'baskets',
      period: '2018',
      period_start: '2018-01-01',
      period_end: '2018-12-31',
      year: 2018,
      period_basis: 'stated',
      baseline_year: 2017,
      baseline_basis: 'stated',
      place: 'northvale',
      actor: null,
      statement: 'In 2018 as many baskets found a buyer as in 2017.',
      note: null,
      published_latest: '2020-03-31',
      ancestors: new Set(['report-2020-plums-2018', 'report-2020-plums-2017']),
    })
  })

  it('takes the inputs of a derived figure in any order, and gives them in that of the method', () => {
    const { seed } = writeNorthvale()
    const [from, swapped] = ['later: report-2020-plums-2018', 'earlier: report-2020-plums-2017'].map(
      (line, index, lines) => `      ${line}\n      ${lines[1 - index]}\n    statement: In 2018 as`,
    )
    const before = readSeed(seed).derived
    edit(seed, derivedFile, from ?? '', swapped ?? '')
    const after = readSeed(seed).derived
    expect(after).toEqual(before)
    expect(after.map(({ inputs }) => Object.keys(inputs))).toEqual(before.map(({ inputs }) => Object.keys(inputs)))
  })

  it('rests a derived figure on all that its inputs rest on', () => {
    const { seed } = writeNorthvale()
    edit(seed, derivedFile, ...chain)
    const derived = new Map(readSeed(seed).derived.map((figure) => [figure.id, figure]))
    expect(derived.get('derived-first')).toMatchObject({
      published_latest: '2021-12-31',
      ancestors: new Set(['letter-2021-pears-2019', 'report-2020-apples-2019']),
    })
    expect(derived.get('derived-second')).toMatchObject({
      published_latest: '2021-12-31',
      ancestors: new Set(['derived-first', 'letter-2021-pears-2019', 'report-2020-apples-2019']),
    })
  })

  it('does without derived figures where the folder has none', () => {
    const { seed } = writeNorthvale()
    rmSync(join(seed, derivedFile))
    expect(readSeed(seed).derived).toEqual([])
  })

  it('counts the end of a quote in code points', () => {
    const { seed } = writeNorthvale()
    edit(seed, reportFile, 'quote: largest maker of cider', 'quote: largest 🍎')
    const [, , record] = readSeed(seed).documents
    expect(record?.figures[4]).toMatchObject({ quote_end: at('largest maker') + 9 })
  })

  it('completes a document with the first and the last day on which it may have been published', () => {
    const windows = readSeed(writeNorthvale().seed).documents.map((record) => [
      record.published_earliest,
      record.published_latest,
    ])
    expect(windows).toEqual([
      ['2021-01-01', '2021-12-31'],
      ['2021-01-01', '2021-12-31'],
      ['2020-03-01', '2020-03-31'],
    ])
  })

  it.each([
    [
      'bounds that say what follows from the qualifier',
      'qualifier: more_than\n',
      'qualifier: more_than\n    value_low: 4200\n    value_low_inclusive: false\n    value_high: null\n',
    ],
    ['text over several lines of YAML', 'statement: Two others', 'statement: >-\n      Two others'],
    ['an interval that ends with the document', 'period: ../2020-03', 'period: 2001/2020-03'],
    ['a superlative without a value', '    value: 4200\n    qualifier: more_than\n', ''],
    ['a line that ends with CR and LF', 'kind: report\n', 'kind: report\r\n'],
  ])('accepts %s', (_, from, to) => {
    const { seed } = writeNorthvale()
    edit(seed, reportFile, from, to)
    expect(readSeed(seed).documents).toHaveLength(3)
  })

  it('says where each explanation of a comparison stands', () => {
    const { seed } = writeNorthvale()
    const line = lineOf(seed, 'comparisons.yaml', '- figure_a: note-2021-pears-2019')
    expect(readSeed(seed).reasons).toEqual([
      {
        figure_a: 'note-2021-pears-2019',
        figure_b: 'letter-2021-pears-2019',
        reason: 'The note says more than the letter.',
        file: 'comparisons.yaml',
        line,
      },
    ])
  })
})

it.each(['unit.yaml', 'units.yml', 'documents/letter-2021.yml', 'documents/old/letter.yaml', '.draft.yaml'])(
  'a file that would be left out without a word is a fault: %s',
  (file) => {
    const { seed } = writeNorthvale()
    mkdirSync(dirname(join(seed, file)), { recursive: true })
    writeFileSync(join(seed, file), 'units: []\n')
    expect(faultsOf(seed)).toEqual([{ file, line: 1, field: '', message: 'expected a file that the codebook names' }])
  },
)
