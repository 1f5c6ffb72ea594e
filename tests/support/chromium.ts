import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { chromium, type Browser, type Page } from 'playwright-core'

/** Where Chromium is looked for. */
export const chromiumPath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
export const hasChromium = existsSync(chromiumPath)

/** A Chromium that asks for nothing by itself. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  })

/**
 * What the window of a page shows, as PNG. Now and then Chromium refuses a picture, and takes it when it is asked again a
 * moment later (https://github.com/MarketSquare/robotframework-browser/issues/5237); any other error is one.
 */
export async function pictureOf(page: Page): Promise<Buffer> {
  for (let patience = 5; ; patience -= 1) {
    try {
      return await page.screenshot()
    } catch (error) {
      if (patience === 0 || !String(error).includes('Unable to capture screenshot')) throw error
      await wait(100)
    }
  }
}
