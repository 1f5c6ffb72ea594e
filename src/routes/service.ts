import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import { z } from 'zod'
import { title } from '../openapi.ts'
import { NoQuery } from '../schemas/query.ts'
import { answer, problems } from './answers.ts'
import { addPageHeaders } from './headers.ts'
import { dropMarks } from './pages.ts'
import { answerType, conditional, html, isFresh, json, produces, setValidators, type Service } from './resource.ts'

const yaml = 'application/yaml'

/**
 * What the service says of itself to programs and their authors: the OpenAPI document, and Swagger UI over it; `documentation` is
 * what makes them.
 */
export const serviceRoutes: FastifyPluginAsyncZodOpenApi<
  Service & { documentation: () => Promise<FastifyInstance> }
> = async (app, service) => {
  const { documentation, link, version } = service
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
    async () => (await documentation()).swagger(),
  )

  let text: string | undefined
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
      if (text === undefined) {
        const { stringify } = await import('yaml')
        text = stringify((await documentation()).swagger(), { lineWidth: 0, aliasDuplicateObjects: false })
      }
      return reply.type(`${answerType(request)}; charset=utf-8`).send(text)
    },
  )

  const swaggerUi = async (request: FastifyRequest, reply: FastifyReply) => {
    const { url } = request
    const [path = ''] = url.split('?', 1)
    // Handed on, an address is read as browsers read one, which would make `/docs/` of `/docs/static/..`.
    if (new URL(url, 'http://localhost').pathname !== path) {
      reply.callNotFound()
      return reply
    }
    // Without the conditions and ranges of the request: what is asked for is a whole file, with tags of this service.
    const answer = await (await documentation()).inject({ method: 'GET', url, payloadAsStream: true })
    const { statusCode } = answer
    if (statusCode === 404) {
      reply.callNotFound()
      return reply
    }
    if (statusCode >= 400) throw Object.assign(new Error(`Swagger UI answers ${statusCode}`), { statusCode })
    for (const [name, value] of Object.entries(answer.headers)) {
      if (value !== undefined && !notHandedOn.has(name)) reply.header(name, value)
    }
    if (statusCode === 200) {
      const etag = setValidators(service, reply, path.slice(1).replaceAll('/', '-'))
      if (isFresh(request, etag)) {
        answer.stream().destroy()
        return reply.removeHeader('Content-Type').removeHeader('Content-Length').code(304).send()
      }
    }
    return reply.code(statusCode).send(answer.stream())
  }
  for (const path of pathsOfSwaggerUi) {
    // The page is negotiated as any other is; its files are what it asks for.
    const preHandler = /^\/docs\/?$/.test(path) ? produces(html) : []
    const schema = { hide: true, querystring: NoQuery }
    app.get(path, { schema, preValidation: dropMarks(service), preHandler }, swaggerUi)
  }
}

/** What Swagger UI has, as routes of ours: what is not among them is told to be nowhere, with the nearest that is. */
const pathsOfSwaggerUi = [
  ...['/docs', '/docs/', '/docs/json', '/docs/yaml', '/docs/static/*'],
  ...['index.html', 'swagger-initializer.js', 'theme/docs.css', 'theme/docs.js', 'theme/favicon.svg'].map(
    (file) => `/docs/static/${file}`,
  ),
]

/** Headers that are not handed on: of the way that an answer takes, which is another one here, and of files that come in parts. */
const notHandedOn = new Set([
  ...['connection', 'date', 'keep-alive', 'transfer-encoding'],
  ...['accept-ranges', 'last-modified'],
])
