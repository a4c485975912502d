import { takeIdSchema, tapeIdSchema } from '../../../../sfu-core/contract/ids.ts'
import type { TapeBeginning } from '../messages.ts'
import type { SoundBlock } from '../sample-intake.ts'

export const TAPE_ID = 'tape1'
export const SERVER_URL = 'http://localhost:8420'

export function beginning(change: Partial<TapeBeginning> & { channels?: number } = {}): TapeBeginning {
  const { channels = 1, ...rest } = change
  const opening = {
    takeId: takeIdSchema.parse('take1'),
    tapeId: tapeIdSchema.parse(TAPE_ID),
    source: 'processed' as const,
    channels,
    deviceLabel: 'Fake',
  }
  return { opening, seat: 'seat', roomTitle: 'Tea', serverUrl: SERVER_URL, startedAtMs: 0, ...rest }
}

/** The n-th sample of a sound that never repeats, as 24 bit. */
export function sampleAt(n: number): number {
  return ((Math.imul(n + 1, 2_654_435_761) >>> 0) % 0x100_0000) - 0x80_0000
}

/** `count` samples of that sound from the n-th on, as a microphone delivers them. */
export function blockAt(n: number, count: number, atMs: number): SoundBlock {
  const plane = Float32Array.from({ length: count }, (_, i) => sampleAt(n + i) / 0x80_0000)
  return { planes: [plane], lengthSamples: count, rateHz: 48_000, atMs }
}

export function joined(parts: readonly Int32Array[]): Int32Array<ArrayBuffer> {
  const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export function samplesAt(n: number, count: number): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length: count }, (_, i) => sampleAt(n + i))
}
