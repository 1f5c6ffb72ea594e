/**
 * A small dataset about an invented place, for the tests that break one thing at a time: a report with nine figures,
 * two letters with one each, which conflict, and two figures derived from these. The real dataset changes with every release, this one only with the
 * rules.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sha256, temporaryFolder, type AtEnd } from '../support/seed.ts'

/** Where a phrase, which must stand once in a text, starts in it, in Unicode code points. */
export function offset(text: string, phrase: string): number {
  const [before = '', ...rest] = text.split(phrase)
  if (rest.length !== 1) throw new Error(`"${phrase}" stands ${rest.length} times in the text`)
  return [...before].length
}

export const reportText = `Orchards of Northvale 🍎
In 2019 the orchards yielded more than 4,200 tons of apples, the most since 1998.
From 2015 to 2019 the planted area grew by 30 percent, while frost losses fell by nearly 40 percent.
The growers aim to cut frost losses to 50 percent of 2019 levels by 2025.
Northvale is the largest maker of cider and the third-largest grower of pears.
In 2017, 85 baskets of plums were sold. In 2018, 85 baskets of plums were sold.
The twelfth fair took place in March 2018.
Both presses stem from the 1980s.
The orchards have welcomed 1,500 visitors.`

export const letterText = `Market letter
According to the Orchard Board, 900 tons of pears were picked in 2019.`

const noteText = `Cellar note
More than 950 tons of pears were picked in 2019, they say.`

/** The place of a phrase in the report, or of the part of it that `part` names. */
export const at = (phrase: string, part = phrase) => offset(reportText, phrase) + offset(phrase, part)

const span = (role: string, phrase: string, part = phrase) =>
  `{ role: ${role}, start: ${at(phrase, part)}, end: ${at(phrase, part) + [...part].length} }`

