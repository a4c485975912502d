import { beforeEach, describe, expect, it } from 'vitest'
import { StatsSource, type StatsSourceOptions } from './stats-source.ts'

describe('StatsSource', () => {
  let nowMs: number
  let samples: number
  let fails: boolean
  const options: StatsSourceOptions = {
    node: () => {
      samples += 1
      if (fails) throw new Error('no')
      return { line: { state: 'up' }, usage: { cpuUs: nowMs * 500, residentBytes: 1 }, rooms: [] }
    },
    transports: async () => [],
    meter: { read: () => ({ p50Ms: 0, p99Ms: 0, maxMs: 0 }), stop: () => {} },
    steadyMs: () => nowMs,
  }
  let source: StatsSource
  beforeEach(() => {
    nowMs = 50_000
    samples = 0
    fails = false
    source = new StatsSource(options)
  })

  it('takes nothing while nobody looks, and one sample for all who look in the same second', async () => {
    expect(samples).toBe(0)
    await Promise.all([source.view(), source.view(), source.dump()])
    nowMs += 500
    await source.view()
    expect(samples).toBe(1)
    nowMs += 500
    await source.view()
    expect(samples).toBe(2)
  })

  it('makes rates of looks that follow each other, not of an hour without', async () => {
    expect((await source.view()).cpuShare).toBeNull()
    nowMs += 1_000
    expect((await source.view()).cpuShare).toBeCloseTo(0.5)
    nowMs += 3_600_000
    expect((await source.view()).cpuShare).toBeNull()
    nowMs += 1_000
    expect((await source.view()).cpuShare).toBeCloseTo(0.5)
  })

  it('recovers from a sample that failed', async () => {
    fails = true
    await expect(source.view()).rejects.toThrow('no')
    await expect(source.dump()).rejects.toThrow('no')
    fails = false
    nowMs += 1_000
    expect((await source.view()).cpuShare).toBeNull()
    expect((await source.dump()).uptimeMs).toBe(1_000)
  })

  it('says so where the node has not started', async () => {
    const early = new StatsSource({ ...options, node: () => null })
    await expect(early.view()).rejects.toThrow()
  })
})
