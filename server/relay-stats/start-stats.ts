import { steadyMs } from '../clock.ts'
import { createEventLoopMeter } from './event-loop-meter.ts'
import { type StatsServer, type StatsServerOptions, startStatsServer } from './stats-server.ts'
import { StatsSource, type StatsSourceOptions } from './stats-source.ts'

type StatsOptions = Omit<StatsServerOptions, 'source'> & Pick<StatsSourceOptions, 'node' | 'transports'>

/** The stats page of a running node; null where it cannot be had, which is in the log. */
export function startStats({ node, transports, ...options }: StatsOptions): Promise<StatsServer | null> {
  const source = new StatsSource({ node, transports, meter: createEventLoopMeter(), steadyMs })
  return startStatsServer({ ...options, source })
}
