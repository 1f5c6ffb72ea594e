import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { Db } from '../../src/db/client.ts'
import * as tables from '../../src/db/schema.ts'
import { item, list } from '../../src/schemas/envelope.ts'
import { Figure, FigureDetail } from '../../src/schemas/figures.ts'
import { Target } from '../../src/schemas/targets.ts'
import { follow, read, readProblem, serviceForTests, startService, type RunningService } from '../support/service.ts'

const { get } = serviceForTests()
const targetsOf = async (service: Pick<RunningService, 'get'>) =>
  (await read(await service.get('/v1/targets'), list(Target))).data
const figureOf = async (id: string) => (await read(await get(`/v1/figures/${id}`), item(FigureDetail))).data

describe('the targets', () => {
  it('are one for each metric, however often and in whatever words it is stated', async () => {
    const targets = await targetsOf({ get })
    const stated = (await read(await get('/v1/figures?claim_type=target&origin=quoted&limit=1000'), list(Figure))).data
    expect(targets.map(({ metric }) => metric)).toEqual(['coca-cultivation', 'cocaine-production'])
    expect(targets.flatMap(({ stated_by }) => stated_by).toSorted()).toEqual(stated.map(({ id }) => id).toSorted())
    for (const { stated_by } of targets) {
      const documents = stated_by.map((id) => stated.find((figure) => figure.id === id)?.document)
      expect(stated_by).toHaveLength(4)
      expect(new Set(documents).size).toBe(3)
    }
  })

  it('compare their statements as repeats or agreements, never as anything else', async () => {
    for (const { stated_by } of await targetsOf({ get })) {
      for (const id of stated_by) {
        const { comparisons } = await figureOf(id)
        const among = comparisons.filter(({ figure_a, figure_b }) =>
          [figure_a, figure_b].every((one) => stated_by.includes(one)),
        )
        expect(among).toHaveLength(3)
        for (const { relation } of among) expect(['repeats', 'agrees']).toContain(relation)
      }
    }
  })

  it.each([
    ['coca-cultivation-2023', 209_000, 104_500],
    ['cocaine-production-2023', 910, 455],
  ])('say of %s where it starts and what it comes to', async (id, from, to) => {
    const target = (await targetsOf({ get })).find((one) => one.id === id)
    const [base, absolute] = [await figureOf(target?.base ?? ''), await figureOf(target?.absolute ?? '')]
    expect([base.figure.value, absolute.figure.value]).toEqual([from, to])
    expect([base.figure.claim_type, absolute.figure.claim_type, absolute.figure.origin]).toEqual([
      'outcome',
      'target',
      'derived',
    ])
    expect(absolute.lineage.inputs?.map((input) => input.id)).toContain(target?.base)
    expect(target?.stated_by).toContain(absolute.lineage.inputs?.find(({ name }) => name === 'change')?.id)
    expect(target?.deadline).toBe('2023')
  })

  it('have no progress without a later outcome, and say so', async () => {
    for (const target of await targetsOf({ get })) {
      expect(target).toMatchObject({ outcomes: [], progress: null })
      expect(target.progress_reason).toContain('2017')
    }
  })

  it('come in pages', async () => {
    const pages = await follow({ get }, '/v1/targets?limit=1', list(Target))
    expect(pages.flatMap(({ data }) => data)).toEqual(await targetsOf({ get }))
  })

  it.each(['metric=coca-cultivation', 'format=csv', 'limit=0', 'cursor=x'])('take no %s', async (query) => {
    await readProblem(await get(`/v1/targets?${query}`), 400)
  })
})

/** Adds levels of coca cultivation after the base, each as the base with something changed. */
const addLevels =
  (...levels: Partial<typeof tables.figure.$inferInsert>[]) =>
  (db: Db) => {
    const base = db.select().from(tables.figure).where(eq(tables.figure.id, 'inl-2019-coca-cultivation-2017')).get()
    if (base === undefined) throw new Error('there is no base')
    for (const level of levels) {
      const year = level.year ?? 2020
      const { value = 0 } = level
      const bounds = { value_low: value, value_high: value }
      const time = { year, period: String(year), period_start: `${year}-01-01`, period_end: `${year}-12-31` }
      db.insert(tables.figure)
        .values({ ...base, ...bounds, ...time, ...level, id: level.id ?? '' })
        .run()
    }
  }

describe('a target with outcomes', () => {
  const half = serviceForTests({
    prepare: addLevels(
      { id: 'later', year: 2021, value: 156_750 },
      { id: 'sooner', year: 2019, value: 212_000 },
      { id: 'before', year: 2016, value: 188_000 },
      { id: 'by-another-voice', year: 2022, value: 100_000, attribution: 'president-duque' },
      { id: 'elsewhere', year: 2022, value: 100_000, place: 'united-states' },
      { id: 'no-outcome', year: 2022, value: 100_000, claim_type: 'projection' },
    ),
  })
  const gone = serviceForTests({ prepare: addLevels({ id: 'worse', year: 2018, value: 229_900 }) })
  const unbounded = { value_low: null, value_low_inclusive: null, value_high: null, value_high_inclusive: null }
  const open = { value: null, qualifier: null, ...unbounded }
  const record = serviceForTests({ prepare: addLevels({ id: 'record', year: 2018, superlative: 'lowest', ...open }) })
  const coca = async (service: Pick<RunningService, 'get'>) => (await targetsOf(service))[0]

  it('lists those of its series after its base, in the order of time, and measures the way by the latest', async () => {
    expect(await coca(half)).toMatchObject({ outcomes: ['sooner', 'later'], progress: 50, progress_reason: null })
  })

  it('has gone back where the level rose', async () => {
    const { progress } = (await coca(gone)) ?? {}
    expect(progress).toBe(-20)
  })

  it.each([
    ['more_than', { value_low_inclusive: false, value_high: null, value_high_inclusive: null }],
    ['nearly', { value_low: null, value_low_inclusive: null, value_high_inclusive: false }],
    ['approximately', unbounded],
  ] as const)('has no progress by an outcome that is %s a number', async (qualifier, bounds) => {
    const level = { id: 'open', year: 2018, value: 143_000, qualifier, ...bounds }
    const service = await startService({ prepare: addLevels(level) })
    const target = await coca(service)
    await service.close()
    expect(target).toMatchObject({ outcomes: ['open'], progress: null })
    expect(target?.progress_reason).toContain('latest outcome, of 2018, is no exact number')
  })

  it('has no progress from a base that is not exact', async () => {
    const service = await startService({
      prepare: (db) => {
        addLevels({ id: 'later', year: 2021, value: 156_750 })(db)
        const about = { qualifier: 'approximately' as const, ...unbounded }
        db.update(tables.figure).set(about).where(eq(tables.figure.id, 'inl-2019-coca-cultivation-2017')).run()
      },
    })
    const target = await coca(service)
    await service.close()
    expect(target).toMatchObject({ outcomes: ['later'], progress: null })
    expect(target?.progress_reason).toContain('The base or the target is no exact number')
  })

  it('has no progress by a record without a number', async () => {
    const target = await coca(record)
    expect(target).toMatchObject({ outcomes: ['record'], progress: null })
    expect(target?.progress_reason).toContain('without a number')
  })
})
