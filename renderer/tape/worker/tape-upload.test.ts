import { beforeAll, describe, expect, it } from 'vitest'
import type { TapeChunkHeader } from '../../../sfu-core/contract/tape.ts'
import { RETRY_FIRST_MS, STORE_PATIENCE_MS } from './limits.ts'
import { SpillingStore } from './spilling-store.ts'
import { TapeFiles } from './tape-files.ts'
import type { TapeFailureReason } from './tape-status.ts'
import { TapeUpload, type TapeUploadOptions } from './tape-upload.ts'
import { FakeWorkerClock, settle } from './test/fake-clock.ts'
import { FakeDisk } from './test/fake-disk.ts'
import { FakeServer } from './test/fake-server.ts'
import { serveFlac } from './test/flac-here.ts'
import { beginning, samplesAt, TAPE_ID } from './test/sounds.ts'

beforeAll(serveFlac)

class Bench {
  readonly disk = new FakeDisk()
  readonly files = new TapeFiles(new SpillingStore(this.disk), TAPE_ID)
  readonly server = new FakeServer()
  readonly clock = new FakeWorkerClock()
  isDone = false

  start(change: Partial<TapeUploadOptions> = {}): TapeUpload {
    return new TapeUpload(
      {
        beginning: beginning(),
        files: this.files,
        server: this.server,
        clock: this.clock,
        random: () => 0.5,
        isHeld: false,
        capturedSamples: () => 0,
        onChange: () => undefined,
        onGrant: () => undefined,
        onDone: () => {
          this.isDone = true
        },
        ...change,
      },
      null,
    )
  }

  /** A chunk of 10 ms. */
  async chunk(index: number): Promise<{ header: TapeChunkHeader; sizeBytes: number }> {
    const samples = samplesAt(index * 480, 480)
    return this.files.seal({ index, firstSample: index * 480, samples, marks: [], syncs: [], notes: [] }, 1)
  }

  failWith(call: 'open' | 'put' | 'end', reason: TapeFailureReason | null): void {
    this.server.failing = (asked) => (asked === call ? reason : null)
  }
}

const END = { chunkCount: 2, sampleCount: 960, end: 'left' } as const

