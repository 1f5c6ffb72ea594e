/** The pages in a real Chromium: what people see, hear and can do there, with a mouse, with keys, and without scripts. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium, pictureOf } from '../support/chromium.ts'
import { serviceForTests } from '../support/service.ts'

const service = serviceForTests()
let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
})

const desktop = { width: 1280, height: 900 }
const phone = { width: 390, height: 844 }

const paths = [
  '/',
  '/metrics/coca-eradication',
  '/metrics/coca-cultivation',
  '/metrics/homicides',
  '/documents/inl-colombia-summary-2021',
  '/figures/inl-2021-coca-eradication-2020',
  '/figures/derived-coca-eradication-change-2019-2020',
  '/explore',
  '/explore?metric=coca-eradication&year_from=2019&facet=scope',
  '/explore?fields=id,year,value,unit,quote',
  '/explore?metirc=coca-eradication&measure=levle',
  '/coca-eradicaton',
]

/** Two addresses that are wrong on purpose; that Chromium notes their status is no fault of the page. */
const wrong = (path: string) => path.includes('metirc') || path === '/coca-eradicaton'

/**
 * Opens a page of the service, uses it, and holds it to having had no errors in its console, nothing refused by its
 * policy, and no request to anywhere else; `elsewhere` lets in addresses that the test itself serves.
 */
