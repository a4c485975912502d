import { createPublicKey, verify } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RoomId } from '../../sfu-core/contract/ids.ts'
import type { Recording } from '../../sfu-core/contract/state.ts'
import type { TakeManifest } from '../../sfu-core/contract/take.ts'
import { type Receipt, receiptText, type TapeOpening } from '../../sfu-core/contract/tape.ts'
import type { TapeGrant } from '../contract/views.ts'
import { encodeFlac, sha256Of } from '../tapes/flac.fixture.ts'
import type { FakeNode } from './fake-node.ts'
import { cleanUp, connect, reasonOf, startServer, type TestServer } from './harness.ts'
import {
  CHUNK_SAMPLES,
  headerText,
  makeChunk,
  opening,
  openTape,
  recordedRoom,
  type Seated,
  sendChunk,
  sitDown,
  startTake,
} from './tape-sender.ts'

let server: TestServer
let node: FakeNode
let roomId: RoomId
let take: Recording
let speaker: Seated

beforeAll(async () => {
  server = await startServer()
  const room = await recordedRoom(server)
  node = room.node
  roomId = room.roomId
  take = room.take
  speaker = room.speaker
})
afterAll(async () => {
  await node.close()
  await cleanUp()
})

const open = (person: Seated, change: Partial<TapeOpening> = {}) => openTape(person, take, change)

const folderOf = (tapeId: string) => path.join(server.dataFolder, 'takes', roomId, take.takeId, 'tapes', tapeId)

function isSigned(receipt: Receipt): boolean {
  const key = createPublicKey(readFileSync(path.join(server.dataFolder, 'keys', 'signing.pem')))
  return verify(null, Buffer.from(receiptText(receipt)), key, Buffer.from(receipt.signature, 'base64url'))
}

/** A tape with its first chunks sent. */
async function tapeWith(chunkCount: number): Promise<TapeGrant> {
  const grant = await open(speaker)
  for (let index = 0; index < chunkCount; index++) {
    expect((await sendChunk(server, await makeChunk(index), grant)).status).toBe(200)
  }
  return grant
}

const stateOf = ({ token }: TapeGrant) => speaker.client.api.tapes.state.query({ token })

describe('a tape', () => {
  it('is opened, sent, and ended; each chunk lies on the disk before its receipt', async () => {
    const grant = await open(speaker)
    expect(await stateOf(grant)).toEqual({ contiguousChunks: 0, later: [], ended: false })
    for (const index of [0, 1, 2]) {
      const chunk = await makeChunk(index)
      const { status, receipt } = await sendChunk(server, chunk, grant)
      expect(status).toBe(200)
      const { firstSample, sampleCount, sha256 } = chunk.header
      expect(receipt).toMatchObject({ tapeId: grant.tapeId, index, firstSample, sampleCount, sha256 })
      expect(isSigned(receipt)).toBe(true)
      expect(isSigned({ ...receipt, sampleCount: sampleCount + 1 })).toBe(false)
      expect(readFileSync(path.join(folderOf(grant.tapeId), `00000${index}.flac`)).equals(chunk.flac)).toBe(true)
    }
    const declared = { token: grant.token, chunkCount: 3, sampleCount: 3 * CHUNK_SAMPLES, end: 'left' as const }
    await speaker.client.api.tapes.end.mutate(declared)
    await speaker.client.api.tapes.end.mutate(declared)
    expect(await stateOf(grant)).toEqual({ contiguousChunks: 3, later: [], ended: true })
  })

  it('that is opened again is the same one', async () => {
    const tape = opening(take)
    const [first, second] = await Promise.all(
      [0, 1].map(() => speaker.client.api.tapes.open.mutate({ seat: speaker.seat, opening: tape })),
    )
    expect(first?.tapeId).toBe(tape.tapeId)
    if (!first || !second) throw new Error('no grants')
    await sendChunk(server, await makeChunk(0), first)
    expect(await stateOf(second)).toMatchObject({ contiguousChunks: 1 })
  })

  it('may come in any order: what is behind a hole is told, and counts when the hole is filled', async () => {
    const grant = await tapeWith(1)
    for (const index of [4, 2]) expect((await sendChunk(server, await makeChunk(index), grant)).status).toBe(200)
    expect(await stateOf(grant)).toEqual({ contiguousChunks: 1, later: [2, 4], ended: false })
    await sendChunk(server, await makeChunk(1), grant)
    expect(await stateOf(grant)).toEqual({ contiguousChunks: 3, later: [4], ended: false })
    await sendChunk(server, await makeChunk(3), grant)
    expect(await stateOf(grant)).toEqual({ contiguousChunks: 5, later: [], ended: false })
  })

  it('may be stereo', async () => {
    const grant = await open(speaker, { channels: 2 })
    const flac = await encodeFlac(CHUNK_SAMPLES, { channels: 2 })
    const { header } = await makeChunk(0, { sha256: sha256Of(flac) })
    expect((await sendChunk(server, { header, flac }, grant)).status).toBe(200)
  })

  it('has a clock: the take`s, by its node', async () => {
    const { token } = await open(speaker)
    const clock = await speaker.client.api.tapes.clock.query({ token })
    expect(clock.takeId).toBe(take.takeId)
    expect(clock.takeMs).toBeGreaterThanOrEqual(0)
    const again = await speaker.client.api.tapes.clock.query({ token })
    expect(again.takeMs).toBeGreaterThanOrEqual(clock.takeMs)
  })
})

