import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { figure } from '../src/db/schema.ts'
import { Health } from '../src/schemas/dataset.ts'
import { list } from '../src/schemas/envelope.ts'
import { Figure } from '../src/schemas/figures.ts'
import { Problem } from '../src/schemas/problem.ts'
import { read, readProblem, serviceForTests, startService, type Answer } from './support/service.ts'

const service = serviceForTests()
const { get, ask, send } = service

/** An address of each kind of answer that may be kept. */
const kept = [
  '/',
  '/v1/figures',
  '/v1/figures?format=csv',
  '/v1/figures?format=csv&limit=5',
  '/v1/figures/inl-2019-coca-cultivation-2017',
  '/v1/metrics',
  '/v1/metrics/coca-cultivation',
  '/v1/documents',
  '/v1/documents/cnwg-statement-2021',
  '/v1/vocabularies',
  '/v1/dataset',
  '/openapi.json',
  '/openapi.yaml',
]
const html = { accept: 'text/html' }
const etagOf = async (path: string, headers: Record<string, string> = {}) =>
  String((await ask(path, { headers })).headers.etag)

describe('the tag of an answer', () => {
  it.each(kept)('to %s is weak, and comes with how long to keep it', async (path) => {
    const { headers } = await ask(path)
    expect(headers.etag).toMatch(/^W\/"[!#-~]+"$/)
    expect(headers['cache-control']).toBe('public, max-age=300, stale-while-revalidate=86400')
  })

  it.each(kept)('to %s stays the same', async (path) => {
    expect(await etagOf(path)).toBe(await etagOf(path))
  })

  it('stays the same when the service starts again', async () => {
    const again = await startService()
    try {
      expect((await again.ask('/v1/figures')).headers.etag).toBe(await etagOf('/v1/figures'))
    } finally {
      await again.close()
    }
  })

  it('tells JSON from CSV, and a page from its JSON', async () => {
    expect(await etagOf('/v1/figures')).not.toBe(await etagOf('/v1/figures?format=csv'))
    expect(await etagOf('/v1/figures')).not.toBe(await etagOf('/v1/figures', { accept: 'text/csv' }))
    expect(await etagOf('/')).not.toBe(await etagOf('/', html))
  })

  it('is the same in every encoding, being weak', async () => {
    for (const encoding of ['gzip', 'br']) {
      expect(await etagOf('/v1/figures', { 'accept-encoding': encoding })).toBe(await etagOf('/v1/figures'))
    }
  })
})

describe('If-None-Match', () => {
  const conditional = (path: string, tags: string, more: Record<string, string> = {}) =>
    ask(path, { headers: { ...more, 'if-none-match': tags } })

  it.each(kept)('with the tag of %s is a 304 without a body', async (path) => {
    const full = await ask(path)
    const { status, headers, body } = await conditional(path, String(full.headers.etag))
    expect([status, body.length]).toEqual([304, 0])
    for (const name of ['etag', 'cache-control', 'vary']) expect(headers[name], name).toBe(full.headers[name])
    expect(headers['content-type']).toBeUndefined()
    expect(headers['content-encoding']).toBeUndefined()
  })

  it.each([
    ['the tag itself', (tag: string) => tag, 304],
    ['its strong form, since the comparison is weak', (tag: string) => tag.replace('W/', ''), 304],
    ['a list that holds it', (tag: string) => `"one", ${tag}, W/"two"`, 304],
    ['a list without blanks that holds it', (tag: string) => `"one",${tag},"two"`, 304],
    ['a star', () => '*', 304],
    ['another tag', () => 'W/"another"', 200],
    ['a list of others', () => '"one", W/"two"', 200],
    ['the tag without its quotes', (tag: string) => tag.replaceAll(/W\/|"/g, ''), 200],
    ['a part of the tag', (tag: string) => `${tag.slice(0, -3)}"`, 200],
    ['a tag that holds a star', () => '"*"', 200],
    ['the tag in another case', (tag: string) => tag.toUpperCase(), 200],
  ])('with %s', async (_, tagsFor, status) => {
    for (const path of ['/v1/figures', '/v1/figures?format=csv', '/v1/metrics/coca-cultivation']) {
      expect((await conditional(path, tagsFor(await etagOf(path)))).status, path).toBe(status)
    }
  })

  it('with the tag of the other format is a full answer', async () => {
    expect((await conditional('/v1/figures?format=csv', await etagOf('/v1/figures'))).status).toBe(200)
    expect((await conditional('/', await etagOf('/'), html)).status).toBe(200)
  })

  it('on HEAD is a 304 too', async () => {
    const answer = await ask('/v1/figures', { method: 'HEAD', headers: { 'if-none-match': '*' } })
    expect(answer.status).toBe(304)
  })

  it('of fetch, which adds Cache-Control: no-cache, is a 304 too, for the origin did check', async () => {
    const response = await get('/v1/figures', { headers: { 'if-none-match': await etagOf('/v1/figures') } })
    expect(response.status).toBe(304)
    expect(await response.text()).toBe('')
  })

  it.each([
    ['/v1/figures?metirc=x', 400],
    ['/v1/figures?cursor=x', 400],
    ['/v1/figures?limit=0', 400],
    ['/v1/metrics?limit=0', 400],
    ['/v1/dataset?x=1', 400],
    ['/v1/figures/nothing', 404],
    ['/v1/metrics/nothing', 404],
    ['/v1/documents/nothing', 404],
    ['/nothing', 404],
  ])('with a star is no 304 for %s', async (path, status) => {
    await readProblem(await conditional(path, '*'), status)
  })

  it('with a star is no 304 for a media type that is not offered', async () => {
    await readProblem(await conditional('/v1/figures', '*', { accept: 'image/png' }), 406)
  })
})

describe('Vary', () => {
  const varyOf = ({ headers }: Answer) => (headers.vary ?? '').toLowerCase().split(/\s*,\s*/)

  it.each(kept)('of %s names what the answer hangs on', async (path) => {
    for (const encoding of ['identity', 'gzip', 'br']) {
      const vary = varyOf(await ask(path, { headers: { 'accept-encoding': encoding } }))
      expect(vary, encoding).toEqual(expect.arrayContaining(['accept', 'accept-encoding']))
      expect(new Set(vary).size, 'no name twice').toBe(vary.length)
    }
  })

  it.each([
    ['/nothing', 404],
    ['/metrics/nothing', 404],
    ['/explore?metirc=x', 303],
    ['/?x=1', 400],
    ['/metrics', 303],
    ['/metrics/coca-eradication', 303],
  ])('of %s, which is one thing to people and another to programs, says so to both', async (path, toPrograms) => {
    const [people, programs] = await Promise.all(
      ['text/html', 'application/json'].map((accept) => ask(path, { headers: { accept } })),
    )
    expect(programs?.status).toBe(toPrograms)
    for (const answer of [people, programs]) {
      const vary = answer === undefined ? [] : varyOf(answer)
      expect(vary).toEqual(expect.arrayContaining(['accept', 'accept-encoding']))
      expect(new Set(vary).size, 'no name twice').toBe(vary.length)
    }
  })
})

/** The headers that tell one exchange from another, or how the connection is kept. */
const passing = /^(date|x-request-id|x-ratelimit-.*|connection|keep-alive|transfer-encoding)$/
const lasting = ({ headers }: Answer) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !passing.test(name)))

