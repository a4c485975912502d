import { describe, expect, it } from 'vitest'
import { PieceCache } from './piece-cache.ts'

const never = () => new Promise<string>(() => {})

describe('PieceCache', () => {
  it('loads once, and again after a failure', async () => {
    const cache = new PieceCache<string>(2)
    await expect(cache.load('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await cache.load('a', async () => 'sound')
    expect(cache.load('a', never)).toBe(null)
    expect(cache.get('a')).toBe('sound')
  })

  it('forgets what was used longest ago', async () => {
    const cache = new PieceCache<string>(2)
    await cache.load('a', async () => 'a')
    await cache.load('b', async () => 'b')
    cache.get('a')
    await cache.load('c', async () => 'c')
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['a', null, 'c'])
  })

  it('calls off what is on its way and no longer wanted', () => {
    const cache = new PieceCache<string>(5)
    const signals = new Map<string, AbortSignal>()
    for (const key of ['a', 'b']) {
      void cache.load(key, (signal) => {
        signals.set(key, signal)
        return never()
      })
    }
    cache.keepWaitingFor(new Set(['b']))
    expect([signals.get('a')?.aborted, signals.get('b')?.aborted]).toEqual([true, false])
    expect(cache.load('b', never)).toBe(null)
  })
})
