import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NO_EDITS } from '../../sfu-core/contract/edits.ts'
import { exportFormatSchema, type RenderRequest } from '../../sfu-core/contract/render.ts'
import type { JobView, StudioAsset } from '../contract/views.ts'
import { checkedReport, checkTracks } from '../studio/report-check.ts'
import { encodeFlac } from '../tapes/flac.fixture.ts'
import { startFakeNode } from './fake-node.ts'
import { cleanUp, newFolder, newPerson, reasonOf, startServer, type TestPerson, until } from './harness.ts'
import { assembled, followJobs, type MadeTake, makeTake, type StudioRoom } from './studio-take.ts'

const SECONDS = 48_000
const TEST_TIMEOUT_MS = 120_000

let room: StudioRoom
let stranger: TestPerson
let take: MadeTake

beforeAll(async () => {
  const server = await startServer()
  const node = startFakeNode(server, { credential: { relayKey: server.relayKey } })
  await node.up()
  const host = await newPerson(server, 'Host')
  stranger = await newPerson(server, 'Stranger')
  const wish = { title: '縁側 / Veranda', visibility: 'public', hosting: 'relay' } as const
  const { roomId } = await host.client.api.rooms.create.mutate(wish)
  await host.client.api.rooms.goLive.mutate({ roomId })
  room = { server, node, host, roomId }
  take = await makeTake(room, { names: ['Ana', '花'], chunkCount: 4, chunkSamples: 2 * SECONDS, declined: ['Ben'] })
  await assembled(room, take)
}, TEST_TIMEOUT_MS)
afterAll(async () => {
  await room.node.close()
  await cleanUp()
})

const studio = () => room.host.client.api.studio
const takeIdOf = ({ manifest }: MadeTake) => manifest.takeId
const viewOf = (made: MadeTake) => studio().take.query({ takeId: takeIdOf(made) })
const folderOf = (made: MadeTake) => path.join(room.server.dataFolder, 'takes', room.roomId, takeIdOf(made))
const asHost = () => ({ cookie: room.host.cookie })
const get = (route: string, headers: Record<string, string> = asHost()) => fetch(room.server.url + route, { headers })
const trackRoute = (made: MadeTake, file: string) => `/api/takes/${takeIdOf(made)}/studio/${encodeURIComponent(file)}`
const renderRoute = ({ takeId, jobId }: JobView, name: string) =>
  `/api/takes/${takeId}/renders/${jobId}/${encodeURIComponent(name)}`

async function render(made: MadeTake, request: RenderRequest): Promise<JobView> {
  const follow = followJobs(room.host, made)
  try {
    const { jobId } = await studio().start.mutate({ takeId: takeIdOf(made), request })
    return await follow.untilEnded(jobId)
  } finally {
    follow.stop()
  }
}

function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

async function edit(made: MadeTake, change: Partial<typeof NO_EDITS>): Promise<void> {
  const { revision } = await viewOf(made)
  await studio().saveEdits.mutate({ takeId: takeIdOf(made), revision, edits: { ...NO_EDITS, ...change } })
}

const putAsset = (name: string, content: Uint8Array, headers: Record<string, string> = asHost()) =>
  fetch(`${room.server.url}/api/takes/${takeIdOf(take)}/assets?name=${encodeURIComponent(name)}`, {
    method: 'PUT',
    headers: { 'content-type': 'audio/flac', origin: room.server.url, ...headers },
    body: Buffer.from(content),
  })

