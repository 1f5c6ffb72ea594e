/**
 * What a real Chromium marks when it follows a text fragment, read off its pixels character by character, so that a page
 * which merely scrolled, or marked a word too many, does not pass. Every page is made here; nothing leaves the machine.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findFragment, sourceUrl, type Fragment } from '../../src/seed/fragment.ts'
import { codePoints } from '../../src/seed/mentions.ts'
import { readSeed } from '../../src/seed/read.ts'
import { launchChromium, pictureOf } from '../support/chromium.ts'
import { serviceForTests } from '../support/service.ts'

const root = join(import.meta.dirname, '../..')
const { documents } = readSeed(join(root, 'seed-data'))
const texts = join(root, '../shared/documents')

/** A stretch of a page's text, in Unicode code points, end exclusive. */
type Stretch = { start: number; end: number }

const service = serviceForTests()
let browser: Browser
/** The page that follows fragments. Whatever its address, it gets `body`. */
let page: Page
/** The page that looks at pictures of the other one. */
let eye: Page
let body: string

beforeAll(async () => {
  browser = await launchChromium()
  page = await browser.newPage({ viewport: { width: 1000, height: 500 } })
  await page.route('**/*', (route) =>
    route.request().isNavigationRequest()
      ? route.fulfill({
          contentType: 'text/html; charset=utf-8',
          body: `<!doctype html><html lang="en"><style>${style}</style><body>${body}`,
        })
      : route.abort(),
  )
  eye = await browser.newPage()
})
afterAll(async () => {
  await browser.close()
})

// A mark is one colour all over, so that the centre of each of its characters has that colour.
const style = '::target-text { background: rgb(255, 0, 255); color: rgb(255, 0, 255) }'

// The scripts for the pages. Their answers are JSON in a string, since Playwright is slow with thousands of values.

/** The characters of the page, and where in the window the centre of each is; null for one outside or without breadth. */
const readCharacters = `(() => {
  const characters = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const range = document.createRange()
  while (walker.nextNode()) {
    range.selectNodeContents(walker.currentNode)
    const { top, bottom } = range.getBoundingClientRect()
    if (bottom < 0 || top > innerHeight) {
      for (const character of walker.currentNode.data) characters.push({ character, centre: null })
      continue
    }
    let offset = 0
    for (const character of walker.currentNode.data) {
      range.setStart(walker.currentNode, offset)
      range.setEnd(walker.currentNode, (offset += character.length))
      const { x, y, width, height } = range.getBoundingClientRect()
      characters.push({ character, centre: width < 1 ? null : [Math.floor(x + width / 2), Math.floor(y + height / 2)] })
    }
  }
  return JSON.stringify(characters)
})()`
type Character = { character: string; centre: [x: number, y: number] | null }

/** Which points of a PNG picture have the colour of the mark; null for no point, and for one outside the picture. */
const readColours = (picture: Buffer, points: (Character['centre'] | null)[]) => `(async () => {
  const bytes = Uint8Array.fromBase64('${picture.toString('base64')}')
  const image = await createImageBitmap(new Blob([bytes]))
  const { width, height } = image
  const canvas = new OffscreenCanvas(width, height).getContext('2d')
  canvas.drawImage(image, 0, 0)
  const { data } = canvas.getImageData(0, 0, width, height)
  const hits = ${JSON.stringify(points)}.map((point) => {
    if (point === null || point[1] < 0 || point[1] >= height) return null
    const [red, green, blue] = data.subarray((point[1] * width + point[0]) * 4)
    return red === 255 && green === 0 && blue === 255
  })
  return JSON.stringify(hits)
})()`

/** The text of the page that is open, and what of it is marked within the window. */
async function look(): Promise<{ text: string; marks: Stretch[] }> {
  const characters = JSON.parse(await page.evaluate<string>(readCharacters)) as Character[]
  const points = characters.map(({ centre }) => centre)
  const colours = await eye.evaluate<string>(readColours(await pictureOf(page), points))
  const hits = JSON.parse(colours) as (boolean | null)[]
  const marks: Stretch[] = []
  let last: Stretch | undefined
  hits.forEach((hit, place) => {
    // What cannot be seen, such as the blank at which a line turns, neither ends a mark nor belongs to its edge.
    if (hit === false) last = undefined
    if (hit !== true) return
    if (last === undefined) marks.push((last = { start: place, end: place }))
    last.end = place + 1
  })
  return { text: characters.map(({ character }) => character).join(''), marks }
}

