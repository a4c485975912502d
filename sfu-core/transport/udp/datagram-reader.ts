import type { KernelRoute } from './datagram-batch.ts'
import { kernelAddressOf } from './datagram-batch.ts'
import type { LinuxSockets } from './linux-sockets.ts'
import { ADDRESS_WORDS, MessageHeaders } from './message-headers.ts'
import { readSockaddr, SOCKADDR_BYTES, sockaddrPort } from './sockaddr.ts'

/** Datagrams in one call: as many as libuv reads in one turn of the loop. */
export const READ_DATAGRAMS = 32
/** Longer ones are dropped: no path carries them in one piece, and no browser sends them. */
const DATAGRAM_BYTES = 2_048

/** Where a datagram came from. Its text is made for strangers only. Valid during the call. */
export class DatagramSource {
  readonly #headers: MessageHeaders
  #index = 0

  constructor(headers: MessageHeaders) {
    this.#headers = headers
  }

  moveTo(index: number): void {
    this.#index = index
  }

  get port(): number {
    return sockaddrPort(this.#headers.addresses, this.#index * ADDRESS_WORDS)
  }

  get address(): string {
    return readSockaddr(this.#headers.addresses, this.#index * ADDRESS_WORDS)
  }

  isOf(route: KernelRoute): boolean {
    return this.#headers.hasAddress(this.#index, kernelAddressOf(route))
  }
}

/** Takes one datagram, which lies in memory that the next read uses again. */
export type TakeDatagram = (datagram: Buffer, source: DatagramSource) => void

/**
 * Reads what waits at a socket in one call and without a new object for each datagram: dgram makes 64 kB of memory, a text and
 * two objects. Does not wait: dgram, which has the same socket, tells of the first datagram.
 */
export class DatagramReader {
  readonly #sockets: LinuxSockets
  readonly #headers: MessageHeaders
  readonly #memory: readonly Buffer[]
  readonly #source: DatagramSource
  #fd: number | null
  #isSpent = false

  constructor(sockets: LinuxSockets, fd: number) {
    this.#sockets = sockets
    this.#fd = fd
    this.#headers = new MessageHeaders(sockets, READ_DATAGRAMS)
    this.#source = new DatagramSource(this.#headers)
    const memory = Buffer.alloc(READ_DATAGRAMS * DATAGRAM_BYTES)
    const memoryAt = Number(sockets.addressOf(memory))
    this.#memory = Array.from({ length: READ_DATAGRAMS }, (_, i) =>
      memory.subarray(i * DATAGRAM_BYTES, (i + 1) * DATAGRAM_BYTES),
    )
    for (let i = 0; i < READ_DATAGRAMS; i++) {
      this.#headers.setMemory(i, memoryAt + i * DATAGRAM_BYTES, DATAGRAM_BYTES)
    }
  }

  /** After a full read it rests until the next turn of the loop: a flood must not keep the rest waiting. */
  read(take: TakeDatagram): void {
    if (this.#fd === null || this.#isSpent) return
    for (let i = 0; i < READ_DATAGRAMS; i++) this.#headers.setAddressBytes(i, SOCKADDR_BYTES)
    const count = this.#sockets.receiveMany(this.#fd, this.#headers.pointerTo(0), READ_DATAGRAMS)
    for (let i = 0; i < count; i++) {
      const lengthBytes = this.#headers.lengthBytes(i)
      this.#source.moveTo(i)
      const datagram = lengthBytes < 0 ? undefined : this.#memory[i]?.subarray(0, lengthBytes)
      if (datagram) take(datagram, this.#source)
    }
    if (count === READ_DATAGRAMS) this.#rest()
  }

  #rest(): void {
    this.#isSpent = true
    setImmediate(() => {
      this.#isSpent = false
    })
  }

  /** Before the socket is closed: its number may be another file's then. */
  close(): void {
    this.#fd = null
  }
}
