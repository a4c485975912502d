import { createCipheriv } from 'node:crypto'
import { SRTP_KEY_BYTES, SRTP_PROFILE, type SrtpKeys, type SrtpProfile, srtpSaltBytes } from './profile.ts'

const AES_BLOCK_BYTES = 16
const AUTH_KEY_BYTES = 20
const SALT_BYTES = 14
/** Labels in the order of RFC 3711 §4.3.2, each with the blocks that its key takes. */
const LABEL_BLOCKS = [1, 2, 1, 1, 2, 1] as const

/** What one master key gives for SRTP, or for SRTCP. */
export interface SessionKeys {
  /** AES-128. */
  readonly cipherKey: Buffer
  /** HMAC-SHA1; not used with GCM. */
  readonly authKey: Buffer
  /** 14 bytes; with GCM the first 12. */
  readonly salt: Buffer
}

/** Kept as the bytes alone: six buffers would be 1 kB a listener and direction. */
export interface SessionKeyPair {
  readonly rtp: SessionKeys
  readonly rtcp: SessionKeys
  /** Fills the keys with zeros. */
  wipe(): void
}

/** RFC 3711 §4.3.1 with a key derivation rate of zero; RFC 7714 §11 pads the shorter salt with zeros at its end. */
export function deriveSessionKeys(keys: SrtpKeys): SessionKeyPair {
  const counters = Buffer.concat(LABEL_BLOCKS.map((blocks, label) => labelCounters(keys.masterSalt, label, blocks)))
  const cipher = createCipheriv('aes-128-ecb', keys.masterKey, null).setAutoPadding(false)
  const derived = cipher.update(counters)
  cipher.final()
  return new DerivedKeys(derived)
}

class DerivedKeys implements SessionKeyPair {
  readonly #derived: Buffer

  constructor(derived: Buffer) {
    this.#derived = derived
  }

  get rtp(): SessionKeys {
    return splitKeys(this.#derived.subarray(0, this.#derived.length / 2))
  }

  get rtcp(): SessionKeys {
    return splitKeys(this.#derived.subarray(this.#derived.length / 2))
  }

  wipe(): void {
    this.#derived.fill(0)
  }
}

/** AES-CM's counter blocks for one label: the salt, the label at its byte 7, two bytes of counter. */
function labelCounters(masterSalt: Buffer, label: number, blocks: number): Buffer {
  const counters = Buffer.alloc(blocks * AES_BLOCK_BYTES)
  for (let block = 0; block < blocks; block++) {
    const at = block * AES_BLOCK_BYTES
    masterSalt.copy(counters, at)
    counters.writeUInt8(counters.readUInt8(at + 7) ^ label, at + 7)
    counters.writeUInt8(block, at + AES_BLOCK_BYTES - 1)
  }
  return counters
}

function splitKeys(derived: Buffer): SessionKeys {
  const saltAt = 3 * AES_BLOCK_BYTES
  return {
    cipherKey: derived.subarray(0, SRTP_KEY_BYTES),
    authKey: derived.subarray(AES_BLOCK_BYTES, AES_BLOCK_BYTES + AUTH_KEY_BYTES),
    salt: derived.subarray(saltAt, saltAt + SALT_BYTES),
  }
}

/**
 * What the kernel makes the keyed part of a record from (`Kernel.prepare`): the salt padded to a block, then GCM's hash key
 * H = AES(0) or the authentication key. To be wiped by who asked. `encryptBlocks` is AES-128-ECB under the cipher key.
 */
export function keyInputOf(
  profile: SrtpProfile,
  keys: SessionKeys,
  encryptBlocks: (blocks: Uint8Array) => Buffer,
): Buffer {
  const input = Buffer.alloc(AES_BLOCK_BYTES + AUTH_KEY_BYTES)
  keys.salt.copy(input, 0, 0, srtpSaltBytes(profile))
  if (profile === SRTP_PROFILE.aeadAes128Gcm) {
    const hashKey = encryptBlocks(Buffer.alloc(AES_BLOCK_BYTES))
    hashKey.copy(input, AES_BLOCK_BYTES)
    hashKey.fill(0)
  } else {
    keys.authKey.copy(input, AES_BLOCK_BYTES)
  }
  return input
}
