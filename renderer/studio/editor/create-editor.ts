import type { EditList } from '../../../sfu-core/contract/edits.ts'
import { keptRanges } from '../../../sfu-core/contract/edits.ts'
import type { ParticipantId } from '../../../sfu-core/contract/ids.ts'
import type { StudioTrack } from '../../../sfu-core/contract/take-report.ts'
import { cell, type WritableCell } from '../../room-session/cell.ts'
import { decodeFlac, rangesOf } from '../sound/browser-tracks.ts'
import { type PlayerPlan, StudioPlayer } from '../sound/studio-player.ts'
import { TrackReader } from '../sound/track-reader.ts'
import type { Selection } from './selection.ts'
import { fitted, revealed, type TimeView } from './time-axis.ts'

/** What one listens to while editing; it changes nothing in the mix. */
export interface Listening {
  solo: ReadonlySet<ParticipantId>
  silenced: ReadonlySet<ParticipantId>
}

/** What changes many times a second, outside of React: who needs it watches the cell. */
export interface Desk {
  readonly lanes: readonly StudioTrack[]
  readonly lengthMs: number
  readonly player: StudioPlayer
  readonly view: WritableCell<TimeView>
  readonly positionMs: WritableCell<number>
  readonly selection: WritableCell<Selection | null>
  readonly listening: WritableCell<Listening>
  /** Goes there, while it plays too, and brings it in sight. */
  seek(toMs: number): void
  close(): void
}

export interface DeskOptions {
  lanes: readonly StudioTrack[]
  lengthMs: number
  edits: EditList
  /** The address of a file of the studio, as it is now. */
  urlOf(file: string): string
}

/** Sound and time of one opened editor. */
export function createDesk({ lanes, lengthMs, edits, urlOf }: DeskOptions): Desk {
  const listening = cell<Listening>({ solo: new Set(), silenced: new Set() })
  const sources = lanes.map(
    ({ file, sizeBytes, lengthSamples }) =>
      new TrackReader({ sizeBytes, lengthSamples, fetchBytes: rangesOf(() => urlOf(file)), decode: decodeFlac }),
  )
  const player = new StudioPlayer(sources, planOf({ lanes, lengthMs, edits, listening: listening.get() }))
  const view = cell(fitted(0, lengthMs))
  const positionMs = cell(0)
  return {
    lanes,
    lengthMs,
    player,
    view,
    positionMs,
    selection: cell<Selection | null>(null),
    listening,
    seek(toMs) {
      const atMs = Math.max(0, Math.min(lengthMs, toMs))
      player.seek(atMs)
      positionMs.set(atMs)
      view.set(revealed(view.get(), atMs, { share: 0.25, lengthMs }))
    },
    close: () => player.close(),
  }
}

interface PlanFacts {
  lanes: readonly StudioTrack[]
  lengthMs: number
  edits: EditList
  listening: Listening
}

/** What is to be heard: the edits, and what one listens to now. */
export function planOf({ lanes, lengthMs, edits, listening }: PlanFacts): PlayerPlan {
  const { solo, silenced } = listening
  return {
    kept: keptRanges(edits, lengthMs),
    lanes: lanes.map(({ participantId }) => ({
      audible:
        solo.size > 0
          ? solo.has(participantId)
          : !silenced.has(participantId) && !edits.leftOut.includes(participantId),
      gainDb: edits.gainsDb[participantId] ?? 0,
      muted: edits.mutes.filter((mute) => mute.participantId === participantId),
    })),
  }
}
