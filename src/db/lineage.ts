import { asc, eq } from 'drizzle-orm'
import { compiled, given, type Db } from './client.ts'
import { derivation, derivationInput, figure } from './schema.ts'

/** By which method a figure is derived, and on what assumption; undefined of one that is printed. */
export const getDerivation = (db: Db, id: string) => derivationOf(db).get({ id })
const derivationOf = compiled((db) =>
  db
    .select({ method: derivation.method, assumes: derivation.assumes })
    .from(derivation)
    .where(eq(derivation.figure, given('id')))
    .prepare(),
)

/** What a derived figure is computed from, in the order of its method. */
export const listInputs = (db: Db, id: string) => inputsOf(db).all({ id })
const inputsOf = compiled((db) =>
  db
    .select({
      name: derivationInput.name,
      id: figure.id,
      origin: figure.origin,
      value: figure.value,
    })
    .from(derivationInput)
    .innerJoin(figure, eq(figure.id, derivationInput.input))
    .where(eq(derivationInput.figure, given('id')))
    .orderBy(asc(derivationInput.place))
    .prepare(),
)

/** The figures that are derived from a figure, by id. */
export const listDerivedFrom = (db: Db, id: string) => derivedFrom(db).all({ id })
const derivedFrom = compiled((db) =>
  db
    .select({ id: derivation.figure, method: derivation.method })
    .from(derivationInput)
    .innerJoin(derivation, eq(derivation.figure, derivationInput.figure))
    .where(eq(derivationInput.input, given('id')))
    .orderBy(asc(derivation.figure))
    .prepare(),
)
