/**
 * Why something was refused or ended. The renderer has a sentence for each, in each language; a test
 * compares the lists.
 */
export const REASON_CODES = [
  // entering
  'room-not-found',
  'room-not-live',
  'room-full',
  'invite-needed',
  'name-needed',
  'removed',
  'too-many-requests',
  // tokens
  'token-malformed',
  'token-expired',
  'token-altered',
  'token-wrong-room',
  'token-wrong-node',
  'token-wrong-audience',
  'seat-unknown',
  // media
  'offer-malformed',
  'offer-unsupported',
  'media-failed',
  // acting
  'not-allowed',
  'not-on-stage',
  'not-in-room',
  'stage-full',
  'consent-needed',
  'nothing-to-do',
  // recording
  'disk-full',
  'recording-failed',
  'no-take',
  'chunk-damaged',
  'chunk-conflict',
  'quota-exceeded',
  'edits-changed',
  'render-failed',
  'take-not-ready',
  'kept-by-host',
  'sound-unusable',
  'server-disk-full',
  // nodes and rooms
  'node-gone',
  'node-busy',
  'node-unknown',
  'no-relay',
  'timed-out',
  'replaced',
  'left',
  'room-ended',
  'sign-in-needed',
  'input-invalid',
  'message-too-large',
  'server-error',
] as const

export type ReasonCode = (typeof REASON_CODES)[number]

export function isReasonCode(value: unknown): value is ReasonCode {
  return typeof value === 'string' && (REASON_CODES as readonly string[]).includes(value)
}

/** An expected no. Carries a code for the program and a sentence in English for logs. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: ReasonCode

  constructor(code: ReasonCode, message: string = code) {
    super(message)
    this.code = code
  }
}
