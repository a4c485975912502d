import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RenderRequest } from '../../sfu-core/contract/render.ts'
import { startFakeNode } from './fake-node.ts'
import {
  cleanUp,
  connect,
  FOREIGN_DATABASE_URL,
  newPerson,
  reasonOf,
  startServer,
  type TestPerson,
  type TestServer,
  until,
} from './harness.ts'
import { assembled, followJobs, type MadeTake, makeTake, type StudioRoom } from './studio-take.ts'

const TEST_TIMEOUT_MS = 400_000
const MINUTES = 60
const CHUNK_SAMPLES = 30 * 48_000
const MIX: RenderRequest = { kind: 'mix', format: 'flac' }
const PREVIEW: RenderRequest = { kind: 'preview', fromMs: 0, toMs: 1_000 }

let room: StudioRoom
/** So long that a test is quicker than its mix. */
let take: MadeTake

beforeAll(async () => {
  const server = await startServer()
  const node = startFakeNode(server, { credential: { relayKey: server.relayKey } })
  await node.up()
  const host = await newPerson(server, 'Host')
  const wish = { title: 'Long', visibility: 'public', hosting: 'relay' } as const
  const { roomId } = await host.client.api.rooms.create.mutate(wish)
  await host.client.api.rooms.goLive.mutate({ roomId })
  room = { server, node, host, roomId }
  const chunkCount = (5 * MINUTES) / 30
  take = await makeTake(room, { names: ['Ana', 'Ben'], chunkCount, chunkSamples: CHUNK_SAMPLES })
  await assembled(room, take)
}, TEST_TIMEOUT_MS)
afterAll(async () => {
  await room.node.close()
  await cleanUp()
})

const start = (request: RenderRequest, { client }: Pick<TestPerson, 'client'> = room.host) =>
  client.api.studio.start.mutate({ takeId: take.manifest.takeId, request })
const cancel = (jobId: string) => room.host.client.api.studio.cancel.mutate({ jobId })

const takeFolder = (server: TestServer) => path.join(server.dataFolder, 'takes', room.roomId, take.manifest.takeId)

function workFolders(server: TestServer): string[] {
  const folder = path.join(takeFolder(server), 'studio-work')
  return existsSync(folder) ? readdirSync(folder) : []
}

/** The processes of jobs that a server has started and that still live (Linux). */
function workersOf(serverPid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isWorkerOf(pid, serverPid))
}

function isWorkerOf(pid: number, serverPid: number): boolean {
  try {
    const parent = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return parent === String(serverPid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('studio/worker/main')
  } catch {
    return false // ended meanwhile
  }
}

function niceOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
}

