/**
 * The OpenAPI document as executable truth. Everything here is read from the document that is served: each example is
 * asked for, and each answer held against what is declared of its status, media type, headers and schema.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  addressOf,
  ask,
  jsonOf,
  mediaTypeOf,
  mediaTypes,
  needed,
  plain,
  plainly,
  problemsOf,
  readContract,
  type Asked,
  type Header,
  type Listed,
  type Schema,
} from './support/openapi.ts'
import { openMemory } from '../src/routes/memory.ts'
import { startService, type Answer, type RunningService } from './support/service.ts'

/** Every GET route that the application takes on, as the OpenAPI document would write its path. */
const routes = new Map<string, { hidden: boolean }>()
const onApp = (message: unknown) => {
  const { fastify } = message as { fastify: FastifyInstance }
  fastify.addHook('onRoute', ({ method, url, schema }) => {
    if (![method].flat().includes('GET')) return
    routes.set(url.replaceAll(/:(\w+)/g, '{$1}'), { hidden: schema?.hide === true })
  })
}
subscribe('fastify.initialization', onApp)

// Up before the tests are collected: the document says which there are.
const service = await startService()
unsubscribe('fastify.initialization', onApp)
afterAll(() => service.close())

const { document, operations, ajv, constant, faults, judge, judgeBody, expectExample } = await readContract(service)

const noSuchType = 'application/x-no-such-type'
const noSuchParameter = 'no-such-parameter'

const faultsOf = (answer: Answer) =>
  (jsonOf(answer) as { errors?: { parameter: string; reason: string }[] }).errors ?? []
/** The parameters that a 400 finds fault with, and what it says of them. */
const faultyParameters = (answer: Answer) => [...new Set(faultsOf(answer).map(({ parameter }) => parameter))]
const reasonsOf = (answer: Answer) => faultsOf(answer).map(({ reason }) => reason)

test.each(['/', '/livez', '/readyz', '/v1/dataset'])('the example of %s has all that the answer has', async (path) => {
  const { paths } = document as unknown as {
    paths: Record<string, { get: { responses: Record<string, { content: Record<string, { example: unknown }> }> } }>
  }
  const { example } = paths[path]?.get.responses['200']?.content['application/json'] ?? expect.unreachable(path)
  const namesOf = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, namesOf(part)]))
      : Array.isArray(value)
  expect(namesOf(example)).toEqual(
    namesOf(jsonOf(await service.ask(path, { headers: { accept: 'application/json' } }))),
  )
})