describe('HEAD', () => {
  it('tells no length of a 304', async () => {
    const { status, headers } = await ask('/v1/figures', { method: 'HEAD', headers: { 'if-none-match': '*' } })
    expect(status).toBe(304)
    expect(headers['content-length']).toBeUndefined()
  })

  it.each([...kept, '/livez', '/readyz', '/docs', '/nothing', '/v1/figures?metirc=x', '/v1/figures/nothing'])(
    'of %s is GET without its body',
    async (path) => {
      const [full, head] = [await ask(path), await ask(path, { method: 'HEAD' })]
      expect(head.status).toBe(full.status)
      expect(head.body).toHaveLength(0)
      expect(lasting(head)).toEqual(lasting(full))
    },
  )

  it.each(['gzip', 'br', '*', 'gzip;q=0', 'br;q=0.5, *;q=0.1'])(
    'with Accept-Encoding: %s gives no length that GET does not have',
    async (encoding) => {
      const headers = { 'accept-encoding': encoding }
      for (const path of ['/', '/v1/figures', '/v1/figures?format=csv', '/v1/dataset', '/openapi.json']) {
        const [full, head] = [await ask(path, { headers }), await ask(path, { headers, method: 'HEAD' })]
        expect([undefined, String(full.body.length)], path).toContain(head.headers['content-length'])
      }
    },
  )
})

describe('a target', () => {
  const targetOf = (target: string, headers = 'Host: x') =>
    send(`GET ${target} HTTP/1.1\r\n${headers}\r\nConnection: close\r\n\r\n`)

  it('with scheme and authority is the path on that host (RFC 9112, section 3.2.2)', async () => {
    const page = await targetOf(
      'HTTP://figures.example/metrics/coca-eradication',
      'Host: x\r\nAccept: application/json',
    )
    expect([page.status, page.headers.location]).toEqual([303, '/v1/metrics/coca-eradication'])
    expect((await targetOf('http://figures.example')).status).toBe(200)
    expect((await targetOf('http://figures.example?x=1')).status).toBe(400)
    expect((await targetOf('http://figures.example/robots.txt')).body.toString()).toContain('http://figures.example/')
    const post = await send(
      'POST http://figures.example/v1/figures HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    )
    expect(post.status).toBe(405)
  })

  it('of two hosts at once is a 400, kept or not (RFC 9112, section 3.2)', async () => {
    for (const path of ['/v1/metrics', '/v1/metrics', '/v1/figures/inl-2019-coca-cultivation-2017']) {
      for (let round = 0; round < 2; round += 1) expect((await targetOf(path)).status).toBe(200)
      await readProblem(await targetOf(path, 'Host: x\r\nHOST: y'), 400)
      // Other headers are no hosts, though as long.
      expect((await targetOf(path, 'Host: x\r\nFrom: y\r\nDate: z')).status).toBe(200)
    }
  })

  it('that is no path is a 400', async () => {
    await readProblem(await targetOf('*'), 400)
  })
})

describe('OPTIONS', () => {
  it.each(['/', '/v1/figures', '/v1/metrics/coca-cultivation', '/livez'])(
    'of %s tells what is allowed',
    async (path) => {
      const { status, headers, body } = await ask(path, { method: 'OPTIONS' })
      expect([status, body.length]).toEqual([204, 0])
      expect(headers.allow?.split(/\s*,\s*/).toSorted()).toEqual(['GET', 'HEAD', 'OPTIONS'])
    },
  )

  it('of the service as a whole tells the same (RFC 9110, section 9.3.7)', async () => {
    const { status, headers } = await send('OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect([status, headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS'])
  })

  it('of an unknown path is a 404', async () => {
    await readProblem(await ask('/nothing', { method: 'OPTIONS' }), 404)
  })

  it('as a preflight lets any origin read, with the headers it asks for', async () => {
    const { status, headers } = await ask('/v1/figures', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://reader.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'if-none-match,x-request-id',
      },
    })
    expect(status).toBe(204)
    expect(headers['access-control-allow-origin']).toBe('*')
    expect(headers['access-control-allow-methods']?.split(/\s*,\s*/)).toEqual(expect.arrayContaining(['GET', 'HEAD']))
    expect(headers['access-control-allow-methods']).not.toMatch(/POST|PUT|PATCH|DELETE/)
    expect(headers['access-control-allow-headers']?.split(/\s*,\s*/)).toEqual(['if-none-match', 'x-request-id'])
    expect(headers['access-control-allow-credentials']).toBeUndefined()
  })
})