describe('the same chunk', () => {
  it('again gets the same receipt, and is not read again', async () => {
    const grant = await open(speaker)
    const chunk = await makeChunk(0)
    const first = await sendChunk(server, chunk, grant)
    const second = await sendChunk(server, chunk, { ...grant, body: Buffer.from('not looked at') })
    expect(second).toEqual(first)
    const other = await makeChunk(0, { sampleCount: CHUNK_SAMPLES + 1 })
    expect(await sendChunk(server, other, grant)).toMatchObject({ status: 409, reason: 'chunk-conflict' })
  })

  it('many times at once is stored once', async () => {
    const grant = await open(speaker)
    const chunk = await makeChunk(0)
    const sent = await Promise.all(Array.from({ length: 5 }, () => sendChunk(server, chunk, grant)))
    expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(sent.map(({ receipt }) => receipt.signature)).size).toBe(1)
    expect(await stateOf(grant)).toMatchObject({ contiguousChunks: 1 })
  })

  it('two different ones at once at one place: one is stored, the other refused', async () => {
    const grant = await open(speaker)
    const [one, other] = [await makeChunk(0), await makeChunk(0, { sampleCount: CHUNK_SAMPLES + 7 })]
    const sent = await Promise.all([sendChunk(server, one, grant), sendChunk(server, other, grant)])
    expect(sent.map(({ status }) => status).sort()).toEqual([200, 409])
    const kept = sent[0]?.status === 200 ? one : other
    expect(readFileSync(path.join(folderOf(grant.tapeId), '000000.flac')).equals(kept.flac)).toBe(true)
  })

  it('whose file was lost is taken in anew, with the receipt of old', async () => {
    const grant = await open(speaker)
    const chunk = await makeChunk(0)
    const first = await sendChunk(server, chunk, grant)
    const file = path.join(folderOf(grant.tapeId), '000000.flac')
    rmSync(file)
    expect(await sendChunk(server, chunk, grant)).toEqual(first)
    expect(readFileSync(file).equals(chunk.flac)).toBe(true)
  })
})

