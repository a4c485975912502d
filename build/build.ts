/** npm run build: the web client and the desktop bundles, where their sources changed. */
import { buildDesktop } from './desktop.ts'
import { buildWeb } from './web.ts'

const didBuild = [await buildWeb(), await buildDesktop()].some(Boolean)
console.log(didBuild ? 'Built.' : 'Nothing has changed since the last build.')
