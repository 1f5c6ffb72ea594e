import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import { buildApp } from './app.ts'
import { ConfigError, inheritedSocket, readConfig, type Config } from './config.ts'
import { DatabaseFileError, openDatabase } from './db/client.ts'
import { getRelease } from './db/dataset.ts'
import { openLogOutput } from './log.ts'
import { version } from './openapi.ts'
import { createMetrics, serveMetrics } from './telemetry.ts'

/** How long what is in flight may take when the process ends, in milliseconds. */
const grace = 10_000

/** How long a connection that is open when the process ends may take to bring a request, in milliseconds. */
const linger = 1000

/**
 * Serves the built database until a signal comes; then it answers on for SHUTDOWN_DELAY, what is in flight is finished
 * and the process ends with 0. A second signal ends it at once, with 1.
 *
 * @param socket file descriptor of a listening socket that it was started with; else it opens its own at HOST and PORT.
 * @returns the address it listens on.
 * @throws DatabaseFileError where there is no database to serve, Error where it cannot listen.
 */
export async function serve(config: Config, socket?: number): Promise<string> {
  const db = openDatabase(config.DATABASE_PATH)
  const { version: release, digest } = getRelease(db)
  const output = openLogOutput((lines) => {
    app.log.error({ dropped: lines }, 'lines dropped')
  })
  const stopping = new AbortController()
  const { TELEMETRY_PORT, SHUTDOWN_DELAY, HOST: host } = config
  const metrics =
    TELEMETRY_PORT === undefined ? undefined : await createMetrics({ version, release, digest }, output.dropped)
  const app = await buildApp({
    db,
    config,
    log: output.stream,
    stopping: stopping.signal,
    ...(metrics !== undefined && { metrics }),
  })
  let metricsServer: Awaited<ReturnType<typeof serveMetrics>> | undefined
  const stop = async () => {
    // Node cuts connections that have brought no request yet at once, be it under way: they are given time. Again
    // and again, since a connection whose answer was under way is kept alive after it, and would be waited for in vain.
    const cutIdle = app.server.closeIdleConnections.bind(app.server)
    app.server.closeIdleConnections = () => undefined
    const cut = setInterval(cutIdle, linger)
    // Resolves when the last request in flight has its answer; only then is the database done with.
    await app.close()
    clearInterval(cut)
    metricsServer?.close()
    metricsServer?.closeAllConnections()
    db.$client.close()
  }
  const ending = closeWithGrace({ delay: SHUTDOWN_DELAY * 1000 + grace, logger: app.log }, async ({ err, signal }) => {
    if (err) app.log.error(err)
    app.log.info({ signal }, 'stopping')
    stopping.abort()
    // Whoever keeps a connection is to open the next one elsewhere.
    app.server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'))
    if (!err) await wait(SHUTDOWN_DELAY * 1000)
    await stop()
    app.log.info('stopped')
  })
  try {
    if (metrics !== undefined && TELEMETRY_PORT !== undefined) {
      metricsServer = await serveMetrics(metrics, { host, port: TELEMETRY_PORT })
    }
    // Fastify passes on what Node's server would listen on; without a host it would look up localhost.
    await app.listen(socket === undefined ? { host, port: config.PORT } : { host: '127.0.0.1', ...{ fd: socket } })
  } catch (error) {
    // Left in place, it would end the process as if all were well.
    ending.uninstall()
    await stop()
    throw error
  }
  const address = addressOf(app.server.address() as AddressInfo)
  app.log.info(
    {
      ...{ version, release, digest, address },
      ...(metricsServer && { metrics: `${addressOf(metricsServer.address() as AddressInfo)}/metrics` }),
    },
    'serving',
  )
  return address
}

const addressOf = ({ address, family, port }: AddressInfo) =>
  `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`

/** What a start that fails says: one line for what the operator can mend, everything for what only we can. */
export function explainFailure(error: unknown): void {
  const { syscall = '', message } = error as NodeJS.ErrnoException
  const mendable = error instanceof ConfigError || error instanceof DatabaseFileError
  const listening = ['listen', 'getaddrinfo'].includes(syscall)
  console.error(
    listening ? `cannot listen (${message}); set HOST, PORT and TELEMETRY_PORT to others` : mendable ? message : error,
  )
  process.exitCode = 1
}

/** Serves with the settings of the environment, or says why it cannot. */
export async function run(): Promise<void> {
  try {
    await serve(readConfig(process.env), inheritedSocket(process.env, process.pid))
  } catch (error) {
    explainFailure(error)
  }
}

// By server.js, its entry, it is loaded more quickly.
if (import.meta.main) await run()
