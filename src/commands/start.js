/** The entry of npm start. */
import { loadQuickly } from '../loading.js'

await loadQuickly(() => import('./start.ts'))
