import { SLOT_COUNT } from '../../contract/limits.ts'
import { AUDIENCE_FIRST_SECTION } from '../../contract/media.ts'
import { FanoutCounters } from '../insight/counters.ts'
import {
  AUDIENCE_CHANNELS_MAX,
  type DownlinkPacket,
  type Fanout,
  type FanoutMember,
  type MediaLink,
  STAGE_CHANNEL,
} from '../transport.ts'
import type { BatchSender } from './batch-sender.ts'
import type { Downlink } from './downlink.ts'
import type { EgressJob, EgressQueue } from './egress-queue.ts'
import { PacketRing } from './packet-ring.ts'

interface Member {
  readonly downlink: Downlink
  readonly channel: Channel
  readonly listenerNumber: number
}

interface Channel {
  /** The section of its slot 0. */
  readonly firstSection: number
  readonly isUrgent: boolean
  /** Walked for every packet; a place that was left is null until nothing is under way. */
  readonly members: (Member | null)[]
  /** One per slot, made when a slot is first used. */
  readonly rings: (PacketRing | undefined)[]
  empty: number
  underWay: number
}

export interface RoomFanoutOptions {
  sender: BatchSender
  queue: EgressQueue
  /** The way out that belongs to a link of this transport; null for a stranger's. */
  downlinkOf(link: MediaLink): Downlink | null
}

/** A room's fanout on this thread. */
export class RoomFanout implements Fanout {
  readonly #options: RoomFanoutOptions
  readonly #channels: readonly Channel[] = Array.from({ length: 1 + AUDIENCE_CHANNELS_MAX }, (_, number) => ({
    firstSection: number === STAGE_CHANNEL ? 0 : AUDIENCE_FIRST_SECTION,
    isUrgent: number === STAGE_CHANNEL,
    members: [],
    rings: [],
    empty: 0,
    underWay: 0,
  }))
  readonly #members = new Map<Downlink, Member>()
  readonly #counters = new FanoutCounters(SLOT_COUNT)
  #closed = false

  constructor(options: RoomFanoutOptions) {
    this.#options = options
  }

  join(link: MediaLink, { channel: number, listenerNumber }: FanoutMember): void {
    const downlink = this.#options.downlinkOf(link)
    const channel = this.#channels[number]
    if (!downlink || !channel || this.#closed) return
    this.#remove(downlink)
    const member: Member = { downlink, channel, listenerNumber }
    this.#members.set(downlink, member)
    channel.members.push(member)
    downlink.expect(channel.firstSection)
  }

  leave(link: MediaLink): void {
    const downlink = this.#options.downlinkOf(link)
    if (downlink) this.#remove(downlink)
  }

  #remove(downlink: Downlink): void {
    const member = this.#members.get(downlink)
    if (!member) return
    this.#members.delete(downlink)
    const { channel } = member
    channel.members[channel.members.indexOf(member)] = null
    channel.empty += 1
    compact(channel)
  }

  send(channelNumber: number, slot: number, packet: DownlinkPacket): void {
    const channel = this.#channels[channelNumber]
    if (!channel || this.#closed || slot < 0 || slot >= SLOT_COUNT || channel.members.length === 0) return
    this.#counters.onPacket(slot)
    channel.rings[slot] ??= new PacketRing()
    const ring = channel.rings[slot]
    this.#options.queue.push(this.#job(channel, { slot, ring, ringIndex: ring.push(packet) }), channel.isUrgent)
  }

  #job(channel: Channel, place: { slot: number; ring: PacketRing; ringIndex: number }): EgressJob {
    const { ring, ringIndex } = place
    const section = channel.firstSection + place.slot
    const toSection = { section, ring, ringIndex }
    let next = 0
    channel.underWay += 1
    const end = () => {
      channel.underWay -= 1
      compact(channel)
    }
    return {
      run: (limit) => {
        const until = Math.min(next + limit, channel.members.length)
        const looked = until - next
        this.#sendSlice(channel.members, { from: next, until }, toSection)
        next = until
        if (looked < limit) end()
        return looked
      },
      drop: () => {
        this.#counters.dropped += channel.members.length - next
        end()
      },
    }
  }

  #sendSlice(
    members: readonly (Member | null)[],
    { from, until }: { from: number; until: number },
    { section, ring, ringIndex }: { section: number; ring: PacketRing; ringIndex: number },
  ): void {
    const packet = this.#closed ? null : ring.get(ringIndex)
    if (!packet) {
      this.#counters.dropped += until - from
      return
    }
    const { sender } = this.#options
    sender.begin({ packet, section, ring, ringIndex })
    for (let i = from; i < until; i++) {
      const member = members[i]
      if (member && member.listenerNumber !== packet.speakerNumber) sender.add(member.downlink)
    }
    sender.flush()
  }

  dump() {
    return {
      channels: this.#channels.map(({ members, empty, underWay }) => ({ members: members.length - empty, underWay })),
      ...this.#counters,
    }
  }

  close(): void {
    this.#closed = true
    this.#members.clear()
    for (const channel of this.#channels) {
      channel.members.length = 0
      channel.empty = 0
    }
  }
}

/** Not while a packet walks through the members: it would miss some and meet others twice. */
function compact(channel: Channel): void {
  if (channel.underWay > 0 || channel.empty === 0) return
  let kept = 0
  for (const member of channel.members) if (member) channel.members[kept++] = member
  channel.members.length = kept
  channel.empty = 0
}
