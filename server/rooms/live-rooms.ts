import type { NodeId, RoomId } from '../../sfu-core/contract/ids.ts'
import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import { LIST_GONE_KEPT } from '../limits.ts'
import { LiveRoom, type StunServers } from './live-room.ts'
import type { RoomRecord } from './room-record.ts'

/** All rooms that are live, and the list of public ones with its history. The only owner of LiveRoom objects. */
export class LiveRooms {
  readonly #rooms = new Map<RoomId, LiveRoom>()
  /** Counts changes of the list. Each room carries the count of its last one. */
  #version = 0
  readonly #versions = new Map<RoomId, number>()
  #gone: { roomId: RoomId; version: number }[] = []
  #waiting = new Set<() => void>()
  readonly #dirty = new Set<LiveRoom>()
  readonly #stunServers: StunServers

  constructor(stunServers: StunServers = () => []) {
    this.#stunServers = stunServers
  }

  get(roomId: RoomId): LiveRoom | null {
    return this.#rooms.get(roomId) ?? null
  }

  all(): LiveRoom[] {
    return [...this.#rooms.values()]
  }

  ofNode(nodeId: NodeId): LiveRoom[] {
    return this.all().filter((room) => room.nodeId === nodeId)
  }

  ofHost(hostId: string): LiveRoom[] {
    return this.all().filter((room) => room.record.hostId === hostId)
  }

  /** Makes a room live on a node. */
  add(record: RoomRecord, place: { nodeId: NodeId; nodeUp: boolean }): LiveRoom {
    const room = new LiveRoom(record, { ...place, stunServers: this.#stunServers })
    this.#rooms.set(record.roomId, room)
    this.touch(room)
    return room
  }

  /** Takes it away and tells its people why. */
  remove(room: LiveRoom, reason: ReasonCode): void {
    if (this.#rooms.get(room.record.roomId) === room) this.#rooms.delete(room.record.roomId)
    this.#dirty.delete(room)
    room.end(reason)
    this.touch(room)
  }

  /** To be called after each change that the list may show. */
  touch(room: LiveRoom): void {
    const { roomId } = room.record
    const wasListed = this.#versions.has(roomId)
    const isListed = this.#rooms.get(roomId) === room && isInList(room)
    if (!wasListed && !isListed) return
    this.#version += 1
    if (isListed) this.#versions.set(roomId, this.#version)
    else this.#forget(roomId)
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const wake of waiting) wake()
  }

  /** The public rooms that can be heard now, those that came or changed last at the end. */
  listed(): LiveRoom[] {
    return this.changesSince(0).rooms
  }

  get version(): number {
    return this.#version
  }

  /** Whether `changesSince` still knows everything after that version. */
  remembers(version: number): boolean {
    const oldest = this.#gone.length < LIST_GONE_KEPT ? 0 : (this.#gone[0]?.version ?? 0)
    return version >= oldest && version <= this.#version
  }

  changesSince(version: number): { rooms: LiveRoom[]; gone: RoomId[] } {
    const changed = [...this.#versions].filter(([, at]) => at > version).sort(([, a], [, b]) => a - b)
    return {
      rooms: changed.flatMap(([roomId]) => this.#rooms.get(roomId) ?? []),
      gone: this.#gone
        .filter((one) => one.version > version && !this.#versions.has(one.roomId))
        .map((one) => one.roomId),
    }
  }

  /** Resolves at the next change of the list, or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const done = () => {
        signal.removeEventListener('abort', done)
        this.#waiting.delete(done)
        resolve()
      }
      this.#waiting.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }

  /** Its snapshot is to be written. */
  markDirty(room: LiveRoom): void {
    this.#dirty.add(room)
  }

  takeDirty(): LiveRoom[] {
    const rooms = [...this.#dirty]
    this.#dirty.clear()
    return rooms
  }

  #forget(roomId: RoomId): void {
    this.#versions.delete(roomId)
    this.#gone.push({ roomId, version: this.#version })
    if (this.#gone.length > LIST_GONE_KEPT) this.#gone.shift()
  }
}

/** Public, and with its node there: a room that nobody can hear is not offered. */
function isInList(room: LiveRoom): boolean {
  return room.record.visibility === 'public' && room.nodeUp && room.ended === null
}
