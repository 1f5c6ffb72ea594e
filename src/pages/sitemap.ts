import { html } from 'ghtml'

/** Addresses as a sitemap (https://www.sitemaps.org/protocol.html), all of which changed on one day. */
export const sitemap = (
  addresses: readonly string[],
  changed: string,
): string => html`<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
!${addresses.map((address) => html`<url><loc>${address}</loc><lastmod>${changed}</lastmod></url>`).join('\n')}
</urlset>
`
