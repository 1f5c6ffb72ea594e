import { z } from 'zod'
import { Amount, Id, Link, Text } from './envelope.ts'
import { DerivationMethod, Origin, Qualifier } from './vocabularies.ts'

const Input = z
  .strictObject({
    name: z.string().max(40).meta({ description: 'What the formula calls it.' }),
    id: Id.meta({ description: 'The figure.' }),
    origin: Origin.meta({ description: 'Whether it is printed, or derived itself.' }),
    metric: Id.meta({ description: 'Its metric.' }),
    value: Amount.nullable().meta({ description: 'Its value.' }),
    value_low: Amount.nullable().meta({ description: 'Its lower bound; null: open.' }),
    value_low_inclusive: z.boolean().nullable().meta({ description: 'Whether it may be just value_low.' }),
    value_high: Amount.nullable().meta({ description: 'Its upper bound; null: open.' }),
    value_high_inclusive: z.boolean().nullable().meta({ description: 'Whether it may be just value_high.' }),
    qualifier: Qualifier.nullable().meta({ description: 'How the print qualifies it.' }),
    unit: Id.meta({ description: 'Its unit.' }),
    period: z.string().max(40).meta({ description: 'Its period; EDTF.' }),
    source_url: z.url().max(4000).nullable().meta({ description: 'Address that shows its phrase in its document.' }),
    url: Link.meta({ description: 'Permanent address of the figure.' }),
  })
  .meta({ id: 'LineageInput', description: 'A figure that another is computed from (PROV: used).' })

const Use = z
  .strictObject({
    id: Id.meta({ description: 'The derived figure.' }),
    method: DerivationMethod.meta({ description: 'How it is computed.' }),
    statement: Text.meta({ description: 'What it says, in our words.' }),
    url: Link.meta({ description: 'Permanent address of the figure.' }),
  })
  .meta({ id: 'LineageUse', description: 'A figure that is computed from this one (PROV: wasDerivedFrom).' })

export const Lineage = z
  .strictObject({
    method: DerivationMethod.nullable().meta({ description: 'How the figure is computed; null where it is printed.' }),
    formula: Text.nullable().meta({ description: 'The same in words and symbols, by the names of the inputs.' }),
    inputs: z.array(Input).max(10).nullable().meta({ description: 'What it is computed from.' }),
    assumes: Text.nullable().meta({ description: 'What is taken for granted, where the inputs are unlike.' }),
    used_by: z.array(Use).max(1000).meta({ description: 'What is computed from it in turn.' }),
  })
  .meta({
    id: 'Lineage',
    description: 'Where a figure comes from and where it goes, as far as it is computed (after W3C PROV).',
    examples: [
      {
        method: null,
        formula: null,
        inputs: null,
        assumes: null,
        used_by: [
          {
            id: 'derived-coca-eradication-2019',
            method: 'level_before_change',
            statement: 'Forced eradication of coca in 2019, as the level of 2020 and the rise to it imply it.',
            url: '/v1/figures/derived-coca-eradication-2019',
          },
          {
            id: 'derived-coca-eradication-change-2019-2020',
            method: 'change_from_relative',
            statement: 'Forced eradication of coca rose by more than 35,109 ha from 2019 to 2020.',
            url: '/v1/figures/derived-coca-eradication-change-2019-2020',
          },
        ],
      },
    ],
  })
export type Lineage = z.infer<typeof Lineage>
