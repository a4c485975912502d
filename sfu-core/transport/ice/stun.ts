import { createHmac, timingSafeEqual } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { crc32 } from 'node:zlib'

/** STUN (RFC 8489) as far as ICE (RFC 8445) needs it: binding requests and their answers over UDP. */

const HEADER_BYTES = 20
const MAGIC_COOKIE = 0x2112a442
const FINGERPRINT_XOR = 0x5354554e
const INTEGRITY_BYTES = 20
const TRANSACTION_ID_BYTES = 12

export const STUN_BINDING_REQUEST = 0x0001
export const STUN_BINDING_SUCCESS = 0x0101
const STUN_BINDING_ERROR = 0x0111

const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
  iceControlling: 0x802a,
} as const

export interface StunMessage {
  type: number
  /** 12 bytes; a view of the datagram. */
  transactionId: Buffer
  username: string | null
  useCandidate: boolean
  iceControlled: boolean
  mappedAddress: StunAddress | null
  /** Offset of MESSAGE-INTEGRITY in `datagram`, null without one. */
  integrityOffset: number | null
  datagram: Buffer
}

interface StunAddress {
  address: string
  port: number
}

/** RFC 7983 §7: the first byte tells STUN (0 to 3) from DTLS and SRTP. */
export function isStun(datagram: Buffer): boolean {
  return datagram.length >= HEADER_BYTES && (datagram[0] ?? 255) <= 3 && datagram.readUInt32BE(4) === MAGIC_COOKIE
}

/** Null for anything that is not a well-formed STUN message. A FINGERPRINT must be right if it is there. */
export function parseStun(datagram: Buffer): StunMessage | null {
  if (!isStun(datagram) || datagram.readUInt16BE(2) !== datagram.length - HEADER_BYTES || datagram.length % 4 !== 0) {
    return null
  }
  const message: StunMessage = {
    type: datagram.readUInt16BE(0),
    transactionId: datagram.subarray(8, HEADER_BYTES),
    username: null,
    useCandidate: false,
    iceControlled: false,
    mappedAddress: null,
    integrityOffset: null,
    datagram,
  }
  let offset = HEADER_BYTES
  while (offset + 4 <= datagram.length) {
    const length = datagram.readUInt16BE(offset + 2)
    if (offset + 4 + length > datagram.length) return null
    if (!takeAttribute(message, offset, length)) return null
    offset += 4 + length + ((4 - (length % 4)) % 4)
  }
  return message
}

function takeAttribute(message: StunMessage, offset: number, length: number): boolean {
  const type = message.datagram.readUInt16BE(offset)
  const value = message.datagram.subarray(offset + 4, offset + 4 + length)
  if (type === ATTRIBUTE.fingerprint) return fingerprintMatches(message.datagram, offset, value)
  // RFC 8489 §14.5: what follows MESSAGE-INTEGRITY is not covered by it, and is ignored.
  if (message.integrityOffset !== null) return true
  switch (type) {
    case ATTRIBUTE.username:
      message.username = value.toString('utf8')
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
      message.mappedAddress = readXorAddress(value, message.transactionId)
      return true
    default:
      return true
  }
}

function fingerprintMatches(datagram: Buffer, offset: number, value: Buffer): boolean {
  if (value.length !== 4 || offset + 8 !== datagram.length) return false
  return value.readUInt32BE(0) === (crc32(datagram.subarray(0, offset)) ^ FINGERPRINT_XOR) >>> 0
}

/** RFC 8489 §14.5: HMAC-SHA1 over the message up to the attribute, its length field counting the attribute in. */
export function integrityMatches(message: StunMessage, password: string): boolean {
  const offset = message.integrityOffset
  if (offset === null) return false
  const covered = Buffer.from(message.datagram.subarray(0, offset))
  covered.writeUInt16BE(offset + 4 + INTEGRITY_BYTES - HEADER_BYTES, 2)
  const expected = createHmac('sha1', password).update(covered).digest()
  return timingSafeEqual(expected, message.datagram.subarray(offset + 4, offset + 4 + INTEGRITY_BYTES))
}

interface StunReply {
  transactionId: Buffer
  password: string
}

export function bindingSuccess(reply: StunReply, from: StunAddress): Buffer {
  const mapped = attribute(ATTRIBUTE.xorMappedAddress, xorAddress(from, reply.transactionId))
  return seal(STUN_BINDING_SUCCESS, reply, [mapped])
}

export function bindingError(reply: StunReply, code: number, reason: string): Buffer {
  const value = Buffer.concat([Buffer.from([0, 0, Math.floor(code / 100), code % 100]), Buffer.from(reason)])
  return seal(STUN_BINDING_ERROR, reply, [attribute(ATTRIBUTE.errorCode, value)])
}

