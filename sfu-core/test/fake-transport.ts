import { Refusal } from '../contract/reasons.ts'
import type {
  DownlinkPacket,
  Fanout,
  FanoutMember,
  MediaLink,
  MediaLinkEvents,
  MediaTransport,
} from '../transport/transport.ts'

/** A packet as a link was sent it; nothing in it changes any more. */
export interface SentPacket {
  channel: number
  slot: number
  packet: DownlinkPacket
}

export interface FakeMediaLink extends MediaLink {
  readonly events: MediaLinkEvents
  readonly sent: SentPacket[]
  readonly isClosed: boolean
}

export interface FakeFanout extends Fanout {
  /** Everything that was sent, once, whoever got it. */
  readonly sent: SentPacket[]
  readonly members: ReadonlyMap<MediaLink, FanoutMember>
  readonly isClosed: boolean
  /** What a fanout must not be asked for. */
  readonly violations: string[]
}

export interface FakeTransport extends MediaTransport {
  readonly links: FakeMediaLink[]
  readonly openLinks: FakeMediaLink[]
  readonly fanouts: FakeFanout[]
  /** From now on an offer is answered only by `answerNext`. */
  hold(): void
  /** Answers the held offer with this index (0: the one that came first). */
  answerHeld(index?: number): void
  /** Answers what is held, and from now on at once. */
  release(): void
  readonly isClosed: boolean
}

export const GOOD_OFFER = 'v=0 fake offer'
/** An offer that the fake refuses. */
export const BAD_OFFER = 'not sdp'

export function createFakeTransport(): FakeTransport {
  const links: FakeMediaLink[] = []
  const fanouts: FakeFanout[] = []
  const held: (() => void)[] = []
  let holding = false
  let closed = false
  return {
    links,
    fanouts,
    get openLinks() {
      return links.filter((link) => !link.isClosed)
    },
    get isClosed() {
      return closed
    },
    hold: () => {
      holding = true
    },
    answerHeld: (index = 0) => held.splice(index, 1)[0]?.(),
    release: () => {
      holding = false
      for (const answer of held.splice(0)) answer()
    },
    async accept(offerSdp, events) {
      if (offerSdp === BAD_OFFER) throw new Refusal('offer-malformed', 'fake')
      if (holding) await new Promise<void>((resolve) => held.push(resolve))
      const link = createFakeMediaLink(events, `answer ${links.length}`)
      links.push(link)
      return link
    },
    createFanout() {
      const fanout = createFakeFanout()
      fanouts.push(fanout)
      return fanout
    },
    async close() {
      closed = true
      for (const link of links) link.close()
    },
  }
}

/** Events that nobody hears. */
const DEAF_EVENTS: MediaLinkEvents = {
  onConnected: () => {},
  onDisconnected: () => {},
  onClosed: () => {},
  wantsUplink: () => true,
  onUplink: () => {},
}

export function createFakeMediaLink(events = DEAF_EVENTS, answerSdp = 'answer'): FakeMediaLink {
  let closed = false
  return {
    answerSdp,
    events,
    sent: [],
    get isClosed() {
      return closed
    },
    close: () => {
      closed = true
    },
  }
}

/** Hands each packet to its members' `sent`. Payloads are overwritten after `send` by nobody: they are copied. */
export function createFakeFanout(): FakeFanout {
  const sent: SentPacket[] = []
  const members = new Map<MediaLink, FanoutMember>()
  const violations: string[] = []
  let closed = false
  const assertOpen = (what: string) => {
    if (closed) violations.push(`${what} after close`)
  }
  return {
    sent,
    members,
    violations,
    get isClosed() {
      return closed
    },
    join(link, member) {
      assertOpen('join')
      members.set(link, { ...member })
    },
    leave(link) {
      assertOpen('leave')
      members.delete(link)
    },
    send(channel, slot, packet) {
      assertOpen('send')
      const copy: SentPacket = { channel, slot, packet: { ...packet, payload: packet.payload.slice() } }
      sent.push(copy)
      for (const [link, member] of members) {
        if (member.channel !== channel || member.listenerNumber === packet.speakerNumber) continue
        if (isFakeMediaLink(link)) link.sent.push(copy)
      }
    },
    close() {
      closed = true
      members.clear()
    },
  }
}

function isFakeMediaLink(link: MediaLink): link is FakeMediaLink {
  return 'sent' in link
}
