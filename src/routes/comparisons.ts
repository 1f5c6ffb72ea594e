import type { FastifyReply } from 'fastify'
import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import { z } from 'zod'
import { countComparisons, listComparisons, openComparisons, type ComparisonFilter } from '../db/comparisons.ts'
import { csvStream } from '../formats/csv.ts'
import { ndjsonStream } from '../formats/ndjson.ts'
import { columns, Comparison, ComparisonsQuery } from '../schemas/comparisons.ts'
import { exampleOf } from '../schemas/envelope.ts'
import { defaultLimit } from '../schemas/query.ts'
import { listAnswer, problems, type Content } from './answers.ts'
import {
  answerType,
  conditional,
  csv,
  json,
  meta,
  ndjson,
  paginate,
  position,
  produces,
  resume,
  type Service,
} from './resource.ts'

/** Rows read at a time for an export: enough to be quick, few enough to hold. */
export const exportPage = 1000

type Row = Readonly<Record<string, unknown>>

/** The two files that a list of plain rows comes as besides JSON, described by the worked example of a row. */
export function tableFiles(row: z.ZodType, names: readonly string[]): Content {
  const example = exampleOf(row) as Readonly<Record<string, string | number | boolean | null>>
  const cell = (value: string | number | boolean | null = null) => {
    const text = value === null ? '' : String(value)
    return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  return {
    [csv]: {
      schema: z.string().meta({
        description:
          'RFC 4180, UTF-8, with a header of the column names; null is an empty cell, a boolean true or false.',
      }),
      example: [names, names.map((name) => cell(example[name]))].map((cells) => `${cells.join(',')}\r\n`).join(''),
    },
    [ndjson]: {
      schema: z.string().meta({ description: 'A row as JSON on each line.' }),
      example: `${JSON.stringify(example)}\n`,
    },
  }
}

/** Sends rows as CSV or NDJSON, to be saved under the name of what they are and of the release. */
export function sendTable(
  { release }: Service,
  reply: FastifyReply,
  { type, name, names, pages }: { type: string; name: string; names: readonly string[]; pages: Iterable<Row[]> },
) {
  const as = (extension: string, mediaType: string) =>
    reply
      .type(mediaType)
      .header('Content-Disposition', `attachment; filename="${name}-${release.version}.${extension}"`)
  if (type === csv) return as('csv', 'text/csv; charset=utf-8; header=present').send(csvStream(pages, names))
  return as('ndjson', type).send(ndjsonStream(linesOf(pages)))
}

function* linesOf(pages: Iterable<Row[]>): Generator<string[]> {
  for (const page of pages) yield page.map((row) => JSON.stringify(row))
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

/** Where documents speak of the same thing, and how what they say relates. */
export const comparisonRoutes: FastifyPluginAsyncZodOpenApi<Service> = async (app, service) => {
  const { known } = service
  const index = openComparisons(service.index)

  app.get(
    '/v1/comparisons',
    {
      schema: {
        operationId: 'listComparisons',
        summary: 'List comparisons',
        description:
          'Pairs of figures that speak of the same thing, by id, each with how they relate and whether both could be ' +
          'true. Example: of the activities in 2013 a page of 2019 says "fewer than fifteen", the same page in 2021 ' +
          '"fewer than thirty"; that is `revises`, and yet `compatible`, since both hold if there were fewer than ' +
          'fifteen. Neither is called right, and nothing is averaged. Where the relation alone would mislead, `reason` ' +
          'says in words what may not be concluded. Repeat a parameter or separate its terms with commas for OR; ' +
          'different parameters AND.',
        tags: ['Comparisons'],
        querystring: ComparisonsQuery(known),
        response: {
          ...listAnswer(Comparison, 'The comparisons that match.', { files: tableFiles(Comparison, columns) }),
          ...problems(400),
        },
      },
      preHandler: [produces(json, csv, ndjson), resume(service), conditional(service)],
    },
    async (request, reply) => {
      const { limit, cursor: _, format: __, compatible, involves_derived, ...terms } = request.query
      const filter: ComparisonFilter = {
        ...terms,
        compatible: compatible?.map(isTrue),
        involves_derived: involves_derived?.map(isTrue),
      }
      const after = String(position(request) ?? '')
      const type = answerType(request)
      const read = (from: string, size: number) => listComparisons(index, filter, from, size)
      const as = { type, name: 'comparisons', names: columns }
      if (type !== json && limit === undefined) {
        return sendTable(service, reply, { ...as, pages: everyPage(read, after, ({ id }) => id) })
      }
      const size = limit ?? defaultLimit
      const { rows, page } = paginate(service, request, reply, {
        rows: read(after, size + 1),
        limit: size,
        total: countComparisons(index, filter),
        positionOf: ({ id }) => id,
      })
      if (type !== json) return sendTable(service, reply, { ...as, pages: [rows] })
      return reply.send({ data: rows, page, meta: meta(service) })
    },
  )
}

const isTrue = (text: 'true' | 'false') => text === 'true'
