/** How many requests a client has made: one count for those that are routed and those that are answered before. */
import { isIPv6 } from 'node:net'
import { normalizeIP, type FastifyRateLimitStoreCtor } from '@fastify/rate-limit'
import { LRUCache } from 'lru-cache'

/** Clients of which requests are counted at the same time; the longest unheard of is forgotten first. */
export const mostClients = 50_000

/** No IP address is written longer, zone included; a proxy that is believed may hand on any text instead. */
const longestAddress = 64

/** What is no address and too long for a name shares one count. */
const nobody = ''

export type RequestCounts = {
  /**
   * Counts a request: how many the client has made in its window, and milliseconds until that ends. However an address is
   * written it is one client, and so is a /64 network of IPv6, of which a client has its pick.
   */
  count: (address: string | undefined) => { current: number; ttl: number }
  /** The same counts for @fastify/rate-limit. */
  Store: FastifyRateLimitStoreCtor
}

/** Counts in windows of so many milliseconds that begin with a client's first request; the clock may jump. */
export function openRequestCounts(timeWindow: number, now = () => performance.now()): RequestCounts {
  // By their size and not their number, for which the cache would make room at once: a start would wait for it.
  const room = { maxSize: mostClients, sizeCalculation: () => 1 }
  const windows = new LRUCache<string, { current: number; start: number }>(room)
  // To read an address of IPv6 takes as long as to give a kept answer.
  const networks = new LRUCache<string, string>(room)
  const clientOf = (address: string) => {
    // Only an address of IPv6 has a colon; to look for more would take longer than all else here.
    if (!address.includes(':')) return address.toLowerCase()
    if (!isIPv6(address)) return normalizeIP(address)
    let client = networks.get(address)
    if (client === undefined) networks.set(address, (client = normalizeIP(address)))
    return client
  }
  const count = (address = nobody) => {
    const client = clientOf(address.length > longestAddress ? nobody : address)
    let window = windows.get(client)
    // Whole, so that no window seems longer than it is.
    const time = Math.trunc(now())
    if (window === undefined || window.start + timeWindow <= time) {
      window = { current: 0, start: time }
      windows.set(client, window)
    }
    window.current += 1
    return { current: window.current, ttl: window.start + timeWindow - time }
  }
  class Store {
    incr(address: string, callback: (error: Error | null, result?: { current: number; ttl: number }) => void): void {
      callback(null, count(address))
    }

    child(): this {
      return this
    }
  }
  return { count, Store }
}
