import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type EditList, NO_EDITS, type Processing } from '../../contract/edits.ts'
import { participantIdSchema, takeIdSchema } from '../../contract/ids.ts'
import type { ExportFormat, MixFacts } from '../../contract/render.ts'
import type { StudioTrack, TakeReport } from '../../contract/take-report.ts'
import { createBlock, type SoundBlock, STUDIO_RATE_HZ } from '../av/sound-block.ts'
import { SoundReader } from '../av/sound-reader.ts'
import { FLAC_24, SoundWriter } from '../av/sound-writer.ts'
import { FILE_EXTENSIONS } from '../encode/formats.ts'
import type { StudioProgress } from '../studio-job.ts'
import type { MixTags } from './mix-input.ts'
import { renderMix } from './render-mix.ts'

/** A take with tracks of given sounds, in a folder of its own. */
export interface TestTake {
  folder: string
  report: TakeReport
  remove(): Promise<void>
}

/** All sounds are equally long. */
export async function createTake(sounds: readonly SoundBlock[]): Promise<TestTake> {
  const folder = await mkdtemp(path.join(tmpdir(), 'engawa-mix-'))
  const lengthSamples = sounds[0]?.[0]?.length ?? 0
  const tracks = sounds.map((sound, i): StudioTrack => {
    const file = `${i + 1}-speaker.flac`
    writeSound(path.join(folder, file), sound)
    return {
      participantId: participant(i),
      name: `Speaker ${i + 1}`,
      source: 'processed',
      file,
      channels: sound.length,
      lengthSamples,
      sizeBytes: 0,
      sha256: `${folder}/${file}`,
      peaksFile: '',
      tapes: [],
      gaps: [],
      expectedMs: 0,
      losslessMs: 0,
    }
  })
  const report: TakeReport = {
    version: 1,
    takeId: takeIdSchema.parse('take'),
    roomTitle: 'Veranda',
    startedAtMs: Date.UTC(2031, 4, 6, 7, 8),
    lengthMs: (lengthSamples / STUDIO_RATE_HZ) * 1_000,
    madeAtMs: 0,
    tracks,
  }
  return { folder, report, remove: () => rm(folder, { recursive: true, force: true }) }
}

export function participant(index: number): StudioTrack['participantId'] {
  return participantIdSchema.parse(`p${index}`)
}

export function writeSound(file: string, sound: SoundBlock): void {
  using writer = new SoundWriter({ file, encoding: FLAC_24, channels: sound.length === 1 ? 1 : 2 })
  writer.write(sound)
  writer.finish()
}

/** A whole file. */
export function readSound(file: string): Float32Array[] {
  using reader = new SoundReader(file)
  const parts: SoundBlock[] = []
  for (let block = reader.read(); block; block = reader.read()) parts.push(block)
  return createBlock(reader.channels, 0).map((_, channel) => {
    return Float32Array.from(parts.flatMap((part) => [...(part[channel] ?? [])]))
  })
}

/** Nothing is done to the speakers. */
export const UNPROCESSED: Processing = { highPass: false, noiseReduction: false, levelling: false, bleedDucking: false }

export interface MixWish {
  edits?: Partial<EditList>
  format?: ExportFormat
  assets?: Record<string, string>
  range?: { fromMs: number; toMs: number }
  tags?: MixTags
  signal?: AbortSignal
  onProgress?: (progress: StudioProgress) => void
}

export interface TestMix {
  facts: MixFacts
  file: string
}

export async function mixOf(take: TestTake, wish: MixWish = {}): Promise<TestMix> {
  const format = wish.format ?? 'flac'
  const file = path.join(take.folder, `mix.${FILE_EXTENSIONS[format]}`)
  const input = {
    report: take.report,
    studioFolder: take.folder,
    edits: { ...NO_EDITS, ...wish.edits },
    assets: wish.assets ?? {},
    format,
    outFile: file,
    range: wish.range,
    tags: wish.tags ?? { title: 'A talk' },
  }
  const { signal = new AbortController().signal, onProgress = () => undefined } = wish
  return { facts: await renderMix(input, { signal, onProgress }), file }
}

export function gained(sound: Float32Array, gainDb: number): Float32Array {
  return sound.map((sample) => sample * 10 ** (gainDb / 20))
}

/** Sums, each with its place in samples. */
export function laid(lengthSamples: number, ...parts: readonly (readonly [number, Float32Array])[]): Float32Array {
  const sum = new Float32Array(lengthSamples)
  for (const [from, sound] of parts) {
    for (let i = 0; i < sound.length && from + i < lengthSamples; i++) {
      if (from + i >= 0) sum[from + i] = (sum[from + i] as number) + (sound[i] as number)
    }
  }
  return sum
}
