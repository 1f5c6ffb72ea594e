import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { palette } from '../../src/charts/style.ts'
import { ChartSize } from '../../src/schemas/vocabularies.ts'
import { launchChromium } from '../support/chromium.ts'
import { serviceForTests } from '../support/service.ts'

const service = serviceForTests()
let browser: Browser
let metrics: { id: string; title: string; figure_count: number }[]

beforeAll(async () => {
  browser = await launchChromium()
  const listed = (await (await service.get('/v1/metrics?limit=1000')).json()) as { data: typeof metrics }
  metrics = listed.data
  expect(metrics.length).toBeGreaterThan(25)
})
afterAll(async () => {
  await browser.close()
})

/** Opens a page of its own, on which nothing may be complained of. */
async function onPage(scheme: 'light' | 'dark', look: (page: Page) => Promise<void>): Promise<void> {
  const page = await browser.newPage({ colorScheme: scheme, viewport: { width: 800, height: 600 } })
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`))
  try {
    await look(page)
    expect(complaints).toEqual([])
  } finally {
    await page.close()
  }
}

const addressOf = (id: string, size: string) => `${service.app.listeningOrigin}/v1/metrics/${id}/chart?size=${size}`

/** In the page: texts that leave the picture, and pairs of texts or of text and mark of which one covers the other. */
const collisions = `(() => {
  const frame = document.documentElement.getBoundingClientRect()
  // The box of a line of text has room above and below its letters.
  const inked = (element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect()
    const slack = element.tagName === 'text' ? (bottom - top) * 0.25 : 0
    return { element, left, right, top: top + slack, bottom: bottom - slack }
  }
  const texts = [...document.querySelectorAll('text')].map(inked)
  const marks = [...document.querySelectorAll('[class*="_figures_marks"] > path')].map(inked)
  const name = ({ element }) => element.textContent || element.getAttribute('class') || 'mark'
  const left = texts.filter((text) => text.left < frame.left || text.right > frame.right || text.bottom > frame.bottom)
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
  const pairs = texts.flatMap((text, index) =>
    [...texts.slice(index + 1), ...marks].filter((other) => meet(text, other)).map((other) => name(text) + ' / ' + name(other)))
  return [...left.map(name), ...pairs]
})()`

test.each(ChartSize.options)(
  'the %s chart of every metric is drawn without complaint, no word leaves it, covers another or a mark, and it is heard as one picture with its name and every figure in its description',
  async (size) => {
    await onPage('light', async (page) => {
      const session = await page.context().newCDPSession(page)
      for (const { id, title, figure_count } of metrics) {
        await page.goto(addressOf(id, size))
        expect(await page.locator('text').count(), id).toBeGreaterThan(2)
        expect(await page.evaluate(collisions), id).toEqual([])
        const { nodes } = await session.send('Accessibility.getFullAXTree')
        const pictures = nodes.filter(({ ignored, role }) => !ignored && ['image', 'img'].includes(String(role?.value)))
        expect(pictures, id).toHaveLength(1)
        expect(String(pictures[0]?.name?.value)).toContain(title)
        expect(String(pictures[0]?.name?.value)).toContain(`${figure_count} figure`)
        expect(String(pictures[0]?.description?.value)).toMatch(/\w/)
      }
    })
  },
)

const colour = (hex: string) => `rgb(${[1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(', ')})`

describe.each(['light', 'dark'] as const)('on a %s screen', (scheme) => {
  test('a chart has the colours of the screen, and on paper those of paper', async () => {
    await onPage(scheme, async (page) => {
      await page.goto(addressOf('coca-eradication', 'wide'))
      const fills = () =>
        page.evaluate(
          `['rect', '.role-title-text text'].map((name) => getComputedStyle(document.querySelector(name)).fill)`,
        )
      expect(await fills()).toEqual([colour(palette.paper[scheme]), colour(palette.ink[scheme])])
      await page.emulateMedia({ media: 'print' })
      expect(await fills()).toEqual([colour(palette.paper.print), colour(palette.ink.print)])
    })
  })

  test('a chart in the page of another has them too, and fits where there is less room than it has', async () => {
    await onPage(scheme, async (page) => {
      await page.setViewportSize({ width: 300, height: 600 })
      const source = addressOf('coca-eradication', 'narrow')
      await page.setContent(
        `<style>:root{color-scheme:light dark}img{max-width:100%;height:auto}</style><img src="${source}" alt="Chart">`,
      )
      await page.locator('img').evaluate('(image) => image.decode()')
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      // The first pixels of the picture are its paper; a canvas reads them, since CORS lets it.
      const pixel = await page.evaluate(`(async () => {
        const image = new Image()
        image.crossOrigin = 'anonymous'
        image.src = ${JSON.stringify(source)}
        await image.decode()
        const canvas = new OffscreenCanvas(10, 10).getContext('2d')
        canvas.drawImage(image, 0, 0)
        return [...canvas.getImageData(2, 2, 1, 1).data.slice(0, 3)]
      })()`)
      expect(`rgb(${(pixel as number[]).join(', ')})`).toBe(colour(palette.paper[scheme]))
    })
  })
})
