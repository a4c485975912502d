import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { cut, loudnessDbfs, matchInLoop, measureDelay } from './envelope.ts'
import { durationMs, type Pcm, readWav } from './pcm.ts'

const clip = (name: string): Pcm => readWav(path.join(import.meta.dirname, '../e2e/clips', `${name}.wav`))
const host = clip('host')
const guest = clip('guest')

/** The clip from `fromMs` on, played on in a loop. */
function loopedFrom(pcm: Pcm, fromMs: number): Pcm {
  const from = Math.round((fromMs * pcm.sampleRateHz) / 1_000)
  const samples = pcm.samples.map((_, i) => pcm.samples[(i + from) % pcm.samples.length] ?? 0)
  return { sampleRateHz: pcm.sampleRateHz, samples }
}

describe('matchInLoop', () => {
  it('finds the place in the loop', () => {
    const match = matchInLoop(loopedFrom(host, 4_000), host)
    expect(Math.abs(match.offsetMs - 4_000)).toBeLessThanOrEqual(10)
    expect(match.correlation).toBeGreaterThan(0.97)
  })

  it('tells two speakers apart', () => {
    expect(matchInLoop(guest, host).correlation).toBeLessThan(0.6)
  })

  it('bears a jitter buffer that plays 100 ms away, and still tells words in another order apart', () => {
    const rate = host.sampleRateHz
    const shorter = { sampleRateHz: rate, samples: host.samples.filter((_, i) => i < rate * 3 || i >= rate * 3.1) }
    expect(matchInLoop(shorter, host).correlation).toBeGreaterThan(0.9)
    const half = Math.floor(host.samples.length / 8)
    const parts = [3, 6, 0, 5, 2, 7, 1, 4].flatMap((part) => [...host.samples.subarray(part * half, (part + 1) * half)])
    expect(matchInLoop({ sampleRateHz: rate, samples: Float32Array.from(parts) }, host).correlation).toBeLessThan(0.7)
  })

  it('answers 0 for silence', () => {
    const silence = { sampleRateHz: 48_000, samples: new Float32Array(96_000) }
    expect(matchInLoop(silence, host).correlation).toBe(0)
  })
})

describe('measureDelay', () => {
  it.each([[137], [0], [-42]])('finds %i ms', (delayMs) => {
    const whole = durationMs(host)
    const early = cut(host, 500 + Math.max(0, delayMs), whole)
    const late = cut(host, 500 + Math.max(0, delayMs) - delayMs, whole)
    expect(measureDelay(early, late, { minMs: -200, maxMs: 500 }).offsetMs).toBe(delayMs)
  })
})

describe('loudnessDbfs', () => {
  it('is -3 dBFS for a full sine and -Infinity for nothing', () => {
    const samples = Float32Array.from({ length: 48_000 }, (_, i) => Math.sin((2 * Math.PI * 440 * i) / 48_000))
    expect(loudnessDbfs({ sampleRateHz: 48_000, samples })).toBeCloseTo(-3.01, 1)
    expect(loudnessDbfs({ sampleRateHz: 48_000, samples: new Float32Array(10) })).toBe(-Infinity)
  })
})
