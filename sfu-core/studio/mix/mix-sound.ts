import type { SoundBlock } from '../av/sound-block.ts'
import { blockLength } from '../av/sound-block.ts'
import { breathe } from '../studio-job.ts'
import { type LoudnessFrames, LoudnessMeter } from './loudness.ts'
import type { MixClips } from './mix-clips.ts'
import type { MixPlan } from './mix-plan.ts'
import type { MixThreads } from './mix-threads.ts'
import { montage, montageSamples, talkOffset } from './montage.ts'
import { ScratchSound } from './scratch-sound.ts'
import { Splicer, splicedSamples } from './segments.ts'
import { sumOfSpeakers } from './speaker-sum.ts'

/** The mix before its loudness is set. */
export interface MixSound {
  sound: ScratchSound
  frames: LoudnessFrames
  /** Where the talk begins. */
  talkFromSamples: number
}

export interface MixSoundOptions {
  scratchFile: string
  threads: MixThreads
  clips: MixClips
  signal: AbortSignal
  /** 0 to 1. */
  onProgress(done: number): void
}

async function* splice(blocks: AsyncIterable<SoundBlock>, splicer: Splicer): AsyncGenerator<SoundBlock> {
  for await (const block of blocks) yield* splicer.push(block)
}

/** Reads, filters, sums and splices all speakers, lays the clips at both ends, and measures the whole on its way to a file. */
export async function makeMixSound(plan: MixPlan, options: MixSoundOptions): Promise<MixSound> {
  const { clips, threads, signal } = options
  const segments = plan.tasks[0]?.segments ?? []
  const talk = splice(
    sumOfSpeakers(threads, plan.tasks, plan.channels),
    new Splicer(segments, { channels: plan.channels, fadesEdges: true }),
  )
  const layout = { channels: plan.channels, talk, talkSamples: splicedSamples(segments), ...clips }
  const total = montageSamples(layout)
  const sound = new ScratchSound(options.scratchFile, plan.channels)
  try {
    const meter = new LoudnessMeter(plan.channels)
    let done = 0
    for await (const block of montage(layout)) {
      meter.add(block)
      sound.write(block)
      done += blockLength(block)
      options.onProgress(done / total)
      await breathe(signal)
    }
    return { sound, frames: meter.finish(), talkFromSamples: talkOffset(clips.intro) }
  } catch (error) {
    sound.close()
    throw error
  }
}
