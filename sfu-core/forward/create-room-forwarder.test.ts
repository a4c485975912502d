import { describe, expect, it } from 'vitest'
import { STAGE_CHANNEL } from '../transport/transport.ts'
import { createForwarderHarness, framesIn, Mouth } from './forwarder-harness.fixture.ts'
import type { UplinkTap } from './room-forwarder.ts'

const timestamps = (sent: { packet: { timestamp: number } }[]) => sent.map(({ packet }) => packet.timestamp)
const spacing = (sent: { packet: { timestamp: number } }[]) =>
  timestamps(sent)
    .slice(1)
    .map((timestamp, i) => timestamp - (timestamps(sent)[i] ?? 0))
const markers = (sent: { packet: { marker: boolean } }[]) => sent.map(({ packet }) => packet.marker)

describe('what the stage is sent', () => {
  it('is nothing of people who are not audible', () => {
    const { forwarder, fanout, enter } = createForwarderHarness()
    enter(7, false)
    forwarder.onUplink(7, new Mouth().speak())
    forwarder.onUplink(99, new Mouth().speak())
    expect(fanout.sent).toEqual([])
    const uplink = forwarder.dump().uplinks.find(({ participantNumber }) => participantNumber === 7)
    expect(uplink).toMatchObject({ packets: 1, forwarded: 0, notAudible: 1 })
    expect(forwarder.dump().uplinks.map(({ participantNumber }) => participantNumber)).not.toContain(99)
  })

  it('R21: is an audible voice, packet by packet, to everybody there but itself', () => {
    const { talk, heard } = createForwarderHarness({ stage: 3 })
    talk(1, new Mouth(65_534, 0xffff_ffff - 100), 4)
    expect(heard(1)).toEqual([])
    const sent = heard(2)
    expect(sent.map(({ channel, slot, packet }) => [channel, slot, packet.speakerNumber])).toEqual([
      [STAGE_CHANNEL, 0, 1],
      [STAGE_CHANNEL, 0, 1],
      [STAGE_CHANNEL, 0, 1],
      [STAGE_CHANNEL, 0, 1],
    ])
    expect(sent.flatMap(framesIn)).toEqual([1, 2, 3, 4])
    expect(markers(sent)).toEqual([true, false, false, false])
    expect(spacing(sent)).toEqual([960, 960, 960])
    expect(heard(3)).toEqual(sent)
  })

  it('R163: goes to somebody on stage who is muted, too', () => {
    const { talk, heard, forwarder } = createForwarderHarness({ stage: 2 })
    forwarder.setAudible(2, false)
    talk(1, new Mouth(), 2)
    expect(heard(2).map(({ channel }) => channel)).toEqual([STAGE_CHANNEL, STAGE_CHANNEL])
  })

  it('ends at once when somebody is muted, and begins anew with a marker, at its time', () => {
    const { talk, heard, forwarder } = createForwarderHarness({ stage: 2 })
    const mouth = new Mouth()
    talk(1, mouth, 1)
    forwarder.setAudible(1, false)
    talk(1, mouth, 50)
    expect(heard(2)).toHaveLength(1)
    forwarder.setAudible(1, true)
    talk(1, mouth, 1)
    expect(spacing(heard(2))).toEqual([51 * 960])
    expect(markers(heard(2))).toEqual([true, true])
  })

  it("keeps a slot's clock going from one voice to the next by its own clock", () => {
    const { forwarder, clock, heard } = createForwarderHarness({ stage: 5 })
    const mouths = [1, 2, 3, 4].map((number) => new Mouth(number * 1_000, number * 1e9))
    const say = (number: number, levelDbov: number) => {
      const mouth = mouths[number - 1]
      if (mouth) forwarder.onUplink(number, mouth.speak(levelDbov))
    }
    for (let t = 0; t < 2_000; t += 20) {
      for (const number of [1, 2, 3]) say(number, number === 1 && t >= 1_000 ? 100 : 40)
      clock.advance(20)
    }
    say(4, 40)
    const slot0 = heard(5)
      .filter(({ slot }) => slot === 0)
      .slice(-2)
    expect(slot0.map(({ packet }) => packet.speakerNumber)).toEqual([1, 4])
    expect(slot0[1]?.packet.marker).toBe(true)
    expect(spacing(slot0)).toEqual([960])
    expect(forwarder.dump().slots).toMatchObject([{ speakerNumber: 4 }, { speakerNumber: 2 }, { speakerNumber: 3 }])
  })

  it('leaves a lost packet a hole in time, without a marker', () => {
    const { talk, heard, clock } = createForwarderHarness({ stage: 2 })
    const mouth = new Mouth()
    talk(1, mouth, 1)
    mouth.speak()
    clock.advance(20)
    talk(1, mouth, 1)
    expect(spacing(heard(2))).toEqual([2 * 960])
    expect(markers(heard(2))).toEqual([true, false])
  })

  it('goes on by its own clock when a sender begins anew', () => {
    const { talk, heard, clock } = createForwarderHarness({ stage: 2 })
    talk(1, new Mouth(0, 5), 1)
    clock.advance(2_980)
    talk(1, new Mouth(40_000, 3e9), 1)
    expect(spacing(heard(2))).toEqual([3_000 * 48])
    expect(markers(heard(2))).toEqual([true, true])
  })

  it('never overlaps: a sender whose clock stands still gets the next place', () => {
    const { forwarder, heard } = createForwarderHarness({ stage: 2 })
    for (let i = 0; i < 3; i++) forwarder.onUplink(1, new Mouth(i, 7).speak())
    expect(spacing(heard(2))).toEqual([960, 960])
  })

  it('R164: drops what comes late or twice, but not the sender who began anew', () => {
    const { forwarder, heard } = createForwarderHarness({ stage: 2 })
    const mouth = new Mouth(65_534, 0xffff_f000)
    const packets = Array.from({ length: 5 }, () => mouth.speak())
    for (const i of [0, 2, 1, 2, 3, 0, 4]) {
      const packet = packets[i]
      if (packet) forwarder.onUplink(1, packet)
    }
    expect(heard(2).flatMap(framesIn)).toEqual([1, 3, 4, 5])
    expect(forwarder.dump().uplinks[0]).toMatchObject({ forwarded: 4, late: 3 })
    forwarder.onUplink(1, new Mouth(100, 500).speak())
    expect(forwarder.dump().uplinks[0]).toMatchObject({ forwarded: 5 })
  })

  it('takes a packet recovered from RED in order, before the newer one that carried it', () => {
    const { forwarder, heard } = createForwarderHarness({ stage: 2 })
    const mouth = new Mouth()
    const [first, lost, third] = [mouth.speak(), mouth.speak(), mouth.speak()]
    forwarder.onUplink(1, first)
    forwarder.onUplink(1, lost)
    forwarder.onUplink(1, third)
    forwarder.onUplink(1, lost)
    expect(heard(2).flatMap(framesIn)).toEqual([1, 2, 3])
    expect(spacing(heard(2))).toEqual([960, 960])
  })

  it('drops what is not Opus, and what no path carries', () => {
    const { forwarder, fanout } = createForwarderHarness()
    const packet = new Mouth().speak()
    forwarder.onUplink(1, { ...packet, payload: Uint8Array.of(0xfb) })
    forwarder.onUplink(1, { ...packet, payload: Uint8Array.of(0xfb, 2, ...new Array(2_000).fill(0)) })
    expect(fanout.sent).toEqual([])
    expect(forwarder.dump().uplinks[0]).toMatchObject({ packets: 2, malformed: 2 })
  })

  it('R165: is not more than time brings: who sends faster is cut to it, who was stalled is not', () => {
    const { forwarder, clock, heard } = createForwarderHarness({ stage: 2 })
    const mouth = new Mouth()
    for (let i = 0; i < 10_000; i++) forwarder.onUplink(1, mouth.speak())
    expect(heard(2)).toHaveLength(500)
    clock.advance(1_000)
    for (let i = 0; i < 100; i++) forwarder.onUplink(1, mouth.speak())
    expect(heard(2)).toHaveLength(550)
    expect(forwarder.dump().uplinks[0]).toMatchObject({ packets: 10_100, tooFast: 9_550 })
  })
})

