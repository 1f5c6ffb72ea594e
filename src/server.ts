import type { AddressInfo } from 'node:net'
import closeWithGrace from 'close-with-grace'
import { buildApp } from './app.ts'
import { ConfigError, readConfig, type Config } from './config.ts'
import { DatabaseFileError, openDatabase } from './db/client.ts'

/**
 * Serves the built database until a signal comes; then what is in flight is finished and the process ends with 0.
 *
 * @returns the address it listens on.
 * @throws DatabaseFileError where there is no database to serve, Error where it cannot listen.
 */
export async function serve(config: Config): Promise<string> {
  const db = openDatabase(config.DATABASE_PATH)
  const app = await buildApp({ db, config })
  const stop = async () => {
    // Resolves when the last request in flight has its answer; only then is the database done with.
    await app.close()
    db.$client.close()
  }
  const grace = closeWithGrace({ delay: 10_000, logger: app.log }, async ({ err }) => {
    if (err) app.log.error(err)
    await stop()
  })
  try {
    await app.listen({ host: config.HOST, port: config.PORT })
  } catch (error) {
    // Left in place, it would end the process as if all were well.
    grace.uninstall()
    await stop()
    throw error
  }
  const { address, family, port } = app.server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

/** What a start that fails says: one line for what the operator can mend, everything for what only we can. */
export function explainFailure(error: unknown): void {
  const { code, message } = error as NodeJS.ErrnoException
  const mendable = error instanceof ConfigError || error instanceof DatabaseFileError
  const listening = ['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND'].includes(code ?? '')
  console.error(listening ? `cannot listen (${message}); set HOST and PORT to others` : mendable ? message : error)
  process.exitCode = 1
}

if (import.meta.main) {
  try {
    await serve(readConfig(process.env))
  } catch (error) {
    explainFailure(error)
  }
}
