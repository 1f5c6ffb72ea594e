/**
 * How connections end: what was asked on them is answered, whole and in order, before anything else is said; who sends in
 * time is not refused because the service was busy; and who does not, or never closes, is not waited for.
 */
import { subscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { buildDatabase, buildSyntheticDatabase } from '../../src/seed/build.ts'
import { startServer } from '../support/process.ts'
import { temporaryFolder } from '../support/seed.ts'
import { readProblem, startService, type RunningService } from '../support/service.ts'
import { converse, readAnswers } from '../support/wire.ts'

/** How long a request may take to arrive, in milliseconds. */
const requestTimeout = 400
const muchLonger = 3 * requestTimeout

/** What happens when a request comes that names it, in a hook that only these tests add: it is answered afterwards. */
const events = new Map<string, () => Promise<void>>([
  ['slow', () => pause(muchLonger)],
  ['slower', () => pause(3 * muchLonger)],
])
subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: FastifyInstance }
  fastify.addHook('onRequest', async ({ headers }) => {
    await events.get(String(headers['x-test-event']))?.()
  })
})

/** Figures enough that an export is larger than all buffers between the service and its reader. */
const many = 20_000

let service: RunningService
let port: number
beforeAll(async () => {
  service = await startService({
    requestTimeout,
    build: (path) => {
      buildSyntheticDatabase(path, { figures: many, seed: 1 })
    },
  })
  port = (service.app.server.address() as AddressInfo).port
}, 120_000)
afterAll(() => service.close())

