import { FlacStream, type StreamFacts } from './flac-stream.ts'

/** RFC 9639 §8: STREAMINFO's body comes after the marker and a metadata block header. */
const STREAM_INFO_AT = 8

/**
 * One FLAC file (RFC 9639) of interleaved 24-bit samples.
 * @throws Error where it could not be encoded, or came out other than it went in
 */
export async function encodeFlac(samples: Int32Array<ArrayBuffer>, channels: number): Promise<Uint8Array<ArrayBuffer>> {
  const stream = await FlacStream.open(channels, samples.length / channels)
  try {
    stream.write(samples)
    stream.end()
    if (stream.facts === null) throw new Error('libFLAC gave no STREAMINFO')
    return withFacts(stream.taken(), stream.facts)
  } finally {
    stream.close()
  }
}

/** libFLAC cannot go back to the head of a stream: what is known only at its end is put there by us (RFC 9639 §8.2). */
function withFacts(file: Uint8Array<ArrayBuffer>, facts: StreamFacts): Uint8Array<ArrayBuffer> {
  const body = new DataView(file.buffer, file.byteOffset + STREAM_INFO_AT)
  setUint24(body, 4, facts.min_framesize)
  setUint24(body, 7, facts.max_framesize)
  // The field has 36 bits; the upper four are zero in everything that fits into a chunk.
  body.setUint32(14, facts.total_samples)
  for (let i = 0; i < 16; i += 1) body.setUint8(18 + i, Number.parseInt(facts.md5sum.slice(i * 2, i * 2 + 2), 16))
  return file
}

function setUint24(view: DataView, at: number, value: number): void {
  view.setUint8(at, (value >> 16) & 0xff)
  view.setUint16(at + 1, value & 0xffff)
}
