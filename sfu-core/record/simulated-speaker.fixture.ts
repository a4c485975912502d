import type { TimelinePacket } from './track-timeline.ts'

/** A sender as tests need it: packets of 20 ms with an own clock, sent, delayed, lost, stopped and begun anew. */
export interface SimulatedPacket {
  /** True time at which the packet's first sample was spoken, in samples of the take's clock. */
  spokenAt: number
  packet: TimelinePacket
}

export const FRAME_SAMPLES = 960
const SAMPLES_PER_MS = 48

interface SpeakerOptions {
  /** The sender's clock against the true one. */
  driftPpm?: number
  firstTimestamp?: number
  firstSequence?: number
  /** What capture, encoding and the quickest way take. */
  baseDelayMs?: number
}

export class SimulatedSpeaker {
  readonly #rate: number
  readonly #baseDelay: number
  #timestamp: number
  #sequence: number

  constructor(options: SpeakerOptions = {}) {
    this.#rate = 1 + (options.driftPpm ?? 0) / 1e6
    this.#baseDelay = (options.baseDelayMs ?? 0) * SAMPLES_PER_MS
    this.#timestamp = (options.firstTimestamp ?? 1_000_000) >>> 0
    this.#sequence = (options.firstSequence ?? 100) & 0xffff
  }

  /** True duration of a frame: a fast clock's frames are short. */
  get frameDuration(): number {
    return FRAME_SAMPLES / this.#rate
  }

  /** `delayMs`: what the network adds to the quickest way. */
  speak(
    spokenAt: number,
    options: { delayMs?: number; levelDbov?: number | null; tag?: number } = {},
  ): SimulatedPacket {
    const tag = options.tag ?? 0
    const arrival = spokenAt + FRAME_SAMPLES + this.#baseDelay + (options.delayMs ?? 0) * SAMPLES_PER_MS
    const packet: TimelinePacket = {
      sequenceNumber: this.#sequence,
      timestamp: this.#timestamp,
      samples: FRAME_SAMPLES,
      levelDbov: options.levelDbov === undefined ? 30 : options.levelDbov,
      payload: Uint8Array.of(0xf8, (tag >> 16) & 0xff, (tag >> 8) & 0xff, tag & 0xff),
      arrival,
    }
    this.#sequence = (this.#sequence + 1) & 0xffff
    this.#timestamp = (this.#timestamp + FRAME_SAMPLES) >>> 0
    return { spokenAt, packet }
  }

  /** DTX: the clock goes on, nothing is numbered. */
  skip(frames: number): void {
    this.#timestamp = (this.#timestamp + frames * FRAME_SAMPLES) >>> 0
  }

  /** A new page: other numbers. */
  restart(timestamp: number, sequence: number): void {
    this.#timestamp = timestamp >>> 0
    this.#sequence = sequence & 0xffff
  }
}

/** The track as written: where each packet's first sample lies on the take's clock. */
export class WrittenTrack {
  offset: number | null = null
  head = 0
  silenceSamples = 0
  readonly packets: { tag: number; at: number; samples: number }[] = []

  readonly sink = {
    begin: (offsetSamples: number): void => {
      if (this.offset !== null) throw new Error('a track begins once')
      this.offset = offsetSamples
      this.head = offsetSamples
    },
    packet: (payload: Uint8Array, samples: number): void => {
      const tag = ((payload[1] ?? 0) << 16) | ((payload[2] ?? 0) << 8) | (payload[3] ?? 0)
      this.packets.push({ tag, at: this.head, samples })
      this.head += samples
    },
    silence: (samples: number): void => {
      if (samples <= 0 || samples % 120 !== 0) throw new Error(`impossible silence: ${samples}`)
      this.silenceSamples += samples
      this.head += samples
    },
  }
}

/** The same numbers at each run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
