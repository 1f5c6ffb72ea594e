/** What is asked: the same questions for the same seed, and in each list of them none twice. */
import { countTerms, listFigures } from '../src/db/figures.ts'
import type { FigureFilter, FigureIndex } from '../src/db/search.ts'
import { figureSorts, termColumns, type FigureSort, type TermColumn } from '../src/schemas/vocabularies.ts'
import { Random } from '../src/seed/random.ts'

/** What a page holds where the query does not say, and the row more by which the service sees whether there is a next. */
export const pageRows = 51

export const sorts = figureSorts.filter((sort) => sort !== 'relevance')

/** The terms of a column with how many figures have each, the most frequent first. */
export const termsOf = (index: FigureIndex, column: TermColumn) =>
  countTerms(index, {}, column).flatMap(({ term, count }) => (term === null ? [] : [{ term, figures: count }]))

/** After so many lists in a row that hold too little or were had before, there are taken to be no more. */
const patience = 1000

/**
 * Paths of lists that nobody asked for before, each with fifty rows: one, two or three terms of one column in any order
 * but by relevance. A hundred thousand figures have many millions of them, a hundred figures none.
 */
export function* newLists(index: FigureIndex, seed: number): Generator<string, undefined> {
  const random = new Random(seed, 11)
  const columns = termColumns
    .map((column) => ({ column, terms: termsOf(index, column) }))
    .filter(({ terms }) => terms.length > 20)
  const asked = new Set<string>()
  for (let vain = 0; vain < patience && columns.length > 0; vain += 1) {
    const { column, terms } = random.pick(columns)
    const some = new Set(Array.from({ length: random.between(1, 3) }, () => random.pick(terms)))
    if ([...some].reduce((sum, { figures }) => sum + figures, 0) < pageRows - 1) continue
    const named = [...some].map(({ term }) => encodeURIComponent(term)).toSorted()
    const path = `/v1/figures?${column}=${named.join(',')}&sort=${random.pick(sorts)}`
    if (asked.has(path)) continue
    asked.add(path)
    vain = 0
    yield path
  }
}

/** Ids of figures, in an order of chance: so many, or all there are. */
export function someIds(index: FigureIndex, most: number, seed: number): string[] {
  const ids: string[] = []
  const size = 1000
  // Pages from all over the order of ids, since neighbours are of one document.
  const pages = Math.ceil(index.figures / size)
  const step = Math.max(1, Math.floor((pages * size) / most))
  for (let page = 0; page < pages && ids.length < most; page += step) {
    ids.push(...listFigures(index, {}, 'id', page * size, size).map(({ id }) => id))
  }
  return new Random(seed, 12).shuffle(ids.slice(0, most))
}

/** Words of the figures' statements by how often they occur in a sample: the most common, and some that occur in it once. */
export function someWords(index: FigureIndex, howMany: number): { common: string[]; rare: string[] } {
  const frequency = new Map<string, number>()
  const step = Math.max(1, Math.floor(index.figures / 20))
  for (let after = 0; after < index.figures; after += step) {
    for (const { row } of listFigures(index, {}, 'id', after, 200)) {
      const { statement } = JSON.parse(row) as { statement: string }
      for (const word of new Set(statement.toLowerCase().match(/\p{L}{3,}/gu))) {
        frequency.set(word, (frequency.get(word) ?? 0) + 1)
      }
    }
  }
  const ranked = [...frequency].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([word]) => word)
  return { common: ranked.slice(0, howMany), rare: ranked.slice(-howMany) }
}

export type Query = { filter: FigureFilter; sort: FigureSort }

/**
 * Every column and sort, with some terms of the column: the most frequent, the rarest and some between. In an order of
 * chance, so that the first so many are as mixed as all.
 */
export function singleFilters(index: FigureIndex, perColumn: number, seed: number): Query[] {
  const all = termColumns.flatMap((column) => {
    const terms = termsOf(index, column)
    const picked = new Set(
      Array.from(
        { length: perColumn },
        (_, at) => terms[Math.round((at * (terms.length - 1)) / (perColumn - 1))]?.term,
      ),
    )
    return [...picked].flatMap((term) =>
      term === undefined ? [] : sorts.map((sort): Query => ({ filter: { [column]: [term] }, sort })),
    )
  })
  return new Random(seed, 13).shuffle([{ filter: {}, sort: '-year' }, ...all])
}

/** Filters whose total has to be counted: pairs of frequent terms of two columns, spans of time, bounds of the value. */
export function countedFilters(index: FigureIndex, seed: number): FigureFilter[] {
  const frequent = termColumns.flatMap((column) => {
    const [first] = termsOf(index, column)
    return first === undefined ? [] : [{ column, term: first.term }]
  })
  const pairs = frequent.flatMap((one, at) =>
    frequent.slice(at + 1).map((other): FigureFilter => ({ [one.column]: [one.term], [other.column]: [other.term] })),
  )
  const units = termsOf(index, 'unit').map(({ term }) => term)
  const bounded = units.flatMap((unit): FigureFilter[] => [
    { unit: [unit], value_min: 10 },
    { unit: [unit], value_max: 1000, match: 'certain' },
    { unit: [unit], value_min: 100, value_max: 10_000, match: 'possible' },
  ])
  const spans = [1985, 1995, 2005, 2015].flatMap((year): FigureFilter[] => [
    { year_from: year, year_to: year + 9 },
    { year_from: year, as_of: `${year + 5}-06-30` },
    { as_of: `${year + 9}-03-31` },
  ])
  return new Random(seed, 14).shuffle([...pairs, ...bounded, ...spans])
}

const letters = [...'abcdefghijklmnopqrstuvwxyz']
const word = (random: Random, length: number) => Array.from({ length }, () => random.pick(letters)).join('')

/**
 * Paths that wish a service ill: names, values and words that were never seen, long lists, changed cursors, endless
 * spellings of one query, and some that have to be counted; hardly one twice.
 */
export function* hostilePaths(index: FigureIndex, seed: number): Generator<string, never> {
  const random = new Random(seed, 15)
  const metrics = termsOf(index, 'metric')
  const some = () => word(random, random.between(3, 12))
  const list = (items: () => string, most: number) => Array.from({ length: random.between(1, most) }, items).join(',')
  const day = () => `${random.between(1980, 2025)}-${random.between(10, 12)}-${random.between(10, 28)}`
  const kinds: (() => string)[] = [
    () => `/v1/figures?${some()}=${some()}`,
    () => `/v1/figures?metric=${list(some, 40)}`,
    () => `/v1/figures?q=${some()}+${some()}&sort=${random.pick(sorts)}`,
    () => `/v1/figures?cursor=${Buffer.from(`["${some()}",${random.between(1, 9999)}]`).toString('base64url')}`,
    () => `/v1/figures?limit=${random.between(-100, 100_000)}`,
    () => `/v1/figures?limit=${random.between(1, 100)}&metric=${list(() => random.pick(metrics).term, 30)}`,
    () => `/v1/figures?id=${list(some, 60)}`,
    () => `/v1/figures/${some()}-${some()}`,
    () => `/v1/${some()}/${some()}?${some()}`,
    () => `/v1/figures?${encodeURIComponent(some())}=%E0%A4%A`,
    () => `/v1/figures?value_min=${random.unit()}e${random.between(1, 400)}&unit=ha`,
  ]
  for (;;) {
    // Few, since each takes as long as many of the others.
    if (random.chance(0.01)) yield `/v1/figures?as_of=${day()}&year_from=${random.between(1950, 2030)}&limit=1`
    else yield random.pick(kinds)()
  }
}
