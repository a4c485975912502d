import path from 'node:path'
import { text } from 'node:stream/consumers'
import { repositoryRoot } from '../paths.ts'
import { startChild } from './load/children.ts'
import { SFU_CORE } from './load/cores.ts'
import type { BenchOptions, BenchReport } from './report.ts'

/**
 * One part of the engine by itself, without a network: `seal` (SRTP for all listeners of a packet, beside werift's and the
 * ciphers of Node), `handshake` (DTLS, beside werift's) and `repacketize` (merging packets for the audience). They tell where the time of `fanout` and `join` goes;
 * the goals are there, so there are none here.
 */
export function benchMicro(
  bench: 'seal' | 'handshake' | 'repacketize',
): (options: BenchOptions) => Promise<BenchReport> {
  return async ({ quick }) => {
    const file = path.join(repositoryRoot, 'sfu-core/bench/micro.ts')
    const args = [file, bench, ...(quick ? ['quick'] : [])]
    const child = await startChild(process.execPath, args, { core: SFU_CORE, stdio: ['ignore', 'pipe', 'inherit'] })
    if (!child.stdout) throw new Error('no pipe')
    const rows = JSON.parse(await text(child.stdout)) as BenchReport['rows']
    return { bench, rows, bars: [] }
  }
}
