/**
 * How the service is loaded, which takes longer than all else that its start does: docs/decisions/0015. In JavaScript, as are the
 * entries, since it is read before compiled code is at hand, and to strip types Node would first have to load what strips them.
 */
import { enableCompileCache, registerHooks } from 'node:module'
import { join } from 'node:path'

/** Where compiled code is kept from one start to the next: among the installed packages, to be thrown away with them. */
const directory = join(import.meta.dirname, '../node_modules/.cache/counternarcotics-metrics-api')

/**
 * Loads an entry and all that it imports. Node keeps what it compiles for the next start; where the folder cannot be written it
 * keeps nothing, NODE_COMPILE_CACHE names another folder and NODE_DISABLE_COMPILE_CACHE none.
 *
 * @template Module
 * @param {() => Promise<Module>} load imports the entry.
 * @returns {Promise<Module>} what it exports.
 */
export async function loadQuickly(load) {
  // Portable, since the image is built in one place and served from another.
  enableCompileCache({ directory, portable: true })
  // Under its permission model Node asks for this right even of a cache that is only read. Nothing here is to have it.
  process.permission?.drop('fs.write')
  const hooks = registerHooks({ resolve: resolveDrizzle })
  const entry = await load()
  // What is imported later is not of Drizzle, and needs not be looked at.
  hooks.deregister()
  return entry
}

/** Where what our modules import of Drizzle is, by the names that they import it by. */
const drizzle = new Map()

/**
 * Whenever a module of a package is imported, Node parses the package.json of the package anew to tell its format, and Drizzle's has
 * 180 KB. All that is imported here is ECMAScript modules, and its modules import one another by their paths.
 *
 * @type {import('node:module').ResolveHookSync}
 */
function resolveDrizzle(specifier, context, next) {
  if (specifier.startsWith('.') && context.parentURL?.includes('/node_modules/drizzle-orm/')) {
    return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true }
  }
  if (!/^drizzle-orm(\/|$)/.test(specifier)) return next(specifier, context)
  const known = drizzle.get(specifier) ?? next(specifier, context)
  drizzle.set(specifier, known)
  return { ...known, shortCircuit: true }
}
