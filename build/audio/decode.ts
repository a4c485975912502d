import { Decoder, Demuxer, FilterAPI } from 'node-av/api'
import { fromInt16, type Pcm } from './pcm.ts'

const DECODED_RATE_HZ = 48_000

/** Decodes a whole audio file to mono 48 kHz by FFmpeg. Throws where any part of it does not decode. */
export async function decodeFile(file: string): Promise<Pcm> {
  await using demuxer = await Demuxer.open(file)
  const stream = demuxer.audio()
  if (!stream) throw new Error(`${file} has no audio`)
  using decoder = await Decoder.create(stream, { exitOnError: true })
  using filter = FilterAPI.create(`aformat=sample_fmts=s16:channel_layouts=mono:sample_rates=${DECODED_RATE_HZ}`)
  const parts: Buffer[] = []
  for await (using frame of filter.frames(decoder.frames(demuxer.packets(stream.index)))) {
    const data = frame?.data?.[0]
    if (frame && data) parts.push(Buffer.from(data.subarray(0, frame.nbSamples * 2)))
  }
  return fromInt16(Buffer.concat(parts), DECODED_RATE_HZ)
}
