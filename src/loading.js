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
  registerHooks({ resolve })
  return await load()
}

/** Our own modules, and those of packages of which every `.js` is an ECMAScript module, as their package.json says. */
const own = new URL('.', import.meta.url).href
const packages = new URL('../node_modules/', import.meta.url).href
const modern = /\/node_modules\/(?:drizzle-orm|zod)\/.*\.js$/

/**
 * What packages import and nothing here uses: the package and its names for that. Whatever would use it all the same fails at once,
 * since it is given `nothing.js` instead.
 *
 * @type {[string, RegExp][]}
 */
const unused = [
  // What zod says in other languages.
  ['zod', /^\.\.\/locales\/index\.js$/],
  // Drizzle knows the keys of a table by asking whether they are PostgreSQL's.
  ['drizzle-orm/pg-core', /^\.\/columns\/all\.js$/],
  // TLS and HTTP/2 are for whoever stands in front of the service.
  ['fastify', /^node:http[s2]$/],
  // Fastify asks whether a version satisfies a range, and of its own candidates which is greater.
  ['semver', /^\.\/(?:ranges|functions)\/(?!(?:satisfies|gt|coerce)$)/],
  // The log is written by the process itself, not by a thread.
  ['pino', /^\.\/(?:lib\/)?transport$/],
  // Which types are worth compressing is said in compression.ts.
  ['@fastify/compress', /^mime-db$/],
]
const nothing = new URL('nothing.js', import.meta.url).href

/** What any of them is imported as: asked first, since hardly a name is like it. */
const likeUnused = new RegExp(unused.map(([, { source }]) => source).join('|'))

/** What our own modules import by its package's name, such as `fastify`, and where Node found it: it is asked once for each. */
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
  const isUnused =
    likeUnused.test(specifier) &&
    unused.some(([name, specifiers]) => specifiers.test(specifier) && parentURL.includes(`/node_modules/${name}/`))
  if (isUnused) {
    return { url: nothing, format: 'module', shortCircuit: true }
  }
  if (specifier.startsWith('.')) {
    const url = new URL(specifier, parentURL).href
    if (modern.test(url)) return { url, format: 'module', shortCircuit: true }
    if (url.startsWith(own) && url.endsWith('.ts')) return { url, format: 'module-typescript', shortCircuit: true }
  } else if (parentURL.startsWith(own)) {
    const [isDrizzle, part = ''] = /^drizzle-orm(\/(?:better-sqlite3|sqlite-core))?$/.exec(specifier) ?? []
    if (isDrizzle) return { url: `${packages}drizzle-orm${part}/index.js`, format: 'module', shortCircuit: true }
    const found = named.get(specifier) ?? next(specifier, context)
    named.set(specifier, found)
    return { ...found, shortCircuit: true }
  }
  return next(specifier, context)
}
