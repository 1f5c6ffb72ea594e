import { and, eq } from 'drizzle-orm'
import type { ChartSize } from '../schemas/vocabularies.ts'
import { compiledByShape, given, type Db } from './client.ts'
import { chart } from './schema.ts'

/** The chart of a metric in a size, as it was drawn at load: as SVG, or as JSON of Vega-Lite; undefined where there is none. */
export function getChart(db: Db, metric: string, size: ChartSize, as: 'svg' | 'specification'): string | undefined {
  return chartText(db, { svg: as === 'svg' }).get({ metric, size })?.text
}
const chartText = compiledByShape((db, { svg }: { svg: boolean }) =>
  db
    .select({ text: svg ? chart.svg : chart.specification })
    .from(chart)
    .where(and(eq(chart.metric, given('metric')), eq(chart.size, given('size'))))
    .prepare(),
)
