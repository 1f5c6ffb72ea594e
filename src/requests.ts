/** What is read of a request before it is known what it asks for. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import proxyAddr from '@fastify/proxy-addr'
import type { Config } from './config.ts'
import { addressTooLong, longestAddress, ProblemError } from './errors.ts'
import { countHosts } from './http.ts'

/** Whom to believe about the address of a client, as a test of each proxy on the way. */
export function trusted(setting: Config['TRUST_PROXY']): (address: string, hop: number) => boolean {
  if (typeof setting === 'boolean') return () => setting
  return typeof setting === 'number' ? (_address, hop) => hop < setting : proxyAddr.compile(setting)
}

/** A request's id: taken from the client where it is harmless in a log, otherwise our own. */
export function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID()
}

/** Why a request is refused whatever it asks for. */
export function faultOf(request: IncomingMessage): ProblemError | undefined {
  const { method, url = '', httpVersion } = request
  if (!url.startsWith('/') && method !== 'OPTIONS')
    return new ProblemError(400, 'The target of the request is no path.')
  if (!isWellFormed(url)) return new ProblemError(400, 'The query is not UTF-8, percent-encoded.')
  // The next page of a query that was short enough is never refused: its cursor makes it longer.
  const room = url.includes('cursor=') ? 1000 : 0
  if (url.length > longestAddress + room) return new ProblemError(414, addressTooLong)
  const hosts = countHosts(request)
  if (httpVersion === '1.1' && hosts === 0) return new ProblemError(400, 'The request names no Host.')
  if (hosts > 1) return new ProblemError(400, 'The request names more than one Host.')
  return undefined
}

/**
 * Reads a target with scheme and authority, as clients write it to proxies but may to anybody, as a path on that host (RFC 9112,
 * section 3.2.2).
 */
export function readTarget(request: IncomingMessage): void {
  const { url = '' } = request
  if (url.startsWith('/')) return
  const [, host, path = ''] = /^https?:\/\/([^/?#]+)(.*)$/i.exec(url) ?? []
  if (host === undefined) return
  if (request.headers.host !== undefined) request.headers.host = host
  request.url = path.startsWith('/') ? path : `/${path}`
}

/** Whether every escape of an address stands for UTF-8; what does not would be taken for other words. */
function isWellFormed(url: string): boolean {
  try {
    decodeURIComponent(url)
    return true
  } catch {
    return false
  }
}
