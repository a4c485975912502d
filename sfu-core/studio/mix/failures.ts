import { AVERROR_ENOSPC } from 'node-av/constants'
import { FFmpegError } from 'node-av/lib'
import { Refusal } from '../../contract/reasons.ts'

function isDiskFull(error: unknown): boolean {
  if (error instanceof FFmpegError) return error.code === AVERROR_ENOSPC
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC'
}

/** What went wrong as a refusal: `disk-full`, else `render-failed`. What is none of ours (an abort) stays what it is. */
export function asRefusal(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  if (error instanceof Refusal) return error
  if (isDiskFull(error)) return new Refusal('disk-full', 'the disk is full')
  return new Refusal('render-failed', error instanceof Error ? error.message : String(error))
}

/** Adds whose track it was. */
export async function named<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Refusal(error.code, `the track of ${name}: ${error.message}`)
  }
}
