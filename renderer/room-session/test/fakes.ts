import type { Admission, OfferAnswer, RoomFeed, RoomView } from '../../../server/contract/views.ts'
import type { RoomAction } from '../../../sfu-core/contract/actions.ts'
import { EMPTY_ROOM_STATE } from '../../../sfu-core/contract/apply-room-event.ts'
import { participantIdSchema, roomIdSchema } from '../../../sfu-core/contract/ids.ts'
import { SECTION_COUNT } from '../../../sfu-core/contract/media.ts'
import type { Participant } from '../../../sfu-core/contract/state.ts'
import type { TapeEnd } from '../../../sfu-core/contract/tape.ts'
import {
  DEFAULT_TAPE_CHOICE,
  type RunningTape,
  type TapeChoice,
  type TapePort,
  type TapeRequest,
} from '../../tape/tape-port.ts'
import type { TapeStatus } from '../../tape/worker/tape-status.ts'
import { cell } from '../cell.ts'
import type { Clock } from '../clock.ts'
import type {
  FeedListener,
  JoinMark,
  Microphone,
  MicrophoneAnswer,
  Peer,
  PeerOptions,
  PeerStats,
  SessionPorts,
  SlotSources,
  StripListener,
} from '../ports.ts'
import { RoomSession } from '../room-session.ts'

export const ROOM_ID = roomIdSchema.parse('room1')
export const SELF_ID = participantIdSchema.parse('me')

export function roomView(change: Partial<RoomView> = {}): RoomView {
  return {
    roomId: ROOM_ID,
    title: 'Tea',
    description: '',
    visibility: 'public',
    hosting: 'relay',
    status: 'live',
    hostName: 'Hana',
    mine: false,
    createdAtMs: 0,
    liveSinceMs: 0,
    endedAtMs: null,
    onStageCount: 1,
    listenerCount: 1,
    recording: false,
    recordingsKept: 'server',
    audiencePacketMs: 60,
    stunServers: [],
    nodeUp: true,
    nodeId: null,
    inviteCode: null,
    ...change,
  }
}

export function person(change: Partial<Participant> = {}): Participant {
  return {
    id: SELF_ID,
    number: 7,
    name: 'Me',
    guest: true,
    rank: 'member',
    onStage: false,
    muted: false,
    mutedBy: null,
    handRaisedAtMs: null,
    invitedToStage: false,
    recordingConsent: false,
    connected: true,
    ...change,
  }
}

/** Time that moves when told. */
export class FakeClock implements Clock {
  #nowMs = 1_000_000
  readonly #due = new Set<{ atMs: number; call: () => void }>()

  nowMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, call: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, call }
    this.#due.add(entry)
    return () => this.#due.delete(entry)
  }

  /** Timers that still run. */
  get pending(): number {
    return this.#due.size
  }

  /** Moves on, letting promises settle between timers. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs
    await settle()
    for (let next = this.#next(endMs); next !== null; next = this.#next(endMs)) {
      this.#nowMs = next.atMs
      this.#due.delete(next)
      next.call()
      await settle()
    }
    this.#nowMs = endMs
  }

  #next(endMs: number) {
    let first: { atMs: number; call: () => void } | null = null
    for (const entry of this.#due) if (entry.atMs <= endMs && (first === null || entry.atMs < first.atMs)) first = entry
    return first
  }
}

/** Lets every promise that can settle do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

export class FakeTrack extends EventTarget {
  enabled = true
  stopped = false
  channelCount = 1

  getSettings(): MediaTrackSettings {
    return { channelCount: this.channelCount }
  }
}

const asTrack = (track: FakeTrack) => track as unknown as MediaStreamTrack

export class FakePeer implements Peer {
  readonly slots = Array.from({ length: SECTION_COUNT }, () => asTrack(new FakeTrack()))
  readonly options: PeerOptions
  microphone: MediaStreamTrack | null
  answer: string | null = null
  closed = false
  heard: SlotSources[] = this.slots.map(() => [])
  counters: PeerStats = { slots: [], microphoneLevel: null, uplinkFractionLost: null, roundTripMs: 20 }

  constructor(options: PeerOptions) {
    this.options = options
    this.microphone = options.microphone
  }

  offer(): Promise<string> {
    return Promise.resolve('offer')
  }
  accept(answerSdp: string): Promise<void> {
    this.answer = answerSdp
    return Promise.resolve()
  }
  setMicrophone(track: MediaStreamTrack | null): Promise<void> {
    this.microphone = track
    return Promise.resolve()
  }
  sources() {
    return this.heard
  }
  stats() {
    return Promise.resolve(this.counters)
  }
  close(): void {
    this.closed = true
  }
}

interface Question<T> {
  resolve(value: T): void
  reject(error: unknown): void
}

export class FakeMicrophone implements Microphone {
  readonly fake = new FakeTrack()
  readonly track = asTrack(this.fake)
  readonly label = 'Fake'
  readonly fellBack = false
  readonly deviceId: string
  #ended: (() => void) | null = null

  constructor(deviceId: string) {
    this.deviceId = deviceId
  }
  level(): number {
    return 0
  }
  onEnded(listener: () => void): void {
    this.#ended = listener
  }
  stop(): void {
    this.fake.stopped = true
  }
  /** The cable is pulled. */
  unplug(): void {
    this.#ended?.()
  }
}

