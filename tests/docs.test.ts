import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { budgets, tableOf, type Results } from '../bench/budgets.ts'
import { parts, usage as benchUsage } from '../bench/options.ts'
import manifest from '../package.json' with { type: 'json' }
import { Config } from '../src/config.ts'
import {
  claimTypes,
  derivationFormulas,
  derivationMethods,
  evidenceRoles,
  measures,
  notRecordedReasons,
  periodBases,
  qualifiers,
  relations,
  superlatives,
} from '../src/schemas/vocabularies.ts'
import { methods } from '../src/seed/derive.ts'
import { DerivedFile, FigureRecord } from '../src/seed/records.ts'
import { createMetrics, requestRecorder, type FinishedRequest } from '../src/telemetry.ts'
import { serviceForTests } from './support/service.ts'

const root = resolve(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const readme = read('README.md')

/** The first cells of the table under a heading, without their code marks. */
function firstCells(document: string, heading: string): string[] {
  const section = document.split(new RegExp(`^#+ ${RegExp.escape(heading)}$`, 'm'))[1]?.split(/^#+ /m)[0] ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('|'))
  return rows.slice(2).map((row) => row.split('|')[1]?.trim().replaceAll('`', '') ?? '')
}

const service = serviceForTests()

describe('the README documents exactly what there is', () => {
  test('every setting, with its default', () => {
    expect(firstCells(readme, 'Settings')).toEqual(Object.keys(Config.shape))
    for (const [name, value] of Object.entries(Config.parse({}))) {
      expect(readme).toMatch(new RegExp(`\\| \`${name}\` +\\| \`${RegExp.escape(String(value))}\` `))
    }
  })

  test('every script', () => {
    const documented = firstCells(readme, 'Commands').map((cell) => /^npm (?:run )?([\w:]+)/.exec(cell)?.[1])
    expect(documented.toSorted()).toEqual(Object.keys(manifest.scripts).toSorted())
  })

  test('every endpoint', async () => {
    const { paths } = (await (await service.get('/openapi.json')).json()) as { paths: object }
    expect(firstCells(readme, 'Endpoints').toSorted()).toEqual([...Object.keys(paths), '/docs'].toSorted())
  })

  test('every page', () => {
    const pages = firstCells(readme, 'Pages')
    for (const page of pages.map((path) => path.replace(/\{(\w+)\}/g, ':$1'))) {
      expect(service.app.hasRoute({ url: page, method: 'GET' }), page).toBe(true)
    }
    // tests/examples.test.ts names the routes that the OpenAPI document leaves out; /docs stands among the endpoints.
    expect(pages.toSorted()).toEqual([
      ...[
        '/',
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
      ],
    ])
  })

  test('every parameter of /v1/figures', async () => {
    const { paths } = (await (await service.get('/openapi.json')).json()) as {
      paths: Record<string, { get: { parameters: { name?: string; in?: string }[] } }>
    }
    const parameters = paths['/v1/figures']?.get.parameters.filter((parameter) => parameter.in === 'query')
    expect(firstCells(readme, 'Parameters of /v1/figures')).toEqual(parameters?.map(({ name }) => name))
  })
})

describe('every example of the README gives what the README shows', () => {
  const blocks = [...readme.matchAll(/```sh\ncurl ([^\n]*)\n```\n\n```(\w+)\n([\s\S]*?)```/g)]

  test('there are examples, and no curl without an answer', () => {
    expect(blocks.length).toBeGreaterThan(4)
    expect(readme.match(/^curl /gm)).toHaveLength(blocks.length)
  })

  test.each(blocks.map(([, command = '', language = '', shown = '']) => ({ command, language, shown })))(
    'curl $command',
    async ({ command, language, shown }) => {
      const url = /^'http:\/\/127\.0\.0\.1:3000([^']*)'$/.exec(command)?.[1]
      expect(url, 'a plain quoted address').toBeDefined()
      const body = await (await service.get(url ?? '')).text()
      if (language === 'json') expect(JSON.parse(shown)).toEqual(JSON.parse(body))
      else expect(shown).toBe(body.replaceAll('\r\n', '\n'))
    },
  )
})

