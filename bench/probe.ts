/** Loaded into a measured process before its own code: tells the bench, which has a channel to it, what it has used. */

/** What a process has used since its start: CPU in µs, user and system, all threads; memory in bytes. */
export type Usage = { cpu: number; rss: number; peak: number }

process.on('message', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const rss = process.memoryUsage.rss()
  process.send?.({ cpu: userCPUTime + systemCPUTime, rss, peak: maxRSS * 1024 } satisfies Usage)
})
// The channel alone keeps no process alive that has come to its end.
process.channel?.unref()
// Nor does a measured process outlive what measures it.
process.on('disconnect', () => process.exit())
