import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex')

/** The files of a folder and those below it, as paths there with `/`; hidden ones and links to files too, as "find" has them. */
export const filesIn = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))

/**
 * The digest of a seed-data folder, "sha256:" and 64 hexadecimal digits. It is made so that anybody can check it with
 * the shell alone, from within the folder:
 *
 *     find . -name '*.yaml' | LC_ALL=C sort | xargs sha256sum | sha256sum
 */
export function seedDigest(directory: string): string {
  const lines = filesIn(directory)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => `./${file}`)
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((file) => `${sha256(readFileSync(join(directory, file)))}  ${file}\n`)
  return `sha256:${sha256(lines.join(''))}`
}
