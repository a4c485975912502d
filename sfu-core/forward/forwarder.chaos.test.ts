import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { SLOT_COUNT } from '../contract/limits.ts'
import { AUDIENCE_PACKET_MS, FRAME_MS } from '../contract/media.ts'
import { OpusFrames, splitOpusPacket } from '../opus/frames.ts'
import { MERGED_MAX_BYTES } from '../opus/repacketize.ts'
import { createFakeClock } from '../test/fake-clock.ts'
import { createFakeFanout, createFakeMediaLink, type FakeMediaLink, type SentPacket } from '../test/fake-transport.ts'
import { createRandom, type Random } from '../test/random.ts'
import { STAGE_CHANNEL, type UplinkPacket } from '../transport/transport.ts'
import { PHASES_MAX_DIFFERENCE } from './audience.ts'
import { MERGE_PATIENCE_MS, RETURN_PATIENCE_MS } from './audience-pacer.ts'
import { createRoomForwarder } from './create-room-forwarder.ts'

/** Chance decides who comes, speaks, moves and loses what; what must hold at all times is checked after every step. */
const STEPS = 10_000
const PEOPLE_MAX = 40
/** 20 ms: SILK wideband, hybrid, CELT, each mono and stereo. Of the last, packets that come near a merged packet's limit. */
const TOCS = [0x48, 0x4c, 0x78, 0xf8, 0xfc]
/** Clocks of the fake round to nothing; a timer of the pacer may be a rounding late. */
const ROUNDING_MS = 1

interface Person {
  readonly number: number
  link: FakeMediaLink | null
  onStage: boolean
  muted: boolean
  mouth: Mouth
  /** On their way to the node. */
  readonly flying: UplinkPacket[]
}

/** A sender with its own habits. Each voiced frame carries a number that no other frame has. */
class Mouth {
  readonly #random: Random
  #sequenceNumber: number
  #timestamp: number
  #toc = 0xf8
  #levelDbov = 40
  #silent = false
  #nextFrame: () => number

  constructor(random: Random, nextFrame: () => number) {
    this.#random = random
    this.#nextFrame = nextFrame
    // Often just before the wraps.
    this.#sequenceNumber = random.chance(50) ? 65_530 : random.int(65_536)
    this.#timestamp = random.chance(50) ? 0xffff_ffff - random.int(20_000) : random.int(2 ** 32)
  }

  change(): void {
    const random = this.#random
    if (random.chance(30)) this.#silent = !this.#silent
    if (random.chance(20)) this.#toc = random.pick(TOCS)
    if (random.chance(30)) this.#levelDbov = random.pick([10, 30, 40, 50, 64, 66, 80, 127])
    if (random.chance(5)) this.#timestamp = random.int(2 ** 32)
    if (random.chance(5)) this.#timestamp = (this.#timestamp + random.int(200_000)) >>> 0
    if (random.chance(5)) this.#sequenceNumber = random.int(65_536)
  }

