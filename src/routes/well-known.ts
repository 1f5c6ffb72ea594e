import type { FastifyPluginAsync } from 'fastify'

/** `base` is PUBLIC_URL, `contact` the address for reports, if there is one. */
type Options = { base: string; contact: string | undefined }

/** What stands at well-known addresses (RFC 8615), outside of the API: nothing but the contact for vulnerabilities. */
export const wellKnownRoutes: FastifyPluginAsync<Options> = async (app, { base, contact }) => {
  if (contact === undefined) return
  app.get('/.well-known/security.txt', { schema: { hide: true } }, async (_request, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      // It changes with the month, not with the release, by which other answers are kept.
      .header('Cache-Control', 'no-store')
      .send(securityText({ base, contact, now: new Date() })),
  )
}

/**
 * A security.txt (RFC 9116). It says nothing without a contact that somebody reads, so whoever runs the service names
 * one. `Expires` is the first day of the seventh month to come: never past, within the year that the standard recommends,
 * and the same bytes for a month. `Canonical` needs a public address by HTTPS (section 2.5.2), at whose root the file
 * must stand, even where the service itself stands below.
 */
export function securityText({ base, contact, now }: { base: string; contact: string; now: Date }): string {
  const expires = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 7, 1))
  return [
    `Contact: ${contact}`,
    `Expires: ${expires.toISOString().replace('.000Z', 'Z')}`,
    'Preferred-Languages: en',
    ...(base.startsWith('https:') ? [`Canonical: ${new URL('/.well-known/security.txt', base).href}`] : []),
    '',
  ].join('\n')
}
