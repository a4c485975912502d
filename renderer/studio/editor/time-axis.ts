/** What part of the take is in sight. Pure; pixels are CSS pixels from the left edge. */
export interface TimeView {
  startMs: number
  msPerPx: number
  widthPx: number
}

/** A pair of peaks (20 ms) is ten pixels wide then: closer there is nothing to see. */
export const MS_PER_PX_MIN = 2
/** A take of a minute is not stretched over more than it needs. */
const LENGTH_MIN_MS = 1_000

export function msOf(view: TimeView, px: number): number {
  return view.startMs + px * view.msPerPx
}

export function pxOf(view: TimeView, atMs: number): number {
  return (atMs - view.startMs) / view.msPerPx
}

export function endMsOf(view: TimeView): number {
  return msOf(view, view.widthPx)
}

/** All of the take. */
export function fitted(widthPx: number, lengthMs: number): TimeView {
  return { startMs: 0, msPerPx: widestMsPerPx(widthPx, lengthMs), widthPx }
}

export function isFitted(view: TimeView, lengthMs: number): boolean {
  return view.msPerPx >= widestMsPerPx(view.widthPx, lengthMs)
}

/** A stretch of the take, with `room` of its length before and after. */
export function framed(
  view: TimeView,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  { lengthMs, room = 0 }: { lengthMs: number; room?: number },
): TimeView {
  const roomMs = (toMs - fromMs) * room
  const msPerPx = (toMs - fromMs + 2 * roomMs) / Math.max(1, view.widthPx)
  return clamped({ ...view, startMs: fromMs - roomMs, msPerPx }, lengthMs)
}

/** `factor` 2 shows half as much; the moment at `anchorPx` stays where it is. */
export function zoomed(view: TimeView, factor: number, at: { anchorPx: number; lengthMs: number }): TimeView {
  const msPerPx = clampMsPerPx(view.msPerPx / factor, view.widthPx, at.lengthMs)
  return clamped({ ...view, msPerPx, startMs: msOf(view, at.anchorPx) - at.anchorPx * msPerPx }, at.lengthMs)
}

export function scrolled(view: TimeView, byPx: number, lengthMs: number): TimeView {
  return clamped({ ...view, startMs: view.startMs + byPx * view.msPerPx }, lengthMs)
}

/** Another width: the left edge stays; what was all of the take stays all of it. */
export function resized(view: TimeView, widthPx: number, lengthMs: number): TimeView {
  if (isFitted(view, lengthMs)) return fitted(widthPx, lengthMs)
  return clamped({ ...view, widthPx }, lengthMs)
}

/** With `atMs` in sight; where it is not, it comes to `share` of the width. The same object where nothing moves. */
export function revealed(view: TimeView, atMs: number, at: { share: number; lengthMs: number }): TimeView {
  if (atMs >= view.startMs && atMs <= endMsOf(view)) return view
  return clamped({ ...view, startMs: atMs - view.widthPx * at.share * view.msPerPx }, at.lengthMs)
}

function clamped(view: TimeView, lengthMs: number): TimeView {
  const msPerPx = clampMsPerPx(view.msPerPx, view.widthPx, lengthMs)
  const lastStartMs = Math.max(0, lengthMs - view.widthPx * msPerPx)
  return { ...view, msPerPx, startMs: Math.max(0, Math.min(lastStartMs, view.startMs)) }
}

function clampMsPerPx(msPerPx: number, widthPx: number, lengthMs: number): number {
  const widest = widestMsPerPx(widthPx, lengthMs)
  return Math.min(widest, Math.max(Math.min(MS_PER_PX_MIN, widest), msPerPx))
}

function widestMsPerPx(widthPx: number, lengthMs: number): number {
  return Math.max(LENGTH_MIN_MS, lengthMs) / Math.max(1, widthPx)
}

export interface Tick {
  atMs: number
  /** With its time written beside it. */
  isMajor: boolean
}

/** Steps of the ruler, in ms, each with how many of them make one that is written out. */
const TICK_STEPS: readonly (readonly [stepMs: number, perLabel: number])[] = [
  [10, 10],
  [50, 10],
  [100, 10],
  [200, 5],
  [500, 10],
  [1_000, 5],
  [2_000, 5],
  [5_000, 6],
  [10_000, 6],
  [30_000, 4],
  [60_000, 5],
  [120_000, 5],
  [300_000, 6],
  [600_000, 6],
  [1_800_000, 4],
]
/** Between two written times. "1:02:33.5" takes 60. */
const LABEL_MIN_PX = 84

/** The ruler's marks in sight. */
export function ticksOf(view: TimeView, lengthMs: number): Tick[] {
  const fits = TICK_STEPS.find(([stepMs, perLabel]) => (stepMs * perLabel) / view.msPerPx >= LABEL_MIN_PX)
  const [stepMs, perLabel] = fits ?? [3_600_000, 1]
  const ticks: Tick[] = []
  const endMs = Math.min(lengthMs, endMsOf(view))
  for (let index = Math.floor(view.startMs / stepMs); index * stepMs <= endMs; index++) {
    ticks.push({ atMs: index * stepMs, isMajor: index % perLabel === 0 })
  }
  return ticks
}
