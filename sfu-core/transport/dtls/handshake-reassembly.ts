import {
  type HandshakeFragment,
  type HandshakeMessage,
  MESSAGE_HEADER_BYTES,
  messageHeader,
} from './handshake-messages.ts'

/** A ClientHello with post-quantum key shares is below 3 kB; browsers' certificates are below 1 kB. */
const MAX_MESSAGE_BYTES = 16 * 1024
/** Of all messages that are not complete or not yet their turn. */
const MAX_PENDING_BYTES = 24 * 1024
/** A client's last flight has four messages. */
const MAX_MESSAGES_AHEAD = 4

interface PendingMessage {
  type: number
  bytes: Buffer
  /** 1 for each byte of the body that has come. */
  arrived: Uint8Array
  missingBytes: number
}

/** Makes whole messages, in order, of fragments that come in any order, twice, or overlapping (RFC 6347 §4.2.3). */
export class HandshakeReassembly {
  readonly #pending = new Map<number, PendingMessage>()
  #nextSequence = 0
  #pendingBytes = 0

  /** The message_seq of the message that `take` gives next. */
  get nextSequence(): number {
    return this.#nextSequence
  }

  add(fragment: HandshakeFragment): void {
    const { sequence, offset, bytes } = fragment
    if (sequence < this.#nextSequence || sequence >= this.#nextSequence + MAX_MESSAGES_AHEAD) return
    const message = this.#pending.get(sequence) ?? this.#begin(fragment)
    if (!message || message.type !== fragment.type || message.arrived.length !== fragment.length) return
    for (let i = offset; i < offset + bytes.length; i++) {
      message.missingBytes -= 1 - (message.arrived[i] ?? 0)
      message.arrived[i] = 1
    }
    bytes.copy(message.bytes, MESSAGE_HEADER_BYTES + offset)
  }

  #begin({ type, length, sequence }: HandshakeFragment): PendingMessage | null {
    if (length > MAX_MESSAGE_BYTES || this.#pendingBytes + length > MAX_PENDING_BYTES) return null
    const bytes = Buffer.alloc(MESSAGE_HEADER_BYTES + length)
    messageHeader(type, length, sequence).copy(bytes)
    const message = { type, bytes, arrived: new Uint8Array(length), missingBytes: length }
    this.#pending.set(sequence, message)
    this.#pendingBytes += length
    return message
  }

  /** The next message, once it is complete. */
  take(): HandshakeMessage | null {
    const sequence = this.#nextSequence
    const message = this.#pending.get(sequence)
    if (!message || message.missingBytes > 0) return null
    this.#pending.delete(sequence)
    this.#pendingBytes -= message.arrived.length
    this.#nextSequence += 1
    return { type: message.type, sequence, body: message.bytes.subarray(MESSAGE_HEADER_BYTES), bytes: message.bytes }
  }
}
