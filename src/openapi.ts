/** The settings of the OpenAPI document; what it says of each operation stands with the operation's route. */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { fastifyZodOpenApiTransformers } from 'fastify-zod-openapi'
import manifest from '../package.json' with { type: 'json' }
import { lasting, negotiated } from './http.ts'

/** Version of the code. */
export const { version } = manifest
export const title = 'Counternarcotics Metrics API'
export const summary =
  'The figures that official documents print about the partnership of the United States and Colombia against ' +
  'narcotics, each with its bounds, its scope and the words that print it.'

const description = `${summary}

- **Every figure proves its source**: \`quote\` is the phrase that prints it, and \`source_url\` opens the document at that phrase; what
  is computed has its \`lineage\`.
- **Qualifiers are bounds**: "more than 130,000" is \`value_low\` 130000, exclusive, and no \`value_high\`.
- **Scopes are never blended**, and documents that disagree stand side by side.
- **Every number in the documents is accounted for**: as a figure, or under \`not_recorded\` with a reason.

**How to ask.** Filters of different names narrow the answer, several terms of one filter widen it:
\`/v1/figures?metric=coca-eradication&year=2019,2020\`. Lists come in pages; \`page.next\` is the address of the next one, and
\`page.total\` is exact. \`facet\` counts what matches by term, \`fields\` picks columns, \`sort\` sets the order. Figures also come as CSV, NDJSON
and Parquet, which hold everything that matches unless \`limit\` is given. A parameter that is not known is an error that names the nearest right one, never an
unfiltered answer; every error is a problem (RFC 9457).

**Limits.** One address may make a limited number of requests a minute: \`X-RateLimit-Limit\` says how many (600, unless the
operator sets another number), \`X-RateLimit-Remaining\` how many are left. What is beyond gets 429, with the seconds to wait in
\`Retry-After\`. Answers change only with a release: keep them with their \`ETag\`, and ask with \`If-None-Match\`. To take much, ask
for a file or for \`limit=1000\` rather than for many pages.

**Stability.** Within \`/v1\`, fields, parameters, resources, formats and terms of growing vocabularies may be added; none
is renamed, removed or given another meaning, and ids are never reused. Schemas describe exactly what this version answers: a client should
ignore fields that it does not know. What is to be retired says so beforehand in the \`Deprecation\` (RFC 9745) and \`Sunset\` (RFC 8594)
headers, at least a year ahead.

**Errors outside any operation.** A path that does not exist is answered with 404, and a request that is not HTTP with 400. Both are
problems too; browsers get such a 404 as a page.

**Other methods.** HEAD is answered as GET, without the body. OPTIONS is answered with 204, \`X-Request-Id\`, \`Allow\` and the
headers of a CORS preflight: \`Access-Control-Allow-Methods\`, \`Access-Control-Allow-Headers\` (the ones that were asked for, hence
\`Vary\`) and \`Access-Control-Max-Age\`. All other methods are answered with 405, which is why each operation lists it.

**Constant headers.** Besides the headers that operations declare, every answer has \`Access-Control-Allow-Origin\` and
\`Access-Control-Expose-Headers\`, so that pages of any origin may read it, and the security headers \`Content-Security-Policy\`,
\`Cross-Origin-Resource-Policy\`, \`Referrer-Policy\` and \`X-Content-Type-Options\`. The pages, \`/robots.txt\`, \`/sitemap.xml\`, \`/favicon.svg\`,
\`/openapi.json\`, \`/openapi.yaml\` and \`/docs\` also have
\`Cross-Origin-Opener-Policy\`, \`Origin-Agent-Cluster\`, \`Strict-Transport-Security\` (under HTTPS), \`X-DNS-Prefetch-Control\`,
\`X-Download-Options\`, \`X-Frame-Options\`, \`X-Permitted-Cross-Domain-Policies\` and \`X-XSS-Protection\`.`

