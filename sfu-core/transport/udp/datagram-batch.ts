import type { LinuxSockets } from './linux-sockets.ts'
import { MessageHeaders } from './message-headers.ts'
import { SOCKADDR_BYTES, writeSockaddr } from './sockaddr.ts'

/** Datagrams in one call: a slice of listeners. The kernel takes 1,024 at most (UIO_MAXIOV). */
export const BATCH_DATAGRAMS = 128
/** Datagrams in a row that the kernel refuses before the rest of a batch is given up: its send buffer is full. */
const MAX_REFUSED = 4

/**
 * An address as the kernel reads it, in 32-bit words. As fields and with a sign, so that V8 keeps all of it in one object: it is looked
 * at for each packet, long after it has left the caches, and a typed array would lie in three places.
 */
export interface KernelAddress {
  readonly lengthBytes: number
  readonly word0: number
  readonly word1: number
  readonly word2: number
  readonly word3: number
  readonly word4: number
  readonly word5: number
  readonly word6: number
}

/** A peer's address, and its form for the kernel, made when it is first sent to. */
export interface KernelRoute {
  readonly address: string
  readonly port: number
  kernelAddress: KernelAddress | null
}

export function kernelAddressOf(route: KernelRoute): KernelAddress {
  route.kernelAddress ??= kernelAddress(route)
  return route.kernelAddress
}

export function kernelAddress(remote: { address: string; port: number }): KernelAddress {
  const words = new Uint32Array(SOCKADDR_BYTES / 4)
  const lengthBytes = writeSockaddr(words, 0, remote)
  const [word0 = 0, word1 = 0, word2 = 0, word3 = 0, word4 = 0, word5 = 0, word6 = 0] = new Int32Array(words.buffer)
  return { lengthBytes, word0, word1, word2, word3, word4, word5, word6 }
}

/**
 * Datagrams of one socket that go to the kernel in one call. `add`, then `flush` or `flushSoon`: the memory of a datagram is looked
 * at then, and must not be used for anything else before.
 */
export class DatagramBatch {
  readonly #sockets: LinuxSockets
  readonly #headers: MessageHeaders
  /** Keeps the memory alive that the kernel is to read. */
  readonly #held: Uint8Array[] = []
  #lastMemory: ArrayBufferLike | null = null
  #lastMemoryAt = 0
  #fd: number | null
  #count = 0
  #isFlushScheduled = false
  /** Datagrams that the kernel did not take. */
  refused = 0

  constructor(sockets: LinuxSockets, fd: number) {
    this.#sockets = sockets
    this.#fd = fd
    this.#headers = new MessageHeaders(sockets, BATCH_DATAGRAMS)
  }

  /** The datagram is `memory` from `start` to `end`. */
  add(to: KernelAddress, memory: Uint8Array, start = 0, end = memory.length): void {
    const i = this.#count
    this.#headers.setAddress(i, to)
    this.#headers.setMemory(i, this.#pointerTo(memory) + start, end - start)
    this.#held[i] = memory
    this.#count += 1
    if (this.#count === BATCH_DATAGRAMS) this.flush()
  }

  /** For what can wait until the input at hand is read: many small answers then go out in one call. */
  flushSoon(): void {
    if (this.#isFlushScheduled) return
    this.#isFlushScheduled = true
    setImmediate(this.#flushNow)
  }

  readonly #flushNow = (): void => {
    this.#isFlushScheduled = false
    this.flush()
  }

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
      const sent = this.#sockets.sendMany(this.#fd, this.#headers.pointerTo(at), count - at)
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
