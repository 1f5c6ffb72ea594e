import { asc, eq } from 'drizzle-orm'
import { compiled, given, type Db } from './client.ts'
import { derivationInput, figure } from './schema.ts'

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
