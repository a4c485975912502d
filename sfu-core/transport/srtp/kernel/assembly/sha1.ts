/**
 * HMAC-SHA1 (RFC 2104, FIPS 180-4 §6.1) of four messages of one length at once, one message in each 32-bit lane. A key is
 * kept as its two midstates: SHA-1 after the block of key and ipad, and after the block of key and opad.
 */
import { INNER_STATE_AT, OUTER_STATE_AT, SHA_SCHEDULE_AT, SHA_STATE_AT } from '../layout'

const STATE: usize = SHA_STATE_AT as usize
const SCHEDULE: usize = SHA_SCHEDULE_AT as usize

function rotated(value: v128, bits: i32): v128 {
  return v128.or(v128.shl<u32>(value, bits), v128.shr<u32>(value, 32 - bits))
}

function added(a: v128, b: v128): v128 {
  return v128.add<u32>(a, b)
}

function choose(b: v128, c: v128, d: v128): v128 {
  return v128.xor(d, v128.and(b, v128.xor(c, d)))
}

function parity(b: v128, c: v128, d: v128): v128 {
  return v128.xor(b, v128.xor(c, d))
}

function majority(b: v128, c: v128, d: v128): v128 {
  return v128.or(v128.and(b, c), v128.and(d, v128.or(b, c)))
}

/** Makes the word of the schedule at `at` from those before it. */
function expanded(at: usize): v128 {
  const far = v128.xor(v128.load(at - 256), v128.load(at - 224))
  const near = v128.xor(v128.load(at - 128), v128.load(at - 48))
  const word = rotated(v128.xor(far, near), 1)
  v128.store(at, word)
  return word
}

