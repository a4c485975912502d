import type { AudiencePacketMs } from '../../contract/media.ts'
import { NOTHING_CHANGES, type Outcome, type RoomView } from './room-view.ts'

/** SPEC.md R90. */
export function setAudiencePacket(room: RoomView, audiencePacketMs: AudiencePacketMs): Outcome {
  if (room.audiencePacketMs === audiencePacketMs) return NOTHING_CHANGES
  return { events: [{ type: 'audience-packet', audiencePacketMs }] }
}