/**
 * The options of @fastify/swagger; `server` is the address under which the public reaches the service, `refusals` the
 * answers that every operation has in common, by status, `zod` what turns the schemas of routes into those of OpenAPI.
 */
export const openapiOptions = (
  server: string,
  refusals: Refusals,
  zod: typeof fastifyZodOpenApiTransformers,
): FastifyDynamicSwaggerOptions => {
  const unlimited = new Set<string>()
  return {
    openapi: {
      openapi: '3.1.1',
      info: {
        title,
        version,
        description,
        contact: { name: 'The maintainers of the Counternarcotics Metrics API' },
        license: { name: 'CC0 1.0 (the data; the code is under MIT)', identifier: 'CC0-1.0' },
      },
      externalDocs: { url: `${server}/`, description: 'The figures as pages for people' },
      servers: [{ url: server === '' ? '/' : server, description: 'This service' }],
      tags: [
        {
          name: 'Figures',
          description:
            'What the documents print, one row a figure. **Start here**: take a `metric` from `/v1/metrics`, narrow by ' +
            '`year_from`, `scope` or `claim_type`, and follow `source_url` to the phrase. `format=csv` gives all of it as a file.',
        },
        {
          name: 'Metrics',
          description:
            'What is measured, and in which scopes. **To draw a line over time**, ask for the series of a metric: only what ' +
            'may be compared is one, and `apart_because` says why the others are not.',
        },
        {
          name: 'Comparisons',
          description:
            'Where figures speak of the same thing, and how they relate. **To see what is in dispute**, ask for ' +
            '`relation=revises,conflicts`; **to see who prints no figure**, ask the coverage for `silent=true`.',
        },
        {
          name: 'Documents',
          description:
            'Who printed it, and when. **To check a source**, see its figures beside its `not_recorded`: together they are ' +
            'every number in its text. **To cite it**, take its citation as CSL-JSON, RIS, BibTeX or text.',
        },
        {
          name: 'Dataset',
          description:
            'The release, and the words it is written in. **To keep a copy**, take the downloads and note `digest`; **to ' +
            'know what a term means**, see the vocabularies.',
        },
        { name: 'Service', description: 'The service itself: its description, its contract, its health.' },
      ],
      // The service is open to all: it knows neither users nor keys.
      security: [],
    },
    transform: (input) => {
      if (input.route.config?.rateLimit === false) unlimited.add(input.schema.operationId ?? '')
      return zod.transform(input)
    },
    transformObject: (input) =>
      withSharedParts(zod.transformObject(input), refusals, ({ operationId }) => unlimited.has(operationId)),
  }
}

/** A header as OpenAPI describes it; `required` where every answer that declares it has it. */
type Header = { description: string; required: boolean; schema: object; example: string | number }

const wholeNumber = (minimum: number, maximum: number) => ({ type: 'integer', minimum, maximum })
const text = (pattern: RegExp) => ({ type: 'string', pattern: pattern.source })

/** What answers carry that count requests against the limit. */
const counts = {
  RateLimitLimit: {
    description: 'Requests that one address may make in a minute.',
    required: true,
    schema: wholeNumber(1, 1_000_000_000),
    example: 600,
  },
  RateLimitRemaining: {
    description: 'How many of them are left.',
    required: true,
    schema: wholeNumber(0, 1_000_000_000),
    example: 599,
  },
  RateLimitReset: {
    description: 'Seconds until they are renewed.',
    required: true,
    schema: wholeNumber(0, 60),
    example: 60,
  },
} as const satisfies Record<string, Header>

