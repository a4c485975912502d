import { LOG_PACKETS, MAX_KERNEL_PAYLOAD_BYTES, SEALED_HEADER_BYTES } from './kernel/layout.ts'
import { kernelModule } from './kernel/load-kernel.ts'
import { sealRtpPlainly } from './plain-seal.ts'
import { SRTP_PROFILE, type SrtpKeys, type SrtpProfile } from './profile.ts'
import { SealSession } from './seal-session.ts'
import { flagsOf, PLACES_PER_SHARD, placeBytesOf, SealShard } from './seal-shard.ts'
import type { RingStream } from './seal-stream.ts'
import type { Deliver, RtpBody, Sealer, SealerStats, SealStream, SrtpSession } from './sealer.ts'

/** Streams sending at one time in one thread, in shards: 65536. Beyond it they are sealed by node:crypto. */
const MAX_SHARDS = 32

/** Compiles the kernel if this thread has not yet. `maxShards` is for tests. */
export function createSealer(maxShards: number = MAX_SHARDS): Sealer {
  kernelModule()
  return new KernelSealer(maxShards)
}

class KernelSealer implements Sealer {
  readonly #maxShards: number
  readonly #shards: SealShard[] = []
  /** Streams that have a place. */
  readonly #placed = new Set<RingStream>()
  /** Shards with streams of the packet in work. */
  readonly #busy: SealShard[] = []
  /** Positions of streams whose packet in work is for node:crypto. */
  readonly #plain: number[] = []
  #isSealing = false
  #refills = 0
  #widenings = 0
  #plainSeals = 0
  #skipped = 0

  constructor(maxShards: number) {
    this.#maxShards = maxShards
  }

