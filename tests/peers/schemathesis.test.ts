/** The real process against its own OpenAPI document, as Schemathesis reads the one and asks the other. */
import { once } from 'node:events'
import { copyFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { startServer } from '../support/process.ts'
import { run, temporaryFolder } from '../support/seed.ts'

/** Has Schemathesis judge what is served at a port, with so many requests drawn for each operation. */
const judge = (port: number, examples: number, more: readonly string[] = []) =>
  run(
    process.env['PYTHON'] ?? 'python3',
    [
      ...['-m', 'schemathesis.cli', '--config-file', join(import.meta.dirname, 'schemathesis.toml'), '--no-color'],
      ...['run', `http://127.0.0.1:${port}/openapi.json`, '--max-examples', String(examples)],
      ...['--phases', 'examples,coverage,fuzzing', '--continue-on-failure', ...more],
    ],
    // It writes what it remembers to where it is run.
    { cwd: temporaryFolder(), env: { HOME: homedir() } },
  )

async function serve() {
  const database = join(temporaryFolder(), 'metrics.db')
  copyFileSync(inject('builtDatabase'), database)
  // It says where it listens without its log.
  return await startServer(database, { entry: 'src/commands/start.js', environment: { LOG_LEVEL: 'silent' } })
}

test('Schemathesis finds no fault with any operation', { timeout: 600_000 }, async () => {
  const { port } = await serve()
  const { code, stdout, stderr } = await judge(port, 20)
  expect(stdout + stderr).toMatch(/Selected: (\d+)\/\1\n +Tested: \1\n/)
  expect(stdout).toContain('No issues found')
  expect(code, stdout).toBe(0)
})

test('Schemathesis finds fault with an answer that the document does not allow', { timeout: 120_000 }, async () => {
  const { port } = await serve()
  // Between the two, who hands everything on but the version of the dataset.
  const between = createServer((request, response) => {
    void fetch(`http://127.0.0.1:${port}${request.url ?? ''}`).then(async (answer) => {
      const text = (await answer.text()).replaceAll('"version":"', '"virsion":"')
      response.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type') ?? '' }).end(text)
    })
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    between.close()
    between.closeAllConnections()
  })
  await once(between, 'listening')
  const { code, stdout } = await judge((between.address() as AddressInfo).port, 1, [
    ...['--include-operation-id', 'getDataset'],
  ])
  expect(stdout).toContain('Response violates schema')
  expect(code).toBe(1)
})
