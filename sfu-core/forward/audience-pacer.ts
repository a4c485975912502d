import { FRAME_MS, OPUS_CLOCK_RATE_HZ } from '../contract/media.ts'
import { carriesFec, type OpusFrames } from '../opus/frames.ts'
import type { DownlinkPacket } from '../transport/transport.ts'
import { HeldPacket } from './held-packet.ts'

const FRAME_SAMPLES = (FRAME_MS * OPUS_CLOCK_RATE_HZ) / 1000
/** How much later than expected the rest of a packet may come: what a speaker's own network delays by now and then. */
export const MERGE_PATIENCE_MS = FRAME_MS + 10
/**
 * A voice that comes back while the last packet before its silence still waits goes into that packet. What comes this much later
 * than it should still does. Small against the 20 ms by which NetEq counts delays (delay_manager.cc, kBucketSizeMs).
 */
export const RETURN_PATIENCE_MS = 5

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

export interface AudiencePacerOptions {
  /** Frames of FRAME_MS in a packet. */
  frameCount: number
  /** 0 to frameCount - 1: by how many frames its packets begin earlier than those of phase 0. */
  phase: number
  /** The packet is valid during the call only. */
  send(packet: DownlinkPacket): void
}

/**
 * Makes the long packets of one slot for one phase of the audience. The slot's RTP clock is divided into cells of a packet's
 * length, each phase's beginning at another frame, and **a packet covers its cell, whoever speaks and from when to when**: so a
 * phase sends at its own moments only, and each moment has its share of the audience. A voice that begins or comes back in a
 * cell is led in by empty frames, one that falls silent is filled up with them (RFC 6716 §3.2.1; a decoder does there what it
 * does at DTX). DTX itself must stay a packet of one or two bytes, by which libwebrtc knows it (WebRtcOpus_Decode), and is moved
 * to the beginning of the next cell; it is left out when a voice begins in that cell.
 *
 * Without that, all phases sent at the same moment whenever a voice began or ended: 2,000 listeners took 20 ms. Short packets
 * sent at the phase's moments are no way out: a packet that comes early is the measure by which NetEq finds all others late
 * for the next 2 s. Measured in Chromium 156 on loopback, speech with pauses, jitter buffer delay (target) at 60 ms: 30 (20) ms evenly,
 * 61 (60) ms with packets that came early; at 120 ms: 30 (20) and 83 (120) ms.
 *
 * Some packets are shorter than their cell all the same. They leave a full length after their beginning, evenly though not at
 * the phase's moment: where the TOC changes or another voice begins at once in mid-cell; after a voice that was cut off without
 * DTX (empty frames would make the decoder go on with that voice); and before a frame that tells again what was lost (FEC), as
 * NetEq recovers it from there only if there is a hole.
 */
export class AudiencePacer {
  readonly #cellSamples: number
  readonly #phaseSamples: number
  /** From the arrival of a packet's first frame to that of its last, if all come evenly. */
  readonly #waitMs: number
  readonly #send: (packet: DownlinkPacket) => void
  /** Oldest first; only the last one may be open, or the last but one before DTX. */
  readonly #held: HeldPacket[] = []
  readonly #spare: HeldPacket[] = []
  readonly #outgoing: DownlinkPacket = { timestamp: 0, speakerNumber: 0, marker: false, payload: new Uint8Array() }
  /** Where the packet that was sent last ended. */
  #sentEnd: number | null = null
  /** Listeners of this phase may have heard so much, elsewhere. */
  #heardEnd: number | null = null
  /** Nothing, or DTX, was the last that came: decoders are silent. */
  #isSilent = true

  constructor(options: AudiencePacerOptions) {
    this.#cellSamples = options.frameCount * FRAME_SAMPLES
    this.#phaseSamples = options.phase * FRAME_SAMPLES
    this.#waitMs = (options.frameCount - 1) * FRAME_MS
    this.#send = options.send
  }