describe('a page of another origin', () => {
  const origin = { origin: 'https://reader.example' }

  it.each([
    [200, '/v1/figures'],
    [200, '/v1/figures?format=csv'],
    [200, '/'],
    [200, '/livez'],
    [400, '/v1/figures?metirc=x'],
    [404, '/v1/figures/nothing'],
    [404, '/nothing'],
    [400, '/%zz'],
    [414, `/v1/figures/${'a'.repeat(300)}`],
  ])('may read the %i of %s', async (status, path) => {
    const { headers, ...answer } = await ask(path, { headers: origin })
    expect(answer.status).toBe(status)
    expect(headers['access-control-allow-origin']).toBe('*')
  })

  it('may read the headers that lead on', async () => {
    const { headers } = await ask('/v1/figures', { headers: origin })
    const exposed = String(headers['access-control-expose-headers']).split(/\s*,\s*/)
    expect(exposed).toEqual(expect.arrayContaining(['Link', 'ETag', 'Retry-After']))
    // All that is no header which a page may read anyway, by the name of what is sent: counts, names of files, ids.
    const further = [
      'Content-Disposition',
      'X-Request-Id',
      'X-RateLimit-Limit',
      'X-RateLimit-Remaining',
      'X-RateLimit-Reset',
    ]
    expect(exposed).toEqual(expect.arrayContaining(further))
  })

  it('may read a 304', async () => {
    const { status, headers } = await ask('/v1/figures', { headers: { ...origin, 'if-none-match': '*' } })
    expect([status, headers['access-control-allow-origin']]).toEqual([304, '*'])
  })
})

describe('compression', () => {
  const decoders = { gzip: gunzipSync, br: brotliDecompressSync }

  it.each(['gzip', 'br'] as const)('by %s carries the same body', async (encoding) => {
    for (const path of ['/', '/v1/figures', '/v1/figures?format=csv', '/v1/metrics', '/openapi.json']) {
      for (const accept of ['*/*', 'text/html, */*;q=0.1']) {
        const plain = await ask(path, { headers: { accept } })
        const packed = await ask(path, { headers: { accept, 'accept-encoding': encoding } })
        expect(packed.status).toBe(200)
        if (plain.body.length < 1024) continue
        expect(packed.headers['content-encoding'], path).toBe(encoding)
        expect(packed.body.length).toBeLessThan(plain.body.length)
        expect(decoders[encoding](packed.body).equals(plain.body), path).toBe(true)
      }
    }
  })

  it.each(['gzip', 'br'] as const)('by %s is done to YAML too', async (encoding) => {
    const plain = await ask('/openapi.yaml')
    const packed = await ask('/openapi.yaml', { headers: { 'accept-encoding': encoding } })
    expect(packed.headers['content-encoding']).toBe(encoding)
    expect(decoders[encoding](packed.body).equals(plain.body)).toBe(true)
  })

  it.each([undefined, 'identity', 'gzip;q=0', 'br;q=0, gzip;q=0', 'zstd', 'identity, gzip;q=0'])(
    'is not done for Accept-Encoding: %s',
    async (encoding) => {
      const { status, headers, body } = await ask('/v1/figures', {
        headers: encoding === undefined ? {} : { 'accept-encoding': encoding },
      })
      expect([status, headers['content-encoding']]).toEqual([200, undefined])
      expect(list(Figure).parse(JSON.parse(body.toString('utf8'))).data).not.toHaveLength(0)
    },
  )

  it.each([
    ['br;q=0.1, gzip', 'gzip'],
    ['gzip;q=0.1, br', 'br'],
    ['gzip, br', 'br'],
    ['GZIP;q=0.5, deflate', 'gzip'],
    ['*', 'br'],
    ['br;q=0, *', 'gzip'],
    ['*;q=0.5, br;q=0.1', 'gzip'],
    ['gzip;q=0, *;q=0.2', 'br'],
  ])('for Accept-Encoding: %s is %s', async (wanted, used) => {
    const { headers } = await ask('/v1/figures', { headers: { 'accept-encoding': wanted } })
    expect(headers['content-encoding']).toBe(used)
  })
})

