/**
 * What src/loading.js gives zod and Drizzle for modules of theirs that nothing here uses. What is imported of them by name has to be
 * exported: should a new version import more, it cannot be loaded at all, and no test passes.
 */
export const getPgColumnBuilders = undefined
