import type { TapeStanding } from '../../sfu-core/contract/tape.ts'

/**
 * How safe one speaker's recording is. `silent`: nothing was heard from their computer for a while. `complete`: all that
 * was captured is at the server. `absent`: there is only what the room heard.
 */
export type StripState = 'waiting' | 'safe' | 'behind' | 'silent' | 'complete' | 'absent'

export interface StripRow {
  readonly id: string
  readonly name: string
  readonly isSelf: boolean
  readonly state: StripState
  /** On the take's clock. */
  readonly safeToMs: number
  /** Still on their computer, as far as it told. */
  readonly behindMs: number
  readonly gapCount: number
  readonly gapMs: number
}

/** Less than this that is missing is the ordinary last chunk: who is behind by so little has fallen silent. */
const SAID_BEHIND_MS = 2_000

export interface StripFacts {
  readonly standings: readonly TapeStanding[]
  /** Ids of those on stage, in the order of the screen: they come first. */
  readonly onStage: readonly string[]
  readonly selfId: string | null
}

/** A row for each speaker: those on stage in their order, then those who left it. Pure. */
export function stripRows({ standings, onStage, selfId }: StripFacts): StripRow[] {
  const placeOf = ({ id }: StripRow) => {
    const place = onStage.indexOf(id)
    return place < 0 ? onStage.length : place
  }
  return standings.map((standing) => rowOf(standing, selfId)).sort((a, b) => placeOf(a) - placeOf(b))
}

function rowOf(standing: TapeStanding, selfId: string | null): StripRow {
  const { participantId, name, safeToMs, capturedToMs, gapCount, gapMs } = standing
  const behindMs = Math.max(0, capturedToMs - safeToMs)
  return {
    id: participantId,
    name,
    isSelf: participantId === selfId,
    state: stateOf(standing.state, behindMs),
    safeToMs,
    behindMs,
    gapCount,
    gapMs,
  }
}

function stateOf(state: TapeStanding['state'], behindMs: number): StripState {
  if (state === 'ended') return 'complete'
  if (state === 'behind') return behindMs > SAID_BEHIND_MS ? 'behind' : 'silent'
  return state
}

/** Something that a host may want to look after. A gap that is there stays: it is told, but nothing can be done. */
function isWorrying({ state }: StripRow): boolean {
  return state === 'behind' || state === 'silent' || state === 'absent'
}

function areComplete(rows: readonly StripRow[]): boolean {
  return rows.length > 0 && rows.every(({ state }) => state === 'complete')
}

/** Of whom more is to come. */
export function isIncomplete({ state }: StripRow): boolean {
  return state !== 'complete' && state !== 'absent'
}

/** All of it in one or two words. `names`: whom it is about. */
export type StripSummary =
  | { readonly kind: 'starting' | 'safe' | 'complete' }
  | { readonly kind: 'gaps'; readonly count: number }
  | { readonly kind: 'look'; readonly names: readonly string[] }

/** Pure. There is at least one row. */
export function summaryOf(rows: readonly StripRow[]): StripSummary {
  const worrying = rows.filter(isWorrying)
  if (worrying.length > 0) return { kind: 'look', names: worrying.map(({ name }) => name) }
  const count = rows.reduce((sum, { gapCount }) => sum + gapCount, 0)
  if (count > 0) return { kind: 'gaps', count }
  if (areComplete(rows)) return { kind: 'complete' }
  return rows.some(({ state }) => state === 'waiting') ? { kind: 'starting' } : { kind: 'safe' }
}

/** Something to read aloud; the words are at `strip:news.<key>`. */
export interface StripNews {
  readonly key: 'behind' | 'caughtUp' | 'absent' | 'gap' | 'allHere'
  readonly name: string
  readonly isSelf: boolean
  /** Of the gaps that are new. */
  readonly gapMs: number
}

/** What became different for the worse, or well again, between two looks. Figures that only move on are no news. Pure. */
export function stripNews(before: readonly StripRow[], after: readonly StripRow[]): StripNews[] {
  const earlier = new Map(before.map((row) => [row.id, row]))
  const news = after.flatMap((row) => newsOf(earlier.get(row.id), row))
  if (areComplete(after) && before.some(isIncomplete)) news.push({ key: 'allHere', name: '', isSelf: false, gapMs: 0 })
  return news
}

const IS_LATE: ReadonlySet<StripState> = new Set<StripState>(['behind', 'silent'])

function newsOf(before: StripRow | undefined, row: StripRow): StripNews[] {
  const { name, isSelf } = row
  const gapMs = row.gapMs - (before?.gapMs ?? 0)
  const wasLate = before !== undefined && IS_LATE.has(before.state)
  const keys: StripNews['key'][] = []
  if (IS_LATE.has(row.state) && !wasLate) keys.push('behind')
  if (wasLate && row.state === 'safe') keys.push('caughtUp')
  if (row.state === 'absent' && before?.state !== 'absent') keys.push('absent')
  if (row.gapCount > (before?.gapCount ?? 0) && gapMs > 0) keys.push('gap')
  return keys.map((key) => ({ key, name, isSelf, gapMs }))
}
