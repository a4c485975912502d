import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { takeManifestSchema } from '../../contract/take.ts'
import { type StudioTrack, type TakeReport, takeReportSchema } from '../../contract/take-report.ts'
import { quietFfmpeg } from '../av/ffmpeg-log.ts'
import type { StudioProgress } from '../studio-job.ts'
import { type AssembleInput, assembleTake } from './assemble-take.ts'
import { resample } from './resample.ts'
import {
  type CaptureOptions,
  captureTape,
  correlation,
  type HeardTake,
  readTrack,
  recordTake,
  speech,
} from './simulated-take.fixture.ts'
import type { TapeSource } from './tape-chunks.ts'

const RATE_HZ = 48_000
const LENGTH_S = 40
const NOW_MS = 1_234
const never = new AbortController().signal

describe('assembleTake', () => {
  let host: Float32Array
  let guest: Float32Array
  let take: HeardTake
  let scratch: string
  beforeAll(async () => {
    quietFfmpeg()
    host = speech('host', LENGTH_S)
    guest = speech('guest', LENGTH_S)
    take = await recordTake(
      [
        { number: 1, truth: host },
        { number: 2, truth: guest, delayMs: 85 },
      ],
      LENGTH_S * 1_000,
    )
    scratch = await mkdtemp(join(tmpdir(), 'engawa-assemble-'))
  })
  afterAll(async () => {
    await take.remove()
    await rm(scratch, { recursive: true })
  })

  const capture = async (name: string, options: Partial<CaptureOptions> = {}) =>
    await captureTape({
      ...{ folder: join(scratch, name), tapeId: name, number: 1, truth: host, lengthS: LENGTH_S - 1, beginMs: 500 },
      ...options,
    })

  interface Assembled {
    report: TakeReport
    folder: string
    progress: StudioProgress[]
    track(participantId: string): StudioTrack
    sound(participantId: string): Float32Array
  }

  const assemble = async (
    name: string,
    tapes: TapeSource[],
    options: Partial<AssembleInput> = {},
  ): Promise<Assembled> => {
    const folder = join(scratch, name, 'studio')
    const progress: StudioProgress[] = []
    const { manifest, folder: takeFolder } = take
    const report = await assembleTake(
      { manifest, takeFolder, tapes, outFolder: folder, nowMs: NOW_MS, ...options },
      { onProgress: (step) => progress.push(step), signal: never },
    )
    expect(takeReportSchema.parse(report)).toEqual(report)
    const track = (participantId: string) => {
      const found = report.tracks.find((one) => one.participantId === participantId)
      if (!found) throw new Error(`no track of ${participantId}`)
      return found
    }
    return {
      ...{ report, folder, progress, track },
      sound: (participantId) => readTrack(join(folder, track(participantId).file)).samples,
    }
  }

  /** How many samples later than in `truth` the sound is in `found`, around a second; and how alike they are there. */
  const match = (found: Float32Array, truth: Float32Array, atS: number, { reach = 300, lengthS = 1 } = {}) => {
    const [from, length] = [Math.round(atS * RATE_HZ), Math.round(lengthS * RATE_HZ)]
    const wanted = truth.subarray(from, from + length)
    let best = { shift: 0, r: -1 }
    for (let shift = -reach; shift <= reach; shift++) {
      const r = correlation(found.subarray(from + shift, from + shift + length), wanted)
      if (r > best.r) best = { shift, r }
    }
    // Half a sample beside, a voice's sharpest sounds are hardly alike.
    for (let fraction = -0.5; fraction <= 0.5; fraction += 1 / 16) {
      const first = from + best.shift + fraction
      const [between = wanted] = resample([found], { first, step: 1, count: length })
      best.r = Math.max(best.r, correlation(between, wanted))
    }
    return best
  }

  it('takes over each sample of a clean tape, and the SFU’s track of who has none', async () => {
    const { tape, samples } = await capture('clean')
    const made = await assemble('clean', [tape])
    expect(made.report).toMatchObject({ version: 1, lengthMs: LENGTH_S * 1_000, madeAtMs: NOW_MS })
    const { gaps, tapes, ...track } = made.track('person-1')
    expect(gaps).toEqual([])
    expect(track).toMatchObject({ file: '1-speaker-1.flac', channels: 1, lengthSamples: LENGTH_S * RATE_HZ })
    expect(track.losslessMs).toBe(track.expectedMs)
    expect(tapes).toMatchObject([{ driftPpm: 0, expectedSamples: samples.length, receivedSamples: samples.length }])
    const sound = made.sound('person-1')
    expect(sound).toHaveLength(LENGTH_S * RATE_HZ)
    const begin = Math.round((tapes[0]?.fromMs ?? 0) * 48)
    expect(Math.abs(begin - 24_000)).toBeLessThan(48)
    expect(Buffer.compare(bytes(sound.subarray(begin, begin + samples.length)), bytes(samples))).toBe(0)

    const other = made.track('person-2')
    expect(other).toMatchObject({ losslessMs: 0, tapes: [], source: 'processed', expectedMs: LENGTH_S * 1_000 })
    expect(other.gaps).toEqual([{ fromMs: 0, toMs: LENGTH_S * 1_000, cause: 'not-captured', filledFrom: 'sfu' }])
    expect(match(made.sound('person-2'), guest, 20, { reach: 6_000 }).r).toBeGreaterThan(0.7)
  })

  it('tells sizes, hashes and peaks of what it wrote, and goes from 0 to 1', async () => {
    const { tape } = await capture('facts')
    const made = await assemble('facts', [tape])
    expect((await readdir(made.folder)).sort()).toEqual([
      '1-speaker-1.flac',
      '1-speaker-1.peaks',
      '2-speaker-2.flac',
      '2-speaker-2.peaks',
    ])
    const { file, peaksFile, sizeBytes, sha256 } = made.track('person-1')
    expect((await stat(join(made.folder, file))).size).toBe(sizeBytes)
    expect(
      createHash('sha256')
        .update(await readFile(join(made.folder, file)))
        .digest('hex'),
    ).toBe(sha256)
    expect(await readFile(join(made.folder, peaksFile))).toHaveLength(LENGTH_S * 100)
    const steps = made.progress.map(({ progress }) => progress)
    expect(steps).toEqual(steps.toSorted((a, b) => a - b))
    expect(steps.at(-1)).toBeCloseTo(1, 6)
  })

  it('gives the same files for the same input, and replaces those of an earlier run', async () => {
    const { tape } = await capture('again', { missing: [3] })
    const first = await assemble('again', [tape])
    const second = await assemble('again', [tape])
    expect(second.report).toEqual(first.report)
    const { tape: whole } = await capture('again')
    const third = await assemble('again', [whole], { manifest: { ...take.manifest, tracks: [] } })
    expect(third.report.tracks).toHaveLength(1)
    expect((await readdir(third.folder)).sort()).toEqual(['1-speaker-1.flac', '1-speaker-1.peaks'])
    expect(third.track('person-1').gaps).toEqual([])
  })

  it('fills missing and damaged chunks from the SFU, at their place and level, and tells of each', async () => {
    const flip = (file: Buffer) => {
      const at = file.length >> 1
      return Buffer.concat([file.subarray(0, at), Buffer.of((file[at] ?? 0) ^ 0xff), file.subarray(at + 1)])
    }
    const { tape, samples } = await capture('lost', {
      missing: [2],
      damaged: { 5: flip, 7: (file) => file.subarray(0, 60_000) },
    })
    const made = await assemble('lost', [tape])
    const { gaps, tapes, expectedMs, losslessMs } = made.track('person-1')
    expect(gaps.map(({ cause, filledFrom }) => [cause, filledFrom])).toEqual([
      ['chunk-missing', 'sfu'],
      ['damaged', 'sfu'],
      ['damaged', 'sfu'],
    ])
    for (const [i, fromMs] of [8_500, 20_500, 28_500].entries()) {
      expect(Math.abs((gaps[i]?.fromMs ?? 0) - fromMs)).toBeLessThan(1)
      expect(Math.abs((gaps[i]?.toMs ?? 0) - fromMs - 4_000)).toBeLessThan(1)
    }
    expect(expectedMs - losslessMs).toBeCloseTo(12_000, 0)
    expect(tapes).toMatchObject([{ receivedSamples: samples.length - 12 * RATE_HZ, chunks: 7 }])
    const sound = made.sound('person-1')
    // Opus keeps the sound, not the wave: voices lose their lowest phases.
    const { shift, r } = match(sound, host, 8.6, { lengthS: 3.8 })
    expect(Math.abs(shift)).toBeLessThan(24)
    expect(r).toBeGreaterThan(0.7)
    // Beside the fades every sample of the tape is there.
    const begin = Math.round((tapes[0]?.fromMs ?? 0) * 48)
    const from = 12 * RATE_HZ + 480
    const to = 20 * RATE_HZ - 480
    expect(Buffer.compare(bytes(sound.subarray(begin + from, begin + to)), bytes(samples.subarray(from, to)))).toBe(0)
  })

  it('has no click at a seam', async () => {
    const { tape } = await capture('seams', { missing: [2, 5] })
    const made = await assemble('seams', [tape])
    const sound = made.sound('person-1')
    const steepest = (of: Float32Array, from: number, to: number) => {
      let most = 0
      for (let i = from; i < to; i++) most = Math.max(most, Math.abs((of[i + 1] ?? 0) - (of[i] ?? 0)))
      return most
    }
    const usual = steepest(host, 0, host.length - 1)
    for (const { fromMs, toMs } of made.track('person-1').gaps) {
      for (const seam of [fromMs * 48, toMs * 48]) {
        expect(steepest(sound, Math.round(seam) - 960, Math.round(seam) + 960)).toBeLessThan(usual)
      }
    }
  })

  it('corrects drift, places a stall, and lines two speakers up within 5 ms', async () => {
    const jitter = {
      jitterMs: (random: () => number) => random() * 2,
      roundTripMs: (random: () => number) => 3 + random() * 4,
    }
    const one = await capture('drift', {
      ...{ ...jitter, cardPpm: 200, pagePpm: -30, stalls: [{ atS: 15.1, lengthS: 3, cause: 'stalled' }] },
    })
    const two = await capture('drift-2', { ...jitter, number: 2, truth: guest, cardPpm: -200, beginMs: 200, seed: 5 })
    const made = await assemble('drift', [one.tape, two.tape])
    const [first, second] = [made.track('person-1'), made.track('person-2')]
    expect(first.gaps).toMatchObject([{ cause: 'stalled', filledFrom: 'sfu' }])
    expect(Math.abs((first.gaps[0]?.fromMs ?? 0) - 15_600)).toBeLessThan(20)
    expect(Math.abs((first.gaps[0]?.toMs ?? 0) - 18_600)).toBeLessThan(20)
    expect(second.gaps).toEqual([])
    expect(second.tapes[0]?.driftPpm).toBeLessThan(-100)
    for (const [sound, truth, seconds] of [
      [made.sound('person-1'), host, [1, 8, 13, 20, 30, 36]],
      [made.sound('person-2'), guest, [1, 10, 20, 30, 36]],
    ] as const) {
      for (const atS of seconds) {
        const { shift, r } = match(sound, truth, atS)
        expect(Math.abs(shift)).toBeLessThan(2.5 * 48)
        expect(r).toBeGreaterThan(0.999)
      }
    }
  })

  it('puts tapes of a reload and of another device behind each other', async () => {
    const first = await capture('before', { lengthS: 15 })
    const second = await capture('after', { beginMs: 18_000, lengthS: 10, seed: 2 })
    const third = await capture('device', { beginMs: 28_200, lengthS: 11, isStereo: true, seed: 3 })
    const made = await assemble('reload', [third.tape, first.tape, second.tape])
    const track = made.track('person-1')
    expect(track.channels).toBe(2)
    expect(track.tapes.map(({ tapeId }) => tapeId)).toEqual(['before', 'after', 'device'])
    expect(
      track.gaps.map(({ cause, fromMs, toMs }) => [cause, Math.round(fromMs / 10), Math.round(toMs / 10)]),
    ).toEqual([
      ['not-captured', 1_550, 1_800],
      ['not-captured', 2_800, 2_820],
    ])
    const sound = made.sound('person-1')
    for (const atS of [5, 22, 33]) expect(match(sound, host, atS).r).toBeGreaterThan(0.999)
    expect(match(sound, host, 15.6, { lengthS: 2.3 }).r).toBeGreaterThan(0.7)
  })

  it('makes two tracks of processed and unprocessed sound', async () => {
    const processed = await capture('processed')
    const raw = await capture('raw', { source: 'unprocessed' })
    const made = await assemble('sources', [raw.tape, processed.tape])
    expect(made.report.tracks.map(({ file, source }) => [file, source])).toEqual([
      ['1-speaker-1.flac', 'processed'],
      ['1-speaker-1-unprocessed.flac', 'unprocessed'],
      ['2-speaker-2.flac', 'processed'],
    ])
  })

  it('is silent and complains of nothing where somebody was muted or off stage', async () => {
    const { tape } = await capture('muted', { missing: [2] })
    const participantId = tape.participantId
    const timeline = [
      ...take.manifest.timeline,
      { atMs: 8_000, type: 'muted', participantId },
      { atMs: 13_000, type: 'unmuted', participantId },
    ]
    const manifest = takeManifestSchema.parse({ ...take.manifest, timeline, tracks: [] })
    const made = await assemble('muted', [tape], { manifest })
    expect(made.track('person-1').gaps).toEqual([])
    expect(
      made
        .sound('person-1')
        .subarray(9 * RATE_HZ, 12 * RATE_HZ)
        .every((sample) => sample === 0),
    ).toBe(true)
  })

  it('says that a gap is silent where the SFU has nothing either', async () => {
    const { tape } = await capture('silent', { missing: [2] })
    const made = await assemble('silent', [tape], { manifest: { ...take.manifest, tracks: [] } })
    expect(made.track('person-1').gaps).toMatchObject([{ cause: 'chunk-missing', filledFrom: 'silence' }])
  })

  it('places a tape without any answer of the clock at its speaker’s beginning, and says how unsure that is', async () => {
    const { tape } = await capture('clockless')
    const chunks = tape.chunks.map(({ header, file }) => ({ header: { ...header, syncs: [] }, file }))
    const made = await assemble('clockless', [{ ...tape, chunks }])
    expect(made.track('person-1').tapes).toMatchObject([{ fromMs: 0, clockErrorMs: (LENGTH_S - 1) * 1_000 }])
  })

  it('reads no more of a file than its header says', async () => {
    const { tape } = await capture('bomb', { chunkSamples: 20 * RATE_HZ })
    const [first, ...rest] = tape.chunks
    if (!first) throw new Error('no chunk')
    const lies = { ...first, header: { ...first.header, sampleCount: 4 * RATE_HZ } }
    const made = await assemble('bomb', [{ ...tape, chunks: [lies, ...rest] }])
    expect(made.track('person-1').gaps).toMatchObject([{ cause: 'chunk-missing' }])
    expect(made.track('person-1').tapes[0]?.receivedSamples).toBe((LENGTH_S - 1 - 16) * RATE_HZ)
    const more = { ...first, header: { ...first.header, sampleCount: 20 * RATE_HZ + 1 } }
    const torn = await assemble('bomb', [{ ...tape, chunks: [more] }])
    expect(torn.report.tracks[0]?.tapes).toEqual([])
  })

  it('leaves nothing where it is aborted, and what was there before', async () => {
    const { tape } = await capture('abort')
    const { folder, report } = await assemble('abort', [tape])
    const before = await readdir(folder)
    for (const step of ['reading', 'encoding'] as const) {
      const abort = new AbortController()
      const onProgress = (progress: StudioProgress) => {
        if (progress.step === step && progress.progress > (step === 'reading' ? 0.1 : 0.6))
          abort.abort(new Error('enough'))
      }
      const input = { manifest: take.manifest, takeFolder: take.folder, tapes: [tape], outFolder: folder, nowMs: 0 }
      await expect(assembleTake(input, { onProgress, signal: abort.signal })).rejects.toThrow('enough')
      expect(await readdir(folder)).toEqual(before)
    }
    const { file, sizeBytes } = report.tracks[0] ?? { file: '', sizeBytes: 0 }
    expect((await stat(join(folder, file))).size).toBe(sizeBytes)
  })

  it.each([
    'crash',
    // The server was killed and took its node with it, which still closed its files.
    'node-closed',
  ] as const)('goes beyond the manifest where the node went away: %s', async (endedBy) => {
    const { tape } = await capture(endedBy)
    const { startedAtMs } = take.manifest
    const tracks = take.manifest.tracks.map((track) => ({ ...track, lengthSamples: 9 * RATE_HZ }))
    const manifest = { ...take.manifest, tracks, endedAtMs: startedAtMs + 10_000, endedBy }
    const made = await assemble(endedBy, [tape], { manifest })
    expect(made.report.lengthMs).toBeCloseTo((LENGTH_S - 0.5) * 1_000, 0)
    expect(made.track('person-1').gaps).toEqual([])
  })
})

function bytes(samples: Float32Array): Buffer {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
}
