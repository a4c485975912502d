import { SECTION_COUNT } from '../../contract/media.ts'
import { LinkCounters } from '../insight/counters.ts'
import type { OfferSection } from '../sdp/offer.ts'
import type { Deliver, RtpBody, Sealer, SealStream, SrtpSession } from '../srtp/sealer.ts'
import type { MediaLink } from '../transport.ts'
import { BatchSender } from './batch-sender.ts'
import { Downlink, distinctSsrcs, type Route } from './downlink.ts'
import { EgressQueue } from './egress-queue.ts'
import { RoomFanout } from './room-fanout.ts'

/** What a listener was sent, unsealed. */
export interface Heard {
  ssrc: number
  index: number
  payloadType: number
  body: RtpBody
}

export interface Listener {
  link: MediaLink
  downlink: Downlink
  heard: Heard[]
  /** The path comes and goes. */
  setPath(has: boolean): void
}

interface FakeStream extends SealStream {
  readonly redPayloadType: number | undefined
}

/** A sealer that encrypts nothing: a datagram is the packet's number among `sealed`. `sealCalls`: streams of each call. */
function createFakeSealer() {
  const sealed: Heard[] = []
  const sealCalls: number[] = []
  const datagramOf = (heard: Heard): Buffer => {
    const datagram = Buffer.alloc(4)
    datagram.writeUInt32BE(sealed.push(heard) - 1)
    return datagram
  }
  const describe = (stream: SealStream, index: number, body: RtpBody): Heard => {
    const { redPayloadType } = stream as FakeStream
    const payloadType = body.red ? (redPayloadType ?? -1) : (stream as FakeStream & { payloadType: number }).payloadType
    return { ssrc: stream.ssrc, index, payloadType, body: { ...body, payload: body.payload.slice() } }
  }
  const sealer = {
    seal(body: RtpBody, streams: readonly SealStream[], count: number, deliver: Deliver) {
      sealCalls.push(count)
      for (let i = 0; i < count; i++) {
        const stream = streams[i] as SealStream & { nextIndex: number }
        const datagram = datagramOf(describe(stream, stream.nextIndex, body))
        deliver(i, datagram, 0, datagram.length)
        stream.nextIndex += 1
      }
    },
    prepare: () => {},
    reseal: (stream: SealStream, index: number, body: RtpBody) => datagramOf(describe(stream, index, body)),
  }
  const openSession = (): SrtpSession =>
    ({
      openStream: ({ ssrc, payloadType, redPayloadType, firstIndex }: Parameters<SrtpSession['openStream']>[0]) => ({
        ssrc,
        payloadType,
        redPayloadType,
        nextIndex: firstIndex,
        close: () => {},
      }),
      close: () => {},
    }) as unknown as SrtpSession
  return { sealer: sealer as unknown as Sealer, openSession, sealed, sealCalls }
}

const SECTION: OfferSection = {
  mid: '0',
  opusPayloadType: 111,
  redPayloadType: 63,
  nack: true,
  levelExtensionId: 1,
  direction: 'recvonly',
}

/** A fanout over a sealer that does not encrypt, with listeners who keep what they hear. Time stands still but for `clock.nowMs`. */
export function createFanoutScene() {
  const { sealer, openSession, sealed, sealCalls } = createFakeSealer()
  const clock = { nowMs: 1_000 }
  const turns: (() => void)[] = []
  const queue = new EgressQueue((call) => turns.push(call))
  const sender = new BatchSender(sealer, () => clock.nowMs)
  const downlinks = new Map<MediaLink, Downlink>()
  const fanout = new RoomFanout({ sender, queue, downlinkOf: (link) => downlinks.get(link) ?? null })
  const listener = (section: Partial<OfferSection> = {}): Listener => {
    const heard: Heard[] = []
    const socket = {
      address: '127.0.0.1',
      port: 1,
      batch: null,
      send: (datagram: Uint8Array) => {
        const packet = sealed[Buffer.from(datagram).readUInt32BE()]
        if (packet) heard.push(packet)
      },
    }
    const route: Route = { socket, address: '127.0.0.1', port: 2, kernelAddress: null }
    const sections = Array.from({ length: SECTION_COUNT }, (_, i) => ({ ...SECTION, ...section, mid: String(i) }))
    const downlink = new Downlink({
      ssrcs: distinctSsrcs(SECTION_COUNT),
      sections,
      counters: new LinkCounters(),
    })
    downlink.secure(openSession(), sealer)
    const link: MediaLink = { answerSdp: '', close: () => {} }
    downlinks.set(link, downlink)
    downlink.route = route
    return { link, downlink, heard, setPath: (has) => (downlink.route = has ? route : null) }
  }
  const settle = () => {
    while (turns.length > 0) turns.shift()?.()
  }
  return { fanout, sender, listener, settle, clock, sealCalls }
}

let timestamp = 0

export function packetOf(speakerNumber: number, first: number, lengthBytes = 1) {
  timestamp += 960
  return { timestamp, speakerNumber, marker: false, payload: new Uint8Array(lengthBytes).fill(first) }
}
