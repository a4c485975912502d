import type { RoomId, TapeId } from '../../sfu-core/contract/ids.ts'
import { takeIdSchema, tapeIdSchema } from '../../sfu-core/contract/ids.ts'
import type { Participant, Recording } from '../../sfu-core/contract/state.ts'
import type { Receipt, TapeChunkHeader, TapeOpening } from '../../sfu-core/contract/tape.ts'
import type { ServerClient } from '../contract/client.ts'
import { TAPE_CHUNK_HEADER } from '../contract/inputs.ts'
import { encodeFlac, sha256Of } from '../tapes/flac.fixture.ts'
import { type FakeNode, startFakeNode } from './fake-node.ts'
import { connect, newPerson, type TestServer } from './harness.ts'

/** A page that records, as the server sees it. */

export const CHUNK_SAMPLES = 24_000

export interface Chunk {
  header: TapeChunkHeader
  flac: Buffer
}

/** Somebody who sits in a room. */
export interface Seated {
  client: ServerClient
  seat: string
  participant: Participant
}

let lastId = 0
export function newId(kind: string): string {
  lastId += 1
  return `${kind}-${process.pid}-${lastId}`
}

export const newTapeId = (): TapeId => tapeIdSchema.parse(newId('tape'))

/** Comes into the room, and on stage; agrees to be recorded unless it says otherwise. */
export async function sitDown(
  client: ServerClient,
  { roomId, node, change = {}, name }: { roomId: RoomId; node: FakeNode; change?: Partial<Participant>; name?: string },
): Promise<Seated> {
  const { seat, token } = await client.api.rooms.join.mutate({ roomId, ...(name !== undefined && { name }) })
  const answer = await client.api.rooms.offer.mutate({ token, offerSdp: 'v=0' })
  const participant = { ...answer.participant, onStage: true, recordingConsent: true, ...change }
  await node.tell(roomId, [{ type: 'participant', participant }])
  return { client, seat, participant }
}

export async function startTake(node: FakeNode, roomId: RoomId): Promise<Recording> {
  const recording = { takeId: takeIdSchema.parse(newId('take')), startedAtMs: Date.now() }
  await node.tell(roomId, [{ type: 'recording', recording }])
  return recording
}

export const opening = (take: Recording, change: Partial<TapeOpening> = {}): TapeOpening => ({
  takeId: take.takeId,
  tapeId: newTapeId(),
  source: 'processed',
  channels: 1,
  deviceLabel: 'A microphone',
  ...change,
})

/** The `index`-th chunk of a tape whose chunks are all equally long. */
export async function makeChunk(index: number, change: Partial<TapeChunkHeader> = {}): Promise<Chunk> {
  const { sampleCount = CHUNK_SAMPLES } = change
  const firstSample = index * CHUNK_SAMPLES
  const flac = await encodeFlac(sampleCount, { seed: index + 1 })
  const endSample = firstSample + sampleCount
  const atMs = endSample / 48
  const header: TapeChunkHeader = {
    index,
    firstSample,
    sampleCount,
    sha256: sha256Of(flac),
    marks: [[endSample, 1_000 + atMs]],
    syncs: [{ monotonicMs: 1_000 + atMs, takeMs: 5_000 + atMs, roundTripMs: 4 }],
    notes: [],
    capturedSamples: endSample,
    ...change,
  }
  return { header, flac }
}

export interface Sent {
  status: number
  receipt: Receipt
  reason: string
}

export interface Sending {
  tapeId: string
  token: string
  /** In place of what the chunk says. */
  headers?: Record<string, string>
  url?: string
  body?: Buffer
}

export const headerText = (header: object): string => Buffer.from(JSON.stringify(header)).toString('base64url')

export async function sendChunk(server: Pick<TestServer, 'url'>, { header, flac }: Chunk, to: Sending): Promise<Sent> {
  const response = await fetch(to.url ?? `${server.url}/api/tapes/${to.tapeId}/chunks/${header.index}`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${to.token}`,
      'content-type': 'audio/flac',
      [TAPE_CHUNK_HEADER]: headerText(header),
      ...to.headers,
    },
    body: new Uint8Array(to.body ?? flac),
  })
  const answer = await response.json()
  return { status: response.status, receipt: answer as Receipt, reason: (answer as { reason?: string }).reason ?? '' }
}

/** A room with its host and one speaker on stage, and a take that runs. */
export interface RecordedRoom {
  node: FakeNode
  host: Seated
  roomId: RoomId
  speaker: Seated
  take: Recording
}

export async function recordedRoom(server: TestServer): Promise<RecordedRoom> {
  const node = startFakeNode(server, { credential: { relayKey: server.relayKey }, snapshots: true })
  await node.up()
  const { client } = await newPerson(server, 'Host')
  const { roomId } = await client.api.rooms.create.mutate({ title: 'Tapes', visibility: 'public', hosting: 'relay' })
  await client.api.rooms.goLive.mutate({ roomId })
  const host = await sitDown(client, { roomId, node })
  const speaker = await sitDown(connect(server), { roomId, node, name: 'Ana' })
  return { node, host, roomId, speaker, take: await startTake(node, roomId) }
}

export const openTape = ({ client, seat }: Seated, take: Recording, change: Partial<TapeOpening> = {}) =>
  client.api.tapes.open.mutate({ seat, opening: opening(take, change) })
