import { FRAME_MS, OPUS_CLOCK_RATE_HZ } from '../contract/media.ts'
import type { OpusFrames } from '../opus/frames.ts'
import { Repacketizer } from '../opus/repacketize.ts'
import type { DownlinkPacket } from '../transport/transport.ts'

const FRAME_SAMPLES = (FRAME_MS * OPUS_CLOCK_RATE_HZ) / 1000
/** How much later than expected the rest of a packet may come: what a speaker's own network delays by now and then. */
export const MERGE_PATIENCE_MS = FRAME_MS + 10

/** Packets of one voice that wait: six frames of 20 ms at most, twice as many of 10 ms. Only who means harm has more. */
const HELD_MAX_PACKETS = 12

/** One packet of a slot, at its place in the slot's stream. Valid during the call only. */
export interface VoicePacket {
  readonly packet: DownlinkPacket
  /** What `packet.payload` is made of. */
  readonly frames: OpusFrames
  arrivalMs: number
  /** Counts up with each packet of the room. */
  ordinal: number
}

interface HeldPacket {
  readonly merged: Repacketizer
  speakerNumber: number
  timestamp: number
  marker: boolean
  /** Of its first frame. */
  ordinal: number
  arrivalMs: number
  /** Nothing is added any more. */
  isClosed: boolean
}

export interface AudiencePacerOptions {
  /** Frames of FRAME_MS in a packet. */
  frameCount: number
  /** 0 to frameCount - 1: by how many frames its packets begin earlier than those of phase 0. */
  phase: number
  /** The packet is valid during the call only. */
  send(packet: DownlinkPacket): void
}

/**
 * Makes the long packets of one slot for one phase of the audience. Where packets begin and end is fixed by the slot's RTP
 * clock, so that the phases stay staggered whoever speaks. A voice that begins or ends in between makes a short packet.
 *
 * A short packet waits as long as a full one: every packet leaves `frameCount` frames after its first frame's beginning. A
 * packet that came earlier than that would be the measure by which NetEq finds all others late for the next 2 s, and it would
 * run dry behind it: measured in Chromium 156 on loopback, speech with pauses, jitter buffer delay
 * (target) at 60 ms: 30 (20) ms evenly, 61 (60) ms with short packets at once; at 120 ms: 30 (20) and 83 (120) ms. So a first word
 * that left at once would be heard later in the end.
 */
export class AudiencePacer {
  readonly #packetSamples: number
  readonly #phaseSamples: number
  /** From the arrival of a packet's first frame to that of its last, if all come evenly. */
  readonly #waitMs: number
  readonly #send: (packet: DownlinkPacket) => void
  /** Oldest first; only the last one may be open. */
  readonly #held: HeldPacket[] = []
  readonly #spare: HeldPacket[] = []
  readonly #outgoing: DownlinkPacket = { timestamp: 0, speakerNumber: 0, marker: false, payload: new Uint8Array() }

  constructor(options: AudiencePacerOptions) {
    this.#packetSamples = options.frameCount * FRAME_SAMPLES
    this.#phaseSamples = options.phase * FRAME_SAMPLES
    this.#waitMs = (options.frameCount - 1) * FRAME_MS
    this.#send = options.send
  }

  push(voice: VoicePacket): void {
    const { frames, packet } = voice
    const held = this.#extend(voice) ?? this.#begin(voice)
    const end = (packet.timestamp + frames.packetSamples) >>> 0
    if (frames.isDtx || this.#cellOf(packet.timestamp) !== this.#cellOf(end)) held.isClosed = true
    this.#release(end, voice.arrivalMs)
  }

  /** Sends what has waited long enough. */
  tick(nowMs: number): void {
    for (let first = this.#held[0]; first && nowMs >= this.#dueMs(first); first = this.#held[0]) this.#sendFirst(first)
  }

  /** When `tick` has something to do; Infinity if nothing is held. */
  get dueAtMs(): number {
    const first = this.#held[0]
    return first ? this.#dueMs(first) : Number.POSITIVE_INFINITY
  }

  /** `VoicePacket.ordinal` of the oldest frame that is held; Infinity if nothing is. */
  get oldestOrdinal(): number {
    return this.#held[0]?.ordinal ?? Number.POSITIVE_INFINITY
  }

  /** Sends all at once. */
  flush(): void {
    for (let first = this.#held[0]; first; first = this.#held[0]) this.#sendFirst(first)
  }

  holds(speakerNumber: number): boolean {
    return this.#held.some((held) => held.speakerNumber === speakerNumber)
  }

  discard(): void {
    for (const held of this.#held) this.#spare.push(held)
    this.#held.length = 0
  }

  /** The open packet, if the voice goes on in it. */
  #extend({ packet, frames }: VoicePacket): HeldPacket | null {
    const open = this.#held.at(-1)
    if (!open || open.isClosed) return null
    const goesOn =
      !packet.marker &&
      !frames.isDtx &&
      packet.speakerNumber === open.speakerNumber &&
      packet.timestamp === (open.timestamp + open.merged.samples) >>> 0
    if (goesOn && open.merged.add(packet.payload, frames)) return open
    open.isClosed = true
    return null
  }

  #begin({ packet, frames, ordinal, arrivalMs }: VoicePacket): HeldPacket {
    const held = this.#spare.pop() ?? newHeldPacket()
    held.merged.clear()
    held.merged.add(packet.payload, frames)
    held.speakerNumber = packet.speakerNumber
    held.timestamp = packet.timestamp
    held.marker = packet.marker
    held.ordinal = ordinal
    held.arrivalMs = arrivalMs
    held.isClosed = false
    this.#held.push(held)
    const [first] = this.#held
    if (first && this.#held.length > HELD_MAX_PACKETS) this.#sendFirst(first)
    return held
  }

  /** Which packet of the phase a moment of the slot's stream belongs to. */
  #cellOf(timestamp: number): number {
    return Math.floor((timestamp + this.#phaseSamples) / this.#packetSamples)
  }

  /** `head`: the end of what the slot has. */
  #release(head: number, nowMs: number): void {
    for (let first = this.#held[0]; first; first = this.#held[0]) {
      const isPast = first.isClosed && ((head - first.timestamp) | 0) >= this.#packetSamples
      if (!isPast && nowMs < this.#dueMs(first)) return
      this.#sendFirst(first)
    }
  }

  #dueMs(held: HeldPacket): number {
    return held.arrivalMs + this.#waitMs + (held.isClosed ? 0 : MERGE_PATIENCE_MS)
  }

  #sendFirst(first: HeldPacket): void {
    this.#held.shift()
    this.#spare.push(first)
    const outgoing = this.#outgoing
    outgoing.timestamp = first.timestamp
    outgoing.speakerNumber = first.speakerNumber
    outgoing.marker = first.marker
    outgoing.payload = first.merged.write()
    this.#send(outgoing)
  }
}

function newHeldPacket(): HeldPacket {
  return {
    merged: new Repacketizer(),
    speakerNumber: 0,
    timestamp: 0,
    marker: false,
    ordinal: 0,
    arrivalMs: 0,
    isClosed: false,
  }
}
