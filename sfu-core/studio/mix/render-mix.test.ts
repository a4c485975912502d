import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type EditList, TRUE_PEAK_MAX_DBTP } from '../../contract/edits.ts'
import type { ExportFormat } from '../../contract/render.ts'
import { type Clip, speech } from '../assemble/simulated-take.fixture.ts'
import { quietFfmpeg } from '../av/ffmpeg-log.ts'
import type { SoundBlock } from '../av/sound-block.ts'
import { gatedLufs } from './loudness.ts'
import { measurePart } from './measure-file.ts'
import { createTake, gained, laid, mixOf, type TestTake, UNPROCESSED } from './mix-take.fixture.ts'
import { noise, sine } from './test-sounds.fixture.ts'

const RATE_HZ = 48_000
const CLIPS: readonly Clip[] = ['host', 'guest', 'third']
/** Integrated loudness of the clips is near this. */
const CLIP_LUFS = -25

let take: TestTake | null = null
afterEach(async () => {
  await take?.remove()
  take = null
})

interface Varied {
  name: string
  lengthS: number
  /** Loudness of each speaker, in LUFS. */
  voices: readonly number[]
  /** Amplitude of the room. */
  room: number
  /** Nobody speaks for this long in the middle. */
  pauseS?: number
  isStereo?: boolean
  edits: Partial<EditList>
  format: ExportFormat
}

const VARIED: readonly Varied[] = [
  { name: 'one voice at -45', lengthS: 12, voices: [-45], room: 0, edits: { loudnessLufs: -16 }, format: 'flac' },
  {
    name: 'one voice at -10, mono',
    lengthS: 12,
    voices: [-10],
    room: 0,
    edits: { loudnessLufs: -19, channels: 1 },
    format: 'mp3',
  },
  {
    name: 'two voices 30 dB apart',
    lengthS: 14,
    voices: [-42, -12],
    room: 1e-4,
    edits: { loudnessLufs: -14 },
    format: 'opus',
  },
  {
    name: 'three voices, noisy rooms',
    lengthS: 14,
    voices: [-30, -24, -20],
    room: 2e-3,
    edits: { loudnessLufs: -18 },
    format: 'aac',
  },
  {
    name: 'eight voices',
    lengthS: 12,
    voices: [-40, -35, -30, -28, -25, -20, -15, -12],
    room: 3e-4,
    edits: { loudnessLufs: -16 },
    format: 'mp3',
  },
  {
    name: 'a long silence',
    lengthS: 40,
    voices: [-24, -30],
    room: 0,
    pauseS: 28,
    edits: { loudnessLufs: -16 },
    format: 'wav',
  },
  {
    name: 'loud, not levelled',
    lengthS: 12,
    voices: [-12, -11],
    room: 1e-4,
    edits: { loudnessLufs: -14, processing: UNPROCESSED },
    format: 'aac',
  },
  {
    name: 'quiet, not levelled, broadcast',
    lengthS: 12,
    voices: [-40],
    room: 1e-4,
    edits: { loudnessLufs: -23, processing: UNPROCESSED },
    format: 'opus',
  },
  {
    name: 'stereo microphones',
    lengthS: 12,
    voices: [-26, -20],
    room: 3e-4,
    isStereo: true,
    edits: { loudnessLufs: -16 },
    format: 'mp3',
  },
  {
    name: 'stereo microphones in a mono mix',
    lengthS: 12,
    voices: [-26, -33],
    room: 1e-3,
    isStereo: true,
    edits: { loudnessLufs: -14, channels: 1 },
    format: 'aac',
  },
]

function soundsOf({ voices, lengthS, room, pauseS = 0, isStereo = false }: Varied): SoundBlock[] {
  const spoken = (lengthS - pauseS) / 2
  return voices.map((lufs, i) => {
    const voice = gained(speech(CLIPS[i % CLIPS.length] ?? 'host', lengthS), lufs - CLIP_LUFS)
    voice.fill(0, spoken * RATE_HZ, (spoken + pauseS) * RATE_HZ)
    const mono = laid(lengthS * RATE_HZ, [0, voice], [0, noise(lengthS * RATE_HZ, room, i + 1)])
    return isStereo ? [mono, laid(mono.length, [20, gained(mono, -3)])] : [mono]
  })
}

/** As the issue asks: by FFmpeg's ebur128, on the finished file. */
async function measured(file: string) {
  quietFfmpeg()
  const { blocks, truePeak } = await measurePart(file, { from: 0, to: Number.POSITIVE_INFINITY })
  return { lufs: gatedLufs(blocks), dbtp: 20 * Math.log10(truePeak) }
}

describe('loudness of ten varied mixes', () => {
  it.each(VARIED)('$name as $format', { timeout: 120_000 }, async (varied) => {
    take = await createTake(soundsOf(varied))
    const { facts, file } = await mixOf(take, { edits: varied.edits, format: varied.format })
    const { lufs, dbtp } = await measured(file)
    expect(Math.abs(lufs - (varied.edits.loudnessLufs ?? 0))).toBeLessThanOrEqual(0.5)
    expect(dbtp).toBeLessThanOrEqual(TRUE_PEAK_MAX_DBTP)
    expect(facts.integratedLufs).toBeCloseTo(lufs, 1)
    expect(facts.truePeakDbtp).toBeCloseTo(dbtp, 1)
    expect(facts.lengthMs).toBeCloseTo(varied.lengthS * 1_000, 1)
    const left = (await readdir(take.folder)).filter((name) => name.startsWith('mix.'))
    expect(left).toEqual([`mix.${file.split('.').at(-1)}`])
  })

  it.each(['flac', 'wav', 'opus', 'mp3', 'aac'] as const)('a hard one as %s', { timeout: 120_000 }, async (format) => {
    // Clipped speech, pushed into the limiter: what codecs overshoot on.
    const clipped = gained(speech('guest', 12), 22).map((sample) => Math.max(-0.9, Math.min(0.9, sample)))
    take = await createTake([[clipped], [gained(speech('third', 12), -10)]])
    const { file } = await mixOf(take, { edits: { loudnessLufs: -14, processing: UNPROCESSED }, format })
    const { lufs, dbtp } = await measured(file)
    expect(Math.abs(lufs + 14)).toBeLessThanOrEqual(0.5)
    expect(dbtp).toBeLessThanOrEqual(TRUE_PEAK_MAX_DBTP)
  })
})

describe('next to nothing', () => {
  it.each([
    ['digital silence', () => new Float32Array(RATE_HZ * 3)],
    ['hiss at -90 dBFS', () => noise(RATE_HZ * 3, 3e-5, 1)],
    ['a tone of one sample', () => laid(RATE_HZ * 3, [RATE_HZ, sine(1, 1_000, 1)])],
  ])('%s ends in numbers, and is not blown up', async (_, make) => {
    take = await createTake([[make()], [make()]])
    const { facts } = await mixOf(take)
    expect(Object.values(facts).every(Number.isFinite)).toBe(true)
    expect(facts.truePeakDbtp).toBeLessThan(-40)
    expect(facts.lengthMs).toBe(3_000)
  })

  it('a mix shorter than a gating block is made all the same', async () => {
    take = await createTake([[speech('host', 1).subarray(0, 9_600)]])
    const { facts, file } = await mixOf(take, { format: 'mp3' })
    expect(facts.lengthMs).toBe(200)
    expect(existsSync(file)).toBe(true)
  })
})
