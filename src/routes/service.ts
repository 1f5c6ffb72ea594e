import swaggerUi from '@fastify/swagger-ui'
import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import { stringify } from 'yaml'
import { z } from 'zod'
import { title } from '../openapi.ts'
import { NoQuery } from '../schemas/query.ts'
import { answer, problems } from './answers.ts'
import { docsScript, docsStyle } from '../pages/docs.ts'
import { favicon } from '../pages/layout.ts'
import { addPageHeaders } from './headers.ts'
import { conditional, json, produces, type Service, answerType } from './resource.ts'

const yaml = 'application/yaml'

/** What the service says of itself to programs and their authors: the OpenAPI document, and Swagger UI over it. */
export const serviceRoutes: FastifyPluginAsyncZodOpenApi<Service> = async (app, service) => {
  const { link, version } = service
  await addPageHeaders(app, link(''))

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
    // The default would have a browser fetch everything by HTTPS, which a service on plain HTTP does not speak; and would
    // let in pictures of a validator that is not asked.
    transformStaticCSP: (header) =>
      header.replace(/\s*upgrade-insecure-requests;/, '').replaceAll(/ (?:https:|validator\.swagger\.io)/g, ''),
    transformSpecification: withExamplesInWords,
    uiConfig: {
      deepLinking: true,
      displayRequestDuration: true,
      docExpansion: 'list',
      filter: true,
      tryItOutEnabled: true,
      layout: 'BaseLayout',
      // Thousands of characters of schemas below the operations are found by nobody; each operation shows its own.
      defaultModelsExpandDepth: 0,
    },
    theme: {
      title: `${title} · Swagger UI`,
      css: [{ filename: 'docs.css', content: docsStyle }],
      js: [{ filename: 'docs.js', content: docsScript }],
      favicon: [{ filename: 'favicon.svg', rel: 'icon', sizes: 'any', type: 'image/svg+xml', content: favicon }],
    },
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
