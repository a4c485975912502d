/**
 * GHASH (NIST SP 800-38D §6.4) without carry-less multiplication and without secret-indexed memory access: the product
 * of H and each of the 16 values of four bits lies in byte-wise tables, looked up by a byte swizzle. Row i of a table has
 * byte i of the 16 products. Multiplying by x^8 moves every byte one place on, so rows are summed as shifted bytes and
 * reduced once per group of blocks. The relaxed swizzle is a plain one for indices below 16, and a quarter faster on
 * x86; two rows a turn of the loop are 15 % faster than one, four are slower (Node 26, x86-64).
 */
import { GHASH_POWERS } from '../layout'

const ROW_BYTES: usize = (GHASH_POWERS * 16) as usize
const TABLE_BYTES: usize = 16

function swapWords(value: v128): v128 {
  return v128.shuffle<u8>(value, value, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8)
}

function shiftedIn(before: v128, value: v128): v128 {
  return v128.shuffle<u8>(before, value, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30)
}

/** What crosses from a half of 64 bits into the next where it is multiplied by x + x^2 + x^7. */
function carried(halves: v128): v128 {
  const one = v128.shl<u64>(halves, 63)
  return v128.xor(one, v128.xor(v128.shl<u64>(halves, 62), v128.shl<u64>(halves, 57)))
}

/** a + b·x^4, both of 32 bytes, modulo 1 + x + x^2 + x^7 + x^128. A big-endian half of 64 bits in each lane. */
function reduce(aLow: v128, aHigh: v128, bLow: v128, bHigh: v128): v128 {
  const zero = i64x2.splat(0)
  const b0 = swapWords(bLow)
  const b1 = swapWords(bHigh)
  const across0 = v128.shl<u64>(v128.shuffle<u64>(zero, b0, 0, 2), 60)
  const across1 = v128.shl<u64>(v128.shuffle<u64>(b0, b1, 1, 2), 60)
  const low = v128.xor(swapWords(aLow), v128.xor(v128.shr<u64>(b0, 4), across0))
  const rest = v128.xor(swapWords(aHigh), v128.xor(v128.shr<u64>(b1, 4), across1))
  const high = v128.xor(rest, carried(v128.shuffle<u64>(rest, zero, 1, 2)))
  const shifted = v128.xor(v128.shr<u64>(high, 1), v128.xor(v128.shr<u64>(high, 2), v128.shr<u64>(high, 7)))
  const folded = v128.xor(v128.xor(high, shifted), carried(v128.shuffle<u64>(zero, high, 0, 2)))
  return swapWords(v128.xor(low, folded))
}

/** One row of four products. */
function look4(row: usize, n0: v128, n1: v128, n2: v128, n3: v128): v128 {
  return v128.xor(
    v128.xor(v128.relaxed_swizzle(v128.load(row), n0), v128.relaxed_swizzle(v128.load(row, 16), n1)),
    v128.xor(v128.relaxed_swizzle(v128.load(row, 32), n2), v128.relaxed_swizzle(v128.load(row, 48), n3)),
  )
}

function look2(row: usize, n0: v128, n1: v128): v128 {
  return v128.xor(v128.relaxed_swizzle(v128.load(row, 32), n0), v128.relaxed_swizzle(v128.load(row, 48), n1))
}

function look1(row: usize, n: v128): v128 {
  return v128.relaxed_swizzle(v128.load(row, 48), n)
}

/** x0·H^4 + x1·H^3 + x2·H^2 + x3·H. */
function multiply4(tables: usize, x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  const low = i8x16.splat(15)
  const h0 = v128.and(v128.shr<u16>(x0, 4), low)
  const h1 = v128.and(v128.shr<u16>(x1, 4), low)
  const h2 = v128.and(v128.shr<u16>(x2, 4), low)
  const h3 = v128.and(v128.shr<u16>(x3, 4), low)
  const l0 = v128.and(x0, low)
  const l1 = v128.and(x1, low)
  const l2 = v128.and(x2, low)
  const l3 = v128.and(x3, low)
  const zero = i64x2.splat(0)
  let aLow = zero
  let aHigh = zero
  let bLow = zero
  let bHigh = zero
  let row = tables + 15 * ROW_BYTES
  while (row >= tables) {
    aHigh = shiftedIn(aLow, aHigh)
    bHigh = shiftedIn(bLow, bHigh)
    aLow = v128.xor(shiftedIn(zero, aLow), look4(row, h0, h1, h2, h3))
    bLow = v128.xor(shiftedIn(zero, bLow), look4(row, l0, l1, l2, l3))
    aHigh = shiftedIn(aLow, aHigh)
    bHigh = shiftedIn(bLow, bHigh)
    aLow = v128.xor(shiftedIn(zero, aLow), look4(row - ROW_BYTES, h0, h1, h2, h3))
    bLow = v128.xor(shiftedIn(zero, bLow), look4(row - ROW_BYTES, l0, l1, l2, l3))
    row -= 2 * ROW_BYTES
  }
  return reduce(aLow, aHigh, bLow, bHigh)
}

