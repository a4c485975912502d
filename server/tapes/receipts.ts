import { type KeyObject, sign } from 'node:crypto'
import { type Receipt, receiptText } from '../../sfu-core/contract/tape.ts'
import type { ChunkRecord } from './tape-record.ts'

/** Ed25519 signs the same text the same way (RFC 8032): the same chunk gets the same receipt, however often it is asked for. */
export function receiptFor({ tapeId, header, storedAtMs }: Omit<ChunkRecord, 'isHandedOver'>, key: KeyObject): Receipt {
  const { index, firstSample, sampleCount, sha256 } = header
  const facts = { tapeId, index, firstSample, sampleCount, sha256, storedAtMs }
  return { ...facts, signature: sign(null, Buffer.from(receiptText(facts)), key).toString('base64url') }
}
