import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TapeStanding } from '../../sfu-core/contract/tape.ts'
import { cleanUp, connect, startServer, type TestServer, until } from './harness.ts'
import {
  CHUNK_SAMPLES,
  makeChunk,
  openTape,
  type RecordedRoom,
  recordedRoom,
  type Seated,
  sendChunk,
  sitDown,
} from './tape-sender.ts'

let server: TestServer
let room: RecordedRoom

beforeAll(async () => {
  server = await startServer()
  room = await recordedRoom(server)
})
afterAll(async () => {
  await room.node.close()
  await cleanUp()
})

function follow({ client, seat }: Seated) {
  const told: { standings: TapeStanding[]; atMs: number }[] = []
  const outcome = { completed: false }
  const subscription = client.api.tapes.strip.subscribe(
    { seat },
    {
      onData: (standings) => told.push({ standings, atMs: performance.now() }),
      onComplete: () => {
        outcome.completed = true
      },
    },
  )
  const of = (name: string) => told.at(-1)?.standings.find((one) => one.name === name)
  return { told, outcome, of, stop: () => subscription.unsubscribe() }
}

it('tells hosts of all, speakers of themselves, at most once a second', async () => {
  const { host, speaker, take, node, roomId } = room
  const strips = { host: follow(host), speaker: follow(speaker) }
  await until(() => strips.host.of('Ana')?.state === 'waiting' && strips.host.of('Host'), 'both are waited for')
  await until(() => strips.speaker.of('Ana'), 'Ana sees herself')
  expect(strips.speaker.of('Host')).toBeUndefined()

  const grant = await openTape(speaker, take)
  for (const index of [0, 1, 3]) {
    const chunk = await makeChunk(index, { notes: [] })
    await sendChunk(server, chunk, grant)
  }
  const hole = { state: 'safe', safeToMs: 6_000, capturedToMs: 7_000, gapCount: 1, gapMs: 500 }
  await until(() => strips.host.of('Ana')?.gapCount === 1, 'the hole is told')
  expect(strips.host.of('Ana')).toMatchObject(hole)
  await until(() => strips.speaker.of('Ana')?.gapCount === 1, 'Ana is told')
  await sendChunk(server, await makeChunk(2), grant)
  const end = { token: grant.token, chunkCount: 4, sampleCount: 4 * CHUNK_SAMPLES, end: 'left' as const }
  await speaker.client.api.tapes.end.mutate(end)
  await until(() => strips.host.of('Ana')?.state === 'ended', 'all of it is here')
  expect(strips.host.of('Ana')).toMatchObject({ safeToMs: 7_000, gapCount: 0, gapMs: 0 })

  await node.tell(roomId, [{ type: 'participant', participant: { ...speaker.participant, rank: 'co-host' } }])
  await until(() => strips.speaker.of('Host'), 'a co-host sees all')
  for (const { told } of Object.values(strips)) {
    const steps = told.slice(1).map(({ atMs }, i) => atMs - (told[i]?.atMs ?? 0))
    expect(Math.min(...steps)).toBeGreaterThan(900)
  }

  await node.tell(roomId, [{ type: 'recording', recording: null }])
  const later = follow(host)
  await until(() => strips.host.of('Ana')?.state === 'ended', 'the last take is still told of')
  const listener = await sitDown(connect(server), {
    roomId,
    node,
    name: 'L',
    change: { onStage: false, recordingConsent: false },
  })
  const nothing = follow(listener)
  await until(() => nothing.told.length > 0, 'a listener is told of nobody')
  expect(nothing.told.at(-1)?.standings).toEqual([])
  for (const strip of [later, nothing, strips.speaker]) strip.stop()
  await host.client.api.rooms.end.mutate({ roomId })
  await until(() => strips.host.outcome.completed, 'the strip ends with the room')
})

it('of no room, or with no seat, ends or is refused', async () => {
  const gone = follow(room.speaker)
  await until(() => gone.outcome.completed, 'a room that is over')
  expect(gone.told).toEqual([])
})
