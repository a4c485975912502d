import { describe, expect, it } from 'vitest'
import { TAPE_BEHIND_MS } from '../../sfu-core/contract/limits.ts'
import type { TapeStatus } from '../tape/worker/tape-status.ts'
import { closingMatters, isCapturing, isWorthTelling, unsentOf, waitingFor } from './unsent-model.ts'

const MB = 1_000_000

function tape(change: Partial<TapeStatus> = {}): TapeStatus {
  return {
    tapeId: 'tape1',
    takeId: 'take1',
    roomTitle: 'Tea at five',
    source: 'processed',
    deviceLabel: 'Microphone',
    startedAtMs: 1_000,
    phase: 'sending',
    isElsewhere: false,
    capturedMs: 60_000,
    storedMs: 60_000,
    sentMs: 20_000,
    pendingChunks: 10,
    pendingBytes: 3 * MB,
    troubles: [],
    ...change,
  }
}

/** There is something. */
function found(...tapes: TapeStatus[]) {
  const unsent = unsentOf(tapes)
  if (unsent === null) throw new Error('nothing is unsent')
  return unsent
}

describe('what is still to be sent', () => {
  it('is nothing while one is being recorded, and after all has gone', () => {
    expect(unsentOf([])).toBeNull()
    expect(unsentOf([tape({ phase: 'capturing' }), tape({ phase: 'sent' })])).toBeNull()
  })

  it('counts recordings, not tapes, and says how far they are', () => {
    const both = found(
      tape(),
      tape({ tapeId: 'tape2', source: 'unprocessed', sentMs: 40_000 }),
      tape({ tapeId: 'tape3', takeId: 'take2', startedAtMs: 2_000, capturedMs: 0, sentMs: 0, pendingBytes: MB }),
    )
    expect(both).toMatchObject({ movingCount: 2, stuckCount: 0, pendingBytes: 7 * MB, progress: 0.5 })
    expect(both.tapes.map((one) => one.tape.tapeId)).toEqual(['tape3', 'tape1', 'tape2'])
    expect(both.tapes.map((one) => one.progress)).toEqual([1, 1 / 3, 2 / 3])
  })

  it('is sending while one of them is, and waiting where all wait', () => {
    const waits = tape({ troubles: [{ kind: 'waiting', reason: 'offline' }] })
    expect(found(waits).state).toEqual({ kind: 'waiting', reason: 'offline' })
    expect(found(waits, tape({ tapeId: 'tape2' })).state).toEqual({ kind: 'sending' })
  })

  it('counts apart what does not go out by itself', () => {
    const refused = tape({ troubles: [{ kind: 'refused', reason: 'consent-needed' }] })
    expect(found(refused)).toMatchObject({
      movingCount: 0,
      stuckCount: 1,
      pendingBytes: 0,
      state: { kind: 'refused', reason: 'consent-needed' },
    })
    const withOther = found(refused, tape({ tapeId: 'tape2', takeId: 'take2' }))
    expect(withOther).toMatchObject({ movingCount: 1, stuckCount: 1, pendingBytes: 3 * MB, state: { kind: 'sending' } })
    const held = found(tape({ troubles: [{ kind: 'other-server', serverUrl: 'http://old' }] }))
    expect(held).toMatchObject({ stuckCount: 1, state: { kind: 'held', serverUrl: 'http://old' } })
  })

  it('names the gravest trouble of a tape', () => {
    const both: TapeStatus['troubles'] = [
      { kind: 'waiting', reason: 'offline' },
      { kind: 'refused', reason: 'chunk-conflict' },
    ]
    expect(found(tape({ troubles: both })).state.kind).toBe('refused')
    expect(found(tape({ troubles: [{ kind: 'not-encoded' }] })).state).toEqual({ kind: 'raw' })
  })

  it('knows what would be lost with the page', () => {
    expect(found(tape()).tapes[0]?.isFleeting).toBe(false)
    expect(found(tape({ troubles: [{ kind: 'memory-only' }] })).tapes[0]?.isFleeting).toBe(true)
  })
})

describe('after a room', () => {
  const here = new Set(['tape1'])

  it('the last seconds are no matter, more than that is', () => {
    expect(isWorthTelling(found(tape({ sentMs: 60_000 - TAPE_BEHIND_MS })), here)).toBe(false)
    expect(isWorthTelling(found(tape({ sentMs: 60_000 - TAPE_BEHIND_MS - 1 })), here)).toBe(true)
  })

  it('what the server refuses is, however short', () => {
    const refused = tape({ sentMs: 59_000, troubles: [{ kind: 'refused', reason: 'no-take' }] })
    expect(isWorthTelling(found(refused), here)).toBe(true)
  })

  it('what is left of another room was told then', () => {
    expect(isWorthTelling(found(tape({ tapeId: 'earlier' })), here)).toBe(false)
  })
})

it('closing the page matters for what it captures or sends itself', () => {
  const refused: TapeStatus['troubles'] = [{ kind: 'refused', reason: 'no-take' }]
  expect(closingMatters([tape({ phase: 'capturing' })])).toBe(true)
  expect(closingMatters([tape()])).toBe(true)
  expect(closingMatters([tape({ phase: 'sent' }), tape({ isElsewhere: true })])).toBe(false)
  expect(closingMatters([tape({ troubles: refused })])).toBe(false)
  expect(closingMatters([tape({ troubles: [...refused, { kind: 'memory-only' }] })])).toBe(true)
  expect(isCapturing([tape()])).toBe(false)
  expect(isCapturing([tape({ phase: 'capturing' })])).toBe(true)
})

it('waiting has three kinds of reasons', () => {
  expect(waitingFor('offline')).toBe('connection')
  expect(waitingFor('server-disk-full')).toBe('space')
  expect(waitingFor('node-gone')).toBe('server')
})
