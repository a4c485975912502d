/** Sounds for tests. Random ones by their seed (mulberry32). */

export function noise(length: number, amplitude: number, seed: number): Float32Array<ArrayBuffer> {
  let state = seed
  return Float32Array.from({ length }, () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return (((value ^ (value >>> 14)) >>> 0) / 2_147_483_648 - 1) * amplitude
  })
}

export function sine(length: number, frequencyHz: number, amplitude: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, i) => amplitude * Math.sin((2 * Math.PI * frequencyHz * i) / 48_000))
}
