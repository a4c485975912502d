import { lateShare } from './load/delays.ts'
import { startLoadGenerator } from './load/generator.ts'
import { progress, warnIfBusy } from './load/progress.ts'
import { LoadedRoom } from './load/room.ts'
import { findMaximum } from './load/search.ts'
import { conversation } from './load/talk.ts'
import { type BenchOptions, type BenchReport, barAtLeast, round } from './report.ts'
import { startEngine } from './sfus/engine.ts'
import { type JanusThreads, startJanus } from './sfus/janus.ts'
import type { Sfu } from './sfus/sfu.ts'

const PACKET_MS = 60
const FULL = { windowMs: 8_000, precision: 0.06, engawaFrom: 2_000, janusFrom: 200, limit: Number.POSITIVE_INFINITY }
const QUICK = { windowMs: 2_000, precision: 0.5, engawaFrom: 250, janusFrom: 50, limit: 500 }
type Plan = typeof FULL

const LATE_SHARE_MAX = 0.01
const GOAL_TIMES_JANUS = 20
/** Of an audience's packets this one in so many is opened for its moment of sending: some ten thousand a window. */
const SAMPLE = 7
/** The same talk for both. */
const SEED = 3

interface Served {
  sfu: string
  listeners: number
  /** Nothing larger was tried: sockets or ports ended. */
  isLimit: boolean
  lateShare: number
  corePercent: number
  packetsPerS: number
}

/**
 * How many listeners one core serves: three people on stage at normal talk (one mostly, two sometimes, DTX in pauses), until
 * more than 1 % of the packets come more than 20 ms late or not at all. Ours with the audience's packets of 60 ms, Debian's
 * Janus VideoRoom with the same source (as installed; and, for comparison, tuned to one event loop). The number is searched by doubling and halving; who is connected stays so from
 * one step to the next, and nobody talks while people join. A step that fails is tried once more before it counts.
 */
export async function benchListeners({ quick }: BenchOptions): Promise<BenchReport> {
  const plan = quick ? QUICK : FULL
  const engawa = await serve(() => startEngine(PACKET_MS), { packetMs: PACKET_MS, from: plan.engawaFrom, plan })
  const serveJanus = (threads: JanusThreads) =>
    serve(() => startJanus(threads), { packetMs: 20, from: plan.janusFrom, plan })
  const janus = await serveJanus('as installed')
  const janusTuned = await serveJanus('one event loop')
  return {
    bench: 'listeners',
    rows: [engawa, janus, janusTuned].map((served) => ({
      sfu: served.sfu,
      listeners: served.listeners,
      limit: served.isLimit ? 'sockets' : 'core',
      latePercent: round(served.lateShare * 100, 2),
      corePercent: round(served.corePercent),
      packetsPerS: Math.round(served.packetsPerS),
    })),
    bars: [
      barAtLeast('listeners on one core against Janus', round(engawa.listeners / janus.listeners), {
        goal: GOAL_TIMES_JANUS,
        unit: 'x',
      }),
    ],
  }
}

async function serve(
  start: () => Promise<Sfu>,
  { packetMs, from, plan }: { packetMs: number; from: number; plan: Plan },
): Promise<Served> {
  await using generator = await startLoadGenerator()
  generator.sample(SAMPLE)
  await using sfu = await start()
  const room = new LoadedRoom(sfu, generator)
  const talk = conversation(SEED)
  await room.addSpeakers(talk.length)
  const limit = Math.min(plan.limit, generator.maxPeers - talk.length)
  const best: Served = { sfu: sfu.name, listeners: 0, isLimit: false, lateShare: 0, corePercent: 0, packetsPerS: 0 }

  const isServedWell = async (): Promise<boolean> => {
    room.speak(talk)
    const window = await room.measure(plan.windowMs)
    room.speak([])
    warnIfBusy(window)
    const { audience, cpuMs, windowMs } = window
    const late = lateShare(audience, packetMs)
    const corePercent = (100 * cpuMs) / windowMs
    const listeners = room.listenerIds.length
    progress(`${sfu.name}, ${listeners} listeners: ${round(late * 100, 2)} % late, ${round(corePercent)} % of the core`)
    if (!(late <= LATE_SHARE_MAX)) return false
    const packetsPerS = (audience.packets / windowMs) * 1_000
    Object.assign(best, { listeners, isLimit: listeners >= limit, lateShare: late, corePercent, packetsPerS })
    return true
  }

  await findMaximum({
    from,
    limit,
    precision: plan.precision,
    holds: async (count) => {
      await room.resize(count)
      return (await isServedWell()) || (await isServedWell())
    },
  })
  return best
}
