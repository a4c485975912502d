import { type AudiencePacketMs, DEFAULT_AUDIENCE_PACKET_MS } from '../contract/media.ts'
import type { RoomForwarder, UplinkTap } from '../forward/room-forwarder.ts'
import type { MediaLink } from '../transport/transport.ts'

export interface FakeForwarder extends RoomForwarder {
  readonly attached: ReadonlyMap<number, MediaLink>
  readonly audible: ReadonlySet<number>
  readonly onStage: ReadonlySet<number>
  /** Numbers whose packets went through. */
  readonly heard: number[]
  readonly audiencePacketMs: AudiencePacketMs
  readonly isClosed: boolean
}

export function createFakeForwarder(): FakeForwarder {
  const attached = new Map<number, MediaLink>()
  const audible = new Set<number>()
  const onStage = new Set<number>()
  const heard: number[] = []
  let audiencePacketMs: AudiencePacketMs = DEFAULT_AUDIENCE_PACKET_MS
  let tap: UplinkTap | null = null
  let closed = false
  return {
    attached,
    audible,
    onStage,
    heard,
    get audiencePacketMs() {
      return audiencePacketMs
    },
    get isClosed() {
      return closed
    },
    attach: (number, link) => attached.set(number, link),
    detach: (number) => attached.delete(number),
    setOnStage: (number, now) => put(onStage, number, now),
    setAudible: (number, now) => put(audible, number, now),
    wantsUplink: (number) => audible.has(number),
    onUplink: (number, packet) => {
      if (!audible.has(number)) return
      heard.push(number)
      tap?.(number, packet, 0)
    },
    setTap: (newTap) => {
      tap = newTap
    },
    setAudiencePacketMs: (packetMs) => {
      audiencePacketMs = packetMs
    },
    dump: () => ({
      slots: [],
      uplinks: [],
      downlinks: [],
      sent: { stagePackets: 0, audiencePackets: 0 },
      audience: { packetMs: audiencePacketMs, members: [] },
    }),
    close: () => {
      closed = true
    },
  }
}

function put(numbers: Set<number>, number: number, isIn: boolean): void {
  if (isIn) numbers.add(number)
  else numbers.delete(number)
}
