import helmet from '@fastify/helmet'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import { createHash } from 'node:crypto'
import { stringify } from 'yaml'
import { z } from 'zod'
import { countAll } from '../db/dataset.ts'
import { listDocuments } from '../db/documents.ts'
import { problemKinds } from '../errors.ts'
import { summary, title } from '../openapi.ts'
import { ServiceDescription } from '../schemas/dataset.ts'
import { NoQuery } from '../schemas/query.ts'
import { answer, itemAnswer, problems } from './answers.ts'
import { conditional, html, json, meta, produces, type Service, answerType } from './resource.ts'

const yaml = 'application/yaml'

const style = `
:root { color-scheme: light dark; font: 1rem/1.55 system-ui, sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem }
p.lead { font-size: 1.1rem; max-width: 46rem }
nav a { margin-right: 1.25rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid #8884 }
td.number, th.number { text-align: right }
td.date { white-space: nowrap }
code, pre { font: .9rem/1.5 ui-monospace, monospace }
pre { overflow-x: auto; padding: .75rem 1rem; border: 1px solid #8884; border-radius: .4rem }
dt { font-weight: 600; margin-top: .75rem } dd { margin: 0 }
footer { margin-top: 3rem; font-size: .9rem } footer code { overflow-wrap: anywhere }
@media (max-width: 40rem) { table { display: block; overflow-x: auto; font-size: .85rem } td { overflow-wrap: anywhere } td.date { white-space: normal } th, td { padding-right: .4rem } }
`

/** What to try first, in words and as an address. */
const examples = [
  ['Coca eradication, newest first', '/v1/figures?metric=coca-eradication'],
  ['What was claimed for 2020', '/v1/figures?year=2020&claim_type=outcome'],
  ['The targets for 2023', '/v1/figures?claim_type=target'],
  ['What is certainly over 100,000 hectares', '/v1/figures?unit=ha&value_min=100000&match=certain'],
  ['What was known at the end of 2019', '/v1/figures?as_of=2019-12-31'],
  ['Figures that speak of helicopters', '/v1/figures?q=helicopters'],
  ['How many figures of each metric', '/v1/figures?facet=metric&limit=1'],
  ['What a later document revised', '/v1/comparisons?relation=revises'],
  ['Coca eradication as series, each with why it is apart', '/v1/metrics/coca-eradication/series'],
  ['Who says nothing of coca eradication in 2019', '/v1/coverage?metric=coca-eradication&year=2019&silent=true'],
  ['Records, highest or lowest', '/v1/figures?superlative=highest,lowest'],
  ['Everything as a spreadsheet', '/v1/figures?format=csv&bom=true'],
  ['A misspelt filter, and what it gets', '/v1/figures?metirc=coca-eradication'],
] as const

const endpoints = [
  ['/v1/figures', 'Figures as flat rows: filter, search, count, sort, page; JSON, CSV, NDJSON or Parquet'],
  ['/v1/metrics', 'What is measured, with definitions and scopes'],
  ['/v1/comparisons', 'Figures that speak of the same thing, and how they relate'],
  ['/v1/targets', 'What somebody aims at, and what came of it'],
  ['/v1/coverage', 'Which document speaks of which metric for which year, and which is silent'],
  ['/v1/documents', 'The sources, and the numbers in them that are no figures'],
  ['/v1/vocabularies', 'The words that fields are filled with, defined'],
  ['/v1/dataset', 'The release: version, digest, counts, licence, changelog'],
  ['/openapi.json', 'The OpenAPI 3.1 document; also as /openapi.yaml'],
  ['/docs', 'Swagger UI: try every operation in the browser'],
] as const