describe.each(operations)('GET $path', (operation) => {
  for (const asked of plainly(operation)) {
    const { accept: type = '' } = asked.headers ?? {}

    test(`comes as ${type} to who asks for that, packed or not`, async () => {
      for (const encoding of ['identity', 'gzip', 'br']) {
        const headers = { ...asked.headers, 'accept-encoding': encoding }
        const answer = await ask(service, { ...asked, headers })
        expect(answer.status).toBe(200)
        judge(operation, answer)
        expect(mediaTypeOf(answer)).toBe(type)
      }
    })

    test(`comes as ${type} with a tag, for which it is not sent again, where 304 is declared`, async () => {
      const { headers } = await ask(service, asked)
      expect('etag' in headers).toBe('304' in operation.responses)
      if (headers.etag === undefined) return
      for (const tags of [headers.etag, '*']) {
        const again = await ask(service, { ...asked, headers: { ...asked.headers, 'if-none-match': tags } })
        expect(again.status, tags).toBe(304)
        judge(operation, again)
        expect(again.headers.etag).toBe(headers.etag)
      }
    })
  }

  for (const parameter of operation.parameters) {
    test(`${parameter.name} has an example`, () => {
      expect(Object.keys(parameter.examples ?? {})).not.toHaveLength(0)
    })

    for (const [name, { value, 'x-with': others }] of Object.entries(parameter.examples ?? {})) {
      const values = new Map([
        ...needed(operation),
        ...Object.entries(others ?? {}),
        [parameter.name, value] as [string, unknown],
      ])

      test(`the example "${name}" of ${parameter.name} is of its schema`, () => {
        expect(faults(parameter.schema, value)).toEqual([])
        for (const [other, otherValue] of Object.entries(others ?? {})) {
          const { schema } = operation.parameters.find((known) => known.name === other) ?? {}
          expect(schema, `${other} is a parameter`).toBeDefined()
          const given = schema?.type === 'array' ? [otherValue].flat() : otherValue
          expect(faults(schema ?? {}, given), other).toEqual([])
        }
      })

      // What names its format is not asked for in another.
      const types = values.has('format') ? [undefined] : mediaTypes(operation)
      for (const [at, type] of types.entries()) {
        test(`the example "${name}" of ${parameter.name} is answered${type === undefined ? '' : ` as ${type}`}`, async () => {
          const asked = { operation, values, headers: type === undefined ? {} : { accept: type } }
          const answer = await ask(service, asked)
          const total = judge(operation, answer)
          if (parameter.name === 'cursor') {
            // It is one of some release and query: elsewhere it is refused, but not as what is no cursor at all.
            expect([200, 400]).toContain(answer.status)
            if (answer.status === 200) return
            expect(faultyParameters(answer)).toEqual(['cursor'])
            const none = await ask(service, { ...asked, values: new Map([...values, ['cursor', 'none']]) })
            expect(reasonsOf(answer)).not.toEqual(reasonsOf(none))
          } else if (parameter.in === 'header') {
            expect([200, 304]).toContain(answer.status)
          } else if (at > 0 && answer.status === 400) {
            expect(faultyParameters(answer), 'only the format is unfit').toEqual([parameter.name])
          } else {
            expect(answer.status).toBe(200)
            if (type !== undefined) expect(mediaTypeOf(answer)).toBe(type)
            if (total !== undefined) expect(total).toBeGreaterThan(0)
          }
        })
      }
    }
  }

  if (operation.parameters.some(({ name }) => name === 'cursor')) {
    test('goes on where page.next and Link say, with a cursor of its own', async () => {
      const first = await ask(service, plain(operation, ['limit', 1]))
      expect(judge(operation, first)).toBeGreaterThan(1)
      const { data, page } = jsonOf(first) as Listed
      expect(data).toHaveLength(1)
      const second = await service.ask(page?.next ?? '')
      expect(second.status).toBe(200)
      judge(operation, second)
      const { data: following } = jsonOf(second) as Listed
      expect(following).toHaveLength(1)
      expect(following).not.toEqual(data)
    })
  }

  test('refuses a parameter that it does not declare', async () => {
    expect(operation.responses).toHaveProperty('400')
    const answer = await service.ask(`${addressOf(plain(operation))}?${noSuchParameter}=1`)
    expect(answer.status).toBe(400)
    judge(operation, answer)
    expect(faultyParameters(answer)).toEqual([noSuchParameter])
  })

  const inPath = operation.parameters.filter(({ in: where }) => where === 'path')
  test('finds nothing under an unknown id, where it takes one', async () => {
    expect('404' in operation.responses).toBe(inPath.length > 0)
    for (const { name } of inPath) {
      const answer = await ask(service, plain(operation, [name, 'no-such-id']))
      expect(answer.status).toBe(404)
      judge(operation, answer)
    }
  })

  test('refuses media types that it does not declare, and names those that it does; or has one for all', async () => {
    const answer = await ask(service, { ...plain(operation), headers: { accept: noSuchType } })
    judge(operation, answer)
    expect(answer.status).toBe('406' in operation.responses ? 406 : 200)
    if (answer.status !== 406) return
    const { detail } = jsonOf(answer) as { detail: string }
    expect(/comes as (.+) only\.$/.exec(detail)?.[1]?.split(' or ')).toEqual(mediaTypes(operation))
  })

  for (const [status, example] of problemsOf(operation).filter(([status]) => [400, 404, 406].includes(status))) {
    test(`the example of ${status} is what is answered to its instance`, async () => {
      const headers = status === 406 ? { accept: noSuchType } : {}
      const answer = await service.ask(example.instance, { headers })
      expect(answer.status).toBe(status)
      expect(jsonOf(answer)).toEqual(example)
    })
  }

  test('every answer has an example, which is of its schema', () => {
    for (const [status, { content }] of Object.entries(operation.responses)) {
      for (const [type, { schema, example, examples }] of Object.entries(content)) {
        const values = example === undefined ? Object.values(examples ?? {}).map(({ value }) => value) : [example]
        expect(values, `${status} ${type}`).not.toHaveLength(0)
        for (const value of values) {
          expect(faults(schema, value), `${status} ${type}`).toEqual([])
          if (typeof value === 'string') judgeBody(operation, type, { schema }, Buffer.from(value))
        }
      }
    }
  })

  test('every header has a description and an example, which is of its schema', () => {
    for (const [status, { headers }] of Object.entries(operation.responses)) {
      for (const [name, { description, schema, example }] of Object.entries(headers)) {
        const value = example ?? schema.examples?.[0]
        expect(description, `${status} ${name}`).toMatch(/\S/)
        expect(value, `${status} ${name}`).toBeDefined()
        expect(faults(schema, value), `${status} ${name}`).toEqual([])
      }
    }
  })
})

