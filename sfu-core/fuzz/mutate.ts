import type { Random } from '../test/random.ts'

/** Longer than any datagram that a path carries, and than any SDP that is read further than its length. */
const MAX_BYTES = 4_096
/** Changes made to one sample: mostly few, so that what is broken lies deep. */
const MAX_CHANGES = 6

/** Values that length and count fields go wrong at. */
const EDGES = [0, 1, 2, 3, 4, 7, 8, 12, 15, 16, 31, 32, 63, 64, 127, 128, 254, 255]

type Change = (bytes: Buffer, random: Random, samples: readonly Buffer[]) => Buffer

const flipBit: Change = (bytes, random) => {
  if (bytes.length === 0) return bytes
  const at = random.int(bytes.length)
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.int(8)), at)
  return bytes
}

const setEdge: Change = (bytes, random) => {
  if (bytes.length > 0) bytes.writeUInt8(random.pick(EDGES), random.int(bytes.length))
  return bytes
}

const setWord: Change = (bytes, random) => {
  if (bytes.length >= 2)
    bytes.writeUInt16BE(random.chance(50) ? 0xffff : random.int(0x1_0000), random.int(bytes.length - 1))
  return bytes
}

const cut: Change = (bytes, random) => bytes.subarray(0, random.int(bytes.length + 1))
const cutHead: Change = (bytes, random) => bytes.subarray(random.int(bytes.length + 1))

const insert: Change = (bytes, random) => {
  const where = random.int(bytes.length + 1)
  const more = Buffer.alloc(1 + random.int(16), random.pick(EDGES))
  return Buffer.concat([bytes.subarray(0, where), more, bytes.subarray(where)])
}

const remove: Change = (bytes, random) => {
  const where = random.int(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, where), bytes.subarray(where + 1 + random.int(16))])
}

const repeat: Change = (bytes, random) => {
  const from = random.int(bytes.length + 1)
  const part = bytes.subarray(from, from + random.int(64))
  return Buffer.concat([bytes.subarray(0, from), part, part, bytes.subarray(from)])
}

const splice: Change = (bytes, random, samples) => {
  const other = random.pick(samples)
  return Buffer.concat([bytes.subarray(0, random.int(bytes.length + 1)), other.subarray(random.int(other.length + 1))])
}

const CHANGES: readonly Change[] = [
  flipBit,
  flipBit,
  flipBit,
  setEdge,
  setEdge,
  setWord,
  cut,
  cutHead,
  insert,
  remove,
  repeat,
  splice,
]

/** One of the samples, changed by chance; now and then unchanged, or nothing but chance. */
export function mutate(samples: readonly Buffer[], random: Random): Buffer {
  if (random.chance(3)) return noise(random)
  let bytes: Buffer = Buffer.from(random.pick(samples))
  const changes = random.int(MAX_CHANGES + 1)
  for (let i = 0; i < changes; i++) bytes = Buffer.from(random.pick(CHANGES)(bytes, random, samples))
  return bytes.subarray(0, MAX_BYTES)
}

function noise(random: Random): Buffer {
  const bytes = Buffer.alloc(random.int(200))
  for (let i = 0; i < bytes.length; i++) bytes.writeUInt8(random.int(256), i)
  return bytes
}
