import { OPUS_CLOCK_RATE_HZ } from '../contract/media.ts'
import { SILENCE_STEP_SAMPLES } from '../opus/toc.ts'
import { RUN_ANCHOR_WINDOW_SAMPLES, RunAnchor } from './run-anchor.ts'

const ms = (milliseconds: number): number => (milliseconds * OPUS_CLOCK_RATE_HZ) / 1000

/** In samples of 48 kHz. */
const TIMELINE = {
  /** A packet with a missing one before it waits this long for it; a start, or a doubt, is settled in this time. */
  hold: ms(200),
  /** A step of the delay beyond this is no jitter: the sender's clock stood still, or the network did. */
  step: ms(60),
  /** No network holds audio back for this long: a greater step is the sender's. */
  restart: ms(5_000),
  /** A sender further ahead of itself than this began anew; less is a network that became quicker. */
  ahead: ms(240),
  /** Late packets that arrive this much faster than they were sent are a network's backlog. */
  drainRate: 1.5,
  /** The place is mended at silent moments once it is off by this much ... */
  mend: ms(5),
  /** ... and in the middle of speech, where none comes, by one packet in a while. */
  mendInSpeech: ms(100),
  mendInSpeechEvery: ms(5_000),
  /** Whoever was heard this shortly before the end was there at the end: DTX sends a packet each 400 ms (RFC 7587 §3.1.3). */
  tail: ms(1_000),
} as const

/** RFC 6464: a packet quieter than this may be left out, and silence put before it, without anybody hearing. */
const SILENT_DBOV = 60
/** More than fits into TIMELINE.hold, even in 2.5 ms packets. A burst of a stalled network is larger: it is settled early. */
const MAX_HELD_PACKETS = 600

export interface TimelinePacket {
  sequenceNumber: number
  /** 32 bits, as sent. */
  timestamp: number
  /** Duration in samples. */
  samples: number
  levelDbov: number | null
  payload: Uint8Array
  /** On the take's clock, in samples. */
  arrival: number
}

interface TimelineSink {
  /** Once, before all else: where the first sample lies on the take's clock. */
  begin(offsetSamples: number): void
  packet(payload: Uint8Array, samples: number): void
  /** A multiple of SILENCE_STEP_SAMPLES. */
  silence(samples: number): void
}

interface Held extends TimelinePacket {
  /** The timestamp without the wrap at 32 bits. */
  media: number
  /** arrival - media. */
  delay: number
}

/**
 * Puts one speaker's packets in order and on the take's clock, and says what is silence between them. Pure: time
 * comes with the packets and with `onTime`.
 *
 * A packet's place is its unwrapped timestamp plus `#shift`. Where timestamps cannot be trusted (start, a step
 * of the delay) packets are held until it is plain whether the network was late, which changes nothing, or the
 * sender's clock stood still or began anew, which moves what follows.
 */
export class TrackTimeline {
  readonly #sink: TimelineSink
  #anchor: RunAnchor | null = null
  /** Added to `media` gives the place on the take's clock. */
  #shift = 0
  /** Where the next sample is written, on the take's clock; null before the first. */
  #head: number | null = null
  #held: Held[] = []
  /** When the hold began; null while packets are written as they come. */
  #settlingSince: number | null = null
  #mendedInSpeechAt = Number.NEGATIVE_INFINITY
  #last: Held | null = null
  #written: Held | null = null

  constructor(sink: TimelineSink) {
    this.#sink = sink
  }

  onPacket(packet: TimelinePacket): void {
    const held = this.#unwrap(packet)
    this.#watch(held, this.#last)
    if (!this.#last || held.media > this.#last.media) this.#last = held
    this.#hold(held)
    this.onTime(held.arrival)
  }

  /** Begins to hold packets where the timestamps may have lost their meaning. */
  #watch(packet: Held, previous: Held | null): void {
    if (!previous) {
      this.#settlingSince = packet.arrival
      return
    }
    const reference = this.#anchor?.estimate ?? previous.delay
    if (isRestart(packet.delay - reference)) {
      this.#restart(packet)
    } else if (this.#settlingSince === null && isStep(packet, previous, reference)) {
      this.#writeAll()
      this.#settlingSince = packet.arrival
    }
  }

