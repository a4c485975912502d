/**
 * Counter blocks of AES-CM (RFC 3711 §4.1.1) and of GCM (RFC 7714 §8.1, §9.1): a base of salt and SSRC, the 48-bit packet
 * index above a block counter. AES itself is node:crypto's; this writes what it is to encrypt.
 */
import { BASE_INDEX_AT, COUNTERS_AT, IV_HIGH_AT, IV_LOW_AT, KERNEL_GCM, SSRC_AT } from '../layout'

/** Blocks that differ in their last byte alone: no packet has 255 blocks or more. */
function storeBlocks(at: usize, high: u64, low: u64, blocks: u32): usize {
  const end = at + ((blocks as usize) << 4)
  const one = i8x16.replace_lane(i64x2.splat(0), 15, 1)
  let block = i64x2.replace_lane(i64x2.splat(bswap<u64>(high)), 1, bswap<u64>(low))
  for (; at < end; at += 16) {
    v128.store(at, block)
    block = v128.add<u8>(block, one)
  }
  return end
}

/** GCM counts from 1, and its first block masks the tag; the SSRC lies at byte 2, the index at byte 6. */
function writeGcm(at: usize, record: usize, index: u64, blocks: u32): usize {
  const ssrc = load<u32>(record + (SSRC_AT as usize)) as u64
  const high = load<u64>(record + (IV_HIGH_AT as usize)) ^ (ssrc << 16) ^ (index >> 32)
  const low = load<u64>(record + (IV_LOW_AT as usize)) ^ (index << 32)
  return storeBlocks(at, high, low | 1, blocks)
}

/** AES-CM counts from 0; the SSRC lies at byte 4, the index at byte 8. */
function writeCm(at: usize, record: usize, index: u64, blocks: u32): usize {
  const high = load<u64>(record + (IV_HIGH_AT as usize)) ^ (load<u32>(record + (SSRC_AT as usize)) as u64)
  const low = load<u64>(record + (IV_LOW_AT as usize)) ^ (index << 16)
  return storeBlocks(at, high, low, blocks)
}

/** `blocks` counter blocks for each of `slots` packets from the record's base index on, to the counter area. */
export function writeCounters(profile: i32, record: usize, slots: u32, blocks: u32): void {
  let index = load<u64>(record + (BASE_INDEX_AT as usize))
  let at: usize = COUNTERS_AT as usize
  for (let slot: u32 = 0; slot < slots; slot++, index++) {
    at = profile === KERNEL_GCM ? writeGcm(at, record, index, blocks) : writeCm(at, record, index, blocks)
  }
}
