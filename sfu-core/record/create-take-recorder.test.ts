import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { TAKE_MANIFEST_NAME, takeManifestSchema } from '../contract/take.ts'
import { parseOpusPacket } from '../opus/toc.ts'
import { readOggPages } from './ogg.ts'
import { decodeFile, encodeOpus } from './opus-audio.fixture.ts'
import { nodeRecordFs, type RecordFs } from './record-fs.ts'
import { createRecordHarness, Microphone, type RecordHarness, speaker } from './record-harness.fixture.ts'
import { trackFileName } from './track-writer.ts'

const FRAME_MS = 20
const SAMPLES_PER_MS = 48

/** A second of a 440 Hz tone, then a second of quiet, and so on. */
function tonePcm(seconds: number, channels: 1 | 2 = 1): Int16Array {
  return new Int16Array(seconds * 48_000 * channels).map((_, i) => {
    const at = Math.floor(i / channels)
    return Math.floor(at / 48_000) % 2 === 0 ? 12_000 * Math.sin((at * 2 * Math.PI * 440) / 48_000) : 0
  })
}

/** Where the sound rises over a quarter of full scale for the first time after `from`, in samples. */
function onset(samples: Int16Array, from: number): number {
  return samples.findIndex((value, i) => i >= from && Math.abs(value) > 4_000)
}

function silenceFrom(samples: Int16Array, from: number, to: number): boolean {
  return samples.subarray(from, to).every((value) => Math.abs(value) < 400)
}

/** Where in the file this very packet begins, in samples, each time. */
function placesOf(file: Buffer, wanted: Buffer): number[] {
  const places: number[] = []
  let at = 0
  for (const packet of readOggPages(file).flatMap(({ sequence, packets }) => (sequence < 2 ? [] : packets))) {
    if (wanted.equals(packet)) places.push(at)
    at += parseOpusPacket(packet)?.packetSamples ?? 0
  }
  return places
}

/** Between the stretches of the test below, after the decoder has faded out. */
const SILENT_SECONDS = [
  [1.1, 2.99],
  [4.1, 4.99],
  [6.1, 8.99],
  [10.1, 11.99],
] as const

