/** How many requests an address has made: one count for those that are routed and those that are answered before. */
import type { FastifyRateLimitStoreCtor } from '@fastify/rate-limit'
import { LRUCache } from 'lru-cache'

/** Addresses of which requests are counted at the same time; the longest unheard of is forgotten first. */
const mostAddresses = 50_000

export type RequestCounts = {
  /** Counts a request: how many the address has made in its window, and milliseconds until that ends. */
  count: (address: string) => { current: number; ttl: number }
  /** The same counts for @fastify/rate-limit. */
  Store: FastifyRateLimitStoreCtor
}

/** Counts in windows of so many milliseconds that begin with an address's first request; the clock may jump. */
export function openRequestCounts(timeWindow: number, now = () => performance.now()): RequestCounts {
  const windows = new LRUCache<string, { current: number; start: number }>({ max: mostAddresses })
  const count = (address: string) => {
    let window = windows.get(address)
    // Whole, so that no window seems longer than it is.
    const time = Math.trunc(now())
    if (window === undefined || window.start + timeWindow <= time) {
      window = { current: 0, start: time }
      windows.set(address, window)
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
