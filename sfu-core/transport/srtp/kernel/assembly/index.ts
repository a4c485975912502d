/** The kernel's exports; what each takes and gives is told by the interface `Kernel` in ../load-kernel.ts. */
import {
  BASE_INDEX_AT,
  IV_HIGH_AT,
  IV_LOW_AT,
  KERNEL_GCM,
  KEY_INPUT_AT,
  KEY_INPUT_BYTES,
  SLOT_COUNT_AT,
  TABLES_AT,
} from '../layout'
import { prepareTables } from './ghash'
import { writeCounters } from './keystream'
import { fingerprintOf } from './seal'
import { prepareMidstates } from './sha1'

export { isHmac, writeHmac } from './hmac'
export { decrypt, isAuthenticCm, openGcm } from './open'
export { sealCm, sealGcm } from './seal'

export function prepare(profile: i32, record: usize): void {
  const input: usize = KEY_INPUT_AT as usize
  store<u64>(record + (IV_HIGH_AT as usize), bswap<u64>(load<u64>(input)))
  store<u64>(record + (IV_LOW_AT as usize), bswap<u64>(load<u64>(input + 8)))
  if (profile === KERNEL_GCM) prepareTables(record + (TABLES_AT as usize), v128.load(input + 16))
  else prepareMidstates(record, input + 16)
  memory.fill(input, 0, KEY_INPUT_BYTES as usize)
}

export function counters(
  profile: i32,
  record: usize,
  indexHigh: u32,
  indexLow: u32,
  slots: u32,
  blocksPerSlot: u32,
): void {
  store<u32>(record + (SLOT_COUNT_AT as usize), 0)
  store<u64>(record + (BASE_INDEX_AT as usize), ((indexHigh as u64) << 32) | (indexLow as u64))
  writeCounters(profile, record, slots, blocksPerSlot)
}

export function fingerprint(length: i32, timestamp: u32, contributor: u32, flags: i32): u32 {
  return fingerprintOf(length, timestamp, contributor, flags)
}
