import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nearest } from '../src/nearest.ts'

const words = ['id', 'bom', 'place', 'metric', 'measure', 'coca-cultivation', 'coca-eradication', 'cocaine-production']

test.each([
  ['metirc', 'metric'],
  ['Metric', 'metric'],
  ['di', 'id'],
  ['emtrci', 'metric'],
  ['mesure', 'measure'],
  ['coca', 'coca-cultivation'],
  ['cocaine', 'cocaine-production'],
  ['coca-eradicaton', 'coca-eradication'],
])('%s is near to %s', (given, word) => {
  expect(nearest(given, words)).toBe(word)
})

test.each([
  ['cultivation', 'coca-cultivation'],
  ['Coca Eradication', 'coca-eradication'],
  ['coca_eradication', 'coca-eradication'],
  ['METRIC', 'metric'],
])('%s is a spelling or a part of %s', (given, word) => {
  expect(nearest(given, words)).toBe(word)
})

const names: Readonly<Record<string, string[]>> = {
  ha: ['hectares', 'har'],
  't-per-ha': ['tonnes per hectare', 't/ha'],
  t: ['tonnes', 'metric tons'],
  percent: ['percent', '%'],
  'us-embassy-bogota': ['U.S. Embassy Bogotá'],
  'us-government': ['U.S. government'],
  usd: ['United States dollars'],
}
test.each([
  ['hectares', 'ha'],
  ['Hectare', 'ha'],
  ['hectars', 'ha'],
  ['t/ha', 't-per-ha'],
  ['%', 'percent'],
  ['tons', 't'],
  ['metric tons', 't'],
  ['metric tonns', 't'],
  ['T', 't'],
  ['dollars', 'usd'],
  ['US Government', 'us-government'],
  ['U.S. Embassy Bogota', 'us-embassy-bogota'],
])('%s is another name of %s', (given, word) => {
  expect(nearest(given, Object.keys(names), (known) => names[known] ?? [])).toBe(word)
})

test('a short other name is near to nothing but itself', () => {
  const called = (word: string) => (word === 'limit' ? ['count', 'top', 'page-size'] : [])
  expect(nearest('country', ['limit'], called)).toBeUndefined()
  expect(nearest('count', ['limit'], called)).toBe('limit')
  expect(nearest('pagesize', ['limit'], called)).toBe('limit')
})

test('a word itself comes before what is called so', () => {
  const called = (word: string) => (word === 'a' ? ['Colombia'] : [])
  expect(nearest('colombia', ['a', 'colombia'], called)).toBe('colombia')
  expect(nearest('colombi', ['a', 'colombia'], called)).toBe('colombia')
  expect(nearest('colombi', ['a', 'b'], called)).toBe('a')
})

// Each word, called by itself or by a name of its own, is found whatever its capitals and what stands between its parts.
const term = fc.stringMatching(/^[a-z]{1,6}(-[a-z]{1,6}){0,2}$/)
test('what is a name of one word only finds that word', () => {
  fc.assert(
    fc.property(fc.uniqueArray(term, { minLength: 2, maxLength: 12 }), fc.nat(), fc.boolean(), (terms, at, upper) => {
      const half = Math.floor(terms.length / 2)
      const ids = terms.slice(0, half)
      const nameOf = (id: string) => terms[half + ids.indexOf(id)] ?? ''
      const id = ids[at % ids.length] ?? ''
      const spelt = (word: string) => (upper ? word.toUpperCase() : word).replaceAll('-', ' ')
      expect(nearest(spelt(id), ids, (word) => [nameOf(word)])).toBe(id)
      expect(nearest(spelt(nameOf(id)), ids, (word) => [nameOf(word)])).toBe(id)
    }),
  )
})

test.each(['', '  ', 'i', 'co', 'q', 'a0', 'zz', 'from', 'page', 'homicides', 'x'.repeat(300)])(
  'nothing is near to "%s"',
  (given) => {
    expect(nearest(given, words)).toBeUndefined()
  },
)

test('nothing is near where there is nothing', () => {
  expect(nearest('metric', [])).toBeUndefined()
})

test('what the words of a vocabulary are called is asked once, however often something is near to them', () => {
  let asked = 0
  const called = (word: string) => {
    asked += 1
    return [`The ${word}`]
  }
  for (const given of ['the-metric', 'nothing', 'THE METRIC']) nearest(given, words, called)
  expect(asked).toBe(words.length)
})