/** Follows an address to a page and waits until something on it is marked; after a while, nothing is. */
async function follow(url: string, html: string): Promise<{ text: string; marks: Stretch[] }> {
  body = html
  await page.goto(url)
  let seen = await look()
  for (let patience = 50; seen.marks.length === 0 && patience > 0; patience--) seen = await look()
  // From elsewhere, the next address is a new page, even where it differs from this one by its fragment alone.
  await page.evaluate('history.replaceState(null, "", "/elsewhere")')
  return seen
}

/** A text as a page, each line a paragraph; the page's text is that text. */
const paragraphs = (text: string) =>
  text
    .split('\n')
    .map((line) => `<p>${line.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</p>`)
    .join('\n')

/**
 * Follows a fragment to a page that is made for it; the page's text comes back, with « and » about what is marked. A
 * second directive marks the page's last word, and so tells a page on which nothing is found from one still at work.
 */
async function whatIsMarked(fragment: Fragment, html: string): Promise<string> {
  const end = 'The end'
  const { text, marks } = await follow(
    `${sourceUrl('https://example.org/page', fragment)}&text=end`,
    `${html}<p>${end}`,
  )
  const points = [...text].slice(0, -end.length)
  expect(marks.pop()).toEqual({ start: points.length + 'The '.length, end: points.length + end.length })
  for (const { start, end } of marks.toReversed()) {
    points.splice(start, end - start, '«', ...points.slice(start, end), '»')
  }
  return points.join('')
}

const sameLetters = new Intl.Collator('en', { sensitivity: 'base' })
const straight = (text: string) => text.replace(/ +/g, ' ').replace(/’/g, "'").replace(/[“”]/g, '"')

const phrase = (quote: string, quote_prefix: string | null = null, quote_suffix: string | null = null) => ({
  quote,
  quote_prefix,
  quote_suffix,
})

/** Paragraphs that come near a fragment and are not it. */
function lookAlikes({ quote, quote_prefix, quote_suffix }: Fragment): string[] {
  const whole = [quote_prefix, quote, quote_suffix].filter((part) => part !== null).join(' ')
  const [first = '', ...rest] = quote.split(' ')
  return [
    ...(/^[\p{L}\p{N}]/u.test(whole) ? [`1${whole}`] : []),
    ...(/[\p{L}\p{N}]$/u.test(whole) ? [`${whole}1`] : []),
    ...(/\d/.test(quote) ? [whole.replace(/\d/, (digit) => String((Number(digit) + 1) % 10))] : []),
    ...(rest.length > 0 ? [`${rest.join(' ')} ${first}`, `${first} pears ${rest.join(' ')}`] : []),
    ...(rest.length > 0 ? [`${quote_prefix ?? ''} ${first}\n${rest.join(' ')} ${quote_suffix ?? ''}`] : []),
    ...(quote_prefix !== null ? [`${quote} ${quote_suffix ?? ''}`, `${quote_prefix} pears ${quote}`] : []),
    ...(quote_suffix !== null ? [`${quote_prefix ?? ''} ${quote}`, `${quote} pears ${quote_suffix}`] : []),
  ]
}

/** A text with a fragment's phrase far down, after its look-alikes and before another like it; and where it stands. */
function textAround(fragment: Fragment): { text: string; phrase: Stretch } {
  const { quote, quote_prefix, quote_suffix } = fragment
  const filler = 'Nothing here.\n'.repeat(30)
  const before = `${lookAlikes(fragment).join('\n')}\n${filler}Well: ${quote_prefix === null ? '' : `${quote_prefix} `}`
  const after = `${quote_suffix === null ? '' : ` ${quote_suffix}`}; and so on.`
  const start = codePoints(before)
  return {
    text: `${before}${quote}${after}\nAgain: ${quote_prefix ?? ''} ${quote}${after}\n${filler}`,
    phrase: { start, end: start + codePoints(quote) },
  }
}

