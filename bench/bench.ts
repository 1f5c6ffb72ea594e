/**
 * npm run bench [-- --full]: measures the service against its budgets of speed and prints a table.
 *
 * The service is the real one, `src/server.js` with every header and rule on, over a database of generated figures; only
 * its rate limit is out of reach, and its log goes to the null device. A bare `node:http` server runs beside it, and the
 * two are asked in turn, round after round, so that what else the machine does meets both. docs/performance.md says what
 * each row means; README.md and `usage` in options.ts name the options.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { format, resolveConfig } from 'prettier'
import { UsageError } from '../src/commands/usage.ts'
import { codeVersion, openDatabase } from '../src/db/client.ts'
import { openFigureIndex, type FigureIndex } from '../src/db/search.ts'
import { buildDatabase, buildSyntheticDatabase } from '../src/seed/build.ts'
import { shown, tableOf, withResults, type BudgetId, type Measured, type Results } from './budgets.ts'
import type { InProcessReport } from './in-process.ts'
import { countLines, load, type Load, type Loaded } from './load.ts'
import { readOptions, usage, type Options } from './options.ts'
import { pins, startScript, startServer, startService, stepAside, stop, type Server } from './processes.ts'
import { hostilePaths, newLists, someIds } from './queries.ts'
import { median, percentile, spreadOf } from './statistics.ts'

const root = resolve(import.meta.dirname, '..')
const folder = join(root, 'data/bench')
const documentation = join(root, 'docs/performance.md')
const seed = 1
const connections = 32
const megabyte = 1024 * 1024

/** On a terminal one line that is written over, else nothing but what is new. */
function tell(text: string): void {
  const { stderr } = process
  if (stderr.isTTY) stderr.write(`\r\u001B[K${text}`)
  else stderr.write(`${text}\n`)
}

/** The generated database, built where it is not there yet: of this size, by this code. */
function databaseOf(figures: number): string {
  const sources = [
    'src/seed/*.ts',
    'src/db/{keys,positions,schema,spans}.ts',
    'src/schemas/vocabularies.ts',
    'migrations/**/*.sql',
  ]
  const hash = createHash('sha256').update(String(codeVersion))
  for (const file of globSync(sources, { cwd: root }).toSorted()) hash.update(readFileSync(join(root, file)))
  const name = `figures-${figures}`
  const path = join(folder, `${name}-${hash.digest('hex').slice(0, 12)}.db`)
  if (existsSync(path)) return path
  mkdirSync(folder, { recursive: true })
  // What another code built is of no use any more, and large.
  for (const old of globSync(`${name}-*.db`, { cwd: folder })) rmSync(join(folder, old))
  let told = 0
  buildSyntheticDatabase(path, { figures, seed }, (progress) => {
    if ('done' in progress && performance.now() - told < 2000) return
    told = performance.now()
    tell(`building ${figures} figures: ${progress.stage}${'done' in progress ? ` ${progress.done}` : ''}`)
  })
  return path
}

/** A server, what it is asked and how it is to answer. */
type Asked = { server: Server; status: number; load: Omit<Load, 'port' | 'connections' | 'seconds'> }

/** What a server did in one round: microseconds of its CPU for each answer, its share of a core, and how many requests it shed. */
type Round = { cpu: number; busy: number; shed: number; latencies: number[] }

/** How long one server is asked before it is the turn of the other, in seconds: what else the machine does changes more slowly. */
const turn = 0.25

/** One round of two servers that are asked in turn, the one as long as the other; each turn begins with the other one. */
async function roundOf(both: readonly [Asked, Asked], turns: number): Promise<[Round, Round]> {
  const stretches = new Map(both.map((asked) => [asked, [] as Stretch[]]))
  for (let at = 0; at < turns; at += 1) {
    for (const asked of at % 2 === 0 ? both : both.toReversed()) stretches.get(asked)?.push(await stretch(asked))
  }
  const [one, other] = both
  return [joined(one, stretches.get(one) ?? []), joined(other, stretches.get(other) ?? [])]
}

/** A stretch of load with the microseconds of CPU that the server used for it. */
type Stretch = { cpu: number; loaded: Loaded }

