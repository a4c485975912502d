import { beforeAll, describe, expect, it } from 'vitest'
import { decodeFlac } from './flac-decode.ts'
import { recover } from './leftover.ts'
import { CHUNK_SAMPLES_COUNT, STORE_PATIENCE_MS } from './limits.ts'
import { SpillingStore } from './spilling-store.ts'
import { type SealedChunk, TapeFiles } from './tape-files.ts'
import { TapeRun } from './tape-run.ts'
import { FakeWorkerClock, settle } from './test/fake-clock.ts'
import { FakeDisk } from './test/fake-disk.ts'
import { serveFlac } from './test/flac-here.ts'
import { beginning, blockAt, joined, samplesAt, TAPE_ID } from './test/sounds.ts'

beforeAll(serveFlac)

const BLOCK = 480

class Bench {
  readonly disk: FakeDisk
  readonly store: SpillingStore
  readonly files: TapeFiles
  readonly clock = new FakeWorkerClock()
  readonly sealed: SealedChunk[] = []
  unsealed: readonly number[] = []
  #count = 0

  constructor(capacityBytes = Number.POSITIVE_INFINITY) {
    this.disk = new FakeDisk(capacityBytes)
    this.store = new SpillingStore(this.disk)
    this.files = new TapeFiles(this.store, TAPE_ID)
  }

  async start(): Promise<TapeRun> {
    await this.files.writeBeginning(beginning())
    const run = new TapeRun({
      files: this.files,
      channels: 1,
      clock: this.clock,
      onSealed: (chunk) => void this.sealed.push(chunk),
      onUnsealed: (indexes) => {
        this.unsealed = indexes
      },
    })
    await run.ready
    return run
  }

