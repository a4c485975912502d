import type { SrtpKeys, SrtpProfile } from './profile.ts'

/**
 * The sending side of SRTP for many listeners: one plain packet in, one SRTP packet per stream out. One sealer per
 * thread; `createSealer` is in create-sealer.ts, how it works is told at seal-shard.ts.
 */
export interface Sealer {
  /** One direction's keys of one listener. @throws Error where keys have the wrong length for the profile. */
  openSession(profile: SrtpProfile, keys: SrtpKeys): SrtpSession
  /**
   * Seals `packet` for streams[0..count), each under its next index, and calls `deliver` once for each that is open, in
   * any order. A stream may occur once. A datagram lies in memory of the sealer's: it is valid until the next call but
   * one of `seal` (a send that meets EAGAIN keeps a pointer), after small calls until some hundred datagrams later.
   * `deliver` may close sessions, but must not call `seal`. Throws only where an assumption is broken (a stream of
   * another sealer, keystream that would be used twice), or where `deliver` does.
   */
  seal(packet: RtpBody, streams: readonly SealStream[], count: number, deliver: Deliver): void
  /**
   * Makes keystream for packets of up to about `payloadBytes` now, so that the first packet of many listeners does not wait for that
   * of all of them (50 µs each).
   */
  prepare(stream: SealStream, payloadBytes: number): void
  /**
   * Makes again what a stream sent under `index`, byte for byte (retransmission, RFC 4585). 3 to 6 µs. Null unless
   * just this packet was sent there, among the last LOG_PACKETS (64) and by the kernel: sealing another one under the
   * same index would give two plaintexts one keystream.
   */
  reseal(stream: SealStream, index: number, packet: RtpBody): Buffer | null
  /** Takes back the keystream memory of streams that sent nothing since the last call: call it each half minute or so. */
  reclaim(): void
  stats(): SealerStats
}

/** What all listeners of a packet share. */
export interface RtpBody {
  /** 32 bits. */
  readonly timestamp: number
  readonly marker: boolean
  /** 32 bits: the one CSRC. */
  readonly csrc: number
  /** True: sent with the stream's `redPayloadType` (RFC 2198). */
  readonly red: boolean
  readonly payload: Uint8Array
}

/** The datagram is `memory` from `start` to `end`: a view of it would be an object for each listener and packet. */
export type Deliver = (position: number, memory: Uint8Array, start: number, end: number) => void

/** `exhausted`: the key's lifetime is over (RFC 3711 §9.2); the listener must join again. */
export type SealState = 'open' | 'exhausted' | 'closed'

/** One outgoing stream. `seal` passes over it unless its state is `open`. */
export interface SealStream {
  readonly ssrc: number
  readonly state: SealState
  /** Index of the next packet, 48 bits: rollover count and sequence number (RFC 3711 §3.3.1). */
  readonly nextIndex: number
  readonly packets: number
  /** Payload bytes: what a sender report counts (RFC 3550 §6.4.1). */
  readonly octets: number
  /** Idempotent. */
  close(): void
}

export interface SealStreamOptions {
  readonly ssrc: number
  readonly payloadType: number
  /** Of packets with `red`; `payloadType` where it is absent. */
  readonly redPayloadType?: number
  /**
   * Below 65536, best below 32768: a listener who joins just before the wrap must not guess a wrong rollover count. An
   * SSRC that was open before goes on at the index after its last one, if that is higher.
   */
  readonly firstIndex: number
}

export interface SrtpSession {
  readonly profile: SrtpProfile
  readonly state: SealState
  /** @throws Error for an SSRC that is open already, and beyond MAX_SSRCS_PER_SESSION. */
  openStream(options: SealStreamOptions): SealStream
  /** The SRTCP packet of a compound packet; null where that is not one (under 8 bytes), or the state is not `open`. */
  protectRtcp(compound: Buffer): Buffer | null
  /** Closes the streams, wipes all keys. Idempotent. */
  close(): void
}

export interface SealerStats {
  /** Streams that have keystream memory. */
  readonly places: number
  readonly shards: number
  /** Address space of the shards; resident is what was touched of it: about `placeBytes` a place, and output. */
  readonly reservedBytes: number
  readonly placeBytes: { readonly gcm: number; readonly cm: number }
  readonly refills: number
  /** Refills because a payload was wider than the keystream prepared for its stream. */
  readonly widenings: number
  /** Packets sealed by node:crypto: too wide for the kernel, or no place left. */
  readonly plainSeals: number
  /** Streams passed over because they were not open. */
  readonly skipped: number
}
