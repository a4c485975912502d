import { describe, expect, it } from 'vitest'
import { AUDIENCE_FIRST_SECTION } from '../../contract/media.ts'
import { STAGE_CHANNEL } from '../transport.ts'
import { createFanoutScene, type Listener, packetOf } from './fanout.fixture.ts'
import { RING_PACKETS } from './packet-ring.ts'

const bytesHeard = (listener: Listener) => listener.heard.map(({ body }) => body.payload[0])

describe('a fanout', () => {
  it('sends a packet to everybody in its channel but the speaker, the stage and the audience in their own sections', () => {
    const { fanout, listener } = createFanoutScene()
    const [speaker, onStage, audience] = [listener(), listener(), listener()]
    fanout.join(speaker.link, { channel: STAGE_CHANNEL, listenerNumber: 1 })
    fanout.join(onStage.link, { channel: STAGE_CHANNEL, listenerNumber: 2 })
    fanout.join(audience.link, { channel: 3, listenerNumber: 3 })
    fanout.send(STAGE_CHANNEL, 2, packetOf(1, 10))
    fanout.send(3, 2, packetOf(1, 11))
    fanout.send(4, 2, packetOf(1, 12))
    expect(bytesHeard(speaker)).toEqual([])
    expect(bytesHeard(onStage)).toEqual([10])
    expect(bytesHeard(audience)).toEqual([11])
    expect(onStage.heard[0]).toMatchObject({ ssrc: onStage.downlink.ssrcs[2], payloadType: 111, body: { csrc: 1 } })
    expect(audience.heard[0]?.ssrc).toBe(audience.downlink.ssrcs[AUDIENCE_FIRST_SECTION + 2])
  })

  it('numbers each stream without gaps, whoever is left out', () => {
    const { fanout, listener } = createFanoutScene()
    const person = listener()
    fanout.join(person.link, { channel: STAGE_CHANNEL, listenerNumber: 1 })
    for (const speaker of [2, 1, 1, 2, 3]) fanout.send(STAGE_CHANNEL, 0, packetOf(speaker, speaker))
    expect(bytesHeard(person)).toEqual([2, 2, 3])
    const [first = 0] = person.heard.map(({ index }) => index)
    expect(person.heard.map(({ index }) => index - first)).toEqual([0, 1, 2])
  })

  it('moves a member from the audience to the stage', () => {
    const { fanout, listener } = createFanoutScene()
    const person = listener()
    fanout.join(person.link, { channel: 1, listenerNumber: 1 })
    fanout.join(person.link, { channel: STAGE_CHANNEL, listenerNumber: 1 })
    fanout.send(1, 0, packetOf(2, 1))
    fanout.send(STAGE_CHANNEL, 0, packetOf(2, 2))
    expect(bytesHeard(person)).toEqual([2])
  })

  it('sends once to each of a large channel, while people come and go between the slices', () => {
    const { fanout, listener, settle } = createFanoutScene()
    const people = Array.from({ length: 500 }, () => listener())
    for (const [i, { link }] of people.entries()) fanout.join(link, { channel: 1, listenerNumber: 100 + i })
    fanout.send(1, 0, packetOf(1, 1))
    // The first slice is out. Some of both halves leave, one comes.
    const left = [3, 100, 300, 499].map((i) => people[i] as Listener)
    for (const { link } of left) fanout.leave(link)
    const late = listener()
    fanout.join(late.link, { channel: 1, listenerNumber: 999 })
    settle()
    const stayed = people.filter((person) => !left.includes(person))
    expect(stayed.every(({ heard }) => heard.length === 1)).toBe(true)
    expect(left.map(({ heard }) => heard.length)).toEqual([1, 1, 0, 0])
    expect(fanout.dump().channels[1]).toMatchObject({ members: 497, underWay: 0 })
    fanout.send(1, 0, packetOf(1, 2))
    settle()
    expect(stayed.every(({ heard }) => heard.length === 2)).toBe(true)
  })

  it('does not send to who has no path, and goes on when there is one', () => {
    const { fanout, listener } = createFanoutScene()
    const person = listener()
    fanout.join(person.link, { channel: 1, listenerNumber: 1 })
    person.setPath(false)
    fanout.send(1, 0, packetOf(2, 1))
    person.setPath(true)
    fanout.send(1, 0, packetOf(2, 2))
    expect(bytesHeard(person)).toEqual([2])
  })

  it('sends nothing more once closed', () => {
    const { fanout, listener, settle } = createFanoutScene()
    const people = Array.from({ length: 200 }, () => listener())
    for (const [i, { link }] of people.entries()) fanout.join(link, { channel: 1, listenerNumber: 100 + i })
    fanout.send(1, 0, packetOf(1, 1))
    fanout.close()
    settle()
    fanout.send(1, 0, packetOf(1, 2))
    expect(people.reduce((all, { heard }) => all + heard.length, 0)).toBe(128)
  })
})

