import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { createMetrics, requestRecorder, traceOf } from '../src/telemetry.ts'
import { freePort, logLines, start, type LogLine } from './support/process.ts'

let database: string
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'telemetry-'))
  database = join(folder, 'metrics.db')
  copyFileSync(inject('builtDatabase'), database)
  return () => {
    rmSync(folder, { recursive: true })
  }
})

/** The service with metrics, each at a free port; resolves when it serves. */
async function serve(environment: Record<string, string> = {}) {
  const server = start('src/server.js', {
    environment: { TELEMETRY_PORT: '0', DATABASE_PATH: database, ...environment },
  })
  const [line = ''] = await server.printed(/^.*"msg":"serving".*$/m)
  const { address, metrics = '' } = JSON.parse(line) as { address: string; metrics?: string }
  return {
    ...server,
    url: address,
    metrics,
    /** The value of a metric with its labels, as it is exposed. */
    value: async (series: string) => {
      const exposed = await (await fetch(metrics)).text()
      const found = exposed.split('\n').find((text) => text.startsWith(`${series} `))
      return found === undefined ? undefined : Number(found.slice(series.length))
    },
    /** Ends the service; its log, whole. */
    end: async () => {
      server.child.kill('SIGTERM')
      expect(await server.exited).toBe(0)
      return logLines(server.output())
    },
  }
}

const requestsOf = (lines: LogLine[]) => lines.filter(({ msg }) => msg === 'request')

