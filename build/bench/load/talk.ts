/**
 * Who speaks when, as alternating spans in ms, silence first; the load generator repeats them. Seeded: each SFU of
 * a run gets the same talk.
 */
export type TalkSpans = readonly number[]

/** Without a pause. */
export const MONOLOGUE: TalkSpans = [0, 1_000]
export const SILENCE: TalkSpans = []

const CONVERSATION_MS = 60_000
/** An even number of spans below the generator's TALK_SPANS_MAX. */
const SPANS_MAX = 250
/** Phrases and the breaths within a turn, as in conversational speech (phrases of 1 to 4 s, pauses of 0.2 to 0.8 s). */
const PHRASE_MS = [1_000, 4_000] as const
const BREATH_MS = [200, 800] as const
/** Those who speak sometimes: a sentence, then a good while of listening. */
const REPLY_MS = [800, 3_000] as const
const LISTENING_MS = [3_000, 9_000] as const

/** Three people at normal talk: the first speaks mostly, two others sometimes, now and then over the first. */
export function conversation(seed: number): [TalkSpans, TalkSpans, TalkSpans] {
  const random = mulberry32(seed)
  return [
    spans(random, { talkMs: PHRASE_MS, silenceMs: BREATH_MS }),
    spans(random, { talkMs: REPLY_MS, silenceMs: LISTENING_MS }),
    spans(random, { talkMs: REPLY_MS, silenceMs: LISTENING_MS }),
  ]
}

type Range = readonly [number, number]

function spans(random: () => number, ranges: { talkMs: Range; silenceMs: Range }): number[] {
  const result: number[] = []
  const pick = ([from, to]: Range) => Math.round(from + random() * (to - from))
  for (let totalMs = 0; totalMs < CONVERSATION_MS && result.length < SPANS_MAX; ) {
    const silenceMs = pick(ranges.silenceMs)
    const talkMs = pick(ranges.talkMs)
    result.push(silenceMs, talkMs)
    totalMs += silenceMs + talkMs
  }
  return result
}

/** The share of the time in which somebody of the spans' owner talks. */
export function talkShare(talk: TalkSpans): number {
  const totalMs = talk.reduce((sum, ms) => sum + ms, 0)
  return totalMs === 0 ? 0 : talk.filter((_, i) => i % 2 === 1).reduce((sum, ms) => sum + ms, 0) / totalMs
}

/** Tommy Ettinger's mulberry32: small, good enough for patterns. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
