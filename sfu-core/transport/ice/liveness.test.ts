import { describe, expect, it } from 'vitest'
import { LIVENESS, Liveness, type LivenessChange } from './liveness.ts'

/** Ticks from `from` to `to`, and what changed when. */
function tick(liveness: Liveness, from: number, to: number): { atMs: number; change: LivenessChange }[] {
  const changes: { atMs: number; change: LivenessChange }[] = []
  for (let atMs = from; atMs <= to; atMs += LIVENESS.tickMs) {
    const change = liveness.tick(atMs)
    if (change) changes.push({ atMs, change })
  }
  return changes
}

describe('Liveness', () => {
  it('gives up on a peer that never connects', () => {
    expect(tick(new Liveness(0), 0, 60_000)).toEqual([{ atMs: LIVENESS.connectWithinMs, change: 'closed' }])
  })

  it('tells of a silence within five seconds, and ends the link after thirty', () => {
    const liveness = new Liveness(0)
    expect(liveness.onSecured(100)).toBe('connected')
    const changes = tick(liveness, 500, 60_000)
    expect(changes.map(({ change }) => change)).toEqual(['disconnected', 'closed'])
    expect(changes[0]?.atMs).toBeLessThan(5_000)
    expect(changes[1]?.atMs).toBe(30_100)
    expect(liveness.state).toBe('closed')
    expect(liveness.onHeard(61_000)).toBeNull()
  })

  it('comes back with the first packet, again and again', () => {
    const liveness = new Liveness(0)
    liveness.onSecured(0)
    tick(liveness, 0, 10_000)
    expect(liveness.onHeard(10_100)).toBe('connected')
    expect(liveness.onHeard(10_120)).toBeNull()
    expect(tick(liveness, 10_500, 15_500).map(({ change }) => change)).toEqual(['disconnected'])
    expect(liveness.onHeard(16_000)).toBe('connected')
  })

  it('asks before it believes a silence', () => {
    const liveness = new Liveness(0)
    expect(liveness.shouldAsk(19_000)).toBe(false)
    liveness.onSecured(0)
    expect(liveness.shouldAsk(LIVENESS.askAfterMs - 1)).toBe(false)
    expect(liveness.shouldAsk(LIVENESS.askAfterMs)).toBe(true)
  })

  it('leaves it to a peer that checks punctually, until one check is missing', () => {
    const liveness = new Liveness(0)
    liveness.onSecured(0)
    liveness.onCheck(2_500)
    expect(liveness.shouldAsk(4_500)).toBe(true)
    liveness.onAsked(4_500)
    liveness.onCheck(5_000)
    expect(liveness.shouldAsk(7_599)).toBe(false)
    expect(liveness.shouldAsk(7_600)).toBe(true)
    liveness.onCheck(10_000)
    expect(liveness.shouldAsk(12_000)).toBe(true)
    liveness.onCheck(12_500)
    expect(liveness.shouldAsk(4_500 + LIVENESS.consentEveryMs)).toBe(true)
  })

  it('closes once', () => {
    const liveness = new Liveness(0)
    expect(liveness.close()).toBe('closed')
    expect(liveness.close()).toBeNull()
    expect(liveness.onSecured(5)).toBeNull()
  })

  it('keeps its relations', () => {
    expect(LIVENESS.askCheckingAfterMs + 4 * LIVENESS.tickMs).toBeLessThan(LIVENESS.disconnectedAfterMs)
    expect(LIVENESS.askAfterMs + 4 * LIVENESS.tickMs).toBeLessThan(LIVENESS.disconnectedAfterMs)
    expect(LIVENESS.consentEveryMs * 3).toBeLessThan(LIVENESS.closedAfterMs)
    expect(LIVENESS.disconnectedAfterMs + LIVENESS.tickMs).toBeLessThan(5_000)
  })
})