async function use<Result>(
  path: string,
  how: (page: Page) => Promise<Result>,
  { elsewhere = [], ...options }: BrowserContextOptions & { elsewhere?: string[] } = {},
): Promise<Result> {
  const origin = service.app.listeningOrigin
  const context = await browser.newContext({ viewport: desktop, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    const isStatus = wrong(path) && message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isStatus) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('requestfailed', (request) => {
    // A download is a navigation that leads to no page, and a page may be left before its last picture has come.
    const isEnded = request.failure()?.errorText === 'net::ERR_ABORTED'
    if (!isEnded || !(request.isNavigationRequest() || request.resourceType() === 'image')) {
      complaints.push(`${request.url()} failed`)
    }
  })
  page.on('request', (request) => {
    const url = request.url()
    if (![origin, 'data:', ...elsewhere].some((start) => url.startsWith(start))) complaints.push(`asked for ${url}`)
  })
  try {
    await page.goto(`${origin}${path}`)
    const result = await how(page)
    expect(complaints).toEqual([])
    return result
  } finally {
    await context.close()
  }
}

/**
 * What axe-core finds against WCAG 2.2 AA and its own advice, as rule and element. Of what is right, which is nearly all, it
 * is not to tell: Playwright is slow with thousands of values.
 */
async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>(`'axe' in globalThis`))) await page.evaluate(axe.source)
  const found = await page.evaluate<axe.Result[]>(`axe.run({
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    resultTypes: ['violations'],
  }).then(({ violations }) => violations)`)
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`))
}

const sidewaysBy = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'

/**
 * What moved by itself on a page, and by how much (https://wicg.github.io/layout-instability/). Of a blank between two words
 * nobody sees that it moves: where a page is painted before the word that follows a blank has come, Chromium has the blank
 * nowhere, then behind the first word, and takes that for a shift.
 */
const moved = `new Promise((done) => {
  const moved = []
  const isBlank = (node) => node?.nodeType === Node.TEXT_NODE && node.data.trim() === ''
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      const seen = sources.filter(({ node }) => !isBlank(node))
      if (sources.length > 0 && seen.length === 0) continue
      moved.push(value + ': ' + seen.map(({ node }) => node?.outerHTML ?? node?.data ?? 'what is gone').join(', '))
    }
  }).observe({ type: 'layout-shift', buffered: true })
  setTimeout(() => done(moved), 200)
})`

const looks = [
  ['on a desktop in the light', desktop, 'light', 'rgb(253, 252, 249)'],
  ['on a desktop in the dark', desktop, 'dark', 'rgb(18, 20, 22)'],
  ['on a phone in the dark', phone, 'dark', 'rgb(18, 20, 22)'],
  ['on a phone in the light', phone, 'light', 'rgb(253, 252, 249)'],
] as const

test.each(paths)(
  '%s is styled, fits, moves nothing, is accessible, and asks for nothing from elsewhere',
  async (path) => {
    await use(path, async (page) => {
      await page.evaluate('scrollTo(0, document.body.scrollHeight)')
      await page.waitForLoadState('networkidle')
      expect(await page.evaluate<string[]>(moved)).toEqual([])
      for (const [look, viewport, colorScheme, paper] of looks) {
        await page.setViewportSize(viewport)
        await page.emulateMedia({ colorScheme })
        expect(await page.evaluate('getComputedStyle(document.body).backgroundColor'), look).toBe(paper)
        expect(await page.evaluate(sidewaysBy), look).toBe(0)
        expect(await violations(page), look).toEqual([])
      }
      // WCAG 1.4.4 and 1.4.10: enlarged to the double, a small desktop is half as wide; 320 pixels are the narrowest.
      for (const width of [640, 320]) {
        await page.setViewportSize({ width, height: 512 })
        expect(await page.evaluate(sidewaysBy), `at ${width} pixels`).toBe(0)
      }
    })
  },
)

test.each([
  ['/', desktop],
  ['/', phone],
  ['/explore?fields=id,year,value,unit,quote', desktop],
  ['/explore?fields=id,year,value,unit,quote', phone],
  ['/explore', desktop],
  ['/metrics/coca-eradication', phone],
  ['/documents/inl-colombia-summary-2021', desktop],
])('%s moves nothing while it comes in over a slow line, on a screen of %o', async (path, viewport) => {
  const context = await browser.newContext({ viewport })
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  const throughput = 20_000
  await devtools.send('Network.emulateNetworkConditions', {
    ...{ offline: false, latency: 50 },
    ...{ downloadThroughput: throughput, uploadThroughput: throughput },
  })
  try {
    await page.goto(`${service.app.listeningOrigin}${path}`)
    expect(await page.evaluate<string[]>(moved)).toEqual([])
  } finally {
    await context.close()
  }
})

test.each([
  ['/', 'Explore'],
  ['/', 'Download CSV'],
  ['/', 'is a figure'],
  ['/', 'figures</span>'],
  ['/figures/derived-coca-eradication-change-2019-2020', 'class="box method">'],
  ['/figures/derived-coca-eradication-change-2019-2020', 'Measure</dt>'],
  ['/metrics/homicides', '>1 f'],
  ['/documents/inl-colombia-summary-2021', '<dt>Pub'],
  ['/coca-eradicaton', 'Period</th>'],
  ['/explore?metric=coca-eradication&year_from=2019&facet=scope', '>forced</a> <s'],
])('%s moves nothing where it stands still after “%s”', async (path, place) => {
  const whole = await (await service.get(path, { headers: { accept: 'text/html' } })).text()
  const cut = whole.indexOf(place, whole.indexOf('<body')) + place.length
  expect(cut).toBeGreaterThan(place.length)
  const rest = Promise.withResolvers<undefined>()
  const halting = createServer((request, response) => {
    if (request.url !== path) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).write(whole.slice(0, cut))
    void rest.promise.then(() => response.end(whole.slice(cut)))
  }).listen(0, '127.0.0.1')
  await once(halting, 'listening')
  const context = await browser.newContext({ viewport: desktop })
  const page = await context.newPage()
  try {
    const { port } = halting.address() as AddressInfo
    await page.goto(`http://127.0.0.1:${port}${path}`, { waitUntil: 'commit' })
    await page.waitForFunction("document.querySelector('header')", undefined, { polling: 20 })
    // What is painted by now would move; where nothing is painted yet there are no frames to wait for.
    await page.evaluate(`new Promise((done) => {
      requestAnimationFrame(() => requestAnimationFrame(done))
      setTimeout(done, 300)
    })`)
    rest.resolve(undefined)
    await page.waitForLoadState('load')
    expect(await page.evaluate<string[]>(moved)).toEqual([])
  } finally {
    rest.resolve(undefined)
    await context.close()
    halting.close()
    halting.closeAllConnections()
  }
})

test('what moves on a page is noticed, and named', async () => {
  await use('/', async (page) => {
    await page.evaluate("document.querySelector('h1').style.marginTop = '9rem'")
    expect(await page.evaluate<string[]>(moved)).toEqual([expect.stringContaining('<h1')])
  })
})

/** What stands in a cell of the explorer's columns in two lines and is no text of several words, or goes out of its cell. */
const brokenCells = `[...document.querySelectorAll('.columns th, .columns td')].flatMap((cell) => {
  const range = document.createRange()
  range.selectNodeContents(cell)
  const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size
  const isBroken = lines > 1 && !/[ -]/.test(cell.textContent)
  return isBroken || cell.scrollWidth > cell.clientWidth + 1 ? [cell.textContent] : []
})`

