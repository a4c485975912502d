// npm start: the whole of Engawa by one command, on a machine that has nothing but Node 20, npm and git.
import { runOnOwnNode } from './install.mjs'

runOnOwnNode('build/launch.ts', process.argv.slice(2))
