import { OpusFrames, splitOpusPacket } from '../opus/frames.ts'
import { Repacketizer } from '../opus/repacketize.ts'
import { createRandom } from '../test/random.ts'

const PAYLOAD_BYTES = [60, 100, 180]
const FRAME_COUNTS = [2, 3, 6]
/** 20 ms, CELT fullband, mono. */
const TOC = 0xf8
const PACKETS = 300_000
const ROUNDS = 9
const WARM_UP_ROUNDS = 2

export interface RepacketizeRow extends Record<string, string | number> {
  payloadBytes: number
  /** Frames of 20 ms in a merged packet. */
  frames: number
  /** µs of CPU for a packet that goes in, its share of the merged one included: the median round. */
  perPacketUs: number
  /** The quickest round: what remains where other programs take the machine's time. */
  bestPerPacketUs: number
  /** µs of CPU for a merged packet. */
  perMergedUs: number
}

/** VBR: lengths differ a little from frame to frame. */
function packetsOf(payloadBytes: number): Uint8Array[] {
  const random = createRandom(payloadBytes)
  return Array.from({ length: 64 }, () => {
    const packet = new Uint8Array(payloadBytes - 5 + random.int(11))
    packet.fill(random.int(256))
    packet[0] = TOC
    return packet
  })
}

/** Splits and merges as the forwarder does it; gives the bytes made, so that nothing is left out as unused. */
function mergeAll(packets: readonly Uint8Array[], frameCount: number): number {
  const frames = new OpusFrames()
  const merged = new Repacketizer()
  let bytes = 0
  for (let i = 0; i < PACKETS; i++) {
    const packet = packets[i % packets.length]
    if (!packet || !splitOpusPacket(packet, frames)) throw new Error('not an Opus packet')
    merged.add(packet, frames)
    if (merged.frameCount < frameCount) continue
    bytes += merged.write().length
    merged.clear()
  }
  return bytes
}

/** Merging 20 ms packets for the audience, by length of packet and number of frames. Takes about 5 s. */
export function benchRepacketize(): RepacketizeRow[] {
  return PAYLOAD_BYTES.flatMap((payloadBytes) => {
    const packets = packetsOf(payloadBytes)
    return FRAME_COUNTS.map((frameCount): RepacketizeRow => {
      const rounds = Array.from({ length: WARM_UP_ROUNDS + ROUNDS }, () => {
        const before = process.cpuUsage()
        if (mergeAll(packets, frameCount) === 0) throw new Error('nothing was merged')
        const { user, system } = process.cpuUsage(before)
        return (user + system) / PACKETS
      })
      const sorted = rounds.slice(WARM_UP_ROUNDS).sort((a, b) => a - b)
      const medianUs = sorted[Math.floor(sorted.length / 2)] ?? 0
      return {
        payloadBytes,
        frames: frameCount,
        perPacketUs: rounded(medianUs),
        bestPerPacketUs: rounded(sorted[0] ?? 0),
        perMergedUs: rounded(medianUs * frameCount),
      }
    })
  })
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
