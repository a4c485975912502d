import type { RoomForwarder } from '../forward/room-forwarder.ts'
import type { MediaLinkEvents } from '../transport/transport.ts'

/** Whom a line tells once it has a seat. */
interface LineOwner {
  participantNumber: number
  forwarder: RoomForwarder
  onConnected(connected: boolean): void
  onClosed(): void
}

/**
 * What a media link tells, from its first moment. The link may speak before it has a seat (the answer
 * is still being made) and after it has lost it (replaced, removed): only the owner's time is heard.
 */
export interface Line {
  readonly events: MediaLinkEvents
  /** The link has ended by itself. */
  readonly closed: boolean
  /** Tells `owner` from now on, at first what it missed. */
  give(owner: LineOwner): void
  /** Silent from now on. */
  release(): void
}

export function createLine(): Line {
  let owner: LineOwner | null = null
  let connected = false
  let closed = false
  const setConnected = (now: boolean) => {
    connected = now
    owner?.onConnected(now)
  }
  const events: MediaLinkEvents = {
    onConnected: () => setConnected(true),
    onDisconnected: () => setConnected(false),
    onClosed: () => {
      closed = true
      owner?.onClosed()
    },
    wantsUplink: (levelDbov) => owner?.forwarder.wantsUplink(owner.participantNumber, levelDbov) ?? false,
    onUplink: (packet) => owner?.forwarder.onUplink(owner.participantNumber, packet),
  }
  return {
    events,
    get closed() {
      return closed
    },
    give(newOwner) {
      owner = newOwner
      if (connected) owner.onConnected(true)
    },
    release() {
      owner = null
    },
  }
}
