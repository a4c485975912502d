/** npm run bench -- NAME [--json] [--quick]: measures on this machine, as ratios against peers in the same run. */
import { parseArgs } from 'node:util'
import { buildWeb } from '../web.ts'
import { benchDelay } from './delay.ts'
import { benchFanout } from './fanout.ts'
import { benchJoin } from './join.ts'
import { benchListeners } from './listeners.ts'
import { MissingPackages } from './load/native.ts'
import { benchMemory } from './memory.ts'
import { benchMicro } from './micro.ts'
import { benchMix } from './mix.ts'
import { benchPackets } from './packets.ts'
import { type BenchOptions, type BenchReport, printReport } from './report.ts'
import { benchTape } from './tape.ts'

type Bench = (options: BenchOptions) => Promise<BenchReport>

/** Browsers open the page as it is now. */
function withPage(bench: Bench): Bench {
  return async (options) => {
    await buildWeb()
    return bench(options)
  }
}

const BENCHES: Record<string, Bench> = {
  join: withPage(benchJoin),
  packets: withPage(benchPackets),
  fanout: benchFanout,
  listeners: benchListeners,
  delay: benchDelay,
  memory: benchMemory,
  tape: benchTape,
  mix: benchMix,
  seal: benchMicro('seal'),
  handshake: benchMicro('handshake'),
  repacketize: benchMicro('repacketize'),
}

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const bench = BENCHES[positionals[0] ?? '']
if (!bench) {
  console.error(`npm run bench -- NAME [--json] [--quick]; NAME is one of: ${Object.keys(BENCHES).join(', ')}`)
  process.exit(1)
}
try {
  printReport(await bench({ quick: values.quick }), values.json)
} catch (error) {
  if (!(error instanceof MissingPackages)) throw error
  console.error(error.message)
  process.exit(1)
}
