import type { NodeAnswer, TakeClock } from '../../sfu-core/contract/node-protocol.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { TapeOpening } from '../../sfu-core/contract/tape.ts'
import type { NowMs } from '../clock.ts'
import type { TapeStored } from '../contract/views.ts'
import { TAKE_CLOCK_TIMEOUT_MS, TAPES_PER_SPEAKER_AND_TAKE_MAX } from '../limits.ts'
import type { NodeRegistry } from '../nodes/node-registry.ts'
import type { RateLimits } from '../rate-limits.ts'
import type { LiveRooms } from '../rooms/live-rooms.ts'
import type { TakeStore } from '../takes/takes.db.ts'
import type { SeatClaims, TapeClaims, Tokens } from '../tokens.ts'
import type { KeyedLock } from './keyed-lock.ts'
import { assertMayRecord } from './may-record.ts'
import { laterThan, type Standings } from './standings.ts'
import { createStrip } from './strip.ts'
import type { TapeNews } from './tape-news.ts'
import { NO_PROGRESS } from './tape-progress.ts'
import type { ChunkRange, TapeDeclared, TapeRecord, TapeStore } from './tape-record.ts'
import type { TapesApi } from './tapes.api.ts'

export interface TapesDeps {
  store: TapeStore
  takeStore: TakeStore
  liveRooms: LiveRooms
  registry: NodeRegistry
  tokens: Tokens
  limits: Pick<RateLimits, 'tapeClock'>
  standings: Standings
  /** By tape: shared with the chunks' receiver. */
  lock: KeyedLock
  nowMs: NowMs
  news: TapeNews
}

/** The rules about tapes, but for their chunks (chunk-receiver.ts). */
export function createTapes(deps: TapesDeps): TapesApi {
  const { store, tokens } = deps
  return {
    async open(_caller, { seat, opening }) {
      const claims = await tokens.seat.verify(seat)
      const tape = (await store.find(opening.tapeId)) ?? (await begin(deps, claims, opening))
      assertSameTape(tape, claims, opening)
      const { tapeId, takeId, roomId, participantId } = tape
      return { tapeId, token: await tokens.tape.sign({ tapeId, takeId, roomId, participantId }) }
    },
    async state(_caller, { token }) {
      const tape = await tapeOf(deps, await tokens.tape.verify(token))
      return storedOf(tape, await laterThan(deps.store, tape))
    },
    async end(_caller, { token, ...declared }) {
      const claims = await tokens.tape.verify(token)
      await deps.lock.run(claims.tapeId, () => end(deps, claims, declared))
      return null
    },
    async clock(_caller, { token }) {
      const claims = await tokens.tape.verify(token)
      await deps.limits.tapeClock(claims.tapeId)
      return askClock(deps, claims)
    },
    strip: createStrip(deps),
  }
}

async function begin(deps: TapesDeps, seat: SeatClaims, opening: TapeOpening): Promise<TapeRecord> {
  const { takeId, tapeId } = opening
  const { roomId, participantId, name, userId } = seat
  await assertMayRecord({ liveRoom: (id) => deps.liveRooms.get(id), takes: deps.takeStore }, seat, takeId)
  if ((await deps.store.countOf(takeId, participantId)) >= TAPES_PER_SPEAKER_AND_TAKE_MAX) {
    throw new Refusal(
      'quota-exceeded',
      `One speaker has at most ${TAPES_PER_SPEAKER_AND_TAKE_MAX} tapes in a recording.`,
    )
  }
  const nowMs = deps.nowMs()
  await deps.store.insert({
    ...opening,
    roomId,
    participantId,
    name,
    owner: userId ?? participantId,
    openedAtMs: nowMs,
    newsAtMs: nowMs,
    declared: null,
    chunkCount: 0,
    sizeBytes: 0,
    progress: NO_PROGRESS,
  })
  deps.news.tell(takeId)
  // Whoever was first has it.
  return known(await deps.store.find(tapeId))
}

/** @throws Refusal `not-allowed` for a tape of somebody else, `input-invalid` for another tape under the same id. */
function assertSameTape(tape: TapeRecord, seat: SeatClaims, opening: TapeOpening): void {
  if (tape.roomId !== seat.roomId || tape.participantId !== seat.participantId) {
    throw new Refusal('not-allowed', 'That tape is not yours.')
  }
  const { takeId, source, channels } = opening
  if (tape.takeId !== takeId || tape.source !== source || tape.channels !== channels) {
    throw new Refusal('input-invalid', 'Another tape has that id.')
  }
}

async function tapeOf({ store }: TapesDeps, { tapeId }: TapeClaims): Promise<TapeRecord> {
  return known(await store.find(tapeId))
}

function known(tape: TapeRecord | null): TapeRecord {
  if (tape !== null) return tape
  throw new Refusal('not-allowed', 'This server does not know that tape.')
}

function storedOf({ progress, declared }: TapeRecord, later: ChunkRange[]): TapeStored {
  return {
    contiguousChunks: progress.contiguousChunks,
    later: later.map((range) => range.index),
    ended: declared !== null,
  }
}

/** @throws Refusal `chunk-conflict` where more is here than was declared. */
async function end(deps: TapesDeps, claims: TapeClaims, declared: TapeDeclared): Promise<void> {
  const tape = await tapeOf(deps, claims)
  const last = (await laterThan(deps.store, tape)).at(-1)
  const chunkCount = last === undefined ? tape.progress.contiguousChunks : last.index + 1
  const sampleCount = last === undefined ? tape.progress.safeSamples : last.firstSample + last.sampleCount
  const isAll = declared.chunkCount === chunkCount
  if (
    declared.chunkCount < chunkCount ||
    (isAll ? declared.sampleCount !== sampleCount : declared.sampleCount <= sampleCount)
  ) {
    throw new Refusal('chunk-conflict', 'More of the tape is here than that.')
  }
  await deps.store.end(tape.tapeId, declared, deps.nowMs())
  deps.news.tell(tape.takeId)
}

/** @throws Refusal `no-take` where that take does not run any more; `node-gone`, `timed-out`. */
async function askClock({ liveRooms, registry }: TapesDeps, { roomId, takeId }: TapeClaims): Promise<TakeClock> {
  const room = liveRooms.get(roomId)
  if (room === null) throw noTake()
  const node = registry.sessionOrRefuse(room.nodeId)
  const clock = clockIn(await node.ask({ type: 'take-clock', roomId }, TAKE_CLOCK_TIMEOUT_MS))
  if (clock.takeId !== takeId) throw noTake()
  return clock
}

function clockIn({ value }: Extract<NodeAnswer, { ok: true }>): TakeClock {
  if (value !== null && 'takeMs' in value) return value
  throw new Refusal('server-error', 'The node did not tell its clock.')
}

function noTake(): Refusal {
  return new Refusal('no-take', 'That recording does not run any more.')
}
