/** A stretch of a track that is the source itself, sample for sample. */
export interface ExactRun {
  /** In the track. */
  from: number
  to: number
  /** Where `from` lies in the source. */
  sourceFrom: number
}

/** So many equal samples in a row are no chance: each source has noise of six bits that does not repeat. */
const PROOF_SAMPLES = 32
/** Where the track is not the source, it is looked for again at this distance. */
const STEP_SAMPLES = 96
/** 16 bit in 24. */
const SCALE = 256

/**
 * Finds all stretches of a track (24 bit, mono) that are the source (16 bit), sample for sample. `about` tells where to look for a sample
 * of the track in the source: from and to.
 */
export function exactRuns(
  track: Int32Array,
  source: Int16Array,
  about: (trackSample: number) => readonly [from: number, to: number] = () => [0, source.length],
): ExactRun[] {
  const runs: ExactRun[] = []
  let at = 0
  while (at + PROOF_SAMPLES <= track.length) {
    const found = isZero(track, at) ? null : find(track, at, source, about(at))
    if (found === null) {
      at += STEP_SAMPLES
      continue
    }
    const before = runs.at(-1)?.to ?? 0
    let [from, sourceFrom] = [at, found]
    while (from > before && sourceFrom > 0 && isEqual(track, from - 1, source, sourceFrom - 1)) {
      from -= 1
      sourceFrom -= 1
    }
    let to = at
    while (to < track.length && isEqual(track, to, source, to - from + sourceFrom)) to += 1
    runs.push({ from, to, sourceFrom })
    at = to
  }
  return runs
}

function isEqual(track: Int32Array, at: number, source: Int16Array, sourceAt: number): boolean {
  const wanted = source[sourceAt]
  return wanted !== undefined && track[at] === wanted * SCALE
}

function isZero(track: Int32Array, at: number): boolean {
  for (let i = 0; i < PROOF_SAMPLES; i += 1) if (track[at + i] !== 0) return false
  return true
}

function find(track: Int32Array, at: number, source: Int16Array, [from, to]: readonly [number, number]): number | null {
  const last = Math.min(to, source.length - PROOF_SAMPLES)
  for (let candidate = Math.max(0, from); candidate <= last; candidate += 1) {
    let i = 0
    while (i < PROOF_SAMPLES && isEqual(track, at + i, source, candidate + i)) i += 1
    if (i === PROOF_SAMPLES) return candidate
  }
  return null
}