/** What answers carry besides their bodies, each described once. */
const headers = {
  Allow: {
    description: 'The methods that there are.',
    required: true,
    schema: text(/^[A-Z]+(, [A-Z]+)*$/),
    example: 'GET, HEAD, OPTIONS',
  },
  CacheControl: {
    description: 'How long the answer may be kept.',
    required: true,
    schema: text(/^public, max-age=\d+, stale-while-revalidate=\d+$/),
    example: lasting,
  },
  ETag: {
    description: 'Names the content, whatever its encoding: send it back in `If-None-Match`.',
    required: true,
    schema: text(/^W\/"[!#-~]+"$/),
    example: 'W/"5182cfdb3049aa23-1.0.0-json"',
  },
  FileName: {
    description: 'A name for the file, where the answer is one (RFC 6266).',
    required: false,
    schema: text(/^(attachment|inline); filename="[\w.-]+"$/),
    example: 'attachment; filename="figures-2026.11.2.csv"',
  },
  NextPage: {
    description: 'Address of the next page, where there is one (RFC 8288); `page.next` says the same.',
    required: false,
    schema: text(/^<[^<>]+>; rel="next"$/),
    example: '</v1/metrics?limit=1&cursor=WyJEa3FRaDh2ZTVyQ1l1QnpyIiwiYXJyZXN0cyJd>; rel="next"',
  },
  NoStore: {
    description: 'That the answer is not to be kept.',
    required: true,
    schema: { type: 'string', const: 'no-store' },
    example: 'no-store',
  },
  ...counts,
  ...unlessUnread(counts),
  RequestId: {
    description: 'Names the request in our log; it is the one that the request brought, where that is harmless.',
    required: true,
    schema: text(/^[\w.-]{1,64}$/),
    example: '5e1f0a52-6f0c-4a7e-9a37-0f4c8d9f2b11',
  },
  RetryAfter: {
    description: 'Seconds to wait before asking again.',
    required: true,
    schema: wholeNumber(1, 60),
    example: 10,
  },
  Vary: {
    description: 'The request headers that the answer depends on.',
    required: true,
    schema: text(/^[\w-]+(, [\w-]+)*$/),
    example: negotiated,
  },
  VaryOfProblem: {
    description: 'The request headers that the answer depends on, where it does.',
    required: false,
    schema: text(/^[\w-]+(, [\w-]+)*$/),
    example: 'accept-encoding',
  },
} as const satisfies Record<string, Header>

/** Headers as an answer has them that may be a refusal of what could not be read, which is not counted. */
function unlessUnread<Name extends string>(named: Readonly<Record<Name, Header>>) {
  const optional = Object.entries<Header>(named).map(([name, { description, ...rest }]) => [
    `${name}UnlessUnread`,
    { ...rest, description: `${description} Not where the request could not be read.`, required: false },
  ])
  return Object.fromEntries(optional) as Record<`${Name}UnlessUnread`, Header>
}

/** A header that is described among the components; @fastify/swagger takes it for a schema, which `withSharedParts` undoes. */
export const headerNamed = (name: keyof typeof headers) => ({ $ref: `#/components/headers/${name}` })

/** The refusals that no route makes: nothing compresses them. */
const unrouted = [405, 408, 417, 431]

/**
 * The headers of every answer of a status: of an operation whose answers may be kept, and of one whose requests count
 * against the limit.
 */
function headersOf(status: number, { kept, limited }: { kept: boolean; limited: boolean }) {
  const keep = kept && status < 400
  return {
    'Cache-Control': headerNamed(keep ? 'CacheControl' : 'NoStore'),
    ...(keep && { ETag: headerNamed('ETag'), Vary: headerNamed('Vary') }),
    ...(status >= 400 && !unrouted.includes(status) && { Vary: headerNamed('VaryOfProblem') }),
    ...([429, 503].includes(status) && { 'Retry-After': headerNamed('RetryAfter') }),
    'X-Request-Id': headerNamed('RequestId'),
    // An overloaded service refuses before it counts.
    ...(limited && status !== 503 && countHeaders(status === 400 ? 'UnlessUnread' : '')),
  }
}

