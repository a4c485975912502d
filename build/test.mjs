// npm test: installs what is needed, then runs every test under the project's own Node.
import { runOnOwnNode } from './install.mjs'

runOnOwnNode('build/test.ts', process.argv.slice(2))
