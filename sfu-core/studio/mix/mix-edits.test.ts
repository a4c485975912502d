import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { NO_EDITS } from '../../contract/edits.ts'
import { speech } from '../assemble/simulated-take.fixture.ts'
import { toDb } from './decibels.ts'
import {
  createTake,
  gained,
  laid,
  mixOf,
  participant,
  readSound,
  type TestTake,
  UNPROCESSED,
  writeSound,
} from './mix-take.fixture.ts'
import { noise, sine } from './test-sounds.fixture.ts'

const RATE_HZ = 48_000
const MS = RATE_HZ / 1_000

let take: TestTake | null = null
afterEach(async () => {
  await take?.remove()
  take = null
})

/** Quiet, so that the limiter has nothing to do. */
const PLAIN = { ...NO_EDITS, processing: UNPROCESSED, channels: 1 as const, loudnessLufs: -23 as const }

async function mixed(edits: Partial<typeof NO_EDITS>): Promise<Float32Array> {
  if (!take) throw new Error('no take')
  const { file } = await mixOf(take, { edits: { ...PLAIN, ...edits }, format: 'wav' })
  return readSound(file)[0] ?? new Float32Array()
}

/** A click of one sample each 100 ms, in a bed of noise that keeps the gain near one value. */
function clicks(lengthMs: number): Float32Array {
  const sound = noise(lengthMs * MS, 0.06, 9)
  for (let at = 50; at < lengthMs; at += 100) sound[at * MS] = 0.5
  return sound
}

/** Where the clicks are, in ms. */
function clicksOf(sound: Float32Array): number[] {
  const loudest = sound.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
  return [...sound.keys()].filter((i) => Math.abs(sound[i] ?? 0) > loudest * 0.6).map((i) => i / MS)
}

/** Of `expected` each has a click within 1 ms, and there are no others. */
function expectClicks(sound: Float32Array, expected: readonly number[]): void {
  const found = clicksOf(sound)
  expect(found).toHaveLength(expected.length)
  for (const [i, atMs] of expected.entries()) expect(Math.abs((found[i] ?? 0) - atMs)).toBeLessThan(1)
}

/** Each 100 ms from 50 on. */
const every100 = (fromMs: number, toMs: number) =>
  Array.from({ length: (toMs - fromMs) / 100 }, (_, i) => fromMs + 50 + 100 * i)

describe('cuts and trims', () => {
  it('lie where they were asked for, to the millisecond', async () => {
    take = await createTake([[clicks(4_000)]])
    const whole = await mixed({})
    expect(whole).toHaveLength(4_000 * MS)
    expectClicks(whole, every100(0, 4_000))
    const cuts = [
      { fromMs: 1_500, toMs: 2_300 },
      { fromMs: 1_000, toMs: 1_200 },
      { fromMs: 2_200, toMs: 2_500 },
    ]
    const edited = await mixed({ trimStartMs: 300, trimEndMs: 3_700, cuts })
    // 300 to 1000, 1200 to 1500, 2500 to 3700.
    expect(edited).toHaveLength(2_200 * MS)
    expectClicks(edited, every100(0, 2_200))
  })

  it('leave no click: nowhere does the sound jump more than around', async () => {
    const tone = sine(4_000 * MS, 220, 0.3)
    take = await createTake([[tone]])
    const cuts = Array.from({ length: 20 }, (_, i) => ({ fromMs: 200 + i * 150, toMs: 200 + i * 150 + 61.7 }))
    const edited = await mixed({ cuts })
    const usual = largestStep(await mixed({}), 1_000, 100_000)
    // Two sides of a crossfade that are in phase add up to 3 dB more.
    expect(largestStep(edited, 1_000, edited.length - 1_000)).toBeLessThan(usual * 1.6)
    expect(edited).toHaveLength(Math.round(4_000 * MS) - 20 * Math.round(61.7 * MS))
  })

  it('of a few milliseconds, one after the other, are no trouble', async () => {
    take = await createTake([[noise(1_000 * MS, 0.1, 1)]])
    const cuts = Array.from({ length: 90 }, (_, i) => ({ fromMs: 10 * i + 5, toMs: 10 * i + 8 }))
    const edited = await mixed({ cuts })
    expect(edited).toHaveLength(730 * MS)
    expect(edited.every(Number.isFinite)).toBe(true)
  })
})

function largestStep(sound: Float32Array, from: number, to: number): number {
  let largest = 0
  for (let i = from + 1; i < to; i++) largest = Math.max(largest, Math.abs((sound[i] ?? 0) - (sound[i - 1] ?? 0)))
  return largest
}

describe('mutes', () => {
  it('silence one speaker, exactly there, without a click', async () => {
    const tone = sine(3_000 * MS, 400, 0.3)
    take = await createTake([[tone], [new Float32Array(3_000 * MS)]])
    const mutes = [
      { participantId: participant(0), fromMs: 1_000, toMs: 1_500 },
      { participantId: participant(1), fromMs: 0, toMs: 900 },
    ]
    const sound = await mixed({ mutes })
    for (let i = 1_000 * MS; i < 1_500 * MS; i++) expect(sound[i]).toBe(0)
    const loudest = (fromMs: number, toMs: number) =>
      toDb(sound.subarray(fromMs * MS, toMs * MS).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0))
    const usual = loudest(100, 900)
    expect(loudest(980, 989.9)).toBeCloseTo(usual, 1)
    expect(loudest(1_510.1, 1_520)).toBeCloseTo(usual, 1)
    expect(loudest(1_499, 1_503)).toBeLessThan(usual - 6)
    expect(largestStep(sound, 960 * MS, 1_540 * MS)).toBeLessThan(largestStep(sound, 100 * MS, 900 * MS) * 1.05)
  })
})