describe('createTakeRecorder', () => {
  let tone: Buffer[]
  let harness: RecordHarness

  beforeAll(async () => {
    tone = await encodeOpus(tonePcm(4))
  })

  afterEach(async () => {
    await harness.recorder.stop('stopped')
    await harness.remove()
  })

  const start = async (fs?: RecordFs): Promise<RecordHarness> => {
    harness = await createRecordHarness(fs)
    return harness
  }

  const play = (microphone: Microphone, packets: readonly Buffer[], fromMs: number): void => {
    packets.forEach((packet, i) => {
      const arrivalMs = fromMs + i * FRAME_MS
      harness.clock.advance(Math.max(0, arrivalMs - harness.clock.monotonicMs()))
      microphone.send(packet, arrivalMs)
    })
  }

  const onDisk = async () =>
    takeManifestSchema.parse(JSON.parse(await readFile(join(harness.folder, TAKE_MANIFEST_NAME), 'utf8')))

  it('has take.json on disk from the start', async () => {
    const { recorder, changes } = await start()
    await expect.poll(() => changes.length).toBe(1)
    expect(await onDisk()).toEqual(recorder.manifest)
    expect(recorder.manifest).toMatchObject({
      endedAtMs: null,
      endedBy: null,
      tracks: [],
      roomTitle: 'Evening on the veranda',
    })
  })

  it('writes what FFmpeg decodes whole, at its place on the clock of the take', async () => {
    const { recorder, folder } = await start()
    recorder.addSpeaker(speaker(3, 'Zoë Müller'))
    play(new Microphone(recorder, 3), tone, 1_500)
    const manifest = await recorder.stop('room-ended')
    expect(manifest.endedBy).toBe('room-ended')
    expect(await onDisk()).toEqual(manifest)
    const [track] = manifest.tracks
    expect(track).toMatchObject({ file: '3-zoe-muller.opus', number: 3, name: 'Zoë Müller', offsetSamples: 1_500 * 48 })
    expect(track?.lengthSamples).toBe(tone.length * 960 - 312)
    const path = join(folder, track?.file ?? '')
    expect((await stat(path)).size).toBe(track?.sizeBytes)
    const decoded = await decodeFile(path)
    expect(decoded.channels).toBe(1)
    expect(decoded.samples.length).toBe(track?.lengthSamples)
    expect(onset(decoded.samples, 0)).toBeLessThan(5 * SAMPLES_PER_MS)
    expect(Math.abs(onset(decoded.samples, 72_000) - 96_000)).toBeLessThan(10 * SAMPLES_PER_MS)
  })

  it('tells the clock on which its tracks lie, to the sample', async () => {
    const { recorder, clock } = await start()
    clock.advance(777.25)
    expect(recorder.takeMs()).toBe(777.25)
    recorder.addSpeaker(speaker(1))
    play(new Microphone(recorder, 1), tone.slice(0, 50), clock.monotonicMs())
    clock.advance(1_000)
    const { tracks } = await recorder.stop('stopped')
    expect(tracks[0]?.offsetSamples).toBe(777.25 * 48)
    expect(recorder.takeMs()).toBe(777.25 + 49 * FRAME_MS + 1_000)
  })

  it('writes an Ogg Opus file by the letter', async () => {
    const { recorder, folder } = await start()
    recorder.addSpeaker(speaker(1))
    play(new Microphone(recorder, 1), tone, 0)
    await recorder.stop('stopped')
    const pages = readOggPages(await readFile(join(folder, '1-speaker-1.opus')))
    expect(pages.map(({ sequence }) => sequence)).toEqual(pages.map((_, i) => i))
    expect(pages.map(({ isFirst }) => isFirst).indexOf(true, 1)).toBe(-1)
    expect(pages.map(({ isLast }) => isLast).indexOf(true)).toBe(pages.length - 1)
    const [head, tags] = pages.map(({ packets }) => packets[0] ?? Buffer.alloc(0))
    expect(Buffer.from(head ?? []).toString('hex')).toBe('4f707573486561640101380180bb0000000000')
    const tagText = Buffer.from(tags ?? []).toString()
    for (const text of ['OpusTags', 'TITLE=Evening on the veranda', 'ARTIST=Speaker 1', 'ENGAWA_TAKE=take-1']) {
      expect(tagText).toContain(text)
    }
    let samples = 0
    for (const page of pages.slice(2)) {
      const pageSamples = page.packets.reduce((sum, packet) => sum + (parseOpusPacket(packet)?.packetSamples ?? 0), 0)
      expect(pageSamples).toBeLessThanOrEqual(24_000)
      samples += pageSamples
      expect(page.granule).toBe(samples)
    }
    expect(samples).toBe(tone.length * 960)
  })

  it('lines two speakers up, whose numbers and beginnings have nothing in common', async () => {
    const { recorder, folder } = await start()
    const microphones = [1, 2].map((number) => {
      recorder.addSpeaker(speaker(number))
      return new Microphone(recorder, number)
    })
    const [one, two] = microphones
    tone.forEach((packet, i) => {
      const atMs = 700 + i * FRAME_MS
      one?.send(packet, atMs)
      if (i >= 37) two?.send(packet, atMs + (i % 5))
      else two?.skip(1, 1)
      harness.clock.advance(FRAME_MS)
    })
    const { tracks } = await recorder.stop('stopped')
    const onsets = await Promise.all(
      tracks.map(async (track) => {
        const { samples } = await decodeFile(join(folder, track.file))
        return track.offsetSamples + onset(samples, 2 * 48_000 - 24_000 - track.offsetSamples + 700 * 48)
      }),
    )
    expect(Math.abs((onsets[0] ?? 0) - (onsets[1] ?? 1e9))).toBeLessThan(5 * SAMPLES_PER_MS)
  })

  it('keeps the time of the take through mute, loss, a reload and a rejoin, in one file', async () => {
    const { recorder, folder } = await start()
    recorder.addSpeaker(speaker(1))
    const microphone = new Microphone(recorder, 1)
    const second = tone.slice(0, 50)
    play(microphone, second, 0)
    microphone.skip(100, 1)
    play(microphone, second, 3_000)
    microphone.skip(50, 50)
    play(microphone, second, 5_000)
    play(microphone, second, 9_000)
    microphone.timestamp = 5
    microphone.sequenceNumber = 65_000
    recorder.addSpeaker(speaker(1, 'another name'))
    play(microphone, second, 12_000)
    const { tracks } = await recorder.stop('stopped')
    expect(tracks).toHaveLength(1)
    expect(tracks[0]).toMatchObject({ offsetSamples: 0, lengthSamples: 13 * 48_000 - 312 })
    const path = join(folder, tracks[0]?.file ?? '')
    const places = placesOf(await readFile(path), tone[0] ?? Buffer.alloc(0))
    expect(places.map((samples) => samples / 48_000)).toEqual([0, 3, 5, 9, 12])
    const { samples } = await decodeFile(path)
    expect(samples.length).toBe(13 * 48_000 - 312)
    for (const [fromS, toS] of SILENT_SECONDS) expect(silenceFrom(samples, fromS * 48_000, toS * 48_000)).toBe(true)
  })

  it('leaves no empty end and no long page after mute, reconnection and a stop between two pages', async () => {
    const { recorder, folder } = await start()
    recorder.addSpeaker(speaker(1))
    const microphone = new Microphone(recorder, 1)
    play(microphone, tone.slice(0, 77), 0)
    microphone.skip(9_000, 0)
    play(microphone, tone.slice(0, 33), 181_540)
    microphone.timestamp = 77
    microphone.sequenceNumber = 9
    play(microphone, tone.slice(0, 41), 190_000)
    // All is written and the pages are flushed; then, too late for a silence up to the end, it stops.
    harness.clock.advance(5_000)
    const { tracks } = await recorder.stop('stopped')
    const pages = readOggPages(await readFile(join(folder, tracks[0]?.file ?? '')))
    const audio = pages.slice(2).map(({ packets, granule }) => ({
      granule,
      samples: packets.reduce((sum, packet) => sum + (parseOpusPacket(packet)?.packetSamples ?? 0), 0),
    }))
    expect(Math.max(...audio.map(({ samples }) => samples))).toBeLessThanOrEqual(24_000)
    expect(Math.min(...audio.map(({ samples }) => samples))).toBeGreaterThan(0)
    let end = 0
    expect(audio.map(({ granule }) => granule)).toEqual(audio.map(({ samples }) => (end += samples)))
    expect(pages.filter(({ isLast }) => isLast)).toEqual([pages.at(-1)])
    expect(end).toBe((190_000 + 41 * FRAME_MS) * SAMPLES_PER_MS)
    expect(tracks[0]).toMatchObject({ lengthSamples: end - 312, sizeBytes: pages.reduce((n, p) => n + p.sizeBytes, 0) })
  })

  it('takes what comes before its speaker is announced, and after the end, for nothing', async () => {
    const { recorder } = await start()
    play(new Microphone(recorder, 1), tone.slice(0, 20), 0)
    recorder.addSpeaker(speaker(2))
    const { tracks, participants } = await recorder.stop('stopped')
    recorder.onPacket(2, { sequenceNumber: 0, timestamp: 0, payload: Uint8Array.of(0xf8), levelDbov: null }, 0)
    recorder.note('left', speaker(2))
    expect(tracks).toEqual([])
    expect(participants.map(({ number }) => number)).toEqual([2])
    expect(await recorder.stop('node-closed')).toMatchObject({ endedBy: 'stopped' })
  })

  it('says two channels where the sender sends two', async () => {
    const { recorder, folder } = await start()
    recorder.addSpeaker(speaker(1))
    play(new Microphone(recorder, 1), await encodeOpus(tonePcm(1, 2), 2), 0)
    await recorder.stop('stopped')
    const decoded = await decodeFile(join(folder, '1-speaker-1.opus'))
    expect(decoded).toMatchObject({ channels: 2 })
    expect(decoded.samples.length).toBe(48_000 - 312)
  })

  it('has everything on disk but the last second, at any moment', async () => {
    const { recorder, folder } = await start()
    recorder.addSpeaker(speaker(1))
    const microphone = new Microphone(recorder, 1)
    play(microphone, tone, 0)
    const path = join(folder, '1-speaker-1.opus')
    const granule = async () => readOggPages(await readFile(path).catch(() => Buffer.alloc(0))).at(-1)?.granule ?? 0
    await expect.poll(granule).toBeGreaterThan(tone.length * 960 - 48_000)
    harness.clock.advance(700)
    await expect.poll(granule).toBe(tone.length * 960)
  })

  it('notes what happens on the clock of the take, and tells of it with the lengths so far', async () => {
    const { recorder, changes } = await start()
    recorder.addSpeaker(speaker(1))
    play(new Microphone(recorder, 1), tone, 0)
    recorder.note('joined', speaker(2))
    harness.clock.advance(250)
    recorder.note('on-stage', speaker(2))
    await expect.poll(() => changes.at(-1)?.timeline.length).toBe(2)
    const last = changes.at(-1)
    const startMs = (tone.length - 1) * FRAME_MS
    expect(last?.timeline.map(({ atMs, type }) => [atMs, type])).toEqual([
      [startMs, 'joined'],
      [startMs + 250, 'on-stage'],
    ])
    expect(last?.participants.map(({ number }) => number)).toEqual([1, 2])
    expect(last?.tracks[0]?.lengthSamples).toBeGreaterThan(3 * 48_000)
  })

  it('gives up a full disk by its name, closes, and keeps what it has', async () => {
    let room = 12_000
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    const fs: RecordFs = {
      ...nodeRecordFs,
      createFile: async (path) => {
        const file = await nodeRecordFs.createFile(path)
        const write = async (content: Buffer, position: number) => {
          room -= content.length
          // A full disk takes what fits.
          if (room < 0) await file.write(content.subarray(0, content.length + room), position)
          if (room < 0) throw full
          await file.write(content, position)
        }
        return { write, close: () => file.close() }
      },
    }
    const { recorder, failures, folder } = await start(fs)
    recorder.addSpeaker(speaker(1))
    play(new Microphone(recorder, 1), tone, 0)
    await expect.poll(() => failures).toEqual([{ reason: 'disk-full', detail: 'no space left on device' }])
    expect(await recorder.stop('stopped')).toMatchObject({ endedBy: 'disk-full' })
    expect((await onDisk()).endedBy).toBe('disk-full')
    const [track] = recorder.manifest.tracks
    const path = join(folder, track?.file ?? '')
    expect(track?.sizeBytes).toBe((await stat(path)).size)
    expect(readOggPages(await readFile(path)).at(-1)?.isLast).toBe(true)
    expect(track?.lengthSamples).toBeGreaterThan(24_000)
    expect((await decodeFile(path)).samples.length).toBe(track?.lengthSamples)
  })

  it('says that its folder is gone', async () => {
    const { recorder, failures } = await start()
    await harness.remove()
    recorder.addSpeaker(speaker(1))
    play(new Microphone(recorder, 1), tone.slice(0, 60), 0)
    await expect.poll(() => failures.map(({ reason }) => reason)).toEqual(['recording-failed'])
    expect(await recorder.stop('stopped')).toMatchObject({ endedBy: 'failed' })
  })

  it('leaves nothing behind: no timer, no temporary file', async () => {
    const { recorder, clock, folder } = await start()
    recorder.addSpeaker(speaker(1))
    play(new Microphone(recorder, 1), tone.slice(0, 50), 0)
    await recorder.stop('stopped')
    expect(clock.pendingCount).toBe(0)
    expect((await readdir(folder)).sort()).toEqual(['1-speaker-1.opus', 'take.json'])
  })
})

describe('trackFileName', () => {
  it.each([
    [1, 'Hanako', '1-hanako.opus'],
    [2, '花子', '2-speaker.opus'],
    [3, '../../etc/passwd', '3-etc-passwd.opus'],
    [4, `${'x'.repeat(39)} y`, `4-${'x'.repeat(39)}.opus`],
    [5, 'Åsa  Ö.', '5-asa-o.opus'],
  ])('makes %i %s to %s', (number, name, file) => {
    expect(trackFileName({ number, name })).toBe(file)
  })
})
