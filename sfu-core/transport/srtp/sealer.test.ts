import { describe, expect, it } from 'vitest'
import { SrtcpSession, SrtpSession as WeriftSession } from 'werift'
import { createRandom, type Random } from '../../test/random.ts'
import { createSealer } from './create-sealer.ts'
import { LOG_PACKETS, MAX_KERNEL_PAYLOAD_BYTES } from './kernel/layout.ts'
import { sealRtpPlainly } from './plain-seal.ts'
import { MAX_SRTCP_PACKETS, MAX_SRTP_PACKETS, type SrtpKeys, type SrtpProfile } from './profile.ts'
import { MAX_SSRCS_PER_SESSION } from './seal-session.ts'
import { PLACES_PER_SHARD } from './seal-shard.ts'
import type { RtpBody, Sealer, SealStream, SrtpSession } from './sealer.ts'
import { deriveSessionKeys, type SessionKeys } from './session-keys.ts'
import { bodyOf, headerOf, keysOf, PROFILES, weriftConfig } from './srtp.fixture.ts'

const PAYLOAD_TYPE = 111
const RED_PAYLOAD_TYPE = 63

interface Ear {
  readonly profile: SrtpProfile
  readonly keys: SrtpKeys
  readonly sessionKeys: SessionKeys
  readonly session: SrtpSession
  stream: SealStream
}

function openEar(sealer: Sealer, random: Random, options: { profile: SrtpProfile; firstIndex: number }): Ear {
  const keys = keysOf(random, options.profile)
  const session = sealer.openSession(options.profile, keys)
  const { rtp: sessionKeys } = deriveSessionKeys(keys)
  const stream = openStream(session, random.int(2 ** 32), options.firstIndex)
  return { profile: options.profile, keys, sessionKeys, session, stream }
}

function openStream(session: SrtpSession, ssrc: number, firstIndex: number): SealStream {
  return session.openStream({ ssrc, payloadType: PAYLOAD_TYPE, redPayloadType: RED_PAYLOAD_TYPE, firstIndex })
}

/** What node:crypto makes of a packet. */
function expected(ear: Ear, index: number, body: RtpBody): Buffer {
  const { ssrc } = ear.stream
  const payloadType = body.red ? RED_PAYLOAD_TYPE : PAYLOAD_TYPE
  const header = headerOf({ ...body, payloadType, index, ssrc, csrcs: [body.csrc] })
  return sealRtpPlainly(ear.profile, ear.sessionKeys, { ssrc, index, header, payload: body.payload })
}

/** Seals, copies what is delivered, and compares each with node:crypto's. */
function sealAndCompare(sealer: Sealer, ears: readonly Ear[], body: RtpBody): void {
  const indices = ears.map((ear) => ear.stream.nextIndex)
  const delivered = new Map<number, Buffer>()
  const streams = ears.map((ear) => ear.stream)
  sealer.seal(body, streams, streams.length, (i, memory, start, end) => {
    const datagram = memory.subarray(start, end)
    expect(delivered.has(i)).toBe(false)
    delivered.set(i, Buffer.from(datagram))
  })
  expect(delivered.size).toBe(ears.length)
  const differing = ears.filter((ear, i) => {
    const index = indices[i] ?? 0
    return !delivered.get(i)?.equals(expected(ear, index, body)) || ear.stream.nextIndex !== index + 1
  })
  expect(differing).toEqual([])
}

const [GCM, CM] = [PROFILES[0][1], PROFILES[1][1]]

