import { describe, expect, it } from 'vitest'
import { parseOpusPacket } from '../opus/toc.ts'
import { readOggPages } from './ogg.ts'
import { OPUS_PRE_SKIP_SAMPLES, OpusStream } from './opus-stream.ts'

const SECOND_SAMPLES = 48_000
const MAX_PAGE_SAMPLES = 24_000
const VOICE = Uint8Array.of(0xf8, 1, 2, 3)
const VOICE_SAMPLES = 960

/** A file on a disk of bytes: what comes for a place must end a file without holes, or be as long as what is there. */
class Written {
  file = Buffer.alloc(0)
  readonly stream = new OpusStream(7, { title: 'Veranda', artist: 'Hana', comments: {} }, (page, position) => {
    if (position === this.file.length) {
      this.file = Buffer.concat([this.file, page])
      return
    }
    const before = readOggPages(this.file).find(({ offset }) => offset === position)
    expect(before?.sizeBytes).toBe(page.length)
    page.copy(this.file, position)
  })

  speak(packets: number, packet = VOICE, samples = VOICE_SAMPLES): void {
    for (let i = 0; i < packets; i++) this.stream.append(packet, samples)
  }
}

/** What opusinfo and RFC 7845 ask of the pages of a file. Gives the samples in it. */
function expectFlawless(file: Buffer): number {
  const pages = readOggPages(file)
  expect(pages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBe(file.length)
  expect(pages.map(({ sequence }) => sequence)).toEqual(pages.map((_, i) => i))
  expect(pages.filter(({ isFirst }) => isFirst)).toEqual([pages[0]])
  expect(pages.filter(({ isLast }) => isLast)).toEqual([pages.at(-1)])
  expect(pages.slice(0, 2).map(({ granule }) => granule)).toEqual([0, 0])
  let samples = 0
  for (const { granule, packets } of pages.slice(2)) {
    expect(packets.length).toBeGreaterThan(0)
    const pageSamples = packets.reduce((sum, packet) => sum + (parseOpusPacket(packet)?.packetSamples ?? 0), 0)
    expect(pageSamples).toBeLessThanOrEqual(MAX_PAGE_SAMPLES)
    samples += pageSamples
    expect(granule).toBe(samples)
  }
  return samples
}

describe('OpusStream', () => {
  it('ends on a page with a packet, where the stop came right after a flush (opusinfo: no completed packets, end trimming)', () => {
    const written = new Written()
    written.speak(30)
    written.stream.flush()
    const sizeBytes = written.file.length
    written.stream.end()
    expect(written.file.length).toBe(sizeBytes)
    expect(expectFlawless(written.file)).toBe(30 * VOICE_SAMPLES)
    expect(written.stream.lengthSamples).toBe(30 * VOICE_SAMPLES - OPUS_PRE_SKIP_SAMPLES)
  })

  it('ends on a page with a packet, where the stop came with a full page and nothing behind it', () => {
    const written = new Written()
    written.speak(MAX_PAGE_SAMPLES / VOICE_SAMPLES)
    expect(written.stream.hasPending).toBe(false)
    written.stream.end()
    expect(expectFlawless(written.file)).toBe(MAX_PAGE_SAMPLES)
  })

  it('ends with what waits', () => {
    const written = new Written()
    written.speak(30)
    written.stream.end()
    expect(expectFlawless(written.file)).toBe(30 * VOICE_SAMPLES)
  })

  it('ends a file that never had a packet', () => {
    const written = new Written()
    written.stream.end()
    expect(expectFlawless(written.file)).toBe(0)
  })

  it('puts minutes of silence on short pages, of exactly that length (opusinfo: high muxing delay)', () => {
    const written = new Written()
    written.speak(7)
    written.stream.appendSilence(11 * 60 * SECOND_SAMPLES + 120)
    written.speak(51)
    written.stream.flush()
    written.stream.appendSilence(2 * SECOND_SAMPLES)
    written.stream.flush()
    written.stream.end()
    expect(expectFlawless(written.file)).toBe(662 * SECOND_SAMPLES + 120 + 58 * VOICE_SAMPLES)
  })

  it.each([
    ['large', 1_275, 960],
    ['tiny and short', 1, 120],
    ['long', 40, 2_880],
  ])('fills pages with %s packets', (_name, bytes, samples) => {
    const written = new Written()
    const config = { 120: 28, 960: 31, 2880: 3 }[samples] ?? 0
    written.speak(
      500,
      Uint8Array.from({ length: bytes }, (_, i) => (i === 0 ? config << 3 : 0)),
      samples,
    )
    written.stream.end()
    expect(expectFlawless(written.file)).toBe(500 * samples)
  })

  it('says two channels in the first page, and leaves the others alone', () => {
    const written = new Written()
    written.speak(40)
    const before = Buffer.from(written.file)
    written.stream.markStereo()
    const [first] = readOggPages(written.file)
    expect(first?.packets[0]?.[9]).toBe(2)
    expect(written.file.subarray(first?.sizeBytes)).toEqual(before.subarray(first?.sizeBytes))
  })
})
