import { describe, expect, it } from 'vitest'
import { backOffMs } from './back-off.ts'
import { finalReason } from './final-reasons.ts'
import type { SessionEvent, Step } from './session-events.ts'
import { BACKOFF_MAX_MS, type SessionState } from './session-state.ts'
import { begin, transition } from './transition.ts'

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Follows the effects like the real thing: which connections and timers are there. */
class World {
  state: SessionState
  readonly peers = new Set<number>()
  readonly timers = new Set<string>()
  asked = 0
  nowMs = 0

  constructor() {
    const first = begin(0)
    this.state = first.state
    this.#follow(first)
  }

  dispatch(event: SessionEvent): void {
    if (event.type === 'timer') {
      if (!this.timers.has(event.timer)) return
      this.timers.delete(event.timer)
    }
    const step = transition(this.state, event, { nowMs: this.nowMs, random: 0.5 })
    this.state = step.state
    this.#follow(step)
  }

  #follow({ effects }: Step): void {
    for (const effect of effects) {
      if (effect.do === 'ask') {
        expect(effect.tryNumber, 'a try has a number of its own').toBeGreaterThan(this.asked)
        this.asked = effect.tryNumber
        this.peers.add(effect.tryNumber)
      }
      if (effect.do === 'close-peer') this.peers.delete(effect.tryNumber)
      if (effect.do === 'arm') this.timers.add(effect.timer)
      if (effect.do === 'disarm') this.timers.delete(effect.timer)
      if (effect.do === 'finish') this.peers.clear()
    }
  }
}

function needed(state: SessionState): number[] {
  switch (state.phase) {
    case 'joining':
      return state.step.step === 'waiting' ? [] : [state.tryNumber]
    case 'connected':
      return [state.tryNumber]
    case 'reconnecting': {
      const trying = state.step.step === 'waiting' || state.step.step === 'holding' ? [] : [state.tryNumber]
      return [...(state.kept === null ? [] : [state.kept.tryNumber]), ...trying]
    }
    case 'left':
      return []
  }
}

function randomEvent(random: () => number, world: World): SessionEvent {
  const tryNumber = Math.max(1, world.asked - Math.floor(random() * 3))
  const links = ['connected', 'silent', 'dead'] as const
  const events: SessionEvent[] = [
    { type: 'admitted', tryNumber },
    { type: 'admitted', tryNumber },
    { type: 'answered', tryNumber },
    { type: 'answered', tryNumber },
    { type: 'try-failed', tryNumber, reason: 'node-gone', retryAfterMs: null },
    { type: 'try-failed', tryNumber, reason: 'seat-unknown', retryAfterMs: 100 },
    { type: 'peer', tryNumber, link: links[Math.floor(random() * 3)] ?? 'connected' },
    { type: 'peer', tryNumber, link: 'connected' },
    { type: 'timer', timer: 'step' },
    { type: 'timer', timer: 'heal' },
    { type: 'line', up: random() < 0.5 },
    { type: 'node', up: random() < 0.5 },
    { type: 'seat-lost' },
    { type: 'feed-refused', reason: 'server-error' },
    { type: 'online' },
  ]
  return events[Math.floor(random() * events.length)] ?? { type: 'online' }
}

/** One life of 60 events, looked at after each. */
function live(seed: number): World {
  const random = seeded(seed)
  const world = new World()
  for (let count = 0; count < 60; count += 1) {
    world.nowMs += random() * 4_000
    const event = randomEvent(random, world)
    world.dispatch(event)
    const story = `seed ${seed}, event ${count} ${JSON.stringify(event)} → ${JSON.stringify(world.state)}`
    expect([...world.peers].sort(), story).toEqual(needed(world.state).sort())
    expect(
      timersNeeded(world.state).filter((timer) => !world.timers.has(timer)),
      story,
    ).toEqual([])
    expect(world.state.phase, story).not.toBe('left')
  }
  return world
}

/** Without these the state would never be left. */
function timersNeeded(state: SessionState): string[] {
  if (state.phase === 'connected') return state.mediaSilent ? ['heal'] : []
  if (state.phase === 'left') return []
  return state.step.step === 'holding' ? [] : ['step']
}

describe('transition', () => {
  it('never leaks a connection and never stands still, whatever happens (2,000 lives of 60 events)', () => {
    for (let seed = 1; seed <= 2_000; seed += 1) {
      const world = live(seed)
      world.dispatch({ type: 'leave' })
      expect([world.peers.size, world.timers.size]).toEqual([0, 0])
    }
  })

  it('waits longer before a connection that keeps breaking is made again', () => {
    const world = new World()
    const enter = () => {
      world.dispatch({ type: 'admitted', tryNumber: world.asked })
      world.dispatch({ type: 'answered', tryNumber: world.asked })
      world.dispatch({ type: 'peer', tryNumber: world.asked, link: 'connected' })
    }
    enter()
    world.dispatch({ type: 'peer', tryNumber: world.asked, link: 'dead' })
    expect(world.state).toMatchObject({ phase: 'reconnecting', step: { step: 'asking' } })
    enter()
    world.dispatch({ type: 'peer', tryNumber: world.asked, link: 'dead' })
    expect(world.state).toMatchObject({ phase: 'reconnecting', step: { step: 'waiting' } })
  })

  it('ignores answers to older tries', () => {
    const world = new World()
    world.dispatch({ type: 'try-failed', tryNumber: 1, reason: 'timed-out', retryAfterMs: null })
    world.dispatch({ type: 'timer', timer: 'step' })
    world.dispatch({ type: 'admitted', tryNumber: 1 })
    expect(world.state).toMatchObject({ phase: 'joining', tryNumber: 2, step: { step: 'asking' } })
  })

  it('counts a node that does not connect as failed media', () => {
    const world = new World()
    world.dispatch({ type: 'admitted', tryNumber: 1 })
    world.dispatch({ type: 'answered', tryNumber: 1 })
    world.dispatch({ type: 'timer', timer: 'step' })
    expect(world.state).toMatchObject({ lastFailure: 'media-failed', step: { step: 'waiting' } })
  })

  it('respects the server asking for patience', () => {
    const world = new World()
    world.dispatch({ type: 'try-failed', tryNumber: 1, reason: 'too-many-requests', retryAfterMs: 30_000 })
    expect(world.state).toMatchObject({ step: { step: 'waiting', untilMs: 30_000 } })
  })
})

describe('back-off', () => {
  it('doubles from half a second to eight, and is never less than half of that', () => {
    expect([0, 1, 2, 3, 4, 5, 50].map((failures) => backOffMs(failures, 1))).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000,
    ])
    expect(backOffMs(50, 0)).toBe(BACKOFF_MAX_MS / 2)
  })
})

describe('final reasons', () => {
  it('a full room turns away newcomers only', () => {
    expect(finalReason('room-full', false)).toBe('room-full')
    expect(finalReason('room-full', true)).toBeNull()
  })
  it('a lost network is never final', () => {
    expect(finalReason('offline', false)).toBeNull()
    expect(finalReason('timed-out', true)).toBeNull()
  })
})
