/** Loudest and quietest of each 20 ms, as the studio writes them: Int8 pairs, min then max, full scale 127. */
export const PEAK_PAIR_MS = 20
/** From one level of detail to the next coarser one. */
const LEVEL_FACTOR = 4
/** A level with fewer pairs than this is drawn in no time: no coarser one is needed. */
const COARSEST_PAIRS = 4_096

export interface PeakLevel {
  pairMs: number
  pairs: Int8Array
}

/** One speaker's peaks at several levels of detail, finest first: drawing takes as long for three hours as for a minute. */
export type Peaks = readonly PeakLevel[]

export function peaksOf(file: ArrayBuffer): Peaks {
  const finest: PeakLevel = { pairMs: PEAK_PAIR_MS, pairs: new Int8Array(file, 0, file.byteLength & ~1) }
  const levels = [finest]
  for (let level = finest; level.pairs.length / 2 > COARSEST_PAIRS; ) {
    level = coarser(level)
    levels.push(level)
  }
  return levels
}

function coarser({ pairMs, pairs }: PeakLevel): PeakLevel {
  const step = LEVEL_FACTOR * 2
  const result = new Int8Array(Math.ceil(pairs.length / step) * 2)
  for (let to = 0; to < result.length; to += 2) {
    const { min, max } = extremes(pairs, (to / 2) * step, (to / 2 + 1) * step)
    result[to] = min
    result[to + 1] = max
  }
  return { pairMs: pairMs * LEVEL_FACTOR, pairs: result }
}

function extremes(pairs: Int8Array, from: number, to: number): { min: number; max: number } {
  let min = 0
  let max = 0
  const end = Math.min(to, pairs.length)
  for (let index = from; index < end; index += 2) {
    min = Math.min(min, pairs[index] ?? 0)
    max = Math.max(max, pairs[index + 1] ?? 0)
  }
  return { min, max }
}

/** The columns to draw: `count` of them from `startMs` on, each `columnMs` wide; min and max in turn. */
export function columnsOf(peaks: Peaks, span: { startMs: number; columnMs: number; count: number }): Int8Array {
  const columns = new Int8Array(span.count * 2)
  const level = peaks.findLast(({ pairMs }) => pairMs <= span.columnMs) ?? peaks[0]
  if (level === undefined) return columns
  for (let column = 0; column < span.count; column++) {
    const from = Math.floor((span.startMs + column * span.columnMs) / level.pairMs)
    const to = Math.max(from + 1, Math.floor((span.startMs + (column + 1) * span.columnMs) / level.pairMs))
    const { min, max } = extremes(level.pairs, Math.max(0, from) * 2, to * 2)
    columns[column * 2] = min
    columns[column * 2 + 1] = max
  }
  return columns
}

/** How loud the whole of the speakers is along the take: 0 to 1 for each of `count` columns. */
export function overviewOf(all: readonly Peaks[], lengthMs: number, count: number): Float32Array {
  const overview = new Float32Array(count)
  for (const peaks of all) {
    const columns = columnsOf(peaks, { startMs: 0, columnMs: lengthMs / count, count })
    for (let index = 0; index < count; index++) {
      const loudest = Math.max(-(columns[index * 2] ?? 0), columns[index * 2 + 1] ?? 0) / 127
      overview[index] = Math.max(overview[index] ?? 0, Math.min(1, loudest))
    }
  }
  return overview
}
