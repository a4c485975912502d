import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { decodeFlac } from './flac-decode.ts'
import { SpillingStore } from './spilling-store.ts'
import { TapeKeeper } from './tape-keeper.ts'
import type { TapeStatus } from './tape-status.ts'
import { FakeWorkerClock, settle } from './test/fake-clock.ts'
import { FakeDisk } from './test/fake-disk.ts'
import { FakeServer } from './test/fake-server.ts'
import { serveFlac } from './test/flac-here.ts'
import { beginning, joined, SERVER_URL, samplesAt, TAPE_ID } from './test/sounds.ts'

beforeAll(serveFlac)

/** Web Locks for pages that can die. */
class FakeLocks {
  readonly #queues = new Map<string, { page: Page; run: () => Promise<void> }[]>()

  request(page: Page, name: string, hold: () => Promise<void>): void {
    const queue = this.#queues.get(name) ?? []
    this.#queues.set(name, queue)
    queue.push({ page, run: hold })
    if (queue.length === 1) this.#next(name)
  }

  pageDied(page: Page): void {
    for (const [name, queue] of this.#queues) {
      const wasHolding = queue[0]?.page === page
      const left = queue.filter((entry) => entry.page !== page)
      queue.splice(0, queue.length, ...left)
      if (wasHolding) this.#next(name)
    }
  }

  #next(name: string): void {
    const first = this.#queues.get(name)?.[0]
    if (first === undefined) return
    void first.run().then(() => {
      const queue = this.#queues.get(name)
      if (queue?.[0] !== first) return
      queue.shift()
      this.#next(name)
    })
  }
}

const pages = new Set<Page>()

class Page {
  readonly keeper: TapeKeeper
  readonly clock = new FakeWorkerClock()
  readonly lost: string[] = []
  tapes: readonly TapeStatus[] = []
  readonly #locks: FakeLocks

  constructor(disk: FakeDisk, server: FakeServer, locks: FakeLocks) {
    this.#locks = locks
    this.keeper = new TapeKeeper({
      store: new SpillingStore(disk),
      server,
      serverUrl: SERVER_URL,
      clock: this.clock,
      random: () => 0.5,
      exclusively: (tapeId, hold) => locks.request(this, tapeId, hold),
      onTapes: (tapes) => {
        this.tapes = tapes
      },
      onLost: (tapeId) => void this.lost.push(tapeId),
    })
    pages.add(this)
  }

  /** A microphone that the test speaks into. */
  record(): (count: number) => void {
    const { port1, port2 } = new MessageChannel()
    this.keeper.begin(beginning(), { kind: 'worklet', port: port2, rateHz: 48_000 })
    let said = 0
    return (count) => {
      const plane = Float32Array.from(samplesAt(said, count), (sample) => sample / 0x80_0000)
      said += count
      port1.postMessage([plane])
    }
  }

  die(): void {
    this.#locks.pageDied(this)
    this.keeper.close()
    pages.delete(this)
  }
}

afterEach(() => {
  for (const page of [...pages]) page.die()
})

async function soundAt(server: FakeServer): Promise<Int32Array> {
  const inOrder = [...server.chunks].sort(([a], [b]) => a - b)
  return joined(await Promise.all(inOrder.map(([, { flac }]) => decodeFlac(flac, 1))))
}

