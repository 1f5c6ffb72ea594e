/** The entry of the service. */
import { loadQuickly } from './loading.js'

const { run } = await loadQuickly(() => import('./server.ts'))
await run()
