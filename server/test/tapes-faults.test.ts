import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectSocket, type Socket } from 'node:net'
import path from 'node:path'
import process from 'node:process'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { TAPE_CHUNK_HEADER } from '../contract/inputs.ts'
import type { TapeGrant } from '../contract/views.ts'
import { startFakeNode } from './fake-node.ts'
import {
  cleanUp,
  FOREIGN_DATABASE_URL,
  newFolder,
  reasonOf,
  type ServerOptions,
  startServer,
  type TestServer,
  until,
} from './harness.ts'
import {
  type Chunk,
  headerText,
  makeChunk,
  openTape,
  type RecordedRoom,
  recordedRoom,
  sendChunk,
  startTake,
} from './tape-sender.ts'

afterAll(cleanUp)

/** What the test started besides, ended in the opposite order. */
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function serverWithRoom(options: ServerOptions = {}): Promise<{ server: TestServer; room: RecordedRoom }> {
  const server = await startServer(options)
  const room = await recordedRoom(server)
  ends.push(() => room.node.close())
  return { server, room }
}

const again = (server: TestServer) => startServer({ dataFolder: server.dataFolder, databaseUrl: server.databaseUrl })
const incomingOf = ({ dataFolder }: TestServer) => path.join(dataFolder, 'takes', '.incoming')

function fileOf(server: TestServer, { roomId, take }: RecordedRoom, { tapeId }: TapeGrant, index: number): string {
  const name = `${String(index).padStart(6, '0')}.flac`
  return path.join(server.dataFolder, 'takes', roomId, take.takeId, 'tapes', tapeId, name)
}

