/** A file of seed-data/, and where in it something stands. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMap, isNode, isSeq, LineCounter, parseDocument, type Document as YamlDocument } from 'yaml'
import type { z } from 'zod'
import type { SeedProblem } from './problems.ts'

type Path = readonly PropertyKey[]

/** One YAML file: its validated content, and the faults found in it so far. */
export class SeedFile<T> {
  readonly #lines = new LineCounter()
  readonly #yaml: YamlDocument.Parsed
  readonly name: string
  readonly content: T | null
  readonly problems: SeedProblem[] = []

  constructor(directory: string, name: string, schema: z.ZodType<T>) {
    this.name = name
    const source = readFileSync(join(directory, name), 'utf8')
    this.#yaml = parseDocument(source, { lineCounter: this.#lines, version: '1.2', stringKeys: true })
    for (const fault of [...this.#yaml.errors, ...this.#yaml.warnings]) {
      const [message = fault.code] = fault.message.split('\n')
      const line = this.#lines.linePos(fault.pos[0]).line
      this.problems.push({ file: name, line, field: '', message: `expected YAML: ${message}` })
    }
    if (this.problems.length > 0) {
      this.content = null
      return
    }
    let written: unknown
    try {
      written = this.#yaml.toJS()
    } catch (error) {
      // An alias of nothing, or one that would unfold without end.
      this.content = null
      this.problems.push({ file: name, line: 1, field: '', message: `expected YAML: ${(error as Error).message}` })
      return
    }
    const parsed = schema.safeParse(written)
    this.content = parsed.success ? parsed.data : null
    for (const issue of parsed.error?.issues ?? []) {
      if (issue.code === 'unrecognized_keys') {
        for (const key of issue.keys) this.fault([...issue.path, key], 'a field that is not known')
      } else {
        this.fault(issue.path, issue.message)
      }
    }
  }

  /** Records a fault at the line of the field, or of the nearest thing around it that is there. */
  fault(path: Path, message: string): void {
    this.problems.push({ file: this.name, line: this.line(path), field: path.join('.'), message })
  }

  line(path: Path): number {
    for (let length = path.length; length > 0; length -= 1) {
      const parent = this.#yaml.getIn(path.slice(0, length - 1), true)
      const key = path[length - 1]
      // The key's own place, not its value's: a folded text begins on the line after its key.
      const pair = isMap(parent) ? parent.items.find((item) => isNode(item.key) && item.key.toJSON() === key) : null
      const node = pair?.key ?? (isSeq(parent) ? parent.items[Number(key)] : null)
      if (isNode(node) && node.range) return this.#lines.linePos(node.range[0]).line
    }
    return 1
  }
}