const get = (target: string, ...headers: string[]) =>
  [`GET ${target} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n')
const [alive, nothing, asked] = [get('/livez'), get('/nothing'), get('/v1/metrics?limit=1')]
const inTwo = (bytes: string) => [bytes.slice(0, 20), bytes.slice(20)] as const

/** Keeps the event loop from turning, as much work does. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

/** The statuses of the answers in a stream of bytes, each of which is whole. */
function statusesIn(bytes: Buffer): number[] {
  const answers = readAnswers(bytes)
  for (const { status, complete } of answers) expect(complete, `the ${status} is whole`).toBe(true)
  return answers.map(({ status }) => status)
}

describe('a connection that is kept', () => {
  const idle = 500
  const open = async (settings: { idle?: number; standstill?: number }) => {
    const kept = await startService(settings)
    onTestFinished(() => kept.close())
    return (kept.app.server.address() as AddressInfo).port
  }
  const timed = async (at: number, use: Parameters<typeof converse>[1]) => {
    const begin = performance.now()
    const answers = readAnswers(await converse(at, use))
    return { took: performance.now() - begin, answers }
  }

  it('is told for how long, answers from memory or not, and ends without a word after that', async () => {
    const { took, answers } = await timed(await open({ idle }), (socket) => {
      socket.write(asked + asked + get('/livez', 'Expect: a-miracle') + alive)
    })
    expect(answers.map(({ status, complete }) => [status, complete])).toEqual(
      [200, 200, 417, 200].map((status) => [status, true]),
    )
    for (const { headers } of answers) {
      expect([headers.connection, headers['keep-alive']]).toEqual(['keep-alive', 'timeout=72'])
    }
    expect(took).toBeGreaterThanOrEqual(idle - 10)
  })

  it('stays while it is used now and then, and is not told to stay once it is closed', async () => {
    const times = 6
    const { took, answers } = await timed(await open({ idle }), async (socket) => {
      for (let time = 0; time < times; time += 1) {
        socket.write(asked)
        await pause(idle / 2)
      }
      socket.write(get('/livez', 'Connection: close'))
    })
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: times + 1 }, () => 200))
    expect(answers.at(-1)?.headers['keep-alive']).toBeUndefined()
    expect(took).toBeGreaterThan((idle / 2) * times - 50)
  })

  it('is not ended over what came in time, though the service was too busy to read it', async () => {
    const { answers } = await timed(await open({ idle }), async (socket) => {
      socket.write(asked)
      await pause(idle / 2)
      // Then timers come first, and only after them what is to be read.
      await turn()
      socket.write(asked)
      block(2 * idle)
    })
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
  })

  it('stays while its answer is made', async () => {
    const { answers } = await timed(await open({ idle }), (socket) => {
      socket.write(get('/livez', 'X-Test-Event: slower', 'Connection: close'))
    })
    expect(answers.map(({ status, complete }) => [status, complete])).toEqual([[200, true]])
  })

  it('stays once its client has taken what it left standing for a while', async () => {
    const standstill = 1500
    const port = await open({ standstill })
    const socket = connect(port, '127.0.0.1').pause()
    onTestFinished(() => void socket.destroy())
    // More than the system takes, so that some of it waits to be taken.
    const count = 400
    socket.write(get('/v1/figures?limit=1000').repeat(count))
    await pause(standstill / 2)
    let heads = 0
    socket
      .setEncoding('latin1')
      .on('data', (text: string) => (heads += text.split('HTTP/1.1 200').length - 1))
      .resume()
    await expect.poll(() => heads, { timeout: 30_000 }).toBe(count)
    await pause(2 * standstill)
    expect(socket.readyState).toBe('open')
    socket.write(alive)
    await expect.poll(() => heads).toBe(count + 1)
  }, 60_000)
})

it.each([
  ['what is no HTTP', 'nonsense\r\n\r\n', 400],
  ['a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n', 405],
  ['a head without an end', 'GET / HTTP/1.1\r\nHost: x\r\nX: ', 431],
  ['its last request', get('/v1/figures', 'Connection: close'), 200],
])('what a client sends on after %s is taken from it until it has read its answer', async (_what, first, status) => {
  const patient = await startService()
  onTestFinished(() => patient.close())
  const { port } = patient.app.server.address() as AddressInfo
  // More than the system holds for who does not take it.
  const more = Buffer.alloc(16 * 2 ** 20, 'a')
  const bytes = await converse(port, async (socket) => {
    socket.write(first)
    await new Promise<void>((taken, refused) => {
      socket.write(more, (error) => {
        if (error == null) taken()
        else refused(error)
      })
    })
  })
  expect(readAnswers(bytes).map((answer) => [answer.status, answer.complete])).toEqual([[status, true]])
})

describe('who sends in time', () => {
  it.for<[what: string, last: string, answered: number]>([
    ['the rest of a head', get('/nothing', 'Connection: close'), 404],
    [
      'a body',
      'POST /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
      405,
    ],
    ['what is refused by its head', get('/livez', 'Expect: a-miracle', 'Connection: close'), 417],
  ])('is answered although the service was too busy to read %s', async ([, last, answered]) => {
    const cut = last.length - 2
    const bytes = await converse(port, (socket) => {
      events.set('busy', async () => {
        // What came at once is read to its end.
        await turn()
        socket.write(last.slice(cut))
        block(muchLonger)
      })
      socket.write(get('/livez', 'X-Test-Event: busy') + last.slice(0, cut))
    })
    expect(statusesIn(bytes)).toEqual([200, answered])
  })

  it('is answered although what was asked before took long', async () => {
    const [begin, rest] = inTwo(get('/nothing', 'Connection: close'))
    const bytes = await converse(port, (socket) => {
      events.set('slow, then the rest', async () => {
        await pause(muchLonger)
        socket.write(rest)
      })
      socket.write(asked + get('/livez', 'X-Test-Event: slow, then the rest') + asked + begin)
    })
    expect(statusesIn(bytes)).toEqual([200, 200, 200, 404])
  })

  it('is answered although the rest comes when Node has given it up', async () => {
    const [begin, rest] = inTwo(get('/nothing', 'Connection: close'))
    const bytes = await converse(port, async (socket) => {
      socket.write(begin)
      await once(service.app.server, 'clientError')
      socket.write(rest)
    })
    expect(statusesIn(bytes)).toEqual([404])
  })

  it('is answered although Node stopped reading, since more was asked than answers were taken', async () => {
    // Each answer is a fifth of a megabyte, each request longer than what is read at once.
    const requests = Array.from({ length: 50 }, (_, at) =>
      get(`/v1/figures?limit=200&value_min=0.${at}&unit=ha`, `X-Long: ${'a'.repeat(8000)}`),
    )
    const bytes = await converse(port, async (socket) => {
      socket.write(requests.join('') + get('/nothing', 'Connection: close'))
      await once(socket, 'data')
      socket.pause()
      await pause(muchLonger)
      socket.resume()
    })
    expect(statusesIn(bytes)).toEqual([...requests.map(() => 200), 404])
  })

  it('is answered although it closes its side of the connection', async () => {
    const bytes = await converse(port, (socket) => {
      socket.end(
        get('/v1/figures?format=ndjson') + alive + get('/v1/figures?limit=900', 'Accept-Encoding: br') + nothing,
      )
    })
    expect(statusesIn(bytes)).toEqual([200, 200, 200, 404])
  })
})

const slowly = 'GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Test-Event: slower\r\n'

describe('who is refused', () => {
  it.for<[what: string, last: string, status: number]>([
    ['a request that does not end', inTwo(alive)[0], 408],
    ['a body that does not come, while its answer was not ready', `${slowly}Content-Length: 2\r\n\r\n`, 408],
    // Nothing takes a body, so that the answer needs none. It is the answer: no second one comes after it.
    ['a body that does not come', 'POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n', 405],
    ['what is no HTTP', 'nonsense\r\n\r\n', 400],
    ['a head that is too large', get('/livez', `X-Large: ${'a'.repeat(20_000)}`), 431],
  ])('has the answers to all that came before %s', async ([, last, status]) => {
    const bytes = await converse(port, (socket) => {
      socket.write(asked + get('/nothing', 'X-Test-Event: slow') + asked + last)
    })
    expect(statusesIn(bytes)).toEqual([200, 404, 200, status])
    await readProblem(readAnswers(bytes).at(-1) ?? expect.unreachable(), status)
  })

  it.for<[what: string, sent: string, statuses: number[]]>([
    ['the next request does not end', get('/v1/figures?format=ndjson') + inTwo(alive)[0], [200, 408]],
    // The answer was the answer to that request: there is no second one.
    ['its body does not come', get('/v1/figures?format=ndjson', 'Content-Length: 2'), [200]],
  ])('has the answer that it is reading whole, although %s', async ([, sent, statuses]) => {
    const bytes = await converse(port, async (socket) => {
      socket.write(sent)
      await once(socket, 'data')
      socket.pause()
      await pause(muchLonger)
      socket.resume()
    })
    expect(statusesIn(bytes)).toEqual(statuses)
    expect(readAnswers(bytes)[0]?.body.toString('latin1').split('\n')).toHaveLength(many + 1)
  })

  it.for<[who: string, begin: string, whenLate: string, goOn: string, status: number]>([
    ['sends a byte now and then', 'GET /livez HTTP/1.1\r\nX-Slow: ', '', 'a', 408],
    // A request that comes when it was thought late is none that has come whole.
    ['brings the head late and a body now and then', slowly, 'Content-Length: 100000\r\n\r\n', 'a', 408],
    ['sends what is no HTTP', 'nonsense\r\n\r\n', '', '', 400],
    ['sends more and more that is no HTTP', 'nonsense\r\n\r\n', '', 'nonsense\r\n\r\n', 400],
    ['asks on and on after what is no HTTP', 'nonsense\r\n\r\n', '', alive, 400],
  ])('is let go with that one answer, where it %s and never closes', async ([, begin, whenLate, goOn, status]) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined)
    const [served] = (await once(service.app.server, 'connection')) as [Socket]
    socket.write(begin)
    if (whenLate !== '') {
      await once(service.app.server, 'clientError')
      socket.write(whenLate)
    }
    // That it is never let go is told by the time that the test may take.
    while (!served.closed) {
      await pause(requestTimeout / 8)
      socket.write(goOn)
    }
    socket.destroy()
    const [answer = expect.unreachable(), ...more] = readAnswers(Buffer.concat(chunks))
    await readProblem(answer, status)
    expect(more).toEqual([])
  })
})

describe('who asks for a tunnel', () => {
  const tunnel = 'CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere\r\n\r\n'

  it.for<[what: string, before: string, answered: number[]]>([
    ['at once', '', [405]],
    ['after other questions', alive + nothing + asked, [200, 404, 200, 405]],
    ['after a whole file', get('/v1/figures?format=ndjson') + alive, [200, 200, 405]],
  ])('is refused, when all that was asked before is answered: %s', async ([, before, answered]) => {
    const bytes = await converse(port, (socket) => {
      socket.write(before + tunnel + 'what would go through it')
    })
    expect(statusesIn(bytes)).toEqual(answered)
    const refusal = readAnswers(bytes).at(-1)
    if (refusal === undefined) expect.unreachable()
    expect((await readProblem(refusal, 405)).detail).toMatch(/^CONNECT is not possible/)
    expect(refusal.headers).toMatchObject({ allow: 'GET, HEAD, OPTIONS', connection: 'close' })
  })
})

describe('a method that nobody knows', () => {
  const unknown = 'BREW /v1/dataset HTTP/1.1\r\nHost: localhost\r\n\r\n'

  it('is refused as one that is known, with the date as every refusal', async () => {
    const before = Math.floor(Date.now() / 1000) * 1000
    const [answer, ...more] = readAnswers(await converse(port, (socket) => void socket.write(unknown)))
    if (answer === undefined) expect.unreachable()
    expect(more).toEqual([])
    const { detail } = await readProblem(answer, 405)
    expect(detail).toBe('BREW is not possible here: the service is read-only.')
    expect(answer.headers).toMatchObject({ allow: 'GET, HEAD, OPTIONS', connection: 'close' })
    expect(answer.headers.date).toMatch(/^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/)
    const at = Date.parse(String(answer.headers.date))
    expect(at).toBeGreaterThanOrEqual(before)
    expect(at).toBeLessThanOrEqual(Date.now())
  })

  it('is not taken for the method of what was asked before', async () => {
    const answers = readAnswers(await converse(port, (socket) => void socket.write(alive + unknown)))
    const refusal = answers.at(-1)
    if (refusal === undefined) expect.unreachable()
    expect((await readProblem(refusal, 400)).detail).toBe('The request is not valid HTTP.')
  })
})

it('an answer after which the connection closes comes whole, although more was sent than the service reads', async () => {
  const bytes = await converse(port, (socket) => {
    socket.write(get('/v1/figures?format=ndjson', 'Connection: close') + alive.repeat(20_000))
    // Slowly, so that the service is done long before its reader.
    socket.on('data', () => {
      socket.pause()
      setTimeout(() => socket.resume(), 1)
    })
  })
  const [answer = expect.unreachable(), ...more] = readAnswers(bytes)
  expect([answer.status, answer.complete, more]).toEqual([200, true, []])
  expect(answer.body.toString('latin1').split('\n')).toHaveLength(many + 1)
})

describe.concurrent('told to end', { timeout: 60_000 }, () => {
  const database = join(temporaryFolder(afterAll), 'metrics.db')
  beforeAll(() => {
    buildDatabase(database)
  })

  it.for<[what: string, sent: string, statuses: number[]]>([
    ['is in the middle of a request', inTwo(alive)[0], [408]],
    ['is in the middle of its second request', alive + inTwo(alive)[0], [200, 408]],
    [
      'does not send a body that nobody waited for',
      'POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n',
      [405],
    ],
    ['was refused and never closes', 'nonsense\r\n\r\n', [400]],
  ])('the process waits for no client that %s, and ends with 0', async ([, sent, statuses], { onTestFinished }) => {
    const server = await startServer(database, { atEnd: onTestFinished })
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
    onTestFinished(() => void socket.destroy())
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined)
    socket.write(sent)
    const came = () => readAnswers(Buffer.concat(chunks)).map(({ status }) => status)
    while (came().length < statuses.filter((status) => status !== 408).length) await pause(10)
    // What came before this was answered is accepted and read: else the end would find it in the system's queue.
    await fetch(`http://127.0.0.1:${server.port}/livez`)
    server.child.kill('SIGTERM')
    expect(await server.exited, server.output()).toBe(0)
    expect(came()).toEqual(statuses)
  })

  it('the process answers whole what it answers of many questions at once, and says which answer is the last', async ({
    onTestFinished,
  }) => {
    const server = await startServer(database, { atEnd: onTestFinished })
    const long = `X-Long: ${'a'.repeat(4000)}`
    const questions = Array.from({ length: 2000 }, (_, at) =>
      get(`/v1/figures?limit=50&value_min=0.${at}&unit=ha`, long),
    )
    const bytes = await converse(server.port, async (socket) => {
      socket.write(questions.join(''))
      await once(socket, 'data')
      socket.pause()
      server.child.kill('SIGTERM')
      await pause(500)
      socket.resume()
    })
    const answers = readAnswers(bytes)
    expect(new Set(answers.map(({ status, complete }) => `${status} ${complete}`))).toEqual(new Set(['200 true']))
    expect(answers.length).toBeLessThan(questions.length)
    expect(answers.findIndex(({ headers }) => headers.connection === 'close')).toBe(answers.length - 1)
    expect(await server.exited).toBe(0)
  })
})
