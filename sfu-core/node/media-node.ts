import type { Clock } from '../clock.ts'
import type { NodeId, RoomId } from '../contract/ids.ts'
import { NODE_MAX_ROOMS } from '../contract/limits.ts'
import type {
  JoinAnswer,
  NodeAnswer,
  NodeLink,
  NodeLinkState,
  NodeRegistration,
  NodeRequest,
  NodeWelcome,
  OpenRoom,
  TakeClock,
} from '../contract/node-protocol.ts'
import { Refusal } from '../contract/reasons.ts'
import type { TakeManifest } from '../contract/take.ts'
import type { PublicKey } from '../contract/token.ts'
import type { RoomForwarder } from '../forward/room-forwarder.ts'
import type { TakeRecorder, TakeRecorderEvents } from '../record/take-recorder.ts'
import type { TakeStart } from '../room/recording-control.ts'
import { Room, type RoomEnd } from '../room/room.ts'
import { verifyRoomToken } from '../room/token.ts'
import type { MediaTransport } from '../transport/transport.ts'
import { Heartbeats } from './heartbeats.ts'
import { CLOSE_REPORTS_MS, DETAIL_MAX_CHARS } from './limits.ts'
import type { NodeLog } from './log.ts'
import { TakeReports } from './take-reports.ts'

export interface MediaNodeOptions {
  /** The node opens and closes it. */
  link: NodeLink
  /** The node closes it. */
  transport: MediaTransport
  registration: NodeRegistration
  clock: Clock
  log: NodeLog
  /** How many rooms are open, each time that this has changed. */
  onRoomCount?(rooms: number): void
}

/** What a node is made of besides; a test puts fakes here. */
export interface MediaNodeParts {
  createForwarder(room: OpenRoom): RoomForwarder
  /** @throws Refusal `disk-full`, `recording-failed`. */
  startTake(
    start: TakeStart & { roomId: RoomId; roomTitle: string },
    events: TakeRecorderEvents,
  ): TakeRecorder | Promise<TakeRecorder>
  /** Closes the takes that a crash left open; resolves with all takes whose end the server may not know. */
  takesToReport(): Promise<TakeManifest[]>
  /** The server knows how the take ended. */
  markReported(take: TakeManifest): Promise<void>
  /** Of the whole process since its start. */
  usage(): { cpuUs: number; residentBytes: number }
}

interface Identity {
  nodeId: NodeId
  publicKey: PublicKey
}

/** A running node: the rooms of one process, and its line to the server. */
export class MediaNode {
  readonly #options: MediaNodeOptions
  readonly #parts: MediaNodeParts
  readonly #rooms = new Map<RoomId, Room>()
  readonly #heartbeats: Heartbeats
  readonly #reports: TakeReports
  /** Rooms that have ended and are finishing their files. */
  readonly #ending = new Set<Promise<void>>()
  readonly #started: Promise<void>
  #identity: Identity | null = null
  #line: NodeLinkState = { state: 'connecting' }
  #closing: Promise<void> | null = null