async function stretch({ server, load: asked }: Asked): Promise<Stretch> {
  const before = await server.usage()
  const loaded = await load({ port: server.port, connections, ...asked, seconds: turn })
  return { cpu: (await server.usage()).cpu - before.cpu, loaded }
}

/**
 * The stretches of one server as one round; what it shed counts for nothing, and one of them may be without an answer, since a machine
 * can stand still for as long.
 *
 * @throws Error for a round without an answer.
 */
function joined({ status }: Asked, stretches: readonly Stretch[]): Round {
  const total = (of: (stretch: Stretch) => number) => stretches.reduce((sum, stretch) => sum + of(stretch), 0)
  const cpu = total((one) => one.cpu)
  const seconds = total(({ loaded }) => loaded.seconds)
  const shed = total(({ loaded }) => shedOf(status, loaded))
  const latencies = stretches.flatMap(({ loaded }) => loaded.latencies)
  if (latencies.length === shed) throw new Error(`no answer ${status} in a whole round`)
  return { cpu: cpu / (latencies.length - shed), busy: cpu / 1e6 / seconds, shed, latencies }
}

/**
 * How many requests an overloaded server refused.
 *
 * @throws Error for answers otherwise than meant: numbers of such a load would mean nothing.
 */
function shedOf(status: number, { statuses }: Loaded): number {
  if ([...statuses.keys()].some((got) => got !== status && got !== 503)) {
    throw new Error(`expected answers ${status}, got ${JSON.stringify([...statuses])}`)
  }
  return statuses.get(503) ?? 0
}

const latenciesOf = (rounds: readonly Round[]) => rounds.flatMap(({ latencies }) => latencies)
const samplesOf = (rounds: readonly Round[]) => rounds.reduce((sum, { latencies }) => sum + latencies.length, 0)
const cpuOf = (rounds: readonly Round[]) => spreadOf(rounds.map(({ cpu }) => cpu))

/** Below this share of a core a server takes more CPU for a request, since it is woken for fewer at a time. */
const busyEnough = 0.9

/** The ratio of a row to the bare server, round by round, of requests for the same CPU; and how busy that one was. */
function compare(rounds: readonly Round[], bare: readonly Round[]): Measured {
  const ratios = rounds.flatMap(({ cpu }, at) => {
    const beside = bare[at]
    return beside === undefined ? [] : [beside.cpu / cpu]
  })
  const samples = samplesOf(rounds)
  const shed = rounds.reduce((sum, round) => sum + round.shed, 0)
  const busy = spreadOf(bare.map((round) => round.busy)).median
  const notes = [
    ...(busy < busyEnough ? [`bare server ${shown(busy)} busy`] : []),
    ...(shed === 0 ? [] : [`${shed} of ${samples} were shed (503)`]),
  ]
  return {
    ...spreadOf(ratios),
    p99: percentile(latenciesOf(rounds), 0.99),
    cpu: cpuOf(rounds).median,
    samples,
    ...(notes.length === 0 ? {} : { note: notes.join(', ') }),
  }
}

/** What a row asks: a path again and again, or others that are used up; and one like them, which the bare server is asked. */
type Row = Required<Pick<Load, 'path' | 'headers'>> & {
  id: BudgetId
  status: number
  like: string
  turns: number
  amount?: number
}

/** In a turn of fewer requests it is mostly connections that are opened. */
const worthATurn = 1000

