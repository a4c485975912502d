import { beforeAll, describe, expect, it } from 'vitest'
import { decodeFlac } from './flac-decode.ts'
import { encodeFlac } from './flac-encode.ts'
import { serveFlac } from './test/flac-here.ts'
import { samplesAt } from './test/sounds.ts'

beforeAll(serveFlac)

describe('FLAC', () => {
  it.each([
    [1, 192_000],
    [2, 192_000],
    [1, 1],
    [1, 4_097],
  ])('%i channel(s) of %i samples come back as they went in', async (channels, count) => {
    const samples = samplesAt(0, count * channels)
    expect(await decodeFlac(await encodeFlac(samples, channels), channels)).toEqual(samples)
  })

  it('the largest and smallest values survive', async () => {
    const samples = Int32Array.from([0x7f_ffff, -0x80_0000, 0, -1, 1, 0x7f_ffff])
    expect(await decodeFlac(await encodeFlac(samples, 1), 1)).toEqual(samples)
  })

  it('says in its STREAMINFO how long it is, and has an MD5 (RFC 9639 §8.2)', async () => {
    const file = await encodeFlac(samplesAt(0, 10_000), 2)
    const info = new DataView(file.buffer, 8, 34)
    expect(new TextDecoder().decode(file.subarray(0, 4))).toBe('fLaC')
    expect(info.getUint32(14)).toBe(5_000)
    expect((info.getUint8(12) >> 1) & 7).toBe(1)
    expect(new Uint8Array(file.buffer, 26, 16).some((byte) => byte !== 0)).toBe(true)
    expect(info.getUint16(4) * 256 + info.getUint8(6)).toBeGreaterThan(0)
  })

  it('the same samples make the same file: a page that does it again after a crash sends the same chunk', async () => {
    const samples = samplesAt(7, 20_000)
    expect(await encodeFlac(samples, 1)).toEqual(await encodeFlac(samples, 1))
  })

  it('a damaged file does not decode', async () => {
    const file = await encodeFlac(samplesAt(0, 10_000), 1)
    file[file.length - 500] = (file[file.length - 500] ?? 0) ^ 0xff
    await expect(decodeFlac(file, 1)).rejects.toThrow('not decodable')
  })
})
