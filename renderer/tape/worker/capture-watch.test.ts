import { describe, expect, it } from 'vitest'
import type { CaptureMark, CaptureNote } from '../../../sfu-core/contract/tape.ts'
import { CaptureWatch } from './capture-watch.ts'

const BLOCK = 480

/** A microphone whose sound goes by the minute hand: blocks of 10 ms, each late by `lateMs`. */
class Device {
  readonly watch = new CaptureWatch()
  readonly marks: CaptureMark[] = []
  readonly notes: CaptureNote[] = []
  nowMs = 0
  lastAtMs = 0

  run(durationMs: number, lateMs: (nowMs: number) => number = () => 0): void {
    for (const endMs = this.nowMs + durationMs; this.nowMs < endMs; ) {
      this.nowMs += 10
      this.lastAtMs = Math.max(this.lastAtMs, this.nowMs + lateMs(this.nowMs))
      const { mark, note } = this.watch.took(BLOCK, this.lastAtMs)
      if (mark !== null) this.marks.push(mark)
      if (note !== null) this.notes.push(note)
    }
  }

  /** Nothing is captured. */
  stall(durationMs: number): void {
    this.nowMs += durationMs
  }
}

describe('the count of samples is set against the clock', () => {
  it('four times a second, by the block that was the least late', () => {
    const device = new Device()
    device.run(10_000, (nowMs) => (nowMs % 100 === 0 ? 1 : 5 + (nowMs % 3)))
    expect(device.marks).toHaveLength(40)
    for (const [sample, atMs] of device.marks) expect(atMs - sample / 48).toBeCloseTo(1, 6)
    expect(device.notes).toEqual([])
  })

  it('a stall is noted where it was, and why', () => {
    const device = new Device()
    device.run(5_000)
    device.stall(3_000)
    device.run(5_000)
    expect(device.notes).toEqual([{ sample: 240_000, cause: 'stalled' }])
  })

  it('a wait that is caught up with is none', () => {
    const device = new Device()
    device.run(5_000)
    // The worker is held up for 400 ms; then the queue comes at once.
    device.run(400, () => 400 - (device.nowMs % 400))
    device.run(5_000)
    expect(device.notes).toEqual([])
  })

  it('a suspended context is the cause, where somebody said so', () => {
    const device = new Device()
    device.run(2_000)
    device.watch.suspect('suspended')
    device.stall(1_000)
    device.run(3_000)
    expect(device.notes).toEqual([{ sample: 96_000, cause: 'suspended' }])
  })

  it('sound that the browser threw away because the worker was held up for long is an overrun', () => {
    const device = new Device()
    device.run(2_000)
    device.stall(12_000)
    device.run(3_000)
    expect(device.notes).toEqual([{ sample: 96_000, cause: 'overrun' }])
  })

  it('two stalls are two notes', () => {
    const device = new Device()
    device.run(2_000)
    device.stall(300)
    device.run(3_000)
    device.stall(500)
    device.run(3_000)
    expect(device.notes.map(({ sample }) => sample)).toEqual([96_000, 240_000])
  })

  it('a drifting sound card is not taken for a stall', () => {
    const device = new Device()
    // 500 ppm slow: 30 ms late after a minute.
    device.run(60_000, (nowMs) => nowMs * 0.0005)
    expect(device.notes).toEqual([])
  })
})