describe.each(PROFILES)('Sealer, %s', (_name, profile) => {
  it('makes what node:crypto makes, for every length, 1 to 9 streams', () => {
    const random = createRandom(1)
    const sealer = createSealer()
    const ears = Array.from({ length: 9 }, (_, i) => openEar(sealer, random, { profile, firstIndex: i * 7000 }))
    for (let length = 0; length <= 1400; length++) {
      sealAndCompare(sealer, ears.slice(0, 1 + (length % 9)), bodyOf(random, length))
    }
    expect(sealer.stats()).toMatchObject({ plainSeals: 0, skipped: 0, places: 9, shards: 1 })
  })

  it('counts on over the wrap of the sequence number, and of 32 bits', () => {
    const random = createRandom(2)
    const sealer = createSealer()
    const firsts = [65_500, 131_060, 2 ** 32 - 40, 2 ** 40 - 3]
    const ears = firsts.map((firstIndex) => openEar(sealer, random, { profile, firstIndex }))
    for (let step = 0; step < 120; step++) sealAndCompare(sealer, ears, bodyOf(random, 60 + random.int(80)))
    expect(ears.map((ear) => ear.stream.nextIndex)).toEqual(firsts.map((first) => first + 120))
  })

  it('is read by werift, packets and reports', () => {
    const random = createRandom(3)
    const sealer = createSealer()
    const ears = Array.from({ length: 5 }, () => openEar(sealer, random, { profile, firstIndex: 65_530 }))
    const sessions = ears.map((ear) => new WeriftSession(weriftConfig(profile, ear.keys)))
    for (let step = 0; step < 40; step++) {
      const body = bodyOf(random, random.int(300))
      const streams = ears.map((ear) => ear.stream)
      sealer.seal(body, streams, streams.length, (i, memory, start, end) => {
        const datagram = memory.subarray(start, end)
        expect(sessions[i]?.decrypt(Buffer.from(datagram)).subarray(16)).toEqual(body.payload)
      })
    }
    const [ear] = ears
    if (!ear) throw new Error('no ear')
    const srtcp = new SrtcpSession(weriftConfig(profile, ear.keys))
    const compound = Buffer.concat([Buffer.from([0x80, 201, 0, 1]), Buffer.from([0, 0, 0, 9]), Buffer.alloc(8, 3)])
    for (let i = 0; i < 3; i++) {
      expect(srtcp.decrypt(ear.session.protectRtcp(compound) ?? Buffer.alloc(0))).toEqual(compound)
    }
    expect(ear.session.protectRtcp(compound.subarray(0, 7))).toBeNull()
  })

  it('seals what is wider than the kernel takes by node:crypto, in the same numbering', () => {
    const random = createRandom(4)
    const sealer = createSealer()
    const ears = Array.from({ length: 3 }, () => openEar(sealer, random, { profile, firstIndex: 0 }))
    for (const length of [100, MAX_KERNEL_PAYLOAD_BYTES, MAX_KERNEL_PAYLOAD_BYTES + 1, 100, 3000, 3000, 20]) {
      sealAndCompare(sealer, ears, bodyOf(random, length))
    }
    expect(sealer.stats().plainSeals).toBe(9)
  })

  it('seals by node:crypto where no memory is left', () => {
    const random = createRandom(5)
    const sealer = createSealer(0)
    const ears = [openEar(sealer, random, { profile, firstIndex: 65_535 })]
    for (let step = 0; step < 5; step++) sealAndCompare(sealer, ears, bodyOf(random, 100))
    expect(sealer.stats()).toMatchObject({ plainSeals: 5, places: 0 })
  })

  it('repeats a packet byte for byte, and nothing but that packet', () => {
    const random = createRandom(6)
    const sealer = createSealer()
    const ear = openEar(sealer, random, { profile, firstIndex: 65_500 })
    const sent: { index: number; body: RtpBody; datagram: Buffer }[] = []
    for (let step = 0; step < LOG_PACKETS + 30; step++) {
      const index = ear.stream.nextIndex
      const body = bodyOf(random, random.int(300))
      sealer.seal(body, [ear.stream], 1, (_i, memory, start, end) =>
        sent.push({ index, body, datagram: Buffer.from(memory.subarray(start, end)) }),
      )
    }
    for (const [i, { index, body, datagram }] of sent.entries()) {
      expect(sealer.reseal(ear.stream, index, body)).toEqual(i < 30 ? null : datagram)
    }
    const last = sent.at(-1)
    if (!last) throw new Error('nothing sent')
    const { index, body } = last
    const payload = Buffer.from(body.payload)
    payload.writeUInt8((payload.at(-1) ?? 0) ^ 1, payload.length - 1)
    const others = [
      { ...body, payload },
      { ...body, payload: body.payload.subarray(1) },
      { ...body, payload: Buffer.concat([body.payload, Buffer.alloc(1)]) },
      { ...body, timestamp: body.timestamp ^ 1 },
      { ...body, csrc: body.csrc ^ 1 },
      { ...body, marker: !body.marker },
      { ...body, red: !body.red },
    ]
    for (const other of others) expect(sealer.reseal(ear.stream, index, other)).toBeNull()
    for (const wrong of [index + 1, index - 1, index - LOG_PACKETS, -1, 0.5, Number.NaN]) {
      expect(sealer.reseal(ear.stream, wrong, body)).toBeNull()
    }
    ear.stream.close()
    expect(sealer.reseal(ear.stream, index, body)).toBeNull()
  })

  it('keeps datagrams valid until the next call but one', () => {
    const random = createRandom(7)
    const sealer = createSealer()
    const ears = Array.from({ length: PLACES_PER_SHARD }, () => openEar(sealer, random, { profile, firstIndex: 0 }))
    const streams = ears.map((ear) => ear.stream)
    let before: { live: Uint8Array; copy: Buffer }[] = []
    for (let step = 0; step < 150; step++) {
      const now: typeof before = []
      const count = random.chance(40) ? 1 + random.int(PLACES_PER_SHARD) : 1 + random.int(6)
      sealer.seal(bodyOf(random, random.int(1400)), streams, count, (_i, memory, start, end) => {
        const live = memory.subarray(start, end)
        now.push({ live, copy: Buffer.from(live) })
      })
      expect(before.filter(({ live, copy }) => !copy.equals(live))).toEqual([])
      before = now
    }
  })

  it('keeps datagrams of calls for one stream for a hundred calls and more', () => {
    const random = createRandom(13)
    const sealer = createSealer()
    const { stream } = openEar(sealer, random, { profile, firstIndex: 0 })
    const kept: { live: Uint8Array; copy: Buffer }[] = []
    for (let step = 0; step < 1000; step++) {
      sealer.seal(bodyOf(random, 400), [stream], 1, (_i, memory, start, end) => {
        const live = memory.subarray(start, end)
        kept.push({ live, copy: Buffer.from(live) })
      })
      expect(kept.slice(-100).filter(({ live, copy }) => !copy.equals(live))).toEqual([])
    }
  })

  it('passes over closed streams, and survives sessions that close while it delivers', () => {
    const random = createRandom(8)
    const sealer = createSealer()
    const ears = Array.from({ length: 4 }, () => openEar(sealer, random, { profile, firstIndex: 0 }))
    const streams = ears.map((ear) => ear.stream)
    const positions: number[] = []
    ears[1]?.session.close()
    sealer.seal(bodyOf(random, 50), streams, 4, (i) => {
      positions.push(i)
      for (const ear of ears) ear.session.close()
    })
    expect(positions).toEqual([0, 2, 3])
    sealer.seal(bodyOf(random, 50), streams, 4, (i) => positions.push(i))
    expect(positions).toHaveLength(3)
    expect(sealer.stats()).toMatchObject({ places: 0, skipped: 5 })
    expect(ears[0]?.session.protectRtcp(Buffer.alloc(8))).toBeNull()
  })

  it('is whole again after a deliver that throws', () => {
    const random = createRandom(9)
    const sealer = createSealer()
    const ears = Array.from({ length: 3 }, () => openEar(sealer, random, { profile, firstIndex: 0 }))
    const fail = () => {
      throw new Error('deliver')
    }
    const streams = ears.map((ear) => ear.stream)
    expect(() => sealer.seal(bodyOf(random, 50), streams, 3, fail)).toThrow('deliver')
    const nest = () => sealer.seal(bodyOf(random, 50), streams, 3, () => {})
    expect(() => sealer.seal(bodyOf(random, 50), streams, 3, nest)).toThrow('its own deliver')
    sealAndCompare(sealer, ears, bodyOf(random, 70))
  })

  it('ends with the lifetime of the key (RFC 3711 §9.2)', () => {
    const random = createRandom(10)
    const sealer = createSealer()
    const ear = openEar(sealer, random, { profile, firstIndex: MAX_SRTP_PACKETS - 3 })
    for (let step = 0; step < 3; step++) {
      expect(ear.stream.state).toBe('open')
      sealAndCompare(sealer, [ear], bodyOf(random, 40))
    }
    expect(ear.stream.state).toBe('exhausted')
    sealer.seal(bodyOf(random, 40), [ear.stream], 1, () => expect.unreachable())
    const { ssrc } = ear.stream
    ear.stream.close()
    expect(openStream(ear.session, ssrc, 0).state).toBe('exhausted')
    expect(MAX_SRTCP_PACKETS).toBe(2 ** 31)
  })

  it('gives the memory of silent streams back, and takes it again', () => {
    const random = createRandom(11)
    const sealer = createSealer()
    const ears = Array.from({ length: PLACES_PER_SHARD + 8 }, () => openEar(sealer, random, { profile, firstIndex: 3 }))
    sealAndCompare(sealer, ears, bodyOf(random, 30))
    expect(sealer.stats()).toMatchObject({ places: PLACES_PER_SHARD + 8, shards: 2 })
    sealer.reclaim()
    sealAndCompare(sealer, ears.slice(0, 5), bodyOf(random, 30))
    sealer.reclaim()
    expect(sealer.stats()).toMatchObject({ places: 5, shards: 1 })
    sealAndCompare(sealer, ears, bodyOf(random, 30))
    for (const ear of ears) ear.session.close()
    sealer.reclaim()
    expect(sealer.stats()).toMatchObject({ places: 0, shards: 1 })
  })

  it('spreads the refills of streams that begin together', () => {
    const random = createRandom(12)
    const sealer = createSealer()
    const ears = Array.from({ length: 200 }, () => openEar(sealer, random, { profile, firstIndex: 0 }))
    const streams = ears.map((ear) => ear.stream)
    sealer.seal(bodyOf(random, 100), streams, 200, () => {})
    const perPacket = Array.from({ length: 120 }, () => {
      const before = sealer.stats().refills
      sealer.seal(bodyOf(random, 100), streams, 200, () => {})
      return sealer.stats().refills - before
    })
    expect(Math.max(...perPacket)).toBeLessThan(30)
    expect(sealer.stats().widenings).toBe(0)
  })
})

