import { describe, expect, it } from 'vitest'
import type { ClockSync } from '../../../sfu-core/contract/tape.ts'
import { ClockAsking } from './clock-asking.ts'
import { watchSleep } from './sleep-watch.ts'
import { FakeWorkerClock } from './test/fake-clock.ts'
import { FakeServer } from './test/fake-server.ts'

function bench() {
  const clock = new FakeWorkerClock()
  const server = new FakeServer()
  const syncs: ClockSync[] = []
  const asking = new ClockAsking({ takeId: 'take1', server, clock, onSync: (sync) => void syncs.push(sync) })
  /** Each question takes so long, and the take's clock is 5 s ahead. */
  const answerAfter = (delaysMs: number[]) => {
    let turn = 0
    const answer = server.clock.bind(server)
    server.clock = async () => {
      const delayMs = delaysMs[Math.min(turn, delaysMs.length - 1)] ?? 0
      turn += 1
      clock.pass(delayMs / 2)
      const value = { ...(await answer()), takeMs: clock.nowMs() + 5_000 }
      clock.pass(delayMs / 2)
      return value
    }
  }
  return { clock, server, syncs, asking, answerAfter }
}

describe("the take's clock is asked", () => {
  it('five times in two seconds, then each ten seconds', async () => {
    const { clock, server, asking } = bench()
    asking.start('token')
    await clock.advance(2_000)
    expect(server.asked.clock).toBe(5)
    await clock.advance(30_000)
    expect(server.asked.clock).toBe(8)
    asking.close()
    await clock.advance(60_000)
    expect(server.asked.clock).toBe(8)
  })

  it('of the first questions those count that were quicker than the ones before', async () => {
    const { clock, syncs, asking, answerAfter } = bench()
    answerAfter([80, 20, 50, 10, 30, 44])
    asking.start('token')
    await clock.advance(2_500)
    expect(syncs.map(({ roundTripMs }) => roundTripMs)).toEqual([80, 20, 10])
    await clock.advance(10_000)
    expect(syncs.at(-1)?.roundTripMs).toBe(44)
    for (const { monotonicMs, takeMs } of syncs) expect(takeMs - monotonicMs).toBeCloseTo(5_000, 6)
    asking.close()
  })

  it('at first more often where all answers are slow, so that a short tape on a busy machine lies well too', async () => {
    const { clock, syncs, asking, answerAfter } = bench()
    answerAfter([60, 50, 40, 35, 32, 31, 30, 9, 5])
    asking.start('token')
    await clock.advance(5_000)
    expect(syncs.map(({ roundTripMs }) => roundTripMs)).toEqual([60, 50, 40, 35, 32, 31, 30, 9])
    asking.close()
  })

  it('answers for another take, and none at all, are no syncs', async () => {
    const { clock, server, syncs, asking } = bench()
    server.takeId = 'another'
    asking.start('token')
    await clock.advance(3_000)
    server.takeId = 'take1'
    server.failing = () => 'no-take'
    await clock.advance(30_000)
    expect(syncs).toEqual([])
    server.failing = () => null
    await clock.advance(10_000)
    expect(syncs).toHaveLength(1)
    asking.close()
  })
})

describe('a computer that slept', () => {
  it('is noticed where the monotonic clock stood still', async () => {
    const clock = new FakeWorkerClock()
    let woke = 0
    const end = watchSleep(clock, () => {
      woke += 1
    })
    await clock.advance(10_000)
    clock.sleep(60_000)
    await clock.advance(10_000)
    expect(woke).toBe(1)
    end()
    clock.sleep(60_000)
    await clock.advance(10_000)
    expect(woke).toBe(1)
  })

  it('is noticed where the monotonic clock went on', async () => {
    const clock = new FakeWorkerClock()
    let woke = 0
    const end = watchSleep(clock, () => {
      woke += 1
    })
    await clock.advance(5_000)
    clock.pass(60_000)
    await clock.advance(5_000)
    expect(woke).toBe(1)
    end()
  })

  it('a clock that is put back, or a little forward, is not taken for sleep', async () => {
    const clock = new FakeWorkerClock()
    let woke = 0
    const end = watchSleep(clock, () => {
      woke += 1
    })
    for (const stepMs of [-3_600_000, 500, -500]) {
      clock.sleep(stepMs)
      await clock.advance(5_000)
    }
    expect(woke).toBe(0)
    end()
  })
})
