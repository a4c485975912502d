import { buildRed } from '../rtp/red.ts'
import type { Deliver, RtpBody, Sealer, SealStream } from '../srtp/sealer.ts'
import type { DownlinkPacket } from '../transport.ts'
import type { DatagramBatch } from '../udp/datagram-batch.ts'
import type { Downlink, OutStream } from './downlink.ts'
import type { PacketRing } from './packet-ring.ts'

interface Batch {
  packet: DownlinkPacket
  section: number
  ring: PacketRing
  ringIndex: number
}

/** Listeners who get the same body: plain, or RED that names the same payload type. */
interface Group {
  body: RtpBody | null
  /** What `body` was made for; RED is made when the first listener of a batch needs it. */
  madeFor: Batch | null
  readonly seals: SealStream[]
  readonly downlinks: Downlink[]
  count: number
}

/**
 * Seals one packet for many listeners and sends it: `begin`, then `add` for each listener, then `flush`. One for a
 * thread: its arrays are used over and over. Also answers what listeners ask for again.
 */
export class BatchSender {
  readonly #sealer: Sealer
  readonly #monotonicMs: () => number
  readonly #plain = newGroup()
  /** By the Opus payload type that RED names: browsers have two or three between them. */
  readonly #reds = new Map<number, Group>()
  #batch: Batch | null = null
  /** Whom the sealer delivers for now. */
  #delivering: Group = this.#plain
  #lastBatch: DatagramBatch | null = null

  constructor(sealer: Sealer, monotonicMs: () => number) {
    this.#sealer = sealer
    this.#monotonicMs = monotonicMs
  }

  begin(batch: Batch): void {
    this.#batch = batch
    this.#plain.body = plainBody(batch.packet)
    batch.ring.sentAtMs = this.#monotonicMs()
    batch.ring.sentTimestamp = batch.packet.timestamp
  }

  /** A listener who can be sent to, and their stream of the batch's section. */
  readonly add = (downlink: Downlink, stream: OutStream): void => {
    const batch = this.#batch
    if (!batch) return
    const group = this.#groupOf(downlink, stream, batch)
    const { body } = group
    if (!body) return
    note(stream, batch, body.red)
    downlink.counters.sealed += 1
    if (body.red) downlink.counters.sealedRed += 1
    downlink.capture(stream, stream.seal.nextIndex, body)
    group.seals[group.count] = stream.seal
    group.downlinks[group.count] = downlink
    group.count += 1
  }

  #groupOf(downlink: Downlink, { opusPayloadType }: OutStream, batch: Batch): Group {
    if (!downlink.acceptsRed(batch.section)) return this.#plain
    let red = this.#reds.get(opusPayloadType)
    if (!red) {
      red = newGroup()
      this.#reds.set(opusPayloadType, red)
    }
    if (red.madeFor !== batch) {
      red.madeFor = batch
      red.body = redBody(batch, opusPayloadType)
    }
    // What RED cannot say goes out plain.
    return red.body ? red : this.#plain
  }

  readonly #deliver: Deliver = (i, memory, start, end) => {
    const batch = this.#delivering.downlinks[i]?.queueDatagram(memory, start, end) ?? null
    if (batch === null || batch === this.#lastBatch) return
    // Listeners come by a few addresses of ours, and those of one seldom alternate.
    this.#lastBatch?.flush()
    this.#lastBatch = batch
  }

  flush(): void {
    this.#sealAndSend(this.#plain)
    for (const red of this.#reds.values()) this.#sealAndSend(red)
    this.#batch = null
  }

  #sealAndSend(group: Group): void {
    const { body, seals, count } = group
    group.body = null
    group.madeFor = null
    group.count = 0
    if (!body || count === 0) return
    this.#delivering = group
    this.#sealer.seal(body, seals, count, this.#deliver)
    // Before the next call: a datagram is valid for as long.
    this.#lastBatch?.flush()
    this.#lastBatch = null
  }

  /**
   * Sends again what was lost (RFC 4585 §6.2.1), as it was, byte for byte: another plaintext under the same packet
   * index would give both away. What is not there any more is not answered.
   */
  retransmit(downlink: Downlink, ssrc: number, sequenceNumbers: Iterable<number>): void {
    const stream = downlink.streamOf(ssrc)
    if (!stream?.ring || !downlink.hasRoute) return
    const { seal, ring } = stream
    for (const sequenceNumber of sequenceNumbers) {
      const index = latestIndex(seal.nextIndex, sequenceNumber)
      const body = index >= stream.sameFrom ? bodyOf(stream, ring, index + stream.ringOffset) : null
      const isAllowed = body !== null && downlink.mayRetransmit(this.#monotonicMs())
      const datagram = isAllowed ? this.#sealer.reseal(seal, index, body) : null
      if (!datagram) {
        downlink.counters.retransmissionsRefused += 1
        continue
      }
      downlink.counters.retransmitted += 1
      if (body) downlink.capture(stream, index, body)
      downlink.sendDatagram(datagram)
    }
  }
}

function newGroup(): Group {
  return { body: null, madeFor: null, seals: [], downlinks: [], count: 0 }
}

/** Remembers how the stream's next packet is made from the ring. */
function note(stream: OutStream, batch: Batch, isRed: boolean): void {
  const offset = batch.ringIndex - stream.seal.nextIndex
  if (offset === stream.ringOffset && isRed === stream.isRed && stream.ring === batch.ring) return
  stream.ringOffset = offset
  stream.isRed = isRed
  stream.ring = batch.ring
  stream.sameFrom = stream.seal.nextIndex
}

function bodyOf(stream: OutStream, ring: PacketRing, ringIndex: number): RtpBody | null {
  const packet = ring.get(ringIndex)
  if (!packet) return null
  return stream.isRed ? redBody({ packet, ring, ringIndex }, stream.opusPayloadType) : plainBody(packet)
}

function plainBody(packet: DownlinkPacket): RtpBody {
  const { timestamp, marker, speakerNumber, payload } = packet
  return { timestamp, marker, csrc: speakerNumber, payload, red: false }
}

/** With the packet before it, where that is the same voice; null where there is none or RED cannot say it. */
function redBody(
  { packet, ring, ringIndex }: Pick<Batch, 'packet' | 'ring' | 'ringIndex'>,
  opusPayloadType: number,
): RtpBody | null {
  const before = ring.get(ringIndex - 1)
  if (before?.speakerNumber !== packet.speakerNumber) return null
  const payload = buildRed({
    payloadType: opusPayloadType,
    primary: packet.payload,
    redundant: before.payload,
    timestampOffset: (packet.timestamp - before.timestamp) >>> 0,
  })
  return payload ? { ...plainBody(packet), payload, red: true } : null
}

/** The newest packet index below `nextIndex` with this sequence number. */
function latestIndex(nextIndex: number, sequenceNumber: number): number {
  const last = nextIndex - 1
  return last - (((last % 65_536) - sequenceNumber + 65_536) % 65_536)
}
