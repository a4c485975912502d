import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { speech } from '../assemble/simulated-take.fixture.ts'
import type { StudioProgress } from '../studio-job.ts'
import { createTake, mixOf, participant, type TestTake, UNPROCESSED } from './mix-take.fixture.ts'
import { noise } from './test-sounds.fixture.ts'

const RATE_HZ = 48_000

let take: TestTake | null = null
afterEach(async () => {
  await take?.remove()
  take = null
})

async function newTake(lengthS = 3): Promise<TestTake> {
  take = await createTake([[speech('host', lengthS)], [speech('guest', lengthS)]])
  return take
}

/** Nothing of the mix may be left. */
async function expectClean(made: TestTake): Promise<void> {
  expect((await readdir(made.folder)).filter((name) => name.startsWith('mix.'))).toEqual([])
}

describe('what cannot be mixed is refused, and leaves nothing', () => {
  it('a missing track, by the name of its speaker', async () => {
    const made = await newTake()
    const [first] = made.report.tracks
    if (first) made.report.tracks[0] = { ...first, file: 'gone.flac' }
    await expect(mixOf(made)).rejects.toMatchObject({
      name: 'Refusal',
      code: 'render-failed',
      message: expect.stringContaining('Speaker 1'),
    })
    await expectClean(made)
  })

  it.each([
    ['torn', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    [
      'damaged in the middle',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 60_000), Buffer.alloc(5_000, 7), bytes.subarray(65_000)]),
    ],
    ['no FLAC at all', () => Buffer.from('<html>'.repeat(100))],
    ['empty', () => Buffer.alloc(0)],
  ])('a track that is %s', async (_, spoil) => {
    const made = await newTake()
    const file = path.join(made.folder, '2-speaker.flac')
    await writeFile(file, spoil(await readFile(file)))
    await expect(mixOf(made)).rejects.toMatchObject({ name: 'Refusal', code: 'render-failed' })
    await expectClean(made)
  })

  it('a track that was damaged after its levels were measured', async () => {
    const made = await newTake()
    await mixOf(made)
    const file = path.join(made.folder, '2-speaker.flac')
    const bytes = await readFile(file)
    await writeFile(file, bytes.subarray(0, bytes.length - 20_000))
    await expect(mixOf(made)).rejects.toMatchObject({ code: 'render-failed' })
    await expectClean(made)
  })

  it.each([
    ['nothing is left', { cuts: [{ fromMs: 0, toMs: 5_000 }] }],
    ['the end is before the beginning', { trimStartMs: 2_000, trimEndMs: 1_000 }],
    ['everybody is left out', { leftOut: [participant(0), participant(1)] }],
    ['an intro is not there', { intro: { assetId: 'lost', fadeMs: 0 } }],
  ])('%s', async (_, edits) => {
    const made = await newTake()
    await expect(mixOf(made, { edits })).rejects.toMatchObject({ name: 'Refusal', code: 'input-invalid' })
    await expectClean(made)
  })

  it('a range in which nothing is', async () => {
    const made = await newTake()
    const edits = { cuts: [{ fromMs: 1_000, toMs: 2_000 }] }
    await expect(mixOf(made, { edits, range: { fromMs: 1_100, toMs: 1_900 } })).rejects.toMatchObject({
      code: 'input-invalid',
    })
  })

  it.each([
    ['text', Buffer.from('#EXTM3U\n#EXTINF:1,\n/etc/passwd\n')],
    ['a picture', Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47]), Buffer.alloc(500)])],
    ['noise', Buffer.from(noise(500, 100, 1).buffer)],
  ])('an intro that is %s', async (_, bytes) => {
    const made = await newTake()
    const file = path.join(made.folder, 'asset')
    await writeFile(file, bytes)
    const edits = { intro: { assetId: 'a', fadeMs: 100 } }
    await expect(mixOf(made, { edits, assets: { a: file } })).rejects.toMatchObject({
      name: 'Refusal',
      code: 'input-invalid',
    })
    await expectClean(made)
  })
})

describe('progress', () => {
  it('goes from 0 to 1, never back, and is told some hundred times at most', async () => {
    const made = await newTake(20)
    const told: StudioProgress[] = []
    await mixOf(made, { onProgress: (progress) => told.push(progress), format: 'opus' })
    expect(told.at(-1)?.progress).toBe(1)
    expect(told.length).toBeLessThan(220)
    expect(told.every(({ progress }, i) => i === 0 || progress >= (told[i - 1]?.progress ?? 0))).toBe(true)
    expect(new Set(told.map(({ step }) => step))).toEqual(new Set(['reading', 'mixing', 'encoding']))
  })
})

describe('an abort', () => {
  it.each(['reading', 'mixing', 'encoding'] as const)(
    'while %s ends the mix at once and leaves nothing',
    async (step) => {
      take = await createTake([[noise(RATE_HZ * 90, 0.1, 1)], [noise(RATE_HZ * 90, 0.1, 2)]])
      const abort = new AbortController()
      let abortedAt = 0
      const onProgress = (progress: StudioProgress) => {
        if (progress.step !== step || abort.signal.aborted) return
        abortedAt = performance.now()
        abort.abort(new Error('enough'))
      }
      const mixing = mixOf(take, {
        signal: abort.signal,
        onProgress,
        edits: { processing: UNPROCESSED },
        format: 'aac',
      })
      await expect(mixing).rejects.toThrow('enough')
      // Half a second is promised; the machine of a test may be busy.
      expect(performance.now() - abortedAt).toBeLessThan(3_000)
      await expectClean(take)
    },
  )

  it('before the beginning throws its reason', async () => {
    const made = await newTake()
    await expect(mixOf(made, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no')
  })
})
