import type { TakeId } from '../../sfu-core/contract/ids.ts'
import type { TakeManifest } from '../../sfu-core/contract/take.ts'
import type { TapeStanding } from '../../sfu-core/contract/tape.ts'
import type { NowMs } from '../clock.ts'
import { TAKES_WATCHED_MAX } from '../limits.ts'
import { wasRecorded } from './may-record.ts'
import { type ExpectedSpeaker, standingOf, type TapeFacts } from './standing.ts'
import type { TapeNews } from './tape-news.ts'
import type { TapeRecord, TapeStore } from './tape-record.ts'

export interface Standings {
  /** Of those who are expected and of all who have a tape. */
  of(takeId: TakeId, expected: readonly ExpectedSpeaker[]): Promise<TapeStanding[]>
  /** Of a take by its manifest. */
  ofManifest(manifest: TakeManifest): Promise<TapeStanding[]>
}

export interface StandingsDeps {
  store: TapeStore
  news: TapeNews
  nowMs: NowMs
}

/** The database is asked anew only when something has come, however many look. */
export function createStandings({ store, news, nowMs }: StandingsDeps): Standings {
  const known = new Map<TakeId, Promise<TapeFacts[]>>()
  news.listen((takeId) => void known.delete(takeId))
  const factsOf = (takeId: TakeId) => {
    const found = known.get(takeId)
    if (found !== undefined) return found
    const [oldest] = known.keys()
    if (known.size >= TAKES_WATCHED_MAX && oldest !== undefined) known.delete(oldest)
    const facts = readFacts(store, takeId)
    known.set(takeId, facts)
    facts.catch(() => known.delete(takeId))
    return facts
  }
  const of: Standings['of'] = async (takeId, expected) => {
    const facts = await factsOf(takeId)
    return withTapes(expected, facts).map((speaker) => standingOf(speaker, facts, nowMs()))
  }
  return { of, ofManifest: (manifest) => of(manifest.takeId, recordedPeople(manifest)) }
}

async function readFacts(store: TapeStore, takeId: TakeId): Promise<TapeFacts[]> {
  const tapes = await store.ofTake(takeId)
  return Promise.all(tapes.map(async (tape) => ({ tape, later: await laterThan(store, tape) })))
}

/** Chunks that are here behind a hole. */
export async function laterThan(store: TapeStore, { tapeId, chunkCount, progress }: TapeRecord) {
  if (chunkCount === progress.contiguousChunks) return []
  return store.rangesFrom(tapeId, progress.contiguousChunks)
}

function withTapes(expected: readonly ExpectedSpeaker[], facts: readonly TapeFacts[]): ExpectedSpeaker[] {
  const speakers = new Map(expected.map((speaker) => [speaker.participantId, speaker]))
  for (const { tape } of facts) {
    const { participantId, name, openedAtMs: sinceMs } = tape
    if (!speakers.has(participantId)) speakers.set(participantId, { participantId, name, sinceMs })
  }
  return [...speakers.values()]
}

/** Somebody who left and came again is named more than once. */
function recordedPeople(manifest: TakeManifest): ExpectedSpeaker[] {
  const people = new Map(manifest.participants.map((person) => [person.participantId, person]))
  return [...people.values()]
    .filter(({ participantId }) => wasRecorded(manifest, participantId))
    .map(({ participantId, name }) => ({ participantId, name, sinceMs: manifest.startedAtMs }))
}