/** The rows that are ratios: service and bare server in turn, asked the same way. */
async function measureHttp(
  service: Server,
  index: FigureIndex,
  { rounds, full }: Options,
): Promise<Pick<Results, 'rows' | 'bare'>> {
  const seconds = full ? 4 : 1
  const bare = await startServer('bench/reference.ts')
  try {
    const tag = await checkAnswers(service)
    const most = seconds / turn
    const repeated = { path: popular, like: popular, turns: most }
    // What is asked but once, each round its share; where that is used up before its time, the round ends.
    const once = (paths: Iterable<string>) => {
      const left = [...paths]
      const share = left.length / (rounds + 1)
      const turns = Math.max(1, Math.min(most, Math.floor(share / worthATurn)))
      return { path: () => left.pop() ?? '', like: left[0] ?? '', turns, amount: Math.floor(share / turns) }
    }
    // More than there is time for.
    const enough = (aSecond: number) => (rounds + 1) * seconds * aSecond
    const figures = someIds(index, enough(25_000), seed).map((id) => `/v1/figures/${id}`)
    const lists = newLists(index, seed).take(enough(5000))
    const rows: Row[] = [
      { id: 'repeated', status: 200, headers: { 'Accept-Encoding': 'br, gzip' }, ...repeated },
      { id: 'unchanged', status: 304, headers: { 'If-None-Match': tag }, ...repeated },
      { id: 'new_list', status: 200, headers: {}, ...once(lists) },
      { id: 'new_figure', status: 200, headers: {}, ...once(figures) },
    ]
    const measured = rows
      .filter(({ amount }) => amount === undefined || amount >= connections)
      .map((row) => ({ ...row, rounds: [] as Round[], bare: [] as Round[] }))
    for (let round = 0; round <= rounds; round += 1) {
      for (const row of measured) {
        tell(round === 0 ? `http: warming up ${row.id}` : `http: round ${round} of ${rounds}, ${row.id}`)
        const { status, headers, path, like, turns, amount } = row
        const asked = { server: service, status, load: { path, headers, ...(amount !== undefined && { amount }) } }
        const [own, beside] = await roundOf(
          [asked, { server: bare, status: 200, load: { path: like, headers } }],
          turns,
        )
        // The first round warms both up: nothing is compiled yet.
        if (round === 0) continue
        row.bare.push(beside)
        row.rounds.push(own)
      }
    }
    const all = measured.flatMap((row) => row.bare)
    return {
      rows: Object.fromEntries(measured.map((row) => [row.id, compare(row.rounds, row.bare)])),
      bare: { ...cpuOf(all), p99: percentile(latenciesOf(all), 0.99), samples: samplesOf(all) },
    }
  } finally {
    await bare.stop()
  }
}

/** The list that is asked again and again: the newest fifty figures. */
const popular = '/v1/figures?sort=-year'

