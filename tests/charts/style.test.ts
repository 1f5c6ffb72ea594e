import { describe, expect, it } from 'vitest'
import { palette, styleSheet, type Role } from '../../src/charts/style.ts'

type Theme = 'light' | 'dark' | 'print'

/** Relative luminance of a colour (WCAG 2.2). */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Contrast ratio of two colours (WCAG 2.2). */
function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

describe.each<Theme>(['light', 'dark', 'print'])('%s', (theme) => {
  const against = (role: Role) => contrast(palette[role][theme], palette.paper[theme])

  it('has text that WCAG calls readable (AAA for what matters, AA for the rest)', () => {
    expect(against('ink')).toBeGreaterThanOrEqual(7)
    expect(against('muted')).toBeGreaterThanOrEqual(4.5)
  })

  it('has marks that stand out from paper, and filled ones from those that are derived', () => {
    expect(against('mark')).toBeGreaterThanOrEqual(4.5)
    expect(contrast(palette.mark[theme], palette.tint[theme])).toBeGreaterThanOrEqual(3)
  })

  it('gives each part its colour', () => {
    for (const role of Object.keys(palette) as Role[]) expect(styleSheet).toContain(`--${role}:${palette[role][theme]}`)
  })
})

it('each colour of the light picture is one part only, or its style sheet could not tell them apart', () => {
  const colours = Object.values(palette).map(({ light }) => light)
  expect(new Set(colours).size).toBe(colours.length)
  for (const colour of colours) {
    expect(styleSheet).toContain(`[fill="${colour}"]`)
    expect(styleSheet).toContain(`[stroke="${colour}"]`)
  }
})

it('fetches nothing', () => {
  expect(styleSheet).not.toMatch(/url\(|@import|@font-face/)
})
