/** The OpenAPI document and Swagger UI. What makes them is a quarter of all code, and is loaded when one of them is asked for. */
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify'
import { fastifyZodOpenApiPlugin, fastifyZodOpenApiTransformers } from 'fastify-zod-openapi'
import { openapiOptions, title } from '../openapi.ts'
import { docsScript, docsStyle } from '../pages/docs.ts'
import { favicon } from '../pages/layout.ts'
import { refusals } from './answers.ts'

/**
 * A service that describes routes of another, by `swagger()`, and has Swagger UI at /docs; `server` is the address under which the
 * public reaches the other. It is to be injected, and never to listen.
 */
export async function openDocumentation(routes: readonly RouteOptions[], server: string): Promise<FastifyInstance> {
  const app = Fastify()
  // It is asked only for Swagger UI, whose routes have no schemas; those of the others are described.
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => JSON.stringify)
  await app.register(fastifyZodOpenApiPlugin)
  await app.register(swagger, openapiOptions(server, refusals, fastifyZodOpenApiTransformers))
  for (const { method, url, schema = {}, config = {}, handler } of routes) {
    app.route({ method, url, schema, config, handler, exposeHeadRoute: false })
  }
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // Where the public finds the service below a path, its files are there too.
    indexPrefix: server === '' ? '' : new URL(server).pathname.replace(/\/$/, ''),
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
  await app.ready()
  return app
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
