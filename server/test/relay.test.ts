import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdirSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { afterAll, describe, expect, it } from 'vitest'
import { participantIdSchema, type RoomId, takeIdSchema } from '../../sfu-core/contract/ids.ts'
import type { TakeManifest } from '../../sfu-core/contract/take.ts'
import { BESIDE_SERVER, type ToRelay } from '../relay-messages.ts'
import { cleanUp, newFolder, newPerson, startServer, type TestServer, until } from './harness.ts'

const relays = new Set<ChildProcess>()
afterAll(async () => {
  for (const relay of relays) relay.kill('SIGKILL')
  await cleanUp()
})

const ENTRY = path.join(import.meta.dirname, '..', 'relay.ts')

function startRelay(
  server: TestServer,
  dataFolder: string,
  { relayKey = server.relayKey, ...more }: { relayKey?: string; ENGAWA_RTC_PORT_RANGE?: string } = {},
): ChildProcess {
  const env = {
    ...more,
    PATH: process.env['PATH'],
    ENGAWA_SERVER_URL: server.url,
    ENGAWA_RELAY_KEY: relayKey,
    ENGAWA_NODE_NAME: 'Away',
    ENGAWA_DATA: dataFolder,
    ENGAWA_LOG_LEVEL: 'warn',
  }
  const relay = spawn(process.execPath, [ENTRY], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  relays.add(relay)
  relay.once('exit', () => relays.delete(relay))
  return relay
}

const end = (relay: ChildProcess) =>
  new Promise<number | null>((resolve) => {
    relay.once('exit', resolve)
    relay.kill('SIGTERM')
  })

function putTake(dataFolder: string, roomId: RoomId): TakeManifest {
  const take: TakeManifest = {
    version: 1,
    takeId: takeIdSchema.parse('take-away'),
    roomId,
    roomTitle: 'Away',
    startedAtMs: Date.now() - 5_000,
    endedAtMs: Date.now(),
    endedBy: 'stopped',
    continues: null,
    participants: [],
    tracks: [
      {
        file: '1.opus',
        participantId: participantIdSchema.parse('p'),
        number: 1,
        name: 'P',
        offsetSamples: 0,
        lengthSamples: 1,
        sizeBytes: 300_000,
      },
    ],
    timeline: [],
  }
  const folder = path.join(dataFolder, 'takes', roomId, take.takeId)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, '1.opus'), 'x'.repeat(300_000))
  writeFileSync(path.join(folder, 'take.json'), JSON.stringify(take))
  return take
}

