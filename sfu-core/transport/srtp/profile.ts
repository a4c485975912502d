/** SRTP protection profiles (RFC 5764 §4.1.2, RFC 7714 §14.2): the two that browsers offer. */
export const SRTP_PROFILE = { aesCm128HmacSha1With80: 0x0001, aeadAes128Gcm: 0x0007 } as const
export type SrtpProfile = (typeof SRTP_PROFILE)[keyof typeof SRTP_PROFILE]

export const SRTP_KEY_BYTES = 16

export function srtpSaltBytes(profile: SrtpProfile): number {
  return profile === SRTP_PROFILE.aeadAes128Gcm ? 12 : 14
}

/** Bytes that protection adds to an RTP packet. */
export function srtpTagBytes(profile: SrtpProfile): number {
  return profile === SRTP_PROFILE.aeadAes128Gcm ? 16 : 10
}

/** One direction's master key and salt, from the DTLS handshake (RFC 5764 §4.2). */
export interface SrtpKeys {
  masterKey: Buffer
  masterSalt: Buffer
}

/** Packets that one master key may protect (RFC 3711 §9.2). */
export const MAX_SRTP_PACKETS = 2 ** 48
export const MAX_SRTCP_PACKETS = 2 ** 31
