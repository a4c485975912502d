import type { ExportFormat } from '../../contract/render.ts'
import { oneLine } from '../encode/sound-tags.ts'
import type { Session, SessionTrack } from './session.ts'

/** How Reaper calls its readers; MPEG-4 sound is read by that for video. */
const SOURCES: Record<ExportFormat, string> = { flac: 'FLAC', wav: 'WAVE', opus: 'OPUS', mp3: 'MP3', aac: 'VIDEO' }

/** Reaper knows no escapes: a text is in the quotation marks that it does not contain, and where it has all three kinds one is replaced. */
function quoted(text: string): string {
  const line = oneLine(text)
  const mark = ['"', "'", '`'].find((candidate) => !line.includes(candidate))
  return mark ? `${mark}${line}${mark}` : `\`${line.replaceAll('`', "'")}\``
}

const seconds = (ms: number) => (ms / 1_000).toFixed(6)

function trackLines({ name, file }: SessionTrack, { lengthMs }: Session, source: string): string[] {
  return [
    '  <TRACK',
    `    NAME ${quoted(name)}`,
    '    VOLPAN 1 0 -1 -1 1',
    '    <ITEM',
    '      POSITION 0',
    `      LENGTH ${seconds(lengthMs)}`,
    '      LOOP 0',
    `      NAME ${quoted(name)}`,
    '      SOFFS 0',
    `      <SOURCE ${source}`,
    `        FILE ${quoted(file)}`,
    '      >',
    '    >',
    '  >',
  ]
}

/** A project for Reaper (its own text format): one track per speaker with its file from the beginning, markers, and gaps as regions. */
export function reaperProject(session: Session, format: ExportFormat): string {
  const markers = session.markers.map(({ atMs, text }, i) => `  MARKER ${i + 1} ${seconds(atMs)} ${quoted(text)} 0`)
  // A region is two lines with the same number: its beginning with the name, and its end.
  const regions = session.regions.flatMap(({ fromMs, toMs, text }, i) => [
    `  MARKER ${i + 1} ${seconds(fromMs)} ${quoted(text)} 1`,
    `  MARKER ${i + 1} ${seconds(toMs)} "" 1`,
  ])
  return [
    '<REAPER_PROJECT 0.1 "6.0" 0',
    '  SAMPLERATE 48000 1 0',
    '  TEMPO 120 4 4',
    `  TITLE ${quoted(session.title)}`,
    ...markers,
    ...regions,
    ...session.tracks.flatMap((track) => trackLines(track, session, SOURCES[format])),
    '>',
    '',
  ].join('\n')
}