/** RFC 7675: asks the peer whether it still wants to hear from us. `username` is theirs first. */
export function consentRequest(request: StunReply, username: string, tieBreaker: Buffer): Buffer {
  const priority = Buffer.alloc(4)
  // RFC 8445 §5.1.2.1, type preference of peer-reflexive candidates.
  priority.writeUInt32BE(((110 << 24) | (65535 << 8) | 255) >>> 0)
  return seal(STUN_BINDING_REQUEST, request, [
    attribute(ATTRIBUTE.username, Buffer.from(username)),
    attribute(ATTRIBUTE.priority, priority),
    attribute(ATTRIBUTE.iceControlled, tieBreaker),
  ])
}

/** What a STUN server is asked: our address as it sees it. */
export function plainBindingRequest(transactionId: Buffer): Buffer {
  return message(STUN_BINDING_REQUEST, transactionId, [])
}

function seal(type: number, reply: StunReply, attributes: Buffer[]): Buffer {
  const open = message(type, reply.transactionId, attributes)
  open.writeUInt16BE(open.length - HEADER_BYTES + 4 + INTEGRITY_BYTES, 2)
  const integrity = createHmac('sha1', reply.password).update(open).digest()
  const signed = Buffer.concat([open, attribute(ATTRIBUTE.messageIntegrity, integrity)])
  signed.writeUInt16BE(signed.length - HEADER_BYTES + 8, 2)
  const fingerprint = Buffer.alloc(4)
  fingerprint.writeUInt32BE((crc32(signed) ^ FINGERPRINT_XOR) >>> 0)
  return Buffer.concat([signed, attribute(ATTRIBUTE.fingerprint, fingerprint)])
}

function message(type: number, transactionId: Buffer, attributes: Buffer[]): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt16BE(type, 0)
  header.writeUInt32BE(MAGIC_COOKIE, 4)
  transactionId.copy(header, 8, 0, TRANSACTION_ID_BYTES)
  const whole = Buffer.concat([header, ...attributes])
  whole.writeUInt16BE(whole.length - HEADER_BYTES, 2)
  return whole
}

function attribute(type: number, value: Buffer): Buffer {
  const whole = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4)
  whole.writeUInt16BE(type, 0)
  whole.writeUInt16BE(value.length, 2)
  value.copy(whole, 4)
  return whole
}

function xorAddress(from: StunAddress, transactionId: Buffer): Buffer {
  const bytes = isIPv4(from.address) ? ipv4Bytes(from.address) : ipv6Bytes(from.address)
  const value = Buffer.alloc(4 + bytes.length)
  value[1] = bytes.length === 4 ? 1 : 2
  value.writeUInt16BE(from.port ^ (MAGIC_COOKIE >>> 16), 2)
  xorInto(value, bytes, transactionId)
  return value
}

function xorInto(value: Buffer, bytes: Buffer, transactionId: Buffer): void {
  const mask = addressMask(transactionId)
  for (let i = 0; i < bytes.length; i++) value[4 + i] = (bytes[i] ?? 0) ^ (mask[i] ?? 0)
}

function addressMask(transactionId: Buffer): Buffer {
  const mask = Buffer.alloc(16)
  mask.writeUInt32BE(MAGIC_COOKIE, 0)
  transactionId.copy(mask, 4)
  return mask
}

function readXorAddress(value: Buffer, transactionId: Buffer): StunAddress | null {
  const addressBytes = value[1] === 1 ? 4 : 16
  if (value.length !== 4 + addressBytes) return null
  const mask = addressMask(transactionId)
  const bytes = value.subarray(4).map((byte, i) => byte ^ (mask[i] ?? 0))
  return { address: addressText(Buffer.from(bytes)), port: value.readUInt16BE(2) ^ (MAGIC_COOKIE >>> 16) }
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.')
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16))
  return groups.join(':')
}

function ipv4Bytes(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number))
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail = ''] = (address.split('%')[0] ?? '').split('::')
  const left = ipv6Groups(head)
  const right = ipv6Groups(tail)
  const bytes = Buffer.alloc(16)
  left.forEach((group, i) => {
    bytes.writeUInt16BE(group, i * 2)
  })
  right.forEach((group, i) => {
    bytes.writeUInt16BE(group, 16 - (right.length - i) * 2)
  })
  return bytes
}

/** RFC 4291 §2.2: the last 32 bits may be written as IPv4. */
function ipv6Groups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!isIPv4(group)) return [Number.parseInt(group, 16)]
    const bytes = ipv4Bytes(group)
    return [bytes.readUInt16BE(0), bytes.readUInt16BE(2)]
  })
}
