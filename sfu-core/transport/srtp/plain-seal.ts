import { createCipheriv, createHmac } from 'node:crypto'
import { SRTP_PROFILE, type SrtpProfile, srtpTagBytes } from './profile.ts'
import type { SessionKeys } from './session-keys.ts'

/**
 * SRTP and SRTCP by node:crypto, a cipher object per packet: 3 to 6 µs each. For what is rare (reports, retransmissions,
 * payloads wider than the kernel takes), and what the kernel is compared with in tests.
 */

const RTCP_CLEAR_BYTES = 8
const ENCRYPTED_FLAG = 0x8000_0000

/** Where a packet's keystream lies: its SSRC and index, 48 bits (SRTP) or 31 (SRTCP). */
export interface PacketPlace {
  readonly ssrc: number
  readonly index: number
}

/** RFC 7714 §8.1, §9.1: two zero bytes, SSRC, 48 bits of index, XOR salt. */
export function gcmNonce(salt: Buffer, place: PacketPlace): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(place.ssrc, 2)
  nonce.writeUIntBE(place.index, 6, 6)
  return xorSalt(nonce, salt)
}

/** RFC 3711 §4.1.1: SSRC at byte 4, 48 bits of index at byte 8, XOR salt, two bytes of block counter. */
export function cmCounter(salt: Buffer, place: PacketPlace): Buffer {
  const counter = Buffer.alloc(16)
  counter.writeUInt32BE(place.ssrc, 4)
  counter.writeUIntBE(place.index, 8, 6)
  return xorSalt(counter, salt)
}

function xorSalt(bytes: Buffer, salt: Buffer): Buffer {
  const length = Math.min(bytes.length, salt.length)
  for (let at = 0; at < length; at++) bytes.writeUInt8(bytes.readUInt8(at) ^ salt.readUInt8(at), at)
  return bytes
}

function cmTag(keys: SessionKeys, ...covered: readonly Uint8Array[]): Buffer {
  const hmac = createHmac('sha1', keys.authKey)
  for (const part of covered) hmac.update(part)
  return hmac.digest().subarray(0, srtpTagBytes(SRTP_PROFILE.aesCm128HmacSha1With80))
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value, 0)
  return bytes
}

/** The SRTP packet of a whole header and a payload (RFC 3711 §3.1, RFC 7714 §8). */
export function sealRtpPlainly(
  profile: SrtpProfile,
  keys: SessionKeys,
  packet: PacketPlace & { readonly header: Uint8Array; readonly payload: Uint8Array },
): Buffer {
  const { header, payload } = packet
  if (profile === SRTP_PROFILE.aeadAes128Gcm) {
    const cipher = createCipheriv('aes-128-gcm', keys.cipherKey, gcmNonce(keys.salt, packet))
    cipher.setAAD(header)
    const body = cipher.update(payload)
    cipher.final()
    return Buffer.concat([header, body, cipher.getAuthTag()])
  }
  const cipher = createCipheriv('aes-128-ctr', keys.cipherKey, cmCounter(keys.salt, packet))
  const body = cipher.update(payload)
  const rollover = uint32(Math.floor(packet.index / 65_536))
  return Buffer.concat([header, body, cmTag(keys, header, body, rollover)])
}

/** The SRTCP packet of a compound packet of at least 8 bytes (RFC 3711 §3.4, RFC 7714 §9). */
export function sealRtcpPlainly(profile: SrtpProfile, keys: SessionKeys, compound: Buffer, index: number): Buffer {
  const clear = compound.subarray(0, RTCP_CLEAR_BYTES)
  const place = { ssrc: compound.readUInt32BE(4), index }
  const indexWord = uint32(ENCRYPTED_FLAG + index)
  if (profile === SRTP_PROFILE.aeadAes128Gcm) {
    const cipher = createCipheriv('aes-128-gcm', keys.cipherKey, gcmNonce(keys.salt, place))
    cipher.setAAD(Buffer.concat([clear, indexWord]))
    const body = cipher.update(compound.subarray(RTCP_CLEAR_BYTES))
    cipher.final()
    return Buffer.concat([clear, body, cipher.getAuthTag(), indexWord])
  }
  const cipher = createCipheriv('aes-128-ctr', keys.cipherKey, cmCounter(keys.salt, place))
  const body = cipher.update(compound.subarray(RTCP_CLEAR_BYTES))
  return Buffer.concat([clear, body, indexWord, cmTag(keys, clear, body, indexWord)])
}
