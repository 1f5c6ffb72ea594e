/**
 * npm run fuzz -- --minutes N                 asks the service whatever its OpenAPI document allows, for N minutes
 * npm run fuzz -- --seed S --path P           gives a failure again, by what it printed
 * npm run fuzz -- --soak N                    asks N mixed requests, and holds memory, handles and descriptors to be flat
 */
import { parseArgs } from 'node:util'
import { createVitest } from 'vitest/node'

const usage = 'usage: npm run fuzz -- [--minutes N] [--seed S [--path P]] | --soak N'

function readArguments() {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string' },
      seed: { type: 'string' },
      path: { type: 'string' },
      soak: { type: 'string' },
    },
  })
  const number = (text: string | undefined, name: string) => {
    if (text === undefined || /^-?\d+(\.\d+)?$/.test(text)) return Number(text ?? Number.NaN)
    throw new TypeError(`--${name} takes a number, got "${text}"`)
  }
  const [minutes, seed, soak] = [
    number(values.minutes, 'minutes'),
    number(values.seed, 'seed'),
    number(values.soak, 'soak'),
  ]
  return { minutes, seed, soak, path: values.path }
}

try {
  const { minutes, seed, soak, path } = readArguments()
  const vitest = await createVitest({
    project: ['service'],
    watch: false,
    reporters: ['default'],
    silent: false,
  })
  try {
    if (Number.isNaN(soak)) {
      const replay = { ...(!Number.isNaN(seed) && { seed }), ...(path !== undefined && { path }) }
      // To give a failure again takes no time of its own.
      const time = Number.isNaN(minutes) ? (Number.isNaN(seed) ? 1 : 0) : minutes
      vitest.provide('fuzz', { minutes: time, ...replay })
    } else {
      vitest.provide('soak', { requests: soak })
    }
    await vitest.start([Number.isNaN(soak) ? 'tests/fuzz/fuzz.test.ts' : 'tests/faults/soak.test.ts'])
  } finally {
    await vitest.close()
  }
} catch (error) {
  console.error(`${(error as Error).message}\n${usage}`)
  process.exitCode = 1
}