describe('a method that writes', () => {
  const writing = ['POST', 'PUT', 'PATCH', 'DELETE']
  const known = [
    '/',
    '/v1/figures',
    '/v1/figures/inl-2019-coca-cultivation-2017',
    '/v1/metrics',
    '/openapi.json',
    '/livez',
  ]
  const bodies: [name: string, asked: { headers?: Record<string, string>; body?: string }][] = [
    ['no body', {}],
    ['a JSON body', { headers: { 'content-type': 'application/json' }, body: '{"metric":"coca-eradication"}' }],
    ['a body that is no JSON', { headers: { 'content-type': 'application/json' }, body: '{' }],
    ['an empty JSON body', { headers: { 'content-type': 'application/json' }, body: '' }],
    ['a JSON body of hostile keys', { headers: { 'content-type': 'application/json' }, body: '{"__proto__":{"a":1}}' }],
    ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'metric=coca' }],
    ['an odd content type', { headers: { 'content-type': 'application/x-odd' }, body: 'odd' }],
    ['a content type that is none', { headers: { 'content-type': 'not a type' }, body: 'odd' }],
  ]

  const refused = async (method: string, path: string, asked: (typeof bodies)[0][1] = {}) => {
    const answer = await ask(path, { method, ...asked })
    const { type } = await readProblem(answer, 405)
    expect(type).toBe('/#problem-method-not-allowed')
    expect(answer.headers.allow?.split(/\s*,\s*/).toSorted()).toEqual(['GET', 'HEAD', 'OPTIONS'])
  }

  it.each(bodies)('with %s is a 405 that names what is allowed', async (_, asked) => {
    for (const method of writing) {
      for (const path of known) await refused(method, path, asked)
    }
  })

  it.each(bodies)('with %s to an unknown path is a 404', async (_, asked) => {
    for (const method of writing) await readProblem(await ask('/v1/nothing', { method, ...asked }), 404)
  })

  it('with a long body is refused before it is read', async () => {
    const answer = await ask('/v1/figures', {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'a'.repeat(100_000),
    })
    await readProblem(answer, 405)
  })

  it('to an id that does not exist is a 405', async () => {
    await refused('DELETE', '/v1/figures/nothing')
  })

  it.each(writing)('%s to Swagger UI is a 405', async (method) => {
    await refused(method, '/docs')
  })

  it.each(['PROPFIND', 'TRACE', 'LOCK', 'REPORT', 'QUERY'])(
    'or does something rarer, such as %s, is a 405',
    async (method) => {
      await refused(method, '/v1/figures')
    },
  )
})

