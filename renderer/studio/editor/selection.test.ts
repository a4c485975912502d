import { describe, expect, it } from 'vitest'
import { NO_EDITS } from '../../../sfu-core/contract/edits.ts'
import type { ParticipantId } from '../../../sfu-core/contract/ids.ts'
import { PREVIEW_LENGTH_MS } from './limits.ts'
import { edgeAt, nextTarget, previewRange, snapTargets } from './selection.ts'
import { snapped } from './snapping.ts'

const LENGTH_MS = 600_000
const ana = 'ana' as ParticipantId
const ben = 'ben' as ParticipantId

describe('previewRange', () => {
  it('has what is around a short selection', () => {
    expect(previewRange({ fromMs: 100_000, toMs: 102_000 }, 0, LENGTH_MS)).toEqual({ fromMs: 96_000, toMs: 106_000 })
  })

  it('is never longer than a preview may be', () => {
    const { fromMs, toMs } = previewRange({ fromMs: 100_000, toMs: 400_000 }, 0, LENGTH_MS)
    expect(toMs - fromMs).toBe(PREVIEW_LENGTH_MS)
  })

  it('lies around the position without a selection, and within the take', () => {
    expect(previewRange(null, 50_000, LENGTH_MS)).toEqual({ fromMs: 47_000, toMs: 65_000 })
    expect(previewRange(null, 0, LENGTH_MS).fromMs).toBe(0)
    const end = previewRange(null, LENGTH_MS, LENGTH_MS)
    expect(end.toMs).toBe(LENGTH_MS)
    expect(end.toMs - end.fromMs).toBeGreaterThan(1_000)
  })
})

describe('snapping', () => {
  it('goes to the nearest within reach, else nowhere', () => {
    expect(snapped(1_040, [1_000, 1_060, 5_000], 50)).toBe(1_060)
    expect(snapped(2_000, [1_000, 5_000], 50)).toBe(2_000)
  })

  it('knows the edges of what was edited', () => {
    const edits = {
      ...NO_EDITS,
      trimStartMs: 5,
      cuts: [{ fromMs: 10, toMs: 20 }],
      markers: [{ atMs: 15, text: '' }],
    }
    expect(snapTargets(edits, LENGTH_MS).toSorted((a, b) => a - b)).toEqual([5, 10, 15, 20, LENGTH_MS])
  })

  it('finds the edit before and after', () => {
    expect(nextTarget([10, 20, 30], 20, 1)).toBe(30)
    expect(nextTarget([10, 20, 30], 20, -1)).toBe(10)
    expect(nextTarget([10], 20, 1)).toBe(null)
  })
})

describe('edgeAt', () => {
  const edits = {
    cuts: [{ fromMs: 1_000, toMs: 2_000 }],
    mutes: [{ participantId: ana, fromMs: 1_990, toMs: 3_000 }],
  }
  const at = (atMs: number, participantId: ParticipantId | null) => ({ atMs, reachMs: 20, participantId })

  it('takes hold of the side that is near', () => {
    expect(edgeAt(edits, at(1_010, ben))).toEqual({ kind: 'cut', index: 0, side: 'fromMs' })
    expect(edgeAt(edits, at(1_995, ben))).toEqual({ kind: 'cut', index: 0, side: 'toMs' })
    expect(edgeAt(edits, at(1_500, ben))).toBe(null)
  })

  it('takes a mute only on its speaker’s waveform', () => {
    expect(edgeAt(edits, at(1_995, ana))).toEqual({ kind: 'mute', index: 0, side: 'fromMs' })
    expect(edgeAt(edits, at(3_000, ben))).toBe(null)
  })
})
