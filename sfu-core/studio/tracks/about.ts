import type { ExportFormat } from '../../contract/render.ts'
import type { Session } from './session.ts'

const ALIGNMENT: Record<ExportFormat, string> = {
  flac: 'FLAC is lossless: every sample is where it was.',
  wav: 'WAV is lossless: every sample is where it was.',
  opus: 'Opus says in each file how much of its beginning is to be skipped, and every program does so.',
  mp3: 'MP3 encoders put 1105 samples (23 ms) in front. It is noted in each file (LAME tag), and most programs skip it. One that does not moves all files by the same 23 ms: they still fit each other.',
  aac: 'AAC encoders put 1024 samples (21 ms) in front. It is noted in each file (edit list), and most programs skip it. One that does not moves all files by the same 21 ms: they still fit each other.',
}

/** A note to whoever opens the folder. */
export function aboutFiles({ title, tracks, lengthMs }: Session, format: ExportFormat): string {
  return [
    title,
    '',
    `${tracks.length} ${tracks.length === 1 ? 'track' : 'tracks'}, ${(lengthMs / 1_000).toFixed(3)} s each, 48 kHz. All begin at the same moment and are equally long.`,
    ALIGNMENT[format],
    '',
    'Audacity: open the .lof file, then File > Import > Labels for the labels.',
    'Reaper: open the .rpp file.',
    '',
  ].join('\r\n')
}
