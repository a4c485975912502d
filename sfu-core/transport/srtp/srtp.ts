import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import { parseRtpHeader } from '../rtp/rtp.ts'
import { SRTP_KEY_BYTES, SRTP_PROFILE, type SrtpKeys, type SrtpProfile, srtpSaltBytes } from './profile.ts'

/**
 * SRTP and SRTCP (RFC 3711) with the two profiles that browsers offer, AEAD_AES_128_GCM (RFC 7714) and
 * AES_CM_128_HMAC_SHA1_80. werift's own loses its rollover count when more than 100 packets are missing
 * around the wrap of the sequence number, and has no replay window.
 */
export { SRTP_KEY_BYTES, SRTP_PROFILE, type SrtpKeys, type SrtpProfile, srtpSaltBytes }

const GCM_TAG_BYTES = 16
const SHA1_TAG_BYTES = 10
const SRTCP_INDEX_BYTES = 4
const RTCP_CLEAR_BYTES = 8
const ENCRYPTED_FLAG = 0x8000_0000
const REPLAY_WINDOW_PACKETS = 64
/** Sources that one link may bring: a microphone, and what replaces it. Beyond it the oldest is forgotten. */
const MAX_SOURCES = 8

interface SessionKeys {
  cipherKey: Buffer
  salt: Buffer
  authKey: Buffer
}

/** RFC 3711 §4.3.1, with a key derivation rate of zero. Labels 0 to 2 are SRTP's, 3 to 5 SRTCP's. */
function deriveKeys(keys: SrtpKeys, firstLabel: 0 | 3): SessionKeys {
  return {
    cipherKey: derive(keys, firstLabel, SRTP_KEY_BYTES),
    authKey: derive(keys, firstLabel + 1, 20),
    salt: derive(keys, firstLabel + 2, 14),
  }
}

function derive(keys: SrtpKeys, label: number, length: number): Buffer {
  const counter = Buffer.alloc(16)
  keys.masterSalt.copy(counter)
  counter[7] = (counter[7] ?? 0) ^ label
  return createCipheriv('aes-128-ctr', keys.masterKey, counter).update(Buffer.alloc(length))
}

/** RFC 7714 §8.1. */
function gcmNonce(salt: Buffer, ssrc: number, rollover: number, sequenceNumber: number): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(ssrc, 2)
  nonce.writeUInt32BE(rollover, 6)
  nonce.writeUInt16BE(sequenceNumber, 10)
  return xorSalt(nonce, salt)
}

/** RFC 3711 §4.1.1, the index as rollover count and sequence number. */
function ctrNonce(salt: Buffer, ssrc: number, rollover: number, sequenceNumber: number): Buffer {
  const nonce = Buffer.alloc(16)
  nonce.writeUInt32BE(ssrc, 4)
  nonce.writeUInt32BE(rollover, 8)
  nonce.writeUInt16BE(sequenceNumber, 12)
  return xorSalt(nonce, salt)
}

function xorSalt(nonce: Buffer, salt: Buffer): Buffer {
  const length = Math.min(nonce.length, salt.length)
  for (let i = 0; i < length; i++) nonce[i] = (nonce[i] ?? 0) ^ (salt[i] ?? 0)
  return nonce
}

function sha1Tag(keys: SessionKeys, covered: Buffer, suffix: Buffer): Buffer {
  return createHmac('sha1', keys.authKey).update(covered).update(suffix).digest().subarray(0, SHA1_TAG_BYTES)
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value >>> 0, 0)
  return bytes
}

/** The sending side of one link. The caller numbers the packets of each source without gaps. */
export class SrtpSender {
  readonly tagBytes: number
  readonly #gcm: boolean
  readonly #rtp: SessionKeys
  readonly #rtcp: SessionKeys
  #rtcpIndex = 0

  constructor(profile: SrtpProfile, keys: SrtpKeys) {
    this.#gcm = profile === SRTP_PROFILE.aeadAes128Gcm
    this.tagBytes = this.#gcm ? GCM_TAG_BYTES : SHA1_TAG_BYTES
    this.#rtp = deriveKeys(keys, 0)
    this.#rtcp = deriveKeys(keys, 3)
  }

