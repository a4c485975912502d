import { type Cipheriv, createCipheriv } from 'node:crypto'
import { sealRtcpPlainly } from './plain-seal.ts'
import {
  MAX_SRTCP_PACKETS,
  MAX_SRTP_PACKETS,
  SRTP_KEY_BYTES,
  SRTP_PROFILE,
  type SrtpKeys,
  type SrtpProfile,
  srtpSaltBytes,
} from './profile.ts'
import { RingStream, type StreamOwner } from './seal-stream.ts'
import type { SealState, SealStreamOptions, SrtpSession } from './sealer.ts'
import { deriveSessionKeys, keyInputOf, type SessionKeyPair, type SessionKeys } from './session-keys.ts'

/** SSRCs that one session ever sends: six slots, and some to spare. Each is remembered, so that none starts over. */
export const MAX_SSRCS_PER_SESSION = 32
const MIN_COMPOUND_BYTES = 8

/** The keys of one listener, sending. Ciphers exist from the first packet on. */
export class SealSession implements SrtpSession, StreamOwner {
  readonly profile: SrtpProfile
  readonly maskBlocks: number
  state: SealState = 'open'
  readonly #keys: SessionKeyPair
  readonly #streams = new Map<number, RingStream>()
  /** Of closed streams: the index after the last one used. */
  readonly #usedTo = new Map<number, number>()
  readonly #onClosed: (stream: RingStream) => void
  #cipher: Cipheriv | null = null
  #rtcpIndex = 0

  constructor(profile: SrtpProfile, keys: SrtpKeys, onClosed: (stream: RingStream) => void) {
    if (keys.masterKey.length !== SRTP_KEY_BYTES || keys.masterSalt.length !== srtpSaltBytes(profile)) {
      throw new Error('SRTP keys do not fit the profile')
    }
    this.profile = profile
    this.maskBlocks = profile === SRTP_PROFILE.aeadAes128Gcm ? 1 : 0
    this.#keys = deriveSessionKeys(keys)
    this.#onClosed = onClosed
  }

  get rtpKeys(): SessionKeys {
    return this.#keys.rtp
  }

  openStream(options: SealStreamOptions): RingStream {
    const { ssrc, firstIndex } = options
    if (this.state === 'closed') throw new Error('The SRTP session is closed')
    if (this.#streams.has(ssrc)) throw new Error(`SSRC ${ssrc} is open already`)
    if (!Number.isSafeInteger(firstIndex) || firstIndex < 0 || firstIndex >= MAX_SRTP_PACKETS) {
      throw new Error(`${firstIndex} is not an SRTP packet index`)
    }
    const usedTo = this.#usedTo.get(ssrc)
    if (usedTo === undefined && this.#streams.size + this.#usedTo.size >= MAX_SSRCS_PER_SESSION) {
      throw new Error('Too many SSRCs in one SRTP session')
    }
    const stream = new RingStream(this, { ...options, firstIndex: Math.max(firstIndex, usedTo ?? 0) })
    if (stream.nextIndex >= MAX_SRTP_PACKETS) stream.state = 'exhausted'
    this.#usedTo.delete(ssrc)
    this.#streams.set(ssrc, stream)
    return stream
  }

  onStreamClosed(stream: RingStream): void {
    this.#streams.delete(stream.ssrc)
    this.#usedTo.set(stream.ssrc, stream.nextIndex)
    this.#onClosed(stream)
  }

  protectRtcp(compound: Buffer): Buffer | null {
    if (this.state !== 'open' || compound.length < MIN_COMPOUND_BYTES) return null
    const packet = sealRtcpPlainly(this.profile, this.#keys.rtcp, compound, this.#rtcpIndex)
    this.#rtcpIndex += 1
    if (this.#rtcpIndex >= MAX_SRTCP_PACKETS) this.state = 'exhausted'
    return packet
  }

  /** AES-128-ECB of whole blocks under the RTP cipher key. */
  encryptBlocks = (blocks: Uint8Array): Buffer => {
    this.#cipher ??= createCipheriv('aes-128-ecb', this.#keys.rtp.cipherKey, null).setAutoPadding(false)
    return this.#cipher.update(blocks)
  }

  keyInput(): Buffer {
    return keyInputOf(this.profile, this.#keys.rtp, this.encryptBlocks)
  }

  close(): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    for (const stream of [...this.#streams.values()]) stream.close()
    // Frees OpenSSL's context, which wipes its key schedule.
    this.#cipher?.final()
    this.#cipher = null
    this.#keys.wipe()
  }
}
