import type { TakeView } from '../../server/contract/views.ts'

/** A take in one's list. */
export type MyTake = TakeView & { roomTitle: string }

/**
 * Where a take stands. `running`: it grows. `ready`: the server has every file. `sending`: they are under way.
 * `elsewhere`: they stay on the computer that ran the room.
 */
export type TakeState = 'running' | 'ready' | 'sending' | 'elsewhere'

export function stateOf(take: Pick<TakeView, 'manifest' | 'downloadable' | 'storage'>): TakeState {
  if (take.manifest.endedAtMs === null) return 'running'
  if (take.downloadable) return 'ready'
  return take.storage === 'kept' ? 'elsewhere' : 'sending'
}

/** From the start to the end; for a take that runs, to now (its tracks are told only now and then). */
export function lengthMsOf({ manifest }: Pick<TakeView, 'manifest'>, nowMs: number): number {
  return Math.max(0, (manifest.endedAtMs ?? nowMs) - manifest.startedAtMs)
}

/** How many different people were recorded; one person can have several tracks. */
export function speakerCountOf({ manifest }: Pick<TakeView, 'manifest'>): number {
  return new Set(manifest.tracks.map((track) => track.participantId)).size
}

/** Newest first; of one room only, where one is named. */
export function listed(takes: readonly MyTake[], roomId: string | null): readonly MyTake[] {
  return takes
    .filter((take) => roomId === null || take.roomId === roomId)
    .toSorted((a, b) => b.manifest.startedAtMs - a.manifest.startedAtMs)
}