test.each([
  ['id,year,value,unit,quote', desktop],
  ['id,year,value,unit,quote', phone],
  ['value,value_low,value_high,value_high_inclusive,period_start,superlative_since,qualifier,unit', desktop],
])('no number or word of the columns %s is broken, on a screen of %o', async (fields, viewport) => {
  await use(
    `/explore?limit=1000&fields=${fields}`,
    async (page) => {
      expect(await page.locator('.columns td.count').count()).toBeGreaterThan(50)
      expect(await page.evaluate<string[]>(brokenCells)).toEqual([])
    },
    { viewport },
  )
})

/** Words of headings and of the narrow column of tables that stand in two lines, hyphens apart. */
const brokenWords = `[...document.querySelectorAll('h1, h2, .stack th, .stack td:nth-child(2)')].flatMap((element) => {
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  const broken = []
  while (texts.nextNode()) {
    for (const { 0: word, index } of texts.currentNode.data.matchAll(/[\\p{L}\\p{N}]+/gu)) {
      const range = document.createRange()
      range.setStart(texts.currentNode, index)
      range.setEnd(texts.currentNode, index + word.length)
      if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) broken.push(word)
    }
  }
  return broken
})`

test.each(['/', '/explore', '/metrics/cocaine-producer-rank', '/documents/inl-colombia-summary-2019'])(
  '%s breaks no word in the middle, from a phone to a desktop',
  async (path) => {
    await use(path, async (page) => {
      expect(await page.evaluate<string[]>(brokenWords)).toEqual([])
      for (let width = 320; width <= 1200; width += 20) {
        await page.setViewportSize({ width, height: 800 })
        expect(await page.evaluate<string[]>(brokenWords), `at ${width} pixels`).toEqual([])
      }
    })
  },
)

/** How many things of a page can be stopped at with keys. */
const stopsOf = `[...document.querySelectorAll(
  'main a[href], main button, main input:not([type=hidden]), main select, main summary, main [tabindex="0"]'
)].filter((element) => element.checkVisibility()).length`

/** Where the keys are now: which element, how it is outlined, and whether it is in the window. */
const stopNow = `(() => {
  const element = document.activeElement
  const { outlineStyle, outlineWidth } = getComputedStyle(element)
  const { top, bottom } = element.getBoundingClientRect()
  return {
    at: [...document.querySelectorAll('*')].indexOf(element),
    outline: outlineStyle + ' ' + outlineWidth,
    within: bottom > 0 && top < innerHeight,
  }
})()`

test.each([
  '/',
  '/figures/derived-coca-eradication-change-2019-2020',
  '/explore?metric=coca-eradication&topic=counternarcotics',
])('%s can be walked through by keys: each stop is seen, and the first leads to the content', async (path) => {
  await use(
    path,
    async (page) => {
      await page.keyboard.press('Tab')
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content')
      await page.keyboard.press('Enter')
      expect(await page.evaluate('document.activeElement.id')).toBe('main')
      const steps = Math.min(await page.evaluate<number>(stopsOf), 50)
      expect(steps).toBeGreaterThan(5)
      const seen = new Set<number>()
      for (let step = 0; step < steps; step += 1) {
        await page.keyboard.press('Tab')
        const stop = await page.evaluate<{ at: number; outline: string; within: boolean }>(stopNow)
        expect(stop.outline).toMatch(/^(solid|auto) [1-9]/)
        expect(stop.within).toBe(true)
        seen.add(stop.at)
      }
      expect(seen.size, 'no stop is a trap').toBe(steps)
    },
    { reducedMotion: 'reduce' },
  )
})

