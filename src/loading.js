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
  // Of its copy of Node's streams the package readable-stream then loads nothing, and gives Node's own.
  process.env['READABLE_STREAM'] = 'disable'
  // CommonJS: to modules of that kind a hook adds time and gives nothing, so what has many of them is loaded before.
  for (const name of ['fastify', '@fastify/compress', '@fastify/rate-limit', 'better-sqlite3']) await import(name)
  const hooks = registerHooks({ resolve })
  const entry = await load()
  // What is imported later is little, and needs not be looked at.
  hooks.deregister()
  return entry
}

/** Our own modules, and those of packages of which every `.js` is an ECMAScript module, as their package.json says. */
const own = new URL('.', import.meta.url).href
const modern = /\/node_modules\/(?:drizzle-orm|zod)\/.*\.js$/

/** What these packages import of themselves, and have no use for here: all of zod's languages, the columns of PostgreSQL. */
const unused = /\/node_modules\/(?:zod\/v4\/locales\/index|drizzle-orm\/pg-core\/columns\/all)\.js$/
const nothing = new URL('nothing.js', import.meta.url).href

/** Where what our modules import by the name of a package is. */
const named = new Map()

/**
 * Says where a module is and of which format without a look at the disk, as far as the name by which it is imported tells it. Node
 * would ask whether each is there and no link, and parse the package.json of the package anew for each to tell the format: Drizzle's
 * has 180 KB.
 *
 * @type {import('node:module').ResolveHookSync}
 */
function resolve(specifier, context, next) {
  const { parentURL = '' } = context
  if (specifier.startsWith('.')) {
    const url = new URL(specifier, parentURL).href
    if (unused.test(url)) return { url: nothing, format: 'module', shortCircuit: true }
    if (modern.test(url)) return { url, format: 'module', shortCircuit: true }
    if (url.startsWith(own) && url.endsWith('.ts')) return { url, format: 'module-typescript', shortCircuit: true }
  } else if (parentURL.startsWith(own)) {
    const found = named.get(specifier) ?? next(specifier, context)
    named.set(specifier, found)
    return { ...found, shortCircuit: true }
  }
  return next(specifier, context)
}
