import { defineConfig } from 'vitest/config'

// Three suites: `npm test` needs nothing but npm; `npm run test:browser` needs Chromium on the machine, `npm run test:peers`
// Python with pandas, pyarrow and openpyxl, R with jsonlite, Gnumeric and LibreOffice Calc. What is missing fails.
export default defineConfig({
  test: {
    globalSetup: 'tests/support/build-once.ts',
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
      { test: { name: 'browser', include: ['tests/browser/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } },
    ],
  },
})
