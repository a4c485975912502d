import { beforeEach, describe, expect, it } from 'vitest'
import { createRandom } from '../../test/random.ts'
import { LOSS_VIEW, LossView } from './loss-view.ts'

const REPORT_MS = 5_000
const SSRC = 7
const OTHER_SSRC = 8

/** A listener as RFC 3550 has it report: cumulative figures, and the last interval's share. */
class Listener {
  readonly view = new LossView([SSRC, OTHER_SSRC])
  nowMs = 1_000
  #highest = 100
  #lost = 0

  report(packets: number, lost: number): boolean {
    this.#highest = (this.#highest + packets) >>> 0
    this.#lost += lost
    this.nowMs += REPORT_MS
    this.view.onReportBlock({
      ssrc: SSRC,
      fractionLost: Math.floor((Math.max(0, lost) * 256) / packets),
      cumulativeLost: this.#lost,
      extendedHighestSequence: this.#highest,
      jitter: 0,
      lastSenderReport: 0,
      delaySinceLastSenderReport: 0,
    })
    this.view.onReportsEnd(this.nowMs)
    return this.view.wantsRed
  }
}

describe('LossView', () => {
  let listener: Listener
  beforeEach(() => {
    listener = new Listener()
    listener.report(250, 0)
  })

  it('is on after two reports of 2 %, not after one', () => {
    expect(listener.report(250, 5)).toBe(false)
    expect(listener.report(250, 0)).toBe(false)
    expect(listener.report(250, 5)).toBe(false)
    expect(listener.report(250, 5)).toBe(true)
    expect(listener.view.fraction).toBeCloseTo(0.02)
    expect(listener.view.packetsLost).toBe(15)
  })

  it('is on at once after one report of 5 %, unless that is one packet of few', () => {
    expect(listener.report(30, 2)).toBe(false)
    expect(listener.report(250, 13)).toBe(true)
  })

  it('takes the first report for what it is: everything since the beginning', () => {
    const late = new Listener()
    expect(late.report(200, 20)).toBe(true)
    expect(late.view.fraction).toBeCloseTo(0.1, 1)
  })

  it('stays on at 1 %, and is off after ten clean seconds', () => {
    listener.report(250, 30)
    for (let i = 0; i < 20; i++) expect(listener.report(250, 3)).toBe(true)
    expect(listener.report(250, 1)).toBe(true)
    expect(listener.report(250, 0)).toBe(false)
  })

  it('puts reports on few packets together', () => {
    for (let i = 0; i < 3; i++) expect(listener.report(10, 1)).toBe(false)
    expect(listener.view.fraction).toBeCloseTo(0.1)
    expect(listener.report(30, 1)).toBe(true)
  })

  it('is on when NACKs name three separate losses close together, without any report', () => {
    listener.view.onNack(SSRC, [65_530, 65_531, 65_532], listener.nowMs)
    listener.view.onNack(SSRC, [65_530, 65_532, 4], listener.nowMs)
    expect(listener.view.wantsRed).toBe(false)
    listener.view.onNack(SSRC, [60], listener.nowMs)
    expect(listener.view.wantsRed).toBe(true)
  })

  it('is not impressed by NACKs far apart, of another stream or of a stranger', () => {
    const { view } = listener
    view.onNack(SSRC, [10], 0)
    view.onNack(SSRC, [100], 0)
    view.onNack(SSRC, [10 + LOSS_VIEW.nackSpanPackets + 1], 0)
    view.onNack(OTHER_SSRC, [5], 0)
    for (const lost of [1, 20, 40]) view.onNack(999, [lost], 0)
    expect(view.wantsRed).toBe(false)
  })

  it('keeps RED while NACKs come, though what they repaired is not reported as lost', () => {
    for (let i = 0; i < 5; i++) {
      listener.view.onNack(SSRC, [10 + 250 * i, 50 + 250 * i, 51 + 250 * i, 90 + 250 * i], listener.nowMs)
      expect(listener.report(250, 0)).toBe(true)
      expect(listener.view.fraction).toBeCloseTo(4 / 250)
    }
    expect(listener.view.packetsLost).toBe(20)
    listener.view.onNack(SSRC, [2_000], listener.nowMs)
    listener.report(250, 0)
    expect(listener.report(250, 0)).toBe(false)
  })

  it('does not count a loss twice that was asked for again and reported', () => {
    listener.view.onNack(SSRC, [10, 20, 30], listener.nowMs)
    listener.view.onNack(SSRC, [10, 20, 30], listener.nowMs)
    listener.report(100, 2)
    expect(listener.view.fraction).toBeCloseTo(0.03)
  })

  it('survives reports that lie or come out of order', () => {
    expect(listener.report(250, -5_000)).toBe(false)
    expect(listener.report(-100, 3)).toBe(false)
    expect(listener.report(2 ** 31 - 1, 2 ** 23)).toBe(false)
    expect(listener.view.fraction).toBeGreaterThanOrEqual(0)
    expect(listener.view.fraction).toBeLessThanOrEqual(1)
  })

  it('does not go to and fro on a path with 3 % random loss of 60 ms packets (seeded)', () => {
    const random = createRandom(3)
    let changes = 0
    let on = 0
    let before = false
    for (let i = 0; i < 500; i++) {
      const lost = Array.from({ length: 83 }, () => random.chance(3)).filter(Boolean).length
      const now = listener.report(83, lost)
      if (now !== before) changes += 1
      if (now) on += 1
      before = now
    }
    expect(on).toBeGreaterThan(480)
    expect(changes).toBeLessThan(10)
  })
})
