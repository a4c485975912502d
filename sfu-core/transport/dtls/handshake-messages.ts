import { ByteReader, uint } from './byte-reader.ts'

/** RFC 5246 §7.4, those of a handshake with certificates on both sides. */
export const MESSAGE = {
  clientHello: 1,
  serverHello: 2,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const
export type MessageType = (typeof MESSAGE)[keyof typeof MESSAGE]

/** RFC 6347 §4.2.2: type, length, message_seq, fragment_offset, fragment_length. */
export const MESSAGE_HEADER_BYTES = 12

export interface HandshakeMessage {
  type: number
  sequence: number
  body: Buffer
  /** With its header, as if it had come in one piece: what transcripts are made of (RFC 6347 §4.2.6). */
  bytes: Buffer
}

export interface HandshakeFragment {
  type: number
  /** Of the whole message. */
  length: number
  sequence: number
  offset: number
  /** A view into the record. */
  bytes: Buffer
}

/** The fragments in a record, which may be several messages. Up to the first that is broken. */
export function readFragments(record: Buffer): HandshakeFragment[] {
  const fragments: HandshakeFragment[] = []
  const reader = new ByteReader(record)
  while (reader.remaining >= MESSAGE_HEADER_BYTES) {
    const [type, length, sequence, offset] = [reader.uint(1), reader.uint(3), reader.uint(2), reader.uint(3)]
    const fragmentLength = reader.uint(3)
    if (fragmentLength > reader.remaining || offset + fragmentLength > length) break
    fragments.push({ type, length, sequence, offset, bytes: reader.bytes(fragmentLength) })
  }
  return fragments
}

export function messageHeader(type: number, length: number, sequence: number): Buffer {
  return Buffer.concat([uint(type, 1), uint(length, 3), uint(sequence, 2), uint(0, 3), uint(length, 3)])
}

export function writeMessage(type: MessageType, sequence: number, body: Buffer): Buffer {
  return Buffer.concat([messageHeader(type, body.length, sequence), body])
}

/** A whole message as fragments with bodies of at most `maxBytes`, for a path that is narrow. */
export function fragmentMessage(message: Buffer, maxBytes: number): Buffer[] {
  const body = message.subarray(MESSAGE_HEADER_BYTES)
  const fragments: Buffer[] = []
  for (let offset = 0; offset === 0 || offset < body.length; offset += maxBytes) {
    const part = body.subarray(offset, offset + maxBytes)
    fragments.push(Buffer.concat([message.subarray(0, 6), uint(offset, 3), uint(part.length, 3), part]))
  }
  return fragments
}
