import type { Readable } from 'node:stream'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import { steadyMs } from '../clock.ts'
import { TAPE_UPLOAD_MAX_MS, TAPE_UPLOAD_SILENCE_MS } from '../limits.ts'

/** How long an upload may take, and pause. */
export interface Patience {
  wholeMs: number
  silenceMs: number
}

const PATIENCE: Patience = { wholeMs: TAPE_UPLOAD_MAX_MS, silenceMs: TAPE_UPLOAD_SILENCE_MS }

/**
 * The parts of an upload as they come. The stream itself is left open at an early end, so that an answer can still be sent.
 * @throws Refusal `timed-out` where the sender is silent or all too slow, `chunk-damaged` where it broke off.
 */
export async function* readInTime(content: Readable, patience: Patience = PATIENCE): AsyncGenerator<Buffer> {
  const parts = content.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]()
  const untilMs = steadyMs() + patience.wholeMs
  for (;;) {
    const waitMs = Math.min(patience.silenceMs, untilMs - steadyMs())
    const next = await within(parts.next().catch(brokenOff), waitMs)
    if (next.done) return
    yield next.value
  }
}

function within<T>(next: Promise<T>, waitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const tooSlow = () => reject(new Refusal('timed-out', 'The upload is too slow. It is sent again.'))
    const timer = setTimeout(tooSlow, waitMs)
    next.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

function brokenOff(): never {
  throw new Refusal('chunk-damaged', 'The upload broke off.')
}
