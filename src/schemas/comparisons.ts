import { z } from 'zod'
import { Id, Text } from './envelope.ts'
import { cursor, limit, severalOf, tableFormat, termOfColumn, YesOrNo, yearNumber, type KnownTerms } from './query.ts'
import { Relation } from './vocabularies.ts'

/** A difference of two amounts, so up to twice as far from zero as they are. */
const Gap = z
  .number()
  .min(-2 * Number.MAX_SAFE_INTEGER)
  .max(2 * Number.MAX_SAFE_INTEGER)

/** Two figures that speak of the same thing: the same names in the same order in JSON, CSV and SQL. */
export const Comparison = z
  .strictObject({
    id: z.string().max(210).meta({ description: 'Permanent id of the comparison.' }),
    figure_a: Id.meta({ description: 'The figure that was printed earlier.' }),
    figure_b: Id.meta({ description: 'The figure that was printed later; a computed one comes last.' }),
    metric: Id.meta({ description: 'The metric of both.' }),
    relation: Relation.meta({ description: 'How the two relate.' }),
    compatible: z.boolean().meta({ description: 'Whether both could be true; where nothing bounds, anything could.' }),
    involves_derived: z.boolean().meta({ description: 'Whether one of them is computed.' }),
    gap_low: Gap.nullable().meta({
      description: 'Least by which b exceeds a: b.value_low − a.value_high; null: open.',
    }),
    gap_high: Gap.nullable().meta({
      description: 'Most by which b exceeds a: b.value_high − a.value_low; null: open.',
    }),
    reason: Text.nullable().meta({
      description: "A person's explanation; always there for different_scope, revises and conflicts.",
    }),
  })
  .meta({
    id: 'Comparison',
    description: 'Two figures that speak of the same thing.',
    examples: [
      {
        id: 'inl-2021-coca-eradication-2020-vs-inl-2021-coca-eradication-record-2020',
        figure_a: 'inl-2021-coca-eradication-2020',
        figure_b: 'inl-2021-coca-eradication-record-2020',
        metric: 'coca-eradication',
        relation: 'different_scope',
        compatible: true,
        involves_derived: false,
        gap_low: null,
        gap_high: null,
        reason:
          'One sentence, two scopes: the hectares are of forced eradication, the record is one of total eradication.',
      },
    ],
  })
export type Comparison = z.infer<typeof Comparison>

/** The names of the columns, in the order of the contract. */
export const columns = Object.keys(Comparison.shape) as [keyof Comparison, ...(keyof Comparison)[]]

/** The query of `GET /v1/comparisons`. Different parameters narrow (AND), terms of one parameter widen (OR). */
export const ComparisonsQuery = (known: KnownTerms) =>
  z.strictObject({
    relation: severalOf(Relation, {
      description: 'Only these relations; /v1/vocabularies defines them.',
      examples: {
        revised: { summary: 'What a later document changed', value: ['revises'] },
        apart: { summary: 'What only looks alike, and what was changed', value: ['different_scope', 'revises'] },
      },
    }),
    metric: severalOf(termOfColumn(known, 'metric'), {
      description: 'Only comparisons of these metrics.',
      examples: { one: { summary: 'Coca eradication', value: ['coca-eradication'] } },
    }),
    document: severalOf(termOfColumn(known, 'document'), {
      description: 'Only comparisons of which either figure stands in one of these documents.',
      examples: { sheet: { summary: 'The fact sheet of 2020', value: ['partnership-fact-sheet-2020'] } },
    }),
    year: severalOf(yearNumber, {
      description: "Only comparisons of which either figure's period ends in one of these years.",
      examples: { one: { summary: '2020', value: [2020] } },
    }),
    compatible: severalOf(YesOrNo, {
      description: 'Only pairs that could both be true, or only pairs that could not.',
      examples: { both: { summary: 'Both could be true', value: [true] } },
    }),
    involves_derived: severalOf(YesOrNo, {
      description: 'Only pairs with a computed figure, or only pairs of printed ones.',
      examples: { printed: { summary: 'Printed figures only', value: [false] } },
    }),
    limit,
    cursor,
    format: tableFormat,
  })
