import { constantFrom, date, property, assert as hold } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { securityText } from '../../src/routes/well-known.ts'
import { readProblem, serviceForTests } from '../support/service.ts'

const path = '/.well-known/security.txt'
const fields = (text: string) => text.split('\n').map((line) => line.split(/: (.*)/, 2))

describe('security.txt', () => {
  const { get } = serviceForTests({
    settings: { SECURITY_CONTACT: 'mailto:security@example.org', PUBLIC_URL: 'https://example.org/data' },
  })

  it('is plain text in UTF-8 with whom to tell, until when, and where the file belongs', async () => {
    const response = await get(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const text = await response.text()
    expect(fields(text)).toEqual([
      ['Contact', 'mailto:security@example.org'],
      ['Expires', expect.stringMatching(/^\d{4}-\d{2}-\d{2}T00:00:00Z$/)],
      ['Preferred-Languages', 'en'],
      ['Canonical', 'https://example.org/.well-known/security.txt'],
      [''],
    ])
  })

  it('is read-only like the rest', async () => {
    await readProblem(await get(path, { method: 'PUT' }), 405)
  })
})

describe('without a contact', () => {
  const { get } = serviceForTests()

  it('there is no security.txt, since one without a contact is none', async () => {
    await readProblem(await get(path), 404)
  })
})

it('expires never in the past, within a year, and at the same moment for a whole month', () => {
  const contact = 'mailto:security@example.org'
  const expiry = (now: Date) => Date.parse(/^Expires: (.*)$/m.exec(securityText({ base: '', contact, now }))?.[1] ?? '')
  const day = 86_400_000
  hold(
    property(
      date({ min: new Date('2026-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
      constantFrom(1, 15, 28),
      (now, other) => {
        const expires = expiry(now)
        expect(expires - now.getTime()).toBeGreaterThan(180 * day)
        expect(expires - now.getTime()).toBeLessThan(365 * day)
        expect(expiry(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), other)))).toBe(expires)
      },
    ),
  )
})

it('names a canonical address only under HTTPS', () => {
  const text = securityText({ base: 'http://example.org', contact: 'tel:+1-201-555-0123', now: new Date() })
  expect(text).not.toContain('Canonical')
})