/** What the service serves as the source addresses of a document's figures, by the figures' ids. */
async function servedAddresses(document: string): Promise<Map<string, string>> {
  const response = await service.get(`/v1/figures?document=${document}&limit=1000`)
  const { data } = (await response.json()) as { data: { id: string; source_url: string }[] }
  return new Map(data.map(({ id, source_url }) => [id, source_url]))
}

describe.each(documents)('the source address of each figure of $document.id', ({ document, figures }) => {
  test('marks the phrase, past paragraphs that come near it', async () => {
    const addresses = await servedAddresses(document.id)
    expect([...addresses.keys()].sort()).toEqual(figures.map(({ id }) => id).sort())
    for (const figure of figures) {
      const { text, phrase } = textAround(figure)
      expect(await follow(addresses.get(figure.id) ?? '', paragraphs(text)), figure.id).toEqual({
        text,
        marks: [phrase],
      })
      expect(findFragment(text, figure), figure.id).toBe(phrase.start)
    }
  })

  test.skipIf(!existsSync(texts))(
    'marks the place of its quote in the true text, where that is at hand (it is no part of the project)',
    async () => {
      const addresses = await servedAddresses(document.id)
      const text = readFileSync(join(texts, document.file), 'utf8')
      for (const figure of figures) {
        const { id, quote_start: start, quote_end: end } = figure
        expect(await follow(addresses.get(id) ?? '', paragraphs(text)), id).toEqual({ text, marks: [{ start, end }] })
        const rest = [...text].slice(end).join('')
        expect(findFragment(rest, figure), `${id} stands once, or has a prefix or suffix`).toBeNull()
      }
    },
  )
})

test.each([
  ['a prefix', phrase('85 tons', 'In 2018,')],
  ['a suffix', phrase('85 tons', null, 'were sold')],
  ['a prefix and a suffix', phrase('85 tons', 'In 2018,', 'were sold')],
])('an address with %s marks the phrase, past paragraphs that come near it', async (_, fragment) => {
  const { text, phrase } = textAround(fragment)
  const seen = await follow(sourceUrl('https://example.org/page', fragment), paragraphs(text))
  expect(seen).toEqual({ text, marks: [phrase] })
  expect(findFragment(text, fragment)).toBe(phrase.start)
})

