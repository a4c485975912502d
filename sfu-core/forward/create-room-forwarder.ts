import type { Clock } from '../clock.ts'
import { SLOT_COUNT } from '../contract/limits.ts'
import { parseOpusPacket } from '../opus/toc.ts'
import type { DownlinkPacket, MediaLink, UplinkPacket } from '../transport/transport.ts'
import type { RoomForwarder, RoomForwarderDump, UplinkTap } from './room-forwarder.ts'
import { SlotTimeline } from './slot-timeline.ts'
import { SpeakerSelection } from './speaker-selection.ts'

interface RoomForwarderOptions {
  clock: Clock
}

export function createRoomForwarder(options: RoomForwarderOptions): RoomForwarder {
  return new SlotForwarder(options.clock)
}

interface Uplink {
  audible: boolean
  packets: number
  dropped: number
}

interface Downlink {
  readonly participantNumber: number
  readonly link: MediaLink
  packets: number
}

/** A receiver's clock may start anywhere (RFC 3550 §5.1); far from the wrap is easier to read in a dump. */
const FIRST_TIMESTAMP = 48_000

class SlotForwarder implements RoomForwarder {
  readonly #clock: Clock
  readonly #selection = new SpeakerSelection(SLOT_COUNT)
  readonly #timelines = Array.from({ length: SLOT_COUNT }, () => new SlotTimeline(FIRST_TIMESTAMP))
  readonly #uplinks = new Map<number, Uplink>()
  /** An array: walked for every packet. */
  readonly #downlinks: Downlink[] = []
  #tap: UplinkTap | null = null
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  attach(participantNumber: number, link: MediaLink): void {
    if (this.#closed) return
    this.#removeDownlink(participantNumber)
    this.#downlinks.push({ participantNumber, link, packets: 0 })
  }

  detach(participantNumber: number): void {
    this.#removeDownlink(participantNumber)
    this.#selection.remove(participantNumber)
    // Whoever is audible stays so for their return; numbers are never reused.
    if (!this.#uplinks.get(participantNumber)?.audible) this.#uplinks.delete(participantNumber)
  }

  #removeDownlink(participantNumber: number): void {
    const index = this.#downlinks.findIndex((downlink) => downlink.participantNumber === participantNumber)
    if (index >= 0) this.#downlinks.splice(index, 1)
  }

  setAudible(participantNumber: number, audible: boolean): void {
    this.#uplink(participantNumber).audible = audible
    if (!audible) this.#selection.remove(participantNumber)
  }

  #uplink(participantNumber: number): Uplink {
    const known = this.#uplinks.get(participantNumber)
    if (known) return known
    const uplink: Uplink = { audible: false, packets: 0, dropped: 0 }
    this.#uplinks.set(participantNumber, uplink)
    return uplink
  }

  onUplink(participantNumber: number, packet: UplinkPacket): void {
    if (this.#closed) return
    const uplink = this.#uplink(participantNumber)
    uplink.packets += 1
    const info = uplink.audible ? parseOpusPacket(packet.payload) : null
    if (!info) {
      uplink.dropped += 1
      return
    }
    const arrivalMs = this.#clock.monotonicMs()
    this.#tap?.(participantNumber, packet, arrivalMs)
    const slot = this.#selection.onPacket(participantNumber, packet.levelDbov, arrivalMs)
    const timeline = slot === null ? undefined : this.#timelines[slot]
    if (slot === null || !timeline) {
      uplink.dropped += 1
      return
    }
    const place = timeline.place({
      speakerNumber: participantNumber,
      sequenceNumber: packet.sequenceNumber,
      timestamp: packet.timestamp,
      packetSamples: info.packetSamples,
      arrivalMs,
    })
    this.#send(slot, {
      timestamp: place.timestamp,
      marker: place.marker,
      speakerNumber: participantNumber,
      payload: packet.payload,
    })
  }

  /** To everybody but the speaker; one packet object for all. */
  #send(slot: number, packet: DownlinkPacket): void {
    for (const downlink of this.#downlinks) {
      if (downlink.participantNumber === packet.speakerNumber) continue
      downlink.link.send(slot, packet)
      downlink.packets += 1
    }
  }

  setTap(tap: UplinkTap | null): void {
    this.#tap = tap
  }

  dump(): RoomForwarderDump {
    return {
      slots: this.#selection.holders.map((speakerNumber) => ({ speakerNumber })),
      uplinks: [...this.#uplinks].map(([participantNumber, uplink]) => ({ participantNumber, ...uplink })),
      downlinks: this.#downlinks.map(({ participantNumber, packets }) => ({ participantNumber, packets })),
    }
  }

  close(): void {
    this.#closed = true
    this.#tap = null
    this.#downlinks.length = 0
    this.#uplinks.clear()
  }
}
