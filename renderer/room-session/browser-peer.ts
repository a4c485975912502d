import { SECTION_COUNT } from '../../sfu-core/contract/media.ts'
import type { Peer, PeerOptions, PeerPort, PeerStats, SlotSources, SlotStats } from './ports.ts'
import { withRetransmissions } from './retransmissions.ts'

/** Speech in full band without audible coding; Chromium's own choice for one channel is 32 kb/s. */
const MICROPHONE_MAX_BITRATE_BPS = 48_000

/** Connections of the browser. The node's answer carries its addresses. */
export const browserPeers: PeerPort = { open: (options) => new BrowserPeer(options) }

class BrowserPeer implements Peer {
  readonly slots: readonly MediaStreamTrack[]
  readonly #connection: RTCPeerConnection
  readonly #receivers: readonly RTCRtpReceiver[]
  readonly #sender: RTCRtpSender
  readonly #onLink: PeerOptions['onLink']
  readonly #onCandidate: PeerOptions['onCandidate']
  readonly #described: Promise<void>
  #offerGiven = false
  #closed = false

  constructor({ microphone, stunServers, onLink, onCandidate }: PeerOptions) {
    this.#onLink = onLink
    this.#onCandidate = onCandidate
    this.#connection = new RTCPeerConnection({
      bundlePolicy: 'max-bundle',
      iceServers: stunServers.map((urls) => ({ urls })),
    })
    const first = this.#connection.addTransceiver(microphone ?? 'audio', {
      direction: 'sendrecv',
      sendEncodings: [{ maxBitrate: MICROPHONE_MAX_BITRATE_BPS }],
    })
    const others = Array.from({ length: SECTION_COUNT - 1 }, () =>
      this.#connection.addTransceiver('audio', { direction: 'recvonly' }),
    )
    this.#sender = first.sender
    this.#receivers = [first, ...others].map((transceiver) => transceiver.receiver)
    this.slots = this.#receivers.map((receiver) => receiver.track)
    this.#connection.addEventListener('connectionstatechange', this.#tell)
    // "disconnected" shows in the ICE state some moments before it shows in the connection's.
    this.#connection.addEventListener('iceconnectionstatechange', this.#tell)
    this.#connection.addEventListener('icecandidate', this.#found)
    this.#described = this.#describe()
    // Whoever asks for the offer sees the failure; before that it must not count as unhandled.
    this.#described.catch(() => undefined)
  }

  async offer(): Promise<string> {
    await this.#described
    const description = this.#connection.localDescription
    if (description === null) throw new Error('The connection made no offer.')
    // From here on in one go: what is in the offer is not told by `onCandidate`, and nothing falls between.
    this.#offerGiven = true
    return description.sdp
  }

  async accept(answerSdp: string): Promise<void> {
    await this.#connection.setRemoteDescription({ type: 'answer', sdp: answerSdp })
  }

  async setMicrophone(track: MediaStreamTrack | null): Promise<void> {
    if (!this.#closed) await this.#sender.replaceTrack(track)
  }

  sources(): readonly SlotSources[] {
    return this.#receivers.map((receiver) =>
      receiver.getContributingSources().map(({ source, timestamp }) => ({ number: source, timestampMs: timestamp })),
    )
  }

  async stats(): Promise<PeerStats> {
    return readStats(
      await this.#connection.getStats(),
      this.slots.map((track) => track.id),
    )
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#connection.removeEventListener('connectionstatechange', this.#tell)
    this.#connection.removeEventListener('iceconnectionstatechange', this.#tell)
    this.#connection.removeEventListener('icecandidate', this.#found)
    this.#connection.close()
  }

  async #describe(): Promise<void> {
    const offer = await this.#connection.createOffer()
    const sdp = withRetransmissions(offer.sdp ?? '')
    // A browser that allows no change to its offer goes without.
    await this.#connection
      .setLocalDescription({ type: 'offer', sdp })
      .catch(() => this.#connection.setLocalDescription(offer))
  }

  readonly #found = ({ candidate }: RTCPeerConnectionIceEvent): void => {
    if (this.#closed || !this.#offerGiven || !candidate?.candidate) return
    const { candidate: line, usernameFragment } = candidate
    // So that a late line of an earlier try is not taken for one of this (RFC 8838 §4.4; Chromium writes it itself).
    const marked = usernameFragment === null || line.includes(' ufrag ') ? line : `${line} ufrag ${usernameFragment}`
    this.#onCandidate(marked)
  }

  readonly #tell = (): void => {
    if (this.#closed) return
    const { connectionState, iceConnectionState } = this.#connection
    if (connectionState === 'failed' || connectionState === 'closed') this.#onLink('dead')
    else if (iceConnectionState === 'disconnected' || connectionState === 'disconnected') this.#onLink('silent')
    else if (connectionState === 'connected') this.#onLink('connected')
  }
}

/** What of W3C webrtc-stats is of use here; browsers leave out what they do not count. */
interface StatsEntry {
  readonly id: string
  readonly type: string
  readonly kind?: string
  readonly trackIdentifier?: string
  readonly packetsReceived?: number
  readonly packetsLost?: number
  readonly jitter?: number
  readonly audioLevel?: number
  readonly fractionLost?: number
  readonly currentRoundTripTime?: number
  readonly selectedCandidatePairId?: string
}

function readStats(report: RTCStatsReport, slotTrackIds: readonly string[]): PeerStats {
  const entries: StatsEntry[] = []
  report.forEach((entry: StatsEntry) => {
    entries.push(entry)
  })
  const ofType = (type: string) => entries.filter((entry) => entry.type === type)
  const inbound = ofType('inbound-rtp')
  const pairId = ofType('transport')[0]?.selectedCandidatePairId
  const pair = ofType('candidate-pair').find((entry) => entry.id === pairId)
  const roundTripS = pair?.currentRoundTripTime
  return {
    slots: slotTrackIds.map((trackId) => slotStats(inbound.find((entry) => entry.trackIdentifier === trackId))),
    microphoneLevel: ofType('media-source').find((entry) => entry.kind === 'audio')?.audioLevel ?? null,
    uplinkFractionLost: ofType('remote-inbound-rtp')[0]?.fractionLost ?? null,
    roundTripMs: roundTripS === undefined ? null : roundTripS * 1_000,
  }
}

function slotStats(entry: StatsEntry | undefined): SlotStats {
  return {
    packetsReceived: entry?.packetsReceived ?? 0,
    packetsLost: entry?.packetsLost ?? 0,
    jitterMs: (entry?.jitter ?? 0) * 1_000,
    level: entry?.audioLevel ?? 0,
  }
}