/** The service itself: the landing page, the OpenAPI document and Swagger UI. */
export const serviceRoutes: FastifyPluginAsyncZodOpenApi<Service & { secure: boolean }> = async (app, service) => {
  const { db, release, link, version, secure } = service

  // Pages, and only pages, are read by browsers that act on helmet's headers; it writes them past Fastify, whose own
  // would win.
  app.addHook('onRequest', async (_request, reply) => {
    reply.removeHeader('Content-Security-Policy')
    reply.removeHeader('Referrer-Policy')
  })
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: [`'sha256-${createHash('sha256').update(style).digest('base64')}'`],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: secure,
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  })

  app.get(
    '/',
    {
      schema: {
        operationId: 'getService',
        summary: 'Get the service description',
        description: 'For people, a page with links and examples; for programs, the same as JSON.',
        tags: ['Service'],
        querystring: NoQuery,
        response: {
          ...itemAnswer(ServiceDescription, 'What the service is.', {
            [html]: {
              schema: z.string().meta({ description: 'The landing page.' }),
              example: '<!doctype html><html lang="en">…</html>',
            },
          }),
          ...problems(400),
        },
      },
      preHandler: [produces(json, html), conditional(service)],
    },
    async (request, reply) => {
      if (answerType(request) === html) return reply.html`!${landingPage()}`
      const links = Object.fromEntries(
        endpoints.map(([path]) => [path.replace(/^\/(v1\/)?/, '').replace('.json', ''), link(path)]),
      )
      return reply.send({ data: { title, description: summary, version, links }, meta: meta(service) })
    },
  )

  function landingPage(): string {
    const documents = listDocuments(db, '', 1000)
    const { figures, metrics } = countAll(db)
    return app.html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<meta name="description" content="${summary}">
<style>!${style}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="lead">${summary}</p>
<nav><a href="${link('/docs')}">Try it in Swagger UI</a><a href="${link('/v1/figures?format=csv&bom=true')}">Download CSV</a><a href="${link('/openapi.json')}">OpenAPI</a></nav>
</header>
<main>
<h2>Examples</h2>
<table>
<tr><th>Question</th><th>Address</th></tr>
!${examples.map(([question, path]) => app.html`<tr><td>${question}</td><td><a href="${link(path)}"><code>${path}</code></a></td></tr>`)}
</table>
<p>Release ${release.version} holds ${figures} figures of ${metrics} metrics. In a figure, <code>quote</code> is the phrase that prints it and <code>source_url</code> opens the document at that phrase; <code>value_low</code> and <code>value_high</code> say what the print proves.</p>
<h2>Resources</h2>
<table>
<tr><th>Address</th><th>What is there</th></tr>
!${endpoints.map(([path, what]) => app.html`<tr><td><a href="${link(path)}"><code>${path}</code></a></td><td>${what}</td></tr>`)}
</table>
<h2>Documents</h2>
<table>
<tr><th>Title</th><th>Publisher</th><th>Published</th><th class="number">Figures</th></tr>
!${documents.map(
      (document) =>
        app.html`<tr><td><a href="${link(`/v1/documents/${document.id}`)}">${document.title}</a></td><td>${document.publisher_title}</td><td class="date">${document.published}</td><td class="number"><a href="${link(`/v1/figures?document=${document.id}`)}">${document.figure_count}</a></td></tr>`,
    )}
</table>
<h2>Problems</h2>
<dl>
!${Object.entries(problemKinds).map(
      ([status, kind]) =>
        app.html`<dt id="problem-${kind.slug}">${status} ${kind.title}</dt><dd>!${kind.about.replace(/`([^`]+)`/g, (_, code: string) => app.html`<code>${code}</code>`)}</dd>`,
    )}
</dl>
</main>
<footer>
<p>Data: <a href="${release.license_url}">${release.license}</a>. ${release.license_note} Digest of the release: <code>${release.digest}</code></p>
</footer>
</body>
</html>
`
  }

  const document = (...types: string[]) => {
    const content = {
      schema: z.looseObject({ openapi: z.string() }).meta({ description: 'An OpenAPI 3.1 document.' }),
      example: { openapi: '3.1.1', info: { title, version }, paths: {} },
    }
    return {
      ...answer('The OpenAPI document.', Object.fromEntries(types.map((type) => [type, content]))),
      ...problems(400),
    }
  }

  app.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'getOpenApiJson',
        summary: 'Get the OpenAPI document as JSON',
        description: 'The contract of the service, made from the code that serves it.',
        tags: ['Service'],
        querystring: NoQuery,
        response: document(json),
      },
      preHandler: [produces(json), conditional(service)],
    },
    async () => app.swagger(),
  )

  let openapi: string | undefined
  app.get(
    '/openapi.yaml',
    {
      schema: {
        operationId: 'getOpenApiYaml',
        summary: 'Get the OpenAPI document as YAML',
        description: 'The contract of the service, made from the code that serves it.',
        tags: ['Service'],
        querystring: NoQuery,
        response: document(yaml, 'text/yaml'),
      },
      preHandler: [produces(yaml, 'text/yaml'), conditional(service)],
    },
    async (request, reply) => {
      // Made once: it takes longer than anything else here, and never changes.
      openapi ??= openapiYaml(app.swagger())
      return reply.type(`${answerType(request)}; charset=utf-8`).send(openapi)
    },
  )

  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    // The default would have a browser fetch everything by HTTPS, which a service on plain HTTP does not speak.
    transformStaticCSP: (header) => header.replace(/\s*upgrade-insecure-requests;/, '').replaceAll(' https:', ''),
    transformSpecification: withExamplesInWords,
    uiConfig: {
      deepLinking: true,
      displayRequestDuration: true,
      docExpansion: 'list',
      tryItOutEnabled: true,
      layout: 'BaseLayout',
    },
    theme: { title },
  })
}

type Example = { value: unknown; 'x-with'?: Record<string, string | number> }
type Parameter = { in: string; description?: string; examples?: Record<string, Example> }

/**
 * The OpenAPI document for Swagger UI, which would fill every field with its first example and so ask for nothing that
 * exists, or whether anything changed: the examples of optional parameters move into their descriptions.
 */
function withExamplesInWords(openapi: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const paths = openapi['paths'] as Record<string, Record<string, { parameters?: Parameter[] }>>
  const { parameters: shared } = openapi['components'] as { parameters: Record<string, Parameter> }
  const operations = Object.values(paths).flatMap((path) => Object.values(path))
  for (const parameter of [...operations.flatMap(({ parameters }) => parameters ?? []), ...Object.values(shared)]) {
    if (parameter.in === 'path' || parameter.examples === undefined) continue
    const code = (text: string) => `\`${text}\``
    const values = Object.values(parameter.examples).map(({ value, 'x-with': others = {} }) => {
      const beside = Object.entries(others).map(([name, other]) => code(`${name}=${other}`))
      return [code([value].flat().join(',')), ...(beside.length > 0 ? [`with ${beside.join(' and ')}`] : [])].join(' ')
    })
    parameter.description = `${parameter.description ?? ''}\n\nFor example ${values.join(' or ')}.`
    delete parameter.examples
  }
  return openapi
}

/** The OpenAPI document as YAML, the same text for the same document. */
export function openapiYaml(openapi: object): string {
  return stringify(openapi, { lineWidth: 0, aliasDuplicateObjects: false })
}
