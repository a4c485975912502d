import { type EditList, keptRanges, type TimeRange } from '../../contract/edits.ts'
import { Refusal } from '../../contract/reasons.ts'
import { clipGain, prepareClip } from './clip.ts'
import { besides, type RenderMixInput } from './mix-input.ts'
import type { PlacedClip } from './montage.ts'
import { segmentsOf, splicedSamples, toSamples } from './segments.ts'

export interface MixClips {
  intro: PlacedClip | null
  outro: PlacedClip | null
}

export interface MixClipsOptions {
  channels: number
  /** Loudness of the talk in these channels: clips are made as loud. */
  talkLufs: number
  heard: readonly TimeRange[]
  signal: AbortSignal
}

/** A preview has so much of an intro or outro beyond where it overlaps the talk. */
const PREVIEW_CLIP_MS = 5_000

/** Decodes the intro and outro that belong to what is rendered. @throws Refusal `input-invalid` where one is missing or no sound. */
export async function placeClips(input: RenderMixInput, options: MixClipsOptions): Promise<MixClips> {
  const { edits, report, range } = input
  const kept = keptRanges(edits, report.lengthMs)
  const hasStart = options.heard[0]?.fromMs === kept[0]?.fromMs
  const hasEnd = options.heard.at(-1)?.toMs === kept.at(-1)?.toMs
  const clips: MixClips = { intro: null, outro: null }
  try {
    if (hasStart) clips.intro = await placeClip(input, 'intro', options)
    if (hasEnd) clips.outro = await placeClip(input, 'outro', options)
  } catch (error) {
    closeClips(clips)
    throw error
  }
  if (range) for (const clip of [clips.intro, clips.outro]) if (clip) shorten(clip)
  return clips
}

async function placeClip(
  input: RenderMixInput,
  edge: 'intro' | 'outro',
  options: MixClipsOptions,
): Promise<PlacedClip | null> {
  const wish: EditList['intro'] = input.edits[edge]
  if (!wish) return null
  const file = input.assets[wish.assetId]
  if (!file) throw new Refusal('input-invalid', `the ${edge} is not there any more`)
  const { channels, signal } = options
  const clip = await prepareClip(file, { scratchFile: besides(input.outFile, edge), channels, signal })
  const talkSamples = splicedSamples(segmentsOf(options.heard))
  return {
    sound: clip.sound,
    gain: clipGain(clip, options.talkLufs),
    fade: Math.min(toSamples(wish.fadeMs), clip.sound.lengthSamples, talkSamples),
    skipped: 0,
  }
}

function shorten(clip: PlacedClip): void {
  clip.skipped = Math.max(0, clip.sound.lengthSamples - clip.fade - toSamples(PREVIEW_CLIP_MS))
}

/** Removes what was decoded. */
export function closeClips(clips: MixClips): void {
  clips.intro?.sound.close()
  clips.outro?.sound.close()
}
