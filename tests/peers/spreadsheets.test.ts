/**
 * The CSV as spreadsheets open it, in place of Excel, which does not run here: Gnumeric, which finds the encoding and the
 * types itself, as Excel does of a double-clicked file, and LibreOffice Calc. Each saves what it opened as a workbook, and
 * openpyxl, which is of neither house, reads that.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run, temporaryFolder, type Run } from '../support/seed.ts'
import { serviceForTests } from '../support/service.ts'

const { get } = serviceForTests()
const folder = temporaryFolder(afterAll)
const fileOf = (name: string) => join(folder, name)
const python = process.env['PYTHON'] ?? 'python3'

beforeAll(async () => {
  for (const [name, query] of [
    ['figures.csv', 'format=csv&bom=true'],
    ['unmarked.csv', 'format=csv'],
    ['figures.json', 'limit=1000'],
  ] as const) {
    const response = await get(`/v1/figures?${query}`)
    expect(response.status, name).toBe(200)
    writeFileSync(fileOf(name), await response.bytes())
  }
})

/** Programs that open a file and save it as a workbook; each rejects where it is not installed. */
const spreadsheets = [
  {
    name: 'Gnumeric, told nothing',
    open: (file: string, workbook: string) => run('ssconvert', [file, workbook], { env: { HOME: folder } }),
    // A month is a date to it, as it is to Excel.
    dates: ['period', 'period_end', 'period_start', 'published'],
  },
  {
    // Without a window it takes any file for Windows-1252, mark or no mark, so it is told what its import dialog would
    // find by the mark: comma, quotes, UTF-8 (76), from line 1, English of the United States (1033), nothing quoted
    // forced to be text, and what looks like a date or a boolean taken for one.
    name: 'LibreOffice Calc, told the encoding',
    open: (file: string, workbook: string) =>
      run(
        'soffice',
        [
          `-env:UserInstallation=${pathToFileURL(fileOf('profile')).href}`,
          '--headless',
          '--norestore',
          '--infilter=Text - txt - csv (StarCalc):44,34,76,1,,1033,false,true',
          ...['--convert-to', 'xlsx', '--outdir', join(workbook, '..'), file],
        ],
        { env: { HOME: folder } },
      ),
    dates: ['period_end', 'period_start', 'published'],
  },
]

/** The columns that a run says were taken for something. */
const takenFor = (kind: string, { stdout }: Run) =>
  new RegExp(`^taken for ${kind}: (.*)$`, 'm')
    .exec(stdout)?.[1]
    ?.split(', ')
    .map((counted) => counted.split(' ', 1)[0])

describe.each(spreadsheets)('$name', ({ open, dates }) => {
  const readBack = async (name: string) => {
    const workbook = fileOf(name.replace(/csv$/, 'xlsx'))
    // LibreOffice ends with 0 even where it wrote nothing; another's workbook must not pass for its own.
    rmSync(workbook, { force: true })
    const opened = await open(fileOf(name), workbook)
    expect(opened.code, opened.stderr).toBe(0)
    return run(python, [join(import.meta.dirname, 'read_workbook.py'), workbook, fileOf('figures.json')])
  }

  it.each(['figures.csv', 'unmarked.csv'])(
    'opens %s with every number, boolean, blank and accent right',
    async (name) => {
      const read = await readBack(name)
      expect(read.stderr).toBe('')
      expect(read.code).toBe(0)
      const [header] = readFileSync(fileOf('unmarked.csv'), 'utf8').split('\r\n')
      expect(read.stdout).toMatch(/^[1-9]\d* rows/)
      expect(read.stdout).toContain(` rows of ${header?.split(',').length} columns\n`)
      // What it takes for more than text: years, days and, where it knows them, months. No quote, no id, no interval.
      expect(takenFor('numbers', read)).toEqual(['period'])
      expect(takenFor('dates', read)).toEqual(dates)
    },
  )

  it.each([
    ['another number', ',130000,', ',130001,', 'value of row'],
    ['letters of another encoding', 'Bogotá', 'BogotÃ¡', 'publisher_title of row'],
    ['a text for a missing cell', ',,', ',null,', 'null'],
    ['a number in place of a text', ',exact,', ',1,', 'qualifier of row'],
    ['a date in place of a quote', ',"209,000 hectares",', ',2017-09-01,', 'quote of row'],
  ])('finds fault with %s', async (_, from, to, fault) => {
    const csv = readFileSync(fileOf('figures.csv'), 'utf8')
    expect(csv).toContain(from)
    writeFileSync(fileOf('changed.csv'), csv.replace(from, to))
    const { code, stderr } = await readBack('changed.csv')
    expect(code).toBe(1)
    expect(stderr).toContain(fault)
  })
})

it('a text that begins with an equals sign would become a formula, which is why the load refuses it', async () => {
  writeFileSync(fileOf('formula.csv'), readFileSync(fileOf('figures.csv'), 'utf8').replace(',exact,', ',=1+1,'))
  const [{ open } = expect.unreachable()] = spreadsheets
  expect((await open(fileOf('formula.csv'), fileOf('formula.xlsx'))).code).toBe(0)
  const script = join(import.meta.dirname, 'read_workbook.py')
  const { code, stderr } = await run(python, [script, fileOf('formula.xlsx'), fileOf('figures.json')])
  expect(code).toBe(1)
  expect(stderr).toMatch(/qualifier of row \d+ is a formula/)
})
