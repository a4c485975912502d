import { type Clock, systemClock } from '../clock.ts'
import { Refusal } from '../contract/reasons.ts'
import { rehearseDtls } from './dtls/dtls-rehearsal.ts'
import { createDtlsCertificate, type DtlsCertificate } from './dtls/dtls-session.ts'
import { type BoundAddress, type Candidate, candidatesOf } from './ice/candidates.ts'
import { type LinkPath, pathKey } from './ice/link-paths.ts'
import { LIVENESS } from './ice/liveness.ts'
import { isStun, parseStun, STUN_BINDING_REQUEST, type StunMessage } from './ice/stun.ts'
import { StunMappings } from './ice/stun-mappings.ts'
import { type UdpSocket, UdpSockets } from './ice/udp-sockets.ts'
import { parseOffer } from './sdp/offer.ts'
import type { MediaLink, MediaLinkEvents, MediaTransport } from './transport.ts'
import { WebRtcLink } from './webrtc-link.ts'

export interface WebRtcTransportOptions {
  /** Public addresses that forward to this machine (a router's, a cloud's): offered before all others. */
  announcedAddresses?: readonly string[] | undefined
  /** UDP ports that may be used, both ends included. One is needed; any free one without it. */
  portRange?: readonly [number, number] | undefined
  /** `host:port` of STUN servers that are asked for this machine's public address. None by default. */
  stunServers?: readonly string[] | undefined
  /** Listen on these addresses of the machine only. */
  interfaceAddresses?: readonly string[] | undefined
  log?: TransportLog | undefined
  clock?: Clock | undefined
}

/** The part of a pino logger that the transport uses: fields first, then the sentence. */
export interface TransportLog {
  debug?(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface WebRtcTransport extends MediaTransport {
  /** Binds and makes ready now instead of at the first `accept`. @throws Refusal `media-failed` where no UDP port can be had. */
  ready(): Promise<void>
  dump(): WebRtcTransportDump
}

interface WebRtcTransportDump {
  bound: BoundAddress[]
  candidates: Candidate[]
  links: number
  datagrams: number
  /** Datagrams of nobody we know. */
  strays: number
}

/** Links of one node; a file descriptor is not needed for each, memory is (about 100 kB during the handshake). */
const MAX_LINKS = 10_000
/** Network cards are looked at again this often, when somebody joins. */
const REFRESH_ADDRESSES_MS = 2_000

/**
 * WebRTC for browsers: one UDP port for all of them, ICE-lite (RFC 8445), DTLS by werift, SRTP. A peer's checks
 * are told apart by our user name fragment, everything else by the address that such a check came from.
 */
export function createWebRtcTransport(options: WebRtcTransportOptions): WebRtcTransport {
  return new IceLiteTransport(options)
}

class IceLiteTransport implements WebRtcTransport {
  readonly #options: WebRtcTransportOptions
  readonly #clock: Clock
  readonly #sockets: UdpSockets
  readonly #mappings: StunMappings
  readonly #linksByUfrag = new Map<string, WebRtcLink>()
  readonly #linksByPath = new Map<string, { link: WebRtcLink; path: LinkPath }>()
  #certificate: Promise<DtlsCertificate> | null = null
  #refreshedAtMs = Number.NEGATIVE_INFINITY
  #cancelTick: (() => void) | null = null
  #closing: Promise<void> | null = null
  #datagrams = 0
  #strays = 0

  constructor(options: WebRtcTransportOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#sockets = new UdpSockets({
      portRange: options.portRange,
      interfaceAddresses: options.interfaceAddresses,
      onDatagram: (datagram, socket, remote) => this.#onDatagram(datagram, socket, remote),
      onTrouble: (message, fields) => options.log?.warn(fields, message),
    })
    this.#mappings = new StunMappings(options.stunServers ?? [], this.#clock, () => this.#sockets.bound)
  }

