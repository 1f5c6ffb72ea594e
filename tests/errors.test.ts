import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { errorHandler, ProblemError } from '../src/errors.ts'

test.each([
  ['refused on purpose is told by the line of its request alone', new ProblemError(503, 'Ask again later.'), 503, 0],
  ['a fault of ours is logged', new Error('SQLITE_CORRUPT: no such column'), 500, 1],
])('what is %s', async (_, error, status, logged) => {
  const lines: string[] = []
  const stream = { write: (line: string) => lines.push(line) }
  const app = Fastify({ logger: { level: 'error', stream } }).setErrorHandler(errorHandler(''))
  app.get('/', () => {
    throw error
  })
  expect((await app.inject('/')).statusCode).toBe(status)
  expect(lines).toHaveLength(logged)
})
