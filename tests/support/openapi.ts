/**
 * The OpenAPI document as a contract that answers are held to. Everything is read from the document that is served: what
 * operations there are, how to ask for them, and what is declared of each status, media type, header and schema.
 */
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { parse as parseCsv } from 'csv-parse/sync'
import { expect } from 'vitest'
import { parse as parseYaml } from 'yaml'
import type { Answer, RunningService } from './service.ts'

export type Reference = { $ref: string }
export type Schema = {
  $ref?: string
  type?: string
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
  examples?: unknown[]
  enum?: unknown[]
  minimum?: number
  maximum?: number
  format?: string
}
export type Example = { value: unknown; 'x-with'?: Record<string, unknown> }
export type Parameter = {
  name: string
  in: 'query' | 'path' | 'header'
  required?: boolean
  explode?: boolean
  schema: Schema
  examples?: Record<string, Example>
}
export type Header = { description: string; required?: boolean; schema: Schema; example?: unknown }
export type Media = { schema: Schema; example?: unknown; examples?: Record<string, Example> }
export type Declared = { headers?: Record<string, Reference | Header>; content?: Record<string, Media> }
export type OpenApi = {
  info: { description: string }
  paths: Record<
    string,
    Record<
      string,
      { operationId: string; parameters?: (Reference | Parameter)[]; responses: Record<string, Reference | Declared> }
    >
  >
  components: {
    schemas: Record<string, Schema>
    headers: Record<string, Header>
    responses: Record<string, Declared>
  }
}
/** An operation of the document, with its references followed. */
export type Operation = {
  operationId: string
  path: string
  parameters: Parameter[]
  responses: Record<string, Followed>
}
/** `shared` where it is a component, which operations have in common. */
export type Followed = { shared: boolean; headers: Record<string, Header>; content: Record<string, Media> }

const mapValues = <From, To>(entries: Readonly<Record<string, From>> = {}, change: (value: From) => To) =>
  Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, change(value)]))

/** The value of a header, as its schema would have it. */
const read = (text: string, { type }: Schema) => (type === 'integer' ? Number(text) : text)

/** What HTTP itself says of a message and its body; no operation need declare it. */
export const ofTheMessage = new Set([
  ...['date', 'connection', 'keep-alive', 'transfer-encoding'],
  ...['content-length', 'content-type', 'content-encoding'],
])

/** The names of headers in a paragraph of the document, in small letters. */
export const namesIn = (paragraph = '') =>
  new Set(paragraph.match(/(?<=`)[A-Z][\w-]+(?=`)/g)?.map((name) => name.toLowerCase()))

export const isJson = (type: string) => /^application\/(json|.+\+json)$/.test(type)
export const mediaTypeOf = ({ headers }: Answer) =>
  headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
export const jsonOf = ({ body }: Answer): unknown => JSON.parse(body.toString('utf8'))

export const decoders: Readonly<Record<string, (packed: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
}
export const decoded = (answer: Answer): Answer => ({
  ...answer,
  body: decoders[answer.headers['content-encoding'] ?? 'identity']?.(answer.body) ?? answer.body,
})

export type Listed = { data?: unknown; page?: { total: number; next: string | null } }

/** A request for an operation: the value of each parameter, by name. */
export type Asked = { operation: Operation; values: ReadonlyMap<string, unknown>; headers?: Record<string, string> }

/** The first example of a parameter. */
export const firstOf = ({ name, examples }: Parameter) =>
  Object.values(examples ?? {})[0]?.value ?? expect.unreachable(`${name} has an example`)

/** The values without which an operation cannot be asked for. */
export const needed = ({ parameters }: Operation): [string, unknown][] =>
  parameters.filter(({ required }) => required).map((parameter) => [parameter.name, firstOf(parameter)])

/** An address as OpenAPI would have it of the values of parameters: style "form" or "simple", lists by `explode`. */
export function addressOf({ operation: { path, parameters }, values }: Asked): string {
  const query = new URLSearchParams()
  let address = path
  for (const [name, value] of values) {
    const { in: where, explode = true } = parameters.find((parameter) => parameter.name === name) ?? {}
    const texts = [value].flat().map(String)
    if (where === 'path') address = address.replace(`{${name}}`, encodeURIComponent(texts.join(',')))
    if (where === 'query') for (const text of explode ? texts : [texts.join(',')]) query.append(name, text)
  }
  return query.size === 0 ? address : `${address}?${query.toString()}`
}

