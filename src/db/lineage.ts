import { asc, eq } from 'drizzle-orm'
import type { Db } from './client.ts'
import { derivation, derivationInput, figure } from './schema.ts'

/** By which method a figure is derived, and on what assumption; undefined of one that is printed. */
export function getDerivation(db: Db, id: string) {
  return db
    .select({ method: derivation.method, assumes: derivation.assumes })
    .from(derivation)
    .where(eq(derivation.figure, id))
    .get()
}

/** What a derived figure is computed from, in the order of its method. */
export function listInputs(db: Db, id: string) {
  return db
    .select({
      name: derivationInput.name,
      id: figure.id,
      origin: figure.origin,
      metric: figure.metric,
      value: figure.value,
      value_low: figure.value_low,
      value_low_inclusive: figure.value_low_inclusive,
      value_high: figure.value_high,
      value_high_inclusive: figure.value_high_inclusive,
      qualifier: figure.qualifier,
      unit: figure.unit,
      period: figure.period,
      source_url: figure.source_url,
    })
    .from(derivationInput)
    .innerJoin(figure, eq(figure.id, derivationInput.input))
    .where(eq(derivationInput.figure, id))
    .orderBy(asc(derivationInput.place))
    .all()
}

/** The figures that are derived from a figure, by id. */
export function listDerivedFrom(db: Db, id: string) {
  return db
    .select({ id: figure.id, method: derivation.method, statement: figure.statement })
    .from(derivationInput)
    .innerJoin(derivation, eq(derivation.figure, derivationInput.figure))
    .innerJoin(figure, eq(figure.id, derivationInput.figure))
    .where(eq(derivationInput.input, id))
    .orderBy(asc(figure.id))
    .all()
}