/** One block: the schedule's first 16 words into the state. */
function compress(): void {
  let a = v128.load(STATE)
  let b = v128.load(STATE, 16)
  let c = v128.load(STATE, 32)
  let d = v128.load(STATE, 48)
  let e = v128.load(STATE, 64)
  let at = SCHEDULE
  let k = i32x4.splat(0x5a827999)
  for (; at < SCHEDULE + 240; at += 80) {
    e = added(added(e, rotated(a, 5)), added(choose(b, c, d), added(k, v128.load(at))))
    b = rotated(b, 30)
    d = added(added(d, rotated(e, 5)), added(choose(a, b, c), added(k, v128.load(at, 16))))
    a = rotated(a, 30)
    c = added(added(c, rotated(d, 5)), added(choose(e, a, b), added(k, v128.load(at, 32))))
    e = rotated(e, 30)
    b = added(added(b, rotated(c, 5)), added(choose(d, e, a), added(k, v128.load(at, 48))))
    d = rotated(d, 30)
    a = added(added(a, rotated(b, 5)), added(choose(c, d, e), added(k, v128.load(at, 64))))
    c = rotated(c, 30)
  }
  e = added(added(e, rotated(a, 5)), added(choose(b, c, d), added(k, v128.load(at))))
  b = rotated(b, 30)
  d = added(added(d, rotated(e, 5)), added(choose(a, b, c), added(k, expanded(at + 16))))
  a = rotated(a, 30)
  c = added(added(c, rotated(d, 5)), added(choose(e, a, b), added(k, expanded(at + 32))))
  e = rotated(e, 30)
  b = added(added(b, rotated(c, 5)), added(choose(d, e, a), added(k, expanded(at + 48))))
  d = rotated(d, 30)
  a = added(added(a, rotated(b, 5)), added(choose(c, d, e), added(k, expanded(at + 64))))
  c = rotated(c, 30)
  at += 80
  k = i32x4.splat(0x6ed9eba1)
  for (; at < SCHEDULE + 640; at += 80) {
    e = added(added(e, rotated(a, 5)), added(parity(b, c, d), added(k, expanded(at))))
    b = rotated(b, 30)
    d = added(added(d, rotated(e, 5)), added(parity(a, b, c), added(k, expanded(at + 16))))
    a = rotated(a, 30)
    c = added(added(c, rotated(d, 5)), added(parity(e, a, b), added(k, expanded(at + 32))))
    e = rotated(e, 30)
    b = added(added(b, rotated(c, 5)), added(parity(d, e, a), added(k, expanded(at + 48))))
    d = rotated(d, 30)
    a = added(added(a, rotated(b, 5)), added(parity(c, d, e), added(k, expanded(at + 64))))
    c = rotated(c, 30)
  }
  k = i32x4.splat(0x8f1bbcdc)
  for (; at < SCHEDULE + 960; at += 80) {
    e = added(added(e, rotated(a, 5)), added(majority(b, c, d), added(k, expanded(at))))
    b = rotated(b, 30)
    d = added(added(d, rotated(e, 5)), added(majority(a, b, c), added(k, expanded(at + 16))))
    a = rotated(a, 30)
    c = added(added(c, rotated(d, 5)), added(majority(e, a, b), added(k, expanded(at + 32))))
    e = rotated(e, 30)
    b = added(added(b, rotated(c, 5)), added(majority(d, e, a), added(k, expanded(at + 48))))
    d = rotated(d, 30)
    a = added(added(a, rotated(b, 5)), added(majority(c, d, e), added(k, expanded(at + 64))))
    c = rotated(c, 30)
  }
  k = i32x4.splat(0xca62c1d6)
  for (; at < SCHEDULE + 1280; at += 80) {
    e = added(added(e, rotated(a, 5)), added(parity(b, c, d), added(k, expanded(at))))
    b = rotated(b, 30)
    d = added(added(d, rotated(e, 5)), added(parity(a, b, c), added(k, expanded(at + 16))))
    a = rotated(a, 30)
    c = added(added(c, rotated(d, 5)), added(parity(e, a, b), added(k, expanded(at + 32))))
    e = rotated(e, 30)
    b = added(added(b, rotated(c, 5)), added(parity(d, e, a), added(k, expanded(at + 48))))
    d = rotated(d, 30)
    a = added(added(a, rotated(b, 5)), added(parity(c, d, e), added(k, expanded(at + 64))))
    c = rotated(c, 30)
  }
  v128.store(STATE, added(a, v128.load(STATE)))
  v128.store(STATE, added(b, v128.load(STATE, 16)), 16)
  v128.store(STATE, added(c, v128.load(STATE, 32)), 32)
  v128.store(STATE, added(d, v128.load(STATE, 48)), 48)
  v128.store(STATE, added(e, v128.load(STATE, 64)), 64)
}

function loadSwapped(at: usize): v128 {
  const bytes = v128.load(at)
  return v128.shuffle<u8>(bytes, bytes, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)
}

/** Four words of four messages: the schedule wants word by word what memory has message by message. */
function scheduleWords(to: usize, m0: v128, m1: v128, m2: v128, m3: v128): void {
  const low01 = v128.shuffle<u32>(m0, m1, 0, 4, 1, 5)
  const low23 = v128.shuffle<u32>(m2, m3, 0, 4, 1, 5)
  const high01 = v128.shuffle<u32>(m0, m1, 2, 6, 3, 7)
  const high23 = v128.shuffle<u32>(m2, m3, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<u64>(low01, low23, 0, 2))
  v128.store(to, v128.shuffle<u64>(low01, low23, 1, 3), 16)
  v128.store(to, v128.shuffle<u64>(high01, high23, 0, 2), 32)
  v128.store(to, v128.shuffle<u64>(high01, high23, 1, 3), 48)
}

function loadState(p0: usize, p1: usize, p2: usize, p3: usize): void {
  scheduleWords(STATE, v128.load(p0), v128.load(p1), v128.load(p2), v128.load(p3))
  let last = i32x4.splat(load<i32>(p0, 16))
  last = i32x4.replace_lane(last, 1, load<i32>(p1, 16))
  last = i32x4.replace_lane(last, 2, load<i32>(p2, 16))
  last = i32x4.replace_lane(last, 3, load<i32>(p3, 16))
  v128.store(STATE, last, 64)
}

