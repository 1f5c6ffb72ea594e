/**
 * npm run audit -- DIR                     proves the dataset against the documents' texts in DIR
 * npm run audit -- DIR --locate "phrase"   prints where a phrase stands, for an author
 */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { auditDocument } from '../seed/audit.ts'
import { codePoints, findMentions } from '../seed/mentions.ts'
import { SeedError } from '../seed/problems.ts'
import { readSeed } from '../seed/read.ts'
import { seedDirectory } from '../seed/staleness.ts'

const usage = 'usage: npm run audit -- DIR [--locate "phrase"] [--seed FOLDER]'

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { locate: { type: 'string' }, seed: { type: 'string', default: seedDirectory } },
    })
    const [directory, ...rest] = positionals
    if (directory === undefined || rest.length > 0 || values.locate === '') fail(usage)
    if (!existsSync(directory) || !statSync(directory).isDirectory()) fail(`there is no folder ${directory}\n${usage}`)
    return { directory, ...values }
  } catch (error) {
    return fail(`${(error as Error).message}\n${usage}`)
  }
}

/** Every place of a phrase, with the numeric mentions in it, as an author needs them for quote_start and evidence. */
function locate(directory: string, phrase: string): void {
  let places = 0
  for (const file of globSync('*.txt', { cwd: directory }).toSorted()) {
    const text = readFileSync(join(directory, file), 'utf8')
    const mentions = findMentions(text)
    for (let at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1)) {
      places += 1
      const start = codePoints(text.slice(0, at))
      const end = start + codePoints(phrase)
      console.log(`${file}: ${start}..${end}`)
      for (const mention of mentions.filter((candidate) => candidate.start >= start && candidate.end <= end)) {
        console.log(`  ${mention.kind} "${mention.text}" at ${mention.start}..${mention.end}`)
      }
    }
  }
  if (places === 0) fail(`"${phrase}" stands in none of the texts in ${directory}`)
}

function audit(directory: string, seed: string): void {
  const { documents, units } = readSeed(seed)
  const words = new Map(units.filter(({ printed }) => printed.length > 0).map(({ id, printed }) => [id, printed]))
  const faults: string[] = []
  const rows: (Omit<ReturnType<typeof auditDocument>, 'faults'> & { faults: number })[] = []
  for (const record of documents) {
    const path = join(directory, record.document.file)
    if (!existsSync(path)) {
      faults.push(`${record.document.id}: its text, ${record.document.file}, is missing`)
      const nothing = { mentions: 0, recorded: 0, not_recorded: 0 }
      rows.push({ document: record.document.id, figures: record.figures.length, ...nothing, faults: 1 })
      continue
    }
    const result = auditDocument(record, readFileSync(path), words)
    faults.push(...result.faults.map((fault) => `${record.document.id}: ${fault}`))
    rows.push({ ...result, faults: result.faults.length })
  }
  const known = documents.map((record) => record.document.file)
  for (const file of globSync('*.txt', { cwd: directory }).toSorted()) {
    if (!known.includes(file)) faults.push(`${file}: no document of the dataset has this text`)
  }
  const sum = (key: 'figures' | 'mentions' | 'recorded' | 'not_recorded' | 'faults') =>
    rows.reduce((total, row) => total + row[key], 0)
  const keys = ['document', 'figures', 'mentions', 'recorded', 'not_recorded', 'faults'] as const
  const table = [
    [...keys],
    ...rows.map((row) => keys.map((key) => String(row[key]))),
    [
      'total',
      ...(['figures', 'mentions', 'recorded', 'not_recorded', 'faults'] as const).map((key) => String(sum(key))),
    ],
  ]
  const widths = keys.map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)))
  for (const cells of table) {
    const padded = cells.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    )
    console.log(padded.join('  '))
  }
  if (faults.length > 0) {
    console.error(`\n${faults.join('\n')}`)
    fail(`\n${faults.length} fault${faults.length === 1 ? '' : 's'}`)
  }
  console.log('\nEvery quote stands where the dataset says, and every numeric mention is accounted for.')
}

const { directory, locate: phrase, seed } = readArguments()
try {
  if (phrase === undefined) audit(directory, seed)
  else locate(directory, phrase)
} catch (error) {
  if (error instanceof SeedError) fail(error.message)
  throw error
}
