/** What addresses name by an id: how the id is described, and what is said of one that there is not. */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type ProblemError, unknownId } from '../errors.ts'
import type { Service } from './resource.ts'

type Kind = 'metric' | 'document' | 'figure'

const examples: Record<Kind, { summary: string; value: string }> = {
  metric: { summary: 'Coca eradication', value: 'coca-eradication' },
  document: { summary: 'The INL page of 2021', value: 'inl-colombia-summary-2021' },
  figure: { summary: 'Coca cultivation in 2017', value: 'inl-2019-coca-cultivation-2017' },
}

/** The parameters of an address that names one thing of a kind. */
export const IdOf = (kind: Kind, example = examples[kind]) =>
  z.strictObject({
    id: z.string().meta({ description: `Id of the ${kind}.`, param: { 'x-examples': { one: example } } }),
  })

/** Which ids of a kind there are, and those to look for one in that was meant. */
function idsOf({ known }: Service, kind: Kind): Service['known']['id'] {
  if (kind === 'figure') return known.id
  return { has: (id) => known[kind].includes(id), around: () => known[kind] }
}

/** The 404 for an id that nothing of a kind has. */
export const unknownOf = (service: Service, kind: Kind, id: string): ProblemError =>
  unknownId(kind, id, idsOf(service, kind).around(id))

/** A preValidation that refuses ids that nothing of a kind has, whatever else is asked. */
export const mustBe = (service: Service, kind: Kind) => async (request: FastifyRequest) => {
  const { id } = request.params as { id: string }
  if (!idsOf(service, kind).has(id)) throw unknownOf(service, kind, id)
}
