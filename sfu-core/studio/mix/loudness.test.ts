import { describe, expect, it } from 'vitest'
import { integratedLufs, LoudnessMeter } from './loudness.ts'
import { sine } from './test-sounds.fixture.ts'

const RATE_HZ = 48_000

function lufs(...channels: Float32Array[]): number {
  const meter = new LoudnessMeter(channels.length)
  meter.add(channels)
  return integratedLufs(meter.finish().powers)
}

/** Stretches of a tone, in seconds and dBFS, as the EBU's test signals have them. */
function stretches(...parts: readonly (readonly [number, number])[]): Float32Array {
  return Float32Array.from(parts.flatMap(([lengthS, dbfs]) => [...sine(lengthS * RATE_HZ, 1_000, 10 ** (dbfs / 20))]))
}

describe('integrated loudness (EBU Tech 3341, table 1)', () => {
  it.each([
    ['1: -23 dBFS', stretches([20, -23]), -23],
    ['2: -33 dBFS', stretches([20, -33]), -33],
    ['3: the relative gate', stretches([10, -36], [60, -23], [10, -36]), -23],
    ['4: both gates', stretches([10, -72], [10, -36], [60, -23], [10, -36], [10, -72]), -23],
    ['5', stretches([20, -26], [20.1, -20], [20, -26]), -23],
  ])('case %s', (_, sound, expected) => {
    expect(Math.abs(lufs(sound, sound) - expected)).toBeLessThan(0.1)
  })

  it('is -3.01 for a full tone of 997 Hz in one channel', () => {
    expect(lufs(sine(5 * RATE_HZ, 997, 1))).toBeCloseTo(-3.01, 2)
  })

  it('is -Infinity for silence, and a number for what is shorter than a block', () => {
    expect(lufs(new Float32Array(RATE_HZ))).toBe(Number.NEGATIVE_INFINITY)
    expect(integratedLufs([])).toBe(Number.NEGATIVE_INFINITY)
    expect(lufs(sine(4_800, 997, 1))).toBeGreaterThan(-6)
  })
})
