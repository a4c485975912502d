import { delayAt } from './load/delays.ts'
import { startLoadGenerator } from './load/generator.ts'
import { progress, warnOfLimits } from './load/progress.ts'
import { LoadedRoom } from './load/room.ts'
import { conversation } from './load/talk.ts'
import { type BenchOptions, type BenchReport, barAtMost, round } from './report.ts'
import { startEngine } from './sfus/engine.ts'
import { startJanus } from './sfus/janus.ts'
import { startSendtoLoop } from './sfus/sendto.ts'
import type { Sfu } from './sfus/sfu.ts'

const FULL = { trialMs: 4_000, windowMs: 15_000, engawaTrial: 1_500, janusTrial: 150, floorTrial: 500, limit: 14_000 }
const QUICK = { trialMs: 1_500, windowMs: 3_000, engawaTrial: 300, janusTrial: 50, floorTrial: 100, limit: 400 }
type Plan = typeof FULL

const GOAL_P99_MS = 3
/** Besides the three who speak. */
const SILENT_ON_STAGE = 7
const SAMPLE = 31
const SEED = 3

interface Delays {
  sfu: string
  audience: number
  corePercent: number
  /** What other programs took of the core. */
  othersPercent: number
  stagePackets: number
  p50Ms: number
  p99Ms: number
  p999Ms: number
  audienceP99Ms: number
}

/**
 * The time that a packet spends inside, at half load: from a speaker's `send` to the kernel's time stamp at a listener's socket, so
 * both ways through the loopback are in it. Of ten people on stage (packets of 20 ms) while the audience takes its own, of
 * 60 ms with us. Half load is half of the listeners who would fill the core, by what a first, smaller audience costs:
 * a little more than half of what the bench `listeners` finds. Janus at half of its own, the C loop as the floor.
 */
export async function benchDelay({ quick }: BenchOptions): Promise<BenchReport> {
  const plan = quick ? QUICK : FULL
  const engawa = await delaysOf(() => startEngine(60), plan.engawaTrial, plan)
  const janus = await delaysOf(() => startJanus('as installed'), plan.janusTrial, plan)
  const floor = await delaysOf(startSendtoLoop, plan.floorTrial, plan)
  return {
    bench: 'delay',
    rows: [engawa, janus, floor].map((delays) => ({ ...delays })),
    bars: [
      barAtMost('time inside at half load, p99, packets of 20 ms', engawa.p99Ms, { goal: GOAL_P99_MS, unit: 'ms' }),
    ],
  }
}

async function delaysOf(start: () => Promise<Sfu>, trial: number, plan: Plan): Promise<Delays> {
  await using generator = await startLoadGenerator()
  generator.sample(SAMPLE)
  await using sfu = await start()
  const room = new LoadedRoom(sfu, generator)
  const talk = conversation(SEED)
  await room.addSpeakers(talk.length)
  await room.addListeners(SILENT_ON_STAGE, { group: 'stage' })
  const onStage = room.listenerIds.length
  await room.resize(onStage + trial)
  room.speak(talk)
  const { cpuMs, windowMs } = await room.measure(plan.trialMs)
  const half = Math.min(plan.limit, Math.round((trial * windowMs) / cpuMs / 2))
  progress(
    `${sfu.name}: ${trial} listeners take ${round((100 * cpuMs) / windowMs)} % of the core; half load is ${half}`,
  )
  room.speak([])
  await room.resize(onStage + half)
  room.speak(talk)
  const window = await room.measure(plan.windowMs)
  warnOfLimits(window)
  const { stage, audience } = window
  return {
    sfu: sfu.name,
    audience: half,
    corePercent: round((100 * window.cpuMs) / window.windowMs),
    othersPercent: round((100 * window.foreignMs) / window.windowMs),
    stagePackets: stage.packets,
    p50Ms: round(delayAt(stage.lastFrame, 0.5), 2),
    p99Ms: round(delayAt(stage.lastFrame, 0.99), 2),
    p999Ms: round(delayAt(stage.lastFrame, 0.999), 2),
    audienceP99Ms: round(delayAt(audience.lastFrame, 0.99), 2),
  }
}
