import { uint } from './byte-reader.ts'

/** RFC 5246 §7.2, those that we say. */
export const ALERT = {
  closeNotify: 0,
  unexpectedMessage: 10,
  handshakeFailure: 40,
  badCertificate: 42,
  illegalParameter: 47,
  decodeError: 50,
  decryptError: 51,
  protocolVersion: 70,
} as const
export type AlertDescription = (typeof ALERT)[keyof typeof ALERT]

const [LEVEL_WARNING, LEVEL_FATAL] = [1, 2]

/** The body of an alert record. Everything but close_notify is fatal. */
export function writeAlert(description: AlertDescription): Buffer {
  const level = description === ALERT.closeNotify ? LEVEL_WARNING : LEVEL_FATAL
  return Buffer.concat([uint(level, 1), uint(description, 1)])
}

/** What a peer's alert means for its session: null for a warning that changes nothing, or for nonsense. */
export function readAlert(body: Buffer): { description: number; ends: boolean } | null {
  const [level, description] = body
  if (body.length !== 2 || level === undefined || description === undefined) return null
  return { description, ends: level === LEVEL_FATAL || description === ALERT.closeNotify }
}

/** A handshake that can't go on: the peer is told by the alert, our side by the message. */
export class HandshakeFailure extends Error {
  readonly alert: AlertDescription

  constructor(alert: AlertDescription, message: string) {
    super(message)
    this.name = 'HandshakeFailure'
    this.alert = alert
  }
}