  /** Call at least every 100 ms: what has waited long enough is written. */
  onTime(now: number): void {
    if (this.#settlingSince === null) {
      this.#writeReady(now)
      return
    }
    const isOver = now - this.#settlingSince >= TIMELINE.hold || this.#held.length >= MAX_HELD_PACKETS
    if (isOver && this.#held.length > 0) this.#decide(now)
  }

  /** Nothing more will come. A speaker who was there to the end, pausing or not, gets a track that reaches it. */
  end(now: number): void {
    if (this.#settlingSince !== null && this.#held.length > 0) this.#decide(this.#held.at(-1)?.arrival ?? 0)
    this.#writeAll()
    const rest = this.#head === null ? 0 : now - this.#head
    if (rest < SILENCE_STEP_SAMPLES || rest > TIMELINE.tail) return
    this.#sink.silence(Math.floor(rest / SILENCE_STEP_SAMPLES) * SILENCE_STEP_SAMPLES)
  }

  #unwrap(packet: TimelinePacket): Held {
    const previous = this.#last
    const media = previous ? previous.media + ((packet.timestamp - previous.timestamp) | 0) : packet.timestamp
    return { ...packet, media, delay: packet.arrival - media }
  }

  #restart(packet: Held): void {
    if (this.#settlingSince !== null && this.#held.length > 0) this.#decide(packet.arrival)
    this.#writeAll()
    this.#anchor = null
    this.#written = null
    this.#last = null
    this.#settlingSince = packet.arrival
  }

  #hold(packet: Held): void {
    if (this.#written && packet.media <= this.#written.media) return
    const after = this.#held.findLastIndex((other) => other.media <= packet.media)
    if (this.#held[after]?.media === packet.media) return
    this.#held.splice(after + 1, 0, packet)
  }

  #decide(now: number): void {
    const smallest = Math.min(...this.#held.map((packet) => packet.delay))
    const anchor = this.#anchor
    if (anchor && !this.#isStale() && this.#isNetworkLate(smallest, anchor)) {
      const isDrained = smallest - anchor.estimate <= TIMELINE.step
      this.#settlingSince = isDrained ? null : now
    } else {
      this.#anchor = new RunAnchor(smallest, now)
      this.#shift = smallest
      this.#settlingSince = null
    }
    if (this.#settlingSince === null) this.#writeReady(now)
    else this.#writeAll()
  }

  /** Nothing came for so long that the old estimate says less than a new one. */
  #isStale(): boolean {
    const [first] = this.#held
    return !!first && !!this.#written && first.arrival - this.#written.arrival >= RUN_ANCHOR_WINDOW_SAMPLES
  }

  #isNetworkLate(smallestDelay: number, anchor: RunAnchor): boolean {
    if (smallestDelay - anchor.estimate <= TIMELINE.step) return true
    const [first, last] = [this.#held[0], this.#held.at(-1)]
    if (!first || !last || this.#held.length < 3) return false
    return last.media - first.media >= (last.arrival - first.arrival) * TIMELINE.drainRate
  }

  #writeReady(now: number): void {
    for (;;) {
      const [next] = this.#held
      if (!next) return
      const isNext = this.#written && ((next.sequenceNumber - this.#written.sequenceNumber) & 0xffff) === 1
      if (!isNext && now - next.arrival < TIMELINE.hold) return
      this.#held.shift()
      this.#write(next)
    }
  }

  #writeAll(): void {
    const held = this.#held
    this.#held = []
    for (const packet of held) this.#write(packet)
  }

  #write(packet: Held): void {
    this.#anchor?.onPacket(packet.delay, packet.arrival)
    this.#written = packet
    const head = this.#begin(packet)
    const gap = this.#mended(packet, packet.media + this.#shift - head)
    if (gap === null) return
    const silence = Math.floor(Math.max(gap, 0) / SILENCE_STEP_SAMPLES) * SILENCE_STEP_SAMPLES
    if (silence > 0) this.#sink.silence(silence)
    this.#sink.packet(packet.payload, packet.samples)
    this.#head = head + silence + packet.samples
    // What would overlap is put behind instead of cut; it is mended at a silent moment.
    if (gap < 0) this.#shift -= gap
  }

  #begin(packet: Held): number {
    if (this.#head !== null) return this.#head
    const offset = Math.max(0, Math.round(packet.media + this.#shift))
    this.#sink.begin(offset)
    return offset
  }

  /** The gap before the packet after mending the shift; null where the packet itself is left out to mend it. */
  #mended(packet: Held, gap: number): number | null {
    const error = (this.#anchor?.estimate ?? this.#shift) - this.#shift
    if (Math.abs(error) < TIMELINE.mend) return gap
    const isSilent = packet.levelDbov !== null && packet.levelDbov > SILENT_DBOV
    if (gap < packet.samples && !isSilent && !this.#mayMendInSpeech(packet, error)) return gap
    if (error > 0 || gap + error >= 0) return this.#shiftBy(error, gap)
    // Part of the gap at least; then, where the packet is silent, the packet.
    if (gap >= SILENCE_STEP_SAMPLES) return this.#shiftBy(-gap, gap)
    if (-error < packet.samples / 2) return gap
    this.#shift -= packet.samples
    return null
  }

  #mayMendInSpeech(packet: Held, error: number): boolean {
    if (Math.abs(error) < TIMELINE.mendInSpeech) return false
    if (packet.arrival - this.#mendedInSpeechAt < TIMELINE.mendInSpeechEvery) return false
    this.#mendedInSpeechAt = packet.arrival
    return true
  }

  #shiftBy(samples: number, gap: number): number {
    this.#shift += samples
    return gap + samples
  }
}

/** Neither clock nor network can be so far off: a new page, another microphone, a long mute. */
function isRestart(delayChange: number): boolean {
  return delayChange > TIMELINE.restart || delayChange < -TIMELINE.ahead
}

/** Much more time passed between two packets than their timestamps say, or so much that clocks may have drifted. */
function isStep(packet: Held, previous: Held, reference: number): boolean {
  if (packet.media <= previous.media) return false
  if (packet.arrival - previous.arrival >= RUN_ANCHOR_WINDOW_SAMPLES) return true
  return packet.delay - previous.delay > TIMELINE.step && packet.delay - reference > TIMELINE.step
}
