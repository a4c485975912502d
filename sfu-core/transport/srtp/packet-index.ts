/** Packet indices as a receiver sees them: guessed from 16 bits (RFC 3711 §3.3.1), and each taken once (§3.3.2). */

const SEQUENCE_NUMBERS = 65_536
const HALF_ROUND = 32_768

/** RFC 3711 §3.3.1: the index nearest to the highest one that was authenticated. Never negative. */
export function guessIndex(highestIndex: number, sequenceNumber: number): number {
  const sameRound = highestIndex - (highestIndex % SEQUENCE_NUMBERS) + sequenceNumber
  if (sameRound - highestIndex > HALF_ROUND && sameRound >= SEQUENCE_NUMBERS) return sameRound - SEQUENCE_NUMBERS
  if (highestIndex - sameRound > HALF_ROUND) return sameRound + SEQUENCE_NUMBERS
  return sameRound
}

/** RFC 3711 §3.3.2 asks for at least 64. 2.56 s of 20 ms packets: later ones are of no use to anybody. */
export const REPLAY_WINDOW_PACKETS = 128
const WORD_BITS = 32

/** The highest index that was authenticated, and which of those just below it. */
export class ReplayWindow {
  /** -1 before the first one. */
  highestIndex = -1
  /** A bit per index modulo REPLAY_WINDOW_PACKETS. */
  readonly #seen = new Uint32Array(REPLAY_WINDOW_PACKETS / WORD_BITS)

  /** True for an index that came before, or is too old to tell. */
  refuses(index: number): boolean {
    if (index > this.highestIndex) return false
    if (this.highestIndex - index >= REPLAY_WINDOW_PACKETS) return true
    const bit = index % REPLAY_WINDOW_PACKETS
    return (((this.#seen[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1
  }

  /** Only once the packet is authenticated, and `refuses` said no. */
  accept(index: number): void {
    if (index - this.highestIndex >= REPLAY_WINDOW_PACKETS) this.#seen.fill(0)
    else for (let between = this.highestIndex + 1; between < index; between++) this.#clear(between)
    const bit = index % REPLAY_WINDOW_PACKETS
    this.#seen[bit >>> 5] = (this.#seen[bit >>> 5] ?? 0) | (1 << (bit & 31))
    if (index > this.highestIndex) this.highestIndex = index
  }

  #clear(index: number): void {
    const bit = index % REPLAY_WINDOW_PACKETS
    this.#seen[bit >>> 5] = (this.#seen[bit >>> 5] ?? 0) & ~(1 << (bit & 31))
  }
}
