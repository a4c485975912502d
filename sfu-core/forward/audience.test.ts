import { describe, expect, it } from 'vitest'
import { AUDIENCE_PACKET_MS, type AudiencePacketMs } from '../contract/media.ts'
import { parseOpusPacket } from '../opus/toc.ts'
import type { SentPacket } from '../test/fake-transport.ts'
import { createRandom, type Random } from '../test/random.ts'
import { STAGE_CHANNEL, type UplinkPacket } from '../transport/transport.ts'
import { PHASES_MAX_DIFFERENCE } from './audience.ts'
import { RETURN_PATIENCE_MS } from './audience-pacer.ts'
import { createForwarderHarness, framesIn, Mouth } from './forwarder-harness.fixture.ts'

const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, i) => i + from)

/** Packets of one stream that begin before the one before them has ended. */
function overlaps(sent: readonly SentPacket[]): SentPacket[] {
  return sent.filter(({ packet }, i) => {
    const before = sent[i - 1]?.packet
    return before && packet.timestamp < before.timestamp + (parseOpusPacket(before.payload)?.packetSamples ?? 0)
  })
}

/** A voice that comes and goes; as libopus does it, silence is a packet each 400 ms, with nothing numbered between. */
class Talker {
  readonly #mouth = new Mouth()
  readonly #random: Random
  #talks = false
  #silentFrames = 0

  constructor(random: Random) {
    this.#random = random
  }

