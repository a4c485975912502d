import type { Clock } from '../clock.ts'
import { SLOT_COUNT } from '../contract/limits.ts'
import type { AudiencePacketMs } from '../contract/media.ts'
import { OpusFrames, splitOpusPacket } from '../opus/frames.ts'
import { OPUS_MAX_PACKET_BYTES } from '../opus/repacketize.ts'
import {
  type DownlinkPacket,
  type Fanout,
  type MediaLink,
  STAGE_CHANNEL,
  type UplinkPacket,
} from '../transport/transport.ts'
import { Audience } from './audience.ts'
import type { VoicePacket } from './audience-pacer.ts'
import { Listeners } from './listeners.ts'
import type { RoomForwarder, RoomForwarderDump, UplinkCounts, UplinkTap } from './room-forwarder.ts'
import { SilenceGate } from './silence-gate.ts'
import { SlotTimeline, type SourcePacket } from './slot-timeline.ts'
import { SpeakerSelection } from './speaker-selection.ts'
import { UplinkBudget } from './uplink-budget.ts'
import { UplinkOrder } from './uplink-order.ts'

export interface RoomForwarderOptions {
  clock: Clock
  /** The forwarder closes it. */
  fanout: Fanout
  audiencePacketMs: AudiencePacketMs
}

export function createRoomForwarder(options: RoomForwarderOptions): RoomForwarder {
  return new SlotForwarder(options)
}

/** What the forwarder knows of somebody: kept while they have a link, are on stage or are audible. */
interface Person {
  onStage: boolean
  audible: boolean
  isAttached: boolean
  readonly budget: UplinkBudget
  readonly order: UplinkOrder
  readonly counts: UplinkCounts
}

interface Slot {
  readonly index: number
  readonly timeline: SlotTimeline
  readonly gate: SilenceGate
}

/** A receiver's clock may start anywhere (RFC 3550 §5.1); far from the wrap is easier to read in a dump. */
const FIRST_TIMESTAMP = 48_000
/** RFC 6464: digital silence. */
const SILENCE_DBOV = 127