describe('a chunk is refused', () => {
  it('with a token of something else, of another tape, or of none', async () => {
    const [mine, other] = [await open(speaker), await open(speaker)]
    const chunk = await makeChunk(0)
    const withToken = (token: string) => sendChunk(server, chunk, { tapeId: mine.tapeId, token })
    expect(await withToken(other.token)).toMatchObject({ status: 403, reason: 'not-allowed' })
    expect(await withToken(speaker.seat)).toMatchObject({ status: 401, reason: 'token-wrong-audience' })
    expect(await withToken(`${mine.token}x`)).toMatchObject({ status: 401, reason: 'token-altered' })
    expect(await withToken('')).toMatchObject({ status: 401, reason: 'token-malformed' })
    expect(existsSync(folderOf(mine.tapeId))).toBe(false)
  })

  it('that arrives damaged, and is taken when it is sent again', async () => {
    const grant = await open(speaker)
    const chunk = await makeChunk(0)
    const body = Buffer.from(chunk.flac)
    body.writeUInt8(body.readUInt8(5_000) ^ 1, 5_000)
    expect(await sendChunk(server, chunk, { ...grant, body })).toMatchObject({ status: 422, reason: 'chunk-damaged' })
    expect(await sendChunk(server, chunk, { ...grant, body: chunk.flac.subarray(0, 900) })).toMatchObject({
      status: 422,
    })
    expect((await sendChunk(server, chunk, grant)).status).toBe(200)
    expect(readdirSync(path.join(server.dataFolder, 'takes', '.incoming'))).toEqual([])
  })

  it('that is no FLAC, or other FLAC than its header tells', async () => {
    const grant = await open(speaker)
    const wrong = [
      Buffer.from('RIFF'),
      await encodeFlac(CHUNK_SAMPLES, { channels: 2 }),
      await encodeFlac(CHUNK_SAMPLES, { sampleRateHz: 44_100 }),
      await encodeFlac(CHUNK_SAMPLES, { bitsPerSample: 16 }),
      await encodeFlac(CHUNK_SAMPLES * 3, { declaredSamples: CHUNK_SAMPLES }),
      await encodeFlac(CHUNK_SAMPLES * 3, { declaredSamples: 0 }),
    ]
    for (const flac of wrong) {
      const { header } = await makeChunk(0, { sha256: sha256Of(flac) })
      expect(await sendChunk(server, { header, flac }, grant)).toMatchObject({ status: 422, reason: 'chunk-damaged' })
    }
    expect(await stateOf(grant)).toMatchObject({ contiguousChunks: 0 })
  })

  it('that overlaps others, leaves samples out, or is absurdly far', async () => {
    const grant = await tapeWith(2)
    const wrong = [
      await makeChunk(2, { firstSample: 2 * CHUNK_SAMPLES - 1 }),
      await makeChunk(2, { firstSample: 2 * CHUNK_SAMPLES + 1 }),
      await makeChunk(2, { firstSample: 0 }),
      await makeChunk(9, { firstSample: 2 * CHUNK_SAMPLES }),
      await makeChunk(3, { firstSample: 1e12 }),
      await makeChunk(999_999, { firstSample: 1e11 }),
    ]
    for (const chunk of wrong) {
      expect(await sendChunk(server, chunk, grant)).toMatchObject({ status: 409, reason: 'chunk-conflict' })
    }
    const { token } = grant
    const end = { token, chunkCount: 2, sampleCount: 2 * CHUNK_SAMPLES, end: 'off-stage' as const }
    await speaker.client.api.tapes.end.mutate(end)
    expect(await sendChunk(server, await makeChunk(2), grant)).toMatchObject({ reason: 'chunk-conflict' })
    await speaker.client.api.tapes.end.mutate({ ...end, chunkCount: 3, sampleCount: 3 * CHUNK_SAMPLES })
    expect(await sendChunk(server, await makeChunk(2), grant)).toMatchObject({ status: 200 })
    const short = speaker.client.api.tapes.end.mutate(end)
    expect(await reasonOf(short)).toMatchObject({ reason: 'chunk-conflict' })
  })

  it('with a header that is none, too long, or of another address', async () => {
    const grant = await open(speaker)
    const chunk = await makeChunk(0)
    const withHeader = (text: string) => sendChunk(server, chunk, { ...grant, headers: { 'x-engawa-chunk': text } })
    const tooMany = { ...chunk.header, marks: Array.from({ length: 161 }, () => [1, 1]) }
    for (const text of ['', '{', headerText({}), headerText({ ...chunk.header, sha256: 'x' }), headerText(tooMany)]) {
      expect(await withHeader(text)).toMatchObject({ status: 400, reason: 'input-invalid' })
    }
    expect(await withHeader('x'.repeat(12_500))).toMatchObject({ status: 400, reason: 'input-invalid' })
    const elsewhere = { ...grant, url: `${server.url}/api/tapes/${grant.tapeId}/chunks/1` }
    expect(await sendChunk(server, chunk, elsewhere)).toMatchObject({ status: 400, reason: 'input-invalid' })
    for (const place of ['..%2f..%2fx/chunks/0', `${grant.tapeId}/chunks/-1`, `${grant.tapeId}/chunks/1e3`]) {
      const url = `${server.url}/api/tapes/${place}`
      expect(await sendChunk(server, chunk, { ...grant, url })).toMatchObject({ status: 400, reason: 'input-invalid' })
    }
  })
})

