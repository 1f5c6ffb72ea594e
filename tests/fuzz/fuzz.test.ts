/**
 * Whatever is asked, by the OpenAPI document: `npm test` draws requests for some seconds, `npm run fuzz` for as many
 * minutes as it is told. What fails is shrunk, and told with the seed and path that give it again.
 */
import { Agent, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { afterAll, expect, inject, test } from 'vitest'
import { decoded, jsonOf, mediaTypeOf, readContract } from '../support/openapi.ts'
import { leaks } from '../support/leaks.ts'
import { readProblem, startService, type Answer } from '../support/service.ts'
import { requests, type Drawn, type Terms, type WireRequest } from './requests.ts'

const root = resolve(import.meta.dirname, '../..')
const { minutes, seed, path } = inject('fuzz') ?? { minutes: 0 }
/** Requests drawn where no time is given. */
const few = 1500
/** No answer takes so long, on however busy a machine: who waits longer waits for ever. */
const patience = 20_000
/** No problem is larger, however large the request was. */
const largestProblem = 256 * 1024
/** No answer about the dataset of five documents is larger. */
const largestAnswer = 4 * 1024 * 1024

// Up before the requests are drawn: the document says which there can be.
const service = await startService()
const agent = new Agent({ keepAlive: true, maxSockets: 4 })
afterAll(async () => {
  agent.destroy()
  await service.close()
})
const { port } = service.app.server.address() as AddressInfo
const contract = await readContract(service)

/** Sends a request byte for byte as it was drawn. */
function exchange({ method, target, headers, body }: WireRequest): Promise<Answer> {
  return new Promise((answered, failed) => {
    const length = body === null ? [] : ['Content-Length', String(Buffer.byteLength(body))]
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        agent,
        method,
        path: target,
        headers: ['Host', 'localhost', ...headers.flat(), ...length],
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', failed)
        response.on('end', () => {
          answered({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) })
        })
      },
    )
    asked.setTimeout(patience, () => asked.destroy(new Error('no answer came')))
    asked.on('error', failed)
    asked.end(body ?? undefined)
  })
}

/** What the service says it holds: the terms of its filters and the ids of its resources. */
async function readTerms(): Promise<Terms> {
  const data = async (target: string) =>
    (await (await service.get(target)).json()) as {
      data: { id: string }[]
      facets?: Record<string, { value: unknown }[]>
    }
  const ids = async (target: string) => (await data(`${target}?limit=1000`)).data.map(({ id }) => id)
  const [figures, metrics, documents] = await Promise.all(['/v1/figures', '/v1/metrics', '/v1/documents'].map(ids))
  const facets = [...new Set(contract.operations.flatMap(({ parameters }) => parameters.map(({ name }) => name)))]
  const offered = contract.operations.flatMap(({ parameters }) => parameters).find(({ name }) => name === 'facet')
    ?.schema.items
  const counted = facets.filter((name) => offered?.enum?.includes(name))
  const { facets: counts = {} } = await data(`/v1/figures?limit=1&facet=${counted.join(',')}`)
  return {
    ...Object.fromEntries(
      Object.entries(counts).map(([name, terms]) => [
        name,
        terms.filter(({ value }) => value !== null).map(({ value }) => String(value)),
      ]),
    ),
    ...{ id: figures ?? [], metric: metrics ?? [], document: documents ?? [] },
    ...Object.fromEntries(
      contract.operations.map(({ path: template }) => [
        template,
        (template.startsWith('/v1/figures/') ? figures : template.startsWith('/v1/metrics/') ? metrics : documents) ??
          [],
      ]),
    ),
  }
}

/** What every answer carries that has come as far as Fastify or been refused before. */
const everywhere = ['x-request-id', 'x-content-type-options', 'content-security-policy', 'access-control-allow-origin']

/** Whether an answer is a refusal that the document describes for the whole service, not for an operation. */
const isOfNoOperation = ({ target }: Drawn, { status }: Answer) =>
  [414, 431].includes(status) || (status === 400 && !isWellFormed(target))

/**
 * Whether an answer is an error told to people: where there is no resource, or in place of a page, a client that asks for
 * HTML gets a page (decision 11). Nobody else does, and nowhere else.
 */
function isErrorPage({ headers, operation }: Drawn, answer: Answer): boolean {
  if (answer.status < 400 || mediaTypeOf(answer) !== 'text/html') return false
  expect([400, 404]).toContain(answer.status)
  expect(operation?.path ?? '/').toBe('/')
  expect(headers.filter(([name]) => /^accept$/i.test(name)).join()).toMatch(/text\/html|text\/\*|\*\/\*/i)
  expect(answer.headers['cache-control']).toBe('no-store')
  return true
}