describe('DTX', () => {
  it('R166: is sent once in a silence, then every 0.8 s; the voice that comes back is marked and at its time', () => {
    const { forwarder, clock, heard } = createForwarderHarness({ stage: 2 })
    const mouth = new Mouth()
    forwarder.onUplink(1, mouth.speak())
    for (let i = 0; i < 90; i++) {
      clock.advance(20)
      forwarder.onUplink(1, mouth.pause())
    }
    clock.advance(20)
    forwarder.onUplink(1, mouth.speak())
    expect(markers(heard(2))).toEqual([true, false, false, false, true])
    expect(spacing(heard(2))).toEqual([960, 40 * 960, 40 * 960, 10 * 960])
    expect(forwarder.dump().uplinks[0]).toMatchObject({ forwarded: 5, silent: 87 })
  })

  it('of a sender that numbers no packets meanwhile: the same', () => {
    const { forwarder, clock, heard } = createForwarderHarness({ stage: 2 })
    const mouth = new Mouth()
    forwarder.onUplink(1, mouth.speak())
    forwarder.onUplink(1, mouth.pause())
    mouth.wait(18)
    clock.advance(400)
    forwarder.onUplink(1, mouth.speak())
    expect(markers(heard(2))).toEqual([true, false, true])
    expect(spacing(heard(2))).toEqual([960, 19 * 960])
  })

  it('leaves out the refresh of the comfort noise, but not a quiet voice', () => {
    const { forwarder, heard } = createForwarderHarness({ stage: 2 })
    const mouth = new Mouth()
    forwarder.onUplink(1, mouth.speak())
    forwarder.onUplink(1, mouth.pause())
    forwarder.onUplink(1, mouth.speak(90))
    forwarder.onUplink(1, mouth.pause())
    forwarder.onUplink(1, mouth.speak(90))
    forwarder.onUplink(1, mouth.speak(90))
    forwarder.onUplink(1, mouth.pause())
    forwarder.onUplink(1, mouth.speak(60))
    expect(heard(2).flatMap(framesIn)).toEqual([1, 0, 4, 0, 5])
    expect(markers(heard(2))).toEqual([true, false, true, false, true])
  })

  it('of a voice that was never heard is not sent', () => {
    const { forwarder, fanout } = createForwarderHarness()
    const mouth = new Mouth()
    for (let i = 0; i < 100; i++) forwarder.onUplink(1, mouth.pause())
    expect(fanout.sent).toEqual([])
  })

  it('does not count as speaking, even without a level', () => {
    const { forwarder } = createForwarderHarness({ stage: 4 })
    for (const number of [1, 2, 3]) forwarder.onUplink(number, new Mouth().speak(90))
    forwarder.onUplink(4, { ...new Mouth().pause(), levelDbov: null })
    expect(forwarder.dump().slots.map(({ speakerNumber }) => speakerNumber)).toEqual([1, 2, 3])
  })
})

