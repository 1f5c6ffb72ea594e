import { defineConfig } from 'vitest/config'

// Two suites: `npm test` needs nothing but npm; `npm run test:browser` needs Chromium on the machine.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'service',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/browser/**'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: 'browser', include: ['tests/browser/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } },
    ],
  },
})