describe('a visitor', () => {
  test('comes from the front page by a metric and a figure to the phrase in its document, which is marked', async () => {
    const { data } = (await (await service.get('/v1/figures/inl-2021-coca-eradication-2020')).json()) as {
      data: { figure: { quote: string; source_url: string } }
    }
    const { quote, source_url } = data.figure
    const source = source_url.split('#')[0] ?? ''
    await use(
      '/',
      async (page) => {
        const filler = '<p>Nothing here.</p>'.repeat(200)
        await page.route(`${source}**`, (route) =>
          route.fulfill({
            contentType: 'text/html; charset=utf-8',
            body: `<!doctype html><html lang="en"><title>The source</title><link rel="icon" href="data:,"><style>::target-text { background: rgb(255, 0, 255) }</style>${filler}<p>They destroyed ${quote}, and so on.</p>${filler}`,
          }),
        )
        await page.locator('#metrics').getByRole('link', { name: 'Coca eradication', exact: true }).click()
        await page.waitForURL('**/metrics/coca-eradication')
        expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Coca eradication')
        await page.getByRole('cell').getByRole('link', { name: 'More than 130,000 hectares', exact: true }).click()
        await page.waitForURL('**/figures/inl-2021-coca-eradication-2020')
        await page.getByRole('link', { name: 'Open the document at this phrase' }).click()
        await page.waitForURL((url) => url.href.startsWith(source))
        expect(await page.evaluate('location.href')).toBe(source)
        await expect.poll(() => marked(page), { timeout: 10_000 }).toBeGreaterThan(500)
        expect(await page.evaluate('scrollY')).toBeGreaterThan(1000)
      },
      { elsewhere: [source] },
    )
  })

  test('explores: filters, sees the address of the API, and takes the CSV of just that', async () => {
    await use(
      '/explore',
      async (page) => {
        await page.getByLabel('Metric').selectOption('coca-eradication')
        await page.getByLabel('From year').fill('2020')
        await page.getByRole('button', { name: 'Show' }).click()
        await page.waitForURL('**/explore?metric=coca-eradication&year_from=2020')
        const api = `${service.app.listeningOrigin}/v1/figures?metric=coca-eradication&year_from=2020`
        expect(await page.locator('.address').innerText()).toBe(api)
        const found = (await (await fetch(api)).json()) as { page: { total: number } }
        expect(await page.locator('tbody tr').count()).toBe(found.page.total)
        const downloading = page.waitForEvent('download')
        await page.getByRole('link', { name: 'CSV', exact: true }).click()
        const stream = await (await downloading).createReadStream()
        const lines = (await text(stream)).trim().split('\r\n')
        expect(lines).toHaveLength(found.page.total + 1)
      },
      { acceptDownloads: true },
    )
  })

  test('mends a misspelt query by following what it suggests', async () => {
    await use('/explore?metirc=coca-eradication', async (page) => {
      await page.getByRole('alert').getByRole('link', { name: 'metric' }).click()
      await page.waitForURL('**/explore?metric=coca-eradication')
      expect(await page.locator('tbody tr').count()).toBeGreaterThan(3)
    })
  })

  test('who went astray searches, and finds', async () => {
    await use('/coca-eradicaton', async (page) => {
      await page.getByLabel('Search the figures').fill('helicopters')
      await page.getByRole('button', { name: 'Search' }).click()
      await page.waitForURL('**/explore?q=helicopters')
      expect(await page.locator('tbody tr').count()).toBeGreaterThan(1)
    })
  })

  test('copies lines that are those of the page', async () => {
    await use(
      '/',
      async (page) => {
        await page.getByRole('button', { name: 'Copy the lines of JavaScript' }).click()
        await page.getByText('Copied').first().waitFor()
        const copied = await page.evaluate<string>('navigator.clipboard.readText()')
        expect(copied).toContain(`await fetch('${service.app.listeningOrigin}/v1/figures?metric=coca-eradication')`)
      },
      { permissions: ['clipboard-read', 'clipboard-write'] },
    )
  })

  test('without scripts has the same form, with the same end, and no buttons that do nothing', async () => {
    await use(
      '/explore',
      async (page) => {
        await page.locator('[name=metric]').selectOption('coca-eradication')
        await page.getByRole('button', { name: 'Show' }).click()
        await page.waitForURL('**/explore?metric=coca-eradication')
        expect(await page.locator('.copy').count()).toBe(0)
        expect(await page.locator('tbody tr').count()).toBeGreaterThan(3)
      },
      { javaScriptEnabled: false },
    )
  })

  test('comes from the type of a problem to its explanation', async () => {
    await use(
      '/#problem-invalid-request',
      async (page) => {
        const term = page.locator('#problem-invalid-request')
        expect(await term.innerText()).toContain('Invalid request')
        expect((await term.boundingBox())?.y).toBeLessThan(desktop.height)
      },
      { reducedMotion: 'reduce' },
    )
  })

  test('who wants no motion gets none, and others a smooth one', async () => {
    const behaviour = (reducedMotion: 'reduce' | 'no-preference') =>
      use('/', (page) => page.evaluate<string>('getComputedStyle(document.documentElement).scrollBehavior'), {
        reducedMotion,
      })
    expect([await behaviour('reduce'), await behaviour('no-preference')]).toEqual(['auto', 'smooth'])
  })

  test('prints black on white, with the addresses of sources, and without what only a screen has', async () => {
    await use(
      '/figures/inl-2021-coca-eradication-2020',
      async (page) => {
        await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
        expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)')
        expect(await page.locator('nav').isVisible()).toBe(false)
        expect(await page.locator('.copy').first().isVisible()).toBe(false)
        const after = `getComputedStyle(document.querySelector('a.source'), '::after').content`
        expect(await page.evaluate<string>(after)).toContain('https://www.state.gov/')
      },
      { colorScheme: 'dark' },
    )
  })
})