/** Holds the service to what the rows say of it, with a client that knows all of HTTP; the tag of the popular list. */
async function checkAnswers({ port }: Server): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${popular}`, { headers: { 'Accept-Encoding': 'br, gzip' } })
  const { data } = (await answer.json()) as { data: unknown[] }
  const encoding = answer.headers.get('content-encoding')
  if (data.length !== 50 || encoding === null)
    throw new Error(`${popular}: ${data.length} rows, encoded by ${encoding}`)
  const tag = answer.headers.get('etag')
  if (tag === null) throw new Error(`${popular} has no tag`)
  return tag
}

/** From the start of a process to its first 200, in milliseconds, on the dataset of the project and on the generated one. */
async function measureStart(database: string, { rounds }: Options): Promise<Results['rows']> {
  const own = join(folder, 'seed-data.db')
  buildDatabase(own)
  const times: Record<'start' | 'start_generated', number[]> = { start: [], start_generated: [] }
  for (let round = 0; round <= rounds; round += 1) {
    for (const [id, path] of [
      ['start', own],
      ['start_generated', database],
    ] as const) {
      tell(`start: round ${round} of ${rounds}, ${id}`)
      const server = await startService(path, { probe: false })
      await server.stop()
      // The first start finds the files of the code on disk, all others in memory.
      if (round > 0) times[id].push(server.startMs)
    }
  }
  const measured = (values: number[]): Measured => ({
    ...spreadOf(values),
    p99: null,
    cpu: null,
    samples: values.length,
  })
  return { start: measured(times.start), start_generated: measured(times.start_generated) }
}

/** What the queries take without HTTP, in a process of its own. */
async function measureQueries(database: string, { rounds, full }: Options): Promise<Results['rows']> {
  const rows: Partial<Record<BudgetId, Measured>> = {}
  const parameters = [database, String(rounds), full ? '120' : '8']
  const child = startScript('bench/in-process.ts', { parameters, probe: false, alone: true })
  child.on('message', (report: InProcessReport) => {
    if ('progress' in report) tell(report.progress)
    else rows[report.row] = report.measured
  })
  try {
    const [code] = (await once(child, 'exit')) as [number | null]
    if (code !== 0) throw new Error('the queries could not be measured')
  } finally {
    await stop(child)
  }
  return rows
}

/** Reads a whole file of all figures once; rows a second. */
async function exportOnce(server: Server, format: 'ndjson' | 'csv', figures: number): Promise<number> {
  const { lines, seconds } = await countLines(server.port, `/v1/figures?format=${format}`)
  // Generated texts hold no line feed, so each ends a row.
  const rows = format === 'csv' ? lines - 1 : lines
  if (rows !== figures) throw new Error(`${format}: expected ${figures} rows, got ${rows}`)
  return rows / seconds
}

/** Everything as NDJSON and as CSV, each from a process of its own, whose peak of memory it then is. */
async function measureExports(
  database: string,
  index: FigureIndex,
  { rounds, full }: Options,
): Promise<Results['rows']> {
  const rows: Partial<Record<BudgetId, Measured>> = {}
  const lists = newLists(index, seed + 2)
  const nextList = () => lists.next().value ?? popular
  for (const format of ['ndjson', 'csv'] as const) {
    const server = await startService(database)
    try {
      const rates: number[] = []
      const peaks: number[] = []
      const most = full ? 300_000 : 8000
      const started = performance.now()
      const before = await server.usage()
      while (rates.length < rounds) {
        tell(`exports: ${format}, round ${rates.length + 1} of ${rounds}`)
        rates.push(await exportOnce(server, format, index.figures))
        peaks.push((await server.usage()).peak / megabyte)
        if (performance.now() - started > most) break
      }
      const cpu = ((await server.usage()).cpu - before.cpu) / (rates.length * index.figures)
      const samples = rates.length * index.figures
      rows[`${format}_rate`] = { ...spreadOf(rates), p99: null, cpu, samples }
      rows[`${format}_memory`] = { ...spreadOf(peaks), p99: null, cpu: null, samples: peaks.length }
      if (format === 'csv') continue
      const ofRounds: number[][] = []
      let shed = 0
      const listsStarted = performance.now()
      while (ofRounds.length < rates.length && performance.now() - listsStarted < most) {
        tell(`exports: lists meanwhile, round ${ofRounds.length + 1} of ${rates.length}`)
        let isOver = false
        const whole = exportOnce(server, format, index.figures).finally(() => (isOver = true))
        const loaded = await load({
          port: server.port,
          connections: 1,
          path: nextList,
          isOver: () => isOver,
        })
        await whole
        shed += shedOf(200, loaded)
        ofRounds.push(loaded.latencies)
      }
      const all = ofRounds.flat()
      rows.ndjson_lists = {
        ...spreadOf(ofRounds.map((latencies) => percentile(latencies, 0.99))),
        ...{ p99: percentile(all, 0.99), cpu: null, samples: all.length },
        ...(shed === 0 ? {} : { note: `${shed} of ${all.length} were shed (503)` }),
      }
    } finally {
      await server.stop()
    }
  }
  return rows
}

/** How often memory is looked at, in milliseconds: it goes up and down by a tenth as garbage is made and collected. */
const look = 100

/** The resident memory of a server for as long as it is asked something, in MB. */
async function memoryDuring(server: Server, asked: Promise<unknown>): Promise<number[]> {
  const sizes: number[] = []
  const over = asked.then(() => true)
  do sizes.push((await server.usage()).rss / megabyte)
  while (!(await Promise.race([over, wait(look, false)])))
  return sizes
}

/** The memory of the service that answered all else, while it is asked queries that wish it ill. */
async function measureMemory(service: Server, index: FigureIndex, { full }: Options): Promise<Results['rows']> {
  tell('memory: one file of everything')
  await exportOnce(service, 'ndjson', index.figures)
  const hostile = hostilePaths(index, seed)
  const wanted = 100_000
  let asked = 0
  const seconds = (full ? 600 : 75) / 5
  const fifths: number[][] = []
  // The first fifth fills what is kept on purpose; from then on nothing may grow.
  for (let fifth = 1; fifth <= 5; fifth += 1) {
    tell(`memory: hostile queries, ${asked} of ${wanted}`)
    const path = () => hostile.next().value
    const loaded = load({ port: service.port, connections, path, amount: wanted / 5, seconds })
    fifths.push(await memoryDuring(service, loaded))
    asked += (await loaded).requests
  }
  const medians = fifths.map(median)
  const growth = ((medians.at(-1) ?? 0) / (medians[0] ?? 0) - 1) * 100
  const last = fifths.at(-1) ?? []
  const note = `${medians.map((size) => size.toFixed(0)).join(', ')} MB`
  return {
    memory: { ...spreadOf(last), p99: null, cpu: null, samples: last.length },
    hostile: { ...spreadOf([growth]), p99: null, cpu: null, samples: asked, note },
  }
}

/** Cells in columns, for a terminal. */
function printed(table: readonly string[][]): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)))
  return table
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Measures part after part, and gives after each what is measured so far: what was, is not lost where the next one fails. */
async function* measure(options: Options): AsyncGenerator<Results> {
  const { figures, only } = options
  const started = performance.now()
  const database = databaseOf(figures)
  const built = performance.now()
  stepAside()
  const db = openDatabase(database)
  const index = openFigureIndex(db)
  const conditions = [
    `The service is \`src/server.js\` with all headers and rules on, \`RATE_LIMIT_MAX\` out of reach, \`LOG_LEVEL\` as it is by default and the log in the null device.`,
    pins
      ? 'Server and load have a core each, by `taskset`.'
      : 'Server and load share the cores: the machine has no `taskset`, or one core.',
    `${options.rounds} rounds, ${connections} connections with one request each.`,
  ]
  const model = cpus()[0]?.model ?? 'a machine'
  const machine = `${cpus().length} × ${model.trim()}, Node ${process.versions.node}`
  const results: Results = { measured: new Date().toISOString(), machine, conditions, figures, rows: {} }
  if (only.includes('start')) {
    Object.assign(results.rows, await measureStart(database, options))
    yield results
  }
  if (only.includes('http') || only.includes('memory')) {
    const service = await startService(database)
    try {
      if (only.includes('http')) {
        const { rows, bare } = await measureHttp(service, index, options)
        Object.assign(results.rows, rows)
        Object.assign(results, { bare })
        yield results
      }
      if (only.includes('memory')) {
        Object.assign(results.rows, await measureMemory(service, index, options))
        yield results
      }
    } finally {
      await service.stop()
    }
  }
  if (only.includes('queries')) {
    Object.assign(results.rows, await measureQueries(database, options))
    yield results
  }
  if (only.includes('exports')) {
    Object.assign(results.rows, await measureExports(database, index, options))
    yield results
  }
  db.$client.close()
  const minutes = (performance.now() - built) / 60_000
  tell(`measured in ${minutes.toFixed(1)} minutes; ${((built - started) / 1000).toFixed(0)} s to have the database\n`)
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options.write) {
    const files = globSync(options.output)
    if (files.length === 0) throw new UsageError(`--write: there is no ${options.output}`)
    const results = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Results)
    const written = withResults(readFileSync(documentation, 'utf8'), results)
    writeFileSync(documentation, await format(written, { ...(await resolveConfig(documentation)), parser: 'markdown' }))
    console.log(`Wrote the results of ${files.join(', ')} into docs/performance.md.`)
  } else {
    mkdirSync(dirname(resolve(options.output)), { recursive: true })
    for await (const results of measure(options)) {
      writeFileSync(options.output, `${JSON.stringify(results, null, 2)}\n`)
    }
    const results = JSON.parse(readFileSync(options.output, 'utf8')) as Results
    console.log(printed(tableOf(results)))
    console.log(`\n${results.conditions.join('\n')}\nThe same as JSON: ${options.output}`)
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`${error.message}\n${usage}`)
  process.exitCode = 1
}
