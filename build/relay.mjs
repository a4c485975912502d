// npm run relay: a headless relay for a server on another machine, by one command.
import { runOnOwnNode } from './install.mjs'

runOnOwnNode('server/relay.ts', process.argv.slice(2))
