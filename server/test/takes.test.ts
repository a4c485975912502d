import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { participantIdSchema, type RoomId, takeIdSchema } from '../../sfu-core/contract/ids.ts'
import type { TakeManifest } from '../../sfu-core/contract/take.ts'
import { type FakeNode, startFakeNode } from './fake-node.ts'
import { cleanUp, newPerson, reasonOf, startServer, type TestPerson, type TestServer, until } from './harness.ts'

let server: TestServer
let host: TestPerson
let shared: FakeNode
let roomId: RoomId

const relay = (name: string, takeStorage: 'shared' | 'upload') =>
  startFakeNode(server, {
    credential: { relayKey: server.relayKey },
    registration: { kind: 'relay', name, version: '0', takeStorage },
  })

beforeAll(async () => {
  server = await startServer()
  host = await newPerson(server, 'Host')
  shared = relay('shared', 'shared')
  await shared.up()
  roomId = await liveRoom()
})
afterAll(async () => {
  await shared.close()
  await cleanUp()
})

async function liveRoom(): Promise<RoomId> {
  const room = await host.client.api.rooms.create.mutate({
    title: '縁側 / talk',
    visibility: 'public',
    hosting: 'relay',
  })
  return (await host.client.api.rooms.goLive.mutate({ roomId: room.roomId })).roomId
}

function manifest(change: Partial<TakeManifest> = {}): TakeManifest {
  return {
    version: 1,
    takeId: takeIdSchema.parse(`take${Math.random().toString(36).slice(2)}`),
    roomId,
    roomTitle: '縁側 / talk',
    startedAtMs: Date.now() - 60_000,
    endedAtMs: Date.now(),
    endedBy: 'stopped',
    continues: null,
    participants: [],
    tracks: [track('1-花.opus')],
    timeline: [],
    ...change,
  }
}

const track = (file: string): TakeManifest['tracks'][number] => ({
  file,
  participantId: participantIdSchema.parse('p1'),
  number: 1,
  name: '花',
  offsetSamples: 0,
  lengthSamples: 48_000,
  sizeBytes: 10,
})

function putFiles(take: TakeManifest, files: Record<string, string>): void {
  const folder = path.join(server.dataFolder, 'takes', take.roomId, take.takeId)
  mkdirSync(folder, { recursive: true })
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content)
}

function openFilesOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`)
    } catch {
      return [] // closed meanwhile
    }
  })
}

const get = (route: string, headers: Record<string, string> = {}) => fetch(server.url + route, { headers })
const filesOf = (take: TakeManifest) => `/api/takes/${take.takeId}/files`

describe('a take', () => {
  it('is listed for its host, and its files can be had by the host or with a ticket', async () => {
    const take = manifest()
    await shared.link.reportTake({ ...take, endedAtMs: null, endedBy: null })
    await shared.link.reportTake(take)
    expect((await host.client.api.takes.list.query({ roomId }))[0]).toMatchObject({
      downloadable: false,
      storage: 'shared',
    })
    putFiles(take, { '1-花.opus': '0123456789', 'take.json': JSON.stringify(take), 'secret.txt': 'x' })
    const [mine] = await host.client.api.takes.mine.query()
    expect(mine).toMatchObject({
      takeId: take.takeId,
      downloadable: true,
      roomTitle: '縁側 / talk',
      nodeName: 'shared',
    })

    const url = `${filesOf(take)}/${encodeURIComponent('1-花.opus')}`
    expect((await get(url)).status).toBe(401)
    const other = await newPerson(server, 'Other')
    expect((await get(url, { cookie: other.cookie })).status).toBe(403)
    const response = await get(url, { cookie: host.cookie })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('audio/ogg')
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="[^"/]+"; filename\*=UTF-8''%E7%B8%81/,
    )
    expect(await response.text()).toBe('0123456789')
    const part = await get(url, { cookie: host.cookie, range: 'bytes=2-4' })
    expect([part.status, await part.text()]).toEqual([206, '234'])

    const { ticket } = await host.client.api.takes.ticket.query({ takeId: take.takeId })
    expect((await get(`${url}?ticket=${ticket}`)).status).toBe(200)
    expect((await get(`${url}?ticket=${ticket}x`)).status).toBe(401)
    expect(await reasonOf(other.client.api.takes.ticket.query({ takeId: take.takeId }))).toMatchObject({
      reason: 'not-allowed',
    })
    expect(await reasonOf(other.client.api.takes.list.query({ roomId }))).toMatchObject({ reason: 'not-allowed' })

    const archive = await get(`/api/takes/${take.takeId}/archive?ticket=${ticket}`)
    expect(archive.headers.get('content-type')).toBe('application/zip')
    const body = Buffer.from(await archive.arrayBuffer())
    expect(body.length).toBe(Number(archive.headers.get('content-length')))
    expect(body.includes('1-花.opus')).toBe(true)
    expect(body.includes('secret.txt')).toBe(false)
  })

  it.runIf(process.platform === 'linux')('whose archive nobody waits for any more is not read on', async () => {
    const take = manifest()
    await shared.link.reportTake(take)
    putFiles(take, { '1-花.opus': '', 'take.json': '{}' })
    const file = path.join(server.dataFolder, 'takes', take.roomId, take.takeId, '1-花.opus')
    truncateSync(file, 1024 ** 3)
    const isOpen = () => openFilesOf(server.pid).includes(file)
    const given = new AbortController()
    const archive = await fetch(`${server.url}/api/takes/${take.takeId}/archive`, {
      headers: { cookie: host.cookie },
      signal: given.signal,
    })
    expect(archive.status).toBe(200)
    await until(isOpen, 'it is being read')
    given.abort()
    await until(() => !isOpen(), 'the file is closed')
  })

  it('gives nothing but its own files', async () => {
    const take = manifest()
    await shared.link.reportTake(take)
    putFiles(take, { '1-花.opus': 'x', 'take.json': '{}', 'secret.txt': 'x' })
    const { ticket } = await host.client.api.takes.ticket.query({ takeId: take.takeId })
    const wanted = [
      'secret.txt',
      '..%2f..%2f..%2fkeys%2fauth-secret',
      '%2e%2e/%2e%2e/%2e%2e/keys/auth-secret',
      '.reported',
      'take.json%00',
      '',
    ]
    for (const name of wanted) {
      const response = await get(`${filesOf(take)}/${name}?ticket=${ticket}`)
      expect(response.status, name).toBeGreaterThanOrEqual(400)
    }
    expect((await get(`/api/takes/..%2f..%2fkeys/files/auth-secret?ticket=${ticket}`)).status).toBeGreaterThanOrEqual(
      400,
    )
    expect((await get(`${filesOf(take)}/take.json?ticket=${ticket}`)).status).toBe(200)
  })

  it('is reported by its own node only, with safe names', async () => {
    const take = manifest()
    const other = relay('stranger', 'shared')
    await other.up()
    await expect(other.link.reportTake(take)).rejects.toMatchObject({ code: 'not-allowed' })
    await shared.link.reportTake(take)
    await expect(other.link.reportTake(take)).rejects.toMatchObject({ code: 'not-allowed' })
    const bad = shared.link.reportTake(manifest({ tracks: [track('../../keys/auth-secret')] }))
    await expect(bad).rejects.toMatchObject({ code: 'input-invalid' })
    await other.close()
  })

  it('kept on a desktop is listed, not downloaded', async () => {
    const { nodeToken, nodeId } = await host.client.api.nodes.enroll.mutate({ name: 'PC' })
    const desktop = startFakeNode(server, {
      credential: { nodeToken },
      registration: { kind: 'desktop', takeStorage: 'kept' },
    })
    await desktop.up()
    const room = await host.client.api.rooms.create.mutate({ title: 'D', visibility: 'public', hosting: 'desktop' })
    await host.client.api.rooms.goLive.mutate({ roomId: room.roomId, nodeId })
    const take = manifest({ roomId: room.roomId })
    await desktop.link.reportTake(take)
    const [view] = await host.client.api.takes.list.query({ roomId: room.roomId })
    expect(view).toMatchObject({ storage: 'kept', downloadable: false })
    expect((await get(`${filesOf(take)}/take.json`, { cookie: host.cookie })).status).toBe(404)
    await desktop.close()
  })

  it('of a relay of its own is sent, checked, and whole when all files are here', async () => {
    await shared.close()
    const away = relay('away', 'upload')
    await away.up()
    await until(async () => {
      await host.client.api.rooms.goLive.mutate({ roomId })
      return away.requests.some((request) => request.type === 'open-room')
    }, 'the room has moved')
    const take = manifest()
    await away.link.reportTake(take)
    const put = (name: string, body: string, headers: Record<string, string> = {}) =>
      fetch(`${server.url}/api/node/takes/${take.takeId}/files/${encodeURIComponent(name)}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${server.relayKey}`, ...headers },
        body,
      })
    expect((await put('1-花.opus', 'x', { authorization: 'Bearer wrong' })).status).toBe(403)
    expect((await put('../x', 'x')).status).toBeGreaterThanOrEqual(400)
    expect((await put('other.opus', 'x')).status).toBe(400)
    expect((await put('1-花.opus', 'sound', { 'x-content-sha256': 'ff'.repeat(32) })).status).toBe(400)
    const sha256 = createHash('sha256').update('sound').digest('hex')
    expect((await put('1-花.opus', 'sound', { 'x-content-sha256': sha256 })).status).toBe(204)
    expect((await host.client.api.takes.list.query({ roomId }))[0]).toMatchObject({
      storage: 'upload',
      downloadable: false,
    })
    expect((await put('take.json', '{}', { 'content-type': 'application/json' })).status).toBe(204)
    expect((await host.client.api.takes.list.query({ roomId }))[0]).toMatchObject({ downloadable: true })
    const file = await get(`${filesOf(take)}/${encodeURIComponent('1-花.opus')}`, { cookie: host.cookie })
    expect(await file.text()).toBe('sound')
    await away.close()
  })
})