/** Tapes that are begun and ended, and hold nothing. */
export class FakeTapes implements TapePort {
  readonly begun: { request: TapeRequest; tapeId: string; end: TapeEnd | null }[] = []
  readonly tapes = cell<readonly TapeStatus[]>([])

  prepare(): void {}

  begin(request: TapeRequest): RunningTape {
    const entry = { request, tapeId: `tape${this.begun.length}`, end: null as TapeEnd | null }
    this.begun.push(entry)
    return {
      tapeId: entry.tapeId,
      finish: (why) => {
        entry.end ??= why
      },
    }
  }
}

/** A room session with nothing real around it. */
export class Bench {
  readonly clock = new FakeClock()
  readonly peers: FakePeer[] = []
  readonly joins: (Question<Admission> & { seat: string | null })[] = []
  readonly offers: Question<OfferAnswer>[] = []
  readonly candidates: { token: string; lines: string[] }[] = []
  readonly acts: (Question<void> & { action: RoomAction })[] = []
  readonly feeds: { seat: string; listener: FeedListener; ended: boolean }[] = []
  readonly strips: { seat: string; listener: StripListener; ended: boolean }[] = []
  readonly seats = new Map<string, string>()
  readonly muted = new Set<string>()
  readonly microphones: FakeMicrophone[] = []
  readonly marks: JoinMark[] = []
  readonly tapes = new FakeTapes()
  tapeChoice: TapeChoice = DEFAULT_TAPE_CHOICE
  microphoneAnswer: (deviceId: string | null) => MicrophoneAnswer = (deviceId) => {
    const microphone = new FakeMicrophone(deviceId ?? 'default')
    this.microphones.push(microphone)
    return { ok: true, microphone }
  }
  unprocessedAnswer: (deviceId: string) => MicrophoneAnswer = (deviceId) => this.microphoneAnswer(deviceId)
  online: (() => void) | null = null
  taken: (() => void) | null = null
  audioClosed = false

  start(microphoneId: string | null = null, room = roomView()): RoomSession {
    return new RoomSession({ room, invite: null, name: 'Me', microphoneId, tape: this.tapeChoice }, this.#ports())
  }

  /** Admits the newest question. */
  async admit(): Promise<void> {
    const admission: Admission = {
      token: 'token',
      seat: 'seat1',
      participantId: SELF_ID,
      nodeId: 'node1' as Admission['nodeId'],
      room: roomView(),
    }
    this.joins.at(-1)?.resolve(admission)
    await settle()
  }

  async answer(me: Participant = person()): Promise<void> {
    this.offers.at(-1)?.resolve({ answerSdp: 'answer', participant: me })
    await settle()
  }

  async link(link: 'connected' | 'silent' | 'dead', peer = this.peers.at(-1)): Promise<void> {
    peer?.options.onLink(link)
    await settle()
  }

  /** The whole way in. */
  async enter(me: Participant = person()): Promise<void> {
    await this.admit()
    await this.answer(me)
    this.news({
      type: 'state',
      room: roomView(),
      state: { ...EMPTY_ROOM_STATE, participants: { [me.id]: me } },
      nodeUp: true,
    })
    await this.link('connected')
  }

  news(feed: RoomFeed, epoch = 'e1'): void {
    this.feeds.at(-1)?.listener.onFeed(feed, epoch)
  }

  changeMe(change: Partial<Participant>): void {
    this.news({ type: 'events', events: [{ type: 'participant', participant: person(change) }] })
  }

  #ports(): SessionPorts {
    return {
      clock: this.clock,
      random: () => 1,
      signalling: {
        join: ({ seat }) => new Promise((resolve, reject) => this.joins.push({ seat, resolve, reject })),
        offer: () => new Promise((resolve, reject) => this.offers.push({ resolve, reject })),
        candidates: async (request) => void this.candidates.push(request),
        act: (_seat, action) => new Promise((resolve, reject) => this.acts.push({ action, resolve, reject })),
        endRoom: () => Promise.resolve(roomView()),
        events: (seat, listener) => {
          const feed = { seat, listener, ended: false }
          this.feeds.push(feed)
          return () => {
            feed.ended = true
          }
        },
        strip: (seat, listener) => {
          const strip = { seat, listener, ended: false }
          this.strips.push(strip)
          return () => {
            strip.ended = true
          }
        },
      },
      peers: {
        open: (options) => {
          const peer = new FakePeer(options)
          this.peers.push(peer)
          return peer
        },
      },
      microphones: {
        open: (deviceId) => Promise.resolve(this.microphoneAnswer(deviceId)),
        openUnprocessed: (deviceId) => Promise.resolve(this.unprocessedAnswer(deviceId)),
      },
      tapes: this.tapes,
      audio: { play: () => undefined, playing: true, blocked: false, close: () => (this.audioClosed = true) },
      seats: {
        load: (roomId) => this.seats.get(roomId) ?? null,
        save: (roomId, seat) => void this.seats.set(roomId, seat),
        forget: (roomId) => {
          this.seats.delete(roomId)
          this.muted.delete(roomId)
        },
        loadMuted: (roomId) => this.muted.has(roomId),
        saveMuted: (roomId, muted) => void (muted ? this.muted.add(roomId) : this.muted.delete(roomId)),
      },
      claims: {
        claim: (_id, onTaken) => {
          this.taken = onTaken
          return () => {
            this.taken = null
          }
        },
      },
      onOnline: (listener) => {
        this.online = listener
        return () => {
          this.online = null
        }
      },
      mark: (name) => this.marks.push(name),
    }
  }
}
