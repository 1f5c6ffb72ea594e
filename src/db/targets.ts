import { and, asc, count, eq, gt, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { Db } from './client.ts'
import { document, figure, target, targetStatement } from './schema.ts'

const base = alias(figure, 'base')
const absolute = alias(figure, 'absolute')

/** A page of targets by id, after an id ('' for the start), each with the values that progress is measured between. */
export function listTargets(db: Db, after: string, limit: number) {
  return db
    .select({
      id: target.id,
      metric: target.metric,
      scope: target.outcome_scope,
      place: target.place,
      base: target.base,
      absolute: target.absolute,
      deadline: target.deadline,
      voice: target.outcome_voice,
      base_value: base.value,
      base_end: sql<string>`${base.period_end}`.as('base_end'),
      absolute_value: absolute.value,
    })
    .from(target)
    .innerJoin(base, eq(base.id, target.base))
    .innerJoin(absolute, eq(absolute.id, target.absolute))
    .where(gt(target.id, after))
    .orderBy(asc(target.id))
    .limit(limit)
    .all()
}

/** The targets of a release, counted. */
export function countTargets(db: Db): number {
  return db.select({ targets: count() }).from(target).get()?.targets ?? 0
}

/** The figures that state a target, in the order of their publication. */
export function listStatements(db: Db, id: string): string[] {
  return db
    .select({ figure: figure.id })
    .from(targetStatement)
    .innerJoin(figure, eq(figure.id, targetStatement.figure))
    .leftJoin(document, eq(document.id, figure.document))
    .where(eq(targetStatement.target, id))
    .orderBy(asc(document.published_latest), asc(figure.quote_start), asc(figure.id))
    .all()
    .map((row) => row.figure)
}

/** What came of a target: the levels after its base in the series that it names, in the order of time. */
export function listOutcomes(
  db: Db,
  { metric, scope, place, voice, base_end }: ReturnType<typeof listTargets>[number],
) {
  return db
    .select({ id: figure.id, value: figure.value, period: figure.period })
    .from(figure)
    .innerJoin(document, eq(document.id, figure.document))
    .where(
      and(
        eq(figure.metric, metric),
        eq(figure.scope, scope),
        eq(figure.place, place),
        eq(figure.measure, 'level'),
        eq(figure.claim_type, 'outcome'),
        eq(sql`coalesce(${figure.attribution}, ${document.publisher})`, voice),
        gt(figure.period_end, base_end),
      ),
    )
    .orderBy(asc(figure.period_end), asc(document.published_latest), asc(figure.id))
    .all()
}