/** A request by hand, for what no proper client sends. */
function rawPut(server: TestServer, { header }: Chunk, sending: { grant: TapeGrant; headers: string[] }) {
  const { hostname, port } = new URL(server.url)
  const socket = connectSocket(Number(port), hostname)
  const { tapeId, token } = sending.grant
  const lines = [
    `PUT /api/tapes/${tapeId}/chunks/${header.index} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    `Authorization: Bearer ${token}`,
    `${TAPE_CHUNK_HEADER}: ${headerText(header)}`,
    ...sending.headers,
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  let answer = ''
  socket.setEncoding('latin1').on('data', (part) => {
    answer += part
  })
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return { socket, closed, answer: () => answer }
}

/** As much as the line takes, without end. */
function pour(socket: Socket): () => number {
  const garbage = Buffer.alloc(64 * 1024, 'x')
  let sentBytes = 0
  const more = () => {
    while (socket.writable && socket.write(garbage)) sentBytes += garbage.length
  }
  socket.on('drain', more)
  more()
  return () => sentBytes
}

describe('a server that is killed', () => {
  it('between the file and its row takes the chunk again', async () => {
    const { server, room } = await serverWithRoom()
    const grant = await openTape(room.speaker, room.take)
    const chunk = await makeChunk(0)
    const file = fileOf(server, room, grant, 0)
    mkdirSync(path.dirname(file), { recursive: true })
    // As it lies there then; and worse: torn by a disk that lied.
    for (const left of [chunk.flac, chunk.flac.subarray(0, 1_000)]) {
      writeFileSync(file, left)
      const state = await room.speaker.client.api.tapes.state.query({ token: grant.token })
      expect(state.contiguousChunks).toBe(0)
    }
    expect((await sendChunk(server, chunk, grant)).status).toBe(200)
    expect(readFileSync(file).equals(chunk.flac)).toBe(true)
  })

  it('while chunks come in keeps every one that it gave a receipt for, and takes the rest again', async () => {
    const { server, room } = await serverWithRoom()
    const chunks = await Promise.all(Array.from({ length: 40 }, (_, index) => makeChunk(index)))
    const grant = await openTape(room.speaker, room.take)
    const receipts = new Map<number, string>()
    let wanted = 0
    const send = async () => {
      for (let chunk = chunks[wanted++]; chunk !== undefined; chunk = chunks[wanted++]) {
        const sent = await sendChunk(server, chunk, grant).catch(() => null)
        if (sent === null) return
        expect(sent.status).toBe(200)
        receipts.set(chunk.header.index, sent.receipt.signature)
      }
    }
    const sending = [send(), send(), send()]
    await until(() => receipts.size >= 10, 'some are there')
    await Promise.all([server.kill(), ...sending])
    const restarted = await again(server)
    expect(readdirSync(incomingOf(restarted))).toEqual([])
    for (const chunk of chunks) {
      const { status, receipt } = await sendChunk(restarted, chunk, grant)
      expect(status).toBe(200)
      expect(receipt.signature).toBe(receipts.get(chunk.header.index) ?? receipt.signature)
      expect(readFileSync(fileOf(restarted, room, grant, chunk.header.index)).equals(chunk.flac)).toBe(true)
    }
    expect(receipts.size).toBeGreaterThanOrEqual(10)
    expect(receipts.size).toBeLessThan(chunks.length)
  })

  it('and started again lets the room open tapes and ask the clock once its node is back', async () => {
    const { server, room } = await serverWithRoom()
    const { speaker, take, roomId } = room
    const grant = await openTape(speaker, take)
    await server.kill()
    await room.node.close()
    const port = new URL(server.url).port
    const { dataFolder, databaseUrl } = server
    await startServer({ dataFolder, databaseUrl, env: { ENGAWA_PORT: port } })
    const clock = () => speaker.client.api.tapes.clock.query({ token: grant.token })
    await until(async () => (await reasonOf(clock())).reason === 'node-gone', 'the line is back, the node is not')
    expect(await reasonOf(openTape(speaker, take))).toMatchObject({ reason: 'node-gone' })
    const node = startFakeNode(server, { credential: { relayKey: server.relayKey }, snapshots: true })
    ends.push(() => node.close())
    await node.up()
    const participant = speaker.participant
    await node.tell(roomId, [
      { type: 'participant', participant },
      { type: 'recording', recording: take },
    ])
    await openTape(speaker, take)
    expect(await clock()).toMatchObject({ takeId: take.takeId })
    await startTake(node, roomId)
    expect(await reasonOf(clock())).toMatchObject({ reason: 'no-take' })
  })
})

it('a server that is stopped does not wait for an upload that hangs', async () => {
  const { server, room } = await serverWithRoom()
  const grant = await openTape(room.speaker, room.take)
  const { socket, closed } = rawPut(server, await makeChunk(0), { grant, headers: ['Content-Length: 5000'] })
  await until(() => readdirSync(incomingOf(server)).length === 1, 'it hangs')
  expect(await server.stop()).toBe(0)
  await closed
  socket.destroy()
  expect(server.output()).toBe('')
})

describe('an upload', () => {
  let server: TestServer
  let room: RecordedRoom
  beforeAll(async () => {
    server = await startServer()
    room = await recordedRoom(server)
  })
  afterAll(() => room.node.close())

  it('that breaks off leaves nothing behind, and the chunk can be sent', async () => {
    const grant = await openTape(room.speaker, room.take)
    const chunk = await makeChunk(0)
    const broken = Array.from({ length: 3 }, () =>
      rawPut(server, chunk, { grant, headers: [`Content-Length: ${chunk.flac.length}`] }),
    )
    for (const { socket } of broken) socket.write(chunk.flac.subarray(0, 2_000))
    await until(() => readdirSync(incomingOf(server)).length === 3, 'they are being written')
    for (const { socket } of broken) socket.destroy()
    await until(() => readdirSync(incomingOf(server)).length === 0, 'nothing is left')
    expect((await sendChunk(server, chunk, grant)).status).toBe(200)
    expect(server.output()).toBe('')
  })

  it.each([
    ['of 10 GB', 'Content-Length: 10000000000', 413],
    ['of no length', 'Transfer-Encoding: chunked', 400],
    ['of a length that is none', 'Content-Length: 0', 400],
  ])('%s is cut off before it is read', async (_what, length, status) => {
    const grant = await openTape(room.speaker, room.take)
    const chunk = await makeChunk(0)
    const asked = rawPut(server, chunk, { grant, headers: [length] })
    await asked.closed
    expect(asked.answer()).toContain(`HTTP/1.1 ${status}`)
    const poured = rawPut(server, chunk, { grant, headers: [length] })
    const sentBytes = pour(poured.socket)
    await poured.closed
    expect(sentBytes()).toBeLessThan(100e6)
    expect(readdirSync(incomingOf(server))).toEqual([])
    expect((await sendChunk(server, chunk, grant)).status).toBe(200)
  })

  it('of too many at once is put off', async () => {
    const grant = await openTape(room.speaker, room.take)
    const chunk = await makeChunk(0)
    const hanging = Array.from({ length: 6 }, () =>
      rawPut(server, chunk, { grant, headers: [`Content-Length: ${chunk.flac.length}`] }),
    )
    ends.push(() => {
      for (const { socket } of hanging) socket.destroy()
    })
    await until(() => readdirSync(incomingOf(server)).length === 6, 'they hang')
    expect(await sendChunk(server, chunk, grant)).toMatchObject({ status: 429, reason: 'too-many-requests' })
    const other = await openTape(room.speaker, room.take)
    expect(await sendChunk(server, chunk, other)).toMatchObject({ status: 200 })
  })
})

describe('room for tapes', () => {
  it.each([
    ['of one recording', { ENGAWA_TAPE_QUOTA_TAKE_GB: '0.00016' }],
    ['of one person', { ENGAWA_TAPE_QUOTA_PERSON_GB: '0.00016' }],
    ['of the server', { ENGAWA_TAPE_QUOTA_SERVER_GB: '0.00016' }],
  ])('%s comes to an end, told as such; what is here is answered for', async (what, env) => {
    const { server, room } = await serverWithRoom({ env })
    const { speaker, host, take, node, roomId } = room
    const grant = await openTape(speaker, take)
    const chunks = await Promise.all([0, 1, 2].map((index) => makeChunk(index)))
    const sent = []
    for (const chunk of chunks) sent.push(await sendChunk(server, chunk, grant))
    expect(sent.map(({ status }) => status)).toEqual([200, 200, 507])
    expect(sent[2]?.reason).toBe('quota-exceeded')
    const [first] = chunks
    if (!first) throw new Error('no chunk')
    expect((await sendChunk(server, first, grant)).status).toBe(200)

    const byOther = await sendChunk(server, first, await openTape(host, take))
    expect(byOther.status).toBe(what === 'of one person' ? 200 : 507)
    const next = await startTake(node, roomId)
    const inOther = await sendChunk(server, first, await openTape(speaker, next))
    expect(inOther.status).toBe(what === 'of one recording' ? 200 : 507)
  })

  it('ends before the disk does', async () => {
    const { server, room } = await serverWithRoom({ env: { ENGAWA_MIN_FREE_DISK_GB: '1000000' } })
    const grant = await openTape(room.speaker, room.take)
    const sent = await sendChunk(server, await makeChunk(0), grant)
    expect(sent).toMatchObject({ status: 507, reason: 'server-disk-full' })
  })

  it.runIf(mayMount())('on a disk that is full all the same: told, nothing torn, and it heals', async () => {
    const dataFolder = newFolder()
    const takes = path.join(dataFolder, 'takes')
    mkdirSync(takes)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', takes])
    ends.push(() => execFileSync('umount', ['-l', takes]))
    const { server, room } = await serverWithRoom({ dataFolder, env: { ENGAWA_MIN_FREE_DISK_GB: '0' } })
    const grant = await openTape(room.speaker, room.take)
    const fill = path.join(takes, 'filler')
    writeFileSync(fill, Buffer.alloc(120_000))
    const chunks = await Promise.all([0, 1, 2].map((index) => makeChunk(index)))
    const sent = []
    for (const chunk of chunks) sent.push(await sendChunk(server, chunk, grant))
    expect(sent.map(({ status }) => status)).toEqual([200, 507, 507])
    expect(sent[1]?.reason).toBe('server-disk-full')
    expect(readdirSync(incomingOf(server))).toEqual([])
    rmSync(fill)
    for (const [index, chunk] of chunks.entries()) {
      expect((await sendChunk(server, chunk, grant)).status).toBe(200)
      expect(readFileSync(fileOf(server, room, grant, index)).equals(chunk.flac)).toBe(true)
    }
  })
})

function mayMount(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/proc/filesystems')
}

it.runIf(FOREIGN_DATABASE_URL === undefined)('a database that is gone: the chunk waits and is taken then', async () => {
  const { server, room } = await serverWithRoom({ env: { ENGAWA_LOG_LEVEL: 'error' } })
  const grant = await openTape(room.speaker, room.take)
  const pidFile = path.join(server.dataFolder, 'postgres/cluster/postmaster.pid')
  process.kill(Number(readFileSync(pidFile, 'utf8').split('\n')[0]), 'SIGKILL')
  const chunk = await makeChunk(0)
  const first = await sendChunk(server, chunk, grant)
  if (first.status !== 200) expect(first).toMatchObject({ status: 503, reason: 'server-error' })
  await until(async () => (await sendChunk(server, chunk, grant)).status === 200, 'it is taken')
})
