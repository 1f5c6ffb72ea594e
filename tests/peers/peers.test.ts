/** The figures as programs of other houses read them: Python with pandas and pyarrow, R with jsonlite. */
import { readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run, temporaryFolder } from '../support/seed.ts'
import { serviceForTests } from '../support/service.ts'

const formats = ['csv', 'ndjson', 'parquet', 'json']

const { get } = serviceForTests()
const folder = temporaryFolder(afterAll)
const fileOf = (format: string) => join(folder, `figures.${format}`)

beforeAll(async () => {
  for (const format of formats) {
    // The other formats hold every match without being asked.
    const response = await get(`/v1/figures?format=${format}${format === 'json' ? '&limit=1000' : ''}`)
    expect(response.status, format).toBe(200)
    writeFileSync(fileOf(format), await response.bytes())
  }
})

const peers = [
  {
    script: 'read_figures.py',
    program: process.env['PYTHON'] ?? 'python3',
    agreed: /^\d+ rows of \d+ columns agree in CSV, NDJSON, Parquet and JSON\n$/,
  },
  // Parquet in R needs a package that is compiled for minutes; without it the script says so.
  {
    script: 'read_figures.R',
    program: process.env['RSCRIPT'] ?? 'Rscript',
    agreed: /^\d+ rows of \d+ columns agree in CSV, NDJSON(, Parquet)?, JSON\n$/,
  },
]

describe.each(peers)('$script', ({ script, program, agreed }) => {
  const readFigures = (paths = formats.map(fileOf)) =>
    run(program, [join(import.meta.dirname, script), ...paths], { env: { HOME: homedir() } })

  it('finds every file typed as an analyst expects, and all the same cell for cell', async () => {
    const { code, stdout, stderr } = await readFigures()
    expect(stderr).not.toMatch(/error/i)
    expect(stdout).toMatch(agreed)
    expect(code).toBe(0)
  })

  it.each([
    ['another number', ',130000,', ',130001,', 'value'],
    ['another letter', 'Bogotá', 'Bogota', 'publisher_title'],
    ['a text for a missing cell', ',,', ',null,', 'null'],
  ])('finds fault with %s in one of them', async (_, from, to, fault) => {
    const csv = readFileSync(fileOf('csv'), 'utf8')
    expect(csv).toContain(from)
    const changed = join(folder, 'changed.csv')
    writeFileSync(changed, csv.replace(from, to))
    const { code, stdout, stderr } = await readFigures([changed, ...formats.slice(1).map(fileOf)])
    expect(code).toBe(1)
    expect(stdout + stderr).toContain(fault)
  })
})
