import { readFile } from 'node:fs/promises'
import path from 'node:path'
import {
  TAKE_MANIFEST_NAME,
  type TakeManifest,
  type TakeTrack,
  takeManifestSchema,
} from '../../sfu-core/contract/take.ts'
import { decodeFile } from '../audio/decode.ts'
import { cut, type Match, matchInLoop, measureDelay } from '../audio/envelope.ts'
import { durationMs, type Pcm } from '../audio/pcm.ts'
import type { Captured } from './capture.ts'

export interface HeardTrack {
  track: TakeTrack
  pcm: Pcm
  /** Wall-clock moment of the first sample, by the take's clock. */
  startedAtMs: number
}

/** Reads a take's folder: its manifest, and each track decoded whole. Throws where anything does not decode. */
export async function readTake(folder: string): Promise<{ manifest: TakeManifest; tracks: HeardTrack[] }> {
  const manifest = takeManifestSchema.parse(JSON.parse(await readFile(path.join(folder, TAKE_MANIFEST_NAME), 'utf8')))
  const tracks = await Promise.all(
    manifest.tracks.map(async (track) => ({
      track,
      pcm: await decodeFile(path.join(folder, track.file)),
      startedAtMs: manifest.startedAtMs + track.offsetSamples / 48,
    })),
  )
  return { manifest, tracks }
}

/** The track's stretch between two wall-clock moments. */
export function stretchOf(heard: HeardTrack, fromMs: number, toMs: number): Pcm {
  return cut(heard.pcm, fromMs - heard.startedAtMs, toMs - heard.startedAtMs)
}

/** How well the track says what the clip says, over a stretch of wall-clock time. */
export function matchTrack(heard: HeardTrack, clip: Pcm, during: Captured): Match {
  return matchInLoop(stretchOf(heard, during.startedAtMs, during.startedAtMs + durationMs(during.pcm)), clip)
}

/** How much later than at the microphone a sound lies in the track, by the take's clock. */
export function trackDelay(heard: HeardTrack, microphone: Captured): Match {
  const late = stretchOf(heard, microphone.startedAtMs, microphone.startedAtMs + durationMs(microphone.pcm))
  return measureDelay(microphone.pcm, late, { minMs: -100, maxMs: 500 })
}