describe('a relay beside its server', () => {
  it('that is refused for good says why and ends, so that it is started again', async () => {
    const server = await startServer()
    const env = {
      PATH: process.env['PATH'],
      ENGAWA_RELAY_KEY: 'a-wrong-key-that-is-long-enough',
      ENGAWA_NODE_NAME: 'Beside',
      ENGAWA_DATA: newFolder(),
      ENGAWA_LOG_LEVEL: 'silent',
    }
    const relay = fork(ENTRY, [BESIDE_SERVER], { env, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    relays.add(relay)
    const messages: unknown[] = []
    relay.on('message', (message) => messages.push(message))
    const ended = new Promise<number | null>((resolve) => relay.once('exit', resolve))
    relay.send({ type: 'serve', serverUrl: server.url } satisfies ToRelay)
    expect(await ended).toBe(1)
    expect(messages).toMatchObject([{ type: 'failed', reason: expect.stringContaining('not-allowed') }])
    await server.stop()
  })
})

describe('a relay of its own', () => {
  it('registers, runs rooms, and sends a finished take to the server', async () => {
    const server = await startServer()
    const dataFolder = newFolder()
    const host = await newPerson(server)
    const first = startRelay(server, dataFolder)
    const { roomId } = await host.client.api.rooms.create.mutate({ title: 'x', visibility: 'public', hosting: 'relay' })
    const goLive = () => host.client.api.rooms.goLive.mutate({ roomId }).catch(() => null)
    await until(goLive, 'the room is live on the relay')
    expect(await end(first)).toBe(0)
    const take = putTake(dataFolder, roomId)
    const second = startRelay(server, dataFolder)
    const isHere = async () => (await host.client.api.takes.list.query({ roomId }))[0]?.downloadable
    await until(isHere, 'the take is on the server')
    const headers = { cookie: host.cookie }
    const file = await fetch(`${server.url}/api/takes/${take.takeId}/files/1.opus`, { headers })
    expect((await file.text()).length).toBe(300_000)
    expect(await end(second)).toBe(0)
  })

  it('with a wrong key says so and ends', async () => {
    const server = await startServer()
    const relay = startRelay(server, newFolder(), { relayKey: 'a-wrong-key-that-is-long' })
    let said = ''
    relay.stdout?.setEncoding('utf8').on('data', (part: string) => {
      said += part
    })
    const code = await new Promise((resolve) => relay.once('exit', resolve))
    expect(code).toBe(1)
    expect(said).toContain('the server does not take this node')
  })

  it('whose UDP ports are taken says so in one sentence and ends', async () => {
    const server = await startServer()
    const { port, free } = await takeUdpPort()
    const relay = startRelay(server, newFolder(), { ENGAWA_RTC_PORT_RANGE: `${port}-${port}` })
    let said = ''
    relay.stderr?.setEncoding('utf8').on('data', (part: string) => {
      said += part
    })
    const code = await new Promise((resolve) => relay.once('close', resolve))
    expect(code).toBe(1)
    expect(said).toBe(
      `The UDP port ${port} cannot be opened; end the program that uses it, or set ENGAWA_RTC_PORT_RANGE to others.\n`,
    )
    await free()
  })
})

describe('the relay beside the server', () => {
  it('is there when the server is ready, comes back when it dies, and ends with the server in under 2 s', async () => {
    const server = await startServer({ env: { ENGAWA_RELAY: 'on', ENGAWA_LOG_LEVEL: 'silent' } })
    const ready = async () => (await fetch(`${server.url}/readyz`)).status === 200
    expect(await ready()).toBe(true)
    const first = childOf(server.pid)
    process.kill(first, 'SIGKILL')
    await until(async () => !(await ready()), 'it is missed')
    await until(ready, 'it is back', 20_000)
    const second = childOf(server.pid)
    expect(second).not.toBe(first)
    const startedAt = performance.now()
    expect(await server.stop()).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    expect(() => process.kill(second, 0)).toThrow()
  })

  it('whose UDP ports are taken is told of in the log, keeps nobody waiting, and works when they are free', async () => {
    const { port, free } = await takeUdpPort()
    const env = { ENGAWA_RELAY: 'on', ENGAWA_LOG_LEVEL: 'error', ENGAWA_RTC_PORT_RANGE: `${port}-${port}` }
    const server = await startServer({ env })
    const ready = async () => (await fetch(`${server.url}/readyz`)).status === 200
    expect(await ready()).toBe(false)
    expect(server.output()).toContain(`The UDP port ${port} cannot be opened; `)
    await free()
    await until(ready, 'the relay is there', 20_000)
    await server.stop()
  })

  it('ends by itself when the server is killed', async () => {
    const server = await startServer({ env: { ENGAWA_RELAY: 'on', ENGAWA_LOG_LEVEL: 'silent' } })
    const relay = childOf(server.pid)
    await server.kill()
    await until(() => !isAlive(relay), 'the relay has ended')
  })
})

/** On all addresses of this machine. */
async function takeUdpPort(): Promise<{ port: number; free(): Promise<void> }> {
  const socket = createSocket(hasIpv6() ? 'udp6' : 'udp4')
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind({ port: 0, exclusive: true }, resolve)
  })
  return { port: socket.address().port, free: () => new Promise((resolve) => socket.close(() => resolve())) }
}

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ family }) => family === 'IPv6'))
}

function childOf(pid: number): number {
  const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n')
  const line = lines.find((one) => new RegExp(`^\\s*\\d+\\s+${pid}\\s.*relay\\.ts`).test(one))
  return Number(line?.trim().split(/\s+/)[0])
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