describe('Sealer', () => {
  it('mixes profiles in one call', () => {
    const random = createRandom(20)
    const sealer = createSealer()
    const ears = Array.from({ length: 11 }, (_, i) => {
      return openEar(sealer, random, { profile: i % 3 === 0 ? GCM : CM, firstIndex: random.int(65_536) })
    })
    for (let step = 0; step < 60; step++) sealAndCompare(sealer, ears, bodyOf(random, random.int(200)))
    expect(sealer.stats().shards).toBe(2)
  })

  it('has sealed for the kernel before it delivers what node:crypto seals', () => {
    const random = createRandom(22)
    const sealer = createSealer(1)
    const ears = [GCM, CM, GCM, CM].map((profile) => openEar(sealer, random, { profile, firstIndex: 9 }))
    sealAndCompare(sealer, ears, bodyOf(random, 80))
    expect(sealer.stats()).toMatchObject({ plainSeals: 2, places: 2 })
    const body = bodyOf(random, 80)
    const positions: number[] = []
    const streams = ears.map((ear) => ear.stream)
    sealer.seal(body, streams, 4, (i) => {
      positions.push(i)
      for (const ear of ears) ear.session.close()
    })
    expect(positions).toEqual([0, 2])
  })

  it('refuses an SSRC twice, too many of them, and keys that do not fit', () => {
    const random = createRandom(21)
    const sealer = createSealer()
    const { session, stream, keys } = openEar(sealer, random, { profile: GCM, firstIndex: 0 })
    expect(() => openStream(session, stream.ssrc, 0)).toThrow('open already')
    for (let i = 1; i < MAX_SSRCS_PER_SESSION; i++) openStream(session, (stream.ssrc + i) >>> 0, 0).close()
    expect(() => openStream(session, (stream.ssrc + 999) >>> 0, 0)).toThrow('Too many')
    expect(() => openStream(session, (stream.ssrc + 1) >>> 0, MAX_SRTP_PACKETS)).toThrow('index')
    expect(() => sealer.openSession(CM, keys)).toThrow('fit')
    session.close()
    expect(() => openStream(session, 1, 0)).toThrow('closed')
  })

  it.each([31, 32, 33, 34])('never gives two plaintexts one keystream, seed %i', (seed) => {
    const random = createRandom(seed)
    const sealer = createSealer()
    const ears = Array.from({ length: 7 }, (_, i) => {
      return openEar(sealer, random, { profile: i % 2 === 0 ? GCM : CM, firstIndex: 65_400 })
    })
    const sealed = new Map<string, Buffer>()
    const bodies = new Map<string, RtpBody>()
    const remember = (ear: Ear, index: number, datagram: Uint8Array) => {
      const key = `${ears.indexOf(ear)} ${ear.stream.ssrc} ${index}`
      const before = sealed.get(key)
      if (before) expect(Buffer.from(datagram)).toEqual(before)
      sealed.set(key, Buffer.from(datagram))
    }
    const acts = {
      seal: () => {
        const chosen = ears.filter(() => random.chance(70))
        const body = bodyOf(random, random.chance(3) ? random.int(2000) : random.int(200))
        const indices = chosen.map((ear) => ear.stream.nextIndex)
        const streams = chosen.map((ear) => ear.stream)
        sealer.seal(body, streams, streams.length, (i, memory, start, end) => {
          const datagram = memory.subarray(start, end)
          const [ear, index] = [chosen[i], indices[i]]
          if (!ear || index === undefined) throw new Error('delivered to nobody')
          expect(Buffer.from(datagram)).toEqual(expected(ear, index, body))
          expect(sealed.has(`${ears.indexOf(ear)} ${ear.stream.ssrc} ${index}`)).toBe(false)
          remember(ear, index, datagram)
          bodies.set(`${ears.indexOf(ear)} ${index}`, body)
        })
      },
      reseal: () => {
        const ear = random.pick(ears)
        const index = Math.max(0, ear.stream.nextIndex - random.int(80))
        const body = random.chance(50) ? bodyOf(random, 20) : bodies.get(`${ears.indexOf(ear)} ${index}`)
        const datagram = body ? sealer.reseal(ear.stream, index, body) : null
        if (datagram) remember(ear, index, datagram)
      },
      reopen: () => {
        const ear = random.pick(ears)
        const { ssrc } = ear.stream
        ear.stream.close()
        ear.stream = openStream(ear.session, ssrc, random.int(65_536))
      },
      reclaim: () => sealer.reclaim(),
    }
    for (let step = 0; step < 1500; step++) {
      const die = random.int(100)
      acts[die < 70 ? 'seal' : die < 92 ? 'reseal' : die < 98 ? 'reopen' : 'reclaim']()
    }
    expect(sealed.size).toBeGreaterThan(4000)
  })
})
