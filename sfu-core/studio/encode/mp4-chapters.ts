import { oneLine, type SoundTags } from './sound-tags.ts'

/**
 * Chapters in an MP4 file as Nero's `chpl` box, which FFmpeg, VLC, foobar2000 and podcast players read. node-av has no way to write
 * chapters, so the box is put into `moov`, which FFmpeg writes last: nothing that is referred to moves.
 */

const BOX_HEADER_BYTES = 8

function box(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(BOX_HEADER_BYTES)
  header.writeUInt32BE(BOX_HEADER_BYTES + body.length)
  header.write(type, 4, 'latin1')
  return Buffer.concat([header, body])
}

/** The count has 8 bits, as has the length of a title in bytes. */
const CHAPTERS_MAX_COUNT = 255
const TITLE_MAX_BYTES = 255
/** Times are in units of 100 ns. */
const UNITS_PER_MS = 10_000

/** Whole characters only. */
function titleBytes(title: string): Buffer {
  let kept = ''
  for (const character of oneLine(title)) {
    if (Buffer.byteLength(kept + character) > TITLE_MAX_BYTES) break
    kept += character
  }
  return Buffer.from(kept)
}

function chaptersBox({ chapters }: SoundTags): Buffer {
  const listed = chapters.slice(0, CHAPTERS_MAX_COUNT)
  // Version 1, flags, reserved, count.
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, listed.length])
  const entries = listed.map(({ startMs, title }) => {
    const start = Buffer.alloc(8)
    start.writeBigUInt64BE(BigInt(Math.round(startMs * UNITS_PER_MS)))
    const text = titleBytes(title)
    return Buffer.concat([start, Buffer.from([text.length]), text])
  })
  return box('chpl', Buffer.concat([head, ...entries]))
}

interface Child {
  type: string
  bytes: Buffer
}

function childrenOf(body: Buffer): Child[] {
  const children: Child[] = []
  for (let at = 0; at + BOX_HEADER_BYTES <= body.length; ) {
    const size = body.readUInt32BE(at)
    if (size < BOX_HEADER_BYTES || at + size > body.length) throw new Error('an MP4 box is larger than what it is in')
    children.push({ type: body.toString('latin1', at + 4, at + 8), bytes: body.subarray(at, at + size) })
    at += size
  }
  return children
}

/** `moov`: the whole box as FFmpeg wrote it. */
export function withChapters(moov: Buffer, tags: SoundTags): Buffer {
  const children = childrenOf(moov.subarray(BOX_HEADER_BYTES))
  const userData = children.find(({ type }) => type === 'udta')
  const known = userData ? userData.bytes.subarray(BOX_HEADER_BYTES) : Buffer.alloc(0)
  const others = children.filter((child) => child !== userData).map(({ bytes }) => bytes)
  return box('moov', Buffer.concat([...others, box('udta', Buffer.concat([known, chaptersBox(tags)]))]))
}