  async ready(): Promise<void> {
    await rehearseDtls(await this.#prepare())
  }

  async #prepare(): Promise<DtlsCertificate> {
    if (this.#closing) throw new Refusal('media-failed', 'the transport is closed')
    this.#certificate ??= createDtlsCertificate()
    try {
      const nowMs = this.#clock.monotonicMs()
      if (nowMs - this.#refreshedAtMs >= REFRESH_ADDRESSES_MS) {
        await this.#sockets.refresh()
        this.#refreshedAtMs = nowMs
        this.#mappings.start()
      }
      return await this.#certificate
    } catch (error) {
      throw new Refusal('media-failed', error instanceof Error ? error.message : String(error))
    }
  }

  async accept(offerSdp: string, events: MediaLinkEvents): Promise<MediaLink> {
    const offer = parseOffer(offerSdp)
    const certificate = await this.#prepare()
    if (this.#closing) throw new Refusal('media-failed', 'the transport is closed')
    if (this.#linksByUfrag.size >= MAX_LINKS) throw new Refusal('node-busy', `more than ${MAX_LINKS} links`)
    const link = new WebRtcLink({
      offer,
      events,
      certificate,
      candidates: this.#candidates(),
      clock: this.#clock,
      onPath: (owner, path) => this.#linksByPath.set(pathKey(path.socket, path), { link: owner, path }),
      onPathGone: (path) => this.#linksByPath.delete(pathKey(path.socket, path)),
      onGone: (gone, why) => this.#forget(gone, why),
    })
    this.#linksByUfrag.set(link.iceUfrag, link)
    this.#cancelTick ??= this.#clock.after(LIVENESS.tickMs, () => this.#tick())
    return link
  }

  #candidates(): Candidate[] {
    return candidatesOf({
      bound: this.#sockets.bound,
      announced: this.#options.announcedAddresses ?? [],
      mapped: this.#mappings.mapped,
    })
  }

  #onDatagram(datagram: Buffer, socket: UdpSocket, remote: BoundAddress): void {
    this.#datagrams += 1
    const owner = this.#linksByPath.get(pathKey(socket, remote))
    if (isStun(datagram)) this.#onStun(datagram, socket, remote)
    else if (owner) owner.link.onDatagram(datagram, owner.path)
    else this.#strays += 1
  }

  #onStun(datagram: Buffer, socket: UdpSocket, remote: BoundAddress): void {
    const message = parseStun(datagram)
    if (!message) {
      this.#strays += 1
      return
    }
    if (message.type === STUN_BINDING_REQUEST) this.#onStunRequest(message, socket, remote)
    else if (!this.#mappings.onResponse(message)) {
      const owner = this.#linksByPath.get(pathKey(socket, remote))
      owner?.link.onStunResponse(message, owner.path)
    }
  }

  #onStunRequest(message: StunMessage, socket: UdpSocket, remote: BoundAddress): void {
    const link = this.#linksByUfrag.get(message.username?.split(':')[0] ?? '')
    if (link) link.onStunRequest(message, socket, remote)
    else this.#strays += 1
  }

  #tick(): void {
    this.#cancelTick = null
    for (const link of [...this.#linksByUfrag.values()]) link.tick()
    if (this.#linksByUfrag.size > 0 && !this.#closing) {
      this.#cancelTick = this.#clock.after(LIVENESS.tickMs, () => this.#tick())
    }
  }

  #forget(link: WebRtcLink, why: string): void {
    this.#linksByUfrag.delete(link.iceUfrag)
    for (const path of link.paths()) {
      const key = pathKey(path.socket, path)
      // The browser may have given the same port to its next connection already.
      if (this.#linksByPath.get(key)?.link === link) this.#linksByPath.delete(key)
    }
    this.#options.log?.debug?.({ why }, 'a media link ended')
  }

  dump(): WebRtcTransportDump {
    return {
      bound: this.#sockets.bound.map(({ address, port }) => ({ address, port })),
      candidates: this.#candidates(),
      links: this.#linksByUfrag.size,
      datagrams: this.#datagrams,
      strays: this.#strays,
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#cancelTick?.()
    this.#cancelTick = null
    this.#mappings.close()
    for (const link of [...this.#linksByUfrag.values()]) link.close()
    await this.#sockets.close()
  }
}
