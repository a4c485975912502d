import { describe, expect, it } from 'vitest'
import { NO_EDITS, type Processing } from '../../contract/edits.ts'
import { speech } from '../assemble/simulated-take.fixture.ts'
import { Biquad, VOICE_HIGH_PASS } from './biquad.ts'
import { powerToDb, toDb } from './decibels.ts'
import { type GainCurve, type PlannedSpeaker, planGains, plannedPowers } from './gain-plan.ts'
import { FRAME_SAMPLES, integratedLufs, LoudnessMeter } from './loudness.ts'
import { gained, laid, UNPROCESSED } from './mix-take.fixture.ts'
import { noise } from './test-sounds.fixture.ts'

const RATE_HZ = 48_000
const TURN_S = 8
const LENGTH_S = 4 * TURN_S
const LENGTH = LENGTH_S * RATE_HZ

function powersOf(sound: Float32Array): Float32Array {
  const copy = sound.slice()
  new Biquad(VOICE_HIGH_PASS).process(copy)
  const meter = new LoudnessMeter(1)
  meter.add([copy])
  return meter.finish().powers
}

const speaker = (sound: Float32Array, gainDb = 0): PlannedSpeaker => ({ powers: powersOf(sound), gainDb, mutes: [] })
const only = (wish: Partial<Processing>): Processing => ({ ...UNPROCESSED, ...wish })

/** Ana speaks in the first and third quarter, Ben in the second and fourth. */
function turns() {
  const ana = speech('host', TURN_S)
  const ben = speech('guest', TURN_S)
  const quarter = TURN_S * RATE_HZ
  return {
    ana: laid(LENGTH, [0, ana], [2 * quarter, ana]),
    ben: laid(LENGTH, [quarter, ben], [3 * quarter, ben]),
  }
}

/** Energy-weighted mean gain of a stretch in dB, the sound's own weight. */
function heardGainDb(sound: Float32Array, curve: GainCurve, fromS: number, toS: number): number {
  const powers = powersOf(sound)
  let before = 0
  let after = 0
  for (let frame = fromS * 100; frame < toS * 100; frame++) {
    const gain = ((curve[frame] ?? 0) + (curve[frame + 1] ?? 0)) / 2
    before += powers[frame] ?? 0
    after += (powers[frame] ?? 0) * gain * gain
  }
  return powerToDb(after / before)
}

describe('bleed', () => {
  const { ana, ben } = turns()
  it.each([
    ['3 ms, as across a table', 0.003, 0],
    ['25 ms', 0.025, 0],
    ['180 ms, as out of the loudspeaker of the other end', 0.18, 0],
    ['3 ms, and a microphone 25 dB less sensitive', 0.003, -25],
  ])('at -20 dB after %s is turned down by 10 dB or more, the own voice by less than 1', (_, delayS, sensitivityDb) => {
    const delay = Math.round(delayS * RATE_HZ)
    const room = (seed: number) => noise(LENGTH, 0.0003, seed)
    const anaMic = laid(LENGTH, [0, ana], [delay, gained(ben, -20)], [0, room(1)])
    const benMic = gained(laid(LENGTH, [0, ben], [delay, gained(ana, -20)], [0, room(2)]), sensitivityDb)
    const [anaCurve, benCurve] = planGains([speaker(anaMic), speaker(benMic)], only({ bleedDucking: true }))
    if (!anaCurve || !benCurve) throw new Error('no curves')
    expect(heardGainDb(ana, anaCurve, 0, LENGTH_S)).toBeGreaterThan(-1)
    expect(heardGainDb(ben, benCurve, 0, LENGTH_S)).toBeGreaterThan(-1)
    expect(heardGainDb(laid(LENGTH, [delay, ben]), anaCurve, 0, LENGTH_S)).toBeLessThan(-10)
    expect(heardGainDb(laid(LENGTH, [delay, ana]), benCurve, 0, LENGTH_S)).toBeLessThan(-10)
  })

  it('never clips the first word: the microphone is open before it', () => {
    const delay = 480
    const anaMic = laid(LENGTH, [0, ana], [delay, gained(ben, -20)])
    const benMic = laid(LENGTH, [0, ben], [delay, gained(ana, -20)])
    const [, curve] = planGains([speaker(anaMic), speaker(benMic)], only({ bleedDucking: true }))
    const powers = powersOf(ben)
    const first = powers.findIndex((power, i) => i > TURN_S * 100 && power > 1e-7)
    for (let frame = first - 2; frame < first + 50; frame++) expect(toDb(curve?.[frame] ?? 0)).toBeGreaterThan(-0.5)
  })

  it('a microphone whose owner never speaks is turned down', () => {
    const idle = laid(LENGTH, [480, gained(ana, -20)], [0, noise(LENGTH, 0.0002, 3)])
    const [anaCurve, idleCurve] = planGains([speaker(ana), speaker(idle)], only({ bleedDucking: true }))
    if (!anaCurve || !idleCurve) throw new Error('no curves')
    expect(heardGainDb(ana, anaCurve, 0, LENGTH_S)).toBeGreaterThan(-0.5)
    expect(heardGainDb(laid(LENGTH, [480, ana]), idleCurve, 0, LENGTH_S)).toBeLessThan(-10)
  })

  it('who speaks at the same time is left as they are', () => {
    const other = speech('third', LENGTH_S)
    const both = laid(LENGTH, [0, speech('host', LENGTH_S)])
    const curves = planGains(
      [
        speaker(laid(LENGTH, [0, both], [480, gained(other, -20)])),
        speaker(laid(LENGTH, [0, other], [480, gained(both, -20)])),
      ],
      only({ bleedDucking: true }),
    )
    expect(heardGainDb(both, curves[0] as GainCurve, 0, LENGTH_S)).toBeGreaterThan(-1)
    expect(heardGainDb(other, curves[1] as GainCurve, 0, LENGTH_S)).toBeGreaterThan(-1)
  })

  it('without bleed nobody is touched, however quietly they agree', () => {
    const murmur = gained(ana, -24)
    const curves = planGains(
      [speaker(ben), speaker(laid(LENGTH, [0, murmur], [0, noise(LENGTH, 0.0003, 4)]))],
      only({ bleedDucking: true }),
    )
    expect(heardGainDb(ben, curves[0] as GainCurve, 0, LENGTH_S)).toBeGreaterThan(-0.5)
    expect(heardGainDb(murmur, curves[1] as GainCurve, 0, LENGTH_S)).toBeGreaterThan(-0.5)
  })

  it('who speaks once in two minutes is not taken for the bleed of who speaks all the time', () => {
    const length = 120 * RATE_HZ
    const host = speech('host', 120)
    const rare = laid(length, [60 * RATE_HZ, speech('guest', 3)])
    for (const [from, to] of [[59.5, 63.5]] as const) host.fill(0, from * RATE_HZ, to * RATE_HZ)
    const hostMic = laid(length, [0, host], [480, gained(rare, -20)], [0, noise(length, 0.0002, 5)])
    const rareMic = laid(length, [0, rare], [480, gained(host, -20)], [0, noise(length, 0.0002, 6)])
    const curves = planGains([speaker(hostMic), speaker(rareMic)], only({ bleedDucking: true }))
    expect(heardGainDb(host, curves[0] as GainCurve, 0, 120)).toBeGreaterThan(-1)
    expect(heardGainDb(rare, curves[1] as GainCurve, 59, 64)).toBeGreaterThan(-1)
    expect(heardGainDb(host, curves[1] as GainCurve, 0, 120)).toBeLessThan(-10)
  })
})

