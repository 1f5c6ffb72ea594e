/** What is wrong with the parameters of a request: what zod finds, as faults that name what would be right. */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { nearest, type NamesOf } from './nearest.ts'
import type { ParameterFault } from './schemas/problem.ts'
import type { TermLookup } from './schemas/query.ts'

/** What other services call a parameter, for whoever comes from there. */
const customaryNames: Readonly<Record<string, readonly string[]>> = {
  metric: ['indicator', 'variable', 'series'],
  place: ['country', 'location', 'region', 'geo'],
  document: ['source', 'reference'],
  year: ['date', 'time', 'period'],
  year_from: ['start', 'since', 'after'],
  year_to: ['to', 'end', 'until', 'before'],
  q: ['query', 'search', 'text', 'keyword'],
  fields: ['columns', 'select'],
  facet: ['group', 'group-by', 'aggregate'],
  sort: ['order', 'order-by', 'sort-by', 'ordering'],
  limit: ['size', 'count', 'per-page', 'page-size', 'rows', 'top', 'take', 'first'],
  cursor: ['page', 'offset', 'skip', 'start-index'],
  format: ['output', 'f'],
}
const customary: NamesOf = (parameter) => customaryNames[parameter] ?? []

/** The reason of a fault of the name of a parameter, whatever its value. */
export const unknownParameter = 'is not a parameter of this resource'

/** Lists longer than this are left to /v1/vocabularies and its like. */
const mostAllowed = 100

/** What a request says, as it is told in the answer, which must not grow with it. */
export const shorten = (text: string) => (text.length > 200 ? `${text.slice(0, 200)}…` : text)

const parameterNames = (schema: unknown) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : [])

/** One thing that zod found wrong with a query, and the parameter that it is about. */
type QueryIssue = { issue: z.core.$ZodIssue; parameter: string; index?: number }

const issuesByParameter = (issues: readonly z.core.$ZodIssue[]): QueryIssue[] =>
  issues.flatMap((issue): QueryIssue[] => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((parameter) => ({ issue, parameter }))
    const [parameter, index] = issue.path
    return [{ issue, parameter: String(parameter), ...(typeof index === 'number' && { index }) }]
  })

/** More faults than this are counted, not listed: the answer must not grow with the request. */
const mostFaults = 100

/** For so many faults the nearest word is looked for, which takes longer than all else that is done for a request. */
const mostHints = 10

/**
 * An issue as a fault of its parameter; `first` where it is the first of that parameter, which lists what is allowed, and
 * `hinted` where the nearest word is to be named.
 */
function queryFault(
  { issue, parameter, index }: QueryIssue,
  { first, hinted }: { first: boolean; hinted: boolean },
  request: FastifyRequest,
): ParameterFault {
  const raw = (request.query as Record<string, string | string[] | undefined>)[parameter]
  const whole = [raw].flat().join(',')
  const received = index === undefined ? whole : (whole.split(',')[index] ?? '')
  const fault = { parameter: shorten(parameter), received: shorten(received) }
  const known = parameterNames(request.routeOptions.schema?.querystring)
  const among = (reason: string, allowed: readonly string[], word = received, namesOf?: NamesOf) => {
    const near = hinted ? nearest(word, allowed, namesOf) : undefined
    return {
      ...fault,
      reason,
      ...(first && allowed.length > 0 && allowed.length <= mostAllowed && { allowed: [...allowed] }),
      ...(near !== undefined && { did_you_mean: near }),
    }
  }
  if (issue.code === 'unrecognized_keys') return among(unknownParameter, known, parameter, customary)
  const isRule = issue.code === 'custom' && issue.params?.['between'] === true
  // What takes several terms is refused as a whole for their number, or by a rule between parameters.
  if (index === undefined && Array.isArray(raw) && issue.code !== 'too_big' && !isRule)
    return { ...fault, reason: 'is given more than once' }
  if (received === '') return { ...fault, reason: 'is empty' }
  if (issue.code === 'invalid_value') return among('is not known', issue.values.map(String))
  if (issue.code === 'custom' && issue.params?.['around'] !== undefined) {
    const { around, namesOf } = issue.params as { around: TermLookup['around']; namesOf?: NamesOf }
    return among('is not known', hinted ? around(received) : [], received, namesOf)
  }
  return { ...fault, reason: issue.message }
}

/** What zod finds wrong with the parameters of a request. */
export class InvalidParameters extends Error {
  readonly issues: readonly z.core.$ZodIssue[]
  constructor({ issues, message }: z.ZodError) {
    super(message)
    this.issues = issues
  }
}

/** Has Fastify read parameters by zod. */
export const validatorCompiler =
  ({ schema }: { schema: z.ZodType }) =>
  (value: unknown) => {
    const { data, error } = schema.safeParse(value)
    return error === undefined ? { value: data } : { error: new InvalidParameters(error) }
  }

/** The faults of a request that its answer lists, at most `mostFaults`, and how many there are in all (`total`). */
export function queryFaults(
  { issues }: InvalidParameters,
  request: FastifyRequest,
): { faults: ParameterFault[]; total: number } {
  const all = issuesByParameter(issues)
  // What is not known at all comes first: it is the likeliest slip.
  const listed = all
    .toSorted((a, b) => Number(b.issue.code === 'unrecognized_keys') - Number(a.issue.code === 'unrecognized_keys'))
    .slice(0, mostFaults)
  const firsts = new Map(listed.toReversed().map((issue) => [issue.parameter, issue]))
  const faults = listed.map((issue, at) =>
    queryFault(issue, { first: firsts.get(issue.parameter) === issue, hinted: at < mostHints }, request),
  )
  return { faults, total: all.length }
}