describe('wantsUplink', () => {
  it('is no for people who are not audible, whom nobody knows, and after the end', () => {
    const { forwarder } = createForwarderHarness()
    expect(forwarder.wantsUplink(1, 127)).toBe(true)
    expect(forwarder.wantsUplink(2, 0)).toBe(false)
    expect(forwarder.wantsUplink(99, 0)).toBe(false)
    forwarder.close()
    expect(forwarder.wantsUplink(1, 127)).toBe(false)
  })

  it('is no for who could not win a slot, until it is recorded', () => {
    const { forwarder, clock } = createForwarderHarness({ stage: 5 })
    const mouths = [1, 2, 3].map(() => new Mouth())
    for (let i = 0; i < 100; i++) {
      mouths.forEach((mouth, index) => {
        forwarder.onUplink(index + 1, mouth.speak(40))
      })
      clock.advance(20)
    }
    expect(forwarder.wantsUplink(1, 127)).toBe(true)
    expect([null, 127, 66, 60, 40, 35].map((level) => forwarder.wantsUplink(4, level))).not.toContain(true)
    expect(forwarder.wantsUplink(4, 20)).toBe(true)
    forwarder.setTap(() => {})
    expect(forwarder.wantsUplink(4, 127)).toBe(true)
  })

  it('changes nothing', () => {
    const { forwarder } = createForwarderHarness({ stage: 4 })
    const before = forwarder.dump()
    for (let number = 0; number < 50; number++) forwarder.wantsUplink(number, 0)
    expect(forwarder.dump()).toEqual(before)
  })
})