describe('levelling', () => {
  const processing = only({ levelling: true })
  const loudness = (sound: Float32Array, curve: GainCurve) => integratedLufs(plannedPowers([speaker(sound)], [curve]))

  it.each([
    [0, -20],
    [-20, 0],
    [12, -12],
    [-25, -5],
  ])('brings speakers at %i and %i dB to within 3 LU', (a, b) => {
    const ana = gained(speech('host', LENGTH_S), a - 6)
    const ben = gained(speech('guest', LENGTH_S), b - 6)
    const [anaCurve, benCurve] = planGains([speaker(ana), speaker(ben)], processing)
    const difference = loudness(ana, anaCurve as GainCurve) - loudness(ben, benCurve as GainCurve)
    expect(Math.abs(difference)).toBeLessThan(3)
  })

  it('follows who leans back, slowly', () => {
    const near = speech('host', 30)
    const moved = laid(60 * RATE_HZ, [0, near], [30 * RATE_HZ, gained(near, -8)])
    const [curve = new Float32Array()] = planGains([speaker(moved)], processing)
    const first = heardGainDb(moved, curve, 2, 28)
    const second = heardGainDb(moved, curve, 34, 58)
    expect(second - first).toBeGreaterThan(4)
    for (let i = 1; i < curve.length; i++) {
      // Nothing moves by more than what the compressor may within 10 ms.
      expect(Math.abs(toDb(curve[i] ?? 1) - toDb(curve[i - 1] ?? 1))).toBeLessThan(4)
    }
  })

  it('does not raise a room in which nobody speaks', () => {
    const [curve = new Float32Array()] = planGains([speaker(noise(LENGTH, 0.001, 7))], processing)
    expect(Math.max(...curve)).toBeLessThanOrEqual(1)
  })

  it('does not raise bleed: who hardly speaks is levelled by their own voice', () => {
    const { ana, ben } = turns()
    const rare = laid(LENGTH, [14 * RATE_HZ, ben.subarray(14 * RATE_HZ, 16 * RATE_HZ)])
    const rareMic = laid(LENGTH, [0, rare], [480, gained(ana, -18)])
    const [, curve = new Float32Array()] = planGains([speaker(ana), speaker(rareMic)], { ...NO_EDITS.processing })
    const [, alone = new Float32Array()] = planGains([speaker(ana), speaker(rare)], { ...NO_EDITS.processing })
    expect(Math.abs(heardGainDb(rare, curve, 14, 16) - heardGainDb(rare, alone, 14, 16))).toBeLessThan(1.5)
  })

  it('knows no sound without ending in a number', () => {
    for (const powers of [new Float32Array(0), new Float32Array(500), new Float32Array(500).fill(1e-30)]) {
      const silent = { powers, gainDb: 0, mutes: [] }
      for (const curve of planGains([silent, silent], NO_EDITS.processing)) {
        expect(curve.every((gain) => Number.isFinite(gain) && gain <= 1)).toBe(true)
      }
    }
  })
})

it('a gain asked for is the gain got, and a curve has a value more than frames', () => {
  const powers = new Float32Array(1_000).fill(0.01)
  const [curve = new Float32Array()] = planGains([{ powers, gainDb: 6, mutes: [] }], UNPROCESSED)
  expect(curve).toHaveLength(1_001)
  expect(toDb(curve[500] ?? 0)).toBeCloseTo(6, 4)
  expect(FRAME_SAMPLES * curve.length).toBeGreaterThan(1_000 * FRAME_SAMPLES)
})