/** The block that HMAC's outer hash ends with: a digest of 20 bytes after one block of key. */
function scheduleDigest(): void {
  for (let word: usize = 0; word < 5; word++) v128.store(SCHEDULE + word * 16, v128.load(STATE + word * 16))
  v128.store(SCHEDULE + 5 * 16, i32x4.splat(0x80000000))
  for (let word: usize = 6; word < 15; word++) v128.store(SCHEDULE + word * 16, i64x2.splat(0))
  v128.store(SCHEDULE + 15 * 16, i32x4.splat((64 + 20) * 8))
}

/**
 * Writes SHA-1's padding behind `length` bytes at `at`; gives the number of blocks. The key's block counts too. Writes up
 * to 15 bytes beyond the last block: whole vectors are cheaper than memory.fill, which is a call out of WebAssembly.
 */
export function padMessage(at: usize, length: i32): i32 {
  const blocks = (length + 9 + 63) >> 6
  const end = at + ((blocks as usize) << 6)
  const from = at + (length as usize)
  store<u8>(from, 0x80)
  for (let rest = from + 1; rest < end; rest += 16) v128.store(rest, i64x2.splat(0))
  store<u32>(end - 4, bswap<u32>(((64 + length) * 8) as u32))
  return blocks
}

/**
 * Leaves HMAC-SHA1 of four padded messages (see `padMessage`) in the state, lane by lane. `r0` to `r3` are the records
 * with the midstates.
 */
export function hmac4(
  blocks: i32,
  r0: usize,
  r1: usize,
  r2: usize,
  r3: usize,
  m0: usize,
  m1: usize,
  m2: usize,
  m3: usize,
): void {
  const inner: usize = INNER_STATE_AT as usize
  const outer: usize = OUTER_STATE_AT as usize
  loadState(r0 + inner, r1 + inner, r2 + inner, r3 + inner)
  for (let at: usize = 0; at < (blocks as usize) << 6; at += 64) {
    for (let part: usize = 0; part < 64; part += 16) {
      const from = at + part
      scheduleWords(
        SCHEDULE + (part << 2),
        loadSwapped(m0 + from),
        loadSwapped(m1 + from),
        loadSwapped(m2 + from),
        loadSwapped(m3 + from),
      )
    }
    compress()
  }
  scheduleDigest()
  loadState(r0 + outer, r1 + outer, r2 + outer, r3 + outer)
  compress()
}

/** Word `word` of lane `lane` of the last result, as it goes on the wire. */
export function digestWord(word: usize, lane: usize): u32 {
  return bswap<u32>(load<u32>(STATE + word * 16 + lane * 4))
}

function scheduleKey(key: usize, pad: u32): void {
  for (let word: usize = 0; word < 16; word++) {
    v128.store(SCHEDULE + word * 16, i32x4.splat(bswap<u32>(load<u32>(key + word * 4)) ^ pad))
  }
}

function storeState(to: usize): void {
  for (let word: usize = 0; word < 5; word++) store<u32>(to + word * 4, load<u32>(STATE + word * 16))
}

function resetState(): void {
  v128.store(STATE, i32x4.splat(0x67452301))
  v128.store(STATE, i32x4.splat(0xefcdab89), 16)
  v128.store(STATE, i32x4.splat(0x98badcfe), 32)
  v128.store(STATE, i32x4.splat(0x10325476), 48)
  v128.store(STATE, i32x4.splat(0xc3d2e1f0), 64)
}

/** Both midstates of the key at `key`, padded with zeros to 64 bytes (RFC 2104 §2), into `record`. */
export function prepareMidstates(record: usize, key: usize): void {
  resetState()
  scheduleKey(key, 0x36363636)
  compress()
  storeState(record + (INNER_STATE_AT as usize))
  resetState()
  scheduleKey(key, 0x5c5c5c5c)
  compress()
  storeState(record + (OUTER_STATE_AT as usize))
  memory.fill(SCHEDULE, 0, 1280)
}
