import { and, asc, between, count, eq, isNotNull, max, min } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import { remembered } from '../first-use.ts'
import { asGiven, compiledByShape, given, isListed, type Db } from './client.ts'
import { document, figure } from './schema.ts'

/** A place in the table of metrics, years and documents. */
export type Cell = { metric: string; year: number; document: string }

/** Which cells: terms of one name widen (OR), different names narrow (AND). */
export type CoverageFilter = {
  metric?: readonly string[] | undefined
  year?: readonly number[] | undefined
  document?: readonly string[] | undefined
  /** Without figures, or with. */
  silent?: boolean | undefined
}

/** What every page rests on; the table itself, metrics × years × documents, is never held. */
export type CoverageIndex = {
  db: Db
  /** Each metric of which there are figures, by id, with the years that they span. */
  spans: readonly { metric: string; first: number; last: number }[]
  /** By id. */
  documents: readonly string[]
  /** How many cells have figures, by filter. */
  totals: LRUCache<string, number>
}

/** Reads the spans and the documents. */
export function openCoverage(db: Db): CoverageIndex {
  const spans = db
    .select({ metric: figure.metric, first: min(figure.year), last: max(figure.year) })
    .from(figure)
    .groupBy(figure.metric)
    .orderBy(asc(figure.metric))
    .all()
  const documents = db.select({ id: document.id }).from(document).orderBy(asc(document.id)).all()
  return {
    db,
    spans: spans.map(({ metric, first, last }) => ({ metric, first: first ?? 0, last: last ?? -1 })),
    documents: documents.map(({ id }) => id),
    totals: new LRUCache({ maxSize: 1_000_000, sizeCalculation: (_total, key) => key.length + 100 }),
  }
}

/** A page of cells by metric, year and document, after a cell (null: from the start), with how many figures each has. */
export function listCoverage(
  index: CoverageIndex,
  filter: CoverageFilter,
  after: Cell | null,
  limit: number,
): (Cell & { figures: number })[] {
  const documents = documentsOf(index, filter)
  const page: (Cell & { figures: number })[] = []
  if (documents.length === 0) return page
  for (const { metric, years } of yearsOf(index, filter)) {
    if (after !== null && metric < after.metric) continue
    let left = after?.metric === metric ? years.filter((year) => year >= after.year) : years
    while (left.length > 0) {
      // No more years at a time than may be needed to fill the page.
      const some = Math.ceil((limit - page.length) / documents.length)
      const counts = countCells(index.db, metric, left.slice(0, some), filter.document)
      for (const year of left.slice(0, some)) {
        const passed = after?.metric === metric && after.year === year ? after.document : ''
        for (const id of documents) {
          if (id <= passed) continue
          const figures = counts.get(year)?.get(id) ?? 0
          if (filter.silent !== undefined && filter.silent !== (figures === 0)) continue
          page.push({ metric, year, document: id, figures })
          if (page.length === limit) return page
        }
      }
      left = left.slice(some)
    }
  }
  return page
}

/** How many cells match; exact: those with figures are counted, the table is multiplied out. */
export function countCoverage(index: CoverageIndex, filter: CoverageFilter): number {
  const years = [...yearsOf(index, filter)].reduce((sum, span) => sum + span.years.length, 0)
  const all = years * documentsOf(index, filter).length
  if (filter.silent === undefined) return all
  const spoken = countSpoken(index, filter)
  return filter.silent ? all - spoken : spoken
}

const documentsOf = ({ documents }: CoverageIndex, { document: wanted }: CoverageFilter): readonly string[] =>
  wanted === undefined ? documents : documents.filter((id) => wanted.includes(id))

/** The metrics that a filter asks for, by id, each with the years of its span that it asks for, in order. */
function* yearsOf({ spans }: CoverageIndex, { metric: wanted, year: wantedYears }: CoverageFilter) {
  for (const { metric, first, last } of spans) {
    if (wanted !== undefined && !wanted.includes(metric)) continue
    const years = Array.from({ length: last - first + 1 }, (_, at) => first + at)
    yield { metric, years: wantedYears === undefined ? years : years.filter((year) => wantedYears.includes(year)) }
  }
}

/** How many figures of a metric each document prints for each of some years, in order; where none, nothing stands. */
function countCells(
  db: Db,
  metric: string,
  years: readonly number[],
  documents: CoverageFilter['document'],
): Map<number, Map<string, number>> {
  const [first, last] = [years[0] ?? 0, years.at(-1) ?? 0]
  const rows = cellsOf(db, { document: documents !== undefined }).all({
    ...{ metric, first, last },
    ...asGiven({ document: documents }),
  })
  const counts = new Map<number, Map<string, number>>()
  for (const { year, document, figures } of rows) {
    const ofYear = counts.get(year) ?? new Map<string, number>()
    counts.set(year, ofYear.set(document ?? '', figures))
  }
  return counts
}
const cellsOf = compiledByShape((db, shape: { document: boolean }) =>
  db
    .select({ year: figure.year, document: figure.document, figures: count() })
    .from(figure)
    .where(
      and(
        eq(figure.metric, given('metric')),
        between(figure.year, given('first'), given('last')),
        shape.document ? isListed(figure.document, 'document') : isNotNull(figure.document),
      ),
    )
    .groupBy(figure.year, figure.document)
    .prepare(),
)

/** How many of the cells that a filter asks for have figures. */
function countSpoken({ db, totals }: CoverageIndex, { metric, year, document: documents }: CoverageFilter): number {
  return remembered(totals, JSON.stringify([metric, year, documents]), () => {
    const shape = { metric: metric !== undefined, year: year !== undefined, document: documents !== undefined }
    const found = spokenCount(db, shape).get(asGiven({ metric, year, document: documents }))
    return found?.total ?? 0
  })
}
const spokenCount = compiledByShape((db, shape: Readonly<Record<'metric' | 'year' | 'document', boolean>>) => {
  const filtered = (['metric', 'year', 'document'] as const).filter((name) => shape[name])
  const cells = db
    .selectDistinct({ metric: figure.metric, year: figure.year, document: figure.document })
    .from(figure)
    .where(and(isNotNull(figure.document), ...filtered.map((name) => isListed(figure[name], name))))
    .as('cells')
  return db.select({ total: count() }).from(cells).prepare()
})
