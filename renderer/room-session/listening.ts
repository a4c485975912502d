import { type Cell, cell } from './cell.ts'
import type { Clock } from './clock.ts'
import type { Peer, PeerStats } from './ports.ts'
import { gradeOf, type Quality, sampleBetween } from './quality.ts'
import { type Hearing, hear, NOBODY_SPEAKS, type SpeakingState, speakingNumbers } from './speaking.ts'

/** Fast enough for a ring to follow a voice, slow enough to cost nothing. */
const LOOK_INTERVAL_MS = 150
/** Quality in words changes slowly. */
const QUALITY_INTERVAL_MS = 2_000
/** Until the first sound, for the measure of a join. */
const FIRST_AUDIO_INTERVAL_MS = 10

export interface ListeningOptions {
  clock: Clock
  /** The own number while the microphone is open, and its level. */
  own(): Hearing['own']
  /** The speakers play. */
  playing(): boolean
  /** The first sound of anybody came out of a connection. */
  onFirstAudio(): void
}

/** Watches one connection at a time: who speaks, and how good it is. */
export class Listening {
  readonly speaking: Cell<readonly number[]>
  readonly quality: Cell<Quality>
  readonly #speaking = cell<readonly number[]>([])
  readonly #quality = cell<Quality>({ grade: 'unknown' })
  readonly #options: ListeningOptions
  #watch: Watch | null = null

  constructor(options: ListeningOptions) {
    this.speaking = this.#speaking
    this.quality = this.#quality
    this.#options = options
  }

  /** From now on this connection. The same one again changes nothing. */
  follow(peer: Peer): void {
    if (this.#watch?.peer === peer) return
    this.stop()
    const watch: Watch = { peer, state: NOBODY_SPEAKS, graded: null, ends: new Set() }
    this.#watch = watch
    this.#later(watch, 0, () => this.#look(watch))
    this.#later(watch, 0, () => this.#awaitFirstAudio(watch))
  }

  /** Idempotent. */
  stop(): void {
    if (this.#watch !== null) for (const end of this.#watch.ends) end()
    this.#watch = null
    this.#speaking.set([])
    this.#quality.set({ grade: 'unknown' })
  }

  #later(watch: Watch, delayMs: number, call: () => void): void {
    const end = this.#options.clock.after(delayMs, () => {
      watch.ends.delete(end)
      if (this.#watch === watch) call()
    })
    watch.ends.add(end)
  }

  #awaitFirstAudio(watch: Watch): void {
    if (this.#options.playing() && watch.peer.sources().some((sources) => sources.length > 0)) {
      this.#options.onFirstAudio()
      return
    }
    this.#later(watch, FIRST_AUDIO_INTERVAL_MS, () => this.#awaitFirstAudio(watch))
  }

  async #look(watch: Watch): Promise<void> {
    const stats = await watch.peer.stats().catch(() => null)
    if (this.#watch !== watch) return
    if (stats !== null) {
      this.#hear(watch, stats)
      this.#grade(watch, stats)
    }
    this.#later(watch, LOOK_INTERVAL_MS, () => this.#look(watch))
  }

  #hear(watch: Watch, stats: PeerStats): void {
    const slots = watch.peer.sources().map((sources, slot) => ({ sources, level: stats.slots[slot]?.level ?? 0 }))
    const own = this.#options.own()
    const louder = own && { ...own, level: Math.max(own.level, stats.microphoneLevel ?? 0) }
    watch.state = hear(watch.state, { nowMs: this.#options.clock.nowMs(), slots, own: louder })
    const numbers = speakingNumbers(watch.state)
    if (!sameNumbers(numbers, this.#speaking.get())) this.#speaking.set(numbers)
  }

  #grade(watch: Watch, stats: PeerStats): void {
    const nowMs = this.#options.clock.nowMs()
    if (watch.graded === null) {
      watch.graded = { stats, atMs: nowMs }
      return
    }
    if (nowMs - watch.graded.atMs < QUALITY_INTERVAL_MS) return
    const sample = sampleBetween(watch.graded.stats, stats)
    watch.graded = { stats, atMs: nowMs }
    const quality = sample === null ? ({ grade: 'unknown' } as const) : gradeOf(sample)
    if (!sameQuality(quality, this.#quality.get())) this.#quality.set(quality)
  }
}

interface Watch {
  readonly peer: Peer
  state: SpeakingState
  graded: { stats: PeerStats; atMs: number } | null
  readonly ends: Set<() => void>
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((number, index) => number === b[index])
}

function sameQuality(a: Quality, b: Quality): boolean {
  const trouble = (quality: Quality) => ('trouble' in quality ? quality.trouble : null)
  return a.grade === b.grade && trouble(a) === trouble(b)
}
