/** What a start loads: the time it takes is that of loading, and what is loaded can be told without a clock. */
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { expect, inject, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { startProgram } from './support/process.ts'
import { root, temporaryFolder } from './support/seed.ts'

/** A program to be loaded before the service: at the end it writes which modules were loaded, Node's own by their names. */
const witness = `data:text/javascript,${encodeURIComponent(`
  import { writeFileSync } from 'node:fs'
  import { registerHooks } from 'node:module'
  const loaded = []
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
  process.on('exit', () => writeFileSync(process.env.LOADED, JSON.stringify([...loaded, ...process.moduleLoadList])))
`)}`

/** What V8 is told wherever the service is started. */
const told = manifest.scripts.start.split(' ').filter((word) => word.startsWith('--'))

/** The service, in a folder, asked for paths; what it has loaded in all. */
async function loadedFor(paths: readonly string[], folder = root, settings = {}): Promise<string[]> {
  const report = join(temporaryFolder(), 'loaded.json')
  const environment = { PORT: '0', DATABASE_PATH: inject('builtDatabase'), LOADED: report, ...settings }
  const server = startProgram(process.execPath, [...told, '--import', witness, 'src/server.js'], {
    cwd: folder,
    environment,
  })
  const [line = ''] = await server.printed(/^.*"msg":"serving".*$/m)
  const { address } = JSON.parse(line) as { address: string }
  for (const path of paths) {
    const ask = async () => {
      const answer = await fetch(address + path)
      await answer.arrayBuffer()
      return answer.status
    }
    // On a machine that is busy elsewhere, what is loaded may keep the event loop for so long that the next request is shed.
    let status = await ask()
    while (status === 503) {
      await pause(500)
      status = await ask()
    }
    expect(status, path).toBe(200)
  }
  server.child.kill('SIGTERM')
  expect(await server.exited).toBe(0)
  return JSON.parse(readFileSync(report, 'utf8')) as string[]
}

/** What a module is of: its package, else its own name. */
const packageOf = (module: string) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1] ?? module

/** What few requests need. A list is asked for as most clients ask, who take compressed answers. */
const few = {
  '/openapi.yaml': ['@fastify/swagger', 'fastify-zod-openapi', 'zod-openapi', 'ajv', 'yaml'],
  '/docs/': ['@fastify/swagger-ui', '@fastify/static', 'light-my-request'],
  '/v1/figures?format=parquet': ['hyparquet', 'hyparquet-writer'],
  '/v1/figures/inl-2019-coca-cultivation-2017/citation?format=text': ['@citation-js/core', '@citation-js/plugin-csl'],
}

test('a first list has loaded nothing that few requests need, nor what only the load needs', async () => {
  const loaded = await loadedFor(['/v1/figures?limit=50'])
  const packages = new Set(loaded.map(packageOf))
  for (const name of ['fastify', 'zod', 'drizzle-orm', '@fastify/compress']) expect(packages).toContain(name)
  const unneeded = [...Object.values(few).flat(), 'vega', 'vega-lite', 'edtf', 'prom-client']
  expect(unneeded.filter((name) => packages.has(name))).toEqual([])
  expect(loaded).not.toContain('NativeModule internal/deps/undici/undici')
})

test('of its libraries a first list has not loaded what nothing here uses of them', async () => {
  const loaded = await loadedFor(['/v1/figures?limit=50'])
  const of = (folder: string) => loaded.filter((module) => module.includes(`/node_modules/${folder}/`))
  // English is the language of the messages that zod has of its own.
  expect(of('zod/v4/locales').map((module) => basename(module))).toEqual(['en.js'])
  expect(of('drizzle-orm/pg-core/columns').length).toBeLessThan(5)
  // The module that chooses between Node's own streams and a copy of them.
  expect(of('readable-stream').length).toBe(1)
  expect(of('semver').length).toBeLessThan(25)
  for (const folder of ['semver/ranges', 'mime-db', 'thread-stream']) expect(of(folder), folder).toEqual([])
  for (const name of ['tls', 'https', 'http2']) expect(loaded).not.toContain(`NativeModule ${name}`)
})

