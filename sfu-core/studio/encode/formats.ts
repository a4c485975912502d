import { FF_ENCODER_AAC, FF_ENCODER_LIBMP3LAME, FF_ENCODER_LIBOPUS, FF_ENCODER_PCM_S24LE } from 'node-av/constants'
import type { ExportFormat } from '../../contract/render.ts'
import { FLAC_24, type SoundEncoding } from '../av/sound-writer.ts'

/** Speech of good quality: transparent to most listeners. */
const MONO_BPS = 96_000
const STEREO_BPS = 128_000

export const FILE_EXTENSIONS: Record<ExportFormat, string> = {
  flac: 'flac',
  wav: 'wav',
  opus: 'opus',
  mp3: 'mp3',
  aac: 'm4a',
}

/** How FFmpeg makes each format. */
export function encodingOf(format: ExportFormat, channels: 1 | 2): SoundEncoding {
  const bitrateBps = channels === 1 ? MONO_BPS : STEREO_BPS
  switch (format) {
    case 'flac':
      return FLAC_24
    case 'wav':
      // Beyond 4 GB as RF64 (EBU Tech 3306), which Audacity, Reaper and FFmpeg read.
      return { muxer: 'wav', encoder: FF_ENCODER_PCM_S24LE, format: 's32', muxerOptions: { rf64: 'auto' } }
    case 'opus':
      return { muxer: 'opus', encoder: FF_ENCODER_LIBOPUS, format: 'flt', bitrateBps }
    case 'mp3':
      // Tags are ours (id3.ts): FFmpeg has no way to chapters through node-av. A constant bitrate lets every player seek.
      return {
        muxer: 'mp3',
        encoder: FF_ENCODER_LIBMP3LAME,
        format: 'fltp',
        bitrateBps,
        muxerOptions: { id3v2_version: '0', write_id3v1: '0', write_xing: '1' },
      }
    case 'aac':
      // FFmpeg's own encoder; libfdk's licence does not go with ours.
      return { muxer: 'ipod', encoder: FF_ENCODER_AAC, format: 'fltp', bitrateBps }
  }
}
