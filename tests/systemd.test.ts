/** The units that the operations page shows, as systemd itself reads them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root, run, temporaryFolder } from './support/seed.ts'

const page = readFileSync(join(root, 'docs/operations.md'), 'utf8')
const [, shown = ''] = /```ini\n([^]*?)```/.exec(page) ?? []
/** Each unit by its name, which stands in a comment above it. */
const units = Object.fromEntries(
  shown
    .replaceAll(/^ +/gm, '')
    .split(/^# (?=\S+\n)/m)
    .slice(1)
    .map((part): [string, string] => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]),
)

test('the units are a socket and the service that has it, which starts what is there', () => {
  const name = 'counternarcotics-metrics'
  expect(Object.keys(units)).toEqual([`${name}.socket`, `${name}.service`])
  const [, entry = ''] = /^ExecStart=\S+ (\S+)$/m.exec(units[`${name}.service`] ?? '') ?? []
  expect(existsSync(join(root, entry)), entry).toBe(true)
})

describe('systemd', () => {
  /** What it says of units; null where this machine does not have it. */
  async function verify(texts: Record<string, string>): Promise<string | null> {
    const analyze = '/usr/bin/systemd-analyze'
    if (!existsSync(analyze)) return null
    const folder = temporaryFolder()
    const paths = Object.entries(texts).map(([name, text]) => {
      const path = join(folder, name)
      // It looks whether the program is there; where Node is, is another thing here.
      writeFileSync(path, text.replace('/usr/bin/node', process.execPath))
      return path
    })
    const { stdout, stderr } = await run(analyze, ['verify', '--man=no', ...paths])
    return stdout + stderr
  }

  test('finds nothing to say about them', async ({ skip }) => {
    const said = await verify(units)
    if (said === null) skip('systemd is not on this machine')
    expect(said).toBe('')
  })

  test('would say what it does not know', async ({ skip }) => {
    const wrong = Object.entries(units).map(([name, text]) => [name, text.replace('DynamicUser', 'DynamicUsr')])
    const said = await verify(Object.fromEntries(wrong) as Record<string, string>)
    if (said === null) skip('systemd is not on this machine')
    expect(said).toMatch(/Unknown key.*DynamicUsr/)
  })
})
