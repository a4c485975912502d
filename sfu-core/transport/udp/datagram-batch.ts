import type { LinuxSockets } from './linux-sockets.ts'
import { SOCKADDR_BYTES, writeSockaddr } from './sockaddr.ts'

/** Datagrams in one call: a slice of listeners. The kernel takes 1,024 at most (UIO_MAXIOV). */
export const BATCH_DATAGRAMS = 128
/** Datagrams in a row that the kernel refuses before the rest of a batch is given up: its send buffer is full. */
const MAX_REFUSED = 4

/** struct mmsghdr, struct iovec and a place for an address, in 32-bit words; 64-bit Linux. */
const HEADER_WORDS = 16
const IOVEC_WORDS = 4
const ADDRESS_WORDS = SOCKADDR_BYTES / 4 + 1
const WORD_RANGE = 2 ** 32

/** An address as the kernel reads it. Kept by who sends there often. */
export interface KernelAddress {
  readonly words: Uint32Array
  readonly lengthBytes: number
}

export function kernelAddress(remote: { address: string; port: number }): KernelAddress {
  const words = new Uint32Array(SOCKADDR_BYTES / 4)
  return { words, lengthBytes: writeSockaddr(words, 0, remote) }
}

/**
 * Datagrams of one socket that go to the kernel in one call. `add`, then `flush` in the same turn: the memory of
 * a datagram is looked at then.
 */
export class DatagramBatch {
  readonly #sockets: LinuxSockets
  readonly #headers = new Uint32Array(BATCH_DATAGRAMS * HEADER_WORDS)
  readonly #iovecs = new Uint32Array(BATCH_DATAGRAMS * IOVEC_WORDS)
  readonly #addresses = new Uint32Array(BATCH_DATAGRAMS * ADDRESS_WORDS)
  readonly #headersAt: bigint
  /** Keeps the memory alive that the kernel is to read. */
  readonly #held: Uint8Array[] = []
  #lastMemory: ArrayBufferLike | null = null
  #lastMemoryAt = 0
  #fd: number | null
  #count = 0
  /** Datagrams that the kernel did not take. */
  refused = 0

  constructor(sockets: LinuxSockets, fd: number) {
    this.#sockets = sockets
    this.#fd = fd
    this.#headersAt = sockets.addressOf(this.#headers)
    const iovecsAt = Number(sockets.addressOf(this.#iovecs))
    const addressesAt = Number(sockets.addressOf(this.#addresses))
    for (let i = 0; i < BATCH_DATAGRAMS; i++) {
      const header = i * HEADER_WORDS
      // msg_name, msg_iov, msg_iovlen; the rest is zero.
      writePointer(this.#headers, header, addressesAt + i * ADDRESS_WORDS * 4)
      writePointer(this.#headers, header + 4, iovecsAt + i * IOVEC_WORDS * 4)
      this.#headers[header + 6] = 1
    }
  }

  /** The datagram is `memory` from `start` to `end`. */
  add(to: KernelAddress, memory: Uint8Array, start = 0, end = memory.length): void {
    const i = this.#count
    const { words, lengthBytes } = to
    const address = i * ADDRESS_WORDS
    for (let word = 0; word * 4 < lengthBytes; word++) this.#addresses[address + word] = words[word] ?? 0
    this.#headers[i * HEADER_WORDS + 2] = lengthBytes
    writePointer(this.#iovecs, i * IOVEC_WORDS, this.#pointerTo(memory) + start)
    this.#iovecs[i * IOVEC_WORDS + 2] = end - start
    this.#held[i] = memory
    this.#count += 1
    if (this.#count === BATCH_DATAGRAMS) this.flush()
  }

  /** Addresses of user space are below 2^47: a number holds them. */
  #pointerTo({ buffer, byteOffset }: Uint8Array): number {
    if (buffer !== this.#lastMemory) {
      this.#lastMemoryAt = Number(this.#sockets.addressOf(buffer as ArrayBuffer))
      this.#lastMemory = buffer
    }
    return this.#lastMemoryAt + byteOffset
  }

  /** Sends all, or drops what the kernel does not take. */
  flush(): void {
    const count = this.#count
    if (count === 0) return
    let at = 0
    let refusedInARow = 0
    while (this.#fd !== null && at < count && refusedInARow < MAX_REFUSED) {
      const sent = this.#sockets.sendMany(this.#fd, this.#headersAt + BigInt(at * HEADER_WORDS * 4), count - at)
      if (sent > 0) {
        at += sent
        refusedInARow = 0
      } else {
        // One of them (no route to it, say), or all: the next one tells.
        at += 1
        refusedInARow += 1
        this.refused += 1
      }
    }
    this.refused += count - at
    this.#count = 0
    this.#held.length = 0
    this.#lastMemory = null
  }

  /** Before the socket is closed: its number may be another file's then. */
  close(): void {
    this.#fd = null
    this.#count = 0
    this.#held.length = 0
  }
}

function writePointer(into: Uint32Array, at: number, pointer: number): void {
  into[at] = pointer % WORD_RANGE
  into[at + 1] = Math.floor(pointer / WORD_RANGE)
}
