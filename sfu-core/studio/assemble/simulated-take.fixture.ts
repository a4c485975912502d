import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TakeEvent, TakeManifest } from '../../contract/take.ts'
import type { TapeChunkHeader, TapeSource as TapeSourceKind } from '../../contract/tape.ts'
import { type SimulatedTape, simulateTape } from '../../contract/timeline/simulated-tape.fixture.ts'
import { encodeOpus } from '../../record/opus-audio.fixture.ts'
import { createRecordHarness, Microphone, speaker } from '../../record/record-harness.fixture.ts'
import { createBlock } from '../av/sound-block.ts'
import { SoundReader } from '../av/sound-reader.ts'
import { FLAC_24, SoundWriter } from '../av/sound-writer.ts'
import { KERNEL_HALF_SAMPLES, resample } from './resample.ts'
import type { TapeSource } from './tape-chunks.ts'

/** Takes as they come from rooms: speech, captured by sound cards that drift and stall, and heard by a real recorder. */

const RATE_HZ = 48_000
const CLIPS = join(import.meta.dirname, '../../../build/e2e/clips')
const FULL_SCALE_24 = 0x80_0000

export type Clip = 'host' | 'guest' | 'third'

/** Speech of 48 kHz, on the take's clock, looped; each sample is one of 24 bits. */
export function speech(clip: Clip, lengthS: number): Float32Array {
  using reader = new SoundReader(join(CLIPS, `${clip}.wav`))
  const samples = createBlock(1, reader.lengthSamples ?? 0)
  reader.readInto(samples, 0, samples[0]?.length ?? 0)
  const padded = new Float32Array((samples[0]?.length ?? 0) + 2 * KERNEL_HALF_SAMPLES)
  padded.set(samples[0] ?? [], KERNEL_HALF_SAMPLES)
  const count = 2 * (samples[0]?.length ?? 0) - 2
  const [once = padded] = resample([padded], { first: KERNEL_HALF_SAMPLES, step: 0.5, count })
  const looped = Float32Array.from({ length: lengthS * RATE_HZ }, (_, i) => once[i % once.length] ?? 0)
  return quantised(looped)
}

function quantised(samples: Float32Array): Float32Array {
  // Integers have one zero only, floats have two.
  return samples.map((sample) => (Math.round(sample * FULL_SCALE_24) || 0) / FULL_SCALE_24)
}

export interface CaptureOptions extends SimulatedTape {
  folder: string
  tapeId: string
  number: number
  truth: Float32Array
  source?: TapeSourceKind
  /** By their index: never came. */
  missing?: readonly number[]
  /** By their index: what is done to the file after its hash was taken. */
  damaged?: Readonly<Record<number, (file: Buffer) => Buffer>>
  chunkSamples?: number
  /** With a second channel, which says the same half as loud. */
  isStereo?: boolean
}

export interface CapturedTape {
  tape: TapeSource
  /** What was in the chunks, missing ones too. */
  samples: Float32Array
  /** The moment of the take's clock at which a sample was captured. */
  truthMs(sample: number): number
}

/** A tape of what is to be heard in `truth`, in chunks of real FLAC. */
export async function captureTape(options: CaptureOptions): Promise<CapturedTape> {
  const clocks = simulateTape(options)
  const samples = captured(options, clocks.truthMs, clocks.sampleCount)
  const folder = join(options.folder, 'tapes', options.tapeId)
  await mkdir(folder, { recursive: true })
  const chunkSamples = options.chunkSamples ?? 4 * RATE_HZ
  const chunks: { header: TapeChunkHeader; file: string | null }[] = []
  let syncsTold = 0
  for (let first = 0, index = 0; first < samples.length; first += chunkSamples, index++) {
    const end = Math.min(samples.length, first + chunkSamples)
    const file = join(folder, `${String(index).padStart(6, '0')}.flac`)
    const written = await writeChunk(file, samples.subarray(first, end), options.isStereo ?? false)
    const marks = clocks.marks.filter(([sample]) => sample > first && sample <= end)
    const syncsDue = clocks.syncs.filter((sync) => sync.monotonicMs <= (marks.at(-1)?.[1] ?? 0) + 1_000)
    const header: TapeChunkHeader = {
      index,
      firstSample: first,
      sampleCount: end - first,
      sha256: createHash('sha256').update(written).digest('hex'),
      marks,
      syncs: syncsDue.slice(syncsTold),
      notes: clocks.notes.filter(({ sample }) => sample >= first && sample < end),
      capturedSamples: end,
    }
    syncsTold = syncsDue.length
    const damage = options.damaged?.[index]
    if (damage) await writeFile(file, damage(written))
    if (!options.missing?.includes(index)) chunks.push({ header, file })
  }
  const { participantId, name } = speaker(options.number)
  const tape: TapeSource = {
    tapeId: options.tapeId,
    participantId,
    name,
    source: options.source ?? 'processed',
    channels: options.isStereo ? 2 : 1,
    deviceLabel: 'Simulated microphone',
    end: 'take-ended',
    declaredSamples: samples.length,
    chunks,
  }
  return { tape, samples, truthMs: clocks.truthMs }
}

