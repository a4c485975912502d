/** What a page may negotiate against packet loss: asking again (RFC 4585) and redundancy (RFC 2198). */
export interface Protection {
  nack: boolean
  red: boolean
  /** The node is reached by this address and port alone; null: by those that its answer names. */
  through: { address: string; port: number } | null
}

/**
 * Runs in a listener's page before its own scripts: keeps hold of its peer connections, and takes NACK and RED out of
 * what it negotiates, as a browser without them would. Lighter than installPageHooks, so that it can measure many pages
 * at once. Self-contained: it is sent as text.
 */
export function installProtection(keep: Protection): void {
  /** What a connection can do, without the forms that take callbacks. */
  interface Negotiation {
    createOffer(this: RTCPeerConnection): Promise<RTCSessionDescriptionInit>
    setLocalDescription(this: RTCPeerConnection, description: RTCSessionDescriptionInit): Promise<void>
    setRemoteDescription(this: RTCPeerConnection, description: RTCSessionDescriptionInit): Promise<void>
  }

  const peers: RTCPeerConnection[] = []

  const withoutNack = (sdp: string) => (keep.nack ? sdp : sdp.replaceAll(/a=rtcp-fb:\S+ nack\r?\n/g, ''))

  /** All candidates of the answer become one (RFC 8839 §5.1). */
  function redirected(sdp: string): string {
    if (keep.through === null) return sdp
    const { address, port } = keep.through
    const only = `a=candidate:1 1 udp 2130706431 ${address} ${port} typ host\r\n`
    let first = true
    return sdp.replaceAll(/a=candidate:.*\r?\n/g, () => {
      const line = first ? only : ''
      first = false
      return line
    })
  }

  function dropRed(peer: RTCPeerConnection): void {
    if (keep.red) return
    const codecs = RTCRtpReceiver.getCapabilities('audio')?.codecs ?? []
    for (const transceiver of peer.getTransceivers())
      transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => mimeType !== 'audio/red'))
  }

  const Native = window.RTCPeerConnection
  const { createOffer, setLocalDescription, setRemoteDescription } = Native.prototype as unknown as Negotiation

  async function offer(this: RTCPeerConnection): Promise<RTCSessionDescriptionInit> {
    dropRed(this)
    const { type, sdp = '' } = await createOffer.call(this)
    return { type, sdp: withoutNack(sdp) }
  }

  async function setLocal(this: RTCPeerConnection, given?: RTCLocalSessionDescriptionInit): Promise<void> {
    const { type = 'offer', sdp = '' } = given ?? (await offer.call(this))
    await setLocalDescription.call(this, { type, sdp: withoutNack(sdp) })
  }

  async function setRemote(this: RTCPeerConnection, { type, sdp = '' }: RTCSessionDescriptionInit): Promise<void> {
    await setRemoteDescription.call(this, { type, sdp: redirected(withoutNack(sdp)) })
  }

  Object.assign(Native.prototype, {
    createOffer: offer,
    setLocalDescription: setLocal,
    setRemoteDescription: setRemote,
  })
  window.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      peers.push(this)
    }
  }
  Object.assign(window, { engawaHooks: { peers } })
}
