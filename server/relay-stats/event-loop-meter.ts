import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { EventLoopDelay } from './stats-view.ts'

/** How late timers are: that late is sound, too, in the worst case. */
export interface EventLoopMeter {
  /** Since the last read; the first one starts the measuring. */
  read(): EventLoopDelay
  /** Idempotent; a later read starts again. */
  stop(): void
}

/** A timer this often. Node's histogram holds the whole time between two calls, this interval included. */
const RESOLUTION_MS = 20

type IntervalHistogram = ReturnType<typeof monitorEventLoopDelay>

/** Nobody has looked for so long: a timer fifty times a second for nobody keeps a home machine awake. */
const IDLE_MS = 10_000

export function createEventLoopMeter(): EventLoopMeter {
  let histogram: IntervalHistogram | null = null
  let idle: NodeJS.Timeout | null = null
  const stop = () => {
    histogram?.disable()
    histogram = null
    if (idle) clearTimeout(idle)
    idle = null
  }
  return {
    read() {
      histogram ??= start()
      idle ??= setTimeout(stop, IDLE_MS).unref()
      idle.refresh()
      const delay = histogram.count === 0 ? { p50Ms: 0, p99Ms: 0, maxMs: 0 } : delayOf(histogram)
      histogram.reset()
      return delay
    },
    stop,
  }
}

function start(): IntervalHistogram {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  return histogram
}

function delayOf(histogram: IntervalHistogram): EventLoopDelay {
  const beyondMs = (intervalNs: number) => Math.max(0, intervalNs / 1e6 - RESOLUTION_MS)
  return {
    p50Ms: beyondMs(histogram.percentile(50)),
    p99Ms: beyondMs(histogram.percentile(99)),
    maxMs: beyondMs(histogram.max),
  }
}
