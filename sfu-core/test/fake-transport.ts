import { Refusal } from '../contract/reasons.ts'
import type { DownlinkPacket, MediaLink, MediaLinkEvents, MediaTransport } from '../transport/transport.ts'

export interface FakeMediaLink extends MediaLink {
  readonly events: MediaLinkEvents
  readonly sent: { slot: number; packet: DownlinkPacket }[]
  readonly isClosed: boolean
}

export interface FakeTransport extends MediaTransport {
  readonly links: FakeMediaLink[]
  readonly openLinks: FakeMediaLink[]
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
  const held: (() => void)[] = []
  let holding = false
  let closed = false
  return {
    links,
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
      const link = createFakeLink(events, links.length)
      links.push(link)
      return link
    },
    async close() {
      closed = true
      for (const link of links) link.close()
    },
  }
}

function createFakeLink(events: MediaLinkEvents, index: number): FakeMediaLink {
  const sent: FakeMediaLink['sent'] = []
  let closed = false
  return {
    answerSdp: `answer ${index}`,
    events,
    sent,
    get isClosed() {
      return closed
    },
    send: (slot, packet) => sent.push({ slot, packet }),
    close: () => {
      closed = true
    },
  }
}
