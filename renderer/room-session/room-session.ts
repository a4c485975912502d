import type { Admission, RoomFeed, RoomView } from '../../server/contract/views.ts'
import type { RoomAction } from '../../sfu-core/contract/actions.ts'
import { applyRoomEvent } from '../../sfu-core/contract/apply-room-event.ts'
import type { RoomId } from '../../sfu-core/contract/ids.ts'
import type { Participant, RoomState } from '../../sfu-core/contract/state.ts'
import type { TapeChoice } from '../tape/tape-port.ts'
import { TapeRecorder, type TapeView } from '../tape/tape-recorder.ts'
import { TapeSignals } from '../tape/tape-signals.ts'
import { type Cell, cell } from './cell.ts'
import { Listening } from './listening.ts'
import { isOpen, type MicGate } from './mic-gate.ts'
import { MuteControl } from './mute-control.ts'
import { type MicrophoneView, OwnMicrophone } from './own-microphone.ts'
import { type SessionPorts, SignallingError } from './ports.ts'
import type { Quality } from './quality.ts'
import { emptyCopy, type RoomCopy, takeNews } from './room-feed.ts'
import { routeTo } from './route.ts'
import type { SessionEffect, SessionEvent, SessionTimer } from './session-events.ts'
import type { SessionState } from './session-state.ts'
import { type Strip, StripFeed } from './strip-feed.ts'
import { begin, transition } from './transition.ts'
import { Tries } from './tries.ts'

/** What the screen shows. Who speaks and how good the connection is change often and are cells of their own. */
export interface SessionView {
  readonly state: SessionState
  readonly room: RoomView
  /** As the node says, but for the own mute: it shows from the moment of the press, also while the line is down. */
  readonly people: RoomState
  /** Our own seat; null until the server has let us in. */
  readonly selfId: string | null
}

export interface SessionOptions {
  room: RoomView
  invite: string | null
  /** Guests only. */
  name: string | null
  /** The chosen microphone; null: the system's default. */
  microphoneId: string | null
  /** What is recorded on this computer, where the room is recorded. */
  tape: TapeChoice
}

/**
 * One live connection to a room, from the press of the button to the last word. Every decision is in
 * transition.ts; this class carries them out. Idempotent `close()`.
 */
export class RoomSession {
  readonly view: Cell<SessionView>
  readonly speaking: Cell<readonly number[]>
  readonly quality: Cell<Quality>
  readonly microphone: Cell<MicrophoneView>
  /** The own recording on this computer. */
  readonly tape: Cell<TapeView>
  /** How safe the recordings of this room are: hosts see all, others on stage themselves. */
  readonly strip: Cell<Strip>

  readonly #ports: SessionPorts
  readonly #options: SessionOptions
  readonly #roomId: RoomId
  readonly #view
  readonly #mic: OwnMicrophone
  readonly #mute: MuteControl
  readonly #tape: TapeRecorder
  readonly #tapeSignals: TapeSignals
  readonly #strip: StripFeed
  readonly #listening: Listening
  readonly #tries: Tries
  readonly #timers = new Map<SessionTimer, () => void>()
  #copy: RoomCopy
  #seat: string | null
  #selfId: string | null = null
  #feed: { selfId: string; end(): void } | null = null
  #endClaim: (() => void) | null = null
  #endOnline: (() => void) | null = null
  #lineUp = true

