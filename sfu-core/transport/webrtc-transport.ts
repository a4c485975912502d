import { type Clock, systemClock } from '../clock.ts'
import { Refusal } from '../contract/reasons.ts'
import { rehearseDtls } from './dtls/dtls-rehearsal.ts'
import { createDtlsCertificate, type DtlsCertificate } from './dtls/dtls-session.ts'
import { HandshakeQueue } from './dtls/handshake-queue.ts'
import { BatchSender } from './fanout/batch-sender.ts'
import { EgressQueue } from './fanout/egress-queue.ts'
import { RoomFanout } from './fanout/room-fanout.ts'
import { type BoundAddress, type Candidate, candidatesOf } from './ice/candidates.ts'
import type { IceNode } from './ice/ice-agent.ts'
import { CheckPacer, UnansweredRequests } from './ice/outbound-checks.ts'
import { PathTable } from './ice/path-table.ts'
import { isStun } from './ice/stun.ts'
import { StunMappings } from './ice/stun-mappings.ts'
import { StunRequests } from './ice/stun-requests.ts'
import { StunRouter } from './ice/stun-router.ts'
import { TickWheel } from './ice/tick-wheel.ts'
import { type UdpSocket, UdpSockets } from './ice/udp-sockets.ts'
import { TransportCounters } from './insight/counters.ts'
import type { LinkDump } from './insight/link-insight.ts'
import { PacketDump } from './insight/packet-dump.ts'
import { NtpClock } from './rtp/ntp-clock.ts'
import { parseOffer } from './sdp/offer.ts'
import { createSealer } from './srtp/create-sealer.ts'
import type { Sealer } from './srtp/sealer.ts'
import type { Fanout, MediaLink, MediaLinkEvents, MediaTransport } from './transport.ts'
import type { DatagramSource } from './udp/datagram-reader.ts'
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
  /**
   * Hand many datagrams to the kernel in one call, through Node's experimental foreign function interface (Linux; without effect
   * elsewhere). A tenth less CPU for each listener. Off by default: a node decides.
   */
  batchedSends?: boolean | undefined
  /** A pcap file, not there yet, into which everything is written **in the clear**: for finding faults. See insight/packet-dump.ts. */
  packetDumpFile?: string | undefined
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

export interface WebRtcTransportDump {
  bound: BoundAddress[]
  candidates: Candidate[]
  links: number
  paths: number
  datagrams: number
  /** Datagrams of nobody we know. */
  strays: number
  /** STUN messages for a link of ours with a wrong signature, and those that were left unread because there were too many. */
  stunForged: number
  stunShed: number
  /** Links that send checks toward their peer's candidates. */
  checkingLinks: number
  unansweredRequests: number
  /** Datagrams of batches that the kernel did not take. */
  sendsRefused: number
  /** STUN and DTLS that was dropped unread because there was too much of it. */
  floodsRefused: number
  /** Links whose handshake is not done yet, and links that ended without it. */
  handshakesUnderWay: number
  handshakesFailed: number
  perLink: LinkDump[]
}

/** Links of one node; a file descriptor is not needed for each, memory is (40 kB each). */
const MAX_LINKS = 30_000
/**
 * Keystream of streams that were silent for so long is given back: of a slot that nobody needs, of a person who changed sides. Not
 * sooner: who speaks now and then must not make everybody's anew.
 */
