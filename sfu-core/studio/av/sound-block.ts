/**
 * A stretch of sound: one array per channel, equally long, full scale -1 to 1. Float32 has 24 bits of precision: each sample of
 * a 24-bit file is exactly one value of it, so that reading and writing back changes nothing.
 */
export type SoundBlock = readonly Float32Array[]

/** Everything in the studio has this rate: tapes, Opus, tracks, mixes. */
export const STUDIO_RATE_HZ = 48_000

/** Silence. */
export function createBlock(channels: number, lengthSamples: number): SoundBlock {
  return Array.from({ length: channels }, () => new Float32Array(lengthSamples))
}

export function blockLength(block: SoundBlock): number {
  return block[0]?.length ?? 0
}

/** The same memory, from `from` (in samples) up to `to`. */
export function sliceBlock(block: SoundBlock, from: number, to: number): SoundBlock {
  return block.map((channel) => channel.subarray(from, to))
}
