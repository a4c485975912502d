import { describe, expect, it } from 'vitest'
import { asLastPage, readOggPage, readOggPages, segmentsOf, writeOggPage } from './ogg.ts'

const page = (packets: Uint8Array[], sequence = 0) =>
  writeOggPage({ serial: 9, sequence, granule: 960 * (sequence + 1), isFirst: sequence === 0, isLast: false, packets })

describe('Ogg pages', () => {
  it('has the checksum of RFC 3533 (a page as libogg writes it)', () => {
    // The first page of an opusenc file, byte for byte.
    const known = Buffer.from(
      '4f67675300020000000000000000' +
        'd2b4a35f' +
        '00000000' +
        '00000000' +
        '0113' +
        '4f707573486561640101380180bb0000000000',
      'hex',
    )
    const read = readOggPage(sealed(known), 0)
    expect(read).toMatchObject({ isFirst: true, isLast: false, granule: 0, sequence: 0 })
    expect(read && writeOggPage(read)).toEqual(sealed(known))
  })

  it.each([0, 1, 254, 255, 256, 510, 1_275])('laces a packet of %i bytes', (bytes) => {
    const packet = new Uint8Array(bytes).fill(bytes & 0xff)
    const written = page([packet, Uint8Array.of(1)])
    expect(written[26]).toBe(segmentsOf(bytes) + 1)
    expect(readOggPage(written, 0)?.packets.map((entry) => entry.length)).toEqual([bytes, 1])
  })

  it('reads up to the first torn or altered page', () => {
    const pages = [0, 1, 2, 3].map((sequence) => page([new Uint8Array(100).fill(sequence)], sequence))
    const file = Buffer.concat(pages)
    expect(readOggPages(file).map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3])
    const lastStart = file.length - (pages[3]?.length ?? 0)
    for (let length = lastStart; length < file.length; length++) {
      expect(readOggPages(file.subarray(0, length))).toHaveLength(3)
    }
    const altered = Buffer.from(file)
    altered[lastStart - 5] = (altered[lastStart - 5] ?? 0) ^ 1
    expect(readOggPages(altered)).toHaveLength(2)
  })

  it('marks a page as the last without changing its length', () => {
    const written = page([Uint8Array.of(1, 2, 3)], 5)
    const read = readOggPage(written, 0)
    const last = read && asLastPage(read)
    expect(last?.length).toBe(written.length)
    expect(last && readOggPage(last, 0)).toMatchObject({ isLast: true, sequence: 5, granule: 960 * 6 })
  })
})

/** With the checksum that a bitwise calculation gives, independent of the table in ogg.ts. */
function sealed(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt32LE(0, 22)
  let crc = 0
  for (const byte of copy) {
    crc ^= byte << 24
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1
  }
  copy.writeUInt32LE(crc >>> 0, 22)
  return copy
}