const report = `document:
  id: orchard-report-2020
  file: orchard-report-2020.txt
  sha256: ${sha256(reportText)}
  title: Orchards of Northvale
  kind: report
  publisher: orchard-board
  address: https://example.org/orchards
  language: en
  published: 2020-03
  published_basis: inferred
  published_note: The report looks back on 2019.
  rights: Made for these tests.

figures:
  - id: report-2020-apples-2019
    metric: apple-harvest
    scope: all
    measure: level
    claim_type: outcome
    value: 4200
    qualifier: more_than
    period: "2019"
    period_basis: stated
    place: northvale
    actor: growers
    superlative: highest
    superlative_since: 1998
    quote: more than 4,200 tons of apples, the most since 1998
    quote_start: ${at('more than 4,200')}
    evidence:
      - ${span('period', 'In 2019', '2019')}
    statement: Northvale picked over 4,200 t of apples in 2019.

  - id: report-2020-area-change-2019
    metric: planted-area
    scope: all
    measure: relative_change
    claim_type: outcome
    value: 30
    qualifier: exact
    period: "2019"
    period_basis: stated
    baseline_year: 2015
    baseline_basis: stated
    place: northvale
    quote: the planted area grew by 30 percent
    quote_start: ${at('the planted area')}
    evidence:
      - ${span('baseline', 'From 2015', '2015')}
      - ${span('period', 'to 2019', '2019')}
    statement: The orchards grew by 30 % between 2015 and 2019.

  - id: report-2020-frost-change-2019
    metric: frost-losses
    scope: unstated
    measure: relative_change
    claim_type: outcome
    value: -40
    qualifier: nearly
    period: "2019"
    period_basis: inferred
    baseline_year: 2015
    baseline_basis: stated
    place: northvale
    quote: frost losses fell by nearly 40 percent
    quote_start: ${at('frost losses fell')}
    evidence:
      - ${span('baseline', 'From 2015', '2015')}
    statement: Less was lost to frost in 2019 than in 2015.
    note: The years stand in the clause before.

  - id: report-2020-frost-target-2025
    metric: frost-losses
    scope: unstated
    measure: relative_change
    claim_type: target
    value: -50
    qualifier: exact
    period: "2025"
    period_basis: stated
    baseline_year: 2019
    baseline_basis: stated
    place: northvale
    actor: growers
    quote: cut frost losses to 50 percent of 2019 levels
    quote_start: ${at('cut frost')}
    evidence:
      - ${span('period', 'by 2025', '2025')}
    statement: The growers want to halve the losses by 2025.

  - id: report-2020-cider-rank
    metric: cider-maker-rank
    scope: all
    measure: level
    claim_type: outcome
    value: 1
    qualifier: exact
    period: 2020-03
    period_basis: document
    place: northvale
    quote: largest maker of cider
    quote_start: ${at('largest maker')}
    statement: Northvale makes more cider than anybody else.

  - id: report-2020-pear-rank
    metric: pear-grower-rank
    scope: all
    measure: level
    claim_type: outcome
    value: 3
    qualifier: exact
    period: 2020-03
    period_basis: document
    place: northvale
    quote: third-largest grower of pears
    quote_start: ${at('third-largest')}
    statement: Two others grow more pears.

  - id: report-2020-plums-2017
    metric: plum-sales
    scope: all
    measure: level
    claim_type: outcome
    value: 85
    qualifier: exact
    period: "2017"
    period_basis: stated
    place: northvale
    quote: 85 baskets of plums
    quote_start: ${at('In 2017, 85 baskets', '85 baskets')}
    evidence:
      - ${span('period', 'In 2017', '2017')}
    statement: In 2017 85 baskets found a buyer.

  - id: report-2020-plums-2018
    metric: plum-sales
    scope: all
    measure: level
    claim_type: outcome
    value: 85
    qualifier: exact
    period: "2018"
    period_basis: stated
    place: northvale
    quote: 85 baskets of plums
    quote_start: ${at('In 2018, 85 baskets', '85 baskets')}
    quote_prefix: In 2018,
    evidence:
      - ${span('period', 'In 2018', '2018')}
    statement: In 2018 85 baskets found a buyer.

  - id: report-2020-visitors
    metric: visitors
    scope: all
    measure: cumulative
    claim_type: outcome
    value: 1500
    qualifier: exact
    period: ../2020-03
    period_basis: document
    place: northvale
    quote: welcomed 1,500 visitors
    quote_start: ${at('welcomed')}
    statement: So far 1,500 people have visited the orchards.

not_recorded:
  - { text: twelfth, start: ${at('twelfth')}, reason: ordinal }
  - { text: March 2018, start: ${at('March 2018')}, reason: date }
  - { text: Both, start: ${at('Both')}, reason: idiom }
  - { text: 1980s, start: ${at('1980s')}, reason: date }
`

/** The two letters, which print one figure each of the same thing. */
const letter = (id: string, text: string, figure: string) => `document:
  id: ${id}
  file: ${id}.txt
  sha256: ${sha256(text)}
  title: A letter
  kind: letter
  publisher: fruit-market
  address: https://example.org/${id}
  language: en
  published: 2021~
  published_basis: stated
  rights: Made for these tests.

figures:
  - metric: pear-harvest
    scope: all
    measure: level
    claim_type: outcome
    period: "2019"
    period_basis: stated
    place: northvale
    ${figure}

not_recorded: []
`

const marketLetter = letter(
  'market-letter-2021',
  letterText,
  `id: letter-2021-pears-2019
    value: 900
    qualifier: exact
    attribution: orchard-board
    quote: 900 tons of pears were picked in 2019
    quote_start: ${offset(letterText, '900')}
    statement: The board gives 900 t of pears for 2019.`,
)

const cellarNote = letter(
  'cellar-note-2021',
  noteText,
  `id: note-2021-pears-2019
    value: 950
    qualifier: more_than
    quote: More than 950 tons of pears
    quote_start: ${offset(noteText, 'More')}
    evidence:
      - { role: period, start: ${offset(noteText, '2019')}, end: ${offset(noteText, '2019') + 4} }
    statement: The note says that over 950 t of pears were picked in 2019.`,
)