  next(): UplinkPacket | null {
    if (this.#random.chance(8)) this.#talks = !this.#talks
    this.#silentFrames = this.#talks ? 0 : this.#silentFrames + 1
    if (this.#talks) return this.#mouth.speak()
    if (this.#silentFrames % 20 === 1) return this.#mouth.pause()
    this.#mouth.wait(1)
    return null
  }
}

/** By channel and slot: when in a packet's length something left, in a minute of three people's talk without jitter. */
function momentsOfTalk(packetMs: AudiencePacketMs): Map<string, number[]> {
  const { forwarder, clock, fanout } = createForwarderHarness({ stage: 3, audience: 12, packetMs })
  const random = createRandom(packetMs)
  const talkers = upTo(3).map(() => new Talker(random))
  const moments = new Map<string, number[]>()
  let looked = 0
  const look = (atMs: number) => {
    for (const { channel, slot } of fanout.sent.slice(looked)) {
      if (channel === STAGE_CHANNEL) continue
      const known = moments.get(`${channel}/${slot}`) ?? []
      const all = new Set([...known, atMs % packetMs])
      moments.set(
        `${channel}/${slot}`,
        [...all].toSorted((a, b) => a - b),
      )
    }
    looked = fanout.sent.length
  }
  for (let atMs = 0; atMs < 60_000; atMs += RETURN_PATIENCE_MS) {
    for (const [index, talker] of talkers.entries()) {
      const packet = atMs % 20 === 0 ? talker.next() : null
      if (packet) forwarder.onUplink(index + 1, packet)
    }
    look(atMs)
    clock.advance(RETURN_PATIENCE_MS)
  }
  return moments
}

describe('the audience', () => {
  it.each(AUDIENCE_PACKET_MS)('R161: hears the same frames as the stage, %i ms to a packet', (packetMs) => {
    const { talk, heard, clock } = createForwarderHarness({ stage: 2, audience: 6, packetMs })
    talk(1, new Mouth(), 60)
    clock.advance(1_000)
    for (const number of upTo(6, 3)) {
      expect(heard(number).flatMap(framesIn)).toEqual(upTo(60))
      expect(heard(number).length).toBeLessThanOrEqual((60 * 20) / packetMs + 1)
    }
    expect(heard(2)).toHaveLength(60)
  })

  it('is spread over phases, so that each 20 ms has its share', () => {
    const { forwarder, clock, fanout } = createForwarderHarness({ audience: 9 })
    const mouth = new Mouth()
    const channels: number[][] = []
    for (let i = 0; i < 30; i++) {
      const before = fanout.sent.length
      forwarder.onUplink(1, mouth.speak())
      channels.push(fanout.sent.slice(before).map(({ channel }) => channel))
      clock.advance(20)
    }
    expect(forwarder.dump().audience).toEqual({ packetMs: 60, members: [3, 3, 3] })
    for (const sent of channels.slice(6)) {
      expect(sent[0]).toBe(STAGE_CHANNEL)
      expect(sent).toHaveLength(2)
    }
    expect(new Set(channels.slice(6, 9).map((sent) => sent[1]))).toEqual(new Set([1, 2, 3]))
  })

  it.each([40, 60, 120] as const)('R167: is sent to at its own moments only, whoever speaks, %i ms', (packetMs) => {
    const moments = momentsOfTalk(packetMs)
    const phases = packetMs / 20
    expect(moments.size).toBe(phases * 3)
    for (const [key, ofChannel] of moments) {
      const [channel = 0, slot = 0] = key.split('/').map(Number)
      // When its last frame is there, or when it should be.
      expect(ofChannel).toHaveLength(2)
      const [onFrame = 0, byClock] = ofChannel
      expect(byClock).toBe(onFrame + RETURN_PATIENCE_MS)
      const [ofNextPhase = 0] = moments.get(`${(channel % phases) + 1}/${slot}`) ?? []
      expect((onFrame - ofNextPhase + packetMs) % packetMs).toBe(20)
    }
  })

  it('costs nothing in phases where nobody is', () => {
    const { talk, fanout } = createForwarderHarness({ audience: 1, packetMs: 120 })
    talk(1, new Mouth(), 60)
    expect(new Set(fanout.sent.map(({ channel }) => channel))).toEqual(new Set([STAGE_CHANNEL, 1]))
  })

  it('fills phases evenly, and is evened out when people leave, a few at a time', () => {
    const { forwarder, fanout, channelOf, talk } = createForwarderHarness({ audience: 120 })
    expect(forwarder.dump().audience.members).toEqual([40, 40, 40])
    const before = new Map(upTo(120, 2).map((number) => [number, channelOf(number)]))
    for (const [number, channel] of before) if (channel === 2) forwarder.detach(number)
    const { members } = forwarder.dump().audience
    expect(members.reduce((sum, count) => sum + count)).toBe(80)
    expect(Math.max(...members) - Math.min(...members)).toBeLessThanOrEqual(PHASES_MAX_DIFFERENCE)
    talk(1, new Mouth(), 10)
    const moved = [...before].filter(([number, channel]) => channel !== 2 && channelOf(number) !== channel)
    expect(moved.length).toBeLessThan(30)
    expect(fanout.members.size).toBe(81)
  })

  it('R162: moves people to another phase without telling them anything twice', () => {
    const { forwarder, talk, heard, channelOf } = createForwarderHarness({ audience: 120 })
    const mouth = new Mouth()
    talk(1, mouth, 9)
    const before = new Map(upTo(120, 2).map((number) => [number, channelOf(number)]))
    for (const [number, channel] of before) if (channel !== 1) forwarder.detach(number)
    const stayed = upTo(120, 2).filter((number) => before.get(number) === 1)
    const moved = stayed.filter((number) => channelOf(number) === null)
    expect(moved.length).toBeGreaterThan(5)
    talk(1, mouth, 12)
    for (const number of stayed) {
      const frames = heard(number).flatMap(framesIn)
      expect(frames).toEqual([...new Set(frames)])
      expect(channelOf(number)).not.toBeNull()
      expect(frames.length).toBeGreaterThanOrEqual(21 - 6)
    }
  })

  it('R162: leads a voice in, for who moved here, only from where they have heard it', () => {
    const { forwarder, clock, heard, channelOf } = createForwarderHarness({ audience: 120 })
    const mouth = new Mouth()
    const said = Array.from({ length: 7 }, () => mouth.speak())
    for (const packet of [...said, mouth.pause()]) {
      forwarder.onUplink(1, packet)
      clock.advance(20)
    }
    clock.advance(200)
    const before = new Map(upTo(120, 2).map((number) => [number, channelOf(number)]))
    const stayed = upTo(120, 2).filter((number) => before.get(number) === 2)
    for (const number of upTo(120, 2)) if (!stayed.includes(number)) forwarder.detach(number)
    expect(stayed.filter((number) => channelOf(number) !== 2).length).toBeGreaterThan(5)
    // By its timestamps the voice comes back soon: it was delayed.
    mouth.wait(2)
    for (let i = 0; i < 9; i++) {
      forwarder.onUplink(1, mouth.speak())
      clock.advance(20)
    }
    clock.advance(1_000)
    for (const number of stayed) expect(overlaps(heard(number))).toEqual([])
  })

  it('keeps listeners in their phase while others come and go', () => {
    const { forwarder, enter, channelOf } = createForwarderHarness({ audience: 30 })
    const before = upTo(30, 2).map(channelOf)
    for (const number of upTo(200, 100)) {
      enter(number, false)
      if (number % 2 === 0) forwarder.detach(number)
    }
    expect(upTo(30, 2).map(channelOf)).toEqual(before)
  })

  it('R162: does not hear itself: neither who goes there while their last packets fly, nor their own voice from the stage', () => {
    const { forwarder, talk, heard, clock } = createForwarderHarness({ stage: 1, audience: 3 })
    talk(1, new Mouth(), 4)
    forwarder.setAudible(1, false)
    forwarder.setOnStage(1, false)
    clock.advance(1_000)
    expect(heard(1)).toEqual([])
    expect(heard(2).flatMap(framesIn)).toEqual(upTo(4))
  })

  it('hears to the end what the stage heard of somebody who is muted, and then nothing more', () => {
    const { forwarder, talk, heard, clock } = createForwarderHarness({ stage: 1, audience: 3 })
    talk(1, new Mouth(), 5)
    forwarder.setAudible(1, false)
    const atMute = heard(2).length
    expect(heard(2).flatMap(framesIn)).toEqual(upTo(5))
    clock.advance(1_000)
    expect(heard(2)).toHaveLength(atMute)
  })

  it('R163: is left at once by who comes on stage', () => {
    const { forwarder, talk, heard, channelOf } = createForwarderHarness({ stage: 1, audience: 1 })
    const mouth = new Mouth()
    talk(1, mouth, 4)
    forwarder.setOnStage(2, true)
    expect(channelOf(2)).toBe(STAGE_CHANNEL)
    talk(1, mouth, 1)
    expect(heard(2).at(-1)).toMatchObject({ channel: STAGE_CHANNEL })
  })

  it('R162: gets nothing twice that it heard on stage', () => {
    const { forwarder, talk, heard, channelOf } = createForwarderHarness({ stage: 2, audience: 6 })
    const mouth = new Mouth()
    talk(1, mouth, 9)
    forwarder.setOnStage(2, false)
    expect(channelOf(2)).toBeNull()
    talk(1, mouth, 10)
    expect(channelOf(2)).toBeGreaterThan(STAGE_CHANNEL)
    const frames = heard(2).flatMap(framesIn)
    expect(frames).toEqual([...new Set(frames)])
    expect(frames.length).toBeGreaterThanOrEqual(19 - 2 - 3)
  })

  it('is joined at once where nobody speaks', () => {
    const { forwarder, channelOf } = createForwarderHarness({ stage: 2 })
    forwarder.setOnStage(2, false)
    expect(channelOf(2)).toBeGreaterThan(STAGE_CHANNEL)
  })

  it('R91: gets packets of another length from now on: what is held goes out, members are spread anew', () => {
    const { forwarder, talk, heard, clock } = createForwarderHarness({ audience: 6 })
    const mouth = new Mouth()
    talk(1, mouth, 10)
    forwarder.setAudiencePacketMs(120)
    expect(forwarder.dump().audience).toEqual({ packetMs: 120, members: [1, 1, 1, 1, 1, 1] })
    talk(1, mouth, 20)
    forwarder.setAudiencePacketMs(20)
    expect(forwarder.dump().audience).toEqual({ packetMs: 20, members: [6] })
    talk(1, mouth, 5)
    clock.advance(500)
    for (const number of upTo(6, 2)) expect(heard(number).flatMap(framesIn)).toEqual(upTo(35))
    expect(
      heard(2)
        .map(({ channel }) => channel)
        .slice(-5),
    ).toEqual([1, 1, 1, 1, 1])
  })

  it('has one timer at most, and none when nothing is held', () => {
    const { talk, clock } = createForwarderHarness({ stage: 3, audience: 6, packetMs: 120 })
    const mouths = [new Mouth(), new Mouth(5), new Mouth(9)]
    for (let i = 0; i < 20; i++) {
      mouths.forEach((mouth, index) => {
        talk(index + 1, mouth, 1)
      })
      expect(clock.pendingCount).toBe(1)
    }
    clock.advance(1_000)
    expect(clock.pendingCount).toBe(0)
  })
})
