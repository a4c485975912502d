import { oneLine } from '../encode/sound-tags.ts'
import type { Session } from './session.ts'

const seconds = (ms: number) => (ms / 1_000).toFixed(6)

/** A label track for File > Import > Labels (manual.audacityteam.org, "Importing and Exporting Labels"): start, end and text, parted by tabs. */
export function audacityLabels({ markers, regions }: Session): string {
  const points = markers.map(({ atMs, text }) => ({ fromMs: atMs, toMs: atMs, text }))
  return [...points, ...regions]
    .toSorted((a, b) => a.fromMs - b.fromMs)
    .map(({ fromMs, toMs, text }) => `${seconds(fromMs)}\t${seconds(toMs)}\t${oneLine(text)}\n`)
    .join('')
}

/** A list of files that opens all tracks in one window, each from the beginning (manual, "LOF files"). Names have no quotation marks (file-names.ts). */
export function audacityFileList({ tracks }: Session): string {
  return ['window', ...tracks.map(({ file }) => `file "${file}" offset 0.0`), ''].join('\n')
}