describe('in a page of plain paragraphs', () => {
  test.each<[name: string, fragment: Fragment, marked: string]>([
    ['a hyphen', phrase('third-largest'), 'third largest, thirdlargest; «third-largest»'],
    ['hyphens about the phrase', phrase('-5-'), '5 - 5; a «-5-» b'],
    ['a comma', phrase('13,000 officers, trained'), '13 000 officers trained; «13,000 officers, trained»'],
    ['an ampersand', phrase('R&D=5&text=pears'), 'pears, R; «R&D=5&text=pears»'],
    ['a percent sign', phrase('50%25'), '50% and 50 25; «50%25»'],
    ['a percent sign after a number', phrase('50%'), '50, 150%; «50%»'],
    ['a number sign, question marks and a plus', phrase('#1? 5+5=?'), '1 5 5; 1? 5 5=?; «#1? 5+5=?»'],
    ['slashes, colons and the delimiter', phrase('a/b: :~: c'), 'a/b c; «a/b: :~: c»'],
    ['brackets', phrase('levels (910 [metric] {tons} <net>'), 'levels 910; «levels (910 [metric] {tons} <net>»)'],
    ['what the address leaves as it is', phrase("a! b's *c* ~d_e."), "a b's c; «a! b's *c* ~d_e.»"],
    ['other marks', phrase('a\\b|c^d`e"f;g@h$i'), 'abc; «a\\b|c^d`e"f;g@h$i»'],
    ['a currency', phrase('$2.91 billion'), '$2.9 billion, 2.91 billion; US«$2.91 billion»'],
    ['dashes', phrase('2018–2020 — so'), '2018-2020 - so; «2018–2020 — so»'],
    ['an emoji', phrase('🍐 85'), '🍎 85; «🍐 85»'],
    ['another alphabet', phrase('მსხალი 85'), 'ვაშლი 85; «მსხალი 85»'],

    ['quotation marks, curled or not', phrase("world's “largest”"), 'worlds largest; «world’s "largest"»'],
    ['another case', phrase('more than 5'), '«MORE Than 5»; more than 5'],
    ['other accents', phrase('Medellin'), '«Medellín»; Medellin'],
    ['a non-breaking blank', phrase('more than 5'), '«more\u00a0than 5»'],
    ['a non-breaking blank and another', phrase('more than 5'), 'more\u00a0 than 5; «more than 5»'],
    ['the same two', phrase('more\u00a0 than 5'), 'more than 5; «more\u00a0 than 5»'],
    ['many blanks', phrase('more than   5'), '«more   than 5»'],
    ['a soft hyphen', phrase('hectares'), '«hec\u00adtares»'],

    ['no such phrase', phrase('5 pears'), '6 pears'],
    ['the first of two', phrase('5 pears'), '«5 pears», 5 pears'],
    ['the midst of a word', phrase('ears'), 'pears, earshot, pre-«ears»'],
    ['a part of a number', phrase('13'), '13,000, 2.13, 113; «13»'],
    ['the end of a number', phrase('000'), '13,000; «000»'],
    ['a word before an apostrophe', phrase('world'), 'world’s; «world»'],
    ['a phrase over two paragraphs', phrase('5 ripe pears'), '5 ripe\npears; «5 ripe pears»'],

    ['a prefix', phrase('85 tons', 'In 2018,'), 'In 2017, 85 tons. In 2018, «85 tons». In 2018, 85 tons.'],
    ['a prefix that stands further off', phrase('85 tons', 'in'), 'in all 85 tons, in «85 tons»'],
    ['a prefix in the midst of a word', phrase('85 tons', 'in'), 'cabin 85 tons, in «85 tons»'],
    ['a prefix within the word', phrase('hour', 'half-'), 'an hour, a half-«hour»'],
    ['a prefix with hyphen, comma and ampersand', phrase('5', 'a-b, R&D'), 'R&D 5; a-b, R&D «5»'],
    ['a prefix in the paragraph before', phrase('5 pears', 'Goals'), '5 pears\nGoals\n«5 pears»'],
    ['a prefix over two paragraphs', phrase('5 pears', 'Our Goals'), 'Our\nGoals 5 pears'],
    ['a prefix that overlaps with itself', phrase('c', 'a b a'), 'a b a b a «c»'],
    ['a suffix', phrase('85 tons', null, 'were'), '85 tons are, «85 tons» were, 85 tons were'],
    ['a suffix in the midst of a word', phrase('85 tons', null, 'we'), '85 tons were, «85 tons» we'],
    ['a suffix with hyphen, comma and ampersand', phrase('5', null, ', a-b R&D'), '5 R&D; «5», a-b R&D'],
    ['a suffix in the paragraph after', phrase('5 pears', null, 'Goals'), '5 pears\n«5 pears»\nGoals'],
    ['both', phrase('85 tons', 'In 2018,', 'ate'), 'In 2017, 85 tons ate. In 2018, 85 tons. In 2018, «85 tons» ate.'],
  ])('%s', async (_, fragment, marked) => {
    const text = marked.replace(/[«»]/g, '')
    expect(await whatIsMarked(fragment, paragraphs(text))).toBe(marked)
    // The audit relies on it that this function finds what a browser finds.
    const start = marked.indexOf('«')
    expect(findFragment(text, fragment)).toBe(start < 0 ? null : codePoints(marked.slice(0, start)))
  })

  test('the browser marks what findFragment finds, whatever words and numbers stand in it', async () => {
    // No "U.S.": Chromium takes a dot between letters for the end of a word, which the standard does not.
    const word = fc.constantFrom(
      ...['ton', 'tons', 'Ton', 'on', 'world', 'world’s', "world's", 'Medellín', 'medellin', 'third-largest', 'a_b'],
      ...['13', '000', '13,000', '5', '5.5', '$5', 'US$5', '50%', '(5', '5)', '2018–2020', 'COVID-19', 'R&D', '“ton”'],
    )
    const gap = fc.constantFrom(' ', ' ', '\u00a0', '  ', '\n', ', ', '; ', ' – ', '-', '. ')
    // Few words, so that most stand several times.
    const page = fc
      .array(word, { minLength: 2, maxLength: 4 })
      .chain((few) => fc.array(fc.tuple(fc.constantFrom(...few), gap), { minLength: 4, maxLength: 12 }))
      .map((words) => words.flat().join('').trimEnd())
    const cuts = fc.tuple(fc.nat(), fc.nat(5), fc.integer({ min: 1, max: 9 }), fc.nat(5))
    await fc.assert(
      fc.asyncProperty(page, cuts, async (text, [place, lead, length, trail]) => {
        // A stretch of the text itself, from anywhere to anywhere, parted into prefix, quote and suffix.
        const points = [...text]
        const start = place % points.length
        const cut = (from: number, to: number) => points.slice(Math.max(0, from), to).join('').trim()
        const prefix = cut(start - lead, start)
        const quote = cut(start, start + length)
        const suffix = cut(start + length, start + length + trail)
        // Chromium finds less or more than the standard says where a part has no letter or digit.
        for (const part of [quote, prefix, suffix]) fc.pre(part === '' || /^[^\n]*[\p{L}\p{N}][^\n]*$/u.test(part))
        fc.pre(quote !== '')
        const fragment = phrase(quote, prefix === '' ? null : prefix, suffix === '' ? null : suffix)
        const [before = '', marked] = (await whatIsMarked(fragment, paragraphs(text))).split(/[«»]/)
        expect(marked === undefined ? null : codePoints(before)).toBe(findFragment(text, fragment))
        // What is marked is the quote, in the case, accents and blanks of its first place.
        if (marked !== undefined) expect(sameLetters.compare(straight(marked), straight(quote))).toBe(0)
      }),
      { numRuns: 50 },
    )
  })
})

