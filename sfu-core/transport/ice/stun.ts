import { crc32 } from 'node:zlib'
import { readXorAddress, type StunAddress, writeXorAddress, xorAddressLengthBytes } from './stun-address.ts'
import { hasIntegrity, type StunKey, writeIntegrity } from './stun-integrity.ts'

/** STUN (RFC 8489) as far as ICE (RFC 8445) needs it: binding requests and their answers over UDP. */

export const STUN_HEADER_BYTES = 20
export const TRANSACTION_ID_BYTES = 12
const MAGIC_COOKIE = 0x2112a442
const FINGERPRINT_XOR = 0x5354554e
const INTEGRITY_BYTES = 20
/** With their headers of 4 bytes. */
const INTEGRITY_ATTRIBUTE_BYTES = 24
const FINGERPRINT_ATTRIBUTE_BYTES = 8
/** Browsers' checks are about 120 bytes; a user name may have 513 (RFC 8489 §14.3). Nothing longer is read. */
const STUN_MAX_BYTES = 1_280

export const STUN_BINDING_REQUEST = 0x0001
export const STUN_BINDING_SUCCESS = 0x0101
export const STUN_BINDING_ERROR = 0x0111

const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
} as const

/** RFC 8445 §5.1.2.1: type preference of peer-reflexive candidates, which is what our checks may discover. */
const CHECK_PRIORITY = ((110 << 24) | (65535 << 8) | 255) >>> 0

/** What a datagram says. Offsets where a value would be an object: most messages are checks that only need comparing. */
export class StunMessage {
  readonly datagram: Buffer
  readonly type: number
  usernameAt = 0
  /** -1: without a user name. */
  usernameBytes = -1
  useCandidate = false
  iceControlled = false
  mappedAddress: StunAddress | null = null
  /** Offset of MESSAGE-INTEGRITY in `datagram`, null without one. */
  integrityOffset: number | null = null

  constructor(datagram: Buffer) {
    this.datagram = datagram
    this.type = datagram.readUInt16BE(0)
  }

  /** 12 bytes; a view of the datagram. */
  get transactionId(): Buffer {
    return this.datagram.subarray(8, STUN_HEADER_BYTES)
  }

  get username(): string | null {
    const { usernameAt: at, usernameBytes } = this
    return usernameBytes < 0 ? null : this.datagram.toString('utf8', at, at + usernameBytes)
  }

  hasUsername(expected: Uint8Array): boolean {
    if (this.usernameBytes !== expected.length) return false
    for (let i = 0; i < expected.length; i++) {
      if (this.datagram[this.usernameAt + i] !== expected[i]) return false
    }
    return true
  }
}

/** RFC 7983 §7: the first byte tells STUN (0 to 3) from DTLS and SRTP. */
export function isStun(datagram: Buffer): boolean {
  return datagram.length >= STUN_HEADER_BYTES && (datagram[0] ?? 255) <= 3 && datagram.readUInt32BE(4) === MAGIC_COOKIE
}

/** Null for anything that is not a well-formed STUN message. A FINGERPRINT must be right if it is there. */
export function parseStun(datagram: Buffer): StunMessage | null {
  const { length } = datagram
  if (!isStun(datagram) || length > STUN_MAX_BYTES || length % 4 !== 0) return null
  if (datagram.readUInt16BE(2) !== length - STUN_HEADER_BYTES) return null
  const message = new StunMessage(datagram)
  let offset = STUN_HEADER_BYTES
  while (offset + 4 <= length) {
    const valueBytes = datagram.readUInt16BE(offset + 2)
    if (offset + 4 + valueBytes > length) return null
    if (!takeAttribute(message, offset, valueBytes)) return null
    offset += 4 + padded(valueBytes)
  }
  return message
}

function takeAttribute(message: StunMessage, offset: number, length: number): boolean {
  const { datagram } = message
  const type = datagram.readUInt16BE(offset)
  if (type === ATTRIBUTE.fingerprint) return fingerprintMatches(datagram, offset, length)
  // RFC 8489 §14.5: what follows MESSAGE-INTEGRITY is not covered by it, and is ignored.
  if (message.integrityOffset !== null) return true
  switch (type) {
    case ATTRIBUTE.username:
      message.usernameAt = offset + 4
      message.usernameBytes = length
      return true
    case ATTRIBUTE.messageIntegrity:
      message.integrityOffset = offset
      return length === INTEGRITY_BYTES
    case ATTRIBUTE.useCandidate:
      message.useCandidate = true
      return true
    case ATTRIBUTE.iceControlled:
      message.iceControlled = true
      return true
    case ATTRIBUTE.xorMappedAddress:
      message.mappedAddress = readXorAddress(datagram, offset + 4, length)
      return true
    default:
      return true
  }
}

function fingerprintMatches(datagram: Buffer, offset: number, length: number): boolean {
  if (length !== 4 || offset + FINGERPRINT_ATTRIBUTE_BYTES !== datagram.length) return false
  return datagram.readUInt32BE(offset + 4) === (crc32(datagram.subarray(0, offset)) ^ FINGERPRINT_XOR) >>> 0
}

/** RFC 8489 §14.5. False for a message without the attribute. */
export function integrityMatches({ integrityOffset, datagram }: StunMessage, key: StunKey): boolean {
  return integrityOffset !== null && hasIntegrity(datagram, integrityOffset, key)
}

