import type { RoomAction, RoomActionType } from '../../contract/actions.ts'
import type { ParticipantId } from '../../contract/ids.ts'
import type { Participant, Recording } from '../../contract/state.ts'
import { giveUpSeat } from './entry.ts'
import { lowerHand, raiseHand } from './hands.ts'
import { mute, setMuted } from './mute.ts'
import { answerRecording, startRecording, stopRecording } from './recording.ts'
import { type Decision, type RoomView, refuse } from './room-view.ts'
import { setAudiencePacket } from './sound.ts'
import { acceptStage, bringOnStage, declineStage, leaveStage, moveToAudience } from './stage.ts'

export interface ActionRequest {
  actorId: ParticipantId
  action: RoomAction
  nowMs: number
  /** The take that `start-recording` would begin. */
  take: Recording
}

/** Who may ask for what (R10). `hosts`: host and co-hosts. */
const WHO_MAY: Record<RoomActionType, 'everybody' | 'hosts'> = {
  'raise-hand': 'everybody',
  'lower-hand': 'everybody',
  'set-muted': 'everybody',
  'accept-stage': 'everybody',
  'decline-stage': 'everybody',
  'leave-stage': 'everybody',
  'answer-recording': 'everybody',
  leave: 'everybody',
  'bring-on-stage': 'hosts',
  'move-to-audience': 'hosts',
  mute: 'hosts',
  'dismiss-hand': 'hosts',
  remove: 'hosts',
  'start-recording': 'hosts',
  'stop-recording': 'hosts',
  'set-audience-packet': 'hosts',
}

/**
 * What follows from a person's action: the events, or why not. Pure. Rules: SPEC.md.
 * Refusals come back as values; nothing is thrown.
 */
export function decide(room: RoomView, request: ActionRequest): Decision {
  const actor = room.participants.get(request.actorId)
  if (!actor) return refuse('not-in-room', 'you have no seat in this room')
  const { action } = request
  if (WHO_MAY[action.type] === 'hosts' && actor.rank === 'member') return refuse('not-allowed', 'only hosts may')
  if ('participantId' in action) return decideAbout(room, actor, action)
  return decideForOneself(room, actor, { ...request, action })
}

type ActionAboutSomebody = Extract<RoomAction, { participantId: ParticipantId }>
type OtherAction = Exclude<RoomAction, ActionAboutSomebody>

function decideAbout(room: RoomView, actor: Participant, action: ActionAboutSomebody): Decision {
  const target = room.participants.get(action.participantId)
  if (!target) return refuse('not-in-room', 'they have no seat in this room')
  switch (action.type) {
    case 'bring-on-stage':
      return bringOnStage(room, actor, target)
    case 'move-to-audience':
      return moveToAudience(actor, target)
    case 'mute':
      return mute(actor, target)
    case 'dismiss-hand':
      return lowerHand(target)
    case 'remove':
      return remove(room, actor, target)
  }
}

function decideForOneself(
  room: RoomView,
  actor: Participant,
  request: Omit<ActionRequest, 'action'> & { action: OtherAction },
): Decision {
  const { action } = request
  switch (action.type) {
    case 'raise-hand':
      return raiseHand(room, actor, { atMs: request.nowMs, consent: action.recordingConsent })
    case 'lower-hand':
      return lowerHand(actor)
    case 'set-muted':
      return setMuted(actor, action.muted)
    case 'accept-stage':
      return acceptStage(room, actor, action.recordingConsent)
    case 'decline-stage':
      return declineStage(actor)
    case 'leave-stage':
      return leaveStage(actor)
    case 'answer-recording':
      return answerRecording(room, actor, action.agree)
    case 'leave':
      return giveUpSeat(room, actor.id, 'left')
    case 'start-recording':
      return startRecording(room, actor, request.take)
    case 'stop-recording':
      return stopRecording(room)
    case 'set-audience-packet':
      return setAudiencePacket(room, action.audiencePacketMs)
  }
}

/** R102, R103 */
function remove(room: RoomView, actor: Participant, target: Participant): Decision {
  if (target.rank === 'host') return refuse('not-allowed', 'the host cannot be removed')
  if (target.id === actor.id) return refuse('not-allowed', 'leave instead')
  return giveUpSeat(room, target.id, 'removed')
}
