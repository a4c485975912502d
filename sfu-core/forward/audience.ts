import type { Clock } from '../clock.ts'
import { SLOT_COUNT } from '../contract/limits.ts'
import { type AudiencePacketMs, FRAME_MS } from '../contract/media.ts'
import type { DownlinkPacket } from '../transport/transport.ts'
import { AudiencePacer, type VoicePacket } from './audience-pacer.ts'

/**
 * Phases may differ by this many members before somebody is moved: as many packets take about 0.1 ms to send
 * (media-engine.md), and people who leave at random seldom make more.
 */
export const PHASES_MAX_DIFFERENCE = 16

interface Phase {
  readonly channel: number
  /** One a slot. */
  readonly pacers: readonly AudiencePacer[]
  members: number
}

interface AudienceOptions {
  clock: Clock
  packetMs: AudiencePacketMs
  send(channel: number, slot: number, packet: DownlinkPacket): void
  /** After packets left by the clock. */
  onTick(): void
}

/**
 * The audience's channels: a phase for each frame of a packet, staggered by a frame, so that each 20 ms has its share of
 * the sending. A phase without members does no work.
 */
export class Audience {
  readonly #options: AudienceOptions
  #packetMs: AudiencePacketMs
  #phases: readonly Phase[]
  #wake: { atMs: number; cancel: () => void } | null = null

  constructor(options: AudienceOptions) {
    this.#options = options
    this.#packetMs = options.packetMs
    this.#phases = this.#createPhases()
  }

  get packetMs(): AudiencePacketMs {
    return this.#packetMs
  }

  /** Members of each phase. */
  get memberCounts(): number[] {
    return this.#phases.map((phase) => phase.members)
  }

  push(slot: number, voice: VoicePacket): void {
    for (const phase of this.#phases) if (phase.members > 0) phase.pacers[slot]?.push(voice)
    this.#wakeInTime()
  }

  /** Sends what is held, and begins anew with no members. Throws nothing away. */
  setPacketMs(packetMs: AudiencePacketMs): void {
    this.flush()
    const before = this.#phases
    this.#packetMs = packetMs
    this.#phases = this.#createPhases()
    for (const from of before) for (const to of this.#phases) noteHeard(from, to)
  }

  flush(): void {
    for (const phase of this.#phases) for (const pacer of phase.pacers) pacer.flush()
  }

  /** Sends what is held of this voice, and what is held before it. */
  flushSpeaker(speakerNumber: number): void {
    for (const phase of this.#phases) for (const pacer of phase.pacers) if (pacer.holds(speakerNumber)) pacer.flush()
  }

  /** Takes a place in the phase that has the fewest members; gives its index. */
  enter(): number {
    const counts = this.memberCounts
    const phase = counts.indexOf(Math.min(...counts))
    this.#change(phase, 1)
    return phase
  }

  leave(phase: number): void {
    this.#change(phase, -1)
  }

  /** A member of `from` has gone to `to`: what they have heard there is not told again, not even as silence. */
  noteMove(from: number, to: number): void {
    const [before, after] = [this.#phases[from], this.#phases[to]]
    if (before && after) noteHeard(before, after)
  }

  /** A phase that has too many members, against another; null while they are even enough. */
  get crowdedPhase(): number | null {
    const counts = this.memberCounts
    const most = Math.max(...counts)
    return most - Math.min(...counts) > PHASES_MAX_DIFFERENCE ? counts.indexOf(most) : null
  }

  channelOf(phase: number): number {
    return phase + 1
  }

  /** Of the oldest frame that the phase holds; Infinity if it holds none. */
  oldestOrdinal(phase: number): number {
    let oldest = Number.POSITIVE_INFINITY
    for (const pacer of this.#phases[phase]?.pacers ?? []) oldest = Math.min(oldest, pacer.oldestOrdinal)
    return oldest
  }

  close(): void {
    this.#wake?.cancel()
    this.#wake = null
    this.#phases = []
  }

  #createPhases(): Phase[] {
    const frameCount = this.#packetMs / FRAME_MS
    return Array.from({ length: frameCount }, (_, phase) => {
      const channel = this.channelOf(phase)
      const pacers = Array.from({ length: SLOT_COUNT }, (_, slot) => {
        return new AudiencePacer({
          frameCount,
          phase,
          send: (packet) => this.#options.send(channel, slot, packet),
        })
      })
      return { channel, pacers, members: 0 }
    })
  }

  #change(index: number, by: 1 | -1): void {
    const phase = this.#phases[index]
    if (!phase) return
    phase.members += by
    if (phase.members === 0) for (const pacer of phase.pacers) pacer.discard()
  }

  #tick(): void {
    this.#wake = null
    const nowMs = this.#options.clock.monotonicMs()
    for (const phase of this.#phases) for (const pacer of phase.pacers) pacer.tick(nowMs)
    this.#options.onTick()
    this.#wakeInTime()
  }

  /** One timer for all. It is not moved when packets leave in time: then it finds less to do, and waits for the next ones. */
  #wakeInTime(): void {
    const dueAtMs = this.#dueAtMs()
    if (dueAtMs === Number.POSITIVE_INFINITY || (this.#wake && this.#wake.atMs <= dueAtMs)) return
    this.#wake?.cancel()
    const delayMs = Math.max(0, dueAtMs - this.#options.clock.monotonicMs())
    this.#wake = { atMs: dueAtMs, cancel: this.#options.clock.after(delayMs, () => this.#tick()) }
  }

  #dueAtMs(): number {
    let dueAtMs = Number.POSITIVE_INFINITY
    for (const phase of this.#phases) for (const pacer of phase.pacers) dueAtMs = Math.min(dueAtMs, pacer.dueAtMs)
    return dueAtMs
  }
}

function noteHeard(from: Phase, to: Phase): void {
  from.pacers.forEach(({ sentEnd }, slot) => {
    if (sentEnd !== null) to.pacers[slot]?.noteHeard(sentEnd)
  })
}