test('the start loads no more modules than it needs, each of which it would wait for', async () => {
  const loaded = await loadedFor(['/v1/figures?limit=50'])
  expect(loaded.filter((module) => module.startsWith('file:')).length).toBeLessThan(395)
})

test.each(['drizzle-orm', 'zod'])('every .js of %s is an ECMAScript module, as the start takes it to be', (name) => {
  const manifests = globSync(`node_modules/${name}/**/package.json`, { cwd: root })
  expect(manifests.length).toBeGreaterThan(0)
  for (const manifest of manifests) {
    expect(JSON.parse(readFileSync(join(root, manifest), 'utf8')), manifest).toMatchObject({ type: 'module' })
  }
})

test.each(['drizzle-orm', 'drizzle-orm/better-sqlite3', 'drizzle-orm/sqlite-core'])(
  '%s is where the start takes it to be, whatever its package.json says',
  (name) => {
    const program = `process.stdout.write(import.meta.resolve('${name}'))`
    const found = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: root })
    expect(found.toString()).toBe(pathToFileURL(join(root, 'node_modules', name, 'index.js')).href)
  },
)

test('those requests load it, as this test would see', async () => {
  const packages = new Set((await loadedFor(Object.keys(few))).map(packageOf))
  expect(
    Object.values(few)
      .flat()
      .filter((name) => !packages.has(name)),
  ).toEqual([])
})

test('V8 is told nothing for which it would throw away what was compiled otherwise, and Node its own modules with it', () => {
  expect(told.length).toBeGreaterThan(0)
  const tagFor = (options: readonly string[]) =>
    execFileSync(process.execPath, [...options, '--print', 'v8.cachedDataVersionTag()']).toString()
  expect(tagFor(told)).toBe(tagFor([]))
  expect(tagFor([...told, '--heap-growing-percent=50']), 'as this test would see').not.toBe(tagFor([]))
})

test('V8 is told the same wherever the service is started', () => {
  const text = (file: string) => readFileSync(join(root, file), 'utf8')
  const [, command = '[]'] = /^CMD (.*)$/m.exec(text('Dockerfile')) ?? []
  const starts = ['README.md', 'docs/operations.md'].flatMap((file) => {
    const found = [...text(file).matchAll(/node ((?:--\S+ )*)src\/server\.js/g)]
    expect(found.length, file).toBeGreaterThan(0)
    return found.map(([, options = '']) => options.trim().split(' '))
  })
  // What follows there is about rights and warnings of Node's.
  const image = (JSON.parse(command) as string[]).slice(1, 1 + told.length)
  for (const options of [...starts, image]) expect(options).toEqual(told)
})

test('what was compiled is kept for every user, wherever the code is by then', async () => {
  const stripsTypes = 'NativeModule internal/deps/amaro/dist/index'
  const [build, serve] = [join(temporaryFolder(), 'build'), join(temporaryFolder(), 'serve')]
  for (const name of ['src', 'package.json']) cpSync(join(root, name), join(build, name), { recursive: true })
  // A folder of packages of its own, which is where compiled code is kept, with the packages of the project.
  const packages = join(root, 'node_modules')
  mkdirSync(join(build, 'node_modules'))
  for (const name of readdirSync(packages).filter((name) => !name.startsWith('.'))) {
    symlinkSync(join(packages, name), join(build, 'node_modules', name))
  }
  // Not where tests have theirs kept.
  const own = { NODE_COMPILE_CACHE: '' }
  const environment = { DATABASE_PATH: inject('builtDatabase'), ...own }
  expect(await loadedFor(['/v1/figures'], build, { NODE_DISABLE_COMPILE_CACHE: '1' })).toContain(stripsTypes)
  expect(await startProgram(process.execPath, ['src/commands/warm.js'], { cwd: build, environment }).exited).toBe(0)
  const kept = globSync('node_modules/.cache/*/*/*', { cwd: build })
  expect(kept.length).toBeGreaterThan(100)
  expect(kept.filter((file) => (statSync(join(build, file)).mode & 0o777) !== 0o644)).toEqual([])
  cpSync(build, serve, { recursive: true, verbatimSymlinks: true })
  rmSync(build, { recursive: true })
  expect(await loadedFor(['/v1/figures'], serve, own)).not.toContain(stripsTypes)
})
