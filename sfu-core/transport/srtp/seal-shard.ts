import {
  CM_PLACE_BYTES,
  CM_RING_AT,
  CM_TAG_BYTES,
  COUNTERS_AT,
  GCM_PLACE_BYTES,
  GCM_RING_AT,
  GCM_TAG_BYTES,
  KERNEL_CM,
  KERNEL_GCM,
  KEY_INPUT_AT,
  LIST_AT,
  LOG_AT,
  LOG_PACKETS,
  MAX_KERNEL_PAYLOAD_BYTES,
  NEXT_SLOT_AT,
  PAYLOAD_AT,
  PAYLOAD_TYPE_AT,
  SEALED_HEADER_BYTES,
  SLOT_BYTES_AT,
  SLOT_COUNT_AT,
  SSRC_AT,
  WIDTH_AT,
} from './kernel/layout.ts'
import { createKernelInstance, type KernelInstance, PACKET_FLAGS } from './kernel/load-kernel.ts'
import { SRTP_PROFILE, type SrtpProfile } from './profile.ts'
import type { Deliver, RtpBody } from './sealer.ts'

/**
 * Streams of one WebAssembly memory. V8 reserves gigabytes of address space for each memory, so not too few; a call
 * into WebAssembly per memory and packet (50 ns), so neither.
 */
export const PLACES_PER_SHARD = 2048
/** What a datagram takes of the output area beyond its payload, at most: header, tag, hash padding. */
const OUTPUT_OVERHEAD_BYTES = 96
/** Beyond the last datagram of a call: the kernel writes whole vectors. */
const OUTPUT_SLACK_BYTES = 128
/** Output of small calls stays for as long as this is not full: hundreds of datagrams to one listener each. */
const MIN_OUTPUT_WINDOW_BYTES = 65_536
const MAX_CALL_BYTES = PLACES_PER_SHARD * (MAX_KERNEL_PAYLOAD_BYTES + OUTPUT_OVERHEAD_BYTES) + OUTPUT_SLACK_BYTES
const OUTPUT_BYTES = 3 * MAX_CALL_BYTES
const PLACES_AT = LIST_AT + PLACES_PER_SHARD * 8

export interface PlaceKeys {
  readonly ssrc: number
  readonly payloadType: number
  readonly redPayloadType: number
  /** Salt padded to 16 bytes, then hash key or authentication key. Wiped by the kernel's copy only. */
  readonly keyInput: Uint8Array
}

/** Keystream to be written: `slots` packets from `baseIndex` on. */
export interface RingFill {
  readonly baseIndex: number
  readonly slots: number
  readonly blocksPerSlot: number
  readonly widthBytes: number
}

/**
 * One WebAssembly memory of fixed size with places for streams of one profile. A place has what the kernel needs of a
 * stream: header fields, keyed tables, and a ring of keystream for its next packets. The keystream of a packet depends
 * on key, SSRC and index only, all known ahead; so AES is one call of node:crypto for many packets, and a packet costs
 * an XOR and a tag, in one call for all of its streams.
 */
export class SealShard {
  readonly profile: SrtpProfile
  readonly #instance: KernelInstance
  readonly #words: Uint32Array
  readonly #isGcm: boolean
  readonly #placeBytes: number
  readonly #ringAt: number
  readonly #outputAt: number
  readonly #freePlaces: number[] = []
  readonly #positions = new Int32Array(PLACES_PER_SHARD)
  #listed = 0
  #sealed = 0
  /** Where the last call's output lies in the area, and how much it may take. */
  #callAt = 0
  #callBytes = 0
  #strideBytes = 0
  #datagramBytes = 0

  /** @throws RangeError where the process has no address space left. */
  constructor(profile: SrtpProfile) {
    this.profile = profile
    this.#isGcm = profile === SRTP_PROFILE.aeadAes128Gcm
    this.#placeBytes = placeBytesOf(profile)
    this.#ringAt = this.#isGcm ? GCM_RING_AT : CM_RING_AT
    this.#outputAt = PLACES_AT + PLACES_PER_SHARD * this.#placeBytes
    this.#instance = createKernelInstance(this.#outputAt + OUTPUT_BYTES)
    this.#words = new Uint32Array(this.#instance.bytes.buffer)
    for (let place = PLACES_PER_SHARD - 1; place >= 0; place--) {
      this.#freePlaces.push(PLACES_AT + place * this.#placeBytes)
    }
  }

  get reservedBytes(): number {
    return this.#instance.bytes.length
  }

  get takenPlaces(): number {
    return PLACES_PER_SHARD - this.#freePlaces.length
  }

