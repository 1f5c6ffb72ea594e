/** One fault in `seed-data/`, with the place where its author can mend it. */
export type SeedProblem = {
  /** Path of the file, relative to the seed-data folder. */
  file: string
  /** 1-based line. */
  line: number
  /** Dotted path of the field within the file ("figures.3.metric"); empty for the file as a whole. */
  field: string
  /** What is wrong and what was expected. */
  message: string
}

const describe = ({ file, line, field, message }: SeedProblem) =>
  [`${file}:${line}`, ...(field === '' ? [] : [field]), message].join(': ')

/** Thrown when `seed-data/` cannot be loaded; holds every fault found, in file and line order. */
export class SeedError extends Error {
  readonly problems: readonly SeedProblem[]

  constructor(problems: readonly SeedProblem[]) {
    super(problems.map(describe).join('\n'))
    this.name = 'SeedError'
    this.problems = problems
  }
}
