/** What no answer may tell of the inside: the database, its language, where the code failed. */
export const leaks = [
  ...[/sqlite/i, /\bSELECT\b/, /syntax error/i, /fts5[: ]/i, /no such (?:table|column)/i, /unterminated/i, /served_/i],
  ...[/better-sqlite3/i, /drizzle/i, /node_modules/, /\bat \S+ \(/, /(?:\n|\\n) +at \S/, /\.ts:\d+/, /internal error/i],
]
