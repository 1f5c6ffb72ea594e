/** What search engines and browsers ask for by themselves: which addresses there are, and the icon. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi'
import { listIds } from '../db/figures.ts'
import { onFirstUse } from '../first-use.ts'
import { favicon } from '../pages/layout.ts'
import { NoQuery } from '../schemas/query.ts'
import { conditional, produces, type Service } from './resource.ts'
import type { Views } from './views.ts'

/** Most addresses in a sitemap (https://www.sitemaps.org/protocol.html). */
const mostAddresses = 50_000

/** robots.txt, the sitemap and the icon. */
export const findableRoutes: FastifyPluginAsyncZodOpenApi<Service & { views: Views }> = async (app, service) => {
  const { db, known, release, views } = service

  const file = (path: string, type: string, content: (origin: string) => string | Promise<string>) =>
    app.get(
      path,
      {
        schema: { hide: true, querystring: NoQuery },
        preHandler: [produces(type), conditional(service, views.originOf)],
      },
      async (request: FastifyRequest, reply: FastifyReply) => {
        const text = type.startsWith('text/') ? `${type}; charset=utf-8` : type
        return reply.type(text).send(await content(views.site(request).origin))
      },
    )

  file('/favicon.svg', 'image/svg+xml', () => favicon)

  // RFC 9309. Of the queries of the form there is no end, and what they find stands on pages of its own.
  file('/robots.txt', 'text/plain', (origin) => {
    const { pathname } = new URL(`${origin === '' ? 'http://localhost' : origin}/`)
    return `User-agent: *\nDisallow: ${pathname}explore?\n\nSitemap: ${origin}/sitemap.xml\n`
  })

  const paths = onFirstUse(async () => {
    const { figurePath } = await import('../pages/parts.ts')
    return [
      ...['/', '/explore'],
      ...known.metric.map((id) => `/metrics/${id}`),
      ...known.document.map((id) => `/documents/${id}`),
      ...listIds(db, mostAddresses).map(figurePath),
    ]
  })
  file('/sitemap.xml', 'application/xml', async (origin) => {
    const { sitemap } = await import('../pages/sitemap.ts')
    const addresses = (await paths()).slice(0, mostAddresses)
    return sitemap(
      addresses.map((path) => `${origin}${path}`),
      release.released,
    )
  })
}
