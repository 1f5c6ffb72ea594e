/** How the answers of the resources stand in the OpenAPI document: headers, envelopes, worked examples, problems. */
import type { z } from 'zod'
import { exampleOf, item, list, type Meta } from '../schemas/envelope.ts'
import { Problem } from '../schemas/problem.ts'
import { json } from './resource.ts'

const headers = {
  ETag: { type: 'string', description: 'Names the content: send it back in If-None-Match.' },
  'Cache-Control': { type: 'string', description: 'How long the answer may be kept.' },
  'X-Request-Id': { type: 'string', description: 'Names the request in our log.' },
}
const exampleMeta: Meta = {
  release: '2026.11.0',
  digest: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  as_of: null,
}

type Content = Record<string, { schema: z.ZodType; example: unknown }>

const answer = (description: string, content: Content, more: object = {}) => ({
  200: { description, headers: { ...headers, ...more }, content },
  304: { description: 'Not modified: what you have is still right.' },
})

/** The answers of a resource that is one thing. */
export const itemAnswer = (schema: z.ZodType, description: string, more: Content = {}) =>
  answer(description, {
    [json]: { schema: item(schema), example: { data: exampleOf(schema), meta: exampleMeta } },
    ...more,
  })

/** The answers of a resource that is a list. */
export const listAnswer = (schema: z.ZodType, description: string, more: Content = {}) =>
  answer(
    description,
    {
      [json]: {
        schema: list(schema),
        example: { data: [exampleOf(schema)], page: { total: 1, returned: 1, next: null }, meta: exampleMeta },
      },
      ...more,
    },
    { Link: { type: 'string', description: 'Address of the next page, rel="next", where there is one.' } },
  )

const problemExamples: Readonly<Record<number, Problem>> = {
  400: exampleOf(Problem) as Problem,
  404: {
    type: '/#problem-not-found',
    title: 'Not found',
    status: 404,
    detail: 'There is no metric coca-cultivaton. Did you mean coca-cultivation?',
    instance: '/v1/metrics/coca-cultivaton',
    did_you_mean: 'coca-cultivation',
  },
  406: {
    type: '/#problem-not-acceptable',
    title: 'Not acceptable',
    status: 406,
    detail: 'This resource comes as application/json only.',
    instance: '/v1/metrics',
  },
  429: {
    type: '/#problem-too-many-requests',
    title: 'Too many requests',
    status: 429,
    detail: 'Too many requests from this address; ask again later.',
    instance: '/v1/figures',
  },
  500: {
    type: '/#problem-internal-error',
    title: 'Internal error',
    status: 500,
    detail: 'Something went wrong on our side.',
    instance: '/v1/figures',
  },
  503: {
    type: '/#problem-unavailable',
    title: 'Unavailable',
    status: 503,
    detail: 'The service is overloaded; ask again later.',
    instance: '/v1/figures',
  },
}
const problemDescriptions: Readonly<Record<number, string>> = {
  400: 'The request is wrong; every fault is named, with the nearest right word.',
  404: 'There is no such thing; the nearest id is named.',
  406: 'None of the formats asked for is offered.',
  429: 'Too many requests from this address.',
  500: 'The fault is ours.',
  503: 'Overloaded.',
}

/** The problems that an operation may answer with: those named, and those that any may. */
export const problems = (...statuses: number[]) =>
  Object.fromEntries(
    [...statuses, 406, 429, 500, 503].map((status) => [
      status,
      {
        description: problemDescriptions[status],
        ...([429, 503].includes(status) && {
          headers: { 'Retry-After': { type: 'integer', description: 'Seconds to wait.' } },
        }),
        content: { 'application/problem+json': { schema: Problem, example: problemExamples[status] } },
      },
    ]),
  )