/** Asks and reads the answer to its end. */
const ask = async (url: string, init?: RequestInit) => {
  const answer = await fetch(url, init)
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

/** Holds an address, and whatever it leads to, to telling nothing of the process. */
async function expectNoneAt(url: string) {
  const { headers, text } = await ask(url)
  expect(headers.get('content-type')).toMatch(/^application\/json/)
  expect(text).not.toContain('# TYPE')
}

describe('the line of a request', () => {
  const fields = { method: 'GET', route: '/v1/figures/:id', status: 200, seconds: 0.0123456, bytes: 7 }
  const about = { ...fields, request_id: 'a.b-c_1', trace: undefined, aborted: false }

  test('is one of JSON, whatever the address', () => {
    const anyAddress = fc.string({ unit: 'binary' }).map((text) => `/${text}`)
    fc.assert(
      fc.property(anyAddress, anyAddress, (path, query) => {
        const lines: string[] = []
        const url = `${path.replaceAll(/[?#]/g, '')}?${query}`
        requestRecorder({ level: 'debug', stream: { write: (line) => lines.push(line) } })({ ...about, url })
        expect(lines).toHaveLength(1)
        expect(lines[0]).toMatch(/^[^\n]*\n$/)
        const line = JSON.parse(lines[0] ?? '') as LogLine
        expect(line).toMatchObject({ duration_ms: 12.346, query: `?${query}`, request_id: 'a.b-c_1', msg: 'request' })
        expect(line['path']).toBe(url.slice(0, Math.min(200, url.indexOf('?'))))
      }),
    )
  })

  test('is written from its level on', () => {
    const levels = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const
    const quiet = ['/livez', '/readyz'].map((route) => ({ status: 200, route }))
    const kinds = [{ status: 500 }, { status: 503 }, { status: 404 }, ...quiet]
    const written = levels.map((level) => {
      const lines: string[] = []
      const counted: number[] = []
      const metrics = { observe: ({ status }: { status: number }) => counted.push(status) }
      const record = requestRecorder({ level, stream: { write: (line) => lines.push(line) } }, metrics)
      for (const kind of kinds) record({ ...about, url: '/', ...kind })
      // Counted is every request, whether or not the log tells of it.
      expect(counted).toEqual(kinds.map(({ status }) => status))
      return lines.map((line) => (JSON.parse(line) as LogLine).level)
    })
    const all = ['error', 'warn', 'info', 'debug', 'debug']
    expect(written).toEqual([[], [], ...[1, 2, 3, 5, 5].map((length) => all.slice(0, length))])
  })
})

describe('the log', () => {
  test('has one line for each finished request, with what is known of it and nothing of its client', async () => {
    const service = await serve()
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    await ask(`${service.url}/v1/figures?q=helicopters&limit=1`, {
      headers: {
        'x-request-id': 'mine',
        traceparent: `00-${trace}-00f067aa0ba902b7-01`,
        'user-agent': 'secret-agent',
        authorization: 'Bearer secret',
        referer: 'https://secret.example',
      },
    })
    await ask(`${service.url}/v1/figures/nobody`, { headers: { traceparent: `00-${trace}-0000000000000000-01` } })
    const lines = await service.end()
    expect(requestsOf(lines)).toEqual([
      {
        level: 'info',
        time: expect.any(Number) as number,
        pid: service.child.pid,
        method: 'GET',
        route: '/v1/figures',
        path: '/v1/figures',
        status: 200,
        duration_ms: expect.any(Number) as number,
        bytes: expect.any(Number) as number,
        request_id: 'mine',
        trace_id: trace,
        parent_id: '00f067aa0ba902b7',
        cache: 'miss',
        msg: 'request',
      },
      expect.objectContaining({ route: '/v1/figures/:id', path: '/v1/figures/nobody', status: 404 }),
    ])
    // A traceparent that breaks the standard is as if there were none.
    expect(requestsOf(lines)[1]).not.toHaveProperty('trace_id')
    expect(service.output()).not.toMatch(/secret|helicopters|127\.0\.0\.1:\d+"?,"method/)
  })

  test('says with which release, digest and address the process serves, and how it ended', async () => {
    const service = await serve()
    const { data } = (await (await fetch(`${service.url}/v1/dataset`)).json()) as { data: Record<string, string> }
    const lines = await service.end()
    expect(lines.find(({ msg }) => msg === 'serving')).toMatchObject({
      release: data['version'],
      digest: data['digest'],
      address: service.url,
      metrics: service.metrics,
    })
    expect(lines.slice(-2)).toMatchObject([{ msg: 'stopping', signal: 'SIGTERM' }, { msg: 'stopped' }])
  })

  test('tells of probes only when they fail, and of queries only to whoever wants details', async () => {
    const [plain, detailed] = [await serve(), await serve({ LOG_LEVEL: 'debug' })]
    for (const { url } of [plain, detailed]) {
      await ask(`${url}/livez`)
      await ask(`${url}/readyz?x=1`)
      await ask(`${url}/v1/figures?q=helicopters`)
    }
    const told = requestsOf(await plain.end())
    expect(told.map(({ path, status }) => [path, status])).toEqual([
      ['/readyz', 400],
      ['/v1/figures', 200],
    ])
    expect(requestsOf(await detailed.end()).map(({ level, path, query }) => [level, path, query])).toEqual([
      ['debug', '/livez', undefined],
      ['info', '/readyz', '?x=1'],
      ['info', '/v1/figures', '?q=helicopters'],
    ])
  })

  test('LOG_LEVEL=silent says nothing, not even at the end', async () => {
    const port = await freePort()
    const server = start('src/server.js', {
      environment: { PORT: String(port), DATABASE_PATH: database, LOG_LEVEL: 'silent' },
    })
    // An answer shows that it is up, since it does not say so.
    for (let up = false; !up && server.child.exitCode === null;) {
      up = await fetch(`http://127.0.0.1:${port}/livez`).then(
        (answer) => answer.ok,
        () => false,
      )
    }
    server.child.kill('SIGTERM')
    expect(await server.exited).toBe(0)
    expect(server.output()).toBe('')
  })

  test('tells of what Node refuses before there is a route, and of a client that leaves', async () => {
    const service = await serve()
    const { port } = new URL(service.url)
    for (const bytes of ['garbage\r\n\r\n', 'GET /livez HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n\r\n']) {
      const socket = connect(Number(port), '127.0.0.1')
      socket.write(bytes)
      await once(socket, 'data')
      socket.destroy()
    }
    await ask(`${service.url}/%`)
    await ask(`${service.url}/v1/figures`, { method: 'DELETE' })
    // The whole dataset many times over is more than the connection takes unread.
    const leaver = connect(Number(port), '127.0.0.1')
    leaver.pause()
    leaver.write('GET /v1/figures?format=ndjson HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(200))
    await once(leaver, 'readable')
    leaver.destroy()
    await service.printed(/"aborted":true/)
    const aborted = await service.value('http_requests_aborted_total{route="/v1/figures"}')
    expect(aborted).toBeGreaterThan(0)
    const lines = requestsOf(await service.end())
    expect(lines.slice(0, 4).map(({ method, route, path, status }) => [method, route, path, status])).toEqual([
      ['other', 'unparsed', '', 400],
      ['GET', 'unmatched', '/livez', 417],
      ['GET', 'unmatched', '/%', 400],
      ['DELETE', 'unmatched', '/v1/figures', 405],
    ])
    for (const { bytes, request_id } of lines.slice(0, 4)) {
      expect(bytes).toBeGreaterThan(100)
      expect(request_id).toMatch(/^[\w.-]{1,64}$/)
    }
  })

  test('counts the bytes of each answer on a connection, also of those asked for before the last was sent', async () => {
    const service = await serve()
    const { port } = new URL(service.url)
    const socket = connect(Number(port), '127.0.0.1')
    let received = 0
    socket.on('data', (chunk) => (received += chunk.length))
    const request = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`
    socket.write(request('/v1/figures') + request('/v1/metrics') + request('/v1/dataset', 'Connection: close\r\n'))
    await once(socket, 'close')
    const sizes = requestsOf(await service.end()).map(({ bytes }) => Number(bytes))
    expect(sizes).toHaveLength(3)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(received)
    expect(Math.min(...sizes)).toBeGreaterThan(500)
  })

  test('loses no line when the process is ended amid requests', async () => {
    const service = await serve()
    const answered: string[] = []
    const ended = new AbortController()
    const client = async (name: number) => {
      for (let number = 0; !ended.signal.aborted; number++) {
        const id = `client-${name}-${number}`
        // What the end leaves without an answer is asked by nobody any more.
        const answer = await ask(`${service.url}/v1/metrics?limit=1`, { headers: { 'x-request-id': id } }).catch(
          () => undefined,
        )
        if (answer === undefined) return
        answered.push(id)
        if (answered.length === 1500) service.child.kill('SIGTERM')
      }
    }
    const clients = Array.from({ length: 16 }, (_, name) => client(name))
    expect(await service.exited).toBe(0)
    ended.abort()
    await Promise.all(clients)
    const lines = logLines(service.output())
    const told = requestsOf(lines).map(({ request_id }) => String(request_id))
    expect(answered.length).toBeGreaterThanOrEqual(1500)
    expect(new Set(told).size).toBe(told.length)
    expect(new Set(answered).difference(new Set(told))).toEqual(new Set())
    expect(lines.at(-1)).toMatchObject({ msg: 'stopped' })
  })
})

describe('a traceparent', () => {
  const [trace_id, parent_id] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7']

  test.each([
    `00-${trace_id}-${parent_id}-01`,
    `00-${trace_id}-${parent_id}-00`,
    `cc-${trace_id}-${parent_id}-01-more`,
  ])('%s is read', (header) => {
    expect(traceOf(header)).toEqual({ trace_id, parent_id })
  })

  test.each([
    undefined,
    '',
    trace_id,
    `00-${trace_id}-${parent_id}`,
    `00-${trace_id}-${parent_id}-01-more`,
    `cc-${trace_id}-${parent_id}-01more`,
    `ff-${trace_id}-${parent_id}-01`,
    `00-${trace_id.toUpperCase()}-${parent_id}-01`,
    `00-${'0'.repeat(32)}-${parent_id}-01`,
    `00-${trace_id}-${'0'.repeat(16)}-01`,
    `00-${trace_id}-${parent_id}-01, 00-${trace_id}-${parent_id}-01`,
    ` 00-${trace_id}-${parent_id}-01`,
  ])('%j is none', (header) => {
    expect(traceOf(header)).toBeUndefined()
  })
})

describe('the metrics', () => {
  test('count one route and status apart by method', async () => {
    const metrics = await createMetrics({ version: '1', release: '1', digest: '1' }, () => 0)
    for (const method of ['GET', 'HEAD', 'GET', 'BREW']) {
      metrics.observe({ method, route: '/v1', status: 200, seconds: 0.001, aborted: false })
    }
    const { text } = await metrics.expose()
    const counted = [...text.matchAll(/^http_requests_total\{method="(\w+)",route="\/v1",status="200"\} (\d+)$/gm)]
    expect(counted.map(([, ...found]) => found)).toEqual([
      ['GET', '2'],
      ['HEAD', '1'],
      ['other', '1'],
    ])
  })

  test('count requests by method, pattern of the route and status, never by path', async () => {
    const service = await serve()
    const ids = ['inl-2019-coca-cultivation-2017', 'nobody', 'nothing']
    for (const id of ids) await ask(`${service.url}/v1/figures/${id}`)
    for (const path of ['/a', '/b', '/c']) await ask(`${service.url}${path}`)
    await ask(`${service.url}/v1/metrics`, { method: 'PURGE' })
    const { headers } = await ask(`${service.url}/v1/metrics`)
    await ask(`${service.url}/v1/metrics`, { headers: { 'if-none-match': headers.get('etag') ?? '' } })

    const exposed = (await ask(service.metrics)).text
    const counted = [...exposed.matchAll(/^http_requests_total\{(.*)\} (\d+)$/gm)].map(([, of, count]) => [of, count])
    expect(counted.toSorted()).toEqual([
      ['method="GET",route="/v1/figures/:id",status="200"', '1'],
      ['method="GET",route="/v1/figures/:id",status="404"', '2'],
      ['method="GET",route="/v1/metrics",status="200"', '1'],
      ['method="GET",route="/v1/metrics",status="304"', '1'],
      ['method="GET",route="unmatched",status="404"', '3'],
      ['method="other",route="unmatched",status="405"', '1'],
    ])
    expect(exposed).not.toMatch(/nobody|nothing|PURGE/)
    expect(await service.value('http_request_duration_seconds_count{route="/v1/figures/:id"}')).toBe(3)
    const { data } = (await (await fetch(`${service.url}/v1/dataset`)).json()) as { data: Record<string, string> }
    expect(exposed).toMatch(
      new RegExp(`^service_info\\{version=".*",release="${data['version']}",digest="${data['digest']}"\\} 1$`, 'm'),
    )
    expect(await service.value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0)
  })

  test('and the log tell what the memory of finished answers gave, before routing too', async () => {
    const service = await serve()
    for (const id of ['first', 'second', 'third']) {
      await ask(`${service.url}/v1/metrics?limit=2`, { headers: { 'x-request-id': id } })
    }
    // A spelling that has not been seen is known for another of the same only when it is read.
    for (const id of ['fourth', 'fifth']) {
      await ask(`${service.url}/v1/metrics?limit=%32`, { headers: { 'x-request-id': id } })
    }
    expect(await service.value('http_cache_requests_total{result="miss"}')).toBe(1)
    expect(await service.value('http_cache_requests_total{result="hit"}')).toBe(4)
    expect(await service.value('http_requests_total{method="GET",route="/v1/metrics",status="200"}')).toBe(5)
    const lines = requestsOf(await service.end())
    expect(lines.map(({ request_id, route, cache }) => [request_id, route, cache])).toEqual([
      ['first', '/v1/metrics', 'miss'],
      ['second', '/v1/metrics', 'hit'],
      ['third', '/v1/metrics', 'hit'],
      ['fourth', '/v1/metrics', 'hit'],
      ['fifth', '/v1/metrics', 'hit'],
    ])
  })

  test('stand on their own port only, which has nothing else', async () => {
    const service = await serve()
    await expectNoneAt(`${service.url}/metrics`)
    const exposed = await ask(service.metrics)
    expect(exposed.status).toBe(200)
    expect(exposed.headers.get('content-type')).toMatch(/^text\/plain; version=/)
    for (const path of ['/', '/livez', '/v1/figures', '/metrics/']) {
      expect((await ask(new URL(path, service.metrics).href)).status, path).toBe(404)
    }
    expect((await ask(service.metrics, { method: 'POST' })).status).toBe(405)
    const head = await ask(service.metrics, { method: 'HEAD' })
    expect([head.status, head.text]).toEqual([200, ''])
  })

  test('are off where no port is set', async () => {
    const service = await serve({ TELEMETRY_PORT: '' })
    expect(service.metrics).toBe('')
    await expectNoneAt(`${service.url}/metrics`)
  })

  test('a port for them that is taken is one line and exit 1', async () => {
    const service = await serve()
    const second = start('src/server.js', {
      environment: {
        TELEMETRY_PORT: new URL(service.metrics).port,
        DATABASE_PATH: database,
        LOG_LEVEL: 'silent',
      },
    })
    expect(await second.exited).toBe(1)
    expect(second.output().trim()).toMatch(/^cannot listen \(listen EADDRINUSE[^\n]*\); set HOST, PORT and [^\n]*$/)
  })
})