describe('the operations page explains exactly what there is', () => {
  const operations = read('docs/operations.md')
  const request: Required<FinishedRequest> = {
    ...{ method: 'GET', route: '/v1/figures', url: '/v1/figures?q=x', status: 200, seconds: 1, bytes: 1 },
    ...{ request_id: 'x', trace: { trace_id: 'x', parent_id: 'x' }, aborted: true, cache: 'hit' },
  }

  test('every field of a request', () => {
    const lines: string[] = []
    requestRecorder({ level: 'debug', stream: { write: (line) => lines.push(line) } })(request)
    const ofEveryLine = ['level', 'time', 'pid']
    const documented = firstCells(operations, 'Fields of a request').flatMap((cell) => cell.split(', '))
    expect(lines.map((line) => Object.keys(JSON.parse(line) as object))).toEqual([
      [...ofEveryLine, ...documented, 'msg'],
    ])
  })

  test('every line that the code writes', () => {
    const code = ['src/app.ts', 'src/server.ts', 'src/telemetry.ts', 'src/log.ts'].map(read).join('')
    const written = [...code.matchAll(/(?:log\.(?:info|warn|error)\([^()']*|^ {2,6})'([\w ]+)',?\n? *\)/gm)]
    const messages = new Set(written.map(([, message]) => message))
    expect(messages).toEqual(new Set(['serving', 'stopping', 'stopped']).union(messages))
    expect(firstCells(operations, 'Log lines')).toEqual(expect.arrayContaining(['request', ...messages]))
  })

  test('every metric', async () => {
    const metrics = await createMetrics({ version: 'x', release: 'x', digest: 'x' }, () => 0)
    metrics.observe(request)
    const { text } = await metrics.expose()
    const exposed = [...text.matchAll(/^# HELP (\w+) /gm)].map(([, name]) => name)
    const documented = [...firstCells(operations, 'Metrics'), ...firstCells(operations, 'Metrics of the process')]
    expect(documented.toSorted()).toEqual(exposed.toSorted())
  })
})

describe('the codebook', () => {
  const codebook = read('seed-data/README.md')

  test.each(
    Object.entries({
      claimTypes,
      derivationMethods,
      evidenceRoles,
      measures,
      notRecordedReasons,
      periodBases,
      qualifiers,
      relations,
      superlatives,
    }),
  )('speaks of every term of %s', (_, terms) => {
    for (const term of Object.keys(terms)) {
      expect(codebook, term).toMatch(new RegExp(`\`${term}\`|\\b${term.replaceAll('_', '[_-]')}\\b`))
    }
  })

  test('has a rule for every field of a figure', () => {
    for (const field of Object.keys(FigureRecord.shape).filter((name) => !['id'].includes(name))) {
      expect(codebook, field).toContain(`\`${field}\``)
    }
  })

  test('has a rule for every field of a derived figure', () => {
    expect(firstCells(codebook, 'Derived figures').slice(0, 7)).toEqual(
      Object.keys(DerivedFile.shape.derived.element.shape),
    )
  })

  test('gives every method with what it gives and its formula', () => {
    const table = codebook.slice(codebook.indexOf('## Derived figures'), codebook.indexOf('## Adding a document'))
    const rows = [...table.matchAll(/^\| `(\w+)` +\| `(\w+)` +\| ([^|]+?) +\|/gm)]
    expect(rows.map(([, method, gives, formula]) => [method, gives, formula])).toEqual(
      Object.entries(methods).map(([method, { gives }]) => [
        method,
        gives,
        derivationFormulas[method as keyof typeof derivationFormulas],
      ]),
    )
  })

  test('gives every reason for a mention that is not recorded', () => {
    const table = codebook.slice(codebook.indexOf('Reasons of `not_recorded`'))
    for (const reason of Object.keys(notRecordedReasons)) expect(table).toContain(`| \`${reason}\``)
  })
})

describe('docs/performance.md', () => {
  const performance = read('docs/performance.md')

  test('says what every budget of the bench means, in their order', () => {
    expect(firstCells(performance, 'What each row means')).toEqual(
      Object.values(budgets).map(({ what }) => what.replaceAll('`', '')),
    )
  })

  test('names every option and every part of the bench', () => {
    const documented = firstCells(performance, 'Performance').map((cell) => /^--\w+/.exec(cell)?.[0])
    expect(documented.toSorted()).toEqual([...new Set(benchUsage.match(/--[a-z]+/g))].toSorted())
    for (const part of parts) expect(performance).toContain(`\`${part}\``)
  })

  test('shows results for every budget, or that there are none yet', () => {
    const sizes = performance.match(/(?<=^### )[\d,]+ generated figures$/gm) ?? []
    if (sizes.length === 0) expect(performance).toContain('Not written yet')
    const nothing: Results = { measured: '', machine: '', conditions: [], figures: 1, rows: {} }
    const rows = tableOf(nothing)
      .slice(1)
      .map(([what = '']) => what.replaceAll('`', ''))
    for (const size of sizes) {
      const cells = firstCells(performance, size)
      expect(cells.filter((cell) => !cell.startsWith('bare server'))).toEqual(rows)
    }
  })
})

test.each(globSync('**/*.md', { cwd: root, exclude: ['node_modules/**'] }))(
  'the links of %s lead somewhere',
  (file) => {
    for (const [, target = ''] of read(file).matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g)) {
      expect(existsSync(join(root, dirname(file), target)), target).toBe(true)
    }
  },
)

test.each(globSync('docs/decisions/*.md', { cwd: root }))('%s says when to revisit it', (file) => {
  expect(read(file)).toContain('**When to revisit:**')
})

test('no document names an npm script that does not exist', () => {
  const scripts = ['ci', 'test', 'start', ...Object.keys(manifest.scripts)]
  for (const file of [
    'README.md',
    'CONTRIBUTING.md',
    'seed-data/README.md',
    ...globSync('docs/**/*.md', { cwd: root }),
  ]) {
    for (const [, script = ''] of read(file).matchAll(/npm run ([\w:]+)/g))
      expect(scripts, `${file}: ${script}`).toContain(script)
  }
})
