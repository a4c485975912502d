import { constants, setPriority } from 'node:os'
import process from 'node:process'
import { type ReasonCode, Refusal } from '../../../sfu-core/contract/reasons.ts'
import type { FromWorker, StudioTask, ToWorker } from '../worker-messages.ts'
import { isDiskFull } from './disk-full.ts'
import { progressTeller } from './progress-teller.ts'
import { runTask } from './run-task.ts'

/** The process of one job: gets it from the server that forked it, does it, says how it went, and ends. */

// Sound of live rooms comes first. Before any other thread is made: they inherit it (setpriority(2), Linux). Not lower still: at 19
// a busy machine leaves a thread one or two hundredths of a core, and a job hears of its end only seconds later.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
// The server has gone, however it went: nobody wants the result, and the next one begins anew.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// A Ctrl-C in the terminal reaches us too; the server says what is to become of us.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})

const aborting = new AbortController()

process.on('message', (message: ToWorker) => {
  if (message.type === 'abort') aborting.abort()
  else void work(message.task)
})
say({ type: 'ready' })

async function work(task: StudioTask): Promise<void> {
  const onProgress = progressTeller(
    (progress) => say({ type: 'progress', ...progress }),
    performance.now.bind(performance),
  )
  try {
    const outcome = await runTask(task, { onProgress, signal: aborting.signal })
    leave({ type: 'done', outcome })
  } catch (error) {
    leave(failureOf(error))
  }
}

function failureOf(error: unknown): FromWorker {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { type: 'failed', reason: reasonOf(error), message }
}

/** `disk-full` is what a recording ends by; here nothing was being recorded. */
function reasonOf(error: unknown): ReasonCode {
  if (isDiskFull(error)) return 'server-disk-full'
  return error instanceof Refusal ? error.code : 'render-failed'
}

function say(word: FromWorker): void {
  process.send?.(word, () => {})
}

/** The last word must be out before the process ends. */
function leave(word: FromWorker): void {
  process.send?.(word, () => process.exit(0))
}
