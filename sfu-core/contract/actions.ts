import * as z from 'zod'
import { audiencePacketMsSchema } from './audience-packet.ts'
import { participantIdSchema } from './ids.ts'

/** What a person in a room may ask for. The node decides (SPEC.md has the rules, numbered). */
export const roomActionSchema = z.discriminatedUnion('type', [
  /** `recordingConsent`: asked with the hand, so that the host's yes puts them on stage at once. */
  z.object({ type: z.literal('raise-hand'), recordingConsent: z.boolean().default(false) }),
  z.object({ type: z.literal('lower-hand') }),
  /** One's own microphone. */
  z.object({ type: z.literal('set-muted'), muted: z.boolean() }),
  /** Answer to `invitedToStage`. */
  z.object({ type: z.literal('accept-stage'), recordingConsent: z.boolean().default(false) }),
  z.object({ type: z.literal('decline-stage') }),
  z.object({ type: z.literal('leave-stage') }),
  /** Answer to a recording that starts while one is on stage. No moves the person to the audience. */
  z.object({ type: z.literal('answer-recording'), agree: z.boolean() }),
  z.object({ type: z.literal('leave') }),
  // by hosts and co-hosts
  z.object({ type: z.literal('bring-on-stage'), participantId: participantIdSchema }),
  z.object({ type: z.literal('move-to-audience'), participantId: participantIdSchema }),
  z.object({ type: z.literal('mute'), participantId: participantIdSchema }),
  z.object({ type: z.literal('dismiss-hand'), participantId: participantIdSchema }),
  z.object({ type: z.literal('remove'), participantId: participantIdSchema }),
  z.object({ type: z.literal('start-recording') }),
  z.object({ type: z.literal('stop-recording') }),
  /** How much sound a packet to the audience holds: long ones reach more people by the same line, short ones sooner. */
  z.object({ type: z.literal('set-audience-packet'), audiencePacketMs: audiencePacketMsSchema }),
])
export type RoomAction = z.infer<typeof roomActionSchema>
export type RoomActionType = RoomAction['type']