describe('a retransmission', () => {
  function sceneWithPackets() {
    const scene = createFanoutScene()
    const person = scene.listener()
    scene.fanout.join(person.link, { channel: 1, listenerNumber: 1 })
    for (let i = 0; i < 10; i++) scene.fanout.send(1, 0, packetOf(i === 4 ? 1 : 2, i))
    const ask = (...nth: number[]) => {
      const before = person.heard.length
      const numbers = nth.map((n) => (person.heard[n]?.index ?? 0) % 65_536)
      scene.sender.retransmit(person.downlink, person.downlink.ssrcs[AUDIENCE_FIRST_SECTION] ?? 0, numbers)
      return person.heard.slice(before)
    }
    return { ...scene, person, ask }
  }

  it('is the packet as it was, under the same index', () => {
    const { person, ask } = sceneWithPackets()
    expect(bytesHeard(person)).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9])
    expect(ask(6, 8)).toEqual([person.heard[6], person.heard[8]])
  })

  it('is not made from before a packet that this listener did not get: the numbers meant others then', () => {
    const { ask } = sceneWithPackets()
    expect(ask(2)).toEqual([])
  })

  it('is never another plaintext under an index that was used: what went as RED comes again as RED, or not at all', () => {
    const { person, ask, fanout } = sceneWithPackets()
    person.downlink.prefersRed = true
    for (let i = 10; i < 13; i++) fanout.send(1, 0, packetOf(2, i))
    expect(person.heard.slice(-3).map(({ payloadType }) => payloadType)).toEqual([63, 63, 63])
    expect(ask(10)).toEqual([person.heard[10]])
    expect(ask(8)).toEqual([])
    person.downlink.prefersRed = false
    fanout.send(1, 0, packetOf(2, 13))
    expect(ask(10)).toEqual([])
  })

  it('is not made of what is forgotten, of what was never sent, nor of a stranger’s stream', () => {
    const { person, ask, fanout, sender } = sceneWithPackets()
    for (let i = 0; i < RING_PACKETS; i++) fanout.send(1, 0, packetOf(2, 1))
    expect(ask(8)).toEqual([])
    const [last] = person.heard.slice(-1)
    const before = person.heard.length
    sender.retransmit(person.downlink, last?.ssrc ?? 0, [((last?.index ?? 0) + 1) % 65_536])
    sender.retransmit(person.downlink, 12345, [(last?.index ?? 0) % 65_536])
    expect(person.heard).toHaveLength(before)
  })

  it('is bounded for each listener by what is sent at 20 ms', () => {
    const { person, fanout, sender, clock } = sceneWithPackets()
    for (let i = 0; i < RING_PACKETS; i++) fanout.send(1, 0, packetOf(2, 1))
    const [last] = person.heard.slice(-1)
    const before = person.heard.length
    const ask = () =>
      sender.retransmit(person.downlink, last?.ssrc ?? 0, new Array(200).fill((last?.index ?? 0) % 65_536))
    ask()
    expect(person.heard.length - before).toBe(50)
    clock.nowMs += 100
    ask()
    expect(person.heard.length - before).toBe(55)
  })
})

describe('RED', () => {
  it('is sealed in one call for all who need it, by the payload type that it names', () => {
    const { fanout, listener, sealCalls } = createFanoutScene()
    const people = Array.from({ length: 9 }, (_, i) => listener({ opusPayloadType: i < 6 ? 111 : 109 }))
    for (const [i, { link, downlink }] of people.entries()) {
      downlink.prefersRed = i % 3 !== 0
      fanout.join(link, { channel: 2, listenerNumber: 100 + i })
    }
    fanout.send(2, 0, packetOf(5, 1, 10))
    sealCalls.length = 0
    fanout.send(2, 0, packetOf(5, 2, 10))
    // Three in the clear, four with 111 inside, two with 109.
    expect(sealCalls).toEqual([3, 4, 2])
    expect(people.map(({ heard }) => heard[1]?.payloadType)).toEqual([111, 63, 63, 111, 63, 63, 109, 63, 63])
    expect(people.map(({ heard }) => heard[1]?.body.payload[4])).toEqual([2, 111, 111, 2, 111, 111, 2, 109, 109])
  })

  it('carries the packet before, of the same voice, to those who lose packets', () => {
    const { fanout, listener } = createFanoutScene()
    const [lossy, well] = [listener(), listener()]
    lossy.downlink.prefersRed = true
    fanout.join(lossy.link, { channel: 2, listenerNumber: 1 })
    fanout.join(well.link, { channel: 2, listenerNumber: 2 })
    fanout.send(2, 0, packetOf(5, 1, 10))
    fanout.send(2, 0, packetOf(5, 2, 10))
    fanout.send(2, 0, packetOf(6, 3, 10))
    expect(well.heard.map(({ payloadType }) => payloadType)).toEqual([111, 111, 111])
    // The first has nothing before it, the last another voice.
    expect(lossy.heard.map(({ payloadType }) => payloadType)).toEqual([111, 63, 111])
    expect([...(lossy.heard[1]?.body.payload ?? [])]).toEqual([
      ...[0x80 | 111, 960 >> 6, (960 & 0x3f) << 2, 10, 111],
      ...new Array(10).fill(1),
      ...new Array(10).fill(2),
    ])
  })
})
