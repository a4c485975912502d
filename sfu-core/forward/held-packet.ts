import { OPUS_CLOCK_RATE_HZ } from '../contract/media.ts'
import { Repacketizer } from '../opus/repacketize.ts'
import type { VoicePacket } from './audience-pacer.ts'

const SAMPLES_PER_MS = OPUS_CLOCK_RATE_HZ / 1000

/** A packet to the audience while it is made, from one voice's packets. To be used again and again. */
export class HeldPacket {
  speakerNumber = 0
  /** Where it begins in the slot's stream. 32 bits. */
  timestamp = 0
  /** What the stage was told: DTX may be moved, and a voice may have empty frames before it. 32 bits. */
  spokenTimestamp = 0
  marker = false
  /** Of its first packet. */
  ordinal = 0
  /** When its first frame came, or would have come if it had been sent. */
  beganAtMs = 0
  isDtx = false
  /** Nothing is added any more. */
  isClosed = false
  /** Time before it in which there was nothing may be told as empty frames. */
  fillsBefore = false
  readonly #merged = new Repacketizer()

  /** With so many empty frames before it, or none where they have no room. */
  beginVoice(voice: VoicePacket, emptyBefore: number): void {
    const { packet, frames } = voice
    this.#begin(voice)
    if (!this.#merged.add(packet.payload, frames, emptyBefore)) this.#merged.add(packet.payload, frames)
    this.#move(frames.packetSamples - this.#merged.samples)
  }

  /** `laterSamples` after its time. */
  beginDtx(voice: VoicePacket, laterSamples: number): void {
    this.#begin(voice)
    this.#merged.add(voice.packet.payload, voice.frames)
    this.#move(laterSamples)
    this.isDtx = true
    this.isClosed = true
    this.fillsBefore = true
  }

  #begin({ packet, ordinal, arrivalMs }: VoicePacket): void {
    this.#merged.clear()
    this.speakerNumber = packet.speakerNumber
    this.timestamp = packet.timestamp
    this.spokenTimestamp = packet.timestamp
    this.marker = packet.marker
    this.ordinal = ordinal
    this.beganAtMs = arrivalMs
    this.isDtx = false
    this.isClosed = false
    this.fillsBefore = false
  }

  #move(samples: number): void {
    this.timestamp = (this.timestamp + samples) >>> 0
    this.beganAtMs += samples / SAMPLES_PER_MS
  }

  /** False if it does not go into this packet; it is as before then. `gapSamples`: between its end and the new packet. */
  extend({ packet, frames }: VoicePacket, gapSamples: number): boolean {
    const emptyBefore = gapSamples / this.frameSamples
    if (!Number.isInteger(emptyBefore) || !this.#merged.add(packet.payload, frames, emptyBefore)) return false
    this.marker ||= packet.marker
    return true
  }

  /** Makes it longer by empty frames, up to `samples`. */
  fill(samples: number): void {
    this.#merged.addEmpty(Math.floor(samples / this.frameSamples))
  }

  get frameSamples(): number {
    return this.#merged.frameSamples
  }

  get samples(): number {
    return this.#merged.samples
  }

  /** 32 bits. */
  get end(): number {
    return (this.timestamp + this.#merged.samples) >>> 0
  }

  /** Valid until the next call of anything here. */
  get payload(): Uint8Array {
    return this.#merged.write()
  }
}