  next(): UplinkPacket {
    const { levelDbov, payload } = this.#silent ? { levelDbov: 127, payload: Uint8Array.of(this.#toc) } : this.#voice()
    const packet = { sequenceNumber: this.#sequenceNumber, timestamp: this.#timestamp, payload, levelDbov }
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff
    this.#timestamp = (this.#timestamp + 960) >>> 0
    return packet
  }

  #voice(): { levelDbov: number | null; payload: Uint8Array } {
    const random = this.#random
    const payload = new Uint8Array(random.chance(3) ? 600 : 6 + random.int(3))
    payload[0] = this.#toc
    new DataView(payload.buffer).setUint32(1, this.#nextFrame())
    return { levelDbov: random.chance(2) ? null : this.#levelDbov, payload }
  }
}

type FrameKind = 'voice' | 'dtx' | 'empty'

interface Frame {
  kind: FrameKind
  /** 0 for what is no voice. */
  id: number
  speakerNumber: number
  timestamp: number
}

/** Something that the stage was told. */
interface Owed extends Frame {
  atMs: number
  marker: boolean
}

function framesOf({ packet }: SentPacket): { frames: Frame[]; samples: number } {
  const split = new OpusFrames()
  assert.ok(splitOpusPacket(packet.payload, split))
  const view = new DataView(packet.payload.buffer, packet.payload.byteOffset)
  const frames = Array.from({ length: split.count }, (_, i) => {
    const isVoice = (split.lengthsBytes[i] ?? 0) >= 4
    return {
      kind: kindOf(isVoice, split.isDtx),
      id: isVoice ? view.getUint32(split.offsets[i] ?? 0) : 0,
      speakerNumber: packet.speakerNumber,
      timestamp: (packet.timestamp + i * split.frameSamples) >>> 0,
    }
  })
  return { frames, samples: split.packetSamples }
}

function kindOf(isVoice: boolean, isDtx: boolean): FrameKind {
  if (isVoice) return 'voice'
  return isDtx ? 'dtx' : 'empty'
}

/** What every packet that leaves must be, seen from behind the fanout. */
class Watch {
  /** By channel and slot: where the last packet ended, whose it was, and whether it ended with silence. */
  readonly #ends = new Map<string, { end: number; speakerNumber: number; isSilent: boolean }>()
  /** By channel and slot: what the stage was sent, and the audience not yet. */
  readonly #owed = new Map<string, Owed[]>()
  stageFrames = 0
  audienceFrames = 0
  mergedPackets = 0
  emptyFrames = 0
  lateFrames = 0

  note(sent: SentPacket, activeChannels: readonly number[], nowMs: number): void {
    const { channel, slot } = sent
    assert.ok(slot < SLOT_COUNT)
    const { frames, samples } = framesOf(sent)
    this.#checkOrder(sent, { samples, isSilent: frames.at(-1)?.kind !== 'voice' })
    if (channel === STAGE_CHANNEL) this.#noteStage(sent, frames, { activeChannels, nowMs })
    else this.#noteAudience(sent, frames)
  }

  #noteStage(
    { slot, packet }: SentPacket,
    frames: Frame[],
    { activeChannels, nowMs }: { activeChannels: readonly number[]; nowMs: number },
  ): void {
    this.stageFrames += frames.length
    for (const active of activeChannels) {
      for (const frame of frames) this.#owe(`${active}/${slot}`, { ...frame, atMs: nowMs, marker: packet.marker })
    }
  }

  /** What comes when its time was told as silence is not owed any more. */
  #owe(key: string, owed: Owed): void {
    const last = this.#ends.get(key)
    if (last && ((owed.timestamp - last.end) | 0) < 0) {
      assert.ok(last.isSilent)
      if (owed.kind === 'voice') this.lateFrames += 1
      return
    }
    this.#owedTo(key).push(owed)
  }

