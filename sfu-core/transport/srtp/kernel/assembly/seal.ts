/** One packet for many streams: header, encryption and tag, with keystream that lies ready in each stream's ring. */
import {
  BASE_INDEX_AT,
  CM_RING_AT,
  GCM_RING_AT,
  LIST_AT,
  LOG_AT,
  LOG_PACKETS,
  NEXT_SLOT_AT,
  PAYLOAD_AT,
  PAYLOAD_TYPE_AT,
  RED_PAYLOAD_TYPE_AT,
  SEALED_HEADER_BYTES,
  SLOT_BYTES_AT,
  SLOT_COUNT_AT,
  SSRC_AT,
  TABLES_AT,
  WIDTH_AT,
} from '../layout'
import { ghash } from './ghash'
import { digestWord, hmac4, padMessage } from './sha1'

const HEADER: usize = SEALED_HEADER_BYTES as usize

/** What all streams of a packet share. */
let payloadBytes: i32 = 0
let headerWord: u64 = 0
let isRed: bool = false
let csrc: u32 = 0
let print: u32 = 0

/** One bit: RFC 3550 §5.1's marker. */
export const FLAG_MARKER = 1
/** One bit: sent with the stream's RED payload type (RFC 2198). */
export const FLAG_RED = 2

/** Never 0, which marks an empty place in the log. Offset and multiplier: FNV-1a's of 64 bits. */
export function fingerprintOf(length: i32, timestamp: u32, contributor: u32, flags: i32): u32 {
  let mixed: u64 = ((0xcbf29ce4 as u64) << 32) | ((0x84222325 as u64) ^ (length as u64))
  mixed = (mixed ^ ((timestamp as u64) | ((contributor as u64) << 32))) * 0x100000001b3
  mixed = (mixed ^ (flags as u64)) * 0x100000001b3
  const end: usize = (PAYLOAD_AT as usize) + (length as usize)
  for (let at: usize = PAYLOAD_AT as usize; at < end; at += 8) {
    mixed = (mixed ^ load<u64>(at)) * 0x100000001b3
    mixed ^= mixed >> 29
  }
  return ((mixed ^ (mixed >> 32)) as u32) | 1
}

function beginPacket(length: i32, timestamp: u32, contributor: u32, flags: i32): void {
  payloadBytes = length
  headerWord = 0x8100000000000000 | (timestamp as u64)
  if (flags & FLAG_MARKER) headerWord |= (0x80 as u64) << 48
  isRed = (flags & FLAG_RED) !== 0
  csrc = contributor
  print = fingerprintOf(length, timestamp, contributor, flags)
}

/**
 * Claims the keystream of packet `index` (its low 32 bits). Traps where that keystream was used before, is not there or
 * is too narrow: sealing with it would give two plaintexts one keystream.
 */
function claimSlot(record: usize, index: u32): usize {
  const slot = index - (load<u64>(record + (BASE_INDEX_AT as usize)) as u32)
  const isUnused = slot >= load<u32>(record + (NEXT_SLOT_AT as usize))
  const isFilled = slot < load<u32>(record + (SLOT_COUNT_AT as usize))
  const isWide = payloadBytes <= load<i32>(record + (WIDTH_AT as usize))
  if (!isUnused || !isFilled || !isWide) unreachable()
  store<u32>(record + (NEXT_SLOT_AT as usize), slot + 1)
  const cell = (index & ((LOG_PACKETS - 1) as u32)) as usize
  store<u32>(record + (LOG_AT as usize) + cell * 4, print)
  return (slot * load<u32>(record + (SLOT_BYTES_AT as usize))) as usize
}

function writeHeader(record: usize, index: u32, out: usize): void {
  const payloadType = load<u8>(record + ((isRed ? RED_PAYLOAD_TYPE_AT : PAYLOAD_TYPE_AT) as usize)) as u64
  const first = headerWord | (payloadType << 48) | (((index & 0xffff) as u64) << 32)
  const second = ((load<u32>(record + (SSRC_AT as usize)) as u64) << 32) | (csrc as u64)
  const words = i64x2.replace_lane(i64x2.splat(first), 1, second)
  v128.store(out, v128.shuffle<u8>(words, words, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8))
}

function encrypt(keystream: usize, out: usize): void {
  const length = payloadBytes as usize
  for (let at: usize = 0; at < length; at += 16) {
    v128.store(out + at, v128.xor(v128.load((PAYLOAD_AT as usize) + at), v128.load(keystream + at)))
  }
}

