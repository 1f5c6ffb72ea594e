import { beforeAll, describe, expect, it } from 'vitest'
import { item, list } from '../../src/schemas/envelope.ts'
import { Figure, FigureDetail } from '../../src/schemas/figures.ts'
import { exampleOf } from '../../src/schemas/envelope.ts'
import { Lineage } from '../../src/schemas/lineage.ts'
import { derivationFormulas } from '../../src/schemas/vocabularies.ts'
import { follow, read, serviceForTests } from '../support/service.ts'

const service = serviceForTests()
const detailOf = async (id: string) => (await read(await service.get(`/v1/figures/${id}`), item(FigureDetail))).data
let figures: Figure[]
beforeAll(async () => {
  figures = (await follow(service, '/v1/figures?limit=1000', list(Figure))).flatMap(({ data }) => data)
})
const derived = () => figures.filter(({ origin }) => origin === 'derived')

describe('the lineage of a derived figure', () => {
  it('has its method, its formula by the names of its inputs, and each input as it stands itself', async () => {
    expect(derived().length).toBeGreaterThan(5)
    for (const { id } of derived()) {
      const { lineage } = await detailOf(id)
      const { method, formula, inputs } = lineage
      if (method === null || inputs === null) expect.unreachable(`${id} has no method`)
      expect(formula).toContain(derivationFormulas[method])
      for (const input of inputs) {
        expect(derivationFormulas[method]).toContain(input.name)
        const own = figures.find((figure) => figure.id === input.id)
        expect(own).toMatchObject({ value: input.value, value_low: input.value_low, value_high: input.value_high })
        expect(own).toMatchObject({
          unit: input.unit,
          period: input.period,
          url: input.url,
          source_url: input.source_url,
        })
        expect((await detailOf(input.id)).lineage.used_by.map((use) => use.id)).toContain(id)
      }
    }
  })

  it('says what is assumed exactly where the scope is unstated though an input has another', async () => {
    for (const { id, scope } of derived()) {
      const { lineage } = await detailOf(id)
      const scopes = lineage.inputs?.map((input) => figures.find((figure) => figure.id === input.id)?.scope)
      const alike = new Set(scopes).size === 1
      expect(lineage.assumes === null, id).toBe(alike)
      expect(scope, id).toBe(alike ? scopes?.[0] : 'unstated')
    }
  })

  it('is that of nobody: it has no document, publisher, attribution or quote', () => {
    for (const figure of derived()) {
      const { document, publisher, published, quote, source_url, attribution, qualifier } = figure
      expect([document, publisher, published, quote, source_url, attribution, qualifier]).toEqual(Array(7).fill(null))
    }
  })

  it('is never held against what it is computed from', async () => {
    for (const { id } of derived()) {
      const { lineage, comparisons } = await detailOf(id)
      const inputs = lineage.inputs?.map((input) => input.id) ?? []
      for (const { figure_a, figure_b, involves_derived } of comparisons) {
        expect(involves_derived).toBe(true)
        expect(inputs).not.toContain(figure_a === id ? figure_b : figure_a)
      }
    }
  })
})

describe('the lineage of a printed figure', () => {
  it('is nothing but what is computed from it', async () => {
    const uses = new Map<string, string[]>()
    for (const { id } of derived()) {
      for (const input of (await detailOf(id)).lineage.inputs ?? [])
        uses.set(input.id, [...(uses.get(input.id) ?? []), id])
    }
    for (const { id } of figures.filter(({ origin }) => origin === 'quoted')) {
      const { used_by, ...rest } = (await detailOf(id)).lineage
      expect(rest).toEqual({ method: null, formula: null, inputs: null, assumes: null })
      expect(used_by.map((use) => use.id)).toEqual((uses.get(id) ?? []).toSorted())
    }
  })

  it('is true in the example', async () => {
    expect((await detailOf('inl-2021-coca-eradication-2020')).lineage).toEqual(exampleOf(Lineage))
  })
})

it('a derived figure counts from the day its latest input was published', async () => {
  const { data } = await read(await service.get('/v1/figures?origin=derived&as_of=2019-12-31&limit=1000'), list(Figure))
  expect(data.map(({ id }) => id).filter((id) => id.includes('eradication') || id.includes('2013-2019'))).toEqual([])
  expect(data.map(({ id }) => id)).toContain('derived-coca-cultivation-2013')
  const later = await read(await service.get('/v1/figures?origin=derived&as_of=2021-06-30&limit=1000'), list(Figure))
  expect(later.page.total).toBe(derived().length)
})
