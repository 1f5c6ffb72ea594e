import { join } from 'node:path'
import { plugins } from '@citation-js/core'
import '@citation-js/plugin-bibtex'
import '@citation-js/plugin-csl'
import '@citation-js/plugin-ris'
import fc from 'fast-check'
import { beforeAll, describe, expect, it, test } from 'vitest'
import type { z } from 'zod'
import {
  citationFormats,
  cslOfDerivedFigure,
  cslOfDocument,
  cslOfFigure,
  formatCitation,
  type CitationFormat,
  type CitedDocument,
  type CslItem,
} from '../../src/formats/citation.ts'
import { CslJson } from '../../src/schemas/citations.ts'
import { DocumentSummary } from '../../src/schemas/documents.ts'
import { list } from '../../src/schemas/envelope.ts'
import { Figure } from '../../src/schemas/figures.ts'
import { read, serviceForTests } from '../support/service.ts'
import { root, run } from '../support/seed.ts'

const service = serviceForTests()

type Document = z.infer<typeof DocumentSummary>
let documents: Document[]
let figures: Figure[]
/** Every document, and every printed figure with its document: what is cited, and as what. */
let cited: { id: string; csl: CslItem; document: Document; figure?: Figure; url: string }[]
beforeAll(async () => {
  documents = (await read(await service.get('/v1/documents?limit=1000'), list(DocumentSummary))).data
  figures = ((await (await service.get('/v1/figures?limit=1000')).json()) as { data: Figure[] }).data
  cited = documents.flatMap((document) => [
    { id: document.id, csl: cslOfDocument(document), document, url: document.address },
    ...figures
      .filter((figure) => figure.document === document.id)
      .map((figure) => {
        const url = figure.source_url ?? expect.unreachable(`${figure.id} has no link`)
        return { id: figure.id, csl: cslOfFigure(figure, document), document, figure, url }
      }),
  ])
})

const page: CitedDocument = {
  id: 'page-2021',
  title: 'A page',
  kind: 'page of a site',
  publisher_title: 'Ministry of Roads',
  address: 'https://example.org/page',
  language: 'en',
  published: '2021-06-23',
  published_basis: 'stated',
}

/** Reads RIS strictly: one record, a tag a line, CRLF at the end of each. */
function readRis(text: string): Record<string, string[]> {
  expect(text).toMatch(/\r\n$/)
  const lines = text.slice(0, -2).split('\r\n')
  const tags = lines.map((line) => {
    const [, tag, value] = /^([A-Z][A-Z0-9]) {2}- (.*)$/u.exec(line) ?? expect.unreachable(`no RIS: ${line}`)
    return [tag ?? '', value ?? ''] as const
  })
  expect(tags[0]?.[0]).toBe('TY')
  expect(tags.at(-1)).toEqual(['ER', ''])
  expect(tags.filter(([tag]) => ['TY', 'ER'].includes(tag))).toHaveLength(2)
  const record: Record<string, string[]> = {}
  for (const [tag, value] of tags) (record[tag] ??= []).push(value)
  return record
}

const commands: Readonly<Record<string, string>> = {
  textbackslash: '\\',
  textbraceleft: '{',
  textbraceright: '}',
  textasciitilde: '~',
  textasciicircum: '^',
  textbar: '|',
  textless: '<',
  textgreater: '>',
}

