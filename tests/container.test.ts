import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { Config } from '../src/config.ts'
import { logLines, startProgram } from './support/process.ts'

const root = resolve(import.meta.dirname, '..')
/** The instructions of the stage that is shipped, continued lines joined. */
const shipped = readFileSync(join(root, 'Dockerfile'), 'utf8')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => /^[A-Z]/.test(line))
  .reduce<string[]>((stage, line) => (line.startsWith('FROM ') ? [line] : [...stage, line]), [])
const instruction = (name: string) => shipped.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? ''
/** A command in the form that needs no shell. */
const command = (text: string) => JSON.parse(text.slice(text.indexOf('['))) as [string, ...string[]]

let database: string
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'container-'))
  database = join(folder, 'metrics.db')
  copyFileSync(inject('builtDatabase'), database)
  return () => {
    rmSync(folder, { recursive: true })
  }
})

describe('the image', () => {
  test('runs as a user by number who is not root and owns nothing', () => {
    expect(instruction('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    expect(shipped.at(-1)).toMatch(/^CMD /)
    expect(shipped.filter((line) => /^(COPY|ADD)\b.*--ch(own|mod)|^VOLUME/.test(line))).toEqual([])
  })

  test('sets only what is a setting', () => {
    const names = instruction('ENV')
      .split(' ')
      .map((setting) => setting.split('=')[0])
    expect(names).toEqual(expect.arrayContaining(['HOST', 'PORT', 'DATABASE_PATH']))
    for (const name of names) expect(['NODE_ENV', ...Object.keys(Config.shape)]).toContain(name)
  })

  test('tells V8 what npm start tells it', () => {
    const told = manifest.scripts.start.split(' ').filter((word) => word.startsWith('--'))
    expect(told).not.toEqual([])
    expect(command(instruction('CMD'))).toEqual(expect.arrayContaining(told))
    const documents = ['README.md', 'docs/operations.md'].map((name) => readFileSync(join(root, name), 'utf8'))
    const commands = documents.flatMap((text) => text.match(/node [^`\n]*src\/server\.js/g) ?? [])
    expect(commands.length).toBeGreaterThan(2)
    for (const line of commands) expect(line).toBe(`node ${told.join(' ')} src/server.js`)
  })

  test('starts a process that can neither write, nor start a process or a thread', async () => {
    const [, ...args] = command(instruction('CMD'))
    const rights = ['fs.write', 'child', 'worker', 'wasi', 'fs.read', 'net']
    const asked = startProgram(process.execPath, [
      ...args.slice(0, -1),
      '-p',
      `JSON.stringify(${JSON.stringify(rights)}.map((r) => process.permission.has(r)))`,
    ])
    expect(await asked.exited).toBe(0)
    expect(JSON.parse(asked.output())).toEqual([false, false, false, false, true, true])
  })

  test('serves everything under these rights, is healthy while it does, and not any more when it has ended', async () => {
    const [, ...args] = command(instruction('CMD'))
    const environment = { PORT: '0', TELEMETRY_PORT: '0', DATABASE_PATH: database }
    const server = startProgram(process.execPath, args, { environment })
    const [line = ''] = await server.printed(/^.*"msg":"serving".*$/m)
    const { address, metrics } = JSON.parse(line) as { address: string; metrics: string }
    const paths = [
      ...['/', '/docs/', '/docs/static/swagger-ui-bundle.js', '/openapi.yaml', '/v1/dataset', '/readyz'],
      ...['json', 'csv', 'ndjson', 'parquet'].map((format) => `/v1/figures?format=${format}`),
      '/v1/figures?q=coca&sort=value',
      '/v1/figures/inl-2019-coca-cultivation-2017/citation',
    ]
    for (const path of paths) {
      const answer = await fetch(`${address}${path}`)
      await answer.arrayBuffer()
      expect(answer.status, path).toBe(200)
    }
    expect(await (await fetch(metrics)).text()).toMatch(/^process_resident_memory_bytes \d+$/m)

    const [, ...check] = command(instruction('HEALTHCHECK'))
    const health = async () =>
      await startProgram(process.execPath, check, { environment: { PORT: new URL(address).port } }).exited
    expect(await health()).toBe(0)
    server.child.kill('SIGTERM')
    expect(await server.exited).toBe(0)
    expect(await health()).toBe(1)
    // Nothing but the log: no warning of the runtime gets between its lines.
    expect(logLines(server.output()).at(-1)).toMatchObject({ msg: 'stopped' })
  })

  test('says plainly that it cannot build a database where there is none', async () => {
    const [, ...args] = command(instruction('CMD'))
    const missing = { PORT: '0', DATABASE_PATH: join(root, 'data', 'there-is-no-such.db') }
    const server = startProgram(process.execPath, args, { environment: missing })
    const [code] = (await once(server.child, 'close')) as [number]
    expect(code).toBe(1)
    expect(server.output()).toMatch(/^there is no database at /)
  })
})
