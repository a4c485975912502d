import { readFileSync } from 'node:fs'

/** Resident memory of a process, in kB (1024 bytes). Linux only. */
export function residentKb(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
  if (found === undefined) throw new Error(`process ${pid} is gone`)
  return Number(found)
}
