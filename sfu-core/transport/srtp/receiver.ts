import { MAX_DATAGRAM_BYTES, type Opener, OpeningKeys, openerOfThread, type SealedParts, tagBytesOf } from './opener.ts'
import { guessIndex, ReplayWindow } from './packet-index.ts'
import { SRTP_KEY_BYTES, type SrtpKeys, type SrtpProfile, srtpSaltBytes } from './profile.ts'
import { deriveSessionKeys, type SessionKeyPair } from './session-keys.ts'

const RTP_FIXED_BYTES = 12
const RTCP_CLEAR_BYTES = 8
const SRTCP_INDEX_BYTES = 4
const ENCRYPTED_FLAG = 0x8000_0000

/** Sources that one link may bring: a microphone, and what replaces it. Beyond it the oldest is forgotten. */
export const MAX_SOURCES = 8
/**
 * Packets that may stay closed in a row of sequence numbers. The rollover count is known only as far as packets were
 * authenticated, and is lost after half a round (32768); 64 leaves room for any loss.
 */
export const MAX_SKIPPED_PACKETS = 64

/**
 * What may be done with a datagram unopened. `refuse`: malformed, or a replay. `may-skip`: authentic or not, nothing is
 * lost by passing over it. `open`: its source is new, or too much of it was passed over.
 */
export type Peek = 'refuse' | 'may-skip' | 'open'

/** The receiving side of one link (RFC 3711, RFC 7714). */
export class SrtpReceiver {
  readonly #keys: SessionKeyPair
  readonly #rtp: OpeningKeys
  readonly #rtcp: OpeningKeys
  readonly #opener: Opener
  /** By SSRC. SRTCP counts for itself, per sender of the report. */
  readonly #rtpSources = new Map<number, ReplayWindow>()
  readonly #rtcpSources = new Map<number, ReplayWindow>()
  #isClosed = false

  /** @throws Error where keys have the wrong length for the profile. */
  constructor(profile: SrtpProfile, keys: SrtpKeys) {
    if (keys.masterKey.length !== SRTP_KEY_BYTES || keys.masterSalt.length !== srtpSaltBytes(profile)) {
      throw new Error('SRTP keys do not fit the profile')
    }
    this.#keys = deriveSessionKeys(keys)
    this.#rtp = new OpeningKeys(profile, () => this.#keys.rtp)
    this.#rtcp = new OpeningKeys(profile, () => this.#keys.rtcp)
    this.#opener = openerOfThread()
  }

  /** Whether an SRTP datagram has to be opened. Changes nothing, costs no cryptography. */
  peek(datagram: Buffer): Peek {
    const headBytes = rtpHeaderBytes(datagram)
    if (headBytes === 0 || datagram.length < headBytes + tagBytesOf(this.#rtp)) return 'refuse'
    const source = this.#rtpSources.get(datagram.readUInt32BE(8))
    if (!source) return 'open'
    const index = guessIndex(source.highestIndex, datagram.readUInt16BE(2))
    if (source.refuses(index)) return 'refuse'
    return index - source.highestIndex > MAX_SKIPPED_PACKETS ? 'open' : 'may-skip'
  }

  /**
   * The RTP packet, its header as it came; null for a forged, replayed or broken one. It lies in memory of the thread's
   * opener, and is valid until any receiver of this thread is called again.
   */
  unprotectRtp(datagram: Buffer): Buffer | null {
    const headBytes = rtpHeaderBytes(datagram)
    const bodyBytes = datagram.length - headBytes - tagBytesOf(this.#rtp)
    if (headBytes === 0 || bodyBytes < 0 || this.#cannotTake(datagram)) return null
    const ssrc = datagram.readUInt32BE(8)
    const sequenceNumber = datagram.readUInt16BE(2)
    const source = this.#rtpSources.get(ssrc)
    const index = source ? guessIndex(source.highestIndex, sequenceNumber) : sequenceNumber
    if (source?.refuses(index)) return null
    const packet = this.#opener.open(this.#rtp, { datagram, headBytes, bodyBytes, tailBytes: 0, ssrc, index })
    if (packet) remember(this.#rtpSources, ssrc, index)
    return packet
  }

  /** The compound RTCP packet; null for a forged, replayed, unencrypted or broken one. Valid as `unprotectRtp`'s is. */
  unprotectRtcp(datagram: Buffer): Buffer | null {
    const tagBytes = tagBytesOf(this.#rtcp)
    const bodyBytes = datagram.length - RTCP_CLEAR_BYTES - tagBytes - SRTCP_INDEX_BYTES
    if (bodyBytes < 0 || this.#cannotTake(datagram)) return null
    // RFC 3711 §3.4: index before the tag; RFC 7714 §9: behind it.
    const indexAt = datagram.length - SRTCP_INDEX_BYTES - (this.#rtcp.isGcm ? 0 : tagBytes)
    const word = datagram.readUInt32BE(indexAt)
    if (word < ENCRYPTED_FLAG) return null
    const ssrc = datagram.readUInt32BE(4)
    const index = word - ENCRYPTED_FLAG
    if (this.#rtcpSources.get(ssrc)?.refuses(index)) return null
    const parts: SealedParts = { datagram, headBytes: RTCP_CLEAR_BYTES, bodyBytes, tailBytes: 4, ssrc, index }
    const packet = this.#opener.open(this.#rtcp, parts)
    if (packet) remember(this.#rtcpSources, ssrc, index)
    return packet
  }

  #cannotTake(datagram: Buffer): boolean {
    return this.#isClosed || datagram.length > MAX_DATAGRAM_BYTES
  }

  /** Wipes all keys; opens nothing afterwards. Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const keys of [this.#rtp, this.#rtcp]) {
      this.#opener.forget(keys)
      keys.close()
    }
    this.#keys.wipe()
    this.#rtpSources.clear()
    this.#rtcpSources.clear()
  }
}

/** Header with CSRCs and extension (RFC 3550 §5.1, §5.3.1), which stay in the clear; 0 for what is not RTP version 2. */
function rtpHeaderBytes(datagram: Buffer): number {
  if (datagram.length < RTP_FIXED_BYTES) return 0
  const first = datagram.readUInt8(0)
  if (first >> 6 !== 2) return 0
  const bytes = RTP_FIXED_BYTES + (first & 0x0f) * 4
  if ((first & 0x10) === 0) return bytes <= datagram.length ? bytes : 0
  if (datagram.length < bytes + 4) return 0
  const extended = bytes + 4 + datagram.readUInt16BE(bytes + 2) * 4
  return extended <= datagram.length ? extended : 0
}

/** Marks an authenticated packet. Only its sender can make new sources, so forgetting one harms nobody else. */
function remember(sources: Map<number, ReplayWindow>, ssrc: number, index: number): void {
  let source = sources.get(ssrc)
  if (!source) {
    if (sources.size >= MAX_SOURCES) {
      const oldest = sources.keys().next().value
      if (oldest !== undefined) sources.delete(oldest)
    }
    source = new ReplayWindow()
    sources.set(ssrc, source)
  }
  source.accept(index)
}
