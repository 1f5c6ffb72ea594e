import { z } from 'zod'
import { Amount, Id, Text } from './envelope.ts'

export const Target = z
  .strictObject({
    id: Id.meta({ description: 'Permanent id of the target.' }),
    metric: Id.meta({ description: 'What it is about; an id of /v1/metrics.' }),
    scope: Id.meta({ description: 'The part of the metric in which its outcomes would stand.' }),
    place: Id.meta({ description: 'Where.' }),
    stated_by: z.array(Id).max(100).meta({ description: 'The figures that state it, in the order of publication.' }),
    base: Id.meta({ description: 'The figure that it starts from.' }),
    absolute: Id.meta({ description: 'The derived figure that says what it comes to.' }),
    deadline: z.string().max(40).meta({ description: 'The time by which it is to be reached; EDTF.' }),
    outcomes: z.array(Id).max(1000).meta({
      description: 'The figures after the base in the series that the target names, in the order of time.',
    }),
    progress: Amount.nullable().meta({
      description:
        'How much of the way from the base to the target the latest outcome has made, in percent; negative where it went ' +
        'the other way. Null where that cannot be said, as of an outcome that is known by a bound only.',
    }),
    progress_reason: Text.nullable().meta({ description: 'Why progress is null; otherwise null.' }),
  })
  .meta({
    id: 'Target',
    description: 'What somebody aims at, whichever documents say so and in whatever words.',
    examples: [
      {
        id: 'coca-cultivation-2023',
        metric: 'coca-cultivation',
        scope: 'all',
        place: 'colombia',
        stated_by: [
          'inl-2019-coca-cultivation-target-2023',
          'inl-2019-coca-cultivation-target-2023-restated',
          'fact-sheet-2020-coca-cultivation-target-2023',
          'inl-2021-coca-cultivation-target-2023',
        ],
        base: 'inl-2019-coca-cultivation-2017',
        absolute: 'derived-coca-cultivation-target-2023',
        deadline: '2023',
        outcomes: [],
        progress: null,
        progress_reason: 'No document holds a level of this series after the base, 2017.',
      },
    ],
  })
export type Target = z.infer<typeof Target>
