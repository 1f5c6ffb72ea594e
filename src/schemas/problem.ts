import { z } from 'zod'

/** What is wrong with one parameter. */
export const ParameterFault = z
  .strictObject({
    parameter: z.string().max(2000).meta({ description: 'Name of the parameter.' }),
    received: z.string().max(2000).meta({ description: 'What was received.' }),
    reason: z.string().max(1000).meta({ description: 'What is wrong with it.' }),
    allowed: z
      .array(z.string())
      .max(1000)
      .optional()
      .meta({ description: 'What would have been allowed, where that is a list.' }),
    did_you_mean: z.string().max(200).optional().meta({ description: 'The nearest that would have been allowed.' }),
  })
  .meta({ id: 'ParameterFault', description: 'What is wrong with one parameter.' })
export type ParameterFault = z.infer<typeof ParameterFault>

/** Every error, whatever its cause (RFC 9457). */
export const Problem = z
  .strictObject({
    type: z.string().max(500).meta({ description: 'Address of the kind of problem; its text explains it.' }),
    title: z.string().max(200).meta({ description: 'The kind of problem, for people.' }),
    status: z.int().min(400).max(599).meta({ description: 'HTTP status code.' }),
    detail: z.string().max(2000).meta({ description: 'This problem, for people.' }),
    instance: z.string().max(20_000).meta({ description: 'The request that met it.' }),
    errors: z
      .array(ParameterFault)
      .max(100)
      .optional()
      .meta({ description: 'Of a bad request: every fault at once, up to a hundred.' }),
    did_you_mean: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'Of an unknown id in a path: the nearest known one.' }),
  })
  .meta({
    id: 'Problem',
    description: 'Every error has this shape (RFC 9457).',
    examples: [
      {
        type: '/#problem-invalid-request',
        title: 'Invalid request',
        status: 400,
        detail: 'The request has 2 faults, the first: superlative "higest" is not known. Did you mean highest?',
        instance: '/v1/figures?superlative=higest&limit=0',
        errors: [
          {
            parameter: 'superlative',
            received: 'higest',
            reason: 'is not known',
            allowed: ['highest', 'lowest'],
            did_you_mean: 'highest',
          },
          { parameter: 'limit', received: '0', reason: 'must be a whole number from 1 to 1000' },
        ],
      },
    ],
  })
export type Problem = z.infer<typeof Problem>
