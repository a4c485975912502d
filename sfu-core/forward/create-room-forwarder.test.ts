import { beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../clock.ts'
import { createFakeClock, type FakeClock } from '../test/fake-clock.ts'
import type { DownlinkPacket, MediaLink, UplinkPacket } from '../transport/transport.ts'
import { createRoomForwarder } from './create-room-forwarder.ts'
import type { RoomForwarder } from './room-forwarder.ts'

interface Ear extends MediaLink {
  heard: { slot: number; packet: DownlinkPacket }[]
}

function createEar(): Ear {
  const heard: Ear['heard'] = []
  return { answerSdp: '', heard, send: (slot, packet) => heard.push({ slot, packet: { ...packet } }), close: () => {} }
}

/** 20 ms, CELT fullband, mono. */
const PAYLOAD = Uint8Array.of(0xf8, 1, 2, 3)

interface Mouth {
  sequenceNumber: number
  timestamp: number
}

function speak(mouth: Mouth, levelDbov: number | null = 40): UplinkPacket {
  const packet: UplinkPacket = { ...mouth, payload: PAYLOAD, levelDbov }
  mouth.sequenceNumber = (mouth.sequenceNumber + 1) & 0xffff
  mouth.timestamp = (mouth.timestamp + 960) >>> 0
  return packet
}

describe('createRoomForwarder', () => {
  let clock: FakeClock & Clock
  let forwarder: RoomForwarder
  let ears: Ear[]

  beforeEach(() => {
    clock = createFakeClock()
    forwarder = createRoomForwarder({ clock })
    ears = [1, 2, 3, 4, 5].map((number) => {
      const ear = createEar()
      forwarder.attach(number, ear)
      return ear
    })
  })

  const ear = (number: number): Ear => ears[number - 1] ?? createEar()

  it('drops packets of people who are not audible', () => {
    forwarder.onUplink(1, speak({ sequenceNumber: 0, timestamp: 0 }))
    expect(ears.flatMap(({ heard }) => heard)).toEqual([])
    expect(forwarder.dump().uplinks).toEqual([{ participantNumber: 1, audible: false, packets: 1, dropped: 1 }])
  })

  it('sends an audible voice to everybody but itself, named by its number', () => {
    forwarder.setAudible(1, true)
    const mouth = { sequenceNumber: 7, timestamp: 0xffff_ffff - 100 }
    for (let i = 0; i < 3; i++) {
      forwarder.onUplink(1, speak(mouth))
      clock.advance(20)
    }
    expect(ear(1).heard).toEqual([])
    const [first, second, third] = ear(2).heard
    expect(first).toMatchObject({ slot: 0, packet: { speakerNumber: 1, marker: true, payload: PAYLOAD } })
    expect(second?.packet).toMatchObject({ marker: false, timestamp: (first?.packet.timestamp ?? 0) + 960 })
    expect(third?.packet).toMatchObject({ marker: false, timestamp: (first?.packet.timestamp ?? 0) + 1_920 })
    expect(ear(5).heard).toEqual(ear(2).heard)
  })

  it('stops at once when somebody is muted by the room, and begins anew with a marker', () => {
    forwarder.setAudible(1, true)
    const mouth = { sequenceNumber: 0, timestamp: 0 }
    forwarder.onUplink(1, speak(mouth))
    forwarder.setAudible(1, false)
    for (let i = 0; i < 50; i++) {
      clock.advance(20)
      forwarder.onUplink(1, speak(mouth))
    }
    expect(ear(2).heard).toHaveLength(1)
    forwarder.setAudible(1, true)
    clock.advance(20)
    forwarder.onUplink(1, speak(mouth))
    const [before, after] = ear(2).heard
    expect((after?.packet.timestamp ?? 0) - (before?.packet.timestamp ?? 0)).toBe(51 * 960)
  })

  it("keeps a slot's clock going from one voice to the next by its own clock", () => {
    for (const number of [1, 2, 3, 4]) forwarder.setAudible(number, true)
    const mouths = [1, 2, 3, 4].map((number) => ({ sequenceNumber: number * 1_000, timestamp: number * 1e9 }))
    const say = (number: number, levelDbov: number) => {
      const mouth = mouths[number - 1]
      if (mouth) forwarder.onUplink(number, speak(mouth, levelDbov))
    }
    const talk = (numbers: number[], ms: number) => {
      for (let t = 0; t < ms; t += 20) {
        for (const number of [1, 2, 3]) say(number, numbers.includes(number) ? 40 : 100)
        clock.advance(20)
      }
    }
    talk([1, 2, 3], 1_000)
    talk([2, 3], 1_000)
    say(4, 40)
    const slot0 = ear(5).heard.filter(({ slot }) => slot === 0)
    const [before, after] = slot0.slice(-2)
    expect(before?.packet.speakerNumber).toBe(1)
    expect(after?.packet).toMatchObject({ speakerNumber: 4, marker: true })
    expect((after?.packet.timestamp ?? 0) - (before?.packet.timestamp ?? 0)).toBe(960)
    expect(forwarder.dump().slots).toEqual([{ speakerNumber: 4 }, { speakerNumber: 2 }, { speakerNumber: 3 }])
  })

  it('marks a voice that comes back from DTX, and keeps its spacing', () => {
    forwarder.setAudible(1, true)
    const mouth = { sequenceNumber: 0, timestamp: 0 }
    forwarder.onUplink(1, speak(mouth))
    mouth.timestamp += 19 * 960
    clock.advance(400)
    forwarder.onUplink(1, speak(mouth))
    const [before, after] = ear(2).heard
    expect(after?.packet.marker).toBe(true)
    expect((after?.packet.timestamp ?? 0) - (before?.packet.timestamp ?? 0)).toBe(20 * 960)
  })

  it('leaves a lost packet a hole in time', () => {
    forwarder.setAudible(1, true)
    const mouth = { sequenceNumber: 0, timestamp: 0 }
    forwarder.onUplink(1, speak(mouth))
    speak(mouth)
    clock.advance(40)
    forwarder.onUplink(1, speak(mouth))
    const [before, after] = ear(2).heard
    expect(after?.packet.marker).toBe(false)
    expect((after?.packet.timestamp ?? 0) - (before?.packet.timestamp ?? 0)).toBe(2 * 960)
  })

  it('goes on by its own clock when a sender begins anew', () => {
    forwarder.setAudible(1, true)
    forwarder.onUplink(1, speak({ sequenceNumber: 0, timestamp: 5 }))
    clock.advance(3_000)
    forwarder.onUplink(1, speak({ sequenceNumber: 40_000, timestamp: 3e9 }))
    const [before, after] = ear(2).heard
    expect(after?.packet.marker).toBe(true)
    expect((after?.packet.timestamp ?? 0) - (before?.packet.timestamp ?? 0)).toBe(3_000 * 48)
  })

  it('hands the tap every audible packet, also of those without a slot, and nothing else', () => {
    const tapped: { number: number; atMs: number }[] = []
    forwarder.setTap((number, _packet, atMs) => tapped.push({ number, atMs }))
    for (const number of [1, 2, 3, 4]) forwarder.setAudible(number, true)
    clock.advance(5)
    for (const number of [1, 2, 3, 4, 5]) forwarder.onUplink(number, speak({ sequenceNumber: 0, timestamp: 0 }, 100))
    expect(tapped).toEqual([1, 2, 3, 4].map((number) => ({ number, atMs: 5 })))
    expect(forwarder.dump().uplinks.find(({ participantNumber }) => participantNumber === 4)?.dropped).toBe(1)
    forwarder.setTap(null)
    forwarder.onUplink(1, speak({ sequenceNumber: 1, timestamp: 960 }))
    expect(tapped).toHaveLength(4)
  })

  it('drops what is not Opus', () => {
    forwarder.setAudible(1, true)
    forwarder.onUplink(1, { sequenceNumber: 0, timestamp: 0, levelDbov: null, payload: Uint8Array.of(0xfb) })
    expect(ear(2).heard).toEqual([])
    expect(forwarder.dump().uplinks[0]).toMatchObject({ packets: 1, dropped: 1 })
  })

  it('replaces a downlink of the same number, and forgets one that is detached', () => {
    forwarder.setAudible(1, true)
    const second = createEar()
    forwarder.attach(2, second)
    forwarder.onUplink(1, speak({ sequenceNumber: 0, timestamp: 0 }))
    forwarder.detach(2)
    forwarder.onUplink(1, speak({ sequenceNumber: 1, timestamp: 960 }))
    expect(ear(2).heard).toHaveLength(0)
    expect(second.heard).toHaveLength(1)
    expect(ear(3).heard).toHaveLength(2)
    expect(forwarder.dump().downlinks).toHaveLength(4)
  })

  it('is silent once closed', () => {
    forwarder.setAudible(1, true)
    forwarder.close()
    forwarder.onUplink(1, speak({ sequenceNumber: 0, timestamp: 0 }))
    forwarder.close()
    expect(ears.flatMap(({ heard }) => heard)).toEqual([])
  })
})
