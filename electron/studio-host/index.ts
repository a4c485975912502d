// First: the engine's modules use it when they are loaded.
import './old-runtime.ts'
import { constants, setPriority } from 'node:os'
import { type ReasonCode, Refusal } from '../../sfu-core/contract/reasons.ts'
import type { StudioProgress } from '../../sfu-core/studio/index.ts'
import { type FromStudioHost, type StudioTask, toStudioHostSchema } from './messages.ts'
import { runTask } from './run-task.ts'

/** The process of one studio job on this computer: gets it from the main process, does it, says how it went, and ends. */

// Recordings belong to this person alone; main's mask does not come along.
process.umask(0o077)
// Sound of live rooms comes first. Before any other thread is made: they inherit it (setpriority(2), Linux).
setPriority(constants.priority.PRIORITY_LOW)
// Ctrl-C in a terminal reaches every process of the group; this one ends when main has said so.
process.on('SIGINT', () => {})

/** Four times a second is smooth to look at. */
const TELL_INTERVAL_MS = 250
/** FFmpeg tells system errors as negative numbers (libavutil/error.h, AVERROR). */
const AVERROR_ENOSPC = -28

const aborting = new AbortController()

process.parentPort.on('message', ({ data }) => {
  const message = toStudioHostSchema.parse(data)
  if (message.type === 'abort') aborting.abort()
  else void work(message.task)
})

async function work(task: StudioTask): Promise<void> {
  try {
    const outcome = await runTask(task, { onProgress: progressTeller(), signal: aborting.signal })
    leave({ type: 'done', ...outcome })
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
    leave({ type: 'failed', reason: reasonOf(error), detail })
  }
}

function progressTeller(): (progress: StudioProgress) => void {
  let toldAtMs = Number.NEGATIVE_INFINITY
  let toldStep: StudioProgress['step'] | null = null
  return ({ step, progress }) => {
    const nowMs = performance.now()
    if (step === toldStep && nowMs - toldAtMs < TELL_INTERVAL_MS) return
    toldAtMs = nowMs
    toldStep = step
    tell({ type: 'progress', step, progress: Number.isFinite(progress) ? Math.min(Math.max(progress, 0), 1) : 0 })
  }
}

function reasonOf(error: unknown): ReasonCode {
  if (isDiskFull(error)) return 'disk-full'
  return error instanceof Refusal ? error.code : 'render-failed'
}

function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : null
  return code === 'ENOSPC' || code === 'EDQUOT' || code === AVERROR_ENOSPC || isDiskFull(error.cause)
}

function tell(message: FromStudioHost): void {
  process.parentPort.postMessage(message)
}

/** Main ends this process once it has heard the last word: an exit right after it could swallow it. */
function leave(message: FromStudioHost): void {
  tell(message)
}
