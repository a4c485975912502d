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
import { ChannelMembers } from './channel-members.ts'
import type { Downlink } from './downlink.ts'
import type { EgressJob, EgressQueue } from './egress-queue.ts'
import { PacketRing } from './packet-ring.ts'

interface Channel {
  /** The section of its slot 0. */
  readonly firstSection: number
  readonly isUrgent: boolean
  readonly members: ChannelMembers
  /** One per slot, made when a slot is first used. */
  readonly rings: (PacketRing | undefined)[]
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
    members: new ChannelMembers(number === STAGE_CHANNEL ? 0 : AUDIENCE_FIRST_SECTION),
    rings: [],
  }))
  readonly #members = new Map<Downlink, Channel>()
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
    this.#members.set(downlink, channel)
    channel.members.add(downlink, listenerNumber)
    downlink.expect(channel.firstSection)
  }

  leave(link: MediaLink): void {
    const downlink = this.#options.downlinkOf(link)
    if (downlink) this.#remove(downlink)
  }

  #remove(downlink: Downlink): void {
    const channel = this.#members.get(downlink)
    if (!channel) return
    this.#members.delete(downlink)
    channel.members.remove(downlink)
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
    const { members, firstSection } = channel
    const toSection = { ...place, section: firstSection + place.slot }
    let next = 0
    members.beginWalk()
    return {
      run: (limit) => {
        const until = Math.min(next + limit, members.length)
        const looked = until - next
        this.#sendSlice(members, { from: next, until }, toSection)
        next = until
        if (looked < limit) members.endWalk()
        return looked
      },
      drop: () => {
        this.#counters.dropped += members.length - next
        members.endWalk()
      },
    }
  }

  #sendSlice(
    members: ChannelMembers,
    { from, until }: { from: number; until: number },
    { slot, section, ring, ringIndex }: { slot: number; section: number; ring: PacketRing; ringIndex: number },
  ): void {
    const packet = this.#closed ? null : ring.get(ringIndex)
    if (!packet) {
      this.#counters.dropped += until - from
      return
    }
    const { sender } = this.#options
    sender.begin({ packet, section, ring, ringIndex })
    members.walk({ from, until, slot, except: packet.speakerNumber }, sender.add)
    sender.flush()
  }

  dump() {
    return {
      channels: this.#channels.map(({ members }) => ({ members: members.count, underWay: members.walks })),
      ...this.#counters,
    }
  }

  close(): void {
    this.#closed = true
    this.#members.clear()
    for (const { members } of this.#channels) members.clear()
  }
}
