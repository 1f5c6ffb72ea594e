/** Loaded into a process before its own code (`node --expose-gc --import`): tells its parent, when asked, what it holds. */
import { setImmediate as turnOfEventLoop } from 'node:timers/promises'

/**
 * Bytes that are in use once all garbage is gone, bytes of the whole process as the system counts them, and what keeps the
 * event loop turning, by kind.
 */
export type Held = { bytes: number; resident: number; resources: Record<string, number> }

process.on('message', () => {
  void (async () => {
    for (let round = 0; round < 3; round += 1) {
      globalThis.gc?.()
      await turnOfEventLoop()
    }
    const { heapUsed, external, rss: resident } = process.memoryUsage()
    const resources = process.getActiveResourcesInfo()
    const counted = Object.fromEntries(
      [...new Set(resources)].toSorted().map((kind) => [kind, resources.filter((other) => other === kind).length]),
    )
    process.send?.({ bytes: heapUsed + external, resident, resources: counted } satisfies Held)
  })()
})
// To listen must not keep a service alive that has been told to end.
process.channel?.unref()