export function ask({ ask }: Pick<RunningService, 'ask'>, asked: Asked): Promise<Answer> {
  const given = asked.operation.parameters
    .filter(({ in: where, name }) => where === 'header' && asked.values.has(name))
    .map(({ name }): [string, string] => [name.toLowerCase(), String(asked.values.get(name))])
  return ask(addressOf(asked), { headers: { ...asked.headers, ...Object.fromEntries(given) } })
}

/** A request for an operation, without more than it needs. */
export const plain = (operation: Operation, ...more: [string, unknown][]): Asked => ({
  operation,
  values: new Map([...needed(operation), ...more]),
})

/** The media types in which an operation answers, as the document has them; the first is what comes unasked. */
export const mediaTypes = ({ responses }: Operation) => Object.keys(responses['200']?.content ?? {})

/** Such a request for each of them. */
export const plainly = (operation: Operation): Asked[] =>
  mediaTypes(operation).map((type) => ({ ...plain(operation), headers: { accept: type } }))

/** The status of a problem in the examples of an operation, and the problem. */
export const problemsOf = ({ responses }: Operation) =>
  Object.entries(responses).flatMap(([status, { content }]) => {
    const example = content['application/problem+json']?.example
    return example === undefined ? [] : [[Number(status), example as { instance: string }] as const]
  })