  constructor(options: MediaNodeOptions, parts: MediaNodeParts) {
    this.#options = options
    this.#parts = parts
    const { clock, link } = options
    this.#heartbeats = new Heartbeats({
      clock,
      read: () => ({ rooms: this.#rooms.size, participants: this.#participantCount(), ...parts.usage() }),
      send: (heartbeat) => link.heartbeat(heartbeat),
    })
    this.#reports = new TakeReports({
      clock,
      send: (manifest) => link.reportTake(manifest),
      onEndReported: (manifest) => void this.#markReported(manifest),
      onTrouble: (error, { takeId }) => options.log.warn({ err: error, takeId }, 'a take could not be reported'),
    })
    this.#started = this.#start()
  }

  /** The state of the line to the server, as it was told last. */
  get line(): NodeLinkState {
    return this.#line
  }

  /** Rooms that are open here. */
  get roomCount(): number {
    return this.#rooms.size
  }

  /**
   * Ends the takes, the audio links and the line. The rooms themselves go on: the server has what another
   * start needs to restore them. Resolves when all files are on disk. Idempotent.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  dump() {
    return {
      line: this.#line,
      unreportedTakes: this.#reports.waitingCount,
      usage: this.#parts.usage(),
      rooms: [...this.#rooms.values()].map((room) => room.dump()),
    }
  }

  /** Before the line opens: a take of a room that is restored must not look like one that a crash left open. */
  async #start(): Promise<void> {
    try {
      for (const take of await this.#parts.takesToReport()) this.#reports.put(take)
    } catch (error) {
      this.#options.log.error({ err: error }, 'earlier takes could not be looked through')
    }
    if (this.#closing) return
    this.#options.link.open({
      registration: this.#options.registration,
      onWelcome: (welcome) => this.#welcome(welcome),
      onRequest: (request) => this.#answer(request),
      onState: (state) => this.#setLine(state),
    })
  }

  async #close(): Promise<void> {
    await this.#started
    this.#heartbeats.stop()
    const rooms = [...this.#rooms.values()]
    this.#rooms.clear()
    for (const room of rooms) this.#end(room, { type: 'node-closed' })
    await Promise.all(this.#ending)
    await this.#withinMs(CLOSE_REPORTS_MS, this.#reports.settled())
    this.#reports.close()
    await this.#options.transport.close()
    await this.#options.link.close()
  }

  #setLine(line: NodeLinkState): void {
    this.#line = line
    if (this.#closing) return
    this.#reports.setUp(line.state === 'up')
    if (line.state === 'up') this.#heartbeats.start()
    else this.#heartbeats.stop()
    if (line.state === 'refused') this.#options.log.error(line, 'the server does not take this node')
    else this.#options.log.info(line, 'the line to the server')
  }

  #welcome(welcome: NodeWelcome): void {
    if (this.#closing) return
    this.#identity = { nodeId: welcome.nodeId, publicKey: welcome.publicKey }
    this.#options.transport.askStunServers?.(welcome.stunServers.map((server) => server.replace(/^stun:/, '')))
    const named = new Set(welcome.rooms.map((room) => room.roomId))
    for (const room of [...this.#rooms.values()]) {
      if (named.has(room.roomId)) room.publishWhole()
      else this.#closeRoom(room.roomId, { type: 'ended', reason: 'room-ended' })
    }
    for (const room of welcome.rooms) this.#openWelcomed(room)
  }

  #openWelcomed(room: OpenRoom): void {
    try {
      this.#openRoom(room)
    } catch (error) {
      this.#options.log.error({ err: error, roomId: room.roomId }, 'a room could not be opened')
    }
  }

  /** Never rejects: what goes wrong is an answer too. */
  async #answer(request: NodeRequest): Promise<NodeAnswer> {
    try {
      return { ok: true, value: await this.#handle(request) }
    } catch (error) {
      if (error instanceof Refusal) {
        return { ok: false, reason: error.code, detail: error.message.slice(0, DETAIL_MAX_CHARS) }
      }
      this.#options.log.error({ err: error, request: request.type }, 'a request failed')
      return { ok: false, reason: 'server-error', detail: 'unexpected error, see the log of the node' }
    }
  }

  async #handle(request: NodeRequest): Promise<JoinAnswer | TakeClock | null> {
    if (this.#closing) throw new Refusal('node-gone', 'the node is closing')
    switch (request.type) {
      case 'open-room':
        this.#openRoom(request.room)
        return null
      case 'close-room':
        await this.#closeRoom(request.roomId, { type: 'ended', reason: request.reason })
        return null
      case 'join':
        return this.#room(request.roomId).join(request.token, request.offerSdp)
      case 'act':
        await this.#room(request.roomId).act(request.participantId, request.action)
        return null
      case 'candidates':
        this.#room(request.roomId).addCandidates(request.participantId, request.lines)
        return null
      case 'take-clock':
        return this.#room(request.roomId).takeClock()
    }
  }

  #room(roomId: RoomId): Room {
    const room = this.#rooms.get(roomId)
    if (!room) throw new Refusal('room-not-live', 'the room is not on this node')
    return room
  }

  /** A room that is open stays as it is: what runs knows better than a snapshot. */
  #openRoom(room: OpenRoom): void {
    if (this.#rooms.has(room.roomId)) return
    if (this.#rooms.size >= NODE_MAX_ROOMS) throw new Refusal('node-busy', `${NODE_MAX_ROOMS} rooms are open`)
    const { link, clock, transport, log } = this.#options
    const { roomId } = room
    const opened = new Room({
      room,
      clock,
      transport,
      forwarder: this.#parts.createForwarder(room),
      verify: (token) => this.#verify(token, roomId),
      publish: (publication) => link.publish(publication),
      startTake: (start, events) => this.#parts.startTake({ ...start, roomId }, events),
      onManifest: (manifest) => this.#reports.put(manifest),
      // A missed close-room, a room that moved to another node, an open-room that came too late.
      onNotLive: () => void this.#closeRoom(roomId, { type: 'ended', reason: 'room-ended' }),
      onTrouble: (message, error) => log.warn({ err: error, roomId }, message),
    })
    this.#rooms.set(roomId, opened)
    log.info({ roomId, restored: room.snapshot !== null }, 'a room opened')
    this.#options.onRoomCount?.(this.roomCount)
  }

  async #closeRoom(roomId: RoomId, end: RoomEnd): Promise<void> {
    const room = this.#rooms.get(roomId)
    if (!room) return
    this.#rooms.delete(roomId)
    this.#options.log.info({ roomId, end }, 'a room closed')
    this.#options.onRoomCount?.(this.roomCount)
    await this.#end(room, end)
  }

  #end(room: Room, end: RoomEnd): Promise<void> {
    const ending = room.close(end).catch((error: unknown) => {
      this.#options.log.error({ err: error, roomId: room.roomId }, 'a room did not close cleanly')
    })
    this.#ending.add(ending)
    return ending.finally(() => this.#ending.delete(ending))
  }

  #verify(token: string, roomId: RoomId) {
    if (!this.#identity) throw new Refusal('node-busy', 'the node is not registered yet')
    return verifyRoomToken(token, { ...this.#identity, roomId, nowMs: this.#options.clock.nowMs() })
  }

  async #markReported(manifest: TakeManifest): Promise<void> {
    try {
      await this.#parts.markReported(manifest)
    } catch (error) {
      // It is reported once more at the next start; the server takes a report twice.
      this.#options.log.warn({ err: error, takeId: manifest.takeId }, 'a take could not be marked as reported')
    }
  }

  #participantCount(): number {
    let participants = 0
    for (const room of this.#rooms.values()) participants += room.linkCount
    return participants
  }

  async #withinMs(limitMs: number, work: Promise<void>): Promise<void> {
    let cancel = () => {}
    const limit = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(limitMs, resolve)
    })
    await Promise.race([work, limit])
    cancel()
  }
}
