import { describe, expect, it } from 'vitest'
import { encodeFlac } from './flac.fixture.ts'
import { checkFlac } from './flac-check.ts'
import { crc8, crc16 } from './flac-crc.ts'

const SAMPLES = 20_000
const MONO = { channels: 1, sampleCount: SAMPLES }
/** In a file of libFLAC: marker, STREAMINFO, comment. */
const STREAM_INFO_AT = 8

function check(file: Buffer, expected = MONO): string | null {
  try {
    checkFlac(file, expected)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : 'no error'
  }
}

function framesAt(file: Buffer): number {
  let at = 4
  while ((file.readUInt8(at) & 0x80) === 0) at += 4 + file.readUIntBE(at + 1, 3)
  return at + 4 + file.readUIntBE(at + 1, 3)
}

function changed(file: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(file)
  change(copy)
  return copy
}

/** With checksums made anew. */
function resealed(frame: Buffer, headerBytes: number): Buffer {
  frame[headerBytes - 1] = crc8(frame, headerBytes - 1)
  let crc = 0
  for (const byte of frame.subarray(0, -2)) crc = crc16(crc, byte)
  frame.writeUInt16BE(crc, frame.length - 2)
  return frame
}

/** RFC 9639 §9.2.3: a constant subframe holds 65,535 samples in four bytes. */
function silentFrame(number: number): Buffer {
  return resealed(Buffer.from([0xff, 0xf8, 0x7a, 0x0c, number, 0xff, 0xfe, 0, 0x00, 0, 0, 0, 0, 0]), 8)
}

describe('FLAC files of libFLAC pass', () => {
  it.each([
    ['mono', 1, 192_000],
    ['stereo', 2, 192_000],
    ['one sample', 1, 1],
    ['less than a block', 1, 1_000],
    ['exactly two blocks', 1, 8_192],
    ['the longest', 1, 1_440_000],
  ])('%s', async (_name, channels, sampleCount) => {
    const file = await encodeFlac(sampleCount, { channels })
    expect(check(file, { channels, sampleCount })).toBeNull()
  })

  it('also where the encoder did not know how long it would be', async () => {
    const file = await encodeFlac(SAMPLES, { declaredSamples: 0 })
    expect(check(file)).toBeNull()
  })
})

describe('a chunk is refused that', () => {
  it.each([
    ['has another rate', { sampleRateHz: 44_100 }, 'its rate is 44100 Hz'],
    ['has another depth', { bitsPerSample: 16 }, 'it has 16 bits a sample'],
    ['has other channels', { channels: 2 }, 'it has 2 channels, not 1'],
    ['says another length', { declaredSamples: SAMPLES + 1 }, 'it says 20001 samples, not 20000'],
  ])('%s', async (_name, options, why) => {
    expect(check(await encodeFlac(SAMPLES, options))).toContain(why)
  })

  it('holds fewer or more samples than its header tells', async () => {
    const file = await encodeFlac(SAMPLES, { declaredSamples: 0 })
    expect(check(file, { ...MONO, sampleCount: SAMPLES + 1 })).toContain('it holds 20000 samples, not 20001')
    expect(check(file, { ...MONO, sampleCount: SAMPLES - 1 })).toContain('it holds more than 19999 samples')
  })

  it('is no FLAC file, or only the beginning of one', async () => {
    const file = await encodeFlac(SAMPLES)
    expect(check(Buffer.from('RIFF....WAVE'))).toContain('it is no FLAC file')
    expect(check(Buffer.alloc(0))).toContain('it is no FLAC file')
    expect(check(file.subarray(0, 20))).toContain('it ends in its metadata')
    expect(check(file.subarray(0, framesAt(file)))).toContain('its first frame has no proper header')
    expect(check(changed(file, (copy) => copy.writeUInt8(0x04, 4)))).toContain('STREAMINFO is not its first block')
    expect(check(changed(file, (copy) => copy.writeUIntBE(0xffffff, 5, 3)))).toContain('it ends in its metadata')
    expect(check(changed(file, (copy) => copy.writeUIntBE(33, 5, 3)))).toContain('not of the right length')
  })

  it('is cut anywhere', async () => {
    const file = await encodeFlac(SAMPLES)
    for (let lengthBytes = framesAt(file); lengthBytes < file.length; lengthBytes += 997) {
      expect(check(file.subarray(0, lengthBytes)), `${lengthBytes} bytes`).not.toBeNull()
    }
  })

  it('has any bit turned in its frames', async () => {
    const file = await encodeFlac(SAMPLES)
    for (let at = framesAt(file); at < file.length; at += 1_009) {
      expect(
        check(changed(file, (copy) => copy.writeUInt8(copy.readUInt8(at) ^ 0x10, at))),
        `byte ${at}`,
      ).not.toBeNull()
    }
  })

  it('has bytes after its last frame', async () => {
    const file = await encodeFlac(SAMPLES)
    expect(check(Buffer.concat([file, Buffer.from('more')]))).toContain('a frame is torn')
  })

  it('is a bomb: some kilobytes that decode to hours', async () => {
    const small = await encodeFlac(SAMPLES)
    const frames = Array.from({ length: 100 }, (_, number) => silentFrame(number))
    const bomb = Buffer.concat([small.subarray(0, framesAt(small)), ...frames])
    expect(check(bomb)).toContain('it holds more than 20000 samples')
    const two = Buffer.concat([small.subarray(0, framesAt(small)), ...frames.slice(0, 2)])
    const unknownLength = changed(two, (copy) => {
      copy.writeUInt8(copy.readUInt8(STREAM_INFO_AT + 13) & 0xf0, STREAM_INFO_AT + 13)
      copy.fill(0, STREAM_INFO_AT + 14, STREAM_INFO_AT + 18)
    })
    // The same frames are in order where they are what the header tells.
    expect(check(unknownLength, { channels: 1, sampleCount: 2 * 65_535 })).toBeNull()
  })
})
