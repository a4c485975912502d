import type { NowMs } from '../clock.ts'
import type { EventLoopMeter } from './event-loop-meter.ts'
import { type NodeSample, type StatsView, statsView, type TransportSample } from './stats-view.ts'

export interface StatsSourceOptions {
  /** MediaNode.dump; null while the node has not started. */
  node(): NodeSample['node'] | null
  /** One for each thread. */
  transports(): Promise<readonly TransportSample[]>
  meter: EventLoopMeter
  steadyMs: NowMs
}

/** All who look share one sample in this time: a dump of thousands of links costs milliseconds. */
const SAMPLE_FOR_MS = 900
/** An older sample makes no rates: nobody was looking meanwhile, and they would be of all that time. */
const RATES_FROM_MS = 10_000

export class NotStartedYet extends Error {}

/** Samples a node when somebody looks, and not otherwise. */
export class StatsSource {
  readonly #options: StatsSourceOptions
  readonly #startedAtMs: number
  #sampledAtMs = Number.NEGATIVE_INFINITY
  #latest: Promise<NodeSample> | null = null
  #view: Promise<StatsView> | null = null

  constructor(options: StatsSourceOptions) {
    this.#options = options
    this.#startedAtMs = options.steadyMs()
  }

  /** All of it, as the parts of the node tell it. @throws NotStartedYet */
  async dump(): Promise<NodeSample> {
    await this.view()
    if (!this.#latest) throw new NotStartedYet()
    return this.#latest
  }

  /** @throws NotStartedYet */
  view(): Promise<StatsView> {
    const nowMs = this.#options.steadyMs()
    if (this.#view && nowMs - this.#sampledAtMs < SAMPLE_FOR_MS) return this.#view
    const before = nowMs - this.#sampledAtMs <= RATES_FROM_MS ? this.#latest : null
    this.#sampledAtMs = nowMs
    const sample = this.#sample()
    this.#latest = sample
    this.#view = viewOf(before, sample)
    return this.#view
  }

  async #sample(): Promise<NodeSample> {
    const { node, transports, meter, steadyMs } = this.#options
    const dumped = node()
    if (!dumped) throw new NotStartedYet()
    const sampled = await transports()
    const atMs = steadyMs()
    return {
      atMs,
      uptimeMs: atMs - this.#startedAtMs,
      node: dumped,
      transports: sampled,
      eventLoopDelay: meter.read(),
    }
  }

  /** Idempotent. */
  close(): void {
    this.#options.meter.stop()
  }
}

/** A sample that failed is no reason for the next one to fail. */
async function viewOf(before: Promise<NodeSample> | null, sample: Promise<NodeSample>): Promise<StatsView> {
  return statsView(await (before?.catch(() => null) ?? null), await sample)
}
