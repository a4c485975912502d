/**
 * What is counted, as plain number fields that the hot path adds to; no maps, no objects a packet. `dump()` of their
 * owners gives copies. Numbers only grow; rates are the reader's to make from two dumps.
 */

/** One participant's link. Packets are RTP packets unless said otherwise. */
export class LinkCounters {
  datagramsOut = 0
  bytesOut = 0
  /** Sent as new, RED among them. */
  sealed = 0
  /** Sent with the packet before them (RFC 2198). */
  sealedRed = 0
  datagramsIn = 0
  bytesIn = 0

  /** Sent again when asked for (RFC 4585). */
  retransmitted = 0
  /** Asked for and not there any more, or asked for more than is given. */
  retransmissionsRefused = 0
  /** Not sent: the handshake is not done. */
  droppedUnsecured = 0
  /** Not sent: no address has been proved yet, or consent ended. */
  droppedPathless = 0

  /** Microphone packets that were decrypted and taken. */
  opened = 0
  /** Microphone packets that nobody was to hear, dropped before decryption. */
  passedOver = 0
  /** Microphone packets that were lost and had from a later one's RED. */
  recovered = 0
  /** Not decrypted: came before (RFC 3711 §3.3.2). */
  refusedReplayed = 0
  /** The tag was wrong: forged, damaged or of another link. */
  refusedForged = 0
  /** Of no kind, cut short, or of a payload type that was not negotiated. */
  refusedMalformed = 0

  /** Compound RTCP packets. */
  rtcpIn = 0
  rtcpOut = 0
  /** Packets that NACKs named. */
  nacked = 0
}

/** A room's way out on one thread. */
export class FanoutCounters {
  /** Packets that were handed over, each for many. */
  packets = 0
  /** The same, per slot. */
  readonly packetsPerSlot: number[]
  /** Places in a packet's round that it did not reach in time. */
  dropped = 0

  constructor(slotCount: number) {
    this.packetsPerSlot = new Array(slotCount).fill(0)
  }

  onPacket(slot: number): void {
    this.packets += 1
    this.packetsPerSlot[slot] = (this.packetsPerSlot[slot] ?? 0) + 1
  }
}

/** One transport, that is one thread's UDP port. */
export class TransportCounters {
  datagramsIn = 0
  bytesIn = 0
  /** Datagrams of nobody we know. */
  strays = 0
  /** Links that ended before their handshake was done. */
  handshakesFailed = 0
  linksOpened = 0
  linksClosed = 0
}