/** The last block of ciphertext is padded with zeros, then come the two lengths in bits. */
function closeGhashInput(out: usize): i32 {
  const end = out + HEADER + (payloadBytes as usize)
  const blocks = (payloadBytes + 15) >> 4
  const lengths = out + HEADER + ((blocks as usize) << 4)
  v128.store(end, i64x2.splat(0))
  store<u64>(lengths, bswap<u64>((SEALED_HEADER_BYTES * 8) as u64))
  store<u64>(lengths + 8, bswap<u64>((payloadBytes as u64) * 8))
  return blocks + 2
}

/** See `Kernel.sealGcm`. */
export function sealGcm(count: i32, length: i32, timestamp: u32, contributor: u32, flags: i32, out: usize): i32 {
  beginPacket(length, timestamp, contributor, flags)
  const stride = ((length + 15) & ~15) + 32
  for (let i: i32 = 0; i < count; i++) {
    const entry = (LIST_AT as usize) + ((i as usize) << 3)
    const record = load<u32>(entry) as usize
    const index = load<u32>(entry, 4)
    const keystream = record + (GCM_RING_AT as usize) + claimSlot(record, index)
    writeHeader(record, index, out)
    encrypt(keystream + 16, out + HEADER)
    const blocks = closeGhashInput(out)
    const tag = v128.xor(ghash(record + (TABLES_AT as usize), out, blocks), v128.load(keystream))
    v128.store(out + HEADER + (length as usize), tag)
    out += stride as usize
  }
  return stride
}

/** Encrypts for one stream, and appends what the tag covers besides: the rollover count (RFC 3711 §4.2). */
function encryptCm(entry: usize, out: usize): i32 {
  const record = load<u32>(entry) as usize
  const index = load<u32>(entry, 4)
  const offset = claimSlot(record, index)
  const slot = index - (load<u64>(record + (BASE_INDEX_AT as usize)) as u32)
  const rollover = ((load<u64>(record + (BASE_INDEX_AT as usize)) + (slot as u64)) >> 16) as u32
  writeHeader(record, index, out)
  encrypt(record + (CM_RING_AT as usize) + offset, out + HEADER)
  const covered = HEADER + (payloadBytes as usize)
  store<u32>(out + covered, bswap<u32>(rollover))
  return padMessage(out, (covered as i32) + 4)
}

function storeTag(lane: usize, out: usize): void {
  const tag = out + HEADER + (payloadBytes as usize)
  store<u32>(tag, digestWord(0, lane))
  store<u32>(tag + 4, digestWord(1, lane))
  store<u16>(tag + 8, digestWord(2, lane) as u16)
}

/** See `Kernel.sealCm`. */
export function sealCm(count: i32, length: i32, timestamp: u32, contributor: u32, flags: i32, out: usize): i32 {
  beginPacket(length, timestamp, contributor, flags)
  const stride = (SEALED_HEADER_BYTES + length + 4 + 9 + 63) & ~63
  for (let first: i32 = 0; first < count; first += 4) {
    const lanes = min(4, count - first)
    const entries = (LIST_AT as usize) + ((first as usize) << 3)
    const m0 = out + ((first * stride) as usize)
    let blocks: i32 = 0
    for (let lane: i32 = 0; lane < lanes; lane++) {
      blocks = encryptCm(entries + ((lane as usize) << 3), m0 + ((lane * stride) as usize))
    }
    tagLanes(entries, m0, stride as usize, lanes, blocks)
  }
  return stride
}

/** Lanes without a stream repeat the last one. */
function tagLanes(entries: usize, m0: usize, stride: usize, lanes: i32, blocks: i32): void {
  const lane1: usize = min(1, lanes - 1) as usize
  const lane2: usize = min(2, lanes - 1) as usize
  const lane3: usize = min(3, lanes - 1) as usize
  hmac4(
    blocks,
    load<u32>(entries) as usize,
    load<u32>(entries + lane1 * 8) as usize,
    load<u32>(entries + lane2 * 8) as usize,
    load<u32>(entries + lane3 * 8) as usize,
    m0,
    m0 + lane1 * stride,
    m0 + lane2 * stride,
    m0 + lane3 * stride,
  )
  for (let lane: i32 = 0; lane < lanes; lane++) storeTag(lane as usize, m0 + (lane as usize) * stride)
}
