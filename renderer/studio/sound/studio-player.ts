import type { TimeRange } from '../../../sfu-core/contract/edits.ts'
import { type Cell, cell, type WritableCell } from '../../room-session/cell.ts'
import { PieceCache } from './piece-cache.ts'
import { audibleParts, nextStretch, positionAt, type Scheduled } from './schedule.ts'

/** `waiting`: it should play, and sound is still on its way. `failed`: it did not come; play tries again. */
export type PlayState = 'paused' | 'playing' | 'waiting' | 'failed'

/** What one speaker's track gives to hear. */
export interface PlayerLane {
  audible: boolean
  gainDb: number
  muted: readonly TimeRange[]
}

export interface PlayerPlan {
  /** What is played, in order. */
  kept: readonly TimeRange[]
  /** One for each track. */
  lanes: readonly PlayerLane[]
}

/** Reads samples of a track: TrackReader. */
export interface SampleSource {
  read(from: number, to: number, signal: AbortSignal): Promise<readonly Float32Array[]>
}

const RATE_HZ = 48_000
/** Sound is fetched and decoded in pieces of this length. */
const PIECE_MS = 6_000
/** Pieces after the one that plays, fetched in advance. */
const PIECES_AHEAD = 2
/** In all tracks together: some 83 MB of mono. */
const PIECES_KEPT = 72
/** So far ahead sources are handed to the audio context: in a hidden tab timers come once a second. */
const SCHEDULE_AHEAD_S = 2.5
const PUMP_INTERVAL_MS = 100
/** Between two moments of a hand that drags. */
const SEEK_SETTLE_MS = 120
/** From the press to the first sample: two of the largest usual output buffers. */
const START_DELAY_S = 0.06
/** A cut in the middle of a sound would click. */
const FADE_S = 0.004

/**
 * Plays all tracks of a take by one clock, the audio context's: what begins together sounds together to the sample, cuts are
 * gone over without a pause, and muted ranges end where they end.
 */
export class StudioPlayer {
  readonly state: Cell<PlayState>
  readonly #state: WritableCell<PlayState> = cell<PlayState>('paused')
  readonly #sources: readonly SampleSource[]
  readonly #cache = new PieceCache<AudioBuffer>(PIECES_KEPT)
  #plan: PlayerPlan
  #context: AudioContext | null = null
  #gains: GainNode[] = []
  #nodes = new Set<AudioBufferSourceNode>()
  #scheduled: Scheduled[] = []
  /** Up to here, in the take and on the context's clock, all is handed over. */
  #cursorMs = 0
  #cursorS = 0
  #restMs = 0
  #timer: ReturnType<typeof setInterval> | null = null
  /** Set while a seek waits for another one. */
  #settling: ReturnType<typeof setTimeout> | undefined

  constructor(sources: readonly SampleSource[], plan: PlayerPlan) {
    this.#sources = sources
    this.#plan = plan
    this.state = this.#state
  }

  get isPlaying(): boolean {
    return this.#state.get() === 'playing' || this.#state.get() === 'waiting'
  }

