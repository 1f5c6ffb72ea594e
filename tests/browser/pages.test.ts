import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { serviceForTests } from '../support/service.ts'

const service = serviceForTests()
let browser: Browser
let page: Page
let complaints: string[]

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  })
})
afterAll(async () => {
  await browser.close()
})
beforeEach(async () => {
  page = await browser.newPage()
  complaints = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`))
})
afterEach(async () => {
  await page.close()
})

test('the landing page is styled under its content security policy, and an example leads to figures', async () => {
  await page.goto(`${service.app.listeningOrigin}/`)
  expect(await page.title()).toBe('Counternarcotics Metrics API')
  expect(await page.evaluate('getComputedStyle(document.body).maxWidth')).toBe('960px')
  await page.getByRole('link', { name: '/v1/figures?metric=coca-eradication' }).click()
  expect(await page.locator('body').innerText()).toContain('more than 130,000 hectares')
  expect(complaints).toEqual([])
})

test('on a narrow screen the landing page does not scroll sideways', async () => {
  await page.setViewportSize({ width: 400, height: 800 })
  await page.goto(`${service.app.listeningOrigin}/`)
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  const cut = '[...document.querySelectorAll("table")].filter((table) => table.scrollWidth > table.clientWidth).length'
  expect(await page.evaluate(cut)).toBe(0)
})

test('a problem type leads to its explanation', async () => {
  await page.goto(`${service.app.listeningOrigin}/#problem-invalid-request`)
  expect(await page.locator('#problem-invalid-request').innerText()).toContain('Invalid request')
})

test('Swagger UI executes a query with the filter that was typed, and no other', async () => {
  await page.goto(`${service.app.listeningOrigin}/docs`)
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
  expect(await operation.locator('.live-responses-table tbody .response-col_status').first().innerText()).toContain(
    '200',
  )
  expect(
    await operation.locator('.live-responses-table tbody .response-col_description').first().innerText(),
  ).toContain('209,000 hectares')
  expect(complaints).toEqual([])
})

test('Swagger UI shows every operation', async () => {
  await page.goto(`${service.app.listeningOrigin}/docs`)
  await page.locator('.opblock').first().waitFor()
  const { paths } = service.app.swagger() as { paths: object }
  expect(await page.locator('.opblock').count()).toBe(Object.keys(paths).length)
})
