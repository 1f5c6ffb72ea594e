import { asc, eq, getTableColumns, gt, sql } from 'drizzle-orm'
import { compiled, given, limitGiven, type Db } from './client.ts'
import { document, figure, notRecorded, organization } from './schema.ts'

const { id, title, kind, publisher, ...rest } = getTableColumns(document)

const summaries = (db: Db) =>
  db
    .select({
      id,
      title,
      kind,
      publisher,
      publisher_title: sql<string>`${organization.title}`.as('publisher_title'),
      ...rest,
      figure_count: sql<number>`(SELECT count(*) FROM ${figure} WHERE ${figure.document} = ${document.id})`.as(
        'figure_count',
      ),
      not_recorded_count:
        sql<number>`(SELECT count(*) FROM ${notRecorded} WHERE ${notRecorded.document} = ${document.id})`.as(
          'not_recorded_count',
        ),
    })
    .from(document)
    .innerJoin(organization, eq(organization.id, document.publisher))
    .orderBy(asc(document.id))

/** A page of documents by id, after an id ('' for the start). */
export const listDocuments = (db: Db, after: string, limit: number) => documentsAfter(db).all({ after, limit })
const documentsAfter = compiled((db) =>
  summaries(db)
    .where(gt(document.id, given('after')))
    .limit(limitGiven('limit'))
    .prepare(),
)

/** What documents are called and when they were published, the first by id: for lists of many, without what is counted. */
export const listDocumentTitles = (db: Db, limit: number) =>
  db.select({ id, title, published: document.published }).from(document).orderBy(asc(id)).limit(limit).all()

/** The ids of the documents that had not, or not surely, been published by a day. */
export const listDocumentsAfter = (db: Db, day: string): string[] =>
  publishedAfter(db)
    .all({ day })
    .map(({ id }) => id)
const publishedAfter = compiled((db) =>
  db
    .select({ id })
    .from(document)
    .where(gt(document.published_latest, given('day')))
    .orderBy(asc(id))
    .prepare(),
)

/** One document, or undefined. */
export const getDocument = (db: Db, documentId: string) => documentById(db).get({ id: documentId })
const documentById = compiled((db) =>
  summaries(db)
    .where(eq(document.id, given('id')))
    .prepare(),
)

/** The numeric mentions of a document that are no figures, in the order of its text. */
export const listNotRecorded = (db: Db, documentId: string) => notRecordedOf(db).all({ id: documentId })
const notRecordedOf = compiled((db) =>
  db
    .select({ text: notRecorded.text, start: notRecorded.start, end: notRecorded.end, reason: notRecorded.reason })
    .from(notRecorded)
    .where(eq(notRecorded.document, given('id')))
    .orderBy(asc(notRecorded.start))
    .prepare(),
)