/** What the document that a service serves says, and how to hold answers to it. */
export async function readContract({ get }: Pick<RunningService, 'get'>) {
  const document = (await (await get('/openapi.json')).json()) as OpenApi

  /** What stands at a reference into the document, or is no reference. */
  function follow<Node extends object>(node: Node | Reference): Node {
    if (!('$ref' in node)) return node
    const found = node.$ref
      .replace(/^#\//, '')
      .split('/')
      .reduce<unknown>((parent, name) => (parent as Record<string, unknown>)[name], document)
    expect(found, `${node.$ref} stands in the document`).toBeTypeOf('object')
    return follow(found as Node)
  }

  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).map(({ operationId, parameters, responses }): Operation => ({
      operationId,
      path,
      parameters: (parameters ?? []).map((parameter) => follow(parameter)),
      responses: mapValues(responses, (response) => {
        const { headers, content = {} } = follow(response)
        return { shared: '$ref' in response, headers: mapValues(headers, (header) => follow<Header>(header)), content }
      }),
    })),
  )

  const ajv = new Ajv2020({ strict: true, allErrors: true })
  addFormats.default(ajv)
  /** A schema of the document as it stands on its own, its references led to where ajv has the components. */
  const standing = <Node extends object>(node: Node): Node =>
    JSON.parse(JSON.stringify(node).replaceAll('"#/components/schemas/', '"components#/$defs/')) as Node
  ajv.addSchema({ $id: 'components', $defs: standing(document.components.schemas) })
  const validators = new WeakMap<Schema, ValidateFunction>()

  /** What is wrong with a value, by a schema of the document; empty where nothing is. */
  function faults(schema: Schema, value: unknown): string[] {
    let validate = validators.get(schema)
    if (validate === undefined) {
      validate = ajv.compile(standing(schema))
      validators.set(schema, validate)
    }
    return validate(value) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`)
  }

  /** The headers that the document says every answer has, or every answer of the service itself; they change with nothing. */
  const constant = namesIn(/^\*\*Constant headers\.\*\*.*$/ms.exec(document.info.description)?.[0].split('\n\n', 1)[0])

  /** The schema of a row of a list, and the columns that rows have. */
  function rowsOf({ responses }: Operation): { schema: Schema; columns: string[] } {
    const list = responses['200']?.content['application/json']?.schema
    const schema = list?.properties?.['data']?.items
    if (schema === undefined) return expect.unreachable('what comes as rows comes as a JSON list too')
    const whole = follow(schema.anyOf?.[0] ?? schema)
    return { schema, columns: Object.keys(whole.properties ?? {}) }
  }

  /** What a text must look like, by media type; where something is said of how many rows it has, they are counted. */
  const shapes: Readonly<Record<string, (text: string, operation: Operation) => number | undefined>> = {
    'text/csv': (text, operation) => {
      const [header = [], ...rows] = parseCsv(text, { bom: true, record_delimiter: '\r\n' })
      const { columns } = rowsOf(operation)
      expect(header).toEqual(columns.filter((column) => header.includes(column)))
      return rows.length
    },
    'application/x-ndjson': (text, operation) => {
      const { schema } = rowsOf(operation)
      // Nothing that matches is no line.
      if (text === '') return 0
      expect(text).toMatch(/\n$/)
      const lines = text.slice(0, -1).split('\n')
      for (const line of lines) expect(faults(schema, JSON.parse(line)), line).toEqual([])
      return lines.length
    },
    'text/html': (text) => {
      expect(text).toMatch(/^<!doctype html>\s*<html lang="[\w-]+">.*<\/html>\s*$/is)
      return undefined
    },
    'image/svg+xml': (text) => {
      expect(text).toMatch(/^(<\?xml[^>]*>\s*)?<svg .*<\/svg>\s*$/s)
      return undefined
    },
    'application/x-research-info-systems': (text) => {
      expect(text).toMatch(/^TY {2}- [A-Z]+\r?\n(?:[A-Z][A-Z0-9] {2}- .*\r?\n)+ER {2}- *\s*$/)
      return undefined
    },
    'application/x-bibtex': (text) => {
      expect(text).toMatch(/^@\w+\{[^\s,]+,\n.*\}\s*$/s)
      return undefined
    },
  }

  /** Holds a body against what is declared of its media type; how many things it lists, where it is a list. */
  function judgeBody(operation: Operation, type: string, { schema }: Media, body: Buffer): number | undefined {
    if (type === 'application/vnd.apache.parquet') {
      const ends = [body.subarray(0, 4), body.subarray(-4)].map((bytes) => bytes.toString('latin1'))
      expect(ends).toEqual(['PAR1', 'PAR1'])
      return undefined
    }
    const text = body.toString('utf8')
    if (type !== 'application/x-ndjson') expect(text).toMatch(/\S/)
    if (isJson(type) || type.endsWith('yaml')) {
      const value = (isJson(type) ? JSON.parse(text) : parseYaml(text)) as Listed
      expect(faults(schema, value)).toEqual([])
      return value.page?.total
    }
    expect(faults(schema, text)).toEqual([])
    return shapes[type]?.(text, operation)
  }

  /** Holds an answer against what its operation declares of it; how many things it lists, where it is a list. */
  function judge(operation: Operation, answer: Answer): number | undefined {
    const { status, headers } = answer
    const declared = operation.responses[status]
    if (declared === undefined) return expect.unreachable(`${operation.operationId} declares no ${status}`)

    for (const [name, { required, schema }] of Object.entries(declared.headers)) {
      const value = headers[name.toLowerCase()]
      if (required === true) expect(value, `${name} is there`).toBeDefined()
      if (value !== undefined)
        expect(faults(schema, read(String(value), schema)), `${name}: ${String(value)}`).toEqual([])
    }
    const known = new Set([...Object.keys(declared.headers).map((name) => name.toLowerCase()), ...constant])
    const undeclared = Object.keys(headers).filter((name) => !ofTheMessage.has(name) && !known.has(name))
    expect(undeclared, `headers that ${operation.operationId} does not declare for ${status}`).toEqual([])

    const type = mediaTypeOf(answer)
    if (Object.keys(declared.content).length === 0) {
      expect([type, answer.body.length]).toEqual(['', 0])
      return undefined
    }
    expect(Object.keys(declared.content)).toContain(type)
    const media = declared.content[type] ?? expect.unreachable()
    const { body } = decoded(answer)
    const total = judgeBody(operation, type, media, body)
    const { page } = isJson(type) ? (JSON.parse(body.toString('utf8')) as Listed) : {}
    if (page !== undefined) expect(headers['link']).toBe(page.next === null ? undefined : `<${page.next}>; rel="next"`)
    return total
  }

  /** Holds an answer against the example of its status, but for the request that each names. */
  function expectExample(operation: Operation, answer: Answer): void {
    judge(operation, answer)
    const [, example] = problemsOf(operation).find(([status]) => status === answer.status) ?? []
    expect({ ...(jsonOf(answer) as object), instance: '' }).toEqual({ ...example, instance: '' })
  }

  return { document, operations, ajv, constant, faults, follow, judge, judgeBody, expectExample }
}