describe('Accept', () => {
  it('that is empty accepts anything', async () => {
    await read(await get('/v1/figures', { headers: { accept: ' ' } }), list(Figure))
  })

  const typeFor = async (path: string, accept: string) => {
    const { status, headers } = await ask(path, { headers: { accept } })
    return status === 200 ? headers['content-type']?.split(';', 1)[0] : status
  }

  it.each([
    ['*/*', 'application/json'],
    ['application/json', 'application/json'],
    ['application/*', 'application/json'],
    ['text/csv', 'text/csv'],
    ['TEXT/CSV', 'text/csv'],
    ['text/*', 'text/csv'],
    ['text/csv;q=0.9, application/json;q=0.1', 'text/csv'],
    ['application/json;q=0.5, text/csv', 'text/csv'],
    // Names of parameters are the same in capitals (RFC 9110, section 5.6.6).
    ['application/json;Q=0.5, text/csv', 'text/csv'],
    ['text/csv;Q=0', 406],
    ['text/csv;q=0.1, */*;q=0.2', 'application/json'],
    ['application/json;q=0, */*', 'text/csv'],
    ['image/png, */*;q=0.1', 'application/json'],
    ['text/csv; charset=utf-8', 'text/csv'],
    ['text/csv; header=present', 'text/csv'],
    ['application/json; charset=utf-8', 'application/json'],
    ['image/png', 406],
    ['text/html', 406],
    ['application/problem+json', 406],
    ['text/csv;q=0', 406],
    ['*/*;q=0', 406],
    ['application/json;q=0, text/csv;q=0', 406],
  ])('%s gets %s from the figures', async (accept, expected) => {
    expect(await typeFor('/v1/figures', accept)).toBe(expected)
  })

  it.each([
    ['text/html', 'text/html'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
    ['application/json', 'application/json'],
    ['text/html;q=0.5, application/json', 'application/json'],
    ['image/png', 406],
  ])('%s gets %s from the landing page', async (accept, expected) => {
    expect(await typeFor('/', accept)).toBe(expected)
  })

  it.each(['/v1/figures', '/v1/figures/inl-2019-coca-cultivation-2017', '/v1/metrics', '/v1/dataset', '/openapi.yaml'])(
    'image/png is a 406 from %s, which tells what there is',
    async (path) => {
      const answer = await ask(path, { headers: { accept: 'image/png' } })
      const { detail, type } = await readProblem(answer, 406)
      expect(type).toBe('/#problem-not-acceptable')
      expect(answer.headers.vary).toBe('accept, accept-encoding')
      expect(detail).toMatch(/application\/(json|yaml)/)
    },
  )

  it('of what is no page gets no Swagger UI, whose files come whatever is accepted', async () => {
    for (const path of ['/docs', '/docs/']) {
      const { detail } = await readProblem(await ask(path, { headers: { accept: 'image/png' } }), 406)
      expect(detail).toContain('text/html')
      for (const accept of ['text/html', '*/*']) {
        expect((await ask(path, { headers: { accept } })).headers['content-type']).toMatch(/^text\/html/)
      }
    }
    expect((await ask('/docs/static/swagger-ui.css', { headers: { accept: 'image/png' } })).status).toBe(200)
  })

  it('does not keep a 404 or a 400 from being told', async () => {
    const headers = { accept: 'image/png' }
    await readProblem(await ask('/v1/figures/nothing', { headers }), 404)
    await readProblem(await ask('/v1/figures?metirc=x', { headers }), 400)
  })
})

describe('a request id', () => {
  const idFor = async (given?: string, path = '/v1/dataset') =>
    (await ask(path, { headers: given === undefined ? {} : { 'x-request-id': given } })).headers['x-request-id']

  it.each(['a', 'abc-123_4.5', '0c5f1c1e-7b1f-4d43-9d0b-0f4c9f5f3a11', 'x'.repeat(64)])(
    'that is harmless is kept: %s',
    async (given) => {
      expect(await idFor(given)).toBe(given)
    },
  )

  it.each(['a b', '<script>', 'a"b', '{"a":1}', '../..', 'é', 'x'.repeat(65), '%0a'])(
    'that might do harm in a log is replaced: %s',
    async (given) => {
      const id = await idFor(given)
      expect(id).not.toBe(given)
      expect(id).toMatch(/^[\w.-]{8,64}$/)
    },
  )

  it('is another for each request that brings none', async () => {
    const ids = [await idFor(), await idFor(), await idFor()]
    expect(new Set(ids).size).toBe(3)
    for (const id of ids) expect(id).toMatch(/^[\w.-]{8,64}$/)
  })

  it.each(['/', '/docs', '/livez', '/nothing', '/v1/figures?metirc=x', '/v1/figures/nothing', '/%zz'])(
    'comes with the answer to %s',
    async (path) => {
      expect(await idFor('mine', path)).toBe('mine')
    },
  )
})

describe('too many requests', () => {
  // Behind a proxy each test is a client of its own, so none uses up what another has.
  const most = 4
  const limited = serviceForTests({ settings: { RATE_LIMIT_MAX: String(most), TRUST_PROXY: 'true' } })
  const direct = serviceForTests({ settings: { RATE_LIMIT_MAX: String(most) } })
  const from = (address: string) => ({ 'x-forwarded-for': address })

  it('are a 429 that says in whole seconds when to ask again', async () => {
    const headers = from('192.0.2.1')
    for (let at = 0; at < most; at += 1) {
      expect((await limited.ask('/v1/dataset', { headers })).status).toBe(200)
    }
    const answer = await limited.ask('/v1/dataset', { headers })
    const { type } = await readProblem(answer, 429)
    expect(type).toBe('/#problem-too-many-requests')
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/)
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60)
  })

  it.each([
    ['192.0.2.10', '/v1/figures?format=csv', {}, 200],
    ['192.0.2.11', '/v1/figures', { 'if-none-match': '*' }, 304],
    ['192.0.2.12', '/v1/figures?metirc=x', {}, 400],
    ['192.0.2.13', '/v1/figures/nothing', {}, 404],
    ['192.0.2.14', '/nothing', {}, 404],
    ['192.0.2.15', '/v1/figures', { accept: 'image/png' }, 406],
    ['192.0.2.16', '/', { accept: 'text/html' }, 200],
  ])('from %s are counted for %s', async (address, path, more, status) => {
    const headers = { ...from(address), ...more }
    for (let at = 0; at < most; at += 1) expect((await limited.ask(path, { headers })).status).toBe(status)
    await readProblem(await limited.ask(path, { headers }), 429)
    await readProblem(await limited.ask('/v1/dataset', { headers: from(address) }), 429)
  })

  it('are counted when they write', async () => {
    const headers = from('192.0.2.20')
    for (let at = 0; at < most; at += 1) {
      expect((await limited.ask('/v1/figures', { method: 'POST', headers })).status).toBe(405)
    }
    await readProblem(await limited.ask('/v1/figures', { method: 'POST', headers }), 429)
  })

  it('of one client leave another alone', async () => {
    for (let at = 0; at <= most; at += 1) await limited.ask('/v1/dataset', { headers: from('192.0.2.30') })
    expect((await limited.ask('/v1/dataset', { headers: from('192.0.2.30') })).status).toBe(429)
    expect((await limited.ask('/v1/dataset', { headers: from('192.0.2.31') })).status).toBe(200)
  })

  it('leave health alone, and health leaves the rest alone', async () => {
    const headers = from('192.0.2.40')
    for (let at = 0; at < 3 * most; at += 1) {
      for (const path of ['/livez', '/readyz']) expect((await limited.ask(path, { headers })).status).toBe(200)
    }
    for (let at = 0; at < most; at += 1) {
      expect((await limited.ask('/v1/dataset', { headers })).status).toBe(200)
    }
    expect((await limited.ask('/v1/dataset', { headers })).status).toBe(429)
    expect((await limited.ask('/readyz', { headers })).status).toBe(200)
  })

  it('cannot be hidden by a made-up address where no proxy is trusted', async () => {
    for (let at = 0; at < most; at += 1) {
      await direct.ask('/v1/dataset', { headers: from(`198.51.100.${at}`) })
    }
    await readProblem(await direct.ask('/v1/dataset', { headers: from('198.51.100.200') }), 429)
  })
})

