/** npm start: builds the database if it is missing or stale, says so, then serves and prints where. */
import { inheritedSocket, readConfig } from '../config.ts'
import { SeedError } from '../seed/problems.ts'
import { staleness } from '../seed/staleness.ts'
import { explainFailure, serve } from '../server.ts'

// npm runs this in a shell, and a signal to npm ends the shell without a word to us: then we follow it.
if (process.env['npm_lifecycle_event'] === 'start') {
  const shell = process.ppid
  setInterval(() => {
    if (process.ppid !== shell) process.kill(process.pid, 'SIGTERM')
  }, 250).unref()
}

try {
  const config = readConfig(process.env)
  const reason = staleness(config.DATABASE_PATH)
  if (reason !== null) {
    console.log(`Building ${config.DATABASE_PATH} from seed-data/, since ${reason}.`)
    // Loaded only now: reading YAML and drawing charts take far more code than serving.
    const { buildDatabase } = await import('../seed/build.ts')
    const { version, digest, counts } = buildDatabase(config.DATABASE_PATH)
    console.log(`Built release ${version} with ${counts.figures} figures, ${digest}.`)
  }
  const address = await serve(config, inheritedSocket(process.env, process.pid))
  console.log(`Serving at ${address} (documentation: ${address}/docs).`)
} catch (error) {
  if (error instanceof SeedError) {
    console.error(`${error.message}\n\nNothing was built: the seed data has faults.`)
    process.exitCode = 1
  } else {
    explainFailure(error)
  }
}