describe('a take that has ended', { timeout: TEST_TIMEOUT_MS }, () => {
  it('is assembled by itself: one continuous lossless track per speaker, each as the report says', async () => {
    const { report, isStale, take: view, standings } = await viewOf(take)
    expect(view).toMatchObject({ takeId: takeIdOf(take), roomTitle: '縁側 / Veranda' })
    expect(isStale).toBe(false)
    expect(report?.tracks.map((track) => track.name).toSorted()).toEqual(['Ana', '花'])
    expect(standings.map((standing) => standing.state)).toEqual(['ended', 'ended'])
    for (const track of report?.tracks ?? []) {
      const response = await get(trackRoute(take, track.file))
      expect(response.headers.get('content-type')).toBe('audio/flac')
      expect(response.headers.get('content-disposition')).toContain(encodeURIComponent(`${track.name}.flac`))
      const content = new Uint8Array(await response.arrayBuffer())
      expect([content.length, sha256Of(content)]).toEqual([track.sizeBytes, track.sha256])
      expect(Buffer.from(content.subarray(0, 4)).toString('latin1')).toBe('fLaC')
      const part = await get(trackRoute(take, track.file), { ...asHost(), range: 'bytes=0-3' })
      expect([part.status, await part.text()]).toEqual([206, 'fLaC'])
      const peaks = await get(trackRoute(take, track.peaksFile))
      expect(peaks.status).toBe(200)
      expect((await peaks.arrayBuffer()).byteLength).toBeGreaterThan(100)
    }
  })

  it('has a report that anybody can check with the server’s public key', async () => {
    const keys = (await (await fetch(`${room.server.url}/api/keys`)).json()) as JSONWebKeySet
    const jws = await (await get(trackRoute(take, 'take-report.jws'))).text()
    const { report } = await viewOf(take)
    expect(await checkedReport(jws, keys)).toEqual(report)
    expect(await (await get(trackRoute(take, 'take-report.json'))).json()).toEqual(report)
    if (report === null) throw new Error('no report')
    const folder = path.join(folderOf(take), 'studio')
    const checks = await checkTracks(report, folder)
    expect(checks.map((check) => check.state)).toEqual(['as-reported', 'as-reported'])
    const command = path.join(import.meta.dirname, '..', 'studio', 'verify-report.ts')
    const said = execFileSync(process.execPath, [command, path.join(folder, 'take-report.jws'), room.server.url])
    expect(said.toString()).toMatch(/^Signed by that server.*\n {2}Ana: 8.0 s of 8.0 s lossless, 0 gaps\n/)
  })

  it('has a consent ledger', async () => {
    const { consents } = await viewOf(take)
    expect(consents.map(({ name, answer, takeMs }) => [name, answer, takeMs])).toEqual([
      ['Ana', 'agreed', 0],
      ['花', 'agreed', 0],
      ['Ben', 'declined', 4_000],
    ])
  })

  it('is assembled again by itself when chunks come late', async () => {
    const wish = { names: ['Ana', 'Late'], chunkCount: 3, chunkSamples: 2 * SECONDS, keptBack: 1 }
    const late = await makeTake(room, wish)
    const follow = followJobs(room.host, late)
    const { jobId } = await studio().start.mutate({ takeId: takeIdOf(late), request: { kind: 'assemble' } })
    expect(await follow.untilEnded(jobId)).toMatchObject({ state: 'done' })
    const first = await viewOf(late)
    const missing = first.report?.tracks.find((track) => track.name === 'Late')
    expect(missing?.losslessMs).toBeLessThan(4_500)
    expect(missing?.gaps.length).toBeGreaterThan(0)

    await late.sendRest()
    const second = await until(
      async () => {
        const view = await viewOf(late)
        return view.report?.madeAtMs !== first.report?.madeAtMs && !view.isStale ? view : null
      },
      'assembled again',
      60_000,
    )
    const whole = second.report?.tracks.find((track) => track.name === 'Late')
    expect(whole?.losslessMs).toBeGreaterThan(5_900)
    expect(whole?.gaps).toEqual([])
    follow.stop()
  })

  it('that a host’s computer keeps is made of the tapes alone', async () => {
    const { node } = room
    const desktop = startFakeNode(room.server, {
      credential: { nodeToken: (await room.host.client.api.nodes.enroll.mutate({ name: 'PC' })).nodeToken },
      registration: { kind: 'desktop', takeStorage: 'kept' },
    })
    await desktop.up()
    const { nodeId } = desktop.welcomes.at(-1) ?? {}
    const { roomId } = await room.host.client.api.rooms.create.mutate({
      title: 'Home',
      visibility: 'public',
      hosting: 'desktop',
    })
    await room.host.client.api.rooms.goLive.mutate({ roomId, ...(nodeId === undefined ? {} : { nodeId }) })
    const home = { ...room, node: desktop, roomId }
    const made = await makeTake(home, { names: ['Ana'], chunkCount: 2, chunkSamples: 2 * SECONDS })
    const { report, take: view } = await assembled(home, made)
    expect(view).toMatchObject({ storage: 'kept', downloadable: false })
    expect(report?.tracks.map((track) => track.name)).toEqual(['Ana'])
    await desktop.close()
    expect(node.states.at(-1)?.state).toBe('up')
  })
})

