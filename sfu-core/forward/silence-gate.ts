import { OPUS_CLOCK_RATE_HZ } from '../contract/media.ts'
import type { SlotPlace } from './slot-timeline.ts'

/**
 * While a voice is silent one DTX packet goes out this often. NetEq makes comfort noise from a DTX packet on, but stops after a
 * second without another (cng_timeout_ms) and then conceals. Packets come each 420 ms at that time: every second one goes out.
 */
const DTX_INTERVAL_SAMPLES = 0.8 * OPUS_CLOCK_RATE_HZ
/** A frame this quiet between DTX is libopus's refresh of the comfort noise (each 400 ms), not the beginning of a word. */
const REFRESH_MIN_DBOV = 70

interface GatePacket {
  place: SlotPlace
  isDtx: boolean
  levelDbov: number | null
  /** In the slot's stream. */
  timestamp: number
}

type GateAnswer = 'drop' | 'send' | 'send-marked'

/**
 * What of a slot's silence is sent. Of DTX the first packet must be: without it NetEq takes the pause for loss. Measured in
 * Chromium 156 on loopback, speech with pauses. In 26 s, concealed ms / packets:
 *   all DTX packets sent 0 / 1500, none 9790 (1236 of them audible, in 39 events) / 972, the first of each silence 0 / 1006.
 * The refreshes of the comfort noise then cost two packets each 400 ms of silence. In 36 s, silently concealed ms / packets:
 *   with refreshes 0 / 1347; without 3813 / 1287, as NetEq gave up after a second; without, and DTX each 0.8 s, 0 / 1299: this gate.
 */
export class SilenceGate {
  #isSilent = true
  /** The voice was heard in this slot. */
  #wasHeard = false
  #refreshDropped = false
  #dtxTimestamp = 0

  /** For each packet of the slot, in order. */
  ask(packet: GatePacket): GateAnswer {
    if (packet.place === 'first') this.interrupt()
    if (packet.isDtx) return this.#askDtx(packet.timestamp)
    if (this.#isRefresh(packet.levelDbov)) {
      this.#refreshDropped = true
      return 'drop'
    }
    const isMarked = this.#isSilent || packet.place !== 'next'
    this.#isSilent = false
    this.#wasHeard = true
    return isMarked ? 'send-marked' : 'send'
  }

  /** The voice was cut off, or is another one now. */
  interrupt(): void {
    this.#isSilent = true
    this.#wasHeard = false
  }

  #askDtx(timestamp: number): GateAnswer {
    this.#refreshDropped = false
    const isDue = !this.#isSilent || ((timestamp - this.#dtxTimestamp) | 0) >= DTX_INTERVAL_SAMPLES
    this.#isSilent = true
    if (!this.#wasHeard || !isDue) return 'drop'
    this.#dtxTimestamp = timestamp
    return 'send'
  }

  /** A second one in a row is somebody who speaks very quietly. */
  #isRefresh(levelDbov: number | null): boolean {
    return (
      this.#isSilent && this.#wasHeard && !this.#refreshDropped && levelDbov !== null && levelDbov >= REFRESH_MIN_DBOV
    )
  }
}
