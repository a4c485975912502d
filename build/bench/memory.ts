import { setTimeout as sleep } from 'node:timers/promises'
import { startLoadGenerator } from './load/generator.ts'
import { residentKb } from './load/memory.ts'
import { progress } from './load/progress.ts'
import { LoadedRoom } from './load/room.ts'
import { conversation } from './load/talk.ts'
import { type BenchOptions, type BenchReport, barAtMost, round } from './report.ts'
import { startEngine } from './sfus/engine.ts'
import { startJanus } from './sfus/janus.ts'
import type { Sfu } from './sfus/sfu.ts'

const BASE_LISTENERS = 100
const FULL = { engawaMore: 2_000, janusMore: 300, churnWarm: 2_000, churn: 8_000, settleMs: 3_000 }
const QUICK = { engawaMore: 200, janusMore: 50, churnWarm: 200, churn: 400, settleMs: 1_000 }
type Plan = typeof FULL

const GOAL_KB_PER_LISTENER = 40
/** "Flat": what a heap moves by from one collection to the next. */
const GOAL_GROWTH_PERCENT = 5
/** So many come and go at a time. */
const CHURN_BATCH = 250
const SEED = 3

/**
 * Resident memory of the SFU's process for each listener beyond the first 100, while three people talk; of ours after a
 * garbage collection, of Janus as it is. Then 10,000 people join ours and leave it again, as in six hours of a busy
 * room: memory after the first 2,000 against memory after the last.
 */
export async function benchMemory({ quick }: BenchOptions): Promise<BenchReport> {
  const plan = quick ? QUICK : FULL
  const engawa = await measureEngawa(plan)
  const janus = await measureJanus(plan)
  const growthPercent = round((100 * (engawa.afterKb - engawa.warmKb)) / engawa.warmKb)
  return {
    bench: 'memory',
    rows: [
      {
        what: 'Engawa: per listener beyond the first 100',
        listeners: plan.engawaMore,
        kB: round(engawa.perListenerKb),
      },
      { what: 'Janus VideoRoom: per listener', listeners: plan.janusMore, kB: round(janus.perListenerKb) },
      { what: 'Engawa: the process with 100 listeners', listeners: BASE_LISTENERS, kB: engawa.baseKb },
      { what: `Engawa: after ${plan.churnWarm} joins and leaves`, listeners: BASE_LISTENERS, kB: engawa.warmKb },
      { what: `Engawa: after ${plan.churnWarm + plan.churn}`, listeners: BASE_LISTENERS, kB: engawa.afterKb },
    ],
    bars: [
      barAtMost('memory per listener beyond the first 100', round(engawa.perListenerKb), {
        goal: GOAL_KB_PER_LISTENER,
        unit: 'kB',
      }),
      barAtMost(`growth over ${plan.churn} joins and leaves`, growthPercent, { goal: GOAL_GROWTH_PERCENT, unit: '%' }),
    ],
  }
}

async function talkingRoom(sfu: Sfu, generator: Awaited<ReturnType<typeof startLoadGenerator>>): Promise<LoadedRoom> {
  const room = new LoadedRoom(sfu, generator)
  const talk = conversation(SEED)
  await room.addSpeakers(talk.length)
  room.speak(talk)
  return room
}

async function measureEngawa(plan: Plan) {
  await using generator = await startLoadGenerator()
  await using engine = await startEngine(60)
  const room = await talkingRoom(engine, generator)
  const settledKb = async () => {
    await sleep(plan.settleMs)
    await engine.collectGarbage()
    await engine.collectGarbage()
    return residentKb(engine.pid)
  }
  await room.resize(BASE_LISTENERS)
  const baseKb = await settledKb()
  await room.resize(BASE_LISTENERS + plan.engawaMore)
  const perListenerKb = ((await settledKb()) - baseKb) / plan.engawaMore
  progress(`Engawa: ${round(perListenerKb)} kB for each listener`)
  await room.resize(BASE_LISTENERS)
  await churn(room, plan.churnWarm)
  const warmKb = await settledKb()
  await churn(room, plan.churn)
  const afterKb = await settledKb()
  return { baseKb, perListenerKb, warmKb, afterKb }
}

async function churn(room: LoadedRoom, joins: number): Promise<void> {
  for (let done = 0; done < joins; done += CHURN_BATCH) {
    await room.resize(BASE_LISTENERS + Math.min(CHURN_BATCH, joins - done))
    await room.resize(BASE_LISTENERS)
    if (done % 1_000 === 0) progress(`  ${done} of ${joins} have come and gone: ${residentKb(room.sfu.pid)} kB`)
  }
}

async function measureJanus(plan: Plan): Promise<{ perListenerKb: number }> {
  await using generator = await startLoadGenerator()
  await using janus = await startJanus('as installed')
  const room = await talkingRoom(janus, generator)
  await room.resize(BASE_LISTENERS)
  await sleep(plan.settleMs)
  const baseKb = residentKb(janus.pid)
  await room.resize(BASE_LISTENERS + plan.janusMore)
  await sleep(plan.settleMs)
  return { perListenerKb: (residentKb(janus.pid) - baseKb) / plan.janusMore }
}
