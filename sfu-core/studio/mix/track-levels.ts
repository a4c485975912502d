import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import type { NoiseProfile } from './noise-profile.ts'
import { STFT_BINS } from './stft.ts'

/** What the mix has to know of a track before it begins, measured once and kept beside the track. */
export interface TrackLevels {
  /** K-weighted power of each 10 ms after the voice high-pass, mean of the channels. */
  powers: Float32Array<ArrayBuffer>
  /** The noise of each minute; null where all is digital silence. */
  noise: (NoiseProfile | null)[]
}

/** Changed whenever the same track would be measured otherwise. */
const LEVELS_VERSION = 1

const headerSchema = z.object({
  version: z.literal(LEVELS_VERSION),
  /** Of the track that was measured. */
  sha256: z.string(),
  frames: z.int().min(0),
  /** Which minutes have a profile. */
  profiles: z.array(z.boolean()),
})

/** Beside the track. */
export function levelsFile(studioFolder: string, trackFile: string): string {
  return path.join(studioFolder, `${trackFile}.levels`)
}

/** A line of JSON, then the floats of powers and profiles. Never throws: without the file the track is measured again. */
export function writeLevels(file: string, sha256: string, levels: TrackLevels): void {
  const profiles = levels.noise.map((profile) => profile !== null)
  const header = { version: LEVELS_VERSION, sha256, frames: levels.powers.length, profiles }
  const floats = [levels.powers, ...levels.noise.filter((profile) => profile !== null)]
  const parts = floats.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))
  const unfinished = `${file}.part`
  try {
    writeFileSync(unfinished, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...parts]))
    renameSync(unfinished, file)
  } catch {
    rmSync(unfinished, { force: true })
  }
}

/** null where there is none for this very track. */
export function readLevels(file: string, sha256: string): TrackLevels | null {
  try {
    return parseLevels(readFileSync(file), sha256)
  } catch {
    return null
  }
}

function parseLevels(bytes: Buffer, sha256: string): TrackLevels | null {
  const lineEnd = bytes.indexOf('\n')
  const header = headerSchema.parse(JSON.parse(bytes.toString('utf8', 0, lineEnd)))
  const floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset + lineEnd + 1, bytes.byteOffset + bytes.length))
  const known = header.profiles.filter(Boolean).length
  if (header.sha256 !== sha256 || floats.length !== header.frames + known * STFT_BINS) return null
  const noise: (NoiseProfile | null)[] = []
  let at = header.frames
  for (const isKnown of header.profiles) {
    noise.push(isKnown ? floats.slice(at, at + STFT_BINS) : null)
    if (isKnown) at += STFT_BINS
  }
  return { powers: floats.slice(0, header.frames), noise }
}
