/**
 * The narrow border between packets and the network: forward/ and room/ know only this file. Today the
 * packets travel by werift's RTCPeerConnection (werift-transport.ts); a UDP transport of our own takes
 * its place without a change on this side.
 */
export interface MediaTransport {
  /**
   * Answers a participant's offer (sections as in contract/media.ts).
   * @throws Refusal `offer-malformed` (not SDP), `offer-unsupported` (wrong sections, no Opus), `media-failed`.
   */
  accept(offerSdp: string, events: MediaLinkEvents): Promise<MediaLink>
  /** Ends all links. Idempotent. */
  close(): Promise<void>
}

export interface MediaLinkEvents {
  /** Packets can flow. Again after each `onDisconnected` that healed. */
  onConnected(): void
  /** The path is silent; it may come back by itself. */
  onDisconnected(): void
  /** The link has ended and will not come back. Not called after `MediaLink.close()`. */
  onClosed(): void
  onUplink(packet: UplinkPacket): void
}

/** One RTP packet of a microphone, decrypted. Valid during the call only: copy what must last. */
export interface UplinkPacket {
  /** 16 bits, as sent. */
  sequenceNumber: number
  /** 32 bits, 48 kHz, as sent. */
  timestamp: number
  /** One Opus packet (RFC 6716, RFC 7587). */
  payload: Uint8Array
  /** RFC 6464: 0 (loudest) to 127 (silence) in -dBov; null where the sender did not tell. */
  levelDbov: number | null
}

/** One RTP packet toward a listener. The link adds SSRC and a sequence number of its own without gaps. */
export interface DownlinkPacket {
  /** 32 bits, 48 kHz, continuous per slot. */
  timestamp: number
  /** The speaker's participant number; becomes the one CSRC. */
  speakerNumber: number
  /** First packet of a voice in this slot, or after silence (RFC 7587 §4.1). */
  marker: boolean
  payload: Uint8Array
}

export interface MediaLink {
  readonly answerSdp: string
  /** Sends at once or drops; never throws, never waits. `slot` is 0 to SLOT_COUNT - 1. */
  send(slot: number, packet: DownlinkPacket): void
  /** Idempotent, silent. */
  close(): void
}
