import { createSocket } from 'node:dgram'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RtpHeader, RtpPacket } from 'werift'
import { AUDIENCE_FIRST_SECTION, SECTION_COUNT } from '../contract/media.ts'
import { Refusal } from '../contract/reasons.ts'
import { createFakeClock, type FakeClock } from '../test/fake-clock.ts'
import { type Caller, callTransport, LEVEL, SILENT } from './caller.fixture.ts'
import { LIVENESS } from './ice/liveness.ts'
import { CHROMIUM_OFFER } from './sdp/offers.fixture.ts'
import { STAGE_CHANNEL } from './transport.ts'
import { createWebRtcTransport, type WebRtcTransport } from './webrtc-transport.ts'

describe.each([false, true])('createWebRtcTransport, with datagrams in batches: %s', (batchedSends) => {
  let transport: WebRtcTransport
  let callers: Caller[]
  let clock: FakeClock

  beforeEach(() => {
    clock = createFakeClock()
    transport = createWebRtcTransport({ interfaceAddresses: ['127.0.0.1'], clock, batchedSends })
    callers = []
  })

  afterEach(async () => {
    await Promise.all(callers.map(({ pc }) => pc.close()))
    await transport.close()
  })

  async function call(alter?: (sdp: string) => string): Promise<Caller> {
    const caller = await callTransport(transport, alter)
    callers.push(caller)
    return caller
  }

  it('refuses a bad offer by its reason', async () => {
    await expect(transport.accept('nonsense', SILENT)).rejects.toMatchObject({ code: 'offer-malformed' })
    const video = CHROMIUM_OFFER.replace('m=audio', 'm=video')
    await expect(transport.accept(video, SILENT)).rejects.toBeInstanceOf(Refusal)
    expect(transport.dump().links).toBe(0)
  })

  it('answers with everything at once', async () => {
    const { answerSdp } = await transport.accept(CHROMIUM_OFFER, SILENT)
    expect(answerSdp).toMatch(/^a=ice-lite\r$/m)
    expect(answerSdp).toMatch(/^a=candidate:1 1 udp \d+ 127\.0\.0\.1 \d+ typ host\r$/m)
    expect(answerSdp).toContain('a=end-of-candidates\r\n')
    expect(answerSdp.match(/a=setup:passive/g)).toHaveLength(SECTION_COUNT)
    expect(answerSdp.match(/a=(sendrecv|sendonly)/g)).toEqual([
      'a=sendrecv',
      ...new Array(SECTION_COUNT - 1).fill('a=sendonly'),
    ])
    expect(answerSdp.match(/a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1/g)).toHaveLength(SECTION_COUNT)
    expect(answerSdp.match(/a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level/g)).toHaveLength(1)
    expect(new Set(answerSdp.match(/a=ssrc:\d+ cname/g)).size).toBe(SECTION_COUNT)
  })

  it('carries packets both ways, exactly', async () => {
    const { link, seen, uplink, heard, microphone } = await call()
    await expect.poll(() => seen).toEqual(['connected'])
    const header = { payloadType: 96, sequenceNumber: 65_530, timestamp: 960, ssrc: 1 }
    const extensions = [{ id: LEVEL.id, payload: Buffer.of(0x80 | 33) }]
    await expect
      .poll(async () => {
        header.sequenceNumber = (header.sequenceNumber + 1) & 0xffff
        await microphone.sender.sendRtp(
          new RtpPacket(new RtpHeader({ ...header, extensions, extension: true }), Buffer.of(0xf8, 1, 2)),
        )
        return uplink.at(-1)
      })
      .toMatchObject({ timestamp: 960, levelDbov: 33, payload: Buffer.of(0xf8, 1, 2) })
    const firstSequence = uplink[0]?.sequenceNumber ?? 0
    expect(firstSequence).toBeGreaterThan(65_530)
    expect(uplink.map(({ sequenceNumber }) => sequenceNumber)).toEqual(
      uplink.map((_, i) => (firstSequence + i) & 0xffff),
    )

    const fanout = transport.createFanout()
    fanout.join(link, { channel: STAGE_CHANNEL, listenerNumber: 1 })
    for (let i = 0; i < 5; i++) {
      for (const slot of [0, 2]) {
        const payload = Uint8Array.of(0xf8, slot, i)
        fanout.send(STAGE_CHANNEL, slot, { timestamp: i * 960, speakerNumber: 40 + slot, marker: i === 0, payload })
      }
    }
    await expect.poll(() => heard.length).toBe(10)
    for (const slot of [0, 2]) {
      const packets = heard.filter((entry) => entry.section === slot).map(({ packet }) => packet)
      const [first] = packets
      packets.forEach((packet, i) => {
        expect(packet.header).toMatchObject({ payloadType: 96, timestamp: i * 960, csrc: [40 + slot], marker: i === 0 })
        expect(packet.header.extensions).toEqual([])
        expect(packet.header.sequenceNumber).toBe((first?.header.sequenceNumber ?? 0) + i)
        expect(packet.header.ssrc).toBe(first?.header.ssrc)
        expect([...packet.payload]).toEqual([0xf8, slot, i])
      })
    }
    fanout.join(link, { channel: 4, listenerNumber: 1 })
    fanout.send(4, 1, { timestamp: 0, speakerNumber: 41, marker: true, payload: Uint8Array.of(0xf8) })
    await expect.poll(() => heard.length).toBe(11)
    expect(heard[10]?.section).toBe(AUDIENCE_FIRST_SECTION + 1)
  })

  it('serves several callers on one port, each with keys of their own', async () => {
    const everybody = await Promise.all([call(), call(), call()])
    await expect.poll(() => everybody.every(({ seen }) => seen.includes('connected'))).toBe(true)
    expect(transport.dump()).toMatchObject({ links: 3, bound: [{ address: '127.0.0.1' }] })
    const fanout = transport.createFanout()
    for (const [i, { link }] of everybody.entries()) fanout.join(link, { channel: 1, listenerNumber: i })
    fanout.send(1, 1, { timestamp: 5, speakerNumber: 2, marker: true, payload: Uint8Array.of(0xf8, 7) })
    await expect.poll(() => everybody.map(({ heard }) => heard.length)).toEqual([1, 1, 0])
  })

  it('tells of a silence within five seconds, and of its end', async () => {
    const { seen } = await call()
    await expect.poll(() => seen).toEqual(['connected'])
    clock.advance(4_600)
    expect(seen).toEqual(['connected', 'disconnected'])
    // The caller lives: it answers the consent requests that were sent meanwhile.
    await expect.poll(() => seen).toEqual(['connected', 'disconnected', 'connected'])
  })

  it('ends a link that stays silent, and one that never comes', async () => {
    const gone = await call()
    await expect.poll(() => gone.seen).toEqual(['connected'])
    clock.advance(LIVENESS.closedAfterMs + 1_000)
    expect(gone.seen).toEqual(['connected', 'disconnected', 'closed'])
    const seen: string[] = []
    const note = (what: string) => () => void seen.push(what)
    const events = { onConnected: note('connected'), onDisconnected: note('disconnected'), onClosed: note('closed') }
    await transport.accept(CHROMIUM_OFFER, { ...SILENT, ...events })
    clock.advance(LIVENESS.connectWithinMs + 1_000)
    expect(seen).toEqual(['closed'])
    expect(transport.dump().links).toBe(0)
    expect(clock.pendingCount).toBe(0)
  })

  it('refuses a caller whose certificate is not the one of the offer', async () => {
    const { seen, pc } = await call((sdp) =>
      sdp.replaceAll(/(a=fingerprint:sha-256 )(\S\S)/g, (_all, name, hex) => `${name}${hex === 'EE' ? '11' : 'EE'}`),
    )
    await expect.poll(() => seen, { timeout: 5_000 }).toEqual(['closed'])
    expect(pc.connectionState).not.toBe('closed')
  })

  it('closes silently, at once, and twice', async () => {
    const { link, seen } = await call()
    await expect.poll(() => seen).toEqual(['connected'])
    link.close()
    link.close()
    const fanout = transport.createFanout()
    fanout.join(link, { channel: 1, listenerNumber: 2 })
    fanout.send(1, 0, { timestamp: 0, speakerNumber: 1, marker: false, payload: Uint8Array.of(0xf8) })
    expect(transport.dump().links).toBe(0)
    expect(seen).toEqual(['connected'])
  })

  it('does not mind what strangers send', async () => {
    const { seen, uplink } = await call()
    await expect.poll(() => seen).toEqual(['connected'])
    const port = transport.dump().bound[0]?.port ?? 0
    const stranger = createSocket('udp4')
    const before = transport.dump().datagrams
    for (let i = 0; i < 200; i++) {
      const junk = Buffer.from(Array.from({ length: i }, (_, at) => (i * 31 + at * 7) & 0xff))
      if (i > 0) junk[0] = [0, 1, 22, 23, 128, 200][i % 6] ?? 0
      stranger.send(junk, port, '127.0.0.1')
    }
    await expect.poll(() => transport.dump().datagrams - before).toBeGreaterThanOrEqual(200)
    stranger.close()
    expect(seen).toEqual(['connected'])
    expect(uplink).toEqual([])
  })

  it('says that a port range is taken, and takes the next port of a range', async () => {
    await transport.ready()
    const taken = transport.dump().bound[0]?.port ?? 0
    const onlyTaken = createWebRtcTransport({ interfaceAddresses: ['127.0.0.1'], portRange: [taken, taken] })
    await expect(onlyTaken.ready()).rejects.toMatchObject({ code: 'media-failed' })
    await onlyTaken.close()
    const next = createWebRtcTransport({ interfaceAddresses: ['127.0.0.1'], portRange: [taken, taken + 20] })
    await next.ready()
    expect(next.dump().bound[0]?.port).toBeGreaterThan(taken)
    await next.close()
  })

  it('refuses to accept once closed', async () => {
    await transport.close()
    await transport.close()
    await expect(transport.accept(CHROMIUM_OFFER, SILENT)).rejects.toMatchObject({ code: 'media-failed' })
  })
})
