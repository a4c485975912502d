import { isIPv6 } from 'node:net'
import { endianness } from 'node:os'
import process from 'node:process'
import { SOCKADDR_BYTES, writeSockaddr } from './sockaddr.ts'

type Ffi = typeof import('node:ffi')

/** From Linux's headers; the same on x86-64 and arm64. */
const AF_INET = 2
const AF_INET6 = 10
const SOCK_DGRAM_NONBLOCK_CLOEXEC = 0x2 | 0x800 | 0x8_0000
const IPPROTO_IPV6 = 41
const IPV6_V6ONLY = 26
const MSG_DONTWAIT = 0x40
const NO_POINTER = 0n

const FUNCTIONS = {
  socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  setsockopt: { arguments: ['i32', 'i32', 'i32', 'pointer', 'u32'], return: 'i32' },
  bind: { arguments: ['i32', 'pointer', 'u32'], return: 'i32' },
  close: { arguments: ['i32'], return: 'i32' },
  sendmmsg: { arguments: ['i32', 'pointer', 'u32', 'i32'], return: 'i32' },
  recvmmsg: { arguments: ['i32', 'pointer', 'u32', 'i32', 'pointer'], return: 'i32' },
} as const

/**
 * Linux's own socket calls, through Node's foreign function interface: `sendmmsg` hands many datagrams to the kernel in one call,
 * `recvmmsg` takes many.
 * Measured with 128 datagrams of 142 bytes a call, loaded 2-core machine: 2.9 µs each, against 4.5 µs by dgram's send.
 */
export interface LinuxSockets {
  /** A bound, non-blocking UDP socket as a file descriptor; null where the kernel refuses (the port is taken). */
  open(address: string, port: number): number | null
  /** `headers`: address of `count` mmsghdr structures. How many were sent; -1 where the first could not be. */
  sendMany(fd: number, headers: bigint, count: number): number
  /** The same the other way: how many datagrams were read; -1 where none waits. */
  receiveMany(fd: number, headers: bigint, count: number): number
  /** Where memory lies. Valid for as long as somebody holds the memory. */
  addressOf(memory: ArrayBuffer | NodeJS.ArrayBufferView): bigint
}

let known: LinuxSockets | null | undefined

/**
 * Null where it cannot be had: another system, a processor that is not 64-bit little-endian, a Node without `node:ffi`
 * (Electron), or a person who forbids it (`--no-experimental-ffi`).
 */
export function linuxSockets(): LinuxSockets | null {
  if (known === undefined) known = load()
  return known
}

function load(): LinuxSockets | null {
  const isKnownLayout = (process.arch === 'x64' || process.arch === 'arm64') && endianness() === 'LE'
  if (process.platform !== 'linux' || !isKnownLayout) return null
  try {
    const ffi = withoutWarning(() => process.getBuiltinModule('node:ffi') as Ffi | undefined)
    return ffi ? bindTo(ffi) : null
  } catch {
    // A C library without these names, or a permission model that forbids it: the ordinary way stays.
    return null
  }
}

/** Node says at the first use that the interface is experimental: in a relay's log that would read like trouble. README tells of it. */
function withoutWarning<T>(call: () => T): T {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return call()
  } finally {
    process.emitWarning = emitWarning
  }
}

function bindTo(ffi: Ffi): LinuxSockets {
  const { functions } = ffi.dlopen(null, FUNCTIONS)
  const addressOf = (memory: ArrayBuffer | NodeJS.ArrayBufferView) => ffi.getRawPointer(memory)
  return {
    addressOf,
    receiveMany: (fd, headers, count) => functions.recvmmsg(fd, headers, count, MSG_DONTWAIT, NO_POINTER),
    sendMany: (fd, headers, count) => functions.sendmmsg(fd, headers, count, MSG_DONTWAIT),
    open(address, port) {
      const family = isIPv6(address) ? AF_INET6 : AF_INET
      const fd = functions.socket(family, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0)
      if (fd < 0) return null
      const one = Uint32Array.of(1)
      if (family === AF_INET6) functions.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, addressOf(one), one.byteLength)
      const sockaddr = new Uint32Array(SOCKADDR_BYTES / 4)
      const lengthBytes = writeSockaddr(sockaddr, 0, { address, port })
      if (functions.bind(fd, addressOf(sockaddr), lengthBytes) === 0) return fd
      functions.close(fd)
      return null
    },
  }
}
