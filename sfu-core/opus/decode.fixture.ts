import { AV_CHANNEL_LAYOUT_MONO, AV_CHANNEL_LAYOUT_STEREO, FF_DECODER_LIBOPUS } from 'node-av/constants'
import { Codec, CodecContext, FFmpegError, Frame, Packet } from 'node-av/lib'

/** What libopus makes of the packets, one after the other: 16 bits, interleaved, 48 kHz. */
export function decodeOpus(packets: readonly Uint8Array[], channels: 1 | 2): Int16Array {
  using context = new CodecContext()
  context.allocContext3(Codec.findDecoderByName(FF_DECODER_LIBOPUS))
  context.sampleRate = 48_000
  context.channelLayout = channels === 1 ? AV_CHANNEL_LAYOUT_MONO : AV_CHANNEL_LAYOUT_STEREO
  FFmpegError.throwIfError(context.open2Sync(), 'open2')
  const parts = packets.flatMap((packet) => decodeOne(context, packet))
  return Int16Array.from(parts.flatMap((part) => [...part]))
}

function decodeOne(context: CodecContext, bytes: Uint8Array): Int16Array[] {
  using packet = new Packet()
  packet.alloc()
  packet.data = Buffer.from(bytes)
  FFmpegError.throwIfError(context.sendPacketSync(packet), 'sendPacket')
  const parts: Int16Array[] = []
  using frame = new Frame()
  frame.alloc()
  while (context.receiveFrameSync(frame) === 0) {
    const data = frame.toBuffer()
    parts.push(new Int16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)))
  }
  return parts
}