it('the desktop app, whose page is of another origin, may send chunks; pages of others may not', async () => {
  const grant = await open(speaker)
  const chunk = await makeChunk(0)
  const url = `${server.url}/api/tapes/${grant.tapeId}/chunks/0`
  const asked = await fetch(url, {
    method: 'OPTIONS',
    headers: {
      origin: 'app://engawa',
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization,content-type,x-engawa-chunk',
    },
  })
  expect(asked.headers.get('access-control-allow-origin')).toBe('app://engawa')
  expect(asked.headers.get('access-control-allow-methods')).toContain('PUT')
  expect(asked.headers.get('access-control-allow-headers')).toContain('x-engawa-chunk')
  const evil = await sendChunk(server, chunk, { ...grant, headers: { origin: 'https://evil.example.org' } })
  expect(evil).toMatchObject({ status: 403, reason: 'not-allowed' })
  const desktop = await sendChunk(server, chunk, { ...grant, headers: { origin: 'app://engawa' } })
  expect(desktop.status).toBe(200)
})

describe('a tape is opened only', () => {
  it('by who is on stage of that recording and agreed', async () => {
    const silent = await sitDown(connect(server), { roomId, node, name: 'No', change: { recordingConsent: false } })
    expect(await reasonOf(open(silent))).toMatchObject({ reason: 'consent-needed' })
    const listener = await sitDown(connect(server), { roomId, node, name: 'Hand', change: { onStage: false } })
    expect(await reasonOf(open(listener))).toMatchObject({ reason: 'not-on-stage' })
    const elsewhere = { ...opening(take), takeId: take.takeId.replace('take', 'x') as typeof take.takeId }
    const other = speaker.client.api.tapes.open.mutate({ seat: speaker.seat, opening: elsewhere })
    expect(await reasonOf(other)).toMatchObject({ reason: 'no-take' })
    const noSeat = speaker.client.api.tapes.open.mutate({ seat: 'x', opening: opening(take) })
    expect(await reasonOf(noSeat)).toMatchObject({ reason: 'token-malformed' })
  })

  it('by its own speaker, with its own facts', async () => {
    const { tapeId } = await open(speaker)
    const thief = await sitDown(connect(server), { roomId, node, name: 'Thief' })
    expect(await reasonOf(open(thief, { tapeId }))).toMatchObject({ reason: 'not-allowed' })
    expect(await reasonOf(open(speaker, { tapeId, channels: 2 }))).toMatchObject({ reason: 'input-invalid' })
  })

  it('after the recording by whom the take names as recorded', async () => {
    const late = await sitDown(connect(server), { roomId, node, name: 'Late' })
    const never = await sitDown(connect(server), { roomId, node, name: 'Never' })
    const over = await startTake(node, roomId)
    await node.tell(roomId, [{ type: 'recording', recording: null }])
    await node.link.reportTake(manifestOf(over, late))
    const grant = await openTape(late, over)
    expect((await sendChunk(server, await makeChunk(0), grant)).status).toBe(200)
    expect(await reasonOf(late.client.api.tapes.clock.query({ token: grant.token }))).toMatchObject({
      reason: 'no-take',
    })
    take = await startTake(node, roomId)
    expect(await reasonOf(openTape(never, over))).toMatchObject({ reason: 'consent-needed' })
  })
})

function manifestOf({ takeId, startedAtMs }: Recording, { participant }: Seated): TakeManifest {
  const { id: participantId, number, name, guest } = participant
  return {
    version: 1,
    takeId,
    roomId,
    roomTitle: 'Tapes',
    startedAtMs,
    endedAtMs: startedAtMs + 1_000,
    endedBy: 'stopped',
    continues: null,
    participants: [{ participantId, number, name, guest }],
    tracks: [],
    timeline: [{ atMs: 0, type: 'consented', participantId }],
  }
}