/** x0·H^2 + x1·H. */
function multiply2(tables: usize, x0: v128, x1: v128): v128 {
  const low = i8x16.splat(15)
  const h0 = v128.and(v128.shr<u16>(x0, 4), low)
  const h1 = v128.and(v128.shr<u16>(x1, 4), low)
  const l0 = v128.and(x0, low)
  const l1 = v128.and(x1, low)
  const zero = i64x2.splat(0)
  let aLow = zero
  let aHigh = zero
  let bLow = zero
  let bHigh = zero
  let row = tables + 15 * ROW_BYTES
  while (row >= tables) {
    aHigh = shiftedIn(aLow, aHigh)
    bHigh = shiftedIn(bLow, bHigh)
    aLow = v128.xor(shiftedIn(zero, aLow), look2(row, h0, h1))
    bLow = v128.xor(shiftedIn(zero, bLow), look2(row, l0, l1))
    aHigh = shiftedIn(aLow, aHigh)
    bHigh = shiftedIn(bLow, bHigh)
    aLow = v128.xor(shiftedIn(zero, aLow), look2(row - ROW_BYTES, h0, h1))
    bLow = v128.xor(shiftedIn(zero, bLow), look2(row - ROW_BYTES, l0, l1))
    row -= 2 * ROW_BYTES
  }
  return reduce(aLow, aHigh, bLow, bHigh)
}

/** x·H. */
function multiply1(tables: usize, x: v128): v128 {
  const high = v128.and(v128.shr<u16>(x, 4), i8x16.splat(15))
  const low = v128.and(x, i8x16.splat(15))
  const zero = i64x2.splat(0)
  let aLow = zero
  let aHigh = zero
  let bLow = zero
  let bHigh = zero
  let row = tables + 15 * ROW_BYTES
  while (row >= tables) {
    aHigh = shiftedIn(aLow, aHigh)
    bHigh = shiftedIn(bLow, bHigh)
    aLow = v128.xor(shiftedIn(zero, aLow), look1(row, high))
    bLow = v128.xor(shiftedIn(zero, bLow), look1(row, low))
    aHigh = shiftedIn(aLow, aHigh)
    bHigh = shiftedIn(bLow, bHigh)
    aLow = v128.xor(shiftedIn(zero, aLow), look1(row - ROW_BYTES, high))
    bLow = v128.xor(shiftedIn(zero, bLow), look1(row - ROW_BYTES, low))
    row -= 2 * ROW_BYTES
  }
  return reduce(aLow, aHigh, bLow, bHigh)
}

/** GHASH of `count` whole blocks at `at`. */
export function ghash(tables: usize, at: usize, count: i32): v128 {
  let y = i64x2.splat(0)
  if (count & 1) {
    y = multiply1(tables, v128.load(at))
    at += 16
  }
  if (count & 2) {
    y = multiply2(tables, v128.xor(y, v128.load(at)), v128.load(at, 16))
    at += 32
  }
  for (let groups = count >> 2; groups > 0; groups--) {
    y = multiply4(tables, v128.xor(y, v128.load(at)), v128.load(at, 16), v128.load(at, 32), v128.load(at, 48))
    at += 64
  }
  return y
}

/** Writes the table of `power` (0: H^4 … 3: H) for the element whose big-endian halves are given. */
function writeTable(tables: usize, power: usize, high: u64, low: u64): void {
  const column = tables + power * TABLE_BYTES
  for (let bit: usize = 8; bit > 0; bit >>= 1) {
    writeProduct(column, bit, high, low)
    const carry: u64 = low & 1
    low = (low >> 1) | (high << 63)
    high = (high >> 1) ^ (0xe100000000000000 & (0 - carry))
  }
  for (let i: usize = 0; i < 16; i++) {
    const row = column + i * ROW_BYTES
    store<u8>(row, 0)
    for (let value: usize = 3; value < 16; value++) {
      const rest = value & (value - 1)
      if (rest !== 0) store<u8>(row + value, load<u8>(row + rest) ^ load<u8>(row + (value ^ rest)))
    }
  }
}

function writeProduct(column: usize, value: usize, high: u64, low: u64): void {
  for (let i: usize = 0; i < 8; i++) {
    store<u8>(column + i * ROW_BYTES + value, (high >> (56 - 8 * i)) as u8)
    store<u8>(column + (i + 8) * ROW_BYTES + value, (low >> (56 - 8 * i)) as u8)
  }
}

function writeTableOf(tables: usize, power: usize, element: v128): void {
  const words = swapWords(element)
  writeTable(tables, power, i64x2.extract_lane(words, 0), i64x2.extract_lane(words, 1))
}

/** Tables of H, H^2, H^3 and H^4 from the hash key H = AES(0). */
export function prepareTables(tables: usize, hashKey: v128): void {
  writeTableOf(tables, 3, hashKey)
  let element = hashKey
  for (let power: usize = 3; power > 0; power--) {
    element = multiply1(tables, element)
    writeTableOf(tables, power - 1, element)
  }
}
