import { SLOT_COUNT } from '../../sfu-core/contract/limits.ts'
import type { Peer, PeerLink, PeerOptions, PeerPort, PeerStats, SlotSources, SlotStats } from './ports.ts'

/** Speech in full band without audible coding; Chromium's own choice for one channel is 32 kb/s. */
const MICROPHONE_MAX_BITRATE_BPS = 48_000

/** Connections of the browser. The node's answer carries its addresses; no STUN server is asked for ours. */
export const browserPeers: PeerPort = { open: (options) => new BrowserPeer(options) }

class BrowserPeer implements Peer {
  readonly offerSdp: Promise<string>
  readonly slots: readonly MediaStreamTrack[]
  readonly #connection: RTCPeerConnection
  readonly #receivers: readonly RTCRtpReceiver[]
  readonly #sender: RTCRtpSender
  readonly #onLink: (link: PeerLink) => void
  #closed = false

  constructor({ microphone, onLink }: PeerOptions) {
    this.#onLink = onLink
    this.#connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
    const first = this.#connection.addTransceiver(microphone ?? 'audio', {
      direction: 'sendrecv',
      sendEncodings: [{ maxBitrate: MICROPHONE_MAX_BITRATE_BPS }],
    })
    const others = Array.from({ length: SLOT_COUNT - 1 }, () =>
      this.#connection.addTransceiver('audio', { direction: 'recvonly' }),
    )
    this.#sender = first.sender
    this.#receivers = [first, ...others].map((transceiver) => transceiver.receiver)
    this.slots = this.#receivers.map((receiver) => receiver.track)
    this.#connection.addEventListener('connectionstatechange', this.#tell)
    // "disconnected" shows in the ICE state some moments before it shows in the connection's.
    this.#connection.addEventListener('iceconnectionstatechange', this.#tell)
    this.offerSdp = this.#offer()
    // Whoever awaits it sees the failure; before that it must not count as unhandled.
    this.offerSdp.catch(() => undefined)
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
    this.#connection.close()
  }

  async #offer(): Promise<string> {
    await this.#connection.setLocalDescription()
    const description = this.#connection.localDescription
    if (description === null) throw new Error('The connection made no offer.')
    return description.sdp
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
