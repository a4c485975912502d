import { createCipheriv, createDecipheriv } from 'node:crypto'
import { unpooled } from './byte-reader.ts'
import { type ContentType, DTLS_1_2, type DtlsRecord, writeRecord } from './records.ts'

const KEY_BYTES = 16
const SALT_BYTES = 4
const EXPLICIT_NONCE_BYTES = 8
const TAG_BYTES = 16
/** RFC 5246 §6.3 for AES_128_GCM (RFC 5288): two write keys and two salts, the client's first; no MAC keys. */
export const KEY_BLOCK_BYTES = 2 * (KEY_BYTES + SALT_BYTES)

const EPOCH = 1

export type Side = 'client' | 'server'

/**
 * The sealed records of one side: AES_128_GCM (RFC 5288) with DTLS's additional data (RFC 6347 §4.1.2.1). It is all
 * that stays of a handshake, so it is one small buffer and two numbers, and makes a cipher object per record.
 */
export class RecordCipher {
  readonly #keyBlock: Buffer
  readonly #side: Side
  #nextSequence = 0
  #newestOpened = -1

  /** @param keyBlock `KEY_BLOCK_BYTES`; copied. @param side whose records are sealed; the other side's are opened. */
  constructor(keyBlock: Buffer, side: Side) {
    this.#keyBlock = unpooled(keyBlock)
    this.#side = side
  }

  /** A whole record, under a number of its own. */
  seal(type: ContentType, plain: Buffer): Buffer {
    const position = { epoch: EPOCH, sequence: this.#nextSequence }
    this.#nextSequence += 1
    const additional = additionalData({ type, version: DTLS_1_2, ...position }, plain.length)
    const explicitNonce = additional.subarray(0, EXPLICIT_NONCE_BYTES)
    const cipher = createCipheriv('aes-128-gcm', this.#key(this.#side), this.#nonce(this.#side, explicitNonce))
    cipher.setAAD(additional)
    const sealed = [explicitNonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]
    return writeRecord(type, position, Buffer.concat(sealed))
  }

  /**
   * What the peer sealed; null where it did not. A record that is older than one already opened is refused: of
   * all that comes sealed, only the newest Finished and the last alert mean something (RFC 6347 §4.1.2.6).
   */
  open(record: DtlsRecord): Buffer | null {
    const plainBytes = record.fragment.length - EXPLICIT_NONCE_BYTES - TAG_BYTES
    if (record.epoch !== EPOCH || plainBytes < 0 || record.sequence <= this.#newestOpened) return null
    const peer = this.#side === 'server' ? 'client' : 'server'
    const nonce = this.#nonce(peer, record.fragment.subarray(0, EXPLICIT_NONCE_BYTES))
    const decipher = createDecipheriv('aes-128-gcm', this.#key(peer), nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(additionalData(record, plainBytes))
    decipher.setAuthTag(record.fragment.subarray(-TAG_BYTES))
    try {
      const plain = decipher.update(record.fragment.subarray(EXPLICIT_NONCE_BYTES, -TAG_BYTES))
      decipher.final()
      this.#newestOpened = record.sequence
      return plain
    } catch {
      return null
    }
  }

  #key(side: Side): Buffer {
    return side === 'client' ? this.#keyBlock.subarray(0, KEY_BYTES) : this.#keyBlock.subarray(KEY_BYTES, 2 * KEY_BYTES)
  }

  #nonce(side: Side, explicitNonce: Buffer): Buffer {
    const start = 2 * KEY_BYTES + (side === 'client' ? 0 : SALT_BYTES)
    return Buffer.concat([this.#keyBlock.subarray(start, start + SALT_BYTES), explicitNonce])
  }
}

function additionalData(record: Omit<DtlsRecord, 'fragment'>, plainBytes: number): Buffer {
  const data = Buffer.allocUnsafe(13)
  data.writeUInt16BE(record.epoch, 0)
  data.writeUIntBE(record.sequence, 2, 6)
  data.writeUInt8(record.type, 8)
  data.writeUInt16BE(record.version, 9)
  data.writeUInt16BE(plainBytes, 11)
  return data
}
