import type { Person, RoomView } from '../contract/views.ts'
import type { LiveRoom } from './live-room.ts'
import type { RoomRecord } from './room-record.ts'

/** A room as that person may see it. `live`: null unless it is live. */
export function viewOf(record: RoomRecord, live: LiveRoom | null, person: Person | null): RoomView {
  const mine = person !== null && person.userId === record.hostId
  return {
    roomId: record.roomId,
    title: record.title,
    description: record.description,
    visibility: record.visibility,
    hosting: record.hosting,
    recordingsKept: record.recordingsKept,
    status: record.status,
    hostName: record.hostName,
    mine,
    createdAtMs: record.createdAtMs,
    liveSinceMs: record.liveSinceMs,
    endedAtMs: record.endedAtMs,
    onStageCount: live?.counts.onStage ?? 0,
    listenerCount: live?.counts.listeners ?? 0,
    audiencePacketMs: record.audiencePacketMs,
    recording: live !== null && live.state.recording !== null,
    nodeUp: live?.nodeUp ?? true,
    stunServers: live?.stunServers ?? [],
    nodeId: mine ? (live?.nodeId ?? null) : null,
    inviteCode: mine && record.visibility === 'private' ? record.inviteCode : null,
  }
}
