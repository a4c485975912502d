import { setTimeout as delay } from 'node:timers/promises'
import type { TakeId } from '../../sfu-core/contract/ids.ts'
import type { TapeStanding } from '../../sfu-core/contract/tape.ts'
import type { NowMs } from '../clock.ts'
import { TAPE_STRIP_INTERVAL_MS } from '../limits.ts'
import { waitForRoom } from '../rooms/feed-pressure.ts'
import type { LiveRoom } from '../rooms/live-room.ts'
import type { LiveRooms } from '../rooms/live-rooms.ts'
import { isOfThisPeriod } from '../rooms/visibility.ts'
import { assertGoesOn } from '../rooms/visits.ts'
import type { TakeStore } from '../takes/takes.db.ts'
import type { SeatClaims, Tokens } from '../tokens.ts'
import type { ExpectedSpeaker } from './standing.ts'
import type { Standings } from './standings.ts'
import type { TapesApi } from './tapes.api.ts'

export interface StripDeps {
  tokens: Pick<Tokens, 'seat'>
  liveRooms: LiveRooms
  takeStore: Pick<TakeStore, 'newestOfRoom'>
  standings: Standings
  nowMs: NowMs
}

/** The live strip: told when something has changed, at most once each TAPE_STRIP_INTERVAL_MS. Ends with the room or the visit. */
export function createStrip(deps: StripDeps): TapesApi['strip'] {
  return async function* (caller, { seat }, signal) {
    const claims = await deps.tokens.seat.verify(seat)
    const room = deps.liveRooms.get(claims.roomId)
    if (room === null || !isOfThisPeriod(room.record, claims)) return
    assertGoesOn(room, claims)
    const watch = new TakeWatch(deps, room)
    let told: string | null = null
    while (!signal.aborted && !room.isVisitOver(claims.participantId, claims.sid)) {
      const isLast = room.ended !== null
      const standings = seenBy(room, claims, await watch.look())
      const text = JSON.stringify(standings)
      if (text !== told) yield standings
      told = text
      if (isLast) return
      await delay(TAPE_STRIP_INTERVAL_MS, undefined, { signal }).catch(() => {})
      await waitForRoom(caller, signal)
    }
  }
}

/** Hosts see all; others themselves. Asked each time: ranks change. */
function seenBy({ state }: LiveRoom, { participantId }: SeatClaims, standings: TapeStanding[]): TapeStanding[] {
  const rank = state.participants[participantId]?.rank ?? 'member'
  return rank === 'member' ? standings.filter((one) => one.participantId === participantId) : standings
}

/** Follows a room's take: the one that runs, then the one that ran last, and who was on stage of it. */
class TakeWatch {
  readonly #deps: StripDeps
  readonly #room: LiveRoom
  #takeId: TakeId | null | undefined
  readonly #seen = new Map<string, ExpectedSpeaker>()

  constructor(deps: StripDeps, room: LiveRoom) {
    this.#deps = deps
    this.#room = room
  }

  async look(): Promise<TapeStanding[]> {
    const takeId = await this.#followTake()
    if (takeId === null) return []
    this.#seePeople()
    return this.#deps.standings.of(takeId, [...this.#seen.values()])
  }

  async #followTake(): Promise<TakeId | null> {
    const running = this.#room.state.recording?.takeId
    if (running !== undefined && running !== this.#takeId) {
      this.#seen.clear()
      this.#takeId = running
    }
    if (this.#takeId === undefined) this.#takeId = await this.#lastTake()
    return this.#takeId
  }

  /** Of this live period. */
  async #lastTake(): Promise<TakeId | null> {
    const { roomId, liveSinceMs } = this.#room.record
    const take = await this.#deps.takeStore.newestOfRoom(roomId)
    return take !== null && take.manifest.startedAtMs >= (liveSinceMs ?? 0) ? take.takeId : null
  }

  #seePeople(): void {
    const { recording, participants } = this.#room.state
    if (recording === null) return
    for (const { id, name, onStage, recordingConsent } of Object.values(participants)) {
      if (!onStage || !recordingConsent || this.#seen.has(id)) continue
      this.#seen.set(id, { participantId: id, name, sinceMs: this.#deps.nowMs() })
    }
  }
}
