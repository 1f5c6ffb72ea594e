/**
 * What a process that a test starts has of the environment beside what it is given: where programs are, and where Node keeps
 * what it has compiled (vitest.config.ts says where), without which each process would compile the whole service anew.
 */
export const inherited: Readonly<Record<string, string>> = Object.fromEntries(
  ['PATH', 'NODE_COMPILE_CACHE'].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  }),
)