interface StunReply {
  /** 12 bytes of the request. */
  transactionId: Buffer
  key: StunKey
}

export function bindingSuccess(reply: StunReply, from: StunAddress): Buffer {
  const open = begin(STUN_BINDING_SUCCESS, reply.transactionId, 4 + xorAddressLengthBytes(from))
  attributeHeader(open, STUN_HEADER_BYTES, { type: ATTRIBUTE.xorMappedAddress, length: xorAddressLengthBytes(from) })
  writeXorAddress(open, STUN_HEADER_BYTES + 4, from)
  return seal(open, reply.key)
}

/** RFC 8489 §6.3.1: the answer of a STUN server to somebody without credentials. */
export function plainBindingSuccess(transactionId: Buffer, from: StunAddress): Buffer {
  const length = xorAddressLengthBytes(from)
  const message = begin(STUN_BINDING_SUCCESS, transactionId, 4 + length).subarray(0, STUN_HEADER_BYTES + 4 + length)
  attributeHeader(message, STUN_HEADER_BYTES, { type: ATTRIBUTE.xorMappedAddress, length })
  writeXorAddress(message, STUN_HEADER_BYTES + 4, from)
  message.writeUInt16BE(message.length - STUN_HEADER_BYTES, 2)
  return message
}

export function bindingError(reply: StunReply, code: number, reason: string): Buffer {
  const length = 4 + reason.length
  const open = begin(STUN_BINDING_ERROR, reply.transactionId, 4 + padded(length))
  const at = attributeHeader(open, STUN_HEADER_BYTES, { type: ATTRIBUTE.errorCode, length })
  open.writeUInt32BE((Math.floor(code / 100) << 8) | (code % 100), at)
  open.write(reason, at + 4, 'latin1')
  return seal(open, reply.key)
}

export interface CheckRequest extends StunReply {
  /** Theirs, a colon, ours. */
  username: Uint8Array
  /** 8 bytes. */
  tieBreaker: Buffer
}

/** A connectivity check (RFC 8445 §7.2.2) or consent request (RFC 7675 §5.1) of a controlled agent: it never nominates. */
export function checkRequest(request: CheckRequest): Buffer {
  const { username, tieBreaker } = request
  const open = begin(STUN_BINDING_REQUEST, request.transactionId, 4 + padded(username.length) + 8 + 12)
  const name = attributeHeader(open, STUN_HEADER_BYTES, { type: ATTRIBUTE.username, length: username.length })
  open.set(username, name)
  const priority = attributeHeader(open, name + padded(username.length), { type: ATTRIBUTE.priority, length: 4 })
  open.writeUInt32BE(CHECK_PRIORITY, priority)
  const role = attributeHeader(open, priority + 4, { type: ATTRIBUTE.iceControlled, length: 8 })
  tieBreaker.copy(open, role, 0, 8)
  return seal(open, request.key)
}

/** What a STUN server is asked: our address as it sees it. */
export function plainBindingRequest(transactionId: Buffer): Buffer {
  const message = begin(STUN_BINDING_REQUEST, transactionId, 0).subarray(0, STUN_HEADER_BYTES)
  message.writeUInt16BE(0, 2)
  return message
}

/** A message with room for `attributeBytes`, MESSAGE-INTEGRITY and FINGERPRINT. */
function begin(type: number, transactionId: Buffer, attributeBytes: number): Buffer {
  const trailer = INTEGRITY_ATTRIBUTE_BYTES + FINGERPRINT_ATTRIBUTE_BYTES
  // From Node's pool, which is ten times as quick: every byte is written, padding by `attributeHeader`.
  const message = Buffer.allocUnsafe(STUN_HEADER_BYTES + attributeBytes + trailer)
  message.writeUInt16BE(type, 0)
  message.writeUInt32BE(MAGIC_COOKIE, 4)
  transactionId.copy(message, 8, 0, TRANSACTION_ID_BYTES)
  return message
}

/** Zeros the last four bytes of the value, which may be padding. @returns where the value goes. */
function attributeHeader(message: Buffer, offset: number, header: { type: number; length: number }): number {
  message.writeUInt16BE(header.type, offset)
  message.writeUInt16BE(header.length, offset + 2)
  if (header.length > 0) message.writeUInt32BE(0, offset + padded(header.length))
  return offset + 4
}

function seal(message: Buffer, key: StunKey): Buffer {
  const fingerprintAt = message.length - FINGERPRINT_ATTRIBUTE_BYTES
  const integrityAt = fingerprintAt - INTEGRITY_ATTRIBUTE_BYTES
  attributeHeader(message, integrityAt, { type: ATTRIBUTE.messageIntegrity, length: INTEGRITY_BYTES })
  writeIntegrity(message, integrityAt, key)
  message.writeUInt16BE(message.length - STUN_HEADER_BYTES, 2)
  attributeHeader(message, fingerprintAt, { type: ATTRIBUTE.fingerprint, length: 4 })
  message.writeUInt32BE((crc32(message.subarray(0, fingerprintAt)) ^ FINGERPRINT_XOR) >>> 0, fingerprintAt + 4)
  return message
}

/** RFC 8489 §14: values are padded to four bytes. */
function padded(length: number): number {
  return (length + 3) & ~3
}
