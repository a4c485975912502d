import type { CaptureNote } from '../tape.ts'
import type { Mark } from './capture-clock.ts'

/** Where a sound card stood still: the marks come late from there on, and stay late. */
export interface Stall {
  /** The first sample after it. */
  sample: number
  /** The first mark after it. */
  firstMark: number
  /** As the capturing side says; null where it said nothing. */
  cause: CaptureNote['cause'] | null
}

/** What is sooner made good is a busy computer: the sound had been captured, only the news of it was late. */
const WATCH_MS = 60_000
/** Less is not told from a busy computer. */
const STALL_MIN_MS = 60
/** Where the capturing side itself says so, this much is enough. */
const NOTED_STALL_MIN_MS = 15
/** Without a note so many marks after it must show it, four seconds of them: a page that is closed is busy at its end. */
const MIN_MARKS_AFTER = 16
/** Late marks just before a stall blur where it is, by this many marks. */
const BLUR_MARKS = 12
/** A note so far beside the place that the marks show is about something else. */
const NOTE_REACH_SAMPLES = 24_000
/** With stalls apart already, levels are compared over this long: ten minutes of delay are no jitter. */
const LEVEL_MS = 600_000

/** `marks` in order, without drift. */
export function findStalls(marks: readonly Mark[], notes: readonly CaptureNote[]): Stall[] {
  const after = levelsAfter(marks)
  const found: Stall[] = []
  let firstMark = 0
  for (let k = 0; k + 1 < marks.length; k++) {
    const before = lowest(marks, Math.max(firstMark, firstWithin(marks, k)), k + 1)
    if ((after[k + 1] ?? 0) - before < NOTED_STALL_MIN_MS) continue
    const stall = stallNear(marks, after, { k, before, notes })
    if (!stall || stall.firstMark <= firstMark) continue
    found.push(stall)
    firstMark = stall.firstMark
    k = Math.max(k, stall.firstMark - 1)
  }
  return withoutFalse(marks, found)
}

/** For each mark the lowest lateness from it on, as long as is watched. By the page's clock: a queue that was held up is gone through at once. */
function levelsAfter(marks: readonly Mark[]): Float64Array {
  const levels = new Float64Array(marks.length)
  // Indices of marks whose lateness no later one in the window is below, earliest last.
  const rising: number[] = []
  let head = 0
  for (let i = marks.length - 1; i >= 0; i--) {
    const mark = marks[i]
    if (!mark) continue
    while (rising.length > head && (marks[rising.at(-1) ?? 0]?.lateMs ?? 0) >= mark.lateMs) rising.pop()
    rising.push(i)
    while ((marks[rising[head] ?? i]?.pageMs ?? 0) > mark.pageMs + WATCH_MS) head += 1
    levels[i] = marks[rising[head] ?? i]?.lateMs ?? 0
  }
  return levels
}

function firstWithin(marks: readonly Mark[], k: number): number {
  const sinceMs = (marks[k]?.dueMs ?? 0) - WATCH_MS
  let first = k
  while (first > 0 && (marks[first - 1]?.dueMs ?? 0) >= sinceMs) first -= 1
  return first
}

function lowest(marks: readonly Mark[], from: number, to: number): number {
  let low = Number.POSITIVE_INFINITY
  for (let i = from; i < to; i++) low = Math.min(low, marks[i]?.lateMs ?? low)
  return low
}

interface Rise {
  k: number
  before: number
  notes: readonly CaptureNote[]
}

/** The stall that makes the level rise at mark `k` or soon behind it; null if it is too little to be one. */
function stallNear(marks: readonly Mark[], after: Float64Array, { k, before, notes }: Rise): Stall | null {
  const note = notes.find((some) => isNear(some.sample, marks, k))
  const firstMark = steepest(after, k)
  const riseMs = (after[Math.min(firstMark + 1, after.length - 1)] ?? 0) - before
  const isLongEnough = riseMs >= (note ? NOTED_STALL_MIN_MS : STALL_MIN_MS)
  if (!isLongEnough || (!note && marks.length - firstMark < MIN_MARKS_AFTER)) return null
  return place(marks, firstMark, notes)
}

function isNear(sample: number, marks: readonly Mark[], k: number): boolean {
  const from = (marks[k]?.sample ?? 0) - NOTE_REACH_SAMPLES
  const to = (marks[k + 1]?.sample ?? Number.POSITIVE_INFINITY) + NOTE_REACH_SAMPLES
  return sample >= from && sample <= to
}

/** The mark behind the greatest rise of the level. */
function steepest(after: Float64Array, k: number): number {
  let best = k + 1
  for (let i = k + 1; i < Math.min(k + 1 + BLUR_MARKS, after.length); i++) {
    if (riseAt(after, i) > riseAt(after, best)) best = i
  }
  return best
}

function riseAt(after: Float64Array, i: number): number {
  return (after[i] ?? 0) - (after[i - 1] ?? 0)
}

/** A note tells the sample; else the count that was told again and again; else half-way between two marks. */
function place(marks: readonly Mark[], firstMark: number, notes: readonly CaptureNote[]): Stall {
  const [last, first] = [marks[firstMark - 1], marks[firstMark]]
  const [from, to] = [last?.sample ?? 0, first?.sample ?? 0]
  const near = notes.filter(({ sample }) => sample >= from - NOTE_REACH_SAMPLES && sample <= to + NOTE_REACH_SAMPLES)
  const distance = ({ sample }: CaptureNote) => Math.max(from - sample, sample - to, 0)
  const note = near.toSorted((a, b) => distance(a) - distance(b))[0]
  if (note) return { sample: note.sample, firstMark: firstMarkFrom(marks, note.sample, firstMark), cause: note.cause }
  const stoodMs = last ? last.untilMs - last.pageMs : 0
  return { sample: stoodMs >= STALL_MIN_MS ? from : Math.round((from + to) / 2), firstMark, cause: null }
}

/** The first mark that counts a sample behind `sample`. */
function firstMarkFrom(marks: readonly Mark[], sample: number, near: number): number {
  let first = near
  while (first > 0 && (marks[first - 1]?.sample ?? 0) > sample) first -= 1
  while (first < marks.length && (marks[first]?.sample ?? 0) <= sample) first += 1
  return first
}

/** Without those that turn out to be none when all marks on both sides are looked at: minutes of delay that ended. */
function withoutFalse(marks: readonly Mark[], stalls: readonly Stall[]): Stall[] {
  const kept: Stall[] = []
  for (const [i, stall] of stalls.entries()) {
    const before = marks.slice(kept.at(-1)?.firstMark ?? 0, stall.firstMark)
    const after = marks.slice(stall.firstMark, stalls[i + 1]?.firstMark ?? marks.length)
    const atMs = after[0]?.dueMs ?? 0
    const riseMs = levelNear(after, atMs) - levelNear(before, atMs)
    if (riseMs >= (stall.cause ? NOTED_STALL_MIN_MS : STALL_MIN_MS)) kept.push(stall)
  }
  return kept
}

function levelNear(marks: readonly Mark[], atMs: number): number {
  const near = marks.filter((mark) => Math.abs(mark.dueMs - atMs) <= LEVEL_MS)
  return lowest(near, 0, near.length)
}