describe('a mix', { timeout: TEST_TIMEOUT_MS }, () => {
  const TYPES = { flac: 'audio/flac', wav: 'audio/wav', opus: 'audio/ogg', mp3: 'audio/mpeg', aac: 'audio/mp4' }

  it.each(exportFormatSchema.options)('is made as %s, with what it came out as', async (format) => {
    const job = await render(take, { kind: 'mix', format })
    expect(job).toMatchObject({ state: 'done', reason: null, progress: 1 })
    expect(job.facts?.lengthMs).toBeGreaterThan(7_500)
    expect(job.facts?.truePeakDbtp).toBeLessThan(-0.9)
    const [file] = job.files
    expect(file?.name).toBe(`縁側 Veranda.${format === 'aac' ? 'm4a' : format}`)
    const response = await get(renderRoute(job, file?.name ?? ''))
    expect(response.headers.get('content-type')).toBe(TYPES[format])
    expect((await response.arrayBuffer()).byteLength).toBe(file?.sizeBytes)
  })

  it('can be heard in part before', async () => {
    const job = await render(take, { kind: 'preview', fromMs: 1_000, toMs: 3_000 })
    expect(job.state).toBe('done')
    expect(job.facts?.lengthMs).toBeGreaterThan(1_900)
    expect(job.facts?.lengthMs).toBeLessThan(2_100)
    const takeId = takeIdOf(take)
    for (const [fromMs, toMs] of [
      [3_000, 1_000],
      [0, 11 * 60_000],
      [99_000, 100_000],
    ] as const) {
      const wrong = studio().start.mutate({ takeId, request: { kind: 'preview', fromMs, toMs } })
      expect(await reasonOf(wrong)).toMatchObject({ reason: 'input-invalid' })
    }
  })

  it('is made by the edits that were saved when it was asked for; nothing is read of who is left out', async () => {
    const made = await makeTake(room, { names: ['Ana', 'Out'], chunkCount: 2, chunkSamples: 2 * SECONDS })
    const { report } = await assembled(room, made)
    const out = report?.tracks.find((track) => track.name === 'Out')
    if (out === undefined) throw new Error('nobody to leave out')
    const file = path.join(folderOf(made), 'studio', out.file)
    renameSync(file, `${file}.away`)
    expect(await render(made, { kind: 'mix', format: 'flac' })).toMatchObject({ state: 'failed' })
    await edit(made, { leftOut: [out.participantId], trimEndMs: 2_000 })
    const job = await render(made, { kind: 'mix', format: 'flac' })
    expect(job.state).toBe('done')
    expect(job.facts?.lengthMs).toBeCloseTo(2_000, -2)
    const tracks = await render(made, { kind: 'tracks', format: 'wav', edited: true, projects: false })
    expect(tracks.state).toBe('done')
    expect(tracks.files.some((one) => one.name.includes('Out'))).toBe(false)

    const takeId = takeIdOf(made)
    const request = { kind: 'mix', format: 'flac' } as const
    await edit(made, { leftOut: report?.tracks.map((track) => track.participantId) ?? [] })
    expect(await reasonOf(studio().start.mutate({ takeId, request }))).toMatchObject({ reason: 'nothing-to-do' })
    await edit(made, { cuts: [{ fromMs: 0, toMs: 2_000 }] })
    const preview = { kind: 'preview', fromMs: 500, toMs: 2_000 } as const
    expect(await reasonOf(studio().start.mutate({ takeId, request: preview }))).toMatchObject({
      reason: 'nothing-to-do',
    })
    await edit(made, { cuts: [{ fromMs: 0, toMs: 1e6 }] })
    expect(await reasonOf(studio().start.mutate({ takeId, request }))).toMatchObject({ reason: 'nothing-to-do' })
  })
})