/** How many points of what the window shows have the colour of a mark. */
async function marked(page: Page): Promise<number> {
  const picture = (await pictureOf(page)).toString('base64')
  const eye = await browser.newPage()
  try {
    return await eye.evaluate<number>(`(async () => {
      const image = await createImageBitmap(new Blob([Uint8Array.fromBase64('${picture}')]))
      const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d')
      canvas.drawImage(image, 0, 0)
      const { data } = canvas.getImageData(0, 0, image.width, image.height)
      let points = 0
      for (let at = 0; at < data.length; at += 4) points += data[at] === 255 && data[at + 1] === 0 && data[at + 2] === 255
      return points
    })()`)
  } finally {
    await eye.close()
  }
}

describe('Swagger UI', () => {
  test('executes a query with the filter that was typed, and no other, and says how long it took', async () => {
    await use('/docs', async (page) => {
      const operation = page.locator('#operations-Figures-listFigures')
      await operation.locator('.opblock-summary-control').click()
      const metric = operation.locator('tr[data-param-name="metric"]')
      await metric.getByRole('button', { name: 'Add string item' }).click()
      await metric.locator('input').fill('coca-cultivation')
      await operation.getByRole('button', { name: 'Execute' }).click()
      await operation.locator('.live-responses-table').waitFor()
      expect(await operation.locator('.request-url pre').innerText()).toBe(
        `${service.app.listeningOrigin}/v1/figures?metric=coca-cultivation`,
      )
      const answer = operation.locator('.live-responses-table tbody').first()
      expect(await answer.locator('.response-col_status').first().innerText()).toContain('200')
      expect(await answer.locator('.response-col_description').first().innerText()).toContain('209,000 hectares')
      expect(await answer.innerText()).toMatch(/Request duration\s+\d+ ms/)
    })
  })

  test('fits a phone, with an operation open and executed', async () => {
    const onPhone = async (page: Page) => {
      const widths = 'JSON.stringify([innerWidth, document.documentElement.scrollWidth])'
      const isFitting = async (when: string) => {
        expect(await page.evaluate(widths), when).toBe(JSON.stringify([phone.width, phone.width]))
      }
      const operation = page.locator('#operations-Figures-listFigures')
      await operation.waitFor()
      await isFitting('as it is opened')
      await operation.locator('.opblock-summary-control').tap()
      await operation.getByRole('button', { name: 'Execute' }).tap()
      await operation.locator('.live-responses-table').waitFor()
      await isFitting('with an answer')
    }
    await use('/docs', onPhone, { viewport: phone, isMobile: true, hasTouch: true })
  })

  test('shows every operation, each group with a guide', async () => {
    await use('/docs', async (page) => {
      await page.locator('.opblock').first().waitFor()
      const { paths: operations, tags } = (await (await service.get('/openapi.json')).json()) as {
        paths: object
        tags: { name: string }[]
      }
      expect(await page.locator('.opblock').count()).toBe(Object.keys(operations).length)
      expect(await page.locator('.opblock-tag small').count()).toBe(tags.length)
    })
  })

  test('is opened at an operation by its address, and narrowed to a group by its filter', async () => {
    await use('/docs#/Comparisons/listComparisons', async (page) => {
      await page.locator('#operations-Comparisons-listComparisons.is-open').waitFor()
      await page.getByPlaceholder(/Filter by/).fill('Documents')
      await page.locator('#operations-Figures-listFigures').waitFor({ state: 'detached' })
      expect(await page.locator('.opblock-tag-section').count()).toBe(1)
    })
  })

  test.each(['light', 'dark'] as const)('is %s where the browser is', async (colorScheme) => {
    await use(
      '/docs',
      async (page) => {
        await page.locator('.opblock').first().waitFor()
        const paper = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
        const [red = 0] = (paper.match(/\d+/g) ?? []).map(Number)
        if (colorScheme === 'dark') expect(red).toBeLessThan(60)
        else expect(red).toBeGreaterThan(240)
      },
      { colorScheme },
    )
  })
})
