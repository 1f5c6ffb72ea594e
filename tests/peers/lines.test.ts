/** The lines that the landing page gives to copy, run as they stand there by the programs that they are for. */
import { execPath } from 'node:process'
import { homedir } from 'node:os'
import { expect, test } from 'vitest'
import { run } from '../support/seed.ts'
import { serviceForTests } from '../support/service.ts'

const { get } = serviceForTests()

/** The lines under a title, as a browser reads them. */
async function linesFor(title: string): Promise<string> {
  const page = await (await get('/', { headers: { accept: 'text/html' } })).text()
  const [, lines] = new RegExp(`<h3>${title}</h3>\n<pre[^>]*><code data-text>([^<]*)</code>`).exec(page) ?? []
  expect(lines, title).toBeDefined()
  return (lines ?? '').replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
}

test.each([
  ['curl', 'sh', ['-c']],
  ['JavaScript', execPath, ['--input-type=module', '-e']],
  ['Python, with pandas', process.env['PYTHON'] ?? 'python3', ['-c']],
  ['R', process.env['RSCRIPT'] ?? 'Rscript', ['-e']],
])('those for %s run, and print figures', async (title, program, options) => {
  const { code, stdout, stderr } = await run(program, [...options, await linesFor(title)], { env: { HOME: homedir() } })
  expect(stderr).not.toMatch(/error/i)
  expect(stdout).toMatch(/hectares|\bha\b/)
  expect(stdout).toContain('2020')
  expect(code).toBe(0)
})