describe('a malformed request', () => {
  const raw = (head: string) => send(`${head}\r\n\r\n`)

  it.each(['/%', '/%zz', '/v1/figures/%E0%A4%A', '/%c0%ae', '/v1/metrics/%ff'])('for %s is a 400', async (path) => {
    await readProblem(await ask(path), 400)
  })

  it.each([150, 199, 201, 300, 3000, 12_000])('for an id of %i characters is a problem', async (length) => {
    for (const path of ['/v1/figures', '/v1/metrics', '/v1/documents', '']) {
      const answer = await ask(`${path}/${'a'.repeat(length)}`)
      expect([404, 414]).toContain(answer.status)
      // What went wrong, not what was sent.
      expect((await readProblem(answer, answer.status)).detail).toMatch(
        /^(Nothing stands|There is no|The address|An id) /,
      )
    }
  })

  it.each([
    ['is not HTTP', 'hello'],
    ['is of an unknown version', 'GET /livez HTTP/9.9\r\nHost: localhost'],
    ['has a method that is no token', 'FE(TCH) /livez HTTP/1.1\r\nHost: localhost'],
    ['has a header without a name', 'GET /livez HTTP/1.1\r\nHost: localhost\r\n: nothing'],
    ['has a control character in a header', 'GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: \u0001'],
    ['has two lengths', 'POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2'],
    [
      'has a length and chunks',
      'POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked',
    ],
    ['has bytes that are no address', 'GET /livez?\u00E9 HTTP/1.1\r\nHost: localhost'],
    ['names no host', 'GET /livez HTTP/1.1\r\nConnection: close'],
  ])('that %s is a 400 of the one shape', async (_, head) => {
    await readProblem(await raw(head), 400)
  })

  it('that expects what the service does not do is a problem of the one shape', async () => {
    await readProblem(
      await raw('GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: a-miracle'),
      417,
    )
  })

  it.each(['q=caf%E9', 'q=coca%FF', 'q=%zz', 'metric=%', 'q=%C0%AE', 'q=%ED%A0%80'])(
    'whose query is not UTF-8 is a 400, as %s',
    async (query) => {
      await readProblem(await ask(`/v1/figures?${query}`), 400)
    },
  )

  it.each([
    [
      'an expectation that is not met',
      'GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: a-miracle',
    ],
    ['no HTTP', 'hello'],
    ['headers too large', `GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Large: ${'a'.repeat(20_000)}`],
  ])('with %s is answered with the headers of every answer', async (_, head) => {
    const { headers } = await raw(head)
    expect(headers).toMatchObject({ 'access-control-allow-origin': '*', 'x-content-type-options': 'nosniff' })
    expect(headers['x-request-id']).toMatch(/^[\w-]{36}$/)
  })

  it('with headers too large is a 431 of the one shape', async () => {
    await readProblem(await raw(`GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Large: ${'a'.repeat(20_000)}`), 431)
  })

  it.each([8001, 12_000, 20_000, 100_000])(
    'with an address of %i characters is a 414 of the one shape',
    async (length) => {
      const { type } = await readProblem(
        await raw(`GET /${'a'.repeat(length - 1)} HTTP/1.1\r\nHost: localhost\r\nConnection: close`),
        414,
      )
      expect(type).toBe('/#problem-uri-too-long')
    },
  )

  it.each([8001, 20_000])('by HEAD with an address of %i characters is told so without a body', async (length) => {
    const { status, headers, body } = await raw(
      `HEAD /${'a'.repeat(length - 1)} HTTP/1.1\r\nHost: x\r\nConnection: close`,
    )
    expect([status, body.length]).toEqual([414, 0])
    expect(headers['content-type']).toMatch(/^application\/problem\+json/)
  })

  it('with an address of 8000 characters is read', async () => {
    await readProblem(await ask(`/${'a'.repeat(7999)}`), 404)
  })

  it('leaves the service as it was', async () => {
    await raw('hello')
    await read(await get('/v1/figures'), list(Figure))
  })
})

