/** npm run bench -- NAME [--json]: measures on this machine, as ratios against a peer in the same run. */
import { parseArgs } from 'node:util'
import { buildWeb } from '../web.ts'
import { benchJoin } from './join.ts'
import { type BenchReport, printReport } from './report.ts'

const BENCHES: Record<string, () => Promise<BenchReport>> = { join: benchJoin }

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true })
const bench = BENCHES[positionals[0] ?? '']
if (!bench) {
  console.error(`npm run bench -- NAME [--json]; NAME is one of: ${Object.keys(BENCHES).join(', ')}`)
  process.exit(1)
}
await buildWeb()
printReport(await bench(), values.json ?? false)
