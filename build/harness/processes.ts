import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts CPU time in ticks of 1/100 s (sysconf(_SC_CLK_TCK) on every Linux in use). */
const TICK_MS = 10

interface ProcessRow {
  pid: number
  parentPid: number
  commandLine: string
  cpuMs: number
}

function readProcess(pid: number): ProcessRow | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name is in brackets and may hold spaces: count the fields after it (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return {
      pid,
      parentPid: Number(fields[1]),
      commandLine: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '),
      cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    }
  } catch {
    // It ended between the listing and the look.
    return null
  }
}

/** The child of `parentPid` whose command line has `part`. Linux only. Throws where there is none. */
export function findChild(parentPid: number, part: string): number {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const row = readProcess(Number(entry))
    if (row?.parentPid === parentPid && row.commandLine.includes(part)) return row.pid
  }
  throw new Error(`process ${parentPid} has no child with "${part}" in its command line`)
}

/** CPU time (user and system) that a process has used since its start, in ms. Linux only. */
export function cpuMsOf(pid: number): number {
  const row = readProcess(pid)
  if (!row) throw new Error(`process ${pid} is gone`)
  return row.cpuMs
}

/** Whether a process runs. One that has ended and that nobody has fetched (a zombie) does not. Linux only. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z'
  } catch {
    return false
  }
}

/** All processes below this one, by /proc. Linux only. */
export function descendantsOf(pid: number): number[] {
  const rows = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => readProcess(Number(entry)) ?? [])
  const below = (parentPid: number): number[] =>
    rows.filter((row) => row.parentPid === parentPid).flatMap((row) => [row.pid, ...below(row.pid)])
  return below(pid)
}