  openSession(profile: SrtpProfile, keys: SrtpKeys): SrtpSession {
    return new SealSession(profile, keys, (stream) => this.#placed.delete(stream))
  }

  seal(packet: RtpBody, streams: readonly SealStream[], count: number, deliver: Deliver): void {
    if (this.#isSealing) throw new Error('seal() called from its own deliver()')
    this.#isSealing = true
    try {
      // Every stream of a sealer is one of its own sessions'.
      const own = streams as readonly RingStream[]
      this.#enlist(packet, own, count)
      const flags = flagsOf(packet)
      for (const shard of this.#busy) shard.seal(packet, flags)
      // All is sealed before anything is delivered: deliver() may close sessions, and with them places on the lists.
      for (const shard of this.#busy) shard.deliver(deliver)
      for (const position of this.#plain) this.#deliverPlainly(packet, own, position, deliver)
    } finally {
      for (const shard of this.#busy) shard.forgetList()
      this.#busy.length = 0
      this.#plain.length = 0
      this.#isSealing = false
    }
  }

  #enlist(packet: RtpBody, streams: readonly RingStream[], count: number): void {
    const length = packet.payload.length
    for (let i = 0; i < count; i++) {
      const stream = streams[i]
      if (stream === undefined || stream.state !== 'open') {
        this.#skipped += 1
        continue
      }
      const isReady = stream.nextIndex < stream.filledTo && length <= stream.widthBytes
      const shard = isReady || this.#fill(stream, length) ? stream.shard : null
      if (shard === null) {
        this.#plain.push(i)
        continue
      }
      if (!shard.hasListed) this.#busy.push(shard)
      if (shard.list(stream.record, stream.nextIndex, i)) stream.count(length)
      else this.#skipped += 1
    }
  }

  prepare(stream: SealStream, payloadBytes: number): void {
    // Every stream of a sealer is one of its own sessions'.
    const own = stream as RingStream
    if (own.state === 'open' && own.nextIndex >= own.filledTo) this.#fill(own, payloadBytes)
  }

  /** Keystream from the stream's next packet on; false where node:crypto has to seal it. */
  #fill(stream: RingStream, payloadBytes: number): boolean {
    if (payloadBytes > MAX_KERNEL_PAYLOAD_BYTES) return false
    if (stream.shard === null && !this.#place(stream)) return false
    if (stream.nextIndex < stream.filledTo) this.#widenings += 1
    this.#refills += 1
    const fill = stream.planFill(payloadBytes)
    stream.shard?.fill(stream.record, fill, stream.session.encryptBlocks)
    stream.onFilled(fill)
    return true
  }

  #place(stream: RingStream): boolean {
    const shard = this.#shardWithRoom(stream.session.profile)
    if (shard === null) return false
    const keyInput = stream.session.keyInput()
    const { ssrc, payloadType, redPayloadType } = stream
    stream.record = shard.takePlace({ ssrc, payloadType, redPayloadType, keyInput })
    stream.shard = shard
    keyInput.fill(0)
    this.#placed.add(stream)
    return true
  }

  #shardWithRoom(profile: SrtpProfile): SealShard | null {
    const existing = this.#shards.find((shard) => shard.profile === profile && shard.takenPlaces < PLACES_PER_SHARD)
    if (existing) return existing
    if (this.#shards.length >= this.#maxShards) return null
    try {
      const shard = new SealShard(profile)
      this.#shards.push(shard)
      return shard
    } catch (error) {
      // No address space left: the slower way still works.
      if (error instanceof RangeError) return null
      throw error
    }
  }

  #deliverPlainly(packet: RtpBody, streams: readonly RingStream[], position: number, deliver: Deliver): void {
    const stream = streams[position]
    if (stream?.state !== 'open') {
      this.#skipped += 1
      return
    }
    const datagram = this.#sealPlainly(stream, packet)
    deliver(position, datagram, 0, datagram.length)
  }

  #sealPlainly(stream: RingStream, packet: RtpBody): Buffer {
    this.#plainSeals += 1
    const index = stream.nextIndex
    stream.shard?.skipInLog(stream.record, index)
    stream.count(packet.payload.length)
    return sealAt(stream, index, packet)
  }

  reseal(stream: SealStream, index: number, packet: RtpBody): Buffer | null {
    const sent = stream as RingStream
    // Further back, the log's cell belongs to a later index.
    const isLogged = Number.isSafeInteger(index) && index < sent.nextIndex && index >= sent.nextIndex - LOG_PACKETS
    if (sent.state === 'closed' || sent.shard === null || !isLogged || index < 0) return null
    return sent.shard.wasSealed(sent.record, index, packet) ? sealAt(sent, index, packet) : null
  }

  reclaim(): void {
    for (const stream of [...this.#placed]) {
      if (stream.packetsAtReclaim === stream.packets) {
        stream.leavePlace()
        this.#placed.delete(stream)
      }
      stream.packetsAtReclaim = stream.packets
    }
    this.#dropEmptyShards()
  }

  /** The first of each profile stays: a room that empties and fills again would make it anew each time. */
  #dropEmptyShards(): void {
    for (const profile of Object.values(SRTP_PROFILE)) {
      const [, ...others] = this.#shards.filter((shard) => shard.profile === profile)
      const empty = others.filter((shard) => shard.takenPlaces === 0)
      for (const shard of empty) this.#shards.splice(this.#shards.indexOf(shard), 1)
    }
  }

  stats(): SealerStats {
    return {
      places: this.#placed.size,
      shards: this.#shards.length,
      reservedBytes: this.#shards.reduce((sum, shard) => sum + shard.reservedBytes, 0),
      placeBytes: {
        gcm: placeBytesOf(SRTP_PROFILE.aeadAes128Gcm),
        cm: placeBytesOf(SRTP_PROFILE.aesCm128HmacSha1With80),
      },
      refills: this.#refills,
      widenings: this.#widenings,
      plainSeals: this.#plainSeals,
      skipped: this.#skipped,
    }
  }
}

function sealAt(stream: RingStream, index: number, packet: RtpBody): Buffer {
  const header = Buffer.alloc(SEALED_HEADER_BYTES)
  const payloadType = packet.red ? stream.redPayloadType : stream.payloadType
  header.writeUInt8(0x81, 0)
  header.writeUInt8((packet.marker ? 0x80 : 0) | payloadType, 1)
  header.writeUInt16BE(index % 65_536, 2)
  header.writeUInt32BE(packet.timestamp >>> 0, 4)
  header.writeUInt32BE(stream.ssrc, 8)
  header.writeUInt32BE(packet.csrc >>> 0, 12)
  const { profile, rtpKeys } = stream.session
  return sealRtpPlainly(profile, rtpKeys, { ssrc: stream.ssrc, index, header, payload: packet.payload })
}