/** Holds an answer to what was drawn. */
async function hold(drawn: Drawn, answer: Answer): Promise<void> {
  const { method, target, headers, operation, expected } = drawn
  const { status } = answer
  const shown = `${method} ${target.slice(0, 300)}`
  expect(expected, `${status} for ${shown}: ${answer.body.toString('utf8', 0, 300)}`).toContain(status)
  for (const name of everywhere) expect(answer.headers[name], `${name} of ${shown}`).toBeDefined()
  expect(answer.headers['content-security-policy']).toMatch(/frame-ancestors '(none|self)'/)
  expect(answer.body.length).toBeLessThanOrEqual(status >= 400 ? largestProblem : largestAnswer)

  const text = decoded(answer).body.toString('latin1')
  for (const secret of [root, tmpdir(), process.execPath]) expect(text).not.toContain(secret)
  if (!target.includes('evil'))
    expect(`${text} ${JSON.stringify(answer.headers)}`, 'a host that the client made up').not.toContain('evil.example')
  if (status >= 400)
    // What is not there is said to be "at" the address, which may go on like a line of a stack.
    for (const leak of leaks) if (!leak.test(`at ${decodeLoosely(target)}`)) expect(text, shown).not.toMatch(leak)

  const isPage = isErrorPage(drawn, answer)
  if (method === 'HEAD' || method === 'OPTIONS' || status === 204)
    expect(status >= 400 && method === 'OPTIONS' ? '' : text).toBe('')
  else if (isPage) expect(text).toMatch(/^<!doctype html>/i)
  else if (operation !== null && method === 'GET' && !isOfNoOperation(drawn, answer)) contract.judge(operation, answer)
  else if (status >= 400) await readProblem(decoded(answer), status)
  if (status === 405) expect(answer.headers.allow).toBe('GET, HEAD, OPTIONS')
  if (status === 400 && method === 'GET' && operation !== null && !isPage) {
    const { errors, detail } = jsonOf(decoded(answer)) as { errors?: unknown[]; detail: string }
    expect(errors === undefined ? detail : 'errors').toMatch(/^errors$|UTF-8|not valid|malformed|HTTP/)
  }
  if (headers.length === 0 && operation !== null && method === 'GET' && status === 200)
    expect(mediaTypeOf(answer)).not.toBe('')
}

const decodeLoosely = (target: string) =>
  isWellFormed(target) ? decodeURIComponent(target.replaceAll('+', ' ')) : target

function isWellFormed(target: string): boolean {
  try {
    decodeURIComponent(target)
    return true
  } catch {
    return false
  }
}

/** A request, as far as one can read it. */
const shownOf = (drawn: [Drawn] | null) =>
  JSON.stringify({ ...drawn?.[0], operation: drawn?.[0].operation?.operationId }).slice(0, 3000)

/** What must be the same when the same is asked again. */
const lasting = ({ status, headers, body }: Answer) => ({
  status,
  type: headers['content-type'],
  etag: headers.etag,
  body: body.toString('latin1'),
})

test('every answer is what the document says, whatever is asked', { timeout: minutes * 60_000 + 120_000 }, async () => {
  const terms = await readTerms()
  const met = new Map<string, number>()
  const result = await fc.check(
    fc.asyncProperty(requests(contract, terms), async (drawn) => {
      const answer = await exchange(drawn)
      await hold(drawn, answer)
      const key = `${drawn.operation?.operationId ?? 'elsewhere'} ${answer.status}`
      met.set(key, (met.get(key) ?? 0) + 1)
      // Whatever was remembered of the first answer, the second is no other.
      if ((drawn.method === 'GET' || drawn.method === 'HEAD') && drawn.target.length % 4 === 0)
        expect(lasting(await exchange(drawn))).toEqual(lasting(answer))
    }),
    {
      ...(minutes === 0
        ? { numRuns: few }
        : { numRuns: Number.MAX_SAFE_INTEGER, plugins: [fc.interruptAfterTimeLimit(minutes * 60_000)] }),
      ...(seed !== undefined && { seed }),
      ...(path !== undefined && { path }),
    },
  )
  if (minutes > 0) {
    console.log(`seed ${result.seed}: ${result.numRuns} requests`)
    for (const [key, count] of [...met].toSorted()) console.log(`${String(count).padStart(9)}  ${key}`)
  }
  if (result.failed) {
    const at = `npm run fuzz -- --seed ${result.seed} --path ${result.counterexamplePath ?? ''}`
    expect.unreachable(
      `${at} gives it again: ${shownOf(result.counterexample as [Drawn] | null)}\n${String(result.errorInstance)}`,
    )
  }
  // Drawing at random, it must have met both sides of every operation, or it would hold nothing.
  if (path === undefined)
    for (const { operationId } of contract.operations)
      expect([...met.keys()], operationId).toEqual(expect.arrayContaining([`${operationId} 200`, `${operationId} 400`]))
})
