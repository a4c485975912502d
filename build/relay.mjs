// npm run relay: a headless relay for a server on another machine, by one command.
import { runOnOwnNode } from './install.mjs'

// As MEDIA_SEMI_SPACE_MB of sfu-core/contract/limits.ts has it; this file runs before TypeScript can.
runOnOwnNode('server/relay.ts', process.argv.slice(2), ['--max-semi-space-size=2'])
