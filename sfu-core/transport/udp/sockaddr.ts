import { isIPv4, SocketAddress } from 'node:net'
import { addressBytes } from '../ice/stun-address.ts'

/** Room for a sockaddr_in6, the larger one. */
export const SOCKADDR_BYTES = 28

export const SOCKADDR_IN_BYTES = 16

const SOCKADDR_IN = { family: 2, lengthBytes: SOCKADDR_IN_BYTES, addressAt: 4 } as const
const SOCKADDR_IN6 = { family: 10, lengthBytes: 28, addressAt: 8 } as const

/**
 * Writes Linux's struct sockaddr_in or sockaddr_in6 at `offset` (in 32-bit words) on a little-endian machine; gives its length in
 * bytes. The scope of a link-local address is left out: such addresses are not used.
 */
export function writeSockaddr(
  into: Uint32Array,
  offset: number,
  { address, port }: { address: string; port: number },
): number {
  const { family, lengthBytes, addressAt } = isIPv4(address) ? SOCKADDR_IN : SOCKADDR_IN6
  const bytes = new DataView(into.buffer, into.byteOffset + offset * 4, lengthBytes)
  for (let i = 0; i < lengthBytes; i++) bytes.setUint8(i, 0)
  bytes.setUint16(0, family, true)
  bytes.setUint16(2, port)
  let at = addressAt
  for (const byte of addressBytes(address)) bytes.setUint8(at++, byte)
  return lengthBytes
}

/** Of the structure at `offset`; the port is in network order, above the family. */
export function sockaddrPort(words: Int32Array, offset: number): number {
  const word = words[offset] ?? 0
  return ((word >>> 24) | ((word >>> 8) & 0xff00)) & 0xffff
}

/** The address as dgram writes it. */
export function readSockaddr(words: Int32Array, offset: number): string {
  const bytes = new Uint8Array(words.buffer, words.byteOffset + offset * 4, SOCKADDR_BYTES)
  if (((words[offset] ?? 0) & 0xffff) === SOCKADDR_IN.family) {
    return bytes.subarray(SOCKADDR_IN.addressAt, SOCKADDR_IN.addressAt + 4).join('.')
  }
  const groups = Array.from({ length: 8 }, (_, i) => {
    const at = SOCKADDR_IN6.addressAt + i * 2
    return (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16)
  })
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address
}
