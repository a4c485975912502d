import { rm } from 'node:fs/promises'
import type { MixFacts } from '../../contract/render.ts'
import { quietFfmpeg } from '../av/ffmpeg-log.ts'
import type { StudioJobOptions } from '../studio-job.ts'
import { asRefusal } from './failures.ts'
import { finishMix } from './finish-mix.ts'
import { levelsOfTracks } from './levels-of-tracks.ts'
import { integratedLufs, type LoudnessFrames } from './loudness.ts'
import { closeClips, placeClips } from './mix-clips.ts'
import { besides, castOf, heardRanges, type RenderMixInput } from './mix-input.ts'
import { type MixPlan, planMix } from './mix-plan.ts'
import { makeMixSound } from './mix-sound.ts'
import { tagsOfMix } from './mix-tags.ts'
import { MixThreads } from './mix-threads.ts'
import { Progress } from './progress.ts'

/**
 * Makes a mix of a take: every speaker cleaned and levelled, cut as the host wished, brought to the loudness asked for, with true
 * peaks under TRUE_PEAK_MAX_DBTP after encoding too. Needs space beside `outFile` for the whole as 32-bit floats.
 *
 * @throws Refusal `input-invalid` (nothing is left, an asset is no sound), `render-failed` (a track is missing or damaged), `disk-full`;
 * the signal's reason. Whatever was begun is removed.
 */
export async function renderMix(input: RenderMixInput, options: StudioJobOptions): Promise<MixFacts> {
  castOf(input.report, input.edits)
  heardRanges(input.report, input.edits, input.range)
  options.signal.throwIfAborted()
  quietFfmpeg()
  const threads = new MixThreads(options.signal)
  try {
    return await render(input, threads, options)
  } catch (error) {
    await rm(input.outFile, { force: true })
    throw asRefusal(error, options.signal)
  } finally {
    await threads.close()
  }
}

async function render(input: RenderMixInput, threads: MixThreads, options: StudioJobOptions): Promise<MixFacts> {
  const { report, edits, studioFolder, outFile } = input
  const { signal } = options
  const progress = new Progress(options.onProgress)
  const cast = castOf(report, edits)
  const heard = heardRanges(report, edits, input.range)
  const levels = await levelsOfTracks(threads, cast, { studioFolder, onProgress: progress.part('reading', 0, 0.25) })
  const planned = cast.flatMap((track, i) => (levels[i] ? [{ track, levels: levels[i] }] : []))
  const plan = planMix(input, planned, heard)
  const talk = framesOfTalk(plan)
  const talkLufs = integratedLufs(talk.powers)
  const clips = await placeClips(input, { channels: plan.channels, talkLufs, heard, signal })
  try {
    const scratchFile = besides(outFile, 'mixing')
    const onProgress = progress.part('mixing', 0.25, 0.6)
    const mix = await makeMixSound(plan, { scratchFile, threads, clips, signal, onProgress })
    using sound = mix.sound
    const isPreview = input.range !== undefined
    const tags = tagsOfMix(input, mix.talkFromSamples)
    const frames = isPreview ? talk : mix.frames
    return await finishMix(input, { sound, frames, isPreview, tags, threads, progress, signal })
  } finally {
    closeClips(clips)
  }
}

/** The whole talk as it will be, without a sample read: its peaks are not known. */
function framesOfTalk(plan: MixPlan): LoudnessFrames {
  return {
    powers: plan.talkPowers.map((power) => power * plan.channels),
    peaks: new Float32Array(plan.talkPowers.length),
  }
}
