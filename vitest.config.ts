import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { chromiumPath, hasChromium } from './tests/support/chromium.ts'

/** Says at the end what was not run, and why: nothing is left out in silence. */
const tellsOfChromium = {
  onTestRunEnd() {
    if (hasChromium) return
    console.error(
      `\n The tests in tests/browser were NOT run: there is no Chromium at ${chromiumPath}.\n` +
        ' Install it, or say where it is by CHROMIUM_PATH.\n',
    )
  },
}

// Node keeps what it has compiled, by the bytes of each file, for the workers and for the processes that tests start: to
// compile the service takes longer than most of these processes live.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/node-compile')

// Three suites: `npm test` runs what needs nothing but npm, and the tests in Chromium where the machine has one, which
// `npm run test:browser` insists on; `npm run test:peers` needs Python with pandas, pyarrow, openpyxl and schemathesis,
// R with jsonlite, Gnumeric and LibreOffice Calc. What is missing there fails.
export default defineConfig({
  test: {
    globalSetup: 'tests/support/whole-run.ts',
    reporters: ['default', tellsOfChromium],
    // On two cores Vitest would leave one idle.
    maxWorkers: '100%',
    // A worker runs file after file in one process, which has loaded the service once: what a file changes beyond itself, such
    // as a clock, an environment or a subscription, it puts back.
    isolate: false,
    projects: [
      {
        test: {
          name: 'service',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/browser/**', 'tests/peers/**'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: 'peers', include: ['tests/peers/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          exclude: hasChromium ? [] : ['**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