describe('tracks', { timeout: TEST_TIMEOUT_MS }, () => {
  const UNPACK =
    'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])'

  it('come as one archive and one by one', async () => {
    const job = await render(take, { kind: 'tracks', format: 'flac', edited: false, projects: true })
    expect(job.state).toBe('done')
    const [archive, ...files] = job.files
    expect(archive?.name).toBe('縁側 Veranda.zip')
    expect(files.filter((file) => file.name.endsWith('.flac'))).toHaveLength(2)
    expect(files.length).toBeGreaterThan(2)
    const response = await get(renderRoute(job, archive?.name ?? ''))
    const content = Buffer.from(await response.arrayBuffer())
    expect([content.length, response.headers.get('content-type')]).toEqual([archive?.sizeBytes, 'application/zip'])
    const folder = newFolder()
    writeFileSync(path.join(folder, 'tracks.zip'), content)
    execFileSync('python3', ['-c', UNPACK, path.join(folder, 'tracks.zip'), path.join(folder, 'out')])
    expect(readdirSync(path.join(folder, 'out')).toSorted()).toEqual(files.map((file) => file.name).toSorted())
    const one = files[0]
    expect((await (await get(renderRoute(job, one?.name ?? ''))).arrayBuffer()).byteLength).toBe(one?.sizeBytes)
  })
})

describe('edits', { timeout: TEST_TIMEOUT_MS }, () => {
  it('of two people at once: one is saved, the other is told', async () => {
    const made = await makeTake(room, { names: ['Ana'], chunkCount: 1, chunkSamples: 2 * SECONDS })
    const takeId = takeIdOf(made)
    for (const revision of [0, 1]) {
      const saves = [1_000, 2_000].map((trimStartMs) =>
        studio()
          .saveEdits.mutate({ takeId, revision, edits: { ...NO_EDITS, trimStartMs } })
          .then(
            (saved) => saved.revision,
            (error: unknown) => reasonOf(Promise.reject(error)).then(({ reason }) => reason),
          ),
      )
      expect((await Promise.all(saves)).toSorted()).toEqual([revision + 1, 'edits-changed'])
    }
    const view = await viewOf(made)
    expect(view.revision).toBe(2)
    expect([1_000, 2_000]).toContain(view.edits.trimStartMs)
  })
})

describe('sound for before and after', { timeout: TEST_TIMEOUT_MS }, () => {
  const remove = (assetId: string, headers: Record<string, string> = asHost()) =>
    fetch(`${room.server.url}/api/takes/${takeIdOf(take)}/assets/${encodeURIComponent(assetId)}`, {
      method: 'DELETE',
      headers: { origin: room.server.url, ...headers },
    })

  it('is taken, measured, mixed in and removed', async () => {
    const response = await putAsset('Jingle.flac', await encodeFlac(3 * SECONDS))
    expect(response.status).toBe(201)
    const asset = (await response.json()) as StudioAsset
    expect(asset).toMatchObject({ name: 'Jingle.flac' })
    expect(asset.lengthMs).toBeCloseTo(3_000, 0)
    expect((await viewOf(take)).assets).toEqual([asset])
    await edit(take, { intro: { assetId: asset.assetId, fadeMs: 500 } })
    const job = await render(take, { kind: 'mix', format: 'flac' })
    expect(job.facts?.lengthMs).toBeGreaterThan(10_000)
    expect((await remove(asset.assetId)).status).toBe(204)
    expect((await remove(asset.assetId)).status).toBe(404)
    expect((await viewOf(take)).assets).toEqual([])
    // The edits still name it; the mix goes on without.
    const without = await render(take, { kind: 'mix', format: 'flac' })
    expect(without).toMatchObject({ state: 'done' })
    expect(without.facts?.lengthMs).toBeLessThan(8_500)
    const gone = { ...NO_EDITS, outro: { assetId: asset.assetId, fadeMs: 0 } }
    const { revision } = await viewOf(take)
    const save = studio().saveEdits.mutate({ takeId: takeIdOf(take), revision, edits: gone })
    expect(await reasonOf(save)).toMatchObject({ reason: 'input-invalid' })
  })

  it('that is none is refused, and leaves nothing behind', async () => {
    const playlist = Buffer.from('#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n')
    const sound = await encodeFlac(SECONDS)
    for (const content of [Buffer.from('no sound'), Buffer.alloc(0), playlist, sound.subarray(0, 60)]) {
      const response = await putAsset('x', content)
      expect([response.status, await response.json()]).toMatchObject([400, { reason: 'sound-unusable' }])
    }
    expect((await putAsset('', await encodeFlac(1_000))).status).toBe(400)
    expect((await viewOf(take)).assets).toEqual([])
    const work = path.join(folderOf(take), 'studio-work')
    expect(existsSync(work) ? readdirSync(work) : []).toEqual([])
  })

  it('is the host’s alone, and a ticket is not enough', async () => {
    const sound = await encodeFlac(1_000)
    const { ticket } = await room.host.client.api.takes.ticket.query({ takeId: takeIdOf(take) })
    expect((await putAsset('x', sound, { cookie: stranger.cookie })).status).toBe(403)
    expect((await putAsset(`x&ticket=${ticket}`, sound, { cookie: '' })).status).toBe(401)
    expect((await putAsset('x', sound, { ...asHost(), origin: 'https://evil.example' })).status).toBe(403)
    expect((await remove('x', { cookie: stranger.cookie })).status).toBe(403)
    expect((await remove('../../take.json')).status).toBe(404)
  })
})