  /** What comes when its time has been filled with empty frames is late, and dropped. */
  push(voice: VoicePacket): void {
    const { packet, frames } = voice
    if (this.#isLate(packet.timestamp)) return
    if (frames.isDtx) this.#pushDtx(voice)
    else this.#pushVoice(voice)
    this.#isSilent = frames.isDtx
    this.#release((packet.timestamp + frames.packetSamples) >>> 0, voice.arrivalMs)
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

  /** Where the packet that was sent last ended, in the slot's stream; null before the first one. */
  get sentEnd(): number | null {
    return this.#sentEnd
  }

  /** Somebody comes who has heard the slot up to there, from another pacer: no empty frames go before. */
  noteHeard(end: number): void {
    if (this.#heardEnd === null || ((end - this.#heardEnd) | 0) > 0) this.#heardEnd = end
  }

  /** Sends all at once, as it was said: what comes next need not wait for the cell's end. */
  flush(): void {
    for (let first = this.#held[0]; first; first = this.#held[0]) {
      this.#takeFirst()
      const isBefore = this.#sentEnd === null || ((first.spokenTimestamp - this.#sentEnd) | 0) >= 0
      if (first.isDtx && isBefore) first.timestamp = first.spokenTimestamp
      this.#sendPacket(first)
    }
  }

  holds(speakerNumber: number): boolean {
    return this.#held.some((held) => held.speakerNumber === speakerNumber)
  }

  discard(): void {
    for (const held of this.#held) this.#spare.push(held)
    this.#held.length = 0
  }

  /** Further back it is another time: the clock has gone round. */
  #isLate(timestamp: number): boolean {
    const overlap = this.#sentEnd === null ? 0 : (this.#sentEnd - timestamp) | 0
    return overlap > 0 && overlap <= this.#cellSamples
  }

  #pushVoice(voice: VoicePacket): void {
    const { packet, frames } = voice
    this.#dropDtxBefore(packet.timestamp)
    const held = this.#extend(voice) ?? this.#begin(voice)
    const end = (packet.timestamp + frames.packetSamples) >>> 0
    if (this.#cellOf(packet.timestamp) !== this.#cellOf(end)) held.isClosed = true
  }

  #pushDtx(voice: VoicePacket): void {
    const { timestamp } = voice.packet
    const { frameSamples } = voice.frames
    const offset = this.#offsetOf(timestamp)
    const frames = offset < frameSamples ? 0 : Math.ceil((this.#cellSamples - offset) / frameSamples)
    this.#dropDtxBefore(timestamp)
    this.#hold().beginDtx(voice, frames * frameSamples)
  }

  /** DTX that waits for a cell in which there is something else to tell. */
  #dropDtxBefore(timestamp: number): void {
    const last = this.#held.at(-1)
    if (!last?.isDtx) return
    const cellRest = this.#cellSamples - this.#offsetOf(last.timestamp)
    if (((timestamp - last.timestamp) | 0) >= cellRest) return
    this.#held.pop()
    this.#spare.push(last)
  }

  /** The open packet, if the voice goes on in it. */
  #extend(voice: VoicePacket): HeldPacket | null {
    const { packet } = voice
    const open = this.#held.at(-1)
    if (!open || open.isClosed) return null
    const gap = (packet.timestamp - open.end) | 0
    const isHere = packet.speakerNumber === open.speakerNumber && gap >= 0 && gap < this.#cellRest(open)
    const goesOn = isHere && (gap === 0 ? this.#isSilent || !packet.marker : this.#mayFillBefore(voice))
    if (goesOn && open.extend(voice, gap)) return open
    open.isClosed = true
    return null
  }

  #begin(voice: VoicePacket): HeldPacket {
    const fillsBefore = this.#mayFillBefore(voice)
    const emptyBefore = fillsBefore ? this.#framesBefore(voice) : 0
    const held = this.#hold()
    held.beginVoice(voice, emptyBefore)
    held.fillsBefore = fillsBefore
    return held
  }

  #hold(): HeldPacket {
    const [first] = this.#held
    if (first && this.#held.length >= HELD_MAX_PACKETS) this.#sendFirst(first)
    const held = this.#spare.pop() ?? new HeldPacket()
    this.#held.push(held)
    return held
  }

  /** After silence, or after a short loss that the voice does not repair itself. */
  #mayFillBefore({ packet, frames }: VoicePacket): boolean {
    if (this.#isSilent) return true
    const lost = (packet.timestamp - this.#end(packet.timestamp)) | 0
    return !packet.marker && lost < this.#cellSamples && !carriesFec(packet.payload, frames)
  }

  /** Of what is there; `otherwise` if nothing ever was. */
  #end(otherwise: number): number {
    return this.#held.at(-1)?.end ?? this.#sentEnd ?? otherwise
  }

  /** How many frames there is room for, from the cell's beginning, or from what is there already. */
  #framesBefore({ packet, frames }: VoicePacket): number {
    const { timestamp } = packet
    const cellBegin = timestamp - this.#offsetOf(timestamp)
    const sinceEnd = (timestamp - this.#end(cellBegin)) | 0
    const sinceHeard = (timestamp - (this.#heardEnd ?? cellBegin)) | 0
    const samples = Math.min(timestamp - cellBegin, sinceEnd, sinceHeard)
    return Math.max(0, Math.floor(samples / frames.frameSamples))
  }

  /** Which packet of the phase a moment of the slot's stream belongs to. */
  #cellOf(timestamp: number): number {
    return Math.floor((timestamp + this.#phaseSamples) / this.#cellSamples)
  }

  #offsetOf(timestamp: number): number {
    return (timestamp + this.#phaseSamples) % this.#cellSamples
  }

  /** From the packet's end to that of the cell that it begins in. */
  #cellRest(held: HeldPacket): number {
    return this.#cellSamples - this.#offsetOf(held.timestamp) - held.samples
  }

  /** `head`: the end of what the slot has. */
  #release(head: number, nowMs: number): void {
    for (let first = this.#held[0]; first; first = this.#held[0]) {
      const isPast = !this.#isOpen(first) && ((head - first.timestamp) | 0) >= this.#cellSamples
      if (!isPast && nowMs < this.#dueMs(first)) return
      this.#sendFirst(first)
    }
  }

  /** More of it is expected. */
  #isOpen(first: HeldPacket): boolean {
    return !first.isClosed && this.#held.length === 1
  }

  #dueMs(first: HeldPacket): number {
    return first.beganAtMs + this.#waitMs + (this.#isOpen(first) ? MERGE_PATIENCE_MS : RETURN_PATIENCE_MS)
  }

  #sendFirst(first: HeldPacket): void {
    this.#takeFirst()
    const next = this.#held[0]
    if (next?.fillsBefore && !first.isDtx) this.#fillUntil(first, next.timestamp)
    this.#sendPacket(first)
  }

  #takeFirst(): void {
    const first = this.#held.shift()
    if (first) this.#spare.push(first)
  }

  /** If that is where the packet's cell ends, or before. A voice need not begin its frames where cells begin. */
  #fillUntil(held: HeldPacket, timestamp: number): void {
    const gap = (timestamp - held.end) | 0
    if (gap > 0 && gap < this.#cellRest(held) + held.frameSamples) held.fill(gap)
  }

  #sendPacket(held: HeldPacket): void {
    const outgoing = this.#outgoing
    outgoing.timestamp = held.timestamp
    outgoing.speakerNumber = held.speakerNumber
    outgoing.marker = held.marker
    outgoing.payload = held.payload
    this.#sentEnd = held.end
    this.#send(outgoing)
  }
}
