import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const src = resolve(import.meta.dirname, '../src')

/** For each layer: which layers it may import from, and which packages it must not know. */
const layers: Record<string, { may: string[]; not?: RegExp }> = {
  'server.ts': { may: ['app.ts', 'config.ts', 'db/client', 'db', 'log.ts', 'openapi.ts', 'telemetry.ts'] },
  commands: { may: ['app.ts', 'commands', 'config.ts', 'db/client', 'routes/service', 'seed', 'server.ts'] },
  'app.ts': {
    may: [
      ...['compression.ts', 'config.ts', 'connections.ts', 'db/client', 'db', 'errors.ts', 'first-use.ts', 'http.ts'],
      ...[
        'log.ts',
        'openapi.ts',
        'query-faults.ts',
        'rate-limit.ts',
        'refusals.ts',
        'requests.ts',
        'routes',
        'telemetry.ts',
      ],
    ],
  },
  'config.ts': { may: [], not: /^(?!zod$)/ },
  'compression.ts': { may: ['first-use.ts'], not: /^(?!fastify$|@fastify\/compress$|lru-cache$|negotiator$)/ },
  'connections.ts': { may: ['refusals.ts'], not: /./ },
  'log.ts': { may: [], not: /^(?!fastify$|pino$)/ },
  'first-use.ts': { may: [], not: /./ },
  'http.ts': { may: [], not: /./ },
  'telemetry.ts': { may: ['config.ts', 'http.ts', 'log.ts'], not: /^(?!fastify$|prom-client$)/ },
  'errors.ts': { may: ['http.ts', 'nearest.ts', 'query-faults.ts', 'schemas/problem'], not: /^(?!fastify$)/ },
  'query-faults.ts': { may: ['nearest.ts', 'schemas/problem', 'schemas/query'], not: /^(?!fastify$|zod$)/ },
  'refusals.ts': { may: ['errors.ts', 'http.ts'], not: /./ },
  'names.ts': { may: [], not: /./ },
  'precision.ts': { may: ['first-use.ts'], not: /./ },
  'nearest.ts': { may: [], not: /^(?!fastest-levenshtein$)/ },
  'openapi.ts': { may: ['http.ts'] },
  'rate-limit.ts': { may: [] },
  'requests.ts': { may: ['config.ts', 'errors.ts', 'http.ts'], not: /^(?!@fastify\/proxy-addr$)/ },
  routes: {
    may: [
      'routes',
      'pages',
      'charts/style',
      'schemas',
      'db/client',
      'db',
      'formats',
      'compression.ts',
      'errors.ts',
      'first-use.ts',
      'http.ts',
      'nearest.ts',
      'names.ts',
      'openapi.ts',
      'precision.ts',
      'query-faults.ts',
    ],
    not: /^(drizzle-orm|better-sqlite3)/,
  },
  // A page is a template of what the API answers: it knows the shapes, and neither where they come from nor who asks.
  pages: { may: ['pages', 'schemas', 'first-use.ts', 'names.ts', 'precision.ts'], not: /^(?!ghtml$)/ },
  schemas: { may: ['schemas'], not: /^(?!zod$)/ },
  formats: { may: ['formats', 'first-use.ts'], not: /^(fastify|drizzle-orm|better-sqlite3)/ },
  'charts/style': { may: [], not: /./ },
  charts: {
    may: ['charts', 'charts/style', 'names.ts', 'precision.ts', 'schemas/vocabularies'],
    not: /^(fastify|drizzle-orm|better-sqlite3|zod)/,
  },
  'db/schema': { may: ['schemas/vocabularies'], not: /^(?!drizzle-orm)/ },
  'db/client': { may: ['db/schema', 'first-use.ts'], not: /fastify/ },
  db: {
    may: [
      'db',
      'db/client',
      'db/keys',
      'db/positions',
      'db/schema',
      'db/spans',
      'first-use.ts',
      'schemas/vocabularies',
    ],
    not: /fastify|^zod/,
  },
  'db/keys': { may: ['db/positions'], not: /./ },
  'db/positions': { may: [], not: /^(?!typedfastbitset$)/ },
  'db/spans': { may: ['db/schema'], not: /./ },
  seed: {
    may: [
      'names.ts',
      'nearest.ts',
      'precision.ts',
      'seed',
      'charts',
      'schemas/vocabularies',
      'db/client',
      'db/keys',
      'db/positions',
      'db/schema',
      'db/spans',
    ],
    not: /fastify/,
  },
}

