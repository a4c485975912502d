import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMsOf } from '../harness/processes.ts'
import { startLoadGenerator } from './load/generator.ts'
import { progress } from './load/progress.ts'
import { LoadedRoom } from './load/room.ts'
import { MONOLOGUE } from './load/talk.ts'
import { type BenchOptions, type BenchReport, barAtMost, percentile, round } from './report.ts'
import { startEngine } from './sfus/engine.ts'
import { startJanus } from './sfus/janus.ts'
import type { Sfu } from './sfus/sfu.ts'

const FULL = { counted: 300, singles: 60, burst: 200 }
const QUICK = { counted: 50, singles: 10, burst: 50 }
type Plan = typeof FULL

const WARM_UP_JOINS = 40
const COUNTED_AT_ONCE = 16
const BETWEEN_SINGLES_MS = 60
/** For the SFU to forget who left. */
const QUIET_MS = 1_000

const GOAL_CPU_MS = 3
const GOAL_BURST_MS = 4_000
const GOAL_FIRST_PACKET_P50_MS = 150

interface JoinFigures {
  sfu: string
  cpuMsPerJoin: number
  firstPacketP50Ms: number
  firstPacketP95Ms: number
  burstMs: number
}

/**
 * Joins by the load generator, ours and Janus. CPU of the SFU's process per join, from the offer to a secured connection,
 * while nobody talks, 16 at a time. The time from the sending of the offer to the first packet of sound, one listener after
 * the other while somebody talks without a pause; with us in packets of 60 ms, the wait for which is part of it. And 200 offers
 * at once: the time until the last of them has a packet of sound.
 */
export async function benchJoinBurst({ quick }: BenchOptions): Promise<Pick<BenchReport, 'rows' | 'bars'>> {
  const plan = quick ? QUICK : FULL
  const engawa = await measureJoins(() => startEngine(60), plan)
  const janus = await measureJoins(() => startJanus('as installed'), plan)
  return {
    rows: [engawa, janus].flatMap(({ sfu, ...figures }) => [
      { what: `${sfu}: CPU per join`, joins: plan.counted, cpuMs: round(figures.cpuMsPerJoin, 2) },
      {
        what: `${sfu}: offer to first packet`,
        joins: plan.singles,
        p50Ms: round(figures.firstPacketP50Ms),
        p95Ms: round(figures.firstPacketP95Ms),
      },
      { what: `${sfu}: all of a burst hear sound`, joins: plan.burst, allMs: Math.round(figures.burstMs) },
    ]),
    bars: [
      barAtMost('CPU per join', round(engawa.cpuMsPerJoin, 2), { goal: GOAL_CPU_MS, unit: 'ms' }),
      barAtMost(`${plan.burst} joins at once, until all hear`, Math.round(engawa.burstMs), {
        goal: GOAL_BURST_MS,
        unit: 'ms',
      }),
      barAtMost('offer to first packet, p50', round(engawa.firstPacketP50Ms), {
        goal: GOAL_FIRST_PACKET_P50_MS,
        unit: 'ms',
      }),
    ],
  }
}

async function measureJoins(start: () => Promise<Sfu>, plan: Plan): Promise<JoinFigures> {
  await using generator = await startLoadGenerator()
  await using sfu = await start()
  const room = new LoadedRoom(sfu, generator)
  await room.addSpeakers(1)
  await room.resize(WARM_UP_JOINS)
  await emptied(room)
  const cpuMsPerJoin = await cpuOf(room, plan.counted)
  await emptied(room)
  room.speak([MONOLOGUE])
  const singlesMs = await joinOneByOne(room, plan.singles)
  await emptied(room)
  const burstMs = await joinAtOnce(room, plan.burst)
  const figures = {
    sfu: sfu.name,
    cpuMsPerJoin,
    firstPacketP50Ms: percentile(singlesMs, 0.5),
    firstPacketP95Ms: percentile(singlesMs, 0.95),
    burstMs,
  }
  progress(
    `${sfu.name}: ${round(cpuMsPerJoin, 2)} ms of CPU a join, ${plan.burst} at once in ${Math.round(burstMs)} ms`,
  )
  return figures
}

async function emptied(room: LoadedRoom): Promise<void> {
  await room.resize(0)
  await sleep(QUIET_MS)
}

async function cpuOf(room: LoadedRoom, joins: number): Promise<number> {
  const beforeMs = cpuMsOf(room.sfu.pid)
  await room.addListeners(joins, { atOnce: COUNTED_AT_ONCE })
  return (cpuMsOf(room.sfu.pid) - beforeMs) / joins
}

async function joinOneByOne(room: LoadedRoom, joins: number): Promise<number[]> {
  const timesMs: number[] = []
  for (let i = 0; i < joins; i++) {
    const { first, last } = await room.addListeners(1)
    await room.untilListenersHear(room.listenerIds.length)
    timesMs.push(...(await room.generator.firsts(first, last)).map(([, heardMs]) => heardMs))
    await sleep(BETWEEN_SINGLES_MS)
  }
  return timesMs
}

/** From the first offer to the last first packet. */
async function joinAtOnce(room: LoadedRoom, joins: number): Promise<number> {
  const offeredAtMs = performance.now()
  const { first, last } = await room.addListeners(joins, { atOnce: joins })
  await room.untilListenersHear(joins)
  const heardMs = (await room.generator.firsts(first, last)).map(([, ms]) => ms)
  progress(
    `  ${room.sfu.name}: burst p50 ${round(percentile(heardMs, 0.5))} ms, all seen after ${round(performance.now() - offeredAtMs)} ms`,
  )
  return Math.max(...heardMs)
}