test('each header that an answer may lack is on some answer; each that is said to be constant, too, and is', async () => {
  // Under a public address that browsers reach by HTTPS there is one header more, and links are whole.
  const secure = await startService({ settings: { PUBLIC_URL: 'https://figures.example' } })
  const optional = new Map<Header, boolean>()
  const values = new Map<string, Map<string, string>>()
  try {
    for (const operation of operations) {
      const paged = operation.parameters.some(({ name }) => name === 'limit')
      const answers = [
        ...(await Promise.all(plainly(operation).map((asked) => ask(secure, asked)))),
        ...(paged ? [await ask(secure, plain(operation, ['limit', 1]))] : []),
        // Long enough to be packed.
        await secure.ask(`${addressOf(plain(operation))}?${noSuchParameter}=${'x'.repeat(2000)}`, {
          headers: { 'accept-encoding': 'gzip' },
        }),
      ]
      for (const answer of answers) {
        const { status, headers } = answer
        judge(operation, answer)
        for (const [name, header] of Object.entries(operation.responses[status]?.headers ?? {})) {
          if (header.required === true) continue
          optional.set(header, optional.get(header) === true || name.toLowerCase() in headers)
        }
        for (const name of constant) {
          const value = headers[name]
          if (value === undefined) continue
          const known = values.get(name) ?? new Map<string, string>()
          expect(value, `${name} of ${operation.path}`).toBe(known.get(operation.path) ?? value)
          values.set(name, known.set(operation.path, String(value)))
        }
      }
    }
  } finally {
    await secure.close()
  }
  expect([...values.keys()].toSorted()).toEqual([...constant].toSorted())
  expect(optional.size).toBeGreaterThan(0)
  for (const [{ description }, present] of optional) expect(present, description).toBe(true)
})

/** A service of its own for the tests of a `describe`, brought into some state. */
function inState(options: Parameters<typeof startService>[0], prepare: (running: RunningService) => Promise<void>) {
  let running: RunningService | undefined
  beforeAll(async () => {
    running = await startService(options)
    await prepare(running)
  })
  afterAll(() => running?.close())
  return () => running ?? expect.unreachable('the service is up only while tests run')
}

const declaring = (status: number) => operations.filter(({ responses }) => status in responses)
const notDeclaring = (status: number) => operations.filter(({ responses }) => !(status in responses))

describe('where one has asked too much', () => {
  const limited = inState({ settings: { RATE_LIMIT_MAX: '1' } }, async ({ ask }) => {
    await ask('/')
  })

  test.each(declaring(429))('GET $path is refused as the document shows', async (operation) => {
    const answer = await ask(limited(), plain(operation))
    expect(answer.status).toBe(429)
    expectExample(operation, answer)
  })

  test.each(notDeclaring(429))('GET $path, which declares no 429, is answered', async (operation) => {
    const answer = await ask(limited(), plain(operation))
    expect(answer.status).toBe(200)
    judge(operation, answer)
  })
})

