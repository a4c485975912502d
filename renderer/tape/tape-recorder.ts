import type { TakeId } from '../../sfu-core/contract/ids.ts'
import type { TapeEnd, TapeSource } from '../../sfu-core/contract/tape.ts'
import { type Cell, cell } from '../room-session/cell.ts'
import type { Clock } from '../room-session/clock.ts'
import type { RunningTape, TapeChoice, TapePort, TapeRequest } from './tape-port.ts'
import type { TapeStatus } from './worker/tape-status.ts'

/** A microphone's signal that can be taped. */
export interface TapeTrack {
  readonly track: MediaStreamTrack
  readonly source: TapeSource
  readonly label: string
}

/** What the room says of us, as far as tapes need it. */
export interface TapeSituation {
  readonly seat: string | null
  readonly roomTitle: string
  /** Null: the room is not recorded. */
  readonly takeId: TakeId | null
  readonly onStage: boolean
  readonly consent: boolean
}

export interface TapeRecorderOptions {
  port: TapePort
  clock: Clock
  choice: TapeChoice
  /** Asks for the signals that are to be taped, or for none; they come by `tracks`. */
  wantSources(choice: TapeChoice | null): void
}

/** What the own recording does. */
export type TapeView =
  | { readonly state: 'off' }
  /** `tapes`: those that run now, first the processed one. */
  | { readonly state: 'on'; readonly takeId: TakeId; readonly tapes: readonly TapeStatus[] }

/** A capture that failed is begun anew after this time. */
const AGAIN_MS = 1_000

interface Run {
  readonly tape: RunningTape
  readonly request: TapeRequest
}

/**
 * Tapes the own microphone while one is on stage in a room that is recorded, and has agreed to it; and only then. Another take, device or
 * choice begins another tape. The connection does not matter: what is captured is sent when there is one.
 */
export class TapeRecorder {
  readonly view: Cell<TapeView>
  readonly #view = cell<TapeView>({ state: 'off' })
  readonly #options: TapeRecorderOptions
  readonly #runs = new Map<TapeSource, Run>()
  readonly #endWatch: () => void
  #choice: TapeChoice
  #situation: TapeSituation = { seat: null, roomTitle: '', takeId: null, onStage: false, consent: false }
  #tracks: readonly TapeTrack[] = []
  #endAgain: (() => void) | null = null
  #isClosed = false

  constructor(options: TapeRecorderOptions) {
    this.view = this.#view
    this.#options = options
    this.#choice = options.choice
    this.#endWatch = options.port.tapes.subscribe(() => this.#show())
  }

  /** News of the room. */
  see(situation: TapeSituation): void {
    if (this.#isClosed) return
    this.#situation = situation
    if (situation.onStage) this.#options.port.prepare()
    this.#options.wantSources(this.#isWanted ? this.#choice : null)
    this.#settle()
  }

  choose(choice: TapeChoice): void {
    if (choice.sources === this.#choice.sources && choice.stereo === this.#choice.stereo) return
    this.#choice = choice
    this.see(this.#situation)
  }

  /** The signals that there are now. */
  setTracks(tracks: readonly TapeTrack[]): void {
    this.#tracks = tracks
    if (!this.#isClosed) this.#settle()
  }

  /** Ends it. Idempotent. */
  close(why: TapeEnd): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#endAgain?.()
    this.#endWatch()
    for (const source of [...this.#runs.keys()]) this.#end(source, why)
    this.#show()
  }

  get #isWanted(): boolean {
    const { seat, takeId, onStage, consent } = this.#situation
    return seat !== null && takeId !== null && onStage && consent
  }

  #settle(): void {
    for (const [source, { request }] of [...this.#runs]) {
      const why = this.#whyEnd(request)
      if (why !== null) this.#end(source, why)
    }
    if (this.#isWanted) for (const track of this.#tracks) this.#begin(track)
    this.#show()
  }

  /** Null: it goes on. */
  #whyEnd({ takeId: ofTake, source, track, channels }: TapeRequest): TapeEnd | null {
    const { takeId, onStage, consent } = this.#situation
    if (takeId !== ofTake) return 'take-ended'
    if (!onStage) return 'off-stage'
    if (!consent) return 'declined'
    const now = this.#tracks.find((track) => track.source === source)
    return now?.track === track && channelsOf(now, this.#choice) === channels ? null : 'device-changed'
  }

  #begin(tapeTrack: TapeTrack): void {
    const { source, track, label } = tapeTrack
    const { seat, roomTitle, takeId } = this.#situation
    if (seat === null || takeId === null || this.#runs.has(source) || this.#endAgain !== null) return
    const channels = channelsOf(tapeTrack, this.#choice)
    const request: TapeRequest = {
      takeId,
      source,
      channels,
      deviceLabel: label,
      seat,
      roomTitle,
      track,
      onLost: () => this.#lost(request),
    }
    this.#runs.set(source, { tape: this.#options.port.begin(request), request })
  }

  #end(source: TapeSource, why: TapeEnd): void {
    this.#runs.get(source)?.tape.finish(why)
    this.#runs.delete(source)
  }

  #lost(request: TapeRequest): void {
    if (this.#isClosed || this.#runs.get(request.source)?.request !== request) return
    this.#runs.delete(request.source)
    this.#endAgain?.()
    this.#endAgain = this.#options.clock.after(AGAIN_MS, () => {
      this.#endAgain = null
      this.#settle()
    })
  }

  #show(): void {
    const { takeId } = this.#situation
    const ids = [...this.#runs.values()].map(({ tape }) => tape.tapeId)
    if (takeId === null || ids.length === 0) {
      if (this.#view.get().state !== 'off') this.#view.set({ state: 'off' })
      return
    }
    const all = this.#options.port.tapes.get()
    this.#view.set({ state: 'on', takeId, tapes: all.filter(({ tapeId }) => ids.includes(tapeId)) })
  }
}

/** Two where they are wanted and the microphone has them. */
function channelsOf({ track }: TapeTrack, { stereo }: TapeChoice): 1 | 2 {
  return stereo && (track.getSettings().channelCount ?? 1) > 1 ? 2 : 1
}
