import { expect, it } from 'vitest'
import type { TapeStatus } from '../tape/worker/tape-status.ts'
import { ownTapeOf } from './own-tape.ts'

function tape(change: Partial<TapeStatus> = {}): TapeStatus {
  return {
    tapeId: 'tape1',
    takeId: 'take1',
    roomTitle: 'Tea at five',
    source: 'processed',
    deviceLabel: 'Microphone',
    startedAtMs: 1_000,
    phase: 'capturing',
    isElsewhere: false,
    capturedMs: 60_000,
    storedMs: 59_900,
    sentMs: 56_000,
    pendingChunks: 1,
    pendingBytes: 100_000,
    troubles: [],
    ...change,
  }
}

it('there is none before it has begun', () => {
  expect(ownTapeOf([])).toBeNull()
})

it('of two signals the one that is less far counts', () => {
  const later = tape({ source: 'unprocessed', capturedMs: 50_000, storedMs: 49_000, sentMs: 40_000 })
  expect(ownTapeOf([tape(), later])).toMatchObject({ capturedMs: 60_000, storedMs: 59_000, sentMs: 50_000 })
})

it('names each trouble once', () => {
  const troubles: TapeStatus['troubles'] = [{ kind: 'memory-only' }, { kind: 'refused', reason: 'no-take' }]
  expect(ownTapeOf([tape({ troubles }), tape({ troubles })])?.troubles).toEqual(troubles)
})

it('says that it waits only once it is behind', () => {
  const troubles: TapeStatus['troubles'] = [{ kind: 'waiting', reason: 'offline' }]
  expect(ownTapeOf([tape({ troubles })])?.troubles).toEqual([])
  expect(ownTapeOf([tape({ troubles, sentMs: 40_000 })])?.troubles).toEqual(troubles)
})
