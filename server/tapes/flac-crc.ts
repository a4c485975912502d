/** The checksums of FLAC, most significant bit first, from 0: CRC-8 with 0x07 and CRC-16 with 0x8005 (RFC 9639 §9.1.8, §9.3). */

const CRC8_TABLE = tableOf(8, 0x07)
const CRC16_TABLE = tableOf(16, 0x8005)

function tableOf(bits: 8 | 16, polynomial: number): Uint16Array {
  const top = 1 << (bits - 1)
  const mask = (1 << bits) - 1
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << (bits - 8)
    for (let i = 0; i < 8; i++) crc = crc & top ? (crc << 1) ^ polynomial : crc << 1
    return crc & mask
  })
}

/** Of the first `length` bytes. */
export function crc8(bytes: Uint8Array, length: number): number {
  let crc = 0
  for (let i = 0; i < length; i++) crc = CRC8_TABLE[crc ^ (bytes[i] ?? 0)] ?? 0
  return crc
}

/** One byte more. */
export function crc16(crc: number, byte: number): number {
  return ((crc << 8) & 0xffff) ^ (CRC16_TABLE[(crc >> 8) ^ byte] ?? 0)
}