/** The headers of an answer that tell how its request was counted. */
const countHeaders = (when: '' | 'UnlessUnread' = '') => ({
  'X-RateLimit-Limit': headerNamed(`RateLimitLimit${when}`),
  'X-RateLimit-Remaining': headerNamed(`RateLimitRemaining${when}`),
  'X-RateLimit-Reset': headerNamed(`RateLimitReset${when}`),
})

/** Answers that every operation has in common, by status; each becomes a component. */
export type Refusals = Readonly<Record<number, { name: string; description: string; example: object }>>

/** A refusal as a component, with the headers that it has whatever the operation. */
const refusalComponent = (status: number, { description, example }: Refusals[number]) => ({
  description,
  headers: {
    ...headersOf(status, { kept: false, limited: false }),
    // Counted whatever stands there, even where GET is not; a method that Node does not know it does not read.
    ...(status === 405 && { Allow: headerNamed('Allow'), ...countHeaders('UnlessUnread') }),
  },
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, example } },
})

type Reference = { $ref: string }
type Operation = {
  operationId: string
  parameters?: (Reference | { description: string; schema: { description?: string; param?: unknown } })[]
  responses: Record<
    string,
    | Reference
    | {
        headers?: Record<string, Reference | { schema: object }>
        content?: Record<string, { schema: Partial<Reference>; example?: object }>
      }
  >
}

const ifNoneMatch = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'Tags of what you have, as `ETag` gave them; 304 where one of them is still right (RFC 9110).',
  schema: { type: 'string' },
  examples: {
    tag: { summary: 'The tag of an earlier answer', value: headers.ETag.example },
    any: { summary: 'Whatever there is', value: '*' },
  },
}

/**
 * Adds what operations share and no route needs to say: the headers of their answers, their refusals of whatever is asked
 * wrongly, and If-None-Match where an answer may be 304. Nothing in it can be wrong, so no route validates it. Mends what the libraries leave behind.
 */
function withSharedParts<OpenApi extends object>(
  openapi: OpenApi,
  refusals: Refusals,
  isUnlimited: (operation: Operation) => boolean,
): OpenApi {
  const { paths, components } = openapi as unknown as {
    paths: Record<string, Record<string, Operation>>
    components: Record<string, object>
  }
  const { schemas = {} } = components as { schemas?: Record<string, { examples?: object[] }> }
  components['headers'] = headers
  components['parameters'] = { IfNoneMatch: ifNoneMatch }
  components['responses'] = Object.fromEntries(
    Object.entries(refusals).map(([status, refusal]) => [refusal.name, refusalComponent(Number(status), refusal)]),
  )
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) {
    const kept = '304' in operation.responses
    for (const parameter of operation.parameters ?? []) {
      if ('$ref' in parameter) continue
      // The parameter says it already, and its examples are no part of its schema.
      if (parameter.schema.description === parameter.description) delete parameter.schema.description
      delete parameter.schema.param
    }
    if (kept) {
      operation.parameters = [...(operation.parameters ?? []), { $ref: '#/components/parameters/IfNoneMatch' }]
    }
    for (const [status, response] of Object.entries(operation.responses)) {
      if ('$ref' in response) continue
      for (const media of Object.values(response.content ?? {})) {
        // A `$schema` in an example is taken for that of a JSON Schema, and dropped; the component still has it.
        const [example] = schemas[media.schema.$ref?.split('/').at(-1) ?? '']?.examples ?? []
        if (media.example !== undefined && example !== undefined && '$schema' in example) media.example = example
      }
      const own = Object.entries(response.headers ?? {}).map(([name, header]) => [
        name,
        'schema' in header && '$ref' in header.schema ? header.schema : header,
      ])
      response.headers = {
        ...headersOf(Number(status), { kept, limited: !isUnlimited(operation) }),
        ...(Object.fromEntries(own) as NonNullable<typeof response.headers>),
      }
    }
    for (const [status, { name }] of Object.entries(refusals)) {
      operation.responses[status] = { $ref: `#/components/responses/${name}` }
    }
  }
  return openapi
}
