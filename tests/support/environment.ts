/** What the folder for temporary files is called: on Windows by the last two. */
export const temporaryNames = ['TMPDIR', 'TEMP', 'TMP']

/**
 * What a process that a test starts has of the environment beside what it is given: where programs are, the folder of the
 * run for what is temporary, and where Node keeps what it has compiled (vitest.config.ts says where), without which each
 * process would compile the whole service anew.
 */
export const inherited: Readonly<Record<string, string>> = Object.fromEntries(
  ['PATH', ...temporaryNames, 'NODE_COMPILE_CACHE'].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  }),
)
