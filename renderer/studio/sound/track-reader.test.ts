import { beforeAll, describe, expect, it } from 'vitest'
import { decodeFlac } from '../../tape/worker/flac-decode.ts'
import { encodeFlac } from '../../tape/worker/flac-encode.ts'
import { serveFlac } from '../../tape/worker/test/flac-here.ts'
import { findFrames, readFlacInfo } from './flac-frames.ts'
import { TrackReader } from './track-reader.ts'

const RATE_HZ = 48_000
const LENGTH_S = 120
const SCALE = 0x80_0000
const never = new AbortController().signal

/** Noise and digital silence by turns: what takes very many bytes, and next to none. The same for the same sample. */
function sampleAt(index: number): number {
  const second = Math.floor(index / RATE_HZ)
  const isSilent = (second > 30 && second < 80) || second % 7 < 3
  if (isSilent) return 0
  let hash = Math.imul(index + 1, 0x9e37_79b1)
  hash = Math.imul(hash ^ (hash >>> 15), 0x85eb_ca6b)
  return (hash >> 10) & 0x1f_ffff
}

let file: Uint8Array<ArrayBuffer>
beforeAll(async () => {
  serveFlac()
  file = await encodeFlac(
    Int32Array.from({ length: LENGTH_S * RATE_HZ }, (_, index) => sampleAt(index)),
    1,
  )
})

function open(options: { source?: Uint8Array; lengthSamples?: number } = {}) {
  const source = options.source ?? file
  const asked = { count: 0, bytes: 0 }
  const reader = new TrackReader({
    sizeBytes: source.length,
    lengthSamples: options.lengthSamples ?? LENGTH_S * RATE_HZ,
    fetchBytes: async (fromBytes, toBytes) => {
      asked.count += 1
      asked.bytes += toBytes - fromBytes
      return source.slice(fromBytes, toBytes)
    },
    decode: async (part) => [Float32Array.from(await decodeFlac(new Uint8Array(part), 1), (value) => value / SCALE)],
  })
  const read = async (from: number, to: number) => {
    const [samples] = await reader.read(from, to, never)
    return Array.from(samples ?? [], (value) => Math.round(value * SCALE))
  }
  return { reader, asked, read }
}

const expected = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => sampleAt(from + index))

describe('TrackReader', () => {
  it.each([
    [0, 5_000],
    [1_234_567, 1_434_567],
    [50 * RATE_HZ - 7, 50 * RATE_HZ + 9],
    [29 * RATE_HZ, 33 * RATE_HZ],
    [79 * RATE_HZ, 85 * RATE_HZ],
    [119 * RATE_HZ, 120 * RATE_HZ],
  ])('reads the samples %i to %i exactly, from a part of the file', async (from, to) => {
    const { read, asked } = open()
    expect(await read(from, to)).toEqual(expected(from, to))
    expect(asked.bytes).toBeLessThan(file.length / 2)
    expect(asked.count).toBeLessThan(16)
  })

  it('reads fewer at the end of the track', async () => {
    const { read } = open()
    expect(await read(LENGTH_S * RATE_HZ - 100, LENGTH_S * RATE_HZ + 100)).toHaveLength(100)
  })

  it('looks around no more when it goes on from the last piece, also where several were asked for at once', async () => {
    const { read, asked } = open()
    await read(90 * RATE_HZ, 94 * RATE_HZ)
    asked.count = 0
    const pieces = [94, 98, 102].map((second) => read(second * RATE_HZ, (second + 4) * RATE_HZ))
    expect((await Promise.all(pieces)).flat()).toEqual(expected(94 * RATE_HZ, 106 * RATE_HZ))
    // A piece that is denser than usual takes a second request.
    expect(asked.count).toBeLessThanOrEqual(6)
  })

  it('goes on after a stretch that was called off or failed', async () => {
    const { reader, read } = open()
    const abort = new AbortController()
    const off = reader.read(0, 100, abort.signal)
    abort.abort()
    await expect(off).rejects.toThrow()
    await expect(reader.read(LENGTH_S * RATE_HZ + 5, LENGTH_S * RATE_HZ + 9, never)).rejects.toThrow()
    expect(await read(0, 100)).toEqual(expected(0, 100))
  })

  it('refuses what is no FLAC file', async () => {
    const { reader } = open({ source: new Uint8Array(100_000) })
    await expect(reader.read(0, 100, never)).rejects.toThrow('no FLAC')
  })

  it('needs no looking around in a file with a seek table', async () => {
    const { read, asked } = open({ source: withSeekTable(file) })
    const from = 100 * RATE_HZ + 17
    expect(await read(from, from + 1_000)).toEqual(expected(from, from + 1_000))
    expect(asked.count).toBe(2)
  })
})

describe('findFrames', () => {
  it('finds all frames of a file, one after the other', () => {
    const info = readFlacInfo(file)
    if (info === null) throw new Error('no info')
    const frames = findFrames(file.subarray(info.audioOffsetBytes), info, true)
    expect(frames.reduce((sum, { sampleCount }) => sum + sampleCount, 0)).toBe(LENGTH_S * RATE_HZ)
    expect(frames.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)).toBe(file.length - info.audioOffsetBytes)
  })

  it('takes nothing in noise for a frame', () => {
    const info = readFlacInfo(file)
    if (info === null) throw new Error('no info')
    const noise = Uint8Array.from({ length: 200_000 }, (_, index) =>
      index % 3 === 0 ? 0xff : sampleAt(index * 7) & 0xff,
    )
    expect(findFrames(noise, info, false)).toEqual([])
  })
})

/** The same with a point for each second, as RFC 9639 §8.5 has it, and a placeholder. */
function withSeekTable(plain: Uint8Array): Uint8Array {
  const info = readFlacInfo(plain)
  if (info === null) throw new Error('no info')
  const frames = findFrames(plain.subarray(info.audioOffsetBytes), info, true).filter((_, index) => index % 12 === 0)
  const table = new DataView(new ArrayBuffer((frames.length + 1) * 18))
  for (const [index, { firstSample, offsetBytes, sampleCount }] of frames.entries()) {
    table.setBigUint64(index * 18, BigInt(firstSample))
    table.setBigUint64(index * 18 + 8, BigInt(offsetBytes))
    table.setUint16(index * 18 + 16, sampleCount)
  }
  table.setBigUint64(frames.length * 18, 0xffff_ffff_ffff_ffffn)
  const header = [0x83, 0, table.byteLength >> 8, table.byteLength & 0xff]
  const head = [0x66, 0x4c, 0x61, 0x43, 0, 0, 0, 34, ...info.streamInfo, ...header]
  return Uint8Array.from([...head, ...new Uint8Array(table.buffer), ...plain.subarray(info.audioOffsetBytes)])
}
