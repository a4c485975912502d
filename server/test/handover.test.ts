import { existsSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RoomId, type TapeId, tapeIdSchema } from '../../sfu-core/contract/ids.ts'
import type { Recording } from '../../sfu-core/contract/state.ts'
import type { TakeManifest } from '../../sfu-core/contract/take.ts'
import { CHUNK_HASH_HEADER, HANDOVER_PATH, type HandoverList, handoverListSchema } from '../contract/handover.ts'
import type { TapeGrant } from '../contract/views.ts'
import { sha256Of } from '../tapes/flac.fixture.ts'
import { type FakeNode, startFakeNode } from './fake-node.ts'
import { cleanUp, connect, newPerson, reasonOf, startServer, type TestServer } from './harness.ts'
import { CHUNK_SAMPLES, makeChunk, openTape, type Seated, sendChunk, sitDown, startTake } from './tape-sender.ts'

/** A host whose room keeps its recordings on their own computer, that computer, and a guest on stage. */
let server: TestServer
let host: Awaited<ReturnType<typeof newPerson>>
let node: FakeNode
let nodeToken: string
let roomId: RoomId
let take: Recording
let speaker: Seated

beforeAll(async () => {
  server = await startServer()
  host = await newPerson(server, 'Host')
  ;({ node, nodeToken } = await computerOf(host))
  roomId = await liveRoom(host, node)
  speaker = await sitDown(connect(server), { roomId, node, name: 'Ana' })
  take = await startTake(node, roomId)
  await node.link.reportTake(manifestOf(take))
})
afterAll(async () => {
  await node.close()
  await cleanUp()
})

async function computerOf(owner: typeof host): Promise<{ node: FakeNode; nodeToken: string }> {
  const enrolled = await owner.client.api.nodes.enroll.mutate({ name: 'My PC' })
  const computer = startFakeNode(server, {
    credential: { nodeToken: enrolled.nodeToken },
    registration: { kind: 'desktop', takeStorage: 'kept' },
    snapshots: true,
  })
  await computer.up()
  return { node: computer, nodeToken: enrolled.nodeToken }
}

async function liveRoom(owner: typeof host, computer: FakeNode): Promise<RoomId> {
  const wish = { title: 'At home', visibility: 'public', hosting: 'desktop', recordingsKept: 'host' } as const
  const room = await owner.client.api.rooms.create.mutate(wish)
  await owner.client.api.rooms.goLive.mutate({ roomId: room.roomId, nodeId: computer.welcomes[0]?.nodeId })
  return room.roomId
}

function manifestOf({ takeId, startedAtMs }: Recording): TakeManifest {
  return {
    version: 1,
    takeId,
    roomId,
    roomTitle: 'At home',
    startedAtMs,
    endedAtMs: null,
    endedBy: null,
    continues: null,
    participants: [],
    tracks: [],
    timeline: [],
  }
}

interface Call {
  method?: string
  token?: string
  sha256?: string
}