  /** `packet` has the header written, and room for payload and tag behind it: both are filled in. */
  protectRtp(packet: Buffer, headerBytes: number, payload: Uint8Array, rollover: number): void {
    const header = packet.subarray(0, headerBytes)
    const ssrc = packet.readUInt32BE(8)
    const sequenceNumber = packet.readUInt16BE(2)
    if (this.#gcm) {
      const nonce = gcmNonce(this.#rtp.salt, ssrc, rollover, sequenceNumber)
      const cipher = createCipheriv('aes-128-gcm', this.#rtp.cipherKey, nonce)
      cipher.setAAD(header)
      cipher.update(payload).copy(packet, headerBytes)
      cipher.final()
      cipher.getAuthTag().copy(packet, headerBytes + payload.length)
      return
    }
    const nonce = ctrNonce(this.#rtp.salt, ssrc, rollover, sequenceNumber)
    createCipheriv('aes-128-ctr', this.#rtp.cipherKey, nonce).update(payload).copy(packet, headerBytes)
    const end = headerBytes + payload.length
    sha1Tag(this.#rtp, packet.subarray(0, end), uint32(rollover)).copy(packet, end)
  }

  /** Takes a compound RTCP packet, gives the SRTCP packet (RFC 3711 §3.4, RFC 7714 §9). */
  protectRtcp(packet: Buffer): Buffer {
    this.#rtcpIndex = (this.#rtcpIndex + 1) & 0x7fff_ffff
    const clear = packet.subarray(0, RTCP_CLEAR_BYTES)
    const ssrc = packet.readUInt32BE(4)
    const index = uint32((ENCRYPTED_FLAG | this.#rtcpIndex) >>> 0)
    const [high, low] = [this.#rtcpIndex >>> 16, this.#rtcpIndex & 0xffff]
    if (this.#gcm) {
      const nonce = gcmNonce(this.#rtcp.salt, ssrc, high, low)
      const cipher = createCipheriv('aes-128-gcm', this.#rtcp.cipherKey, nonce)
      cipher.setAAD(Buffer.concat([clear, index]))
      const body = cipher.update(packet.subarray(RTCP_CLEAR_BYTES))
      cipher.final()
      return Buffer.concat([clear, body, cipher.getAuthTag(), index])
    }
    const nonce = ctrNonce(this.#rtcp.salt, ssrc, high, low)
    const body = createCipheriv('aes-128-ctr', this.#rtcp.cipherKey, nonce).update(packet.subarray(RTCP_CLEAR_BYTES))
    const covered = Buffer.concat([clear, body, index])
    return Buffer.concat([covered, sha1Tag(this.#rtcp, covered, Buffer.alloc(0))])
  }
}

interface SourceState {
  /** Highest 48-bit packet index that was authenticated. */
  highestIndex: number
  /** Bit i: index `highestIndex - i` was received (RFC 3711 §3.3.2). */
  window: bigint
}

/** The receiving side of one link. */
export class SrtpReceiver {
  readonly #gcm: boolean
  readonly #rtp: SessionKeys
  readonly #rtcp: SessionKeys
  readonly #sources = new Map<number, SourceState>()

  constructor(profile: SrtpProfile, keys: SrtpKeys) {
    this.#gcm = profile === SRTP_PROFILE.aeadAes128Gcm
    this.#rtp = deriveKeys(keys, 0)
    this.#rtcp = deriveKeys(keys, 3)
  }

  /** The RTP packet, its header as it came; null for a forged, replayed or broken one. */
  unprotectRtp(packet: Buffer): Buffer | null {
    const header = parseRtpHeader(packet)
    const tagBytes = this.#gcm ? GCM_TAG_BYTES : SHA1_TAG_BYTES
    if (!header || packet.length < header.headerBytes + tagBytes) return null
    const source = this.#sources.get(header.ssrc)
    const index = source ? estimateIndex(source.highestIndex, header.sequenceNumber) : header.sequenceNumber
    if (source && wasReceived(source, index)) return null
    const place = { ssrc: header.ssrc, rollover: Math.floor(index / 65536), sequenceNumber: header.sequenceNumber }
    const opened = this.#openRtp(packet, header.headerBytes, place)
    if (opened) this.#remember(header.ssrc, index)
    return opened
  }

  #openRtp(packet: Buffer, headerBytes: number, place: PacketPlace): Buffer | null {
    return this.#gcm ? this.#openGcm(packet, headerBytes, place) : this.#openCm(packet, headerBytes, place)
  }

  #openGcm(packet: Buffer, headerBytes: number, place: PacketPlace): Buffer | null {
    const end = packet.length - GCM_TAG_BYTES
    const nonce = gcmNonce(this.#rtp.salt, place.ssrc, place.rollover, place.sequenceNumber)
    const header = packet.subarray(0, headerBytes)
    const body = openGcm(this.#rtp.cipherKey, nonce, {
      covered: header,
      body: packet.subarray(headerBytes, end),
      tag: packet.subarray(end),
    })
    return body ? Buffer.concat([header, body]) : null
  }

  #openCm(packet: Buffer, headerBytes: number, place: PacketPlace): Buffer | null {
    const end = packet.length - SHA1_TAG_BYTES
    const expected = sha1Tag(this.#rtp, packet.subarray(0, end), uint32(place.rollover))
    if (!timingSafeEqual(expected, packet.subarray(end))) return null
    const nonce = ctrNonce(this.#rtp.salt, place.ssrc, place.rollover, place.sequenceNumber)
    const body = createCipheriv('aes-128-ctr', this.#rtp.cipherKey, nonce).update(packet.subarray(headerBytes, end))
    return Buffer.concat([packet.subarray(0, headerBytes), body])
  }

  #remember(ssrc: number, index: number): void {
    const source = this.#sources.get(ssrc)
    if (source) {
      markReceived(source, index)
      return
    }
    if (this.#sources.size >= MAX_SOURCES) {
      const oldest = this.#sources.keys().next().value
      if (oldest !== undefined) this.#sources.delete(oldest)
    }
    this.#sources.set(ssrc, { highestIndex: index, window: 1n })
  }

  /** The compound RTCP packet; null for a forged or broken one. */
  unprotectRtcp(packet: Buffer): Buffer | null {
    const tagBytes = this.#gcm ? GCM_TAG_BYTES : SHA1_TAG_BYTES
    if (packet.length < RTCP_CLEAR_BYTES + tagBytes + SRTCP_INDEX_BYTES) return null
    return this.#gcm ? this.#openRtcpGcm(packet) : this.#openRtcpCm(packet)
  }

  #openRtcpGcm(packet: Buffer): Buffer | null {
    const indexStart = packet.length - SRTCP_INDEX_BYTES
    const tagStart = indexStart - GCM_TAG_BYTES
    const word = packet.readUInt32BE(indexStart)
    if (word < ENCRYPTED_FLAG) return null
    const index = word & 0x7fff_ffff
    const nonce = gcmNonce(this.#rtcp.salt, packet.readUInt32BE(4), index >>> 16, index & 0xffff)
    const clear = packet.subarray(0, RTCP_CLEAR_BYTES)
    const body = openGcm(this.#rtcp.cipherKey, nonce, {
      covered: Buffer.concat([clear, packet.subarray(indexStart)]),
      body: packet.subarray(RTCP_CLEAR_BYTES, tagStart),
      tag: packet.subarray(tagStart, indexStart),
    })
    return body ? Buffer.concat([clear, body]) : null
  }

  #openRtcpCm(packet: Buffer): Buffer | null {
    const tagStart = packet.length - SHA1_TAG_BYTES
    const indexStart = tagStart - SRTCP_INDEX_BYTES
    const expected = sha1Tag(this.#rtcp, packet.subarray(0, tagStart), Buffer.alloc(0))
    const word = packet.readUInt32BE(indexStart)
    if (!timingSafeEqual(expected, packet.subarray(tagStart)) || word < ENCRYPTED_FLAG) return null
    const index = word & 0x7fff_ffff
    const nonce = ctrNonce(this.#rtcp.salt, packet.readUInt32BE(4), index >>> 16, index & 0xffff)
    const cipher = createCipheriv('aes-128-ctr', this.#rtcp.cipherKey, nonce)
    const body = cipher.update(packet.subarray(RTCP_CLEAR_BYTES, indexStart))
    return Buffer.concat([packet.subarray(0, RTCP_CLEAR_BYTES), body])
  }
}

interface PacketPlace {
  ssrc: number
  rollover: number
  sequenceNumber: number
}

function openGcm(key: Buffer, nonce: Buffer, sealed: { covered: Buffer; body: Buffer; tag: Buffer }): Buffer | null {
  const decipher = createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: GCM_TAG_BYTES })
  decipher.setAAD(sealed.covered)
  decipher.setAuthTag(sealed.tag)
  const body = decipher.update(sealed.body)
  try {
    decipher.final()
    return body
  } catch {
    return null
  }
}

/** RFC 3711 §3.3.1: the index nearest to the highest one seen. */
function estimateIndex(highestIndex: number, sequenceNumber: number): number {
  const base = highestIndex - (highestIndex % 65536) + sequenceNumber
  if (base - highestIndex > 32768 && base >= 65536) return base - 65536
  if (highestIndex - base > 32768) return base + 65536
  return base
}

function wasReceived(source: SourceState, index: number): boolean {
  const behind = source.highestIndex - index
  if (behind < 0) return false
  return behind >= REPLAY_WINDOW_PACKETS || ((source.window >> BigInt(behind)) & 1n) === 1n
}

function markReceived(source: SourceState, index: number): void {
  const ahead = index - source.highestIndex
  if (ahead <= 0) {
    source.window |= 1n << BigInt(-ahead)
    return
  }
  const shifted = ahead >= REPLAY_WINDOW_PACKETS ? 0n : source.window << BigInt(ahead)
  source.window = BigInt.asUintN(REPLAY_WINDOW_PACKETS, shifted | 1n)
  source.highestIndex = index
}
