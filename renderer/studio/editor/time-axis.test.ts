import { describe, expect, it } from 'vitest'
import {
  endMsOf,
  fitted,
  framed,
  isFitted,
  MS_PER_PX_MIN,
  msOf,
  pxOf,
  resized,
  revealed,
  scrolled,
  ticksOf,
  zoomed,
} from './time-axis.ts'

const LENGTH_MS = 3 * 3_600_000
const WIDTH_PX = 1_000
const whole = fitted(WIDTH_PX, LENGTH_MS)
const near = zoomed(whole, 100, { anchorPx: 500, lengthMs: LENGTH_MS })

describe('zooming', () => {
  it('keeps the moment under the pointer where it is', () => {
    const before = msOf(near, 300)
    expect(msOf(zoomed(near, 1.7, { anchorPx: 300, lengthMs: LENGTH_MS }), 300)).toBeCloseTo(before, 3)
  })

  it('ends at the whole take, and at what can be told apart', () => {
    expect(isFitted(zoomed(near, 1e-6, { anchorPx: 0, lengthMs: LENGTH_MS }), LENGTH_MS)).toBe(true)
    expect(zoomed(near, 1e9, { anchorPx: 0, lengthMs: LENGTH_MS }).msPerPx).toBe(MS_PER_PX_MIN)
  })

  it('frames a stretch', () => {
    const view = framed(whole, { fromMs: 60_000, toMs: 120_000 }, { lengthMs: LENGTH_MS })
    expect([view.startMs, endMsOf(view)]).toEqual([60_000, 120_000])
  })
})

describe('scrolling', () => {
  it('goes neither before the beginning nor past the end', () => {
    expect(scrolled(near, -1e9, LENGTH_MS).startMs).toBe(0)
    expect(endMsOf(scrolled(near, 1e9, LENGTH_MS))).toBeCloseTo(LENGTH_MS, 3)
  })

  it('brings a moment in sight, and leaves what is in sight alone', () => {
    const seen = revealed(near, 10_000, { share: 0.25, lengthMs: LENGTH_MS })
    expect(pxOf(seen, 10_000)).toBeGreaterThanOrEqual(0)
    expect(revealed(seen, 10_000, { share: 0.25, lengthMs: LENGTH_MS })).toBe(seen)
  })
})

describe('another width', () => {
  it('still shows all of what was all', () => {
    expect(isFitted(resized(whole, 390, LENGTH_MS), LENGTH_MS)).toBe(true)
  })

  it('keeps the left edge and the zoom otherwise', () => {
    const { startMs, msPerPx } = resized(near, 390, LENGTH_MS)
    expect([startMs, msPerPx]).toEqual([near.startMs, near.msPerPx])
  })
})

describe('the ruler', () => {
  it.each([1, 7, 40, 300, 2_000, 6_000])('has room for its times when zoomed in %i times', (factor) => {
    const view = zoomed(whole, factor, { anchorPx: 0, lengthMs: LENGTH_MS })
    const majors = ticksOf(view, LENGTH_MS).filter(({ isMajor }) => isMajor)
    const steps = majors.slice(1).map(({ atMs }, index) => pxOf(view, atMs) - pxOf(view, majors[index]?.atMs ?? 0))
    expect(Math.min(...steps, 84)).toBeGreaterThanOrEqual(84)
    expect(majors.length).toBeGreaterThan(1)
  })

  it('marks nothing past the end', () => {
    expect(ticksOf(fitted(WIDTH_PX, 5_000), 5_000).every(({ atMs }) => atMs <= 5_000)).toBe(true)
  })
})
