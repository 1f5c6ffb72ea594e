/** Loaded into a measured process before its own code: tells the bench, which has a channel to it, what it has used. */
import { readFileSync } from 'node:fs'

/** What a process has used since its start: CPU in µs, user and system, all threads; memory in bytes. */
export type Usage = { cpu: number; rss: number; peak: number }

process.on('message', () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage()
  process.send?.({ cpu: userCPUTime + systemCPUTime, rss: process.memoryUsage.rss(), peak: peak() } satisfies Usage)
})

/** The most memory. On Linux `maxRSS` is at least that of what started the process: the bench, which may have built a database. */
function peak(): number {
  const ownKilobytes =
    process.platform === 'linux' && /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))
  return 1024 * (ownKilobytes ? Number(ownKilobytes[1]) : process.resourceUsage().maxRSS)
}

// The channel alone keeps no process alive that has come to its end.
process.channel?.unref()
// Nor does a measured process outlive what measures it.
process.on('disconnect', () => process.exit())
