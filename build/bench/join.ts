import { benchJoinBurst } from './join-burst.ts'
import { benchJoinClick } from './join-click.ts'
import type { BenchOptions, BenchReport } from './report.ts'

/**
 * What a join takes. By the load generator: the node's CPU, the time from offer to first packet, and 200 at once
 * (join-burst.ts). Then by a browser, through page, server and node: from the click to sound (join-click.ts).
 */
export async function benchJoin(options: BenchOptions): Promise<BenchReport> {
  const burst = await benchJoinBurst(options)
  const click = await benchJoinClick(options)
  return { bench: 'join', rows: [...burst.rows, ...click.rows], bars: [...burst.bars, ...click.bars] }
}