describe('a stranger', { timeout: TEST_TIMEOUT_MS }, () => {
  it('gets nothing of a take, and may do nothing with it', async () => {
    const job = await render(take, { kind: 'preview', fromMs: 0, toMs: 1_000 })
    const { studio: foreign } = stranger.client.api
    const takeId = takeIdOf(take)
    const { revision, edits, report } = await viewOf(take)
    const calls = [
      () => foreign.take.query({ takeId }),
      () => foreign.saveEdits.mutate({ takeId, revision, edits }),
      () => foreign.start.mutate({ takeId, request: { kind: 'assemble' } }),
      () => foreign.cancel.mutate({ jobId: job.jobId }),
      () => foreign.cancel.mutate({ jobId: 'no-such-job' }),
      () => new Promise((resolve, reject) => foreign.jobs.subscribe({ takeId }, { onData: resolve, onError: reject })),
    ]
    for (const call of calls) expect(await reasonOf(call())).toMatchObject({ reason: 'not-allowed' })
    const track = trackRoute(take, report?.tracks[0]?.file ?? '')
    const mix = renderRoute(job, job.files[0]?.name ?? '')
    for (const route of [track, mix]) {
      expect((await get(route, {})).status).toBe(401)
      expect((await get(route, { cookie: stranger.cookie })).status).toBe(403)
      const { ticket } = await room.host.client.api.takes.ticket.query({ takeId })
      const withTicket = await get(`${route}?ticket=${ticket}`, {})
      expect([withTicket.status, withTicket.headers.get('cross-origin-resource-policy')]).toEqual([200, 'cross-origin'])
    }
  })

  it('finds no way out of the folder', async () => {
    const job = await render(take, { kind: 'preview', fromMs: 0, toMs: 1_000 })
    const base = `/api/takes/${takeIdOf(take)}`
    const names = [
      '..%2ftake.json',
      '%2e%2e/take.json',
      '..%2f..%2f..%2f..%2fkeys%2fauth-secret',
      'take.json',
      '%00',
      '',
    ]
    for (const name of names) {
      expect((await get(`${base}/studio/${name}`)).status, name).toBeGreaterThanOrEqual(400)
      expect((await get(`${base}/renders/${job.jobId}/${name}`)).status, name).toBeGreaterThanOrEqual(400)
      expect((await get(`${base}/renders/${name}/${job.files[0]?.name}`)).status, name).toBeGreaterThanOrEqual(400)
    }
    const other = await makeTake(room, { names: ['Ana'], chunkCount: 1, chunkSamples: SECONDS })
    const crossed = renderRoute({ ...job, takeId: takeIdOf(other) }, job.files[0]?.name ?? '')
    expect((await get(crossed)).status).toBe(404)
  })
})

// Last, because it ends connections that other requests of this file might take over.
describe('sound for before and after', { timeout: TEST_TIMEOUT_MS }, () => {
  it('that is too large is refused before it is here', async () => {
    const response = await putAsset('x', new Uint8Array(201 * 1024 ** 2)).catch(() => null)
    expect([413, undefined]).toContain(response?.status)
    expect((await viewOf(take)).assets).toEqual([])
  })
})
