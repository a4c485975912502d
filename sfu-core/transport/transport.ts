/**
 * The narrow border between packets and the network: forward/ and room/ know only this file. Behind it is
 * webrtc-transport.ts, on this thread or on several.
 */
export interface MediaTransport {
  /**
   * Answers a participant's offer (sections as in contract/media.ts).
   * @throws Refusal `offer-malformed` (not SDP), `offer-unsupported` (wrong sections, no Opus), `media-failed`.
   */
  accept(offerSdp: string, events: MediaLinkEvents): Promise<MediaLink>
  /**
   * `host:port` of servers that tell this machine its public address (RFC 8489), in place of earlier ones. Does nothing where
   * the transport was made with some.
   */
  askStunServers?(servers: readonly string[]): void
  /** The way out to the people of one room. */
  createFanout(): Fanout
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
  /**
   * Asked with what a packet tells in the clear (level as in UplinkPacket), before it is decrypted: no drops it. What it is told
   * is not authenticated: answering must change nothing. The link opens a packet now and then all the same, to keep count.
   */
  wantsUplink(levelDbov: number | null): boolean
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
  /** For the page; empty once the link was connected, when nobody needs it any more. */
  readonly answerSdp: string
  /** Names the link in the dump of its transport. */
  readonly id?: string
  /**
   * `candidate:` lines (RFC 8839 §5.1) that the page found after its offer, with or without `a=`. A node behind a NAT sends
   * checks there, which opens its NAT for the page's own. What cannot be used, and what is too much, is ignored.
   */
  addRemoteCandidates?(lines: readonly string[]): void
  /** Idempotent, silent. */
  close(): void
}

/** People on stage; also where each packet goes first. */
export const STAGE_CHANNEL = 0
/** The audience is spread over channels 1 to this many, so that not everybody is sent to at the same moment. */
export const AUDIENCE_CHANNELS_MAX = 6

/**
 * One packet to many. Each link is a member of one channel; what is sent to a channel is sealed for each of its
 * members under their own keys and numbers. The stage's channel goes out in the stage's sections, the others in
 * the audience's. Nothing here throws or waits: what cannot be sent is dropped and counted.
 */
export interface Fanout {
  /** A link of this transport joins, or moves to another channel. It never gets packets of `listenerNumber`: its own voice. */
  join(link: MediaLink, member: FanoutMember): void
  leave(link: MediaLink): void
  /** `slot` is 0 to SLOT_COUNT - 1. The packet's payload is copied before this returns. */
  send(channel: number, slot: number, packet: DownlinkPacket): void
  /** Its members stay links. Idempotent. */
  close(): void
}

export interface FanoutMember {
  channel: number
  /** The participant's number. */
  listenerNumber: number
}