const files: Record<string, string> = {
  'dataset.yaml': `title: Fruit of Northvale
description: What two documents print about the orchards of an invented place.
version: 2021.05.0
released: 2021-05-04
license: CC0-1.0
license_url: https://creativecommons.org/publicdomain/zero/1.0/
license_note: Nothing here is anybody's.
contact: The orchard board.
changelog:
  - version: 2021.05.0
    released: 2021-05-04
    changes: [First release.]
`,
  'units.yaml': `units:
  - { id: t, title: tonnes, definition: Made up., symbol: t, ucum: t }
  - { id: ha, title: hectares, definition: Made up., symbol: ha, ucum: har }
  - { id: percent, title: percent, definition: Made up., symbol: "%" }
  - { id: rank, title: place among peers, definition: Made up., symbol: rank }
  - { id: baskets, title: baskets, definition: Made up., symbol: baskets }
  - { id: persons, title: persons, definition: Made up., symbol: persons }
`,
  'places.yaml': `places:
  - { id: northvale, title: Northvale, definition: Made up., iso_3166: XN }
  - { id: southvale, title: Southvale, definition: Made up., iso_3166: XS }
`,
  'organizations.yaml': `organizations:
  - { id: orchard-board, title: Orchard Board, definition: Made up. }
  - { id: fruit-market, title: Fruit Market, definition: Made up. }
  - { id: growers, title: Growers of Northvale, definition: Made up. }
`,
  'metrics.yaml': ['apple-harvest t', 'planted-area ha', 'frost-losses t', 'cider-maker-rank rank']
    .concat(['pear-harvest t', 'pear-grower-rank rank', 'plum-sales baskets', 'visitors persons'])
    .map((metric) => metric.split(' '))
    .map(
      ([id, unit]) => `  - id: ${id}
    title: Title of ${id}
    definition: Definition of ${id}.
    topic: trade
    unit: ${unit}
    additive: false
    scopes: { all: All of it., ${id === 'frost-losses' ? 'late-frost: By late frost., ' : ''}unstated: Not said. }
`,
    )
    .reduce((all, metric) => all + metric, 'metrics:\n'),
  'comparisons.yaml': `comparisons:
  - figure_a: note-2021-pears-2019
    figure_b: letter-2021-pears-2019
    reason: The note says more than the letter.
`,
  'derived.yaml': `derived:
  - id: derived-plums-change-2018
    metric: plum-sales
    method: difference
    inputs:
      later: report-2020-plums-2018
      earlier: report-2020-plums-2017
    statement: In 2018 as many baskets found a buyer as in 2017.

  - id: derived-plums-growth-2018
    metric: plum-sales
    method: relative_change
    inputs:
      later: report-2020-plums-2018
      earlier: report-2020-plums-2017
    statement: The sales of plums neither grew nor shrank from 2017 to 2018.
`,
  'documents/orchard-report-2020.yaml': report,
  'documents/market-letter-2021.yaml': marketLetter,
  'documents/cellar-note-2021.yaml': cellarNote,
}

export const reportFile = 'documents/orchard-report-2020.yaml'
export const letterFile = 'documents/market-letter-2021.yaml'

export const derivedFile = 'derived.yaml'

/**
 * What to replace in the derived figures, and by what, for two more: one of figures that were printed in two years, and one
 * that rests on it and on the figure of the earlier year.
 */
export const chain = [
  '  - id: derived-plums-growth-2018\n',
  `  - id: derived-first
    metric: planted-area
    method: ratio
    inputs: { numerator: letter-2021-pears-2019, denominator: report-2020-apples-2019 }
    statement: Pears by apples.

  - id: derived-second
    metric: frost-losses
    method: ratio
    inputs: { numerator: report-2020-apples-2019, denominator: derived-first }
    statement: Apples by pears by apples.

  - id: derived-plums-growth-2018\n`,
] as const

/** Writes the dataset and its texts into two new folders, removed after the test. */
export function writeNorthvale(atEnd?: AtEnd): { seed: string; texts: string } {
  const folder = temporaryFolder(atEnd)
  const all = Object.entries(files).map(([name, content]) => [join('seed', name), content] as const)
  const documents = [
    ['texts/orchard-report-2020.txt', reportText],
    ['texts/market-letter-2021.txt', letterText],
    ['texts/cellar-note-2021.txt', noteText],
  ] as const
  for (const [name, content] of [...all, ...documents]) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return { seed: join(folder, 'seed'), texts: join(folder, 'texts') }
}