const RECLAIM_INTERVAL_MS = 10 * 60_000

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
  readonly #ice: IceNode
  readonly #stun: StunRouter
  readonly #wheel: TickWheel<WebRtcLink>
  readonly #links = new Set<WebRtcLink>()
  readonly #linksByPath = new PathTable<WebRtcLink>()
  readonly #ntp: NtpClock
  readonly #handshakes: HandshakeQueue
  readonly #sealer: Sealer
  readonly #sender: BatchSender
  readonly #egress = new EgressQueue()
  readonly #counters = new TransportCounters()
  readonly #packetDump: PacketDump | null
  #certificate: Promise<DtlsCertificate> | null = null
  #reclaimedAtMs = Number.NEGATIVE_INFINITY
  #closing: Promise<void> | null = null

  constructor(options: WebRtcTransportOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#sockets = new UdpSockets({
      clock: this.#clock,
      portRange: options.portRange,
      interfaceAddresses: options.interfaceAddresses,
      batches: options.batchedSends ?? false,
      onDatagram: (datagram, socket, remote) => this.#onDatagram(datagram, socket, remote),
      onTrouble: (message, fields) => options.log?.warn(fields, message),
    })
    this.#mappings = new StunMappings(options.stunServers ?? [], this.#clock, () => this.#sockets.bound)
    this.#ice = {
      clock: this.#clock,
      sockets: () => this.#sockets.bound,
      pacer: new CheckPacer(),
      unanswered: new UnansweredRequests(),
      requests: new StunRequests(),
    }
    this.#stun = new StunRouter({
      node: this.#ice,
      mappings: this.#mappings,
    })
    this.#wheel = new TickWheel(this.#clock, () => this.#onTick())
    this.#ntp = new NtpClock(this.#clock)
    this.#handshakes = new HandshakeQueue({ clock: this.#clock })
    this.#sealer = createSealer()
    this.#sender = new BatchSender(this.#sealer, () => this.#clock.monotonicMs())
    const { packetDumpFile: file, log } = options
    this.#packetDump = file ? new PacketDump({ file, clock: this.#clock, log: log ?? { warn: () => {} } }) : null
  }

  async ready(): Promise<void> {
    await rehearseDtls(await this.#prepare())
  }

  async #prepare(): Promise<DtlsCertificate> {
    if (this.#closing) throw new Refusal('media-failed', 'the transport is closed')
    this.#certificate ??= createDtlsCertificate()
    try {
      if (await this.#sockets.refresh()) this.#mappings.start()
      return await this.#certificate
    } catch (error) {
      throw new Refusal('media-failed', error instanceof Error ? error.message : String(error))
    }
  }

  askStunServers(servers: readonly string[]): void {
    // Without a socket there is nothing to ask about; whoever joins is told why.
    this.#prepare().then(
      () => this.#mappings.use(servers),
      () => {},
    )
  }

  async accept(offerSdp: string, events: MediaLinkEvents): Promise<MediaLink> {
    const offer = parseOffer(offerSdp)
    const certificate = await this.#prepare()
    if (this.#closing) throw new Refusal('media-failed', 'the transport is closed')
    if (this.#links.size >= MAX_LINKS) throw new Refusal('node-busy', `more than ${MAX_LINKS} links`)
    this.#counters.linksOpened += 1
    const link = new WebRtcLink({
      node: {
        clock: this.#clock,
        ntp: this.#ntp,
        certificate,
        handshakes: this.#handshakes,
        ice: this.#ice,
        sealer: this.#sealer,
        sender: this.#sender,
        packetDump: this.#packetDump ?? undefined,
      },
      offer,
      events,
      candidates: this.#candidates(),
      onPath: (owner, path) => this.#linksByPath.set(path, owner),
      onPathGone: (owner, path) => this.#linksByPath.delete(path, owner),
      onRestless: (owner) => this.#wheel.wake(owner),
      onGone: (gone, why) => this.#forget(gone, why),
    })
    this.#links.add(link)
    this.#stun.add(link.ice)
    this.#wheel.add(link)
    return link
  }

  createFanout(): Fanout {
    return new RoomFanout({
      sender: this.#sender,
      queue: this.#egress,
      downlinkOf: (link) => (link instanceof WebRtcLink ? link.downlink : null),
    })
  }

  #onTick(): void {
    this.#ice.pacer.run()
    // A machine that has no network at the moment may have it back at the next turn.
    void this.#sockets.refresh().catch(() => {})
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#reclaimedAtMs < RECLAIM_INTERVAL_MS) return
    this.#reclaimedAtMs = nowMs
    this.#sealer.reclaim()
  }

  #candidates(): Candidate[] {
    return candidatesOf({
      bound: this.#sockets.bound,
      announced: this.#options.announcedAddresses ?? [],
      mapped: this.#mappings.mapped,
    })
  }

  #onDatagram(datagram: Buffer, socket: UdpSocket, remote: BoundAddress | DatagramSource): void {
    this.#counters.datagramsIn += 1
    this.#counters.bytesIn += datagram.length
    const known = this.#linksByPath.find(socket, remote)
    if (isStun(datagram)) {
      const from = known?.path ?? { socket, address: remote.address, port: remote.port }
      this.#stun.onDatagram(datagram, from, known?.owner.ice ?? null)
    } else if (known) known.owner.onDatagram(datagram, known.path)
    else this.#counters.strays += 1
  }

  #forget(link: WebRtcLink, why: string): void {
    this.#links.delete(link)
    this.#counters.linksClosed += 1
    if (!link.wasSecured) this.#counters.handshakesFailed += 1
    this.#wheel.remove(link)
    this.#stun.remove(link.ice)
    for (const path of link.ice.paths) this.#linksByPath.delete(path, link)
    this.#options.log?.debug?.({ why }, 'a media link ended')
  }

  dump(): WebRtcTransportDump {
    const links = [...this.#links]
    return {
      bound: this.#sockets.bound.map(({ address, port }) => ({ address, port })),
      candidates: this.#candidates(),
      links: this.#links.size,
      paths: this.#linksByPath.size,
      datagrams: this.#counters.datagramsIn,
      strays: this.#counters.strays + this.#stun.counts.strays,
      stunForged: this.#stun.counts.forged,
      stunShed: this.#stun.counts.shed,
      checkingLinks: this.#ice.pacer.size,
      unansweredRequests: this.#ice.requests.size,
      sendsRefused: this.#sockets.bound.reduce((sum, { batch }) => sum + (batch?.refused ?? 0), 0),
      floodsRefused: this.#stun.counts.shed + this.#handshakes.dump().dropped,
      handshakesUnderWay: links.filter((link) => !link.wasSecured).length,
      handshakesFailed: this.#counters.handshakesFailed,
      perLink: links.map((link) => link.dump()),
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#wheel.close()
    this.#mappings.close()
    for (const link of [...this.#links]) link.close()
    await this.#sockets.close()
    await this.#packetDump?.close()
  }
}
