import type { SlotSources } from './ports.ts'

/** Loudness (0 to 1, as in webrtc-stats audioLevel) from which somebody counts as speaking: about -40 dBFS. */
const SPEAKING_ON_LEVEL = 0.01
/** Below this (about -48 dBFS) they fall silent: lower, so that the ring does not flicker. */
const SPEAKING_OFF_LEVEL = 0.004
/** A pause between words is shorter than this. */
export const SPEAKING_HOLD_MS = 450
/** A source that sent no packet for this long is not in its slot any more. */
export const SOURCE_FRESH_MS = 400

/** What one look at the slots and the own microphone gave. */
export interface Hearing {
  readonly nowMs: number
  readonly slots: readonly { readonly sources: SlotSources; readonly level: number }[]
  /** The own number and level while the microphone is open; else null. */
  readonly own: { readonly number: number; readonly level: number } | null
}

export interface SpeakingState {
  /** By participant number. */
  readonly voices: ReadonlyMap<number, Voice>
  /** By slot and participant number: the last timestamp and when it was first seen. */
  readonly seen: ReadonlyMap<string, { timestampMs: number; atMs: number }>
}

interface Voice {
  readonly speaking: boolean
  readonly lastLoudMs: number
}

export const NOBODY_SPEAKS: SpeakingState = { voices: new Map(), seen: new Map() }

/** The next state of who speaks. Pure. */
export function hear(state: SpeakingState, hearing: Hearing): SpeakingState {
  const seen = new Map<string, { timestampMs: number; atMs: number }>()
  const levels = new Map<number, number>()
  hearing.slots.forEach((slot, index) => {
    const current = currentSource(state, { slot: index, sources: slot.sources, nowMs: hearing.nowMs }, seen)
    if (current !== null) raise(levels, current, slot.level)
  })
  if (hearing.own !== null) raise(levels, hearing.own.number, hearing.own.level)
  return { voices: nextVoices(state.voices, levels, hearing.nowMs), seen }
}

/** The numbers of those who speak now. */
export function speakingNumbers(state: SpeakingState): number[] {
  const numbers: number[] = []
  for (const [number, voice] of state.voices) if (voice.speaking) numbers.push(number)
  return numbers.sort((a, b) => a - b)
}

/** Whose packets come in a slot now: the freshest source, if its timestamp moved lately. */
function currentSource(
  state: SpeakingState,
  look: { slot: number; sources: SlotSources; nowMs: number },
  seen: Map<string, { timestampMs: number; atMs: number }>,
): number | null {
  let freshest: { number: number; timestampMs: number } | null = null
  for (const source of look.sources) {
    const key = `${look.slot}:${source.number}`
    const before = state.seen.get(key)
    const moved = before === undefined || before.timestampMs !== source.timestampMs
    const atMs = moved ? look.nowMs : before.atMs
    seen.set(key, { timestampMs: source.timestampMs, atMs })
    if (look.nowMs - atMs > SOURCE_FRESH_MS) continue
    if (freshest === null || source.timestampMs > freshest.timestampMs) freshest = source
  }
  return freshest?.number ?? null
}

function raise(levels: Map<number, number>, number: number, level: number): void {
  levels.set(number, Math.max(level, levels.get(number) ?? 0))
}

function nextVoices(
  before: ReadonlyMap<number, Voice>,
  levels: ReadonlyMap<number, number>,
  nowMs: number,
): ReadonlyMap<number, Voice> {
  const voices = new Map<number, Voice>()
  for (const number of new Set([...before.keys(), ...levels.keys()])) {
    const next = nextVoice(before.get(number), levels.get(number) ?? 0, nowMs)
    if (next !== null) voices.set(number, next)
  }
  return voices
}

function nextVoice(before: Voice | undefined, level: number, nowMs: number): Voice | null {
  const threshold = before?.speaking ? SPEAKING_OFF_LEVEL : SPEAKING_ON_LEVEL
  if (level >= threshold) return { speaking: true, lastLoudMs: nowMs }
  if (before === undefined || nowMs - before.lastLoudMs > SPEAKING_HOLD_MS) return null
  return before
}
