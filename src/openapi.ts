/** The settings of the OpenAPI document; what it says of each operation stands with the operation's route. */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { fastifyZodOpenApiTransformers } from 'fastify-zod-openapi'
import manifest from '../package.json' with { type: 'json' }

/** Version of the code. */
export const { version } = manifest
export const title = 'Counternarcotics Metrics API'
export const summary =
  'The figures that official documents print about the partnership of the United States and Colombia against ' +
  'narcotics, each with its bounds, its scope and the words that print it.'

const description = `${summary}

- **Every figure proves its source**: \`quote\` is the phrase that prints it, and \`source_url\` opens the document at that phrase.
- **Qualifiers are bounds**: "more than 130,000" is \`value_low\` 130000, exclusive, and no \`value_high\`.
- **Scopes are never blended**, and documents that disagree stand side by side.
- **Every number in the documents is accounted for**: as a figure, or under \`not_recorded\` with a reason.

A parameter that is not known is an error that names the nearest right one, never an unfiltered answer. Every error is a
problem (RFC 9457). Answers change only with a release: keep them with their \`ETag\`.

**Stability.** Within \`/v1\`, fields, parameters, resources, formats and terms of growing vocabularies may be added; none
is renamed, removed or given another meaning, and ids are never reused. What is to be retired says so beforehand in the
\`Deprecation\` (RFC 9745) and \`Sunset\` (RFC 8594) headers, at least a year ahead.`

/** The options of @fastify/swagger; `server` is the address under which the public reaches the service. */
export const openapiOptions = (server: string): FastifyDynamicSwaggerOptions => ({
  openapi: {
    openapi: '3.1.1',
    info: {
      title,
      version,
      description,
      contact: { name: 'The maintainers of the Counternarcotics Metrics API' },
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: server === '' ? '/' : server, description: 'This service' }],
    tags: [
      { name: 'Figures', description: 'What the documents print, one row a figure.' },
      { name: 'Metrics', description: 'What is measured, and in which scopes.' },
      { name: 'Documents', description: 'Who printed it, and when.' },
      { name: 'Dataset', description: 'The release, and the words it is written in.' },
      { name: 'Service', description: 'The service itself.' },
    ],
    // The service is open to all: it knows neither users nor keys.
    security: [],
  },
  ...fastifyZodOpenApiTransformers,
})
