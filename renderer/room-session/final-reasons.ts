import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import type { FailureReason } from './ports.ts'

/** No further try can change these. */
const FINAL: ReadonlySet<FailureReason> = new Set<FailureReason>([
  'room-not-found',
  'room-not-live',
  'room-ended',
  'invite-needed',
  'name-needed',
  'sign-in-needed',
  'removed',
  'replaced',
  'left',
  'offer-malformed',
  'offer-unsupported',
  'input-invalid',
  'message-too-large',
  'not-allowed',
])

/** A full room turns a newcomer away; somebody whose seat it was keeps trying. */
const FINAL_FOR_NEWCOMERS: ReadonlySet<FailureReason> = new Set<FailureReason>(['room-full'])

/**
 * The reason to stop for good, or null to try again. Somebody who was in the room and finds it no longer
 * live is told that it ended.
 */
export function finalReason(reason: FailureReason, wasInside: boolean): ReasonCode | null {
  if (reason === 'offline') return null
  if (wasInside && reason === 'room-not-live') return 'room-ended'
  if (!wasInside && FINAL_FOR_NEWCOMERS.has(reason)) return reason
  return FINAL.has(reason) ? reason : null
}