  /** The address of a record whose ring is empty; 0 where all places are taken. */
  takePlace(keys: PlaceKeys): number {
    const record = this.#freePlaces.pop()
    if (record === undefined) return 0
    const { bytes, kernel } = this.#instance
    this.#words[(record + SSRC_AT) >> 2] = keys.ssrc
    bytes[record + PAYLOAD_TYPE_AT] = keys.payloadType
    bytes[record + PAYLOAD_TYPE_AT + 1] = keys.redPayloadType
    bytes.set(keys.keyInput, KEY_INPUT_AT)
    kernel.prepare(this.#isGcm ? KERNEL_GCM : KERNEL_CM, record)
    return record
  }

  /** Wipes keys, keystream and log. */
  giveBack(record: number): void {
    this.#instance.bytes.fill(0, record, record + this.#placeBytes)
    this.#freePlaces.push(record)
  }

  /**
   * Keystream for the next packets of a record. The ring is unreadable from the first line on until all of it is
   * written: a slot that was not refilled must never be read.
   * `encrypt` is AES-128-ECB of whole blocks.
   */
  fill(record: number, fill: RingFill, encrypt: (counters: Uint8Array) => Buffer): void {
    const { bytes, kernel } = this.#instance
    const { baseIndex, slots, blocksPerSlot } = fill
    const high = Math.floor(baseIndex / 2 ** 32)
    kernel.counters(this.#isGcm ? KERNEL_GCM : KERNEL_CM, record, high, baseIndex >>> 0, slots, blocksPerSlot)
    const keystream = encrypt(bytes.subarray(COUNTERS_AT, COUNTERS_AT + slots * blocksPerSlot * 16))
    bytes.set(keystream, record + this.#ringAt)
    keystream.fill(0)
    this.#words[(record + NEXT_SLOT_AT) >> 2] = 0
    this.#words[(record + SLOT_BYTES_AT) >> 2] = blocksPerSlot * 16
    this.#words[(record + WIDTH_AT) >> 2] = fill.widthBytes
    this.#words[(record + SLOT_COUNT_AT) >> 2] = slots
  }

  get hasListed(): boolean {
    return this.#listed > 0
  }

  /** Puts a record on the list of the packet in work; false where the list is full (a stream came twice). */
  list(record: number, index: number, position: number): boolean {
    const entry = this.#listed
    if (entry >= PLACES_PER_SHARD) return false
    const at = (LIST_AT >> 2) + entry * 2
    this.#words[at] = record
    this.#words[at + 1] = index
    this.#positions[entry] = position
    this.#listed = entry + 1
    return true
  }

  forgetList(): void {
    this.#listed = 0
  }

  /** Seals for the whole list, and empties it. */
  seal(packet: RtpBody, flags: number): void {
    const { kernel } = this.#instance
    const length = packet.payload.length
    this.#stage(packet.payload)
    const count = this.#listed
    this.#claimOutput(count * (length + OUTPUT_OVERHEAD_BYTES) + OUTPUT_SLACK_BYTES)
    this.#listed = 0
    this.#sealed = count
    this.#datagramBytes = SEALED_HEADER_BYTES + length + (this.#isGcm ? GCM_TAG_BYTES : CM_TAG_BYTES)
    const call = this.#isGcm ? kernel.sealGcm : kernel.sealCm
    this.#strideBytes = call(count, length, packet.timestamp, packet.csrc, flags, this.#outputAt + this.#callAt)
  }

  /**
   * Room behind the last call's output, or at the beginning of the area where less than three times the larger of the
   * two would be in use: then the last call's begins beyond the end of the new one's, and stays as it is. Not the
   * whole area in turn, because what is never touched is never resident.
   */
  #claimOutput(wantedBytes: number): void {
    const bytes = (wantedBytes + 15) & ~15
    const windowBytes = Math.max(MIN_OUTPUT_WINDOW_BYTES, 3 * Math.max(bytes, this.#callBytes))
    const next = this.#callAt + this.#callBytes
    this.#callAt = next + bytes > Math.min(windowBytes, OUTPUT_BYTES) ? 0 : next
    this.#callBytes = bytes
  }

  /** Hands out what `seal` made. */
  deliver(deliver: Deliver): void {
    const memory = this.#instance.bytes
    const length = this.#datagramBytes
    const stride = this.#strideBytes
    const positions = this.#positions
    const count = this.#sealed
    let at = this.#outputAt + this.#callAt
    for (let i = 0; i < count; i++) {
      deliver(positions[i] ?? 0, memory, at, at + length)
      at += stride
    }
  }

  #stage(payload: Uint8Array): void {
    const { bytes } = this.#instance
    bytes.set(payload, PAYLOAD_AT)
    const end = PAYLOAD_AT + payload.length
    bytes.fill(0, end, end + 16)
  }

  /** True where the record's log says that just this packet was sealed under `index`. */
  wasSealed(record: number, index: number, packet: RtpBody): boolean {
    this.#stage(packet.payload)
    const flags = flagsOf(packet)
    const print = this.#instance.kernel.fingerprint(packet.payload.length, packet.timestamp, packet.csrc, flags)
    return this.#words[logWord(record, index)] === print >>> 0
  }

  /** The packet under `index` was not sealed here: the log forgets what lay in its place. */
  skipInLog(record: number, index: number): void {
    this.#words[logWord(record, index)] = 0
  }
}

export function placeBytesOf(profile: SrtpProfile): number {
  return profile === SRTP_PROFILE.aeadAes128Gcm ? GCM_PLACE_BYTES : CM_PLACE_BYTES
}

export function flagsOf(packet: RtpBody): number {
  return (packet.marker ? PACKET_FLAGS.marker : 0) | (packet.red ? PACKET_FLAGS.red : 0)
}

function logWord(record: number, index: number): number {
  return ((record + LOG_AT) >> 2) + (index % LOG_PACKETS)
}