it.each([
  ['/v1/figures?q=bogotá', 'á is written %C3%A1'],
  ['/explore?q=ñandú', 'ñ is written %C3%B1'],
  ['/v1/figures?q=“coca”', '“ is written %E2%80%9C'],
])('an address that is not percent-encoded is told how it is written: %s', async (path, words) => {
  const answer = await service.send(Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`))
  expect((await readProblem(answer, 400)).detail).toBe(`The address is not percent-encoded: ${words} there.`)
})

it.each([
  ['/nothing', undefined],
  ['/v2', '/v1'],
  ['/v1/figure', '/v1/figures'],
  ['/v1/metrcs', '/v1/metrics'],
  ['/V1/FIGURES', '/v1/figures'],
  ['/v1/figures/inl-2019-coca-cultivation-2017/more', undefined],
  ['/.env', undefined],
  ['/v1/../package.json', undefined],
  ['/docs/static/../../../package.json', undefined],
  ['/docs/static/%2e%2e/%2e%2e/package.json', undefined],
  ['/docs/static/nothing.js', undefined],
  ['/v1/metrics/coca-eradication/', '/v1/metrics/coca-eradication'],
  ['/explore/', '/explore'],
])('nothing stands at %s', async (path, near) => {
  const { title, type, did_you_mean } = await readProblem(await ask(path), 404)
  expect([title, type]).toEqual(['Not found', '/#problem-not-found'])
  expect(did_you_mean).toBe(near)
})

it('what has the headers of pages is what the document says', async () => {
  const { info, paths } = (await (await service.get('/openapi.json')).json()) as {
    info: { description: string }
    paths: object
  }
  const [, said = ''] = /(The pages, .*?) also have/s.exec(info.description) ?? []
  const named = [...said.matchAll(/`(\/[^`]*)`/g)].map(([, path = '']) => path)
  expect(named.length).toBeGreaterThan(3)
  const have = ['/', '/explore', '/metrics/coca-eradication', ...named]
  const plain = Object.keys(paths).filter((path) => !path.includes('{') && !have.includes(path))
  expect(plain).toEqual(expect.arrayContaining(['/livez', '/v1/figures']))
  for (const path of [...have, ...plain]) {
    const { headers } = await ask(path)
    expect(headers['cross-origin-opener-policy'] !== undefined, path).toBe(have.includes(path))
  }
})

describe('when the database fails', () => {
  const broken = serviceForTests()
  beforeAll(() => {
    broken.db.$client.close()
  })
  const reading = [
    '/v1/figures',
    '/v1/figures?limit=1&sort=value',
    '/v1/figures?format=csv',
    '/v1/figures?format=csv&limit=5',
    '/v1/figures/inl-2019-coca-cultivation-2017',
    '/v1/metrics',
    '/v1/metrics/coca-cultivation',
    '/v1/documents',
    '/v1/documents/cnwg-statement-2021',
    '/v1/dataset',
  ]

  it.each(reading)('%s is a 500 that says nothing of how', async (path) => {
    const { title, detail, type } = await readProblem(await broken.ask(path), 500)
    expect(type).toBe('/#problem-internal-error')
    for (const text of [title, detail]) {
      expect(text).not.toMatch(/sqlite|sql\b|select|from figure|drizzle|database|connection|\.ts\b|\bat \S+:\d|\/|\\/i)
    }
  })

  it('the landing page is a 500 too, and so is a page for an error that cannot be made', async () => {
    for (const path of ['/', '/coca-eradicaton', '/documents/nope', '/explore?metrc=x']) {
      const answer = await broken.ask(path, { headers: html })
      await readProblem(answer, 500)
      expect(answer.body.toString(), path).not.toMatch(/database|connection/i)
    }
  })

  it.each(['gzip', 'br'])('the problem can be read by one who asked for %s', async (encoding) => {
    for (const path of reading) {
      const { headers, body, status } = await broken.ask(path, { headers: { 'accept-encoding': encoding } })
      const decoders: Record<string, (packed: Buffer) => Buffer> = { gzip: gunzipSync, br: brotliDecompressSync }
      const plain = decoders[headers['content-encoding'] ?? '']?.(body) ?? body
      expect(status, path).toBe(500)
      expect(Problem.parse(JSON.parse(plain.toString('utf8'))).status, path).toBe(500)
    }
  })

  it('a problem is not told to be a file of figures', async () => {
    const { headers } = await broken.ask('/v1/figures?format=csv')
    expect(headers['content-disposition']).toBeUndefined()
  })

  it('a 304 needs no database', async () => {
    for (const path of reading) {
      const { status } = await broken.ask(path, { headers: { 'if-none-match': '*' } })
      expect(status, path).toBe(304)
    }
  })

  it('what is wrong with a request is told all the same', async () => {
    await readProblem(await broken.ask('/v1/figures?metirc=x'), 400)
    await readProblem(await broken.ask('/v1/figures/nothing'), 404)
  })

  it('a CSV that breaks off on the way is seen to be cut short', async () => {
    const failing = await startService({
      prepare: (db) => {
        for (const original of db.select().from(figure).all()) {
          // More than the sockets of both ends can hold, so that it cannot have been sent whole.
          for (let copy = 1; copy <= 120; copy += 1) {
            db.insert(figure)
              .values({ ...original, id: `${original.id}-${copy}` })
              .run()
          }
        }
      },
    })
    try {
      const whole = await (await failing.get('/v1/figures?format=csv')).text()
      const begun = await failing.get('/v1/figures?format=csv')
      failing.db.$client.close()
      expect(begun.status).toBe(200)
      expect(whole.length).toBeGreaterThan(6_000_000)
      await expect(begun.text()).rejects.toThrow()
      await read(await failing.get('/livez'), Health)
    } finally {
      await failing.close()
    }
  })
})

describe('security headers', () => {
  it.each([...kept.slice(1), '/livez', '/nothing', '/v1/figures?metirc=x', '/v1/figures/nothing'])(
    'of %s let a browser do nothing with it',
    async (path) => {
      const { headers } = await ask(path)
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(headers['referrer-policy']).toBe('no-referrer')
    },
  )

  it.each(['/', '/docs'])('of the page at %s let in only what it is made of', async (path) => {
    const { headers } = await ask(path, { headers: html })
    expect(headers['content-type']).toMatch(/^text\/html/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['content-security-policy']).toMatch(/default-src '(none|self)'/)
    expect(headers['content-security-policy']).toMatch(/frame-ancestors '(none|self)'/)
    expect(headers['content-security-policy']).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline/)
  })

  it('do not say what the service is made with', async () => {
    for (const path of ['/', '/v1/figures', '/docs', '/nothing']) {
      const { headers } = await ask(path)
      expect(headers['x-powered-by']).toBeUndefined()
      expect(headers['server']).toBeUndefined()
    }
  })
})

