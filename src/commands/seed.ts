/** npm run seed: builds the database from seed-data/, whatever stands at DATABASE_PATH (unless it is not ours). */
import { ConfigError, readConfig } from '../config.ts'
import { DatabaseFileError } from '../db/client.ts'
import { buildDatabase } from '../seed/build.ts'
import { SeedError } from '../seed/problems.ts'
import { seedDirectory } from '../seed/staleness.ts'
import { parseOptions, UsageError } from './usage.ts'

try {
  const { values } = parseOptions({ options: { seed: { type: 'string', default: seedDirectory } } })
  const { DATABASE_PATH } = readConfig(process.env)
  const { version, digest, counts } = buildDatabase(DATABASE_PATH, values.seed)
  const counted = Object.entries(counts).map(([name, count]) => `${count} ${name}`)
  console.log(`Built ${DATABASE_PATH}: release ${version}, ${counted.join(', ')}, ${digest}`)
} catch (error) {
  if (error instanceof SeedError) {
    console.error(error.message)
    const count = error.problems.length
    console.error(`\nNothing was written: ${count} fault${count === 1 ? '' : 's'} in the seed data.`)
  } else if (error instanceof UsageError) {
    console.error(`${error.message}\nusage: npm run seed [-- --seed FOLDER]`)
  } else if (error instanceof DatabaseFileError || error instanceof ConfigError) {
    console.error(error.message)
  } else {
    throw error
  }
  process.exitCode = 1
}
