/** The figures as programs of other houses read them; Python needs pandas and pyarrow. */
import { readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run, temporaryFolder } from '../support/seed.ts'
import { serviceForTests } from '../support/service.ts'

const python = process.env['PYTHON'] ?? 'python3'
const formats = ['csv', 'ndjson', 'parquet', 'json']

describe('read_figures.py', () => {
  const { get } = serviceForTests()
  const folder = temporaryFolder(afterAll)
  const fileOf = (format: string) => join(folder, `figures.${format}`)

  const readFigures = (paths = formats.map(fileOf)) =>
    run(python, [join(import.meta.dirname, 'read_figures.py'), ...paths], { env: { HOME: homedir() } })

  beforeAll(async () => {
    for (const format of formats) {
      // The other formats hold every match without being asked.
      const response = await get(`/v1/figures?format=${format}${format === 'json' ? '&limit=1000' : ''}`)
      expect(response.status, format).toBe(200)
      writeFileSync(fileOf(format), await response.bytes())
    }
  })

  it('finds every file typed as an analyst expects, and all the same cell for cell', async () => {
    const { code, stdout, stderr } = await readFigures()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^\d+ rows of \d+ columns agree in CSV, NDJSON, Parquet and JSON\n$/)
  })

  it.each([
    ['another number', ',130000,', ',130001,', 'csv: value of row'],
    ['another letter', 'Bogotá', 'Bogota', 'csv: '],
    ['a text for a missing cell', ',,', ',null,', "is the text 'null'"],
  ])('finds fault with %s in one of them', async (_, from, to, fault) => {
    const csv = readFileSync(fileOf('csv'), 'utf8')
    expect(csv).toContain(from)
    const changed = join(folder, 'changed.csv')
    writeFileSync(changed, csv.replace(from, to))
    const { code, stderr } = await readFigures([changed, ...formats.slice(1).map(fileOf)])
    expect(code).toBe(1)
    expect(stderr).toContain(fault)
  })
})
