import type { RoomForwarder, UplinkTap } from '../forward/room-forwarder.ts'
import type { MediaLink } from '../transport/transport.ts'

export interface FakeForwarder extends RoomForwarder {
  readonly attached: ReadonlyMap<number, MediaLink>
  readonly audible: ReadonlySet<number>
  /** Numbers whose packets went through. */
  readonly heard: number[]
  readonly isClosed: boolean
}

export function createFakeForwarder(): FakeForwarder {
  const attached = new Map<number, MediaLink>()
  const audible = new Set<number>()
  const heard: number[] = []
  let tap: UplinkTap | null = null
  let closed = false
  return {
    attached,
    audible,
    heard,
    get isClosed() {
      return closed
    },
    attach: (number, link) => attached.set(number, link),
    detach: (number) => attached.delete(number),
    setAudible: (number, now) => {
      if (now) audible.add(number)
      else audible.delete(number)
    },
    onUplink: (number, packet) => {
      if (!audible.has(number)) return
      heard.push(number)
      tap?.(number, packet, 0)
    },
    setTap: (newTap) => {
      tap = newTap
    },
    dump: () => ({ slots: [], uplinks: [], downlinks: [] }),
    close: () => {
      closed = true
    },
  }
}
