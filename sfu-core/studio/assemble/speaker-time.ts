import type { TakeEvent, TakeManifest } from '../../contract/take.ts'
import type { Interval } from './intervals.ts'

const SAMPLES_PER_MS = 48

/**
 * When a speaker was to be recorded: on stage, agreed and not muted, by the take's timeline. Who lost the connection and never
 * came back was not there any more, though the seat was kept (SEAT_GRACE_MS).
 */
export function speakerTime(manifest: TakeManifest, participantId: string, lengthSamples: number): Interval[] {
  const events = manifest.timeline.filter((event) => event.participantId === participantId)
  const state = { onStage: false, agreed: false, muted: false, away: false }
  const intervals: Interval[] = []
  let since: number | null = null
  for (const [i, event] of events.entries()) {
    apply(state, event.type)
    if (event.type === 'disconnected') state.away = !comesBack(events.slice(i + 1))
    const at = Math.max(0, Math.min(lengthSamples, Math.round(event.atMs * SAMPLES_PER_MS)))
    const isRecorded = state.onStage && state.agreed && !state.muted && !state.away
    if (isRecorded) since ??= at
    else if (since !== null) {
      if (at > since) intervals.push({ from: since, to: at })
      since = null
    }
  }
  if (since !== null && lengthSamples > since) intervals.push({ from: since, to: lengthSamples })
  return intervals
}

interface SpeakerState {
  onStage: boolean
  agreed: boolean
  muted: boolean
  away: boolean
}

function apply(state: SpeakerState, what: TakeEvent['type']): void {
  switch (what) {
    case 'on-stage':
      state.onStage = true
      state.away = false
      return
    case 'off-stage':
    case 'left':
      state.onStage = false
      return
    case 'consented':
      state.agreed = true
      return
    case 'declined':
      state.agreed = false
      return
    case 'muted':
      state.muted = true
      return
    case 'unmuted':
      state.muted = false
      return
    case 'reconnected':
      state.away = false
      return
    case 'joined':
    case 'disconnected':
      return
    default:
      what satisfies never
  }
}

/** Whether the same seat is heard of again before it leaves the stage. */
function comesBack(later: readonly TakeEvent[]): boolean {
  const next = later.find(({ type }) => type === 'reconnected' || type === 'off-stage' || type === 'left')
  return next?.type === 'reconnected'
}
