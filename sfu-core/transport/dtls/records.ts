import { ByteReader } from './byte-reader.ts'

/** DTLS 1.2 records (RFC 6347 §4.1): type, version, epoch, 48 bits of sequence number, length, fragment. */
export const CONTENT = { changeCipherSpec: 20, alert: 21, handshake: 22 } as const
export type ContentType = (typeof CONTENT)[keyof typeof CONTENT]

export const DTLS_1_2 = 0xfefd
/** A first ClientHello is sent as DTLS 1.0 (0xfeff) by most; both have this in front. */
const MAJOR_VERSION = 0xfe
export const RECORD_HEADER_BYTES = 13
/** A whole flight of a browser is five to eight records. */
const MAX_RECORDS_PER_DATAGRAM = 32
/** RFC 8831 §5 and libwebrtc: what passes everywhere, IPv6 and tunnels included. */
export const MAX_DATAGRAM_BYTES = 1_200

export interface DtlsRecord {
  type: number
  version: number
  epoch: number
  sequence: number
  /** Plain in epoch 0, sealed in epoch 1. A view into the datagram. */
  fragment: Buffer
}

/** The records of a datagram up to the first that is broken (RFC 6347 §4.1.2.7: dropped without a word). */
export function readRecords(datagram: Buffer): DtlsRecord[] {
  const records: DtlsRecord[] = []
  const reader = new ByteReader(datagram)
  while (reader.remaining >= RECORD_HEADER_BYTES && records.length < MAX_RECORDS_PER_DATAGRAM) {
    const [type, version, epoch, sequence] = [reader.uint(1), reader.uint(2), reader.uint(2), reader.uint(6)]
    const length = reader.uint(2)
    if (version >> 8 !== MAJOR_VERSION || length > reader.remaining) break
    records.push({ type, version, epoch, sequence, fragment: reader.bytes(length) })
  }
  return records
}

export function writeRecord(type: ContentType, position: RecordPosition, fragment: Buffer): Buffer {
  const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + fragment.length)
  record.writeUInt8(type, 0)
  record.writeUInt16BE(DTLS_1_2, 1)
  record.writeUInt16BE(position.epoch, 3)
  record.writeUIntBE(position.sequence, 5, 6)
  record.writeUInt16BE(fragment.length, 11)
  fragment.copy(record, RECORD_HEADER_BYTES)
  return record
}

/** A record's number; one is used once. */
export interface RecordPosition {
  epoch: number
  sequence: number
}

/** As few datagrams as the path takes, in order. */
export function packRecords(records: readonly Buffer[], maxDatagramBytes = MAX_DATAGRAM_BYTES): Buffer[] {
  const datagrams: Buffer[] = []
  let waiting: Buffer[] = []
  let waitingBytes = 0
  for (const record of records) {
    if (waitingBytes > 0 && waitingBytes + record.length > maxDatagramBytes) {
      datagrams.push(Buffer.concat(waiting))
      waiting = []
      waitingBytes = 0
    }
    waiting.push(record)
    waitingBytes += record.length
  }
  if (waiting.length > 0) datagrams.push(Buffer.concat(waiting))
  return datagrams
}
