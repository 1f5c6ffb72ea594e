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

test.each(['', 'q', 'a0', 'zz', 'from', 'page', 'homicides', 'x'.repeat(300)])('nothing is near to "%s"', (given) => {
  expect(nearest(given, words)).toBeUndefined()
})

test('nothing is near where there is nothing', () => {
  expect(nearest('metric', [])).toBeUndefined()
})
