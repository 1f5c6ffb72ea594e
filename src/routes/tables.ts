/** What lists have in common that come as files too: how the files are described, filled and sent. */
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
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
  { type, name, names, pages }: { type: string; name: string; names: readonly string[]; pages: Pages<Row> },
) {
  const file = (extension: string, content: Readable) =>
    sendContent(asFile(service, reply, type, name, extension), pages, content)
  if (type === csv) return file('csv', csvStream(pages, names, { reader: reply.raw }))
  const lines = eachPage(pages, (page) => page.map((row) => JSON.stringify(row)))
  return file('ndjson', ndjsonStream(lines, reply.raw))
}

/** Sends a file made of pages: what is one page is sent whole, so that its length is told and it is kept; else as it is made. */
export async function sendContent(reply: FastifyReply, { isWhole }: Pages<unknown>, content: Readable) {
  return reply.send(isWhole ? await buffer(content) : content)
}

/** The rows of a list, in pages; `isWhole` where the first is all there is, and not more than is read at a time. */
export type Pages<Item> = Iterable<Item[]> & { isWhole: boolean }

/** Rows that are one page. */
export const onePage = <Item>(rows: Item[]): Pages<Item> =>
  Object.assign([rows], { isWhole: rows.length <= exportPage })

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
): Pages<Item> {
  const first = read(start, exportPage)
  const pages = (function* () {
    for (let page = first; ;) {
      yield page
      const last = page.at(-1)
      if (last === undefined || page.length < exportPage) return
      page = read(afterOf(last), exportPage)
    }
  })()
  return Object.assign(pages, { isWhole: first.length < exportPage })
}
