import { expect, test } from 'vitest'
import type { HostingRequest, HostingStatus } from '../../contract/bridge.ts'
import {
  BACK_OFF_MS,
  CRASH_WINDOW_MS,
  KILL_WAIT_MS,
  LOADED_TIMEOUT_MS,
  READY_TIMEOUT_MS,
  STOP_WAIT_MS,
} from './limits.ts'
import { HUNG, NO_ANSWER, TOO_MANY_CRASHES } from './machine.ts'
import { type HostProcessEvents, SfuSupervisor } from './supervisor.ts'

const REQUEST: HostingRequest = { serverUrl: 'http://127.0.0.1:8420', nodeToken: 'first' }
const NODE_ID = 'node-1'

interface FakeProcess {
  request: HostingRequest
  events: HostProcessEvents
  askedToStop: number
  killed: number
}

class FakeClock {
  #nowMs = 1_000_000
  #timers = new Set<{ atMs: number; call: () => void }>()
  nowMs = () => this.#nowMs
  after = (delayMs: number, call: () => void) => {
    const timer = { atMs: this.#nowMs + delayMs, call }
    this.#timers.add(timer)
    return () => {
      this.#timers.delete(timer)
    }
  }
  pass(durationMs: number): void {
    const untilMs = this.#nowMs + durationMs
    for (;;) {
      const next = [...this.#timers].filter((t) => t.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined) break
      this.#timers.delete(next)
      this.#nowMs = next.atMs
      next.call()
    }
    this.#nowMs = untilMs
  }
  get waiting(): number {
    return this.#timers.size
  }
}

function harness() {
  const clock = new FakeClock()
  const processes: FakeProcess[] = []
  const seen: HostingStatus[] = []
  const supervisor = new SfuSupervisor({
    clock,
    log: () => {},
    spawn: (request, events) => {
      const fake: FakeProcess = { request, events, askedToStop: 0, killed: 0 }
      processes.push(fake)
      return {
        askToStop: () => {
          fake.askedToStop += 1
        },
        kill: () => {
          fake.killed += 1
        },
      }
    },
  })
  supervisor.onStatus((status) => seen.push(status))
  const last = () => {
    const process = processes.at(-1)
    if (process === undefined) throw new Error('nothing was spawned')
    return process
  }
  const comeUp = (pid = 100 + processes.length) => {
    last().events.onSpawn(pid)
    last().events.onMessage({ type: 'loaded' })
    last().events.onMessage({ type: 'ready', nodeId: NODE_ID, rooms: 0 })
  }
  return { clock, processes, seen, supervisor, last, comeUp }
}

test('start resolves when the process has registered', async () => {
  const { supervisor, comeUp, clock } = harness()
  const started = supervisor.start(REQUEST)
  expect(supervisor.status()).toEqual({ state: 'starting' })
  comeUp(77)
  expect(await started).toEqual({
    state: 'hosting',
    nodeId: NODE_ID,
    pid: 77,
    startedAtMs: clock.nowMs(),
    rooms: 0,
  })
  expect(clock.waiting).toBe(0)
})

test('a second start with the same server gets the running process', async () => {
  const { supervisor, comeUp, processes } = harness()
  const first = supervisor.start(REQUEST)
  const second = supervisor.start({ ...REQUEST, nodeToken: 'other' })
  comeUp(77)
  expect(await first).toEqual(await second)
  expect(await supervisor.start(REQUEST)).toMatchObject({ state: 'hosting', pid: 77 })
  expect(processes).toHaveLength(1)
})

test('a start with another server ends the running process first', async () => {
  const { supervisor, comeUp, processes, last } = harness()
  void supervisor.start(REQUEST)
  comeUp()
  const other = supervisor.start({ serverUrl: 'https://other.example', nodeToken: 'x' })
  expect(processes).toHaveLength(1)
  expect(last().askedToStop).toBe(1)
  last().events.onExit('0')
  expect(last().request.serverUrl).toBe('https://other.example')
  comeUp(500)
  expect(await other).toMatchObject({ state: 'hosting', pid: 500 })
})

test('a process that does not load is killed, and start says so', async () => {
  const { supervisor, clock, last } = harness()
  const started = supervisor.start(REQUEST)
  last().events.onSpawn(5)
  clock.pass(LOADED_TIMEOUT_MS)
  expect(last().killed).toBe(1)
  last().events.onExit('signal')
  expect(await started).toEqual({ state: 'failed', detail: HUNG })
})

test('a server that does not answer fails the first start', async () => {
  const { supervisor, clock, last } = harness()
  const started = supervisor.start(REQUEST)
  last().events.onSpawn(5)
  last().events.onMessage({ type: 'loaded' })
  clock.pass(READY_TIMEOUT_MS)
  last().events.onExit('signal')
  expect(await started).toEqual({ state: 'failed', detail: NO_ANSWER })
})

test('after a crash the process is started again at once, with the newest token', async () => {
  const { supervisor, comeUp, processes, last, seen } = harness()
  void supervisor.start(REQUEST)
  comeUp()
  last().events.onMessage({ type: 'token', nodeToken: 'renewed' })
  last().events.onExit('SIGKILL')
  expect(processes).toHaveLength(2)
  expect(last().request.nodeToken).toBe('renewed')
  expect(supervisor.status()).toEqual({ state: 'restarting', crashes: 1, nodeId: NODE_ID, rooms: 0 })
  comeUp(9)
  expect(seen.map((status) => status.state)).toEqual(['starting', 'hosting', 'restarting', 'hosting'])
})

test('the rooms are told as they open and end, and each once', () => {
  const { supervisor, comeUp, last, seen } = harness()
  void supervisor.start(REQUEST)
  comeUp()
  for (const rooms of [1, 1, 0]) last().events.onMessage({ type: 'rooms', rooms })
  expect(seen.slice(-2)).toMatchObject([{ rooms: 1 }, { rooms: 0 }])
  expect(seen.filter(({ state }) => state === 'hosting')).toHaveLength(3)
})

test('after a crash the rooms are waited for, until the node says which came back', () => {
  const { supervisor, comeUp, last } = harness()
  void supervisor.start(REQUEST)
  comeUp()
  last().events.onMessage({ type: 'rooms', rooms: 2 })
  last().events.onExit('SIGKILL')
  const waiting = { state: 'restarting', crashes: 1, nodeId: NODE_ID, rooms: 2 }
  expect(supervisor.status()).toEqual(waiting)
  last().events.onSpawn(6)
  last().events.onMessage({ type: 'loaded' })
  last().events.onMessage({ type: 'rooms', rooms: 1 })
  expect(supervisor.status()).toEqual(waiting)
  last().events.onMessage({ type: 'ready', nodeId: NODE_ID, rooms: 1 })
  expect(supervisor.status()).toMatchObject({ state: 'hosting', rooms: 1 })
})

test('a line that was mended tells the rooms anew', () => {
  const { supervisor, comeUp, last } = harness()
  void supervisor.start(REQUEST)
  comeUp()
  last().events.onMessage({ type: 'rooms', rooms: 1 })
  last().events.onMessage({ type: 'connecting' })
  last().events.onMessage({ type: 'ready', nodeId: NODE_ID, rooms: 0 })
  expect(supervisor.status()).toMatchObject({ state: 'hosting', rooms: 0 })
})

test('an end with code 0 that nobody asked for is a crash too', () => {
  const { supervisor, comeUp, processes, last } = harness()
  void supervisor.start(REQUEST)
  comeUp()
  last().events.onExit('0')
  expect(processes).toHaveLength(2)
})

test('after a crash it waits for its server without a limit', () => {
  const { supervisor, clock, comeUp, last, processes } = harness()
  void supervisor.start(REQUEST)
  comeUp()
  last().events.onExit('SIGKILL')
  last().events.onSpawn(6)
  last().events.onMessage({ type: 'loaded' })
  clock.pass(10 * READY_TIMEOUT_MS)
  expect(processes).toHaveLength(2)
  expect(last().killed).toBe(0)
  last().events.onMessage({ type: 'ready', nodeId: NODE_ID, rooms: 0 })
  expect(supervisor.status().state).toBe('hosting')
})

test('crashes back off, and too many within a minute are a failure', async () => {
  const { supervisor, clock, comeUp, processes, last } = harness()
  const started = supervisor.start(REQUEST)
  comeUp()
  await started
  BACK_OFF_MS.forEach((delayMs, index) => {
    last().events.onExit('1')
    if (delayMs > 0) {
      clock.pass(delayMs - 1)
      expect(processes).toHaveLength(index + 1)
      clock.pass(1)
    }
    expect(processes).toHaveLength(index + 2)
    comeUp()
  })
  last().events.onExit('1')
  expect(supervisor.status()).toEqual({ state: 'failed', detail: TOO_MANY_CRASHES })
  expect(clock.waiting).toBe(0)
})

test('crashes of more than a minute ago are forgotten', () => {
  const { supervisor, clock, comeUp, last } = harness()
  void supervisor.start(REQUEST)
  comeUp()
  for (let i = 0; i < 20; i += 1) {
    last().events.onExit('1')
    expect(supervisor.status()).toEqual({ state: 'restarting', crashes: 1, nodeId: NODE_ID, rooms: 0 })
    comeUp()
    clock.pass(CRASH_WINDOW_MS)
  }
})

test('stop asks, and resolves when the process has ended', async () => {
  const { supervisor, clock, comeUp, last } = harness()
  void supervisor.start(REQUEST)
  comeUp()
  const stopped = supervisor.stop()
  expect(last().askedToStop).toBe(1)
  last().events.onExit('0')
  await stopped
  expect(supervisor.status()).toEqual({ state: 'off' })
  expect(last().killed).toBe(0)
  expect(clock.waiting).toBe(0)
})

test('a process that does not stop is killed, and the wait is bounded even without news of its end', async () => {
  const { supervisor, clock, comeUp, last, processes } = harness()
  void supervisor.start(REQUEST)
  comeUp()
  const stopped = supervisor.stop()
  clock.pass(STOP_WAIT_MS)
  expect(last().killed).toBe(1)
  clock.pass(KILL_WAIT_MS)
  await stopped
  last().events.onExit('late')
  expect(supervisor.status()).toEqual({ state: 'off' })
  expect(processes).toHaveLength(1)
})

test('stop during a start answers the start with off', async () => {
  const { supervisor, last } = harness()
  const started = supervisor.start(REQUEST)
  void supervisor.stop()
  last().events.onExit('0')
  expect(await started).toEqual({ state: 'off' })
})

test('stop during a back-off starts nothing any more', async () => {
  const { supervisor, clock, comeUp, last, processes } = harness()
  void supervisor.start(REQUEST)
  comeUp()
  last().events.onExit('1')
  comeUp()
  last().events.onExit('1')
  await supervisor.stop()
  clock.pass(60_000)
  expect(processes).toHaveLength(2)
  expect(supervisor.status()).toEqual({ state: 'off' })
})

test('a refusal by the server ends the process and is told in its words', async () => {
  const { supervisor, last } = harness()
  const started = supervisor.start(REQUEST)
  last().events.onSpawn(5)
  last().events.onMessage({ type: 'loaded' })
  last().events.onMessage({ type: 'refused', reason: 'token-expired', detail: 'Sign in again.' })
  expect(last().askedToStop).toBe(1)
  last().events.onExit('0')
  expect(await started).toEqual({ state: 'failed', detail: 'Sign in again.' })
})

test('after a failure start tries anew', async () => {
  const { supervisor, comeUp, last } = harness()
  void supervisor.start(REQUEST)
  last().events.onMessage({ type: 'refused', reason: 'token-expired', detail: 'no' })
  last().events.onExit('0')
  const again = supervisor.start({ ...REQUEST, nodeToken: 'second' })
  expect(last().request.nodeToken).toBe('second')
  comeUp(8)
  expect(await again).toMatchObject({ state: 'hosting', pid: 8 })
})
