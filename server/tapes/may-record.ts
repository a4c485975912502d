import type { ParticipantId, TakeId } from '../../sfu-core/contract/ids.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { TakeManifest } from '../../sfu-core/contract/take.ts'
import type { LiveRoom } from '../rooms/live-room.ts'
import { isOfThisPeriod } from '../rooms/visibility.ts'
import type { TakeStore } from '../takes/takes.db.ts'
import type { SeatClaims } from '../tokens.ts'

export interface MayRecordDeps {
  liveRoom(roomId: SeatClaims['roomId']): LiveRoom | null
  takes: Pick<TakeStore, 'find'>
}

/**
 * Whether the holder of a seat may hand in a tape of a take: whoever is on stage of it now and agreed; and whoever the take
 * itself names as one who was recorded, also after the room.
 * @throws Refusal `no-take`, `consent-needed`, `not-on-stage`; `node-gone` while nobody can say.
 */
export async function assertMayRecord(deps: MayRecordDeps, seat: SeatClaims, takeId: TakeId): Promise<void> {
  const live = deps.liveRoom(seat.roomId)
  const isRunning = live?.state.recording?.takeId === takeId
  const here =
    live !== null && isOfThisPeriod(live.record, seat) ? live.state.participants[seat.participantId] : undefined
  if (isRunning && here?.recordingConsent && here.onStage) return
  const take = await deps.takes.find(takeId)
  const isOfRoom = take !== null && take.roomId === seat.roomId
  if (isOfRoom && wasRecorded(take.manifest, seat.participantId)) return
  if (live !== null && !live.nodeUp) throw new Refusal('node-gone', 'The room waits for its computer.')
  if (!isRunning && !isOfRoom) throw new Refusal('no-take', 'There is no such recording.')
  if (isRunning && here?.recordingConsent) throw new Refusal('not-on-stage', 'Only who is on stage is recorded.')
  throw new Refusal('consent-needed', 'You did not agree to be recorded.')
}

/**
 * The timeline tells of consent on stage; a report that was cut to fit (SPEC R148) may tell only of the track, which
 * nobody has without consent.
 */
export function wasRecorded({ timeline, tracks }: TakeManifest, participantId: ParticipantId): boolean {
  const agreed = timeline.some((event) => event.type === 'consented' && event.participantId === participantId)
  return agreed || tracks.some((track) => track.participantId === participantId)
}
