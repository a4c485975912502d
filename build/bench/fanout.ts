import { shareAbove } from './load/delays.ts'
import { startLoadGenerator } from './load/generator.ts'
import { progress, warnOfLimits } from './load/progress.ts'
import { LoadedRoom, type Window } from './load/room.ts'
import { MONOLOGUE } from './load/talk.ts'
import { type BenchOptions, type BenchReport, barAtMost, percentile, round } from './report.ts'
import { startEngine } from './sfus/engine.ts'
import { startJanus } from './sfus/janus.ts'
import { startSendtoLoop } from './sfus/sendto.ts'
import type { Sfu } from './sfus/sfu.ts'
import { startWerift } from './sfus/werift.ts'

/** `warmUpMs`: of forwarding, before it counts. A room lasts an hour; the compilers of V8 take seconds. */
const FULL = { sizes: [50, 200, 500, 1_000], windows: 3, windowMs: 1_600, warmUpMs: 2_000 }
const QUICK = { sizes: [50, 500], windows: 1, windowMs: 1_500, warmUpMs: 500 }
type Plan = typeof FULL

const COMPARED_SIZE = 500
const GOAL_TIMES_FLOOR = 1.8
const GOAL_SHARE_OF_JANUS = 0.2
/** Few, so that a reader spends its time on reading. */
const SAMPLE = 97

const SFUS = {
  floor: startSendtoLoop,
  engawa: () => startEngine(20),
  engawaDgram: () => startEngine(20, 'dgram'),
  janus: () => startJanus('as installed'),
  janusTuned: () => startJanus('one event loop'),
  werift: startWerift,
}
type SfuKey = keyof typeof SFUS

interface Figure {
  sfu: string
  listeners: number
  cpuUsPerPacket: number
  lostShare: number
  /** The share of packets that took more than 20 ms. */
  slowShare: number
  coreShare: number
  /** What other programs took of the core. */
  othersShare: number
}

/**
 * CPU (user and system time) of the SFU's process for each packet that arrived at a listener: one speaker without a pause in
 * packets of 20 ms, and 50 to 1000 listeners who read. Ours, a plain werift forwarder, Debian's Janus VideoRoom (as
 * installed, a thread a handle; and, for comparison, tuned to one event loop) and a bare C loop of sendto, one after the other on the same core, with the load generator on another; the median of some windows
 * each. Where an SFU is overloaded, what it lost does not count as forwarded.
 */
export async function benchFanout({ quick }: BenchOptions): Promise<BenchReport> {
  const plan = quick ? QUICK : FULL
  await using generator = await startLoadGenerator()
  generator.sample(SAMPLE)
  const figures = new Map<SfuKey, Figure[]>()
  let nextId = 1
  for (const [key, start] of Object.entries(SFUS) as [SfuKey, () => Promise<Sfu>][]) {
    await using sfu = await start()
    const room = new LoadedRoom(sfu, generator, nextId)
    figures.set(key, await measureSizes(room, plan))
    room.leaveAll()
    nextId = room.nextId
  }
  return report(figures)
}

async function measureSizes(room: LoadedRoom, plan: Plan): Promise<Figure[]> {
  await room.addSpeakers(1)
  const figures: Figure[] = []
  for (const listeners of plan.sizes) {
    room.speak([])
    await room.resize(listeners)
    room.speak([MONOLOGUE])
    await room.measure(plan.warmUpMs)
    const windows: Window[] = []
    for (let i = 0; i < plan.windows; i++) windows.push(await room.measure(plan.windowMs, { isSettled: i > 0 }))
    const figure = figureOf(room, windows)
    progress(`${figure.sfu}, ${listeners} listeners: ${round(figure.cpuUsPerPacket, 2)} µs a packet`)
    figures.push(figure)
  }
  return figures
}

function figureOf({ sfu, listenerIds }: LoadedRoom, windows: Window[]): Figure {
  for (const window of windows) checkSound(sfu.name, window)
  const [worst] = windows.toSorted((a, b) => b.foreignMs - a.foreignMs)
  if (worst) warnOfLimits(worst)
  const median = (of: (window: Window) => number) => percentile(windows.map(of), 0.5)
  return {
    sfu: sfu.name,
    listeners: listenerIds.length,
    cpuUsPerPacket: median(({ cpuMs, audience }) => (cpuMs * 1_000) / audience.packets),
    lostShare: median(({ audience }) => audience.lost / (audience.lost + audience.packets)),
    slowShare: median(({ audience }) => shareAbove(audience.lastFrame, 20)),
    coreShare: median(({ cpuMs, windowMs }) => cpuMs / windowMs),
    othersShare: median(({ foreignMs, windowMs }) => foreignMs / windowMs),
  }
}

/** What was not heard right was not forwarded. An overloaded SFU may have forwarded nothing. */
function checkSound(name: string, { audience }: Window): void {
  const { rightSound, wrongSound, undecryptable } = audience
  if (wrongSound + undecryptable > 0) {
    throw new Error(
      `${name}: ${wrongSound} wrong and ${undecryptable} unreadable packets beside ${rightSound} right ones`,
    )
  }
}

function report(figures: Map<SfuKey, Figure[]>): BenchReport {
  const atSize = (key: SfuKey) =>
    figures.get(key)?.find(({ listeners }) => listeners === COMPARED_SIZE)?.cpuUsPerPacket ?? Number.NaN
  const ours = atSize('engawa')
  return {
    bench: 'fanout',
    rows: [...figures.values()].flat().map((figure) => ({
      sfu: figure.sfu,
      listeners: figure.listeners,
      cpuUsPerPacket: round(figure.cpuUsPerPacket, 2),
      lostPercent: round(figure.lostShare * 100, 2),
      over20MsPercent: round(figure.slowShare * 100, 2),
      corePercent: round(figure.coreShare * 100),
      othersPercent: round(figure.othersShare * 100),
    })),
    bars: [
      barAtMost(`CPU per packet against the C loop, ${COMPARED_SIZE} listeners`, round(ours / atSize('floor'), 2), {
        goal: GOAL_TIMES_FLOOR,
        unit: 'x',
      }),
      barAtMost(`CPU per packet against Janus, ${COMPARED_SIZE} listeners`, round(ours / atSize('janus'), 3), {
        goal: GOAL_SHARE_OF_JANUS,
        unit: 'x',
      }),
    ],
  }
}
