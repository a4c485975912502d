import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { until } from '../test/harness.ts'
import { createEventLoopMeter } from './event-loop-meter.ts'

const meter = createEventLoopMeter()
afterEach(() => meter.stop())

const INTERVALS_MS = 60

it('tells how late timers were, beyond the time between them, and begins anew after each read', async () => {
  expect(meter.read()).toEqual({ p50Ms: 0, p99Ms: 0, maxMs: 0 })
  await delay(INTERVALS_MS)
  const untilMs = performance.now() + 200
  while (performance.now() < untilMs);
  await delay(INTERVALS_MS)
  const busy = meter.read()
  expect(busy.maxMs).toBeGreaterThan(150)
  expect(busy.p99Ms).toBeLessThanOrEqual(busy.maxMs)
  expect(busy.p50Ms).toBeLessThan(busy.maxMs)
  const calm = async () => {
    await delay(INTERVALS_MS)
    return meter.read().maxMs < 100
  }
  // Even a busy machine has such a moment.
  await until(calm, 'nothing is late any more')
})