describe('the tapes of a browser', () => {
  it('a tape is captured, sent and forgotten', async () => {
    const [disk, server, locks] = [new FakeDisk(), new FakeServer(), new FakeLocks()]
    const page = new Page(disk, server, locks)
    const say = page.record()
    say(96_000)
    await expect.poll(() => page.keeper.statusOf(TAPE_ID)?.capturedMs).toBe(2_000)
    expect(page.keeper.statusOf(TAPE_ID)).toMatchObject({ phase: 'capturing', storedMs: 2_000, sentMs: 0 })
    page.keeper.finish(TAPE_ID, 'off-stage')
    await expect.poll(() => server.ended).toEqual([{ chunkCount: 1, sampleCount: 96_000, end: 'off-stage' }])
    await expect.poll(() => disk.tapes()).toEqual([])
    expect(await soundAt(server)).toEqual(samplesAt(0, 96_000))
    expect(page.keeper.statusOf(TAPE_ID)).toBeNull()
  })

  it('a page that comes later sends what a dead one left', async () => {
    const [disk, server, locks] = [new FakeDisk(), new FakeServer(), new FakeLocks()]
    const first = new Page(disk, server, locks)
    const say = first.record()
    say(300_000)
    await expect.poll(() => first.keeper.statusOf(TAPE_ID)?.capturedMs).toBe(6_250)
    await expect.poll(() => server.chunks.size).toBe(1)
    first.die()
    const second = new Page(disk, server, locks)
    await second.keeper.takeLeftovers()
    await expect.poll(() => server.ended).toEqual([{ chunkCount: 2, sampleCount: 300_000, end: 'lost' }])
    expect(await soundAt(server)).toEqual(samplesAt(0, 300_000))
    await expect.poll(() => disk.tapes()).toEqual([])
    // Opened once, with the token that was kept.
    expect(server.opened).toHaveLength(1)
  })

  it('a tape that was never opened is opened by the page that comes later, with its seat', async () => {
    const [disk, server, locks] = [new FakeDisk(), new FakeServer(), new FakeLocks()]
    server.failing = () => 'offline'
    const first = new Page(disk, server, locks)
    first.record()(48_000)
    await expect.poll(() => first.keeper.statusOf(TAPE_ID)?.capturedMs).toBe(1_000)
    first.die()
    server.failing = () => null
    const second = new Page(disk, server, locks)
    await second.keeper.takeLeftovers()
    await expect.poll(() => server.ended).toHaveLength(1)
    expect(server.opened).toHaveLength(1)
    expect(await soundAt(server)).toEqual(samplesAt(0, 48_000))
  })

  it('another page does not touch a tape that is being captured, and takes it over when its page dies', async () => {
    const [disk, server, locks] = [new FakeDisk(), new FakeServer(), new FakeLocks()]
    const first = new Page(disk, server, locks)
    const say = first.record()
    say(48_000)
    await expect.poll(() => first.keeper.statusOf(TAPE_ID)?.capturedMs).toBe(1_000)
    const second = new Page(disk, server, locks)
    await second.keeper.takeLeftovers()
    await settle()
    expect(second.keeper.statusOf(TAPE_ID)).toBeNull()
    say(48_000)
    await expect.poll(() => first.keeper.statusOf(TAPE_ID)?.capturedMs).toBe(2_000)
    expect(server.chunks.size).toBe(0)
    first.die()
    await expect.poll(() => server.ended).toEqual([{ chunkCount: 1, sampleCount: 96_000, end: 'lost' }])
    expect(await soundAt(server)).toEqual(samplesAt(0, 96_000))
  })

  it('each page knows of the tapes of the others', async () => {
    const [disk, server, locks] = [new FakeDisk(), new FakeServer(), new FakeLocks()]
    const [first, second] = [new Page(disk, server, locks), new Page(disk, server, locks)]
    first.record()(48_000)
    await expect.poll(() => first.keeper.statusOf(TAPE_ID)?.capturedMs).toBe(1_000)
    await expect
      .poll(async () => {
        await first.clock.advance(500)
        await second.clock.advance(500)
        return second.tapes.map(({ tapeId, isElsewhere }) => [tapeId, isElsewhere])
      })
      .toEqual([[TAPE_ID, true]])
    expect(first.tapes.map(({ isElsewhere }) => isElsewhere)).toEqual([false])
  })

  it('a tape of another server stays, and says so', async () => {
    const [disk, server, locks] = [new FakeDisk(), new FakeServer(), new FakeLocks()]
    server.failing = () => 'offline'
    const first = new Page(disk, server, locks)
    const { port1, port2 } = new MessageChannel()
    first.keeper.begin(beginning({ serverUrl: 'https://other.example' }), {
      kind: 'worklet',
      port: port2,
      rateHz: 48_000,
    })
    port1.postMessage([new Float32Array(48_000)])
    await expect.poll(() => first.keeper.statusOf(TAPE_ID)?.capturedMs).toBe(1_000)
    first.keeper.finish(TAPE_ID, 'left')
    await expect.poll(() => first.keeper.statusOf(TAPE_ID)?.phase).toBe('sending')
    expect(first.keeper.statusOf(TAPE_ID)?.troubles).toEqual([
      { kind: 'other-server', serverUrl: 'https://other.example' },
    ])
    expect(server.asked.open).toBe(0)
  })

  it('a tape that is thrown away is gone', async () => {
    const [disk, server, locks] = [new FakeDisk(), new FakeServer(), new FakeLocks()]
    server.failing = () => 'token-expired'
    const page = new Page(disk, server, locks)
    page.record()(48_000)
    await expect.poll(() => page.keeper.statusOf(TAPE_ID)?.capturedMs).toBe(1_000)
    page.keeper.finish(TAPE_ID, 'left')
    await expect
      .poll(() => page.keeper.statusOf(TAPE_ID)?.troubles)
      .toEqual([{ kind: 'refused', reason: 'token-expired' }])
    await page.keeper.discard(TAPE_ID)
    expect(await disk.tapes()).toEqual([])
  })
})
