import { type Chapter, oneLine, type SoundTags } from './sound-tags.ts'

/**
 * ID3v2.3 (id3.org/id3v2.3.0), with chapters (id3.org/id3v2-chapters-1.0): what podcast players read in MP3. 2.3 and not 2.4,
 * because Windows and older players know no other.
 */

const HEADER_BYTES = 10
/** UTF-16 with a byte order mark: the only Unicode that 2.3 has. */
const ENCODING_UTF_16 = 1

function textBody(text: string): Buffer {
  return Buffer.concat([Buffer.from([ENCODING_UTF_16, 0xff, 0xfe]), Buffer.from(text, 'utf16le')])
}

function frame(id: string, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.write(id, 'latin1')
  header.writeUInt32BE(body.length, 4)
  return Buffer.concat([header, body])
}

const textFrame = (id: string, text: string) => frame(id, textBody(text))
/** Element ids are bytes and end with 0. */
const elementId = (index: number) => Buffer.from(`chp${index}\0`, 'latin1')

function chapterFrame(chapter: Chapter, index: number, endMs: number): Buffer {
  const times = Buffer.alloc(16)
  times.writeUInt32BE(Math.round(chapter.startMs), 0)
  times.writeUInt32BE(Math.round(endMs), 4)
  // No byte offsets: the times hold.
  times.fill(0xff, 8)
  return frame('CHAP', Buffer.concat([elementId(index), times, textFrame('TIT2', oneLine(chapter.title))]))
}

/** An entry count has 8 bits. */
const ID3_CHAPTERS_MAX_COUNT = 255

function chapterFrames(chapters: readonly Chapter[], lengthMs: number): Buffer[] {
  const listed = chapters.slice(0, ID3_CHAPTERS_MAX_COUNT)
  if (listed.length === 0) return []
  // Flags: top level, in order.
  const head = Buffer.concat([Buffer.from('toc\0', 'latin1'), Buffer.from([0b11, listed.length])])
  const contents = frame('CTOC', Buffer.concat([head, ...listed.map((_, index) => elementId(index))]))
  const entries = listed.map((chapter, index) => chapterFrame(chapter, index, listed[index + 1]?.startMs ?? lengthMs))
  return [contents, ...entries]
}

/** The bytes that go before an MP3 file. */
export function id3Tag(tags: SoundTags, lengthMs: number): Buffer {
  const [year = '', month = '', day = ''] = tags.date.split('-')
  const artists = oneLine(tags.artists.join(', '))
  const frames = Buffer.concat([
    textFrame('TIT2', oneLine(tags.title)),
    ...(artists ? [textFrame('TPE1', artists)] : []),
    ...(year ? [textFrame('TYER', year)] : []),
    ...(day ? [textFrame('TDAT', `${day}${month}`)] : []),
    ...chapterFrames(tags.chapters, lengthMs),
  ])
  const header = Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, ...syncSafe(frames.length)])
  return Buffer.concat([header, frames])
}

/** Sizes of tags have seven bits a byte (§3.1), so that no decoder takes them for sound. */
function syncSafe(value: number): number[] {
  return [21, 14, 7, 0].map((shift) => (value >> shift) & 0x7f)
}
