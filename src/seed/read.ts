import { existsSync, globSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { z } from 'zod'
import { nearest } from '../nearest.ts'
import type { DerivationMethod } from '../schemas/vocabularies.ts'
import { boundsOf, open, type Bounds } from './bounds.ts'
import { derive, methods, type Quantity } from './derive.ts'
import { filesIn } from './digest.ts'
import { SeedFile } from './file.ts'
import { codePoints } from './mentions.ts'
import { readPeriod, type Period } from './period.ts'
import { SeedError, type SeedProblem } from './problems.ts'
import {
  ComparisonsFile,
  DatasetFile,
  DerivedFile,
  DocumentRecord,
  TargetsFile,
  MetricsFile,
  OrganizationsFile,
  PlacesFile,
  UnitsFile,
  type FigureRecord,
} from './records.ts'

/** A figure as recorded, with what follows from the record: its bounds, the days of its period, its unit. */
export type SeedFigure = FigureRecord & Bounds & Period & { unit: string; quote_end: number }

export type SeedDocument = Omit<DocumentRecord, 'figures'> & {
  figures: SeedFigure[]
  published_earliest: string
  published_latest: string
}

/** A derived figure, with what it is derived from. */
export type SeedDerived = Quantity & {
  id: string
  method: DerivationMethod
  inputs: Readonly<Record<string, string>>
  assumes: string | null
  statement: string
  note: string | null
  /** The day by which its last input had been published. */
  published_latest: string
  /** Its inputs, their inputs, and so on. */
  ancestors: ReadonlySet<string>
}

export type Seed = {
  dataset: z.infer<typeof DatasetFile>
  units: z.infer<typeof UnitsFile>['units']
  places: z.infer<typeof PlacesFile>['places']
  organizations: z.infer<typeof OrganizationsFile>['organizations']
  metrics: z.infer<typeof MetricsFile>['metrics']
  documents: SeedDocument[]
  derived: SeedDerived[]
  targets: (z.infer<typeof TargetsFile>['targets'][number] & { metric: string; place: string; deadline: string })[]
  /** The human explanations of comparisons, with where each stands, for the comparer to match. */
  reasons: { figure_a: string; figure_b: string; reason: string; file: string; line: number }[]
}

/** "metric: expected …, got …; did you mean …?" for an id that is not in its vocabulary. */
function unknown(kind: string, id: string, known: readonly string[]): string {
  const near = nearest(id, known)
  return `expected the id of ${kind}, got ${id}${near === undefined ? '' : `; did you mean ${near}?`}`
}

/** Ids that stand a second time, with the index of the repetition. */
function repeated(ids: readonly string[]): [number, string][] {
  return [...ids.entries()].filter(([index, id]) => ids.indexOf(id) !== index)
}

function showBounds(bounds: Bounds): string {
  const side = (name: string, value: number | null, inclusive: boolean | null) =>
    value === null ? `${name} null` : `${name} ${value} (${inclusive === true ? 'inclusive' : 'exclusive'})`
  return `${side('value_low', bounds.value_low, bounds.value_low_inclusive)}, ${side('value_high', bounds.value_high, bounds.value_high_inclusive)}`
}

/** What figures refer to; null where its file cannot be read, so that not every reference to it looks wrong. */
type Vocabulary = {
  metrics: ReadonlyMap<string, z.infer<typeof MetricsFile>['metrics'][number]> | null
  places: readonly string[] | null
  organizations: readonly string[] | null
}

/**
 * Completes a figure with what follows from its record, and reports every rule of the codebook that it breaks and that
 * one record alone, or the vocabularies, can show. The rules that need the source text are the audit's.
 */
function completeFigure(
  record: FigureRecord,
  published: { published: string; latest: Period } | null,
  vocabulary: Vocabulary,
  fault: (field: string, message: string) => void,
): SeedFigure | null {
  const metric = vocabulary.metrics?.get(record.metric)
  if (metric === undefined) {
    if (vocabulary.metrics !== null) fault('metric', unknown('a metric', record.metric, [...vocabulary.metrics.keys()]))
  } else if (!Object.hasOwn(metric.scopes, record.scope)) {
    fault('scope', unknown(`a scope of ${metric.id}`, record.scope, Object.keys(metric.scopes)))
  }
  if (vocabulary.places?.includes(record.place) === false)
    fault('place', unknown('a place', record.place, vocabulary.places))
  for (const field of ['actor', 'attribution'] as const) {
    const id = record[field]
    if (id !== null && vocabulary.organizations?.includes(id) === false) {
      fault(field, unknown('an organization', id, vocabulary.organizations))
    }
  }
  if (metric?.unit === 'rank') {
    if (record.measure !== 'level') fault('measure', 'expected level for a rank')
    if (record.value !== null && !(Number.isInteger(record.value) && record.value >= 1)) {
      fault('value', `expected a whole number from 1 for a rank, got ${record.value}`)
    }
    if (record.qualifier !== null && record.qualifier !== 'exact') fault('qualifier', 'expected exact for a rank')
    if (record.superlative !== null)
      fault('superlative', 'expected none for a rank, which compares with others, not with other times')
  }
  if (record.measure === 'share' && metric !== undefined && metric.unit !== 'percent') {
    fault('measure', `expected a metric in percent for a share; ${metric.id} is in ${metric.unit}`)
  }

  const { value, qualifier, superlative } = record
  const isChange = record.measure === 'change' || record.measure === 'relative_change'
  if (value !== null && value < 0 && !isChange)
    fault('value', `expected no negative value for the measure ${record.measure}`)
  if (value === null && superlative === null) fault('value', 'expected a value, since there is no superlative')
  if ((value === null) !== (qualifier === null))
    fault('qualifier', 'expected a value and a qualifier together, or neither')
  if (record.superlative_since !== null && superlative === null) {
    fault('superlative_since', 'expected a superlative beside it')
  }

  const bounds = value === null || qualifier === null ? open : boundsOf(value, qualifier)
  for (const field of ['value_low', 'value_low_inclusive', 'value_high', 'value_high_inclusive'] as const) {
    if (record[field] !== undefined && record[field] !== bounds[field]) {
      fault(
        field,
        `contradicts the qualifier: ${qualifier ?? 'no qualifier'} ${value ?? ''} gives ${showBounds(bounds)}, got ${record[field]}`,
      )
    }
  }

  if (!isChange && record.baseline_year !== null)
    fault('baseline_year', `expected none for the measure ${record.measure}`)
  if ((record.baseline_year === null) !== (record.baseline_basis === null)) {
    fault('baseline_basis', 'expected baseline_year and baseline_basis together, or neither')
  }
  if (isChange && record.baseline_year === null && record.note === null) {
    fault('note', 'expected the reason why the change has no baseline_year')
  }
  if ([record.period_basis, record.baseline_basis].includes('inferred') && record.note === null) {
    fault('note', 'expected the reason for what is inferred')
  }

  let period: Period
  try {
    period = readPeriod(record.period)
  } catch (error) {
    fault('period', (error as Error).message)
    return null
  }
  if (record.period_basis === 'document' && published !== null) {
    const runsUpToIt = record.period.includes('/') && period.period_end === published.latest.period_end
    if (record.period !== published.published && !runsUpToIt) {
      fault('period', `expected the document's own date, ${published.published}, or an interval that ends with it`)
    }
  }
  if (record.baseline_year !== null && record.baseline_year > period.year) {
    fault('baseline_year', `expected a year not after the period, ${record.period}`)
  }
  if (record.superlative_since !== null && record.superlative_since >= period.year) {
    fault('superlative_since', `expected a year before the period, ${record.period}`)
  }
  if (metric === undefined) return null
  return {
    ...record,
    ...bounds,
    ...period,
    unit: record.measure === 'relative_change' ? 'percent' : metric.unit,
    quote_end: record.quote_start + codePoints(record.quote),
  }
}

/** Computes the derived figures, in the order of their file, so that one may rest on another above it. */
function deriveFigures(
  file: SeedFile<z.infer<typeof DerivedFile>>,
  documents: readonly SeedDocument[],
  metrics: Vocabulary['metrics'],
  taken: Set<string>,
): SeedDerived[] {
  const known = new Map<string, Quantity & { published_latest: string; ancestors: ReadonlySet<string> }>(
    documents.flatMap(({ figures, published_latest }) =>
      figures.map((figure) => [figure.id, { ...figure, published_latest, ancestors: new Set<string>() }] as const),
    ),
  )
  return (file.content?.derived ?? []).flatMap(({ id, metric: metricId, inputs, ...record }, index) => {
    const fault = (field: string, message: string) => {
      file.fault(['derived', index, ...field.split('.')], message)
    }
    if (taken.has(id)) fault('id', `expected an id of its own; ${id} is taken`)
    taken.add(id)
    const metric = metrics?.get(metricId)
    if (metric === undefined) {
      if (metrics !== null) fault('metric', unknown('a metric', metricId, [...metrics.keys()]))
      return []
    }
    const sources = Object.entries(inputs).flatMap(([name, input]) => {
      const source = known.get(input)
      // One that is there but has faults of its own is no second fault here.
      if (source === undefined && (input === id || !taken.has(input)))
        fault(`inputs.${name}`, unknown('a figure, or of a derived one above', input, [...known.keys()]))
      return source === undefined ? [] : [{ name, input, source }]
    })
    if (sources.length < Object.keys(inputs).length) return []
    const quantity = derive(
      {
        metric: metricId,
        unit: metric.unit,
        ...record,
        inputs: Object.fromEntries(sources.map(({ name, source }) => [name, source])),
      },
      fault,
    )
    if (quantity === null) return []
    if (!Object.hasOwn(metric.scopes, quantity.scope)) {
      fault('metric', unknown(`a scope of ${metricId}`, quantity.scope, Object.keys(metric.scopes)))
    }
    if ([quantity.period_basis, quantity.baseline_basis].includes('inferred') && record.note === null) {
      fault('note', 'expected the reason for what is inferred')
    }
    const derived = {
      ...quantity,
      ...record,
      id,
      // In the order of the method, however they were written down.
      inputs: Object.fromEntries(Object.keys(methods[record.method].inputs).map((name) => [name, inputs[name] ?? ''])),
      published_latest:
        sources
          .map(({ source }) => source.published_latest)
          .toSorted()
          .at(-1) ?? '',
      ancestors: new Set(sources.flatMap(({ input, source }) => [input, ...source.ancestors])),
    }
    known.set(id, derived)
    return [derived]
  })
}

/** The targets, each with what all figures that state it agree on. */
function readTargets(
  file: SeedFile<z.infer<typeof TargetsFile>>,
  figures: readonly (SeedFigure | SeedDerived)[],
  { metrics, organizations }: Vocabulary,
): Seed['targets'] {
  const known = new Map(figures.map((figure) => [figure.id, figure]))
  const targets = file.content?.targets ?? []
  for (const [index, id] of repeated(targets.map(({ id }) => id))) {
    file.fault(['targets', index, 'id'], `expected an id of its own; ${id} is taken`)
  }
  return targets.flatMap((target, index) => {
    const fault = (field: string, message: string) => {
      file.fault(['targets', index, ...field.split('.')], message)
    }
    const figure = (field: string, id: string) => {
      const found = known.get(id)
      if (found === undefined) fault(field, unknown('a figure', id, [...known.keys()]))
      return found
    }
    const base = figure('base', target.base)
    const absolute = figure('absolute', target.absolute)
    const statements = target.stated_by.map((id, at) => figure(`stated_by.${at}`, id))
    if (base === undefined || absolute === undefined) return []
    const { metric, place, period, unit } = absolute
    for (const [at, statement] of statements.entries()) {
      if (statement === undefined) continue
      if (statement.claim_type !== 'target')
        fault(`stated_by.${at}`, `expected a target, got an ${statement.claim_type}`)
      if (statement.metric !== metric || statement.place !== place || statement.period !== period) {
        fault(`stated_by.${at}`, `expected a target of ${metric} in ${place} for ${period}`)
      }
    }
    if (absolute.claim_type !== 'target' || absolute.measure !== 'level')
      fault('absolute', 'expected a target that is a level')
    if (base.metric !== metric || base.place !== place || base.unit !== unit || base.measure !== 'level') {
      fault('base', `expected a level of ${metric} in ${place}`)
    }
    const scopes = Object.keys(metrics?.get(metric)?.scopes ?? {})
    if (!scopes.includes(target.outcomes.scope))
      fault('outcomes.scope', unknown(`a scope of ${metric}`, target.outcomes.scope, scopes))
    if (organizations?.includes(target.outcomes.voice) === false) {
      fault('outcomes.voice', unknown('an organization', target.outcomes.voice, organizations))
    }
    return [{ ...target, metric, place, deadline: period }]
  })
}

/** Every file of a seed-data folder, each read for itself. */
function openFiles(directory: string) {
  const required = ['dataset', 'units', 'places', 'organizations', 'metrics', 'comparisons'].map(
    (name) => `${name}.yaml`,
  )
  const isThere = (name: string) => existsSync(join(directory, name))
  const missing = required.filter((name) => !isThere(name))
  if (missing.length > 0) {
    throw new SeedError(
      missing.map((file) => ({ file, line: 1, field: '', message: `expected this file in ${directory}` })),
    )
  }
  const open = <T>(name: string, schema: z.ZodType<T>) => new SeedFile(directory, name, schema)
  return {
    dataset: open('dataset.yaml', DatasetFile),
    units: open('units.yaml', UnitsFile),
    places: open('places.yaml', PlacesFile),
    organizations: open('organizations.yaml', OrganizationsFile),
    metrics: open('metrics.yaml', MetricsFile),
    comparisons: open('comparisons.yaml', ComparisonsFile),
    // A dataset may do without these.
    derived: isThere('derived.yaml') ? open('derived.yaml', DerivedFile) : null,
    targets: isThere('targets.yaml') ? open('targets.yaml', TargetsFile) : null,
    documents: globSync('documents/*.yaml', { cwd: directory })
      .toSorted()
      .map((name) => open(name, DocumentRecord)),
  }
}
type SeedFiles = ReturnType<typeof openFiles>

/** Holds the newest entry of the changelog to the release. */
function checkChangelog({ dataset }: SeedFiles): void {
  if (dataset.content === null) return
  const { changelog, version, released } = dataset.content
  const [latest] = changelog
  if (latest?.version !== version) {
    dataset.fault(['changelog', 0, 'version'], `expected the newest entry to be of version ${version}`)
  }
  if (latest?.released !== released) {
    dataset.fault(['changelog', 0, 'released'], `expected the newest entry to be of ${released}`)
  }
}

/** Checks what figures refer to. */
function readVocabulary({ units, places, organizations, metrics }: SeedFiles): Vocabulary {
  const lists = [
    [units, 'units', units.content?.units],
    [places, 'places', places.content?.places],
    [organizations, 'organizations', organizations.content?.organizations],
    [metrics, 'metrics', metrics.content?.metrics],
  ] as const
  for (const [file, field, list] of lists) {
    for (const [index, id] of repeated(list?.map((entry) => entry.id) ?? [])) {
      file.fault([field, index, 'id'], `expected an id of its own; ${id} is taken`)
    }
  }
  const codes = places.content?.places.map((place) => place.iso_3166 ?? `none of ${place.id}`) ?? []
  for (const [index, code] of repeated(codes)) {
    places.fault(['places', index, 'iso_3166'], `expected a code of its own; ${code} is taken`)
  }
  const unitIds = units.content?.units.map((unit) => unit.id) ?? []
  for (const [index, { unit }] of metrics.content?.metrics.entries() ?? []) {
    if (units.content !== null && !unitIds.includes(unit))
      metrics.fault(['metrics', index, 'unit'], unknown('a unit', unit, unitIds))
  }
  return {
    metrics: metrics.content === null ? null : new Map(metrics.content.metrics.map((metric) => [metric.id, metric])),
    places: places.content?.places.map((place) => place.id) ?? null,
    organizations: organizations.content?.organizations.map((organization) => organization.id) ?? null,
  }
}

/** What documents above have, and none below may have too. */
type Taken = { documents: Set<string>; figures: Set<string>; texts: Set<string> }

/** Completes the figures of a document, and checks both; null for a document that cannot be read or dated. */
function completeDocument(file: SeedFile<DocumentRecord>, taken: Taken, vocabulary: Vocabulary): SeedDocument | null {
  if (file.content === null) return null
  const { document, figures, not_recorded } = file.content
  if (`${document.id}.yaml` !== basename(file.name)) {
    file.fault(['document', 'id'], `expected the name of the file, ${basename(file.name, '.yaml')}, got ${document.id}`)
  }
  if (taken.texts.has(document.sha256))
    file.fault(['document', 'sha256'], 'expected a text of its own; another document has it')
  taken.texts.add(document.sha256)
  if (taken.documents.has(document.id))
    file.fault(['document', 'id'], `expected an id of its own; ${document.id} is taken`)
  taken.documents.add(document.id)
  if (vocabulary.organizations?.includes(document.publisher) === false) {
    file.fault(['document', 'publisher'], unknown('an organization', document.publisher, vocabulary.organizations))
  }
  if (document.published_basis === 'inferred' && document.published_note === null) {
    file.fault(['document', 'published_note'], 'expected the reason for what is inferred')
  }
  let published: Period | null = null
  try {
    published = readPeriod(document.published)
    if (published.period_start === null) throw new Error(`expected a start, got "${document.published}"`)
  } catch (error) {
    file.fault(['document', 'published'], (error as Error).message)
  }
  const mentionStarts = not_recorded.map(({ start }) => String(start))
  for (const [index, start] of repeated(mentionStarts)) {
    file.fault(['not_recorded', index], `expected each mention once; the one at ${start} stands above`)
  }
  const complete = figures.flatMap((record, index) => {
    const path = ['figures', index] as const
    for (const [at, span] of repeated(record.evidence.map(({ role, start }) => `${role} at ${start}`))) {
      file.fault([...path, 'evidence', at], `expected each evidence once; ${span} stands above`)
    }
    if (taken.figures.has(record.id)) file.fault([...path, 'id'], `expected an id of its own; ${record.id} is taken`)
    taken.figures.add(record.id)
    const figure = completeFigure(
      record,
      published === null ? null : { published: document.published, latest: published },
      vocabulary,
      (field, message) => {
        file.fault([...path, field], message)
      },
    )
    return figure === null ? [] : [figure]
  })
  if (published?.period_start == null) return null
  return {
    document,
    figures: complete,
    not_recorded,
    published_earliest: published.period_start,
    published_latest: published.period_end,
  }
}

/** Holds the reasons of comparisons to figures that there are. */
function checkReasons({ comparisons }: SeedFiles, figures: ReadonlySet<string>): void {
  for (const [index, reason] of comparisons.content?.comparisons.entries() ?? []) {
    for (const field of ['figure_a', 'figure_b'] as const) {
      if (!figures.has(reason[field])) {
        comparisons.fault(['comparisons', index, field], unknown('a figure', reason[field], [...figures]))
      }
    }
  }
}

/** What is wrong with the folder itself. */
function faultsOfFolder(directory: string, known: readonly string[], documents: number): SeedProblem[] {
  const message = 'expected at least one document, documents/<id>.yaml'
  const empty = documents === 0 ? [{ file: 'documents', line: 1, field: '', message }] : []
  // A misnamed file would otherwise be left out without a word.
  const strays = filesIn(directory).filter((name) => /\.ya?ml$/.test(name) && !known.includes(name))
  return [
    ...empty,
    ...strays.map((file) => ({ file, line: 1, field: '', message: 'expected a file that the codebook names' })),
  ]
}

/**
 * Reads and checks a whole seed-data folder.
 *
 * @throws SeedError with every fault found: file, line, field, and what was expected.
 */
export function readSeed(directory: string): Seed {
  const files = openFiles(directory)
  const { dataset, units, places, organizations, metrics, comparisons, derived, targets, documents } = files
  checkChangelog(files)
  const vocabulary = readVocabulary(files)
  const taken: Taken = { documents: new Set(), figures: new Set(), texts: new Set() }
  const complete = documents.flatMap((file) => completeDocument(file, taken, vocabulary) ?? [])

  // Of a file that cannot be read, all that refers to it would look wrong.
  const allReadable = [...documents, derived].every((file) => file?.content !== null)
  const computed =
    derived === null || !allReadable ? [] : deriveFigures(derived, complete, vocabulary.metrics, taken.figures)
  const aimedAt =
    targets === null || !allReadable
      ? []
      : readTargets(targets, [...complete.flatMap(({ figures }) => figures), ...computed], vocabulary)
  if (allReadable) checkReasons(files, taken.figures)

  const all = [dataset, units, places, organizations, metrics, comparisons, derived, targets, ...documents].filter(
    (file) => file !== null,
  )
  const names = all.map(({ name }) => name)
  const problems = [...all.flatMap((file) => file.problems), ...faultsOfFolder(directory, names, documents.length)]
  if (
    problems.length > 0 ||
    dataset.content === null ||
    units.content === null ||
    places.content === null ||
    organizations.content === null ||
    metrics.content === null ||
    comparisons.content === null
  ) {
    throw new SeedError(problems.toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line))
  }
  return {
    dataset: dataset.content,
    units: units.content.units,
    places: places.content.places,
    organizations: organizations.content.organizations,
    metrics: metrics.content.metrics,
    documents: complete,
    derived: computed,
    targets: aimedAt,
    reasons: comparisons.content.comparisons.map((reason, index) => ({
      ...reason,
      file: comparisons.name,
      line: comparisons.line(['comparisons', index]),
    })),
  }
}