  constructor(options: SessionOptions, ports: SessionPorts) {
    this.#options = options
    this.#ports = ports
    this.#roomId = options.room.roomId
    this.#copy = emptyCopy(options.room)
    this.#seat = ports.seats.load(this.#roomId)
    const first = begin(ports.clock.nowMs())
    this.#view = cell<SessionView>({
      state: first.state,
      room: options.room,
      people: this.#copy.people,
      selfId: null,
    })
    this.view = this.#view
    this.#tries = this.#openTries()
    this.#tape = this.#tapeRecorder()
    this.tape = this.#tape.view
    this.#tapeSignals = new TapeSignals({
      port: ports.microphones,
      onTracks: (tracks) => this.#tape.setTracks(tracks),
    })
    this.#strip = new StripFeed({ signalling: ports.signalling, clock: ports.clock })
    this.strip = this.#strip.strip
    this.#mic = this.#ownMicrophone()
    this.microphone = this.#mic.view
    this.#mute = this.#muteControl()
    this.#listening = this.#listen()
    this.speaking = this.#listening.speaking
    this.quality = this.#listening.quality
    this.#endOnline = ports.onOnline(() => this.#dispatch({ type: 'online' }))
    ports.mark('join-click')
    this.#run(first.effects)
  }

  /** Our own entry in the room, once there. */
  get self(): Participant | null {
    const { selfId, people } = this.#view.get()
    return selfId === null ? null : (people.participants[selfId] ?? null)
  }

  /**
   * Asks the room for something.
   * @throws SignallingError with the reason why not.
   */
  async act(action: RoomAction): Promise<void> {
    if (this.#seat === null) throw new SignallingError('not-in-room')
    await this.#ports.signalling.act(this.#seat, action)
  }

  /**
   * Mutes at once, and tells the node when it can be reached; unmutes when the node has agreed.
   * @throws SignallingError where it did not.
   */
  setMuted(muted: boolean): Promise<void> {
    return this.#mute.set(muted)
  }

  /** `null`: the system's default. */
  chooseMicrophone(deviceId: string | null): void {
    this.#mic.choose(deviceId)
  }

  /** Which signal of the microphone is recorded here; a running tape ends and another begins. */
  chooseTape(choice: TapeChoice): void {
    this.#tape.choose(choice)
  }

  retryMicrophone(): void {
    this.#mic.retry()
  }

  /** The browser's set of devices changed. */
  devicesChanged(): void {
    this.#mic.devicesChanged()
  }

  /** Loudness of the own microphone now, 0 to 1. */
  microphoneLevel(): number {
    return this.#mic.level()
  }

  /** Ends the room for everybody. @throws SignallingError */
  async endRoom(): Promise<void> {
    await this.#ports.signalling.endRoom(this.#roomId)
    this.#dispatch({ type: 'expelled', reason: 'room-ended' })
  }

  /** Gives the seat up and goes: at once. Resolves when the server has heard of it, or could not. */
  leave(): Promise<void> {
    const { state, selfId } = this.#view.get()
    if (state.phase === 'left') return Promise.resolve()
    // Who was not let in yet gives up nothing: a seat kept from before a reload stays for the next session.
    // The page goes on without the answer; a lost one costs the room SEAT_GRACE_MS of an empty seat.
    const told = selfId === null ? Promise.resolve() : this.act({ type: 'leave' }).catch(() => undefined)
    if (selfId !== null) this.#ports.seats.saveMuted(this.#roomId, false)
    this.#dispatch({ type: 'leave' })
    return told
  }

  /** Goes without giving the seat up (the page is closed, or loaded anew). Idempotent. */
  close(): void {
    this.#dispatch({ type: 'leave' })
  }

  #ownMicrophone(): OwnMicrophone {
    return new OwnMicrophone({
      port: this.#ports.microphones,
      deviceId: this.#options.microphoneId,
      onMicrophone: (microphone) => {
        this.#tries.setMicrophone(microphone?.track ?? null)
        this.#tapeSignals.setMicrophone(microphone)
      },
    })
  }

  #tapeRecorder(): TapeRecorder {
    return new TapeRecorder({
      port: this.#ports.tapes,
      clock: this.#ports.clock,
      choice: this.#options.tape,
      wantSources: (choice) => this.#tapeSignals.want(choice),
    })
  }

  #muteControl(): MuteControl {
    const { seats, clock } = this.#ports
    return new MuteControl({
      mutedBefore: this.#seat !== null && seats.loadMuted(this.#roomId),
      onGate: (gate) => this.#gateChanged(gate),
      act: (action) => this.act(action),
      connected: () => this.#view.get().state.phase === 'connected',
      after: (delayMs, call) => clock.after(delayMs, call),
    })
  }

  #gateChanged(gate: MicGate): void {
    this.#mic.setOpen(isOpen(gate))
    this.#tapeSignals.setOpen(isOpen(gate))
    if (this.#view.get().state.phase === 'left') return
    this.#ports.seats.saveMuted(this.#roomId, gate.wanted === 'muted')
    this.#publish()
  }

  #listen(): Listening {
    return new Listening({
      clock: this.#ports.clock,
      own: () => {
        const number = this.self?.number
        return number !== undefined && this.#mute.open ? { number, level: this.#mic.level() } : null
      },
      playing: () => this.#ports.audio.playing,
      onFirstAudio: () => this.#ports.mark('first-audio'),
    })
  }

  // the machine

  #dispatch(event: SessionEvent): void {
    const ambient = { nowMs: this.#ports.clock.nowMs(), random: this.#ports.random() }
    const before = this.#view.get().state
    const { state, effects } = transition(before, event, ambient)
    if (state !== before) this.#view.set({ ...this.#view.get(), state })
    this.#run(effects)
    if (state.phase === 'connected' && before.phase !== 'connected') this.#arrived(state.tryNumber)
  }

  #arrived(tryNumber: number): void {
    this.#ports.mark('connected')
    const peer = this.#tries.peerOf(tryNumber)
    if (peer !== null) this.#listening.follow(peer)
    if (this.#feed === null) this.#dispatch({ type: 'feed-refused', reason: 'server-error' })
    else if (!this.#lineUp) this.#dispatch({ type: 'line', up: false })
    this.#mute.reconcile()
  }

  #run(effects: readonly SessionEffect[]): void {
    for (const effect of effects) this.#carryOut(effect)
  }

  #carryOut(effect: SessionEffect): void {
    switch (effect.do) {
      case 'ask':
        this.#tries.ask(effect.tryNumber)
        break
      case 'send-offer':
        this.#tries.sendOffer(effect.tryNumber)
        break
      case 'close-peer':
        this.#tries.close(effect.tryNumber)
        break
      case 'arm':
        this.#arm(effect.timer, effect.delayMs)
        break
      case 'disarm':
        this.#disarm(effect.timer)
        break
      case 'forget-seat':
        this.#seat = null
        this.#ports.seats.forget(this.#roomId)
        break
      case 'finish':
        this.#finish()
        break
    }
  }

  #arm(timer: SessionTimer, delayMs: number): void {
    this.#disarm(timer)
    const end = this.#ports.clock.after(delayMs, () => {
      this.#timers.delete(timer)
      this.#dispatch({ type: 'timer', timer })
    })
    this.#timers.set(timer, end)
  }

  #disarm(timer: SessionTimer): void {
    this.#timers.get(timer)?.()
    this.#timers.delete(timer)
  }

  #openTries(): Tries {
    const { signalling, peers, clock, audio, mark } = this.#ports
    const { invite, name } = this.#options
    return new Tries({
      signalling,
      peers,
      clock,
      request: () => ({ roomId: this.#roomId, invite, name, seat: this.#seat }),
      microphone: () => this.#mic.track,
      route: () => routeTo(this.#copy.room),
      dispatch: (event) => this.#dispatch(event),
      onAdmitted: (admission) => this.#admitted(admission),
      onAnswered: ({ participant }, peer) => {
        mark('answer')
        audio.play(peer.slots)
        this.#meetSelf(participant)
      },
    })
  }

  // the room

  #admitted(admission: Admission): void {
    this.#seat = admission.seat
    this.#ports.seats.save(this.#roomId, admission.seat)
    this.#copy = { ...this.#copy, room: admission.room }
    this.#show(admission.participantId)
    this.#followRoom(admission)
  }

  /** The answer names us before the feed may. */
  #meetSelf(participant: Participant): void {
    if (participant.id in this.#copy.people.participants) return
    const people = applyRoomEvent(this.#copy.people, { type: 'participant', participant })
    this.#copy = { ...this.#copy, people }
    this.#show()
  }

  #followRoom(admission: Admission): void {
    if (this.#feed?.selfId === admission.participantId) return
    this.#feed?.end()
    this.#endClaim?.()
    const selfId: string = admission.participantId
    const end = this.#ports.signalling.events(admission.seat, {
      onFeed: (feed, epoch) => this.#takeNews(feed, epoch, selfId),
      onLine: (up) => {
        this.#lineUp = up
        this.#dispatch({ type: 'line', up })
      },
      onRefused: (reason) => {
        this.#feed = null
        this.#dispatch({ type: 'feed-refused', reason })
      },
    })
    this.#feed = { selfId, end }
    this.#endClaim = this.#ports.claims.claim(selfId, () => this.#dispatch({ type: 'expelled', reason: 'replaced' }))
  }

  #takeNews(feed: RoomFeed, epoch: string | null, self: string): void {
    if (this.#view.get().state.phase === 'left') return
    const { copy, events } = takeNews(this.#copy, { feed, epoch, self })
    this.#copy = copy
    this.#show()
    for (const event of events) this.#dispatch(event)
  }

  #show(selfId: string | null = this.#selfId): void {
    this.#selfId = selfId
    const me = this.#selfAtNode()
    if (me === undefined) {
      this.#publish()
      return
    }
    // The gate's answer publishes.
    this.#mute.seen(me)
    // Before the microphone goes, so that the tape knows why.
    this.#seeTape(me)
    this.#followStrip(me)
    this.#mic.want(me.onStage)
  }

  #seeTape({ onStage, recordingConsent }: Participant): void {
    const { people, room } = this.#copy
    this.#tape.see({
      seat: this.#seat,
      roomTitle: room.title,
      takeId: people.recording?.takeId ?? null,
      onStage,
      consent: recordingConsent,
    })
  }

  #followStrip({ onStage, rank }: Participant): void {
    if (this.#seat !== null && (onStage || rank !== 'member' || this.#strip.isFollowing)) this.#strip.follow(this.#seat)
  }

  #selfAtNode(): Participant | undefined {
    return this.#selfId === null ? undefined : this.#copy.people.participants[this.#selfId]
  }

  #publish(): void {
    this.#view.set({
      ...this.#view.get(),
      room: this.#copy.room,
      people: this.#shownPeople(),
      selfId: this.#selfId,
    })
  }

  #shownPeople(): RoomState {
    const { people } = this.#copy
    const me = this.#selfAtNode()
    if (me === undefined || !this.#mute.mutedHereOnly) return people
    const shown: Participant = { ...me, muted: true, mutedBy: 'self' }
    return { ...people, participants: { ...people.participants, [me.id]: shown } }
  }

  #wasReplaced(): boolean {
    const { state } = this.#view.get()
    return state.phase === 'left' && state.reason === 'replaced'
  }

  #endedForAll(): boolean {
    const { state } = this.#view.get()
    return state.phase === 'left' && state.reason === 'room-ended'
  }

  #finish(): void {
    // An account's place is taken by a newer visit: coming again is a new visit too, not the old one once more.
    // Who was replaced before they were seated is an account: a guest's seat has one tab only.
    if (this.#wasReplaced() && this.self?.guest !== true) this.#ports.seats.forget(this.#roomId)
    this.#tries.closeAll()
    for (const timer of [...this.#timers.keys()]) this.#disarm(timer)
    this.#feed?.end()
    this.#endClaim?.()
    this.#endOnline?.()
    this.#feed = null
    this.#endClaim = null
    this.#endOnline = null
    this.#listening.stop()
    this.#mute.close()
    this.#tape.close(this.#endedForAll() ? 'take-ended' : 'left')
    this.#mic.close()
    this.#tapeSignals.close()
    this.#strip.close()
    this.#ports.audio.close()
  }
}
