import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OPUS_CLOCK_RATE_HZ } from '../contract/media.ts'
import { TAKE_MANIFEST_NAME, type TakeManifest, type TakeTrack, takeManifestSchema } from '../contract/take.ts'
import { mendTrack } from './mend-track.ts'
import { nodeRecordFs } from './record-fs.ts'

/** `<takes>/<room>/<take>/take.json`. */
const FOLDER_DEPTH = 2

type OnTrouble = (folder: string, error: unknown) => void

/**
 * Closes the takes that a killed node left open: cuts torn last pages off, marks the ends, sets the real lengths,
 * writes take.json with `endedBy: 'crash'`. Nothing is encoded anew. Run it before new takes begin.
 * Gives the manifests of the takes that were closed; a folder that is not there holds none. A take that cannot be
 * read or written is left as it is and told to `onTrouble`; so is a track, and its take is closed without it being mended.
 */
export async function recoverTakes(takesFolder: string, onTrouble: OnTrouble = () => {}): Promise<TakeManifest[]> {
  const recovered: TakeManifest[] = []
  for (const folder of await findTakes(takesFolder, FOLDER_DEPTH)) {
    try {
      const manifest = await recoverTake(folder, onTrouble)
      if (manifest) recovered.push(manifest)
    } catch (error) {
      onTrouble(folder, error)
    }
  }
  return recovered
}

async function findTakes(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  if (entries.some((entry) => entry.name === TAKE_MANIFEST_NAME)) return [folder]
  if (depth === 0) return []
  const below = entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name))
  return (await Promise.all(below.map((child) => findTakes(child, depth - 1)))).flat()
}

async function recoverTake(folder: string, onTrouble: OnTrouble): Promise<TakeManifest | null> {
  const path = join(folder, TAKE_MANIFEST_NAME)
  const manifest = takeManifestSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  if (manifest.endedAtMs !== null) return null
  const tracks: TakeTrack[] = []
  for (const track of manifest.tracks) {
    const mended = await mendTrack(folder, track).catch((error: unknown) => {
      onTrouble(folder, error)
      return track
    })
    if (mended) tracks.push(mended)
  }
  const closed: TakeManifest = { ...manifest, tracks, endedAtMs: endOf(manifest, tracks), endedBy: 'crash' }
  await nodeRecordFs.replaceFile(path, `${JSON.stringify(closed, null, 2)}\n`)
  return closed
}

/** The end of the last thing that is known to have happened. */
function endOf(manifest: TakeManifest, tracks: TakeTrack[]): number {
  const ends = tracks.map((track) => ((track.offsetSamples + track.lengthSamples) * 1000) / OPUS_CLOCK_RATE_HZ)
  const events = manifest.timeline.map((event) => event.atMs)
  return manifest.startedAtMs + Math.round(Math.max(0, ...ends, ...events))
}