const call = (place: string, { method = 'GET', token = nodeToken, sha256 }: Call = {}) =>
  fetch(`${server.url}${HANDOVER_PATH}${place}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(sha256 === undefined ? {} : { [CHUNK_HASH_HEADER]: sha256 }) },
  })
const reasonIn = async (response: Response) => ((await response.json()) as { reason: string }).reason
const listFor = async (token = nodeToken): Promise<HandoverList> =>
  handoverListSchema.parse(await (await call('', { token })).json())
const waiting = async (tapeId: TapeId) =>
  (await listFor()).chunks.filter((chunk) => chunk.tapeId === tapeId).map(({ header }) => header.index)
const placeOf = ({ tapeId }: TapeGrant, index: number) => `/${tapeId}/chunks/${index}`
const fileOf = ({ tapeId }: TapeGrant, index: number) =>
  path.join(server.dataFolder, 'takes', roomId, take.takeId, 'tapes', tapeId, `00000${index}.flac`)

/** A tape with its first chunks sent. */
async function tapeWith(chunkCount: number): Promise<TapeGrant> {
  const grant = await openTape(speaker, take)
  for (let index = 0; index < chunkCount; index++) {
    expect((await sendChunk(server, await makeChunk(index), grant)).status).toBe(200)
  }
  return grant
}

async function confirm(grant: TapeGrant, index: number): Promise<number> {
  const { sha256 } = (await makeChunk(index)).header
  return (await call(placeOf(grant, index), { method: 'DELETE', sha256 })).status
}

describe('a room that keeps its recordings on the host`s computer', () => {
  it('says so to everybody, before they come in', async () => {
    const seen = await connect(server).api.rooms.get.query({ roomId })
    expect(seen).toMatchObject({ recordingsKept: 'host', hosting: 'desktop' })
    expect((await host.client.api.takes.mine.query())[0]).toMatchObject({ recordingsKept: 'host', storage: 'kept' })
  })

  it('is hosted there: a relay`s room cannot be such a one', async () => {
    const wish = { title: 'No', visibility: 'public', hosting: 'relay', recordingsKept: 'host' } as const
    expect(await reasonOf(host.client.api.rooms.create.mutate(wish))).toMatchObject({ reason: 'input-invalid' })
  })

  it('has its chunks fetched, and removes each one once it is confirmed, never before', async () => {
    const grant = await tapeWith(2)
    const chunk = await makeChunk(0)
    expect(await host.client.api.nodes.waiting.query({ name: 'My PC' })).toEqual({ tapes: 1 })
    expect(await host.client.api.nodes.waiting.query({ name: 'My laptop' })).toEqual({ tapes: 0 })
    const tape = (await listFor()).tapes.find(({ tapeId }) => tapeId === grant.tapeId)
    expect(tape).toMatchObject({ takeId: take.takeId, roomId, name: 'Ana', channels: 1, end: null, isComplete: false })
    expect(await waiting(grant.tapeId)).toEqual([0, 1])

    const fetched = await call(placeOf(grant, 0))
    expect(sha256Of(Buffer.from(await fetched.arrayBuffer()))).toBe(chunk.header.sha256)
    expect(existsSync(fileOf(grant, 0))).toBe(true)

    const wrong = await call(placeOf(grant, 0), { method: 'DELETE', sha256: (await makeChunk(1)).header.sha256 })
    expect([wrong.status, await reasonIn(wrong)]).toEqual([422, 'chunk-damaged'])
    expect((await call(placeOf(grant, 0), { method: 'DELETE' })).status).toBe(400)
    expect(existsSync(fileOf(grant, 0))).toBe(true)
    expect(await waiting(grant.tapeId)).toEqual([0, 1])

    expect(await confirm(grant, 0)).toBe(204)
    expect(existsSync(fileOf(grant, 0))).toBe(false)
    expect(existsSync(fileOf(grant, 1))).toBe(true)
    expect(await confirm(grant, 0)).toBe(204)
    expect(await waiting(grant.tapeId)).toEqual([1])
    expect((await call(placeOf(grant, 0))).status).toBe(404)
  })

  it('still answers with the same receipt for a chunk that went on, and asks for it no more', async () => {
    const grant = await tapeWith(1)
    const first = (await sendChunk(server, await makeChunk(0), grant)).receipt
    await confirm(grant, 0)
    const again = await sendChunk(server, await makeChunk(0), grant)
    expect([again.status, again.receipt]).toEqual([200, first])
    expect(existsSync(fileOf(grant, 0))).toBe(false)
    expect(await waiting(grant.tapeId)).toEqual([])
    const state = await speaker.client.api.tapes.state.query({ token: grant.token })
    expect(state).toMatchObject({ contiguousChunks: 1 })
    expect((await sendChunk(server, await makeChunk(1), grant)).status).toBe(200)
  })

  it('lets go of a tape when its end, too, is on the computer', async () => {
    const grant = await tapeWith(2)
    const close = () => call(`/${grant.tapeId}`, { method: 'DELETE' })
    expect(await reasonIn(await close())).toBe('take-not-ready')
    const declared = { token: grant.token, chunkCount: 2, sampleCount: 2 * CHUNK_SAMPLES, end: 'left' as const }
    await speaker.client.api.tapes.end.mutate(declared)
    expect(await reasonIn(await close())).toBe('take-not-ready')
    for (const index of [0, 1]) await confirm(grant, index)
    const tape = (await listFor()).tapes.find(({ tapeId }) => tapeId === grant.tapeId)
    expect(tape).toMatchObject({ end: 'left', declaredSamples: 2 * CHUNK_SAMPLES, isComplete: true })
    expect((await close()).status).toBe(204)
    expect((await close()).status).toBe(204)
    expect((await listFor()).tapes.map(({ tapeId }) => tapeId)).not.toContain(grant.tapeId)
    expect(existsSync(path.dirname(fileOf(grant, 0)))).toBe(false)
  })

  it('tells nobody else', async () => {
    const grant = await tapeWith(1)
    const other = await newPerson(server, 'Other')
    const { nodeToken: foreign } = await other.client.api.nodes.enroll.mutate({ name: 'Their PC' })
    expect(await listFor(foreign)).toEqual({ tapes: [], chunks: [] })
    const { sha256 } = (await makeChunk(0)).header
    for (const [place, how] of [
      [placeOf(grant, 0), {}],
      [placeOf(grant, 0), { method: 'DELETE', sha256 }],
      [`/${grant.tapeId}`, { method: 'DELETE' }],
    ] as const) {
      const response = await call(place, { ...how, token: foreign })
      expect([response.status, await reasonIn(response)]).toEqual([403, 'not-allowed'])
    }
    for (const token of ['', 'nonsense', grant.token, server.relayKey]) {
      expect((await call('', { token })).status).toBe(401)
    }
    const second = await host.client.api.nodes.enroll.mutate({ name: 'My laptop' })
    expect(await listFor(second.nodeToken)).toEqual({ tapes: [], chunks: [] })
    expect(existsSync(fileOf(grant, 0))).toBe(true)
  })

  it('hands over nothing of a room whose recordings stay with the server', async () => {
    const room = await host.client.api.rooms.create.mutate({ title: 'x', visibility: 'public', hosting: 'desktop' })
    expect(room.recordingsKept).toBe('server')
    await host.client.api.rooms.goLive.mutate({ roomId: room.roomId, nodeId: node.welcomes[0]?.nodeId })
    const person = await sitDown(connect(server), { roomId: room.roomId, node, name: 'Bo' })
    const other = await startTake(node, room.roomId)
    await node.link.reportTake({ ...manifestOf(other), roomId: room.roomId })
    const grant = await openTape(person, other)
    const chunk = await makeChunk(0)
    await sendChunk(server, chunk, grant)
    expect((await listFor()).tapes.map(({ tapeId }) => tapeId)).not.toContain(grant.tapeId)
    const removal = await call(placeOf(grant, 0), { method: 'DELETE', sha256: chunk.header.sha256 })
    expect(await reasonIn(removal)).toBe('not-allowed')
    const file = path.join(server.dataFolder, 'takes', room.roomId, other.takeId, 'tapes', grant.tapeId, '000000.flac')
    expect(existsSync(file)).toBe(true)
  })

  it('is not put together by the server', async () => {
    const start = host.client.api.studio.start.mutate({ takeId: take.takeId, request: { kind: 'assemble' } })
    expect(await reasonOf(start)).toMatchObject({ reason: 'kept-by-host' })
  })

  it('goes on where it was after the server was killed', async () => {
    const grant = await tapeWith(3)
    await confirm(grant, 1)
    await server.kill()
    server = await startServer({ dataFolder: server.dataFolder, databaseUrl: server.databaseUrl })
    expect(await waiting(tapeIdSchema.parse(grant.tapeId))).toEqual([0, 2])
    expect(await confirm(grant, 1)).toBe(204)
    expect(await confirm(grant, 0)).toBe(204)
    expect(await confirm(grant, 2)).toBe(204)
    expect(await waiting(grant.tapeId)).toEqual([])
  })
})
