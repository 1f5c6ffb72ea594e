/**
 * Requests drawn from the OpenAPI document: every operation and parameter, right and wrong, in every spelling and dress;
 * each with what the document says must come of it.
 */
import fc, { type Arbitrary } from 'fast-check'
import type { readContract, Operation, Parameter, Schema } from '../support/openapi.ts'

/** A request as it goes over the wire: `target` in Latin-1, so that a character is a byte. */
export type WireRequest = {
  method: string
  target: string
  headers: readonly (readonly [name: string, value: string])[]
  body: string | null
}
/** A request, the operation that it is for (null where nothing stands at its path), and the statuses it may meet. */
export type Drawn = WireRequest & { operation: Operation | null; expected: readonly number[] }

/** Texts that broke parsers, queries, logs and terminals elsewhere; none of them is a term of any vocabulary. */
const hostileTexts = [
  ...[
    '',
    ' ',
    ',',
    ',,',
    '\0',
    'a\0b',
    '\n',
    'a\r\nX-Injected: 1',
    '\u001b[31m',
    '\u007f',
    '\u0085',
    '\u200b',
    '\ufeff',
  ],
  ...['\u202e123', '\u2066a\u2069', '\u200f', '\ufffd', '\uffff', '\u{10ffff}', '👩‍👩‍👧', 'e\u0301', 'ﷺ', 'İ', '１２', '٣'],
  ...[
    'null',
    'undefined',
    'NaN',
    'Infinity',
    '-Infinity',
    'true',
    '[object Object]',
    '__proto__',
    'constructor',
    'toString',
  ],
  ...[
    '0x10',
    '1e2',
    '1e309',
    '-0',
    '+1',
    ' 1',
    '1 ',
    '01',
    '1.',
    '.5',
    '1_000',
    '1,000',
    '9'.repeat(20),
    '9'.repeat(400),
  ],
  ...[
    '-9223372036854775809',
    '9007199254740993',
    '0.1e-400',
    '2020-02-30',
    '2020-13-01',
    '20200101',
    '2020-01-01T00:00Z',
  ],
  ...[
    "'",
    '"',
    "' OR 1=1--",
    '"; DROP TABLE figure;--',
    '1) UNION SELECT 1--',
    '%',
    '_',
    '*',
    'a*',
    '^a',
    '{a}:b',
    'NEAR(a b)',
  ],
  ...[
    '../../etc/passwd',
    '..\\..\\',
    '/etc/passwd',
    'file:///etc/passwd',
    '$(id)',
    '`id`',
    '|id',
    '${7*7}',
    '{{7*7}}',
    '=1+1',
  ],
  ...[
    '<script>alert(1)</script>',
    '<!--',
    ']]>',
    '&amp;',
    '#',
    '?',
    '&',
    ';',
    '%00',
    '%25',
    '%2525',
    '\\u0000',
    '((((((((((',
  ],
  ...[
    'a'.repeat(201),
    'é'.repeat(300),
    'a,'.repeat(250),
    '"'.repeat(500),
    '😀'.repeat(150),
    'a '.repeat(900),
    'x'.repeat(9000),
  ],
]

const hostileText = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...hostileTexts) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.toWellFormed()) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.toWellFormed()) },
  { weight: 1, arbitrary: fc.integer().map(String) },
  { weight: 1, arbitrary: fc.double().map(String) },
)

/** What stands in an address although it encodes no text: each makes the request malformed, wherever it stands. */
const brokenEscapes = [
  ...['%', '%z', '%zz', '%2', '%u0041', '%c0%af', '%C0%80', '%e0%80%af', '%ff', '%fe%ff', '%ed%a0%80', '%ED%B0%80'],
  ...['%f0%9f%98', '%f4%90%80%80', '%f8%88%80%80%80', '%80', '%E2%82'],
]

