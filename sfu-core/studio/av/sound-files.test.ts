import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../contract/timeline/simulated-tape.fixture.ts'
import { quietFfmpeg } from './ffmpeg-log.ts'
import { createBlock, type SoundBlock } from './sound-block.ts'
import { SoundReader } from './sound-reader.ts'
import { FLAC_24, SoundWriter } from './sound-writer.ts'

const FULL_SCALE_24 = 0x80_0000

/** Of every value a 24-bit sample can have, and both ends of them. */
function noise(channels: number, lengthSamples: number): SoundBlock {
  const random = seededRandom(channels)
  const block = createBlock(channels, lengthSamples)
  for (const samples of block) {
    for (let i = 0; i < lengthSamples; i++) {
      samples[i] = Math.floor((random() * 2 - 1) * FULL_SCALE_24) / FULL_SCALE_24
    }
    samples[0] = -1
    samples[1] = (FULL_SCALE_24 - 1) / FULL_SCALE_24
  }
  return block
}

describe('sound files', () => {
  let folder: string
  beforeAll(() => {
    quietFfmpeg()
    folder = mkdtempSync(join(tmpdir(), 'engawa-sound-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const write = (name: string, block: SoundBlock): string => {
    const file = join(folder, name)
    using writer = new SoundWriter({ file, encoding: FLAC_24, channels: block.length === 2 ? 2 : 1 })
    // In blocks that fit no frame.
    for (let from = 0; from < (block[0]?.length ?? 0); from += 7_001) {
      writer.write(block.map((samples) => samples.subarray(from, from + 7_001)))
    }
    writer.finish()
    return file
  }

  for (const channels of [1, 2]) {
    it(`gives back each of 24 bits in ${channels} channels, from any place on`, () => {
      const block = noise(channels, 200_003)
      const file = write(`${channels}.flac`, block)
      using reader = new SoundReader(file)
      expect(reader).toMatchObject({ sampleRateHz: 48_000, channels, bitsPerSample: 24, lengthSamples: 200_003 })
      const read = createBlock(channels, 200_010)
      expect(reader.readInto(read, 0, 200_010)).toBe(200_003)
      for (const [channel, samples] of block.entries()) {
        expect(Buffer.compare(bytes(read[channel]?.subarray(0, 200_003)), bytes(samples))).toBe(0)
      }
      for (const from of [0, 1, 4_607, 4_608, 123_456, 199_999]) {
        reader.seek(from)
        const part = createBlock(channels, 500)
        const count = reader.readInto(part, 0, 500)
        expect(count).toBe(Math.min(500, 200_003 - from))
        expect(part[0]?.subarray(0, count)).toEqual(block[0]?.subarray(from, from + count))
      }
    })
  }

  it('cuts off what is beyond full scale', () => {
    using reader = new SoundReader(write('loud.flac', [Float32Array.of(1.5, -1.5, 0.25)]))
    const read = createBlock(1, 3)
    reader.readInto(read, 0, 3)
    expect([...(read[0] ?? [])]).toEqual([(FULL_SCALE_24 - 1) / FULL_SCALE_24, -1, 0.25])
  })

  it('leaves no file that was not finished', () => {
    const file = join(folder, 'unfinished.flac')
    {
      using writer = new SoundWriter({ file, encoding: FLAC_24, channels: 1 })
      writer.write(noise(1, 50_000))
      expect(existsSync(file)).toBe(true)
    }
    expect(existsSync(file)).toBe(false)
  })

  it('says where a file breaks off, and reads up to there', () => {
    const file = write('torn.flac', noise(1, 100_000))
    truncateSync(file, 150_000)
    using reader = new SoundReader(file)
    expect(reader.lengthSamples).toBe(100_000)
    const read = createBlock(1, 100_000)
    let count = 0
    try {
      count = reader.readInto(read, 0, 100_000)
    } catch {
      count = -1
    }
    expect(count).toBeLessThan(60_000)
  })

  it('opens no playlist, whatever it is called, and nothing but what was asked for', () => {
    const secret = write('secret.flac', noise(1, 100))
    for (const [name, content] of [
      ['list.flac', `ffconcat version 1.0\nfile ${secret}\n`],
      ['hls.flac', `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://${secret}\n`],
      ['text.flac', 'no sound at all'],
    ] as const) {
      writeFileSync(join(folder, name), content)
      expect(() => new SoundReader(join(folder, name))).toThrow()
    }
    expect(() => new SoundReader(secret, { formats: 'ogg' })).toThrow()
    expect(() => new SoundReader(join(folder, 'nowhere.flac'))).toThrow()
  })
})

function bytes(samples: Float32Array | undefined): Buffer {
  if (!samples) return Buffer.alloc(0)
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
}
