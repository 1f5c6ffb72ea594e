/**
 * Starts the service over the built database, asks it for what people ask for, and ends it: what Node compiles for that it keeps, so
 * that the first start of an image is as quick as the others, whichever user it has.
 */
import { chmodSync, readdirSync } from 'node:fs'
import { flushCompileCache, getCompileCacheDir } from 'node:module'
import { join } from 'node:path'
import { loadQuickly } from '../loading.js'

const { serve } = await loadQuickly(() => import('../server.ts'))
const { readConfig } = await import('../config.ts')
const address = await serve(readConfig({ ...process.env, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'silent' }))
for (const path of ['/v1/figures?limit=1', '/', '/docs/json']) {
  const { ok, status } = await fetch(address + path, { headers: { accept: 'text/html, */*;q=0.5' } })
  if (!ok) throw new Error(`${path} answers ${status}`)
}
const folder = getCompileCacheDir()
if (folder === undefined) throw new Error('Node keeps no compiled code: its folder cannot be written')
flushCompileCache()
// Node lets nobody read them but the user who wrote them.
for (const file of readdirSync(folder)) chmodSync(join(folder, file), 0o644)
process.kill(process.pid, 'SIGTERM')