const files = globSync('**/*.ts', { cwd: src }).filter((file) => !file.endsWith('.d.ts'))

/** The most special layer that a file is in. */
function layerOf(file: string): string | undefined {
  const whole = file.replace(/\.ts$/, '')
  return [file, whole, dirname(file)].find((name) => name in layers)
}

function importsOf(file: string): string[] {
  return ts.preProcessFile(readFileSync(join(src, file), 'utf8')).importedFiles.map(({ fileName }) => fileName)
}

test('the test sees the imports it judges', () => {
  expect(importsOf('routes/figures.ts')).toEqual(
    expect.arrayContaining(['fastify-zod-openapi', '../db/figures.ts', '../schemas/figures.ts', './resource.ts']),
  )
})

test.each(files)('%s imports only from the layers below it', (file) => {
  const layer = layerOf(file)
  expect(layer, `${file} is in no layer`).toBeDefined()
  const { may, not } = layers[layer ?? ''] ?? { may: [] }
  for (const from of importsOf(file)) {
    if (!from.startsWith('.')) {
      if (not !== undefined && !from.startsWith('node:')) expect(from, `${file} must not know`).not.toMatch(not)
      continue
    }
    const target = relative(src, join(src, dirname(file), from))
    if (target === '../package.json') continue
    const allowed = may.some(
      (name) => target === name || target === `${name}.ts` || layerOf(target) === name || dirname(target) === name,
    )
    expect(allowed, `${file} must not import ${target}`).toBe(true)
  }
})

test('no modules need each other: the first of a ring to be imported would find another half made', () => {
  // Types are gone before anything is imported.
  const needs = (file: string) => {
    const source = ts.createSourceFile(file, readFileSync(join(src, file), 'utf8'), ts.ScriptTarget.Latest)
    return source.statements.flatMap((statement) =>
      (ts.isImportDeclaration(statement) && !isOfTypes(statement.importClause)) ||
      (ts.isExportDeclaration(statement) && !statement.isTypeOnly)
        ? [statement.moduleSpecifier].flatMap((from) =>
            from !== undefined && ts.isStringLiteral(from) && /^\..*\.ts$/.test(from.text)
              ? relative(src, join(src, dirname(file), from.text))
              : [],
          )
        : [],
    )
  }
  const done = new Set<string>()
  const rings: string[] = []
  const visit = (file: string, way: readonly string[]) => {
    if (way.includes(file)) rings.push([...way.slice(way.indexOf(file)), file].join(' → '))
    if (way.includes(file) || done.has(file)) return
    for (const needed of needs(file)) visit(needed, [...way, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  expect(done.size).toBeGreaterThan(80)
  expect(rings).toEqual([])
})

const isOfTypes = (clause: ts.ImportClause | undefined) =>
  clause?.phaseModifier === ts.SyntaxKind.TypeKeyword ||
  (clause?.namedBindings !== undefined &&
    ts.isNamedImports(clause.namedBindings) &&
    clause.name === undefined &&
    clause.namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly))

test('only the entries read the environment', () => {
  const readers = files.filter((file) => readFileSync(join(src, file), 'utf8').includes('process.env'))
  expect(readers.toSorted()).toEqual(['commands/seed.ts', 'commands/start.ts', 'server.ts'])
})

test('importing any module but a command opens nothing and prints nothing', async () => {
  for (const file of files.filter((name) => !name.startsWith('commands/'))) {
    await expect(import(join(src, file)), file).resolves.toBeDefined()
  }
})
