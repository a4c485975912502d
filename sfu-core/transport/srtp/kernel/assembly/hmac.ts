/** HMAC-SHA1 (RFC 2104) of one message in the datagram area, under the key in the record of a memory made for opening. */
import { DATAGRAM_AT, OPEN_RECORD_AT } from '../layout'
import { digestWord, hmac4, padMessage } from './sha1'

const MESSAGE: usize = DATAGRAM_AT as usize
const RECORD: usize = OPEN_RECORD_AT as usize

function hash(length: i32): void {
  hmac4(padMessage(MESSAGE, length), RECORD, RECORD, RECORD, RECORD, MESSAGE, MESSAGE, MESSAGE, MESSAGE)
}

/** See `Kernel.writeHmac`. */
export function writeHmac(length: i32, at: usize): void {
  hash(length)
  for (let word: usize = 0; word < 5; word++) store<u32>(at + word * 4, digestWord(word, 0))
}

/** See `Kernel.isHmac`. The digest is read first: padding the message may write over it. */
export function isHmac(length: i32, at: usize): bool {
  const first = v128.load(at)
  const last = load<u32>(at, 16)
  hash(length)
  let difference = last ^ digestWord(4, 0)
  difference |= v128.extract_lane<u32>(first, 0) ^ digestWord(0, 0)
  difference |= v128.extract_lane<u32>(first, 1) ^ digestWord(1, 0)
  difference |= v128.extract_lane<u32>(first, 2) ^ digestWord(2, 0)
  difference |= v128.extract_lane<u32>(first, 3) ^ digestWord(3, 0)
  return difference === 0
}
