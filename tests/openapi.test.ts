import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { z } from 'zod'
import { Comparison } from '../src/schemas/comparisons.ts'
import { Vocabulary } from '../src/schemas/dataset.ts'
import { Document, DocumentSummary } from '../src/schemas/documents.ts'
import { Figure } from '../src/schemas/figures.ts'
import { Metric, MetricSummary } from '../src/schemas/metrics.ts'
import { jsonSchemas } from '../src/seed/records.ts'
import { serviceForTests } from './support/service.ts'

const root = resolve(import.meta.dirname, '..')

type Parameter = { name: string; description?: string }
type Operation = {
  operationId: string
  summary: string
  description: string
  tags: string[]
  parameters?: (Parameter | { $ref: string })[]
  responses: Record<string, Answer | { $ref: string }>
}
type Answer = { description: string; content?: Record<string, { schema: unknown; example?: unknown }> }
type OpenApi = {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: {
    schemas: Record<string, { description?: string; properties?: Record<string, { description?: string }> }>
    parameters: Record<string, Parameter>
    responses: Record<string, Answer>
  }
}

const service = serviceForTests()
let openapi: OpenApi
let operations: [path: string, operation: Operation][]

beforeAll(async () => {
  openapi = (await (await service.get('/openapi.json')).json()) as OpenApi
  operations = Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation): [string, Operation] => [path, operation]),
  )
})

test('openapi.yaml is what the service gives, as JSON too; "npm run openapi" writes it', async () => {
  const committed = readFileSync(resolve(root, 'openapi.yaml'), 'utf8')
  expect(await (await service.get('/openapi.yaml')).text()).toBe(committed)
  expect(parse(committed)).toEqual(openapi)
})

test('the JSON Schemas for the YAML are those of the code; "npm run schemas" writes them', () => {
  for (const [file, content] of Object.entries(jsonSchemas())) {
    expect(readFileSync(resolve(root, 'seed-data/schemas', file), 'utf8'), file).toBe(content)
  }
})

test('it is OpenAPI 3.1 and has every route of the contract', () => {
  expect(openapi.openapi).toMatch(/^3\.1\./)
  expect(Object.keys(openapi.paths).toSorted()).toEqual([
    '/',
    '/livez',
    '/openapi.json',
    '/openapi.yaml',
    '/readyz',
    '/v1/comparisons',
    '/v1/coverage',
    '/v1/dataset',
    '/v1/documents',
    '/v1/documents/{id}',
    '/v1/documents/{id}/citation',
    '/v1/figures',
    '/v1/figures/{id}',
    '/v1/figures/{id}/citation',
    '/v1/metrics',
    '/v1/metrics/{id}',
    '/v1/metrics/{id}/chart',
    '/v1/metrics/{id}/series',
    '/v1/targets',
    '/v1/vocabularies',
  ])
})

test('operation ids are unique, and every operation is described and tagged', () => {
  const ids = operations.map(([, operation]) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const [path, operation] of operations) {
    expect(operation.summary, path).toMatch(/\S/)
    expect(operation.description, path).toMatch(/\S/)
    expect(operation.tags, path).toHaveLength(1)
  }
})

// That each has an example, and that it is true, is for tests/examples.test.ts.
test('every parameter, answer and property is described', () => {
  let seen = 0
  for (const [path, { parameters, responses }] of operations) {
    for (const parameter of [...(parameters ?? []), ...Object.values(openapi.components.parameters)]) {
      if ('$ref' in parameter) continue
      seen += 1
      expect(parameter.description, `${path} ${parameter.name}`).toMatch(/\S/)
    }
    for (const [status, response] of [...Object.entries(responses), ...Object.entries(openapi.components.responses)]) {
      if (!('$ref' in response)) expect(response.description, `${path} ${status}`).toMatch(/\S/)
    }
  }
  expect(seen).toBeGreaterThan(25)
  for (const [name, schema] of Object.entries(openapi.components.schemas)) {
    for (const [property, { description, ...rest }] of Object.entries(schema.properties ?? {})) {
      // A property that is nothing but another component is described there.
      if (!('$ref' in rest)) expect(description, `${name}.${property}`).toMatch(/\S/)
    }
  }
})

test('every operation declares what it may refuse', () => {
  for (const [path, operation] of operations) {
    const statuses = Object.keys(operation.responses)
    // Health is neither negotiated nor limited, and has no tag: tests/examples.test.ts holds every operation to what it says.
    const health = ['/livez', '/readyz'].includes(path)
    const own = health ? ['200', '400'] : ['200', '304', '400', '406', '429', '500', '503']
    const always = [...own, '405', '408', '414', '417', '431']
    expect(statuses, path).toEqual(expect.arrayContaining(path.includes('{id}') ? [...always, '404'] : always))
  }
})

describe('the examples are true', () => {
  const example = (schema: z.ZodType) => schema.meta()?.examples?.[0] as Record<string, unknown>
  const data = async (path: string) => ((await (await service.get(path)).json()) as { data: unknown }).data

  test('of a figure and of a comparison', async () => {
    const detail = (await data(`/v1/figures/${String(example(Figure)['id'])}`)) as Record<string, unknown>
    expect(detail['figure']).toEqual(example(Figure))
    expect(detail['document']).toEqual(example(DocumentSummary))
    expect(detail['metric']).toEqual(example(MetricSummary))
    expect(detail['comparisons']).toContainEqual(example(Comparison))
  })

  test('of a file of figures', async () => {
    const [, listFigures] = operations.find(([, { operationId }]) => operationId === 'listFigures') ?? []
    for (const [type, format] of [
      ['text/csv', 'csv'],
      ['application/x-ndjson', 'ndjson'],
    ] as const) {
      const shown = (listFigures?.responses['200'] as Answer | undefined)?.content?.[type]?.example
      const fields = 'fields=id,year,value,unit'
      const file = await service.get(`/v1/figures?id=inl-2019-coca-cultivation-2017&${fields}&format=${format}`)
      expect(await file.text()).toBe(shown)
    }
  })

  test('of a vocabulary', async () => {
    expect(await data('/v1/vocabularies')).toContainEqual(example(Vocabulary))
  })

  test('of a metric', async () => {
    expect(await data(`/v1/metrics/${String(example(Metric)['id'])}`)).toEqual(example(Metric))
  })

  test('of a document, but for the length of its list', async () => {
    const { not_recorded, ...rest } = (await data(`/v1/documents/${String(example(Document)['id'])}`)) as {
      not_recorded: unknown[]
    }
    const { not_recorded: shown, ...expected } = example(Document)
    expect(rest).toEqual(expected)
    expect(not_recorded).toEqual(expect.arrayContaining(shown as unknown[]))
  })
})
