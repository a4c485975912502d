import type { EditList } from '../../../sfu-core/contract/edits.ts'

export type LoudnessName = 'podcast' | 'mono' | 'streaming' | 'quiet' | 'broadcast'
export type Loudness = Pick<EditList, 'loudnessLufs' | 'channels'>

/** What the page has words for. -19 in mono is as loud to the ear as -16 in stereo: one loudspeaker's worth less. */
export const LOUDNESS_CHOICES: Readonly<Record<LoudnessName, Loudness>> = {
  podcast: { loudnessLufs: -16, channels: 2 },
  mono: { loudnessLufs: -19, channels: 1 },
  streaming: { loudnessLufs: -14, channels: 2 },
  quiet: { loudnessLufs: -18, channels: 2 },
  broadcast: { loudnessLufs: -23, channels: 2 },
}

export const LOUDNESS_NAMES = Object.keys(LOUDNESS_CHOICES) as LoudnessName[]

/** null: set by something else than this page. */
export function nameOfLoudness({ loudnessLufs, channels }: Loudness): LoudnessName | null {
  const found = LOUDNESS_NAMES.find((name) => {
    const choice = LOUDNESS_CHOICES[name]
    return choice.loudnessLufs === loudnessLufs && choice.channels === channels
  })
  return found ?? null
}