describe('the tap', () => {
  it('R164: gets every audible packet, also those without a slot, late ones and DTX, and nothing else', () => {
    const { forwarder, clock } = createForwarderHarness({ stage: 4 })
    const tapped: Parameters<UplinkTap>[] = []
    forwarder.setTap((...args) => tapped.push(args))
    clock.advance(5)
    const packets = new Map([1, 2, 3, 4, 5].map((number) => [number, new Mouth().speak(100)]))
    for (const [number, packet] of packets) forwarder.onUplink(number, packet)
    const [first] = packets.values()
    if (first) forwarder.onUplink(1, first)
    expect(tapped.map(([number, , atMs]) => [number, atMs])).toEqual([1, 2, 3, 4, 1].map((number) => [number, 5]))
    expect(tapped[0]?.[1]).toBe(first)
    expect(forwarder.dump().uplinks.find(({ participantNumber }) => participantNumber === 4)?.unheard).toBe(1)
    forwarder.setTap(null)
    forwarder.onUplink(1, new Mouth(5, 5_000).speak())
    expect(tapped).toHaveLength(5)
  })
})

describe('people', () => {
  it('with a new link of the same number have that one only', () => {
    const { enter, talk, link, fanout } = createForwarderHarness({ stage: 2 })
    const first = link(2)
    const second = enter(2, true)
    talk(1, new Mouth(), 1)
    expect(first.sent).toEqual([])
    expect(second.sent).toHaveLength(1)
    expect(fanout.members.has(first)).toBe(false)
  })

  it('R163: who are detached stay on stage and audible until told otherwise, and are then forgotten', () => {
    const { forwarder, enter, channelOf } = createForwarderHarness({ stage: 2, audience: 0 })
    forwarder.detach(2)
    expect(forwarder.dump().uplinks[1]).toMatchObject({ participantNumber: 2, audible: true, onStage: true })
    enter(2, true)
    expect(channelOf(2)).toBe(STAGE_CHANNEL)
    forwarder.detach(2)
    forwarder.setAudible(2, false)
    forwarder.setOnStage(2, false)
    expect(forwarder.dump().uplinks.map(({ participantNumber }) => participantNumber)).toEqual([1])
  })

  it('who come back with a stream of other numbers are heard from their first packet on', () => {
    const { forwarder, enter, talk, heard } = createForwarderHarness({ stage: 2 })
    talk(1, new Mouth(100, 100_000), 5)
    forwarder.detach(1)
    enter(1, true)
    talk(1, new Mouth(90, 95_000), 2)
    expect(heard(2).flatMap(framesIn)).toEqual([1, 2, 3, 4, 5, 1, 2])
    expect(markers(heard(2)).slice(5)).toEqual([true, false])
  })
})

describe('close', () => {
  it('ends everything, twice as well as once, and leaves no timer', () => {
    const { forwarder, fanout, clock, talk, enter } = createForwarderHarness({ stage: 2, audience: 3 })
    const mouth = new Mouth()
    talk(1, mouth, 4)
    expect(clock.pendingCount).toBe(1)
    const sent = fanout.sent.length
    forwarder.close()
    forwarder.close()
    talk(1, mouth, 10)
    enter(1, true)
    forwarder.setAudiencePacketMs(120)
    forwarder.setTap(() => {})
    forwarder.detach(2)
    expect(fanout.sent).toHaveLength(sent)
    expect(fanout).toMatchObject({ isClosed: true, violations: [] })
    expect(clock.pendingCount).toBe(0)
    expect(forwarder.dump()).toMatchObject({ uplinks: [], downlinks: [] })
  })
})
