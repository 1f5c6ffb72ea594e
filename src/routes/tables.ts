/** What lists have in common that come as files too: how the files are described, filled and sent. */
import type { FastifyReply } from 'fastify'
import { csvFormatRow } from 'd3-dsv'
import { z } from 'zod'
import { csvStream } from '../formats/csv.ts'
import { ndjsonStream } from '../formats/ndjson.ts'
import { exampleOf } from '../schemas/envelope.ts'
import type { Content } from './answers.ts'
import { csv, ndjson, type Service } from './resource.ts'

/** Rows read at a time for an export: enough to be quick, few enough to hold. */
export const exportPage = 250

type Row = Readonly<Record<string, unknown>>

/** The two files that a list of plain rows comes as besides JSON, described by the worked example of a row. */
export function tableFiles(row: z.ZodType, names: readonly string[]): Content {
  const example = exampleOf(row) as Readonly<Record<string, string | number | boolean | null>>
  return {
    [csv]: {
      schema: z.string().meta({
        description:
          'RFC 4180, UTF-8, with a header of the column names; null is an empty cell, a boolean true or false.',
      }),
      example: [names, names.map((name) => String(example[name] ?? ''))]
        .map((cells) => `${csvFormatRow(cells)}\r\n`)
        .join(''),
    },
    [ndjson]: {
      schema: z.string().meta({ description: 'A row as JSON on each line.' }),
      example: `${JSON.stringify(example)}\n`,
    },
  }
}

/** Gives an answer the type of a file and a name to be saved under: what it holds, and of which release. */
export const asFile = ({ release }: Service, reply: FastifyReply, type: string, name: string, extension: string) =>
  reply
    .type(type === csv ? 'text/csv; charset=utf-8; header=present' : type)
    .header('Content-Disposition', `attachment; filename="${name}-${release.version}.${extension}"`)

/** Sends rows as CSV or NDJSON. */
export function sendTable(
  service: Service,
  reply: FastifyReply,
  { type, name, names, pages }: { type: string; name: string; names: readonly string[]; pages: Iterable<Row[]> },
) {
  if (type === csv)
    return asFile(service, reply, type, name, 'csv').send(csvStream(pages, names, { reader: reply.raw }))
  const lines = eachPage(pages, (page) => page.map((row) => JSON.stringify(row)))
  return asFile(service, reply, type, name, 'ndjson').send(ndjsonStream(lines, reply.raw))
}

/** Pages, each changed when it is asked for; the first at once, so that what fails is still an answer. */
export function eachPage<From, To>(pages: Iterable<From>, change: (page: From) => To): Iterable<To> {
  const changed = (function* () {
    for (const page of pages) yield change(page)
  })()
  const first = changed.next()
  return (function* () {
    if (first.done === true) return
    yield first.value
    yield* changed
  })()
}

/** All rows of a list, a page at a time; the first is read at once, so that what fails is still an answer. */
export function everyPage<Item, After>(
  read: (after: After, limit: number) => Item[],
  start: After,
  afterOf: (row: Item) => After,
): Iterable<Item[]> {
  const first = read(start, exportPage)
  return (function* () {
    for (let page = first; ;) {
      yield page
      const last = page.at(-1)
      if (last === undefined || page.length < exportPage) return
      page = read(afterOf(last), exportPage)
    }
  })()
}
