import { describe, expect, test } from 'vitest'
import { chart } from '../../src/pages/parts.ts'

const base = 'https://figures.example/under'
const site = {
  link: (path: string) => `${base}${path}`,
  origin: base,
  release: { version: '1', digest: 'sha256:', released: '2026-11-22', license: '', license_url: '', license_note: '' },
}
const metric = { id: 'coca', title: 'Coca "and" <b>' }
const sizes = {
  wide: { width: 720, height: 480 },
  narrow: { width: 360, height: 640 },
  card: { width: 240, height: 90 },
}

describe('the chart of a metric', () => {
  test('asks for the size that fits, and keeps its place free in each', () => {
    const html = chart(site, metric, sizes)
    const address = (size: string) => `${base}/v1/metrics/coca/chart?size&#61;${size}`
    expect(html.replaceAll('\n', '')).toContain(
      `<source media="(max-width: 48rem)" srcset="${address('narrow')}" width="360" height="640">` +
        `<img src="${address('wide')}" width="720" height="480" alt="Coca &#34;and&#34; &#60;b&#62;: `,
    )
  })

  test('is on a card a picture that says nothing that the card does not, and waits until it is seen', () => {
    const html = chart(site, metric, sizes, { small: true })
    expect(html).toMatch(
      /^<img src="[^"]+size&#61;card" width="240" height="90" alt="" loading="lazy" decoding="async">$/,
    )
  })

  test('that a metric has not leaves nothing', () => {
    expect([chart(site, metric, null), chart(site, metric, null, { small: true })]).toEqual(['', ''])
  })
})
