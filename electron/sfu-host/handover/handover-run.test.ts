import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { HandoverList, HandoverTape } from '../../../server/contract/handover.ts'
import { participantIdSchema, roomIdSchema, takeIdSchema, tapeIdSchema } from '../../../sfu-core/contract/ids.ts'
import type { TapeChunkHeader } from '../../../sfu-core/contract/tape.ts'
import { keptTapes, sha256Of } from '../../files/kept-tapes.ts'
import type { HandoverClient } from './handover-client.ts'
import { HandoverRun } from './handover-run.ts'

const tape = (change: Partial<HandoverTape> = {}): HandoverTape => ({
  tapeId: tapeIdSchema.parse('tape-1'),
  roomId: roomIdSchema.parse('room-1'),
  takeId: takeIdSchema.parse('take-1'),
  participantId: participantIdSchema.parse('ana'),
  name: 'Ana',
  source: 'processed',
  channels: 1,
  deviceLabel: 'A microphone',
  end: null,
  declaredSamples: null,
  isComplete: false,
  ...change,
})

const soundOf = (index: number) => new TextEncoder().encode(`FLAC of chunk ${index}`)

const headerOf = (index: number): TapeChunkHeader => ({
  index,
  firstSample: index * 100,
  sampleCount: 100,
  sha256: sha256Of(soundOf(index)),
  marks: [],
  syncs: [],
  notes: [],
  capturedSamples: (index + 1) * 100,
})

/** A server with those chunks, as one that follows the contract would be. */
class FakeServer implements HandoverClient {
  readonly calls: string[] = []
  readonly waiting: number[]
  tapes: HandoverTape[] = [tape()]
  damaged = new Set<number>()
  isDown = false

  constructor(chunks: number) {
    this.waiting = Array.from({ length: chunks }, (_, index) => index)
  }

  async list(): Promise<HandoverList> {
    this.#call('list')
    const chunks = this.waiting.map((index) => ({
      tapeId: tape().tapeId,
      header: headerOf(index),
      sizeBytes: soundOf(index).length,
    }))
    return { tapes: this.tapes, chunks }
  }
  async chunk(_tapeId: string, index: number): Promise<Uint8Array> {
    this.#call(`get ${index}`)
    return this.damaged.has(index) ? new Uint8Array([1]) : soundOf(index)
  }
  async confirm(_tapeId: string, index: number, sha256: string): Promise<void> {
    this.#call(`confirm ${index}`)
    if (sha256 !== headerOf(index).sha256) throw new Error('chunk-damaged')
    this.waiting.splice(this.waiting.indexOf(index), 1)
  }
  async close(tapeId: string): Promise<void> {
    this.#call(`close ${tapeId}`)
    this.tapes = this.tapes.filter((one) => one.tapeId !== tapeId)
  }
  #call(call: string): void {
    if (this.isDown) throw new Error('the server is away')
    this.calls.push(call)
  }
}

function computer(server: FakeServer, { hasTake = true, takesFolder = newFolder() } = {}) {
  const takeFolder = path.join(takesFolder, 'room-1', 'take-1')
  if (hasTake) {
    mkdirSync(takeFolder, { recursive: true })
    writeFileSync(path.join(takeFolder, 'take.json'), '{}')
  }
  const waits: { delayMs: number; call(): void }[] = []
  const warnings: string[] = []
  const run = new HandoverRun({
    client: server,
    takesFolder,
    after: (delayMs, call) => {
      waits.push({ delayMs, call })
      return () => {}
    },
    log: { info: () => {}, warn: (_fields, message) => warnings.push(message) },
  })
  /** One look, to its end. */
  const look = async () => {
    const before = waits.length
    run.wake()
    await expect.poll(() => waits.length).toBe(before + 1)
    return waits.at(-1)?.delayMs
  }
  return { run, look, takesFolder, takeFolder, warnings }
}

const newFolder = () => mkdtempSync(path.join(tmpdir(), 'engawa-handover-'))

test('chunks are brought into the take`s folder, for its owner alone, and confirmed when they are there', async () => {
  const server = new FakeServer(2)
  const { look, takeFolder } = computer(server)
  await look()
  expect([...server.calls].sort()).toEqual(['confirm 0', 'confirm 1', 'get 0', 'get 1', 'list'])
  expect(server.calls.indexOf('confirm 0')).toBeGreaterThan(server.calls.indexOf('get 0'))
  const [kept] = await keptTapes(takeFolder)
  expect(kept).toMatchObject({ tapeId: 'tape-1', name: 'Ana', end: null })
  expect(kept?.chunks.map(({ header, file }) => [header, readFileSync(file, 'utf8')])).toEqual([
    [headerOf(0), 'FLAC of chunk 0'],
    [headerOf(1), 'FLAC of chunk 1'],
  ])
  expect(statSync(kept?.chunks[0]?.file ?? '').mode & 0o777).toBe(0o600)
})

test('a chunk that arrives damaged is not confirmed, and does not keep the others back', async () => {
  const server = new FakeServer(2)
  server.damaged.add(0)
  const { look, takeFolder, warnings } = computer(server)
  await look()
  // Four are under way at a time, in any order.
  expect([...server.calls].sort()).toEqual(['confirm 1', 'get 0', 'get 1', 'list'])
  expect(warnings).toHaveLength(1)
  expect((await keptTapes(takeFolder))[0]?.chunks.map(({ header }) => header.index)).toEqual([1])
  server.damaged.clear()
  await look()
  expect((await keptTapes(takeFolder))[0]?.chunks.map(({ header }) => header.index)).toEqual([0, 1])
})

test('what an earlier run brought but could not confirm is not fetched again', async () => {
  const server = new FakeServer(1)
  const { look, takesFolder } = computer(server)
  server.confirm = async () => {
    throw new Error('the server is away')
  }
  await look()
  const again = new FakeServer(1)
  await computer(again, { takesFolder }).look()
  expect(again.calls).toEqual(['list', 'confirm 0'])
})

test('a file that was changed on the disk is fetched again', async () => {
  const server = new FakeServer(1)
  const { look, takesFolder, takeFolder } = computer(server)
  await look()
  writeFileSync(path.join(takeFolder, 'tapes', 'tape-1', '000000.flac'), 'half of it')
  const again = new FakeServer(1)
  await computer(again, { takesFolder }).look()
  expect(again.calls).toEqual(['list', 'get 0', 'confirm 0'])
})

test('takes of another computer are left alone', async () => {
  const server = new FakeServer(1)
  await computer(server, { hasTake: false }).look()
  expect(server.calls).toEqual(['list'])
})

test('a tape is closed when all of it is there, with its end', async () => {
  const server = new FakeServer(1)
  server.tapes = [tape({ end: 'left', declaredSamples: 100, isComplete: true })]
  const { look, takeFolder } = computer(server)
  await look()
  expect(server.calls).toEqual(['list', 'get 0', 'confirm 0', 'close tape-1'])
  expect((await keptTapes(takeFolder))[0]).toMatchObject({ end: 'left', declaredSamples: 100 })
})

test('a server that is away is asked again, ever more seldom', async () => {
  const server = new FakeServer(1)
  server.isDown = true
  const { look } = computer(server)
  const waits = []
  for (let times = 0; times < 6; times++) waits.push(await look())
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000])
  server.isDown = false
  expect(await look()).toBe(2_000)
})

test('after its end it looks no more', async () => {
  const server = new FakeServer(1)
  const { run } = computer(server)
  await run.close()
  run.wake()
  expect(server.calls).toEqual([])
})
