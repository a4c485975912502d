import { Refusal } from '../../sfu-core/contract/reasons.ts'
import { TAPE_BITS_PER_SAMPLE, TAPE_SAMPLE_RATE_HZ } from '../../sfu-core/contract/tape.ts'
import { crc8, crc16 } from './flac-crc.ts'

/** What a chunk's FLAC file must hold. */
export interface ExpectedFlac {
  channels: number
  sampleCount: number
}

const MARKER = 'fLaC'
const BLOCK_HEADER_BYTES = 4
const STREAM_INFO_BYTES = 34
/** The longest frame header: 4 bytes, a number of 7, block size and rate of 2 each, and the CRC (RFC 9639 §9.1). */
const FRAME_HEADER_MAX_BYTES = 16

/**
 * Looks a FLAC file (RFC 9639) through from end to end without decoding it: its STREAMINFO, that each frame carries the
 * right number and checksums (so nothing is torn or missing), and that the frames hold exactly the samples that
 * they should: a small file that would decode to hours does not pass.
 * @throws Refusal `chunk-damaged`.
 */
export function checkFlac(file: Buffer, expected: ExpectedFlac): void {
  const frames = checkMetadata(file, expected)
  const samples = countSamples(file, frames, expected)
  if (samples !== expected.sampleCount) throw damaged(`it holds ${samples} samples, not ${expected.sampleCount}`)
}

/** Returns where the frames begin. RFC 9639 §8. */
function checkMetadata(file: Buffer, expected: ExpectedFlac): number {
  if (file.toString('latin1', 0, MARKER.length) !== MARKER) throw damaged('it is no FLAC file')
  let at = MARKER.length
  for (let isFirst = true; ; isFirst = false) {
    if (at + BLOCK_HEADER_BYTES > file.length) throw damaged('it ends in its metadata')
    const kind = file.readUInt8(at)
    const lengthBytes = file.readUIntBE(at + 1, 3)
    const content = at + BLOCK_HEADER_BYTES
    at = content + lengthBytes
    if (at > file.length) throw damaged('it ends in its metadata')
    const isStreamInfo = (kind & 0x7f) === 0
    if (isStreamInfo !== isFirst) throw damaged('STREAMINFO is not its first block')
    if (isStreamInfo) checkStreamInfo(file.subarray(content, at), expected)
    if (kind & 0x80) return at
  }
}

/** RFC 9639 §8.2. */
function checkStreamInfo(block: Buffer, { channels, sampleCount }: ExpectedFlac): void {
  if (block.length !== STREAM_INFO_BYTES) throw damaged('its STREAMINFO is not of the right length')
  const packed = block.readBigUInt64BE(10)
  const rateHz = Number(packed >> 44n)
  const foundChannels = Number((packed >> 41n) & 0x7n) + 1
  const bits = Number((packed >> 36n) & 0x1fn) + 1
  const samples = Number(packed & 0xf_ffff_ffffn)
  if (rateHz !== TAPE_SAMPLE_RATE_HZ) throw damaged(`its rate is ${rateHz} Hz`)
  if (bits !== TAPE_BITS_PER_SAMPLE) throw damaged(`it has ${bits} bits a sample`)
  if (foundChannels !== channels) throw damaged(`it has ${foundChannels} channels, not ${channels}`)
  // 0: the encoder did not know (RFC 9639 §8.2); the frames are counted anyway.
  if (samples !== 0 && samples !== sampleCount) throw damaged(`it says ${samples} samples, not ${sampleCount}`)
}

/**
 * Frames have no length; one ends where its checksum comes out and the next begins (RFC 9639 §9.3: CRC-16 over a frame with
 * its own CRC is 0).
 */
function countSamples(file: Buffer, start: number, expected: ExpectedFlac): number {
  let frame = readFrameHeader(file, start, { samples: 0, frames: 0 }, expected.channels)
  if (frame === null) throw damaged('its first frame has no proper header')
  let samples = frame.blockSamples
  let frames = 1
  let crc = 0
  for (let at = start; at < file.length; at++) {
    if (crc === 0 && at > start && file[at] === 0xff) {
      frame = readFrameHeader(file, at, { samples, frames }, expected.channels)
      if (frame !== null) {
        samples += frame.blockSamples
        frames += 1
        if (samples > expected.sampleCount) throw damaged(`it holds more than ${expected.sampleCount} samples`)
      }
    }
    crc = crc16(crc, file[at] ?? 0)
  }
  if (crc !== 0) throw damaged('a frame is torn')
  return samples
}

interface Counted {
  samples: number
  frames: number
}

/** RFC 9639 §9.1. null: there is none here, or not the one that must come. */
function readFrameHeader(
  file: Buffer,
  start: number,
  counted: Counted,
  channels: number,
): { blockSamples: number } | null {
  const bytes = file.subarray(start, start + FRAME_HEADER_MAX_BYTES)
  const [sync0 = 0, sync1 = 0, sizes = 0, format = 0] = bytes
  if (sync0 !== 0xff || (sync1 & 0xfe) !== 0xf8 || (format & 0x01) !== 0) return null
  if (channelsOf(format >> 4) !== channels) return null
  if (!fitsRate(sizes & 0x0f) || !fitsBits((format >> 1) & 0x07)) return null
  const coded = readCodedNumber(bytes, 4)
  const isVariable = (sync1 & 0x01) === 1
  if (coded === null || coded.value !== (isVariable ? counted.samples : counted.frames)) return null
  const size = blockSize(sizes >> 4, bytes, coded.end)
  if (size === null || size.end >= bytes.length) return null
  return crc8(bytes, size.end) === bytes[size.end] ? { blockSamples: size.samples } : null
}

function channelsOf(code: number): number | null {
  if (code <= 7) return code + 1
  return code <= 10 ? 2 : null
}

/** 0: as STREAMINFO says; 10: 48 kHz. */
function fitsRate(code: number): boolean {
  return code === 0 || code === 10
}

/** 0: as STREAMINFO says; 6: 24. */
function fitsBits(code: number): boolean {
  return code === 0 || code === 6
}

/** As UTF-8 is made, up to 7 bytes: RFC 9639 §9.1.5. */
function readCodedNumber(bytes: Buffer, at: number): { value: number; end: number } | null {
  const first = bytes[at] ?? 0xff
  const ones = Math.clz32(~(first << 24))
  if (ones === 1 || ones > 7) return null
  if (ones === 0) return { value: first, end: at + 1 }
  let value = first & (0x7f >> ones)
  for (let i = 1; i < ones; i++) {
    const next = bytes[at + i] ?? 0
    if ((next & 0xc0) !== 0x80) return null
    value = value * 64 + (next & 0x3f)
  }
  return { value, end: at + ones }
}

/** RFC 9639 §9.1.1. */
function blockSize(code: number, bytes: Buffer, at: number): { samples: number; end: number } | null {
  if (code === 0) return null
  if (code === 1) return { samples: 192, end: at }
  if (code <= 5) return { samples: 144 << code, end: at }
  if (code >= 8) return { samples: 1 << code, end: at }
  const width = code - 5
  if (at + width > bytes.length) return null
  return { samples: bytes.readUIntBE(at, width) + 1, end: at + width }
}

function damaged(what: string): Refusal {
  return new Refusal('chunk-damaged', `The chunk's FLAC file is damaged: ${what}.`)
}
