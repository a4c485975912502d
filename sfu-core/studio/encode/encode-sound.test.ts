import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { FormatContext } from 'node-av/lib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ExportFormat } from '../../contract/render.ts'
import { speech } from '../assemble/simulated-take.fixture.ts'
import { quietFfmpeg } from '../av/ffmpeg-log.ts'
import type { SoundBlock } from '../av/sound-block.ts'
import { SoundReader } from '../av/sound-reader.ts'
import { readSound } from '../mix/mix-take.fixture.ts'
import { noise } from '../mix/test-sounds.fixture.ts'
import { encodeSound } from './encode-sound.ts'
import { FILE_EXTENSIONS } from './formats.ts'
import type { SoundTags } from './sound-tags.ts'

const RATE_HZ = 48_000
const FORMATS: readonly ExportFormat[] = ['flac', 'wav', 'opus', 'mp3', 'aac']
const TAGS: SoundTags = {
  title: 'Veranda "live"\n日本',
  artists: ['Ana', 'Björn; Ö'],
  date: '2031-05-06',
  chapters: [],
}

let folder = ''
beforeEach(async () => {
  quietFfmpeg()
  folder = await mkdtemp(path.join(tmpdir(), 'engawa-encode-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function encoded(format: ExportFormat, sound: SoundBlock, tags: SoundTags = TAGS): Promise<string> {
  const file = path.join(folder, `sound.${FILE_EXTENSIONS[format]}`)
  const channels = sound.length === 1 ? 1 : 2
  await encodeSound([sound], { file, format, channels, tags, signal: new AbortController().signal })
  return file
}

/** By how many samples `late` lags, and how alike the two are there. */
function lagOf(early: Float32Array, late: Float32Array): { lag: number; correlation: number } {
  let best = { lag: 0, correlation: -1 }
  for (let lag = -1_500; lag <= 1_500; lag++) {
    let [ab, aa, bb] = [0, 0, 0]
    for (let i = 24_000; i < 40_000; i++) {
      const [a, b] = [early[i] ?? 0, late[i + lag] ?? 0]
      ab += a * b
      aa += a * a
      bb += b * b
    }
    const correlation = ab / Math.sqrt(aa * bb)
    if (correlation > best.correlation) best = { lag, correlation }
  }
  return best
}

describe.each(FORMATS)('%s', (format) => {
  it.each([1, 2])('with %i channels: decoded, everything lies where it was, and is as long', async (channels) => {
    const voice = speech('host', 2).subarray(0, 2 * RATE_HZ - 333)
    const file = await encoded(format, channels === 1 ? [voice] : [voice, voice.map((sample) => sample * 0.9)])
    const decoded = readSound(file)
    expect(decoded).toHaveLength(channels)
    const { lag, correlation } = lagOf(voice, decoded[0] ?? new Float32Array())
    // 1 ms is 48.
    expect(Math.abs(lag)).toBeLessThanOrEqual(2)
    expect(correlation).toBeGreaterThan(0.97)
    expect(Math.abs((decoded[0]?.length ?? 0) - voice.length)).toBeLessThan(48)
  })

  it('says what it is', async () => {
    const file = await encoded(format, [speech('host', 1)])
    const context = new FormatContext()
    context.allocContext()
    expect(context.openInputSync(file)).toBe(0)
    context.findStreamInfoSync()
    const tags = { ...context.streams[0]?.metadata?.getAll(), ...context.metadata?.getAll() }
    context.closeInputSync()
    const lower = Object.fromEntries(Object.entries(tags).map(([key, value]) => [key.toLowerCase(), value]))
    expect(lower).toMatchObject({ title: 'Veranda "live" 日本', artist: 'Ana, Björn; Ö' })
    expect(lower['date']).toMatch(/^2031/)
  })

  it('leaves nothing when it is aborted', async () => {
    const abort = new AbortController()
    const file = path.join(folder, 'sound')
    const forever = function* (): Generator<SoundBlock> {
      for (let block = 0; ; block++) {
        if (block === 5) abort.abort(new Error('enough'))
        yield [noise(RATE_HZ, 0.1, block)]
      }
    }
    const encoding = encodeSound(forever(), { file, format, channels: 1, tags: TAGS, signal: abort.signal })
    await expect(encoding).rejects.toThrow('enough')
    expect(await readdir(folder)).toEqual([])
  })
})

describe('lossless formats', () => {
  it.each(['flac', 'wav'] as const)('%s gives back every one of 24 bits', async (format) => {
    const voice = speech('third', 1)
    const [decoded] = readSound(await encoded(format, [voice]))
    expect(decoded).toEqual(voice)
  })
})

describe('chapters', () => {
  const chapters = [
    { startMs: 0, title: 'Hello' },
    { startMs: 1_234, title: '自己紹介 & "more"' },
    { startMs: 2_500, title: 'x'.repeat(300) },
  ]

  it('are in an MP3 as ID3 frames', async () => {
    const bytes = await readFile(await encoded('mp3', [speech('host', 3)], { ...TAGS, chapters }))
    const frames = id3Frames(bytes)
    expect(frames.filter(({ id }) => id === 'CTOC')).toHaveLength(1)
    const found = frames
      .filter(({ id }) => id === 'CHAP')
      .map(({ body }) => {
        const idEnd = body.indexOf(0)
        // Behind id and four numbers of 32 bits: the title's frame, its encoding and its byte order mark.
        const title = body.subarray(idEnd + 1 + 16 + 10 + 3).toString('utf16le')
        return { startMs: body.readUInt32BE(idEnd + 1), endMs: body.readUInt32BE(idEnd + 5), title }
      })
    expect(found).toEqual([
      { startMs: 0, endMs: 1_234, title: 'Hello' },
      { startMs: 1_234, endMs: 2_500, title: '自己紹介 & "more"' },
      { startMs: 2_500, endMs: 3_000, title: 'x'.repeat(300) },
    ])
  })

  it('are in an M4A file, which stays readable', async () => {
    const file = await encoded('aac', [speech('host', 3)], { ...TAGS, chapters })
    const bytes = await readFile(file)
    const at = bytes.indexOf('chpl', 0, 'latin1')
    expect(bytes[at + 12]).toBe(3)
    expect(bytes.readBigUInt64BE(at + 13)).toBe(0n)
    expect(bytes.subarray(at + 22, at + 27).toString()).toBe('Hello')
    expect(bytes.readBigUInt64BE(at + 27)).toBe(12_340_000n)
    using reader = new SoundReader(file)
    expect(Math.abs((reader.lengthSamples ?? 0) - 3 * RATE_HZ)).toBeLessThan(1_100)
    const [decoded = new Float32Array()] = readSound(file)
    expect(lagOf(speech('host', 3), decoded).correlation).toBeGreaterThan(0.97)
  })

  it.each(['opus', 'flac'] as const)('are in %s as comments', async (format) => {
    const bytes = await readFile(await encoded(format, [speech('host', 3)], { ...TAGS, chapters }))
    const text = bytes.subarray(0, 4_000).toString('utf8')
    expect(text).toContain('CHAPTER001=00:00:01.234')
    expect(text).toContain('CHAPTER001NAME=自己紹介 & "more"')
  })
})

function id3Frames(bytes: Buffer): { id: string; body: Buffer }[] {
  expect(bytes.toString('latin1', 0, 3)).toBe('ID3')
  const size = [6, 7, 8, 9].reduce((sum, at) => (sum << 7) | (bytes[at] ?? 0), 0)
  const frames: { id: string; body: Buffer }[] = []
  for (let at = 10; at < 10 + size; ) {
    const length = bytes.readUInt32BE(at + 4)
    frames.push({ id: bytes.toString('latin1', at, at + 4), body: bytes.subarray(at + 10, at + 10 + length) })
    at += 10 + length
  }
  // Sound begins right behind: a sync word.
  expect(bytes[10 + size]).toBe(0xff)
  return frames
}
