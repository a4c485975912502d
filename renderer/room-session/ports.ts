import type { Admission, OfferAnswer, RoomFeed, RoomView } from '../../server/contract/views.ts'
import type { RoomAction } from '../../sfu-core/contract/actions.ts'
import type { RoomId } from '../../sfu-core/contract/ids.ts'
import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import type { TapeStanding } from '../../sfu-core/contract/tape.ts'
import type { MicrophoneProblem } from '../devices/microphone-problem.ts'
import type { TapePort } from '../tape/tape-port.ts'
import type { Clock } from './clock.ts'

/** What the room is asked for at each join. */
export interface JoinRequest {
  roomId: RoomId
  invite: string | null
  /** Guests only. */
  name: string | null
  seat: string | null
}

interface OfferRequest {
  token: string
  offerSdp: string
}

interface CandidatesRequest {
  /** That of the offer. */
  token: string
  lines: string[]
}

/** The server, as far as a room needs it. Refusals are thrown as SignallingError. */
export interface SignallingPort {
  /** `signal`: nobody waits for the answer any more; what was not yet sent stays unsent. */
  join(request: JoinRequest, signal: AbortSignal): Promise<Admission>
  offer(request: OfferRequest, signal: AbortSignal): Promise<OfferAnswer>
  /** More addresses of this page. A failure is no matter. */
  candidates(request: CandidatesRequest, signal: AbortSignal): Promise<void>
  act(seat: string, action: RoomAction): Promise<void>
  /** Ends the room for everybody; hosts only. */
  endRoom(roomId: RoomId): Promise<RoomView>
  /** Follows the room until the returned end is called. Resumes by itself after a drop. */
  events(seat: string, listener: FeedListener): () => void
  /** How safe the recordings of the speakers are: to hosts of all, to others of themselves. Until the returned end is called. */
  strip(seat: string, listener: StripListener): () => void
}

export interface StripListener {
  onStandings(standings: readonly TapeStanding[]): void
  /** It does not come back by itself. */
  onEnd(): void
}

export interface FeedListener {
  /** `epoch` names the life of the room that the news is from; null where the server did not tell. */
  onFeed(feed: RoomFeed, epoch: string | null): void
  onLine(up: boolean): void
  /** The feed has ended and does not come back by itself. */
  onRefused(reason: FailureReason): void
}

/** `offline`: the server was not reached at all. */
export type FailureReason = ReasonCode | 'offline'

/** A no from the server, or no answer (`timed-out`, `offline`). */
export class SignallingError extends Error {
  override readonly name = 'SignallingError'
  readonly reason: FailureReason
  readonly retryAfterMs: number | null

  constructor(reason: FailureReason, retryAfterMs: number | null = null) {
    super(reason)
    this.reason = reason
    this.retryAfterMs = retryAfterMs
  }
}

/** What a connection's path says of itself. `silent`: it may heal; `dead`: it will not. */
export type PeerLink = 'connected' | 'silent' | 'dead'

/** One RTCPeerConnection with the fixed sections of sfu-core/contract/media.ts. */
export interface Peer {
  /** The offer as it stands: with the candidates found so far. Made at the start; it does not wait for ICE gathering. */
  offer(): Promise<string>
  /** What is heard, by section: the stage's slots, then the audience's. There from the start; silent until the node sends. */
  readonly slots: readonly MediaStreamTrack[]
  accept(answerSdp: string): Promise<void>
  /** Puts a microphone into the first section, or takes it out, without negotiation. */
  setMicrophone(track: MediaStreamTrack | null): Promise<void>
  /** Who was heard in each slot, newest first. Cheap; asked several times a second. */
  sources(): readonly SlotSources[]
  stats(): Promise<PeerStats>
  /** Idempotent. No event comes after it. */
  close(): void
}

/** One slot's contributing sources (CSRC), which are participant numbers. */
export type SlotSources = readonly SlotSource[]
interface SlotSource {
  readonly number: number
  /** Moves on with every packet; its zero has no meaning. */
  readonly timestampMs: number
}

/** Counters since the peer's start, of the kind W3C webrtc-stats names. */
export interface PeerStats {
  readonly slots: readonly SlotStats[]
  /** The own microphone as the encoder gets it, 0 to 1; null without one. */
  readonly microphoneLevel: number | null
  readonly uplinkFractionLost: number | null
  readonly roundTripMs: number | null
}

export interface SlotStats {
  readonly packetsReceived: number
  readonly packetsLost: number
  readonly jitterMs: number
  /** 0 to 1, over the last moment. */
  readonly level: number
}

export interface PeerPort {
  open(options: PeerOptions): Peer
}

export interface PeerOptions {
  microphone: MediaStreamTrack | null
  /** `stun:` URLs that are asked for this browser's public address; most rooms need none. */
  stunServers: readonly string[]
  onLink(link: PeerLink): void
  /** A candidate that was found after the offer was given. */
  onCandidate(line: string): void
}

/** An open microphone. */
export interface Microphone {
  readonly track: MediaStreamTrack
  readonly deviceId: string
  readonly label: string
  /** The wanted one was not there, the system's default is used. */
  readonly fellBack: boolean
  /** Loudness now, 0 to 1, for a meter. */
  level(): number
  /** Called once if the device goes away by itself. */
  onEnded(listener: () => void): void
  /** Gives the device back: the browser's indicator goes off. Idempotent. */
  stop(): void
}

export type MicrophoneAnswer = { ok: true; microphone: Microphone } | { ok: false; problem: MicrophoneProblem }

export interface MicrophonePort {
  /** `deviceId` null: the system's default. */
  open(deviceId: string | null): Promise<MicrophoneAnswer>
  /** The same device once more, without the browser's processing; `stereo`: with two channels, if it has them. */
  openUnprocessed(deviceId: string, stereo: boolean): Promise<MicrophoneAnswer>
}

/** Where the seat, and whether one muted oneself in it, are kept over a reload. */
export interface SeatStore {
  load(roomId: RoomId): string | null
  save(roomId: RoomId, seat: string): void
  /** Forgets both. */
  forget(roomId: RoomId): void
  loadMuted(roomId: RoomId): boolean
  saveMuted(roomId: RoomId, muted: boolean): void
}

/** Other pages of this browser that want the same seat. */
export interface SeatClaims {
  /** Tells the others; `onTaken` is called when a later page does the same. Returns the end. */
  claim(participantId: string, onTaken: () => void): () => void
}

/** What the speakers play. */
export interface RemoteAudio {
  play(slots: readonly MediaStreamTrack[]): void
  /** The browser wants a click first. */
  readonly blocked: boolean
  /** Any slot is being played. */
  readonly playing: boolean
  close(): void
}

export interface SessionPorts {
  clock: Clock
  /** 0 to 1. */
  random(): number
  signalling: SignallingPort
  peers: PeerPort
  microphones: MicrophonePort
  audio: RemoteAudio
  tapes: TapePort
  seats: SeatStore
  claims: SeatClaims
  /** Calls when the browser says that the network is back; returns the end. */
  onOnline(listener: () => void): () => void
  /** A moment of the join, for measurements. */
  mark(name: JoinMark): void
}

export type JoinMark = 'join-click' | 'answer' | 'connected' | 'first-audio'