function captured({ truth }: CaptureOptions, truthMs: (sample: number) => number, count: number): Float32Array {
  const placeOf = (sample: number) => (truthMs(sample) * RATE_HZ) / 1_000
  const isExact = Number.isInteger(placeOf(0)) && placeOf(count - 1) - placeOf(0) === count - 1
  if (isExact) return truth.slice(placeOf(0), placeOf(0) + count)
  const padded = new Float32Array(truth.length + 2 * KERNEL_HALF_SAMPLES)
  padded.set(truth, KERNEL_HALF_SAMPLES)
  const samples = new Float32Array(count)
  for (let from = 0; from < count; from += EVEN_SAMPLES) {
    const length = Math.min(EVEN_SAMPLES, count - from)
    samples.set(
      capturedBit(padded, (sample) => placeOf(from + sample) + KERNEL_HALF_SAMPLES, length),
      from,
    )
  }
  return quantised(samples)
}

/** 10 ms: so long a sound card's rate is one number. */
const EVEN_SAMPLES = 480

/** `placeOf`: where each of `count` samples lies in `truth`. Beyond its end there is silence. */
function capturedBit(truth: Float32Array, placeOf: (sample: number) => number, count: number): Float32Array {
  const [first, span] = [placeOf(0), placeOf(count) - placeOf(0)]
  if (first + span + KERNEL_HALF_SAMPLES + 2 > truth.length) return new Float32Array(count)
  const isEven = Math.abs(span - count) < 1
  if (isEven) return resample([truth], { first, step: span / count, count })[0] ?? new Float32Array(count)
  const single = (_: unknown, i: number) => resample([truth], { first: placeOf(i), step: 1, count: 1 })[0]?.[0] ?? 0
  return Float32Array.from({ length: count }, single)
}

async function writeChunk(file: string, samples: Float32Array, isStereo: boolean): Promise<Buffer> {
  const block = isStereo ? [samples, samples.map((sample) => sample / 2)] : [samples]
  using writer = new SoundWriter({ file, encoding: FLAC_24, channels: isStereo ? 2 : 1 })
  writer.write(block)
  writer.finish()
  return await readFile(file)
}

export interface HeardSpeaker {
  number: number
  /** null: the SFU heard nothing of them. */
  truth: Float32Array | null
  /** The way to the SFU. */
  delayMs?: number
  /** Instead of: on stage and agreed from 0 on. */
  events?: readonly [atMs: number, type: TakeEvent['type']][]
}

export interface HeardTake {
  manifest: TakeManifest
  /** With the SFU's tracks. */
  folder: string
  remove(): Promise<void>
}

/** What the SFU makes of the same talk, by its real recorder. */
export async function recordTake(speakers: readonly HeardSpeaker[], lengthMs: number): Promise<HeardTake> {
  const harness = await createRecordHarness()
  const { clock, recorder } = harness
  const voices = await Promise.all(
    speakers.map(async ({ number, truth, delayMs = 60 }) => {
      const pcm = Int16Array.from(truth ?? [], (sample) => Math.round(sample * 0x7fff))
      recorder.addSpeaker(speaker(number))
      return { packets: await encodeOpus(pcm), microphone: new Microphone(recorder, number), delayMs }
    }),
  )
  for (let atMs = 0, i = 0; atMs + 20 <= lengthMs; atMs += 20, i++) {
    clock.advance(20)
    for (const { packets, microphone, delayMs } of voices) {
      const packet = packets[i]
      if (packet) microphone.send(packet, atMs + 20 + delayMs)
    }
  }
  clock.advance(lengthMs - clock.monotonicMs())
  const made = await recorder.stop('stopped')
  const timeline = speakers.flatMap(({ number, events }) =>
    (events ?? STAYS).map(([atMs, type]) => ({ atMs, type, participantId: speaker(number).participantId })),
  )
  const participants = speakers.map(({ number }) => speaker(number))
  const manifest = { ...made, participants, timeline: timeline.sort((a, b) => a.atMs - b.atMs) }
  return { manifest, folder: harness.folder, remove: harness.remove }
}

const STAYS: readonly [number, TakeEvent['type']][] = [
  [0, 'joined'],
  [0, 'on-stage'],
  [0, 'consented'],
]

/** A whole file's first channel, and how many it has. */
export function readTrack(file: string): { samples: Float32Array; channels: number } {
  using reader = new SoundReader(file)
  const block = createBlock(1, reader.lengthSamples ?? 0)
  const read = reader.readInto(block, 0, block[0]?.length ?? 0)
  return { samples: (block[0] ?? new Float32Array(0)).subarray(0, read), channels: reader.channels }
}

/** Pearson's r of two equally long sounds. */
export function correlation(a: Float32Array, b: Float32Array): number {
  let [aa, bb, ab] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0]
    aa += x * x
    bb += y * y
    ab += x * y
  }
  return ab / Math.sqrt(aa * bb)
}
