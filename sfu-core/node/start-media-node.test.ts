import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeIdSchema, roomIdSchema, takeIdSchema } from '../contract/ids.ts'
import { TAKE_FORMAT_VERSION, takeManifestSchema } from '../contract/take.ts'
import { publicKeySchema, ROOM_TOKEN_AUDIENCE, TOKEN_ALGORITHM, TOKEN_ISSUER } from '../contract/token.ts'
import { parseOpusPacket } from '../opus/toc.ts'
import { createFakeLink } from '../test/fake-link.ts'
import { createFakeTransport, GOOD_OFFER } from '../test/fake-transport.ts'
import { personId } from '../test/people.ts'
import { startMediaNode } from './start-media-node.ts'
import { makeTakeFolder } from './take-folder.ts'

const ROOM_ID = roomIdSchema.parse('room-1')
const NODE_ID = nodeIdSchema.parse('node-1')
const SILENT_LOG = { info: () => {}, warn: () => {}, error: () => {} }
/** A 20 ms CELT packet (RFC 6716 §3.1, config 31, mono, one frame). */
const OPUS_PACKET = new Uint8Array([0xf8, 0xff, 0xfe])

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(joinPath(tmpdir(), 'engawa-node-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

/** A node on real files, with a fake line and fake network. */
async function startNode() {
  const link = createFakeLink()
  const transport = createFakeTransport()
  const registration = { kind: 'relay', name: 'test', version: '0', takeStorage: 'shared' } as const
  const node = startMediaNode({ link, transport, registration, takesFolder: folder, log: SILENT_LOG })
  const keys = await generateKeyPair(TOKEN_ALGORITHM, { crv: 'Ed25519', extractable: true })
  const publicKey = publicKeySchema.parse(await exportJWK(keys.publicKey))
  const connect = async () => {
    await waitUntil(() => link.isOpen)
    const rooms = [{ roomId: ROOM_ID, title: 'A room', audiencePacketMs: 20 as const, snapshot: null }]
    await link.connect({ nodeId: NODE_ID, publicKey, rooms, nodeToken: null, stunServers: [] })
  }
  const join = async (name: string, role: string) => {
    const claims = { roomId: ROOM_ID, participantId: name, nodeId: NODE_ID, role, name, guest: false }
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: TOKEN_ALGORITHM })
      .setIssuer(TOKEN_ISSUER)
      .setAudience(ROOM_TOKEN_AUDIENCE)
      .setExpirationTime('1m')
      .sign(keys.privateKey)
    const answer = await link.request({ type: 'join', token, roomId: ROOM_ID, offerSdp: GOOD_OFFER })
    expect(answer).toMatchObject({ ok: true })
    const joined = transport.links.at(-1)
    if (!joined) throw new Error('no link')
    return joined
  }
  return { node, link, connect, join }
}

async function waitUntil(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve))
}

test('R21 R67 R146: voices go through the real forwarder into real files, and closing writes them', async () => {
  const { node, link, connect, join } = await startNode()
  await connect()
  const host = await join('host', 'host')
  const listener = await join('ann', 'listener')
  const startRecording = { type: 'act', roomId: ROOM_ID, participantId: personId('host') } as const
  expect(await link.request({ ...startRecording, action: { type: 'start-recording' } })).toEqual({
    ok: true,
    value: null,
  })
  for (let index = 0; index < 10; index += 1) {
    host.events.onUplink({ sequenceNumber: index, timestamp: index * 960, payload: OPUS_PACKET, levelDbov: 20 })
    listener.events.onUplink({ sequenceNumber: index, timestamp: index * 960, payload: OPUS_PACKET, levelDbov: 0 })
  }
  // Of ten frames at most two still wait for their packet to be full.
  const samples = listener.sent.map(({ packet }) => parseOpusPacket(packet.payload)?.packetSamples ?? 0)
  expect(samples.reduce((sum, some) => sum + some, 0)).toBeGreaterThanOrEqual(8 * 960)
  expect(new Set(listener.sent.map(({ packet }) => packet.speakerNumber))).toEqual(new Set([1]))
  expect(host.sent).toEqual([])
  await node.close()
  const reported = link.reports.at(-1)
  expect(reported).toMatchObject({ endedBy: 'node-closed', tracks: [{ participantId: 'host' }] })
  const takeFolder = joinPath(folder, ROOM_ID, reported?.takeId ?? '')
  expect(takeManifestSchema.parse(JSON.parse(await readFile(joinPath(takeFolder, 'take.json'), 'utf8')))).toEqual(
    reported,
  )
  expect(await readdir(takeFolder)).toEqual(expect.arrayContaining(['.reported', reported?.tracks[0]?.file]))
})

test('R144 R147: a take that a crash left open is closed and reported, once', async () => {
  const takeFolder = joinPath(folder, ROOM_ID, 'take-1')
  await mkdir(takeFolder, { recursive: true })
  const open = {
    version: TAKE_FORMAT_VERSION,
    takeId: 'take-1',
    roomId: ROOM_ID,
    roomTitle: 'A room',
    startedAtMs: 1_000,
    endedAtMs: null,
    endedBy: null,
    continues: null,
    participants: [],
    tracks: [],
    timeline: [],
  }
  await writeFile(joinPath(takeFolder, 'take.json'), JSON.stringify(open))
  const first = await startNode()
  await first.connect()
  await first.node.close()
  expect(first.link.reports).toMatchObject([{ takeId: 'take-1', endedBy: 'crash' }])
  const second = await startNode()
  await second.connect()
  await second.node.close()
  expect(second.link.reports).toEqual([])
})

test('R149: where the folder cannot be made no take begins', async () => {
  await writeFile(joinPath(folder, 'file'), '')
  const take = { roomId: ROOM_ID, takeId: takeIdSchema.parse('take-1') }
  await expect(makeTakeFolder(joinPath(folder, 'file'), take)).rejects.toMatchObject({ code: 'recording-failed' })
  expect(await makeTakeFolder(folder, take)).toBe(joinPath(folder, ROOM_ID, 'take-1'))
})
