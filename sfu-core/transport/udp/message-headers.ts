import type { KernelAddress } from './datagram-batch.ts'
import type { LinuxSockets } from './linux-sockets.ts'
import { SOCKADDR_BYTES, SOCKADDR_IN_BYTES } from './sockaddr.ts'

/** struct mmsghdr, struct iovec and a place for an address, in 32-bit words; 64-bit Linux. */
const HEADER_WORDS = 16
const IOVEC_WORDS = 4
/** Even, so that each address begins at 8 bytes. */
export const ADDRESS_WORDS = SOCKADDR_BYTES / 4 + 1
/** Word of struct mmsghdr: msg_name, msg_namelen, msg_iov, msg_iovlen, msg_flags, msg_len. */
const AT = { name: 0, nameBytes: 2, iovec: 4, iovecs: 6, flags: 12, lengthBytes: 14 } as const
/** From Linux's headers: the datagram was longer than the memory for it. */
const MSG_TRUNC = 0x20
const WORD_RANGE = 2 ** 32

/** A table of struct mmsghdr, each with one piece of memory and one address: what sendmmsg and recvmmsg work on. */
export class MessageHeaders {
  readonly addresses: Int32Array
  readonly #headers: Uint32Array
  readonly #iovecs: Uint32Array
  readonly #headersAt: bigint

  constructor(sockets: LinuxSockets, count: number) {
    this.#headers = new Uint32Array(count * HEADER_WORDS)
    this.#iovecs = new Uint32Array(count * IOVEC_WORDS)
    this.addresses = new Int32Array(count * ADDRESS_WORDS)
    this.#headersAt = sockets.addressOf(this.#headers)
    const iovecsAt = Number(sockets.addressOf(this.#iovecs))
    const addressesAt = Number(sockets.addressOf(this.addresses))
    for (let i = 0; i < count; i++) {
      const header = i * HEADER_WORDS
      writePointer(this.#headers, header + AT.name, addressesAt + i * ADDRESS_WORDS * 4)
      writePointer(this.#headers, header + AT.iovec, iovecsAt + i * IOVEC_WORDS * 4)
      this.#headers[header + AT.iovecs] = 1
    }
  }

  /** For the kernel: where the table begins, from header `i` on. */
  pointerTo(i: number): bigint {
    return i === 0 ? this.#headersAt : this.#headersAt + BigInt(i * HEADER_WORDS * 4)
  }

  /** Addresses of user space are below 2^47: a number holds them. */
  setMemory(i: number, pointer: number, lengthBytes: number): void {
    writePointer(this.#iovecs, i * IOVEC_WORDS, pointer)
    this.#iovecs[i * IOVEC_WORDS + 2] = lengthBytes
  }

  setAddress(i: number, to: KernelAddress): void {
    const { addresses } = this
    const at = i * ADDRESS_WORDS
    addresses[at] = to.word0
    addresses[at + 1] = to.word1
    addresses[at + 2] = to.word2
    addresses[at + 3] = to.word3
    if (to.lengthBytes > SOCKADDR_IN_BYTES) {
      addresses[at + 4] = to.word4
      addresses[at + 5] = to.word5
      addresses[at + 6] = to.word6
    }
    this.setAddressBytes(i, to.lengthBytes)
  }

  /** An IPv4 address is all in the first two words; of IPv6 the scope, the last one, is left out as in sockaddr.ts. */
  hasAddress(i: number, address: KernelAddress): boolean {
    const { addresses } = this
    const at = i * ADDRESS_WORDS
    if (addresses[at] !== address.word0) return false
    if (address.lengthBytes === SOCKADDR_IN_BYTES) return addresses[at + 1] === address.word1
    return (
      addresses[at + 2] === address.word2 &&
      addresses[at + 3] === address.word3 &&
      addresses[at + 4] === address.word4 &&
      addresses[at + 5] === address.word5
    )
  }

  setAddressBytes(i: number, lengthBytes: number): void {
    this.#headers[i * HEADER_WORDS + AT.nameBytes] = lengthBytes
  }

  /** Of a datagram that was read; -1 where the memory was too short for it. */
  lengthBytes(i: number): number {
    const header = i * HEADER_WORDS
    const isCut = ((this.#headers[header + AT.flags] ?? 0) & MSG_TRUNC) !== 0
    return isCut ? -1 : (this.#headers[header + AT.lengthBytes] ?? 0)
  }
}

function writePointer(into: Uint32Array, at: number, pointer: number): void {
  const low = pointer >>> 0
  into[at] = low
  into[at + 1] = (pointer - low) / WORD_RANGE
}
