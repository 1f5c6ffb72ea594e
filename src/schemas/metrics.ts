import { z } from 'zod'
import { Count, Id, Link, Text, Year } from './envelope.ts'
import { Topic } from './vocabularies.ts'

const summary = {
  id: Id.meta({ description: 'Permanent id of the metric.' }),
  title: Text.meta({ description: 'Title of the metric.' }),
  definition: Text.meta({ description: 'What is measured.' }),
  topic: Topic.meta({ description: 'What it is about.' }),
  unit: Id.meta({ description: 'Unit of its levels, running totals, absolute changes and rates.' }),
  unit_title: Text.meta({ description: 'Name of the unit.' }),
  additive: z.boolean().meta({
    description: 'Whether levels of one scope, of disjoint periods, may be added up, as those of a flow may.',
  }),
  figure_count: Count.meta({ description: 'Figures of the metric.' }),
  document_count: Count.meta({ description: 'Documents that print any of them.' }),
  year_first: Year.nullable().meta({ description: 'Earliest year of its figures.' }),
  year_last: Year.nullable().meta({ description: 'Latest year of its figures; of a target, a year to come.' }),
  figures_url: Link.meta({ description: 'Where its figures are.' }),
  url: Link.meta({ description: 'Permanent address of the metric.' }),
}

const example = {
  id: 'coca-eradication',
  title: 'Coca eradication',
  definition: 'Area of coca destroyed in a year.',
  topic: 'counternarcotics',
  unit: 'ha',
  unit_title: 'hectares',
  additive: true,
  figure_count: 8,
  document_count: 4,
  year_first: 2018,
  year_last: 2020,
  figures_url: '/v1/figures?metric=coca-eradication',
  url: '/v1/metrics/coca-eradication',
}

export const MetricSummary = z
  .strictObject(summary)
  .meta({ id: 'MetricSummary', description: 'What is measured.', examples: [example] })

export const Scope = z
  .strictObject({
    scope: Id.meta({ description: 'Id of the scope within the metric.' }),
    definition: Text.meta({ description: 'Which part of the metric it covers.' }),
    figure_count: Count.meta({ description: 'Figures of this scope.' }),
  })
  .meta({
    id: 'Scope',
    description: 'A part of a metric; figures of different scopes are never blended.',
    examples: [{ scope: 'forced', definition: 'Printed as forced eradication.', figure_count: 4 }],
  })

export const Metric = z
  .strictObject({
    ...summary,
    scopes: z.array(Scope).max(100).meta({ description: 'The parts of the metric that figures cover.' }),
  })
  .meta({
    id: 'Metric',
    description: 'What is measured, with its scopes.',
    examples: [
      {
        ...example,
        scopes: [
          { scope: 'forced', definition: 'Printed as forced eradication.', figure_count: 4 },
          {
            scope: 'forced-and-substitution',
            definition: 'Forced eradication and crop substitution together.',
            figure_count: 1,
          },
          { scope: 'manual', definition: 'Printed as manual eradication.', figure_count: 1 },
          { scope: 'total', definition: 'Printed as total eradication.', figure_count: 1 },
          { scope: 'unstated', definition: 'Printed as eradication, without saying of which kind.', figure_count: 1 },
        ],
      },
    ],
  })
export type MetricSummary = z.infer<typeof MetricSummary>
export type Metric = z.infer<typeof Metric>
