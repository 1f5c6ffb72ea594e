import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seedDigest } from '../../src/seed/digest.ts'
import { seedDirectory } from '../../src/seed/staleness.ts'
import { copySeed, edit, root, run, temporaryFolder } from '../support/seed.ts'
import { reportFile, writeNorthvale } from './northvale.ts'

/** The shell pipeline that the doc comment of seedDigest gives to anybody who wants to check it. */
const pipeline = /^ \* {5}(find .*)$/m.exec(readFileSync(join(root, 'src/seed/digest.ts'), 'utf8'))?.[1] ?? ''

const noShell = process.platform === 'win32'

async function shellDigest(folder: string): Promise<string> {
  const { stdout } = await run('sh', ['-c', pipeline], { cwd: folder })
  return `sha256:${stdout.split(' ')[0]}`
}

describe('seedDigest', () => {
  it('has a documented pipeline that prints a SHA-256', () => {
    expect(pipeline).toContain('sha256sum')
  })

  it.skipIf(noShell)('is what the documented pipeline prints for seed-data/', async () => {
    const digest = seedDigest(seedDirectory)
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(await shellDigest(seedDirectory)).toBe(digest)
  })

  it.skipIf(noShell)('sorts names by their bytes, as the pipeline does, over folders of any depth', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'a/b'), { recursive: true })
    for (const name of ['a.yaml', 'a/b.yaml', 'a/b/c.yaml', 'a-b.yaml', 'B.yaml', 'é.yaml', '🍐.yaml', 'ﬀ.yaml']) {
      writeFileSync(join(folder, name), name)
    }
    expect(await shellDigest(folder)).toBe(seedDigest(folder))
  })

  it.skipIf(noShell)('counts a hidden file as the pipeline does', async () => {
    const folder = copySeed()
    writeFileSync(join(folder, '.draft.yaml'), 'draft: true\n')
    expect(await shellDigest(folder)).toBe(seedDigest(folder))
  })

  // As files of a ConfigMap are mounted in Kubernetes.
  it.skipIf(noShell)('counts what a link leads to, as the pipeline does and the load reads', async () => {
    const folder = copySeed()
    const elsewhere = join(temporaryFolder(), 'units.yaml')
    renameSync(join(folder, 'units.yaml'), elsewhere)
    symlinkSync(elsewhere, join(folder, 'units.yaml'))
    expect(seedDigest(folder)).toBe(seedDigest(seedDirectory))
    expect(await shellDigest(folder)).toBe(seedDigest(folder))
    writeFileSync(elsewhere, `${readFileSync(elsewhere, 'utf8')}\n`)
    expect(seedDigest(folder)).not.toBe(seedDigest(seedDirectory))
  })

  it('does not hang on where the folder stands', () => {
    expect(seedDigest(copySeed())).toBe(seedDigest(seedDirectory))
  })

  it('changes with one character of one file', () => {
    const [one, other] = [writeNorthvale().seed, writeNorthvale().seed]
    expect(seedDigest(other)).toBe(seedDigest(one))
    edit(other, reportFile, 'value: 1500', 'value: 1501')
    expect(seedDigest(other)).not.toBe(seedDigest(one))
  })

  it('changes when a file is renamed, added or removed', () => {
    const renamed = copySeed()
    cpSync(join(renamed, 'units.yaml'), join(renamed, 'unit.yaml'))
    rmSync(join(renamed, 'units.yaml'))
    const added = copySeed()
    writeFileSync(join(added, 'empty.yaml'), '')
    const removed = copySeed()
    rmSync(join(removed, 'places.yaml'))
    const digests = [seedDirectory, renamed, added, removed].map(seedDigest)
    expect(new Set(digests).size).toBe(4)
  })

  it('does not change with files that are no YAML', () => {
    const folder = copySeed()
    writeFileSync(join(folder, 'README.md'), 'another codebook')
    writeFileSync(join(folder, 'notes.txt'), 'a note')
    expect(seedDigest(folder)).toBe(seedDigest(seedDirectory))
  })
})
