import type { Random } from '../../test/random.ts'
import { sealRtcpPlainly, sealRtpPlainly } from './plain-seal.ts'
import { SRTP_PROFILE, type SrtpKeys, type SrtpProfile, srtpSaltBytes } from './profile.ts'
import type { RtpBody } from './sealer.ts'
import { deriveSessionKeys } from './session-keys.ts'

export const PROFILES = [
  ['AEAD_AES_128_GCM', SRTP_PROFILE.aeadAes128Gcm],
  ['AES_CM_128_HMAC_SHA1_80', SRTP_PROFILE.aesCm128HmacSha1With80],
] as const

export function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(/\s/g, ''), 'hex')
}

export function bytesOf(random: Random, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; at++) bytes[at] = random.int(256)
  return bytes
}

export function keysOf(random: Random, profile: SrtpProfile): SrtpKeys {
  return { masterKey: bytesOf(random, 16), masterSalt: bytesOf(random, srtpSaltBytes(profile)) }
}

export function bodyOf(random: Random, payloadBytes: number): RtpBody {
  return {
    timestamp: random.int(2 ** 32),
    marker: random.chance(20),
    csrc: random.int(2 ** 32),
    red: random.chance(20),
    payload: bytesOf(random, payloadBytes),
  }
}

/** Both ways at once, for werift's sessions. */
export function weriftConfig(profile: SrtpProfile, keys: SrtpKeys) {
  return {
    profile,
    keys: {
      localMasterKey: keys.masterKey,
      localMasterSalt: keys.masterSalt,
      remoteMasterKey: keys.masterKey,
      remoteMasterSalt: keys.masterSalt,
    },
  }
}

/** A header of the fixed 12 bytes, and CSRCs. */
export function headerOf(fields: {
  payloadType: number
  marker: boolean
  index: number
  timestamp: number
  ssrc: number
  csrcs: readonly number[]
}): Buffer {
  const header = Buffer.alloc(12 + 4 * fields.csrcs.length)
  header.writeUInt8(0x80 | fields.csrcs.length, 0)
  header.writeUInt8((fields.marker ? 0x80 : 0) | fields.payloadType, 1)
  header.writeUInt16BE(fields.index % 65_536, 2)
  header.writeUInt32BE(fields.timestamp, 4)
  header.writeUInt32BE(fields.ssrc, 8)
  for (const [i, csrc] of fields.csrcs.entries()) header.writeUInt32BE(csrc, 12 + 4 * i)
  return header
}

/** A sender as a browser is one, by node:crypto: seals at any index, in any order. */
export function plainSender(profile: SrtpProfile, keys: SrtpKeys, ssrc: number) {
  const session = deriveSessionKeys(keys)
  return {
    seal(index: number, payload: Uint8Array, csrcs: readonly number[] = []): Buffer {
      const header = headerOf({ payloadType: 111, marker: false, index, timestamp: (index * 960) >>> 0, ssrc, csrcs })
      return sealRtpPlainly(profile, session.rtp, { ssrc, index, header, payload })
    },
    /** A compound report as SRTCP. */
    report: (compound: Buffer, index: number): Buffer => sealRtcpPlainly(profile, session.rtcp, compound, index),
    keys: session,
  }
}
