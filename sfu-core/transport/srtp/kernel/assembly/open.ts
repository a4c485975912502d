/** Checks and decrypts one SRTP or SRTCP packet that lies in the datagram area of a memory made for opening. */
import {
  CM_TAG_BYTES,
  DATAGRAM_AT,
  GCM_TAG_BYTES,
  GHASH_INPUT_AT,
  KEYSTREAM_AT,
  OPEN_RECORD_AT,
  OPENED_AT,
  TABLES_AT,
} from '../layout'
import { ghash } from './ghash'
import { digestWord, hmac4, padMessage } from './sha1'

const DATAGRAM: usize = DATAGRAM_AT as usize
const KEYSTREAM: usize = KEYSTREAM_AT as usize
const RECORD: usize = OPEN_RECORD_AT as usize

/** Copies and pads with zeros to whole blocks; gives where the next part begins. */
function copyPadded(to: usize, from: usize, length: usize): usize {
  const end = (to + length + 15) & ~15
  memory.copy(to, from, length)
  memory.fill(to + length, 0, end - to - length)
  return end
}

/** Head and body, decrypted by the keystream from `keystream` on, to the opened area. */
export function decrypt(headBytes: i32, bodyBytes: i32, keystream: usize): void {
  const opened: usize = OPENED_AT as usize
  memory.copy(opened, DATAGRAM, headBytes as usize)
  const from = DATAGRAM + (headBytes as usize)
  const to = opened + (headBytes as usize)
  for (let at: usize = 0; at < (bodyBytes as usize); at += 16) {
    v128.store(to + at, v128.xor(v128.load(from + at), v128.load(keystream + at)))
  }
}

/** See `Kernel.openGcm`. */
export function openGcm(headBytes: i32, bodyBytes: i32, tailBytes: i32): bool {
  const input: usize = GHASH_INPUT_AT as usize
  const tag = DATAGRAM + ((headBytes + bodyBytes) as usize)
  memory.copy(input + (headBytes as usize), tag + (GCM_TAG_BYTES as usize), tailBytes as usize)
  memory.copy(input, DATAGRAM, headBytes as usize)
  const covered = (headBytes + tailBytes) as usize
  let at = (input + covered + 15) & ~15
  memory.fill(input + covered, 0, at - input - covered)
  at = copyPadded(at, DATAGRAM + (headBytes as usize), bodyBytes as usize)
  store<u64>(at, bswap<u64>((covered as u64) * 8))
  store<u64>(at + 8, bswap<u64>((bodyBytes as u64) * 8))
  const blocks = ((at - input) >> 4) as i32
  const hash = ghash(RECORD + (TABLES_AT as usize), input, blocks + 1)
  const difference = v128.xor(v128.xor(hash, v128.load(KEYSTREAM)), v128.load(tag))
  return !v128.any_true(difference)
}

/** See `Kernel.isAuthenticCm`. */
export function isAuthenticCm(coveredBytes: i32, appendedBytes: i32, rollover: u32): bool {
  const tag = DATAGRAM + (coveredBytes as usize)
  const word0 = load<u32>(tag)
  const word1 = load<u32>(tag + 4)
  const word2 = load<u16>(tag + (CM_TAG_BYTES as usize) - 2)
  store<u32>(tag, bswap<u32>(rollover))
  const blocks = padMessage(DATAGRAM, coveredBytes + appendedBytes)
  hmac4(blocks, RECORD, RECORD, RECORD, RECORD, DATAGRAM, DATAGRAM, DATAGRAM, DATAGRAM)
  const difference =
    (word0 ^ digestWord(0, 0)) | (word1 ^ digestWord(1, 0)) | ((word2 as u32) ^ (digestWord(2, 0) & 0xffff))
  return difference === 0
}