/** What TeX prints for a text: commands and escapes as their characters, without the braces that only group. */
const printed = (tex: string) =>
  tex.replace(
    /\\([a-z]+)\{\}|\\([$&#%_])|([{}])|([\\$&#%_~^])/g,
    (_, command?: string, escaped?: string, group?: string) =>
      command !== undefined
        ? (commands[command] ?? expect.unreachable(`unknown command ${command}`))
        : (escaped ?? (group !== undefined ? '' : expect.unreachable(`bare special character in ${tex}`))),
  )

type Entry = { type: string; key: string; fields: Record<string, string> }

/** Reads BibTeX as BibTeX does: one entry whose braces are counted without regard to backslashes. */
function readBibtex(text: string): Entry {
  const [head, type = '', key = ''] =
    /^@([a-z]+)\{([a-z0-9-]+),\n/.exec(text) ?? expect.unreachable(`no entry: ${text}`)
  const fields: Record<string, string> = {}
  let at = head.length
  while (text[at] !== '}') {
    const rest = text.slice(at)
    const [start, name = '', macro] =
      /^ {2}([a-z]+) = (?:([a-z]{3}),\n|\{)/.exec(rest) ?? expect.unreachable(`no field: ${rest}`)
    expect(fields, 'a field once').not.toHaveProperty(name)
    expect(macro !== undefined, `${name} as a macro`).toBe(name === 'month')
    at += start.length
    if (macro !== undefined) {
      fields[name] = macro
      continue
    }
    const from = at
    for (let depth = 1; depth > 0; at += 1) {
      expect(at, 'braces are balanced').toBeLessThan(text.length)
      depth += text[at] === '{' ? 1 : text[at] === '}' ? -1 : 0
    }
    fields[name] = text.slice(from, at - 1)
    expect(text.slice(at, at + 2)).toBe(',\n')
    at += 2
  }
  expect(text.slice(at)).toBe('}\n')
  return { type, key, fields }
}

/** The first and the last day of a date, or of a range of dates, given as year, month and day as far as known. */
function daysOf(ends: readonly (readonly (number | undefined)[])[]): [string, string] {
  const [y = 0, m, d] = ends[0] ?? []
  const [Y = 0, M, D] = ends.at(-1) ?? []
  const day = (date: number) => new Date(date).toISOString().slice(0, 10)
  const last = D === undefined ? Date.UTC(Y, M ?? 12, 0) : Date.UTC(Y, (M ?? 1) - 1, D)
  return [day(Date.UTC(y, (m ?? 1) - 1, d ?? 1)), day(last)]
}

/** That a date says nothing that is not known: it holds the whole window, and no end is finer than one printed. */
function expectTrue(ends: readonly (readonly number[])[], { id, published, ...document }: Document) {
  const [first, last] = daysOf(ends)
  expect(first <= document.published_earliest, `${id}: from ${first}`).toBe(true)
  expect(last >= document.published_latest, `${id}: to ${last}`).toBe(true)
  const finest = Math.max(...published.split('/').map((end) => end.split('-').length))
  for (const parts of ends) expect(parts.length).toBeLessThanOrEqual(finest)
}

const isUncertain = ({ published, published_basis }: Document) =>
  published_basis === 'inferred' || /[?~%]/.test(published)

// The names of CSL 1.0.1's schema for items, as far as they are used here; what its schema does not name it refuses.
const cslProperties = [
  ...['id', 'type', 'title', 'author', 'issued', 'URL', 'genre', 'language', 'publisher', 'version', 'note', 'annote'],
]

describe('every document and every printed figure', () => {
  it('is there to be cited', () => {
    expect(cited.length).toBe(documents.length + figures.filter(({ origin }) => origin === 'quoted').length)
    expect(cited.length).toBeGreaterThan(60)
  })

  it('is an item of CSL-JSON, by its original publisher', async () => {
    for (const { id, csl, document, url } of cited) {
      const [item] = CslJson.parse(JSON.parse(await formatCitation(csl, 'csl-json')))
      expect(item).toEqual(csl)
      expect(cslProperties).toEqual(expect.arrayContaining(Object.keys(csl)))
      expect(csl).toMatchObject({
        id,
        URL: url,
        title: document.title,
        author: [{ literal: document.publisher_title }],
      })
      expect(csl.issued.circa === true, id).toBe(isUncertain(document))
      expectTrue(csl.issued['date-parts'], document)
      // Processors refuse a range whose ends are not alike.
      expect(new Set(csl.issued['date-parts'].map(({ length }) => length)).size).toBe(1)
    }
  })

  it('is a RIS record that says the same', async () => {
    for (const { id, csl, document, figure, url } of cited) {
      const ris = readRis(await formatCitation(csl, 'ris'))
      expect(ris).toMatchObject({ ID: [id], AU: [document.publisher_title], TI: [document.title], UR: [url] })
      expect(ris).toMatchObject({ PB: [document.publisher_title], LA: [document.language] })
      expect(ris['M3']?.[0]).toBe(csl.genre)
      expect(ris['TY']).toEqual([csl.type === 'report' ? 'RPRT' : 'ELEC'])
      if (figure !== undefined) expect(ris['N1']?.[0]).toContain(`“${figure.quote}”`)
      const [year, month, day, other] = ris['DA']?.[0]?.split('/') ?? []
      expect(ris['PY']).toEqual([year])
      expectTrue([[year, month, day].filter((part) => part !== '').map(Number)], document)
      expect(other).toBe(isUncertain(document) ? 'circa' : '')
    }
  })

  it('is a BibTeX entry that says the same', async () => {
    for (const { id, csl, document, figure, url } of cited) {
      const { type, key, fields } = readBibtex(await formatCitation(csl, 'bibtex'))
      expect(key).toBe(id)
      expect(type).toBe(csl.type === 'report' ? 'techreport' : 'misc')
      // Braced as a whole, so that it is one name and that an institution's.
      expect(fields['author']).toMatch(/^\{[^{}]*\}$/)
      expect(printed(fields['author'] ?? '')).toBe(document.publisher_title)
      expect(printed(fields['title'] ?? '')).toBe(document.title)
      expect(fields['url']).toBe(url)
      if (figure !== undefined) expect(printed(fields['note'] ?? '')).toContain(`“${figure.quote}”`)
      expect(fields['type']).toBe(csl.genre)
      if (type === 'techreport') expect(printed(fields['institution'] ?? '')).toBe(document.publisher_title)
      const ends = (fields['date'] ?? '').split('/')
      expectTrue(
        ends.map((end) => end.replace('~', '').split('-').map(Number)),
        document,
      )
      for (const end of ends) expect(end.endsWith('~')).toBe(isUncertain(document))
      expect(fields['year']).toBe(`${isUncertain(document) ? 'about ' : ''}${document.published_latest.slice(0, 4)}`)
    }
  })

  it('is a line of APA, after which a figure has its phrase', async () => {
    for (const { csl, document, figure, url } of cited) {
      const text = await formatCitation(csl, 'text')
      expect(text).toMatch(/^[^\n]+\n$/)
      expect(text.startsWith(document.publisher_title)).toBe(true)
      expect(text).toContain(`${isUncertain(document) ? '(ca. ' : '('}${document.published_latest.slice(0, 4)}`)
      expect(text).toContain(`. ${document.title}`)
      expect(text).toContain(` ${url}${figure === undefined ? '\n' : ' Quoted phrase: '}`)
      if (figure !== undefined) {
        expect(text).toContain(`“${figure.quote}” (Unicode code points ${figure.quote_start}–${figure.quote_end} of`)
      }
    }
  })

  it('is read back as what was written', async () => {
    for (const { id, csl, document, url } of cited) {
      const [ris] = plugins.input.chain(await formatCitation(csl, 'ris'))
      expect(ris).toMatchObject({ id, title: document.title, URL: url, publisher: document.publisher_title })
      const [bibtex] = plugins.input.chain(await formatCitation(csl, 'bibtex'))
      expect(bibtex).toMatchObject({
        ...{ id, title: document.title, URL: url, author: [{ family: document.publisher_title }] },
        issued: { 'date-parts': csl.issued['date-parts'] },
      })
    }
  })

  it('is, but for the phrase, just what the whole style of APA makes of it', async () => {
    for (const { csl } of cited) {
      const { note, annote: _, ...item } = csl
      const apa = plugins.output.format('bibliography', [item], { template: 'apa', lang: 'en-US' }).trim()
      expect(await formatCitation(csl, 'text')).toBe(`${apa}${note === undefined ? '' : ` ${note}`}\n`)
    }
  })
})

type DateCase = Pick<CitedDocument, 'published' | 'published_basis'> & {
  /** What CSL, BibLaTeX, BibTeX, RIS and APA are to say of it, and what the record says besides. */
  issued: CslItem['issued']
  date: string
  year: string
  da: string | undefined
  apa: string
  annote: string | undefined
}

describe('the date', () => {
  const cases: DateCase[] = [
    {
      published: '2021-06-23',
      published_basis: 'stated',
      issued: { 'date-parts': [[2021, 6, 23]] },
      date: '2021-06-23',
      year: '2021',
      da: '2021/06/23/',
      apa: '2021, June 23',
      annote: undefined,
    },
    {
      published: '2021-06',
      published_basis: 'stated',
      issued: { 'date-parts': [[2021, 6]] },
      date: '2021-06',
      year: '2021',
      da: '2021/06//',
      apa: '2021, June',
      annote: undefined,
    },
    {
      published: '2012~',
      published_basis: 'stated',
      issued: { 'date-parts': [[2012]], circa: true },
      date: '2012~',
      year: 'about 2012',
      da: '2012///circa',
      apa: 'ca. 2012',
      annote: 'Published about 2012.',
    },
    {
      published: '2021-06-23',
      published_basis: 'inferred',
      issued: { 'date-parts': [[2021, 6, 23]], circa: true },
      date: '2021-06-23~',
      year: 'about 2021',
      da: '2021/06/23/circa',
      apa: 'ca. 2021, June 23',
      annote: 'Published 2021-06-23; the date is inferred, wholly or in part.',
    },
    {
      published: '2021-01-21/2021-06',
      published_basis: 'inferred',
      issued: {
        'date-parts': [
          [2021, 1],
          [2021, 6],
        ],
        circa: true,
      },
      date: '2021-01~/2021-06~',
      year: 'about 2021',
      da: '2021///circa',
      apa: 'ca. 2021, January–June',
      annote: 'Published between 2021-01-21 and 2021-06; the date is inferred, wholly or in part.',
    },
    {
      published: '2020-01-16/2020-01-19',
      published_basis: 'stated',
      issued: {
        'date-parts': [
          [2020, 1, 16],
          [2020, 1, 19],
        ],
      },
      date: '2020-01-16/2020-01-19',
      year: '2020',
      da: '2020/01//',
      apa: '2020, January 16–19',
      annote: 'Published between 2020-01-16 and 2020-01-19.',
    },
    {
      published: '2019-11-02/2020-02~',
      published_basis: 'stated',
      issued: {
        'date-parts': [
          [2019, 11],
          [2020, 2],
        ],
        circa: true,
      },
      date: '2019-11~/2020-02~',
      year: 'about 2019--2020',
      da: undefined,
      apa: 'ca. 2019–2020, November–February',
      annote: 'Published between 2019-11-02 and about 2020-02.',
    },
    {
      published: '2021-01-21/2021',
      published_basis: 'stated',
      issued: { 'date-parts': [[2021]] },
      date: '2021',
      year: '2021',
      da: '2021///',
      apa: '2021',
      annote: 'Published between 2021-01-21 and 2021.',
    },
    {
      published: '2012?',
      published_basis: 'stated',
      issued: { 'date-parts': [[2012]], circa: true },
      date: '2012~',
      year: 'about 2012',
      da: '2012///circa',
      apa: 'ca. 2012',
      annote: 'Published about 2012.',
    },
    {
      published: '2021-06%',
      published_basis: 'stated',
      issued: { 'date-parts': [[2021, 6]], circa: true },
      date: '2021-06~',
      year: 'about 2021',
      da: '2021/06//circa',
      apa: 'ca. 2021, June',
      annote: 'Published about 2021-06.',
    },
    {
      // Two days whose digits, put together, are the same.
      published: '2021-01-11/2021-11-01',
      published_basis: 'stated',
      issued: {
        'date-parts': [
          [2021, 1, 11],
          [2021, 11, 1],
        ],
      },
      date: '2021-01-11/2021-11-01',
      year: '2021',
      da: '2021///',
      apa: '2021, January 11–November 1',
      annote: 'Published between 2021-01-11 and 2021-11-01.',
    },
  ]
  it.each(cases)('$published, $published_basis, is true in every format', async (expected) => {
    const { published, published_basis, issued, date, year, da, apa, annote } = expected
    const csl = cslOfDocument({ ...page, published, published_basis })
    expect([csl.issued, csl.annote]).toEqual([issued, annote])
    const ris = readRis(await formatCitation(csl, 'ris'))
    expect([ris['DA']?.[0], ris['N1']?.[0]]).toEqual([da, annote])
    const { fields } = readBibtex(await formatCitation(csl, 'bibtex'))
    expect([fields['date'], fields['year'], fields['annote']]).toEqual([date, year, annote])
    expect(await formatCitation(csl, 'text')).toBe(
      `Ministry of Roads. (${apa}). A page [Page of a site]. https://example.org/page\n`,
    )
  })

  const fieldsOf = async (published: string) =>
    readBibtex(await formatCitation(cslOfDocument({ ...page, published }), 'bibtex')).fields

  it('has its month and day in BibTeX where it has one of each', async () => {
    expect(await fieldsOf('2021-06-23')).toMatchObject({ month: 'jun', day: '23' })
    expect(await fieldsOf('2020-01-16/2020-01-19')).toMatchObject({ month: 'jan' })
    expect(await fieldsOf('2020-01-16/2020-01-19')).not.toHaveProperty('day')
    expect(await fieldsOf('2019-12-31/2020-01-01')).not.toHaveProperty('month')
    expect(await fieldsOf('2021-06-23~')).not.toHaveProperty('month')
    expect(await fieldsOf('2021-06-23~')).not.toHaveProperty('day')
  })

  const macros = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
  it.each(macros.map((macro, index) => [`2021-${String(index + 1).padStart(2, '0')}`, macro] as const))(
    '%s has the month %s in BibTeX',
    async (published, macro) => {
      expect((await fieldsOf(published))['month']).toBe(macro)
    },
  )

  it('that crosses years has both of them in RIS, and no day', async () => {
    const ris = readRis(await formatCitation(cslOfDocument({ ...page, published: '2019-11/2020-02' }), 'ris'))
    expect(ris['PY']).toEqual(['2019-2020'])
    expect(ris).not.toHaveProperty('DA')
  })
})

describe('the type', () => {
  it.each([
    ['fact sheet, reposted by an embassy', 'report', 'fact sheet, reposted by an embassy'],
    ['Fact sheet', 'report', 'Fact sheet'],
    ['Annual report', 'report', 'Annual report'],
    ['report', 'report', undefined],
    ['web page', 'webpage', undefined],
    ['country page', 'webpage', 'country page'],
    ['reportage', 'webpage', 'reportage'],
    ['artifact sheet', 'webpage', 'artifact sheet'],
  ])('of a %s is %s', (kind, type, genre) => {
    const csl = cslOfDocument({ ...page, kind })
    expect(csl.type).toBe(type)
    expect(csl.genre).toBe(genre)
  })
})

describe('a derived figure', () => {
  const csl = cslOfDerivedFigure(
    { id: 'cultivation-2019', statement: 'At least 100 ha were left.', url: 'https://example.org/v1/figures/x' },
    { title: 'Metrics of Roads', version: '2026.11.0', released: '2026-11-21' },
  )

  it('is cited as the dataset', async () => {
    CslJson.parse([csl])
    expect(csl).toEqual({
      id: 'cultivation-2019',
      type: 'dataset',
      title: 'At least 100 ha were left.',
      author: [{ literal: 'Metrics of Roads' }],
      issued: { 'date-parts': [[2026, 11, 21]] },
      URL: 'https://example.org/v1/figures/x',
      publisher: 'Metrics of Roads',
      version: '2026.11.0',
    })
    expect(readRis(await formatCitation(csl, 'ris'))).toEqual({
      TY: ['DATA'],
      AU: ['Metrics of Roads'],
      PB: ['Metrics of Roads'],
      TI: ['At least 100 ha were left.'],
      ET: ['2026.11.0'],
      UR: ['https://example.org/v1/figures/x'],
      PY: ['2026'],
      DA: ['2026/11/21/'],
      ID: ['cultivation-2019'],
      ER: [''],
    })
    expect(readBibtex(await formatCitation(csl, 'bibtex'))).toEqual({
      type: 'misc',
      key: 'cultivation-2019',
      fields: {
        author: '{Metrics of Roads}',
        publisher: 'Metrics of Roads',
        title: 'At least 100 ha were left.',
        url: 'https://example.org/v1/figures/x',
        version: '2026.11.0',
        date: '2026-11-21',
        year: '2026',
        month: 'nov',
        day: '21',
      },
    })
  })

  it('names the dataset once in APA, since it is author and publisher', async () => {
    expect(await formatCitation(csl, 'text')).toBe(
      'Metrics of Roads. (2026). At least 100 ha were left. (Version 2026.11.0) [Dataset]. https://example.org/v1/figures/x\n',
    )
    expect(await formatCitation({ ...csl, publisher: 'A House' }, 'text')).toContain('[Dataset]. A House. https:')
  })
})

describe('what would break a format', () => {
  const hostile =
    'A {b} } { \\ \\and 50% & #1 "q" $x_y^z~ <i>it</i> | @misc{x, ½ km² ﬁ 漢字 😀 émigré–X, É: It; TY  - JOUR and ER  - '
  const document = cslOfDocument({
    ...page,
    title: hostile,
    kind: hostile,
    publisher_title: 'Ministry of {Defence} & Peace and others',
    address: 'https://example.org/a_b~c?d={e}&f=%7B\\#:~:text=50%25',
  })
  const csl: CslItem = { ...document, version: hostile }

  it('survives BibTeX', async () => {
    const { fields } = readBibtex(await formatCitation(csl, 'bibtex'))
    for (const name of ['title', 'type', 'version']) expect(printed(fields[name] ?? '')).toBe(hostile)
    expect(printed(fields['author'] ?? '')).toBe('Ministry of {Defence} & Peace and others')
    expect(fields['url']).toBe('https://example.org/a_b~c?d=%7Be%7D&f=%7B%5C#:~:text=50%25')
  })

  it('survives RIS', async () => {
    const ris = readRis(await formatCitation(csl, 'ris'))
    for (const tag of ['TI', 'M3']) expect(ris[tag]).toEqual([hostile])
    expect(ris['AU']).toEqual(['Ministry of {Defence} & Peace and others'])
    expect(ris['UR']).toEqual([csl.URL])
  })

  it('is a blank where it is a break of lines', async () => {
    const broken = { ...csl, title: 'One\r\nER  - \u2028\u2029\u0085two\tthree' }
    expect(readRis(await formatCitation(broken, 'ris'))['TI']).toEqual(['One ER  -  two three'])
    const { fields } = readBibtex(await formatCitation(broken, 'bibtex'))
    expect(printed(fields['title'] ?? '')).toBe('One ER  -  two three')
  })

  it('is in no text that anybody could think of', async () => {
    const anything = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text))
    const special = fc.string({ unit: fc.constantFrom(...'{}\\$&#%_^~<>|"\':;,@ aZ-and'.split('')), minLength: 1 })
    const text = fc.oneof(anything, special)
    await fc.assert(
      fc.asyncProperty(text, text, async (title, publisher_title) => {
        const item = cslOfDocument({ ...page, title, publisher_title })
        const ris = readRis(await formatCitation(item, 'ris'))
        expect([ris['TI'], ris['AU']]).toEqual([[title], [publisher_title]])
        const { fields } = readBibtex(await formatCitation(item, 'bibtex'))
        expect(printed(fields['title'] ?? '')).toBe(title)
        expect(printed(fields['author'] ?? '')).toBe(publisher_title)
        expect(fields['author']?.at(0)).toBe('{')
      }),
    )
  })
})

it('long addresses, names and ids stay on one line and whole', async () => {
  const long = { ...page, id: 'a-'.repeat(49) + 'a', address: `https://example.org/${'x'.repeat(500)}` }
  const ris = readRis(await formatCitation(cslOfDocument(long), 'ris'))
  expect([ris['ID'], ris['UR']]).toEqual([[long.id], [long.address]])
  expect(readBibtex(await formatCitation(cslOfDocument(long), 'bibtex')).key).toBe(long.id)
})

test.each(Object.keys(citationFormats) as CitationFormat[])(
  '%s does not remember what had the same id',
  async (format) => {
    const first = await formatCitation(cslOfDocument(page), format)
    const other = await formatCitation(cslOfDocument({ ...page, title: 'Another' }), format)
    expect(other).toBe(first.replace('A page', 'Another'))
    expect(other).not.toBe(first)
  },
)

test('the libraries are loaded by the first citation that wants them, not before', async () => {
  const script = `
    const { createRequire } = await import('node:module')
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((file) => /citation-js|citeproc/.test(file)).length > 0
    const { cslOfDocument, formatCitation } = await import(${JSON.stringify(join(root, 'src/formats/citation.ts'))})
    const csl = cslOfDocument(${JSON.stringify(page)})
    await formatCitation(csl, 'csl-json')
    const before = loaded()
    await formatCitation(csl, 'ris')
    console.log(before, loaded())`
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', script])
  expect(stderr).toBe('')
  expect(stdout).toBe('false true\n')
})