describe('speakers', () => {
  it('who are left out are not even read', async () => {
    take = await createTake([[clicks(1_000)], [sine(1_000 * MS, 300, 0.5)]])
    const [, second] = take.report.tracks
    if (!second) throw new Error('no track')
    take.report.tracks[1] = { ...second, file: 'not-there.flac' }
    const sound = await mixed({ leftOut: [participant(1)] })
    expectClicks(sound, every100(0, 1_000))
  })

  it('get the gain that was asked for', async () => {
    take = await createTake([[sine(2_000 * MS, 500, 0.1)], [sine(2_000 * MS, 3_000, 0.1)]])
    const levelAt = (sound: Float32Array, frequencyHz: number) => {
      let [re, im] = [0, 0]
      for (let i = 24_000; i < 72_000; i++) {
        re += (sound[i] ?? 0) * Math.cos((2 * Math.PI * frequencyHz * i) / RATE_HZ)
        im += (sound[i] ?? 0) * Math.sin((2 * Math.PI * frequencyHz * i) / RATE_HZ)
      }
      return toDb(Math.hypot(re, im))
    }
    const sound = await mixed({ gainsDb: { [participant(1)]: -9 } })
    expect(levelAt(sound, 3_000) - levelAt(sound, 500)).toBeCloseTo(-9, 1)
  })

  it('with two tracks are heard once', async () => {
    take = await createTake([[clicks(1_000)], [sine(1_000 * MS, 300, 0.5)]])
    const [first, second] = take.report.tracks
    if (!first || !second) throw new Error('no tracks')
    take.report.tracks = [
      { ...first, losslessMs: 1_000 },
      { ...second, participantId: first.participantId, source: 'unprocessed', losslessMs: 100 },
    ]
    expectClicks(await mixed({}), every100(0, 1_000))
  })
})

describe('intro and outro', () => {
  it('overlap the talk, as loud as it, and move what follows', async () => {
    take = await createTake([[laid(4_000 * MS, [0, speech('host', 4)])]])
    const clip = `${take.folder}/clip.flac`
    writeSound(clip, [sine(3_000 * MS, 5_000, 0.01), sine(3_000 * MS, 5_000, 0.01)])
    const wish = { assetId: 'clip', fadeMs: 1_000 }
    const { file, facts } = await mixOf(take, {
      edits: { ...PLAIN, channels: 2, intro: wish, outro: wish },
      assets: { clip },
      format: 'wav',
    })
    // 3 s + 4 s + 3 s, less two overlaps.
    expect(facts.lengthMs).toBe(8_000)
    expect(Math.abs(facts.integratedLufs + 23)).toBeLessThan(0.5)
    const [left = new Float32Array()] = readSound(file)
    const power = (fromMs: number, toMs: number) => {
      const part = left.subarray(fromMs * MS, toMs * MS)
      return 10 * Math.log10(part.reduce((sum, sample) => sum + sample * sample, 0) / part.length)
    }
    // Clip alone, and faded out within its overlap.
    expect(Math.abs(power(200, 1_900) - power(6_100, 7_800))).toBeLessThan(0.5)
    const [before = new Float32Array()] = readSound((await mixOf(take, { edits: PLAIN, format: 'wav' })).file)
    const talk = left.subarray(3_000 * MS, 5_000 * MS)
    const shifted = before.subarray(1_000 * MS, 3_000 * MS)
    let [ab, aa, bb] = [0, 0, 0]
    for (let i = 0; i < talk.length; i++) {
      ab += (talk[i] ?? 0) * (shifted[i] ?? 0)
      aa += (talk[i] ?? 0) ** 2
      bb += (shifted[i] ?? 0) ** 2
    }
    expect(ab / Math.sqrt(aa * bb)).toBeGreaterThan(0.999)
  })

  it('of another rate, mono, are brought to the mix', async () => {
    take = await createTake([[speech('host', 3)]])
    // 24 kHz, 16 bit, one channel, behind 44 bytes of header.
    const clip = fileURLToPath(new URL('../../../build/e2e/clips/guest.wav', import.meta.url))
    const clipMs = (statSync(clip).size - 44) / 2 / 24
    const { facts } = await mixOf(take, {
      edits: { ...PLAIN, intro: { assetId: 'x', fadeMs: 0 } },
      assets: { x: clip },
    })
    expect(Math.abs(facts.lengthMs - 3_000 - clipMs)).toBeLessThan(20)
  })
})

describe('a preview', () => {
  it('is that stretch of the mix, as loud', async () => {
    take = await createTake([[speech('host', 24)], [gained(speech('guest', 24), -15)]])
    const edits = { ...NO_EDITS, channels: 1 as const, cuts: [{ fromMs: 9_000, toMs: 10_000 }] }
    const whole = readSound((await mixOf(take, { edits, format: 'wav' })).file)[0] ?? new Float32Array()
    const { file, facts } = await mixOf(take, { edits, format: 'wav', range: { fromMs: 8_000, toMs: 14_000 } })
    expect(facts.lengthMs).toBe(5_000)
    const preview = readSound(file)[0] ?? new Float32Array()
    let [pp, ww, pw] = [0, 0, 0]
    for (let i = 1_000; i < preview.length - 1_000; i++) {
      const [p, w] = [preview[i] ?? 0, whole[8_000 * MS + i] ?? 0]
      pp += p * p
      ww += w * w
      pw += p * w
    }
    expect(pw / Math.sqrt(pp * ww)).toBeGreaterThan(0.995)
    expect(Math.abs(10 * Math.log10(pp / ww))).toBeLessThan(0.7)
  })
})