describe('a tape on its way to the server', () => {
  it('is opened, sent in order, declared, and nothing is left here', async () => {
    const bench = new Bench()
    await bench.files.writeBeginning(beginning())
    const upload = bench.start()
    upload.add(await bench.chunk(0))
    upload.add(await bench.chunk(1))
    upload.captureEnded(END)
    await bench.clock.advance(100)
    expect([...bench.server.chunks.keys()]).toEqual([0, 1])
    expect(bench.server.ended).toEqual([END])
    expect(bench.isDone).toBe(true)
    expect(bench.disk.names(TAPE_ID)).toEqual([])
    expect(upload.troubles).toEqual([])
  })

  it('does not stand still without a word where the disk never answers', async () => {
    const bench = new Bench()
    const upload = bench.start()
    const chunk = await bench.chunk(0)
    const read = bench.disk.read.bind(bench.disk)
    bench.disk.read = () => new Promise(() => undefined)
    upload.add(chunk)
    await bench.clock.advance(STORE_PATIENCE_MS)
    expect(upload.troubles).toMatchObject([{ kind: 'waiting' }])
    bench.disk.read = read
    await bench.clock.advance(RETRY_FIRST_MS * 2)
    expect([...bench.server.chunks.keys()]).toEqual([0])
    expect(upload.troubles).toEqual([])
  })

  it('keeps the newest header, and no other, of what was sent', async () => {
    const bench = new Bench()
    const upload = bench.start()
    for (let index = 0; index < 5; index += 1) {
      upload.add(await bench.chunk(index))
      await settle()
    }
    expect(bench.disk.names(TAPE_ID)).toEqual(['000004.json', 'grant.json'])
  })

  it('tells with each chunk how much was captured by then', async () => {
    const bench = new Bench()
    const upload = bench.start({ capturedSamples: () => 99_999 })
    upload.add(await bench.chunk(0))
    await settle()
    expect(bench.server.chunks.get(0)?.header.capturedSamples).toBe(99_999)
  })

  it('sends three at once where it is behind, and no more', async () => {
    const bench = new Bench()
    let open: () => void = () => undefined
    bench.server.gate = new Promise((resolve) => {
      open = resolve
    })
    const upload = bench.start()
    for (let index = 0; index < 8; index += 1) upload.add(await bench.chunk(index))
    await settle()
    expect(bench.server.mostUnderWay).toBe(3)
    open()
    await expect.poll(() => bench.server.chunks.size).toBe(8)
    expect(bench.server.mostUnderWay).toBe(3)
  })

  it.each<TapeFailureReason>([
    'offline',
    'server-error',
    'timed-out',
    'too-many-requests',
    'disk-full',
    'quota-exceeded',
  ])('tries again and again after %s', async (reason) => {
    const bench = new Bench()
    const upload = bench.start()
    bench.failWith('put', reason)
    upload.add(await bench.chunk(0))
    await bench.clock.advance(60_000)
    expect(upload.troubles).toEqual([{ kind: 'waiting', reason }])
    expect(bench.server.asked.put).toBeGreaterThan(5)
    expect(bench.server.asked.put).toBeLessThan(20)
    bench.failWith('put', null)
    await bench.clock.advance(30_000)
    expect(bench.server.chunks.size).toBe(1)
    expect(upload.troubles).toEqual([])
  })

  it('waits as long as the server says', async () => {
    const bench = new Bench()
    const { TapeFailure } = await import('./tape-server.ts')
    bench.server.putChunk = async () => {
      bench.server.asked.put += 1
      throw new TapeFailure('too-many-requests', 20_000)
    }
    const upload = bench.start()
    upload.add(await bench.chunk(0))
    await bench.clock.advance(19_000)
    expect(bench.server.asked.put).toBe(1)
    await bench.clock.advance(2_000)
    expect(bench.server.asked.put).toBe(2)
  })

  it('does not wait any longer when the network is back', async () => {
    const bench = new Bench()
    const upload = bench.start()
    bench.failWith('put', 'offline')
    upload.add(await bench.chunk(0))
    await bench.clock.advance(120_000)
    bench.failWith('put', null)
    upload.wake()
    await settle()
    expect(bench.server.chunks.size).toBe(1)
  })

  it('keeps what the server refuses for good, and says so', async () => {
    const bench = new Bench()
    const upload = bench.start()
    bench.server.failing = (call, index) => (call === 'put' && index === 0 ? 'chunk-conflict' : null)
    upload.add(await bench.chunk(0))
    upload.add(await bench.chunk(1))
    upload.captureEnded(END)
    await bench.clock.advance(300_000)
    expect(bench.server.asked.put).toBe(2)
    expect([...bench.server.chunks.keys()]).toEqual([1])
    expect(upload.troubles).toEqual([{ kind: 'refused', reason: 'chunk-conflict' }])
    expect(bench.disk.names(TAPE_ID)).toContain('000000.flac')
    expect(bench.isDone).toBe(false)
  })

  it('sends a chunk that came damaged three times, not for ever', async () => {
    const bench = new Bench()
    bench.failWith('put', 'chunk-damaged')
    const upload = bench.start()
    upload.add(await bench.chunk(0))
    await bench.clock.advance(300_000)
    expect(bench.server.asked.put).toBe(3)
    expect(upload.troubles).toEqual([{ kind: 'refused', reason: 'chunk-damaged' }])
  })

  it('an unusable token is final', async () => {
    const bench = new Bench()
    bench.failWith('open', 'token-expired')
    const upload = bench.start()
    upload.add(await bench.chunk(0))
    await bench.clock.advance(300_000)
    expect(bench.server.asked.open).toBe(1)
    expect(upload.troubles).toEqual([{ kind: 'refused', reason: 'token-expired' }])
  })

  it('a server that does not know of the take yet is asked again, for a while', async () => {
    const bench = new Bench()
    bench.failWith('open', 'no-take')
    const upload = bench.start()
    upload.add(await bench.chunk(0))
    await bench.clock.advance(5_000)
    bench.failWith('open', null)
    await bench.clock.advance(10_000)
    expect(bench.server.chunks.size).toBe(1)

    const refused = new Bench()
    refused.failWith('open', 'no-take')
    const other = refused.start()
    await refused.clock.advance(600_000)
    expect(other.troubles).toEqual([{ kind: 'refused', reason: 'no-take' }])
    expect(refused.server.asked.open).toBe(8)
  })

  it('a final no to the last word changes nothing: the sound is there', async () => {
    const bench = new Bench()
    bench.failWith('end', 'chunk-conflict')
    const upload = bench.start()
    upload.captureEnded(END)
    await bench.clock.advance(1_000)
    expect(bench.isDone).toBe(true)
  })

  it('nothing goes to another server than its own', async () => {
    const bench = new Bench()
    const upload = bench.start({ isHeld: true })
    upload.add(await bench.chunk(0))
    upload.captureEnded(END)
    await bench.clock.advance(60_000)
    expect(bench.server.asked).toEqual({ open: 0, clock: 0, end: 0, put: 0 })
    expect(upload.pendingChunks).toBe(1)
  })

  it('closed, leaves no timer and sends nothing', async () => {
    const bench = new Bench()
    bench.failWith('open', 'offline')
    const upload = bench.start()
    await settle()
    upload.close()
    upload.close()
    await bench.clock.advance(600_000)
    expect(bench.server.asked.open).toBe(1)
    expect(bench.clock.nextInMs).toBeNull()
  })

  it('knows its first sample that is not at the server', async () => {
    const bench = new Bench()
    bench.failWith('put', 'offline')
    const upload = bench.start()
    expect(upload.firstUnsentSample).toBeNull()
    upload.add(await bench.chunk(1))
    upload.add(await bench.chunk(2))
    expect(upload.firstUnsentSample).toBe(480)
    expect(upload.pendingBytes).toBeGreaterThan(0)
  })
})