class SlotForwarder implements RoomForwarder {
  readonly #clock: Clock
  readonly #fanout: Fanout
  readonly #audience: Audience
  readonly #listeners: Listeners
  readonly #selection = new SpeakerSelection(SLOT_COUNT)
  readonly #slots = Array.from({ length: SLOT_COUNT }, (_, index): Slot => {
    return { index, timeline: new SlotTimeline(FIRST_TIMESTAMP), gate: new SilenceGate() }
  })
  readonly #people = new Map<number, Person>()
  // One of each for all packets: nothing is made anew for a packet.
  readonly #frames = new OpusFrames()
  readonly #source = newSourcePacket()
  readonly #voice: VoicePacket = { packet: newDownlinkPacket(), frames: this.#frames, arrivalMs: 0, ordinal: 0 }
  #tap: UplinkTap | null = null
  readonly #slotPackets: number[] = new Array(SLOT_COUNT).fill(0)
  #stagePackets = 0
  #audiencePackets = 0
  #closed = false

  constructor({ clock, fanout, audiencePacketMs }: RoomForwarderOptions) {
    this.#clock = clock
    this.#fanout = fanout
    this.#audience = new Audience({
      clock,
      packetMs: audiencePacketMs,
      send: (channel, slot, packet) => {
        this.#audiencePackets += 1
        fanout.send(channel, slot, packet)
      },
      onTick: () => this.#listeners.admitLatecomers(),
    })
    this.#listeners = new Listeners({
      fanout,
      audience: this.#audience,
      nextOrdinal: () => this.#voice.ordinal + 1,
    })
  }

  attach(participantNumber: number, link: MediaLink): void {
    if (this.#closed) return
    const person = this.#person(participantNumber)
    person.isAttached = true
    person.order.reset()
    this.#listeners.attach(participantNumber, link, person.onStage)
  }

  detach(participantNumber: number): void {
    this.#listeners.detach(participantNumber)
    const person = this.#people.get(participantNumber)
    if (!person) return
    person.isAttached = false
    this.#silence(participantNumber)
    this.#forget(participantNumber, person)
  }

  setOnStage(participantNumber: number, onStage: boolean): void {
    if (this.#closed) return
    const person = this.#person(participantNumber)
    person.onStage = onStage
    this.#listeners.setOnStage(participantNumber, onStage)
    this.#forget(participantNumber, person)
  }

  setAudible(participantNumber: number, audible: boolean): void {
    if (this.#closed) return
    const person = this.#person(participantNumber)
    person.audible = audible
    if (!audible) this.#silence(participantNumber)
    this.#forget(participantNumber, person)
  }

  #person(participantNumber: number): Person {
    const known = this.#people.get(participantNumber)
    if (known) return known
    const person: Person = {
      onStage: false,
      audible: false,
      isAttached: false,
      budget: new UplinkBudget(),
      order: new UplinkOrder(),
      counts: newCounts(),
    }
    this.#people.set(participantNumber, person)
    return person
  }

  /** Numbers are never given twice: who has gone for good must not be remembered. */
  #forget(participantNumber: number, person: Person): void {
    if (!person.isAttached && !person.onStage && !person.audible) this.#people.delete(participantNumber)
  }

  /** The stage has heard what is held: so shall the audience, before nothing more of this voice goes out. */
  #silence(participantNumber: number): void {
    this.#audience.flushSpeaker(participantNumber)
    this.#slots[this.#selection.holders.indexOf(participantNumber)]?.gate.interrupt()
    this.#selection.remove(participantNumber)
    this.#listeners.admitLatecomers()
  }

  wantsUplink(participantNumber: number, levelDbov: number | null): boolean {
    if (!this.#people.get(participantNumber)?.audible) return false
    return this.#tap !== null || this.#selection.couldBeHeard(participantNumber, levelDbov, this.#clock.monotonicMs())
  }

  onUplink(participantNumber: number, packet: UplinkPacket): void {
    const person = this.#people.get(participantNumber)
    if (!person || this.#closed) return
    person.counts.packets += 1
    person.counts[this.#receive(participantNumber, person, packet)] += 1
  }

  /** Gives what became of it. */
  #receive(participantNumber: number, person: Person, packet: UplinkPacket): keyof UplinkCounts {
    const frames = this.#frames
    if (!person.audible) return 'notAudible'
    const isTooLong = packet.payload.length > OPUS_MAX_PACKET_BYTES
    if (isTooLong || !splitOpusPacket(packet.payload, frames)) return 'malformed'
    const arrivalMs = this.#clock.monotonicMs()
    if (!person.budget.spend(frames.packetSamples, arrivalMs)) return 'tooFast'
    this.#tap?.(participantNumber, packet, arrivalMs)
    if (!person.order.accept(packet.sequenceNumber, packet.timestamp)) return 'late'
    const levelDbov = frames.isDtx ? SILENCE_DBOV : packet.levelDbov
    const slot = this.#slots[this.#selection.onPacket(participantNumber, levelDbov, arrivalMs) ?? -1]
    if (!slot) return 'unheard'
    this.#fillSource(participantNumber, packet, arrivalMs)
    return this.#forward(slot, packet) ? 'forwarded' : 'silent'
  }

  #fillSource(speakerNumber: number, packet: UplinkPacket, arrivalMs: number): void {
    const source = this.#source
    source.speakerNumber = speakerNumber
    source.sequenceNumber = packet.sequenceNumber
    source.timestamp = packet.timestamp
    source.packetSamples = this.#frames.packetSamples
    source.arrivalMs = arrivalMs
  }

  /** False: there is nothing in it to hear. */
  #forward({ index, timeline, gate }: Slot, packet: UplinkPacket): boolean {
    const place = timeline.place(this.#source)
    const { timestamp } = timeline
    const answer = gate.ask({ place, isDtx: this.#frames.isDtx, levelDbov: packet.levelDbov, timestamp })
    if (answer === 'drop') return false
    const voice = this.#voice
    voice.packet.timestamp = timestamp
    voice.packet.speakerNumber = this.#source.speakerNumber
    voice.packet.marker = answer === 'send-marked'
    voice.packet.payload = packet.payload
    voice.arrivalMs = this.#source.arrivalMs
    voice.ordinal += 1
    this.#stagePackets += 1
    this.#slotPackets[index] = (this.#slotPackets[index] ?? 0) + 1
    this.#fanout.send(STAGE_CHANNEL, index, voice.packet)
    this.#audience.push(index, voice)
    this.#listeners.admitLatecomers()
    return true
  }

  setTap(tap: UplinkTap | null): void {
    if (!this.#closed) this.#tap = tap
  }

  setAudiencePacketMs(packetMs: AudiencePacketMs): void {
    if (this.#closed || packetMs === this.#audience.packetMs) return
    this.#audience.setPacketMs(packetMs)
    this.#listeners.redistribute()
  }

  dump(): RoomForwarderDump {
    return {
      slots: this.#selection.holders.map((speakerNumber, i) => ({ speakerNumber, packets: this.#slotPackets[i] ?? 0 })),
      uplinks: [...this.#people].map(([participantNumber, { audible, onStage, counts }]) => ({
        participantNumber,
        audible,
        onStage,
        ...counts,
      })),
      downlinks: this.#listeners.dump(),
      sent: { stagePackets: this.#stagePackets, audiencePackets: this.#audiencePackets },
      audience: { packetMs: this.#audience.packetMs, members: this.#audience.memberCounts },
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#tap = null
    this.#audience.close()
    this.#listeners.clear()
    this.#people.clear()
    this.#fanout.close()
  }
}

function newSourcePacket(): SourcePacket {
  return { speakerNumber: 0, sequenceNumber: 0, timestamp: 0, packetSamples: 0, arrivalMs: 0 }
}

function newDownlinkPacket(): DownlinkPacket {
  return { timestamp: 0, speakerNumber: 0, marker: false, payload: new Uint8Array() }
}

function newCounts(): UplinkCounts {
  return { packets: 0, forwarded: 0, notAudible: 0, malformed: 0, tooFast: 0, unheard: 0, late: 0, silent: 0 }
}
