import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RTCPeerConnection, RTCRtpCodecParameters } from 'werift'
import { SECTION_COUNT } from '../../contract/media.ts'
import { CHROMIUM_OFFER } from '../sdp/offers.fixture.ts'
import { type MediaLink, type MediaLinkEvents, STAGE_CHANNEL } from '../transport.ts'
import { ThreadedTransport } from './threaded-transport.ts'

const OPUS = new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2, payloadType: 96 })
const SILENT: MediaLinkEvents = {
  onConnected() {},
  onDisconnected() {},
  onClosed() {},
  wantsUplink: () => true,
  onUplink() {},
}

/** Handshakes of werift's clients on a busy machine. */
const PATIENT = { timeout: 15_000 }

interface Caller {
  pc: RTCPeerConnection
  link: MediaLink
  seen: string[]
  heard: number[]
  /** Of the node, as the answer has it. */
  port: string | undefined
}

describe('a transport on two threads', () => {
  let transport: ThreadedTransport
  let callers: Caller[]

  beforeEach(() => {
    transport = new ThreadedTransport({ threads: 2, interfaceAddresses: ['127.0.0.1'] })
    callers = []
  })

  afterEach(async () => {
    await Promise.all(callers.map(({ pc }) => pc.close()))
    await transport.close()
  })

  async function call(): Promise<Caller> {
    const pc = new RTCPeerConnection({
      bundlePolicy: 'max-bundle',
      codecs: { audio: [OPUS] },
      iceAdditionalHostAddresses: ['127.0.0.1'],
      iceInterfaceAddresses: { udp4: '127.0.0.1' },
      iceUseIpv6: false,
      iceServers: [{ urls: 'stun:127.0.0.1:9' }],
    })
    const heard: number[] = []
    for (let section = 0; section < SECTION_COUNT; section++) {
      const { onTrack } = pc.addTransceiver('audio', { direction: section === 0 ? 'sendrecv' : 'recvonly' })
      onTrack.subscribe((track) => track.onReceiveRtp.subscribe(({ payload }) => heard.push(payload[1] ?? -1)))
    }
    const offer = await pc.createOffer()
    void pc.setLocalDescription(offer)
    const seen: string[] = []
    const link = await transport.accept(offer.sdp, {
      ...SILENT,
      onConnected: () => seen.push('connected'),
      onClosed: () => seen.push('closed'),
    })
    await pc.setRemoteDescription({ type: 'answer', sdp: link.answerSdp })
    const port = /^a=candidate:.* (\d+) typ host\r$/m.exec(link.answerSdp)?.[1]
    const caller = { pc, link, seen, heard, port }
    callers.push(caller)
    return caller
  }

  it('spreads people over the threads, and a packet reaches those of both', async () => {
    const everybody = [await call(), await call(), await call()]
    await expect.poll(() => everybody.map(({ seen }) => seen), PATIENT).toEqual(Array(3).fill(['connected']))
    expect(new Set(everybody.map(({ port }) => port)).size).toBe(2)
    const fanout = transport.createFanout()
    for (const [i, { link }] of everybody.entries()) fanout.join(link, { channel: STAGE_CHANNEL, listenerNumber: i })
    const packet = { timestamp: 960, marker: false, speakerNumber: 1 }
    fanout.send(STAGE_CHANNEL, 0, { ...packet, payload: Uint8Array.of(0xf8, 7) })
    await expect.poll(() => everybody.map(({ heard }) => heard), PATIENT).toEqual([[7], [], [7]])
    everybody[0]?.link.close()
    fanout.send(STAGE_CHANNEL, 0, { ...packet, timestamp: 1_920, payload: Uint8Array.of(0xf8, 8) })
    await expect.poll(() => everybody.map(({ heard }) => heard), PATIENT).toEqual([[7], [], [7, 8]])
    const { threads } = await transport.dump()
    expect(threads).toMatchObject([{ links: 1 }, { links: 1 }])
  })

  it('tells people of a thread that died that they are gone, and takes them back on a new one', async () => {
    const [first, second] = [await call(), await call()]
    await expect.poll(() => [first.seen, second.seen], PATIENT).toEqual([['connected'], ['connected']])
    const fanout = transport.createFanout()
    fanout.join(first.link, { channel: STAGE_CHANNEL, listenerNumber: 1 })
    // Not a packet at all: the thread dies of it.
    const broken = { payload: { slice: () => 5 } } as unknown as Parameters<typeof fanout.send>[2]
    fanout.send(STAGE_CHANNEL, 0, broken)
    await expect.poll(() => first.seen, PATIENT).toEqual(['connected', 'closed'])
    expect(second.seen).toEqual(['connected'])
    const again = await call()
    await expect.poll(() => again.seen, PATIENT).toEqual(['connected'])
    expect(again.port).not.toBe(second.port)
  })

  it('refuses a bad offer by its reason', async () => {
    await expect(transport.accept('nonsense', SILENT)).rejects.toMatchObject({ code: 'offer-malformed' })
  })

  it('refuses to accept once closed, and closes twice', async () => {
    await transport.accept(CHROMIUM_OFFER, SILENT)
    await transport.close()
    await transport.close()
    await expect(transport.accept(CHROMIUM_OFFER, SILENT)).rejects.toMatchObject({ code: 'media-failed' })
  })
})
