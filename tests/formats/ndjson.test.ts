import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ndjsonStream } from '../../src/formats/ndjson.ts'

describe('ndjsonStream', () => {
  it('ends the line of every text with one line feed', async () => {
    expect(await text(ndjsonStream([['{"a":1}', '{"a":2}'], ['{"a":3}']]))).toBe('{"a":1}\n{"a":2}\n{"a":3}\n')
  })

  it('is empty where there are no texts, in no page or in an empty one', async () => {
    expect(await text(ndjsonStream([]))).toBe('')
    expect(await text(ndjsonStream([[], []]))).toBe('')
  })

  it('gives back any values, line by line, whatever their text and however they are paged', async () => {
    const anyValue = fc.jsonValue({ stringUnit: 'binary', noUnicodeString: false })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(anyValue, { maxLength: 5 }), { maxLength: 5 }), async (pages) => {
        const texts = pages.map((page) => page.map((value) => JSON.stringify(value)))
        const lines = (await text(ndjsonStream(texts))).split('\n')
        expect(lines.pop()).toBe('')
        expect(lines).toEqual(texts.flat())
        expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
          texts.flat().map((value) => JSON.parse(value) as unknown),
        )
      }),
    )
  })
})
