import type { ParticipantId } from '../../../sfu-core/contract/ids.ts'
import type { TakeEvent, TakeManifest } from '../../../sfu-core/contract/take.ts'

/** A stretch of somebody's time on stage. */
export interface StageSpan {
  fromMs: number
  toMs: number
  state: 'open' | 'muted' | 'away'
}

interface Standing {
  onStage: boolean
  muted: boolean
  away: boolean
}

/** Who was on stage when, and whether they could be heard; by person. */
export function stageSpans(timeline: TakeManifest['timeline'], lengthMs: number): Map<ParticipantId, StageSpan[]> {
  const people = Map.groupBy(timeline, ({ participantId }) => participantId)
  return new Map([...people].map(([participantId, events]) => [participantId, spansOf(events, lengthMs)]))
}

function spansOf(events: readonly TakeEvent[], lengthMs: number): StageSpan[] {
  const spans: StageSpan[] = []
  let standing: Standing = { onStage: false, muted: false, away: false }
  let sinceMs = 0
  const closeAt = (atMs: number) => {
    const state = stateOf(standing)
    if (state !== null && atMs > sinceMs) spans.push({ fromMs: sinceMs, toMs: atMs, state })
    sinceMs = atMs
  }
  for (const { atMs, type } of events.toSorted((a, b) => a.atMs - b.atMs)) {
    const next = after(standing, type)
    if (stateOf(next) !== stateOf(standing)) closeAt(Math.max(0, Math.min(lengthMs, atMs)))
    standing = next
  }
  closeAt(lengthMs)
  return spans
}

function stateOf({ onStage, muted, away }: Standing): StageSpan['state'] | null {
  if (!onStage) return null
  if (away) return 'away'
  return muted ? 'muted' : 'open'
}

function after(standing: Standing, type: TakeEvent['type']): Standing {
  switch (type) {
    case 'on-stage':
      return { ...standing, onStage: true }
    case 'off-stage':
    case 'left':
      return { onStage: false, muted: false, away: false }
    case 'muted':
      return { ...standing, muted: true }
    case 'unmuted':
      return { ...standing, muted: false }
    case 'disconnected':
      return { ...standing, away: true }
    case 'reconnected':
      return { ...standing, away: false }
    case 'joined':
    case 'consented':
    case 'declined':
      return standing
  }
}
