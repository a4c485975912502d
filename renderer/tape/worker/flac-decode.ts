import { loadFlac } from './flac-codec.ts'

/** The samples of a whole FLAC file, interleaved. @throws Error where it is damaged (frames have checksums, the whole has an MD5) */
export async function decodeFlac(file: Uint8Array<ArrayBuffer>, channels: number): Promise<Int32Array<ArrayBuffer>> {
  const flac = await loadFlac()
  const decoder = flac.create_libflac_decoder(true)
  if (decoder === 0) throw new Error('libFLAC gave no decoder')
  const blocks: Int32Array[] = []
  let at = 0
  let problem: string | null = null
  const read = (lengthBytes: number) => {
    const buffer = file.slice(at, at + lengthBytes)
    at += buffer.length
    return { buffer, readDataLength: buffer.length, error: false }
  }
  try {
    flac.init_decoder_stream(
      decoder,
      read,
      (planes) => void blocks.push(interleaved(planes, channels)),
      (_code, message) => {
        problem = String(message)
      },
    )
    const isDecoded = flac.FLAC__stream_decoder_process_until_end_of_stream(decoder)
    const isFinished = flac.FLAC__stream_decoder_finish(decoder)
    if (!isDecoded || !isFinished || problem !== null) throw new Error(`not decodable: ${problem ?? 'MD5'}`)
  } finally {
    flac.FLAC__stream_decoder_delete(decoder)
  }
  return joined(blocks)
}

/** libflac.js gives a plane a channel, with four bytes for a 24-bit sample. */
function interleaved(planes: readonly Uint8Array[], channels: number): Int32Array {
  const lengthSamples = (planes[0]?.length ?? 0) / 4
  const samples = new Int32Array(lengthSamples * channels)
  planes.slice(0, channels).forEach((plane, channel) => {
    const view = new DataView(plane.buffer, plane.byteOffset, plane.byteLength)
    // The fourth byte is not always the sign's.
    for (let i = 0; i < lengthSamples; i += 1) samples[i * channels + channel] = (view.getInt32(i * 4, true) << 8) >> 8
  })
  return samples
}

function joined(blocks: readonly Int32Array[]): Int32Array<ArrayBuffer> {
  const all = new Int32Array(blocks.reduce((sum, block) => sum + block.length, 0))
  let at = 0
  for (const block of blocks) {
    all.set(block, at)
    at += block.length
  }
  return all
}