  /** Files are opened meanwhile, as they are in life. */
  async feed(run: TapeRun, durationMs: number): Promise<void> {
    for (const end = this.#count + durationMs * 48; this.#count < end; this.#count += BLOCK) {
      run.take(blockAt(this.#count, BLOCK, (this.#count + BLOCK) / 48))
      if (this.#count % 24_000 === 0) await settle()
    }
  }

  async sound(files = this.files): Promise<Int32Array> {
    return soundOf(files, (await recover(files)).chunks)
  }
}

/** A difference of half a million numbers is not for reading. */
function expectSame(sound: Int32Array, expected: Int32Array): void {
  expect(sound.length).toBe(expected.length)
  expect(sound.findIndex((sample, i) => sample !== expected[i])).toBe(-1)
}

async function soundOf(files: TapeFiles, chunks: readonly SealedChunk[]): Promise<Int32Array> {
  const parts: Int32Array[] = []
  let next = 0
  for (const { header } of chunks) {
    expect(header.firstSample).toBe(next)
    next += header.sampleCount
    parts.push(await decodeFlac((await files.flac(header.index)) ?? new Uint8Array(), 1))
  }
  return joined(parts)
}

describe('a tape that is captured', () => {
  it('becomes chunks although a journal can neither be opened nor closed (an upload once stood still without a word)', async () => {
    const bench = new Bench()
    const { disk } = bench
    const openLog = disk.openLog.bind(disk)
    disk.openLog = (tapeId, name) => (name.startsWith('000001') ? new Promise(() => undefined) : openLog(tapeId, name))
    const run = await bench.start()
    await bench.feed(run, 13_000)
    expect(bench.sealed.map(({ header }) => header.index)).toEqual([0])
    await bench.clock.advance(STORE_PATIENCE_MS)
    await expect.poll(() => bench.sealed.map(({ header }) => header.index)).toEqual([0, 1, 2])
  })

  it('becomes chunks of 4 s with their marks, and a last one that is shorter', async () => {
    const bench = new Bench()
    const run = await bench.start()
    await bench.feed(run, 9_000)
    const end = await run.finish('off-stage')
    expect(end).toEqual({ chunkCount: 3, sampleCount: 432_000, end: 'off-stage' })
    expect(bench.sealed.map(({ header }) => [header.index, header.firstSample, header.sampleCount])).toEqual([
      [0, 0, CHUNK_SAMPLES_COUNT],
      [1, CHUNK_SAMPLES_COUNT, CHUNK_SAMPLES_COUNT],
      [2, 2 * CHUNK_SAMPLES_COUNT, 48_000],
    ])
    expect(bench.sealed[0]?.header.marks.length).toBeGreaterThanOrEqual(15)
    expectSame(await bench.sound(), samplesAt(0, 432_000))
    expect(bench.disk.names(TAPE_ID).filter((name) => name.endsWith('.pcm'))).toEqual([])
    expect(await bench.files.end()).toEqual(end)
  })

  it('that ends exactly with a chunk has no empty one after it', async () => {
    const bench = new Bench()
    const run = await bench.start()
    await bench.feed(run, 4_000)
    expect(await run.finish('take-ended')).toMatchObject({ chunkCount: 1, sampleCount: CHUNK_SAMPLES_COUNT })
    expect(bench.disk.names(TAPE_ID)).toEqual(['000000.flac', '000000.json', 'beginning.json', 'end.json'])
  })

  it('that ends before its first sample declares none', async () => {
    const bench = new Bench()
    const run = await bench.start()
    expect(await run.finish('left')).toMatchObject({ chunkCount: 0, sampleCount: 0 })
    expect(bench.disk.names(TAPE_ID)).toEqual(['beginning.json', 'end.json'])
  })

  it.each([10, 990, 3_990, 4_010, 8_500])(
    'whose page is killed after %i ms loses nothing that was captured by then',
    async (durationMs) => {
      const bench = new Bench()
      const run = await bench.start()
      await bench.feed(run, durationMs)
      // The page is gone; another one finds what is on the disk at that moment.
      const files = new TapeFiles(new SpillingStore(bench.disk.copy()), TAPE_ID)
      const { end } = await recover(files)
      expectSame(await bench.sound(files), samplesAt(0, durationMs * 48))
      expect(end).toEqual({ chunkCount: Math.ceil(durationMs / 4_000), sampleCount: durationMs * 48, end: 'lost' })
    },
  )

  it('a power cut in the middle of a chunk that was being written costs nothing: its journal is still there', async () => {
    const bench = new Bench()
    const run = await bench.start()
    await bench.feed(run, 3_900)
    const journal = (await bench.disk.read(TAPE_ID, '000000.pcm')) ?? new Uint8Array()
    await run.finish('left')
    bench.disk.damage(TAPE_ID, '000000.flac', (bytes) => bytes.slice(0, 1_000))
    await bench.disk.write(TAPE_ID, '000000.pcm', journal)
    expectSame(await bench.sound(), samplesAt(0, 3_900 * 48))
  })

  it('a sync and a note lie in the chunk of their time', async () => {
    const bench = new Bench()
    const run = await bench.start()
    await bench.feed(run, 4_500)
    run.addSync({ monotonicMs: 1, takeMs: 2, roundTripMs: 3 })
    run.slept()
    await bench.feed(run, 500)
    await run.finish('left')
    expect(bench.sealed[1]?.header).toMatchObject({
      syncs: [{ monotonicMs: 1, takeMs: 2, roundTripMs: 3 }],
      notes: [{ sample: 216_000, cause: 'asleep' }],
    })
  })
})

describe('a full disk', () => {
  it('stops nothing: what does not fit is kept in memory, and nothing captured before is given up', async () => {
    const bench = new Bench(1_500_000)
    const run = await bench.start()
    await bench.feed(run, 11_500)
    expect(run.isDiskFull).toBe(true)
    expect(run.storedSamples).toBeLessThan(run.capturedSamples)
    await run.finish('left')
    expect(bench.store.spilledBytes).toBeGreaterThan(0)
    expect(bench.sealed).toHaveLength(3)
    expectSame(await soundOf(bench.files, bench.sealed), samplesAt(0, 11_500 * 48))
  })

  it('with room again takes what waited in memory', async () => {
    const bench = new Bench(700_000)
    const run = await bench.start()
    await bench.feed(run, 8_000)
    await run.finish('left')
    expect(bench.store.spilledBytes).toBeGreaterThan(0)
    bench.disk.capacityBytes = 10_000_000
    await bench.files.sent(0, false)
    await expect.poll(() => bench.store.spilledBytes).toBe(0)
    expect(await decodeFlac((await bench.disk.read(TAPE_ID, '000001.flac')) ?? new Uint8Array(), 1)).toEqual(
      samplesAt(CHUNK_SAMPLES_COUNT, CHUNK_SAMPLES_COUNT),
    )
  })

  it('from the beginning: all is in memory', async () => {
    const bench = new Bench(0)
    const run = await bench.start()
    await bench.feed(run, 5_000)
    expect(run.isDiskFull).toBe(true)
    await run.finish('left')
    expect(bench.sealed.map(({ isDurable }) => isDurable)).toEqual([false, false])
    expect(await decodeFlac((await bench.files.flac(0)) ?? new Uint8Array(), 1)).toEqual(samplesAt(0, 192_000))
  })
})

describe('an encoder that cannot be loaded', () => {
  it('leaves chunks raw on the disk, and they are made when it is there', async () => {
    const bench = new Bench()
    const run = await bench.start()
    const seal = bench.files.seal.bind(bench.files)
    bench.files.seal = () => Promise.reject(new Error('no network'))
    await bench.feed(run, 8_000)
    await expect.poll(() => bench.unsealed).toEqual([0, 1])
    expect(bench.disk.names(TAPE_ID)).toContain('000000.pcm')
    bench.files.seal = seal
    await bench.feed(run, 4_000)
    await expect.poll(() => bench.sealed.map(({ header }) => header.index)).toEqual([0, 1, 2])
    expect(bench.unsealed).toEqual([])
    await run.finish('left')
    expectSame(await bench.sound(), samplesAt(0, 12_000 * 48))
  })
})
