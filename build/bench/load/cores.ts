import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/**
 * Where there are two cores or more, the SFU under test has one for itself and the load generator another: each SFU
 * is measured on one core, and the generator's work does not take its time. Null on a single core.
 */
const isShared = availableParallelism() < 2
export const SFU_CORE = isShared ? null : 0
export const LOAD_CORE = isShared ? null : 1

/** Linux counts CPU time in ticks of 1/100 s. */
const TICK_MS = 10

/** The time that programs and the kernel have used of a core since the start, in ms (proc(5), /proc/stat). */
export function busyMsOf(core: number): number {
  return busyMsIn(readFileSync('/proc/stat', 'latin1'), core)
}

/** As `busyMsOf`, of what /proc/stat says. 0 for a core it does not name. */
export function busyMsIn(stat: string, core: number): number {
  const line = stat.split('\n').find((candidate) => candidate.startsWith(`cpu${core} `)) ?? ''
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.split(' ').slice(1).map(Number)
  return (user + nice + system + irq + softirq) * TICK_MS
}
