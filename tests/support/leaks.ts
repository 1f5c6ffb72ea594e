/**
 * What no answer may tell of the inside: the database, its language, where the code failed. A line of a stack begins a line, or ends
 * with its place: what an answer says of an address, "at / (", is none.
 */
export const leaks = [
  ...[/sqlite/i, /\bSELECT\b/, /syntax error/i, /fts5[: ]/i, /no such (?:table|column)/i, /unterminated/i, /served_/i],
  ...[/better-sqlite3/i, /drizzle/i, /node_modules/, /\.ts:\d+/, /internal error/i],
  ...[/(?:\n|\\n) +at \S/, /\bat \S+ \(\S+:\d+:\d+\)/],
]
