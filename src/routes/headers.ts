/** The headers by which browsers act on pages; answers for programs carry a handful of constant ones instead. */
import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'
import { pagePolicy } from '../pages/layout.ts'

/** The Content-Security-Policy of a page as text, for a page that is sent where helmet is not. */
export const policyOfPages = (publicUrl: string): string =>
  Object.entries(pagePolicy(publicUrl))
    .map(([directive, sources]) => `${directive} ${sources.join(' ')}`)
    .join(';')

/** Has every answer of a plugin carry the headers of a page; `publicUrl` is empty where the service has none. */
export async function addPageHeaders(app: FastifyInstance, publicUrl: string): Promise<void> {
  // helmet writes its headers past Fastify, whose own would win.
  app.addHook('onRequest', async (_request, reply) => {
    reply.removeHeader('Content-Security-Policy')
    reply.removeHeader('Referrer-Policy')
  })
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: pagePolicy(publicUrl) },
    // Of the service's own host: what else its domain has is not for the service to decide.
    strictTransportSecurity: publicUrl.startsWith('https:') && { includeSubDomains: false },
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  })
}
