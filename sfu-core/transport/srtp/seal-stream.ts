import { AES_BLOCK_BYTES, MAX_KERNEL_PAYLOAD_BYTES, RING_BYTES } from './kernel/layout.ts'
import { MAX_SRTP_PACKETS, type SrtpProfile } from './profile.ts'
import type { RingFill, SealShard } from './seal-shard.ts'
import type { SealState, SealStream, SealStreamOptions } from './sealer.ts'
import type { SessionKeys } from './session-keys.ts'

/**
 * Above a payload that was too wide, and as a share of it: widening is a refill for all listeners of a packet at once, and
 * speech of variable rate swings by half around its mean.
 */
const HEADROOM_BYTES = 32
const HEADROOM_SHARE = 0.5

/** What a stream needs of its session. */
export interface StreamOwner {
  readonly profile: SrtpProfile
  /** Blocks before the payload's in a slot: GCM's first block masks the tag. */
  readonly maskBlocks: number
  readonly rtpKeys: SessionKeys
  encryptBlocks(blocks: Uint8Array): Buffer
  keyInput(): Buffer
  onStreamClosed(stream: RingStream): void
}

/** What the sealer knows of one stream. Its keystream lies in a place of a shard, once it sends. */
export class RingStream implements SealStream {
  // What each packet needs comes first: it is in no cache when its turn comes, and is fetched by 64 bytes.
  state: SealState = 'open'
  nextIndex: number
  /** The first index without keystream. */
  filledTo = 0
  /** Widest payload that the keystream is for. */
  widthBytes = 0
  shard: SealShard | null = null
  /** Address of the record in the shard. */
  record = 0
  packets = 0
  octets = 0
  widestBytes = 0
  packetsAtReclaim = 0
  readonly ssrc: number
  readonly payloadType: number
  readonly redPayloadType: number
  readonly session: StreamOwner

  constructor(session: StreamOwner, options: SealStreamOptions) {
    this.session = session
    this.ssrc = options.ssrc
    this.payloadType = options.payloadType
    this.redPayloadType = options.redPayloadType ?? options.payloadType
    this.nextIndex = options.firstIndex
  }

  close(): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.leavePlace()
    this.session.onStreamClosed(this)
  }

  leavePlace(): void {
    this.shard?.giveBack(this.record)
    this.shard = null
    this.record = 0
    this.filledTo = 0
    this.widthBytes = 0
  }

  /** Accounts for one packet, sent under `nextIndex`. */
  count(payloadBytes: number): void {
    this.nextIndex += 1
    this.packets += 1
    this.octets += payloadBytes
    if (payloadBytes > this.widestBytes) this.widestBytes = payloadBytes
    if (this.nextIndex >= MAX_SRTP_PACKETS) this.state = 'exhausted'
  }

  /**
   * The next fill of the ring, wide enough for `payloadBytes`. Widens at once, and narrows when less than half was used. After
   * anything but plain use the fill is shorter by a part that differs from stream to stream: streams that begin or
   * widen together (all listeners of a channel) would else be refilled together for ever, in one packet's time.
   */
  planFill(payloadBytes: number): RingFill {
    const { maskBlocks } = this.session
    const isUsedUp = this.widthBytes > 0 && this.nextIndex >= this.filledTo && payloadBytes <= this.widthBytes
    const wanted = isUsedUp ? this.#heldWidthBytes(payloadBytes) : roomyBytes(payloadBytes)
    const blocks = Math.ceil(wanted / AES_BLOCK_BYTES)
    const payloadBlocks = Math.max(1, Math.min(blocks, MAX_KERNEL_PAYLOAD_BYTES / AES_BLOCK_BYTES))
    const blocksPerSlot = payloadBlocks + maskBlocks
    const whole = Math.floor(RING_BYTES / (blocksPerSlot * AES_BLOCK_BYTES))
    const slots = isUsedUp ? whole : 1 + ((Math.imul(this.ssrc, 0x9e3779b1) >>> 8) % whole)
    this.widestBytes = 0
    return {
      baseIndex: this.nextIndex,
      slots: Math.min(slots, MAX_SRTP_PACKETS - this.nextIndex),
      blocksPerSlot,
      widthBytes: payloadBlocks * AES_BLOCK_BYTES,
    }
  }

  #heldWidthBytes(payloadBytes: number): number {
    const widest = Math.max(this.widestBytes, payloadBytes)
    return widest * 2 < this.widthBytes ? roomyBytes(widest) : this.widthBytes
  }

  onFilled(fill: RingFill): void {
    this.filledTo = fill.baseIndex + fill.slots
    this.widthBytes = fill.widthBytes
  }
}

function roomyBytes(payloadBytes: number): number {
  return payloadBytes + Math.max(HEADROOM_BYTES, Math.ceil(payloadBytes * HEADROOM_SHARE))
}
