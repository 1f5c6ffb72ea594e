/** How the answers of the resources stand in the OpenAPI document: envelopes, worked examples, problems. */
import { z } from 'zod'
import { addressTooLong, expectationUnmet, headersTooLarge, problem, problemKinds, requestTooSlow } from '../errors.ts'
import { headerNamed, type Refusals } from '../openapi.ts'
import { exampleOf, item, list, type Meta } from '../schemas/envelope.ts'
import { Problem } from '../schemas/problem.ts'
import { html, json } from './resource.ts'

const exampleMeta: Meta = {
  release: '2026.11.2',
  digest: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  as_of: null,
}

/** Media types, each with what it holds and a worked example. */
export type Content = Record<string, { schema: z.ZodType; example: unknown }>

/**
 * The answers of a resource that changes only with a release: itself, and that it did not change. `headers` are those
 * that not every resource has; the others stand in the settings of the OpenAPI document.
 */
export const answer = (description: string, content: Content, headers: Readonly<Record<string, object>> = {}) => ({
  200: { description, headers, content },
  304: { description: 'Not modified: what you have is still right.' },
})

/** The answers of a resource that is one thing. */
export const itemAnswer = (schema: z.ZodType, description: string, more: Content = {}) =>
  answer(description, {
    [json]: { schema: item(schema), example: { data: exampleOf(schema), meta: exampleMeta } },
    ...more,
  })

/** The answers of a resource that is a list; `files` are the formats in which it comes as a whole. */
export const listAnswer = (
  schema: z.ZodType,
  description: string,
  { body = list(schema), files }: { body?: z.ZodType; files?: Content } = {},
) =>
  answer(
    description,
    {
      [json]: {
        schema: body,
        example: { data: [exampleOf(schema)], page: { total: 1, returned: 1, next: null }, meta: exampleMeta },
      },
      ...files,
    },
    {
      Link: headerNamed('NextPage'),
      ...(files !== undefined && { 'Content-Disposition': headerNamed('FileName') }),
    },
  )

const problemExamples: Readonly<Record<number, Problem>> = {
  400: exampleOf(Problem) as Problem,
  404: problem(
    404,
    'There is no metric coca-cultivaton. Did you mean coca-cultivation?',
    '/v1/metrics/coca-cultivaton',
    '',
    { did_you_mean: 'coca-cultivation' },
  ),
  406: problem(406, 'This resource comes as application/json only.', '/v1/metrics'),
  429: problem(429, 'Too many requests from this address; ask again later.', '/v1/figures'),
  500: problem(500, 'Something went wrong on our side.', '/v1/figures'),
  503: problem(503, 'The service is overloaded; ask again later.', '/v1/figures'),
}
const problemDescriptions: Readonly<Record<number, string>> = {
  400: 'The request is wrong; every fault is named, with the nearest right word.',
  404: 'There is no such thing; the nearest id is named.',
  406: 'None of the formats asked for is offered.',
  429: 'Too many requests from this address.',
  500: 'The fault is ours.',
  503: 'Overloaded.',
}

/** The problems that a resource may answer with: those named, and those that any may. */
export const problems = (...statuses: number[]) => onlyProblems(...statuses, 406, 429, 500, 503)

/** The problems named: for what is neither negotiated nor limited. */
export const onlyProblems = (...statuses: number[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: problemDescriptions[status],
        content: { 'application/problem+json': { schema: Problem, example: problemExamples[status] } },
      },
    ]),
  )

/** The same of one that is a page to people. */
export const problemOrPage = (status: number) => {
  const schema = z.string().meta({ description: 'What is wrong, as a page.' })
  const described = onlyProblems(status)[status]
  const page = { [html]: { schema, example: '<!doctype html><html lang="en">…</html>' } }
  return { ...described, content: { ...described?.content, ...page } }
}

/** A refusal, named and described as its kind of problem is. */
const refusal = (status: keyof typeof problemKinds, detail: string, instance: string): Refusals[number] => ({
  name: problemKinds[status].slug.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  description: problemKinds[status].about,
  example: problem(status, detail, instance),
})

/** What the service answers to a request that no operation sees, whichever it was for; an unread one has no instance. */
export const refusals: Refusals = {
  405: refusal(405, 'POST is not possible here: the service is read-only.', '/v1/figures'),
  408: refusal(408, requestTooSlow, ''),
  414: refusal(414, addressTooLong, ''),
  417: refusal(417, expectationUnmet, '/v1/figures'),
  431: refusal(431, headersTooLarge, ''),
}