  /** Where in the take it plays, or would. */
  positionMs(): number {
    const context = this.#context
    if (!this.isPlaying || context === null) return this.#restMs
    return positionAt(this.#scheduled, context.currentTime - (context.outputLatency || 0)) ?? this.#restMs
  }

  /** Call it from a press: browsers let no sound begin otherwise. */
  play(): void {
    if (this.isPlaying) return
    const context = this.#open()
    void context.resume()
    this.#timer ??= setInterval(() => this.#pump(), PUMP_INTERVAL_MS)
    this.#begin(this.#restMs)
  }

  pause(): void {
    this.#rest(this.positionMs(), 'paused')
  }

  /** While it plays, it goes on from there as soon as nobody seeks any further: a hand that drags does not mean each moment. */
  seek(toMs: number): void {
    const wasPlaying = this.isPlaying
    this.#silence()
    this.#restMs = toMs
    if (!wasPlaying) return
    this.#state.set('waiting')
    this.#settling = setTimeout(() => this.#begin(this.#restMs), SEEK_SETTLE_MS)
  }

  /** Takes effect at once, also while it plays. */
  setPlan(plan: PlayerPlan): void {
    const before = this.#plan
    this.#plan = plan
    this.#applyGains()
    if (this.isPlaying && !soundsAlike(before, plan)) this.#begin(this.positionMs())
  }

  /** Idempotent. */
  close(): void {
    this.pause()
    this.#cache.clear()
    void this.#context?.close()
    this.#context = null
  }

  #open(): AudioContext {
    if (this.#context !== null) return this.#context
    const context = new AudioContext({ sampleRate: RATE_HZ, latencyHint: 'playback' })
    this.#gains = this.#sources.map(() => {
      const gain = context.createGain()
      gain.connect(context.destination)
      return gain
    })
    this.#context = context
    this.#applyGains()
    return context
  }

  #applyGains(): void {
    for (const [index, gain] of this.#gains.entries())
      gain.gain.value = 10 ** ((this.#plan.lanes[index]?.gainDb ?? 0) / 20)
  }

  #begin(fromMs: number): void {
    this.#silence()
    this.#restMs = fromMs
    this.#cursorMs = fromMs
    this.#cursorS = (this.#context?.currentTime ?? 0) + START_DELAY_S
    this.#state.set('waiting')
    this.#pump()
  }

  #rest(atMs: number, state: PlayState): void {
    this.#silence()
    this.#restMs = atMs
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#state.set(state)
  }

  #silence(): void {
    clearTimeout(this.#settling)
    this.#settling = undefined
    for (const node of this.#nodes) {
      node.onended = null
      node.stop()
      node.disconnect()
    }
    this.#nodes.clear()
    this.#scheduled = []
  }

  /** Hands over what comes next, as far as it is there. */
  #pump(): void {
    const context = this.#context
    if (context === null || !this.isPlaying || this.#settling !== undefined) return
    while (this.#cursorS < context.currentTime + SCHEDULE_AHEAD_S) {
      const stretch = nextStretch(this.#plan.kept, this.#cursorMs, PIECE_MS)
      if (stretch === null) {
        this.#endIfOver(context)
        return
      }
      this.#fetchAhead(stretch)
      if (!this.#isThere(stretch)) {
        if (this.#cursorS <= context.currentTime) this.#state.set('waiting')
        return
      }
      this.#hand(stretch, context)
    }
    this.#scheduled = this.#scheduled.filter(
      ({ fromMs, toMs, atS }) => atS + (toMs - fromMs) / 1_000 > context.currentTime - 5,
    )
  }

  #endIfOver(context: AudioContext): void {
    if (this.#cursorS > context.currentTime) return
    this.#rest(this.#plan.kept.at(-1)?.toMs ?? 0, 'paused')
  }

  #isThere(stretch: TimeRange): boolean {
    return this.#lanesIn(stretch).every((lane) => this.#cache.get(keyOf(lane, pieceOf(stretch.fromMs))) !== null)
  }

  #lanesIn(stretch: TimeRange): number[] {
    return this.#plan.lanes.flatMap(({ audible, muted }, lane) =>
      audible && audibleParts(stretch, muted).length > 0 ? [lane] : [],
    )
  }

  #fetchAhead(first: TimeRange): void {
    const wanted = new Set<string>()
    let stretch: TimeRange | null = first
    for (let ahead = 0; stretch !== null && ahead <= PIECES_AHEAD; ahead++) {
      const piece = pieceOf(stretch.fromMs)
      for (const lane of this.#lanesIn(stretch)) {
        wanted.add(keyOf(lane, piece))
        this.#load(lane, piece)
      }
      stretch = nextStretch(this.#plan.kept, stretch.toMs, PIECE_MS)
    }
    this.#cache.keepWaitingFor(wanted)
  }

  #load(lane: number, piece: number): void {
    const source = this.#sources[lane]
    if (source === undefined) return
    const loading = this.#cache.load(keyOf(lane, piece), async (signal) => {
      const from = (piece * PIECE_MS * RATE_HZ) / 1_000
      return bufferOf(await source.read(from, from + (PIECE_MS * RATE_HZ) / 1_000, signal))
    })
    loading?.then(
      () => this.#pump(),
      (error: unknown) => {
        const calledOff = error instanceof DOMException && error.name === 'AbortError'
        if (!calledOff && this.isPlaying) this.#rest(this.positionMs(), 'failed')
      },
    )
  }

  #hand(stretch: TimeRange, context: AudioContext): void {
    const atS = Math.max(this.#cursorS, context.currentTime + START_DELAY_S / 2)
    for (const lane of this.#lanesIn(stretch)) {
      for (const part of audibleParts(stretch, this.#plan.lanes[lane]?.muted ?? [])) {
        this.#start(lane, part, { context, atS: atS + (part.fromMs - stretch.fromMs) / 1_000 })
      }
    }
    this.#scheduled.push({ ...stretch, atS })
    this.#cursorMs = stretch.toMs
    this.#cursorS = atS + (stretch.toMs - stretch.fromMs) / 1_000
    this.#state.set('playing')
  }

  #start(lane: number, part: TimeRange, { context, atS }: { context: AudioContext; atS: number }): void {
    const buffer = this.#cache.get(keyOf(lane, pieceOf(part.fromMs)))
    const out = this.#gains[lane]
    const offsetS = (part.fromMs % PIECE_MS) / 1_000
    if (buffer === null || out === undefined || offsetS >= buffer.duration) return
    const node = new AudioBufferSourceNode(context, { buffer })
    const lengthS = (part.toMs - part.fromMs) / 1_000
    node.connect(this.#edges(part, { context, atS, out }))
    node.start(atS, offsetS, lengthS)
    this.#nodes.add(node)
    node.onended = () => this.#nodes.delete(node)
  }

  /** Pieces follow each other without a seam; where a part begins or ends within a piece, it fades. */
  #edges(part: TimeRange, { context, atS, out }: { context: AudioContext; atS: number; out: GainNode }): AudioNode {
    const fadesIn = part.fromMs % PIECE_MS !== 0
    const fadesOut = part.toMs % PIECE_MS !== 0
    if (!fadesIn && !fadesOut) return out
    const endS = atS + (part.toMs - part.fromMs) / 1_000
    const edge = context.createGain()
    edge.connect(out)
    if (fadesIn) edge.gain.setValueAtTime(0, atS).linearRampToValueAtTime(1, atS + FADE_S)
    if (fadesOut) edge.gain.setValueAtTime(1, endS - FADE_S).linearRampToValueAtTime(0, endS)
    return edge
  }
}

function pieceOf(atMs: number): number {
  return Math.floor(atMs / PIECE_MS)
}

function keyOf(lane: number, piece: number): string {
  return `${lane}/${piece}`
}

/** Nothing but loudness differs. */
function soundsAlike(a: PlayerPlan, b: PlayerPlan): boolean {
  const shape = ({ kept, lanes }: PlayerPlan) =>
    JSON.stringify([kept, lanes.map(({ audible, muted }) => [audible, muted])])
  return shape(a) === shape(b)
}

function bufferOf(channels: readonly Float32Array[]): AudioBuffer {
  const length = Math.max(1, channels[0]?.length ?? 0)
  const buffer = new AudioBuffer({ numberOfChannels: Math.max(1, channels.length), length, sampleRate: RATE_HZ })
  for (const [index, samples] of channels.entries()) buffer.copyToChannel(new Float32Array(samples), index)
  return buffer
}
