import { and, type AnyColumn, asc, count, eq, gt, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { compiled, given, limitGiven, type Db } from './client.ts'
import { document, figure, target, targetStatement } from './schema.ts'

const base = alias(figure, 'base')
const absolute = alias(figure, 'absolute')

/** The value of a figure that is known to be just that; null of one that is known by a bound, or roughly. */
const exactOf = ({ value, value_low, value_high }: Record<'value' | 'value_low' | 'value_high', AnyColumn>) =>
  sql<number | null>`CASE WHEN ${value_low} = ${value_high} THEN ${value} END`

/** A page of targets by id, after an id ('' for the start), each with the values that progress is measured between. */
export const listTargets = (db: Db, after: string, limit: number) => targetsAfter(db).all({ after, limit })
const targetsAfter = compiled((db) =>
  db
    .select({
      id: target.id,
      metric: target.metric,
      scope: target.outcome_scope,
      place: target.place,
      base: target.base,
      absolute: target.absolute,
      deadline: target.deadline,
      voice: target.outcome_voice,
      base_exact: exactOf(base).as('base_exact'),
      base_end: sql<string>`${base.period_end}`.as('base_end'),
      absolute_exact: exactOf(absolute).as('absolute_exact'),
    })
    .from(target)
    .innerJoin(base, eq(base.id, target.base))
    .innerJoin(absolute, eq(absolute.id, target.absolute))
    .where(gt(target.id, given('after')))
    .orderBy(asc(target.id))
    .limit(limitGiven('limit'))
    .prepare(),
)

/** The targets of a release, counted. */
export const countTargets = (db: Db): number => targetCount(db).get()?.targets ?? 0
const targetCount = compiled((db) => db.select({ targets: count() }).from(target).prepare())

/** The figures that state a target, in the order of their publication. */
export const listStatements = (db: Db, id: string): string[] =>
  statementsOf(db)
    .all({ id })
    .map((row) => row.figure)
const statementsOf = compiled((db) =>
  db
    .select({ figure: figure.id })
    .from(targetStatement)
    .innerJoin(figure, eq(figure.id, targetStatement.figure))
    .leftJoin(document, eq(document.id, figure.document))
    .where(eq(targetStatement.target, given('id')))
    .orderBy(asc(document.published_latest), asc(figure.quote_start), asc(figure.id))
    .prepare(),
)

/** What came of a target: the levels after its base in the series that it names, in the order of time. */
export const listOutcomes = (
  db: Db,
  { metric, scope, place, voice, base_end }: ReturnType<typeof listTargets>[number],
) => outcomesAfter(db).all({ metric, scope, place, measure: 'level', claim_type: 'outcome', voice, base_end })
const outcomesAfter = compiled((db) =>
  db
    .select({ id: figure.id, value: figure.value, exact: exactOf(figure).as('exact'), period: figure.period })
    .from(figure)
    .innerJoin(document, eq(document.id, figure.document))
    .where(
      and(
        eq(figure.metric, given('metric')),
        eq(figure.scope, given('scope')),
        eq(figure.place, given('place')),
        eq(figure.measure, given('measure')),
        eq(figure.claim_type, given('claim_type')),
        eq(sql`coalesce(${figure.attribution}, ${document.publisher})`, given('voice')),
        gt(figure.period_end, given('base_end')),
      ),
    )
    .orderBy(asc(figure.period_end), asc(document.published_latest), asc(figure.id))
    .prepare(),
)