/** Ways to write a text in a query, all of which mean that text. */
const spellings: readonly ((text: string) => string)[] = [
  encodeURIComponent,
  (text) => encodeURIComponent(text).replaceAll('%20', '+'),
  (text) => encodeURIComponent(text).replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
  (text) => encodeURIComponent(text).replaceAll('%2C', ','),
  // Every byte by its number, letters too.
  (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
]

type Dress = WireRequest['headers']

const oddHeaders: Dress = [
  ...[
    '',
    '*/*',
    'text/csv',
    'image/png',
    'application/json;q=0',
    '*/*;q=0',
    ';;;',
    '*/*;q=x',
    '/',
    'application/*',
  ].map((value) => ['Accept', value] as const),
  ...[`${'text/html,'.repeat(300)}*/*`, 'application/json; charset=utf-16', 'text/csv;q=0.1, */*', '\u00ff/\u00ff'].map(
    (value) => ['Accept', value] as const,
  ),
  ...['*', 'gzip;q=2', 'br', 'gzip', 'identity;q=0', '*;q=0', 'deflate, compress', 'gzip, '.repeat(200), '\u0080'].map(
    (value) => ['Accept-Encoding', value] as const,
  ),
  ...['*', '"', 'W/', 'W/""', '"a", *', '"a'.repeat(500), ',,,', '\u00fc'].map(
    (value) => ['If-None-Match', value] as const,
  ),
  ...['bytes=0-1', 'bytes=-1', 'bytes=5-2', 'bytes=0-,'.repeat(300), 'lines=1-2', ''].map(
    (value) => ['Range', value] as const,
  ),
  ...['*', '"x"', 'W/"x"'].map((value) => ['If-Match', value] as const),
  ...['Thu, 01 Jan 1970 00:00:00 GMT', 'yesterday', '9'.repeat(100)].map(
    (value) => ['If-Modified-Since', value] as const,
  ),
  ...['Thu, 01 Jan 1970 00:00:00 GMT', '"x"'].map((value) => ['If-Range', value] as const),
  ['If-Unmodified-Since', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  ...['application/json', '/', 'multipart/form-data', 'text/plain; charset=\u00e9', 'a'.repeat(2000)].map(
    (value) => ['Content-Type', value] as const,
  ),
  ...['null', 'https://evil.example', 'a'.repeat(3000)].map((value) => ['Origin', value] as const),
  ...['DELETE', 'GET', ''].map((value) => ['Access-Control-Request-Method', value] as const),
  ['Access-Control-Request-Headers', 'x-a, \u00e9, '.repeat(50)],
  ...['POST', 'DELETE'].map((value) => ['X-HTTP-Method-Override', value] as const),
  ...['a b', '\u00e9', 'x'.repeat(65), '../..', 'mine'].map((value) => ['X-Request-Id', value] as const),
  ...['1.2.3.4', 'unknown', '\u00e9', ','.repeat(500)].map((value) => ['X-Forwarded-For', value] as const),
  ['X-Forwarded-Host', 'evil.example'],
  ['X-Forwarded-Proto', 'evil'],
  ['Forwarded', 'for="[::1]";host=evil.example'],
  ['X-Original-URL', '/livez'],
  ['Upgrade', 'websocket'],
  ['TE', 'trailers, gzip'],
  ['Cookie', 'a=b; '.repeat(500)],
  ['Authorization', 'Basic \u00ff'],
  ['Cache-Control', 'only-if-cached, no-transform'],
  ['Max-Forwards', '-1'],
  ['Prefer', 'respond-async'],
  ['DNT', '\t'],
]

const bodies = [
  '',
  '{',
  '{"a":1}',
  '{"__proto__":{"a":1}}',
  'a=b',
  'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n',
  'a'.repeat(20_000),
]

type Contract = Awaited<ReturnType<typeof readContract>>

/** The terms that parameters take, by name, and the ids that paths take, by path; read from the service. */
export type Terms = Readonly<Record<string, readonly string[]>>

/** What the document says in words alone: whether these make sense hangs on what else is asked. */
const bySomethingElse = new Set([
  'value_min',
  'value_max',
  'match',
  'bom',
  'facet',
  'sort',
  'year_from',
  'year_to',
  'format',
])

/** Requests for every operation of a contract. */
export function requests({ operations, faults, follow }: Contract, terms: Terms): Arbitrary<Drawn> {
  /** A text of a query as the value that the schema speaks of; null where it is none. */
  const valueOf = (text: string, { type }: Schema): unknown => {
    if (type === 'integer') return /^(0|[1-9]\d*)$/.test(text) ? Number(text) : null
    if (type === 'number') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null
    if (type === 'boolean') return text === 'true' || text === 'false' ? text === 'true' : null
    return text
  }

  /** What the document says of a parameter that is given with these texts. */
  function judged(parameter: Parameter, texts: readonly string[]): 'right' | 'wrong' | 'unsaid' {
    const { name, schema } = parameter
    const several = schema.type === 'array'
    const parts = several ? texts.flatMap((text) => text.split(',')) : texts
    if (!several && texts.length > 1) return 'wrong'
    if (parts.includes('')) return 'wrong'
    const item = several ? follow(schema.items ?? {}) : schema
    const values = parts.map((part) => valueOf(part, item))
    if (faults(schema, several ? values : values[0]).length > 0) return 'wrong'
    const known = terms[name]
    if (known !== undefined && item.type === 'string')
      return parts.every((part) => known.includes(part)) ? 'right' : 'wrong'
    // The document leaves to words what a text must hold.
    if (name === 'q')
      return parts.every((part) => /[\p{L}\p{N}]/u.test(part) && !/\p{Cc}/u.test(part)) ? 'right' : 'wrong'
    // Nor does it say who made a cursor, or how many digits a number may be written with.
    if (name === 'cursor' || (/integer|number/.test(item.type ?? '') && parts.some((part) => part.length > 9)))
      return 'unsaid'
    return 'right'
  }

  /** A value that a parameter takes, as text. */
  function right({ name, schema, examples = {} }: Parameter): Arbitrary<string> {
    const item = follow(schema.type === 'array' ? (schema.items ?? {}) : schema)
    const known = terms[name] ?? item.enum
    const one = ((): Arbitrary<string> => {
      if (known !== undefined) return fc.constantFrom(...known.map(String))
      if (item.type === 'boolean') return fc.constantFrom('true', 'false')
      if (item.type === 'integer') return fc.integer({ min: item.minimum ?? 0, max: item.maximum ?? 1 }).map(String)
      if (item.type === 'number')
        return fc.oneof(
          fc.integer().map(String),
          fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((number) => number.toFixed(3)),
        )
      if (item.format === 'date')
        return fc
          .date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
          .map((day) => day.toISOString().slice(0, 10))
      return fc.constantFrom(...Object.values(examples).map(({ value }) => String(value)))
    })()
    return schema.type === 'array' ? fc.array(one, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(',')) : one
  }

  const pairOf = (parameter: Parameter): Arbitrary<[string, string]> =>
    fc.tuple(
      fc.constant(parameter.name),
      fc.oneof({ weight: 3, arbitrary: right(parameter) }, { weight: 1, arbitrary: hostileText }),
    )
  const strange: Arbitrary<[string, string]> = fc.tuple(
    fc.oneof(
      fc.constantFrom(
        'metirc',
        'metric[]',
        'metric.a',
        'METRIC',
        '__proto__',
        'constructor',
        'toString',
        'callback',
        '$where',
      ),
      hostileText,
    ),
    hostileText,
  )

  const drawnFor = (operation: Operation): Arbitrary<Drawn> => {
    const inQuery = operation.parameters.filter(({ in: where }) => where === 'query')
    const inPath = operation.parameters.filter(({ in: where }) => where === 'path')
    const known = new Map(inQuery.map((parameter) => [parameter.name, parameter]))
    const pair =
      inQuery.length === 0
        ? strange
        : fc.oneof(
            { weight: 8, arbitrary: fc.constantFrom(...inQuery).chain(pairOf) },
            { weight: 1, arbitrary: strange },
          )
    const ids = terms[operation.path] ?? []
    const id =
      ids.length === 0
        ? hostileText
        : fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...ids) }, { weight: 1, arbitrary: hostileText })
    return fc
      .record({
        method: fc.oneof(
          { weight: 12, arbitrary: fc.constant('GET') },
          { weight: 2, arbitrary: fc.constantFrom('HEAD', 'OPTIONS') },
          {
            weight: 1,
            arbitrary: fc.constantFrom(
              'POST',
              'PUT',
              'PATCH',
              'DELETE',
              'TRACE',
              'PROPFIND',
              'QUERY',
              'M-SEARCH',
              'SOURCE',
            ),
          },
        ),
        id,
        pairs: fc.oneof(
          { weight: 9, arbitrary: fc.array(pair, { maxLength: 3 }) },
          { weight: 1, arbitrary: fc.array(pair, { maxLength: 60 }) },
        ),
        spell: fc.constantFrom(...spellings),
        broken: fc.oneof(
          { weight: 12, arbitrary: fc.constant('') },
          { weight: 1, arbitrary: fc.constantFrom(...brokenEscapes) },
        ),
        headers: fc.oneof(
          { weight: 2, arbitrary: fc.constant<Dress>([]) },
          { weight: 1, arbitrary: fc.array(fc.constantFrom(...oddHeaders), { maxLength: 3 }) },
        ),
        body: fc.oneof(
          { weight: 8, arbitrary: fc.constant(null) },
          { weight: 1, arbitrary: fc.constantFrom(...bodies) },
        ),
      })
      .map(({ method, id, pairs, spell, broken, headers, body }): Drawn => {
        const path = inPath.reduce(
          (whole, { name }) => whole.replace(`{${name}}`, () => encodeURIComponent(id)),
          operation.path,
        )
        const query = pairs.map((both) => both.map(spell).join('=')).join('&')
        const target = `${path}${query === '' ? '' : `?${query}`}${broken === '' ? '' : `${query === '' ? '?' : '&'}${broken}`}`
        const request = { method, target, headers, body }
        const expected = ((): number[] => {
          if (target.length > 9000) return [414, 431, ...(broken === '' ? [] : [400])]
          if (target.length > 8000 && broken === '') return query.includes('cursor=') ? [400, 404, 405, 414] : [414]
          if (broken !== '') return [400, ...(target.length > 8000 || id.length > 200 ? [414] : [])]
          const found = inPath.length === 0 || ids.includes(id)
          if (!found && (id === '' || id.length > 200)) return [204, 404, 405, 414]
          if (method === 'OPTIONS') return [204]
          if (method !== 'GET' && method !== 'HEAD') return [405]
          if (!found) return [400, 404]
          const names = new Set(pairs.map(([name]) => name))
          const verdicts = [...names].map((name) => {
            const parameter = known.get(name)
            return parameter === undefined
              ? 'wrong'
              : judged(
                  parameter,
                  pairs.filter(([other]) => other === name).map(([, text]) => text),
                )
          })
          const accepts = headers.some(([name]) => name === 'Accept') ? [406] : []
          const conditional = headers.some(([name]) => name === 'If-None-Match') ? [304] : []
          if (verdicts.includes('wrong')) return [400]
          const unsure = verdicts.includes('unsaid') || names.intersection(bySomethingElse).size > 0
          return [200, ...accepts, ...conditional, ...(unsure ? [400] : [])]
        })()
        return { ...request, operation, expected }
      })
  }

  /** Paths at which nothing stands, or nothing that the document declares. */
  const elsewhere: Arbitrary<Drawn> = fc
    .record({
      path: fc.oneof(
        fc.constantFrom(
          ...[
            '//',
            '/v1',
            '/v1/',
            '/v1/figures/',
            '/v1//figures',
            '/V1/figures',
            '/v1/figures;a=b',
            '/v1/figures%2F',
            '/v1/figures/%2e%2e',
          ],
          ...[
            '/%2e%2e/%2e%2e/etc/passwd',
            '/.git/config',
            '/.env',
            '/docs/static/%2e%2e%2fpackage.json',
            '/docs/static/..%5c..%5cpackage.json',
          ],
          ...[
            '/docs/static/%00',
            '/docs/static/.',
            '/docs/json/x',
            '/documentation',
            '/v1/figures/a/b/c/d',
            '/v1/metrics/%00/series',
            '/*',
            '/:id',
            '/v1/:id',
          ],
        ),
        hostileText.map((text) => `/${encodeURIComponent(text)}`),
        fc
          .tuple(fc.constantFrom(...operations.map(({ path }) => path)), hostileText)
          .map(([path, text]) => `${path.replace(/\{.*$/, 'x')}/${encodeURIComponent(text)}`),
      ),
      method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST', 'OPTIONS'),
      headers: fc.array(fc.constantFrom(...oddHeaders), { maxLength: 2 }),
    })
    .map(({ path, method, headers }): Drawn => ({
      method,
      target: path,
      headers,
      body: null,
      operation: null,
      expected: [200, 204, 301, 302, 303, 304, 400, 404, 405, 406, 414, 431],
    }))

  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...operations).chain(drawnFor) },
    { weight: 1, arbitrary: elsewhere },
  )
}
