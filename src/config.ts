import { isIP } from 'node:net'
import { z } from 'zod'

/** Thrown where the environment is wrong; the message is one line. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

const anyWholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `expected a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `expected a whole number from ${min} to ${max}`)

const wholeNumber = (min: number, max: number, byDefault: number) => anyWholeNumber(min, max).default(byDefault)

/** An IP address, or a range of them in CIDR notation. */
const isAddress = (text: string) => {
  const [address = '', bits, ...rest] = text.split('/')
  const most = { 4: 32, 6: 128 }[isIP(address)]
  if (most === undefined || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most)
}

/** A contact as RFC 9116, section 2.5.3, wants it: a URI, and a web page only by HTTPS. */
const isContact = (text: string) => /^(mailto:[^\s@]+@[^\s@]+|https:\/\/[^\s/]\S*|tel:\+?[\d.()-]+)$/.test(text)

/** How much is logged, from the least to everything, and nothing. */
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** The settings, each an environment variable with a default. The README documents each; a test holds it to that. */
export const Config = z.object({
  HOST: z.string().min(1, 'expected a host name or address').default('127.0.0.1').describe('Address to listen on.'),
  PORT: wholeNumber(0, 65_535, 3000).describe('Port to listen on; 0 takes any free one.'),
  DATABASE_PATH: z
    .string()
    .min(1, 'expected a path')
    .default('data/metrics.db')
    .describe('Path of the SQLite database.'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'expected an http or https address' })
    .refine((url) => !/[?#]|^[^/]*\/\/[^/]*@/.test(url), 'expected an address without user, query or fragment')
    .transform((url) => new URL(url).href.replace(/\/+$/, ''))
    .optional()
    .describe('Address under which the public reaches the service, for links; without it links are relative.'),
  LOG_LEVEL: z
    .enum(logLevels, `expected one of ${logLevels.join(', ')}`)
    .default('info')
    .describe(`How much to log: ${logLevels.join(', ')}.`),
  TRUST_PROXY: z
    .string()
    .transform((value, context) => {
      if (value === 'false' || value === 'true') return value === 'true'
      if (/^[1-9]\d?$/.test(value)) return Number(value)
      const addresses = value.split(',')
      if (addresses.every(isAddress)) return addresses
      context.addIssue('expected false, true, a number of proxies, or their addresses')
      return z.NEVER
    })
    .default(false)
    .describe(
      'Whose X-Forwarded-For, -Host and -Proto to believe: nobody (false), so many proxies in front, proxies at these addresses, or anybody (true).',
    ),
  RATE_LIMIT_MAX: wholeNumber(1, 1_000_000_000, 600).describe('Requests that one address may make in a minute.'),
  SECURITY_CONTACT: z
    .string()
    .refine(isContact, 'expected a mailto, https or tel address')
    .optional()
    .describe('Where to report a vulnerability, for /.well-known/security.txt; without it there is no such file.'),
  SHUTDOWN_DELAY: wholeNumber(0, 300, 0).describe(
    'Seconds that the process answers on after SIGTERM, while /readyz says that it is about to stop.',
  ),
  TELEMETRY_PORT: anyWholeNumber(0, 65_535)
    .optional()
    .describe('Port to serve metrics on, at HOST; without it nothing is counted.'),
})
export type Config = Readonly<z.infer<typeof Config>>

/**
 * The settings from an environment; variables of other programs are ignored, an empty one counts as not set.
 *
 * @throws ConfigError, one line that names every wrong variable.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(
    Object.keys(Config.shape)
      .map((name) => [name, environment[name]] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = Config.safeParse(set)
  if (parsed.success) {
    const { PORT, TELEMETRY_PORT } = parsed.data
    if (TELEMETRY_PORT !== undefined && TELEMETRY_PORT !== 0 && TELEMETRY_PORT === PORT) {
      throw new ConfigError(`wrong setting: TELEMETRY_PORT: expected another port than PORT, got "${PORT}"`)
    }
    return Object.freeze(parsed.data)
  }
  const faults = parsed.error.issues.map(
    (issue) => `${issue.path.join('.')}: ${issue.message}, got "${set[String(issue.path[0])]}"`,
  )
  throw new ConfigError(`wrong setting: ${faults.join('; ')}`)
}

/**
 * The listening socket that whoever started the process has opened for it, by the protocol of sd_listen_fds(3); systemd
 * does so, and keeps it while processes come and go.
 *
 * @returns its file descriptor, undefined where nothing was handed over to this very process.
 * @throws ConfigError where more than one was.
 */
export function inheritedSocket(
  environment: Readonly<Record<string, string | undefined>>,
  pid: number,
): number | undefined {
  const { LISTEN_PID, LISTEN_FDS } = environment
  if (LISTEN_PID !== String(pid) || LISTEN_FDS === undefined) return undefined
  if (LISTEN_FDS !== '1') throw new ConfigError(`wrong setting: LISTEN_FDS: expected one socket, got "${LISTEN_FDS}"`)
  return 3
}
