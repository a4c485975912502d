import type { AudiencePacketMs } from '../contract/media.ts'
import { OpusFrames, splitOpusPacket } from '../opus/frames.ts'
import { createFakeClock } from '../test/fake-clock.ts'
import { createFakeFanout, createFakeMediaLink, type FakeMediaLink, type SentPacket } from '../test/fake-transport.ts'
import type { UplinkPacket } from '../transport/transport.ts'
import { createRoomForwarder } from './create-room-forwarder.ts'

/** 20 ms, CELT fullband, mono. */
const TOC = 0xf8
export const VOICE_DBOV = 40
/** Libopus's DTX: a TOC byte alone. */
const DTX = Uint8Array.of(TOC)

/** A sender: packets of 20 ms, numbered and timed one after the other. */
export class Mouth {
  sequenceNumber: number
  timestamp: number
  #frame = 0

  constructor(sequenceNumber = 0, timestamp = 0) {
    this.sequenceNumber = sequenceNumber
    this.timestamp = timestamp
  }

  /** The next packet; its frame's bytes tell which it is. */
  speak(levelDbov: number | null = VOICE_DBOV): UplinkPacket {
    this.#frame += 1
    return this.#next(Uint8Array.of(TOC, this.#frame >> 8, this.#frame & 0xff), levelDbov)
  }

  /** A frame with nothing to hear. */
  pause(): UplinkPacket {
    return this.#next(DTX, 127)
  }

  /** Time in which nothing is sent and nothing numbered. */
  wait(frames: number): void {
    this.timestamp = (this.timestamp + frames * 960) >>> 0
  }

  #next(payload: Uint8Array, levelDbov: number | null): UplinkPacket {
    const { sequenceNumber, timestamp } = this
    this.sequenceNumber = (sequenceNumber + 1) & 0xffff
    this.wait(1)
    return { sequenceNumber, timestamp, payload, levelDbov }
  }
}

/** Frames as Mouth numbers them; 0 for DTX. The empty ones around a voice are left out. */
export function framesIn({ packet }: SentPacket): number[] {
  const frames = new OpusFrames()
  if (!splitOpusPacket(packet.payload, frames)) throw new Error('not an Opus packet')
  if (frames.isDtx) return [0]
  return Array.from({ length: frames.count }, (_, i) => frames.offsets[i] ?? 0)
    .filter((_, i) => (frames.lengthsBytes[i] ?? 0) > 0)
    .map((at) => ((packet.payload[at] ?? 0) << 8) | (packet.payload[at + 1] ?? 0))
}

/** A forwarder on a fake network. People 1 to `stage` are on stage and audible, those after them in the audience. */
export function createForwarderHarness(
  options: { stage?: number; audience?: number; packetMs?: AudiencePacketMs } = {},
) {
  const { stage = 1, audience = 1, packetMs = 60 } = options
  const clock = createFakeClock()
  const fanout = createFakeFanout()
  const forwarder = createRoomForwarder({ clock, fanout, audiencePacketMs: packetMs })
  const links = new Map<number, FakeMediaLink>()

  function enter(number: number, onStage: boolean): FakeMediaLink {
    const link = createFakeMediaLink()
    links.set(number, link)
    forwarder.setOnStage(number, onStage)
    forwarder.setAudible(number, onStage)
    forwarder.attach(number, link)
    return link
  }

  for (let number = 1; number <= stage + audience; number++) enter(number, number <= stage)

  const link = (number: number): FakeMediaLink => {
    const known = links.get(number)
    if (!known) throw new Error(`nobody has number ${number}`)
    return known
  }

  return {
    clock,
    fanout,
    forwarder,
    enter,
    link,
    /** Packets that a link was sent. */
    heard: (number: number) => link(number).sent,
    /** Somebody sends `frames` packets, one each 20 ms. */
    talk(number: number, mouth: Mouth, frames: number) {
      for (let i = 0; i < frames; i++) {
        forwarder.onUplink(number, mouth.speak())
        clock.advance(20)
      }
    },
    channelOf: (number: number) => fanout.members.get(link(number))?.channel ?? null,
  }
}
