import { TRUE_PEAK_MAX_DBTP } from '../../contract/edits.ts'
import type { ExportFormat, MixFacts } from '../../contract/render.ts'
import { blockLength, type SoundBlock, sliceBlock } from '../av/sound-block.ts'
import { encodeSound } from '../encode/encode-sound.ts'
import type { SoundTags } from '../encode/sound-tags.ts'
import { fromDb } from './decibels.ts'
import { Limiter } from './limiter.ts'
import { type LoudnessFrames, withPower } from './loudness.ts'
import { masterGain } from './master-gain.ts'
import { measureMix } from './measure-mix.ts'
import type { RenderMixInput } from './mix-input.ts'
import type { MixThreads } from './mix-threads.ts'
import type { Progress } from './progress.ts'
import type { ScratchSound } from './scratch-sound.ts'

/**
 * Peaks are kept so far under the limit at first: lossy codecs put back what they left out at other places, and come out higher.
 * Where that is not enough, the mix is encoded again.
 */
const HEADROOM_DB: Record<ExportFormat, number> = { flac: 0.1, wav: 0.1, opus: 1, mp3: 0.8, aac: 0.8 }
/** LAME makes everything quieter by a factor of 0.95 at bitrates of speech (presets.c, apply_abr_preset); measured: 0.43 dB. */
const ENCODER_LOSS_DB: Record<ExportFormat, number> = { flac: 0, wav: 0, opus: 0, mp3: 0.43, aac: 0 }
const ATTEMPTS_MAX_COUNT = 5
/** Nearer to the target than the goal of 0.5 LU: a second try costs time, and is seldom needed. */
const LOUDNESS_TOLERANCE_LU = 0.3
/** Beyond what was found to be needed. */
const HEADROOM_STEP_DB = 0.15

export interface FinishOptions {
  sound: ScratchSound
  /** By which the gain is found: of this sound, or, for a preview, of the whole mix that it is a stretch of. */
  frames: LoudnessFrames
  isPreview: boolean
  tags: SoundTags
  threads: MixThreads
  progress: Progress
  signal: AbortSignal
}

/** Sets the loudness, limits, encodes and measures; again, with what was learnt, until the file is as it should be. */
export async function finishMix(input: RenderMixInput, options: FinishOptions): Promise<MixFacts> {
  const { edits, format, outFile } = input
  // In two channels the same sound is twice the power (BS.1770-5 sums the channels).
  const frames = withPower(options.frames, edits.channels / options.sound.channels)
  let ceilingDbtp = TRUE_PEAK_MAX_DBTP - HEADROOM_DB[format]
  let correctionDb = 0
  for (let attempt = 1; ; attempt++) {
    const master = masterGain(frames, { targetLufs: edits.loudnessLufs, ceiling: fromDb(ceilingDbtp) })
    await encode(input, options, {
      gain: fromDb(master.gainDb + correctionDb),
      ceiling: fromDb(ceilingDbtp),
      afterGain: fromDb(ENCODER_LOSS_DB[format]),
    })
    options.progress.at('encoding', ENCODED)
    const facts = await measureMix(options.threads, outFile, options.sound.lengthSamples)
    options.signal.throwIfAborted()
    const overDb = facts.truePeakDbtp - TRUE_PEAK_MAX_DBTP
    const missLu = master.slope > 0 && !options.isPreview ? edits.loudnessLufs - facts.integratedLufs : 0
    const isGood = overDb <= 0 && Math.abs(missLu) <= LOUDNESS_TOLERANCE_LU
    if (isGood || attempt === ATTEMPTS_MAX_COUNT) {
      options.progress.at('encoding', 1)
      return facts
    }
    if (overDb > 0) ceilingDbtp -= overDb + HEADROOM_STEP_DB
    if (Math.abs(missLu) > LOUDNESS_TOLERANCE_LU) correctionDb += missLu / master.slope
  }
}

/** Where encoding begins and ends in the progress of the whole; the rest is measuring. */
const ENCODING_FROM = 0.6
const ENCODED = 0.9

/** All as factors. */
interface Setting {
  gain: number
  ceiling: number
  /** Behind the limiter. */
  afterGain: number
}

async function encode(input: RenderMixInput, options: FinishOptions, setting: Setting): Promise<void> {
  const { sound, progress, signal, tags } = options
  await encodeSound(limited(sound, setting), {
    file: input.outFile,
    format: input.format,
    channels: input.edits.channels,
    tags,
    signal,
    onProgress: (samples) => {
      progress.at('encoding', ENCODING_FROM + ((ENCODED - ENCODING_FROM) * samples) / sound.lengthSamples)
    },
  })
}

/** The sound with its gain, under the ceiling, where it was. */
function* limited(sound: ScratchSound, { gain, ceiling, afterGain }: Setting): Generator<SoundBlock> {
  const limiter = new Limiter(ceiling, sound.channels)
  let late = Limiter.DELAY_SAMPLES
  for (const block of sound.blocks()) {
    amplify(block, gain)
    const out = limiter.process(block)
    amplify(out, afterGain)
    const skipped = Math.min(late, blockLength(out))
    late -= skipped
    yield sliceBlock(out, skipped, blockLength(out))
  }
  const rest = limiter.process(Array.from({ length: sound.channels }, () => new Float32Array(Limiter.DELAY_SAMPLES)))
  amplify(rest, afterGain)
  yield sliceBlock(rest, late, blockLength(rest))
}

function amplify(block: SoundBlock, gain: number): void {
  if (gain === 1) return
  for (const samples of block) for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] as number) * gain
}
