import { type Cipheriv, createCipheriv } from 'node:crypto'
import {
  AES_BLOCK_BYTES,
  CM_KEYED_BYTES,
  CM_TAG_BYTES,
  COUNTERS_AT,
  DATAGRAM_AT,
  GCM_KEYED_BYTES,
  GCM_TAG_BYTES,
  IV_HIGH_AT,
  KERNEL_CM,
  KERNEL_GCM,
  KEY_INPUT_AT,
  KEYSTREAM_AT,
  MAX_KERNEL_DATAGRAM_BYTES,
  OPEN_MEMORY_BYTES,
  OPEN_RECORD_AT,
  OPENED_AT,
  SSRC_AT,
} from './kernel/layout.ts'
import { createKernelInstance, type KernelInstance } from './kernel/load-kernel.ts'
import { SRTP_PROFILE, type SrtpProfile } from './profile.ts'
import { keyInputOf, type SessionKeys } from './session-keys.ts'

/** Bytes of a datagram: `head` in the clear, `body` encrypted, then tag and `tail` (SRTCP's index) as the profile orders. */
export interface SealedParts {
  readonly datagram: Uint8Array
  readonly headBytes: number
  readonly bodyBytes: number
  /** 0 or 4. */
  readonly tailBytes: number
  readonly ssrc: number
  /** 48 bits for SRTP, 31 for SRTCP. */
  readonly index: number
}

/** The longest datagram that `open` takes. */
export const MAX_DATAGRAM_BYTES = MAX_KERNEL_DATAGRAM_BYTES

/**
 * The keys of one direction for SRTP or for SRTCP, in the form that the kernel uses. The cipher is made with the first
 * packet: most listeners never send RTP.
 */
export class OpeningKeys {
  readonly isGcm: boolean
  readonly #profile: SrtpProfile
  readonly #keys: () => SessionKeys
  #cipher: Cipheriv | null = null
  #keyed: Uint8Array | null = null

  constructor(profile: SrtpProfile, keys: () => SessionKeys) {
    this.isGcm = profile === SRTP_PROFILE.aeadAes128Gcm
    this.#profile = profile
    this.#keys = keys
  }

  get kernelProfile(): number {
    return this.isGcm ? KERNEL_GCM : KERNEL_CM
  }

  /** AES-128-ECB of whole blocks. */
  encryptBlocks = (blocks: Uint8Array): Buffer => {
    this.#cipher ??= createCipheriv('aes-128-ecb', this.#keys().cipherKey, null).setAutoPadding(false)
    return this.#cipher.update(blocks)
  }

  /** The keyed part of a record; made once, then copied. */
  loadInto({ bytes, kernel }: KernelInstance): void {
    const at = OPEN_RECORD_AT + IV_HIGH_AT
    if (this.#keyed) {
      bytes.set(this.#keyed, at)
      return
    }
    const input = keyInputOf(this.#profile, this.#keys(), this.encryptBlocks)
    bytes.set(input, KEY_INPUT_AT)
    input.fill(0)
    kernel.prepare(this.kernelProfile, OPEN_RECORD_AT)
    this.#keyed = bytes.slice(at, at + (this.isGcm ? GCM_KEYED_BYTES : CM_KEYED_BYTES))
  }

  /** Idempotent. The keys themselves are wiped by their owner. */
  close(): void {
    this.#keyed?.fill(0)
    this.#keyed = null
    this.#cipher?.final()
    this.#cipher = null
  }
}

/** Opens packets one at a time in one small WebAssembly memory, with the same kernel that seals. One per thread. */
export class Opener {
  readonly #instance: KernelInstance = createKernelInstance(OPEN_MEMORY_BYTES)
  readonly #words = new Uint32Array(this.#instance.bytes.buffer)
  #loaded: OpeningKeys | null = null

  /**
   * Head and decrypted body, in memory that is valid until the next call; null where the tag is wrong. Compares in
   * constant time, and gives no plaintext before.
   */
  open(keys: OpeningKeys, parts: SealedParts): Buffer | null {
    const { bytes } = this.#instance
    this.#load(keys)
    bytes.set(parts.datagram, DATAGRAM_AT)
    const isOpened = keys.isGcm ? this.#openGcm(keys, parts) : this.#openCm(keys, parts)
    return isOpened ? Buffer.from(bytes.buffer, OPENED_AT, parts.headBytes + parts.bodyBytes) : null
  }

  /** What was loaded of a closed session is wiped. */
  forget(keys: OpeningKeys): void {
    if (this.#loaded !== keys) return
    this.#instance.bytes.fill(0)
    this.#loaded = null
  }

  #load(keys: OpeningKeys): void {
    if (this.#loaded === keys) return
    keys.loadInto(this.#instance)
    this.#loaded = keys
  }

  #openGcm(keys: OpeningKeys, { headBytes, bodyBytes, tailBytes, ssrc, index }: SealedParts): boolean {
    const { kernel } = this.#instance
    this.#makeKeystream(keys, { ssrc, index, blocks: 1 + Math.ceil(bodyBytes / AES_BLOCK_BYTES) })
    if (!kernel.openGcm(headBytes, bodyBytes, tailBytes)) return false
    kernel.decrypt(headBytes, bodyBytes, KEYSTREAM_AT + AES_BLOCK_BYTES)
    return true
  }

  /** The tag needs no cipher here, so a forged packet costs none. */
  #openCm(keys: OpeningKeys, { headBytes, bodyBytes, tailBytes, ssrc, index }: SealedParts): boolean {
    const { kernel } = this.#instance
    const covered = headBytes + bodyBytes + tailBytes
    const rolloverBytes = tailBytes === 0 ? 4 : 0
    if (!kernel.isAuthenticCm(covered, rolloverBytes, Math.floor(index / 65_536))) return false
    this.#makeKeystream(keys, { ssrc, index, blocks: Math.ceil(bodyBytes / AES_BLOCK_BYTES) })
    kernel.decrypt(headBytes, bodyBytes, KEYSTREAM_AT)
    return true
  }

  #makeKeystream(keys: OpeningKeys, packet: { ssrc: number; index: number; blocks: number }): void {
    const { bytes, kernel } = this.#instance
    const { index, blocks } = packet
    if (blocks === 0) return
    this.#words[(OPEN_RECORD_AT + SSRC_AT) >> 2] = packet.ssrc
    kernel.counters(keys.kernelProfile, OPEN_RECORD_AT, Math.floor(index / 2 ** 32), index >>> 0, 1, blocks)
    const keystream = keys.encryptBlocks(bytes.subarray(COUNTERS_AT, COUNTERS_AT + blocks * AES_BLOCK_BYTES))
    bytes.set(keystream, KEYSTREAM_AT)
  }
}

let threadOpener: Opener | null = null

/** The one of this thread. */
export function openerOfThread(): Opener {
  threadOpener ??= new Opener()
  return threadOpener
}

/** Bytes that a profile's tag takes. */
export function tagBytesOf(keys: OpeningKeys): number {
  return keys.isGcm ? GCM_TAG_BYTES : CM_TAG_BYTES
}
