import { and, eq } from 'drizzle-orm'
import type { ChartSize } from '../schemas/vocabularies.ts'
import type { Db } from './client.ts'
import { chart } from './schema.ts'

/** The chart of a metric in a size, as it was drawn at load: as SVG, or as JSON of Vega-Lite; undefined where there is none. */
export function getChart(db: Db, metric: string, size: ChartSize, as: 'svg' | 'specification'): string | undefined {
  const stored = db
    .select({ text: chart[as] })
    .from(chart)
    .where(and(eq(chart.metric, metric), eq(chart.size, size)))
    .get()
  return stored?.text
}