describe('whatever is asked', () => {
  const paths = [
    ...[
      '/',
      '/v1/figures',
      '/v1/figures/inl-2019-coca-cultivation-2017',
      '/v1/metrics',
      '/v1/metrics/coca-cultivation',
    ],
    ...[
      '/v1/documents',
      '/v1/vocabularies',
      '/v1/dataset',
      '/openapi.json',
      '/docs',
      '/docs/static',
      '/livez',
      '/readyz',
    ],
  ]
  const names = [
    ...['id', 'metric', 'topic', 'scope', 'year', 'year_from', 'year_to', 'baseline_year', 'sort', 'limit', 'cursor'],
    ...['format', '__proto__', 'constructor', '', 'q', 'metric[]', 'metric.a'],
  ]
  const values = [
    ...['coca-eradication', 'trade', '2020', '-1', '1e3', '0x10', 'NaN', '', ',', ',,', '-year', 'csv', 'null', '%00'],
    ...['%', '%zz', '%E0%A4', "'", "' OR 1=1--", '"', '\\', '*', '[]', '{}', 'WyIiLG51bGwsIiJd', 'bnVsbA'],
  ]
  /** Any byte but those that end the address in the request line. */
  const byte = fc.integer({ min: 0, max: 255 }).filter((code) => ![0x0a, 0x0d, 0x20].includes(code))
  const bytes = fc.array(byte, { maxLength: 40 }).map((codes) => Buffer.from(codes).toString('latin1'))
  const printable = fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).map((text) => text.replaceAll(' ', '+'))
  const encoded = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => encodeURIComponent(text.toWellFormed()))
  const odd = fc.oneof(bytes, printable, encoded)
  const pair = fc
    .tuple(fc.oneof(fc.constantFrom(...names), odd), fc.oneof(fc.constantFrom(...values), odd))
    .map(([name, value]) => `${name}=${value.replaceAll(' ', '%20')}`)
  const target = fc
    .tuple(
      fc.oneof(
        fc.constantFrom(...paths),
        fc.tuple(fc.constantFrom(...paths), odd).map(([path, more]) => `${path}/${more}`),
        odd.map((text) => `/${text}`),
      ),
      fc.array(pair, { maxLength: 4 }),
    )
    .map(([path, query]) => (query.length === 0 ? path : `${path}?${query.join('&')}`))

  const check = async (bytesSent: Buffer) => {
    const answer = await send(bytesSent)
    expect(answer.status).toBeGreaterThanOrEqual(200)
    expect(answer.status).toBeLessThan(500)
    if (answer.status >= 400) await readProblem(answer, answer.status)
  }

  it('nothing is a 5xx, and every 4xx is a problem of its status', async () => {
    await fc.assert(
      fc.asyncProperty(target, async (address) => {
        await check(Buffer.from(`GET ${address} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`, 'latin1'))
      }),
      { numRuns: 600 },
    )
  })

  it('that holds however the request is dressed', async () => {
    const method = fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'PATCH')
    const headers = [
      ...['Accept: text/csv', 'Accept: image/png', 'Accept: ;;;', 'Accept: */*;q=x', 'Accept:', 'If-None-Match: *'],
      ...['If-None-Match: "', 'If-None-Match: W/', 'If-Modified-Since: yesterday', 'Range: bytes=0-1', 'TE: trailers'],
      ...['Accept-Encoding: *', 'Accept-Encoding: gzip;q=2', 'Origin: null', 'X-Request-Id: \u00E9', 'Cookie: a=b'],
      ...['Content-Type: application/json', 'Content-Type: /', 'Access-Control-Request-Method: DELETE'],
    ]
    await fc.assert(
      fc.asyncProperty(
        method,
        fc.constantFrom(...paths),
        fc.subarray(headers, { maxLength: 3 }),
        async (how, path, dress) => {
          const head = [`${how} ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...dress]
          const answer = await send(Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'))
          expect(answer.status).toBeGreaterThanOrEqual(200)
          expect(answer.status).toBeLessThan(500)
          if (answer.status >= 400 && how !== 'HEAD') await readProblem(answer, answer.status)
        },
      ),
      { numRuns: 300 },
    )
  })
})
