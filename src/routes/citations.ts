import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import { z } from 'zod'
import { getDocument } from '../db/documents.ts'
import { getFigure } from '../db/figures.ts'
import { headerNamed } from '../openapi.ts'
import {
  citationFormats,
  cslOfDerivedFigure,
  cslOfDocument,
  cslOfFigure,
  formatCitation,
  type CitationFormat,
  type CslItem,
} from '../formats/citation.ts'
import { citationExamples, CitationQuery, CslJson } from '../schemas/citations.ts'
import { answer, problems } from './answers.ts'
import { readFigure } from './figures.ts'
import { IdOf, mustBe, unknownOf } from './ids.ts'
import { answerType, conditional, json, produces, type Service } from './resource.ts'

/** What is offered, the best first; who asks for plain JSON gets CSL-JSON, which is JSON, and is told no more. */
const offered: [string, ...string[]] = [
  citationFormats['csl-json'],
  json,
  citationFormats.ris,
  citationFormats.bibtex,
  citationFormats.text,
]

const extensions: Readonly<Record<CitationFormat, string>> = {
  'csl-json': 'json',
  ris: 'ris',
  bibtex: 'bib',
  text: 'txt',
}

/** The answers of a citation: no envelope, since other programs read it. */
function citationAnswer({ csl, ris, bibtex, text }: { csl: unknown; ris: string; bibtex: string; text: string }) {
  const schema = z.string()
  const content = {
    [citationFormats['csl-json']]: { schema: CslJson, example: csl },
    [json]: { schema: CslJson, example: csl },
    [citationFormats.ris]: { schema: schema.meta({ description: 'One RIS record, UTF-8, CRLF.' }), example: ris },
    [citationFormats.bibtex]: { schema: schema.meta({ description: 'One BibTeX entry, UTF-8.' }), example: bibtex },
    [citationFormats.text]: { schema: schema.meta({ description: 'One line of APA, UTF-8.' }), example: text },
  }
  return answer('The citation.', content, { 'Content-Disposition': headerNamed('FileName') })
}

/** Citations of figures and documents, as citation managers and people want them. */
export const citationRoutes: FastifyPluginAsyncZodOpenApi<Service> = async (app, service) => {
  const { db, link, release } = service

  app.get(
    '/v1/figures/:id/citation',
    {
      schema: {
        operationId: 'getFigureCitation',
        summary: 'Cite a figure',
        description:
          'The citation of the document that prints the figure, by its original publisher, with the phrase, its place ' +
          'in the text and a link that marks it. A derived figure is cited as this dataset.',
        tags: ['Figures'],
        params: IdOf('figure', { summary: 'Coca eradication in 2020', value: 'inl-2021-coca-eradication-2020' }),
        querystring: CitationQuery,
        response: { ...citationAnswer(citationExamples.figure), ...problems(400, 404) },
      },
      preValidation: mustBe(service, 'figure'),
      preHandler: [produces(...offered), conditional(service)],
    },
    async (request, reply) => {
      const { id } = request.params
      const stored = getFigure(db, id)
      if (stored === undefined) throw unknownOf(service, 'figure', id)
      const figure = readFigure(stored, link)
      const document = figure.document === null ? undefined : getDocument(db, figure.document)
      // Its own address, which gives people its page and programs its data.
      const url = link(`/figures/${id}`)
      const csl =
        document === undefined ? cslOfDerivedFigure({ ...figure, url }, release) : cslOfFigure(figure, document)
      return cite(csl, request, reply)
    },
  )

  app.get(
    '/v1/documents/:id/citation',
    {
      schema: {
        operationId: 'getDocumentCitation',
        summary: 'Cite a document',
        description:
          'The citation of a published source, by its original publisher, with its date as far as it is known.',
        tags: ['Documents'],
        params: IdOf('document'),
        querystring: CitationQuery,
        response: { ...citationAnswer(citationExamples.document), ...problems(400, 404) },
      },
      preValidation: mustBe(service, 'document'),
      preHandler: [produces(...offered), conditional(service)],
    },
    async (request, reply) => {
      const { id } = request.params
      const document = getDocument(db, id)
      if (document === undefined) throw unknownOf(service, 'document', id)
      return cite(cslOfDocument(document), request, reply)
    },
  )
}

/** Answers with a citation, in the format and under the media type that were settled. */
async function cite(csl: CslItem, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const type = answerType(request)
  const formats = Object.keys(citationFormats) as CitationFormat[]
  const format = formats.find((name) => citationFormats[name] === type) ?? 'csl-json'
  return reply
    .type(`${type}; charset=utf-8`)
    .header('Content-Disposition', `inline; filename="${csl.id}.${extensions[format]}"`)
    .send(await formatCitation(csl, format))
}