describe('where the database fails', () => {
  const broken = inState({}, async ({ db }) => {
    db.$client.close()
  })

  test.each(operations)('GET $path is answered all the same, or refused as the document shows', async (operation) => {
    const answer = await ask(broken(), plain(operation))
    // What is not ready says so; the example of 503 is of the overload that any operation may meet.
    expect([200, 500, 503]).toContain(answer.status)
    if (answer.status === 500) expectExample(operation, answer)
    else judge(operation, answer)
  })

  test('the example of 500 is what is answered to its instance', async () => {
    for (const operation of declaring(500)) {
      const [, example] = problemsOf(operation).find(([status]) => status === 500) ?? []
      const answer = await broken().ask(example?.instance ?? '')
      expect(answer.status).toBe(500)
      expect(jsonOf(answer)).toEqual(example)
    }
  })
})

describe('where the service is overloaded', () => {
  // What was answered before would be given all the same.
  const overloaded = inState({ maxEventLoopDelay: 20, memory: openMemory(1) }, async () => undefined)

  /** Asks until the load shows, which is measured once a second and falls when nobody makes it. */
  async function askUnderLoad(asked: Asked): Promise<Answer> {
    for (const deadline = performance.now() + 10_000; ;) {
      const answer = await ask(overloaded(), asked)
      if (answer.status === 503 || performance.now() > deadline) return answer
      for (const end = performance.now() + 100; performance.now() < end;);
    }
  }

  test.each(declaring(503))('GET $path is refused as the document shows', async (operation) => {
    const answer = await askUnderLoad(plain(operation))
    expect(answer.status).toBe(503)
    expectExample(operation, answer)
  })

  test.each(notDeclaring(503))('GET $path, which declares no 503, is answered', async (operation) => {
    const [other = expect.unreachable()] = declaring(503)
    expect((await askUnderLoad(plain(other))).status).toBe(503)
    const answer = await ask(overloaded(), plain(operation))
    expect(answer.status).toBe(200)
    judge(operation, answer)
  })
})

describe('the document', () => {
  test('declares every GET route but those of Swagger UI and of the pages for people, and nothing else', () => {
    const open = [...routes].filter(([, { hidden }]) => !hidden).map(([path]) => path)
    expect(open.toSorted()).toEqual(Object.keys(document.paths).toSorted())
    for (const methods of Object.values(document.paths)) expect(Object.keys(methods)).toEqual(['get'])
    const hidden = [...routes]
      .filter(([path, route]) => route.hidden && !/^\/docs(\/|$)/.test(path))
      .map(([path]) => path)
    expect(hidden.toSorted()).toEqual([
      ...[
        '/documents',
        '/documents/{id}',
        '/explore',
        '/favicon.svg',
        '/figures',
        '/figures/{id}',
        '/metrics',
        '/metrics/{id}',
        '/robots.txt',
        '/sitemap.xml',
        '/v1',
      ],
    ])
  })

  test('holds only JSON Schemas of the draft that OpenAPI 3.1 is made on, whose examples are of them', () => {
    let seen = 0
    for (const [path, schema] of schemasIn(document.components.schemas, '#/components/schemas')) {
      seen += 1
      expect(ajv.validateSchema(schema), `${path} ${ajv.errorsText()}`).toBe(true)
      for (const example of schema.examples ?? []) expect(faults(schema, example), path).toEqual([])
    }
    expect(seen).toBeGreaterThan(100)
  })

  test('refers to nothing that is not in it, and has no component that nothing refers to', () => {
    const references = JSON.stringify(document)
      .matchAll(/"\$ref":"([^"]+)"/g)
      .map(([, target]) => target ?? '')
    const components = Object.entries(document.components).flatMap(([kind, named]) =>
      Object.keys(named).map((name) => `#/components/${kind}/${name}`),
    )
    expect([...new Set(references)].toSorted()).toEqual(components.toSorted())
  })
})

/** The schemas that stand in a schema or in a record of them, each with where it stands. */
function* schemasIn(named: Readonly<Record<string, Schema>>, path: string): Generator<[string, Schema]> {
  for (const [name, schema] of Object.entries(named)) {
    const here = `${path}/${name}`
    yield [here, schema]
    yield* schemasIn(schema.properties ?? {}, `${here}/properties`)
    if (schema.items !== undefined) yield* schemasIn({ items: schema.items }, here)
    yield* schemasIn(Object.fromEntries((schema.anyOf ?? []).entries()), `${here}/anyOf`)
  }
}
