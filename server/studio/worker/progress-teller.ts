import type { NowMs } from '../../clock.ts'
import type { WorkerProgress } from '../worker-messages.ts'

type Progress = Omit<WorkerProgress, 'type'>

/** Four times a second is smooth to look at. */
const TELL_INTERVAL_MS = 250

/** Passes progress on: each new step at once, what lies between at most every TELL_INTERVAL_MS. Always within 0 to 1. */
export function progressTeller(tell: (progress: Progress) => void, nowMs: NowMs): (progress: Progress) => void {
  let toldAtMs = Number.NEGATIVE_INFINITY
  let toldStep: Progress['step'] | null = null
  return ({ step, progress }) => {
    const now = nowMs()
    if (step === toldStep && now - toldAtMs < TELL_INTERVAL_MS) return
    toldAtMs = now
    toldStep = step
    tell({ step, progress: Number.isFinite(progress) ? Math.min(Math.max(progress, 0), 1) : 0 })
  }
}
