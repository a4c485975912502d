import { AV_CHANNEL_LAYOUT_MONO, AV_CHANNEL_LAYOUT_STEREO, AV_SAMPLE_FMT_FLTP } from 'node-av/constants'
import { FFmpegError, SoftwareResampleContext } from 'node-av/lib'
import { Refusal } from '../../contract/reasons.ts'
import { blockLength, createBlock, type SoundBlock, STUDIO_RATE_HZ, sliceBlock } from '../av/sound-block.ts'
import { SoundReader } from '../av/sound-reader.ts'
import { breathe } from '../studio-job.ts'
import { clamp, fromDb } from './decibels.ts'
import { integratedLufs, LoudnessMeter } from './loudness.ts'
import { ScratchSound } from './scratch-sound.ts'

/** An intro or outro is no second show; it also bounds the space that it takes while rendering (230 MB). */
export const CLIP_MAX_MS = 10 * 60_000
/** A clip is made as loud as the talk, within this. */
const CLIP_GAIN_MAX_DB = 24

/** An intro or outro, decoded: 48 kHz, as many channels as the mix. */
export interface PreparedClip {
  sound: ScratchSound
  /** Integrated loudness, in LUFS; -Infinity for silence. */
  lufs: number
}

/** Brings blocks of any rate to the studio's. */
class ToStudioRate implements Disposable {
  readonly #context = new SoftwareResampleContext()
  readonly #channels: number

  constructor(rateHz: number, channels: number) {
    this.#channels = channels
    const layout = channels === 1 ? AV_CHANNEL_LAYOUT_MONO : AV_CHANNEL_LAYOUT_STEREO
    const format = AV_SAMPLE_FMT_FLTP
    const set = this.#context.allocSetOpts2(layout, format, STUDIO_RATE_HZ, layout, format, rateHz)
    FFmpegError.throwIfError(set, 'resampler')
    FFmpegError.throwIfError(this.#context.init(), 'resampler')
  }

  /** null: what is left at the end. */
  convert(block: SoundBlock | null): SoundBlock {
    const count = block ? blockLength(block) : 0
    const room = this.#context.getOutSamples(count)
    const out = createBlock(this.#channels, Math.max(1, room))
    const bytes = (planes: SoundBlock) =>
      planes.map((plane) => Buffer.from(plane.buffer, plane.byteOffset, plane.byteLength))
    const made = this.#context.convertSync(bytes(out), room, block && bytes(block), count)
    FFmpegError.throwIfError(made, 'resample')
    return sliceBlock(out, 0, made)
  }

  [Symbol.dispose](): void {
    this.#context.free()
  }
}

/** As many channels as the mix has: mono is in the middle, of more than two the first two are taken. */
function withChannels(block: SoundBlock, channels: number): SoundBlock {
  const [left, right] = block
  if (!left) return block
  if (channels === 2) return [left, right ?? left]
  return [right ? left.map((sample, i) => (sample + (right[i] as number)) / 2) : left]
}

export interface ClipOptions {
  /** Where it is kept decoded meanwhile. */
  scratchFile: string
  channels: number
  signal: AbortSignal
}

/** @throws Refusal `input-invalid` where the file is no sound, is damaged or too long. */
export async function prepareClip(file: string, { scratchFile, channels, signal }: ClipOptions): Promise<PreparedClip> {
  const sound = new ScratchSound(scratchFile, channels)
  try {
    const meter = new LoudnessMeter(channels)
    for await (const block of decode(file, channels, signal)) {
      meter.add(block)
      sound.write(block)
      if (sound.lengthSamples > (CLIP_MAX_MS * STUDIO_RATE_HZ) / 1_000) {
        throw new Refusal('input-invalid', `an intro or outro may last ${CLIP_MAX_MS / 60_000} minutes at most`)
      }
    }
    if (sound.lengthSamples === 0) throw new Refusal('input-invalid', 'the intro or outro has no sound')
    return { sound, lufs: integratedLufs(meter.finish().powers) }
  } catch (error) {
    sound.close()
    if (error instanceof FFmpegError)
      throw new Refusal('input-invalid', `the intro or outro is no sound: ${error.message}`)
    throw error
  }
}

async function* decode(file: string, channels: number, signal: AbortSignal): AsyncGenerator<SoundBlock> {
  using reader = openClip(file)
  using resampler = reader.sampleRateHz === STUDIO_RATE_HZ ? null : new ToStudioRate(reader.sampleRateHz, channels)
  let sinceBreath = 0
  for (let block = reader.read(); block; block = reader.read()) {
    const mapped = withChannels(block, channels)
    yield resampler ? resampler.convert(mapped) : mapped
    sinceBreath += blockLength(block)
    if (sinceBreath > STUDIO_RATE_HZ) {
      sinceBreath = 0
      await breathe(signal)
    }
  }
  if (resampler) yield resampler.convert(null)
}

function openClip(file: string): SoundReader {
  try {
    return new SoundReader(file)
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new Refusal('input-invalid', `the intro or outro is no sound: ${detail}`)
  }
}

/** The factor that makes a clip as loud as the talk. */
export function clipGain(clip: PreparedClip, talkLufs: number): number {
  if (!Number.isFinite(clip.lufs) || !Number.isFinite(talkLufs)) return 1
  return fromDb(clamp(talkLufs - clip.lufs, -CLIP_GAIN_MAX_DB, CLIP_GAIN_MAX_DB))
}
