import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { precisionOf, precisionOfFigure, rounded } from '../src/precision.ts'

describe('a computed number', () => {
  test.each<[number, number[], number, number, number]>([
    [80_384.615_384_615_39, [209_000, 160], 80_385, 80_384, 80_385],
    [-80_384.615_384_615_39, [209_000, 160], -80_385, -80_385, -80_384],
    [232.142_857_142_857_14, [910, 292], 232, 232, 233],
    [104_500, [209_000, -50], 104_500, 104_500, 104_500],
    [0.004_354_066_985_645_933, [910, 209_000], 0.00435, 0.00435, 0.00436],
    [1.234_56, [579.9, 1.25], 1.23, 1.23, 1.24],
    [12.345_6, [579.9, 1.2], 12.3, 12.3, 12.4],
    // Every digit of an input counts, noughts among and behind the others too.
    [1.234_56, [1005], 1.235, 1.234, 1.235],
    [1.234_56, [2000], 1.235, 1.234, 1.235],
    [2.5, [2, 5], 3, 2, 3],
    [-2.5, [2, 5], -3, -3, -2],
    [0, [209_000], 0, 0, 0],
    [1.234_56e21, [209_000], 1.234_56e21, 1.234_56e21, 1.234_56e21],
    [0.34, [0], 0.3, 0.3, 0.4],
    [-0.34, [0], -0.3, -0.4, -0.3],
    [5e-52, [0], 5e-52, 5e-52, 5e-52],
    [1.234_56e-20, [292], 1.23e-20, 1.23e-20, 1.24e-20],
    [1.234_56e-9, [292], 1.23e-9, 1.23e-9, 1.24e-9],
  ])('of %d, computed from %j, is shown as %d, down %d, up %d', (value, inputs, nearest, down, up) => {
    const precision = precisionOf(inputs)
    expect(rounded(value, precision)).toBe(nearest)
    expect(rounded(value, precision, 'down')).toBe(down)
    expect(rounded(value, precision, 'up')).toBe(up)
  })

  const number = fc.double({ min: -1e8, max: 1e8, noNaN: true }).map((value) => Number(value.toPrecision(12)))
  const inputs = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 3 })

  test('lies between itself rounded down and rounded up, which are a step apart', () => {
    fc.assert(
      fc.property(number, inputs, (value, printed) => {
        const precision = precisionOf(printed)
        const [down, nearest, up] = (['down', 'nearest', 'up'] as const).map((way) => rounded(value, precision, way))
        expect(down).toBeLessThanOrEqual(value)
        expect(up).toBeGreaterThanOrEqual(value)
        expect([down, up]).toContain(nearest)
        // What is shown already is shown as it is.
        expect(rounded(nearest ?? NaN, precision)).toBe(nearest)
      }),
    )
  })

  test('has the same digits on both sides of zero', () => {
    fc.assert(
      fc.property(number, inputs, (value, printed) => {
        const precision = precisionOf(printed)
        expect(rounded(-value, precision)).toBe(0 - rounded(value, precision))
        expect(rounded(-value, precision, 'up')).toBe(0 - rounded(value, precision, 'down'))
      }),
    )
  })

  test('is told as it is where no precision is known', () => {
    expect(rounded(80_384.615_384_615_39, null, 'down')).toBe(80_384.615_384_615_39)
  })
})

test('the precision of a figure is that of the printed numbers at the ends of its lineage', () => {
  const quoted = (id: string, value: number | null) => ({ id, origin: 'quoted', value }) as const
  const inputs = {
    sum: [{ id: 'part', origin: 'derived', value: 12.345 } as const, quoted('whole', 1000)],
    part: [quoted('count', 40), quoted('share', 30.5)],
    none: [quoted('record', null)],
  }
  const inputsOf = (id: string) => (id in inputs ? inputs[id as keyof typeof inputs] : [])
  expect(precisionOfFigure('sum', inputsOf)).toEqual({ decimals: 0, significant: 2 })
  expect(precisionOfFigure('whole', inputsOf)).toBeNull()
  expect(precisionOfFigure('none', inputsOf)).toBeNull()
})
