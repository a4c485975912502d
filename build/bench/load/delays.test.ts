import { describe, expect, it } from 'vitest'
import { BIN_MS, type DelayBins, delayAt, lateShare, shareAbove } from './delays.ts'

const bins = (delays: Record<number, number>): DelayBins =>
  Object.fromEntries(Object.entries(delays).map(([ms, count]) => [Math.floor(Number(ms) / BIN_MS), count]))

describe('delayAt', () => {
  it('gives the upper edge of the bin that holds the share, by nearest rank', () => {
    const delays = bins({ 1.02: 98, 5.02: 1, 30.02: 1 })
    expect(delayAt(delays, 0.5)).toBeCloseTo(1.05)
    expect(delayAt(delays, 0.98)).toBeCloseTo(1.05)
    expect(delayAt(delays, 0.99)).toBeCloseTo(5.05)
    expect(delayAt(delays, 0.999)).toBeCloseTo(30.05)
  })

  it('says 400 ms of all that took longer, and nothing of nothing', () => {
    expect(delayAt({ '20': 1, '7999': 1 }, 1)).toBeCloseTo(400)
    expect(delayAt({}, 0.5)).toBeNaN()
  })

  it('orders bins by number, not by text', () => {
    expect(delayAt({ '100': 1, '20': 1 }, 0.5)).toBeCloseTo(1.05)
  })
})

describe('lateShare', () => {
  it('lets a packet of 20 ms take 20 ms', () => {
    const firstFrame = bins({ 0.5: 90, 19.97: 5, 20.01: 5 })
    expect(lateShare({ packets: 100, lost: 0, firstFrame }, 20)).toBeCloseTo(0.05)
  })

  it('lets a packet of 60 ms wait for its last frame, and take 20 ms then', () => {
    const firstFrame = bins({ 0.5: 10, 40.5: 80, 59.97: 5, 60.01: 5 })
    expect(lateShare({ packets: 100, lost: 0, firstFrame }, 60)).toBeCloseTo(0.05)
  })

  it('counts what never came as late, and carries the sample over to all packets', () => {
    const firstFrame = bins({ 1: 9, 25: 1 })
    expect(lateShare({ packets: 900, lost: 100, firstFrame }, 20)).toBeCloseTo((900 * 0.1 + 100) / 1_000)
  })

  it('is no good result where nothing arrived', () => {
    expect(lateShare({ packets: 0, lost: 0, firstFrame: {} }, 20)).toBeNaN()
  })
})

it('shareAbove takes the limit itself as not above', () => {
  expect(shareAbove(bins({ 9.99: 1, 10.03: 1 }), 10)).toBe(0.5)
})