  #noteAudience({ channel, slot, packet }: SentPacket, frames: Frame[]): void {
    const owed = this.#owedTo(`${channel}/${slot}`)
    const voiced = frames.filter(({ kind }) => kind === 'voice')
    this.audienceFrames += frames.length
    this.emptyFrames += frames.filter(({ kind }) => kind === 'empty').length
    if (frames.length > 1) {
      this.mergedPackets += 1
      assert.ok(packet.payload.length <= MERGED_MAX_BYTES)
    }
    if (voiced.length === 0) this.#checkDtx(packet, owed)
    else this.#checkVoice(packet, voiced, owed)
  }

  /** What was said, in order; silence that ended before it could be told is left out. */
  #checkVoice(packet: SentPacket['packet'], voiced: Frame[], owed: Owed[]): void {
    let marker = false
    for (const frame of voiced) {
      while (owed[0]?.kind === 'dtx') owed.shift()
      const { atMs: _atMs, marker: isMarked, ...said } = owed.shift() ?? assert.fail('nobody said this')
      assert.deepEqual(frame, said)
      marker ||= isMarked
    }
    assert.equal(packet.marker, marker)
  }

  /** In its place, or moved to the beginning of the next packet. */
  #checkDtx(packet: SentPacket['packet'], owed: Owed[]): void {
    const dtx = owed.shift()
    assert.equal(dtx?.kind, 'dtx')
    assert.equal(packet.speakerNumber, dtx.speakerNumber)
    assert.ok(packet.payload.length <= 2, 'libwebrtc knows DTX by its length')
    const later = (packet.timestamp - dtx.timestamp) | 0
    assert.ok(later >= 0 && later < 48 * Math.max(...AUDIENCE_PACKET_MS))
  }

  #checkOrder(
    { channel, slot, packet }: SentPacket,
    { samples, isSilent }: { samples: number; isSilent: boolean },
  ): void {
    const key = `${channel}/${slot}`
    const last = this.#ends.get(key)
    if (last) assert.ok(((packet.timestamp - last.end) | 0) >= 0, 'nothing overlaps')
    const isNewVoice = last?.speakerNumber !== packet.speakerNumber
    if (channel === STAGE_CHANNEL && isNewVoice) assert.ok(packet.marker, 'a voice begins with a marker')
    const end = (packet.timestamp + samples) >>> 0
    this.#ends.set(key, { end, speakerNumber: packet.speakerNumber, isSilent })
  }

  #owedTo(key: string): Owed[] {
    const owed = this.#owed.get(key) ?? []
    this.#owed.set(key, owed)
    return owed
  }

  /** Nobody is there any more: what was held for them is nobody's. */
  forgive(channel: number): void {
    for (const key of this.#owed.keys()) if (key.startsWith(`${channel}/`)) this.#owed.delete(key)
  }

  /** Since when the oldest of these that somebody waits for is owed; Infinity for none. */
  oldestOwedAtMs(kinds: readonly FrameKind[]): number {
    const times = [...this.#owed.values()].map((owed) => owed.find(({ kind }) => kinds.includes(kind))?.atMs)
    return Math.min(Number.POSITIVE_INFINITY, ...times.map((atMs) => atMs ?? Number.POSITIVE_INFINITY))
  }
}

function createStory(seed: number) {
  const random = createRandom(seed)
  const clock = createFakeClock()
  const fanout = createFakeFanout()
  const forwarder = createRoomForwarder({ clock, fanout, audiencePacketMs: random.pick(AUDIENCE_PACKET_MS) })
  const watch = new Watch()
  const people = new Map<number, Person>()
  /** Frames that each link heard, and by slot where the audience's stream to it ended. */
  const heard = new Map<FakeMediaLink, { ids: Set<number>; ends: (number | undefined)[] }>()
  let nextNumber = 1
  let nextFrame = 1
  let looked = 0

  const nowMs = () => clock.monotonicMs()
  const activeChannels = () =>
    forwarder.dump().audience.members.flatMap((count, phase) => (count > 0 ? [phase + 1] : []))
  const newMouth = () => new Mouth(random, () => nextFrame++)
  const isAudible = (person: Person) => person.onStage && !person.muted
  const someone = (number: number): Person => {
    const person = people.get(number)
    assert.ok(person, `${number} is there`)
    return person
  }
  const somebody = (): Person | undefined => (people.size === 0 ? undefined : random.pick([...people.values()]))

  /** Does one thing, and looks at all that left by it. */
  function act(what: () => void): void {
    const before = activeChannels()
    what()
    for (; looked < fanout.sent.length; looked++) {
      const sent = fanout.sent[looked]
      if (!sent) continue
      watch.note(sent, before, nowMs())
      const speaker = people.get(sent.packet.speakerNumber)
      assert.ok(speaker && isAudible(speaker), 'only audible voices go out')
    }
    const after = activeChannels()
    for (const channel of before) if (!after.includes(channel)) watch.forgive(channel)
    lookAtLinks()
  }

  function lookAtLinks(): void {
    for (const { number, link } of people.values()) if (link && link.sent.length > 0) lookAtLink(number, link)
  }

  function lookAtLink(number: number, link: FakeMediaLink): void {
    const known = heard.get(link) ?? { ids: new Set<number>(), ends: [] }
    heard.set(link, known)
    for (const sent of link.sent.splice(0)) {
      assert.notEqual(sent.packet.speakerNumber, number, 'nobody hears themselves')
      const { frames, samples } = framesOf(sent)
      for (const { id } of frames) {
        assert.ok(id === 0 || !known.ids.has(id), `${number} hears frame ${id} once`)
        known.ids.add(id)
      }
      if (sent.channel === STAGE_CHANNEL) continue
      const { timestamp } = sent.packet
      const end = known.ends[sent.slot] ?? timestamp
      assert.ok(((timestamp - end) | 0) >= 0, `what ${number} hears does not overlap`)
      known.ends[sent.slot] = (timestamp + samples) >>> 0
    }
  }

  /** In the room's order: silence first, then the move. */
  function tell(person: Person, change: Partial<Pick<Person, 'onStage' | 'muted'>>): void {
    const audibleBefore = isAudible(person)
    const next = { ...person, ...change }
    if (audibleBefore && !isAudible(next)) act(() => forwarder.setAudible(person.number, false))
    Object.assign(person, change)
    act(() => forwarder.setOnStage(person.number, person.onStage))
    act(() => forwarder.setAudible(person.number, isAudible(person)))
  }

  function connect(person: Person): void {
    const link = createFakeMediaLink()
    act(() => {
      person.link = link
      forwarder.attach(person.number, link)
    })
    person.mouth = newMouth()
    person.flying.length = 0
  }

  function disconnect(person: Person): void {
    act(() => {
      forwarder.detach(person.number)
      if (person.link) heard.delete(person.link)
      person.link = null
    })
    person.flying.length = 0
  }

  const moves: [percent: number, move: () => void][] = [
    [
      6,
      () => {
        if (people.size >= PEOPLE_MAX) return
        const number = nextNumber++
        const person: Person = { number, link: null, onStage: false, muted: false, mouth: newMouth(), flying: [] }
        people.set(number, person)
        tell(person, { onStage: random.chance(20) })
        connect(person)
      },
    ],
    [
      4,
      () => {
        const person = somebody()
        if (!person) return
        tell(person, { onStage: false })
        disconnect(person)
        people.delete(person.number)
      },
    ],
    [
      3,
      () => {
        const person = somebody()
        if (!person) return
        if (person.link) disconnect(person)
        else connect(person)
      },
    ],
    [
      1,
      () => {
        for (const person of people.values()) if (random.chance(50)) disconnect(person)
      },
    ],
    [
      8,
      () => {
        const onStage = [...people.values()].filter((person) => person.onStage)
        const person = somebody()
        if (person) tell(person, { onStage: onStage.length < 6 && !person.onStage, muted: false })
      },
    ],
    [
      5,
      () => {
        const person = somebody()
        if (person?.onStage) tell(person, { muted: !person.muted })
      },
    ],
    [4, () => somebody()?.mouth.change()],
    [1, () => random.chance(20) && act(() => changeLength())],
    [1, () => act(() => forwarder.setTap(random.chance(50) ? () => {} : null))],
    [67, talk],
  ]
  const bag = moves.flatMap(([percent, move]) => Array.from({ length: percent }, () => move))

  function changeLength(): void {
    forwarder.setAudiencePacketMs(random.pick(AUDIENCE_PACKET_MS))
  }

  /** Some 20 ms of everybody's packets, through a network that loses, repeats, swaps and delays. */
  function talk(): void {
    for (const person of people.values()) {
      if (!person.link || !(person.onStage || random.chance(5))) continue
      fly(person, person.mouth.next())
    }
    for (const person of people.values()) {
      const delayed = random.chance(10) ? random.int(4) : 0
      while (person.flying.length > delayed) land(person, person.flying.shift())
    }
    act(() => clock.advance(random.chance(3) ? random.int(3_000) : 15 + random.int(11)))
  }

  function fly({ flying }: Person, packet: UplinkPacket): void {
    if (random.chance(3)) return
    if (random.chance(4)) flying.splice(random.int(flying.length + 1), 0, packet)
    else flying.push(packet)
    if (random.chance(4)) flying.splice(random.int(flying.length + 1), 0, packet)
  }

  function land(person: Person, packet: UplinkPacket | undefined): void {
    if (!packet) return
    const wanted = forwarder.wantsUplink(person.number, packet.levelDbov)
    const before = fanout.sent.length
    act(() => forwarder.onUplink(person.number, packet))
    const wasSent = fanout.sent.length > before && fanout.sent[before]?.channel === STAGE_CHANNEL
    if (wasSent && packet.payload.length > 2) assert.ok(wanted, 'what is heard was wanted')
  }

  function check(): void {
    const { slots, uplinks, downlinks, audience } = forwarder.dump()
    const holders = slots.flatMap(({ speakerNumber }) => (speakerNumber === null ? [] : [speakerNumber]))
    assert.equal(new Set(holders).size, holders.length)
    for (const number of holders) assert.ok(isAudible(someone(number)))
    assert.ok(uplinks.length <= people.size)
    const attached = [...people.values()].filter((person) => person.link)
    assert.equal(downlinks.length, attached.length)
    const inAudience = attached.filter((person) => !person.onStage).length
    assert.equal(
      audience.members.reduce((sum, count) => sum + count),
      inAudience,
    )
    assert.ok(Math.max(...audience.members) - Math.min(...audience.members) <= PHASES_MAX_DIFFERENCE)
    for (const [link, { channel, listenerNumber }] of fanout.members) {
      const person = someone(listenerNumber)
      assert.equal(person.link, link)
      assert.equal(channel === STAGE_CHANNEL, person.onStage)
    }
    assert.deepEqual(fanout.violations, [])
    const patienceMs = audience.packetMs - FRAME_MS + MERGE_PATIENCE_MS + ROUNDING_MS
    const voiceAtMs = watch.oldestOwedAtMs(['voice'])
    assert.ok(nowMs() - voiceAtMs <= patienceMs, 'the audience waits no longer than it must')
    const dtxPatienceMs = 2 * audience.packetMs - FRAME_MS + RETURN_PATIENCE_MS + ROUNDING_MS
    const dtxAtMs = Math.min(voiceAtMs, watch.oldestOwedAtMs(['dtx']))
    assert.ok(nowMs() - dtxAtMs <= dtxPatienceMs, 'silence is told in time')
    assert.ok(clock.pendingCount <= 1)
  }

  function settle(): void {
    act(() => clock.advance(1_000))
    assert.equal(watch.oldestOwedAtMs(['voice', 'dtx']), Number.POSITIVE_INFINITY)
    assert.equal(clock.pendingCount, 0)
    assert.equal(fanout.members.size, [...people.values()].filter((person) => person.link).length)
  }

  return { step: () => random.pick(bag)(), check, settle, watch, forwarder, fanout, people, disconnect, tell }
}

test.each([1, 2, 3, 4, 5])('R21 R51 R160 R161 R162: chaos with seed %i', (seed) => {
  const story = createStory(seed)
  for (let index = 1; index <= STEPS; index++) {
    story.step()
    story.check()
    if (index % 500 === 0) story.settle()
  }
  const { stageFrames, audienceFrames, mergedPackets, emptyFrames, lateFrames } = story.watch
  expect(stageFrames).toBeGreaterThan(STEPS / 2)
  expect(audienceFrames).toBeGreaterThan(STEPS / 2)
  expect(mergedPackets).toBeGreaterThan(STEPS / 50)
  expect(emptyFrames).toBeGreaterThan(STEPS / 100)
  // Who comes back in the packet of their silence, and later than that may wait.
  expect(lateFrames).toBeLessThan(audienceFrames / 1_000)
  for (const person of [...story.people.values()]) {
    story.tell(person, { onStage: false })
    story.disconnect(person)
  }
  expect(story.forwarder.dump()).toMatchObject({ uplinks: [], downlinks: [] })
  story.forwarder.close()
  const sent = story.fanout.sent.length
  story.forwarder.onUplink(1, { sequenceNumber: 1, timestamp: 1, payload: Uint8Array.of(0xf8, 1, 2), levelDbov: 1 })
  expect(story.fanout.sent.length).toBe(sent)
})
