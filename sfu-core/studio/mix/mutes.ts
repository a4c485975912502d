import type { EditList } from '../../contract/edits.ts'
import type { SoundBlock } from '../av/sound-block.ts'
import { type Interval, joined } from './intervals.ts'
import { toSamples } from './segments.ts'

/** Fades lie outside the range, so that nothing of what was muted is heard. */
const MUTE_FADE_SAMPLES = 480

/** A speaker's mutes in samples of the take, in order, none touching another. */
export function mutesOf(edits: Pick<EditList, 'mutes'>, participantId: string): Interval[] {
  const ranges = edits.mutes
    .filter((mute) => mute.participantId === participantId)
    .map(({ fromMs, toMs }) => ({ from: toSamples(fromMs), to: toSamples(toMs) }))
    .filter(({ from, to }) => to > from)
    .toSorted((a, b) => a.from - b.from)
  return joined(ranges, 2 * MUTE_FADE_SAMPLES)
}

/** In place. `from`: where the block lies in the take. */
export function applyMutes(block: SoundBlock, mutes: readonly Interval[], from: number): void {
  const length = block[0]?.length ?? 0
  for (const mute of mutes) {
    if (mute.from - MUTE_FADE_SAMPLES >= from + length) break
    if (mute.to + MUTE_FADE_SAMPLES <= from) continue
    for (const samples of block) fadeAround(samples, mute, from)
  }
}

function fadeAround(samples: Float32Array, mute: Interval, from: number): void {
  const first = Math.max(0, mute.from - MUTE_FADE_SAMPLES - from)
  const last = Math.min(samples.length, mute.to + MUTE_FADE_SAMPLES - from)
  for (let i = first; i < last; i++) {
    const outside = Math.max(mute.from - (from + i), from + i - mute.to + 1)
    const gain = outside <= 0 ? 0 : (1 - Math.cos((Math.PI * outside) / (MUTE_FADE_SAMPLES + 1))) / 2
    samples[i] = (samples[i] as number) * gain
  }
}
