/**
 * The colours of charts, and the style sheet by which one picture serves light and dark screens and print. It stands
 * within each picture, since a picture in an <img> sees no other; who serves it names it in the content security policy.
 */

/** Each colour by what it is for. No meaning is carried by colour alone. */
export const palette = {
  paper: { light: '#ffffff', dark: '#15191e', print: '#ffffff' },
  ink: { light: '#1b1d20', dark: '#eceef0', print: '#000000' },
  muted: { light: '#575d64', dark: '#a9b0b8', print: '#333333' },
  grid: { light: '#dfe2e5', dark: '#343a41', print: '#cccccc' },
  tint: { light: '#c3d8ec', dark: '#2c4a66', print: '#c8c8c8' },
  mark: { light: '#1c5d99', dark: '#82bdf2', print: '#111111' },
} as const
export type Role = keyof typeof palette

const roles = Object.keys(palette) as Role[]
const variables = (theme: 'light' | 'dark' | 'print') =>
  `.chart{${roles.map((role) => `--${role}:${palette[role][theme]}`).join(';')}}`

/**
 * The style sheet. The attributes of the picture have the light colours, so that a program that knows no style sheets
 * draws it as well; the style sheet gives each colour its part, and each part its colour.
 */
export const styleSheet = [
  // In a page the picture shrinks with its room; its own width is the widest it is.
  '.chart{max-width:100%;height:auto}',
  variables('light'),
  ...roles.flatMap((role) =>
    (['fill', 'stroke'] as const).map((name) => `.chart [${name}="${palette[role].light}"]{${name}:var(--${role})}`),
  ),
  `@media (prefers-color-scheme:dark){${variables('dark')}}`,
  `@media print{${variables('print')}}`,
].join('')