describe('in a page with elements', () => {
  test.each<[name: string, fragment: Fragment, html: string, marked: string]>([
    [
      'elements within the phrase',
      phrase('more than 5 pears'),
      '<p>No <b>mo</b>re <i>than</i> <a href="/x">5</a> <span>pea</span>rs.</p>',
      'No «more than 5 pears».',
    ],
    ['a line break of the source', phrase('more than 5'), '<p>No more\n   than 5.</p>', 'No «more\n   than 5».'],
    [
      'a line break element in the phrase',
      phrase('more than 5'),
      '<p>more<br>than 5; more than 5</p>',
      'morethan 5; «more than 5»',
    ],
    ['a line break element after the prefix', phrase('5', 'more than'), '<p>5 more than<br>5</p>', '5 more than«5»'],
    [
      'a block within the phrase',
      phrase('more than 5'),
      '<div>more<div>than</div>5</div><p>more than 5</p>',
      'morethan5«more than 5»',
    ],
    ['a list', phrase('5 pears', 'Goals'), '<h2>Goals</h2><ul><li>5 pears<li>5 pears</ul>', 'Goals«5 pears»5 pears'],
    [
      'a table',
      phrase('5', 'pears', 'tons'),
      '<table><tr><td>pears<td>5<td>ha<tr><td>pears<td>5<td>tons</table>',
      'pears5hapears«5»tons',
    ],
    [
      'what is not shown',
      phrase('5 pears'),
      '<p hidden>5 pears</p><p style="visibility: hidden">5 pears</p><script>"5 pears"</script><p>5 pears</p>',
      '5 pears5 pears"5 pears"«5 pears»',
    ],
    ['a comment within the phrase', phrase('5 pears'), '<p>5 <!-- or 6 -->pears</p>', '«5 pears»'],
    ['references', phrase('R&D – 5 %'), '<p>R&amp;D &ndash; 5&nbsp;%</p>', '«R&D – 5\u00a0%»'],
  ])('%s', async (_, fragment, html, marked) => {
    expect(await whatIsMarked(fragment, html)).toBe(marked)
  })
})
