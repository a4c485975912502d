import path from 'node:path'
import { keptRanges, type TimeRange } from '../../contract/edits.ts'
import type { StudioTrack } from '../../contract/take-report.ts'
import { type PlannedSpeaker, planGains, plannedPowers } from './gain-plan.ts'
import { FRAMES_PER_S } from './loudness.ts'
import type { RenderMixInput } from './mix-input.ts'
import { mutesOf } from './mutes.ts'
import { settleProfiles } from './noise-profile.ts'
import { segmentsOf, toSamples } from './segments.ts'
import type { SpeakerTask } from './speaker-track.ts'
import type { TrackLevels } from './track-levels.ts'

/** All that is decided before a sample is read. */
export interface MixPlan {
  /** 1 where neither a track nor the mix asks for more: a stereo file of it is encoded from one channel. */
  channels: 1 | 2
  tasks: SpeakerTask[]
  /** K-weighted power of each frame of the talk as it is kept, in one channel. */
  talkPowers: Float32Array
}

export interface PlannedTrack {
  track: StudioTrack
  levels: TrackLevels
}

/** `heard`: what of the take is rendered. */
export function planMix(input: RenderMixInput, tracks: readonly PlannedTrack[], heard: readonly TimeRange[]): MixPlan {
  const { edits, assets, report, studioFolder } = input
  const frame = (samples: number) => Math.round((samples * FRAMES_PER_S) / toSamples(1_000))
  const speakers = tracks.map(
    ({ track, levels }): PlannedSpeaker => ({
      powers: levels.powers,
      gainDb: edits.gainsDb[track.participantId] ?? 0,
      mutes: mutesOf(edits, track.participantId).map(({ from, to }) => ({ from: frame(from), to: frame(to) })),
    }),
  )
  const curves = planGains(speakers, edits.processing)
  const hasStereo = tracks.some(({ track }) => track.channels === 2) || Object.keys(assets).length > 0
  const channels = edits.channels === 2 && hasStereo ? 2 : 1
  const segments = segmentsOf(heard)
  const tasks = tracks.map(
    ({ track, levels }, i): SpeakerTask => ({
      file: path.join(studioFolder, track.file),
      lengthSamples: track.lengthSamples,
      channels: track.channels,
      outChannels: Math.min(track.channels, channels),
      highPass: edits.processing.highPass,
      noise: edits.processing.noiseReduction ? settleProfiles(levels.noise) : [],
      gains: curves[i] ?? new Float32Array(),
      mutes: mutesOf(edits, track.participantId),
      segments,
    }),
  )
  const whole = plannedPowers(speakers, curves)
  return { channels, tasks, talkPowers: keptFrames(whole, keptRanges(edits, report.lengthMs)) }
}

function keptFrames(powers: Float32Array, kept: readonly TimeRange[]): Float32Array {
  const parts = kept.map(({ fromMs, toMs }) => powers.subarray(Math.round(fromMs / 10), Math.round(toMs / 10)))
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