describe.runIf(process.platform === 'linux')('jobs', { timeout: TEST_TIMEOUT_MS }, () => {
  it('run one after the other in their order, a preview before other work, and tell how far they are', async () => {
    const follow = followJobs(room.host, take)
    const first = await start(MIX)
    expect(first).toMatchObject({ state: 'waiting', step: 'queued', progress: 0 })
    await follow.untilProgress(first.jobId)
    const second = await start({ kind: 'tracks', format: 'opus', edited: false, projects: false })
    const preview = await start(PREVIEW)
    const [worker, ...others] = workersOf(room.server.pid)
    expect(others).toEqual([])
    expect(niceOf(worker ?? 0)).toBe(10)
    expect(readFileSync(`/proc/${worker}/environ`, 'utf8')).not.toMatch(/ENGAWA_|DATABASE_URL/)
    const ended = await Promise.all([first, preview, second].map((job) => follow.untilEnded(job.jobId)))
    expect(ended.map((job) => job.state)).toEqual(['done', 'done', 'done'])
    const times = ended.map((job) => job.endedAtMs ?? 0)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    const told = follow.seen.filter((job) => job.jobId === first.jobId && job.state === 'running')
    expect(told.length).toBeGreaterThan(3)
    expect(told.map((job) => job.progress)).toEqual(told.map((job) => job.progress).toSorted((a, b) => a - b))
    follow.stop()
  })

  it('are cancelled while they wait and while they run', async () => {
    const follow = followJobs(room.host, take)
    const running = await start(MIX)
    const waiting = await start(MIX)
    await follow.untilProgress(running.jobId)
    await cancel(waiting.jobId)
    expect(await follow.untilEnded(waiting.jobId)).toMatchObject({ state: 'cancelled', files: [] })
    const startedAtMs = performance.now()
    await cancel(running.jobId)
    expect(await follow.untilEnded(running.jobId)).toMatchObject({ state: 'cancelled', files: [] })
    expect(performance.now() - startedAtMs).toBeLessThan(4_000)
    await until(() => workersOf(room.server.pid).length === 0, 'its process is gone')
    await until(() => workFolders(room.server).length === 0, 'what it had made is gone')
    expect(await reasonOf(cancel(running.jobId))).toMatchObject({ reason: 'nothing-to-do' })
    const next = await start(PREVIEW)
    expect(await follow.untilEnded(next.jobId)).toMatchObject({ state: 'done' })
    follow.stop()
  })

  it('whose process dies are tried once more', async () => {
    const follow = followJobs(room.host, take)
    for (const deaths of [1, 2]) {
      const { jobId } = await start(MIX)
      const killed = new Set<number>()
      while (killed.size < deaths) {
        const pid = await until(() => workersOf(room.server.pid).find((one) => !killed.has(one)), 'a process')
        process.kill(pid, 'SIGKILL')
        killed.add(pid)
      }
      const wanted = deaths === 1 ? { state: 'done' } : { state: 'failed', reason: 'render-failed' }
      expect(await follow.untilEnded(jobId)).toMatchObject(wanted)
    }
    follow.stop()
  })

  it.runIf(FOREIGN_DATABASE_URL === undefined)('outlive the loss of the database', async () => {
    const follow = followJobs(room.host, take)
    const { jobId } = await start(MIX)
    await follow.untilProgress(jobId)
    const pidFile = path.join(room.server.dataFolder, 'postgres/cluster/postmaster.pid')
    process.kill(Number(readFileSync(pidFile, 'utf8').split('\n')[0]), 'SIGKILL')
    expect(await follow.untilEnded(jobId)).toMatchObject({ state: 'done' })
    const next = await until(() => start(PREVIEW).catch(() => null), 'the database is back')
    expect(await follow.untilEnded(next.jobId)).toMatchObject({ state: 'done' })
    follow.stop()
  })

  it('of one host are at most so many', async () => {
    const jobs = await Promise.all(Array.from({ length: 10 }, () => start(MIX)))
    expect(await reasonOf(start(MIX))).toMatchObject({ reason: 'too-many-requests' })
    // It is not theirs alone: what a take needs comes all the same.
    await Promise.all(jobs.map((job) => cancel(job.jobId)))
    const follow = followJobs(room.host, take)
    await Promise.all(jobs.map((job) => follow.untilState(job.jobId, 'cancelled')))
    follow.stop()
  })

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'that a %s of the server interrupts are done after the next start',
    async (signal) => {
      const before = followJobs(room.host, take)
      const [running, waiting] = [await start(MIX), await start(PREVIEW)]
      await before.untilProgress(running.jobId)
      const [worker] = workersOf(room.server.pid)
      before.stop()
      await room.node.close()
      const stoppedAtMs = performance.now()
      if (signal === 'SIGTERM') {
        expect(await room.server.stop()).toBe(0)
        expect(performance.now() - stoppedAtMs).toBeLessThan(2_000)
      } else await room.server.kill()
      await until(() => !existsSync(`/proc/${worker}`), 'the process ends with its server')

      const { dataFolder, databaseUrl } = room.server
      const server = await startServer({ dataFolder, databaseUrl })
      const node = startFakeNode(server, { credential: { relayKey: server.relayKey } })
      const client = connect(server, { authorization: `Bearer ${room.host.bearer}` })
      room = { ...room, server, node, host: { ...room.host, client } }
      const after = followJobs(room.host, take)
      const ended = await Promise.all([running, waiting].map((job) => after.untilEnded(job.jobId)))
      expect(ended.map((job) => job.state)).toEqual(['done', 'done'])
      await until(() => workFolders(server).length === 0, 'nothing is left lying about')
      after.stop()
    },
  )
})
