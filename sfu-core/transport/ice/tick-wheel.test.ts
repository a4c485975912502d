import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../test/fake-clock.ts'
import { LIVENESS } from './liveness.ts'
import { OUTBOUND } from './outbound-checks.ts'
import { TickWheel } from './tick-wheel.ts'

describe('TickWheel', () => {
  it('gives each link a turn in its time, and never all at once', () => {
    const clock = createFakeClock()
    const turns = new Map<number, number>()
    const wheel = new TickWheel(clock, () => {})
    const atOnce = new Map<number, number>()
    for (let i = 0; i < 100; i++) {
      const tick = () => {
        turns.set(i, (turns.get(i) ?? 0) + 1)
        atOnce.set(clock.monotonicMs(), (atOnce.get(clock.monotonicMs()) ?? 0) + 1)
        return 0
      }
      wheel.add({ tick })
    }
    clock.advance(10 * LIVENESS.tickMs)
    expect([...turns.values()].every((count) => count === 10)).toBe(true)
    expect(turns.size).toBe(100)
    expect(Math.max(...atOnce.values())).toBe(3)
  })

  it('stands still without links, and goes on with the next', () => {
    const clock = createFakeClock()
    let paces = 0
    const wheel = new TickWheel(clock, () => {
      paces += 1
    })
    const link = { tick: () => 0 }
    wheel.add(link)
    clock.advance(OUTBOUND.paceMs * 4)
    expect(paces).toBe(4)
    wheel.remove(link)
    wheel.remove(link)
    clock.advance(OUTBOUND.paceMs)
    expect(clock.pendingCount).toBe(0)
    wheel.add(link)
    clock.advance(OUTBOUND.paceMs)
    expect(paces).toBe(5)
    wheel.close()
    expect(clock.pendingCount).toBe(0)
  })

  it('lets a link leave in its own turn', () => {
    const clock = createFakeClock()
    const wheel = new TickWheel<{ tick(): number }>(clock, () => {})
    let ticks = 0
    const link = {
      tick: () => {
        ticks += 1
        wheel.remove(link)
        return 0
      },
    }
    wheel.add(link)
    clock.advance(5 * LIVENESS.tickMs)
    expect(ticks).toBe(1)
    expect(clock.pendingCount).toBe(0)
  })
})
