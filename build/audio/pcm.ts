import { readFileSync } from 'node:fs'

/** Mono audio: samples from -1 to 1. */
export interface Pcm {
  sampleRateHz: number
  samples: Float32Array
}

export function durationMs(pcm: Pcm): number {
  return (pcm.samples.length / pcm.sampleRateHz) * 1_000
}

/** 16-bit little-endian samples as they lie in a WAV file. */
export function fromInt16(bytes: Buffer, sampleRateHz: number): Pcm {
  const samples = new Float32Array(Math.floor(bytes.length / 2))
  for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(i * 2) / 32_768
  return { sampleRateHz, samples }
}

/** Reads a mono 16-bit PCM WAV file. Throws on any other format. */
export function readWav(file: string): Pcm {
  const bytes = readFileSync(file)
  if (bytes.toString('latin1', 0, 4) !== 'RIFF') throw new Error(`${file} is not a WAV file`)
  let sampleRateHz = 0
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString('latin1', at, at + 4)
    const sizeBytes = bytes.readUInt32LE(at + 4)
    const body = at + 8
    if (id === 'fmt ') {
      const isMono16 = bytes.readUInt16LE(body + 2) === 1 && bytes.readUInt16LE(body + 14) === 16
      if (!isMono16) throw new Error(`${file} is not mono 16-bit`)
      sampleRateHz = bytes.readUInt32LE(body + 4)
    }
    if (id === 'data') return fromInt16(bytes.subarray(body, body + sizeBytes), sampleRateHz)
    at = body + sizeBytes + (sizeBytes % 2)
  }
  throw new Error(`${file} has no samples`)
}
