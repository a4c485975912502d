import { lateShare } from './load/delays.ts'
import { startLoadGenerator } from './load/generator.ts'
import { progress, warnOfLimits } from './load/progress.ts'
import { LoadedRoom } from './load/room.ts'
import { findMaximum } from './load/search.ts'
import { conversation } from './load/talk.ts'
import { type BenchOptions, type BenchReport, barAtLeast, round } from './report.ts'
import { startEngine } from './sfus/engine.ts'
import { startJanus } from './sfus/janus.ts'
import type { Sfu } from './sfus/sfu.ts'

/** "Most listeners" of the room's settings, and the default. */
const MOST_PACKET_MS = 120
const DEFAULT_PACKET_MS = 60
/** `warmUpMs`: of talk, before the first step: a room lasts an hour, V8's compilers take seconds. */
const FULL = { windowMs: 8_000, precision: 0.06, limit: Number.POSITIVE_INFINITY, warmUpMs: 4_000 }
const QUICK = { windowMs: 2_000, precision: 0.5, limit: 400, warmUpMs: 500 }

interface Plan {
  windowMs: number
  warmUpMs: number
  precision: number
  limit: number
  /** How much sound a packet holds. */
  packetMs: number
  /** The first number of listeners. */
  from: number
  /** No further step is begun after it. */
  budgetMs: number
}

/** Fewer than this part of the first number are not tried: then the machine is at fault. */
const LEAST_PART = 1 / 8
/** A core this full says why packets were late; else a step is tried once more before it counts as failed. */
const FULL_CORE_PERCENT = 90

const LATE_SHARE_MAX = 0.01
const GOAL_TIMES_JANUS = 20
/** A third of the packets, each for a fifth of the CPU, less what a listener costs without any. */
const GOAL_TIMES_JANUS_BY_DEFAULT = 10
/** Of an audience's packets this one in so many is opened for its moment of sending: some ten thousand a window. */
const SAMPLE = 7
/** The same talk for both. */
const SEED = 3

interface Served {
  sfu: string
  packetMs: number
  listeners: number
  /** Nothing larger was tried: sockets or ports ended. */
  isLimit: boolean
  lateShare: number
  corePercent: number
  packetsPerS: number
  /** What other programs took of the core. */
  othersPercent: number
}

/**
 * How many listeners one core serves: three people on stage at normal talk (one mostly, two sometimes, DTX in pauses), until
 * more than 1 % of the packets come more than 20 ms late or not at all. Ours with audience packets of 120 ms and of 60, Debian's
 * Janus VideoRoom with the same source (as installed; and, for comparison, tuned to one event loop). The number is searched by doubling and halving; who is connected stays so from
 * one step to the next, and nobody talks while people join. A step that fails is tried once more before it counts.
 */
export async function benchListeners({ quick }: BenchOptions): Promise<BenchReport> {
  const plan = quick ? QUICK : FULL
  const janusPlan: Plan = { ...plan, packetMs: 20, from: quick ? 50 : 200, budgetMs: quick ? 5_000 : 60_000 }
  const engawaPlan = { ...plan, from: quick ? 200 : 2_000, budgetMs: quick ? 5_000 : 120_000 }
  const most = await serve(() => startEngine(MOST_PACKET_MS), { ...engawaPlan, packetMs: MOST_PACKET_MS })
  const byDefault = await serve(() => startEngine(DEFAULT_PACKET_MS), { ...engawaPlan, packetMs: DEFAULT_PACKET_MS })
  const janus = await serve(() => startJanus('as installed'), janusPlan)
  const janusTuned = await serve(() => startJanus('one event loop'), janusPlan)
  // Where the machine is too busy for Janus' least there is nothing to compare with.
  const timesJanus = (ours: Served) => (janus.listeners === 0 ? 0 : round(ours.listeners / janus.listeners))
  return {
    bench: 'listeners',
    rows: [most, byDefault, janus, janusTuned].map((served) => ({
      sfu: served.sfu,
      packetMs: served.packetMs,
      listeners: served.listeners,
      limit: served.isLimit ? 'sockets' : 'core',
      latePercent: round(served.lateShare * 100, 2),
      corePercent: round(served.corePercent),
      packetsPerS: Math.round(served.packetsPerS),
      othersPercent: round(served.othersPercent),
    })),
    bars: [
      barAtLeast(`listeners on one core against Janus, ${MOST_PACKET_MS} ms packets`, timesJanus(most), {
        goal: GOAL_TIMES_JANUS,
        unit: 'x',
      }),
      barAtLeast(`the same, ${DEFAULT_PACKET_MS} ms packets`, timesJanus(byDefault), {
        goal: GOAL_TIMES_JANUS_BY_DEFAULT,
        unit: 'x',
      }),
    ],
  }
}

async function serve(start: () => Promise<Sfu>, plan: Plan): Promise<Served> {
  await using generator = await startLoadGenerator()
  generator.sample(SAMPLE)
  await using sfu = await start()
  const room = new LoadedRoom(sfu, generator)
  const talk = conversation(SEED)
  await room.addSpeakers(talk.length)
  const limit = Math.min(plan.limit, generator.maxPeers - talk.length)
  const { packetMs } = plan
  const none = {
    packetMs,
    listeners: 0,
    isLimit: false,
    lateShare: 0,
    corePercent: 0,
    packetsPerS: 0,
    othersPercent: 0,
  }
  const nobody: Served = { sfu: sfu.name, ...none }
  const served = new Map<number, Served>([[0, nobody]])
  await room.resize(plan.from / 2)
  room.speak(talk)
  await room.measure(plan.warmUpMs)
  room.speak([])
  const deadlineMs = performance.now() + plan.budgetMs

  const step = async (): Promise<Served> => {
    room.speak(talk)
    const window = await room.measure(plan.windowMs)
    room.speak([])
    warnOfLimits(window)
    const { audience, cpuMs, foreignMs, windowMs } = window
    const listeners = room.listenerIds.length
    const late = lateShare(audience, plan.packetMs)
    const corePercent = (100 * cpuMs) / windowMs
    progress(`${sfu.name}, ${listeners} listeners: ${round(late * 100, 2)} % late, ${round(corePercent)} % of the core`)
    const packetsPerS = (audience.packets / windowMs) * 1_000
    const othersPercent = (100 * foreignMs) / windowMs
    const isLimit = listeners >= limit
    return { sfu: sfu.name, packetMs, listeners, isLimit, lateShare: late, corePercent, packetsPerS, othersPercent }
  }

  const holds = async (count: number): Promise<boolean> => {
    await room.resize(count)
    const first = await step()
    const isSure = first.lateShare <= LATE_SHARE_MAX || first.corePercent > FULL_CORE_PERCENT
    const result = isSure ? first : await step()
    served.set(count, result)
    return result.lateShare <= LATE_SHARE_MAX
  }

  const found = await findMaximum({
    from: plan.from,
    least: plan.from * LEAST_PART,
    limit,
    precision: plan.precision,
    mayGoOn: () => performance.now() < deadlineMs,
    holds: (count) =>
      holds(count).catch((error: unknown) => {
        progress(`${sfu.name} does not take ${count} listeners: ${error}`)
        return false
      }),
  })
  return served.get(found) ?? nobody
}
