import { z } from 'zod'
import { atMostOne } from './query.ts'
import { ChartFormat, ChartSize } from './vocabularies.ts'

/** What a chart is asked for with. */
export const ChartQuery = z.strictObject({
  size: atMostOne(ChartSize, {
    description:
      'For how much room: `wide` is 720 pixels wide, `narrow` 360, for telephones, and `card` 320, with the first ' +
      'panel alone and neither axis nor sources. Unless it is given, `wide`.',
    examples: {
      narrow: { summary: 'For a telephone', value: 'narrow' },
      card: { summary: 'For a list of metrics', value: 'card' },
      wide: { summary: 'For a page', value: 'wide' },
    },
  }),
  format: atMostOne(ChartFormat, {
    description: 'Format of the chart; beats the Accept header. Without both, SVG.',
    examples: {
      'vega-lite': { summary: 'To change it, or to draw it elsewhere', value: 'vega-lite' },
      svg: { summary: 'To look at', value: 'svg' },
    },
  }),
})

const Pixels = z.number().min(0).max(100_000)

/** A chart as data: the part of Vega-Lite that every one of ours has. */
export const ChartSpecification = z
  .looseObject({
    $schema: z
      .literal('https://vega.github.io/schema/vega-lite/v6.json')
      .meta({ description: 'Which version of Vega-Lite it is written in.' }),
    title: z
      .looseObject({ text: z.array(z.string().max(200)).max(20).meta({ description: 'The title, in lines.' }) })
      .meta({ description: 'Title of the metric.' }),
    description: z.string().max(100_000).meta({
      description: 'The chart in words: every figure that it shows, by panel and series, and the sources.',
    }),
    padding: z
      .strictObject({
        left: Pixels.meta({ description: 'Pixels to the left of the axes.' }),
        right: Pixels.meta({ description: 'Pixels to the right of the axes.' }),
        top: Pixels.meta({ description: 'Pixels above the first panel.' }),
        bottom: Pixels.meta({ description: 'Pixels from the top of the first panel to the lower edge.' }),
      })
      .meta({ description: 'The size of the picture: with the width of the panels, and no other height.' }),
    vconcat: z
      .array(z.looseObject({}))
      .max(100)
      .meta({ description: 'The panels, one for each measure and unit, then the key and the sources.' }),
  })
  .meta({
    id: 'ChartSpecification',
    description:
      'A chart as a specification of Vega-Lite, which holds its data: in the panels, each figure is a row with its bounds.',
    examples: [
      {
        $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
        title: { text: ['Deaths in attacks'] },
        description: 'Level, in persons. U.S. Department of State, Office of the Spokesperson: Jan 2019 [1]: 22.',
        padding: { left: 184, right: 198, top: 71, bottom: 193 },
        vconcat: [
          {
            name: 'level_persons',
            width: 338,
            height: 70,
            data: { values: [{ value: 22, value_low: 22, value_high: 22, label: 'Jan 2019 [1]', said: '22' }] },
            layer: [],
          },
        ],
      },
    ],
  })
